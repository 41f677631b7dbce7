//! Dividing the reading among processes: a plan names the shards, anyone reads any of them, as often as they like and wherever the lake can
//! be reached; a run over the same evidence then finds them read.

use std::path::{Path, PathBuf};

use abate_app::ports::{IngestRequest, LakeError, Object, Objects, Progress, object_place};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::folder::Folder;
use crate::manifest::{LAYOUT, Manifest, Reading};
use crate::shard::{Failed, Hands};
use crate::walk::{Found, Kind};
use crate::{Tuning, failed, find, plan, shard};

/// Shards that are to be read. Standard input, and files whose paths are not Unicode, are not among them: the run that comes after reads
/// these itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    layout: u32,
    reading: Reading,
    /// the lake's folder
    pub lake: PathBuf,
    shards: Vec<Vec<Planned>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Planned {
    name: String,
    path: PathBuf,
    bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<Object>,
}

impl Planned {
    fn of(file: &Found) -> Self {
        let object = match &file.kind {
            Kind::Object(object) => Some(object.clone()),
            _ => None,
        };
        Self { name: file.name.clone(), path: absolute(&file.path), bytes: file.bytes, object }
    }

    fn found(&self) -> Found {
        let kind = self.object.clone().map_or(Kind::File, Kind::Object);
        Found { name: self.name.clone(), path: self.path.clone(), bytes: self.bytes, kind }
    }
}

/// A path that means the same from everywhere.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let as_it_is = || path.to_owned();
    if object_place(path).is_some() { as_it_is() } else { std::path::absolute(path).unwrap_or_else(|_| as_it_is()) }
}

impl Plan {
    /// How many shards there are.
    #[must_use]
    pub fn shards(&self) -> usize {
        self.shards.len()
    }

    /// How many files and bytes a shard has.
    #[must_use]
    pub fn size(&self, number: usize) -> Option<(usize, u64)> {
        let files = self.shards.get(number)?;
        Some((files.len(), files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes))))
    }
}

/// The shards of what is not in the lake yet; of at most so many bytes on disk each, where that is said.
///
/// # Errors
/// [`LakeError::Disk`] when the lake cannot be used.
pub fn plan_shards(
    request: &IngestRequest<'_>,
    objects: &dyn Objects,
    lake: &Path,
    most: Option<u64>,
    progress: &mut dyn Progress,
) -> Result<Plan, LakeError> {
    let folder = Folder::open(lake, true).map_err(failed(lake))?;
    let reading = Reading::of(request);
    let all = folder.manifests().map_err(failed(lake))?;
    let fitting: Vec<&Manifest> = all.iter().filter(|m| reading.takes(&m.reading, request.any_rules)).collect();
    let found = find(request, objects, (&folder, &reading, &all), progress).map_err(failed(lake))?;
    progress.end();
    let mut known = plan::known(&found, &fitting);
    for (file, known) in found.iter().zip(&mut known) {
        if !matches!(file.kind, Kind::File | Kind::Object(_)) || file.path.to_str().is_none() {
            // Not to be read by the plan.
            *known = Some((usize::MAX, 0));
        }
    }
    let size = most.map_or(Tuning::default().shard, |most| (most, most));
    let planned = |n: &usize| found.get(*n).map(Planned::of);
    let shards = plan::shards(&found, &known, size).iter().map(|places| places.iter().filter_map(planned).collect()).collect();
    let lake = std::path::absolute(lake).map_err(failed(lake))?;
    Ok(Plan { layout: LAYOUT, reading, lake, shards })
}

/// Reads one shard of a plan into the lake. To read it again changes nothing.
///
/// # Errors
/// [`LakeError::Plan`] when the plan is another version's or the shard is not in it; [`LakeError::Disk`] when the lake cannot be written.
pub fn read_shard(
    plan: &Plan,
    number: usize,
    objects: &dyn Objects,
    lake: &Path,
    rules: Option<&dyn abate_app::ports::RuleMatcher>,
) -> Result<String, LakeError> {
    let wrong = |reason: String| LakeError::Plan { reason };
    let (reference, zone) = (plan.reading.reference, &plan.reading.zone);
    let zone = TimeZone::get(zone).map_err(|error| wrong(format!("its time zone {zone} is not known here: {error}")))?;
    let request =
        IngestRequest { paths: &[], reference, zone, rules, any_rules: false, lake: Some(lake), preserve: None, forget_gone: false };
    if plan.layout != LAYOUT || Reading::of(&request) != plan.reading {
        return Err(wrong("it was made by another version of abate, or with other rules".to_owned()));
    }
    let files = plan.shards.get(number).ok_or_else(|| wrong(format!("it has {} shards, numbered from 0", plan.shards.len())))?;
    let found: Vec<Found> = files.iter().map(Planned::found).collect();
    let places: Vec<usize> = (0..found.len()).collect();
    let folder = Folder::open(lake, true).map_err(failed(lake))?;
    // Whoever has shards read in several processes says by their number how many cores they take.
    let reading = (&plan.reading, Tuning::default().counters, &Hands::new(1));
    let done = shard::ingest(&found, &places, (&request, objects), reading, &folder, &mut |_, _| {});
    done.map(|manifest| manifest.key).map_err(|Failed { place, error }| failed(&place)(error))
}
