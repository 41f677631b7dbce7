//! Enforcement on Amazon SES, the mail service: another team, other rules, another place to answer.

use abate_model::Text;

use super::{By, Phrase, asks, formed, says};
use crate::explain::Topic;

/// The phrases, in order.
pub(super) const PHRASES: &[Phrase] = &[
    says(
        Topic::Accusation,
        &["change in your sending status"],
        Text::fixed(
            "The mail comes from the team of Amazon SES, AWS's mail service. Something about your right to send mail has changed.",
            "AWS のメール配信サービス「Amazon SES」の担当チームからの連絡です。メールを送る権限の状態が変わりました。",
        ),
        "IMPORTANT CHANGE IN YOUR SENDING STATUS",
    ),
    formed(
        By::Deed,
        Topic::Mitigation,
        &[
            "paused the sending",
            "paused your sending",
            "sending has been paused",
            "sending is paused",
            "sending paused",
            "paused your account's ability",
            "ability to send email has been paused",
        ],
        Text::fixed(
            "Amazon SES sends no mail of yours any more, not even order confirmations or password mails. It begins again only after the SES team has accepted your explanation.",
            "Amazon SES からのメール送信が止められています。注文確認やパスワード再設定のメールも送られません。SES の担当チームが説明を受け入れるまで、再開されません。",
        ),
        "We have paused the sending of your account in US West (Oregon).",
    ),
    says(
        Topic::Accusation,
        &["account under review", "placed your account under review", "account is under review", "under review in"],
        Text::fixed(
            "Amazon SES watches your mail because too many came back or were complained about. You can still send; if the figures do not improve, sending is paused.",
            "返送や苦情が多いため、Amazon SES が送信状況を審査中です。送信はまだできますが、改善しないと停止されます。",
        ),
        "[Action Required] Amazon SES account under review in eu-west-1",
    ),
    says(
        Topic::Accusation,
        &["complaint rate", "complaints rate", "complaint rates"],
        Text::fixed(
            "Too many recipients pressed \"this is spam\". From about 0.5 % complaints on, Amazon SES can stop your sending.",
            "「迷惑メール」と報告した受信者が多すぎる、という意味です。苦情が約 0.5 % を超えると、Amazon SES は送信を止めることがあります。",
        ),
        "The complaint rate of your mail was above the limit.",
    ),
    says(
        Topic::Accusation,
        &["bounce rate", "bounces rate", "bounce rates", "hard bounces"],
        Text::fixed(
            "Too many of your mails came back because the addresses do not exist. Amazon SES reviews an account from about 5 % on and can stop sending from about 10 % on. A sudden rise often means that someone else sends through your account.",
            "存在しない宛先が多く、返送が多すぎる、という意味です。Amazon SES は約 5 % から審査を行い、約 10 % を超えると送信を止めることがあります。急に増えた場合は、第三者が送信に悪用している可能性があります。",
        ),
        "Your bounce rate has risen above the limit.",
    ),
    formed(
        By::Whole,
        Topic::Other,
        &[
            "what you must do",
            "what you need to do",
            "what do i need to do",
            "next steps",
            "what happened",
            "why did this happen",
            "why this happened",
            "what this means",
        ],
        Text::fixed("A heading: the sentences below belong to it.", "見出しです。続く文がその内容です。"),
        "WHAT YOU MUST DO",
    ),
    asks(
        &[
            "respond to the case",
            "respond to this case",
            "reply to the case",
            "reply to this case",
            "update the case",
            "respond to your case",
        ],
        Text::fixed(
            "Answer in the case in the Support Center of the console, not by a new mail: what the cause was, what you have done, and what prevents it in future.",
            "新しいメールではなく、コンソールのサポートセンターにある該当ケースに回答します。原因、実施した対応、再発防止策の三つを書いてください。",
        ),
        Text::fixed(
            "Answer in the case in the Support Center: cause, what was done, prevention.",
            "サポートセンターのケースに回答してください（原因・実施した対応・再発防止策）。",
        ),
        "Please respond to the case in the console.",
    ),
    asks(
        &["request a review", "request which we review", "sending review"],
        Text::fixed(
            "You may ask the SES team to look again. Do it only after the cause is removed, and say what you changed.",
            "SES の担当チームに再審査を依頼できます。原因を取り除いたあとに、変更した内容を添えて依頼してください。",
        ),
        Text::fixed("Ask for the review once the cause is removed.", "原因を取り除いてから、再審査を依頼してください。"),
        "When that is done you can request a review.",
    ),
];
