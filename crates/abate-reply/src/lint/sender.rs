//! `sender`: answering a forged notice tells a stranger about the incident.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule};
use crate::Input;
use abate_model::AuthenticityVerdict;

/// See the module.
pub(super) static RULE: Rule = Rule { id: "sender", title: Text::fixed("The notice is from AWS", "通知は AWS からのもの"), check };

fn check(_letter: &Letter, input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    match input.notice.authenticity.verdict {
        AuthenticityVerdict::Forged => vec![RULE.error(Text::fixed(
            "The notice pretends to be from AWS. Do not answer it; look in AWS Health and Support Center.",
            "通知は AWS を装っています。返信せず、AWS Health とサポートセンターで確認してください。",
        ))],
        AuthenticityVerdict::Suspicious => vec![RULE.warning(Text::fixed(
            "Something speaks against the sender. Confirm the notice in AWS Health or Support Center first.",
            "送信元に不審な点があります。先に AWS Health またはサポートセンターで確認してください。",
        ))],
        _ => Vec::new(),
    }
}
