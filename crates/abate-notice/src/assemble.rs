//! From what came in to a [`Notice`]: AWS's words are parted from the reporter's, fields become activities, and what one source
//! does not say is taken from the next best: the message itself, the machine-readable event, the message quoted below, the
//! reporter.

use std::collections::BTreeSet;

use abate_model::notice::NOTICE_SCHEMA;
use abate_model::{Category, Channel, Family, Lang, Notice, NoticeKind, ReportedActivity, Resource, ResourceKind, ZoneCertainty};
use jiff::Timestamp;

use crate::blocks::Block;
use crate::categories;
use crate::fields::{self, Field, Key};
use crate::gather::{self, Parts, without_links};
use crate::incoming::{Incoming, Origin, Stated};
use crate::reporter::{self, Report};
use crate::text::{Sentence, names, normal, push_new, refang};
use crate::why::{Told, Trail};
use crate::{
    ReadContext, Reading, account, addresses, asks, authenticity, deadline, families, kind, links, regions, reports, resources, unread,
    xarf,
};

/// Activities beyond this are not told apart; a notice names a handful.
const MOST_ACTIVITIES: usize = 200;
/// With more resources than this, the reporter's part is read once for all of them.
const MOST_REPORTS: usize = 50;
/// More of the reporter's part is kept but not searched for times and far ends; AWS's form takes 4 kB of logs.
const MOST_SEARCHED: usize = 512 * 1024;

/// Builds the notice, and tells where each value came from.
pub(crate) fn notice(incoming: Incoming, ctx: &ReadContext, sha256: String) -> Reading {
    let incoming = with_inner_xarf(incoming, ctx.received_at);
    let reference = incoming.date.unwrap_or(ctx.received_at);
    let mut trail = Trail::default();
    let parts = gather::parts(&incoming, reference);
    let all = all_resources(&parts.blocks);
    let reported = activities(&incoming, &parts, &all, reference, &mut trail);
    let kind = trail.take("kind", |k| name(*k), kind_of(&incoming, &parts));
    let history = fields::read(&incoming.history);
    let account_id = account_of(&incoming, &parts, &history).map(|told| trail.take("account_id", String::clone, told));
    let labelled: Vec<String> = parts.blocks.iter().flat_map(|b| b.urls.clone()).collect();
    // What a stranger asks for or has blocked on a machine of theirs is no word of AWS's.
    let by_aws = !gather::is_own_report(&incoming);
    let required_actions = if by_aws { asks::required_actions(&parts.aws, &parts.sentences, &parts.fields) } else { Vec::new() };
    let mitigations = if by_aws { asks::mitigations(&parts.aws, &parts.sentences, &parts.fields, &parts.rows) } else { Vec::new() };
    for (field, list) in [("required_actions", &required_actions), ("mitigations", &mitigations)] {
        list.iter()
            .enumerate()
            .for_each(|(n, one)| trail.note(format!("{field}[{n}]"), one, one, "a sentence, field or table cell that says so"));
    }
    let regions = regions_of(&incoming, &parts, &mut trail);
    let used_texts: Vec<String> = required_actions.iter().chain(&mitigations).cloned().collect();
    let mut unread_lines = incoming.unread.clone();
    unread_lines.extend(
        unread::lines(&parts.aws, &used_lines(&parts), &used_texts)
            .into_iter()
            .filter(|_| !matches!(incoming.origin, Origin::Xarf | Origin::Own)),
    );
    let reporter_fields = parts.reporter.as_deref().map(fields::read).unwrap_or_default();
    let subject = incoming.subject.as_deref().filter(|_| from_mail(&incoming));
    let case_number = account::case_number(subject, &[&parts.fields, &history, &reporter_fields])
        .map(|told| trail.take("case_number", String::clone, told));
    let category = reported.first().map_or(Category::Other, |r| r.category);
    let family = family_of(&incoming, &parts, kind, category);
    trail.note("family", name(family), "", "the first layout whose marks hold");
    let resources = with_account(all, account_id.as_deref(), &regions);
    note_resources(&resources, &parts, &incoming, &mut trail);
    let deadline = deadline::of(&parts.aws, incoming.stated.deadline, incoming.date, ctx.received_at);
    let deadline = trail.take("deadline", |d| d.at.to_string(), deadline);
    let authenticity = authenticity::judge(&incoming, &parts.aws, &labelled);
    trail.note("authenticity", name(authenticity.verdict), authenticity.said().get(Lang::En), "sender, links and requests");
    let reports = reports::read(&parts, &incoming, &resources, reference);
    for (field, value) in [("subject", &incoming.subject), ("from", &incoming.from), ("message_id", &incoming.message_id)] {
        if let Some(value) = value {
            trail.note(field, value, value, "the header or the event's field");
        }
    }
    if let Some(date) = incoming.date {
        trail.note("date", date.to_string(), &date.to_string(), "the header or the event's field");
    }
    let notice = Notice {
        schema: NOTICE_SCHEMA.to_owned(),
        kind,
        family,
        channel: channel_of(&incoming),
        category,
        resources,
        account_id,
        regions,
        case_number,
        reported,
        required_actions,
        mitigations,
        deadline,
        authenticity,
        reporter: parts.reporter,
        reports,
        unread: unread_lines,
        subject: incoming.subject,
        from: incoming.from,
        to: incoming.to,
        message_id: incoming.message_id,
        references: incoming.references,
        communication_id: incoming.stated.communication_id,
        date: incoming.date,
        received_at: ctx.received_at,
        body: tidy(&parts.aws),
        sha256,
    };
    Reading { notice, why: trail.done() }
}

/// The name that a value has in JSON.
fn name(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Regions of the blocks and of the event; else those that the prose names.
fn regions_of(incoming: &Incoming, parts: &Parts, trail: &mut Trail) -> Vec<String> {
    let mut regions = Vec::new();
    let mut add = |found: &[String], said: &str, rule: &str| {
        for region in found {
            if !regions.contains(region) {
                trail.note(format!("regions[{}]", regions.len()), region, said, rule);
                regions.push(region.clone());
            }
        }
    };
    for block in &parts.blocks {
        add(&block.regions, &block_words(block, parts), "a Region field, an ARN or a host name beside a resource");
    }
    add(&incoming.stated.regions, "", "the event's Region");
    // The Region of a mail on a sending account stands in its prose.
    let prose = if regions_named(parts, incoming) {
        Vec::new()
    } else {
        regions::find(&without_links(&parts.aws).split_whitespace().collect::<Vec<_>>().join(" "))
    };
    add(&prose, "", "a Region's code or name in the prose");
    regions
}

fn regions_named(parts: &Parts, incoming: &Incoming) -> bool {
    !incoming.stated.regions.is_empty() || parts.blocks.iter().any(|b| !b.regions.is_empty())
}

/// The lines of a block, as written.
fn block_words(block: &Block, parts: &Parts) -> String {
    let lines: Vec<&str> = parts.aws.lines().collect();
    let mut numbers = block.lines.clone();
    numbers.sort_unstable();
    numbers.iter().filter_map(|n| lines.get(*n)).map(|l| l.trim()).collect::<Vec<_>>().join("\n")
}

fn note_resources(resources: &[Resource], parts: &Parts, incoming: &Incoming, trail: &mut Trail) {
    for (n, resource) in resources.iter().enumerate() {
        let line = parts.aws.lines().chain(incoming.history.lines()).find(|line| names(line, &resource.id));
        let rule = match (line, resource.kind) {
            (_, ResourceKind::Account | ResourceKind::Region) => "nothing else is named: the account or Region as a whole",
            (Some(_), _) => "a resource field, or an id recognised by its form",
            (None, _) => "an entity of the event or of the report",
        };
        let addresses = resource.addresses.join(" ");
        let value = format!("{} {} {addresses}", name(resource.kind), resource.id);
        trail.note(format!("resources[{n}]"), value.trim_end(), line.unwrap_or_default(), rule);
    }
}

fn channel_of(incoming: &Incoming) -> Channel {
    match incoming.origin {
        Origin::Mail => Channel::Mail,
        Origin::Forwarded { .. } => Channel::Forwarded,
        Origin::Pasted => Channel::Pasted,
        Origin::Health => Channel::Health,
        Origin::Xarf => Channel::Report,
        Origin::Own => Channel::Own,
    }
}

fn family_of(incoming: &Incoming, parts: &Parts, kind: NoticeKind, category: Category) -> Family {
    let seen = families::Seen {
        channel: channel_of(incoming),
        plain: &normal(&parts.aws),
        subject: &incoming.subject.as_deref().map(normal).unwrap_or_default(),
        fields: &parts.fields,
        action_table: !parts.rows.is_empty(),
        kind,
        category,
        not_from_aws: gather::is_own_report(incoming),
    };
    families::of(&seen)
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

fn activities(incoming: &Incoming, parts: &Parts, all: &[Resource], reference: Timestamp, trail: &mut Trail) -> Vec<ReportedActivity> {
    let nothing = [Block::default()];
    let blocks: &[Block] = if parts.blocks.is_empty() { &nothing } else { &parts.blocks };
    let fallback = fallback_category(incoming, parts);
    let mut reported = Vec::new();
    // A stranger's mail is a report from its first word.
    let own = gather::is_own_report(incoming).then(|| format!("{}\n\n{}", parts.aws, parts.reporter.as_deref().unwrap_or_default()));
    let searched = own.as_deref().or(parts.reporter.as_deref()).map(head);
    let read = |resource| searched.map(|text| reporter::read(text, resource, all, reference)).unwrap_or_default();
    let shared = (all.len() > MOST_REPORTS).then(|| read(None));
    for (n, block) in blocks.iter().enumerate() {
        if reported.len() >= MOST_ACTIVITIES {
            break;
        }
        let next = blocks.get(n + 1).map_or(usize::MAX, |b| b.line);
        let (categories, sentence, rule) = categories_of(block, next, parts, &fallback);
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
                    let number = reported.len();
                    trail.note(format!("reported[{number}].category"), category.id(), &activity.text, &rule);
                    let mut activity = fill(activity, block, &report, incoming);
                    note_activity(number, &activity, block, parts, incoming, trail);
                    if activity.urls.is_empty() && *category == Category::CompromisedCredentials {
                        activity.urls = exposures(parts);
                    }
                    match reported.iter_mut().find(|r| same_accusation(r, &activity)) {
                        Some(known) => join(known, activity),
                        None => reported.push(activity),
                    }
                }
            }
        }
    }
    let unnamed = reported.iter().all(|r| r.resource.is_none());
    let account = account_of(incoming, parts, &[]).map(|told| told.value).or_else(|| incoming.stated.regions.first().cloned());
    if unnamed && all.is_empty() {
        reported.iter_mut().for_each(|r| r.resource.clone_from(&account));
    }
    reported
}

/// Where times and far ends of an activity came from.
fn note_activity(number: usize, activity: &ReportedActivity, block: &Block, parts: &Parts, incoming: &Incoming, trail: &mut Trail) {
    let words = block_words(block, parts);
    let reporter = refang(parts.reporter.as_deref().unwrap_or(&incoming.text));
    let reporter = head(&reporter);
    // The lines that say it: of the block, else of the reporter's part; of an event's fields there are none.
    let said = |rule: &str, says: &dyn Fn(&str) -> bool| match rule {
        "fields of the notice" => some_lines(&words, says).unwrap_or_else(|| words.clone()),
        "the reporter's part" => some_lines(reporter, says).unwrap_or_default(),
        _ => String::new(),
    };
    let (of_block, of_event, of_report) = ("fields of the notice", "fields of the event", "the reporter's part");
    if let (Some(from), Some(to)) = (activity.from, activity.to) {
        let rule = if block.span().is_some() {
            of_block
        } else if incoming.stated.from == Some(from) {
            of_event
        } else {
            of_report
        };
        let zone = activity.zone.as_deref().unwrap_or("none");
        let value = format!("{from} to {to}");
        let assumed = crate::times::Assumed::of("", to);
        trail.note(
            format!("reported[{number}].from"),
            value,
            &said(rule, &|line| !crate::times::find_all(line, &assumed).is_empty()),
            format!("{rule}; zone as written: {zone}, {}", name(activity.zone_certainty)),
        );
    }
    if !activity.remote.is_empty() {
        let own = !block.remote().is_empty();
        let rule = if own {
            of_block
        } else if incoming.stated.remote.is_empty() {
            of_report
        } else {
            of_event
        };
        let ends = activity.remote.iter().take(20).map(|r| r.address.clone().unwrap_or_else(|| "?".to_owned())).collect::<Vec<_>>();
        let far = |line: &str| {
            let here = addresses::find(line);
            ends.iter().any(|end| names(line, end) || here.iter().any(|a| addresses::same(&a.address, end)))
        };
        trail.note(format!("reported[{number}].remote"), ends.join(" "), &said(rule, &far), rule);
    }
    if !activity.urls.is_empty() {
        let own = !block.urls.is_empty();
        let rule = if own {
            of_block
        } else if incoming.stated.urls.is_empty() {
            of_report
        } else {
            of_event
        };
        let linked = |line: &str| activity.urls.iter().any(|url| line.contains(url.as_str()));
        trail.note(format!("reported[{number}].urls"), activity.urls.join(" "), &said(rule, &linked), rule);
    }
}

/// The first two and the last of the lines that say something.
fn some_lines(text: &str, says: &dyn Fn(&str) -> bool) -> Option<String> {
    let found: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty() && says(line)).take(500).collect();
    match found.as_slice() {
        [] => None,
        [first, second, .., last] => Some(format!("{first}\n{second}\n{last}")),
        few => Some(few.join("\n")),
    }
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

/// A XARF report in JSON inside the reporter's part: its facts on the attack. Whom it accuses is AWS's to say.
fn with_inner_xarf(mut incoming: Incoming, received: Timestamp) -> Incoming {
    if incoming.with_xarf || incoming.stated.all_reporter || incoming.origin == Origin::Health {
        return incoming;
    }
    let Some(part) = reporter::split(&incoming.text).reporter else { return incoming };
    let Some(json) =
        part.find('{').and_then(|at| part.get(at..)).filter(|json| json.contains("xarf_version") || json.contains("ReporterInfo"))
    else {
        return incoming;
    };
    let document = serde_json::Deserializer::from_str(json).into_iter::<serde_json::Value>().next().and_then(Result::ok);
    if let Some(report) = document.and_then(|document| xarf::read(&document, received)) {
        let stated = report.stated;
        incoming.with_xarf = true;
        incoming.stated =
            Stated { from: stated.from, to: stated.to, zone: stated.zone, remote: stated.remote, urls: stated.urls, ..incoming.stated };
    }
    incoming
}

/// Two blocks on one resource and one activity are one accusation.
fn same_accusation(a: &ReportedActivity, b: &ReportedActivity) -> bool {
    a.resource.is_some() && (&a.resource, a.category) == (&b.resource, b.category)
}

/// Adds what a further block says: the times span both, far ends and URLs are those of both.
fn join(known: &mut ReportedActivity, further: ReportedActivity) {
    let certain = |a: &ReportedActivity| a.from.map(|_| a.zone_certainty);
    // Times without a zone may lie hours off: beside others they don't count (as inside one block).
    match (certain(known), certain(&further)) {
        (Some(ZoneCertainty::Stated), Some(other)) if other != ZoneCertainty::Stated => {}
        (Some(mine), Some(ZoneCertainty::Stated)) if mine != ZoneCertainty::Stated => {
            (known.from, known.to, known.zone_certainty) = (further.from, further.to, further.zone_certainty);
            known.zone.clone_from(&further.zone);
        }
        (Some(_), Some(_)) => {
            known.from = known.from.min(further.from);
            known.to = known.to.max(further.to);
        }
        (None, Some(_)) => {
            (known.from, known.to, known.zone_certainty) = (further.from, further.to, further.zone_certainty);
            known.zone.clone_from(&further.zone);
        }
        (_, None) => {}
    }
    further.remote.into_iter().for_each(|r| push_new(&mut known.remote, r));
    further.urls.into_iter().for_each(|url| push_new(&mut known.urls, url));
    if !further.text.is_empty() && !known.text.contains(&further.text) {
        known.text = format!("{} / {}", known.text, further.text);
    }
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
    // A Health event's start is no time of abuse: it says when the event began.
    let event_time = stated.from.map(|from| (from, stated.to.unwrap_or(from), stated.zone.clone()));
    if let Some(span) = block.span() {
        (activity.from, activity.to, activity.zone, activity.zone_certainty) = (Some(span.from), Some(span.to), span.zone, span.certainty);
    } else if let Some((from, to, zone)) = event_time {
        (activity.from, activity.to, activity.zone, activity.zone_certainty) =
            (Some(from), Some(to.max(from)), zone, ZoneCertainty::Stated);
    } else if let Some(span) = report.times.clone() {
        (activity.from, activity.to, activity.zone, activity.zone_certainty) = (Some(span.from), Some(span.to), span.zone, span.certainty);
    }
    activity.remote = block.remote();
    for list in [&stated.remote, &report.remote] {
        if activity.remote.is_empty() {
            activity.remote.clone_from(list);
        }
    }
    for remote in &mut activity.remote {
        // One address has many spellings in IPv6; its canonical one is kept (RFC 5952).
        let canonical = remote.address.as_deref().and_then(|a| a.parse::<std::net::Ipv6Addr>().ok()).map(|a| a.to_string());
        remote.address = canonical.or(remote.address.take());
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
    let said = |s: &Sentence| {
        let plain = normal(&s.text);
        ["available online", "exposed", "publicly", "was found", "were found", "found at", "can read"].iter().any(|w| plain.contains(w))
    };
    let below = |n: usize| gather::lead(&parts.sentences, n).is_some_and(said);
    let told = parts.sentences.iter().enumerate().filter(|(n, s)| said(s) || below(*n)).map(|(_, s)| s);
    let mut found = Vec::new();
    for (_, url) in told.flat_map(|s| addresses::urls(&s.text)) {
        if !links::is_aws(&addresses::host(&url).unwrap_or_default()) && found.len() < 20 {
            push_new(&mut found, url);
        }
    }
    found
}

/// What a block is accused of and the line of the sentence that says so.
fn categories_of(block: &Block, next: usize, parts: &Parts, fallback: &Told<Category>) -> (Vec<Category>, Option<usize>, String) {
    // Several resource lines may stand above one sentence; several sentences may each have their own lines above.
    let inside = parts.matches.iter().find(|m| m.line >= block.line && m.line < next);
    let chosen = inside
        .or_else(|| parts.matches.iter().find(|m| m.line >= block.line))
        .or_else(|| parts.matches.iter().rev().find(|m| m.line < block.line));
    if !block.categories.is_empty() {
        return (block.categories.clone(), chosen.map(|m| m.line), "a field that names the activity".to_owned());
    }
    let Some(chosen) = chosen else { return (vec![fallback.value], None, fallback.rule.clone()) };
    let mut found = vec![chosen.category];
    let sentence = parts.sentences.iter().find(|s| s.line <= chosen.line && chosen.line <= s.last);
    if let Some(sentence) = sentence {
        parts.matches.iter().filter(|m| sentence.line <= m.line && m.line <= sentence.last).for_each(|m| push_new(&mut found, m.category));
    }
    // A resolver is a vulnerability with a name.
    if found.contains(&Category::OpenResolver) {
        found.retain(|c| *c != Category::Vulnerability);
    }
    (found, Some(chosen.line), "a deciding phrase of AWS's".to_owned())
}

/// Where neither a field nor a sentence decides.
fn fallback_category(incoming: &Incoming, parts: &Parts) -> Told<Category> {
    let subject = if from_mail(incoming) { incoming.subject.as_deref().unwrap_or_default() } else { "" };
    let history = reporter::split(&incoming.history);
    let told = |category: Option<Category>, rule: &str| category.map(|c| Told::new(c, "", rule));
    let phrase = |text: &str| categories::phrases(text).first().map(|m| m.category);
    let field = |text: &str| fields::read(text).iter().filter(|f| f.key == Key::Activity).find_map(|f| categories::of_short_name(&f.value));
    told(incoming.stated.category, "the event's code or type")
        .or_else(|| told(phrase(subject), "a deciding phrase in the subject"))
        .or_else(|| told(phrase(&history.aws), "a deciding phrase in the message quoted below"))
        .or_else(|| told(field(&history.aws), "a field of the message quoted below"))
        .or_else(|| told(categories::of_keywords(&without_advice(incoming, parts, subject)), "key words of subject and text"))
        .or_else(|| told(parts.reporter.as_deref().and_then(reporter::category), "the reporter's part"))
        .or_else(|| told(history.reporter.as_deref().and_then(reporter::category), "the reporter's part of the message quoted below"))
        .unwrap_or_else(|| Told::new(Category::Other, "", "nothing says which kind of abuse it is"))
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
            || bare.contains("often find")
            || bare.contains("it's possible which")
            || bare.contains("it is possible which")
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

fn kind_of(incoming: &Incoming, parts: &Parts) -> Told<NoticeKind> {
    match incoming.origin {
        Origin::Own => Told::new(NoticeKind::SelfFound, "", "it is the customer's own"),
        Origin::Xarf => Told::new(NoticeKind::First, "", "a third party's report"),
        Origin::Health => {
            let told = kind::of(&parts.aws, None);
            // A closed event only says that AWS Health shows it no longer as open.
            if incoming.stated.closed && told.value == NoticeKind::First {
                return Told::new(NoticeKind::Update, "statusCode: closed", "the event is closed");
            }
            told
        }
        _ => kind::of(&parts.aws, incoming.subject.as_deref()),
    }
}

fn account_of(incoming: &Incoming, parts: &Parts, history: &[Field]) -> Option<Told<String>> {
    let own =
        parts.blocks.iter().find_map(|b| b.account.clone().map(|id| Told::new(id, block_words(b, parts), "an account field or an ARN")));
    let labelled = || {
        let field = |f: &Field| account::of_value(&f.value).map(|id| Told::new(id, &f.value, format!("label '{}'", f.label)));
        parts.fields.iter().chain(history).filter(|f| f.key == Key::Account).find_map(field)
    };
    let subject = || {
        let subject = incoming.subject.as_deref().filter(|_| from_mail(incoming))?;
        account::in_prose(subject).map(|id| Told::new(id, subject, "the subject"))
    };
    let prose = || {
        let mut own = parts.sentences.iter().filter(|_| !incoming.stated.all_reporter);
        own.find_map(|s| account::in_prose(&s.text).map(|id| Told::new(id, &s.text, "a sentence that names the account")))
    };
    // A sentence that was torn apart still names the account.
    let torn = || {
        account::in_prose(&parts.aws)
            .filter(|_| !incoming.stated.all_reporter)
            .map(|id| Told::new(id, "", "the text as a whole names the account"))
    };
    let whole = |told: &Told<String>| !abate_model::is_masked(&told.value);
    let stated = incoming.stated.account.clone().map(|id| Told::new(id, "", "a field of the event"));
    stated
        .or_else(|| own.clone().filter(whole))
        .or_else(|| subject().filter(whole))
        .or(own)
        .or_else(labelled)
        .or_else(subject)
        .or_else(prose)
        .or_else(torn)
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
