//! `require-imdsv2`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Claim, Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "require-imdsv2",
    phase: Phase::Prevent,
    when: |facts| facts.when(&[Claim::SsrfToMetadata, Claim::InstanceCredentialsUsedOutside]),
    title: Text::fixed("Require IMDSv2 on all instances", "すべてのインスタンスで IMDSv2 を必須にする"),
    done_text: Text::fixed("We required IMDSv2 on our instances.", "すべてのインスタンスで IMDSv2 を必須にしました。"),
    why: Text::fixed("A forged request cannot get the token.", "偽のリクエストではトークンを取得できない。"),
    risk: Text::fixed("Old SDKs fail.", "古い SDK は動かなくなる。"),
    undo: Text::fixed(
        "aws ec2 modify-instance-metadata-options --http-tokens optional",
        "aws ec2 modify-instance-metadata-options --http-tokens optional",
    ),
    how: "aws ec2 modify-instance-metadata-options --instance-id ID --http-tokens required",
};
