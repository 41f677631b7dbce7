//! Losses of one source, counted together by kind and reason.
//!
//! The number of distinct reasons is bounded: a hostile log must not fill memory with its own reasons.

use abate_model::{Locator, Loss, LossKind};

/// Most distinct reasons kept apart; what comes after them is counted under one reason per kind.
const MAX_REASONS: usize = 50;
const FURTHER: &str = "further reasons, not listed one by one";

/// The losses of one source, in the order of their first appearance.
#[derive(Debug, Default)]
pub(crate) struct Losses(Vec<Loss>);

impl Losses {
    /// Counts one loss.
    pub fn add(&mut self, kind: LossKind, reason: String, at: Option<Locator>, bytes: u64) {
        self.take(Loss { kind, reason, first: at, count: 1, bytes });
    }

    /// Counts those that were found behind these in the same source, as if each had been added here.
    pub fn merge(&mut self, later: Self) {
        later.0.into_iter().for_each(|loss| self.take(loss));
    }

    fn take(&mut self, loss: Loss) {
        let same = |known: &&mut Loss, words: &str| known.kind == loss.kind && known.reason == words;
        if let Some(known) = self.0.iter_mut().find(|known| same(known, &loss.reason)) {
            return grow(known, &loss);
        }
        if self.0.len() < MAX_REASONS {
            return self.0.push(loss);
        }
        match self.0.iter_mut().find(|known| same(known, FURTHER)) {
            Some(known) => grow(known, &loss),
            None => self.0.push(Loss { reason: FURTHER.to_owned(), ..loss }),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The list.
    pub fn into_vec(self) -> Vec<Loss> {
        self.0
    }
}

fn grow(loss: &mut Loss, more: &Loss) {
    loss.count = loss.count.saturating_add(more.count);
    loss.bytes = loss.bytes.saturating_add(more.bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_reason_is_one_entry_and_the_list_is_bounded() {
        let mut losses = Losses::default();
        for n in 0..1000_u64 {
            losses.add(LossKind::Malformed, format!("reason {n}"), Some(Locator::Record { n }), 10);
            losses.add(LossKind::Malformed, "same".to_owned(), Some(Locator::Record { n }), 1);
        }
        let list = losses.into_vec();
        assert_eq!(list.len(), MAX_REASONS + 1);
        assert_eq!(list.iter().map(|l| l.count).sum::<u64>(), 2000);
        assert_eq!(list.iter().map(|l| l.bytes).sum::<u64>(), 11_000);
        let same = list.iter().find(|l| l.reason == "same").unwrap();
        assert_eq!((same.count, same.first), (1000, Some(Locator::Record { n: 0 })));
        assert_eq!(list.last().unwrap().reason, FURTHER);
    }
}
