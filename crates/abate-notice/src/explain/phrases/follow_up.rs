//! Reminders, final notifications, further questions, and what AWS announces for silence.

use abate_model::Text;

use super::{Phrase, asks, says};
use crate::explain::Topic;

/// The phrases, in order.
pub(super) const PHRASES: &[Phrase] = &[
    says(
        Topic::Final,
        &["final notification", "final notice", "final warning", "final reminder"],
        Text::fixed(
            "This is the last notice. Blocks are often already in force when it arrives, and the next step can be the suspension of the account. Answer at once.",
            "これが最後の通知です。届いた時点で、すでに制限がかかっていることが多く、次はアカウント停止の可能性があります。すぐに返信してください。",
        ),
        "(**) FINAL NOTIFICATION (**)",
    ),
    says(
        Topic::Reminder,
        &[
            "have not received a response",
            "haven't received a response",
            "have not yet received a response",
            "have not received a reply",
            "haven't received a reply",
            "have not heard back from you",
            "not received your response",
            "did not receive a response",
        ],
        Text::fixed(
            "AWS has no answer from you to an earlier mail. Look for that mail (also in the spam folder and in the mailbox of the root user and the security contact): it holds the details. If you did answer, it did not arrive or the subject was changed: send it again as a reply to this mail.",
            "以前のメールに対する返信を、AWS がまだ受け取っていません。元のメールに詳しい内容があります。迷惑メールフォルダーや、ルートユーザー・セキュリティ担当の連絡先の受信箱も探してください。返信済みの場合は、届いていないか、件名が変わった可能性があります。このメールへの返信として、もう一度送ってください。",
        ),
        "So far we have not received a response from you about the report.",
    ),
    says(
        Topic::Reminder,
        &[
            "follow up on your outstanding",
            "following up on your outstanding",
            "following up on",
            "to follow up on",
            "second notification",
            "second notice",
            "this is a reminder",
            "case remains open",
            "remains unresolved",
            "outstanding abuse report",
            "outstanding abuse reports",
        ],
        Text::fixed(
            "A reminder: the matter is still open at AWS and waits for you.",
            "催促の連絡です。AWS ではこの件がまだ終わっておらず、返信を待っています。",
        ),
        "We're writing to follow up on your outstanding abuse reports.",
    ),
    says(
        Topic::Accusation,
        &[
            "we've observed intrusion attempts activity",
            "we've observed port scanning activity",
            "activity from account",
            "we have observed",
        ],
        Text::fixed(
            "AWS itself has seen such traffic from your account, so it does not only pass on someone else's report. It may still be going on.",
            "他者の報告を伝えるだけでなく、AWS 自身がお使いのアカウントからのこうした通信を確認した、という意味です。今も続いている可能性があります。",
        ),
        "We've observed Intrusion Attempts activity from account 111122223333.",
    ),
    says(
        Topic::Reminder,
        &[
            "received additional reports",
            "continue to receive reports",
            "continuing to receive reports",
            "received further reports",
            "received new reports",
            "activity is continuing",
            "activity has continued",
            "activity is still",
            "still ongoing",
        ],
        Text::fixed(
            "The activity has not stopped, or has begun again. What you did so far was not enough: something of the intruder is probably still there.",
            "行為が止まっていないか、再び始まったことを示します。これまでの対応では不十分で、侵入者の仕掛けが残っている可能性があります。",
        ),
        "Since your answer we have received additional reports about the instance.",
    ),
    says(
        Topic::Consequence,
        &[
            "failure to respond",
            "failure to reply",
            "failure to comply",
            "if we do not receive a response",
            "if we do not hear from you",
            "if you do not respond",
            "if you don't respond",
            "if you fail to respond",
            "in the absence of a response",
        ],
        Text::fixed(
            "This is what AWS does if you stay silent: it can block ports or whole resources, and later suspend the account.",
            "返信がない場合の措置です。ポートやリソースが遮断され、その後アカウントが停止されることがあります。",
        ),
        "Failure to respond could lead to possible mitigation.",
    ),
    says(
        Topic::Consequence,
        &[
            "may suspend your account",
            "may suspend your aws account",
            "may suspend your aws services",
            "might suspend your account",
            "will suspend your account",
            "account will be suspended",
            "account may be suspended",
            "account might be suspended",
            "result in the suspension",
            "lead to the suspension",
            "suspension of your account",
            "account suspension",
            "suspension of your aws account",
        ],
        Text::fixed(
            "AWS warns that it can suspend the account. Then everything in it stops, not only the reported resource.",
            "アカウントを停止する可能性がある、という警告です。停止されると、報告されたリソースだけでなく、アカウント内のすべてが止まります。",
        ),
        "Otherwise we may suspend your account.",
    ),
    says(
        Topic::Consequence,
        &[
            "may block",
            "might block",
            "will block",
            "may be blocked",
            "will be blocked",
            "possible mitigation",
            "may take action against",
            "might take action against",
            "may take mitigating action",
            "may isolate",
            "may terminate",
            "may take further action",
            "reserve the right to",
        ],
        Text::fixed(
            "AWS announces that it can block the resource. It is not yet in force by this sentence alone.",
            "AWS がリソースを遮断する可能性がある、という予告です。すでに実施されたという意味ではありません。",
        ),
        "Without an answer we may block the traffic of the resource.",
    ),
    asks(
        &[
            "once we have this information",
            "before we can resolve",
            "to finish our investigation",
            "in order to resolve this case",
            "to close this case",
        ],
        Text::fixed(
            "AWS wants more from you before it can close the matter. What is missing stands in the sentence before or after this one.",
            "AWS がこの件を終えるには、追加の情報が必要です。何が足りないかは、前後の文に書かれています。",
        ),
        Text::fixed("Answer the further question of AWS.", "AWS からの追加の質問に答えてください。"),
        "Once we have this information we can go on.",
    ),
    asks(
        &[
            "does not address the root cause",
            "does not provide enough",
            "did not provide",
            "not sufficient",
            "insufficient information",
            "need more information",
            "need additional information",
            "require additional information",
            "need further details",
            "more details about",
        ],
        Text::fixed(
            "Your answer was not enough for AWS. Usually the cause is missing (how did the intruder get in?) or what prevents a repetition.",
            "これまでの返信では、AWS にとって情報が足りません。多くの場合、原因（どこから侵入されたか）か再発防止策の説明が不足しています。",
        ),
        Text::fixed(
            "Answer again, with the cause and the measures in more detail.",
            "原因と対策をより具体的に書いて、もう一度返信してください。",
        ),
        "Your explanation is not sufficient for us.",
    ),
    says(
        Topic::Deadline,
        &["additional time", "more time", "extension request", "request an extension", "an extension"],
        Text::fixed(
            "You can ask for more time, as an exception: say how much you need and why. Acknowledging the mail is not an extension; the old deadline counts until AWS agrees.",
            "例外的に、期限の延長を依頼できます。必要な期間と理由を書いてください。受領の連絡だけでは延長になりません。AWS が認めるまでは、元の期限が有効です。",
        ),
        "Should you need additional time, tell us how much.",
    ),
];
