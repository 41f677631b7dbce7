//! The Security channel of a Windows server, exported as XML (`wevtutil qe /f:xml`) or shipped as JSON lines (the shape of
//! winlogbeat). One event is one line in both.

use serde_json::{Map, json};

use crate::clock::{self, HOUR, Second, Zone};
use crate::folder::Record;
use crate::replay::Ordinary;
use crate::rng::Rng;
use crate::scatter::Scattered;
use crate::world::World;

const NAMES: &[&str] = &["ADMINISTRATOR", "ADMIN", "USER", "TEST", "SCANNER", "SUPPORT", "BACKUP", "SQL", "REMOTE", "GUEST"];

/// How a server's events are written.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    /// name of the computer
    pub(crate) computer: String,
    /// JSON lines instead of XML
    pub(crate) json: bool,
}

impl Channel {
    /// An event of the Security channel. Its number grows with the time.
    pub(crate) fn event(&self, at: Second, id: u16, data: &[(&str, &str)]) -> Record {
        // Which of the events of a second it is, its content decides.
        let mix = data.iter().flat_map(|(_, value)| value.bytes()).fold(i64::from(id), |mix, byte| (mix * 31 + i64::from(byte)) % 8_191);
        let record = (at - 1_788_000_000) * 64 + mix % 64;
        let time = format!("{}.{:06}7Z", Zone::UTC.show(at, "%Y-%m-%dT%H:%M:%S"), clock::fraction(at));
        let (task, keywords) = match id {
            4625 => (12_544, "0x8010000000000000"),
            4688 => (13_312, "0x8020000000000000"),
            4720 | 4732 => (13_824, "0x8020000000000000"),
            _ => (12_544, "0x8020000000000000"),
        };
        if self.json {
            let fields: Map<_, _> = data.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            let event = json!({
                "@timestamp": time, "event": {"code": id.to_string(), "provider": "Microsoft-Windows-Security-Auditing"},
                "host": {"name": self.computer}, "winlog": {
                    "channel": "Security", "computer_name": self.computer, "event_id": id.to_string(), "record_id": record,
                    "provider_name": "Microsoft-Windows-Security-Auditing", "event_data": fields
                }
            });
            return Record::plain(at, event.to_string());
        }
        let fields: String = data.iter().map(|(name, value)| format!("<Data Name='{name}'>{}</Data>", escaped(value))).collect();
        let text = format!(
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing' \
             Guid='{{54849625-5478-4994-a5ba-3e3b0328c30d}}'/><EventID>{id}</EventID><Version>2</Version><Level>0</Level><Task>{task}</Task>\
             <Opcode>0</Opcode><Keywords>{keywords}</Keywords><TimeCreated SystemTime='{time}'/><EventRecordID>{record}</EventRecordID>\
             <Correlation/><Execution ProcessID='688' ThreadID='4212'/><Channel>Security</Channel><Computer>{}</Computer><Security/></System>\
             <EventData>{fields}</EventData></Event>",
            self.computer
        );
        Record::plain(at, text)
    }

    /// A wrong password over the network, as remote desktop asks for it before a session.
    pub(crate) fn failure(&self, at: Second, user: &str, exists: bool, from: &str) -> Record {
        let status = if exists { "0xc000006a" } else { "0xc0000064" };
        let data = [
            ("SubjectUserSid", "S-1-0-0"),
            ("SubjectUserName", "-"),
            ("TargetUserSid", "S-1-0-0"),
            ("TargetUserName", user),
            ("TargetDomainName", ""),
            ("Status", "0xc000006d"),
            ("FailureReason", "%%2313"),
            ("SubStatus", status),
            ("LogonType", "3"),
            ("LogonProcessName", "NtLmSsp "),
            ("AuthenticationPackageName", "NTLM"),
            ("WorkstationName", "-"),
            ("IpAddress", from),
            ("IpPort", "0"),
        ];
        self.event(at, 4625, &data)
    }

    /// A logon: type 3 over the network, 5 of a service, 10 of remote desktop.
    pub(crate) fn logon(&self, at: Second, user: &str, kind: u8, from: &str) -> Record {
        let (logon, number) = (format!("0x{:x}", 0x1a_0000 + at % 0xf_ffff), kind.to_string());
        let (process, package) = if kind == 3 { ("NtLmSsp ", "NTLM") } else { ("User32 ", "Negotiate") };
        let data = [
            ("SubjectUserSid", "S-1-5-18"),
            ("SubjectUserName", "WIN1$"),
            ("TargetUserSid", "S-1-5-21-1004336348-1177238915-682003330-1107"),
            ("TargetUserName", user),
            ("TargetDomainName", "WIN1"),
            ("TargetLogonId", logon.as_str()),
            ("LogonType", number.as_str()),
            ("LogonProcessName", process),
            ("AuthenticationPackageName", package),
            ("WorkstationName", "-"),
            ("IpAddress", from),
            ("IpPort", "0"),
        ];
        self.event(at, 4624, &data)
    }

    /// A program that was started.
    pub(crate) fn started(&self, at: Second, user: &str, image: &str, parent: &str, command: &str) -> Record {
        let pid = format!("0x{:x}", 0x1000 + at % 0xfff);
        let data = [
            ("SubjectUserName", user),
            ("SubjectDomainName", "WIN1"),
            ("NewProcessId", pid.as_str()),
            ("NewProcessName", image),
            ("TokenElevationType", "%%1936"),
            ("CommandLine", command),
            ("ParentProcessName", parent),
        ];
        self.event(at, 4688, &data)
    }

    /// What a server on the Internet logs every day: services, the administrator at the office, and strangers who guess.
    pub(crate) fn days(&self, count: u32, span: (Second, Second)) -> Option<Box<dyn Ordinary>> {
        let channel = self.clone();
        Scattered::boxed(count, span, move |world: &World, rng: &mut Rng, at| match rng.range(0, 99) {
            0..=24 => vec![channel.logon(at, "SYSTEM", 5, "-")],
            25..=29 => {
                vec![channel.logon(at, &world.admin.name, 3, &world.office), channel.logon(at, &world.admin.name, 10, &world.office)]
            }
            30..=39 => {
                let image = rng.pick(&[
                    "C:\\Windows\\System32\\svchost.exe",
                    "C:\\Windows\\System32\\taskhostw.exe",
                    "C:\\Program Files\\Amazon\\SSM\\ssm-agent-worker.exe",
                ]);
                vec![channel.started(at, "WIN1$", image, "C:\\Windows\\System32\\services.exe", image)]
            }
            _ => {
                let (user, from) = (rng.pick(NAMES), rng.stranger().to_string());
                vec![channel.failure(at, user, user == "ADMINISTRATOR", &from)]
            }
        })
    }

    /// The administrator mistypes a password at the office, and then remembers it.
    pub(crate) fn mistyped(&self, world: &World, rng: &mut Rng, at: Second) -> Vec<Record> {
        let (user, office) = (world.admin.name.as_str(), world.office.as_str());
        let tries = rng.range(3, 6);
        let mut events: Vec<Record> = (0..tries)
            .map(|n| self.failure(at + 7 * n, user, true, office).decoy("the administrator mistypes a password at the office"))
            .collect();
        let then = at + 7 * tries + 4;
        events.push(self.logon(then, user, 3, office).decoy("the administrator gets it right; this is no guessed password"));
        events.push(self.logon(then + 1, user, 10, office).aside());
        events
    }
}

/// A backup that a task starts at night.
pub(crate) fn backup(channel: &Channel, at: Second) -> Record {
    let at = clock::floor(at, HOUR) + 120;
    let command = "powershell.exe -NoProfile -ExecutionPolicy Bypass -File C:\\scripts\\nightly-backup.ps1";
    let image = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe";
    channel.started(at, "WIN1$", image, "C:\\Windows\\System32\\svchost.exe", command).decoy("the nightly backup, which a task starts")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
