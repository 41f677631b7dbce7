//! What every scenario works with, and what it hands back.

use abate_model::truth::{Attacker, TrueCause, TrueVerdict};
use abate_model::{Category, CauseKind, Factor, Verdict};

use crate::folder::Folder;
use crate::rng::Rng;
use crate::world::World;

/// The workplace of a scenario.
#[derive(Debug)]
pub(crate) struct Stage {
    /// the company
    pub(crate) world: World,
    /// numbers for the attack and the notice; the scale has no influence on them
    pub(crate) attack: Rng,
    /// numbers for everything ordinary
    pub(crate) daily: Rng,
    /// how much of the ordinary
    pub(crate) scale: u32,
    /// files so far
    pub(crate) folder: Folder,
}

impl Stage {
    /// An empty folder and a company.
    pub(crate) fn new(scenario: &str, seed: u64, scale: u32) -> Self {
        Self {
            world: World::new(seed, scenario),
            attack: Rng::stream(seed, &format!("attack/{scenario}")),
            daily: Rng::stream(seed, &format!("daily/{scenario}")),
            scale,
            folder: Folder::default(),
        }
    }

    /// `per_scale` times the scale.
    pub(crate) fn amount(&self, per_scale: u32) -> u32 {
        per_scale.saturating_mul(self.scale)
    }
}

/// What a scenario hands back besides the files in the folder.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// what is reported
    pub(crate) category: Category,
    /// what was behind it
    pub(crate) root_cause: TrueCause,
    /// what may be said of it
    pub(crate) verdict: TrueVerdict,
    /// who did it
    pub(crate) attacker: Attacker,
    /// the mail
    pub(crate) notice: Vec<u8>,
}

impl Outcome {
    /// An outcome without an intruder of our own; the verdict is on the only reported activity, `r1`.
    pub(crate) fn new(category: Category, kind: CauseKind, factor: Factor, verdict: Verdict, notice: Vec<u8>) -> Self {
        Self {
            category,
            root_cause: TrueCause { class: kind.class(), kind, factor },
            verdict: TrueVerdict { reported: "r1".to_owned(), verdict },
            attacker: Attacker::default(),
            notice,
        }
    }
}
