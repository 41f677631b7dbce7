//! AWS's part of a notice cut into what is explained at once: sentences, field lines, table rows. It explains nothing.

use std::collections::BTreeMap;

use abate_model::Notice;

use crate::fields::{self, Field};
use crate::table::{self, CommaLine, Row};
use crate::text::sentences;
use crate::times::Assumed;

/// More labels on one line are not explained; notices have three.
const MOST_FIELDS: usize = 12;

/// What is explained at once.
#[derive(Debug)]
pub(super) enum Segment {
    /// a sentence, a heading, a link
    Sentence(String),
    /// a line of labelled values, with the lines below it that belong to it
    Fields {
        /// the words
        said: String,
        /// the values
        fields: Vec<Field>,
    },
    /// a row of the table of blocked traffic
    Row {
        /// the words
        said: String,
        /// the cells
        row: Row,
    },
    /// the heading of that table
    Heading(String),
    /// a report in one comma line
    Comma {
        /// the words
        said: String,
        /// the values
        line: CommaLine,
    },
}

/// All segments in the order of the notice.
pub(super) fn of(notice: &Notice) -> Vec<Segment> {
    let lines: Vec<&str> = notice.body.lines().collect();
    let words = |from: usize, to: usize| {
        let range = lines.get(from..=to.min(lines.len().saturating_sub(1))).unwrap_or_default();
        range.iter().map(|l| l.trim()).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n")
    };
    let mut found: BTreeMap<usize, Segment> = BTreeMap::new();
    let mut taken = vec![false; lines.len()];
    let mut take = |from: usize, to: usize| (from..=to).for_each(|n| taken.get_mut(n).into_iter().for_each(|t| *t = true));
    let (rows, headings) = table::rows(&notice.body);
    for heading in headings {
        take(heading, heading);
        found.insert(heading, Segment::Heading(words(heading, heading)));
    }
    for row in rows {
        take(row.line, row.line);
        found.insert(row.line, Segment::Row { said: words(row.line, row.line), row });
    }
    let assumed = Assumed::of("", notice.date.unwrap_or(notice.received_at));
    for line in table::comma_lines(&notice.body, &assumed) {
        take(line.line, line.line);
        found.insert(line.line, Segment::Comma { said: words(line.line, line.line), line });
    }
    let mut labelled: BTreeMap<usize, Vec<Field>> = BTreeMap::new();
    for field in fields::read(&notice.body) {
        let prose = lines.get(field.line).is_some_and(|line| is_prose(line));
        if !found.contains_key(&field.line) && !prose {
            let fields = labelled.entry(field.line).or_default();
            if fields.len() < MOST_FIELDS {
                fields.push(field);
            }
        }
    }
    for (line, fields) in labelled {
        let last = fields.iter().map(|f| f.last).max().unwrap_or(line);
        take(line, last);
        found.insert(line, Segment::Fields { said: words(line, last), fields });
    }
    // Lines that are spoken for, and rules made of dashes, end a sentence as a blank line does.
    let rest: Vec<&str> =
        lines.iter().zip(&taken).map(|(line, taken)| if *taken || !line.chars().any(char::is_alphanumeric) { "" } else { *line }).collect();
    let mut all: Vec<(usize, Segment)> = sentences(&rest.join("\n")).into_iter().map(|s| (s.line, Segment::Sentence(s.text))).collect();
    all.extend(found);
    all.sort_by_key(|(line, _)| *line);
    all.into_iter().map(|(_, segment)| segment).collect()
}

/// A sentence in which a label happens to stand.
fn is_prose(line: &str) -> bool {
    let head = line.split([':', '：']).next().unwrap_or_default();
    line.contains(':') && head.split_whitespace().count() > 8
}
