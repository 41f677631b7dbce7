//! Acts vote for how far two clocks are apart: each for all distances that it allows, and the distance that most of them allow is taken.
//!
//! An act that was matched wrongly allows some other distance; wrong ones are scattered over hours, right ones agree. Numbers only: what an act
//! is, and what a clock is, is not known here.

use std::collections::BTreeSet;
use std::net::IpAddr;

use abate_model::Ahead;

/// Distances, in seconds, both ends included.
pub(super) type Range = (i64, i64);

/// Distances that are no farther apart than this count as one estimate.
const ONE: i64 = 120;

/// What one act allows.
#[derive(Clone, Debug)]
pub(super) struct Vote {
    /// who acted
    pub address: IpAddr,
    /// the distances, in order, none touching another
    pub ranges: Vec<Range>,
}

impl Vote {
    /// Of distances in any order; `None` where there are none.
    pub fn of(address: IpAddr, mut ranges: Vec<Range>) -> Option<Self> {
        ranges.sort_unstable();
        let mut joined: Vec<Range> = Vec::with_capacity(ranges.len());
        for (from, to) in ranges {
            match joined.last_mut() {
                Some((_, end)) if from <= end.saturating_add(1) => *end = to.max(*end),
                _ => joined.push((from, to)),
            }
        }
        (!joined.is_empty()).then_some(Self { address, ranges: joined })
    }
}

/// What came of the votes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    /// acts that voted
    pub acts: u64,
    /// how many allow the distance that most allow
    pub agreeing: u64,
    /// how many addresses those are of
    pub addresses: u64,
    /// the distances that (nearly) as many allow; more than one where it is open which is right
    pub ahead: Vec<Ahead>,
}

/// Counts the votes.
pub(super) fn count(votes: &[Vote]) -> Count {
    let mut steps: Vec<(i64, i64)> = votes.iter().flat_map(|vote| &vote.ranges).flat_map(|(from, to)| [(*from, 1), (to + 1, -1)]).collect();
    steps.sort_unstable();
    // From each step to the next one so many acts agree.
    let (mut levels, mut level): (Vec<(Range, i64)>, i64) = (Vec::new(), 0);
    for (n, (at, step)) in steps.iter().enumerate() {
        level += step;
        if let Some((next, _)) = steps.get(n + 1).filter(|(next, _)| next > at) {
            levels.push(((*at, next - 1), level));
        }
    }
    let Some((best, most)) = levels.iter().map(|(range, level)| (*range, *level)).max_by_key(|((from, _), level)| (*level, -from)) else {
        return Count::default();
    };
    // One act in ten may be matched wrongly, or its record be late.
    let enough = most - most / 10;
    let mut ahead: Vec<Ahead> = Vec::new();
    for ((from, to), _) in levels.iter().filter(|(_, level)| *level >= enough) {
        match ahead.last_mut() {
            Some(last) if from - last.to <= ONE => last.to = *to,
            _ => ahead.push(Ahead { from: *from, to: *to }),
        }
    }
    let agree = |vote: &&Vote| vote.ranges.iter().any(|(from, to)| *from <= best.0 && best.0 <= *to);
    let addresses: BTreeSet<IpAddr> = votes.iter().filter(agree).map(|vote| vote.address).collect();
    Count { acts: votes.len() as u64, agreeing: most.unsigned_abs(), addresses: addresses.len() as u64, ahead }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn votes(ranges: &[&[Range]]) -> Vec<Vote> {
        let address = |n: usize| IpAddr::from([192, 0, 2, n as u8]);
        ranges.iter().enumerate().filter_map(|(n, ranges)| Vote::of(address(n), ranges.to_vec())).collect()
    }

    #[test]
    fn the_distance_that_most_allow_is_narrower_than_what_each_allows() {
        let count = count(&votes(&[&[(-5, 600)], &[(-200, 50), (9000, 9100)], &[(40, 700), (45, 800)], &[(7000, 7100)]]));
        assert_eq!(count, Count { acts: 4, agreeing: 3, addresses: 3, ahead: vec![Ahead { from: 40, to: 50 }] });
    }

    #[test]
    fn an_act_has_one_vote_however_often_it_fits() {
        let count = count(&votes(&[&[(0, 10), (5, 15), (16, 20)], &[(1000, 1010)]]));
        assert_eq!((count.acts, count.agreeing), (2, 1));
        assert_eq!(count.ahead, vec![Ahead { from: 0, to: 20 }, Ahead { from: 1000, to: 1010 }]);
    }

    #[test]
    fn two_distances_that_fit_alike_are_both_named() {
        let count = count(&votes(&[&[(0, 10), (3600, 3610)], &[(5, 15), (3605, 3615)]]));
        assert_eq!(count.ahead, vec![Ahead { from: 5, to: 10 }, Ahead { from: 3605, to: 3610 }]);
        assert_eq!(super::count(&[]), Count::default());
    }
}
