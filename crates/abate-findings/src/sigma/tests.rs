//! Loading, filters, and the sets of the community.

use super::*;

fn one(yaml: &str) -> (RuleSet, Vec<RuleProblem>) {
    RuleSet::load(std::iter::once(("r.yml".to_owned(), yaml.to_owned())))
}

#[test]
fn a_rule_that_cannot_be_used_is_told_and_stops_nothing() {
    let good = "title: Good\nid: 1\nlogsource:\n  category: webserver\ndetection:\n  s:\n    cs-method: TRACE\n  condition: s\n";
    let windows = "title: Mac\nlogsource:\n  product: macos\n  service: security\ndetection:\n  s:\n    EventID: 1\n  condition: s\n";
    let bad = "title: Bad\nlogsource:\n  category: webserver\ndetection:\n  s:\n    cs-uri|re: '('\n  condition: s\n";
    let correlation =
        "title: Many\ncorrelation:\n  type: event_count\n  rules: [a]\n  group-by: [b]\n  timespan: 1m\n  condition:\n    gte: 3\n";
    let files = [windows, bad, correlation, "just text", "a: [", good, good];
    let (set, problems) = RuleSet::load(files.iter().enumerate().map(|(n, yaml)| (format!("{n}.yml"), (*yaml).to_owned())));
    assert_eq!(set.len(), 1);
    assert_eq!(problems.len(), 6, "{problems:?}");
    let told: Vec<(ProblemKind, String)> = problems.iter().map(|p| (p.kind, p.to_string())).collect();
    assert_eq!(told[0], (ProblemKind::Logsource, "0.yml:4: \"Mac\": no table for logsource product=macos service=security".to_owned()));
    assert_eq!((told[1].0, problems[1].line), (ProblemKind::Expression, Some(1)));
    assert_eq!(told[2], (ProblemKind::Reference, "2.yml:4: \"Many\": the rule 'a' that it refers to is not loaded".to_owned()));
    assert_eq!((told[3].0, told[4].0), (ProblemKind::Parse, ProblemKind::Parse));
    assert_eq!(told[5].0, ProblemKind::Duplicate);
    assert!(told[5].1.contains("already taken by 5.yml"));
    assert!(problems.iter().all(|p| !p.reason.ja.is_empty()));
}

#[test]
fn digests_follow_the_rules_and_extending_adds_them() {
    let rule = |id: u32| {
        format!("title: T\nid: r{id}\nlogsource:\n  category: webserver\ndetection:\n  s:\n    cs-method: M{id}\n  condition: s\n")
    };
    let (mut a, _) = one(&rule(1));
    let (b, _) = one(&rule(2));
    let (before, other) = (a.digest(), b.digest());
    assert_ne!(before, other);
    assert!(a.extend(b).is_empty());
    assert_eq!(a.len(), 2);
    assert_ne!(a.digest(), before);
    assert_eq!(a.extend(one(&rule(2)).0).len(), 1);
}

#[test]
fn a_filter_takes_out_of_rules_what_it_names() {
    let rule = "title: T\nid: r1\nname: trace\nlogsource:\n  category: webserver\ndetection:\n  s_a:\n    cs-method: TRACE\n  s_b:\n    cs-method: TRACK\n  condition: 1 of s_*\n";
    let filter = |about: &str| {
        format!(
            "title: Ours\nlogsource:\n  category: webserver\nfilter:\n  rules: {about}\n  s_own:\n    c-ip: 192.0.2.1\n  condition: not s_own\n"
        )
    };
    let request = |client: &'static str| {
        let http = abate_model::rows::HttpActivity { client: client.into(), method: "TRACE".into(), ..Default::default() };
        let locator = abate_model::Locator::Record { n: 0 };
        Row { at: None, zone: abate_model::ZoneCertainty::Stated, source: 0, locator, body: Body::Http(Box::new(http)) }
    };
    let hits = |files: &[&str], client: &'static str| {
        let (set, problems) = RuleSet::load(files.iter().map(|yaml| ("r.yml".to_owned(), (*yaml).to_owned())));
        assert_eq!(problems, Vec::new());
        (set.eval(&request(client), b"").len(), set.digest())
    };
    let bare = hits(&[rule], "192.0.2.1");
    for about in ["[r1]", "[trace]", "any"] {
        let filter = filter(about);
        // The order of the files does not matter.
        let filtered = hits(&[&filter, rule], "192.0.2.1");
        assert_eq!((bare.0, filtered.0, hits(&[rule, &filter], "192.0.2.2").0), (1, 0, 1), "{about}");
        assert_ne!(bare.1, filtered.1);
    }
    let (_, problems) = one(&filter("[other]"));
    assert_eq!(problems[0].kind, ProblemKind::Reference);
}

#[test]
fn what_a_selection_leaves_out_still_serves_correlations() {
    let rule = |id: &str, level: &str| {
        format!(
            "title: {id}\nid: {id}\nlevel: {level}\nlogsource:\n  category: webserver\ndetection:\n  s:\n    cs-method: M\n  condition: s\n"
        )
    };
    let many = "title: Many\nid: c\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [low]\n  group-by: [c-ip]\n  timespan: 1m\n  condition:\n    gte: 3\n";
    let files = [rule("low", "low"), rule("other", "low"), rule("high", "high"), many.to_owned()];
    let (mut set, problems) = RuleSet::load(files.into_iter().map(|yaml| ("r.yml".to_owned(), yaml)));
    assert_eq!((problems, set.len()), (Vec::new(), 4));
    let before = set.digest();
    set.select(&Selection { level: Some(Severity::High), ..Selection::default() });
    let left: Vec<(&str, bool)> = set.entries().map(|entry| (entry.info.id.as_str(), entry.silent)).collect();
    assert_eq!(left, [("high", false), ("low", true), ("c", false)]);
    assert_eq!(set.left_out(), 1);
    assert_ne!(set.digest(), before);
}

#[test]
fn what_cannot_be_evaluated_is_told_with_its_place() {
    let rule = |detection: &str| {
        let head = "title: T\nid: r\nlogsource:\n  category: webserver\ndetection:\n";
        one(&format!("{head}{detection}")).1
    };
    for (detection, kind, line) in [
        ("  s:\n    cs-method|expand: '%methods%'\n  condition: s\n", ProblemKind::Expression, 7),
        ("  s:\n    cs-cookie: x\n  condition: s\n", ProblemKind::Field, 7),
        ("  s:\n    cs-method|contians: x\n  condition: s\n", ProblemKind::Parse, 7),
        ("  s:\n    cs-method: x\n  condition: s and none\n", ProblemKind::Expression, 8),
        ("  s:\n    cs-method: x\n  timeframe: 1m\n  condition: s | count() > 3\n", ProblemKind::Parse, 9),
    ] {
        let problems = rule(detection);
        assert_eq!(problems.len(), 1, "{detection}: {problems:?}");
        assert_eq!((problems[0].kind, problems[0].line), (kind, Some(line)), "{}", problems[0]);
    }
}

#[test]
fn records_of_every_kind_reach_the_rules_for_them() {
    use abate_model::rows::{DnsActivity, EventLogActivity, FlowAction, HttpActivity, NetworkActivity, TimedText};
    let rule = |n: usize, logsource: &str, selection: &str| {
        format!("title: T{n}\nid: r{n}\nlogsource:\n{logsource}detection:\n  s:\n{selection}  condition: s\n")
    };
    let connection = "  product: linux\n  category: network_connection\n";
    let rules = [
        rule(0, "  category: dns\n", "    query|endswith: .example.com\n    answer: 192.0.2.2\n"),
        rule(1, "  category: firewall\n", "    dst_port: 23\n    action: accept\n"),
        rule(2, "  category: proxy\n", "    c-useragent|startswith: 'XMRig '\n"),
        rule(3, connection, "    DestinationPort: 4444\n    Initiated: 'true'\n"),
        rule(4, "  product: linux\n  category: process_creation\n", "    Image|endswith: /curl\n    ParentCommandLine|contains: sh\n"),
        rule(5, "  product: linux\n  service: auditd\n", "    type: EXECVE\n    a0: chmod\n    a1: 777\n"),
    ];
    let (set, problems) = RuleSet::load(rules.into_iter().map(|yaml| ("r.yml".to_owned(), yaml)));
    assert_eq!(problems, Vec::new());
    let hits = |body: Body<'static>, raw: &str| -> Vec<String> {
        let locator = abate_model::Locator::Record { n: 0 };
        let row = Row { at: None, zone: abate_model::ZoneCertainty::Stated, source: 0, locator, body };
        set.eval(&row, raw.as_bytes()).into_iter().map(|hit| hit.rule.id).collect()
    };
    let answers = |last: &'static str| vec!["192.0.2.1".into(), last.into()];
    let dns = |last| Body::Dns(Box::new(DnsActivity { query: "a.example.com".into(), answers: answers(last), ..DnsActivity::default() }));
    assert_eq!(hits(dns("192.0.2.2"), ""), ["r0"]);
    assert!(hits(dns("192.0.2.3"), "").is_empty());
    let flow = |action| Body::Net(NetworkActivity { dst_port: Some(23), action: Some(action), ..NetworkActivity::default() });
    assert_eq!(hits(flow(FlowAction::Accept), ""), ["r1"]);
    assert!(hits(flow(FlowAction::Reject), "").is_empty());
    let request = |target: &'static str| {
        let user_agent = Some("XMRig 6.0".into());
        Body::Http(Box::new(HttpActivity { method: "GET".into(), target: target.into(), user_agent, ..HttpActivity::default() }))
    };
    assert_eq!(hits(request("http://pool.example.com/"), ""), ["r2"]);
    assert!(hits(request("/"), "").is_empty(), "a request to our own server went through no proxy");
    let event = |id: u32, fields: &[(&str, &str)]| {
        let data: String = fields.iter().map(|(name, value)| format!("<Data Name=\"{name}\">{value}</Data>")).collect();
        let message = format!(
            "<Event><System><Provider Name=\"Linux-Sysmon\"/><EventID>{id}</EventID><Channel>Linux-Sysmon/Operational</Channel></System><EventData>{data}</EventData></Event>"
        );
        Body::Text(TimedText { program: Some("sysmon".into()), message: message.into(), ..TimedText::default() })
    };
    assert_eq!(hits(event(3, &[("DestinationPort", "4444"), ("Initiated", "true")]), "Nov 20 00:00:00 h sysmon: <Event>"), ["r3"]);
    assert_eq!(hits(event(1, &[("Image", "/usr/bin/curl"), ("ParentCommandLine", "sh x")]), "Nov 20 00:00:00 h sysmon: <Event>"), ["r4"]);
    assert!(hits(event(5, &[("DestinationPort", "4444"), ("Initiated", "true")]), "").is_empty());
    let audit = Body::Event(Box::new(EventLogActivity { channel: Some("audit".into()), ..EventLogActivity::default() }));
    let raw = "type=SYSCALL msg=audit(1.0:8): arch=c000003e syscall=42 exe=\"/usr/bin/bash\"\ntype=SOCKADDR msg=audit(1.0:8): saddr=0200115CC63364090000000000000000\ntype=EXECVE msg=audit(1.0:8): argc=3 a0=\"chmod\" a1=\"777\" a2=\"x\"";
    assert_eq!(hits(audit, raw), ["r3", "r5"]);
}
