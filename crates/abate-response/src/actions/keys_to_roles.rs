//! `keys-to-roles`: replace what can leak by what expires.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "keys-to-roles",
    phase: Phase::Prevent,
    when: |facts| facts.keys_any(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Replace long-lived access keys by roles, and search repositories and images for keys",
        "長期のアクセスキーをロールに置き換え、リポジトリやイメージにキーが残っていないか調べる",
    ),
    done_text: Text::fixed("We replaced the long-lived access key by a role.", "長期のアクセスキーをロールに置き換えました。"),
    why: Text::fixed("What does not exist cannot leak.", "存在しないものは漏れない。"),
    risk: Text::fixed("The workload must support roles.", "利用側がロールに対応している必要がある。"),
    undo: Text::fixed("", ""),
    how: Text::fixed(
        "Instance profiles or task roles on AWS, OIDC for CI, IAM Identity Center for people; git log -S AKIA --all, or a secret scanner, over all repositories and images",
        "AWS 上ではインスタンスプロファイルやタスクロール、CI では OIDC、人には IAM Identity Center。全リポジトリ・イメージを git log -S AKIA --all やシークレットスキャナーで調べる",
    ),
};
