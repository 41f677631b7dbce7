//! `rotate-credentials`: replace every credential that the intruder could read.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "rotate-credentials",
    phase: Phase::Recover,
    when: |facts| facts.intruded(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Rotate every credential within the intruder's reach: keys, database passwords, SSH keys, SMTP credentials, tokens",
        "侵入者が読み取れた認証情報をすべて更新する: キー、DB パスワード、SSH 鍵、SMTP 認証情報、トークン",
    ),
    done_text: Text::fixed(
        "We rotated the credentials that had been within the intruder's reach.",
        "侵入者が読み取れた認証情報をすべて更新しました。",
    ),
    why: Text::fixed("Whoever was in may have read them.", "侵入者に読み取られたおそれがある。"),
    risk: Text::fixed("Applications need the new ones at the same moment.", "アプリケーションの設定も同時に更新が必要。"),
    undo: Text::fixed("", ""),
    how: Text::fixed(
        "List them: environment files, ~/.aws, instance role, Secrets Manager, Parameter Store, user data, CI. Then: aws secretsmanager rotate-secret, aws iam create-access-key (switch, deactivate, later delete), new SSH key pairs",
        "洗い出し: 環境ファイル、~/.aws、インスタンスロール、Secrets Manager、パラメータストア、ユーザーデータ、CI。その後: aws secretsmanager rotate-secret、aws iam create-access-key（切り替え、無効化、後で削除）、SSH キーペアの作り直し",
    ),
};
