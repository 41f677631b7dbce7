//! Ordinary records of any log, spread evenly over a time: a count, a span and how one of them is made.

use crate::clock::Second;
use crate::folder::Record;
use crate::replay::{Mark, Ordinary};
use crate::rng::Rng;
use crate::world::World;

/// So many numbers are set aside for each group of records; what is drawn beyond them, the next group draws too.
const DRAWS: u64 = 64;

/// Groups of records at random times, each of the same second.
pub(crate) struct Scattered<F> {
    count: u32,
    span: (Second, Second),
    make: F,
}

impl<F: Fn(&World, &mut Rng, Second) -> Vec<Record> + 'static> Scattered<F> {
    /// So many groups; `make` gives the records of one.
    pub(crate) fn boxed(count: u32, span: (Second, Second), make: F) -> Option<Box<dyn Ordinary>> {
        Some(Box::new(Self { count, span, make }))
    }
}

impl<F: Fn(&World, &mut Rng, Second) -> Vec<Record>> Ordinary for Scattered<F> {
    fn span(&self) -> (Second, Second) {
        self.span
    }

    fn marks(&self) -> u64 {
        u64::from(self.count)
    }

    fn records(&self) -> u64 {
        2 * u64::from(self.count)
    }

    fn skim(&self, _: &World, rng: &mut Rng, mark: &mut dyn FnMut(Mark)) {
        for _ in 0..self.count {
            let place = rng.place();
            mark(Mark { at: rng.range(self.span.0, self.span.1), place, kind: 0 });
            rng.skip(DRAWS);
        }
    }

    fn make(&self, world: &World, rng: &mut Rng, mark: Mark, records: &mut Vec<Record>) {
        rng.skip(1);
        records.extend((self.make)(world, rng, mark.at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_made_from_its_place_and_at_its_time() {
        let world = World::new(4, "scatter");
        let ordinary = Scattered::boxed(50, (1000, 2000), |_, rng, at| vec![Record::plain(at, rng.hex(8))]).unwrap();
        let (start, mut marks) = (Rng::stream(4, "scatter"), Vec::new());
        ordinary.skim(&world, &mut start.clone(), &mut |mark| marks.push(mark));
        let make = |mark: &Mark| {
            let mut records = Vec::new();
            ordinary.make(&world, &mut start.at(mark.place), *mark, &mut records);
            records.pop().unwrap()
        };
        let made: std::collections::BTreeSet<String> = marks.iter().map(|mark| make(mark).text).collect();
        assert_eq!((marks.len(), made.len()), (50, 50));
        assert!(marks.iter().all(|mark| (1000..=2000).contains(&mark.at) && make(mark).at == mark.at));
        let other: std::collections::BTreeSet<String> = marks.iter().rev().map(|mark| make(mark).text).collect();
        assert_eq!(made, other);
    }
}
