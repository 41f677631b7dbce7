//! Several messages in one matter: by which keys they find each other, what they say together, and how far AWS has gone.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::sha256_hex;
use crate::{Channel, DeadlineBasis, Notice, NoticeKind, ReportedActivity, Resource, ResourceKind, is_masked};

/// How far AWS has gone in a matter, in rising order. Source of the ladder: public accounts of customers, who saw notice, reminder
/// (day 2), final notification with the block in force (day 4), and suspension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rung {
    /// the customer found it; AWS has said nothing
    #[default]
    None,
    /// a notice
    Notice,
    /// AWS misses an answer
    Reminder,
    /// the last message before, or with, a measure
    Final,
    /// AWS has blocked or limited something
    Mitigated,
    /// the account is suspended
    Suspended,
}

/// Something that AWS has blocked, limited or suspended. It does not end by itself: its removal must be asked for by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// AWS's words
    pub words: String,
    /// when the message that says so was sent, or first seen
    pub since: Timestamp,
}

/// Where a matter stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// the highest rung reached
    pub rung: Rung,
    /// when AWS called the matter closed, if it has
    pub resolved: Option<Timestamp>,
    /// what must be asked to be lifted
    pub to_lift: Vec<Block>,
}

/// A message of a matter, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// where it stands in the correspondence
    pub kind: NoticeKind,
    /// by which way it came
    pub channel: Channel,
    /// when it was sent
    pub date: Option<Timestamp>,
    /// when it was first seen
    pub received_at: Timestamp,
    /// Message-ID or event ARN
    pub message_id: Option<String>,
    /// subject
    pub subject: Option<String>,
    /// SHA-256 of the input
    pub sha256: String,
}

impl Message {
    /// In short.
    #[must_use]
    pub fn of(notice: &Notice) -> Self {
        Self {
            kind: notice.kind,
            channel: notice.channel,
            date: notice.date,
            received_at: notice.received_at,
            message_id: notice.message_id.clone(),
            subject: notice.subject.clone(),
            sha256: notice.sha256.clone(),
        }
    }
}

impl Standing {
    /// Where a matter stands after these messages.
    #[must_use]
    pub fn of(messages: &[Notice]) -> Self {
        let mut standing = Self::default();
        for message in messages {
            let at = sent(message);
            standing.rung = standing.rung.max(rung(message));
            // A further report after the matter was closed opens it again.
            standing.resolved = if message.kind == NoticeKind::Resolved { Some(at) } else { None };
            for words in &message.mitigations {
                if !standing.to_lift.iter().any(|b| b.words == *words) {
                    standing.to_lift.push(Block { words: words.clone(), since: at });
                }
            }
        }
        standing
    }
}

/// When a message was sent, or else first seen.
#[must_use]
pub fn sent(notice: &Notice) -> Timestamp {
    notice.date.unwrap_or(notice.received_at)
}

fn rung(notice: &Notice) -> Rung {
    let suspended = |words: &String| {
        let lower = words.to_lowercase();
        lower.contains("account") && lower.contains("suspended")
    };
    if notice.mitigations.iter().any(suspended) {
        Rung::Suspended
    } else if !notice.mitigations.is_empty() {
        Rung::Mitigated
    } else {
        match notice.kind {
            NoticeKind::SelfFound => Rung::None,
            NoticeKind::First | NoticeKind::Update | NoticeKind::Resolved => Rung::Notice,
            NoticeKind::Reminder => Rung::Reminder,
            NoticeKind::Final => Rung::Final,
        }
    }
}

/// AWS's number of a matter without the suffix that counts its messages.
#[must_use]
pub fn case_base(number: &str) -> &str {
    match number.split_once('-') {
        Some((base, suffix)) if base.len() == 11 && suffix.len() <= 3 => base,
        _ => number,
    }
}

/// Keys under which a message can be found by another of the same matter.
#[must_use]
pub fn keys(notice: &Notice) -> Vec<String> {
    let mut keys = vec![format!("text:{}", words_hash(notice))];
    let mut add = |kind: &str, value: &str| {
        let key = format!("{kind}:{}", value.to_lowercase());
        if !value.is_empty() && !keys.contains(&key) {
            keys.push(key);
        }
    };
    notice.message_id.iter().for_each(|id| add("message", id));
    notice.references.iter().for_each(|id| add("message", id));
    notice.communication_id.iter().for_each(|id| add("communication", id));
    notice.case_number.iter().for_each(|n| add("number", case_base(n)));
    notice.account_id.iter().filter(|a| !is_masked(a)).for_each(|a| add("account", a));
    for resource in notice.resources.iter().filter(|r| tells_apart(r)) {
        add("resource", &resource.id);
        resource.addresses.iter().filter(|a| !is_masked(a)).for_each(|a| add("resource", a));
    }
    keys
}

/// Whether a resource is one thing, not a whole account or Region, and its id is whole.
#[must_use]
pub fn tells_apart(resource: &Resource) -> bool {
    !matches!(resource.kind, ResourceKind::Account | ResourceKind::Region) && !is_masked(&resource.id)
}

/// A hash over a notice's words, blind to wrapping: the same for a mail and for its text pasted elsewhere.
#[must_use]
pub fn words_hash(notice: &Notice) -> String {
    let words = notice.body.split_whitespace().chain(notice.reporter.iter().flat_map(|r| r.split_whitespace()));
    sha256_hex(words.collect::<Vec<_>>().join(" ").as_bytes())
}

/// What the messages of one matter say together, in order of their sending. The answer goes to the last of them; the first
/// gives the case its name. `None` without a message.
#[must_use]
pub fn together(messages: &[Notice]) -> Option<Notice> {
    let mut all = messages.iter();
    let mut sum = all.next()?.clone();
    for next in all {
        join(&mut sum, next);
    }
    Some(sum)
}

fn join(sum: &mut Notice, next: &Notice) {
    fn add<T: Clone + PartialEq>(to: &mut Vec<T>, from: &[T]) {
        for one in from {
            if !to.contains(one) {
                to.push(one.clone());
            }
        }
    }
    let newer = sent(next) >= sent(sum) && next.kind != NoticeKind::SelfFound;
    let whole = |id: &Option<String>| id.as_deref().is_some_and(|id| !is_masked(id));
    if !whole(&sum.account_id) && next.account_id.is_some() {
        sum.account_id.clone_from(&next.account_id);
    }
    add(&mut sum.regions, &next.regions);
    join_resources(&mut sum.resources, &next.resources);
    join_reported(sum, next);
    add(&mut sum.required_actions, &next.required_actions);
    add(&mut sum.mitigations, &next.mitigations);
    add(&mut sum.reports, &next.reports);
    add(&mut sum.unread, &next.unread);
    if let Some(text) = &next.reporter {
        match &mut sum.reporter {
            Some(known) if known.contains(text.as_str()) => {}
            Some(known) => *known = format!("{known}\n\n{text}"),
            none => *none = Some(text.clone()),
        }
    }
    sum.case_number = sum.case_number.take().or_else(|| next.case_number.clone());
    if newer {
        // The thread goes on with the last message: its subject, its sender and its Message-ID are answered.
        if next.channel != Channel::Health || sum.channel == Channel::Health {
            for (to, from) in [(&mut sum.subject, &next.subject), (&mut sum.from, &next.from), (&mut sum.to, &next.to)] {
                if from.is_some() {
                    to.clone_from(from);
                }
            }
            if next.kind == NoticeKind::Resolved || sum.kind == NoticeKind::Resolved || rung(next) >= rung(sum) {
                sum.kind = next.kind;
            }
        }
        if next.kind != NoticeKind::Resolved {
            sum.deadline = later(sum, next);
        }
    }
    add(&mut sum.authenticity.reasons, &next.authenticity.reasons);
    sum.authenticity.verdict = worst(sum, next);
}

/// A resource that is named again gains the addresses; the whole account says nothing once something is named in it.
fn join_resources(sum: &mut Vec<Resource>, next: &[Resource]) {
    for resource in next {
        match sum.iter_mut().find(|r| r.id == resource.id) {
            Some(known) => {
                for address in &resource.addresses {
                    if !known.addresses.contains(address) {
                        known.addresses.push(address.clone());
                    }
                }
            }
            None => sum.push(resource.clone()),
        }
    }
    if sum.iter().any(tells_apart) {
        sum.retain(|r| !matches!(r.kind, ResourceKind::Account | ResourceKind::Region));
    }
}

/// The same activity told again adds its far ends; another one is added with its own number.
fn join_reported(sum: &mut Notice, next: &Notice) {
    // A follow-up without facts of its own repeats the matter, it does not report anew.
    let silent = |r: &ReportedActivity| r.window().is_none() && r.remote.is_empty() && r.urls.is_empty();
    for activity in &next.reported {
        let same = sum.reported.iter_mut().find(|r| {
            r.category == activity.category
                && (r.resource == activity.resource || activity.resource.is_none() || r.resource.is_none() || silent(activity))
                && near(r, activity)
        });
        match same {
            Some(known) => {
                if known.from.is_none() {
                    (known.from, known.to, known.zone_certainty) = (activity.from, activity.to, activity.zone_certainty);
                    known.zone.clone_from(&activity.zone);
                }
                for remote in &activity.remote {
                    if !known.remote.contains(remote) {
                        known.remote.push(remote.clone());
                    }
                }
                for url in &activity.urls {
                    if !known.urls.contains(url) {
                        known.urls.push(url.clone());
                    }
                }
            }
            None if silent(activity) && next.kind != NoticeKind::First => {}
            None => {
                let id = format!("r{}", sum.reported.len() + 1);
                sum.reported.push(ReportedActivity { id, ..activity.clone() });
            }
        }
    }
    // What could not be told apart before is told by a later message.
    if sum.category == crate::Category::Other
        && let Some(first) = next.reported.iter().find(|r| r.category != crate::Category::Other)
    {
        sum.category = first.category;
        sum.reported.retain(|r| r.category != crate::Category::Other || !silent(r));
        for (n, activity) in sum.reported.iter_mut().enumerate() {
            activity.id = format!("r{}", n + 1);
        }
    }
}

/// Two tellings of one activity lie within a day, or one gives no time.
fn near(a: &ReportedActivity, b: &ReportedActivity) -> bool {
    match (a.window(), b.window()) {
        (Some(a), Some(b)) => {
            let day = SignedDuration::from_hours(24);
            let a = a.widened(day);
            a.from <= b.to && b.from <= a.to
        }
        _ => true,
    }
}

/// A later message sets a new term; one that states no date does not push back a date that AWS has stated and that still lies
/// ahead of it.
fn later(sum: &Notice, next: &Notice) -> crate::Deadline {
    let stated = sum.deadline.basis == DeadlineBasis::Stated && next.deadline.basis != DeadlineBasis::Stated;
    if stated && sum.deadline.at > sent(next) { sum.deadline } else { next.deadline }
}

/// One message that pretends to be from AWS makes the whole doubtful; otherwise the best confirmed one counts.
fn worst(sum: &Notice, next: &Notice) -> crate::AuthenticityVerdict {
    use crate::AuthenticityVerdict::{Forged, Genuine, NotChecked, Plausible, Suspicious};
    let (a, b) = (sum.authenticity.verdict, next.authenticity.verdict);
    [Forged, Suspicious, Genuine, Plausible].into_iter().find(|v| a == *v || b == *v).unwrap_or(NotChecked)
}
