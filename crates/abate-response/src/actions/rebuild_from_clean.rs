//! `rebuild-from-clean`: bring a service back on a new host; a host cleaned in place is infected again.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "rebuild-from-clean",
    phase: Phase::Recover,
    when: |facts| facts.broken_into(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Rebuild the service of {it} on a new instance from a clean image; restore data only",
        "{it}のサービスを、クリーンなイメージから新しいインスタンスに再構築し、データだけを戻す",
    ),
    done_text: Text::fixed(
        "We rebuilt the service of {it} on a new instance from a clean image and restored data only.",
        "{it}のサービスを、クリーンなイメージから新しいインスタンスに再構築し、データだけを戻しました。",
    ),
    why: Text::fixed(
        "AWS recommends a new instance; cleaning in place is followed by re-infection.",
        "AWS は新しいインスタンスへの移行を推奨している。その場での駆除は再感染を招く。",
    ),
    risk: Text::fixed(
        "Downtime. A snapshot or image from after the intrusion carries the malware along: use one from well before, or rebuild from sources.",
        "停止時間が生じる。侵入後のスナップショットやイメージにはマルウェアが含まれるため、十分に前のもの、またはソースから作り直す。",
    ),
    undo: Text::fixed("Go back to the old instance in isolation.", "旧インスタンスを隔離したまま戻す。"),
    how: Text::fixed(
        "aws ec2 run-instances --region {region} --image-id AMI (a current AWS image or your own from before the intrusion) with a new key pair and role; close the way in before it goes online; never attach the old root volume; keep the old instance isolated until the case is closed",
        "aws ec2 run-instances --region {region} --image-id AMI（最新の AWS イメージ、または侵入前の自社イメージ）を、新しいキーペアとロールで起動する。公開前に侵入口を塞ぎ、旧ルートボリュームは接続しない。旧インスタンスは案件の終了まで隔離しておく",
    ),
};
