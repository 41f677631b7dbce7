//! What every scenario works with, and what it hands back.

use abate_model::truth::{Attacker, TrueCause, TrueVerdict};
use abate_model::{Category, CauseKind, Factor, Verdict};

use crate::background::Calls;
use crate::flow::Traffic;
use crate::folder::{Frame, Record};
use crate::replay::Ordinary;
use crate::rng::Rng;
use crate::trail::Event;
use crate::world::World;

/// How much of the ordinary there is in each kind of log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scales {
    /// in CloudTrail
    pub(crate) trail: u32,
    /// in flow logs
    pub(crate) flows: u32,
    /// in the logs of hosts
    pub(crate) hosts: u32,
}

/// Some files of a drill: the attack's records, which fit into memory, and how the ordinary ones are made.
pub(crate) enum Part {
    /// CloudTrail as S3 holds it
    Trail {
        /// the ordinary calls
        calls: Calls,
        /// the others
        attack: Vec<Event>,
    },
    /// flow logs as S3 holds them
    Flows {
        /// the ordinary traffic
        traffic: Traffic,
        /// the rest
        attack: Vec<Record>,
        /// ports of the web server that anyone may reach
        open: &'static [u16],
    },
    /// a log in one file
    Log {
        /// path
        path: String,
        /// what stands around the records
        frame: Frame,
        /// the ordinary records, if there are any
        ordinary: Option<Box<dyn Ordinary>>,
        /// the others
        attack: Vec<Record>,
    },
    /// any other file
    File {
        /// path
        path: String,
        /// content
        bytes: Vec<u8>,
    },
}

impl Part {
    /// About how many records it has.
    pub(crate) fn records(&self) -> u64 {
        match self {
            Self::Trail { calls, attack } => calls.records() + attack.len() as u64,
            Self::Flows { traffic, attack, .. } => traffic.records() + attack.len() as u64,
            Self::Log { ordinary, attack, .. } => ordinary.as_ref().map_or(0, |o| o.records()) + attack.len() as u64,
            Self::File { .. } => 0,
        }
    }
}

/// The workplace of a scenario.
pub(crate) struct Stage {
    /// the company
    pub(crate) world: World,
    /// numbers for the attack and the notice; the scale has no influence on them
    pub(crate) attack: Rng,
    /// how much of the ordinary
    pub(crate) scales: Scales,
    /// what the evidence consists of, in the order in which it is written
    pub(crate) parts: Vec<Part>,
}

impl Stage {
    /// A company, and nothing that happened yet.
    pub(crate) fn new(scenario: &str, seed: u64, scales: Scales) -> Self {
        let attack = Rng::stream(seed, &format!("attack/{scenario}"));
        Self { world: World::new(seed, scenario), attack, scales, parts: Vec::new() }
    }

    /// Adds a log of one file.
    pub(crate) fn log(&mut self, path: impl Into<String>, frame: Frame, ordinary: Option<Box<dyn Ordinary>>, attack: Vec<Record>) {
        self.parts.push(Part::Log { path: path.into(), frame, ordinary, attack });
    }

    /// Adds any other file.
    pub(crate) fn file(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.parts.push(Part::File { path: path.into(), bytes: text.into().into_bytes() });
    }
}

/// What a scenario hands back besides the files in the folder.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// what is reported
    pub(crate) category: Category,
    /// what was behind it
    pub(crate) root_cause: TrueCause,
    /// what may be said of each reported activity, in the order of the notice
    pub(crate) verdicts: Vec<TrueVerdict>,
    /// who did it
    pub(crate) attacker: Attacker,
    /// the mail
    pub(crate) notice: Vec<u8>,
}

impl Outcome {
    /// An outcome without an intruder of our own; the verdict is on the first reported activity, `r1`.
    pub(crate) fn new(category: Category, kind: CauseKind, factor: Factor, verdict: Verdict, notice: Vec<u8>) -> Self {
        Self {
            category,
            root_cause: TrueCause { class: kind.class(), kind, factor },
            verdicts: Vec::new(),
            attacker: Attacker::default(),
            notice,
        }
        .and(verdict)
    }

    /// The notice reports one more activity, on which this is the verdict.
    pub(crate) fn and(mut self, verdict: Verdict) -> Self {
        self.verdicts.push(TrueVerdict { reported: format!("r{}", self.verdicts.len() + 1), verdict });
        self
    }

    /// Who did it.
    pub(crate) fn by(mut self, addresses: Vec<String>, principals: Vec<String>) -> Self {
        self.attacker = Attacker { addresses, principals };
        self
    }
}
