//! What the numbers of Windows' events mean, in words: the log holds only what is filled into them.

/// The meaning of an event, for those that matter after an intrusion.
pub(super) fn title(provider: &str, id: u32) -> Option<&'static str> {
    let table = match provider {
        "Microsoft-Windows-Security-Auditing" | "Security" => SECURITY,
        "Microsoft-Windows-Sysmon" => SYSMON,
        "Microsoft-Windows-Eventlog" => EVENT_LOG,
        "Microsoft-Windows-Windows Defender" => DEFENDER,
        "Microsoft-Windows-TerminalServices-LocalSessionManager" => SESSIONS,
        "Microsoft-Windows-TerminalServices-RemoteConnectionManager" => REMOTE,
        "Service Control Manager" => SERVICES,
        provider if provider.starts_with("MSSQL") => SQL_SERVER,
        _ => return None,
    };
    table.iter().find(|(number, _)| *number == id).map(|(_, title)| *title)
}

/// The kind of a sign-in.
pub(super) fn logon_type(number: u32) -> Option<&'static str> {
    Some(match number {
        2 => "interactive",
        3 => "network",
        4 => "batch",
        5 => "service",
        7 => "unlock",
        8 => "network cleartext",
        9 => "new credentials",
        10 => "remote interactive",
        11 => "cached interactive",
        12 => "cached remote interactive",
        13 => "cached unlock",
        _ => return None,
    })
}

type Titles = &'static [(u32, &'static str)];

const SECURITY: Titles = &[
    (4608, "Windows started"),
    (4616, "system time changed"),
    (4624, "sign-in succeeded"),
    (4625, "sign-in failed"),
    (4634, "session ended"),
    (4647, "user signed out"),
    (4648, "sign-in with explicit credentials"),
    (4656, "handle to an object requested"),
    (4657, "registry value changed"),
    (4663, "object accessed"),
    (4672, "special privileges given to a new sign-in"),
    (4688, "process started"),
    (4689, "process ended"),
    (4697, "service installed"),
    (4698, "scheduled task created"),
    (4699, "scheduled task deleted"),
    (4700, "scheduled task enabled"),
    (4701, "scheduled task disabled"),
    (4702, "scheduled task changed"),
    (4719, "audit policy changed"),
    (4720, "user created"),
    (4722, "user enabled"),
    (4723, "change of a user's own password tried"),
    (4724, "reset of a user's password tried"),
    (4725, "user disabled"),
    (4726, "user deleted"),
    (4728, "member added to a global group"),
    (4729, "member removed from a global group"),
    (4732, "member added to a local group"),
    (4733, "member removed from a local group"),
    (4738, "user changed"),
    (4740, "user locked out"),
    (4756, "member added to a universal group"),
    (4757, "member removed from a universal group"),
    (4767, "user unlocked"),
    (4768, "Kerberos ticket-granting ticket requested"),
    (4769, "Kerberos service ticket requested"),
    (4771, "Kerberos pre-authentication failed"),
    (4776, "credentials checked (NTLM)"),
    (4778, "session reconnected"),
    (4779, "session disconnected"),
    (4798, "groups of a user listed"),
    (4799, "members of a group listed"),
    (4946, "firewall rule added"),
    (4948, "firewall rule deleted"),
    (5140, "network share accessed"),
    (5145, "access to a file of a network share checked"),
    (5156, "connection allowed"),
    (5157, "connection blocked"),
    (5158, "bind to a local port allowed"),
];

const SYSMON: Titles = &[
    (1, "process started"),
    (2, "file creation time changed"),
    (3, "network connection"),
    (4, "Sysmon service changed state"),
    (5, "process ended"),
    (6, "driver loaded"),
    (7, "image loaded"),
    (8, "thread created in another process"),
    (9, "raw read of a disk"),
    (10, "process accessed another"),
    (11, "file created"),
    (12, "registry object added or deleted"),
    (13, "registry value set"),
    (14, "registry object renamed"),
    (15, "file stream created"),
    (16, "Sysmon configuration changed"),
    (17, "pipe created"),
    (18, "pipe connected"),
    (19, "WMI event filter registered"),
    (20, "WMI event consumer registered"),
    (21, "WMI consumer bound to a filter"),
    (22, "DNS query"),
    (23, "file deleted, copy kept"),
    (24, "clipboard changed"),
    (25, "process image changed"),
    (26, "file deleted"),
    (27, "executable file blocked"),
    (28, "shredding of a file blocked"),
    (29, "executable file created"),
    (255, "error of Sysmon"),
];

const EVENT_LOG: Titles = &[
    (104, "event log cleared"),
    (1100, "event logging service shut down"),
    (1101, "audit events dropped"),
    (1102, "security log cleared"),
    (1104, "security log full"),
];

const DEFENDER: Titles = &[
    (1006, "malware found by a scan"),
    (1007, "action taken against malware"),
    (1015, "suspicious behaviour found"),
    (1116, "malware detected"),
    (1117, "action taken against malware"),
    (1118, "action against malware failed"),
    (1119, "critical error of an action against malware"),
    (5001, "real-time protection disabled"),
    (5004, "real-time protection changed"),
    (5007, "configuration changed"),
    (5010, "scanning for malware disabled"),
    (5012, "scanning for viruses disabled"),
    (5013, "change blocked by tamper protection"),
];

const SESSIONS: Titles = &[
    (21, "remote session: sign-in succeeded"),
    (22, "remote session: shell started"),
    (23, "remote session: signed out"),
    (24, "remote session: disconnected"),
    (25, "remote session: reconnected"),
    (39, "remote session: disconnected by another session"),
    (40, "remote session: disconnected, with a reason"),
];

const REMOTE: Titles = &[(261, "connection to the RDP listener"), (1149, "RDP connection with credentials accepted")];

const SERVICES: Titles = &[
    (7034, "service stopped unexpectedly"),
    (7036, "service changed state"),
    (7040, "start type of a service changed"),
    (7045, "service installed"),
];

const SQL_SERVER: Titles = &[
    (18453, "SQL Server sign-in succeeded"),
    (18454, "SQL Server sign-in succeeded"),
    (18456, "SQL Server sign-in failed"),
    (33205, "SQL Server audit"),
];
