//! Generates incidents with known truth: a notice, logs and truth.json.
//!
//! A drill is a folder: `notice.eml` (what AWS would send), `evidence/…` (what a customer would hand over) and
//! `truth.json` (what really happened, `abate.truth/1`). The same name, seed and scale give the same bytes. The background
//! grows with the scale, the attack does not. All addresses, accounts and names are made up and lie in ranges set aside
//! for documentation and benchmarks.
//!
//! Deliberately knows no other crate of Abate than the model: a generator that shared code with the readers would agree
//! with their mistakes. It writes no files; the caller does.

mod background;
mod clock;
mod figures;
mod flow;
mod folder;
mod inventory;
mod mail;
pub mod notices;
mod rng;
mod scenarios;
pub mod score;
mod stage;
mod syslog;
mod trail;
mod weblog;
mod world;

pub use figures::{Figures, MEASURED, MEASURED_AS_STORED};
pub use scenarios::{Scenario, all};

use abate_model::{TRUTH_SCHEMA, Truth};

use crate::stage::Stage;

/// The largest scale: a thousand times the smallest drill, about a million CloudTrail events.
pub const MAX_SCALE: u32 = 1000;

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
    /// compression failed
    #[error("could not compress: {0}")]
    Compress(#[from] std::io::Error),
    /// the truth could not be written as JSON
    #[error("could not write JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Makes a drill. `scale` (1 to [`MAX_SCALE`]) multiplies the background; 1 means about a thousand CloudTrail events.
///
/// # Errors
/// Unknown name, scale out of range.
pub fn generate(name: &str, seed: u64, scale: u32) -> Result<Drill, DrillError> {
    let scenario = all().iter().find(|scenario| scenario.id == name).ok_or_else(|| DrillError::UnknownName {
        name: name.to_owned(),
        known: all().iter().map(|scenario| scenario.id).collect::<Vec<_>>().join(", "),
    })?;
    if !(1..=MAX_SCALE).contains(&scale) {
        return Err(DrillError::Scale(scale));
    }
    let mut stage = Stage::new(scenario.id, seed, scale);
    let outcome = (scenario.build)(&mut stage)?;
    let truth = Truth {
        schema: TRUTH_SCHEMA.to_owned(),
        scenario: scenario.id.to_owned(),
        seed,
        scale,
        category: outcome.category,
        root_cause: outcome.root_cause,
        verdicts: vec![outcome.verdict],
        key_events: stage.folder.keys,
        attacker: outcome.attacker,
    };
    let mut json = serde_json::to_vec_pretty(&truth)?;
    json.push(b'\n');
    let mut files = vec![DrillFile { path: "notice.eml".to_owned(), bytes: outcome.notice }];
    files.append(&mut stage.folder.files);
    files.push(DrillFile { path: "truth.json".to_owned(), bytes: json });
    Ok(Drill { files, truth })
}
