//! Events of Windows logs as Sigma rules name them: the fields are the event's own, beside `EventID`, `Channel`, `Provider_Name`
//! and `Computer`. Rules for a kind of event use Sysmon's names, so that the same event of the Security log gets these names too.

use abate_model::WindowsEvent;
use serde_json::{Map, Value};

/// Logs by the name that rules give them.
const SERVICES: &[(&str, &[&str])] = &[
    ("security", &["Security"]),
    ("system", &["System"]),
    ("application", &["Application"]),
    ("sysmon", &["Microsoft-Windows-Sysmon/Operational"]),
    ("powershell", &["Microsoft-Windows-PowerShell/Operational", "PowerShellCore/Operational"]),
    ("powershell-classic", &["Windows PowerShell"]),
    ("taskscheduler", &["Microsoft-Windows-TaskScheduler/Operational"]),
    ("windefend", &["Microsoft-Windows-Windows Defender/Operational"]),
    ("openssh", &["OpenSSH/Operational"]),
    ("terminalservices-localsessionmanager", &["Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"]),
    ("wmi", &["Microsoft-Windows-WMI-Activity/Operational"]),
    ("ntlm", &["Microsoft-Windows-NTLM/Operational"]),
    ("dns-server", &["DNS Server"]),
    ("dns-server-analytic", &["Microsoft-Windows-DNS-Server/Analytical"]),
    ("dns-server-audit", &["Microsoft-Windows-DNS-Server/Audit"]),
    ("dns-client", &["Microsoft-Windows-DNS Client Events/Operational", "Microsoft-Windows-DNS-Client/Operational"]),
    ("firewall-as", &["Microsoft-Windows-Windows Firewall With Advanced Security/Firewall"]),
    ("bits-client", &["Microsoft-Windows-Bits-Client/Operational"]),
    ("smbclient-security", &["Microsoft-Windows-SmbClient/Security"]),
    ("smbclient-connectivity", &["Microsoft-Windows-SmbClient/Connectivity"]),
    ("smbserver-connectivity", &["Microsoft-Windows-SMBServer/Connectivity"]),
    (
        "applocker",
        &[
            "Microsoft-Windows-AppLocker/EXE and DLL",
            "Microsoft-Windows-AppLocker/MSI and Script",
            "Microsoft-Windows-AppLocker/Packaged app-Deployment",
            "Microsoft-Windows-AppLocker/Packaged app-Execution",
        ],
    ),
    ("msexchange-management", &["MSExchange Management"]),
    ("driver-framework", &["Microsoft-Windows-DriverFrameworks-UserMode/Operational"]),
    ("codeintegrity-operational", &["Microsoft-Windows-CodeIntegrity/Operational"]),
    ("security-mitigations", &["Microsoft-Windows-Security-Mitigations/Kernel Mode", "Microsoft-Windows-Security-Mitigations/User Mode"]),
    ("printservice-admin", &["Microsoft-Windows-PrintService/Admin"]),
    ("printservice-operational", &["Microsoft-Windows-PrintService/Operational"]),
    ("shell-core", &["Microsoft-Windows-Shell-Core/Operational"]),
    ("appxdeployment-server", &["Microsoft-Windows-AppXDeploymentServer/Operational"]),
    ("appxpackaging-om", &["Microsoft-Windows-AppxPackaging/Operational"]),
    ("appmodel-runtime", &["Microsoft-Windows-AppModel-Runtime/Admin"]),
    ("capi2", &["Microsoft-Windows-CAPI2/Operational"]),
    ("certificateservicesclient-lifecycle-system", &["Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational"]),
    ("diagnosis-scripted", &["Microsoft-Windows-Diagnosis-Scripted/Operational"]),
    ("ldap", &["Microsoft-Windows-LDAP-Client/Debug"]),
    ("lsa-server", &["Microsoft-Windows-LSA/Operational"]),
    ("microsoft-servicebus-client", &["Microsoft-ServiceBus-Client"]),
    ("iis-configuration", &["Microsoft-IIS-Configuration/Operational"]),
];

/// Sysmon's events by the kind that rules give them.
const SYSMON: &[(u32, &[&str])] = &[
    (1, &["process_creation"]),
    (2, &["file_change"]),
    (3, &["network_connection"]),
    (4, &["sysmon_status"]),
    (5, &["process_termination"]),
    (6, &["driver_load"]),
    (7, &["image_load"]),
    (8, &["create_remote_thread"]),
    (9, &["raw_access_thread"]),
    (10, &["process_access"]),
    (11, &["file_event"]),
    (12, &["registry_event", "registry_add", "registry_delete"]),
    (13, &["registry_event", "registry_set"]),
    (14, &["registry_event", "registry_rename"]),
    (15, &["create_stream_hash"]),
    (16, &["sysmon_status"]),
    (17, &["pipe_created"]),
    (18, &["pipe_created"]),
    (19, &["wmi_event"]),
    (20, &["wmi_event"]),
    (21, &["wmi_event"]),
    (22, &["dns_query"]),
    (23, &["file_delete"]),
    (25, &["process_tampering"]),
    (26, &["file_delete"]),
    (27, &["file_block_executable"]),
    (29, &["file_executable_detected"]),
    (255, &["sysmon_error"]),
];

/// Kinds of events that a rule may ask for.
pub(super) const CATEGORIES: &[&str] = &[
    "process_creation",
    "file_change",
    "network_connection",
    "sysmon_status",
    "process_termination",
    "driver_load",
    "image_load",
    "create_remote_thread",
    "raw_access_thread",
    "process_access",
    "file_event",
    "registry_event",
    "registry_add",
    "registry_delete",
    "registry_set",
    "registry_rename",
    "create_stream_hash",
    "pipe_created",
    "wmi_event",
    "dns_query",
    "file_delete",
    "process_tampering",
    "file_block_executable",
    "file_executable_detected",
    "sysmon_error",
    "ps_script",
    "ps_module",
    "ps_classic_start",
    "ps_classic_provider_start",
];

/// Whether rules call a log so.
pub(super) fn is_service(name: &str) -> bool {
    SERVICES.iter().any(|(service, _)| *service == name)
}

/// What rules call a log.
pub(super) fn service(channel: &str) -> Option<&'static str> {
    SERVICES.iter().find(|(_, channels)| channels.iter().any(|c| c.eq_ignore_ascii_case(channel))).map(|(service, _)| *service)
}

/// The kinds that an event is of.
pub(super) fn categories(event: &WindowsEvent<'_>) -> &'static [&'static str] {
    match (service(&event.channel), event.id) {
        // Adding and deleting have one number.
        (Some("sysmon"), 12) if event.get("EventType").is_some_and(|kind| kind.starts_with("Delete")) => {
            &["registry_event", "registry_delete"]
        }
        (Some("sysmon"), 12) => &["registry_event", "registry_add"],
        (Some("sysmon"), id) => SYSMON.iter().find(|(number, _)| *number == id).map_or(&[], |(_, categories)| categories),
        (Some("security"), 4688) => &["process_creation"],
        (Some("security"), 4689) => &["process_termination"],
        (Some("security"), 5156) => &["network_connection"],
        (Some("powershell"), 4103) => &["ps_module"],
        (Some("powershell"), 4104) => &["ps_script"],
        (Some("powershell-classic"), 400) => &["ps_classic_start"],
        (Some("powershell-classic"), 600) => &["ps_classic_provider_start"],
        _ => &[],
    }
}

/// The event that rules see.
pub(super) fn value(event: &WindowsEvent<'_>) -> Value {
    let mut all = event.data();
    match (event.channel.as_ref(), event.id) {
        ("Security", 4688) => process(event, &mut all),
        ("Security", 5156) => connection(event, &mut all),
        _ => {}
    }
    all.insert("EventID".to_owned(), Value::from(event.id));
    for (name, text) in [("Channel", Some(&event.channel)), ("Provider_Name", Some(&event.provider)), ("Computer", event.computer.as_ref())]
    {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            all.insert(name.to_owned(), Value::from(text.as_ref()));
        }
    }
    if let Some(message) = &event.message {
        all.insert("Message".to_owned(), Value::from(message.as_ref()));
    }
    Value::Object(all)
}

fn put(all: &mut Map<String, Value>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        all.insert(name.to_owned(), Value::from(value));
    }
}

/// The start of a process in the Security log, under Sysmon's names.
fn process(event: &WindowsEvent<'_>, all: &mut Map<String, Value>) {
    put(all, "Image", event.get("NewProcessName"));
    put(all, "ParentImage", event.get("ParentProcessName"));
    let user = event.get("SubjectUserName").map(|user| match event.get("SubjectDomainName") {
        Some(domain) => format!("{domain}\\{user}"),
        None => user.to_owned(),
    });
    put(all, "User", user.as_deref());
    let level = match event.get("MandatoryLabel") {
        Some("S-1-16-4096") => Some("Low"),
        Some("S-1-16-8192") => Some("Medium"),
        Some("S-1-16-12288") => Some("High"),
        Some("S-1-16-16384") => Some("System"),
        _ => None,
    };
    put(all, "IntegrityLevel", level);
}

/// A connection in the Security log, whose source is always the machine itself.
fn connection(event: &WindowsEvent<'_>, all: &mut Map<String, Value>) {
    let out = event.get("Direction") == Some("%%14593");
    let (own, other) = (("SourceAddress", "SourcePort"), ("DestAddress", "DestPort"));
    let (from, to) = if out { (own, other) } else { (other, own) };
    put(all, "Image", event.get("Application"));
    put(all, "Initiated", Some(if out { "true" } else { "false" }));
    put(all, "SourceIp", event.get(from.0));
    put(all, "SourcePort", event.get(from.1));
    put(all, "DestinationIp", event.get(to.0));
    put(all, "DestinationPort", event.get(to.1));
}

#[cfg(test)]
mod tests {
    use abate_model::rows::TimedText;
    use abate_model::{Body, Locator, Row, ZoneCertainty};

    use super::super::RuleSet;
    use super::*;

    fn hits(logsource: &str, selection: &str, raw: &str) -> usize {
        let yaml = format!("title: T\nid: t\nlogsource:\n{logsource}\ndetection:\n  s:\n{selection}\n  condition: s\n");
        let (set, problems) = RuleSet::load(std::iter::once(("t.yml".to_owned(), yaml)));
        assert!(problems.is_empty(), "{problems:?}");
        let body = Body::Text(TimedText::default());
        let row = Row { at: None, zone: ZoneCertainty::Stated, source: 0, locator: Locator::Bytes { offset: 0, length: 1 }, body };
        set.eval(&row, raw.as_bytes()).len()
    }

    fn event(provider: &str, channel: &str, id: u32, fields: &[(&str, &str)]) -> String {
        let data: String = fields.iter().map(|(name, value)| format!("<Data Name='{name}'>{value}</Data>")).collect();
        format!(
            "<Event xmlns='x'><System><Provider Name='{provider}'/><EventID>{id}</EventID><Channel>{channel}</Channel></System><EventData>{data}</EventData></Event>"
        )
    }

    #[test]
    fn rules_see_the_fields_of_an_event() {
        let failed = event("P", "Security", 4625, &[("LogonType", "3"), ("TargetUserName", "Administrator"), ("SubStatus", "0xc000006a")]);
        let security = "  product: windows\n  service: security";
        assert_eq!(hits(security, "    EventID: 4625\n    LogonType: 3\n    SubStatus: '0xC000006A'", &failed), 1);
        assert_eq!(hits(security, "    EventID: 4624", &failed), 0);
        assert_eq!(hits("  product: windows\n  service: system", "    EventID: 4625", &failed), 0);
        assert_eq!(hits("  product: windows", "    Provider_Name: P", &failed), 1);
        let json = r#"{"EventID":4625,"Channel":"Security","Hostname":"h","LogonType":3}"#;
        assert_eq!(hits(security, "    EventID: 4625\n    LogonType: 3", json), 1);
        assert_eq!(hits("  product: linux", "    message|contains: '4625'", &failed), 0, "no line of Linux");
    }

    #[test]
    fn kinds_have_the_same_names_whoever_wrote_the_event() {
        let started = "  category: process_creation\n  product: windows";
        let rule = "    Image|endswith: '\\cmd.exe'\n    ParentImage|endswith: '\\w3wp.exe'\n    CommandLine|contains: whoami";
        let sysmon = [("Image", "C:\\cmd.exe"), ("ParentImage", "C:\\w3wp.exe"), ("CommandLine", "cmd /c whoami")];
        let audit = [("NewProcessName", "C:\\cmd.exe"), ("ParentProcessName", "C:\\w3wp.exe"), ("CommandLine", "cmd /c whoami")];
        assert_eq!(hits(started, rule, &event("Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational", 1, &sysmon)), 1);
        assert_eq!(hits(started, rule, &event("A", "Security", 4688, &audit)), 1);
        let incoming = [("Direction", "%%14592"), ("SourceAddress", "192.0.2.1"), ("SourcePort", "3389"), ("DestAddress", "203.0.113.9")];
        let rule = "    Initiated: 'false'\n    SourceIp: 203.0.113.9\n    DestinationPort: 3389";
        assert_eq!(hits("  category: network_connection\n  product: windows", rule, &event("A", "Security", 5156, &incoming)), 1);
        let registry = |kind| event("S", "Microsoft-Windows-Sysmon/Operational", 12, &[("EventType", kind), ("TargetObject", "HKLM\\x")]);
        let deleted = "  category: registry_delete\n  product: windows";
        assert_eq!(hits(deleted, "    TargetObject|contains: HKLM", &registry("DeleteKey")), 1);
        assert_eq!(hits(deleted, "    TargetObject|contains: HKLM", &registry("CreateKey")), 0);
        assert!(SYSMON.iter().flat_map(|(_, kinds)| *kinds).all(|kind| CATEGORIES.contains(kind)));
    }
}
