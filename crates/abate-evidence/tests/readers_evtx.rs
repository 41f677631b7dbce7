//! Windows event logs: binary, XML, JSON.

#![allow(clippy::unwrap_used)]

mod common;

use abate_model::rows::{AuthOutcome, Direction, FlowAction, ProcessChange};
use abate_model::{Body, LossKind, ZoneCertainty};
use common::evtx::{COMPUTER, Event, Value, chunk, log, sign};
use common::{Source, single, span};

const AUDIT: (&str, &str) = ("Microsoft-Windows-Security-Auditing", "Security");
const SYSMON: (&str, &str) = ("Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational");
/// 2026-11-20T01:00:00Z
const AT: u64 = 1_795_136_400;

fn event<'e>((provider, channel): (&'e str, &'e str), id: u16, fields: &[(&'e str, Value<'e>)]) -> Event<'e> {
    Event { provider, channel, id, at: AT, user: Value::Null, user_data: None, fields: fields.to_vec() }
}

fn texts<'e>(source: (&'e str, &'e str), id: u16, fields: &[(&'e str, &'e str)]) -> Event<'e> {
    let fields: Vec<_> = fields.iter().map(|(name, text)| (*name, Value::Text(text))).collect();
    event(source, id, &fields)
}

fn failed<'e>(user: &'e str, address: &'e str) -> Event<'e> {
    let fields = [
        ("SubjectUserSid", Value::Sid(&[18])),
        ("SubjectUserName", Value::Text("-")),
        ("TargetUserSid", Value::Sid(&[21, 1, 2, 3, 500])),
        ("TargetUserName", Value::Text(user)),
        ("Status", Value::Hex32(0xc000_006d)),
        ("SubStatus", Value::Hex32(0xc000_0064)),
        ("LogonType", Value::U32(10)),
        ("LogonGuid", Value::Guid([0x22; 16])),
        ("SubjectLogonId", Value::Hex64(0x3e7)),
        ("Unset", Value::Null),
        ("KeyLength", Value::U16(128)),
        ("AuthenticationPackageName", Value::Text("NTLM")),
        ("ProcessId", Value::Hex64(0x1f4)),
        ("IpAddress", Value::Text(address)),
        ("IpPort", Value::Text("50249")),
    ];
    event(AUDIT, 4625, &fields)
}

fn bodies(events: &[Event<'_>]) -> Source {
    let source = single("Security.evtx", &log(&[chunk(events, 100)]));
    assert_eq!((source.end.format, source.end.losses.as_slice()), (Some("evtx"), &[][..]));
    assert_eq!(source.rows.len(), events.len());
    source
}

macro_rules! is {
    ($body:expr, $variant:ident) => {{
        let Body::$variant(record) = $body else { panic!("another table: {:?}", $body) };
        record
    }};
}

#[test]
fn sign_ins() {
    let users: Vec<Event<'_>> = vec![
        failed("a & <b>", "203.0.113.9"),
        texts(AUDIT, 4624, &[("TargetUserName", "bob"), ("LogonType", "3"), ("IpAddress", "::ffff:198.51.100.7"), ("IpPort", "0")]),
        texts(AUDIT, 4634, &[("TargetUserName", "bob"), ("LogonType", "10")]),
        texts(AUDIT, 4776, &[("PackageName", "MSV1_0"), ("TargetUserName", "x"), ("Workstation", "W"), ("Status", "0xC0000064")]),
        texts(AUDIT, 4768, &[("TargetUserName", "bob"), ("Status", "0x0"), ("IpAddress", "::ffff:192.0.2.1"), ("IpPort", "5")]),
        texts(AUDIT, 4771, &[("TargetUserName", "bob"), ("Status", "0x18"), ("IpAddress", "2001:db8::1")]),
        texts(AUDIT, 4778, &[("AccountName", "bob"), ("ClientAddress", "203.0.113.9"), ("ClientName", "C")]),
        Event {
            user_data: Some("EventXML"),
            ..texts(
                ("Microsoft-Windows-TerminalServices-RemoteConnectionManager", "x"),
                1149,
                &[("Param1", "bob"), ("Param2", "EX"), ("Param3", "203.0.113.9")],
            )
        },
        Event {
            user_data: Some("EventXML"),
            ..texts(
                ("Microsoft-Windows-TerminalServices-LocalSessionManager", "x"),
                21,
                &[("User", "EX\\bob"), ("SessionID", "2"), ("Address", "203.0.113.9")],
            )
        },
        texts(
            ("OpenSSH", "OpenSSH/Operational"),
            4,
            &[("process", "sshd"), ("payload", "Failed password for bob from 203.0.113.9 port 22 ssh2")],
        ),
        texts(
            ("MSSQLSERVER", "Application"),
            18456,
            &[("", "sa"), ("", " Reason: Password did not match."), ("", " [CLIENT: 203.0.113.9]")],
        ),
    ];
    let source = bodies(&users);
    let seen: Vec<_> = source
        .bodies()
        .iter()
        .map(|body| {
            let auth = is!(body, Auth);
            assert_eq!((auth.host.as_deref(), auth.attempts), (Some(COMPUTER), 1));
            let source = auth.source.map(|address| address.to_string()).unwrap_or_default();
            (auth.service.to_string(), auth.user.as_deref().unwrap_or_default().to_owned(), source, auth.outcome, auth.unknown_user)
        })
        .collect();
    use AuthOutcome::{Failure, Other, Success};
    let want = [
        ("rdp", "a & <b>", "203.0.113.9", Failure, true),
        ("windows", "bob", "198.51.100.7", Success, false),
        ("rdp", "bob", "", Other, false),
        ("ntlm", "x", "", Failure, true),
        ("kerberos", "bob", "192.0.2.1", Success, false),
        ("kerberos", "bob", "2001:db8::1", Failure, false),
        ("rdp", "bob", "203.0.113.9", Success, false),
        ("rdp", "bob", "203.0.113.9", Other, false),
        ("rdp", "EX\\bob", "203.0.113.9", Success, false),
        ("sshd", "bob", "203.0.113.9", Failure, false),
        ("mssql", "sa", "203.0.113.9", Failure, false),
    ];
    assert_eq!(seen, want.map(|(s, u, a, o, n)| (s.to_owned(), u.to_owned(), a.to_owned(), o, n)));
    let (first, raw) = &source.rows[0];
    assert_eq!((first.at.unwrap().to_string().as_str(), first.zone), ("2026-11-20T01:00:00Z", ZoneCertainty::Stated));
    let auth = is!(&first.body, Auth);
    assert_eq!((auth.source_port, auth.pid), (Some(50249), Some(500)));
    assert_eq!(auth.method.as_deref(), Some("remote interactive (10), NTLM"));
    for words in
        ["4625 sign-in failed: ", "SubjectUserSid=S-1-5-18", "TargetUserSid=S-1-5-21-1-2-3-500", "SubStatus=0xc0000064", "KeyLength=128"]
    {
        assert!(auth.message.contains(words), "{} lacks {words}", auth.message);
    }
    let xml = String::from_utf8_lossy(raw);
    assert!(xml.starts_with("<Event xmlns=") && xml.ends_with("</Event>") && xml.contains(">a &amp; &lt;b&gt;</Data>"), "{xml}");
    assert!(xml.contains("{22222222-2222-2222-2222-222222222222}"), "{xml}");
}

#[test]
fn accounts_processes_and_jobs() {
    let content = "<Task><Triggers><BootTrigger/></Triggers><Principals><UserId>S-1-5-18</UserId></Principals><Exec><Command>c:\\x.exe</Command><Arguments>-a</Arguments></Exec></Task>";
    let events = vec![
        texts(AUDIT, 4720, &[("TargetUserName", "eve"), ("TargetSid", "S-1-5-21-9"), ("SubjectUserName", "adm")]),
        texts(
            AUDIT,
            4732,
            &[("MemberName", "-"), ("MemberSid", "S-1-5-21-9"), ("TargetUserName", "Administrators"), ("SubjectUserName", "adm")],
        ),
        texts(AUDIT, 4740, &[("TargetUserName", "bob"), ("TargetSid", "S"), ("SubjectUserName", "W$")]),
        texts(
            AUDIT,
            4688,
            &[
                ("SubjectUserName", "adm"),
                ("NewProcessId", "0x10"),
                ("NewProcessName", "C:\\W\\cmd.exe"),
                ("ProcessId", "0x8"),
                ("CommandLine", "cmd /c whoami"),
                ("TargetUserName", "-"),
                ("ParentProcessName", "C:\\w3wp.exe"),
            ],
        ),
        texts(AUDIT, 4689, &[("SubjectUserName", "adm"), ("ProcessId", "0x10"), ("ProcessName", "C:\\W\\cmd.exe")]),
        texts(AUDIT, 4698, &[("SubjectUserName", "adm"), ("TaskName", "\\Upd"), ("TaskContent", content)]),
        texts(
            AUDIT,
            4697,
            &[("ServiceName", "svc"), ("ServiceFileName", "c:\\s.exe"), ("ServiceStartType", "2"), ("ServiceAccount", "LocalSystem")],
        ),
        texts(
            ("Service Control Manager", "System"),
            7045,
            &[("ServiceName", "svc"), ("ImagePath", "%COMSPEC% /c x"), ("StartType", "demand start"), ("AccountName", "LocalSystem")],
        ),
        texts(("Microsoft-Windows-TaskScheduler", "x"), 106, &[("TaskName", "\\Upd"), ("UserContext", "EX\\adm")]),
        texts(("Microsoft-Windows-TaskScheduler", "x"), 200, &[("TaskName", "\\Upd"), ("ActionName", "c:\\x.exe")]),
        texts(
            ("Microsoft-Windows-PowerShell", "p"),
            4104,
            &[("MessageNumber", "1"), ("ScriptBlockText", "IEX (New-Object Net.WebClient)")],
        ),
        texts(
            ("PowerShell", "Windows PowerShell"),
            400,
            &[("", "Available"), ("", "\tHostName=ConsoleHost\n\tHostApplication=powershell -enc AAAA\n")],
        ),
    ];
    let source = bodies(&events);
    let all = source.bodies();
    let account = |n: usize| {
        let a = is!(all[n], Account);
        (
            a.change.to_string(),
            a.user.clone().unwrap().to_string(),
            a.uid.clone().unwrap().to_string(),
            a.group.as_deref(),
            a.actor.clone().unwrap().to_string(),
        )
    };
    let owned = |a: &str, b: &str, c: &str, group, d: &str| (a.to_owned(), b.to_owned(), c.to_owned(), group, d.to_owned());
    assert_eq!(account(0), owned("created", "eve", "S-1-5-21-9", None, "adm"));
    assert_eq!(account(1), owned("group-added", "S-1-5-21-9", "S-1-5-21-9", Some("Administrators"), "adm"));
    assert_eq!(account(2), owned("locked", "bob", "S", None, "W$"));
    let run = is!(all[3], Process);
    assert_eq!((run.name.as_deref(), run.exe.as_deref(), run.command.as_ref()), (Some("cmd.exe"), Some("C:\\W\\cmd.exe"), "cmd /c whoami"));
    assert_eq!(
        (run.pid, run.parent_pid, run.parent.as_deref(), run.user.as_deref()),
        (Some(16), Some(8), Some("C:\\w3wp.exe"), Some("adm"))
    );
    assert_eq!((is!(all[4], Process).change, is!(all[4], Process).pid), (ProcessChange::End, Some(16)));
    let job = |n: usize| {
        let j = is!(all[n], Job);
        (j.change.as_ref(), j.name.as_deref().unwrap(), j.command.as_ref(), j.schedule.as_deref(), j.user.as_deref())
    };
    assert_eq!(job(5), ("defined", "\\Upd", "c:\\x.exe -a", Some("<BootTrigger/>"), Some("S-1-5-18")));
    assert_eq!(job(6), ("defined", "svc", "c:\\s.exe", Some("2"), Some("LocalSystem")));
    assert_eq!(job(7), ("defined", "svc", "%COMSPEC% /c x", Some("demand start"), Some("LocalSystem")));
    assert_eq!(job(8), ("defined", "\\Upd", "", None, Some("EX\\adm")));
    assert_eq!(job(9), ("run", "\\Upd", "c:\\x.exe", None, None));
    assert_eq!(is!(all[10], Process).command, "IEX (New-Object Net.WebClient)");
    assert_eq!(is!(all[11], Process).command, "powershell -enc AAAA");
}

#[test]
fn sysmon_and_connections() {
    let connection = [
        ("SourceAddress", "192.0.2.5"),
        ("SourcePort", "3389"),
        ("DestAddress", "203.0.113.9"),
        ("DestPort", "50000"),
        ("Protocol", "6"),
        ("Direction", "%%14592"),
    ];
    let events = vec![
        texts(
            SYSMON,
            1,
            &[
                ("Image", "C:\\a.exe"),
                ("CommandLine", "a -x"),
                ("CurrentDirectory", "C:\\"),
                ("User", "EX\\u"),
                ("Hashes", "MD5=AA,SHA256=BB"),
                ("ParentImage", "C:\\p.exe"),
                ("ProcessId", "7"),
            ],
        ),
        texts(
            SYSMON,
            3,
            &[
                ("Image", "C:\\a.exe"),
                ("Protocol", "tcp"),
                ("Initiated", "true"),
                ("SourceIp", "192.0.2.5"),
                ("SourcePort", "50000"),
                ("DestinationIp", "203.0.113.9"),
                ("DestinationPort", "443"),
            ],
        ),
        texts(
            SYSMON,
            11,
            &[
                ("Image", "C:\\a.exe"),
                ("TargetFilename", "C:\\t\\x.aspx"),
                ("CreationUtcTime", "2026-11-20 01:00:00.500"),
                ("User", "EX\\u"),
            ],
        ),
        texts(
            SYSMON,
            22,
            &[("QueryName", "c2.example.com."), ("QueryStatus", "0"), ("QueryResults", "type:  5 a.example.com;::ffff:203.0.113.9;")],
        ),
        texts(AUDIT, 5156, &connection),
        texts(AUDIT, 5157, &connection),
    ];
    let source = bodies(&events);
    let all = source.bodies();
    let run = is!(all[0], Process);
    assert_eq!(
        (run.command.as_ref(), run.cwd.as_deref(), run.parent.as_deref(), run.pid),
        ("a -x", Some("C:\\"), Some("C:\\p.exe"), Some(7))
    );
    assert_eq!(run.hashes, ["MD5=AA", "SHA256=BB"]);
    let net = |n: usize| {
        let n = is!(all[n], Net);
        assert_eq!((n.interface_id.as_deref(), n.protocol), (Some(COMPUTER), Some(6)));
        (n.src.unwrap().to_string(), n.src_port, n.dst.unwrap().to_string(), n.dst_port, n.direction, n.action)
    };
    let (own, other) = ("192.0.2.5".to_owned(), "203.0.113.9".to_owned());
    assert_eq!(net(1), (own.clone(), Some(50000), other.clone(), Some(443), Some(Direction::Egress), None));
    assert_eq!(net(4), (other.clone(), Some(50000), own.clone(), Some(3389), Some(Direction::Ingress), Some(FlowAction::Accept)));
    assert_eq!(net(5), (other, Some(50000), own, Some(3389), Some(Direction::Ingress), Some(FlowAction::Reject)));
    let file = is!(all[2], File);
    assert_eq!((file.path.as_ref(), file.change.as_ref(), file.process.as_deref()), ("C:\\t\\x.aspx", "created", Some("C:\\a.exe")));
    assert_eq!(file.made.unwrap().to_string(), "2026-11-20T01:00:00.5Z");
    let dns = is!(all[3], Dns);
    assert_eq!((dns.query.as_ref(), dns.rcode.as_deref(), dns.instance_id.as_deref()), ("c2.example.com", Some("NOERROR"), Some(COMPUTER)));
    assert_eq!(dns.answers, ["a.example.com", "203.0.113.9"]);
}

#[test]
fn the_rest_keeps_its_data() {
    let events = vec![
        Event {
            user_data: Some("LogFileCleared"),
            user: Value::Sid(&[18]),
            ..texts(("Microsoft-Windows-Eventlog", "Security"), 1102, &[("SubjectUserName", "adm")])
        },
        texts(SYSMON, 13, &[("TargetObject", "HKLM\\Run\\x"), ("Details", "c:\\x.exe")]),
        texts(("Microsoft-Windows-Windows Defender", "d"), 1116, &[("Threat Name", "T"), ("Path", "file:_C:\\x")]),
        texts(("Somebody", "Application"), 9, &[("", "one"), ("", "two")]),
    ];
    let source = bodies(&events);
    let all = source.bodies();
    let entry = is!(all[0], Event);
    assert_eq!(
        (entry.code.as_deref(), entry.record, entry.user.as_deref(), entry.pid),
        (Some("1102"), Some(100), Some("S-1-5-18"), Some(612))
    );
    assert_eq!(
        (entry.message.as_deref(), entry.data.as_deref()),
        (Some("1102 security log cleared: SubjectUserName=adm"), Some("{\"SubjectUserName\":\"adm\"}"))
    );
    assert_eq!(is!(all[1], Event).message.as_deref(), Some("13 registry value set: TargetObject=HKLM\\Run\\x Details=c:\\x.exe"));
    assert_eq!(is!(all[2], Event).message.as_deref(), Some("1116 malware detected: Threat Name=T Path=file:_C:\\x"));
    let last = is!(all[3], Event);
    assert_eq!(
        (last.provider.as_deref(), last.channel.as_deref(), last.level.as_deref()),
        (Some("Somebody"), Some("Application"), Some("0"))
    );
    assert_eq!((last.message.as_deref(), last.data.as_deref()), (Some("9: Data=one Data=two"), Some("{\"Data\":[\"one\",\"two\"]}")));
}

fn three() -> Vec<u8> {
    let events: Vec<_> = (0..5).map(|_| failed("bob", "203.0.113.9")).collect();
    log(&[chunk(&events, 1), chunk(&events, 6), chunk(&events, 11)])
}

#[test]
fn places_are_those_of_the_records() {
    let bytes = three();
    let source = single("x", &bytes);
    assert_eq!((source.rows.len(), source.losses()), (15, vec![]));
    let mut ends = vec![4096 + 512];
    for (row, _) in &source.rows {
        let place = span(row.locator);
        assert!(bytes[place.clone()].starts_with(b"\x2A\x2A\0\0"));
        assert_eq!(bytes[place.end - 4..place.end], bytes[place.start + 4..place.start + 8], "the size stands at both ends");
        ends.push(place.end);
    }
    assert_eq!(span(source.rows[5].0.locator).start, 4096 + 65536 + 512);
}

#[test]
fn damage_costs_what_it_hits() {
    let bytes = three();
    let places: Vec<_> = single("x", &bytes).rows.iter().map(|(row, _)| span(row.locator)).collect();
    // A chunk that does not begin.
    let mut damaged = bytes.clone();
    damaged[4096 + 65536] = b'X';
    let source = single("x", &damaged);
    assert_eq!((source.rows.len(), source.losses()), (10, vec![(LossKind::Malformed, 1)]));
    assert_eq!(span(source.end.losses[0].first.unwrap()), 4096 + 65536..4096 + 2 * 65536);
    // A record whose head is gone: its bytes are lost, the checksum tells of it, the others are read.
    let mut damaged = bytes.clone();
    damaged[places[2].start] = 0;
    let source = single("x", &damaged);
    assert_eq!(source.rows.len(), 14);
    assert!(source.end.losses[0].reason.contains("checksum"), "{:?}", source.end.losses);
    assert_eq!(span(source.end.losses[1].first.unwrap()), places[2]);
    assert_eq!(source.end.losses[1].bytes, places[2].len() as u64);
    // A value that was changed: only the checksum knows.
    let mut damaged = bytes.clone();
    let at = places[1].start + damaged[places[1].clone()].windows(4).position(|w| w == b"b\0o\0").unwrap();
    damaged[at] = b'r';
    let source = single("x", &damaged);
    assert_eq!((source.rows.len(), source.losses()), (15, vec![(LossKind::Malformed, 1)]));
    assert_eq!(is!(&source.rows[1].0.body, Auth).user.as_deref(), Some("rob"));
    // Tables of names and templates that lead nowhere.
    let mut damaged = bytes.clone();
    damaged[4096 + 128..4096 + 512].fill(0xFE);
    sign(&mut damaged[4096..4096 + 65536]);
    assert_eq!(single("x", &damaged).rows.len(), 15);
    // Room that was made in advance is neither a record nor lost; a chunk that is missing is told.
    let roomy = [bytes.as_slice(), &[0; 65536]].concat();
    assert_eq!((single("x", &roomy).rows.len(), single("x", &roomy).losses()), (15, vec![]));
    let source = single("x", &bytes[..4096 + 2 * 65536]);
    assert_eq!((source.rows.len(), source.losses()), (10, vec![(LossKind::Truncated, 1)]));
    assert!(source.end.losses[0].reason.contains("counts 3 chunks, 2 are here"));
}

#[test]
fn every_cut_ends_with_what_was_there() {
    let bytes = three();
    let whole = single("x", &bytes);
    for end in (0..bytes.len()).step_by(197).chain(4096..4700) {
        let source = single("x", &bytes[..end]);
        let fit = whole.rows.iter().filter(|(row, _)| span(row.locator).end <= end).count();
        assert_eq!(source.rows.len(), fit, "cut at {end}");
        assert!(source.rows.iter().zip(&whole.rows).all(|(a, b)| a == b), "cut at {end}");
        // Behind the last record there is only room.
        assert!(fit == 15 || !source.end.losses.is_empty(), "cut at {end}");
    }
}

#[test]
fn flipped_bits_never_panic_and_lose_nothing_in_silence() {
    let bytes = log(&[chunk(&[failed("bob", "203.0.113.9"), failed("eve", "203.0.113.9")], 1)]);
    let used = 4096 + 512 + single("x", &bytes).rows.iter().map(|(row, _)| span(row.locator).len()).sum::<usize>();
    for at in (0..128).chain(4096..used) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        let source = single("x", &damaged);
        let covered = |places: &mut dyn Iterator<Item = std::ops::Range<usize>>| places.map(|place| place.len()).sum::<usize>();
        let rows = covered(&mut source.rows.iter().map(|(row, _)| span(row.locator)));
        let lost: u64 = source.end.losses.iter().map(|loss| loss.bytes).sum();
        for (row, _) in &source.rows {
            assert!(damaged.get(span(row.locator)).is_some_and(|record| !record.is_empty()), "at {at}");
        }
        assert!(source.end.format != Some("evtx") || source.rows.len() == 2 || rows as u64 + lost > 0, "at {at}");
        // The checksums cover all of a chunk but its flags, of which one says that there are none.
        let flags = (4096 + 120..4096 + 124).contains(&at);
        assert!(at < 4096 || flags || !source.end.losses.is_empty(), "at {at}");
    }
}

#[test]
fn xml_as_it_is_exported() {
    let bytes = include_bytes!("../fixtures/windows-xml/viewer.in");
    let source = single("x", bytes);
    assert_eq!((source.end.format, source.rows.len()), (Some("windows-xml"), 3), "{:?}", source.end.losses);
    assert_eq!(source.losses(), [(LossKind::Malformed, 1), (LossKind::Malformed, 1), (LossKind::Malformed, 1), (LossKind::Truncated, 1)]);
    for (row, raw) in &source.rows {
        assert_eq!(&bytes[span(row.locator)], raw.as_slice());
    }
    let auth = is!(&source.rows[0].0.body, Auth);
    assert_eq!((auth.user.as_deref(), auth.source.unwrap().to_string().as_str()), (Some("a & b"), "203.0.113.9"));
    assert_eq!(source.times()[0].as_deref(), Some("2026-11-20T01:00:00.1234567Z"));
    assert_eq!(auth.message, "4625 sign-in failed: An account failed to log on.");
    assert_eq!(is!(&source.rows[1].0.body, Event).code.as_deref(), Some("1102"));
    assert_eq!(is!(&source.rows[2].0.body, Process).command, "cmd /c \"a > b\"");
    let printed = single("x", include_bytes!("../fixtures/windows-xml/wevtutil.in"));
    assert_eq!((printed.end.format, printed.rows.len(), printed.losses()), (Some("windows-xml"), 2, vec![]));
}

#[test]
fn an_event_that_is_too_long_is_lost_alone() {
    let event = include_str!("../fixtures/windows-xml/wevtutil.in").lines().next().unwrap();
    let long = event.replace("whoami", &"x".repeat(300_000));
    let text = [event, &long, event].concat();
    let limits = abate_evidence::Limits { max_line: 100_000, ..abate_evidence::Limits::default() };
    let all = common::visit_with("x", text.as_bytes(), &limits);
    assert_eq!(all[0].rows.len(), 2);
    assert_eq!(all[0].end.losses[0].kind, LossKind::OverLimit);
    let lost: u64 = all[0].end.losses.iter().map(|loss| loss.bytes).sum();
    assert_eq!(lost, long.len() as u64, "every byte of it");
}

#[test]
fn json_in_its_forms() {
    for (bytes, rows) in [
        (&include_bytes!("../fixtures/windows-json/lines.in")[..], 2),
        (include_bytes!("../fixtures/windows-json/beat.in"), 1),
        (include_bytes!("../fixtures/windows-json/flat.in"), 2),
    ] {
        let source = single("x", bytes);
        assert_eq!((source.end.format, source.rows.len()), (Some("windows-json"), rows), "{:?}", source.end.losses);
        let auth = is!(&source.rows[0].0.body, Auth);
        assert_eq!((auth.user.as_deref(), auth.outcome), (Some("bob"), AuthOutcome::Failure));
        assert_eq!(auth.source.unwrap().to_string(), "203.0.113.9");
        assert_eq!(source.times()[0].as_deref(), Some("2026-11-20T01:00:00Z"));
    }
    let lines = single("x", include_bytes!("../fixtures/windows-json/lines.in"));
    assert_eq!(lines.losses(), [(LossKind::Malformed, 1)]);
    let flat = single("x", include_bytes!("../fixtures/windows-json/flat.in"));
    assert_eq!(flat.rows[1].0.zone, ZoneCertainty::Assumed, "NXLog writes EventTime without a zone");
}
