//! `close-service`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Claim, Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "close-service",
    phase: Phase::Contain,
    when: |facts| {
        facts.when(&[
            Claim::InboundToExposedService,
            Claim::ServiceOpenToWorld,
            Claim::ProxyForwarding,
            Claim::OutboundAmplification,
            Claim::SecurityGroupOpened,
        ])
    },
    title: Text::fixed("Close the exposed port to the Internet", "公開されているポートをインターネットに対して閉じる"),
    done_text: Text::fixed("We closed the exposed port to the Internet.", "公開されていたポートをインターネットに対して閉じました。"),
    why: Text::fixed("Anyone can reach it.", "誰でも到達できる。"),
    risk: Text::fixed("Those who used it from outside lose access.", "外部から利用していた人は接続できなくなる。"),
    undo: Text::fixed(
        "aws ec2 authorize-security-group-ingress with the same rule",
        "同じルールで aws ec2 authorize-security-group-ingress",
    ),
    how: "aws ec2 revoke-security-group-ingress --group-id SG --ip-permissions …",
};
