//! `keys-to-roles`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "keys-to-roles",
    phase: Phase::Prevent,
    when: |facts| facts.keys_any(),
    title: Text::fixed(
        "Replace long-lived access keys by roles, and search repositories and images for keys",
        "長期のアクセスキーをロールに置き換え、リポジトリやイメージにキーが残っていないか調べる",
    ),
    done_text: Text::fixed("We replaced the long-lived access key by a role.", "長期のアクセスキーをロールに置き換えました。"),
    why: Text::fixed("What does not exist cannot leak.", "存在しないものは漏れない。"),
    risk: Text::fixed("The workload must support roles.", "利用側がロールに対応している必要がある。"),
    undo: Text::fixed("None.", "なし。"),
    how: "instance profiles, OIDC for CI, IAM Identity Center for people; git log -S AKIA, or a secret scanner",
};
