//! A stranger's request that came to one of our servers seconds before the same request is reported of us: it was only passed on.

use abate_model::time::utc;
use abate_model::{Claim, EntityKind, Finding, Notice, Remote, Severity, Table, Text};

use crate::corroboration::forwarded;
use crate::examples::{flow, http, port_scan};
use crate::{Context, Detection, Example, Tactic};

/// The detection.
pub static DETECTION: Detection = Detection {
    id: "forwarded-request",
    title: Text::fixed("A reported request that a stranger had sent to us before", "報告されたリクエストを第三者が直前に送ってきていた"),
    claims: &[Claim::ProxyForwarding],
    techniques: &["T1090"],
    tactic: Tactic::CommandAndControl,
    severity: Severity::Medium,
    needs: &[Table::HttpActivity],
    innocent: Text::fixed(
        "A reverse proxy whose target's address has passed to someone else does so without any intruder.",
        "転送先のアドレスが他者の手に渡ったリバースプロキシでは、侵入がなくても起きる。",
    ),
    examples: &[
        Example::hit(
            "the request that is reported of us came in from a stranger a second before",
            "当方のものとして報告されたリクエストが、その 1 秒前に第三者から届いている",
            || vec![http(599, "192.0.2.77", "GET", "/.env", 404), flow(590, ("10.0.0.5", 41_000), ("198.51.100.7", 80), 6, 6)],
            &[Claim::ProxyForwarding],
        )
        .about(quoted),
        Example::miss("the same probe a minute and a half before", "同じ探索が 1 分半前に届いただけ", || {
            vec![http(510, "192.0.2.77", "GET", "/.env", 404), flow(590, ("10.0.0.5", 41_000), ("198.51.100.7", 80), 6, 6)]
        })
        .about(quoted),
    ],
    run,
};

/// A notice whose reporter quotes a request and names the server that got it.
fn quoted() -> Notice {
    let mut notice = port_scan();
    let remote = Remote { address: Some("198.51.100.7".into()), port: Some(80), protocol: None };
    notice.reported.iter_mut().for_each(|reported| reported.remote.push(remote.clone()));
    notice.reporter = Some(r#"203.0.113.10 - - [x] "GET /.env HTTP/1.1" 404 12"#.into());
    notice
}

fn run(context: &Context<'_>) -> Vec<Finding> {
    context.notice.reported.iter().filter_map(|reported| finding(context, reported)).collect()
}

fn finding(context: &Context<'_>, reported: &abate_model::ReportedActivity) -> Option<Finding> {
    let question = forwarded::of(context, reported);
    let all = forwarded::passed(&question);
    let first = all.first()?;
    let (method, target, client, at) = (&first.method, &first.target, first.client, utc(first.at));
    let title = Text::new(
        format!("{client} sent {method} {target} to our server at {at}, and the same request is reported of us at that time"),
        format!(
            "{client} が {at} に自社サーバーへ {method} {target} を送っており、同じ時刻に同じリクエストが当方のものとして報告されている"
        ),
    );
    let mut finding = Finding::new(Claim::ProxyForwarding, Severity::Medium, title, DETECTION.innocent.clone(), first.cite.clone());
    finding.technique = Some("T1090".to_owned());
    finding.count = all.len() as u64;
    for passed in &all {
        finding.seen(Some(passed.at));
        finding.also(passed.cite.clone());
        finding.names(EntityKind::RemoteAddress, passed.client.to_string());
        finding.names(EntityKind::Url, passed.target.as_str());
    }
    first.out.iter().for_each(|cite| finding.also(cite.clone()));
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::run_with;

    fn out(second: i64) -> abate_model::Row<'static> {
        flow(second, ("10.0.0.5", 41_000), ("198.51.100.7", 80), 6, 6)
    }

    #[test]
    fn a_request_that_is_passed_on_is_found() {
        let rows = vec![http(599, "192.0.2.77", "GET", "/.env", 404), out(590)];
        let found = run_with(&DETECTION, rows, &quoted());
        assert_eq!((found.len(), found[0].evidence.len()), (1, 2));
        let forward = vec![http(599, "192.0.2.77", "GET", "http://198.51.100.7/.env", 404), out(590)];
        assert_eq!(run_with(&DETECTION, forward, &quoted()).len(), 1, "a forward proxy logs the whole URL");
        let no_flows = vec![http(599, "192.0.2.77", "GET", "/.env", 404)];
        assert_eq!(run_with(&DETECTION, no_flows, &quoted()).len(), 1);
    }

    #[test]
    fn a_probe_of_us_that_is_not_passed_on_is_not() {
        let none = |rows| assert_eq!(run_with(&DETECTION, rows, &quoted()), vec![]);
        none(vec![http(500, "192.0.2.77", "GET", "/.env", 404), out(590)]);
        none(vec![http(599, "192.0.2.77", "GET", "/.git/config", 404), out(590)]);
        none(vec![http(599, "192.0.2.77", "POST", "/.env", 404), out(590)]);
        none(vec![http(599, "10.0.0.9", "GET", "/.env", 404), out(590)]);
        none(vec![http(599, "192.0.2.77", "GET", "/.env", 404), flow(590, ("10.0.0.5", 1), ("198.51.100.8", 80), 6, 6)]);
    }
}
