//! `restore-logging`: switch on again what the intruder switched off.

use abate_model::{Claim, Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "restore-logging",
    phase: Phase::Recover,
    when: |facts| facts.when(&[Claim::LoggingSwitchedOff]),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed("Switch on again the logging or detection that was switched off", "停止されたログ取得や検知を再開する"),
    done_text: Text::fixed(
        "We switched on again the logging or detection that had been switched off.",
        "停止されていたログ取得や検知を再開しました。",
    ),
    why: Text::fixed("Without it the rest of the case is blind.", "なければ、この後の調査ができない。"),
    risk: Text::fixed("None.", "なし。"),
    undo: Text::fixed("", ""),
    how: Text::fixed(
        "aws cloudtrail start-logging --region {region} --name TRAIL; aws cloudtrail get-event-selectors; aws guardduty update-detector --region {region} --detector-id ID --enable",
        "aws cloudtrail start-logging --region {region} --name TRAIL、aws cloudtrail get-event-selectors で設定を確認、aws guardduty update-detector --region {region} --detector-id ID --enable",
    ),
};
