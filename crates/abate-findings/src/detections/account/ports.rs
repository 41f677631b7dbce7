//! Which ports matter when they are open to everybody.

use abate_model::Severity;

/// Remote login, management and data services that should not face the Internet, with the name people know.
const GRAVE: &[(u16, &str)] = &[
    (22, "SSH"),
    (23, "Telnet"),
    (135, "RPC"),
    (139, "NetBIOS"),
    (445, "SMB"),
    (1433, "SQL Server"),
    (1521, "Oracle"),
    (2049, "NFS"),
    (2375, "Docker API"),
    (2376, "Docker API"),
    (2379, "etcd"),
    (3306, "MySQL"),
    (3389, "RDP"),
    (4444, "remote shell"),
    (5432, "PostgreSQL"),
    (5601, "Kibana"),
    (5900, "VNC"),
    (5985, "WinRM"),
    (5986, "WinRM"),
    (6379, "Redis"),
    (6443, "Kubernetes API"),
    (7001, "WebLogic"),
    (8088, "YARN"),
    (8888, "Jupyter"),
    (9000, "management console"),
    (9200, "Elasticsearch"),
    (10250, "kubelet"),
    (11211, "memcached"),
    (27017, "MongoDB"),
];

/// The name of a service that should not face the Internet.
pub(in super::super) fn service_name(port: u16) -> Option<&'static str> {
    GRAVE.iter().find(|(p, _)| *p == port).map(|(_, name)| *name)
}

/// Ports of the list that a range covers.
pub(in super::super) fn covered(from: Option<u16>, to: Option<u16>) -> Vec<(u16, &'static str)> {
    let (from, to) = (from.unwrap_or(0), to.unwrap_or(u16::MAX));
    GRAVE.iter().copied().filter(|(port, _)| (from..=to).contains(port)).collect()
}

/// How grave it is to open a range to everybody.
pub(in super::super) fn weigh(protocol: &str, from: Option<u16>, to: Option<u16>) -> Severity {
    if matches!(protocol, "icmp" | "icmpv6" | "1" | "58") {
        return Severity::Informational;
    }
    if protocol == "-1" || !covered(from, to).is_empty() {
        return Severity::High;
    }
    match (from, to) {
        (Some(80 | 443), Some(80 | 443)) => Severity::Informational,
        _ => Severity::Medium,
    }
}

/// Whether a CIDR block is the whole Internet.
pub(in super::super) fn is_world(cidr: &str) -> bool {
    cidr.trim().ends_with("/0")
}
