//! Functions that SQL lacks and questions about addresses need: `is_private(address)` and `in_cidr(address, network)`.
//!
//! Text that is no address (CloudTrail writes the names of services where addresses stand) gives NULL, neither true nor
//! false; a network that is none is an error, since a slip there would make every answer wrong.

use std::net::IpAddr;
use std::sync::Arc;

use abate_model::flows::is_private;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringViewArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{exec_datafusion_err, internal_err};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use ipnet::IpNet;

/// All of them.
pub(crate) fn all() -> [ScalarUDF; 2] {
    let boolean = DataType::Boolean;
    let text = DataType::Utf8View;
    [
        create_udf("in_cidr", vec![text.clone(), text.clone()], boolean.clone(), Volatility::Immutable, Arc::new(in_cidr)),
        create_udf("is_private", vec![text], boolean, Volatility::Immutable, Arc::new(private)),
    ]
}

/// An address; an IPv4 address that is written as IPv6 counts as IPv4.
fn address(text: &str) -> Option<IpAddr> {
    text.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

fn network(text: &str) -> Result<IpNet> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|error| text.parse::<IpAddr>().map(IpNet::from).map_err(|_| error))
        .map_err(|_| exec_datafusion_err!("in_cidr: '{text}' is no network; write e.g. '10.0.0.0/8' or '2001:db8::/32'"))
}

fn private(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let texts = view(arrays.first())?;
    let found: BooleanArray = texts.iter().map(|text| text.and_then(address).map(is_private)).collect();
    Ok(ColumnarValue::Array(Arc::new(found)))
}

fn in_cidr(arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let (texts, networks) = (view(arrays.first())?, view(arrays.get(1))?);
    // The network is the same in every row as a rule: it is parsed when it changes.
    let mut last: Option<(&str, IpNet)> = None;
    let mut found = Vec::with_capacity(texts.len());
    for (text, typed) in texts.iter().zip(networks.iter()) {
        let Some(typed) = typed else {
            found.push(None);
            continue;
        };
        let net = match last {
            Some((known, net)) if known == typed => net,
            _ => network(typed)?,
        };
        last = Some((typed, net));
        found.push(text.and_then(address).map(|address| net.contains(&address)));
    }
    Ok(ColumnarValue::Array(Arc::new(BooleanArray::from(found))))
}

fn view(array: Option<&ArrayRef>) -> Result<&StringViewArray> {
    match array.and_then(|array| array.as_string_view_opt()) {
        Some(texts) => Ok(texts),
        None => internal_err!("an argument is no text"),
    }
}
