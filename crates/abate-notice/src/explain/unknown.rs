//! What the notice does not tell. To say so is half of the help: the reader stops looking for it in the mail.

use abate_model::{AuthenticityVerdict, Category, DeadlineBasis, Notice, NoticeKind, ResourceKind, Text, ZoneCertainty, is_masked};

use super::Line;
use super::words::{filled, listed, value};

/// The list.
pub(super) fn list(notice: &Notice, lines: &[Line], cut: usize) -> Vec<Text> {
    if notice.kind == NoticeKind::Resolved {
        return not_understood(lines, cut);
    }
    let mut list = Vec::new();
    list.push(Text::fixed(
        "Whether it is true: a notice passes on what was seen or claimed. Only your own logs tell whether and how it happened.",
        "本当に起きたのかどうか。通知は、観測または申告された内容を伝えるものです。実際に起きたのか、どのように起きたのかは、自社のログで確かめる必要があります。",
    ));
    list.push(Text::fixed(
        "How it came about: nobody but you can look into your servers, and no cause is named.",
        "なぜ起きたのか。サーバーの中を調べられるのは自社だけで、原因は書かれていません。",
    ));
    let from_aws = notice.kind != NoticeKind::SelfFound && !super::reporter::is_all(notice);
    if from_aws {
        list.extend(genuine(notice));
        if !super::silence::is_sending(notice) {
            list.push(who(notice));
        }
    }
    list.extend(when(notice));
    list.extend(which(notice));
    list.extend(whither(notice));
    if from_aws && notice.deadline.basis != DeadlineBasis::Stated {
        list.push(Text::fixed(
            "Until when an answer is due: no time is stated. 24 hours are assumed, AWS's general rule.",
            "いつまでに返信すべきか。期限の記載がないため、AWS の一般的な目安である 24 時間と仮定しています。",
        ));
    }
    if notice.category == Category::CompromisedCredentials {
        list.push(Text::fixed(
            "How far it went: events that AWS names are samples, mostly of one day. What else was done, since when and in which Regions, is open.",
            "被害の範囲。AWS が挙げる操作は一例で、多くは 1 日分だけです。ほかに何が、いつから、どのリージョンで行われたかは分かりません。",
        ));
    }
    list.extend(not_understood(lines, cut));
    list
}

fn genuine(notice: &Notice) -> Option<Text> {
    match notice.authenticity.verdict {
        AuthenticityVerdict::Genuine => None,
        AuthenticityVerdict::Plausible => Some(Text::fixed(
            "Whether the mail is from AWS: nothing speaks against it, but only AWS Health or the Support Center, opened by your own way, proves it.",
            "AWS からのメールかどうか。不審な点は見つかっていませんが、確実に確認できるのは、自分で開いた AWS Health またはサポートセンターだけです。",
        )),
        AuthenticityVerdict::NotChecked => Some(Text::fixed(
            "Whether the notice is from AWS: it could not be checked in this form. Look it up in AWS Health or the Support Center.",
            "AWS からの通知かどうか。この形では確認できません。AWS Health またはサポートセンターで確認してください。",
        )),
        AuthenticityVerdict::Suspicious => Some(Text::fixed(
            "Whether the mail is from AWS: something speaks against it. Believe it only after AWS Health or the Support Center shows the same.",
            "AWS からのメールかどうか。不審な点があります。AWS Health またはサポートセンターで同じ件を確認するまで、信用しないでください。",
        )),
        AuthenticityVerdict::Forged => Some(Text::fixed(
            "Whether there is any matter at all: the mail only pretends to be from AWS.",
            "そもそも、そのような件があるのかどうか。このメールは AWS を装っています。",
        )),
    }
}

fn who(notice: &Notice) -> Text {
    if notice.reporter.is_some() {
        Text::fixed(
            "Who reported it: AWS does not vouch for the reporter, and what stands in the report can be invented.",
            "誰が報告したのか。AWS は報告者を保証しておらず、報告の内容が作り話の可能性もあります。",
        )
    } else {
        Text::fixed(
            "Who reported it and on what grounds: no report is enclosed. You may ask AWS for log lines in your answer; it asks the reporter.",
            "誰が、何を根拠に報告したのか。元の報告は添えられていません。返信の中で AWS にログの提供を依頼できます（AWS から報告者に問い合わせます）。",
        )
    }
}

fn when(notice: &Notice) -> Vec<Text> {
    let mut list = Vec::new();
    if notice.window().is_none() {
        list.push(Text::fixed(
            "When it happened: no time is stated. Search from some days before the date of the notice.",
            "いつ起きたのか。時刻の記載がありません。通知の日付の数日前から、ログを調べてください。",
        ));
        return list;
    }
    let certainty = |wanted| notice.reported.iter().any(|r| r.window().is_some() && r.zone_certainty == wanted);
    if certainty(ZoneCertainty::Assumed) {
        list.push(Text::fixed(
            "In which time zone the times are: none is written, so the real time can lie up to 14 hours off. Search a day before and after.",
            "時刻のタイムゾーン。記載がないため、実際の時刻と最大 14 時間ずれている可能性があります。前後 1 日を含めて調べてください。",
        ));
    }
    if certainty(ZoneCertainty::Unknown) {
        list.push(Text::fixed(
            "When it really happened: the only time given says when AWS opened the event, not when the traffic was seen.",
            "実際にいつ起きたのか。書かれているのは AWS がイベントを作成した時刻で、通信が観測された時刻ではありません。",
        ));
    }
    if notice.reported.iter().any(|r| r.window().is_none()) {
        list.push(Text::fixed(
            "When it happened at some of the resources: a time is stated for the others only.",
            "一部のリソースについて、いつ起きたのか。時刻が書かれているのは、ほかのリソースだけです。",
        ));
    }
    list
}

/// What is missing of account, Region, resource and address.
fn which(notice: &Notice) -> Vec<Text> {
    let mut list = Vec::new();
    let masked: Vec<Text> = notice
        .account_id
        .iter()
        .filter(|id| is_masked(id))
        .chain(notice.resources.iter().filter(|r| r.masked && r.kind != ResourceKind::Account).map(|r| &r.id))
        .take(8)
        .map(|id| Text::same(value(id)))
        .collect();
    if !masked.is_empty() {
        list.push(filled(
            &Text::fixed(
                "The whole ids: {} are partly blacked out, which AWS itself does not do in abuse notices. Get the original mail.",
                "ID の全体。{} は一部が伏せられています。AWS が不正利用の通知で ID を伏せることは通常ないため、元のメールを入手してください。",
            ),
            &listed(&masked),
        ));
    }
    if notice.account_id.is_none() {
        list.push(Text::fixed(
            "Which account is meant: none is named. With several accounts, find the one that holds the resource.",
            "どのアカウントか。記載がありません。複数のアカウントがある場合は、該当リソースのあるものを探してください。",
        ));
    }
    let vague = |r: &abate_model::Resource| matches!(r.kind, ResourceKind::Account | ResourceKind::Region);
    let credentials = notice.category == Category::CompromisedCredentials;
    if notice.resources.iter().all(vague) {
        list.push(Text::fixed(
            "Which resource is meant: none is named. In AWS Health the tab \"Affected resources\" may list it.",
            "どのリソースか。記載がありません。AWS Health の「影響を受けるリソース」タブに載っている場合があります。",
        ));
    } else if !credentials && !notice.resources.iter().any(|r| !r.addresses.is_empty() || r.kind == ResourceKind::Address) {
        list.push(Text::fixed(
            "Which public address the traffic came from: none is named. Look up what the resource had at that time.",
            "どの公開アドレスからの通信か。記載がありません。当時、そのリソースに付いていたアドレスを確認してください。",
        ));
    } else if !credentials {
        list.push(Text::fixed(
            "Whether the named address was yours at the reported time: addresses change hands. Check it before anything else.",
            "記載されたアドレスが、報告された時刻に自社のものだったかどうか。アドレスは利用者が替わることがあります。最初に確認してください。",
        ));
    }
    if notice.regions.is_empty() && !credentials {
        list.push(Text::fixed(
            "Which Region is meant: none is named. Look through all of them.",
            "どのリージョンか。記載がありません。すべてのリージョンを確認してください。",
        ));
    }
    list
}

/// Where the traffic went, for the kinds of abuse that are traffic.
fn whither(notice: &Notice) -> Option<Text> {
    let traffic = matches!(
        notice.category,
        Category::PortScan
            | Category::Dos
            | Category::Intrusion
            | Category::Botnet
            | Category::OpenProxy
            | Category::Spam
            | Category::Crawling
    );
    let none = notice.reported.iter().all(|r| r.remote.is_empty() && r.urls.is_empty());
    (traffic && none && !super::silence::is_sending(notice)).then(|| {
        Text::fixed(
            "Where the traffic went: neither address nor port of the other side is named. Ask AWS for them if your logs do not show it.",
            "通信の相手。相手側のアドレスもポートも書かれていません。自社のログで分からない場合は、AWS に尋ねてください。",
        )
    })
}

fn not_understood(lines: &[Line], cut: usize) -> Vec<Text> {
    let unread = lines.iter().filter(|l| l.means.is_none()).count() + cut;
    if unread == 0 {
        return Vec::new();
    }
    let sentences = abate_model::text::count(unread, "sentence");
    let verb = if unread == 1 { "is" } else { "are" };
    vec![Text::new(
        format!("{sentences} of the notice {verb} not explained here. Read the original."),
        format!("通知のうち {unread} か所は説明を用意できていません。原文を確認してください。"),
    )]
}
