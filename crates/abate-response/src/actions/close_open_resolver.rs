//! `close-open-resolver`: let a resolver or another amplifier answer its own people only.

use abate_model::{Category, Claim, Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "close-open-resolver",
    phase: Phase::Contain,
    when: |facts| facts.when_or(&[Claim::OutboundAmplification], &[Category::OpenResolver], None),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Close the open resolver or amplifier (DNS, NTP, memcached, SSDP, portmapper) to the Internet",
        "オープンリゾルバーなど増幅に使えるサービス（DNS・NTP・memcached・SSDP・portmapper）をインターネットに対して閉じる",
    ),
    done_text: Text::fixed(
        "We closed the open resolver or amplifier to the Internet.",
        "増幅に使えるサービスをインターネットに対して閉じました。",
    ),
    why: Text::fixed("Forged requests make it flood third parties.", "詐称された要求により、第三者への攻撃に使われる。"),
    risk: Text::fixed("Clients outside lose the service.", "外部の利用者は使えなくなる。"),
    undo: Text::fixed("Allow the port again for named networks.", "必要なネットワークに限って再度許可する。"),
    how: Text::fixed(
        "aws ec2 revoke-security-group-ingress --region {region} --group-id SG --protocol udp --port 53 --cidr 0.0.0.0/0 (the port of the report); BIND: allow-recursion { localnets; }; memcached: -U 0; ntpd: restrict default noquery",
        "aws ec2 revoke-security-group-ingress --region {region} --group-id SG --protocol udp --port 53 --cidr 0.0.0.0/0（ポートは報告に合わせる）。BIND: allow-recursion { localnets; }、memcached: -U 0、ntpd: restrict default noquery",
    ),
};
