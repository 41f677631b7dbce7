//! `preserve-first`: keep what is there before anything is changed: no termination, snapshots, logs.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "preserve-first",
    phase: Phase::Contain,
    when: |facts| facts.to_preserve(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Preserve {it} before anything else: termination protection, snapshots of all volumes, copies of logs",
        "何よりも先に{it}を保全する: 終了保護、全ボリュームのスナップショット、ログの退避",
    ),
    done_text: Text::fixed(
        "Before changing anything, we set termination protection on {it}, took snapshots of its volumes and saved its logs.",
        "変更を加える前に、{it}に終了保護を設定し、全ボリュームのスナップショットを取得し、ログを退避しました。",
    ),
    why: Text::fixed(
        "What is terminated, rebooted or cleaned cannot be examined any more, and AWS asks for the root cause.",
        "終了・再起動・清掃をすると調査できなくなるが、AWS には根本原因の説明を求められる。",
    ),
    risk: Text::fixed(
        "Snapshots cost storage. They contain whatever the intruder left: never start them as they are.",
        "スナップショットの保管料がかかる。侵入者が残したものも含まれるため、そのまま起動しない。",
    ),
    undo: Text::fixed("Delete the snapshots when the case is closed.", "案件の終了後にスナップショットを削除する。"),
    how: Text::fixed(
        "aws ec2 modify-instance-attribute --region {region} --instance-id {t} --disable-api-termination\naws ec2 modify-instance-attribute --region {region} --instance-id {t} --instance-initiated-shutdown-behavior Value=stop\naws ec2 create-snapshots --region {region} --instance-specification InstanceId={t},ExcludeBootVolume=false --description 'abuse case'\nThen copy the logs on the host through Session Manager; do not reboot, do not log in as the compromised user. Resources other than EC2: keep logs and configuration.",
        "aws ec2 modify-instance-attribute --region {region} --instance-id {t} --disable-api-termination\naws ec2 modify-instance-attribute --region {region} --instance-id {t} --instance-initiated-shutdown-behavior Value=stop\naws ec2 create-snapshots --region {region} --instance-specification InstanceId={t},ExcludeBootVolume=false --description 'abuse case'\nその後、Session Manager でホスト内のログをコピーする（再起動しない、侵害されたユーザーでログインしない）。EC2 以外のリソースは、ログと設定を保存する。",
    ),
};
