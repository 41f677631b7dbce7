//! What the readers of load balancers, distributions, buckets, firewalls and web servers make of their fixtures.

mod common;

use abate_model::LossKind::{Malformed, Truncated};
use abate_model::rows::HttpActivity;
use abate_model::{Body, ZoneCertainty};
use common::{Source, fixture};

fn http(source: &Source, n: usize) -> &HttpActivity<'static> {
    match source.bodies()[n] {
        Body::Http(http) => http,
        other => panic!("row {n} is {other:?}"),
    }
}

fn times(source: &Source) -> Vec<String> {
    source.times().into_iter().map(|t| t.unwrap_or_default()).collect()
}

/// Method, target, status, host.
fn asked<'h>(http: &'h HttpActivity<'_>) -> (&'h str, &'h str, Option<u16>, Option<&'h str>) {
    (&http.method, &http.target, http.status, http.host.as_deref())
}

#[test]
fn application_load_balancer() {
    let s = fixture("elb", "alb");
    assert_eq!((s.rows.len(), s.losses()), (5, vec![(Malformed, 1); 3]), "{:?}", s.end.losses);
    let first = http(&s, 0);
    assert_eq!(asked(first), ("GET", "/index.php?id=1%27", Some(200), Some("www.example.com")));
    assert_eq!((first.client.as_ref(), first.backend.unwrap().to_string()), ("203.0.113.9", "10.0.1.5".to_owned()));
    assert_eq!((first.server.as_deref(), first.user_agent.as_deref()), (Some("app/web/50dc6c495c0c9188"), Some("curl/8 \"x\"")));
    assert_eq!((first.request_bytes, first.bytes), (Some(34), Some(366)));
    assert_eq!((first.account.as_deref(), first.region.as_deref()), (Some("111122223333"), Some("us-east-2")));
    assert_eq!((first.action.as_deref(), first.rule.as_deref()), (Some("forward"), Some("0")));
    assert_eq!((http(&s, 1).method.as_ref(), http(&s, 1).action.as_deref()), ("POST", Some("authenticate,forward")));
    let blocked = http(&s, 2);
    assert_eq!(asked(blocked), ("GET", "/", Some(403), Some("www.example.com:8443")));
    assert_eq!((blocked.client.as_ref(), blocked.action.as_deref(), blocked.rule.as_deref()), ("2001:db8::9", Some("waf"), Some("-1")));
    let broken = http(&s, 3);
    assert_eq!(asked(broken), ("", "- http://www.example.com:80- -", Some(400), None));
    assert_eq!((broken.backend, broken.action.as_deref(), broken.user_agent.as_deref()), (None, None, None));
    assert_eq!(asked(http(&s, 4)), ("GET", "/ws", Some(101), Some("www.example.com")));
    // The arrival, where the line has it.
    assert_eq!(times(&s)[0], "2026-11-20T01:00:00.364Z");
    assert_eq!(times(&s)[4], "2026-11-20T02:00:00Z");
    assert!(s.rows.iter().all(|r| r.0.zone == ZoneCertainty::Stated));
}

#[test]
fn other_load_balancers() {
    let s = fixture("elb", "nlb");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![]));
    let tls = http(&s, 0);
    assert_eq!(asked(tls), ("", "", None, Some("api.example.com")));
    assert_eq!((tls.client.as_ref(), tls.server.as_deref()), ("203.0.113.9", Some("net/front/c6e77e28c25b2234")));
    assert_eq!((tls.request_bytes, tls.bytes, tls.region.as_deref()), (Some(98), Some(246), Some("us-east-2")));
    assert_eq!((http(&s, 1).client.as_ref(), http(&s, 1).host.as_deref()), ("2001:db8:0:0:0:0:0:9", None));
    assert_eq!(times(&s), ["2026-11-20T01:09:30Z", "2026-11-20T01:11:00Z"]);

    let s = fixture("elb", "classic");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1)]));
    assert_eq!(asked(http(&s, 0)), ("GET", "/a?b=c", Some(200), Some("www.example.com")));
    assert_eq!((http(&s, 0).server.as_deref(), http(&s, 0).bytes), (Some("my-loadbalancer"), Some(29)));
    assert_eq!(asked(http(&s, 1)), ("", "", None, None));
    assert_eq!((http(&s, 1).request_bytes, http(&s, 1).user_agent.as_deref()), (Some(82), None));
    assert_eq!((http(&s, 2).backend, http(&s, 2).status), (None, Some(504)));
    assert_eq!(times(&s)[0], "2026-11-20T01:00:00.945958Z");

    let s = fixture("elb", "connection");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1)]));
    assert_eq!((http(&s, 0).client.as_ref(), http(&s, 0).user.as_deref()), ("203.0.113.9", Some("CN=client.example.com,O=Example")));
    assert_eq!((http(&s, 2).client.as_ref(), http(&s, 2).user.as_deref()), ("2001:db8::9", None));
}

#[test]
fn cloudfront() {
    for (name, losses) in [("v1", vec![(Malformed, 1), (Malformed, 1)]), ("plain", vec![])] {
        let s = fixture("cloudfront", name);
        assert_eq!((s.rows.len(), s.losses()), (2, losses), "{name} {:?}", s.end.losses);
        let first = http(&s, 0);
        assert_eq!(asked(first), ("GET", "/index.html?id=1%27%20OR%201", Some(200), Some("www.example.com")));
        assert_eq!(first.user_agent.as_deref(), Some("Mozilla/5.0 (X11; Linux) %22q%22"), "decoded once");
        assert_eq!(first.referer.as_deref(), Some("https://example.com/a%20b"));
        assert_eq!((first.client.as_ref(), first.server.as_deref()), ("203.0.113.9", Some("d111111abcdef8.cloudfront.net")));
        assert_eq!(first.forwarded_for.as_deref(), Some("198.51.100.7, 192.0.2.1"));
        assert_eq!((first.bytes, first.request_bytes), (Some(392), Some(23)));
        let second = http(&s, 1);
        assert_eq!(asked(second), ("POST", "/login", None, Some("d111111abcdef8.cloudfront.net")));
        assert_eq!(second.client.as_ref(), "2001:db8::9");
        assert_eq!(times(&s), ["2026-11-20T01:00:00Z", "2026-11-20T01:00:01Z"]);
    }
    let s = fixture("cloudfront", "order");
    assert_eq!((s.rows.len(), s.losses()), (1, vec![]));
    assert_eq!((http(&s, 0).server.as_deref(), http(&s, 0).target.as_ref()), (Some("E111111ABCDEF"), "/index.html"));
    assert_eq!(times(&s), ["2026-11-20T01:00:00.123Z"]);
    let s = fixture("cloudfront", "json");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1)]));
    assert_eq!(asked(http(&s, 0)), ("GET", "/index.html?id=1%27%20OR%201", Some(200), Some("www.example.com")));
    assert_eq!(http(&s, 0).user_agent.as_deref(), Some("Mozilla/5.0 (X11; Linux) %22q%22"));
    assert_eq!(times(&s)[2], "2026-11-20T01:00:00.123Z");
}

#[test]
fn s3_access() {
    let s = fixture("s3-access", "log");
    assert_eq!((s.rows.len(), s.losses()), (4, vec![(Malformed, 1), (Malformed, 1)]), "{:?}", s.end.losses);
    let get = http(&s, 0);
    assert_eq!(asked(get), ("GET", "/secret/a%20b.csv?x-id=GetObject", Some(200), Some("example-bucket.s3.us-west-1.amazonaws.com")));
    assert_eq!((get.server.as_deref(), get.user.as_deref()), (Some("example-bucket"), Some("arn:aws:iam::111122223333:user/deploy")));
    assert_eq!(
        (get.operation.as_deref(), get.bytes, get.referer.as_deref()),
        (Some("REST.GET.OBJECT"), Some(113), Some("https://example.com/"))
    );
    assert_eq!((get.account.as_deref(), get.user_agent.as_deref()), (None, Some(r"aws-cli/2.15 md/\\")));
    let denied = http(&s, 1);
    assert_eq!((denied.client.as_ref(), denied.user.as_deref(), denied.status), ("2001:db8::9", None, Some(403)));
    let expired = http(&s, 2);
    assert_eq!(asked(expired), ("", "old/x.log", None, None));
    assert_eq!(
        (expired.client.as_ref(), expired.operation.as_deref(), expired.user.as_deref()),
        ("", Some("S3.EXPIRE.OBJECT"), Some("AmazonS3"))
    );
    assert_eq!(times(&s), ["2026-11-20T01:00:00Z", "2026-11-20T01:00:01Z", "2026-11-20T01:00:02Z", "2026-11-20T01:00:04Z"]);
    assert_eq!(asked(http(&s, 3)), ("GET", "/", Some(304), Some("www.example.com.s3-website-us-west-1.amazonaws.com")));
}

#[test]
fn waf() {
    let s = fixture("waf", "lines");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1), (Malformed, 1), (Malformed, 1)]), "{:?}", s.end.losses);
    let batch = fixture("waf", "batch");
    assert_eq!((batch.rows.len(), batch.losses()), (3, vec![]));
    for s in [s, batch] {
        let allowed = http(&s, 0);
        assert_eq!(asked(allowed), ("GET", "/index.php?id=1%27", None, Some("www.example.com")));
        assert_eq!((allowed.action.as_deref(), allowed.rule.as_deref()), (Some("ALLOW"), Some("Default_Action")));
        assert_eq!((allowed.server.as_deref(), allowed.client.as_ref()), (Some("app/web/50dc6c495c0c9188"), "203.0.113.9"));
        assert_eq!((allowed.account.as_deref(), allowed.region.as_deref()), (Some("111122223333"), Some("ap-northeast-1")));
        assert_eq!((allowed.user_agent.as_deref(), allowed.forwarded_for.as_deref()), (Some("curl/8 \"x\""), Some("198.51.100.7")));
        let blocked = http(&s, 1);
        assert_eq!((blocked.action.as_deref(), blocked.status), (Some("BLOCK"), Some(403)));
        assert_eq!(blocked.rule.as_deref(), Some("AWS-AWSManagedRulesSQLiRuleSet/SQLi_QUERYARGUMENTS"));
        let bare = http(&s, 2);
        assert_eq!((bare.target.as_ref(), bare.client.as_ref(), bare.host.as_deref()), ("/", "2001:db8::9", None));
        assert_eq!(bare.server.as_deref(), Some("arn:aws:wafv2:ap-northeast-1:111122223333:regional/webacl/web/1EXAMPLE"));
        assert_eq!(times(&s)[..2], ["2026-11-20T01:00:00.123Z", "2026-11-20T01:00:01Z"]);
    }
}

#[test]
fn w3c() {
    let s = fixture("w3c", "iis");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1), (Malformed, 1)]), "{:?}", s.end.losses);
    let shell = http(&s, 0);
    assert_eq!(asked(shell), ("GET", "/shell.aspx?cmd=whoami+/all", Some(200), None));
    assert_eq!(
        (shell.user_agent.as_deref(), shell.referer.as_deref()),
        (Some("Mozilla/5.0 (Windows NT 10.0)"), Some("https://example.com/a"))
    );
    assert_eq!((http(&s, 1).user.as_deref(), http(&s, 1).client.as_ref()), (Some("EXAMPLE\\alice"), "2001:db8::9"));
    let second = http(&s, 2);
    assert_eq!(asked(second), ("GET", "/a", Some(404), Some("www.example.com")));
    assert_eq!((second.bytes, second.request_bytes, second.server.as_deref()), (Some(100), Some(20), Some("WEB1")));
    assert_eq!(second.forwarded_for.as_deref(), Some("198.51.100.7"));
    assert_eq!(times(&s), ["2026-11-20T01:00:00Z", "2026-11-20T01:00:01Z", "2026-11-20T02:00:01Z"]);
    let s = fixture("w3c", "httperr");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![]));
    assert_eq!(asked(http(&s, 0)), ("GET", "/a?b=c", Some(400), None));
    assert_eq!((http(&s, 1).client.as_ref(), http(&s, 1).target.as_ref()), ("203.0.113.9", ""));
}

#[test]
fn json_access_logs() {
    let s = fixture("web-json", "nginx");
    assert_eq!((s.rows.len(), s.losses()), (4, vec![(Malformed, 1), (Malformed, 1)]), "{:?}", s.end.losses);
    let first = http(&s, 0);
    assert_eq!(asked(first), ("GET", "/index.php?id=1%27", Some(200), Some("www.example.com")));
    assert_eq!((first.client.as_ref(), first.user.as_deref(), first.bytes), ("203.0.113.9", None, Some(512)));
    assert_eq!((first.request_bytes, first.referer.as_deref()), (Some(90), None));
    assert_eq!((first.user_agent.as_deref(), first.forwarded_for.as_deref()), (Some("curl/8 \"x\""), Some("198.51.100.7")));
    assert_eq!(first.backend.unwrap().to_string(), "10.0.1.5");
    assert_eq!(asked(http(&s, 1)), ("POST", "/login?a=b", Some(302), Some("www.example.com")));
    assert_eq!((http(&s, 1).client.as_ref(), http(&s, 1).user_agent.as_deref()), ("2001:db8::9", Some("x")));
    assert_eq!(asked(http(&s, 2)), ("", "\u{16}\u{3}\u{1}", Some(400), None));
    assert_eq!(asked(http(&s, 3)), ("GET", "/a?b=c", Some(499), None));
    assert_eq!(times(&s), ["2026-11-20T01:00:00Z", "2026-11-20T01:00:01Z", "2026-11-20T01:00:02.25Z", "2026-11-20T01:00:03Z"]);

    let s = fixture("web-json", "caddy");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![]));
    let shell = http(&s, 0);
    assert_eq!(asked(shell), ("GET", "/shell.php?cmd=id", Some(200), Some("www.example.com")));
    assert_eq!((shell.client.as_ref(), shell.user_agent.as_deref(), shell.bytes), ("203.0.113.9", Some("curl/8"), Some(512)));
    assert!(matches!(s.bodies()[1], Body::Text(t) if t.message == "could not get certificate"));
    assert_eq!(times(&s), ["2026-11-20T01:00:00.123Z", "2026-11-20T01:00:01Z"]);

    let s = fixture("web-json", "traefik");
    let probe = http(&s, 0);
    assert_eq!(asked(probe), ("GET", "/.env", Some(404), Some("www.example.com")));
    assert_eq!((probe.client.as_ref(), probe.user.as_deref(), probe.user_agent.as_deref()), ("203.0.113.9", None, Some("scanner")));
    assert_eq!((probe.backend.unwrap().to_string(), times(&s)), ("10.0.1.5".to_owned(), vec!["2026-11-20T01:00:00.1Z".to_owned()]));

    let s = fixture("web-json", "others");
    assert_eq!((s.rows.len(), s.losses()), (4, vec![]));
    assert_eq!(asked(http(&s, 0)), ("GET", "/a?b=c", Some(200), Some("www.example.com")));
    assert_eq!((http(&s, 0).client.as_ref(), http(&s, 0).backend.unwrap().to_string()), ("203.0.113.9", "10.0.1.5".to_owned()));
    assert_eq!(asked(http(&s, 1)), ("POST", "/login", Some(403), None));
    assert_eq!((http(&s, 1).client.as_ref(), http(&s, 1).bytes), ("203.0.113.9", Some(23)));
    assert_eq!(asked(http(&s, 2)), ("PUT", "/x?y=z", Some(201), Some("www.example.com")));
    assert_eq!((http(&s, 2).client.as_ref(), http(&s, 2).user_agent.as_deref()), ("2001:db8::9", Some("bot")));
    assert_eq!(asked(http(&s, 3)), ("GET", "/api", Some(500), Some("www.example.com")));
    assert_eq!(http(&s, 3).user_agent.as_deref(), Some("curl/8"));
    assert_eq!(times(&s), ["2026-11-20T01:00:00.1Z", "2026-11-20T01:00:01Z", "2026-11-20T01:00:02Z", "2026-11-20T01:00:03Z"]);

    let s = fixture("web-json", "s3");
    assert_eq!(asked(http(&s, 0)), ("GET", "/a", Some(200), None));
    assert_eq!((http(&s, 0).server.as_deref(), http(&s, 0).operation.as_deref()), (Some("example-bucket"), Some("REST.GET.OBJECT")));
    assert_eq!(times(&s), ["2026-11-20T01:00:00Z"]);
}

#[test]
fn foreign_logs_of_the_same_notation_are_not_taken() {
    let firewall = "#Version: 1.5\n#Software: Microsoft Windows Firewall\n#Fields: date time action protocol src-ip dst-ip src-port\n";
    assert_eq!(common::single("x", firewall.as_bytes()).end.format, None);
    let cut = common::single("x", b"{\"webaclId\":\"a\",\"terminatingRuleId\":\"b\",\"action\":\"ALLOW\",\"httpRequest\":{\"uri\":\"/");
    assert_eq!((cut.end.format, cut.losses()), (Some("waf"), vec![(Truncated, 1)]));
}

#[test]
fn a_bulk_deletion_has_no_request_of_its_own() {
    let line = "owner web-assets [20/Nov/2026:01:02:03 +0000] 203.0.113.9 arn:aws:iam::111122223333:user/deploy 3E57427F3EXAMPLE \
                BATCH.DELETE.OBJECT backup/2026.tar - 204 - - 1234 - - - - - hostid SigV4 - AuthHeader web-assets.s3.amazonaws.com TLSv1.2 - -\n";
    let s = common::single("x", line.as_bytes());
    assert_eq!((s.end.format, s.rows.len(), s.losses()), (Some("s3-access"), 1, vec![]), "{:?}", s.end.losses);
    let deleted = http(&s, 0);
    assert_eq!(asked(deleted), ("", "backup/2026.tar", Some(204), Some("web-assets.s3.amazonaws.com")));
    assert_eq!((deleted.operation.as_deref(), deleted.client.as_ref()), (Some("BATCH.DELETE.OBJECT"), "203.0.113.9"));
    assert_eq!(deleted.user.as_deref(), Some("arn:aws:iam::111122223333:user/deploy"));
}

#[test]
fn addresses_that_a_proxy_passed_on() {
    let read = |front: &str, behind: &str| {
        let line = format!("{front} [20/Nov/2026:01:02:03 +0000] \"GET / HTTP/1.1\" 200 12 \"-\" \"curl/8\"{behind}\n");
        let s = common::single("x", line.as_bytes());
        assert_eq!((s.end.format, s.rows.len(), s.losses()), (Some("web-access"), 1, vec![]), "{line}");
        let http = http(&s, 0);
        let of = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().unwrap_or("-").to_owned();
        [http.client.to_string(), of(&http.user), of(&http.host), of(&http.forwarded_for)]
    };
    let is = |client: &str, user: &str, host: &str, passed_on: &str| [client, user, host, passed_on].map(str::to_owned);
    // The format that nginx comes with.
    assert_eq!(read("10.0.1.9 - -", " \"203.0.113.9\""), is("10.0.1.9", "-", "-", "203.0.113.9"));
    assert_eq!(read("10.0.1.9 - -", " \"203.0.113.9, 198.51.100.7\" 0.004"), is("10.0.1.9", "-", "-", "203.0.113.9, 198.51.100.7"));
    assert_eq!(read("10.0.1.9 - -", " \"-\""), is("10.0.1.9", "-", "-", "-"));
    assert_eq!(read("10.0.1.9 - -", " \"0.004\""), is("10.0.1.9", "-", "-", "-"));
    // In the client's place: the last address is the one that the proxy saw.
    assert_eq!(read("203.0.113.9, 198.51.100.7 - -", ""), is("198.51.100.7", "-", "-", "203.0.113.9, 198.51.100.7"));
    assert_eq!(read("203.0.113.9, 2001:db8::7, 10.0.0.1 - alice", ""), is("10.0.0.1", "alice", "-", "203.0.113.9, 2001:db8::7, 10.0.0.1"));
    assert_eq!(read("www.example.com 203.0.113.9 - -", ""), is("203.0.113.9", "-", "www.example.com", "-"));
}
