//! `rotate-credentials`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "rotate-credentials",
    phase: Phase::Recover,
    when: |facts| facts.broken_into(),
    title: Text::fixed(
        "Rotate every credential that was on the host or in the account concerned: keys, database passwords, SSH keys, SMTP credentials",
        "ホストや該当アカウントにあった認証情報をすべて更新する: キー、DB パスワード、SSH 鍵、SMTP 認証情報",
    ),
    done_text: Text::fixed(
        "We rotated the credentials that were within reach of the intruder.",
        "侵入者が入手し得た認証情報をすべて更新しました。",
    ),
    why: Text::fixed("Whoever was in has read them.", "侵入者に読み取られている。"),
    risk: Text::fixed("Applications need the new ones at the same moment.", "アプリケーションの設定も同時に更新が必要。"),
    undo: Text::fixed("None.", "なし。"),
    how: "aws iam create-access-key, switch, then deactivate and delete the old one; aws secretsmanager rotate-secret",
};
