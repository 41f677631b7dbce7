//! The meaning of a sentence or field with its values: times in UTC and in Japanese time, ids with what they are, ports with what
//! they are used for. Values are quoted as written where they cannot be read.

use abate_model::{DeadlineBasis, Notice, Resource, ResourceKind, Text, ZoneCertainty, is_masked};

use super::phrases::services::SERVICES;
use super::phrases::{By, Phrase, Slot, categories as accusations, places, resources as kinds};
use super::words::{filled, instant, joined, listed, value};
use super::{Topic, find};
use crate::fields::{Field, Key};
use crate::table::{CommaLine, Row};
use crate::text::{has_word, normal};
use crate::times::{self, Assumed, Found};
use crate::{account, addresses, categories, deadline, regions, resources};

/// A field's meaning.
pub(super) struct Meaning {
    pub means: Text,
    pub topic: Topic,
    pub asks: Option<Text>,
}

/// The meaning of a sentence.
pub(super) fn sentence(phrase: &Phrase, said: &str, notice: &Notice) -> Text {
    let mut parts = Vec::new();
    if let Some((slot, text)) = &phrase.value
        && let Some(read) = slot_of(*slot, said, None, notice)
    {
        parts.push(filled(text, &read));
    }
    parts.push(phrase.means.clone());
    if phrase.topic != Topic::Warning {
        parts.extend(named(phrase, said, notice));
        parts.extend(due(said, notice));
    }
    joined(&parts)
}

/// Accounts, resources, Regions and times that a sentence names.
fn named(phrase: &Phrase, said: &str, notice: &Notice) -> Option<Text> {
    if matches!(phrase.topic, Topic::Footer | Topic::Greeting | Topic::Link) {
        return None;
    }
    let account = account::in_prose(said).map(|id| Text::new(format!("the account {id}"), format!("アカウント {id}")));
    let is_account = |r: &Resource| matches!(r.kind, ResourceKind::Account | ResourceKind::Region);
    let things = notice.resources.iter().filter(|r| !is_account(r) && r.id.len() > 2 && has_word(said, &r.id)).map(thing);
    let places = regions::find(said).into_iter().map(|code| {
        let place = places::named(&code);
        Text::new(format!("the Region {}", place.en), format!("リージョン {}", place.ja))
    });
    let dated = due(said, notice).is_none();
    let times = read_times(said, notice).into_iter().filter(|_| dated).map(|t| moment(&t));
    let all: Vec<Text> = account.into_iter().chain(things).chain(places).chain(times).take(8).collect();
    (!all.is_empty()).then(|| filled(&Text::fixed("Named here: {}.", "この文で挙げられているもの: {}。"), &listed(&all)))
}

/// The deadline that a sentence states.
fn due(said: &str, notice: &Notice) -> Option<Text> {
    let stated = deadline::of(said, None, notice.date, notice.received_at).value;
    (stated.basis == DeadlineBasis::Stated).then(|| filled(&Text::fixed("The deadline is {}.", "期限は、{}です。"), &instant(stated.at)))
}

/// The meaning of a field. `alone` is whether its line holds nothing else, so that there is room for the whole explanation.
pub(super) fn field(field: &Field, alone: bool, said: &str, notice: &Notice) -> Option<Meaning> {
    let phrase = find::field(field, said)?;
    if let Some(meaning) = of_value(field, notice) {
        return Some(meaning);
    }
    let (slot, text) = phrase.value.as_ref()?;
    let read = slot_of(*slot, &field.value, Some(field.key), notice);
    let mut parts: Vec<Text> = read.iter().map(|r| filled(text, r)).collect();
    if parts.is_empty() {
        parts.push(quoted(&field.value));
    }
    if let Key::Resource(_) = field.key {
        parts.extend(peculiar(&field.value));
    }
    match (field.key, categories::of_short_name(&field.value).and_then(accusations::of)) {
        (Key::Activity, Some(accusation)) => parts.push(accusation.means.clone()),
        _ if alone || read.is_none() => parts.push(phrase.means.clone()),
        _ => {}
    }
    Some(Meaning { means: joined(&parts), topic: phrase.topic, asks: None })
}

/// Actions are sentences behind a label.
fn of_value(field: &Field, notice: &Notice) -> Option<Meaning> {
    if !matches!(field.key, Key::RequiredAction | Key::Action) {
        return None;
    }
    let found: Vec<(&Phrase, &str)> = field.value.lines().take(20).filter_map(|l| find::sentence(l).map(|p| (p, l))).collect();
    let (first, _) = found.first()?;
    let means: Vec<Text> = found.iter().map(|(phrase, line)| sentence(phrase, line, notice)).collect();
    Some(Meaning { means: joined(&means), topic: first.topic, asks: first.asks.clone() })
}

fn quoted(written: &str) -> Text {
    let written = value(written);
    Text::new(format!("As written: {written}."), format!("記載: {written}。"))
}

/// What is peculiar about the kinds of resources in a value.
fn peculiar(written: &str) -> Vec<Text> {
    let mut notes = Vec::new();
    for found in resources::find(written).into_iter().take(4) {
        if let (_, Some(note)) = kinds::of(found.resource.kind)
            && !notes.contains(&note)
        {
            notes.push(note);
        }
    }
    notes
}

/// The value of a slot in a sentence or in a field's value; `None` where it cannot be read.
fn slot_of(slot: Slot, written: &str, key: Option<Key>, notice: &Notice) -> Option<Text> {
    let list = |all: Vec<Text>| (!all.is_empty()).then(|| listed(&all));
    match slot {
        Slot::Written => Some(Text::same(value(written))),
        Slot::Time => read_times(written, notice).first().map(moment),
        Slot::Account => account::of_value(written).map(|id| masked(&id)),
        Slot::Region => list(regions::find(written).iter().take(8).map(|code| places::named(code)).collect()),
        Slot::Resource => list(things(written, key)),
        Slot::Address => list(addresses::find(written).into_iter().take(8).map(|a| masked(&a.address)).collect()),
        Slot::Port => list(ports(written, key.is_some()).into_iter().take(8).map(port).collect()),
        Slot::Protocol => addresses::protocol(written.split([',', ' ']).next()?).map(|p| Text::same(p.to_uppercase())),
        Slot::Category => Some(match categories::of_short_name(written) {
            Some(category) => category.title(),
            None => Text::same(value(written)),
        }),
        Slot::Service => Some(service(written)),
        Slot::Bytes => bytes(written),
    }
}

fn masked(written: &str) -> Text {
    let written = value(written);
    if is_masked(&written) {
        Text::new(format!("{written} (partly blacked out)"), format!("{written}（一部が伏せられています）"))
    } else {
        Text::same(written)
    }
}

fn read_times(written: &str, notice: &Notice) -> Vec<Found> {
    let reference = notice.date.unwrap_or(notice.received_at);
    let written: String = written.chars().take(1_000).collect();
    times::find_with_dates(&written, &Assumed::of("", reference))
}

/// A time, with a word where its zone is not written.
fn moment(found: &Found) -> Text {
    if found.day_only {
        return Text::same(found.at.strftime("%Y-%m-%d").to_string());
    }
    let at = instant(found.at);
    if found.certainty == ZoneCertainty::Stated {
        return at;
    }
    Text::new(
        format!("{}, if UTC is meant (no time zone is written)", at.en),
        format!("{}（タイムゾーンの記載がないため UTC と仮定）", at.ja),
    )
}

/// Resources of a field's value, by their form or by the label.
fn things(written: &str, key: Option<Key>) -> Vec<Text> {
    let found: Vec<Text> = resources::find(written).iter().take(8).map(|f| thing(&f.resource)).collect();
    if !found.is_empty() {
        return found;
    }
    let kind = match key {
        Some(Key::Resource(Some(kind))) => kind,
        _ => ResourceKind::Other,
    };
    vec![thing(&resources::resource(kind, &value(written)))]
}

/// A resource with what it is, its addresses, and whether it is masked.
fn thing(resource: &Resource) -> Text {
    let (name, _) = kinds::of(resource.kind);
    let id = value(&resource.id);
    let blank = if name.ja.ends_with('）') { "" } else { " " };
    let (mut en, mut ja) = (format!("{} {id}", name.en), format!("{}{blank}{id}", name.ja));
    let mut notes = Vec::new();
    if resource.masked {
        en.push_str(" (partly blacked out)");
        notes.push("一部が伏せられています".to_owned());
    }
    if !resource.addresses.is_empty() {
        let addresses = resource.addresses.iter().take(4).map(String::as_str).collect::<Vec<_>>();
        en.push_str(&format!(" with the public address {}", addresses.join(", ")));
        notes.push(format!("公開アドレス {}", addresses.join("、")));
    }
    if !notes.is_empty() {
        ja.push_str(&format!("（{}）", notes.join("、")));
    }
    Text::new(en, ja)
}

/// Ports of a value, or those behind the word in a sentence.
fn ports(written: &str, is_value: bool) -> Vec<u16> {
    if is_value {
        return addresses::ports(written).into_iter().map(|(_, port)| port).collect();
    }
    let plain = normal(&written.chars().take(1_000).collect::<String>());
    let behind = ["ports", "port(s)", "port"].iter().find_map(|word| plain.split_once(word)).map(|(_, rest)| rest.to_owned());
    let Some(behind) = behind else { return Vec::new() };
    // The list ends at the first word that is neither a number nor an "and".
    let list: Vec<&str> = behind
        .trim_start_matches("(s)")
        .split_whitespace()
        .take_while(|word| {
            word.starts_with(|c: char| c.is_ascii_digit()) || matches!(*word, "and" | "or" | "tcp" | "udp" | "," | ":" | "(s)")
        })
        .collect();
    addresses::ports(&list.join(" ")).into_iter().map(|(_, port)| port).collect()
}

fn port(port: u16) -> Text {
    match SERVICES.iter().find(|s| s.ports.contains(&port)) {
        Some(service) => Text::new(format!("port {port} ({})", service.is.en), format!("ポート {port}（{}）", service.is.ja)),
        None => Text::new(format!("port {port}"), format!("ポート {port}")),
    }
}

/// A vulnerability's short name with the service that it stands for.
fn service(written: &str) -> Text {
    let slug = value(written);
    let plain = normal(&slug).replace(['_', '/', ':', '.'], " ");
    let known = |name: &&str| has_word(&plain, &name.replace('_', " ")) || has_word(&normal(&slug), name);
    match SERVICES.iter().find(|s| s.names.iter().any(known)) {
        Some(service) => Text::new(format!("{slug} ({})", service.is.en), format!("{slug}（{}）", service.is.ja)),
        None => Text::same(slug),
    }
}

/// `7340032000` as `7,340,032,000 bytes (about 7.3 GB)`.
fn bytes(written: &str) -> Option<Text> {
    let digits: String = written.chars().filter(|c| *c != ',').take_while(char::is_ascii_digit).collect();
    let number: u64 = digits.parse().ok()?;
    let unit = [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match unit.iter().find(|(size, _)| number >= *size) {
        Some((size, name)) => {
            let (whole, tenth) = (number / size, number % size * 10 / size);
            Some(Text::new(
                format!("{number} bytes (about {whole}.{tenth} {name})"),
                format!("{number} バイト（約 {whole}.{tenth} {name}）"),
            ))
        }
        None => Some(Text::new(format!("{number} bytes"), format!("{number} バイト"))),
    }
}

/// Where traffic went.
fn remote(remote: &abate_model::Remote) -> Option<Text> {
    let mut parts: Vec<Text> = remote.address.iter().map(|a| masked(a)).collect();
    parts.extend(remote.port.map(port));
    parts.extend(remote.protocol.iter().map(|p| Text::same(p.to_uppercase())));
    let en: Vec<&str> = parts.iter().map(|p| p.en.as_ref()).collect();
    let ja: Vec<&str> = parts.iter().map(|p| p.ja.as_ref()).collect();
    (!parts.is_empty()).then(|| Text::new(en.join(", "), ja.join("、")))
}

/// A row of the table of blocked traffic.
pub(super) fn row(row: &Row, notice: &Notice) -> Text {
    let mut parts = vec![filled(&Text::fixed("A line of the table: {}.", "表の 1 行です。対象は{}です。"), &thing(&row.resource))];
    parts.extend(remote(&row.remote).map(|r| filled(&Text::fixed("Its traffic went to {}.", "通信の宛先は {} です。"), &r)));
    if !row.action.is_empty() {
        parts.push(match find::sentence(&row.action) {
            Some(phrase) => sentence(phrase, &row.action, notice),
            None => quoted(&row.action),
        });
    }
    joined(&parts)
}

/// A report in one comma line.
pub(super) fn comma(line: &CommaLine, _notice: &Notice) -> Text {
    let mut parts = vec![
        filled(&Text::fixed("A whole report in one line: {}.", "1 行にまとめられた報告です。行為: {}。"), &line.category.title()),
        filled(&Text::fixed("The resource is {}.", "対象は{}です。"), &thing(&line.resource)),
        filled(&Text::fixed("It was seen at {}.", "確認された時刻は、{}です。"), &moment(&line.time)),
    ];
    parts.extend(remote(&line.remote).map(|r| filled(&Text::fixed("The other side was {}.", "相手側は {} です。"), &r)));
    parts.extend(accusations::of(line.category).filter(|p| matches!(p.by, By::Category(_))).map(|p| p.means.clone()));
    joined(&parts)
}
