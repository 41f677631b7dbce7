//! `require-imdsv2`: keep forged requests from reading instance credentials.

use abate_model::{Claim, Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "require-imdsv2",
    phase: Phase::Prevent,
    when: |facts| facts.when(&[Claim::SsrfToMetadata, Claim::InstanceCredentialsUsedOutside]),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed("Require IMDSv2 on all instances", "すべてのインスタンスで IMDSv2 を必須にする"),
    done_text: Text::fixed("We required IMDSv2 on our instances.", "インスタンスで IMDSv2 を必須にしました。"),
    why: Text::fixed("A forged request cannot fetch the session token.", "偽のリクエストではトークンを取得できない。"),
    risk: Text::fixed("Old SDKs fail.", "古い SDK は動かなくなる。"),
    undo: Text::fixed(
        "aws ec2 modify-instance-metadata-options --region {region} --instance-id ID --http-tokens optional",
        "aws ec2 modify-instance-metadata-options --region {region} --instance-id ID --http-tokens optional",
    ),
    how: Text::fixed(
        "aws ec2 modify-instance-metadata-options --region {region} --instance-id ID --http-tokens required --http-put-response-hop-limit 1\naws ec2 modify-instance-metadata-defaults --region {region} --http-tokens required",
        "aws ec2 modify-instance-metadata-options --region {region} --instance-id ID --http-tokens required --http-put-response-hop-limit 1\naws ec2 modify-instance-metadata-defaults --region {region} --http-tokens required",
    ),
};
