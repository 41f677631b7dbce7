//! Far ends of reported traffic on the lines of a report: log excerpts, tables, lists, sentences. Who is the near end is known from
//! the notice; the rest is told by the words beside an address.

use abate_model::Remote;

use crate::addresses::{self, is_nowhere, same};
use crate::fields::{Field, Key};
use crate::reporter::{MOST_REMOTES, combine, without_less};
use crate::text::{has_word, normal, push_new, sentences, word_positions};

/// The far ends that a report's fields and lines name.
pub(crate) fn read(text: &str, fields: &[Field], ours: &[&str]) -> Vec<Remote> {
    let mut found = of_fields(fields, ours);
    let labelled: Vec<usize> = fields.iter().filter(|f| f.key != Key::Log).flat_map(|f| f.line..=f.last).collect();
    let mut columns = None;
    for (number, line) in text.lines().enumerate() {
        if found.len() >= MOST_REMOTES {
            break;
        }
        if let Some(heading) = Columns::of(line) {
            columns = Some(heading);
            continue;
        }
        if labelled.contains(&number) && !(columns.is_some() && addresses::find(line).len() > 1) {
            continue;
        }
        if line.trim().is_empty() {
            continue;
        }
        for remote in of_line(line, ours, columns.as_ref()) {
            push_new(&mut found, remote);
        }
    }
    if found.is_empty() {
        found.extend(victims(text, ours));
    }
    if found.is_empty() {
        found.extend(receiving_host(text, ours));
    }
    without_less(found)
}

/// A table copied from a page with one cell on each line: its rows on lines again. Needs three names of columns or more, and rows that fit.
pub(crate) fn rejoin_cells(text: &str) -> String {
    const NAMES: [&str; 22] = [
        "time",
        "date",
        "attacker",
        "source",
        "scanned",
        "host",
        "target",
        "destination",
        "remote",
        "victim",
        "port",
        "protocol",
        "proto",
        "ip",
        "utc",
        "address",
        "src",
        "dst",
        "count",
        "timestamp",
        "instance",
        "id",
    ];
    const WIDEST: usize = 12;
    let lines: Vec<&str> = text.lines().collect();
    let is_name = |line: &str| {
        let words: Vec<String> =
            normal(line).split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect();
        (1..=3).contains(&words.len()) && words.iter().all(|w| NAMES.contains(&w.as_str()))
    };
    let mut out: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        // No more of the text is looked at than may become a table: this is asked at every line.
        let columns = lines.get(at..).unwrap_or_default().iter().take(WIDEST + 1).take_while(|l| is_name(l)).count();
        let body = lines.get(at + columns..).unwrap_or_default();
        let is_cell = |l: &&&str| !l.trim().is_empty() && l.len() <= 80;
        let fits = (3..=WIDEST).contains(&columns)
            && body.get(..columns).is_some_and(|row| row.iter().all(|c| is_cell(&c)) && row.iter().any(|c| !addresses::find(c).is_empty()));
        if !fits {
            out.push((*line).to_owned());
            at += 1;
            continue;
        }
        let cells = body.iter().take_while(is_cell).count();
        let whole = columns + cells / columns * columns;
        let rows = lines.get(at..at + whole).unwrap_or_default().chunks(columns);
        out.extend(rows.map(|row| row.iter().map(|c| c.trim()).collect::<Vec<_>>().join("    ")));
        at += whole;
    }
    out.join("\n")
}

/// "One of them, 198.51.100.120, was taken down by a UDP flood to port 27015": the only address of others in a sentence about an attack.
fn victims(text: &str, ours: &[&str]) -> Vec<Remote> {
    const ABOUT: [&str; 8] = ["attack", "flood", "taken down", "scan", "target", "attempt", "log in", "logins"];
    let mut found = Vec::new();
    for sentence in sentences(text) {
        let lower = sentence.text.to_ascii_lowercase();
        if !ABOUT.iter().any(|w| lower.contains(w)) || lower.contains("received:") {
            continue;
        }
        let others: Vec<_> =
            addresses::find(&lower).into_iter().filter(|a| !ours.iter().any(|o| same(o, &a.address)) && !is_nowhere(&a.address)).collect();
        let [one] = others.as_slice() else { continue };
        let said = Said::of(&lower);
        let stands = lower.split_once("port ").and_then(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
        if let Some(port) = one.port.or(said.port).or(stands) {
            push_new(&mut found, Remote { address: Some(one.address.clone()), port: Some(port), protocol: said.protocol });
        }
    }
    found
}

/// The command-and-control server that a report's prose names, with its port if it stands beside it.
pub(crate) fn controller(text: &str) -> Option<Remote> {
    const LEADS: [&str; 6] =
        ["command-and-control server ", "command and control server ", "c2 server ", "c&c server ", "c&c ", "controller "];
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = plain.to_ascii_lowercase();
    let at = LEADS.iter().find_map(|lead| lower.find(lead).map(|at| at + lead.len()))?;
    let rest = lower.get(at..)?;
    let word = rest.split(' ').next()?;
    let address = addresses::find(word).into_iter().next().map(|a| a.address).or_else(|| addresses::hosts(word).into_iter().next())?;
    let (port, protocol) = said(rest.get(..rest.len().min(60)).unwrap_or(word));
    let near = behind(rest, word.len()).or(port);
    Some(Remote { address: Some(address), port: near, protocol })
}

/// Gives far ends the protocol that the report's lines imply.
pub(crate) fn imply(text: &str, found: &mut [Remote]) {
    if let Some(protocol) = implied(text) {
        found.iter_mut().filter(|r| r.protocol.is_none() && r.port.is_some()).for_each(|r| r.protocol = Some(protocol.to_owned()));
    }
}

/// Whether a line is the heading of a table of ends.
pub(crate) fn is_heading(line: &str) -> bool {
    Columns::of(line).is_some()
}

/// The Received header of a quoted mail that names one of our addresses, on one line: where it left us.
pub(crate) fn hop_from_us(text: &str, ours: &[&str]) -> Option<String> {
    received(text).into_iter().find(|hop| addresses::find(hop).iter().any(|a| ours.iter().any(|o| same(o, &a.address))))
}

/// The Received headers of a quoted mail, topmost first, each on one line.
fn received(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(|l| l.trim_start_matches(['>', '|', ' '])).collect();
    let heads = lines.iter().enumerate().filter(|(_, l)| l.to_ascii_lowercase().starts_with("received:")).take(50);
    heads
        .map(|(at, head)| {
            let rest = lines.get(at + 1..).unwrap_or_default();
            let folded = rest.iter().take_while(|l| !l.contains(": ") || l.starts_with(['\t', ' '])).take(6).copied();
            std::iter::once(*head).chain(folded).collect::<Vec<_>>().join(" ")
        })
        .collect()
}

/// The server that an unsolicited mail was delivered to: `by` in the Received header that names us, else in the topmost.
fn receiving_host(text: &str, ours: &[&str]) -> Option<Remote> {
    let folded = hop_from_us(text, ours).or_else(|| received(text).into_iter().next())?;
    let words: Vec<&str> = folded.split_whitespace().collect();
    let host = words.windows(2).find_map(|w| match w {
        [by, host] if by.eq_ignore_ascii_case("by") => addresses::hosts(host).into_iter().next(),
        _ => None,
    })?;
    Some(Remote { address: Some(host), port: None, protocol: None })
}

/// Lines of SSH and of web servers are about TCP.
fn implied(text: &str) -> Option<&'static str> {
    let plain = normal(text);
    ["sshd[", "ssh2", "sshd:", "\"get /", "\"post /", "\"head /", "failed password for"].iter().any(|w| plain.contains(w)).then_some("tcp")
}

pub(crate) fn of_fields(fields: &[Field], ours: &[&str]) -> Vec<Remote> {
    let is_ours = |a: &str| ours.iter().any(|o| same(o, a));
    let values = |key: Key| fields.iter().filter(move |f| f.key == key).map(|f| f.value.as_str());
    let mut named: Vec<String> = Vec::new();
    for value in values(Key::RemoteAddress) {
        let here: Vec<String> = addresses::find(value).into_iter().map(|a| a.address).collect();
        let here = if here.is_empty() { addresses::hosts(value) } else { here };
        here.into_iter().filter(|a| !is_ours(a) && !is_nowhere(a)).for_each(|a| push_new(&mut named, a));
    }
    let mut ports: Vec<(Option<String>, u16)> = values(Key::RemotePort).flat_map(addresses::ports).collect();
    if ports.is_empty() {
        // "Targets: 198.51.100.38 port 1433/tcp".
        for (port, protocol) in values(Key::RemoteAddress).map(said).filter_map(|(port, protocol)| port.map(|p| (p, protocol))) {
            push_new(&mut ports, (protocol, port));
        }
        let lower: Vec<String> = values(Key::RemoteAddress).map(str::to_ascii_lowercase).collect();
        lower.iter().flat_map(|l| Said::of(l).more).for_each(|(port, protocol)| push_new(&mut ports, (Some(protocol), port)));
    }
    let protocol = values(Key::Protocol).find_map(addresses::protocol);
    combine(&named, &ports, protocol.as_deref())
}

/// The heading of a table, as far as it tells far ends and ports.
#[derive(Clone, Debug)]
struct Columns {
    /// whether a column holds ports
    port: bool,
    /// names of the columns that hold near ends come before those of far ends
    source_first: bool,
}

impl Columns {
    fn of(line: &str) -> Option<Self> {
        const FAR: [&str; 9] = ["scanned", "destination", "target", "dst", "dest", "remote", "victim", "dst_ip", "dstip"];
        const NEAR: [&str; 7] = ["attacker", "source", "src", "src_ip", "srcip", "client", "offender"];
        const MORE: [&str; 12] =
            ["port", "dst_port", "dport", "dstport", "dst port", "protocol", "proto", "time", "timestamp", "date", "ip", "count"];
        if line.len() > 400 || !addresses::find(line).is_empty() {
            return None;
        }
        let plain = normal(line);
        let count = |words: &[&str]| words.iter().filter(|w| has_word(&plain, w)).count();
        let (far, near, more) = (count(&FAR), count(&NEAR), count(&MORE));
        // A heading has no full stop and little besides its names.
        let words = plain.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|w| !w.is_empty()).count();
        let fits = far + near + more >= 2
            && far + near >= 1
            && words <= 2 * (far + near + more) + 2
            && !plain.ends_with('.')
            && !plain.contains(": ");
        let first = |words: &[&str]| words.iter().filter_map(|w| word_positions(&plain, w).next()).min();
        fits.then(|| Self { port: plain.contains("port"), source_first: first(&NEAR) <= first(&FAR) })
    }
}

/// Far ends on one line.
fn of_line(line: &str, ours: &[&str], columns: Option<&Columns>) -> Vec<Remote> {
    let lower = line.to_ascii_lowercase();
    let found = addresses::find(line);
    let is_ours = |a: &str| ours.iter().any(|o| same(o, a));
    let about_us = found.iter().any(|a| is_ours(&a.address)) || ours.iter().any(|o| o.len() > 8 && line.contains(o));
    let said = Said::of(&lower);
    let request = ["\"get ", "\"post ", "\"head ", "\"options ", "\"put "].iter().any(|w| lower.contains(w)) && lower.contains("http/");
    let list = is_list(line);
    let mut remotes = Vec::new();
    let mut seen_source = false;
    for one in &found {
        let address = one.address.as_str();
        let near = is_source(&lower, one.start);
        if is_ours(address) || is_nowhere(address) || near {
            seen_source |= near || is_ours(address);
            continue;
        }
        let far = is_destination(&lower, one.start);
        // In a table with near ends first, a row's first address is the near end even where it is not ours.
        if columns.is_some_and(|c| c.source_first) && !seen_source && found.len() > 1 && !far && !about_us {
            seen_source = true;
            continue;
        }
        // The first thing on a line of a web server is the client.
        if request && !far && line.trim_start().starts_with(address) {
            continue;
        }
        let told = about_us || far || said.port.is_some() || said.protocol.is_some() || one.port.is_some() || list || columns.is_some();
        if !told || is_mail_header(&lower) {
            continue;
        }
        let beside = one.port.or_else(|| behind(&lower, one.end)).or_else(|| in_front(&lower, one.start));
        let port = beside.or(said.port).or_else(|| column_port(line, one.end, columns)).filter(|p| *p > 0);
        let flags = said.protocol.is_none() && lower.contains("flags [");
        let protocol = if flags { Some("tcp".to_owned()) } else { said.protocol.clone() };
        remotes.push(Remote { address: Some(address.to_owned()), port, protocol });
        // "198.51.100.91, 22/tcp and 3389/tcp".
        if one.port.is_none() && columns.is_none() {
            let further = said.more.iter().map(|(port, name)| Remote {
                address: Some(address.to_owned()),
                port: Some(*port),
                protocol: Some(name.clone()),
            });
            remotes.extend(further);
        }
    }
    if remotes.is_empty() {
        remotes.extend(of_hosts(line, &lower, ours, &said));
    }
    remotes
}

/// Port and protocol that a field's value says beside an address (`203.0.113.9 port 443/tcp`).
pub(crate) fn said(value: &str) -> (Option<u16>, Option<String>) {
    let lower = value.to_ascii_lowercase();
    let said = Said::of(&lower);
    let beside = || addresses::find(value).first().and_then(|a| behind(&lower, a.end)).filter(|p| *p > 0);
    (said.port.or_else(beside), said.protocol)
}

/// What a line says of port and protocol in words.
#[derive(Clone, Debug, Default)]
struct Said {
    port: Option<u16>,
    protocol: Option<String>,
    /// further ports with their protocols
    more: Vec<(u16, String)>,
}

impl Said {
    fn of(lower: &str) -> Self {
        let mut said = Self {
            port: key_value(
                lower,
                &["dpt", "dport", "dst_port", "dstport", "dest_port", "destination_port", "dst port", "destination port"],
            )
            .and_then(port),
            protocol: key_value(lower, &["proto", "protocol"]).and_then(addresses::protocol),
            more: Vec::new(),
        };
        // `445/tcp`, `tcp/445`.
        for token in lower.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '[' | ']' | '|' | '"')) {
            let Some((a, b)) = token.split_once('/') else { continue };
            let a = a.rsplit(':').next().unwrap_or(a);
            let (number, name) = if a.parse::<u16>().is_ok() { (a, b) } else { (b, a) };
            let name = name.trim_end_matches(['.', ':']);
            if let (Some(port), true) = (port(number.trim_end_matches(['.', ':'])), matches!(name, "tcp" | "udp")) {
                if said.port.is_some_and(|known| known != port) && said.more.len() < 50 {
                    said.more.push((port, name.to_owned()));
                }
                said.port = said.port.or(Some(port));
                said.protocol = said.protocol.or_else(|| Some(name.to_owned()));
            }
        }
        if said.protocol.is_none() {
            said.protocol = ["tcp", "udp", "icmp"].into_iter().find(|p| has_word(lower, p)).map(str::to_owned);
        }
        said
    }
}

/// A port by its number; 0 is none.
fn port(number: &str) -> Option<u16> {
    number.parse().ok().filter(|port| *port > 0)
}

/// `port 22` right behind an address, or the only `port N` that does not follow our own address.
fn behind(lower: &str, end: usize) -> Option<u16> {
    let rest = lower.get(end..)?;
    let near = rest.trim_start_matches([' ', ',', ':', ')', ']', '(', '-']);
    if let Some(number) = near.strip_prefix('/').map(|r| r.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default())
        && let Some(port) = number.parse::<u16>().ok().filter(|p| *p > 32)
    {
        return Some(port);
    }
    for lead in ["port ", "on port ", "at port ", "tcp port ", "udp port ", "dst port ", "destination port ", "port=", "port: ", "port:"] {
        if let Some(number) = near.strip_prefix(lead) {
            return number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
        }
    }
    None
}

/// `tcp port 22 of 198.51.100.5`: a port in front of its address.
fn in_front(lower: &str, start: usize) -> Option<u16> {
    let before = lower.get(..start)?.trim_end();
    let before = [" of", " on", " at", " against", " to"].iter().find_map(|w| before.strip_suffix(w))?;
    let number = before.trim_end().rsplit(' ').next()?;
    before.trim_end().strip_suffix(number)?.trim_end().ends_with("port").then(|| number.parse().ok()).flatten()
}

/// The first bare number behind an address in a table that has ports.
fn column_port(line: &str, end: usize, columns: Option<&Columns>) -> Option<u16> {
    columns.filter(|c| c.port)?;
    let rest = line.get(end..)?;
    rest.split(|c: char| c.is_whitespace() || matches!(c, ',' | '|' | ';' | '/'))
        .filter(|t| !t.is_empty() && *t != ">>>" && *t != "->")
        .find_map(|t| {
            let bare = t.trim_matches('"');
            (bare.bytes().all(|b| b.is_ascii_digit()) && bare.len() <= 5).then(|| bare.parse().ok()).flatten()
        })
}

/// Host names as far ends: behind an arrow, or beside a resource of ours in a comma line.
fn of_hosts(line: &str, lower: &str, ours: &[&str], said: &Said) -> Vec<Remote> {
    let cells = line.split(',').count() >= 3 && line.split(',').any(|cell| ours.contains(&cell.trim().trim_start_matches(['>', ' '])));
    let arrow = ["->", "-->", "=>", "\u{2192}"].iter().find_map(|a| line.split_once(a)).map(|(_, behind)| behind);
    let part = match arrow {
        Some(behind) => behind,
        None if cells && !lower.contains("http/") => line,
        None => return host_behind_word(line, lower, said),
    };
    let hosts = addresses::hosts(part);
    let port = |host: &str| {
        let rest = part.split_once(host)?.1.strip_prefix(':')?;
        rest.split(|c: char| !c.is_ascii_digit()).next().and_then(port)
    };
    hosts
        .into_iter()
        .take(20)
        .map(|host| Remote { port: port(&host).or(said.port), address: Some(host), protocol: said.protocol.clone() })
        .collect()
}

/// `towards mx.example.net port 25/tcp`: a host name beside a word that names the far end, with a port.
fn host_behind_word(line: &str, lower: &str, said: &Said) -> Vec<Remote> {
    let Some(port) = said.port else { return Vec::new() };
    let words: Vec<&str> = line.split_whitespace().collect();
    let far = |word: &str| matches!(word.to_ascii_lowercase().as_str(), "to" | "towards" | "toward" | "against" | "target" | "->");
    let hosts = words.windows(2).filter_map(|w| match w {
        [word, host] if far(word) => addresses::hosts(host).into_iter().next(),
        _ => None,
    });
    let mail = is_mail_header(lower);
    hosts.filter(|_| !mail).take(5).map(|host| Remote { address: Some(host), port: Some(port), protocol: said.protocol.clone() }).collect()
}

/// Nothing but addresses, with ports perhaps.
fn is_list(line: &str) -> bool {
    let tokens: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|'))
        .filter(|t| !t.is_empty() && *t != "*" && *t != "-")
        .collect();
    !tokens.is_empty() && tokens.iter().all(|t| matches!(addresses::find(t).as_slice(), [one] if one.start == 0))
}

fn key_value<'l>(lower: &'l str, keys: &[&str]) -> Option<&'l str> {
    keys.iter().find_map(|key| {
        word_positions(lower, key).find_map(|at| {
            let rest = lower.get(at + key.len()..)?;
            let value = rest.strip_prefix('=').or_else(|| rest.strip_prefix("\":")).or_else(|| rest.strip_prefix(':'))?;
            value.trim_start_matches(['"', ' ']).split(|c: char| !c.is_ascii_alphanumeric()).next()
        })
    })
}

/// A header of a mail tells how it travelled; relays are no far ends of abuse.
fn is_mail_header(lower: &str) -> bool {
    ["received:", "x-", "return-path:", "from:", "to:", "message-id:", "by ", "for <", "envelope-"]
        .iter()
        .any(|h| lower.trim_start().starts_with(h))
}

/// Words that name the near end of the traffic, from which it came.
fn is_source(lower: &str, start: usize) -> bool {
    let before = lower.get(..start).unwrap_or_default().trim_end_matches([' ', '"', '[', '(', '/']);
    [
        "src=",
        "src_ip=",
        "srcip=",
        "source=",
        "source:",
        "source ip:",
        "source ip",
        "src ip:",
        "from",
        "from ip",
        "from host",
        "rhost=",
        "client",
        "client:",
        "attacker:",
        "attacker",
        "src_ip\":",
        "src:",
        "src_addr=",
        "remote_addr=",
        "by",
        "offender:",
        "host from",
        "ip address from",
        "\"src\":",
        "source_ip\":",
        "attacker_ip\":",
        "src inside:",
        "src outside:",
    ]
    .iter()
    .any(|word| before.ends_with(word))
}

/// Words that name the far end of the traffic.
fn is_destination(lower: &str, start: usize) -> bool {
    let before = lower.get(..start).unwrap_or_default().trim_end_matches([' ', '"', '[', '(', '/']);
    [
        "dst=",
        "dst_ip=",
        "dstip=",
        "dest=",
        "destination=",
        "destination:",
        "destination ip:",
        "destination ip",
        "->",
        "target:",
        "target=",
        "target",
        " to",
        "dest_ip\":",
        "dst:",
        "against",
        "towards",
        "toward",
        "victim",
        "victim:",
        "scanned",
        "dst_addr=",
        "\"dst\":",
        "our host",
        "our server",
        "our ip",
        "destination_ip\":",
        "dst inside:",
        "dst outside:",
        "\u{2192}",
    ]
    .iter()
    .any(|word| before.ends_with(word))
        || before.ends_with('>') && !before.ends_with(">>")
}
