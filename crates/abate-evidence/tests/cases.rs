//! Real logs, where they are at hand: no panic, and nothing vanishes.

mod common;

use std::path::{Path, PathBuf};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn every_file_gives_records_or_losses() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases");
    let mut found = Vec::new();
    for case in std::fs::read_dir(&cases).into_iter().flatten().flatten() {
        files(&case.path().join("logs"), &mut found);
    }
    for path in found {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.strip_prefix(&cases).unwrap().display().to_string();
        let all = common::visit(&name, &bytes);
        assert!(!all.is_empty(), "{name}");
        for source in all.iter().filter(|s| s.end.bytes > 0) {
            let lost: u64 = source.end.losses.iter().map(|l| l.count).sum();
            assert!(source.rows.len() as u64 + lost > 0, "{name}");
        }
    }
}

/// Where we count otherwise than a case does: what we read, what we count as lost, and why.
const COUNTED_OTHERWISE: &[(&str, u64, u64, &str)] = &[
    ("baseline-ec2-centos7-phpbb-multilog", 1655, 0, "it counts lines; 431 lines of auditd are 345 events"),
    ("ec2-ssh-honeypot-mit-a", 1782, 0, "it counts events of Cowrie; its log has the 1,722 + 60 sign-ins among them"),
    ("fail2ban-filter-lines", 432, 0, "it counts lines; 6 lines in syslog's form between those of error logs go to the record before them"),
    ("panther-rule-unit-events", 303, 71, "events of other products, and events whose keys were renamed: each named as lost"),
    ("ssh-bruteforce-ec2-secrepo-sample", 10566, 1, "the last line is cut off, which it does not count"),
];

#[test]
fn counts_are_those_of_the_cases() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases");
    for case in std::fs::read_dir(&cases).into_iter().flatten().flatten() {
        let name = case.file_name().to_string_lossy().into_owned();
        let Ok(truth) = std::fs::read_to_string(case.path().join("truth.json")) else { continue };
        let truth: serde_json::Value = serde_json::from_str(&truth).unwrap();
        let count = &truth["n_events"];
        let sum = |keys: &[&str]| keys.iter().map(|key| count[key].as_u64()).sum::<Option<u64>>();
        // Of what was made from captures, the lines of flow logs count, and the rows of syslog beside them.
        let stated = count.as_u64().or_else(|| sum(&["syslog_rows", "flow_lines"])).or_else(|| sum(&["flow_lines"]));
        let Some(stated) = stated.filter(|_| !name.starts_with("notice-")) else { continue };
        let mut found = Vec::new();
        files(&case.path().join("logs"), &mut found);
        let (mut read, mut lost) = (0, 0);
        for path in found {
            for source in common::visit(&path.display().to_string(), &std::fs::read(&path).unwrap()) {
                // A record may be several rows.
                let mut places: Vec<_> = source.rows.iter().map(|(row, _)| row.locator.to_string()).collect();
                places.dedup();
                read += places.len() as u64;
                lost += source.end.losses.iter().map(|loss| loss.count).sum::<u64>();
            }
        }
        match COUNTED_OTHERWISE.iter().find(|(case, ..)| *case == name) {
            Some((_, ours, gone, why)) => assert_eq!((read, lost), (*ours, *gone), "{name}: {why}"),
            None => assert_eq!((read, lost), (stated, 0), "{name}"),
        }
    }
}

/// Events of the logs, as the cases and another reader count them.
#[test]
fn windows_logs_give_every_event() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases");
    for (name, events) in [
        ("evtx-mssql-bruteforce-sa/logs/Application.evtx", 27),
        ("evtx-smb-password-guessing/logs/Security.evtx", 3561),
        ("evtx-new-admin-user-and-log-clear/logs/Security-newuser.evtx", 4),
        ("evtx-new-admin-user-and-log-clear/logs/Security-1102.evtx", 112),
        ("evtx-rdp-tunneling/logs/TerminalServices-1149.evtx", 228),
        ("evtx-rdp-tunneling/logs/Security-4624.evtx", 18),
        ("evtx-rdp-tunneling/logs/Security-5156.evtx", 101),
        ("evtx-openssh-bruteforce-valid-users/logs/Security.evtx", 11),
        ("evtx-openssh-bruteforce-valid-users/logs/OpenSSH-Operational.evtx", 7),
        ("evtx-iis-webshell/logs/Sysmon.evtx", 4),
        ("evtx-iis-webshell/logs/Sysmon-appcmd.evtx", 40),
    ] {
        let Ok(bytes) = std::fs::read(cases.join(name)) else { continue };
        let source = common::single(name, &bytes);
        assert_eq!((source.end.format, source.rows.len(), source.losses()), (Some("evtx"), events, vec![]), "{name}");
        if name.contains("smb-password") {
            let auths: Vec<_> = source
                .bodies()
                .into_iter()
                .filter_map(|body| if let abate_model::Body::Auth(auth) = body { Some(auth) } else { None })
                .collect();
            let from = "192.168.198.149".parse().ok();
            assert_eq!(auths.iter().filter(|auth| auth.source == from).count(), 3561);
            assert_eq!(auths.iter().filter(|auth| auth.user.as_deref() == Some("Administrator")).count(), 3560);
        }
    }
}
