//! Generates incidents with known truth: a notice, logs and truth.json.
//!
//! A drill is a folder: `notice.eml` (what AWS would send), `evidence/…` (what a customer would hand over) and
//! `truth.json` (what really happened, and what was asked for, `abate.truth/1`). The same request gives the same bytes. The background
//! grows with the scale, the attack does not, and neither does the memory it takes. All addresses, accounts and names are
//! made up and lie in ranges set aside for documentation and benchmarks; a flood comes from addresses that are reserved.
//!
//! Deliberately knows no other crate of Abate than the model: a generator that shared code with the readers would agree
//! with their mistakes. It writes no files; the caller does.

mod background;
mod clock;
mod confounders;
mod credential_report;
mod ec2;
mod figures;
mod flow;
mod folder;
mod guardduty;
mod hostile;
mod inventory;
mod letters;
mod mail;
pub mod notices;
mod quiet;
mod replay;
mod rng;
mod s3log;
mod scenarios;
pub mod score;
mod sesevents;
mod sink;
mod stage;
mod syslog;
#[cfg(test)]
mod tests;
mod trail;
mod weblog;
mod world;

pub use figures::{Figures, MEASURED, MEASURED_AS_STORED};
pub use quiet::quiet;
pub use scenarios::{Scenario, all};
pub use sink::Sink;

use abate_model::{TRUTH_SCHEMA, Truth};

use crate::folder::{Counts, Folder};
use crate::hostile::Hostile;
use crate::rng::Rng;
use crate::sink::Collector;
use crate::stage::{Part, Scales, Stage};
use crate::world::World;

/// The largest scale: about a hundred million CloudTrail events.
pub const MAX_SCALE: u32 = 100_000;

/// The largest flood: as many records, each from another address.
pub const MAX_FLOOD: u32 = 200_000_000;

/// What may be held in memory while a drill is made. It decides nothing on what is in the drill, but for where a file of a
/// log bucket ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// about so many marks of records to come, see [`replay`]
    pub(crate) marks: usize,
    /// the largest file of a log bucket, unpacked. Up to a scale of 1,000 no hour comes near it.
    pub(crate) file_bytes: usize,
}

const LIMITS: Limits = Limits { marks: 3_000_000, file_bytes: 48 << 20 };

/// A file of a drill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrillFile {
    /// path below the drill's folder, with `/`
    pub path: String,
    /// its content
    pub bytes: Vec<u8>,
}

/// A generated incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Drill {
    /// every file, `notice.eml` first and `truth.json` last
    pub files: Vec<DrillFile>,
    /// what `truth.json` says
    pub truth: Truth,
}

/// Which drill is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// id of the scenario
    pub name: String,
    /// the same seed gives the same incident
    pub seed: u64,
    /// how much of the ordinary there is, 1 to [`MAX_SCALE`]; 1 means about a thousand CloudTrail events
    pub scale: u32,
    /// another scale for CloudTrail
    pub scale_trail: Option<u32>,
    /// another scale for flow logs
    pub scale_flows: Option<u32>,
    /// another scale for the logs of hosts
    pub scale_hosts: Option<u32>,
    /// records of a flood in the flow logs, each from another address; at most [`MAX_FLOOD`]
    pub flood: u32,
    /// in the flow logs, a stranger tries every port of the web server, and the web server every port of the office
    pub sweep: bool,
}

impl Request {
    /// A drill with nothing out of the ordinary but the incident.
    #[must_use]
    pub fn new(name: &str, seed: u64, scale: u32) -> Self {
        let (scale_trail, scale_flows, scale_hosts) = (None, None, None);
        Self { name: name.to_owned(), seed, scale, scale_trail, scale_flows, scale_hosts, flood: 0, sweep: false }
    }

    fn scales(&self) -> Result<Scales, DrillError> {
        let other = |scale: Option<u32>| scale.unwrap_or(self.scale);
        let (trail, flows, hosts) = (other(self.scale_trail), other(self.scale_flows), other(self.scale_hosts));
        match [self.scale, trail, flows, hosts].into_iter().find(|scale| !(1..=MAX_SCALE).contains(scale)) {
            Some(scale) => Err(DrillError::Scale(scale)),
            None => Ok(Scales { trail, flows, hosts }),
        }
    }
}

/// What was handed out.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// what `truth.json` says
    pub truth: Truth,
    /// number of files
    pub files: u64,
    /// their bytes
    pub bytes: u64,
    /// records in logs
    pub records: u64,
}

/// Why a drill could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DrillError {
    /// no such scenario
    #[error("no drill is called {name:?}; there are: {known}")]
    UnknownName {
        /// what was asked for
        name: String,
        /// what there is, separated by commas
        known: String,
    },
    /// scale out of range
    #[error("the scale must lie between 1 and {MAX_SCALE}, not {0}")]
    Scale(u32),
    /// flood too large
    #[error("a flood can have at most {MAX_FLOOD} records, not {0}")]
    Flood(u32),
    /// hostile traffic without a place for it
    #[error("the drill {0} has no flow logs, so there can be neither a flood nor a sweep in it")]
    NoFlowLogs(&'static str),
    /// the sink did not take a file
    #[error("cannot write {path}: {source}")]
    Sink {
        /// path below the drill's folder
        path: String,
        /// what the sink said
        source: std::io::Error,
    },
    /// compression failed
    #[error("could not compress: {0}")]
    Compress(#[from] std::io::Error),
    /// the truth could not be written as JSON
    #[error("could not write JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Makes a drill in memory, which only a small one fits into. [`write()`] makes one of any size.
///
/// # Errors
/// Unknown name, scale out of range.
pub fn generate(name: &str, seed: u64, scale: u32) -> Result<Drill, DrillError> {
    collect(&Request::new(name, seed, scale))
}

/// Makes any drill in memory.
///
/// # Errors
/// As [`write()`].
pub fn collect(request: &Request) -> Result<Drill, DrillError> {
    let mut collector = Collector::default();
    let made = write(request, &mut collector)?;
    Ok(Drill { files: collector.files, truth: made.truth })
}

/// Makes a drill and hands its files to `sink` as they come to be: `notice.eml` first, `truth.json` last. What is held in
/// memory does not grow with the scale.
///
/// # Errors
/// Unknown name, scale or flood out of range, hostile traffic where there are no flow logs, or a sink that refuses.
pub fn write(request: &Request, sink: &mut dyn Sink) -> Result<Made, DrillError> {
    let (truth, counts) = write_within(LIMITS, request, sink)?;
    Ok(Made { truth, files: counts.files, bytes: counts.bytes, records: counts.records })
}

fn write_within(limits: Limits, request: &Request, sink: &mut dyn Sink) -> Result<(Truth, Counts), DrillError> {
    let scenario = all().iter().find(|scenario| scenario.id == request.name).ok_or_else(|| DrillError::UnknownName {
        name: request.name.clone(),
        known: all().iter().map(|scenario| scenario.id).collect::<Vec<_>>().join(", "),
    })?;
    if request.flood > MAX_FLOOD {
        return Err(DrillError::Flood(request.flood));
    }
    let hostile = Hostile { flood: request.flood, sweep: request.sweep };
    let mut stage = Stage::new(scenario.id, request.seed, request.scales()?);
    let outcome = (scenario.build)(&mut stage);
    if hostile.records() > 0 && !stage.parts.iter().any(|part| matches!(part, Part::Flows { .. })) {
        return Err(DrillError::NoFlowLogs(scenario.id));
    }
    let expected = stage.parts.iter().map(Part::records).sum::<u64>() + hostile.records();
    let mut folder = Folder::new(sink, limits, expected);
    folder.add("notice.eml", &outcome.notice)?;
    let mut daily = Rng::stream(request.seed, &format!("daily/{}", scenario.id));
    for part in stage.parts {
        write_part(&stage.world, &mut daily, &mut folder, part, (hostile, request.seed))?;
    }
    let truth = Truth {
        schema: TRUTH_SCHEMA.to_owned(),
        scenario: scenario.id.to_owned(),
        seed: request.seed,
        scale: request.scale,
        scale_trail: request.scale_trail,
        scale_flows: request.scale_flows,
        scale_hosts: request.scale_hosts,
        flood: request.flood,
        sweep: request.sweep,
        category: outcome.category,
        root_cause: outcome.root_cause,
        verdicts: outcome.verdicts,
        key_events: std::mem::take(&mut folder.keys),
        incident: std::mem::take(&mut folder.incident),
        decoys: std::mem::take(&mut folder.decoys),
        attacker: outcome.attacker,
    };
    let mut json = serde_json::to_vec_pretty(&truth)?;
    json.push(b'\n');
    folder.add("truth.json", &json)?;
    Ok((truth, folder.counts))
}

fn write_part(
    world: &World,
    daily: &mut Rng,
    folder: &mut Folder<'_>,
    part: Part,
    (hostile, seed): (Hostile, u64),
) -> Result<(), DrillError> {
    match part {
        Part::Trail { calls, attack } => trail::write(world, daily, folder, &calls, attack),
        Part::Flows { traffic, attack, open } => {
            let others = replay::in_turn(replay::others(attack), hostile.traffic(world, seed, open));
            flow::write(world, daily, folder, traffic, others)
        }
        Part::Log { path, frame, ordinary, attack } => {
            let mut others = replay::others(attack);
            folder.begin(path, frame)?;
            if let Some(ordinary) = ordinary {
                replay::merge(&*ordinary, (world, daily), &mut others, folder, &mut |folder, record| folder.record(record))?;
            }
            others.try_for_each(|record| folder.record(&record))?;
            folder.end()
        }
        Part::File { path, bytes } => folder.add(&path, &bytes),
    }
}
