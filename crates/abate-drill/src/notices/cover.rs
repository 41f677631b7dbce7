//! Chooses values of many dimensions so that every value, and every pair of values, comes up as evenly as possible. Chance
//! only breaks ties. It knows nothing of notices.

use std::collections::BTreeMap;

use crate::rng::Rng;

/// A value with a short name.
pub(crate) trait Named: Copy {
    /// The name.
    fn name(self) -> &'static str;
}

impl Named for &'static str {
    fn name(self) -> &'static str {
        self
    }
}

/// A dimension and a value of it.
type Choice = (&'static str, &'static str);

/// What was chosen so far.
#[derive(Debug)]
pub(crate) struct Cover {
    rng: Rng,
    single: BTreeMap<Choice, u32>,
    pairs: BTreeMap<(Choice, Choice), u32>,
    current: Vec<Choice>,
}

impl Cover {
    /// Nothing chosen yet.
    pub(crate) fn new(seed: u64) -> Self {
        Self { rng: Rng::stream(seed, "notices/cover"), single: BTreeMap::new(), pairs: BTreeMap::new(), current: Vec::new() }
    }

    /// Forgets which values belong together, not how often they came up.
    pub(crate) fn begin(&mut self) {
        self.current.clear();
    }

    /// The option that came up least together with what is already chosen; `fallback` if there are no options.
    pub(crate) fn choose<T: Named>(&mut self, dimension: &'static str, options: &[T], fallback: T) -> T {
        let mut best: Vec<T> = Vec::new();
        let mut least = (u32::MAX, u32::MAX);
        for &option in options {
            let choice = (dimension, option.name());
            let seen = |other: &Choice| self.pairs.get(&(*other, choice)).copied().unwrap_or(0);
            // What was chosen first (the family) must meet every value; for the others a good mix is enough.
            let first = self.current.first().map_or(0, seen).saturating_mul(8);
            let others: u32 = self.current.iter().skip(1).map(seen).sum();
            let score = (first.saturating_add(others), self.single.get(&choice).copied().unwrap_or(0));
            if score < least {
                least = score;
                best.clear();
            }
            if score == least {
                best.push(option);
            }
        }
        let last = i64::try_from(best.len()).unwrap_or(1) - 1;
        let at = usize::try_from(self.rng.range(0, last)).unwrap_or(0);
        let chosen = best.get(at).copied().unwrap_or(fallback);
        let choice = (dimension, chosen.name());
        *self.single.entry(choice).or_default() += 1;
        for &other in &self.current {
            *self.pairs.entry((other, choice)).or_default() += 1;
        }
        self.current.push(choice);
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_come_up_evenly() {
        let mut cover = Cover::new(1);
        for _ in 0..12 {
            cover.begin();
            cover.choose("a", &["1", "2", "3"], "1");
            cover.choose("b", &["x", "y"], "x");
        }
        assert!(cover.single.iter().filter(|((dimension, _), _)| *dimension == "a").all(|(_, &n)| n == 4));
        assert_eq!(cover.pairs.len(), 6);
        assert!(cover.pairs.values().all(|&n| n == 2));
    }
}
