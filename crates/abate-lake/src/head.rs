//! What the last run saw of a lake that is kept: which rows of which files count. Whoever opens the lake without reading evidence begins
//! here; every run puts its own in the place of the last one.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use abate_model::Evidence;
use abate_model::flows::OwnAddresses;
use abate_model::rows::Matched;
use abate_model::rows::record::{Columns, Kind, Record};
use serde::{Deserialize, Serialize};

use crate::columns::Appender;
use crate::folder::{Folder, MATCHES};
use crate::manifest::LAYOUT;
use crate::scan::PartView;
use crate::snapshot::{Part, rows};
use crate::summary;

const FILE: &str = "head.json";
/// The table of the interfaces' own addresses.
const INTERFACES: &str = "interface_addresses";

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
        // So that the table is there when no rule matched.
        let written = desk.path().join(MATCHES);
        Appender::new(Matched::FIELDS).write_alone(&written)?;
        folder.replace(&written, &Path::new(MATCHES).join("head.parquet"))?;
        let written = desk.path().join(INTERFACES);
        let mut rows = Appender::plain(&[("interface_id", Kind::Text), ("address", Kind::Address)]);
        for (interface, address) in self.own.iter() {
            rows.add(|row| {
                row.text(Some(interface));
                row.address(Some(address));
            });
        }
        rows.write_alone(&written)?;
        folder.replace(&written, &Path::new(INTERFACES).join("head.parquet"))?;
        let written = desk.path().join(FILE);
        std::fs::write(&written, serde_json::to_vec(self)?)?;
        folder.replace(&written, Path::new(FILE))
    }
}

/// The files of a lake; `None` when the folder is none, or has seen no run to its end.
pub(crate) fn parts(folder: &Path) -> io::Result<Option<Vec<Part>>> {
    let place = folder.join(FILE);
    let wrong = |error: &dyn std::fmt::Display| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", place.display()));
    let bytes = match std::fs::read(&place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|error| wrong(&error))?,
    };
    let head: Head = serde_json::from_slice(&bytes).map_err(|error| wrong(&error))?;
    if head.layout != LAYOUT {
        return Err(wrong(&"it was written by another version of abate: read the evidence again"));
    }
    let part = |p: HeadPart| Part { table: p.table, file: folder.join(p.file), rows: p.rows, dropped: p.dropped };
    let mut parts: Vec<Part> = head.parts.into_iter().map(part).collect();
    for table in summary::ALL.iter().map(|s| s.name).chain([INTERFACES, MATCHES]) {
        let file = folder.join(table).join("head.parquet");
        parts.push(Part { table: table.to_owned(), rows: rows(&file)?, file, dropped: Vec::new() });
    }
    Ok(Some(parts))
}
