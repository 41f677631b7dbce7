//! `stop-not-terminate`: stop what an intruder launched; terminating it at once would destroy the evidence.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "stop-not-terminate",
    phase: Phase::Contain,
    when: |facts| facts.intruder_instances(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Stop {it}, which was launched without authorisation (do not terminate it yet)",
        "権限なく起動された{it}を停止する（まだ終了しない）",
    ),
    done_text: Text::fixed("We stopped {it}, which had been launched without authorisation.", "権限なく起動された{it}を停止しました。"),
    why: Text::fixed("It runs for the intruder and costs money.", "侵入者のために動き続け、費用がかかる。"),
    risk: Text::fixed(
        "Memory and instance store are lost: isolate instead if they matter. Make sure that it is not yours.",
        "メモリとインスタンスストアの内容は失われる。必要なら停止せず隔離する。自社のものでないことを必ず確認する。",
    ),
    undo: Text::fixed(
        "aws ec2 start-instances --region {region} --instance-ids {t}",
        "aws ec2 start-instances --region {region} --instance-ids {t}",
    ),
    how: Text::fixed(
        "aws ec2 stop-instances --region {region} --instance-ids {t}",
        "aws ec2 stop-instances --region {region} --instance-ids {t}",
    ),
};
