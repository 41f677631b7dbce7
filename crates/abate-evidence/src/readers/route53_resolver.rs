//! Route 53 Resolver query logs: one JSON object per query, as S3, CloudWatch Logs and Firehose get them; and events of the DNS
//! Firewall from EventBridge.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::DnsActivity;
use abate_model::{Body, Locator, Row, Table, Text, ZoneCertainty};
use serde::Deserialize;

use crate::json::{self, Refusal};
use crate::shape::{Field, Shape};
use crate::{Head, ReadContext, Reader, Sink, time};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "route53-resolver",
    title: Text::fixed("Route 53 Resolver query logs", "Route 53 Resolver のクエリログ"),
    tables: &[Table::DnsActivity],
    continuous: false,
    never_contains: &[
        Text::fixed(
            "queries that the resolver answered from its cache: only the first within the record's lifetime is logged",
            "リゾルバーがキャッシュから応答したクエリ（記録されるのは TTL 内の最初のクエリのみ）",
        ),
        Text::fixed(
            "queries sent to other resolvers than the VPC's own (8.8.8.8, DNS over HTTPS and the like)",
            "VPC のリゾルバー以外（8.8.8.8、DNS over HTTPS など）に送信されたクエリ",
        ),
        Text::fixed("queries of VPCs that the logging was not set up for", "ログ記録を設定していない VPC からのクエリ"),
        Text::fixed("the connections that followed a query", "クエリの後に行われた通信"),
    ],
    sniff,
    read,
};

const PREFIXES: &[&str] = &["", "[].", "detail.", "[].detail."];

fn sniff(head: &Head<'_>) -> Option<String> {
    let shape = Shape::of(head)?;
    for names in
        [&["query_timestamp", "query_name"][..], &["query_name", "query_type", "rcode", "srcaddr"], &["query-name", "firewall-rule-action"]]
    {
        if let Some(prefix) = shape.under(PREFIXES, names) {
            return Some(format!("JSON keys {prefix}{}", names.join(", ")));
        }
    }
    None
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    json::records(input, &[], sink, &mut |place, sink| {
        let text = place.text();
        let query: Query<'_> = parse(&text)?;
        match query.detail {
            Some(detail) if query.query_name.0.is_none() => {
                let mut inside: Query<'_> = parse(detail.get())?;
                inside.region = query.region;
                inside.account_id = if inside.account_id.0.is_some() { inside.account_id } else { query.account };
                if inside.query_timestamp.0.is_none() {
                    inside.query_timestamp = query.time;
                }
                sink.row(inside.into_row(place.locator(), ctx)?, place.bytes);
            }
            _ => sink.row(query.into_row(place.locator(), ctx)?, place.bytes),
        }
        Ok(())
    })
}

fn parse(text: &str) -> Result<Query<'_>, Refusal> {
    serde_json::from_str(text).map_err(|_| Refusal::malformed("a record is no valid query log JSON"))
}

/// A query, or the event around one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Query<'a> {
    #[serde(borrow, alias = "last-observed-at")]
    query_timestamp: Field<'a>,
    #[serde(borrow, alias = "query-name")]
    query_name: Field<'a>,
    #[serde(borrow, alias = "query-type")]
    query_type: Field<'a>,
    #[serde(borrow)]
    rcode: Field<'a>,
    #[serde(borrow)]
    answers: Option<Vec<Answer<'a>>>,
    #[serde(borrow, alias = "src-addr")]
    srcaddr: Field<'a>,
    #[serde(borrow, alias = "src-port")]
    srcport: Field<'a>,
    #[serde(borrow)]
    transport: Field<'a>,
    #[serde(borrow)]
    srcids: Option<Ids<'a>>,
    #[serde(borrow, alias = "vpc-id")]
    vpc_id: Field<'a>,
    #[serde(borrow, alias = "account-id")]
    account_id: Field<'a>,
    #[serde(borrow)]
    region: Field<'a>,
    #[serde(borrow, alias = "firewall-rule-action")]
    firewall_rule_action: Field<'a>,
    #[serde(borrow, alias = "firewall-domain-list-id")]
    firewall_domain_list_id: Field<'a>,
    /// what a rule without a list of domains looks for, e.g. `DGA`
    #[serde(borrow, alias = "firewall-protection")]
    firewall_protection: Field<'a>,
    #[serde(borrow, alias = "firewall-rule-group-id")]
    firewall_rule_group_id: Field<'a>,
    #[serde(borrow)]
    resources: Option<Vec<Resource<'a>>>,
    #[serde(borrow)]
    account: Field<'a>,
    #[serde(borrow)]
    time: Field<'a>,
    #[serde(borrow)]
    detail: Option<&'a serde_json::value::RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer<'a> {
    #[serde(borrow, rename = "Rdata")]
    rdata: Field<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ids<'a> {
    #[serde(borrow)]
    instance: Field<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Resource<'a> {
    #[serde(borrow, rename = "instance-details")]
    instance: Option<Id<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Id<'a> {
    #[serde(borrow)]
    id: Field<'a>,
}

impl<'a> Query<'a> {
    fn into_row(self, locator: Locator, ctx: &ReadContext) -> Result<Row<'a>, Refusal> {
        let Some(name) = self.query_name.filled() else { return Err(Refusal::malformed("no query: query_name is missing")) };
        let stated = self.query_timestamp.0.as_deref().and_then(|text| time::iso(text, &ctx.zone));
        let (at, zone) = stated.map_or((None, ZoneCertainty::Unknown), |(at, zone)| (Some(at), zone));
        let attached = self.resources.unwrap_or_default().into_iter().find_map(|r| r.instance).and_then(|i| i.id.filled());
        let body = DnsActivity {
            query: without_dot(name),
            query_type: self.query_type.filled(),
            rcode: self.rcode.filled(),
            answers: self.answers.unwrap_or_default().into_iter().filter_map(|a| a.rdata.filled()).collect(),
            source: self.srcaddr.parsed(),
            source_port: self.srcport.parsed(),
            transport: self.transport.filled(),
            instance_id: self.srcids.and_then(|ids| ids.instance.filled()).or(attached),
            vpc_id: self.vpc_id.filled(),
            account: self.account_id.filled(),
            region: self.region.filled(),
            action: self.firewall_rule_action.filled(),
            list: self.firewall_domain_list_id.filled().or(self.firewall_protection.filled()).or(self.firewall_rule_group_id.filled()),
        };
        Ok(Row { at, zone, source: 0, locator, body: Body::Dns(Box::new(body)) })
    }
}

/// The name without its final dot; the root stays a dot.
fn without_dot(name: Cow<'_, str>) -> Cow<'_, str> {
    match name {
        Cow::Borrowed(text) if text.len() > 1 => Cow::Borrowed(text.strip_suffix('.').unwrap_or(text)),
        Cow::Owned(text) if text.len() > 1 => Cow::Owned(text.strip_suffix('.').unwrap_or(&text).to_owned()),
        short => short,
    }
}
