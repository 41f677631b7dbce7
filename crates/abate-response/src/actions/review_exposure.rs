//! `review-exposure`: find what else stands open.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "review-exposure",
    phase: Phase::Prevent,
    when: |facts| facts.unless_innocent(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Review what is open to the Internet or to other accounts with Trusted Advisor and IAM Access Analyzer",
        "Trusted Advisor と IAM Access Analyzer で、インターネットや他アカウントへの公開状況を点検する",
    ),
    done_text: Text::fixed(
        "We reviewed our exposure with Trusted Advisor and IAM Access Analyzer.",
        "Trusted Advisor と IAM Access Analyzer で公開状況を点検しました。",
    ),
    why: Text::fixed("Where one door stood open there may be others.", "一つ開いていれば、ほかにも開いている可能性がある。"),
    risk: Text::fixed("None.", "なし。"),
    undo: Text::fixed("", ""),
    how: Text::fixed(
        "aws accessanalyzer create-analyzer --region {region} --analyzer-name exposure --type ACCOUNT\nConsole: Trusted Advisor > Security",
        "aws accessanalyzer create-analyzer --region {region} --analyzer-name exposure --type ACCOUNT\nコンソール: Trusted Advisor > セキュリティ",
    ),
};
