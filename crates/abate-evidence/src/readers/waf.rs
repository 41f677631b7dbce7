//! AWS WAF logs: one JSON object per request, one per line or (as Firehose batches them) one right behind the other.
//!
//! The rule is the one that ended the evaluation, behind a slash the one inside its rule group. Rules that only counted are left
//! in the record.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::HttpActivity;
use abate_model::{Body, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;
use serde::Deserialize;

use super::fields::{arn_scope, said};
use crate::json::{self, Refusal};
use crate::shape::{Field, Shape};
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "waf",
    title: Text::fixed("AWS WAF log", "AWS WAF ログ"),
    tables: &[Table::HttpActivity],
    continuous: false,
    never_contains: &[
        Text::fixed("the body of a request and the response", "リクエスト本文およびレスポンス"),
        Text::fixed(
            "requests that the logging filter leaves out, and fields that it redacts",
            "ログのフィルターで除外されたリクエスト、およびマスクされたフィールド",
        ),
        Text::fixed("how the protected resource answered", "保護対象リソースの応答内容"),
        Text::fixed("requests that did not pass the web ACL", "Web ACL を経由しなかったリクエスト"),
    ],
    sniff,
    read,
};

const PREFIXES: &[&str] = &["", "[]."];

fn sniff(head: &Head<'_>) -> Option<String> {
    let shape = Shape::of(head)?;
    let names = ["webaclId", "terminatingRuleId", "action", "httpRequest"];
    let prefix = shape.under(PREFIXES, &names)?;
    Some(format!("JSON keys {prefix}{}", names.join(", ")))
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    json::records(input, &[], sink, &mut |place, sink| {
        let text = place.text();
        let record: Record<'_> = serde_json::from_str(&text).map_err(|_| Refusal::malformed("a record is no valid AWS WAF JSON"))?;
        let at = record.timestamp.parsed().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let zone = if at.is_some() { ZoneCertainty::Stated } else { ZoneCertainty::Unknown };
        let body = Body::Http(Box::new(record.into_http()?));
        sink.row(Row { at, zone, source: 0, locator: place.locator(), body }, place.bytes);
        Ok(())
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Record<'a> {
    #[serde(borrow)]
    timestamp: Field<'a>,
    #[serde(borrow)]
    webacl_id: Field<'a>,
    #[serde(borrow)]
    terminating_rule_id: Field<'a>,
    #[serde(borrow)]
    action: Field<'a>,
    #[serde(borrow)]
    http_source_id: Field<'a>,
    #[serde(borrow)]
    rule_group_list: Option<Vec<Group<'a>>>,
    #[serde(borrow)]
    http_request: Option<Request<'a>>,
    #[serde(borrow)]
    response_code_sent: Field<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Group<'a> {
    #[serde(borrow)]
    terminating_rule: Option<Terminating<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Terminating<'a> {
    #[serde(borrow)]
    rule_id: Field<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Request<'a> {
    #[serde(borrow)]
    client_ip: Field<'a>,
    #[serde(borrow)]
    headers: Option<Vec<Header<'a>>>,
    #[serde(borrow)]
    uri: Field<'a>,
    #[serde(borrow)]
    args: Field<'a>,
    #[serde(borrow)]
    http_method: Field<'a>,
    #[serde(borrow)]
    host: Field<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Header<'a> {
    #[serde(borrow)]
    name: Field<'a>,
    #[serde(borrow)]
    value: Field<'a>,
}

impl<'a> Record<'a> {
    fn into_http(self) -> Result<HttpActivity<'a>, Refusal> {
        let request = self.http_request.ok_or_else(|| Refusal::malformed("no httpRequest"))?;
        let mut http = HttpActivity {
            client: request.client_ip.filled().unwrap_or_default(),
            host: request.host.filled(),
            method: request.http_method.filled().unwrap_or_default(),
            target: request.uri.filled().unwrap_or_default(),
            status: self.response_code_sent.parsed(),
            action: Some(self.action.filled().ok_or_else(|| Refusal::malformed("no action"))?),
            ..HttpActivity::default()
        };
        if let Some(args) = request.args.filled() {
            http.target = Cow::Owned(format!("{}?{args}", http.target));
        }
        for header in request.headers.unwrap_or_default() {
            let name = header.name.0.unwrap_or_default().to_ascii_lowercase();
            let slot = match name.as_str() {
                "host" => &mut http.host,
                "user-agent" => &mut http.user_agent,
                "referer" => &mut http.referer,
                "x-forwarded-for" => &mut http.forwarded_for,
                _ => continue,
            };
            *slot = slot.take().or(header.value.filled());
        }
        let inner = self.rule_group_list.unwrap_or_default().into_iter().find_map(|group| group.terminating_rule?.rule_id.filled());
        http.rule = match (self.terminating_rule_id.filled(), inner) {
            (Some(rule), Some(inner)) if rule != inner => Some(Cow::Owned(format!("{rule}/{inner}"))),
            (rule, inner) => rule.or(inner),
        };
        if let Some(acl) = self.webacl_id.filled() {
            let (account, region) = arn_scope(&acl);
            (http.account, http.region) = (account.map(owned), region.map(owned));
            http.server = Some(acl);
        }
        // The resource that the web ACL protects says more than the web ACL does.
        if let Some(source) = self.http_source_id.filled().filter(|s| said(s).is_some()) {
            http.server = Some(without_account(source));
        }
        Ok(http)
    }
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

/// `111122223333-app/web/1` as the load balancer's own log names it: `app/web/1`.
fn without_account(source: Cow<'_, str>) -> Cow<'_, str> {
    let account = |a: &str| a.len() == 12 && a.bytes().all(|b| b.is_ascii_digit());
    match source.split_once('-') {
        Some((front, behind)) if account(front) && behind.contains('/') => Cow::Owned(behind.to_owned()),
        _ => source,
    }
}
