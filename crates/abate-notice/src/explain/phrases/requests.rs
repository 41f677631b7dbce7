//! What AWS asks for: an answer, the cause, the measures, a use case.

use abate_model::Text;

use super::{Phrase, asks, says};
use crate::explain::Topic;

/// The phrases, in order.
pub(super) const PHRASES: &[Phrase] = &[
    says(
        Topic::Limits,
        &[
            "cannot accept incoming",
            "does not accept incoming",
            "do not reply to this",
            "not monitored",
            "no-reply",
            "unmonitored",
            "cannot receive replies",
        ],
        Text::fixed(
            "This address does not read answers. Answer in the Support Center, or to the mail of the abuse team.",
            "このアドレスに返信しても読まれません。サポートセンターのケースか、不正利用担当チームのメールに回答してください。",
        ),
        "This address is not monitored.",
    ),
    asks(
        &[
            "do not consider the activity",
            "do not consider it",
            "don't consider",
            "not consider the activity",
            "details of your use case",
            "explain your use case",
            "legitimate use case",
            "if you believe this report is in error",
            "if you believe this is an error",
            "if you disagree",
        ],
        Text::fixed(
            "If the traffic was right and wanted (a test that you ordered, your own crawler), or the report is wrong, you may say so. Describe what you do and for what, with facts that can be checked; mere denial is not enough.",
            "意図した正当な通信（自社が依頼した検査、自社のクローラーなど）である場合や、報告が誤りである場合は、その旨を説明できます。何を何のために行っているかを、確認できる事実とともに書いてください。否定するだけでは足りません。",
        ),
        Text::fixed(
            "If it was legitimate or the report is wrong: describe the use case, with proof.",
            "正当な利用、または報告の誤りである場合は、用途を根拠とともに説明してください。",
        ),
        "If you do not consider it to be abusive, write to us with details of your use case.",
    ),
    asks(
        &[
            "take action to stop",
            "stop the reported activity",
            "stop this activity",
            "take immediate action",
            "cease the activity",
            "stop the activity",
            "reply with corrective actions",
            "details of the corrective actions",
        ],
        Text::fixed(
            "AWS wants two things: that the activity stops, and a mail from you that says what you did for it. Doing the first without the second counts as no answer.",
            "AWS が求めているのは二つです。報告された行為を止めること、そして何をしたかをメールで返信することです。止めただけで返信しないと、未対応とみなされます。",
        ),
        Text::fixed("Stop the reported activity, and reply with what you did.", "報告された行為を止め、実施した対応を返信してください。"),
        "Please take action to stop the reported activity and reply to this email.",
    ),
    asks(
        &[
            "corrective measures",
            "corrective actions",
            "corrective action",
            "measures you have taken",
            "measures have been taken",
            "measures were taken",
            "what measures",
            "steps you have taken",
            "steps have been taken",
            "steps taken",
            "what steps",
            "actions you have taken",
            "prevent abuse from happening",
            "prevent this from happening",
            "prevent recurrence",
            "prevent the recurrence",
        ],
        Text::fixed(
            "The second of AWS's two questions: what have you done that stops it and keeps it from coming back? Name only what is really done, with times; plans are promises, not measures.",
            "AWS の二つの質問の二つ目です。「止めるため、そして再発を防ぐために、何をしましたか」という意味です。実際に行ったことだけを、時刻とともに書いてください。予定は対策として認められません。",
        ),
        Text::fixed(
            "State the measures taken: what stops it, and what prevents it from happening again.",
            "実施した対策を書いてください（何によって止まり、何によって再発を防ぐのか）。",
        ),
        "Please tell us the corrective measures you have taken.",
    ),
    asks(
        &[
            "root cause",
            "the cause of the",
            "source of the problem",
            "how the abuse occurred",
            "how this occurred",
            "how your resources were used",
        ],
        Text::fixed(
            "The first of AWS's two questions: why could this happen? Not \"we were hacked\", but by which way someone got in (a weak password, an old program, a leaked key, an open port) and how your resource was then used.",
            "AWS の二つの質問の一つ目です。「なぜ起きたのか」を尋ねています。「攻撃された」だけでは足りません。弱いパスワード、古いソフトウェア、漏えいしたキー、開いたポートなど、どこから入られ、リソースがどう使われたかを書きます。",
        ),
        Text::fixed(
            "State the root cause: how it could happen, and how your resource was used for it.",
            "根本原因を書いてください（なぜ起きたのか、リソースがどう使われたのか）。",
        ),
        "Investigate root cause",
    ),
    asks(
        &[
            "remediate",
            "fix the vulnerability",
            "patch the",
            "close the port",
            "restrict access to the service",
            "secure your instance",
            "secure the instance",
            "secure the resource",
            "secure your resources",
        ],
        Text::fixed(
            "Close the hole: update or switch off the service, or let only those reach it who need it. Then check whether it was used by someone before.",
            "弱点をふさいでください。ソフトウェアを更新する、サービスを止める、必要な相手だけに公開を限る、のいずれかです。そのうえで、すでに悪用されていないかを確認します。",
        ),
        Text::fixed("Close the reported weakness.", "指摘された弱点をふさいでください。"),
        "Remediate the reported vulnerability",
    ),
    asks(
        &[
            "remove the content",
            "remove the reported content",
            "take down the",
            "disable access to the",
            "remove or disable",
            "remove the material",
            "remove the file",
            "remove the page",
        ],
        Text::fixed(
            "AWS wants the reported pages or files off the net. Keep a copy and the server's logs first; whoever put them there may still have access.",
            "報告されたページやファイルの公開をやめるよう求めています。先に写しとサーバーのログを保存してください。置いた第三者が、まだ侵入できる状態かもしれません。",
        ),
        Text::fixed("Take the reported content off the net.", "報告されたコンテンツの公開をやめてください。"),
        "Please remove the content named in the report.",
    ),
    asks(
        &[
            "result of your investigation",
            "results of your investigation",
            "outcome of your investigation",
            "please investigate",
            "investigate this",
            "investigate the reported",
            "look at the instance",
            "conduct an investigation",
        ],
        Text::fixed(
            "Find out what happened on the resource and write the result to AWS, also where you found nothing: then say what you searched and for which time.",
            "リソースで何が起きたかを調べ、結果を AWS に伝えます。何も見つからなかった場合も、どのログのどの期間を調べたかを書いてください。",
        ),
        Text::fixed("Investigate, and reply with the result.", "調査し、結果を返信してください。"),
        "Please write to us with the result of your investigation.",
    ),
    says(
        Topic::Request,
        &["do not change the subject", "don't change the subject", "keep the subject", "subject line"],
        Text::fixed(
            "Reply to this very mail and leave the subject as it is. AWS finds the case by the number in it.",
            "このメールにそのまま返信し、件名は変えないでください。AWS は件名の番号で案件を見分けています。",
        ),
        "When you reply, do not change the subject.",
    ),
    says(
        Topic::Request,
        &["english"],
        Text::fixed("The answer should be in English.", "返信は英語で書く必要があります。"),
        "We can only handle replies in English.",
    ),
    asks(
        &[
            "please review the information",
            "review the information provided",
            "review the report",
            "check the information provided",
            "please review the",
        ],
        Text::fixed(
            "The details stand further down: times, addresses and, where the reporter gave them, lines of a log. Look for the same times and addresses in your own logs.",
            "詳しい内容（時刻、アドレス、報告者が提供したログの行など）は、メールの後半にあります。同じ時刻とアドレスを、自社のログで探してください。",
        ),
        Text::fixed(
            "Look at the details in the notice and compare them with your own logs.",
            "通知に書かれた内容を確認し、自社のログと照らし合わせてください。",
        ),
        "Please review the information given below.",
    ),
    asks(
        &[
            "provide logs",
            "provide evidence",
            "provide the logs",
            "send us logs",
            "log files",
            "open attachments",
            "open any attachments",
            "as attachments",
            "as an attachment",
        ],
        Text::fixed(
            "Proof goes into the text of the mail as a few lines. AWS's abuse team does not open attachments.",
            "証拠は、数行をメール本文に貼り付けます。AWS の不正利用担当チームは添付ファイルを開きません。",
        ),
        Text::fixed("Put the proof into the mail as text, without attachments.", "証拠は添付せず、本文に書いてください。"),
        "Please provide evidence for your statement.",
    ),
    asks(
        &[
            "reply directly to this email",
            "reply to this email",
            "replying to this email",
            "reply to this e-mail",
            "reply to this mail",
            "reply to this message",
            "respond to this email",
            "respond directly",
            "answer this mail",
            "please respond",
            "please reply",
            "must respond",
            "reply within",
            "respond within",
        ],
        Text::fixed(
            "AWS expects an answer to this mail. Reply to it directly, in English, as plain text and without attachments; the subject stays as it is.",
            "このメールへの返信が必要です。元のメールに直接、英語のプレーンテキストで、添付なしで返信してください。件名は変えません。",
        ),
        Text::fixed("Reply to the mail in time.", "期限までに返信してください。"),
        "Please reply within 24 hours.",
    ),
];
