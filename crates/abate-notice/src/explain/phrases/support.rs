//! Sentences of support cases, through which keys, SES and by now also abuse matters run.

use abate_model::Text;

use super::{Phrase, says};
use crate::explain::Topic;

/// The phrases, in order.
pub(super) const PHRASES: &[Phrase] = &[
    says(
        Topic::Other,
        &[
            "to contact us again about this case",
            "return to the aws support center",
            "via the support center",
            "through the support center",
            "in the support center",
            "aws support center",
            "support center",
        ],
        Text::fixed(
            "Answers to this case are written in the Support Center of the console. The field there takes about 8,000 characters.",
            "このケースへの回答は、コンソールのサポートセンターで行います。入力欄に書けるのは、およそ 8,000 文字までです。",
        ),
        "To contact us again about this case, please use the console.",
    ),
    says(
        Topic::Other,
        &[
            "new support case",
            "opened a support case",
            "opened a case",
            "created a support case",
            "created a case",
            "support case has been opened",
            "support case",
        ],
        Text::fixed(
            "AWS has opened a case in your account's Support Center for this matter. It can be read and answered there.",
            "この件について、AWS がお使いのアカウントのサポートセンターにケースを作成しました。そこで内容を確認し、回答できます。",
        ),
        "We have opened a support case on your behalf.",
    ),
    says(
        Topic::Other,
        &["machine translated", "machine translation", "translated by machine"],
        Text::fixed(
            "The text was translated by a machine. Where it is unclear the English version counts.",
            "機械翻訳された文章です。分かりにくい箇所は、英語の原文を確認してください。",
        ),
        "Machine translated message",
    ),
    says(
        Topic::Footer,
        &["rate my", "rate your", "let us know if we helped", "how did we do", "your feedback", "share your experience"],
        Text::fixed(
            "A question about your satisfaction. It plays no part in the matter.",
            "満足度アンケートの案内です。この件には関係ありません。",
        ),
        "Please rate your experience with us.",
    ),
    says(
        Topic::Greeting,
        &[
            "thank you for contacting",
            "thanks for contacting",
            "my name is",
            "i am reaching out",
            "we are reaching out",
            "we're reaching out",
            "we are writing to",
            "we're writing to",
            "hope this message finds you",
        ],
        Text::fixed("The opening of a message. The matter itself follows.", "書き出しのあいさつです。用件はこのあとに続きます。"),
        "My name is Ana, and I look after your case.",
    ),
];
