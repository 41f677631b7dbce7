//! `require-mfa`: let no password alone open the console.

use abate_model::{CauseClass, Claim, Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "require-mfa",
    phase: Phase::Prevent,
    when: |facts| facts.when_or(&[Claim::SuspiciousConsoleLogin, Claim::RootUsed], &[], Some(CauseClass::CompromisedConsoleLogin)),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Require MFA for everyone who signs in to the console, the root user first",
        "コンソールにサインインする全員（まずルートユーザー）に MFA を必須にする",
    ),
    done_text: Text::fixed(
        "We required MFA for console sign-in, the root user included.",
        "ルートユーザーを含め、コンソールへのサインインに MFA を必須にしました。",
    ),
    why: Text::fixed("A password can be phished or guessed.", "パスワードは盗まれ、推測される。"),
    risk: Text::fixed("People need their device at hand.", "各自の認証デバイスが必要になる。"),
    undo: Text::fixed("Remove the condition.", "条件を外す。"),
    how: Text::fixed(
        "Console: root user > Security credentials > MFA; IAM Identity Center > Settings > Authentication; else an IAM policy with the condition aws:MultiFactorAuthPresent",
        "コンソール: ルートユーザー > セキュリティ認証情報 > MFA。IAM Identity Center > 設定 > 認証。または aws:MultiFactorAuthPresent を条件とする IAM ポリシー",
    ),
};
