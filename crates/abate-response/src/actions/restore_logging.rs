//! `restore-logging`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Claim, Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "restore-logging",
    phase: Phase::Recover,
    when: |facts| facts.when(&[Claim::LoggingSwitchedOff]),
    title: Text::fixed("Switch on again the logging that was switched off", "停止されたログ取得を再開する"),
    done_text: Text::fixed("We switched on again the logging that had been switched off.", "停止されていたログ取得を再開しました。"),
    why: Text::fixed("Without it the rest of the case is blind.", "なければ、この後の調査ができない。"),
    risk: Text::fixed("None.", "なし。"),
    undo: Text::fixed("None.", "なし。"),
    how: "aws cloudtrail start-logging --name TRAIL; aws guardduty update-detector --enable",
};
