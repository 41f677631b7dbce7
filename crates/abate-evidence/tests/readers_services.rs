//! What the readers of findings of advisors and of the logs of databases, file and mail servers make of their fixtures.

#![allow(clippy::unwrap_used)]

mod common;

use abate_model::LossKind::Malformed;
use abate_model::rows::{AuthOutcome, Authentication, DetectionFinding};
use abate_model::{Body, ZoneCertainty};
use common::{FIXTURES, Source, fixture, span};

fn finding(source: &Source, n: usize) -> &DetectionFinding<'static> {
    match source.bodies()[n] {
        Body::Detection(finding) => finding,
        other => panic!("row {n} is {other:?}"),
    }
}

fn auth(source: &Source, n: usize) -> &Authentication<'static> {
    match source.bodies()[n] {
        Body::Auth(auth) => auth,
        other => panic!("row {n} is {other:?}"),
    }
}

fn bytes_of(reader: &str, name: &str) -> &'static [u8] {
    FIXTURES.iter().find(|f| (f.0, f.1) == (reader, name)).unwrap().2
}

/// Type, title, severity, status, count.
fn brief<'f>(finding: &'f DetectionFinding<'_>) -> (&'f str, &'f str, f64, &'f str, u64) {
    (&finding.kind, &finding.title, finding.severity, finding.status.as_deref().unwrap_or_default(), finding.count)
}

/// User, address, outcome, attempts.
fn sign_in(auth: &Authentication<'_>) -> (String, String, AuthOutcome, u32) {
    let address = auth.source.map(|a| a.to_string()).unwrap_or_default();
    (auth.user.as_deref().unwrap_or_default().to_owned(), address, auth.outcome, auth.attempts)
}

#[test]
fn trusted_advisor_results() {
    let s = fixture("trusted-advisor", "check-result");
    assert_eq!((s.rows.len(), s.losses()), (4, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    let ports = "Security Groups - Specific Ports Unrestricted";
    assert_eq!(brief(finding(&s, 0)), ("HCP4007jGY", ports, 7.0, "ERROR", 1));
    assert_eq!(finding(&s, 0).region.as_deref(), Some("ap-northeast-1"));
    assert!(finding(&s, 0).description.ends_with("tcp; Red; 22"));
    assert_eq!(brief(finding(&s, 1)), ("HCP4007jGY", ports, 4.0, "SUPPRESSED", 1));
    assert_eq!((finding(&s, 1).region.as_deref(), finding(&s, 1).instance_id.as_deref()), (None, Some("i-0123456789abcdef0")));
    assert_eq!(finding(&s, 2).access_key_id.as_deref(), Some("AKIAIOSFODNN7EXAMPLE"));
    assert_eq!(finding(&s, 2).title, "Exposed Access Keys");
    assert_eq!(brief(finding(&s, 3)), ("vjafUGJ9H0", "AWS CloudTrail Logging", 0.0, "OK", 0));
    assert_eq!(s.times()[0].as_deref(), Some("2026-11-20T19:36:00Z"));
    // A resource's place is its own, not its answer's.
    let found = &bytes_of("trusted-advisor", "check-result")[span(s.rows[0].0.locator)];
    assert!(found.starts_with(b"{\"status\": \"error\", \"region\"") && found == &s.rows[0].1[..]);

    let s = fixture("trusted-advisor", "summaries");
    assert_eq!(brief(finding(&s, 0)), ("7DAFEmoDos", "MFA on Root Account", 7.0, "ERROR", 1));
    assert_eq!(brief(finding(&s, 1)), ("aaaaaaaaaa", "check aaaaaaaaaa", 0.0, "NOT_AVAILABLE", 0));
    let s = fixture("trusted-advisor", "checks");
    assert_eq!((s.rows.len(), s.losses()), (1, vec![(Malformed, 1)]));
    assert!(
        matches!(s.bodies()[0], Body::Inventory(check) if check.id == "HCP4007jGY" && check.name.is_some() && s.rows[0].0.at.is_none())
    );
}

#[test]
fn trusted_advisor_recommendations_and_events() {
    let s = fixture("trusted-advisor", "recommendations");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![]));
    assert_eq!(brief(finding(&s, 0)), ("1iG5NDGVre", "Security Groups - Unrestricted Access", 7.0, "ERROR", 3));
    assert_eq!(finding(&s, 0).account.as_deref(), Some("111122223333"));
    assert_eq!(brief(finding(&s, 1)), ("standard", "IAM Use", 4.0, "DISMISSED", 1));
    assert_eq!((finding(&s, 2).description.as_ref(), s.rows[2].0.zone), ("Checks for your use of IAM.", ZoneCertainty::Unknown));
    let s = fixture("trusted-advisor", "resources");
    let one = finding(&s, 0);
    assert_eq!((one.instance_id.as_deref(), one.region.as_deref()), (Some("i-0123456789abcdef0"), Some("ap-northeast-1")));
    let s = fixture("trusted-advisor", "ta-event");
    assert_eq!((s.rows.len(), s.losses()), (1, vec![(Malformed, 1)]));
    let one = finding(&s, 0);
    assert_eq!(brief(one), ("IAM Access Key Rotation", "IAM Access Key Rotation", 7.0, "ERROR", 1));
    assert_eq!((one.access_key_id.as_deref(), one.principal.as_deref()), (Some("AKIAIOSFODNN7EXAMPLE"), Some("deploy")));
    assert_eq!((one.finding_id.as_ref(), one.account.as_deref()), ("aa12345f-55c7-498e-b7ac-123456789012", Some("111122223333")));
}

#[test]
fn prowler() {
    let s = fixture("prowler", "native");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1)]));
    let one = finding(&s, 0);
    assert_eq!((one.severity, one.status.as_deref(), one.account.as_deref()), (8.0, Some("FAIL"), Some("111122223333")));
    assert_eq!((s.rows[0].0.zone, s.rows[1].0.zone), (ZoneCertainty::Assumed, ZoneCertainty::Stated));
    assert_eq!(s.times()[1].as_deref(), Some("2026-11-20T01:00:00Z"));
    assert_eq!((finding(&s, 1).severity, finding(&s, 1).instance_id.as_deref()), (0.0, Some("i-0123456789abcdef0")));
    let s = fixture("prowler", "prowler-table");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1)]));
    assert_eq!(brief(finding(&s, 0)), ("iam_root_mfa_enabled", "Ensure MFA is enabled for the root account", 9.5, "FAIL", 1));
    assert_eq!(finding(&s, 1).title, "Check for EC2 instances;\nwith public addresses");
    assert_eq!((finding(&s, 1).status.as_deref(), s.times()[1].as_deref()), (Some("MUTED"), Some("2025-11-20T10:00:00Z")));
    let table = bytes_of("prowler", "prowler-table");
    assert!(s.rows.iter().all(|(row, raw)| table[span(row.locator)] == raw[..]));
}

#[test]
fn mysql() {
    use AuthOutcome::Failure;
    let s = fixture("mysql-error", "errors");
    assert_eq!((s.rows.len(), s.losses()), (9, vec![]), "{:?}", s.end.losses);
    let word = str::to_owned;
    assert_eq!(sign_in(auth(&s, 0)), (word("root"), word("203.0.113.9"), Failure, 1));
    assert_eq!(sign_in(auth(&s, 3)), (word("a'@'b"), word("198.51.100.7"), Failure, 1));
    assert_eq!(sign_in(auth(&s, 5)), (word("app"), word(""), Failure, 1));
    assert_eq!((auth(&s, 5).method.as_deref(), auth(&s, 0).method.as_deref()), (Some("password"), None));
    assert_eq!(sign_in(auth(&s, 7)), (word("hacker"), word("203.0.113.10"), Failure, 1));
    assert!(matches!(s.bodies()[2], Body::Text(text) if text.message.ends_with("\nInnoDB: Last MySQL binlog file position 0 1")));
    assert!(matches!(s.bodies()[8], Body::Text(text) if text.program.as_deref() == Some("mysqld")));
    let times: Vec<_> = s.times().into_iter().flatten().collect();
    assert_eq!(times[..2], ["2026-11-20T08:27:05Z", "2026-11-20T18:27:05Z"]);
    assert_eq!(times[4..7], ["2026-11-20T08:25:38Z", "2026-11-20T08:50:04.634875Z", "2026-11-20T08:50:04.634875Z"]);
    assert_eq!((s.rows[4].0.zone, s.rows[6].0.zone), (ZoneCertainty::Assumed, ZoneCertainty::Stated));
}

#[test]
fn mail_and_file_servers_in_syslog() {
    use AuthOutcome::{Failure, Other, Success};
    let s = fixture("syslog", "services");
    assert_eq!((s.rows.len(), s.losses()), (18, vec![]), "{:?}", s.end.losses);
    for (n, service, user, from, outcome, attempts) in [
        (0, "dovecot", "alice@example.com", "203.0.113.9", Success, 1),
        (1, "dovecot", "bob, rip=192.0.2.99", "203.0.113.10", Failure, 3),
        (2, "dovecot", "", "2001:db8::9", Other, 1),
        (3, "dovecot", "alice,x", "203.0.113.9", Other, 1),
        (4, "dovecot", "info", "203.0.113.11", Failure, 1),
        (5, "dovecot", "info@example.com", "203.0.113.12", Other, 1),
        (6, "dovecot", "mark", "203.0.113.13", Failure, 1),
        (8, "auth", "", "203.0.113.14", Other, 1),
        (9, "vsftpd", "anonymous", "203.0.113.15", Failure, 1),
        (10, "vsftpd", "web", "203.0.113.16", Success, 1),
        (13, "proftpd", "admin", "203.0.113.18", Failure, 1),
        (14, "proftpd", "web", "203.0.113.19", Failure, 1),
        (15, "proftpd", "web", "203.0.113.19", Success, 1),
        (16, "phpmyadmin", "root", "203.0.113.20", Failure, 1),
        (17, "mysqld", "root", "203.0.113.21", Failure, 1),
    ] {
        assert_eq!(sign_in(auth(&s, n)), (user.to_owned(), from.to_owned(), outcome, attempts), "row {n}");
        assert_eq!(auth(&s, n).service, service);
    }
    assert!(auth(&s, 5).unknown_user && auth(&s, 13).unknown_user && !auth(&s, 14).unknown_user);
    assert!(matches!(s.bodies()[7], Body::Text(_)) && matches!(s.bodies()[12], Body::Text(_)));
    let Body::File(file) = s.bodies()[11] else { panic!("{:?}", s.bodies()[11]) };
    assert_eq!((file.change.as_ref(), file.path.as_ref(), file.size), ("created", "/var/www/html/x.php", Some(2311)));
    let times: Vec<_> = s.times().into_iter().flatten().collect();
    assert_eq!((times[6].as_str(), times[9].as_str()), ("2025-11-20T01:09:04.5Z", "2026-11-20T01:00:09Z"));
    assert_eq!((s.rows[6].0.zone, s.rows[9].0.zone), (ZoneCertainty::Stated, ZoneCertainty::Assumed));
}

#[test]
fn tomcat_and_error_lines_between_requests() {
    let s = fixture("web-access", "tomcat");
    assert_eq!((s.rows.len(), s.losses()), (8, vec![(Malformed, 1)]));
    let Body::Http(put) = s.bodies()[1] else { panic!() };
    assert_eq!((put.client_addr().unwrap().to_string().as_str(), put.user.as_deref(), put.status), ("::1", Some("tomcat"), Some(201)));
    let Body::Http(post) = s.bodies()[2] else { panic!() };
    assert_eq!((post.target.as_ref(), post.user_agent.as_deref()), ("/shell.jsp?cmd=id", Some("curl/8.0")));
    for (n, program, time) in
        [(4, "nginx", "2026-11-20T01:00:04Z"), (5, "nginx", "2026-11-20T01:00:05Z"), (6, "apache", "2026-11-20T01:00:06Z")]
    {
        assert!(matches!(s.bodies()[n], Body::Text(text) if text.program.as_deref() == Some(program)), "{:?}", s.bodies()[n]);
        assert_eq!((s.times()[n].as_deref(), s.rows[n].0.zone), (Some(time), ZoneCertainty::Assumed));
    }
}

#[test]
fn java_logs_with_a_level_in_front() {
    let s = fixture("timed-lines", "levels");
    assert_eq!((s.rows.len(), s.losses()), (5, vec![]), "{:?}", s.bodies());
    let times: Vec<_> = s.times().into_iter().flatten().collect();
    let want = ["01:00:00.123", "01:00:01.123", "01:00:02", "01:00:03.5", "13:00:04"].map(|clock| format!("2026-11-20T{clock}Z"));
    assert_eq!(times, want);
    assert!(matches!(s.bodies()[1], Body::Text(text) if text.message.starts_with("WARN  [") && text.message.ends_with("Main.java:1)")));
}
