//! How mails end: signatures, company lines, ids.

use abate_model::Text;

use super::{By, Phrase, formed, says};
use crate::explain::Topic;

/// The phrases, in order.
pub(super) const PHRASES: &[Phrase] = &[
    formed(
        By::Short,
        Topic::Footer,
        &["aws trust & safety", "aws trust and safety", "trust & safety", "trust and safety"],
        Text::fixed(
            "The signature of AWS Trust & Safety, the team that handles complaints about the use of AWS. Your answer goes to it.",
            "AWS Trust & Safety の署名です。AWS の利用に関する苦情を扱うチームで、返信の宛先になります。",
        ),
        "Regards, AWS Trust & Safety",
    ),
    formed(
        By::Short,
        Topic::Footer,
        &["amazon ec2 abuse team", "aws abuse team", "amazon web services abuse team", "ec2 abuse team", "abuse team", "amazon ec2 abuse"],
        Text::fixed(
            "The signature of AWS's abuse team, today called Trust & Safety. Your answer goes to it.",
            "AWS の不正利用担当チームの署名です（現在の名称は Trust & Safety）。返信の宛先になります。",
        ),
        "Regards, Amazon EC2 Abuse Team",
    ),
    says(
        Topic::Footer,
        &[
            "produced and distributed by",
            "all rights reserved",
            "is a subsidiary of",
            "registered trademark",
            "410 terry",
            "amazon web services, inc",
            "unsubscribe",
            "privacy notice",
            "copyright notice",
            "confidential",
        ],
        Text::fixed("The sender's company line, without meaning for the matter.", "送信元の会社情報です。用件には関係ありません。"),
        "This message was produced and distributed by Amazon Web Services, Inc.",
    ),
    formed(
        By::Opening,
        Topic::Footer,
        &[
            "sincerely",
            "best regards",
            "kind regards",
            "regards",
            "yours truly",
            "amazon web services",
            "aws support",
            "thank you",
            "thanks",
        ],
        Text::fixed("The signature.", "署名です。"),
        "Sincerely, Amazon Web Services",
    ),
];
