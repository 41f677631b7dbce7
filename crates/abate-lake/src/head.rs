//! What the last run saw of a lake that is kept: which rows of which files count. Whoever opens the lake without reading evidence begins
//! here; every run puts its own in the place of the last one.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use abate_model::Evidence;
use abate_model::flows::OwnAddresses;
use serde::{Deserialize, Serialize};

use crate::folder::Folder;
use crate::manifest::LAYOUT;
use crate::scan::PartView;
use crate::summary;

const FILE: &str = "head.json";

/// See the module.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Head {
    layout: u32,
    parts: Vec<HeadPart>,
    /// addresses of interfaces, from which the direction of flow records that do not say it is told
    own: OwnAddresses,
}

#[derive(Debug, Serialize, Deserialize)]
struct HeadPart {
    table: String,
    /// below the lake's folder
    file: PathBuf,
    rows: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dropped: Vec<Range<u64>>,
}

impl Head {
    /// Of what a run sees.
    pub fn of<'p>(parts: impl Iterator<Item = (&'static str, &'p PartView)>, own: &OwnAddresses) -> Self {
        let part = |(table, view): (&'static str, &PartView)| {
            let file = Path::new(table).join(view.file.file_name()?);
            let rows = view.record.groups.iter().map(|g| g.rows).sum();
            Some(HeadPart { table: table.to_owned(), file, rows, dropped: view.dropped.clone() })
        };
        Self { layout: LAYOUT, parts: parts.filter_map(part).collect(), own: own.clone() }
    }

    /// Puts it into the lake, with the tables about the whole.
    pub fn write(&self, evidence: &dyn Evidence, folder: &Folder) -> io::Result<()> {
        let desk = folder.desk()?;
        for summary in summary::ALL {
            let written = desk.path().join(summary.name);
            summary.write(evidence, &written)?;
            folder.replace(&written, &Path::new(summary.name).join("head.parquet"))?;
        }
        let written = desk.path().join(FILE);
        std::fs::write(&written, serde_json::to_vec(self)?)?;
        folder.replace(&written, Path::new(FILE))
    }
}
