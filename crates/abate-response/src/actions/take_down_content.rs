//! `take-down-content`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Claim, Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "take-down-content",
    phase: Phase::Contain,
    when: |facts| facts.when(&[Claim::PhishingPageServed, Claim::WebshellAccess]),
    title: Text::fixed(
        "Copy, then take down the reported content and every script that was put there",
        "報告されたコンテンツと設置されたスクリプトを、複製した上で取り除く",
    ),
    done_text: Text::fixed(
        "We took down the reported content and the scripts that had been placed with it.",
        "報告されたコンテンツと、併せて設置されていたスクリプトを取り除きました。",
    ),
    why: Text::fixed("It is served to visitors as long as it is there.", "残っている限り、訪問者に配信される。"),
    risk: Text::fixed("What is deleted without a copy cannot be examined.", "複製せずに削除すると調査できない。"),
    undo: Text::fixed("Not wanted.", "戻さない。"),
    how: "copy the files with their times into the case, then remove them and answer 410 for the path",
};
