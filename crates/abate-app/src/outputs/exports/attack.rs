//! Names and tactics of the ATT&CK techniques that findings name. A technique that is not here is written with its id alone.
//!
//! Source: MITRE ATT&CK for Enterprise, version 17.

/// The version that ids and tactics are of.
pub(super) const VERSION: &str = "17";

/// A technique or sub-technique.
pub(super) struct Technique {
    /// e.g. `T1110.001`
    pub id: &'static str,
    /// its own name, without its parent's
    pub name: &'static str,
    /// its tactics, by the names that the Navigator and STIX use
    pub tactics: &'static [&'static str],
}

/// Tactics: short name, id, name.
const TACTICS: &[(&str, &str, &str)] = &[
    ("reconnaissance", "TA0043", "Reconnaissance"),
    ("resource-development", "TA0042", "Resource Development"),
    ("initial-access", "TA0001", "Initial Access"),
    ("execution", "TA0002", "Execution"),
    ("persistence", "TA0003", "Persistence"),
    ("privilege-escalation", "TA0004", "Privilege Escalation"),
    ("defense-evasion", "TA0005", "Defense Evasion"),
    ("credential-access", "TA0006", "Credential Access"),
    ("discovery", "TA0007", "Discovery"),
    ("lateral-movement", "TA0008", "Lateral Movement"),
    ("collection", "TA0009", "Collection"),
    ("command-and-control", "TA0011", "Command and Control"),
    ("exfiltration", "TA0010", "Exfiltration"),
    ("impact", "TA0040", "Impact"),
];

const ACCOUNTS: &[&str] = &["defense-evasion", "persistence", "privilege-escalation", "initial-access"];
const PERSIST: &[&str] = &["persistence", "privilege-escalation"];
const EVADE: &[&str] = &["defense-evasion"];
const CREDENTIALS: &[&str] = &["credential-access"];
const DISCOVER: &[&str] = &["discovery"];
const CONTROL: &[&str] = &["command-and-control"];
const IMPACT: &[&str] = &["impact"];
const EXECUTE: &[&str] = &["execution"];
const ENTER: &[&str] = &["initial-access"];
const EXFILTRATE: &[&str] = &["exfiltration"];
const KEEP: &[&str] = &["persistence"];
const LOOK: &[&str] = &["reconnaissance"];

macro_rules! techniques {
    ($($id:literal $name:literal $tactics:expr;)*) => {
        &[$(Technique { id: $id, name: $name, tactics: $tactics }),*]
    };
}

/// The techniques, by id.
const TECHNIQUES: &[Technique] = techniques![
    "T1003" "OS Credential Dumping" CREDENTIALS;
    "T1005" "Data from Local System" &["collection"];
    "T1021" "Remote Services" &["lateral-movement"];
    "T1021.004" "SSH" &["lateral-movement"];
    "T1021.007" "Cloud Services" &["lateral-movement"];
    "T1021.008" "Direct Cloud VM Connections" &["lateral-movement"];
    "T1027" "Obfuscated Files or Information" EVADE;
    "T1033" "System Owner/User Discovery" DISCOVER;
    "T1036" "Masquerading" EVADE;
    "T1040" "Network Sniffing" &["credential-access", "discovery"];
    "T1046" "Network Service Discovery" DISCOVER;
    "T1048" "Exfiltration Over Alternative Protocol" EXFILTRATE;
    "T1053" "Scheduled Task/Job" &["execution", "persistence", "privilege-escalation"];
    "T1053.003" "Cron" &["execution", "persistence", "privilege-escalation"];
    "T1055" "Process Injection" &["defense-evasion", "privilege-escalation"];
    "T1057" "Process Discovery" DISCOVER;
    "T1059" "Command and Scripting Interpreter" EXECUTE;
    "T1059.001" "PowerShell" EXECUTE;
    "T1059.004" "Unix Shell" EXECUTE;
    "T1059.006" "Python" EXECUTE;
    "T1059.009" "Cloud API" EXECUTE;
    "T1068" "Exploitation for Privilege Escalation" &["privilege-escalation"];
    "T1070" "Indicator Removal" EVADE;
    "T1070.001" "Clear Windows Event Logs" EVADE;
    "T1070.002" "Clear Linux or Mac System Logs" EVADE;
    "T1070.003" "Clear Command History" EVADE;
    "T1071" "Application Layer Protocol" CONTROL;
    "T1071.001" "Web Protocols" CONTROL;
    "T1071.003" "Mail Protocols" CONTROL;
    "T1071.004" "DNS" CONTROL;
    "T1078" "Valid Accounts" ACCOUNTS;
    "T1078.001" "Default Accounts" ACCOUNTS;
    "T1078.003" "Local Accounts" ACCOUNTS;
    "T1078.004" "Cloud Accounts" ACCOUNTS;
    "T1082" "System Information Discovery" DISCOVER;
    "T1083" "File and Directory Discovery" DISCOVER;
    "T1087" "Account Discovery" DISCOVER;
    "T1087.004" "Cloud Account" DISCOVER;
    "T1090" "Proxy" CONTROL;
    "T1098" "Account Manipulation" PERSIST;
    "T1098.001" "Additional Cloud Credentials" PERSIST;
    "T1098.003" "Additional Cloud Roles" PERSIST;
    "T1098.004" "SSH Authorized Keys" PERSIST;
    "T1102" "Web Service" CONTROL;
    "T1105" "Ingress Tool Transfer" CONTROL;
    "T1110" "Brute Force" CREDENTIALS;
    "T1110.001" "Password Guessing" CREDENTIALS;
    "T1110.003" "Password Spraying" CREDENTIALS;
    "T1110.004" "Credential Stuffing" CREDENTIALS;
    "T1133" "External Remote Services" &["persistence", "initial-access"];
    "T1136" "Create Account" KEEP;
    "T1136.001" "Local Account" KEEP;
    "T1136.003" "Cloud Account" KEEP;
    "T1140" "Deobfuscate/Decode Files or Information" EVADE;
    "T1190" "Exploit Public-Facing Application" ENTER;
    "T1203" "Exploitation for Client Execution" EXECUTE;
    "T1204" "User Execution" EXECUTE;
    "T1222.002" "Linux and Mac File and Directory Permissions Modification" EVADE;
    "T1484.002" "Trust Modification" &["defense-evasion", "privilege-escalation"];
    "T1485" "Data Destruction" IMPACT;
    "T1486" "Data Encrypted for Impact" IMPACT;
    "T1489" "Service Stop" IMPACT;
    "T1490" "Inhibit System Recovery" IMPACT;
    "T1496" "Resource Hijacking" IMPACT;
    "T1496.001" "Compute Hijacking" IMPACT;
    "T1496.002" "Bandwidth Hijacking" IMPACT;
    "T1496.003" "SMS Pumping" IMPACT;
    "T1496.004" "Cloud Service Hijacking" IMPACT;
    "T1498" "Network Denial of Service" IMPACT;
    "T1498.001" "Direct Network Flood" IMPACT;
    "T1498.002" "Reflection Amplification" IMPACT;
    "T1499" "Endpoint Denial of Service" IMPACT;
    "T1505.003" "Web Shell" KEEP;
    "T1525" "Implant Internal Image" KEEP;
    "T1526" "Cloud Service Discovery" DISCOVER;
    "T1530" "Data from Cloud Storage" &["collection"];
    "T1531" "Account Access Removal" IMPACT;
    "T1537" "Transfer Data to Cloud Account" EXFILTRATE;
    "T1538" "Cloud Service Dashboard" DISCOVER;
    "T1543.002" "Systemd Service" PERSIST;
    "T1548" "Abuse Elevation Control Mechanism" &["privilege-escalation", "defense-evasion"];
    "T1550.001" "Application Access Token" &["defense-evasion", "lateral-movement"];
    "T1552" "Unsecured Credentials" CREDENTIALS;
    "T1552.001" "Credentials In Files" CREDENTIALS;
    "T1552.005" "Cloud Instance Metadata API" CREDENTIALS;
    "T1555" "Credentials from Password Stores" CREDENTIALS;
    "T1555.006" "Cloud Secrets Management Stores" CREDENTIALS;
    "T1556" "Modify Authentication Process" &["credential-access", "defense-evasion", "persistence"];
    "T1562" "Impair Defenses" EVADE;
    "T1562.001" "Disable or Modify Tools" EVADE;
    "T1562.007" "Disable or Modify Cloud Firewall" EVADE;
    "T1562.008" "Disable or Modify Cloud Logs" EVADE;
    "T1566" "Phishing" ENTER;
    "T1567" "Exfiltration Over Web Service" EXFILTRATE;
    "T1568" "Dynamic Resolution" CONTROL;
    "T1571" "Non-Standard Port" CONTROL;
    "T1572" "Protocol Tunneling" CONTROL;
    "T1574.006" "Dynamic Linker Hijacking" &["persistence", "privilege-escalation", "defense-evasion"];
    "T1578" "Modify Cloud Compute Infrastructure" EVADE;
    "T1578.002" "Create Cloud Instance" EVADE;
    "T1580" "Cloud Infrastructure Discovery" DISCOVER;
    "T1583.006" "Web Services" &["resource-development"];
    "T1584" "Compromise Infrastructure" &["resource-development"];
    "T1595" "Active Scanning" LOOK;
    "T1595.002" "Vulnerability Scanning" LOOK;
    "T1619" "Cloud Storage Object Discovery" DISCOVER;
    "T1648" "Serverless Execution" EXECUTE;
    "T1651" "Cloud Administration Command" EXECUTE;
];

/// What is known of a technique.
pub(super) fn technique(id: &str) -> Option<&'static Technique> {
    TECHNIQUES.iter().find(|technique| technique.id == id)
}

/// A tactic's id and name by its short name.
pub(super) fn tactic(short: &str) -> Option<(&'static str, &'static str)> {
    TACTICS.iter().find(|(name, ..)| *name == short).map(|(_, id, name)| (*id, *name))
}

/// Whether text has the form of a technique's id without its letter: `1110`, `1110.001`.
pub(super) fn is_id(id: &str) -> bool {
    let digits = |part: &str, n: usize| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
    match id.split_once('.') {
        Some((parent, sub)) => digits(parent, 4) && digits(sub, 3),
        None => digits(id, 4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_names_known_tactics() {
        assert!(TECHNIQUES.windows(2).all(|pair| pair[0].id < pair[1].id));
        for technique in TECHNIQUES {
            assert!(technique.id.strip_prefix('T').is_some_and(is_id), "{}", technique.id);
            assert!(!technique.tactics.is_empty() && technique.tactics.iter().all(|short| tactic(short).is_some()), "{}", technique.id);
        }
    }
}
