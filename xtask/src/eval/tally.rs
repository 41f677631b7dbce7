//! Scores added up: per scenario, and over all.

use serde::{Deserialize, Serialize};

use super::score::{SURE, Score};

/// Sums over some drills.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tally {
    /// scenario, or what else they have in common
    pub(crate) name: String,
    pub(crate) drills: usize,
    /// drills in which every verdict is right
    pub(crate) verdict_right: usize,
    /// verdicts that say "it wasn't us" without right
    pub(crate) wrongly_contradicted: usize,
    pub(crate) keys: usize,
    pub(crate) keys_read: usize,
    pub(crate) keys_cited: usize,
    pub(crate) keys_covered: usize,
    pub(crate) findings: usize,
    pub(crate) findings_at_incident: usize,
    pub(crate) serious: usize,
    pub(crate) serious_at_incident: usize,
    /// findings of severity medium and above that cite a decoy
    pub(crate) decoys_taken: usize,
    pub(crate) top1: usize,
    pub(crate) top3: usize,
    pub(crate) class_top1: usize,
    pub(crate) class_top3: usize,
    pub(crate) factor: usize,
    /// sum of the leading confidences
    pub(crate) confidence: f64,
    /// drills whose leading cause is said with [`SURE`] and wrong
    pub(crate) sure_and_wrong: usize,
}

impl Tally {
    /// Adds up.
    pub(crate) fn of<'a>(name: &str, scores: impl IntoIterator<Item = &'a Score>) -> Self {
        let mut sum = Self { name: name.to_owned(), ..Self::default() };
        for score in scores {
            sum.add(score);
        }
        sum
    }

    fn add(&mut self, score: &Score) {
        self.drills += 1;
        self.verdict_right += usize::from(score.verdicts.iter().all(super::score::Judged::is_right));
        self.wrongly_contradicted += score.verdicts.iter().filter(|v| v.is_wrongly_contradicted()).count();
        self.keys += score.keys.all;
        self.keys_read += score.keys.read;
        self.keys_cited += score.keys.cited;
        self.keys_covered += score.keys.covered;
        self.findings += score.all.all;
        self.findings_at_incident += score.all.at_incident;
        self.serious += score.serious.all;
        self.serious_at_incident += score.serious.at_incident;
        self.decoys_taken += score.serious.at_decoy;
        self.top1 += usize::from(score.cause.within(1));
        self.top3 += usize::from(score.cause.within(3));
        self.class_top1 += usize::from(score.cause.class_within(1));
        self.class_top3 += usize::from(score.cause.class_within(3));
        self.factor += usize::from(score.cause.factor);
        self.confidence += score.cause.leading().1;
        self.sure_and_wrong += usize::from(score.cause.is_sure_and_wrong());
    }

    /// Share of key events that are cited; 1 where there are none.
    pub(crate) fn recall(&self) -> f64 {
        share(self.keys_cited, self.keys)
    }
}

/// A share; 1 of nothing.
pub(crate) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { to_f64(part) / to_f64(whole) }
}

/// Counts are far below what a `f64` cannot hold.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn to_f64(n: usize) -> f64 {
    n as f64
}

/// How often the leading cause was right, by the confidence with which it was said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bin {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) drills: usize,
    pub(crate) hits: usize,
    /// sum of the confidences
    pub(crate) confidence: f64,
}

/// The bins of the calibration table; the last one includes 1.
const EDGES: [f64; 7] = [0.0, 0.3, 0.5, 0.7, SURE, 0.9, 1.0];

/// Confidence against hit rate.
pub(crate) fn calibration(scores: &[&Score]) -> Vec<Bin> {
    let mut bins: Vec<Bin> = EDGES.windows(2).map(|edge| Bin { from: edge[0], to: edge[1], drills: 0, hits: 0, confidence: 0.0 }).collect();
    let last = bins.len() - 1;
    for score in scores {
        let (kind, confidence) = score.cause.leading();
        let place = bins.iter().position(|bin| confidence < bin.to).unwrap_or(last);
        if let Some(bin) = bins.get_mut(place) {
            bin.drills += 1;
            bin.hits += usize::from(kind == score.cause.kind);
            bin.confidence += confidence;
        }
    }
    bins
}
