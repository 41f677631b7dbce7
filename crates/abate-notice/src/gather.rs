//! What AWS's part of a notice holds: fields, sentences, tables, and the blocks that they make. Where it names no resource, the
//! machine-readable event, the message quoted below, or a third party's report is asked.

use abate_model::{Remote, Resource, ResourceKind};
use jiff::Timestamp;

use crate::blocks::{self, Block};
use crate::categories::{self, Match};
use crate::fields::{self, Field, Key};
use crate::incoming::{Incoming, Origin, Stated};
use crate::text::{Sentence, has_word, names, normal, push_new, refang, sentences};
use crate::times::{self, Assumed};
use crate::{accused, addresses, authenticity, deadline, ends, forward, links, lists, reporter, resources, table};

/// Fields, rows and ids beyond this are not read.
const MOST_FIELDS: usize = 2_000;
/// What was found in AWS's part.
pub(crate) struct Parts {
    pub aws: String,
    pub reporter: Option<String>,
    pub fields: Vec<Field>,
    pub sentences: Vec<Sentence>,
    pub matches: Vec<Match>,
    pub rows: Vec<table::Row>,
    pub headings: Vec<usize>,
    pub blocks: Vec<Block>,
}

/// Reads AWS's part, and takes from elsewhere what it does not name.
pub(crate) fn parts(incoming: &Incoming, reference: Timestamp) -> Parts {
    let split = reporter::split(&incoming.text);
    let (aws, mut reporter) = (fields::rejoined(&split.aws), split.reporter);
    if incoming.stated.all_reporter {
        reporter = Some(incoming.text.trim().to_owned());
    }
    if !incoming.attached.trim().is_empty() {
        let whole = reporter.map_or_else(String::new, |r| format!("{r}\n\n"));
        reporter = Some(format!("{whole}{}", incoming.attached.trim()));
    }
    let assumed = if incoming.origin == Origin::Own { Assumed::of_customer(&aws, reference) } else { Assumed::of(&aws, reference) };
    // A report in XARF has its fields already; its summary would only repeat them.
    let fields = if incoming.stated.all_reporter { Vec::new() } else { some(fields::read(&aws)) };
    let (rows, headings) = table::rows(&aws);
    let rows = some(rows);
    let comma = some(table::comma_lines(&aws, &assumed));
    let mut blocks = blocks::group(&fields, &rows, &comma, &assumed);
    let sentences = sentences(&aws);
    let matches = if incoming.stated.all_reporter { Vec::new() } else { categories::phrases(&aws) };
    if !blocks.iter().any(|b| !b.resources.is_empty()) {
        blocks = from_elsewhere(incoming, &aws, &fields, blocks, &assumed);
    }
    add_stated(&incoming.stated, &mut blocks);
    third_party(incoming, &aws, reporter.as_deref(), &assumed, &mut blocks);
    if incoming.origin == Origin::Own
        && blocks.iter().all(|b| b.span().is_none() && b.remote().is_empty())
        && incoming.stated.from.is_none()
    {
        own_words(&aws, &assumed, &mut blocks);
    }
    events_of_resources(&aws, &assumed, &mut blocks);
    prose_facts(&sentences, &assumed, incoming, &mut blocks);
    if let Some(first) = blocks.first_mut() {
        sentences.iter().for_each(|s| named_users(&s.text, first));
    }
    Parts { aws, reporter, fields, sentences, matches, rows, headings, blocks }
}

/// Without a labelled resource: ids in the prose, else the fields and ids of the message quoted below, else a comma line of the
/// reporter's.
fn from_elsewhere(incoming: &Incoming, aws: &str, own_fields: &[Field], mut blocks: Vec<Block>, assumed: &Assumed) -> Vec<Block> {
    let prose = without_links(aws);
    let mut found = some(resources::find(&prose));
    if found.is_empty() && !own_fields.iter().any(|f| f.key == Key::Activity) && !incoming.history.is_empty() {
        let history = reporter::split(&incoming.history).aws;
        let (rows, _) = table::rows(&history);
        let older = blocks::group(&some(fields::read(&history)), &some(rows), &[], assumed);
        if older.iter().any(|b| !b.resources.is_empty()) {
            return older.into_iter().map(Block::into_history).collect();
        }
        found = some(resources::find(&without_links(&history)));
    }
    if found.is_empty() {
        found = some(resources::sending_identities(&prose));
    }
    if found.is_empty() {
        found = some(resources::named_with_address(&prose));
    }
    if found.is_empty() {
        found = some(resources::named_buckets(&prose));
    }
    if found.is_empty() {
        let lists = |s: &Sentence| {
            ["activity from account", "implicates", "implicating", "implicated resource"].iter().any(|w| normal(&s.text).contains(w))
        };
        let all = sentences(&prose);
        // The list may stand below a colon.
        let listed =
            |n: usize| all.get(n).is_some_and(&lists) || (n > 0 && all.get(n - 1).is_some_and(|s| lists(s) && s.text.ends_with(':')));
        let named = all.iter().enumerate().filter(|(n, _)| listed(*n)).flat_map(|(_, s)| resources::named_with_region(&s.text));
        found = some(named.collect());
    }
    if found.is_empty() {
        return blocks;
    }
    if blocks.is_empty() {
        blocks.push(Block::default());
    }
    let Some(first) = blocks.first_mut() else { return blocks };
    for one in found {
        first.account = first.account.take().or(one.account);
        one.region.into_iter().for_each(|r| push_new(&mut first.regions, r));
        match first.resources.iter_mut().find(|r| r.id == one.resource.id) {
            Some(same) => one.resource.addresses.into_iter().for_each(|a| push_new(&mut same.addresses, a)),
            None => first.resources.push(one.resource),
        }
    }
    for resource in &mut first.resources {
        // "203.0.113.160 (i-0b1c2d3e4f5a6b7c8)".
        let before = aws.find(&format!("({})", resource.id)).and_then(|at| aws.get(..at)).unwrap_or_default().trim_end();
        let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        if resource.addresses.is_empty()
            && let [one] = addresses::find(word).as_slice()
            && one.start == 0
        {
            resource.addresses.push(one.address.clone());
        }
    }
    let lines = aws.lines().enumerate().filter(|(_, line)| first.resources.iter().any(|r| names(line, &r.id))).map(|(n, _)| n);
    lines.collect::<Vec<_>>().into_iter().for_each(|n| push_new(&mut first.lines, n));
    blocks
}

/// Resources of a machine-readable event that its text does not name.
fn add_stated(stated: &Stated, blocks: &mut Vec<Block>) {
    let mut new: Vec<Resource> = Vec::new();
    for resource in &stated.resources {
        match blocks.iter_mut().flat_map(|b| &mut b.resources).find(|r| r.id == resource.id) {
            Some(known) => resource.addresses.iter().for_each(|a| push_new(&mut known.addresses, a.clone())),
            None => new.push(resource.clone()),
        }
    }
    if new.is_empty() {
        return;
    }
    if blocks.is_empty() {
        blocks.push(Block::default());
    }
    if let Some(first) = blocks.first_mut() {
        first.resources.extend(new);
    }
}

/// One block for each address that a list accuses.
fn of_list(rows: Vec<lists::Accusation>, category: Option<abate_model::Category>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for row in rows {
        let known = blocks.iter().position(|b| b.resources.iter().any(|r| r.id == row.address));
        let at = known.unwrap_or_else(|| {
            let mut block = Block::of(resources::resource(ResourceKind::Address, &row.address));
            // The subject names the list; its rows have but technical names.
            block.categories.extend(category.or(row.category));
            blocks.push(block);
            blocks.len() - 1
        });
        if let Some(block) = blocks.get_mut(at) {
            block.add_found(row.time.into_iter().collect(), row.remote.into_iter().collect(), Vec::new());
        }
    }
    blocks
}

/// Whether a mail is neither from AWS nor a notice passed on.
pub(crate) fn is_third_party(incoming: &Incoming) -> bool {
    incoming.origin == Origin::Mail && incoming.from.as_deref().is_some_and(|from| !authenticity::is_aws_address(from))
}

/// Whether a mail is a third party's own report: not from AWS and not in AWS's words either, as a forged notice is.
pub(crate) fn is_own_report(incoming: &Incoming) -> bool {
    let aws = reporter::split(&incoming.text).aws;
    let named = || {
        let plain = normal(&aws);
        has_word(&plain, "aws") || has_word(&plain, "amazon")
    };
    is_third_party(incoming) && !(named() && forward::looks_like_notice(&aws))
}

/// A third party's own report names the accused address itself: there is no part of AWS's in it.
fn third_party(incoming: &Incoming, text: &str, attached: Option<&str>, assumed: &Assumed, blocks: &mut Vec<Block>) {
    if !is_third_party(incoming) || blocks.iter().any(|b| !b.resources.is_empty()) {
        return;
    }
    let whole = format!("{text}\n{}", attached.unwrap_or_default());
    let subject = incoming.subject.as_deref().unwrap_or_default();
    let category = reporter::category(&format!("{subject}\n{whole}"));
    let mut listed = lists::read(&whole, assumed);
    if let Some(controller) = ends::controller(&whole) {
        // Rows of infected hosts, and the prose above them names the server they call.
        listed.iter_mut().filter(|row| row.remote.is_none()).for_each(|row| row.remote = Some(controller.clone()));
    }
    if !listed.is_empty() {
        blocks.retain(|b| !b.resources.is_empty());
        blocks.extend(of_list(listed, category));
        return;
    }
    let found = accused::find(&whole, subject, category.unwrap_or(abate_model::Category::Other));
    if blocks.is_empty() {
        blocks.push(Block::default());
    }
    if let Some(first) = blocks.first_mut() {
        first.resources.extend(found.iter().map(|(kind, id)| resources::resource(*kind, id)));
    }
}

/// The customer's own words: every time, address and URL in them belongs to the one thing that is reported.
fn own_words(text: &str, assumed: &Assumed, blocks: &mut Vec<Block>) {
    let plain = crate::text::refang(text);
    if blocks.is_empty() {
        blocks.push(Block::default());
    }
    let Some(first) = blocks.first_mut() else { return };
    let mut found = times::find_all(&plain, assumed);
    if found.is_empty() {
        found = times::find_with_dates(&plain, assumed);
    }
    let ours: Vec<String> = first.resources.iter().flat_map(|r| r.addresses.clone()).collect();
    let far: Vec<Remote> = addresses::find(&plain)
        .into_iter()
        .filter(|a| !ours.iter().any(|o| addresses::same(o, &a.address)) && !addresses::is_nowhere(&a.address) && !is_private(&a.address))
        .map(|a| Remote { address: Some(a.address), port: a.port, protocol: None })
        .collect();
    first.add_found(found, far, addresses::urls(&plain).into_iter().map(|(_, url)| url).collect());
}

/// Lines of AWS's own that name a resource and a time: the events of a key, one a line. Resources that they tell apart get blocks of their
/// own.
fn events_of_resources(aws: &str, assumed: &Assumed, blocks: &mut Vec<Block>) {
    let mut told: Vec<(String, Vec<times::Found>)> = Vec::new();
    for line in aws.lines().filter(|line| !fields::is_labelled(line)) {
        let found = times::find_all(line, assumed);
        if found.is_empty() || deadline::is_term(line) {
            continue;
        }
        for id in blocks.iter().flat_map(|b| &b.resources).map(|r| &r.id).filter(|id| id.len() > 3 && names(line, id)) {
            match told.iter_mut().find(|(known, _)| known == id) {
                Some((_, times)) => times.extend(found.clone()),
                None => told.push((id.clone(), found.clone())),
            }
        }
    }
    if told.is_empty() {
        // A list of events that names no resource is about all of them.
        let records: Vec<times::Found> = aws
            .lines()
            .filter(|line| !fields::is_labelled(line) && !deadline::is_term(line))
            .flat_map(|line| times::find_all(line, assumed).into_iter().filter(|t| t.range.start <= 2 && line.len() > t.range.end))
            .collect();
        let bare = blocks.iter().all(|b| b.span().is_none());
        if bare && !records.is_empty() {
            blocks.iter_mut().for_each(|b| b.add_found(records.clone(), Vec::new(), Vec::new()));
        }
        return;
    }
    let mut out = Vec::new();
    for block in blocks.drain(..) {
        if block.span().is_some() || !block.resources.iter().any(|r| told.iter().any(|(id, _)| *id == r.id)) {
            out.push(block);
            continue;
        }
        out.extend(block.each_resource().into_iter().map(|mut one| {
            let times = told.iter().filter(|(id, _)| one.resources.iter().any(|r| r.id == *id)).flat_map(|(_, t)| t.clone()).collect();
            one.add_found(times, Vec::new(), Vec::new());
            one
        }));
    }
    *blocks = out;
}

/// Times and URLs that AWS's own sentences tell of the activity: "it was seen at …", "the reported page is …".
fn prose_facts(sentences: &[Sentence], assumed: &Assumed, incoming: &Incoming, blocks: &mut Vec<Block>) {
    if matches!(incoming.origin, Origin::Own | Origin::Xarf | Origin::Health) && incoming.stated.all_reporter {
        return;
    }
    let (mut times_told, mut urls_told) = (Vec::new(), Vec::new());
    for (n, sentence) in sentences.iter().enumerate().filter(|(_, s)| !fields::is_labelled(&s.text)) {
        let plain = normal(&sentence.text);
        let tells = [
            "seen",
            "observed",
            "detected",
            "took place",
            "occurred",
            "happened",
            "noticed",
            "recorded",
            "between",
            "started",
            "sign-ins",
            "sign-in",
            "signed in",
            "use",
            "reported",
            "made",
            "sent",
            "found",
            "attempted",
            "began",
            "could",
        ]
        .iter()
        .any(|w| has_word(&plain, w));
        if tells && !deadline::is_term(&sentence.text) && !reporter::is_of_report(&sentence.text) {
            times_told.extend(times::find_all(&sentence.text, assumed));
        }
        if tells_urls(sentences, n) {
            urls_told
                .extend(addresses::urls(&refang(&sentence.text)).into_iter().map(|(_, url)| url).filter(|url| !links::is_page_of_aws(url)));
        }
    }
    if blocks.is_empty() && !(times_told.is_empty() && urls_told.is_empty()) {
        blocks.push(Block::default());
    }
    for block in blocks.iter_mut() {
        if block.span().is_none() {
            block.add_found(times_told.clone(), Vec::new(), Vec::new());
        }
    }
    // Of several blocks, a URL belongs to the one whose sentence follows it; one list for all would accuse the wrong one.
    let several = blocks.len() > 1;
    let told = sentences.iter().enumerate().filter(|(n, _)| tells_urls(sentences, *n)).map(|(_, s)| s);
    for (line, url) in told.flat_map(|s| addresses::urls(&refang(&s.text)).into_iter().map(|(_, url)| (s.line, url))) {
        if !urls_told.contains(&url) {
            continue;
        }
        let at = if several { blocks.iter().rposition(|b| b.line <= line).unwrap_or(0) } else { 0 };
        if let Some(block) = blocks.get_mut(at) {
            block.add_found(Vec::new(), Vec::new(), vec![url]);
        }
    }
}

/// Whether a sentence names its URLs as what is reported; a URL that stands alone belongs to the sentence that it follows, where that
/// one is left open or closed by a colon.
pub(crate) fn tells_urls(sentences: &[Sentence], at: usize) -> bool {
    let own = sentences.get(at).is_some_and(|s| links::is_reported(&s.text));
    own || lead(sentences, at).is_some_and(|lead| links::is_reported(&lead.text))
}

/// The sentence that a URL which stands alone belongs to.
pub(crate) fn lead(sentences: &[Sentence], at: usize) -> Option<&Sentence> {
    let alone = |s: &Sentence| !s.text.trim().contains(char::is_whitespace) && !addresses::urls(&refang(&s.text)).is_empty();
    let lead = sentences.get(..at)?.iter().rev().find(|s| !alone(s))?;
    (alone(sentences.get(at)?) && !lead.text.trim_end().ends_with(['.', '!', '?', '。'])).then_some(lead)
}

/// Private addresses in a customer's words are the customer's.
fn is_private(address: &str) -> bool {
    address.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_private() || ip.is_link_local())
}

/// `access key AKIA… belonging to user deploy`.
fn named_users(text: &str, block: &mut Block) {
    if !block.resources.iter().any(|r| r.kind == ResourceKind::AccessKey) {
        return;
    }
    // "AKIA… (user: backup-agent)".
    for (_, behind) in text.match_indices("(user: ").map(|(at, lead)| (at, text.get(at + lead.len()..).unwrap_or_default())) {
        let name = behind.split(')').next().unwrap_or_default().trim();
        let fits = (1..=64).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@-_*".contains(c));
        if fits && behind.contains(')') && !block.resources.iter().any(|r| r.id == name) {
            block.resources.push(resources::resource(ResourceKind::IamUser, name));
        }
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    for pair in words.windows(4) {
        let lower: Vec<String> =
            pair.iter().take(3).map(|w| w.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_lowercase()).collect();
        let leads = match lower.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["belonging", "to", "user"] => pair.get(3),
            ["iam", "user", _] => pair.get(2),
            _ => None,
        };
        if let Some(name) = leads {
            let name = name.trim_matches(|c: char| !c.is_alphanumeric() && c != '*' && c != '■');
            let named = !name.is_empty()
                && name.len() <= 64
                && !matches!(name, "name" | "and" | "or" | "is" | "was" | "has" | "to" | "with" | "that");
            if named && !block.resources.iter().any(|r| r.id == name) {
                block.resources.push(resources::resource(ResourceKind::IamUser, name));
            }
        }
    }
}

/// Text without its links: hosts and paths in them are no resources and no Regions.
pub(crate) fn without_links(text: &str) -> String {
    text.split_inclusive(char::is_whitespace).filter(|word| !word.contains("://")).collect()
}

/// At most [`MOST_FIELDS`].
fn some<T>(mut list: Vec<T>) -> Vec<T> {
    list.truncate(MOST_FIELDS);
    list
}
