//! `rebuild-from-clean`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "rebuild-from-clean",
    phase: Phase::Recover,
    when: |facts| facts.instances_when_broken_into(),
    title: Text::fixed(
        "Rebuild {t} from a clean image on a new instance; restore data only, from before the intrusion",
        "{t} を、クリーンなイメージから新しいインスタンスとして再構築し、侵入前のデータだけを戻す",
    ),
    done_text: Text::fixed(
        "We rebuilt the service of {t} on a new instance from a clean image.",
        "{t} のサービスを、クリーンなイメージから新しいインスタンスに再構築しました。",
    ),
    why: Text::fixed("Cleaning in place is followed by re-infection again and again.", "その場での駆除は再感染を招きやすい。"),
    risk: Text::fixed(
        "Downtime; a snapshot taken after the intrusion carries the malware along.",
        "停止時間が生じる。侵入後のスナップショットにはマルウェアが含まれる。",
    ),
    undo: Text::fixed("Start the old instance in isolation.", "旧インスタンスを隔離した状態で起動する。"),
    how: "launch from a current AWS or own image; do not reuse the old volume",
};
