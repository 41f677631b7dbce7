//! `disable-console-login`: close the console to whoever has the password.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "disable-console-login",
    phase: Phase::Contain,
    when: |facts| facts.console_users(),
    whole: Text::fixed("the user concerned", "該当ユーザー"),
    title: Text::fixed(
        "Disable the console password of {it}, end its sessions, and set a new one with MFA",
        "{it}のコンソールパスワードを無効化し、セッションを終了させ、MFA 付きで設定し直す",
    ),
    done_text: Text::fixed(
        "We disabled the console password of {it} and required MFA for the new one.",
        "{it}のコンソールパスワードを無効化し、再設定時に MFA を必須にしました。",
    ),
    why: Text::fixed("Someone else signed in with it.", "第三者がサインインしている。"),
    risk: Text::fixed(
        "The person cannot sign in until the new password is set; reach them by another channel than mail.",
        "再設定まで本人はサインインできない。連絡はメール以外の手段で行う。",
    ),
    undo: Text::fixed(
        "aws iam create-login-profile --user-name {t} --password-reset-required",
        "aws iam create-login-profile --user-name {t} --password-reset-required",
    ),
    how: Text::fixed(
        "aws iam list-mfa-devices --user-name {t} (remove devices that are not the person's)\naws iam delete-login-profile --user-name {t}\nRoot user: reset the password and MFA on the sign-in page. IAM Identity Center: disable the user and revoke active sessions there.",
        "aws iam list-mfa-devices --user-name {t}（本人のものでないデバイスは削除）\naws iam delete-login-profile --user-name {t}\nルートユーザー: サインイン画面からパスワードと MFA を再設定。IAM Identity Center: ユーザーを無効化し、アクティブなセッションを取り消す。",
    ),
};
