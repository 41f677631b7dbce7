//! What became of all that was listed, in objects and bytes. Every source is in exactly one line, so that the lines add up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evidence::{LossKind, Source};
use crate::text::Text;

/// What became of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// recognised, and every record of it was read
    Whole,
    /// recognised, and something in it was not read
    Partly,
    /// everything in it is in another source too, or it is a link to one
    Duplicate,
    /// there is nothing in it
    Empty,
    /// no reader knows its content
    NotRecognised,
    /// it could not be opened, or is known not to be readable, or nothing in it could be read
    NotRead,
}

impl Fate {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 6] = [Self::Whole, Self::Partly, Self::Duplicate, Self::Empty, Self::NotRecognised, Self::NotRead];

    /// Of a source.
    #[must_use]
    pub fn of(source: &Source) -> Self {
        let is_empty = |kind: LossKind| kind == LossKind::Empty;
        let lost = source.losses.iter().any(|loss| !is_empty(loss.kind));
        match source.format {
            Some(_) if source.records == 0 && source.duplicates > 0 && !lost => Self::Duplicate,
            Some(_) if !lost && source.losses.is_empty() => Self::Whole,
            Some(_) if !lost => Self::Empty,
            Some(_) if source.records + source.duplicates > 0 => Self::Partly,
            Some(_) => Self::NotRead,
            None if source.losses.is_empty() => Self::Duplicate,
            None if source.losses.iter().all(|loss| is_empty(loss.kind)) => Self::Empty,
            None if source.losses.iter().any(|loss| loss.kind == LossKind::NotRecognised) => Self::NotRecognised,
            None => Self::NotRead,
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn title(self) -> Text {
        match self {
            Self::Whole => Text::fixed("read whole", "全体を読み取り"),
            Self::Partly => Text::fixed("read in part", "一部を読み取り"),
            Self::Duplicate => Text::fixed("duplicates of others", "他と重複"),
            Self::Empty => Text::fixed("empty", "空"),
            Self::NotRecognised => Text::fixed("not recognised", "形式不明"),
            Self::NotRead => Text::fixed("not read", "読み取れず"),
        }
    }
}

/// Objects and their decompressed bytes, as far as these could be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// sources
    pub objects: u64,
    /// bytes
    pub bytes: u64,
}

impl Amount {
    fn add(&mut self, source: &Source) {
        self.objects += 1;
        self.bytes = self.bytes.saturating_add(source.bytes);
    }
}

/// What became of everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// everything
    pub listed: Amount,
    /// the same by what became of it, with all of [`Fate::ALL`]; they add up to what was listed
    pub fates: BTreeMap<Fate, Amount>,
    /// rows read, without duplicates
    pub records: u64,
    /// rows that another source has too
    pub duplicates: u64,
    /// records, or whole objects, that were not read
    pub lost: u64,
}

impl Totals {
    /// Over some sources.
    #[must_use]
    pub fn of(sources: &[Source]) -> Self {
        let mut totals = Self { fates: Fate::ALL.map(|fate| (fate, Amount::default())).into(), ..Self::default() };
        for source in sources {
            totals.listed.add(source);
            totals.fates.entry(Fate::of(source)).or_default().add(source);
            totals.records += source.records;
            totals.duplicates += source.duplicates;
            totals.lost += source.lost();
        }
        totals
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Loss;

    #[test]
    fn every_source_is_in_one_line_and_the_lines_add_up() {
        let source = |format: Option<&str>, (records, duplicates): (u64, u64), losses: &[LossKind], bytes: u64| Source {
            path: "a".to_owned(),
            containers: Vec::new(),
            sha256: String::new(),
            bytes,
            format: format.map(str::to_owned),
            recognised_by: String::new(),
            records,
            duplicates,
            gone: false,
            losses: losses.iter().map(|kind| Loss { kind: *kind, reason: String::new(), first: None, count: 2, bytes: 0 }).collect(),
        };
        let cases = [
            (source(Some("x"), (3, 1), &[], 10), Fate::Whole),
            (source(Some("x"), (3, 0), &[LossKind::Malformed], 20), Fate::Partly),
            (source(Some("x"), (0, 4), &[], 30), Fate::Duplicate),
            (source(Some("x"), (0, 4), &[LossKind::Truncated], 31), Fate::Partly),
            (source(Some("x"), (0, 0), &[LossKind::Empty], 40), Fate::Empty),
            (source(Some("x"), (0, 0), &[LossKind::Malformed], 50), Fate::NotRead),
            (source(None, (0, 0), &[], 0), Fate::Duplicate),
            (source(None, (0, 0), &[LossKind::Empty], 0), Fate::Empty),
            (source(None, (0, 0), &[LossKind::NotRecognised], 60), Fate::NotRecognised),
            (source(None, (0, 0), &[LossKind::NotSupported], 70), Fate::NotRead),
            (source(None, (0, 0), &[LossKind::Unreadable], 0), Fate::NotRead),
        ];
        for (source, fate) in &cases {
            assert_eq!(Fate::of(source), *fate, "{source:?}");
        }
        let totals = Totals::of(&cases.map(|(source, _)| source));
        let sum = |pick: fn(&Amount) -> u64| totals.fates.values().map(pick).sum::<u64>();
        assert_eq!((sum(|a| a.objects), sum(|a| a.bytes)), (totals.listed.objects, totals.listed.bytes));
        assert_eq!((totals.listed.objects, totals.listed.bytes, totals.records, totals.duplicates, totals.lost), (11, 311, 6, 9, 16));
    }
}
