//! Lists that reporters send: comma-separated rows below a heading that names an address column, as Shadowserver and its kind send them.
//! Each row accuses one address.

use abate_model::{Category, Remote};

use crate::addresses;
use crate::categories;
use crate::times::{Assumed, Found, find_all};

/// Rows beyond this are not read one by one; the list itself is kept.
const MOST_ROWS: usize = 500;

/// A row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accusation {
    /// the accused address
    pub address: String,
    /// when it was seen
    pub time: Option<Found>,
    /// whom it talked to
    pub remote: Option<Remote>,
    /// what the row's columns say it is
    pub category: Option<Category>,
}

/// The accusations of all lists in a text. Times of lists without a zone are UTC by the custom of those who send them, but not
/// by their word.
pub(crate) fn read(text: &str, assumed: &Assumed) -> Vec<Accusation> {
    // Cells of an HTML table stand four blanks apart.
    let columned: Vec<String> = text.lines().map(in_columns).collect();
    separated(&columned.join("\n"), assumed)
}

/// The accusations of lists that have a separator.
pub(crate) fn separated(text: &str, assumed: &Assumed) -> Vec<Accusation> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        let Some(columns) = Columns::of(line) else { continue };
        let rows = lines.get(at..).unwrap_or_default().iter().take_while(|l| l.contains(columns.separator) && !l.trim().is_empty()).count();
        let body = lines.get(at..at + rows).unwrap_or_default().join("\n");
        at += rows;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(columns.byte()).from_reader(body.as_bytes());
        for record in reader.records().filter_map(Result::ok).take(MOST_ROWS.saturating_sub(found.len())) {
            found.extend(columns.row(&record, assumed));
        }
    }
    found
}

fn in_columns(line: &str) -> String {
    let cells: Vec<&str> = line.split("   ").map(str::trim).filter(|c| !c.is_empty()).collect();
    if cells.len() >= 3 && !line.contains(['|', '\t']) { cells.join("|") } else { line.to_owned() }
}

/// The columns of a list, as far as they are used.
struct Columns {
    separator: char,
    address: usize,
    time: Option<usize>,
    far: Option<usize>,
    far_port: Option<usize>,
    port: Option<usize>,
    protocol: Option<usize>,
    /// whether `port` is the far end's: in a table of attacker, target and port it is the port that was attacked
    far_has_port: bool,
    said: Vec<usize>,
}

impl Columns {
    fn of(line: &str) -> Option<Self> {
        let separator = [',', ';', '|', '\t'].into_iter().find(|s| line.matches(*s).count() >= 2)?;
        if line.len() > 4_000 || !addresses::find(line).is_empty() {
            return None;
        }
        let names: Vec<String> = line
            .split(separator)
            .map(|n| n.trim().trim_matches(['"', '\'', '#']).trim().to_ascii_lowercase())
            // "Time (UTC)".
            .map(|n| n.split(" (").next().unwrap_or_default().replace([' ', '-'], "_"))
            .collect();
        let place = |wanted: &[&str]| wanted.iter().find_map(|w| names.iter().position(|n| n == w));
        let address = place(&[
            "ip",
            "src_ip",
            "source_ip",
            "ip_address",
            "srcip",
            "attacker_ip",
            "saddr",
            "source",
            "attacker",
            "offender",
            "your_ip",
            "your_address",
        ])?;
        let time = place(&["timestamp", "time", "date", "datetime", "first_seen", "event_time", "last_seen"]);
        let rest = place(&["port", "protocol", "asn", "hostname", "dst_ip", "dst_port", "tag", "type", "infection", "category"]);
        if time.is_none() && rest.is_none() {
            return None;
        }
        let said = ["tag", "type", "infection", "category", "family", "malware", "reason", "kind", "attack"]
            .iter()
            .filter_map(|w| names.iter().position(|n| n == w))
            .collect();
        Some(Self {
            separator,
            address,
            time,
            far: place(&[
                "dst_ip",
                "dest_ip",
                "destination_ip",
                "cc_ip",
                "dstip",
                "daddr",
                "target_ip",
                "http_host",
                "target",
                "victim",
                "scanned",
            ]),
            far_port: place(&["dst_port", "dest_port", "destination_port", "cc_port", "dstport"]),
            port: place(&["port"]),
            far_has_port: place(&["target", "victim", "scanned", "target_ip"]).is_some(),
            protocol: place(&["protocol", "proto"]),
            said,
        })
    }

    fn byte(&self) -> u8 {
        u8::try_from(self.separator).unwrap_or(b',')
    }

    fn row(&self, record: &csv::StringRecord, assumed: &Assumed) -> Option<Accusation> {
        let cell = |n: Option<usize>| n.and_then(|n| record.get(n)).map(str::trim).filter(|c| !c.is_empty());
        let written = cell(Some(self.address))?;
        let address = addresses::find(written).into_iter().next()?.address;
        let far = cell(self.far).and_then(|c| addresses::find(c).into_iter().next());
        let port = cell(self.far_port)
            .or_else(|| if far.is_some() && !self.far_has_port { None } else { cell(self.port) })
            .map(|p| p.split('/').next().unwrap_or(p))
            .and_then(|p| p.parse().ok())
            .filter(|p: &u16| *p > 0);
        let beside = cell(self.port).and_then(|p| p.split_once('/')).map(|(_, protocol)| protocol);
        let protocol = cell(self.protocol).or(beside).and_then(addresses::protocol);
        // A service that answers is ours: its port is no far end.
        let remote = far.map(|f| Remote { address: Some(f.address), port, protocol });
        let said: Vec<&str> = self.said.iter().filter_map(|n| record.get(*n)).collect();
        let category = categories::of_keywords(&said.join(" ").replace(['_', '-'], " "));
        Some(Accusation { address, time: cell(self.time).and_then(|c| find_all(c, assumed).into_iter().next()), remote, category })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_accuse_addresses() {
        let text = "Dear all,\n\n\"timestamp\",\"ip\",\"protocol\",\"port\",\"tag\"\n\"2026-01-19 12:10:01\",\"203.0.113.5\",\"tcp\",6379,\"redis\"\n\
                    \"2026-01-19 12:11:01\",\"203.0.113.6\",\"tcp\",6379,\"redis, open\"\n\nBye";
        let found = read(text, &Assumed::of("", "2026-03-01T00:00:00Z".parse().unwrap()));
        let seen: Vec<_> = found.iter().map(|a| (a.address.as_str(), a.time.as_ref().map(|t| t.at.to_string()))).collect();
        assert_eq!(
            seen,
            [("203.0.113.5", Some("2026-01-19T12:10:01Z".to_owned())), ("203.0.113.6", Some("2026-01-19T12:11:01Z".to_owned()))]
        );
        assert!(read("src | dst | port\nwords, words, words", &Assumed::of("", "2026-03-01T00:00:00Z".parse().unwrap())).is_empty());
    }

    #[test]
    fn a_sinkhole_names_the_far_end() {
        let text = "timestamp,ip,asn,type,dst_port,dst_ip\n2026-01-19 12:10:01,203.0.113.5,64500,drone,80,198.51.100.7\n";
        let found = read(text, &Assumed::of("", "2026-03-01T00:00:00Z".parse().unwrap()));
        assert_eq!(found[0].remote, Some(Remote { address: Some("198.51.100.7".to_owned()), port: Some(80), protocol: None }));
        assert_eq!(found[0].category, Some(Category::Botnet));
    }
}
