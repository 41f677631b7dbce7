//! `remove-intruder-identities`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Claim, Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "remove-intruder-identities",
    phase: Phase::Eradicate,
    when: |facts| facts.when(&[Claim::NewIamUser, Claim::NewAccessKey, Claim::PolicyWidened, Claim::RoleBackdoored]),
    title: Text::fixed(
        "Remove the users, keys, policies and roles that the intruder made",
        "侵入者が作成したユーザー・キー・ポリシー・ロールを削除する",
    ),
    done_text: Text::fixed(
        "We removed the users, keys, policies and roles that had been made without authorisation.",
        "権限なく作成されたユーザー・キー・ポリシー・ロールを削除しました。",
    ),
    why: Text::fixed("They let the intruder back in.", "再侵入の手段になる。"),
    risk: Text::fixed("Be sure that each is the intruder's: the findings name them.", "侵入者のものか必ず確認する（検出事項に記載）。"),
    undo: Text::fixed("Not wanted.", "戻さない。"),
    how: "aws iam list-users; aws iam list-access-keys; aws iam list-attached-user-policies (names stand in the findings)",
};
