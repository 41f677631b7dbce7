//! From what came in to a [`Notice`]: AWS's words are parted from the reporter's, fields become activities, and what one source
//! does not say is taken from the next best: the message itself, the machine-readable event, the message quoted below, the
//! reporter.

use std::collections::BTreeSet;

use abate_model::notice::NOTICE_SCHEMA;
use abate_model::{Category, Notice, NoticeKind, ReportedActivity, Resource, ResourceKind, ZoneCertainty};
use jiff::Timestamp;

use crate::blocks::Block;
use crate::categories;
use crate::fields::{self, Field, Key};
use crate::gather::{self, Parts, without_links};
use crate::incoming::{Incoming, Origin, Stated};
use crate::reporter::{self, Report};
use crate::text::{Sentence, normal, push_new};
use crate::{ReadContext, account, addresses, asks, authenticity, deadline, kind, links, regions, resources, unread};

/// Activities beyond this are not told apart; a notice names a handful.
const MOST_ACTIVITIES: usize = 200;
/// With more resources than this, the reporter's part is read once for all of them.
const MOST_REPORTS: usize = 50;
/// More of the reporter's part is kept but not searched for times and far ends; AWS's form takes 4 kB of logs.
const MOST_SEARCHED: usize = 512 * 1024;

/// Builds the notice.
pub(crate) fn notice(incoming: Incoming, ctx: &ReadContext, sha256: String) -> Notice {
    let reference = incoming.date.unwrap_or(ctx.received_at);
    let parts = gather::parts(&incoming, reference);
    let all = all_resources(&parts.blocks);
    let reported = activities(&incoming, &parts, &all, reference);
    let kind = kind_of(&incoming, &parts);
    let history = fields::read(&incoming.history);
    let account_id = account_of(&incoming, &parts, &history);
    let labelled: Vec<String> = parts.blocks.iter().flat_map(|b| b.urls.clone()).collect();
    let required_actions = asks::required_actions(&parts.aws, &parts.sentences, &parts.fields);
    let mitigations = asks::mitigations(&parts.aws, &parts.sentences, &parts.fields, &parts.rows);
    let mut regions = Vec::new();
    parts.blocks.iter().flat_map(|b| b.regions.clone()).chain(incoming.stated.regions.clone()).for_each(|r| push_new(&mut regions, r));
    if regions.is_empty() {
        // The Region of a mail on a sending account stands in its prose.
        regions = regions::find(&without_links(&parts.aws));
    }
    let used_texts: Vec<String> = required_actions.iter().chain(&mitigations).cloned().collect();
    let mut unread_lines = incoming.unread.clone();
    unread_lines.extend(
        unread::lines(&parts.aws, &used_lines(&parts), &used_texts)
            .into_iter()
            .filter(|_| !matches!(incoming.origin, Origin::Xarf | Origin::Own)),
    );
    let reporter_fields = parts.reporter.as_deref().map(fields::read).unwrap_or_default();
    Notice {
        schema: NOTICE_SCHEMA.to_owned(),
        kind,
        category: reported.first().map_or(Category::Other, |r| r.category),
        resources: with_account(all, account_id.as_deref(), &regions),
        account_id,
        regions,
        case_number: account::case_number(
            incoming.subject.as_deref().filter(|_| from_mail(&incoming)),
            &[&parts.fields, &history, &reporter_fields],
        ),
        reported,
        required_actions,
        mitigations,
        deadline: deadline::of(&parts.aws, incoming.stated.deadline, incoming.date, ctx.received_at),
        authenticity: authenticity::judge(&incoming, &parts.aws, &labelled),
        reporter: parts.reporter,
        unread: unread_lines,
        subject: incoming.subject,
        from: incoming.from,
        to: incoming.to,
        message_id: incoming.message_id,
        date: incoming.date,
        received_at: ctx.received_at,
        body: tidy(&parts.aws),
        sha256,
    }
}

fn from_mail(incoming: &Incoming) -> bool {
    !matches!(incoming.origin, Origin::Health | Origin::Xarf | Origin::Own)
}

fn all_resources(blocks: &[Block]) -> Vec<Resource> {
    let mut all: Vec<Resource> = Vec::new();
    for resource in blocks.iter().flat_map(|b| &b.resources) {
        match all.iter_mut().find(|r| r.id == resource.id) {
            Some(same) => resource.addresses.iter().for_each(|a| push_new(&mut same.addresses, a.clone())),
            None => all.push(resource.clone()),
        }
    }
    all
}

/// A notice about no single resource is about the account, or about Regions of it.
fn with_account(mut all: Vec<Resource>, account: Option<&str>, regions: &[String]) -> Vec<Resource> {
    if all.is_empty() {
        all.extend(account.map(|id| resources::resource(ResourceKind::Account, id)));
        all.extend(regions.iter().map(|r| resources::resource(ResourceKind::Region, r)));
    }
    all
}

fn activities(incoming: &Incoming, parts: &Parts, all: &[Resource], reference: Timestamp) -> Vec<ReportedActivity> {
    let nothing = [Block::default()];
    let blocks: &[Block] = if parts.blocks.is_empty() { &nothing } else { &parts.blocks };
    let fallback = fallback_category(incoming, parts);
    let mut reported = Vec::new();
    let searched = parts.reporter.as_deref().map(head);
    let read = |resource| searched.map(|text| reporter::read(text, resource, all, reference)).unwrap_or_default();
    let shared = (all.len() > MOST_REPORTS).then(|| read(None));
    for (n, block) in blocks.iter().enumerate() {
        if reported.len() >= MOST_ACTIVITIES {
            break;
        }
        let next = blocks.get(n + 1).map_or(usize::MAX, |b| b.line);
        let (categories, sentence) = categories_of(block, next, parts, fallback);
        for resource in accused(block) {
            if reported.len() >= MOST_ACTIVITIES {
                break;
            }
            let report = shared.clone().unwrap_or_else(|| read(resource));
            for category in &categories {
                if reported.len() < MOST_ACTIVITIES {
                    let id = format!("r{}", reported.len() + 1);
                    let text = words(block, sentence, parts, &incoming.stated);
                    let resource = resource.map(|r| r.id.clone());
                    let activity = ReportedActivity { id, category: *category, resource, text, ..blank() };
                    let mut activity = fill(activity, block, &report, incoming);
                    if activity.urls.is_empty() && *category == Category::CompromisedCredentials {
                        activity.urls = exposures(parts);
                    }
                    reported.push(activity);
                }
            }
        }
    }
    let unnamed = reported.iter().all(|r| r.resource.is_none());
    let account = account_of(incoming, parts, &[]);
    if unnamed && all.is_empty() {
        reported.iter_mut().for_each(|r| r.resource.clone_from(&account));
    }
    reported
}

/// The part of a report that is searched.
fn head(text: &str) -> &str {
    let end = (0..=MOST_SEARCHED.min(text.len())).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0);
    text.get(..end).unwrap_or(text)
}

/// The owner of a key is named beside it and is not reported of itself.
fn accused(block: &Block) -> Vec<Option<&Resource>> {
    let keyed = block.resources.iter().any(|r| r.kind == ResourceKind::AccessKey);
    let named: Vec<Option<&Resource>> =
        block.resources.iter().filter(|r| !(keyed && matches!(r.kind, ResourceKind::IamUser | ResourceKind::IamRole))).map(Some).collect();
    if named.is_empty() { vec![None] } else { named }
}

fn blank() -> ReportedActivity {
    ReportedActivity {
        id: String::new(),
        category: Category::Other,
        resource: None,
        from: None,
        to: None,
        zone: None,
        zone_certainty: ZoneCertainty::Unknown,
        remote: Vec::new(),
        urls: Vec::new(),
        text: String::new(),
    }
}

/// Times and far ends: of the block, else of the event, else of the reporter.
fn fill(mut activity: ReportedActivity, block: &Block, report: &Report, incoming: &Incoming) -> ReportedActivity {
    let stated = &incoming.stated;
    // A Health event's start says when the event began, which may be long after the abuse: a last resort of unknown certainty.
    let event_time = stated.from.map(|from| (from, stated.to.unwrap_or(from), stated.zone.clone()));
    if let Some(span) = block.span() {
        (activity.from, activity.to, activity.zone, activity.zone_certainty) = (Some(span.from), Some(span.to), span.zone, span.certainty);
    } else if let Some((from, to, Some(zone))) = event_time.clone() {
        (activity.from, activity.to, activity.zone, activity.zone_certainty) =
            (Some(from), Some(to.max(from)), Some(zone), ZoneCertainty::Stated);
    } else if let Some(span) = report.times.clone() {
        (activity.from, activity.to, activity.zone, activity.zone_certainty) = (Some(span.from), Some(span.to), span.zone, span.certainty);
    } else if let Some((from, to, None)) = event_time {
        (activity.from, activity.to, activity.zone_certainty) = (Some(from), Some(to.max(from)), ZoneCertainty::Unknown);
    }
    activity.remote = block.remote();
    for list in [&stated.remote, &report.remote] {
        if activity.remote.is_empty() {
            activity.remote.clone_from(list);
        }
    }
    let ours: Vec<&String> = block.resources.iter().flat_map(|r| &r.addresses).collect();
    activity.remote.retain(|r| r.address.as_ref().is_none_or(|a| !ours.iter().any(|o| addresses::same(o, a))));
    activity.urls.clone_from(&block.urls);
    stated.urls.iter().for_each(|url| push_new(&mut activity.urls, url.clone()));
    if activity.urls.is_empty() {
        activity.urls.clone_from(&report.urls);
    }
    activity
}

/// Where a key was found in public.
fn exposures(parts: &Parts) -> Vec<String> {
    let said = parts.sentences.iter().filter(|s| {
        let plain = normal(&s.text);
        ["available online", "exposed", "publicly"].iter().any(|w| plain.contains(w))
    });
    let mut found = Vec::new();
    for (_, url) in said.flat_map(|s| addresses::urls(&s.text)) {
        if !links::is_aws(&addresses::host(&url).unwrap_or_default()) && found.len() < 20 {
            push_new(&mut found, url);
        }
    }
    found
}

/// What a block is accused of and the line of the sentence that says so.
fn categories_of(block: &Block, next: usize, parts: &Parts, fallback: Category) -> (Vec<Category>, Option<usize>) {
    // Several resource lines may stand above one sentence; several sentences may each have their own lines above.
    let inside = parts.matches.iter().find(|m| m.line >= block.line && m.line < next);
    let chosen = inside
        .or_else(|| parts.matches.iter().find(|m| m.line >= block.line))
        .or_else(|| parts.matches.iter().rev().find(|m| m.line < block.line));
    if !block.categories.is_empty() {
        return (block.categories.clone(), chosen.map(|m| m.line));
    }
    let Some(chosen) = chosen else { return (vec![fallback], None) };
    let mut found = vec![chosen.category];
    let sentence = parts.sentences.iter().find(|s| s.line <= chosen.line && chosen.line <= s.last);
    if let Some(sentence) = sentence {
        parts.matches.iter().filter(|m| sentence.line <= m.line && m.line <= sentence.last).for_each(|m| push_new(&mut found, m.category));
    }
    // A resolver is a vulnerability with a name.
    if found.contains(&Category::OpenResolver) {
        found.retain(|c| *c != Category::Vulnerability);
    }
    (found, Some(chosen.line))
}

/// Where neither a field nor a sentence decides.
fn fallback_category(incoming: &Incoming, parts: &Parts) -> Category {
    let subject = if from_mail(incoming) { incoming.subject.as_deref().unwrap_or_default() } else { "" };
    let history = reporter::split(&incoming.history);
    incoming
        .stated
        .category
        .or_else(|| categories::phrases(subject).first().map(|m| m.category))
        .or_else(|| categories::phrases(&history.aws).first().map(|m| m.category))
        .or_else(|| fields::read(&history.aws).iter().filter(|f| f.key == Key::Activity).find_map(|f| categories::of_short_name(&f.value)))
        .or_else(|| categories::of_keywords(&without_advice(incoming, parts, subject)))
        .or_else(|| parts.reporter.as_deref().and_then(reporter::category))
        .or_else(|| history.reporter.as_deref().and_then(reporter::category))
        .unwrap_or(Category::Other)
}

/// AWS's words without the advice that every notice carries; a customer's words whole.
fn without_advice(incoming: &Incoming, parts: &Parts, subject: &str) -> String {
    if incoming.stated.all_reporter {
        return String::new();
    }
    if incoming.origin == Origin::Own {
        return parts.aws.clone();
    }
    let says = |s: &&Sentence| {
        let plain = normal(&s.text);
        let bare = plain.trim_start_matches(['*', '-', ' ']);
        !(bare.starts_with("if ")
            || bare.contains("recommend")
            || bare.starts_with("please ")
            || bare.contains("://")
            || bare.contains("we are unable"))
    };
    let own: Vec<&str> = parts.sentences.iter().filter(says).map(|s| s.text.as_str()).collect();
    format!("{}\n{}", subject.replace('_', " "), own.join("\n"))
}

/// The words that an activity was read from.
fn words(block: &Block, sentence: Option<usize>, parts: &Parts, stated: &Stated) -> String {
    let mut lines: Vec<usize> = block.lines.clone();
    lines.sort_unstable();
    let all: Vec<&str> = parts.aws.lines().collect();
    let mut text: Vec<String> = lines.iter().filter_map(|n| all.get(*n)).map(|l| l.trim().to_owned()).collect();
    let said = sentence.and_then(|line| parts.sentences.iter().find(|s| s.line <= line && line <= s.last));
    text.extend(said.map(|s| s.text.clone()).filter(|s| !text.contains(s)));
    text.extend(stated.words.iter().filter(|w| !w.is_empty()).cloned());
    if text.is_empty() {
        text.extend(parts.sentences.iter().take(3).map(|s| s.text.clone()));
    }
    text.join("\n").chars().take(4_000).collect()
}

fn kind_of(incoming: &Incoming, parts: &Parts) -> NoticeKind {
    match incoming.origin {
        Origin::Own => NoticeKind::SelfFound,
        Origin::Xarf => NoticeKind::First,
        Origin::Health => {
            let kind = kind::of(&parts.aws, None);
            // A closed event only says that AWS Health shows it no longer as open.
            if incoming.stated.closed && kind == NoticeKind::First { NoticeKind::Update } else { kind }
        }
        _ => kind::of(&parts.aws, incoming.subject.as_deref()),
    }
}

fn account_of(incoming: &Incoming, parts: &Parts, history: &[Field]) -> Option<String> {
    let own = parts.blocks.iter().find_map(|b| b.account.clone());
    let labelled = || parts.fields.iter().chain(history).filter(|f| f.key == Key::Account).find_map(|f| account::of_value(&f.value));
    let subject = || incoming.subject.as_deref().filter(|_| from_mail(incoming)).and_then(account::in_prose);
    let prose = || parts.sentences.iter().filter(|_| !incoming.stated.all_reporter).find_map(|s| account::in_prose(&s.text));
    let whole = |id: &String| !abate_model::is_masked(id);
    incoming
        .stated
        .account
        .clone()
        .or_else(|| own.clone().filter(whole))
        .or_else(|| subject().filter(whole))
        .or(own)
        .or_else(labelled)
        .or_else(subject)
        .or_else(prose)
}

/// Lines that something was read from.
fn used_lines(parts: &Parts) -> BTreeSet<usize> {
    let mut used: BTreeSet<usize> = parts.blocks.iter().flat_map(|b| b.lines.iter().copied()).collect();
    used.extend(parts.headings.iter().copied());
    used.extend(parts.rows.iter().map(|r| r.line));
    let understood = |f: &&Field| match f.key {
        Key::Account => account::of_value(&f.value).is_some(),
        Key::Case | Key::RequiredAction | Key::Action => true,
        Key::Region => !regions::find(&f.value).is_empty(),
        _ => false,
    };
    used.extend(parts.fields.iter().filter(understood).flat_map(|f| f.line..=f.last));
    used.extend(parts.matches.iter().map(|m| m.line));
    used
}

/// Runs of blank lines made one.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.lines().map(str::trim_end) {
        blank = if line.is_empty() { blank + 1 } else { 0 };
        if blank < 2 {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.trim_matches('\n').to_owned()
}
