//! The same notice by way of AWS Health, the console's notice board.

use abate_model::Text;

use super::{Phrase, says};
use crate::explain::Topic;

/// The phrases, in order.
pub(super) const PHRASES: &[Phrase] = &[
    says(
        Topic::Identification,
        &["affected resources tab", "'affected resources' tab", "affected resources"],
        Text::fixed(
            "The ids of the resources are not in the text but in a list beside it, in the console under AWS Health.",
            "対象リソースの ID は本文ではなく、コンソールの AWS Health にある一覧に載っています。",
        ),
        "The resources are listed in the 'Affected resources' tab.",
    ),
    says(
        Topic::Link,
        &["notification center", "aws user notifications", "view in notification", "notification configuration", "notifications console"],
        Text::fixed(
            "A link to the console, where the same notice can be read. Seeing it there, after signing in by your own way, is the best proof that it is real.",
            "同じ通知をコンソールで表示するためのリンクです。いつもの方法でサインインし、コンソールに同じ通知があれば、本物だと確認できます。",
        ),
        "View in Notification Center",
    ),
    says(
        Topic::Other,
        &["aws health dashboard", "health dashboard", "aws health event", "personal health dashboard", "aws health"],
        Text::fixed(
            "The notice also stands in AWS Health, the notice board of your account in the console. The answer still goes by mail or in the case.",
            "この通知は、コンソールのお知らせ画面「AWS Health」にも載っています。回答は、メールへの返信またはサポートケースで行います。",
        ),
        "You can see this event on your AWS Health Dashboard.",
    ),
    says(
        Topic::Footer,
        &[
            "if you have any questions or concerns",
            "if you have questions or concerns",
            "if you have any questions",
            "if you have additional questions",
            "any further questions",
            "aws support team is available",
        ],
        Text::fixed(
            "A closing line. Questions on the matter go where the answer goes: into a reply to this mail, or into the case.",
            "結びの文です。この件についての質問は、回答と同じく、このメールへの返信またはケースで行います。",
        ),
        "If you have any questions or concerns, write to us.",
    ),
];
