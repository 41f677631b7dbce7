//! The collection script for AWS CloudShell: readable, read-only, made for one notice.
//!
//! The notice is hostile: only values of a known form get into the script, each between single quotes that it cannot
//! contain. Whatever was left out is said in a comment by number, never by its text.

use abate_model::{Notice, Resource, ResourceKind, TimeWindow};
use jiff::{SignedDuration, Timestamp};

use crate::names::{is_any_key, is_group, is_instance, is_interface, is_region};

/// How far before and after the reported time events are fetched.
const BEFORE: SignedDuration = SignedDuration::from_hours(14 * 24);
const AFTER: SignedDuration = SignedDuration::from_hours(2 * 24);
/// Event history goes back so far; fetched whole where no time is reported.
const HISTORY: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Flow logs are large: they are fetched for so long before and after the reported time.
const FLOW: SignedDuration = SignedDuration::from_hours(24);
/// At most so many days of a long report.
const FLOW_SPAN: SignedDuration = SignedDuration::from_hours(4 * 24);
/// At most so many named things are looked up.
const MAX_NAMED: usize = 20;

/// The script. Its template is `collect.sh`.
#[must_use]
pub fn collect_script(notice: &Notice) -> String {
    let (window, flow) = (window(notice), flow_window(notice));
    let mut regions: Vec<&str> = notice.regions.iter().map(String::as_str).filter(|r| is_region(r)).take(MAX_NAMED).collect();
    regions.dedup();
    let account = notice.account_id.as_deref().filter(|a| a.len() == 12 && a.bytes().all(|b| b.is_ascii_digit())).unwrap_or("");
    let written = notice.resources.iter().flat_map(|r| std::iter::once(&r.id).chain(&r.addresses));
    let named: Vec<&str> = written.map(String::as_str).filter(|id| is_looked_up(id)).take(MAX_NAMED).collect();
    include_str!("collect.sh")
        .replace("@ACCOUNT@", account)
        .replace("@REGIONS@", &regions.join(" "))
        .replace("@FROM@", &stamp(window.from))
        .replace("@TO@", &stamp(window.to))
        .replace("@FLOW_FROM@", &stamp(flow.from))
        .replace("@FLOW_TO@", &stamp(flow.to))
        .replace("@NAMED@", &named.join(" "))
        .replace("@LEFT_OUT@", &left_out(notice))
        .replace("@CASE@", notice.case_id().as_str())
}

fn is_looked_up(id: &str) -> bool {
    is_instance(id) || is_any_key(id) || is_group(id) || is_interface(id) || id.parse::<std::net::IpAddr>().is_ok()
}

/// Says how many resources of the notice are not looked up by name, and why.
fn left_out(notice: &Notice) -> String {
    use ResourceKind as K;
    let masked = notice.resources.iter().filter(|r| r.masked || abate_model::is_masked(&r.id)).count();
    let known = |r: &&Resource| matches!(r.kind, K::Ec2Instance | K::NetworkInterface | K::AccessKey | K::Address | K::ElasticIp);
    let other = notice.resources.iter().filter(|r| !known(r)).count();
    format!(
        "# Not looked up by name: {masked} resource(s) of the notice whose id is masked, {other} of another kind than instance, interface, key or address.\n\
         # 名前で検索しないもの: ID が伏せられているリソース {masked} 件、インスタンス・インターフェイス・キー・アドレス以外のリソース {other} 件。"
    )
}

fn window(notice: &Notice) -> TimeWindow {
    match notice.window() {
        Some(about) => TimeWindow::new(earlier(about.from, BEFORE), later(about.to, AFTER)),
        None => {
            let at = notice.date.unwrap_or(notice.received_at);
            TimeWindow::new(earlier(at, HISTORY), later(at, AFTER))
        }
    }
}

fn flow_window(notice: &Notice) -> TimeWindow {
    let at = notice.date.unwrap_or(notice.received_at);
    let about = notice.window().unwrap_or(TimeWindow::new(earlier(at, FLOW), at));
    // A report over weeks would fetch weeks of traffic; its last days are enough to begin with.
    let from = about.from.max(earlier(about.to, FLOW_SPAN));
    TimeWindow::new(earlier(from, FLOW), later(about.to, FLOW))
}

fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(at)
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(at)
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
