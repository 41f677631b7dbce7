//! Tables and comma lines in a notice: the table of blocked traffic in reports on outbound attacks, and the one-line comma form
//! of some reports. Other tables are left to be listed as unread.

use abate_model::{Remote, Resource};

use crate::addresses;
use crate::categories;
use crate::regions;
use crate::resources;
use crate::text::normal;
use crate::times::{Assumed, Found, find_all};

/// A row of the table of blocked traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// line number
    pub line: usize,
    /// whose traffic
    pub resource: Resource,
    /// to where
    pub remote: Remote,
    /// `Outgoing Port 80 Blocked`
    pub action: String,
}

/// Rows below the heading `Instance Id / Remote IP / Port / Protocol / Action Taken`, and the headings' line numbers.
pub(crate) fn rows(text: &str) -> (Vec<Row>, Vec<usize>) {
    let (mut rows, mut headings) = (Vec::new(), Vec::new());
    let mut port_first = true;
    let mut inside = false;
    for (line, content) in text.lines().enumerate() {
        let plain = normal(content);
        if is_heading(&plain) {
            headings.push(line);
            inside = true;
            port_first = plain.find("port").zip(plain.find("protocol")).is_none_or(|(port, protocol)| port < protocol);
            continue;
        }
        if !inside || plain.is_empty() {
            continue;
        }
        match row(content, line, port_first) {
            Some(one) => rows.push(one),
            None => inside = plain.chars().all(|c| matches!(c, '-' | '=' | '|' | '+' | ' ')),
        }
    }
    (rows, headings)
}

fn is_heading(plain: &str) -> bool {
    let columns = ["instance id", "resource", "remote ip", "destination ip", "port", "protocol", "action taken"];
    columns.iter().filter(|c| plain.contains(*c)).count() >= 3 && !plain.contains(':')
}

fn row(content: &str, line: usize, port_first: bool) -> Option<Row> {
    let resource = resources::find(content).into_iter().next()?;
    let behind = content.get(resource.end..)?;
    let remote = addresses::find(behind).into_iter().next();
    let rest = remote.as_ref().map_or(behind, |r| behind.get(r.end..).unwrap_or_default());
    let mut tokens = rest.split(|c: char| c.is_whitespace() || c == '|').filter(|t| !t.is_empty()).peekable();
    let (mut port, mut protocol) = (remote.as_ref().and_then(|r| r.port), None);
    for is_port in [port_first, !port_first] {
        let Some(token) = tokens.peek() else { break };
        if is_port && port.is_none() {
            if !token.bytes().all(|b| b.is_ascii_digit()) && *token != "*" {
                continue;
            }
            port = token.parse().ok().filter(|p| *p > 0);
            tokens.next();
        } else if !is_port && let Some(named) = addresses::protocol(token) {
            protocol = Some(named);
            tokens.next();
        }
    }
    let action = tokens.collect::<Vec<_>>().join(" ");
    if remote.is_none() && port.is_none() {
        return None;
    }
    Some(Row { line, resource: resource.resource, remote: Remote { address: remote.map(|r| r.address), port, protocol }, action })
}

/// A report in one comma line: `type,resource,time,remote IP,protocol,source port,destination port,Region`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommaLine {
    /// line number
    pub line: usize,
    /// what is reported
    pub category: abate_model::Category,
    /// of what
    pub resource: Resource,
    /// when
    pub time: Found,
    /// to where
    pub remote: Remote,
    /// in which Region
    pub regions: Vec<String>,
}

/// All comma lines of a text.
pub(crate) fn comma_lines(text: &str, assumed: &Assumed) -> Vec<CommaLine> {
    text.lines().enumerate().filter_map(|(line, content)| comma_line(content, line, assumed)).collect()
}

fn comma_line(content: &str, line: usize, assumed: &Assumed) -> Option<CommaLine> {
    let cells: Vec<&str> = content.split(',').map(|c| c.trim().trim_matches('"')).collect();
    let (kind, id, when) = (cells.first()?, cells.get(1)?, cells.get(2)?);
    let plain_name = id.len() <= 255 && !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let known = id.starts_with("i-") || !resources::find(id).is_empty() || (plain_name && categories::is_short_name(kind));
    if cells.len() < 5 || !known {
        return None;
    }
    let time = find_all(when, assumed).into_iter().next()?;
    let found = resources::find(id).into_iter().next().map(|f| f.resource);
    let resource = found.unwrap_or_else(|| resources::resource(abate_model::ResourceKind::Ec2Instance, id));
    let rest = cells.get(3..)?;
    let address = rest.iter().flat_map(|c| addresses::find(c)).next().map(|a| a.address);
    let protocol = rest.iter().filter(|c| c.bytes().all(|b| b.is_ascii_alphabetic())).find_map(|c| addresses::protocol(c));
    // Source port, then destination port; the last number is the far end's.
    let port = rest.iter().rev().find_map(|c| c.parse().ok()).filter(|p: &u16| *p > 0);
    Some(CommaLine {
        line,
        category: categories::of_short_name(kind).unwrap_or(abate_model::Category::Other),
        resource,
        time,
        remote: Remote { address, port, protocol },
        regions: rest.iter().flat_map(|c| regions::find(c)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_blocked_traffic() {
        let text = "Instance Id    Remote IP    Port    Protocol    Action Taken\n\
                    i-0123456789abcdef0    198.51.100.9    80    17    Outgoing Port 80 Blocked\n\nDetails";
        let (rows, headings) = rows(text);
        assert_eq!(headings, [0]);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].action, "Outgoing Port 80 Blocked");
        assert_eq!(rows[0].remote, Remote { address: Some("198.51.100.9".to_owned()), port: Some(80), protocol: Some("udp".to_owned()) });
    }

    #[test]
    fn a_comma_line() {
        let assumed = Assumed::of("", "2026-01-05T00:00:00Z".parse().unwrap());
        let lines = comma_lines("DOS,i-abcdef12,2017-01-01 12:00:00 PDT,198.51.100.8,TCP,*,80,us-east-1\na,b,c,d,e,f", &assumed);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].category, abate_model::Category::Dos);
        assert_eq!(lines[0].time.at.to_string(), "2017-01-01T19:00:00Z");
        assert_eq!((lines[0].remote.port, lines[0].regions.as_slice()), (Some(80), ["us-east-1".to_owned()].as_slice()));
    }
}
