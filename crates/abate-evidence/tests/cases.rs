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
