//! What our web servers and buckets served: the very page that the notice names, and who put it there.

use std::collections::BTreeSet;

use abate_model::rows::HttpActivity;
use abate_model::{Body, Cite, Filter, Table, Text, TimeWindow};
use jiff::Timestamp;

use super::question::{Question, Sign};

/// Host of a URL, without port and user, in lower case.
pub(crate) fn host_of(url: &str) -> Option<String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = if host.starts_with('[') { host.split(']').next()?.trim_start_matches('[') } else { host.split(':').next()? };
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// Path of a URL without its query; the root alone says nothing and is none.
pub(crate) fn path_of(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let path = rest.get(rest.find('/')?..)?;
    let path = path.split(['?', '#']).next().unwrap_or(path);
    (path.len() > 1).then(|| path.to_owned())
}

/// The pages that the notice names: (host, path).
fn pages(question: &Question<'_>) -> Vec<(Option<String>, String)> {
    let page = |url: &String| Some((host_of(url), path_of(url)?));
    let pages: BTreeSet<_> = question.reported.urls.iter().filter_map(page).collect();
    pages.into_iter().collect()
}

fn is_page(http: &HttpActivity<'_>, (host, path): &(Option<String>, String)) -> bool {
    let asked = http.path();
    // A bucket's log has the key; a site's, the path as it was asked for.
    let same = asked == path || asked.trim_end_matches('/') == path.trim_end_matches('/') || asked == path.trim_start_matches('/');
    // Another site of the same server may have the same path.
    let of_host = match (http.host.as_deref().map(str::to_ascii_lowercase), host) {
        (Some(logged), Some(named)) if logged.contains('.') => {
            let logged = logged.split(':').next().unwrap_or_default().to_owned();
            logged == *named || logged.parse::<std::net::IpAddr>().is_ok() || named.parse::<std::net::IpAddr>().is_ok()
        }
        _ => true,
    };
    same && of_host
}

/// The named pages were served with success, at the latest by the end of the window: what was put up earlier is still there.
pub(crate) fn served(question: &Question<'_>, window: Option<TimeWindow>) -> Vec<Sign> {
    let pages = pages(question);
    let mut signs: Vec<(usize, Sign)> = Vec::new();
    if pages.is_empty() {
        return Vec::new();
    }
    let mut put: Option<(Option<Timestamp>, Cite, String)> = None;
    question.context.evidence.each(&Filter::table(Table::HttpActivity), &mut |row| {
        let Body::Http(http) = &row.body else { return };
        let late = window.zip(row.at).is_some_and(|(w, at)| at > w.to);
        let Some(n) = pages.iter().position(|page| is_page(http, page)).filter(|_| !late) else { return };
        let ok = http.status.is_some_and(|s| (200..300).contains(&s) || s == 304);
        let cite = question.context.evidence.cite(row);
        if matches!(&*http.method, "PUT") || http.operation.as_deref().is_some_and(|o| o.contains("PUT.OBJECT")) {
            if ok && put.is_none() {
                put = Some((row.at, cite, http.client.to_string()));
            }
            return;
        }
        if !ok || http.method == "HEAD" && http.bytes == Some(0) && http.status == Some(304) {
            return;
        }
        match signs.iter_mut().find(|(of, _)| *of == n) {
            Some((_, sign)) => sign.add(row.at, cite),
            None => signs.push((n, Sign::new(said(&pages[n].1), row.at, cite))),
        }
    });
    let who = put.or_else(|| uploaded(question, &pages));
    let mut signs: Vec<Sign> = signs.into_iter().map(|(_, sign)| sign).collect();
    if let (Some(sign), Some((at, cite, who))) = (signs.first_mut(), who) {
        let when = at.map_or_else(String::new, |at| format!(" ({})", abate_model::time::utc(at)));
        sign.text =
            Text::new(format!("{}; it was put there by {who}{when}", sign.text.en), format!("{}。配置したのは {who}{when}", sign.text.ja));
        sign.cites.push(cite);
    }
    signs
}

fn said(path: &str) -> Text {
    let path: String = path.chars().take(200).collect();
    Text::new(format!("the reported page {path} was served"), format!("報告されたページ {path} が配信された"))
}

/// Who put the page there: an object written to a bucket, or a file that came to be.
fn uploaded(question: &Question<'_>, pages: &[(Option<String>, String)]) -> Option<(Option<Timestamp>, Cite, String)> {
    let evidence = question.context.evidence;
    let mut found = None;
    let ends = |text: &str| pages.iter().any(|(_, path)| text.ends_with(path.as_str()));
    evidence.each(&Filter::table(Table::ApiActivity), &mut |row| {
        let Body::Api(api) = &row.body else { return };
        let wrote = matches!(&*api.event_name, "PutObject" | "CompleteMultipartUpload" | "CopyObject") && api.error_code.is_none();
        let key = || api.request.as_deref().and_then(|r| serde_json::from_str::<serde_json::Value>(r).ok());
        if found.is_none()
            && wrote
            && key()
                .is_some_and(|r| r["key"].as_str().is_some_and(|key| pages.iter().any(|(_, p)| p.trim_start_matches('/').ends_with(key))))
        {
            found = Some((row.at, evidence.cite(row), api.actor().unwrap_or("?").to_owned()));
        }
    });
    evidence.each(&Filter::table(Table::FileActivity), &mut |row| {
        let Body::File(file) = &row.body else { return };
        if found.is_none() && matches!(&*file.change, "created" | "modified" | "renamed") && ends(&file.path) {
            let who = file.user.as_deref().or(file.process.as_deref()).or(file.owner.as_deref()).unwrap_or("?");
            found = Some((row.at, evidence.cite(row), who.to_owned()));
        }
    });
    found
}
