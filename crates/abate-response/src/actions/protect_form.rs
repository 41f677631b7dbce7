//! `protect-form`: keep bots from driving a form or sign-up function.

use abate_model::{CauseClass, Claim, Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "protect-form",
    phase: Phase::Contain,
    when: |facts| facts.when_or(&[Claim::FormAbuse], &[], Some(CauseClass::AbusedFunction)),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Limit the rate of the abused form and require a proof that a person sits behind it",
        "悪用されたフォームに回数制限をかけ、人による操作の確認を必須にする",
    ),
    done_text: Text::fixed(
        "We limited the rate of the abused form and required a human check.",
        "悪用されたフォームに回数制限をかけ、人による操作の確認を必須にしました。",
    ),
    why: Text::fixed("Bots use it to send mail or requests in our name.", "ボットが自社の名でメールやリクエストを送るのに使っている。"),
    risk: Text::fixed("Some people will find it harder to use.", "利用者の手間が増える。"),
    undo: Text::fixed("Remove the limits.", "制限を外す。"),
    how: Text::fixed(
        "AWS WAF: rate-based rule and CAPTCHA on the path; no free text or address from the form in outgoing mail; confirm addresses before mailing to them",
        "AWS WAF: 該当パスにレートベースルールと CAPTCHA を設定。フォームの自由記述や宛先をそのまま送信メールに使わない。送信前にアドレスの所有を確認する",
    ),
};
