//! `remove-intruder-instances`: remove instances that an intruder launched, after their snapshots.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "remove-intruder-instances",
    phase: Phase::Eradicate,
    when: |facts| facts.intruder_instances(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Terminate {it}, which was launched without authorisation, after its snapshot",
        "権限なく起動された{it}を、スナップショット取得後に終了する",
    ),
    done_text: Text::fixed("We terminated {it}, which had been launched without authorisation.", "権限なく起動された{it}を終了しました。"),
    why: Text::fixed(
        "It costs money and may do more harm; others may run in Regions that nobody looks at.",
        "費用がかかり、さらに悪用されるおそれがある。普段見ないリージョンにも残っていることがある。",
    ),
    risk: Text::fixed(
        "Irreversible. Take the snapshot first, and be sure that it is not yours.",
        "元に戻せない。先にスナップショットを取得し、自社のものでないことを確認する。",
    ),
    undo: Text::fixed("None; the snapshot stays.", "なし（スナップショットは残る）。"),
    how: Text::fixed(
        "Look in every Region: aws ec2 describe-regions, then describe-instances, describe-spot-fleet-requests, and launch templates and Auto Scaling groups that would start it again\naws ec2 modify-instance-attribute --region {region} --instance-id {t} --no-disable-api-termination\naws ec2 terminate-instances --region {region} --instance-ids {t}",
        "全リージョンを確認する: aws ec2 describe-regions の各リージョンで describe-instances・describe-spot-fleet-requests、再起動の原因になる起動テンプレートや Auto Scaling グループも\naws ec2 modify-instance-attribute --region {region} --instance-id {t} --no-disable-api-termination\naws ec2 terminate-instances --region {region} --instance-ids {t}",
    ),
};
