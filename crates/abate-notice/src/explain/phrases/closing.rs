//! The end of a matter, and thanks on the way there.

use abate_model::Text;

use super::{Phrase, says};
use crate::explain::Topic;

/// The phrases, in order.
pub(super) const PHRASES: &[Phrase] = &[
    says(
        Topic::Closing,
        &[
            "has been investigated and resolved",
            "this case has been resolved",
            "case has been marked as resolved",
            "case is now resolved",
            "case is now closed",
            "we have closed this case",
            "we've closed this case",
            "we have resolved this case",
            "we've resolved this case",
            "we consider this case resolved",
            "we consider this matter resolved",
            "we are closing this case",
            "we're closing this case",
        ],
        Text::fixed(
            "AWS has closed the matter; you need not answer any more. Check once whether every block is really gone: blocks do not always end together with the case.",
            "AWS はこの件を終了しました。これ以上の返信は必要ありません。ただし、制限は案件と同時に解除されるとは限りません。すべて解除されているかどうかを一度確認してください。",
        ),
        "We looked into it, and this case has been resolved by our team.",
    ),
    says(
        Topic::Closing,
        &["no further action is required", "no further action is needed", "no additional action is required"],
        Text::fixed("AWS wants nothing more from you in this matter.", "この件について、AWS が求める対応はこれ以上ありません。"),
        "At this time no further action is required from your side.",
    ),
    says(
        Topic::Closing,
        &[
            "have been unblocked",
            "has been unblocked",
            "we have removed the block",
            "we've removed the block",
            "we have lifted",
            "we've lifted",
            "has been reinstated",
            "have been reinstated",
            "has been restored",
            "have been restored",
            "mitigation has been removed",
            "mitigations have been removed",
        ],
        Text::fixed(
            "AWS says that it has lifted a block or given access back. Try it out, and write at once if something is still blocked.",
            "制限の解除、または利用の再開を知らせる文です。実際に使えるかどうかを試し、まだ使えないものがあれば、すぐに返信で伝えてください。",
        ),
        "The outgoing port has been unblocked as you asked.",
    ),
    says(
        Topic::Closing,
        &[
            "thank you for your response",
            "thank you for your reply",
            "thank you for your prompt",
            "thank you for getting back to us",
            "thank you for the update",
            "thank you for your cooperation",
        ],
        Text::fixed(
            "AWS has received your answer. That alone closes nothing: read on to see whether something is still asked.",
            "返信が AWS に届いたことを示します。これだけで解決したわけではありません。続きに追加の質問がないかを確認してください。",
        ),
        "Thank you for your response to our mail.",
    ),
];
