//! What a run says about the evidence as a whole, as tables: its sources, what was lost in them, and what is covered.

use std::io;
use std::path::Path;

use abate_model::rows::record::{Columns, Kind};
use abate_model::{Coverage, Evidence, Source};
use serde::Serialize;

use crate::columns::Appender;
use crate::write::Groups;

type Fields = &'static [(&'static str, Kind)];

/// One of the tables.
pub(crate) struct Summary {
    /// its name
    pub name: &'static str,
    fields: Fields,
    fill: fn(&dyn Evidence, &mut Appender),
}

/// All of them.
pub(crate) const ALL: [Summary; 3] = [
    Summary {
        name: "sources",
        fields: &[
            ("source", Kind::Number),
            ("path", Kind::Text),
            ("format", Kind::Text),
            ("recognised_by", Kind::Text),
            ("sha256", Kind::Text),
            ("bytes", Kind::Number),
            ("records", Kind::Number),
            ("duplicates", Kind::Number),
            ("lost", Kind::Number),
            ("gone", Kind::Flag),
        ],
        fill: sources,
    },
    Summary {
        name: "losses",
        fields: &[
            ("source", Kind::Number),
            ("path", Kind::Text),
            ("kind", Kind::Text),
            ("reason", Kind::Text),
            ("first", Kind::Text),
            ("count", Kind::Number),
            ("bytes", Kind::Number),
        ],
        fill: losses,
    },
    Summary {
        name: "coverage",
        fields: &[
            ("table_name", Kind::Text),
            ("format", Kind::Text),
            ("account", Kind::Text),
            ("region", Kind::Text),
            ("host", Kind::Text),
            ("from_time", Kind::Time),
            ("to_time", Kind::Time),
            ("records", Kind::Number),
            ("lost", Kind::Number),
            ("continuous", Kind::Flag),
            ("gaps", Kind::Texts),
            ("never_contains", Kind::Texts),
        ],
        fill: coverage,
    },
];

impl Summary {
    /// Writes the table into a file; says how many rows it has.
    pub fn write(&self, evidence: &dyn Evidence, file: &Path) -> io::Result<u64> {
        let mut rows = Appender::plain(self.fields);
        (self.fill)(evidence, &mut rows);
        rows.write_alone(file)
    }
}

impl Appender {
    /// Writes the rows so far into a file of their own; says how many there are.
    pub fn write_alone(&mut self, file: &Path) -> io::Result<u64> {
        let mut groups = Groups::create(file, self.schema())?;
        let rows = self.rows();
        if rows > 0 {
            groups.write(self.finish())?;
        }
        groups.close()?;
        Ok(rows as u64)
    }
}

fn numbered(evidence: &dyn Evidence) -> impl Iterator<Item = (u64, &Source)> {
    (0..).zip(evidence.sources())
}

fn sources(evidence: &dyn Evidence, rows: &mut Appender) {
    for (number, source) in numbered(evidence) {
        rows.add(|row| {
            row.number(Some(number));
            row.text(Some(&source.path));
            row.text(source.format.as_deref());
            row.text(Some(&source.recognised_by));
            row.text(Some(&source.sha256));
            [source.bytes, source.records, source.duplicates, source.lost()].iter().for_each(|n| row.number(Some(*n)));
            row.flag(Some(source.gone));
        });
    }
}

fn losses(evidence: &dyn Evidence, rows: &mut Appender) {
    for (number, source) in numbered(evidence) {
        for loss in &source.losses {
            rows.add(|row| {
                row.number(Some(number));
                row.text(Some(&source.path));
                row.text(Some(&word(&loss.kind)));
                row.text(Some(&loss.reason));
                row.text(loss.first.map(|place| place.to_string()).as_deref());
                [loss.count, loss.bytes].iter().for_each(|n| row.number(Some(*n)));
            });
        }
    }
}

fn coverage(evidence: &dyn Evidence, rows: &mut Appender) {
    for Coverage { table, format, scope, from, to, records, continuous, by_aws: _, gaps, lost, never_contains } in evidence.coverage() {
        rows.add(|row| {
            row.text(Some(table.name()));
            row.text(Some(format));
            scope.place().into_iter().for_each(|part| row.text(part));
            [from, to].into_iter().for_each(|at| row.time(*at));
            [records, lost].into_iter().for_each(|n| row.number(Some(*n)));
            row.flag(Some(*continuous));
            row.texts(&mut gaps.iter().map(|gap| format!("{}/{}: {}", gap.from, gap.to, gap.why).into()));
            row.texts(&mut never_contains.iter().map(|text| text.en.as_ref().into()));
        });
    }
}

/// The word that stands for a variant.
pub(crate) fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
