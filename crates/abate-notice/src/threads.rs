//! Which matter a message belongs to: the same message again, a follow-up, the same incident by another way, or a new one.
//! It only compares; which cases are worth comparing with is found by `abate_model::thread::keys`.

use abate_model::journal::same_message;
use abate_model::thread::{case_base, sent, tells_apart, words_hash};
use abate_model::{CaseId, Category, Channel, Notice, NoticeKind, Text, is_masked};
use jiff::SignedDuration;

use crate::text::normal;

/// A case with the messages that it has.
#[derive(Clone, Debug)]
pub struct Known {
    /// the case
    pub case: CaseId,
    /// its messages
    pub notices: Vec<Notice>,
}

/// Where a message belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// it opens a case
    New {
        /// cases about the same resources at about the same time, which a person may want to merge
        related: Vec<CaseId>,
    },
    /// this case has it already
    Duplicate {
        /// the case
        case: CaseId,
    },
    /// it belongs to this case
    Joins {
        /// the case
        case: CaseId,
        /// why, the strongest reason first
        because: Vec<Text>,
    },
}

/// Messages of one matter come within this time; AWS's ladder takes days, an unanswered report weeks.
const MATTER: SignedDuration = SignedDuration::from_hours(24 * 45);
/// The same incident reaches the customer by mail and by AWS Health within this time.
const TWINS: SignedDuration = SignedDuration::from_hours(48);

/// Finds the place of a message among the known cases.
#[must_use]
pub fn place(notice: &Notice, known: &[Known]) -> Place {
    if let Some(one) = known.iter().find(|k| k.notices.iter().any(|n| same_message(n, notice))) {
        return Place::Duplicate { case: one.case.clone() };
    }
    let best = known
        .iter()
        .filter_map(|k| {
            let mut reasons: Vec<(u8, Text)> = k.notices.iter().flat_map(|n| reasons(notice, n)).collect();
            reasons.sort_by_key(|(rank, _)| *rank);
            reasons.dedup_by(|a, b| a.1 == b.1);
            let rank = reasons.first()?.0;
            let last = k.notices.iter().map(sent).max()?;
            Some((rank, std::cmp::Reverse(last), k, reasons))
        })
        .min_by(|a, b| (a.0, a.1, &a.2.case).cmp(&(b.0, b.1, &b.2.case)));
    if let Some((_, _, k, reasons)) = best {
        return Place::Joins { case: k.case.clone(), because: reasons.into_iter().map(|(_, text)| text).collect() };
    }
    let related = known.iter().filter(|k| k.notices.iter().any(|n| !shared(notice, n).is_empty() && within(notice, n, MATTER)));
    Place::New { related: related.map(|k| k.case.clone()).collect() }
}

/// Why two messages are of one matter, with the rank of each reason (lower is stronger).
fn reasons(a: &Notice, b: &Notice) -> Vec<(u8, Text)> {
    let mut found = Vec::new();
    if other_account(a, b) {
        return found;
    }
    if let (Some(x), Some(y)) = (&a.communication_id, &b.communication_id)
        && x == y
    {
        found.push((1, Text::new(format!("the same AWS Health communication ({x})"), format!("AWS Health の同じ communicationId（{x}）"))));
    }
    if a.message_id.is_some() && a.message_id == b.message_id {
        found.push((1, Text::fixed("the same message by another way, or an update of it", "同じ通知（別の経路、または更新版）")));
    }
    if words_hash(a) == words_hash(b) && a.body.len() > 40 {
        found.push((1, Text::fixed("the same words by another way", "別の経路で届いた同じ文面の通知")));
    }
    if let (Some(x), Some(y)) = (&a.case_number, &b.case_number)
        && case_base(x) == case_base(y)
    {
        let number = case_base(x);
        found.push((2, Text::new(format!("the same case number ({number})"), format!("同じケース番号（{number}）"))));
    }
    let answers = |x: &Notice, y: &Notice| y.message_id.as_ref().is_some_and(|id| x.references.contains(id));
    let common = || a.references.iter().any(|id| b.references.contains(id));
    if answers(a, b) || answers(b, a) || common() {
        found.push((3, Text::fixed("it belongs to the same mail thread (References)", "同じメールスレッド（References ヘッダー）")));
    }
    found.extend(subject(a, b));
    found.extend(same_incident(a, b));
    found.extend(follow_up(a, b));
    found
}

/// Both name an account, whole, and not the same one.
fn other_account(a: &Notice, b: &Notice) -> bool {
    match (&a.account_id, &b.account_id) {
        (Some(x), Some(y)) => !is_masked(x) && !is_masked(y) && digits(x) != digits(y),
        _ => false,
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn same_account(a: &Notice, b: &Notice) -> bool {
    match (&a.account_id, &b.account_id) {
        (Some(x), Some(y)) => !is_masked(x) && digits(x) == digits(y),
        _ => false,
    }
}

fn within(a: &Notice, b: &Notice, span: SignedDuration) -> bool {
    let apart = sent(a).duration_since(sent(b));
    apart.abs() <= span
}

/// A subject without `Re:` and the like, if it says more than every notice's subject does.
fn thread_subject(notice: &Notice) -> Option<String> {
    let mut plain = normal(notice.subject.as_deref()?);
    while let Some(rest) = ["re:", "fwd:", "fw:", "aw:", "返信:"].iter().find_map(|p| plain.strip_prefix(p)) {
        plain = rest.trim_start().to_owned();
    }
    let plain = plain.replace("** final notification **", "").trim().to_owned();
    // An id makes it this matter's subject; "Your AWS Abuse Report" alone is everybody's.
    (plain.bytes().filter(u8::is_ascii_digit).count() >= 6 && notice.channel != Channel::Health).then_some(plain)
}

fn subject(a: &Notice, b: &Notice) -> Option<(u8, Text)> {
    // Where both bear a number of AWS's and these differ, an account id that both subjects carry proves nothing.
    if a.case_number.is_some() && b.case_number.is_some() {
        return None;
    }
    let (x, y) = (thread_subject(a)?, thread_subject(b)?);
    let later = if sent(a) >= sent(b) { a } else { b };
    let answers = later.kind != NoticeKind::First || normal(later.subject.as_deref().unwrap_or_default()).starts_with("re:");
    (x == y && answers && within(a, b, MATTER)).then(|| (4, Text::new(format!("the same subject ({x})"), format!("同じ件名（{x}）"))))
}

/// Resources and public addresses that both name.
fn shared(a: &Notice, b: &Notice) -> Vec<String> {
    let names = |n: &Notice| -> Vec<String> {
        let apart = n.resources.iter().filter(|r| tells_apart(r));
        apart.flat_map(|r| std::iter::once(&r.id).chain(r.addresses.iter().filter(|a| !is_masked(a)))).cloned().collect()
    };
    let other = names(b);
    names(a).into_iter().filter(|id| other.contains(id)).collect()
}

/// The same report by two ways (mail and AWS Health): resource, category and time agree.
fn same_incident(a: &Notice, b: &Notice) -> Option<(u8, Text)> {
    let ways = |c: Channel| if c == Channel::Health { "AWS Health" } else { "mail" };
    let one_is_health = (a.channel == Channel::Health) != (b.channel == Channel::Health);
    let both = shared(a, b);
    let named = both.first().cloned().or_else(|| {
        // An event about the account as a whole, with nothing in it named.
        let bare = |n: &Notice| !n.resources.iter().any(tells_apart);
        (one_is_health && same_account(a, b) && (bare(a) || bare(b))).then(|| a.account_id.clone()).flatten()
    })?;
    let category = a.category == b.category && a.category != Category::Other;
    let times = match (a.window(), b.window()) {
        (Some(x), Some(y)) => {
            let x = x.widened(TWINS);
            x.from <= y.to && y.from <= x.to
        }
        _ => within(a, b, TWINS),
    };
    if !(category && times && within(a, b, MATTER)) {
        return None;
    }
    let (x, y, c) = (ways(a.channel), ways(b.channel), a.category.id());
    let both = if one_is_health {
        Text::new(
            format!("{x} and {y} agree on {named}, {c} and the time"),
            format!("AWS Health とメールの内容が一致（{named}、{c}、時刻）"),
        )
    } else {
        Text::new(format!("the same resource, activity and time ({named}, {c})"), format!("リソース・行為・時刻が同じ（{named}、{c}）"))
    };
    Some((5, both))
}

/// A reminder or answer that names the resource, or only the account, of a matter that is open.
fn follow_up(a: &Notice, b: &Notice) -> Option<(u8, Text)> {
    let follows = |n: &Notice| !matches!(n.kind, NoticeKind::First | NoticeKind::SelfFound) && n.channel != Channel::Health;
    let (later, earlier) = if sent(a) >= sent(b) { (a, b) } else { (b, a) };
    if !follows(later) || !within(a, b, MATTER) {
        return None;
    }
    // A number of AWS's that differs means another matter.
    if let (Some(x), Some(y)) = (&a.case_number, &b.case_number)
        && case_base(x) != case_base(y)
    {
        return None;
    }
    if let Some(id) = shared(a, b).first() {
        return Some((6, Text::new(format!("a follow-up about the same resource ({id})"), format!("同じリソースに関する続報（{id}）"))));
    }
    let bare = !later.resources.iter().any(tells_apart);
    let fits = later.category == earlier.category || later.category == Category::Other;
    (bare && fits && same_account(a, b)).then(|| {
        (
            7,
            Text::fixed(
                "a follow-up that names only the account, and this is its latest matter",
                "アカウントのみを示す続報（直近の案件に紐づけ）",
            ),
        )
    })
}
