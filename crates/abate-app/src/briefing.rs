//! What a person must know first, as data: the terminal, the report and later faces show the same.

use abate_model::text::count;
use abate_model::time::{local, utc};
use abate_model::{
    AuthenticityVerdict, Case, CauseClass, Channel, DeadlineBasis, Lang, LossKind, Message, NoticeKind, ReportedActivity, Rung, StepState,
    Text, Verdict, ZoneCertainty,
};
use jiff::Timestamp;

/// The first page.
#[derive(Clone, Debug, PartialEq)]
pub struct Briefing {
    /// what is reported, one line for each activity
    pub reported: Vec<Text>,
    /// what AWS has already blocked
    pub mitigations: Vec<String>,
    /// the messages of the matter, where there is more than one
    pub messages: Vec<Text>,
    /// how far AWS has gone, where it is more than a notice
    pub stage: Option<Text>,
    /// what is odd about the sender, if anything
    pub sender: Option<Text>,
    /// until when to answer, with the time left
    pub deadline: Text,
    /// whether that has passed
    pub overdue: bool,
    /// the first ten minutes
    pub first: Vec<Text>,
    /// what was read
    pub read: Vec<Text>,
    /// what could not be read
    pub unread: Vec<Text>,
    /// the verdict on each reported activity
    pub verdicts: Vec<(Verdict, Text)>,
    /// the leading cause
    pub cause: Text,
    /// its strongest evidence
    pub cause_for: Option<Text>,
    /// what speaks against it
    pub cause_against: Option<Text>,
    /// the next three steps
    pub next: Vec<Text>,
}

/// Makes the first page of a case, at an instant.
#[must_use]
pub fn briefing(case: &Case, now: Timestamp, zone: &str) -> Briefing {
    let deadline = case.notice.deadline;
    Briefing {
        reported: case.notice.reported.iter().map(|r| reported(r, zone)).collect(),
        mitigations: case.notice.mitigations.clone(),
        messages: messages(case, zone),
        stage: stage(case, zone),
        sender: sender(case),
        deadline: deadline_text(deadline.at, deadline.basis, now, zone),
        overdue: deadline.at < now,
        first: first_ten_minutes(case),
        read: read(case),
        unread: unread(case),
        verdicts: case.verdicts.iter().map(|v| (v.verdict(), v.why.clone())).collect(),
        cause: cause(case),
        cause_for: strongest(case, true),
        cause_against: strongest(case, false).or_else(|| {
            let determined = case.causes.first().is_some_and(|c| c.class != CauseClass::Undetermined);
            determined.then(|| Text::fixed("nothing in the evidence at hand", "手元の証跡には見当たらない"))
        }),
        next: next(case),
    }
}

/// The verdict as a word.
#[must_use]
pub const fn verdict_word(verdict: Verdict) -> Text {
    match verdict {
        Verdict::Confirmed => Text::fixed("confirmed", "自社の証跡で確認"),
        Verdict::Contradicted => Text::fixed("contradicted", "証跡により否定"),
        Verdict::NotSeen => Text::fixed("not seen", "証跡に見当たらず"),
        Verdict::NotChecked => Text::fixed("not checked", "未確認（証跡なし）"),
    }
}

fn reported(activity: &ReportedActivity, zone: &str) -> Text {
    let title = activity.category.title();
    let (mut en, mut ja) = (title.en.into_owned(), title.ja.into_owned());
    if let Some(resource) = &activity.resource {
        en.push_str(&format!(", by {resource}"));
        ja.push_str(&format!("（対象: {resource}）"));
    }
    if let Some(window) = activity.window() {
        let doubt = activity.zone_certainty != ZoneCertainty::Stated;
        en.push_str(&format!(", at {} ({})", utc(window.from), local(window.from, zone)));
        ja.push_str(&format!("、{}（{}）", local(window.from, zone), utc(window.from)));
        if doubt {
            en.push_str(", time zone not stated");
            ja.push_str("、タイムゾーンの記載なし");
        }
    }
    let remotes: Vec<String> = activity
        .remote
        .iter()
        .filter_map(|r| match (&r.address, r.port) {
            (Some(address), Some(port)) => Some(format!("{address} port {port}")),
            (Some(address), None) => Some(address.clone()),
            (None, Some(port)) => Some(format!("port {port}")),
            (None, None) => None,
        })
        .collect();
    if let Some(first) = remotes.first() {
        let more = if remotes.len() > 1 { format!(" (+{})", remotes.len() - 1) } else { String::new() };
        en.push_str(&format!(", towards {first}{more}"));
        ja.push_str(&format!("、相手先 {first}{more}"));
    }
    Text::new(en, ja)
}

fn messages(case: &Case, zone: &str) -> Vec<Text> {
    if case.messages.len() < 2 {
        return Vec::new();
    }
    let one = |m: &Message| {
        let at = m.date.unwrap_or(m.received_at);
        let (kind, way) = (kind_word(m.kind), channel_word(m.channel));
        Text::new(
            format!("{} ({}): {}, {}", utc(at), local(at, zone), kind.en, way.en),
            format!("{}（{}）: {}、{}", local(at, zone), utc(at), kind.ja, way.ja),
        )
    };
    case.messages.iter().map(one).collect()
}

fn stage(case: &Case, zone: &str) -> Option<Text> {
    if let Some(at) = case.standing.resolved {
        return Some(Text::new(
            format!("AWS called the matter closed at {}", utc(at)),
            format!("AWS は {} に本件の終了を通知しました", local(at, zone)),
        ));
    }
    (case.standing.rung > Rung::Notice).then(|| {
        let word = rung_word(case.standing.rung);
        let lift = case.standing.to_lift.len();
        let (en, ja) = if lift == 0 {
            (String::new(), String::new())
        } else {
            (
                format!("; to be asked to be lifted by name: {}", count(lift, "measure")),
                format!("（解除を名指しで依頼すべき制限: {lift} 件）"),
            )
        };
        Text::new(format!("AWS has gone as far as: {}{en}", word.en), format!("AWS の段階: {}{ja}", word.ja))
    })
}

/// A message's place in the correspondence, in a word or two.
#[must_use]
pub const fn kind_word(kind: NoticeKind) -> Text {
    match kind {
        NoticeKind::First => Text::fixed("notice", "通知"),
        NoticeKind::Reminder => Text::fixed("reminder", "督促"),
        NoticeKind::Final => Text::fixed("final notification", "最終通知"),
        NoticeKind::Update => Text::fixed("further message", "続報"),
        NoticeKind::Resolved => Text::fixed("closing message", "終了の連絡"),
        NoticeKind::SelfFound => Text::fixed("own finding", "自社の検知"),
    }
}

/// The way a message came, in a word or two.
#[must_use]
pub const fn channel_word(channel: Channel) -> Text {
    match channel {
        Channel::Mail => Text::fixed("by mail", "メール"),
        Channel::Forwarded => Text::fixed("by forwarded mail", "転送メール"),
        Channel::Pasted => Text::fixed("as pasted text", "貼り付けテキスト"),
        Channel::Health => Text::fixed("by AWS Health", "AWS Health"),
        Channel::Report => Text::fixed("as a third party's report", "第三者の通報"),
        Channel::Own => Text::fixed("by oneself", "自社"),
    }
}

fn sender(case: &Case) -> Option<Text> {
    let reasons = case.notice.authenticity.said();
    let (why_en, why_ja) = (reasons.get(Lang::En), reasons.get(Lang::Ja));
    match case.notice.authenticity.verdict {
        AuthenticityVerdict::Forged => Some(Text::new(
            format!("This mail pretends to be from AWS: {why_en}. Follow no link in it; look in AWS Health and Support Center."),
            format!("このメールは AWS を装っています（{why_ja}）。リンクは開かず、AWS Health とサポートセンターで確認してください。"),
        )),
        AuthenticityVerdict::Suspicious => Some(Text::new(
            format!("The sender is doubtful: {why_en}. Confirm the notice in AWS Health or Support Center before you answer."),
            format!("送信者に不審な点があります（{why_ja}）。返信の前に AWS Health またはサポートセンターで確認してください。"),
        )),
        _ => None,
    }
}

/// `13 h 20 min` / `13 時間 20 分`; days from two days on.
#[must_use]
pub fn span(from: Timestamp, to: Timestamp) -> Text {
    let minutes = to.duration_since(from).as_secs().unsigned_abs() / 60;
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    if days >= 2 {
        Text::new(format!("{days} d {hours} h"), format!("{days} 日 {hours} 時間"))
    } else {
        Text::new(format!("{} h {rest} min", minutes / 60), format!("{} 時間 {rest} 分", minutes / 60))
    }
}

fn deadline_text(at: Timestamp, basis: DeadlineBasis, now: Timestamp, zone: &str) -> Text {
    let basis = match basis {
        DeadlineBasis::Stated => Text::fixed("stated in the notice", "通知に記載"),
        DeadlineBasis::FromDate => Text::fixed("24 hours after the notice was sent", "通知の送信から 24 時間"),
        DeadlineBasis::FromReceipt => Text::fixed(
            "24 hours after it was first read here; the notice has no date",
            "通知に日付がないため、最初に読み込んでから 24 時間",
        ),
    };
    let left = span(now, at);
    let (en, ja) = if at < now {
        (format!("{} ago", left.en), format!("{} 超過", left.ja))
    } else {
        (format!("{} left", left.en), format!("あと {}", left.ja))
    };
    Text::new(
        format!("{} = {} ({en}; {})", utc(at), local(at, zone), basis.en),
        format!("{}（{}）、{ja}（{}）", local(at, zone), utc(at), basis.ja),
    )
}

fn first_ten_minutes(case: &Case) -> Vec<Text> {
    let mut first = vec![Text::fixed(
        "Do not terminate, reboot, clean up or delete anything: isolate it, and preserve it (snapshots, logs) first.",
        "終了（terminate）・再起動・削除・掃除はしないでください。まず隔離し、証拠（スナップショットとログ）を保全します。",
    )];
    if case.notice.kind == NoticeKind::SelfFound {
        first.push(Text::fixed(
            "Report what you found to AWS without delay: letter.en.txt is the draft.",
            "自ら見つけた不正利用も、速やかに AWS へ報告します。letter.en.txt が下書きです。",
        ));
        return first;
    }
    first.push(Text::fixed(
        "Answer before the deadline even if you know little: letter.en.txt can go out as it is once you have read it. Silence gets the resource blocked, then the account suspended.",
        "分かっていることが少なくても、期限までに必ず返信します。letter.en.txt は内容を確認すればそのまま送れます。返信がないと、リソースの遮断、さらにアカウントの停止に至ります。",
    ));
    first.push(Text::fixed(
        "Reply to that mail with the subject unchanged, in English, plain text, without attachments.",
        "返信は、元のメールに対して件名を変えず、英語のプレーンテキストで、添付なしで送ります。",
    ));
    first
}

fn read(case: &Case) -> Vec<Text> {
    let mut formats: std::collections::BTreeMap<&str, (usize, u64, u64)> = std::collections::BTreeMap::new();
    for source in &case.sources {
        if let Some(format) = &source.format {
            let entry = formats.entry(format).or_default();
            entry.0 += 1;
            entry.1 += source.records;
            entry.2 += source.duplicates;
        }
    }
    let gone = case.sources.iter().filter(|s| s.gone).count();
    let gone = (gone > 0).then(|| {
        Text::new(
            format!("{} of these gone now: what was read of them earlier stands", count(gone, "source")),
            format!("うち {gone} 件のソースは現在存在しません。以前に読み取った内容を用いています"),
        )
    });
    formats
        .into_iter()
        .map(|(format, (files, records, duplicates))| {
            let dup_en = if duplicates > 0 { format!(", {}", count(duplicates, "duplicate")) } else { String::new() };
            let dup_ja = if duplicates > 0 { format!("、重複 {duplicates} 件") } else { String::new() };
            Text::new(
                format!("{format}: {} from {}{dup_en}", count(records, "record"), count(files, "file")),
                format!("{format}: {files} ファイルから {records} 件{dup_ja}"),
            )
        })
        .chain(gone)
        .collect()
}

/// The name of a kind of loss.
#[must_use]
pub const fn loss_word(kind: LossKind) -> Text {
    match kind {
        LossKind::NotRecognised => Text::fixed("not recognised", "形式不明"),
        LossKind::NotSupported => Text::fixed("not supported yet", "未対応の形式"),
        LossKind::Malformed => Text::fixed("malformed", "壊れた記録"),
        LossKind::Truncated => Text::fixed("truncated", "途中で切れている"),
        LossKind::OverLimit => Text::fixed("over a limit", "上限を超過"),
        LossKind::Unreadable => Text::fixed("unreadable", "読み取れない"),
        LossKind::UnsafePath => Text::fixed("unsafe path", "危険なパス"),
        LossKind::Empty => Text::fixed("empty", "空"),
    }
}

fn unread(case: &Case) -> Vec<Text> {
    let mut lines: Vec<Text> = case
        .sources
        .iter()
        .flat_map(|source| {
            source.losses.iter().map(move |loss| {
                let word = loss_word(loss.kind);
                Text::new(
                    format!("{}: {} x {} ({})", source.path, loss.count, word.en, loss.reason),
                    format!("{}: {} {} 件（{}）", source.path, word.ja, loss.count, loss.reason),
                )
            })
        })
        .collect();
    let more = lines.len().saturating_sub(10);
    if more > 0 {
        lines.truncate(10);
        lines.push(Text::new(
            format!("… and {more} more, all listed in case.json and report.html"),
            format!("… ほか {more} 件（すべて case.json と report.html に記載）"),
        ));
    }
    if !case.notice.unread.is_empty() {
        let n = case.notice.unread.len();
        lines.push(Text::new(
            format!("the notice itself: {n} lines not understood (notice.unread in case.json)"),
            format!("通知そのもの: 読み取れない行 {n} 行（case.json の notice.unread）"),
        ));
    }
    lines
}

fn cause(case: &Case) -> Text {
    let Some(leading) = case.causes.first() else { return Text::fixed("not determined", "特定できていません") };
    let percent = (leading.confidence * 100.0).round();
    if leading.class == CauseClass::Undetermined {
        return Text::new(format!("Not determined. {}", leading.story.en), format!("特定できていません。{}", leading.story.ja));
    }
    let title = leading.kind.title();
    Text::new(
        format!("{} (confidence {percent} %). {}", title.en, leading.story.en),
        format!("{}（確からしさ {percent} %）。{}", title.ja, leading.story.ja),
    )
}

fn strongest(case: &Case, for_it: bool) -> Option<Text> {
    let leading = case.causes.first()?;
    let side = if for_it { &leading.support } else { &leading.against };
    side.iter().max_by(|a, b| a.weight.abs().total_cmp(&b.weight.abs())).map(|c| {
        let finding = c.findings.first().map(|f| format!(" [{f}]")).unwrap_or_default();
        Text::new(format!("{}{finding}", c.text.en), format!("{}{finding}", c.text.ja))
    })
}

fn next(case: &Case) -> Vec<Text> {
    let wish = case.next_evidence.first().map(|w| {
        Text::new(format!("Get more evidence: {} — {}", w.what.en, w.how.en), format!("証跡を追加で取得: {} — {}", w.what.ja, w.how.ja))
    });
    let open = case.causes.first().is_none_or(|c| c.class == CauseClass::Undetermined);
    let steps = case
        .plan
        .steps
        .iter()
        .filter(|s| s.state == StepState::Proposed)
        .map(|s| Text::new(format!("{} [{}]", s.title.en, s.id), format!("{} [{}]", s.title.ja, s.id)));
    if open { steps.take(2).chain(wish).collect() } else { steps.take(3).collect() }
}

/// How far AWS has gone, in a word or two.
#[must_use]
pub const fn rung_word(rung: Rung) -> Text {
    match rung {
        Rung::None => Text::fixed("own finding", "自社で検知"),
        Rung::Notice => Text::fixed("notice", "通知"),
        Rung::Reminder => Text::fixed("reminder", "督促"),
        Rung::Final => Text::fixed("final notification", "最終通知"),
        Rung::Mitigated => Text::fixed("blocked in part", "一部遮断・制限中"),
        Rung::Suspended => Text::fixed("account suspended", "アカウント停止"),
    }
}
