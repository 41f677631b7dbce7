//! `every-activity`: each reported activity gets its answer, whether our logs confirm it or not.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule, below};
use crate::Input;
use crate::paragraphs::CAUSE;

/// See the module.
pub(super) static RULE: Rule =
    Rule {
        id: "every-activity", title: Text::fixed("Every reported activity is answered", "報告された活動すべてに答えている"), check
    };

fn check(letter: &Letter, input: &Input<'_>, draft: &Draft) -> Vec<LintNote> {
    let told = below(&letter.paragraphs, &CAUSE).to_lowercase();
    let drafted = below(&draft.paragraphs, &CAUSE).to_lowercase();
    let mut missing: Vec<Text> = Vec::new();
    for reported in &input.notice.reported {
        let title = reported.category.title();
        let count = |text: &str| text.matches(title.en.to_lowercase().as_str()).count();
        // Only what the draft itself answers in these words can be missed.
        if count(&drafted) > count(&told) && !missing.contains(&title) {
            missing.push(title);
        }
    }
    if missing.is_empty() || told.is_empty() {
        return Vec::new();
    }
    let en = missing.iter().map(|t| t.en.as_ref()).collect::<Vec<_>>().join(", ");
    let ja = missing.iter().map(|t| t.ja.as_ref()).collect::<Vec<_>>().join("、");
    vec![RULE.error(Text::new(
        format!("The letter does not say whether our logs confirm what is reported: {en}."),
        format!("報告された活動（{ja}）を自社のログで確認できたかどうかが書かれていません。"),
    ))]
}
