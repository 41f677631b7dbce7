//! `pause-ses`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Claim, Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "pause-ses",
    phase: Phase::Contain,
    when: |facts| facts.when(&[Claim::SesAbuse]),
    title: Text::fixed("Pause sending in Amazon SES until the sender is known", "送信元が判明するまで Amazon SES の送信を一時停止する"),
    done_text: Text::fixed("We paused sending in Amazon SES.", "Amazon SES の送信を一時停止しました。"),
    why: Text::fixed("Mail is being sent by someone else.", "第三者によりメールが送信されている。"),
    risk: Text::fixed("Legitimate mail stops as well.", "正規のメールも止まる。"),
    undo: Text::fixed(
        "aws sesv2 put-account-sending-attributes --sending-enabled",
        "aws sesv2 put-account-sending-attributes --sending-enabled",
    ),
    how: "aws sesv2 put-account-sending-attributes --no-sending-enabled --region REGION",
};
