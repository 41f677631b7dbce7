//! What happens without an answer, and what is in force already (AWS's knowledge centre `aws-abuse-report`; the steps are those that
//! customers report, so they are told as usual, not as certain).

use abate_model::{AuthenticityVerdict, Category, DeadlineBasis, Notice, NoticeKind, Text};

use super::words::{filled, instant, value};
use crate::text::normal;

/// The list.
pub(super) fn list(notice: &Notice) -> Vec<Text> {
    let mut list = Vec::new();
    if matches!(notice.authenticity.verdict, AuthenticityVerdict::Forged | AuthenticityVerdict::Suspicious) {
        list.push(Text::fixed(
            "If the mail is forged, silence does no harm. Be sure of that first: AWS Health or the Support Center shows every real notice.",
            "偽のメールであれば、返信しなくても影響はありません。ただし、先に AWS Health かサポートセンターで、本物の通知がないことを確かめてください。",
        ));
    }
    match notice.kind {
        _ if super::reporter::is_all(notice) => list.push(Text::fixed(
            "No deadline of AWS runs by this report alone. If nothing happens, the reporter may turn to AWS, and then AWS expects an answer within 24 hours.",
            "この報告だけでは、AWS の期限は始まりません。放置すると、報告者が AWS に通報する可能性があります。その場合、AWS は 24 時間以内の回答を求めます。",
        )),
        NoticeKind::SelfFound => list.push(Text::fixed(
            "AWS waits for nothing yet. But the longer the misuse goes on, the likelier a report by others, and then a deadline of 24 hours runs.",
            "AWS はまだ何も求めていません。ただし、不正利用が続くほど第三者から報告される可能性が高まり、その場合は 24 時間の期限が始まります。",
        )),
        NoticeKind::Resolved => list.push(Text::fixed(
            "Nothing: AWS has closed the matter. A new report would open a new one.",
            "何も起こりません。AWS はこの件を終了しています。新たな報告があれば、別の件として始まります。",
        )),
        _ => {
            list.push(due(notice));
            list.push(next(notice));
        }
    }
    list.extend(in_force(notice));
    list
}

fn due(notice: &Notice) -> Text {
    let text = match notice.deadline.basis {
        DeadlineBasis::Stated => Text::fixed("The answer is due by {}; the notice says so.", "回答期限は、{}です（通知に記載）。"),
        DeadlineBasis::FromDate => Text::fixed(
            "The answer is due by {}. The notice states no time; AWS expects an answer within 24 hours, counted here from the date of the mail.",
            "回答期限は、{}です。通知に期限の記載はありませんが、AWS は 24 時間以内の返信を求めているため、メールの日時から数えています。",
        ),
        DeadlineBasis::FromReceipt => Text::fixed(
            "The answer is due by {} at the latest. The notice states no time and carries no date, so 24 hours are counted from when it was first read here; the real deadline may be earlier.",
            "回答期限は、遅くとも{}です。通知に期限も日付もないため、最初に読み込んだ時刻から 24 時間で計算しています。実際の期限は、もっと早い可能性があります。",
        ),
    };
    filled(&text, &instant(notice.deadline.at))
}

/// The next step of the ladder.
fn next(notice: &Notice) -> Text {
    if is_sending(notice) {
        return Text::fixed(
            "Without an answer the sending of mail stays under review or paused: it does not come back by itself.",
            "回答しないと、メール送信の審査や停止が続きます。自然には再開されません。",
        );
    }
    if notice.category == Category::CompromisedCredentials {
        return Text::fixed(
            "Without an answer the limits on the account stay, and after the date AWS can suspend the whole account. Meanwhile the intruder goes on at your expense.",
            "回答しないと、アカウントの制限が続き、期日を過ぎるとアカウント全体が停止されることがあります。その間も、侵入者の利用料金が発生し続けます。",
        );
    }
    if notice.category == Category::ModelAbuse && !notice.mitigations.is_empty() {
        return Text::fixed(
            "Without an answer the access to the model stays revoked.",
            "回答しないと、モデルへのアクセスは停止されたままです。",
        );
    }
    match notice.kind {
        NoticeKind::Final => Text::fixed(
            "This is the last notice. More blocks and the suspension of the account can follow without a further mail.",
            "これが最後の通知です。次は、追加の連絡なしに、制限の拡大やアカウントの停止が行われることがあります。",
        ),
        NoticeKind::Reminder => Text::fixed(
            "This is already the reminder. Next comes a final notification, usually with ports or resources blocked when it arrives; then the account can be suspended.",
            "これはすでに催促の通知です。次は最終通知で、多くの場合、届いた時点でポートやリソースが遮断されています。その後、アカウントが停止されることがあります。",
        ),
        _ => Text::fixed(
            "Without an answer the usual order is: a reminder (customers tell of about two days), a final notification (in one known case on the fourth day, a Sunday) with ports or resources blocked when it arrives, then the suspension of the account. AWS may block earlier, without a reminder.",
            "返信しない場合の一般的な流れは、催促（約 2 日後という例があります）、最終通知（4 日目の日曜日に届いた例があります。届いた時点でポートやリソースが遮断されています）、アカウントの停止の順です。催促なしに、早い段階で遮断されることもあります。",
        ),
    }
}

/// The blocks that are in force, and what they are like.
fn in_force(notice: &Notice) -> Vec<Text> {
    if notice.mitigations.is_empty() {
        return match notice.kind {
            NoticeKind::SelfFound | NoticeKind::Resolved => Vec::new(),
            _ if super::reporter::is_all(notice) => Vec::new(),
            _ => vec![Text::fixed(
                "The notice names no block that is already in force. If connections fail all the same, a block of AWS may be the reason: it would not show in your settings.",
                "すでに実施された制限は、通知に書かれていません。それでも通信が失敗する場合は、AWS による制限の可能性があります。その場合も、設定画面には現れません。",
            )],
        };
    }
    let mut list: Vec<Text> = notice
        .mitigations
        .iter()
        .take(20)
        .map(|m| filled(&Text::fixed("In force already: \"{}\"", "すでに実施されている措置: 「{}」"), &Text::same(value(m))))
        .collect();
    let network = |m: &String| ["port", "traffic", "start", "stop", "blackholed", "routed"].iter().any(|w| normal(m).contains(w));
    if !notice.mitigations.iter().any(network) {
        list.push(Text::fixed(
            "It does not end by itself, not even after the clean-up: the answer must ask for its end by name.",
            "対処が終わっても自然には解除されません。返信の中で、何の解除を求めるのかを明記して依頼する必要があります。",
        ));
        return list;
    }
    list.push(Text::fixed(
        "What AWS has blocked does not show in security groups, network ACLs or firewalls, and it does not end by itself, not even after the clean-up: the answer must ask for the removal of each block by name.",
        "AWS による制限は、セキュリティグループ・ネットワーク ACL・ファイアウォールの設定には現れません。対処が終わっても自然には解除されないため、返信の中で一つずつ名前を挙げて解除を依頼する必要があります。",
    ));
    list
}

/// Whether the notice comes from the mail service's own enforcement.
pub(super) fn is_sending(notice: &Notice) -> bool {
    let plain = normal(&format!("{}\n{}", notice.subject.as_deref().unwrap_or_default(), notice.body));
    ["change in your sending status", "paused the sending", "amazon ses", "sending has been paused", "paused your sending"]
        .iter()
        .any(|w| plain.contains(w))
}
