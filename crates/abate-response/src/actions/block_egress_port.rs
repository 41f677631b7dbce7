//! `block-egress-port`: deny one outbound port of the subnet: for hosts that must stay up, and for connections that isolation does not drop.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "block-egress-port",
    phase: Phase::Contain,
    when: |facts| facts.egress_ports(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Block outbound port {t} by a network ACL of the subnet",
        "サブネットのネットワーク ACL で送信ポート {t} を遮断する",
    ),
    done_text: Text::fixed(
        "We blocked outbound traffic to port {t} by a network ACL.",
        "ネットワーク ACL で、ポート {t} 宛ての送信を遮断しました。",
    ),
    why: Text::fixed("A network ACL also stops connections that are open already.", "ネットワーク ACL は既存の接続も止められる。"),
    risk: Text::fixed("It concerns every host of the subnet.", "サブネット内の全ホストに影響する。"),
    undo: Text::fixed(
        "aws ec2 delete-network-acl-entry --region {region} --network-acl-id ACL --egress --rule-number 1",
        "aws ec2 delete-network-acl-entry --region {region} --network-acl-id ACL --egress --rule-number 1",
    ),
    how: Text::fixed(
        "aws ec2 create-network-acl-entry --region {region} --network-acl-id ACL --egress --rule-number 1 --protocol tcp --port-range From={t},To={t} --cidr-block 0.0.0.0/0 --rule-action deny (and once more with --ipv6-cidr-block ::/0 and another rule number; --protocol udp if the report says so)",
        "aws ec2 create-network-acl-entry --region {region} --network-acl-id ACL --egress --rule-number 1 --protocol tcp --port-range From={t},To={t} --cidr-block 0.0.0.0/0 --rule-action deny（IPv6 は別のルール番号で --ipv6-cidr-block ::/0。報告が UDP なら --protocol udp）",
    ),
};
