//! A notice told sentence by sentence, in plain words: what AWS says, what it means for someone who never had such a mail, what is
//! asked, what silence brings, and what nobody knows.
//!
//! Deliberately absent: any judgement on the report, any search in logs, and printing. Quotations come from strangers; they are
//! plain data, and whoever prints them makes them harmless.

use abate_model::{Notice, NoticeKind, Text};

mod asked;
mod fill;
mod find;
mod phrases;
mod reporter;
mod segments;
mod silence;
mod steps;
#[cfg(test)]
mod tests;
mod unknown;
mod words;

use segments::Segment;
use words::{MOST_LINES, capped, joined};

/// What a sentence of a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// how the mail begins
    Greeting,
    /// which account, Region, resource or case is meant
    Identification,
    /// what the resource is said to have done
    Accusation,
    /// when it happened
    Time,
    /// remote ends, ports and amounts
    Traffic,
    /// which rule is said to be broken
    Rule,
    /// the report behind the notice, and headings of its details
    Report,
    /// what AWS asks for
    Request,
    /// what AWS recommends without asking for it
    Advice,
    /// what this team does not do
    Limits,
    /// until when
    Deadline,
    /// AWS asks again
    Reminder,
    /// the last notice
    Final,
    /// what AWS may do
    Consequence,
    /// what AWS has done
    Mitigation,
    /// the matter, or a part of it, is over
    Closing,
    /// something that AWS does not write, or a link away from it
    Warning,
    /// a link to AWS's own pages
    Link,
    /// signatures and company lines
    Footer,
    /// the reporter's part as a whole
    Reporter,
    /// the customer's own words
    Own,
    /// understood, but about none of the above
    Other,
    /// not understood
    Unknown,
}

impl Topic {
    /// The name used in outputs for programs.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Identification => "identification",
            Self::Accusation => "accusation",
            Self::Time => "time",
            Self::Traffic => "traffic",
            Self::Rule => "rule",
            Self::Report => "report",
            Self::Request => "request",
            Self::Advice => "advice",
            Self::Limits => "limits",
            Self::Deadline => "deadline",
            Self::Reminder => "reminder",
            Self::Final => "final",
            Self::Consequence => "consequence",
            Self::Mitigation => "mitigation",
            Self::Closing => "closing",
            Self::Warning => "warning",
            Self::Link => "link",
            Self::Footer => "footer",
            Self::Reporter => "reporter",
            Self::Own => "own",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }
}

/// A sentence or a field line of the notice with its meaning.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Line {
    /// the words as written, line breaks of a wrapped sentence made blanks; written by others, so never to be trusted
    pub said: String,
    /// what they mean; `None` where they were not understood
    pub means: Option<Text>,
    /// what they are about
    pub topic: Topic,
}

/// A notice explained.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Explanation {
    /// the notice in its order, the reporter's part as one line at the end
    pub lines: Vec<Line>,
    /// what is asked of the reader
    pub asked: Vec<Text>,
    /// what happens on silence, and what is in force already
    pub silence: Vec<Text>,
    /// what the notice does not tell
    pub unknown: Vec<Text>,
    /// what to do first
    pub first_steps: Vec<Text>,
}

impl Explanation {
    /// How many of AWS's sentences were understood, and how many there are.
    #[must_use]
    pub fn understood(&self) -> (usize, usize) {
        let own = || self.lines.iter().filter(|line| !matches!(line.topic, Topic::Reporter | Topic::Own));
        (own().filter(|line| line.means.is_some()).count(), own().count())
    }
}

/// A line with what it asks, before the lists are made.
struct Told {
    line: Line,
    asks: Option<Text>,
}

/// Explains a notice.
#[must_use]
pub fn explain(notice: &Notice) -> Explanation {
    let mut cut = 0;
    let told: Vec<Told> = if notice.kind == NoticeKind::SelfFound {
        vec![own(notice)]
    } else if reporter::is_all(notice) {
        Vec::new()
    } else {
        let segments = segments::of(notice);
        cut = segments.len().saturating_sub(MOST_LINES);
        segments.iter().take(MOST_LINES).map(|segment| tell(segment, notice)).collect()
    };
    let asked = asked::list(notice, &told);
    let mut lines: Vec<Line> = told.into_iter().map(|t| t.line).collect();
    lines.extend(reporter::line(notice));
    Explanation {
        asked,
        silence: silence::list(notice),
        unknown: unknown::list(notice, &lines, cut),
        first_steps: steps::list(notice, &lines),
        lines,
    }
}

/// Every sentence that is known here, as an example with its topic and its meaning without values, for the manual.
pub fn known() -> impl Iterator<Item = (Topic, &'static str, &'static Text)> {
    phrases::SENTENCES.iter().flat_map(|table| table.iter()).chain(phrases::fields::PHRASES).map(|p| (p.topic, p.example, &p.means))
}

fn own(notice: &Notice) -> Told {
    let means = Text::fixed(
        "This is what you or your own monitoring found, not a mail from AWS.",
        "AWS からの連絡ではなく、自社または自社の監視が見つけた内容です。",
    );
    Told { line: Line { said: capped(&notice.body), means: Some(means), topic: Topic::Own }, asks: None }
}

fn tell(segment: &Segment, notice: &Notice) -> Told {
    match segment {
        Segment::Sentence(said) => sentence(said, notice),
        Segment::Fields { said, fields } => {
            let mut parts = Vec::new();
            let (mut topic, mut asks) = (None, None);
            for field in fields {
                let Some(found) = fill::field(field, fields.len() == 1, said, notice) else { continue };
                topic = topic.or(Some(found.topic));
                asks = asks.or(found.asks);
                parts.push(found.means);
            }
            let means = (!parts.is_empty()).then(|| joined(&parts));
            Told { line: Line { said: capped(said), means, topic: topic.unwrap_or(Topic::Unknown) }, asks }
        }
        Segment::Row { said, row } => {
            Told { line: Line { said: capped(said), means: Some(fill::row(row, notice)), topic: Topic::Mitigation }, asks: None }
        }
        Segment::Heading(said) => {
            let means = Text::fixed(
                "The heading of a table: each line below is one resource, where its traffic went, and what AWS did about it.",
                "表の見出しです。続く各行は、リソース・通信の宛先・AWS が取った措置を表します。",
            );
            Told { line: Line { said: capped(said), means: Some(means), topic: Topic::Report }, asks: None }
        }
        Segment::Comma { said, line } => {
            Told { line: Line { said: capped(said), means: Some(fill::comma(line, notice)), topic: Topic::Accusation }, asks: None }
        }
    }
}

fn sentence(said: &str, notice: &Notice) -> Told {
    let Some(phrase) = find::sentence(said) else {
        return Told { line: Line { said: capped(said), means: None, topic: Topic::Unknown }, asks: None };
    };
    let advice = phrase.topic == Topic::Request && find::recommends(said);
    let topic = if advice { Topic::Advice } else { phrase.topic };
    let line = Line { said: capped(said), means: Some(fill::sentence(phrase, said, notice)), topic };
    Told { line, asks: phrase.asks.clone().filter(|_| !advice) }
}
