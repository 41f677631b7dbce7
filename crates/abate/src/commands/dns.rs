//! The check of a raw mail's signatures, as far as the user allows the network.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use abate_mail::Dns;
use abate_model::Notice;
use anyhow::{Context, anyhow};
use jiff::Timestamp;

use crate::Failure;
use crate::cli::DnsArgs;

/// Checks signatures, or does not.
pub struct Checker(Option<abate_mail::Checker>);

impl Checker {
    /// From the command line: `off`, `system`, an address with or without a port, or a file with recorded answers.
    pub fn new(args: &DnsArgs) -> Result<Self, Failure> {
        let dns = match args.dns.as_str() {
            "off" | "" => return Ok(Self(None)),
            "system" => Dns::System,
            typed => resolver(typed)?,
        };
        let checker = abate_mail::Checker::new(&dns).map_err(|error| {
            let hint = error.hint().to_owned();
            Failure::failed(error, Some(hint))
        })?;
        Ok(Self(Some(checker)))
    }

    /// The notice with the verdict on its sender. Only raw mails have signatures.
    pub fn judge(&self, notice: Notice, raw: &[u8], now: Timestamp) -> Notice {
        match &self.0 {
            Some(checker) if notice.channel == abate_model::Channel::Mail => {
                let signatures = checker.check(raw, now);
                abate_notice::with_signatures(notice, signatures)
            }
            _ => notice,
        }
    }
}

fn resolver(typed: &str) -> Result<Dns, Failure> {
    if let Ok(address) = typed.parse::<SocketAddr>() {
        return Ok(Dns::Server(address));
    }
    if let Ok(address) = typed.parse::<IpAddr>() {
        return Ok(Dns::Server(SocketAddr::new(address, 53)));
    }
    let hint = "--dns takes off, system, ADDRESS[:PORT], or a file with the answers of an earlier check".to_owned();
    let path = Path::new(typed);
    if !path.is_file() {
        return Err(Failure::input(anyhow!("'{typed}' is neither a resolver's address nor a file"), Some(hint)));
    }
    let bytes = std::fs::read(path).with_context(|| format!("reading {typed}"))?;
    // A notice or a case as JSON holds the answers of its check; so does a bare list of them.
    let document: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|e| Failure::input(anyhow!("{typed} is no JSON: {e}"), Some(hint.clone())))?;
    let answers = ["/authenticity/signatures/answers", "/notice/authenticity/signatures/answers", "/answers", ""];
    answers
        .iter()
        .filter_map(|place| document.pointer(place))
        .find_map(|value| serde_json::from_value(value.clone()).ok())
        .map(Dns::Recorded)
        .ok_or_else(|| Failure::input(anyhow!("{typed} holds no recorded DNS answers"), Some(hint)))
}
