//! `cause-mismatch`: AWS asks for the root cause; the letter must give the one that the evidence gives, and a symptom is none.

use abate_model::letter::LintNote;
use abate_model::{CauseClass, Letter, LetterKind, Text};

use super::{Draft, Rule, below, has_any, quoted};
use crate::paragraphs::CAUSE;
use crate::{Input, kind};

/// Words by which a sentence speaks of how something came about.
const CAUSAL: &[&str] =
    &["root cause", "caused by", "because", "due to", "got in", "gained access", "as a result of", "led to", "reason was", "entry point"];

/// See the module.
pub(super) static RULE: Rule = Rule {
    id: "cause-mismatch",
    title: Text::fixed("The root cause is the one that the evidence gives", "根本原因が証跡の示すものと一致している"),
    check,
};

fn check(letter: &Letter, input: &Input<'_>, draft: &Draft) -> Vec<LintNote> {
    let class = kind::likely(input).map_or(CauseClass::Undetermined, |cause| cause.class);
    let mut notes = Vec::new();
    let told = below(&letter.paragraphs, &CAUSE);
    let asks = !matches!(letter.kind, LetterKind::NotAbuse | LetterKind::FalseAttribution);
    if asks && !told.is_empty() && !has_any(&told, words(class)) {
        notes.push(RULE.error(Text::fixed(
            "The part on the root cause does not say what the evidence gives as the cause. What was seen or stopped is no cause.",
            "根本原因の項目に、証跡の示す原因が書かれていません。観測した現象や停止した作業は原因ではありません。",
        )));
    }
    let other = |sentence: &String| {
        has_any(sentence, CAUSAL) && !has_any(sentence, words(class)) && CLASSES.iter().any(|c| *c != class && has_any(sentence, words(*c)))
    };
    let strange: Vec<String> = draft.own(other);
    if !strange.is_empty() {
        let shown = quoted(&strange);
        notes.push(RULE.error(Text::new(
            format!("Another cause is named than the evidence gives: {shown}."),
            format!("証跡の示すものとは別の原因が書かれています: {shown}。"),
        )));
    }
    notes
}

const CLASSES: [CauseClass; 11] = [
    CauseClass::LeakedAccessKey,
    CauseClass::StolenInstanceCredentials,
    CauseClass::CompromisedConsoleLogin,
    CauseClass::WeakRemoteLogin,
    CauseClass::ExposedService,
    CauseClass::VulnerableApplication,
    CauseClass::OpenRelayOrProxy,
    CauseClass::PublicStorage,
    CauseClass::SupplyChain,
    CauseClass::Insider,
    CauseClass::AbusedFunction,
];

/// Words without which a cause of a class cannot be told.
fn words(class: CauseClass) -> &'static [&'static str] {
    match class {
        CauseClass::LeakedAccessKey => &["access key", "credential"],
        CauseClass::StolenInstanceCredentials => &["credential", "instance role", "metadata"],
        CauseClass::CompromisedConsoleLogin => &["console"],
        CauseClass::WeakRemoteLogin => &["password", "ssh", "rdp", "remote login"],
        CauseClass::ExposedService => &["service", "security group", "reachable", "exposed", "open to"],
        CauseClass::VulnerableApplication => &["application", "upload", "vulnerab", "hole", "script"],
        CauseClass::OpenRelayOrProxy => &["proxy", "relay", "resolver", "amplif"],
        CauseClass::PublicStorage => &["bucket", "storage"],
        CauseClass::SupplyChain => &["image", "dependency", "package"],
        CauseClass::Insider => &["staff", "employee", "a person", "colleague"],
        CauseClass::AbusedFunction => &["form", "sign-up", "function"],
        CauseClass::LegitimateUse => &["our own", "legitimate", "crawler", "test", "work of ours", "not yet determined"],
        CauseClass::FalseAttribution => &["address", "another customer", "passed on", "forged"],
        CauseClass::Undetermined => &["not yet determined", "not determined", "not known", "do not know"],
    }
}
