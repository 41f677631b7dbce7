//! Requests that our hosts only passed on, and addresses that a report took from a header that its client wrote.

use std::net::IpAddr;

use abate_model::flows::is_private;
use abate_model::{Body, Cite, Filter, ReportedActivity, Table, Text, TimeWindow};
use jiff::{SignedDuration, Timestamp};

use super::contact::contacts;
use super::question::Question;

/// A request that is passed on goes out within seconds.
const PASSED: SignedDuration = SignedDuration::from_secs(10);
/// Methods of HTTP by which a request is found in a report.
const METHODS: [&str; 7] = ["GET", "POST", "HEAD", "PUT", "OPTIONS", "DELETE", "PROPFIND"];

/// A stranger's request to us that the report shows as one of ours to another.
pub(crate) struct Passed {
    pub(crate) client: IpAddr,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) at: Timestamp,
    pub(crate) cite: Cite,
    /// records of the connection that went out
    pub(crate) out: Vec<Cite>,
}

/// The requests that a report quotes: (method, target), each once.
fn quoted(question: &Question<'_>) -> Vec<(String, String)> {
    let notice = question.context.notice;
    let mut found: Vec<(String, String)> = Vec::new();
    for text in notice.reporter.iter().map(String::as_str).chain([question.reported.text.as_str()]) {
        let words = text.split_ascii_whitespace().map(|w| w.trim_matches(['"', '\'', '`', '[', ']', '(', ')', ',']));
        let mut before = "";
        for word in words {
            if METHODS.contains(&before) && word.starts_with('/') && word.len() > 1 && found.len() < 100 {
                let request = (before.to_owned(), word.to_owned());
                if !found.contains(&request) {
                    found.push(request);
                }
            }
            before = word;
        }
    }
    found
}

/// Strangers' requests that came in seconds before the same request is reported of us. The root of a site is asked for by everybody and
/// says nothing; where flow logs cover the time, something of ours must have gone out to the named destination.
pub(crate) fn passed(question: &Question<'_>) -> Vec<Passed> {
    let (Some(window), requests) = (question.reported.window(), quoted(question)) else { return Vec::new() };
    if requests.is_empty() {
        return Vec::new();
    }
    let near = window.widened(PASSED);
    let out = contacts(question, near.widened(SignedDuration::from_mins(1)));
    let flows_cover =
        question.context.evidence.coverage().iter().any(|c| {
            c.table == Table::NetworkActivity && c.from.zip(c.to).is_some_and(|(from, to)| TimeWindow::new(from, to).overlaps(&near))
        });
    if flows_cover && !question.remotes().is_empty() && out.is_empty() {
        return Vec::new();
    }
    let own = crate::address::reported_addresses(&question.context, question.reported);
    let mut found = Vec::new();
    question.context.evidence.each(&Filter::table(Table::HttpActivity).within(near), &mut |row| {
        let (Body::Http(http), Some(at)) = (&row.body, row.at) else { return };
        let Some(client) = http.client_addr().filter(|c| !is_private(*c) && !own.contains(c)) else { return };
        // A forward proxy logs the whole URL, a reverse proxy the path.
        let target = super::web::path_of(&http.target).unwrap_or_else(|| http.target.to_string());
        let asked = target.split('?').next().unwrap_or_default();
        let same = |(method, quoted): &&(String, String)| *method == http.method && quoted.split('?').next() == Some(asked);
        if requests.iter().any(|request| same(&request)) && found.len() < 20 {
            found.push(Passed {
                client,
                method: http.method.to_string(),
                target: target.chars().take(200).collect(),
                at,
                cite: question.context.evidence.cite(row),
                out: out.iter().take(5).map(|c| c.cite.clone()).collect(),
            });
        }
    });
    found
}

/// The question about an activity, for a detection that needs no more.
pub(crate) fn of<'a>(context: &crate::Context<'a>, reported: &'a ReportedActivity) -> Question<'a> {
    Question::new(*context, reported, &[], &[])
}

/// Whether the report has our address from a header that the client writes itself.
pub(super) fn header(question: &Question<'_>) -> Option<Text> {
    let text = question.context.notice.reporter.as_deref()?;
    let own = crate::address::reported_addresses(&question.context, question.reported);
    let lower = text.to_ascii_lowercase();
    let names = ["x-forwarded-for", "x_forwarded_for", "xff:", "xff=", "true-client-ip", "x-real-ip", "forwarded: for", "forwarded for"];
    let ours_in_header = |name: &&str| {
        lower.match_indices(*name).any(|(at, _)| {
            let line = lower.get(at + name.len()..).and_then(|rest| rest.lines().next()).unwrap_or_default();
            let value: String = line.chars().take(120).collect();
            let addresses = value
                .split(|c: char| !(c.is_ascii_hexdigit() || c == '.' || c == ':'))
                .filter_map(|w| w.trim_matches(':').parse::<IpAddr>().ok());
            addresses.take(8).any(|a| own.contains(&a))
        })
    };
    let name = names.iter().find(|name| ours_in_header(name))?;
    Some(Text::new(
        format!(
            "The report has our address from a header ({}), which the client of a request writes itself and can forge.",
            name.trim_end_matches([':', '='])
        ),
        format!(
            "報告では、当方のアドレスがヘッダー（{}）から取られている。このヘッダーはリクエストの送信者自身が書くもので、詐称できる。",
            name.trim_end_matches([':', '='])
        ),
    ))
}
