//! `close-security-group`: remove the rules that let the whole Internet in, one by one.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "close-security-group",
    phase: Phase::Contain,
    when: |facts| facts.open_groups(),
    whole: Text::fixed("the security groups concerned", "該当するセキュリティグループ"),
    title: Text::fixed(
        "Remove from {it} the rules that let the whole Internet reach the service",
        "{it}から、インターネット全体に公開しているルールを削除する",
    ),
    done_text: Text::fixed(
        "We removed from {it} the rules that let the whole Internet reach the service.",
        "{it}から、サービスをインターネット全体に公開していたルールを削除しました。",
    ),
    why: Text::fixed("Anyone can reach it.", "誰でも到達できる。"),
    risk: Text::fixed(
        "Those who used it from outside lose access: allow their networks by name.",
        "外部から利用していた人は接続できなくなる。必要なネットワークだけを個別に許可する。",
    ),
    undo: Text::fixed(
        "aws ec2 authorize-security-group-ingress --region {region} --group-id {t} with the rule noted before",
        "控えておいたルールで aws ec2 authorize-security-group-ingress --region {region} --group-id {t} を実行する",
    ),
    how: Text::fixed(
        "aws ec2 describe-security-group-rules --region {region} --filters Name=group-id,Values={t} (keep the output)\naws ec2 revoke-security-group-ingress --region {region} --group-id {t} --protocol tcp --port {port} --cidr 0.0.0.0/0 (one call for each rule; IPv6 rules by --ip-permissions)",
        "aws ec2 describe-security-group-rules --region {region} --filters Name=group-id,Values={t}（出力を保存）\naws ec2 revoke-security-group-ingress --region {region} --group-id {t} --protocol tcp --port {port} --cidr 0.0.0.0/0（ルールごとに実行。IPv6 は --ip-permissions で指定）",
    ),
};
