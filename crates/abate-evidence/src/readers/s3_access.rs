//! Amazon S3 server access logs as they lie in a bucket: fields between spaces, newer ones behind.
//!
//! The server is the bucket, the user is the requester (a canonical id, an ARN, or nobody). Where S3 itself acts (life cycle) there
//! is no request line: the key is the target then. The account in a requester's ARN may be anybody's and is not the row's. The
//! request line, the referer and the user agent are the client's words, and S3 does not escape quotation marks in them.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::HttpActivity;
use abate_model::{Table, Text};

use super::fields::{self, Record, Said, each_line, said, text, url_parts};
use super::web_access::{request_end, request_line};
use crate::lines::majority;
use crate::{Head, ReadContext, Reader, Sink, time};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "s3-access",
    title: Text::fixed("Amazon S3 server access log", "Amazon S3 サーバーアクセスログ"),
    tables: &[Table::HttpActivity],
    continuous: false,
    never_contains: &[
        Text::fixed("the contents of objects", "オブジェクトの内容"),
        Text::fixed(
            "every request: the logs are delivered on a best-effort basis, often hours later",
            "すべてのリクエストの完全な記録（ログはベストエフォートで配信され、数時間遅れることが多い）",
        ),
        Text::fixed("requests to buckets whose logging was not enabled", "ログ記録を有効にしていないバケットへのリクエスト"),
        Text::fixed("which access key signed a request", "リクエストの署名に使われたアクセスキー"),
    ],
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Option<String> {
    let (good, all) = majority(head, |line| record(&String::from_utf8_lossy(line)).is_ok())?;
    Some(format!("{good} of the first {all} lines are S3 server access log lines"))
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    each_line(input, sink, &mut record)
}

/// `owner bucket [time] address requester request-id operation key "request" status error sent size total turn-around "referer"
/// "user agent" version …`
fn record(line: &str) -> Result<Said<'_>, &'static str> {
    let (front, rest) = line.split_once(" [").ok_or("no time in brackets where an S3 log has it")?;
    let (owner, bucket) = front.trim_start_matches(' ').split_once(' ').ok_or("no owner and bucket in front of the time")?;
    let (stamp, rest) = rest.split_once("] ").ok_or("no time in brackets where an S3 log has it")?;
    let at = time::web(stamp).ok_or("the time does not parse")?;
    let words: Vec<&str> = rest.splitn(6, ' ').collect();
    let [client, requester, _, operation, key, rest] = words.as_slice() else { return Err("not five fields between time and request") };
    // What tells S3 from other logs of this shape.
    if owner.contains(' ') || bucket.contains(' ') || !operation.contains('.') {
        return Err("no operation where an S3 log has it");
    }
    // What S3 does for another request (one of many keys of a bulk deletion) has none of its own, and no quotation marks.
    let (request, rest) = match rest.strip_prefix('"') {
        Some(quoted) => request_end(quoted).ok_or("no status behind the request")?,
        None => ("-", rest.strip_prefix("- ").ok_or("no quoted request")?),
    };
    let behind = fields::split(rest).ok_or("a quotation is not closed")?;
    let field = |at: usize| behind.get(at).copied().unwrap_or("-");
    let (method, target) = if request == "-" { ("", *key) } else { request_line(request) };
    // Through a proxy the request line names the whole URL.
    let (asked, target) = if method.is_empty() { (None, target) } else { url_parts(target) };
    let http = HttpActivity {
        client: Cow::Borrowed(said(client).unwrap_or_default()),
        user: text(requester),
        host: asked.or(host_header(&behind)).map(Cow::Borrowed),
        method: Cow::Borrowed(method),
        target: Cow::Borrowed(target),
        status: field(0).parse().ok(),
        bytes: field(2).parse().ok(),
        referer: text(field(6)),
        user_agent: text(field(7)),
        server: text(bucket),
        operation: text(operation),
        ..HttpActivity::default()
    };
    Ok(Some(Record::request(at, http)))
}

/// The host header, six fields behind the user agent.
fn host_header<'l>(behind: &[&'l str]) -> Option<&'l str> {
    behind.get(13).copied().and_then(said).filter(|host| host.contains('.'))
}
