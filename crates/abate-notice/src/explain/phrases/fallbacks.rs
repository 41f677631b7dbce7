//! What can still be said of a sentence that no phrase fits, because something else in it was read: a request, a deed of AWS, a
//! date, a link.

use abate_model::Text;

use super::{By, Phrase};
use crate::explain::Topic;

const fn rest(by: By, topic: Topic, means: Text, example: &'static str) -> Phrase {
    Phrase { words: &[], by, topic, means, value: None, asks: None, example }
}

/// The phrases, in order.
pub(super) const PHRASES: &[Phrase] = &[
    rest(
        By::Done,
        Topic::Mitigation,
        Text::fixed(
            "AWS has done something to your account or resource here. Take the sentence word for word, and name it in your answer if it is to be undone.",
            "AWS が、アカウントまたはリソースに対して行った措置です。原文のとおりに理解し、元に戻してほしい場合は返信で挙げてください。",
        ),
        "The bucket was restricted, and the port is blocked.",
    ),
    rest(
        By::Asked,
        Topic::Request,
        Text::fixed(
            "AWS asks you for something here that is not one of its usual requests. Read it word for word.",
            "AWS からの依頼ですが、よくある形ではありません。原文をそのまま読んでください。",
        ),
        "Please confirm that the printer is green.",
    ),
    rest(
        By::OtherLink,
        Topic::Warning,
        Text::fixed(
            "A link that does not lead to AWS. Do not open it; it can belong to what is reported, or to a forger.",
            "AWS 以外へのリンクです。開かないでください。報告された対象のページか、偽のサイトの可能性があります。",
        ),
        "https://login.example.net/signin",
    ),
    rest(
        By::AwsLink,
        Topic::Link,
        Text::fixed(
            "A link to a page of AWS. Nothing is asked here.",
            "AWS のページへのリンクです。ここで求められていることはありません。",
        ),
        "https://aws.amazon.com/premiumsupport/",
    ),
    rest(
        By::Deadline,
        Topic::Deadline,
        Text::fixed(
            "The sentence sets a time. What exactly is due then stands in its words.",
            "期限を示す文です。何の期限かは、原文を確認してください。",
        ),
        "The matter is due for completion by 2026-03-14 at the latest.",
    ),
    rest(
        By::Empty,
        Topic::Other,
        Text::fixed("The form has a place for this, but nothing was written there.", "記入欄はありますが、何も書かれていません。"),
        "* Destination URLs:",
    ),
    rest(
        By::Japanese,
        Topic::Other,
        Text::fixed(
            "A sentence in Japanese. AWS's abuse notices are in English, so it probably comes from whoever passed the notice on.",
            "日本語の文です。AWS の不正利用の通知は英語で届くため、通知を転送した人や会社が書いたものと考えられます。",
        ),
        "お手数ですが、ご確認をお願いいたします。",
    ),
];
