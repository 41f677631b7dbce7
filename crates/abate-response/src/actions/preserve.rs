//! `preserve`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "preserve",
    phase: Phase::Contain,
    when: |facts| facts.instances_or_whole(),
    title: Text::fixed(
        "Preserve {t} before anything else: termination protection on, DeleteOnTermination off, snapshots of all volumes, logs copied away",
        "{t} を最優先で保全する: 終了保護を有効化、DeleteOnTermination を無効化、全ボリュームのスナップショット取得、ログの退避",
    ),
    done_text: Text::fixed(
        "We preserved {t}: termination protection was set, and snapshots of its volumes and copies of its logs were taken.",
        "{t} を保全しました（終了保護、ボリュームのスナップショット、ログの退避）。",
    ),
    why: Text::fixed("What is deleted or rebooted cannot be examined any more.", "削除や再起動をすると、調査ができなくなる。"),
    risk: Text::fixed("Snapshots cost storage.", "スナップショットの保管料がかかる。"),
    undo: Text::fixed("Delete the snapshots when the case is closed.", "案件の終了後にスナップショットを削除する。"),
    how: "aws ec2 modify-instance-attribute --instance-id {t} --disable-api-termination\naws ec2 create-snapshots --instance-specification InstanceId={t} --description abuse-case",
};
