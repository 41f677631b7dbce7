//! Makes drills, works them, and compares each with its truth; with a kind of source taken away if that is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use abate_drill::{Drill, DrillFile};
use abate_findings::sigma::RuleSet;
use abate_model::truth::KeyEvent;
use abate_model::{Case, CauseKind, Evidence, Filter, Locator, Table};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::pipeline::{self, Worked};
use super::score::{KeyRecord, SURE, Said, Score, score};

/// One drill to be worked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) scenario: &'static str,
    pub(crate) seed: u64,
    /// whether it is worked again without each kind of source
    pub(crate) ablate: bool,
}

/// What came of it.
pub(crate) struct Done {
    pub(crate) score: Score,
    pub(crate) ablations: Vec<Ablation>,
}

/// The cause with one kind of source taken away.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ablation {
    pub(crate) scenario: String,
    pub(crate) seed: u64,
    /// reader of the sources that were taken away
    pub(crate) without: String,
    /// whether the leading cause had rested on them
    pub(crate) rested: bool,
    pub(crate) truth: CauseKind,
    pub(crate) before: (CauseKind, f64),
    pub(crate) after: (CauseKind, f64),
}

impl Ablation {
    /// The same cause is said with no less confidence, although what it rested on is gone.
    pub(crate) fn did_not_fall(&self) -> bool {
        self.rested && self.after.0 == self.before.0 && self.after.1 >= self.before.1
    }

    /// A cause is named as if known, and it is another one.
    pub(crate) fn is_sure_and_wrong(&self) -> bool {
        self.after.1 >= SURE && self.after.0 != self.truth && self.after.0 != CauseKind::Undetermined
    }
}

/// Makes a drill, works it, scores it.
pub(crate) fn run(job: &Job, rules: &RuleSet) -> Result<Done> {
    let drill = abate_drill::generate(job.scenario, job.seed, 1)?;
    let place = tempfile::tempdir().context("a temporary folder")?;
    let worked = work(&drill.files, None, place.path(), rules)?;
    let case = &worked.case;
    let records = key_records(&drill, worked.evidence.as_deref());
    let said = Said { category: case.notice.category, findings: &case.findings, verdicts: &case.verdicts, causes: &case.causes };
    let score = score(&drill.truth, &said, &records);
    let ablations = if job.ablate { ablations(&drill, case, &score, rules)? } else { Vec::new() };
    Ok(Done { score, ablations })
}

/// Writes the evidence, but for some files, and works the notice.
fn work(files: &[DrillFile], without: Option<&BTreeSet<&str>>, place: &Path, rules: &RuleSet) -> Result<Worked> {
    let evidence = place.join("evidence");
    std::fs::create_dir_all(&evidence)?;
    for file in files.iter().filter(|f| f.path.starts_with("evidence/") && !without.is_some_and(|w| w.contains(f.path.as_str()))) {
        let path = place.join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap_or(place))?;
        std::fs::write(&path, &file.bytes).with_context(|| path.display().to_string())?;
    }
    let mail = files.iter().find(|f| f.path == "notice.eml").context("the drill has no notice")?;
    pipeline::work(pipeline::notice(&mail.bytes)?, &[evidence], rules)
}

/// The records of the key events, with what was read of them.
fn key_records(drill: &Drill, evidence: Option<&dyn Evidence>) -> Vec<KeyRecord> {
    let keys = &drill.truth.key_events;
    let mut records: Vec<KeyRecord> =
        keys.iter().map(|key| KeyRecord { text: text(drill, key).unwrap_or_default(), ..KeyRecord::default() }).collect();
    let mut places: BTreeMap<(&str, Locator), Vec<usize>> = BTreeMap::new();
    for (n, key) in keys.iter().enumerate() {
        places.entry((&key.source, key.locator)).or_default().push(n);
    }
    let Some(evidence) = evidence.filter(|_| !keys.is_empty()) else { return records };
    for table in Table::ALL.into_iter().filter(|table| evidence.has(*table)) {
        evidence.each(&Filter::table(table), &mut |row| {
            for n in places.get(&(evidence.path(row.source), row.locator)).into_iter().flatten() {
                if let Some(record) = records.get_mut(*n) {
                    record.read = true;
                    record.at = record.at.or(row.at);
                }
            }
        });
    }
    records
}

/// The text of a record of a drill.
fn text(drill: &Drill, key: &KeyEvent) -> Option<String> {
    let Locator::Bytes { offset, length } = key.locator else { return None };
    let file = drill.files.iter().find(|f| f.path == key.source)?;
    let mut plain = Vec::new();
    let bytes: &[u8] = if file.path.ends_with(".gz") {
        flate2::read::MultiGzDecoder::new(file.bytes.as_slice()).read_to_end(&mut plain).ok()?;
        &plain
    } else {
        &file.bytes
    };
    let (from, length) = (usize::try_from(offset).ok()?, usize::try_from(length).ok()?);
    bytes.get(from..from.checked_add(length)?).map(|record| String::from_utf8_lossy(record).into_owned())
}

/// Works the drill again without each kind of source that was read.
fn ablations(drill: &Drill, case: &Case, whole: &Score, rules: &RuleSet) -> Result<Vec<Ablation>> {
    let mut kinds: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in &case.sources {
        let file = source.path.split("!/").next().unwrap_or(&source.path);
        kinds.entry(source.format.as_deref().unwrap_or("not recognised")).or_default().insert(file);
    }
    let support = || case.causes.first().into_iter().flat_map(|c| &c.support);
    let mut all = Vec::new();
    for (kind, files) in &kinds {
        let place = tempfile::tempdir().context("a temporary folder")?;
        let worked = work(&drill.files, Some(files), place.path(), rules)?;
        let rested = support().flat_map(|s| &s.evidence).any(|cite| files.contains(cite.source.split("!/").next().unwrap_or(&cite.source)));
        let after = worked.case.causes.first().map_or((CauseKind::Undetermined, 0.0), |c| (c.kind, c.confidence));
        all.push(Ablation {
            scenario: whole.scenario.clone(),
            seed: whole.seed,
            without: (*kind).to_owned(),
            rested,
            truth: whole.cause.kind,
            before: whole.cause.leading(),
            after,
        });
    }
    Ok(all)
}
