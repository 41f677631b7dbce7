//! Ordinary records in the order of their times, without holding them: their times come from the generator in no order, and
//! there may be more of them than memory takes.
//!
//! The generator is first skimmed: it draws everything, and leaves for each group of records a mark with the time and the
//! place in the stream of numbers. The marks are sorted, and each group is then made from its place. Where the marks are
//! too many, the time is cut into windows and the generator is skimmed once for each; so the result depends on neither.

use std::iter::Peekable;

use crate::DrillError;
use crate::clock::Second;
use crate::folder::{Folder, Record, Role};
use crate::rng::Rng;
use crate::world::World;

/// Records of the same time that one stretch of the stream of numbers makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// when
    pub(crate) at: Second,
    /// where in the stream they begin
    pub(crate) place: u64,
    /// what they are; known to their generator only
    pub(crate) kind: u16,
}

/// A generator that can be skimmed.
pub(crate) trait Ordinary {
    /// The time in which (nearly) all its marks lie.
    fn span(&self) -> (Second, Second);

    /// About how many marks it makes, rather too many.
    fn marks(&self) -> u64;

    /// About how many records it makes.
    fn records(&self) -> u64;

    /// Draws everything, and leaves a mark for each group of records.
    fn skim(&self, world: &World, rng: &mut Rng, mark: &mut dyn FnMut(Mark));

    /// Makes the records of a mark; `rng` stands at its place.
    fn make(&self, world: &World, rng: &mut Rng, mark: Mark, records: &mut Vec<Record>);
}

/// Records that come from elsewhere, in the order of their times; among equal times they come after the ordinary ones.
pub(crate) type Others<'o> = Peekable<Box<dyn Iterator<Item = Record> + 'o>>;

/// Sorts the records of an incident, which fit into memory.
pub(crate) fn others<'o>(mut records: Vec<Record>) -> Others<'o> {
    records.sort_by_key(|record| record.at);
    records.iter_mut().filter(|record| record.role == Role::Ordinary).for_each(|record| record.role = Role::Incident);
    let records: Box<dyn Iterator<Item = Record>> = Box::new(records.into_iter());
    records.peekable()
}

/// Two streams as one, in the order of their times; among equal times the first one's records come first.
pub(crate) fn in_turn<'o>(mut first: Others<'o>, second: impl Iterator<Item = Record> + 'o) -> Others<'o> {
    let mut second = second.peekable();
    let turn = move || match (first.peek(), second.peek()) {
        (Some(a), Some(b)) if b.at < a.at => second.next(),
        (Some(_), _) => first.next(),
        (None, _) => second.next(),
    };
    let both: Box<dyn Iterator<Item = Record> + 'o> = Box::new(std::iter::from_fn(turn));
    both.peekable()
}

/// What becomes of the next record.
pub(crate) type Each<'e> = dyn FnMut(&mut Folder<'_>, &Record) -> Result<(), DrillError> + 'e;

/// Gives `each` the ordinary records in the order of their times, and the others that belong before the last of them. `rng`
/// moves on as if everything had been drawn once.
pub(crate) fn merge(
    ordinary: &dyn Ordinary,
    (world, rng): (&World, &mut Rng),
    others: &mut Others<'_>,
    folder: &mut Folder<'_>,
    each: &mut Each<'_>,
) -> Result<(), DrillError> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut records = Vec::new();
    let mut end = rng.clone();
    for (from, to) in windows(ordinary, folder.limits.marks) {
        marks.clear();
        end = rng.clone();
        ordinary.skim(world, &mut end, &mut |mark| {
            if (from..to).contains(&mark.at) {
                marks.push(mark);
            }
        });
        folder.counts.most_marks = folder.counts.most_marks.max(marks.len());
        marks.sort_unstable_by_key(|mark| (mark.at, mark.place, mark.kind));
        for mark in &marks {
            while let Some(other) = others.next_if(|other| other.at < mark.at) {
                each(folder, &other)?;
            }
            records.clear();
            ordinary.make(world, &mut rng.at(mark.place), *mark, &mut records);
            records.iter().try_for_each(|record| each(folder, record))?;
        }
    }
    *rng = end;
    Ok(())
}

/// The span in windows, each with about as many marks as may be held. The first and the last are open, so that no mark is
/// left out.
fn windows(ordinary: &dyn Ordinary, most_marks: usize) -> Vec<(Second, Second)> {
    let (first, last) = ordinary.span();
    // An eighth more, since random times are not spread quite evenly.
    let marks = ordinary.marks().saturating_add(ordinary.marks() / 8);
    let count = i64::try_from(marks.div_ceil(most_marks.max(1) as u64)).unwrap_or(1).max(1);
    let width = ((last - first) / count).max(1);
    let mut cuts = vec![Second::MIN];
    cuts.extend((1..count).map(|n| first + n * width).take_while(|cut| *cut <= last));
    cuts.push(Second::MAX);
    cuts.iter().zip(cuts.iter().skip(1)).map(|(from, to)| (*from, *to)).collect()
}
