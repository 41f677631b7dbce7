//! `collect-evidence`: fetch the logs that decide, before they expire.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "collect-evidence",
    phase: Phase::Contain,
    when: |facts| facts.unless_innocent(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed("Collect the evidence that is missing", "不足している証跡を集める"),
    done_text: Text::fixed("We collected the logs of the account and the host.", "アカウントとホストのログを収集しました。"),
    why: Text::fixed(
        "Without logs there is no root cause, and some are overwritten within days.",
        "ログがなければ根本原因を示せず、数日で上書きされるものもある。",
    ),
    risk: Text::fixed("None.", "なし。"),
    undo: Text::fixed("", ""),
    how: Text::fixed(
        "abate collect-script NOTICE > collect.sh, run it in AWS CloudShell, then: abate respond NOTICE --evidence FILE.zip. Add the host's logs (/var/log).",
        "abate collect-script 通知 > collect.sh を AWS CloudShell で実行し、abate respond 通知 --evidence FILE.zip。ホストのログ（/var/log）も加える。",
    ),
};
