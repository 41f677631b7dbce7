//! What is asked of the reader: first what the sentences ask, then what AWS asks in every such matter.

use abate_model::{AuthenticityVerdict, Category, Notice, NoticeKind, Text};

use super::words::{filled, value};
use super::{Told, Topic, find};
use crate::text::push_new;

/// Asked in every abuse matter, whether the mail says so or not.
const ALWAYS: &[Text] = &[
    Text::fixed(
        "State the root cause: how it could happen, and how your resource was used for it.",
        "根本原因を書いてください（なぜ起きたのか、リソースがどう使われたのか）。",
    ),
    Text::fixed(
        "State the measures taken: what stops it, and what prevents it from happening again.",
        "実施した対策を書いてください（何によって止まり、何によって再発を防ぐのか）。",
    ),
];

const HOW: Text = Text::fixed(
    "Answer by replying to the same mail, in English, as plain text, with the subject unchanged and without attachments.",
    "同じメールに、英語のプレーンテキストで、件名を変えず、添付なしで返信してください。",
);

const LIFT: Text = Text::fixed(
    "Ask for the removal of each block by name; none ends by itself.",
    "かかっている制限を一つずつ名前で挙げて、解除を依頼してください（自然には解除されません）。",
);

/// The list.
pub(super) fn list(notice: &Notice, told: &[Told]) -> Vec<Text> {
    match notice.kind {
        NoticeKind::Resolved => {
            return vec![Text::fixed("Nothing more is asked in this matter.", "この件で求められている対応は、もうありません。")];
        }
        NoticeKind::SelfFound => {
            return vec![Text::fixed(
                "AWS has not asked for anything. Misuse that you notice yourself should be reported to AWS promptly all the same.",
                "AWS からの要求はまだありません。自ら気づいた不正利用も、速やかに AWS へ報告してください。",
            )];
        }
        _ => {}
    }
    if super::reporter::is_all(notice) {
        return vec![Text::fixed(
            "AWS asks nothing here. The reporter expects you to look into it and stop it; if it came to you through AWS, the answer goes to AWS.",
            "AWS からの要求ではありません。報告者は、調査と停止を求めています。AWS を通じて届いた場合は、AWS に回答してください。",
        )];
    }
    let forged = notice.authenticity.verdict == AuthenticityVerdict::Forged;
    if forged {
        return vec![Text::fixed(
            "Nothing, if the mail is forged: do not do what it says before AWS Health or the Support Center shows the same matter.",
            "偽のメールであれば、何も求められていません。AWS Health かサポートセンターで同じ件を確認するまで、書かれていることを行わないでください。",
        )];
    }
    let mut asked = Vec::new();
    if notice.authenticity.verdict == AuthenticityVerdict::Suspicious || told.iter().any(|t| t.line.topic == Topic::Warning) {
        asked.push(Text::fixed(
            "Nothing before the mail is confirmed in AWS Health or the Support Center. What follows counts only then.",
            "AWS Health かサポートセンターで本物と確認できるまでは、何もしないでください。以下は、確認できた場合の内容です。",
        ));
    }
    told.iter().filter_map(|t| t.asks.clone()).for_each(|a| push_new(&mut asked, a));
    for action in notice.required_actions.iter().take(20) {
        let known = find::sentence(action);
        if known.is_none_or(|p| p.asks.is_none() && p.topic == Topic::Request) {
            let words = Text::same(value(action));
            push_new(&mut asked, filled(&Text::fixed("In AWS's words: \"{}\"", "AWS の原文: 「{}」"), &words));
        }
    }
    if !matches!(notice.category, Category::Copyright) {
        ALWAYS.iter().for_each(|a| push_new(&mut asked, a.clone()));
    }
    if !notice.mitigations.is_empty() {
        push_new(&mut asked, LIFT);
    }
    if !by_case(notice) {
        push_new(&mut asked, HOW);
    }
    asked
}

/// Matters that are answered in the Support Center rather than by mail.
pub(super) fn by_case(notice: &Notice) -> bool {
    let plain = crate::text::normal(&notice.body);
    super::silence::is_sending(notice) || notice.category == Category::CompromisedCredentials || plain.contains("support center")
}
