//! Access logs of Apache, nginx and Tomcat in the common and the combined format, with or without a virtual host in front and further
//! fields behind.
//!
//! The user agent, the request line and the user name are the client's words. A request line that is none (TLS to a plain port,
//! binary probes) is kept as the target, with an empty method.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::HttpActivity;
use abate_model::{Body, LossKind, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;

use super::fields::{Record, emit};
use super::joined::text_of;
use super::{apache_error, nginx_error};
use crate::lines::{Line, Lines, first_lines};
use crate::{Head, ReadContext, Reader, Sink, scan, time};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "web-access",
    title: Text::fixed("web server access log (Apache, nginx, Tomcat)", "Web サーバーのアクセスログ（Apache、nginx、Tomcat）"),
    tables: &[Table::HttpActivity, Table::TimedText],
    continuous: false,
    never_contains: &[
        Text::fixed("the body of a request (what a POST sent) and of a response", "リクエスト本文（POST の内容）およびレスポンス本文"),
        Text::fixed("requests that this machine sent to others", "このマシンから外部へ送信したリクエスト"),
        Text::fixed("connections that ended before a request, and other ports", "リクエスト前に終了した接続、および他のポートへの接続"),
    ],
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Option<String> {
    let ctx = super::any_context();
    let (mut good, mut all) = (0, 0);
    for line in first_lines(head, 50) {
        let text = String::from_utf8_lossy(line);
        let fits = access(&text).is_ok();
        good += usize::from(fits);
        // Lines of the error log between them speak neither for nor against it.
        all += usize::from(fits || error_line(&text, &ctx).is_none());
    }
    (good * 2 > all).then(|| format!("{good} of the first {all} lines are web access log lines"))
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let max = sink.limits().max_line;
    let mut lines = Lines::new(input, max).from(sink.begins());
    while let Some(line) = lines.next()? {
        let place = match line {
            Line::Whole(place) => place,
            Line::TooLong(at, bytes) => {
                sink.loss(LossKind::OverLimit, format!("a line is longer than {max} bytes"), Some(at), bytes);
                continue;
            }
        };
        let text = place.text();
        if text.trim_ascii().is_empty() {
            continue;
        }
        match access(&text) {
            Ok((at, body)) => {
                let body = Body::Http(Box::new(body));
                let row = Row { at: Some(at), zone: ZoneCertainty::Stated, source: 0, locator: place.locator(), body };
                sink.row(row, place.bytes);
            }
            Err(reason) => match error_line(&text, ctx) {
                Some(record) => emit(record, place, sink),
                None => sink.loss(LossKind::Malformed, reason.to_owned(), Some(place.locator()), place.bytes.len() as u64),
            },
        }
    }
    Ok(())
}

/// A line of the server's error log, which stands in the same file where both go to one output. A line of syslog without a time
/// may be around it.
fn error_line<'l>(line: &'l str, ctx: &ReadContext) -> Option<Record<'l>> {
    let words = line.find("]: ").filter(|at| *at < 200).and_then(|at| line.get(at + 3..)).unwrap_or(line);
    let nginx = |line: &'l str| nginx_error::begin(line, ctx).map(|begin| (begin, line, "nginx"));
    let found = nginx(line).or_else(|| nginx(words)).or_else(|| apache_error::begin(line, ctx).map(|begin| (begin, line, "apache")));
    let (begin, line, program) = found?;
    let message = line.get(begin.message..)?;
    Some(Record { at: Some((begin.at, begin.zone)), body: text_of(&begin, message, Some(program)) })
}

/// The request that a line reports, and when.
pub(super) fn access(line: &str) -> Result<(Timestamp, HttpActivity<'_>), &'static str> {
    let (front, at, rest) = around_time(line).ok_or("no time in brackets where an access log has it")?;
    let who = who(front).ok_or("no client in front of the time")?;
    let rest = rest.strip_prefix('"').ok_or("no quoted request behind the time")?;
    let (request, rest) = request_end(rest).ok_or("no status behind the request")?;
    let mut words = rest.splitn(3, ' ');
    let status = words.next().unwrap_or_default().parse().ok();
    let bytes = words.next().and_then(|w| w.parse().ok());
    let behind = words.next().unwrap_or_default();
    let (referer, behind) = quoted(behind).map_or((None, ""), |(text, rest)| (Some(text), rest));
    let (user_agent, behind) = quoted(behind).map_or((None, ""), |(text, rest)| (Some(text), rest));
    // nginx's own format ends in the addresses that a proxy passed on.
    let passed_on = quoted(behind).map(|(text, _)| text).filter(|text| is_addresses(text));
    let (method, target) = request_line(request);
    let said = |text: Option<&'_ str>| text.filter(|t| *t != "-" && !t.is_empty()).is_some();
    let (referer, user_agent) = (referer.filter(|t| said(Some(t))), user_agent.filter(|t| said(Some(t))));
    Ok((
        at,
        HttpActivity {
            client: Cow::Borrowed(who.client),
            user: who.user.map(Cow::Borrowed),
            host: who.host.map(Cow::Borrowed),
            method: Cow::Borrowed(method),
            target: unescaped(target),
            status,
            bytes,
            referer: referer.map(unescaped),
            user_agent: user_agent.map(unescaped),
            forwarded_for: who.passed_on.or(passed_on).map(Cow::Borrowed),
            ..HttpActivity::default()
        },
    ))
}

/// What stands in front of the time, the time, and what stands behind it. A user name may hold brackets too, so each is tried.
fn around_time(line: &str) -> Option<(&str, Timestamp, &str)> {
    let opens = memchr::memchr_iter(b'[', line.as_bytes()).filter_map(|at| at.checked_sub(1));
    opens.filter(|open| line.as_bytes().get(*open) == Some(&b' ')).take(16).find_map(|open| {
        let (stamp, rest) = scan::split_once(line.get(open + 2..)?, "] ")?;
        Some((line.get(..open)?, time::web(stamp)?, rest))
    })
}

struct Who<'l> {
    host: Option<&'l str>,
    client: &'l str,
    user: Option<&'l str>,
    /// the addresses that a proxy passed on, where they stand in the client's place
    passed_on: Option<&'l str>,
}

/// Whether text is addresses with commas between them.
fn is_addresses(text: &str) -> bool {
    text.split(',').all(|part| scan::ip(part.trim_ascii()).is_some())
}

/// `client, proxy, proxy ident user`: a proxy appends the address that it sees itself, so the last is what is sure.
fn who_behind_proxies(front: &str) -> Option<Who<'_>> {
    let end = front.match_indices(' ').map(|(at, _)| at).find(|at| !front.get(..*at).is_some_and(|list| list.ends_with(',')))?;
    let (list, rest) = front.split_at_checked(end).filter(|(list, _)| is_addresses(list))?;
    let (_, user) = rest.trim_start_matches(' ').split_once(' ')?;
    let client = list.rsplit(',').next()?.trim_ascii();
    Some(Who { host: None, client, user: Some(user).filter(|user| *user != "-" && !user.is_empty()), passed_on: Some(list) })
}

/// `client ident user`, or `host client ident user`; a user name may hold spaces.
fn who(front: &str) -> Option<Who<'_>> {
    let mut words = front.splitn(4, ' ');
    let (first, second, third) = (words.next()?, words.next()?, words.next()?);
    if first.ends_with(',')
        && let Some(who) = who_behind_proxies(front)
    {
        return Some(who);
    }
    let fourth = words.next();
    let is_address = |w: &str| scan::ip(w).is_some();
    let hosted = fourth.is_some() && !is_address(first) && (is_address(second) || third == "-");
    let named = |user: &'_ str| user != "-" && !user.is_empty();
    if hosted {
        let host = first.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(first, |(host, _)| host);
        return Some(Who { host: Some(host), client: second, user: fourth.filter(|u| named(u)), passed_on: None });
    }
    let user = front.get(first.len() + 1 + second.len() + 1..)?;
    (!first.is_empty()).then_some(Who { host: None, client: first, user: Some(user).filter(|u| named(u)), passed_on: None })
}

/// The request up to the quotation mark that a status follows, and what is behind it. Marks inside the request are escaped, or
/// (old servers) not.
pub(super) fn request_end(rest: &str) -> Option<(&str, &str)> {
    marks(rest).find_map(|at| {
        let behind = rest.get(at + 1..)?.strip_prefix(' ').filter(|behind| begins_with_status(behind))?;
        Some((rest.get(..at)?, behind))
    })
}

/// Where quotation marks stand that are not escaped.
fn marks(text: &str) -> impl Iterator<Item = usize> + '_ {
    let bytes = text.as_bytes();
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + memchr::memchr2(b'\\', b'"', bytes.get(from..)?)?;
            if bytes.get(at) == Some(&b'"') {
                from = at + 1;
                return Some(at);
            }
            from = at + 2;
        }
    })
}

fn begins_with_status(text: &str) -> bool {
    let word = text.split(' ').next().unwrap_or_default();
    word == "-" || (word.len() == 3 && word.bytes().all(|b| b.is_ascii_digit()))
}

/// A quotation at the beginning, and what is behind it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix('"')?;
    marks(rest).find_map(|at| {
        let behind = rest.get(at + 1..).filter(|behind| behind.is_empty() || behind.starts_with(' '))?;
        Some((rest.get(..at)?, behind.trim_start_matches(' ')))
    })
}

/// Method and target; an empty method and the whole line when it is no request line.
pub(super) fn request_line(request: &str) -> (&str, &str) {
    let parsed = request.split_once(' ').and_then(|(method, rest)| {
        let token = !method.is_empty() && method.len() <= 32 && method.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-' || b == b'_');
        let target = match rest.rsplit_once(' ') {
            Some((target, protocol)) if protocol.starts_with("HTTP/") => target,
            // HTTP/0.9 has no protocol.
            None if rest.starts_with('/') && method.bytes().all(|b| b.is_ascii_uppercase()) => rest,
            _ => return None,
        };
        (token && !target.is_empty()).then_some((method, target))
    });
    parsed.unwrap_or(("", request))
}

/// `\"` and `\\` as they were sent; other escapes (`\x16`) stay as they are logged.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', text.as_bytes()).is_some() {
        let mut out = String::with_capacity(text.len());
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let next = rest.peek().copied().filter(|n| c == '\\' && matches!(n, '"' | '\\'));
            out.push(next.unwrap_or(c));
            if next.is_some() {
                rest.next();
            }
        }
        return Cow::Owned(out);
    }
    Cow::Borrowed(text)
}
