//! Access logs as JSON, as users of nginx, Apache, Caddy, Traefik, Envoy, Node.js and API Gateway write them (also under ECS
//! names), and S3 server access logs as CloudWatch Logs gets them. The names of the fields are the user's choice, so each value is looked for under several.
//!
//! Records of the same file that are no requests (what Caddy and Traefik say of themselves) become `timed_text`.

use std::borrow::Cow;
use std::io::{self, BufRead};
use std::net::IpAddr;

use abate_model::rows::{HttpActivity, TimedText};
use abate_model::{Body, Table, Text, ZoneCertainty};
use jiff::Timestamp;

use super::fields::{Record, emit, host_of, url_parts};
use super::flat::Flat;
use super::web_access::request_line;
use crate::json::{self, Refusal};
use crate::shape::Shape;
use crate::{Head, ReadContext, Reader, Sink, time};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "web-json",
    title: Text::fixed(
        "web server access log as JSON (nginx, Apache, Caddy, Traefik)",
        "JSON 形式の Web サーバーアクセスログ（nginx、Apache、Caddy、Traefik）",
    ),
    tables: &[Table::HttpActivity, Table::TimedText],
    continuous: false,
    never_contains: &[
        Text::fixed("the body of a request (what a POST sent) and of a response", "リクエスト本文（POST の内容）およびレスポンス本文"),
        Text::fixed("fields that the log format was not set to write", "ログ形式の設定で出力対象外のフィールド"),
        Text::fixed("requests that this machine sent to others", "このマシンから外部へ送信したリクエスト"),
    ],
    sniff,
    read,
};

const CLIENT: &[&str] = &[
    "remote_addr",
    "client_ip",
    "request.client_ip",
    "request.remote_ip",
    "request.remote_addr",
    "ClientHost",
    "remote_ip",
    "clientip",
    "remoteAddr",
    "remoteIP",
    "remote_host",
    "client",
    "ClientAddr",
    "c_ip",
    "ip",
    "sourceIp",
    "downstream_remote_address",
    "client.ip",
    "source.ip",
    "req.remoteAddress",
];
const USER: &[&str] = &["remote_user", "ClientUsername", "requester", "user_id", "auth_user", "user", "caller", "user.name"];
const TIME: &[&str] = &[
    "time_iso8601",
    "@timestamp",
    "StartUTC",
    "timestamp",
    "time_local",
    "time",
    "ts",
    "msec",
    "datetime",
    "date_time",
    "date",
    // S3; nginx has a duration under this name, which is no time.
    "request_time",
    "start_time",
    "requestTime",
    "requestTimeEpoch",
];
const LINE: &[&str] = &["request", "request_line", "requestLine"];
const METHOD: &[&str] = &[
    "request_method",
    "RequestMethod",
    "request.method",
    "method",
    "http_method",
    "httpMethod",
    "verb",
    "http.request.method",
    "req.method",
];
const TARGET: &[&str] = &[
    "request_uri",
    "RequestPath",
    "request.uri",
    "requestURI",
    "uri",
    "request_path",
    "url",
    "path",
    "url.original",
    "url.path",
    "req.url",
    "resourcePath",
];
const QUERY: &[&str] = &["query_string", "query", "args", "url.query"];
const STATUS: &[&str] = &[
    "status",
    "status_code",
    "DownstreamStatus",
    "http_status",
    "statusCode",
    "response_status",
    "response",
    "code",
    "response_code",
    "http.response.status_code",
    "res.statusCode",
];
const BYTES: &[&str] = &[
    "body_bytes_sent",
    "bytes_sent",
    "DownstreamContentSize",
    "response_size",
    "size",
    "bytes",
    "responseLength",
    "http.response.body.bytes",
];
const REQUEST_BYTES: &[&str] = &["request_length", "RequestContentSize", "bytes_read"];
const REFERER: &[&str] =
    &["http_referer", "request.headers.Referer", "request_Referer", "referer", "referrer", "http.request.referrer", "req.headers.referer"];
const AGENT: &[&str] = &[
    "http_user_agent",
    "request.headers.User-Agent",
    "request_User-Agent",
    "user_agent",
    "userAgent",
    "useragent",
    "agent",
    "user_agent.original",
    "req.headers.user-agent",
];
const HOST: &[&str] = &[
    "http_host",
    "request.host",
    "RequestHost",
    "host_header",
    "host",
    "vhost",
    "server_name",
    "domain",
    "authority",
    "url.domain",
    "req.headers.host",
    "domainName",
];
const BACKEND: &[&str] = &["upstream_addr", "ServiceAddr", "upstream", "upstream_host"];
const FORWARDED: &[&str] = &[
    "http_x_forwarded_for",
    "request.headers.X-Forwarded-For",
    "request_X-Forwarded-For",
    "x_forwarded_for",
    "xff",
    "req.headers.x-forwarded-for",
];
const MESSAGE: &[&str] = &["msg", "message"];
const PREFIXES: &[&str] = &["", "[]."];

fn sniff(head: &Head<'_>) -> Option<String> {
    let shape = Shape::of(head)?;
    PREFIXES.iter().find_map(|prefix| {
        let any = |names: &[&str]| names.iter().find(|name| shape.has(&format!("{prefix}{name}"))).map(|name| (*name).to_owned());
        let asked = any(TARGET).or_else(|| any(LINE))?;
        Some(format!("JSON keys {prefix}{}, {asked}, {} (web access log)", any(CLIENT)?, any(STATUS)?))
    })
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    json::records(input, &[], sink, &mut |place, sink| {
        let text = place.text();
        let flat = Flat::parse(&text).ok_or_else(|| Refusal::malformed("a record is no valid JSON object"))?;
        let record = record(&flat, ctx).ok_or_else(|| Refusal::malformed("a record names neither a request nor a message with a time"))?;
        emit(record, place, sink);
        Ok(())
    })
}

fn record<'l>(flat: &'l Flat<'_>, ctx: &ReadContext) -> Option<Record<'l>> {
    let get = |names: &[&str]| flat.get(names).map(|value| Cow::Borrowed(value.as_ref()));
    let number = |names: &[&str]| flat.get(names).and_then(|value| value.parse().ok());
    let at = TIME.iter().find_map(|name| stamp(flat.get(&[name])?, ctx));
    // S3 has the whole line under the name that others have the target under.
    let whole = flat.get(TARGET).filter(|target| target.contains(' ') && !request_line(target).0.is_empty());
    let line = whole.or_else(|| flat.get(LINE)).map(|line| request_line(line));
    let method = get(METHOD).or(line.map(|(method, _)| method.into()));
    let (host, target) = match (flat.get(TARGET).filter(|_| whole.is_none()), line) {
        (Some(target), _) => url_parts(target),
        (None, Some((method, target))) if !method.is_empty() => url_parts(target),
        (None, Some((_, whole))) => (None, whole),
        (None, None) => {
            // No request: what the server says of itself.
            let message = get(MESSAGE)?;
            at?;
            return Some(Record { at, body: Body::Text(TimedText { message, ..TimedText::default() }) });
        }
    };
    let query = flat.get(QUERY).filter(|_| !target.contains('?'));
    let http = HttpActivity {
        client: flat.get(CLIENT).map_or("", |client| client_of(client)).into(),
        user: get(USER),
        host: get(HOST).or(host.map(Cow::Borrowed)),
        method: method.unwrap_or_default(),
        target: query.map_or(Cow::Borrowed(target), |query| format!("{target}?{}", query.trim_start_matches('?')).into()),
        status: number(STATUS).and_then(|status: u64| status.try_into().ok()).filter(|status| *status != 0),
        bytes: number(BYTES),
        request_bytes: number(REQUEST_BYTES),
        referer: get(REFERER),
        user_agent: get(AGENT),
        // nginx lists each one that it tried, the last one answered.
        backend: flat.get(BACKEND).and_then(|list| host_of(list.rsplit([',', ' ']).next()?).parse().ok()),
        forwarded_for: get(FORWARDED),
        server: get(&["bucket_name"]),
        operation: get(&["bucket_name"]).and_then(|_| get(&["operation"])),
        ..HttpActivity::default()
    };
    let body = Body::Http(Box::new(http));
    Some(Record { at, body })
}

/// The client without its port.
fn client_of(text: &str) -> &str {
    let host = host_of(text);
    if text.parse::<IpAddr>().is_err() && host.parse::<IpAddr>().is_ok() { host } else { text }
}

/// ISO 8601, the access logs' own notation, and Unix seconds or milliseconds.
fn stamp(text: &str, ctx: &ReadContext) -> Option<(Timestamp, ZoneCertainty)> {
    let text = text.trim_matches(['[', ']']);
    if time::looks_iso(text.as_bytes()) {
        return time::iso(text, &ctx.zone);
    }
    if let Some(at) = time::web(text) {
        return Some((at, ZoneCertainty::Stated));
    }
    // From 2001 on: a smaller number is a duration.
    let value: f64 = text.parse().ok().filter(|v| *v >= 1e9)?;
    let millis = if value >= 1e11 { value } else { value * 1000.0 };
    #[allow(clippy::cast_possible_truncation)]
    let millis = (millis < 1e14).then_some(millis.round() as i64)?;
    Timestamp::from_millisecond(millis).ok().map(|at| (at, ZoneCertainty::Stated))
}
