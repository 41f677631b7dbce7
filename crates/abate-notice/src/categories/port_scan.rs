//! Probing of other people's ports or services, whatever the tool.

use abate_model::Category;

use super::Words;

/// The words of this category.
pub(super) const WORDS: Words = Words {
    category: Category::PortScan,
    phrases: &[
        "has been port scanning remote hosts",
        "scanning remote hosts on the internet for security vulnerabilities",
        "implicated in port scanning",
        "resembles port scanning",
        "we've observed port scanning activity",
    ],
    codes: &["PORT_SCANNING", "PORT_SCAN", "PORTSCAN", "SCANNING"],
    short_names: &[
        "port scanning",
        "port scan",
        "port-scanning",
        "portscan",
        "scanning",
        "network scan",
        "vulnerability scanning",
        "vulnerability scan",
        "reconnaissance",
    ],
    keywords: &[
        "port scan",
        "port scanning",
        "portscan",
        "port sweep",
        "scanning",
        "masscan",
        "zmap",
        "nmap",
        "ポートスキャン",
        "脆弱性スキャン",
    ],
    examples: &[
        "has been port scanning remote hosts on the Internet; check the information",
        "has been implicated in activity which resembles scanning remote hosts\n on the internet for security vulnerabilities",
        "has been implicated in Port Scanning",
    ],
};
