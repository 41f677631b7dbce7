//! Many remote mail servers contacted.

use abate_model::rows::Direction;
use abate_model::{Claim, Finding, Severity, Table, Text};

use super::traffic::{begun_by_us, cite_service, first_cite, name_ends};
use crate::examples::flow;
use crate::{Context, Detection, Example, Tactic};

/// Ports of mail submission and transfer.
const PORTS: [u16; 4] = [25, 465, 587, 2525];
/// Mail servers in an hour that a host with a smart host or SES does not contact.
const SERVERS: usize = 15;

/// The detection.
pub static DETECTION: Detection = Detection {
    id: "outbound-smtp",
    title: Text::fixed("Many remote mail servers contacted", "多数の外部メールサーバーに接続"),
    claims: &[Claim::OutboundSmtpFanOut],
    techniques: &["T1071.003"],
    tactic: Tactic::CommandAndControl,
    severity: Severity::High,
    needs: &[Table::NetworkActivity],
    innocent: Text::fixed(
        "A mail server of your own that delivers directly does the same.",
        "自社のメールサーバーが直接配送している場合も同様になる。",
    ),
    examples: &[
        Example::hit(
            "30 mail servers within a minute",
            "1 分間に 30 台のメールサーバーへ接続する",
            || (0..30).map(|n| flow(n, ("10.0.0.5", 40_000), (&format!("198.51.100.{n}"), 25), 6, 30)).collect(),
            &[Claim::OutboundSmtpFanOut],
        ),
        Example::miss("everything through one relay", "すべてを 1 台の中継サーバー経由で送る", || {
            (0..300).map(|n| flow(i64::from(n), ("10.0.0.5", 40_000 + n), ("198.51.100.1", 587), 6, 30)).collect()
        }),
    ],
    run,
};

fn run(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (service, talk) in begun_by_us(context) {
        if !PORTS.contains(&service.2) || service.1 != 6 || talk.busiest_hour() < SERVERS {
            continue;
        }
        let Some(first) = first_cite(context, service, Direction::Egress, false) else { continue };
        let hosts = talk.remotes.count();
        let title = Text::new(
            format!("{} contacted {hosts} mail servers on port {}", service.0, service.2),
            format!("{} がポート {} で {hosts} 台のメールサーバーに接続した", service.0, service.2),
        );
        let detail = Text::new(
            format!(
                "{} in the busiest hour; {} flows, {} bytes sent. {}",
                talk.busiest_count(),
                talk.flows,
                talk.bytes,
                DETECTION.innocent.en
            ),
            format!(
                "最も多い 1 時間で {} 台。フロー {} 件、送信 {} バイト。{}",
                talk.busiest_count(),
                talk.flows,
                talk.bytes,
                DETECTION.innocent.ja
            ),
        );
        let mut finding = Finding::new(Claim::OutboundSmtpFanOut, Severity::High, title, detail, first);
        finding.technique = Some("T1071.003".to_owned());
        name_ends(&mut finding, service, talk.remotes.iter());
        cite_service(context, &mut finding, service, Direction::Egress, false);
        findings.push(finding);
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::{claims, flow};

    #[test]
    fn many_mail_servers_are_found_and_one_relay_is_not() {
        let spam = (0..30).map(|n| flow(n, ("10.0.0.5", 40_000), (&format!("198.51.100.{n}"), 25), 6, 30)).collect();
        assert_eq!(claims(&DETECTION, spam), vec![Claim::OutboundSmtpFanOut]);
        let relay = (0..300).map(|n| flow(n, ("10.0.0.5", 40_000 + n as u16), ("198.51.100.1", 587), 6, 30)).collect();
        assert_eq!(claims(&DETECTION, relay), vec![]);
    }
}
