//! Logs of Elastic Load Balancing as they lie in S3: access logs of Application and Classic Load Balancers, access logs of
//! Network Load Balancers (TLS listeners), and connection logs of Application Load Balancers. Newer fields behind may be missing
//! or more.
//!
//! The last two know connections and no requests; they are `http_activity` rows with an empty method and target, because
//! `network_activity` would claim flow records where there are none. The time is the arrival of the request or connection where
//! the log has it, else the end. The user agent and the request line are the client's words.

use std::borrow::Cow;
use std::io::{self, BufRead};
use std::net::IpAddr;

use abate_model::rows::HttpActivity;
use abate_model::{Table, Text};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::fields::{self, Record, Said, arn_scope, each_line, host_of, said, text, url_parts};
use super::web_access::request_line;
use crate::lines::majority;
use crate::{Head, ReadContext, Reader, Sink, time};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "elb",
    title: Text::fixed("Elastic Load Balancing access log", "Elastic Load Balancing のアクセスログ"),
    tables: &[Table::HttpActivity],
    continuous: false,
    never_contains: &[
        Text::fixed("the body of a request (what a POST sent) and of a response", "リクエスト本文（POST の内容）およびレスポンス本文"),
        Text::fixed(
            "requests that reached the targets without the load balancer",
            "ロードバランサーを経由せずにターゲットへ届いたリクエスト",
        ),
        Text::fixed(
            "every request: the logs are delivered on a best-effort basis",
            "すべてのリクエストの完全な記録（ログはベストエフォートで配信される）",
        ),
        Text::fixed("health checks of the targets", "ターゲットのヘルスチェック"),
    ],
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Option<String> {
    let (good, all) = majority(head, |line| record(&String::from_utf8_lossy(line)).is_ok())?;
    Some(format!("{good} of the first {all} lines are load balancer log lines"))
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    each_line(input, sink, &mut record)
}

fn record(line: &str) -> Result<Said<'_>, &'static str> {
    let first = line.split(' ').next().unwrap_or_default();
    let kind = match first {
        "tls" => Kind::Network,
        "http" | "https" | "h2" | "grpc" | "grpcs" | "ws" | "wss" => Kind::Application,
        _ if time::looks_iso(first.as_bytes()) => Kind::Timed,
        _ => return Err("neither a kind of connection nor a time where a load balancer log has it"),
    };
    let list = fields::split(line).ok_or("a quotation is not closed")?;
    let (at, http) = match kind {
        Kind::Network => network(&list),
        Kind::Application => application(&list),
        // A connection log has a bare address behind the time, an access log the balancer's name.
        Kind::Timed if list.get(1).is_some_and(|w| w.parse::<IpAddr>().is_ok()) => connection(&list),
        Kind::Timed => classic(&list),
    }?;
    Ok(Some(Record::request(at, http)))
}

enum Kind {
    Application,
    Network,
    /// a Classic Load Balancer's access log, or a connection log
    Timed,
}

const SHORT: &str = "fewer fields than a load balancer log line has";

fn field<'l>(list: &[&'l str], at: usize) -> Result<&'l str, &'static str> {
    list.get(at).copied().ok_or(SHORT)
}

/// A time of AWS: UTC, also where no `Z` stands.
fn utc(word: &str) -> Option<Timestamp> {
    time::looks_iso(word.as_bytes()).then(|| time::iso(word, &TimeZone::UTC))?.map(|(at, _)| at)
}

/// The time that a field states, or that another one does.
fn earliest(list: &[&str], began: usize, ended: usize) -> Result<Timestamp, &'static str> {
    let ended = utc(field(list, ended)?).ok_or("the time does not parse")?;
    Ok(list.get(began).and_then(|word| utc(word)).unwrap_or(ended))
}

fn client(peer: &str) -> Result<Cow<'_, str>, &'static str> {
    let host = host_of(peer);
    if host.parse::<IpAddr>().is_ok() { Ok(Cow::Borrowed(host)) } else { Err("the client is no address") }
}

fn status(word: &str) -> Result<Option<u16>, &'static str> {
    if word == "-" { Ok(None) } else { word.parse().map(Some).map_err(|_| "the status is no number") }
}

/// `type time elb client target …`: see the fields' numbers below.
fn application<'l>(list: &[&'l str]) -> Result<(Timestamp, HttpActivity<'l>), &'static str> {
    let at = earliest(list, 21, 1)?;
    let group = list.get(16).copied().unwrap_or_default();
    let (account, region) = arn_scope(group);
    let mut http = request(field(list, 12)?, list.get(13).copied());
    http.client = client(field(list, 3)?)?;
    http.server = text(field(list, 2)?);
    http.backend = host_of(field(list, 4)?).parse().ok();
    http.status = status(field(list, 8)?)?;
    http.request_bytes = field(list, 10)?.parse().ok();
    http.bytes = field(list, 11)?.parse().ok();
    // The name asked for in the TLS handshake, where the request line names no host.
    http.host = http.host.or_else(|| list.get(18).and_then(|f| text(f)));
    http.rule = list.get(20).and_then(|f| text(f));
    http.action = list.get(22).and_then(|f| text(f));
    Ok((at, HttpActivity { account, region, ..http }))
}

/// `time elb client backend …`
fn classic<'l>(list: &[&'l str]) -> Result<(Timestamp, HttpActivity<'l>), &'static str> {
    let at = utc(field(list, 0)?).ok_or("the time does not parse")?;
    let seconds = |at: usize| list.get(at).is_some_and(|w| w.parse::<f64>().is_ok());
    if !(seconds(4) && seconds(5) && seconds(6)) {
        return Err("no processing times where a load balancer log has them");
    }
    let mut http = request(field(list, 11)?, list.get(12).copied());
    http.client = client(field(list, 2)?)?;
    http.server = text(field(list, 1)?);
    http.backend = host_of(field(list, 3)?).parse().ok();
    http.status = status(field(list, 7)?)?;
    http.request_bytes = field(list, 9)?.parse().ok();
    http.bytes = field(list, 10)?.parse().ok();
    Ok((at, http))
}

/// `tls version time elb listener client destination …`
fn network<'l>(list: &[&'l str]) -> Result<(Timestamp, HttpActivity<'l>), &'static str> {
    let at = earliest(list, 21, 2)?;
    let (account, region) = arn_scope(list.get(12).copied().unwrap_or_default());
    let http = HttpActivity {
        client: client(field(list, 5)?)?,
        server: text(field(list, 3)?),
        host: list.get(17).and_then(|f| text(f)),
        request_bytes: field(list, 9)?.parse().ok(),
        bytes: field(list, 10)?.parse().ok(),
        account,
        region,
        ..HttpActivity::default()
    };
    Ok((at, http))
}

/// `time client client-port listener-port tls-protocol cipher latency subject validity serial status id`
fn connection<'l>(list: &[&'l str]) -> Result<(Timestamp, HttpActivity<'l>), &'static str> {
    let at = utc(field(list, 0)?).ok_or("the time does not parse")?;
    let port = |at: usize| list.get(at).is_some_and(|w| w.parse::<u16>().is_ok());
    let trace = list.get(11).is_some_and(|w| w.starts_with("TID_") || *w == "-");
    if !(port(2) && port(3) && trace) {
        return Err("no ports and trace id where a connection log has them");
    }
    let http = HttpActivity {
        client: client(field(list, 1)?)?,
        // Who the client's certificate says that it is.
        user: list.get(7).and_then(|f| text(f)),
        ..HttpActivity::default()
    };
    Ok((at, http))
}

/// Request line and user agent. The line names the whole URL; the host in it is the one that the client asked for.
fn request<'l>(line: &'l str, user_agent: Option<&'l str>) -> HttpActivity<'l> {
    let none = line.bytes().all(|b| matches!(b, b'-' | b' '));
    let (method, target) = if none { ("", "") } else { request_line(line) };
    let (host, path) = if method.is_empty() { (None, target) } else { url_parts(target) };
    HttpActivity {
        method: Cow::Borrowed(method),
        target: Cow::Borrowed(path),
        host: host.map(Cow::Borrowed),
        user_agent: user_agent.and_then(said).map(super::web_access::unescaped),
        ..HttpActivity::default()
    }
}
