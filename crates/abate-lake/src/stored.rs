//! The lake behind the read port.

use std::cell::RefCell;
use std::io;
use std::ops::ControlFlow;

use abate_model::flows::OwnAddresses;
use abate_model::port::{FlowCell, FlowKey};
use abate_model::rows::Matched;
use abate_model::rows::record::Record;
use abate_model::{Body, Cite, Coverage, Entity, Evidence, Filter, Row, RuleInfo, Severity, SigmaMatch, Source, SourceNo, Table};
use serde::de::DeserializeOwned;

use crate::Tuning;
use crate::columns::Front;
use crate::folder::{Folder, MATCHES};
use crate::head::Head;
use crate::merge::Ordered;
use crate::rollup::Rollup;
use crate::scan::{PartView, Want, address_columns};
use crate::view::View;

/// What a run sees of the lake.
pub(crate) struct Stored {
    sources: Vec<Source>,
    coverage: Vec<Coverage>,
    parts: Vec<(Table, Ordered)>,
    matches: Ordered,
    own: OwnAddresses,
    rollup: Rollup,
    trouble: RefCell<Option<String>>,
    /// kept open, and removed at the end if it is temporary
    folder: Folder,
}

impl Stored {
    /// Of a view, with the flows counted.
    pub fn new(view: View, folder: Folder, tuning: &Tuning) -> io::Result<Self> {
        let View { sources, coverage, parts, matches, own, brought } = view;
        let mut tables: Vec<(Table, Vec<PartView>)> = Table::ALL.into_iter().map(|table| (table, Vec::new())).collect();
        for (table, part) in parts {
            if let Some((_, of)) = tables.iter_mut().find(|(of, _)| *of == table) {
                of.push(part);
            }
        }
        let net = tables.iter().find(|(table, _)| *table == Table::NetworkActivity);
        let rollup = Rollup::of(net.map_or(&[], |(_, parts)| parts), brought, &own, &folder, tuning)?;
        let ordered = |(table, parts)| (table, Ordered::new(Body::fields(table), parts, tuning.open));
        let parts = tables.into_iter().map(ordered).collect();
        let matches = Ordered::new(Matched::FIELDS, matches, tuning.open);
        Ok(Self { sources, coverage, parts, matches, own, rollup, trouble: RefCell::new(None), folder })
    }

    fn of(&self, table: Table) -> Option<&Ordered> {
        self.parts.iter().find(|(of, _)| *of == table).map(|(_, parts)| parts)
    }

    /// Notes in the lake what this run sees of it.
    pub fn write_head(&self) -> io::Result<()> {
        let parts = self.parts.iter().flat_map(|(table, of)| of.parts().iter().map(|part| (table.name(), part)));
        let matches = self.matches.parts().iter().map(|part| (MATCHES, part));
        Head::of(parts.chain(matches), &self.own).write(self, &self.folder)
    }

    fn noted<T>(&self, result: io::Result<T>) {
        if let Err(error) = result {
            self.trouble.borrow_mut().get_or_insert(error.to_string());
        }
    }

    /// A match, unless the row that it is about does not count.
    fn matched(&self, front: &Front<'_>, source: SourceNo, part: usize, matched: &Matched<'_>) -> Option<SigmaMatch> {
        let table = Table::by_name(&matched.of_table)?;
        let name = self.matches.parts().get(part)?.file.file_name();
        let rows = self.of(table)?.parts().iter().find(|p| p.file.file_name() == name)?;
        if rows.drops(matched.of_row) {
            return None;
        }
        let entity = |text: &str| {
            let (kind, value) = text.split_once('=')?;
            Some(Entity { kind: from_word(kind)?, value: value.to_owned() })
        };
        let rule = RuleInfo {
            id: matched.rule_id.clone().into_owned(),
            title: matched.rule_title.clone().into_owned(),
            author: matched.author.as_deref().map(str::to_owned),
            level: from_word(&matched.level).unwrap_or(Severity::Informational),
            tags: matched.tags.iter().map(|tag| tag.clone().into_owned()).collect(),
        };
        let cite = Cite { source: self.path(source).to_owned(), locator: front.locator };
        let value = |text: &str| text.split_once('=').map(|(field, value)| (field.to_owned(), value.to_owned()));
        Some(SigmaMatch {
            rule,
            at: front.at,
            cite,
            entities: matched.entities.iter().filter_map(|e| entity(e)).collect(),
            values: matched.values.iter().filter_map(|v| value(v)).collect(),
            together: None,
        })
    }
}

fn from_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(word.into()).ok()
}

impl Evidence for Stored {
    fn sources(&self) -> &[Source] {
        &self.sources
    }

    fn coverage(&self) -> &[Coverage] {
        &self.coverage
    }

    fn rows(&self, filter: &Filter, visit: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>) {
        if filter.to_ports.is_some() && filter.table != Table::NetworkActivity {
            return;
        }
        let address = filter.address.and_then(|address| Some((address, address_columns(filter.table)?)));
        let want = Want { columns: filter.columns, window: filter.window, address, to_ports: filter.to_ports };
        let Some(parts) = self.of(filter.table) else { return };
        let result = parts.rows(&self.folder, &want, &mut |visited| {
            let mut row = Row { source: visited.source, ..visited.rows.row(filter.table, visited.row) };
            if filter.address.is_some_and(|address| !row.body.names(address)) {
                return ControlFlow::Continue(());
            }
            if let Body::Net(net) = &mut row.body {
                net.direction = self.own.direction(net);
            }
            visit(&row)
        });
        self.noted(result);
    }

    fn flows(&self, visit: &mut dyn FnMut(&FlowKey, &FlowCell)) {
        self.noted(self.rollup.each(&self.folder, visit));
    }

    fn sigma(&self, visit: &mut dyn FnMut(&SigmaMatch)) {
        let result = self.matches.rows(&self.folder, &Want::default(), &mut |visited| {
            let (front, mut taker) = visited.rows.front(visited.row);
            if let Some(hit) = self.matched(&front, visited.source, visited.part, &Matched::take(&mut taker)) {
                visit(&hit);
            }
            ControlFlow::Continue(())
        });
        self.noted(result);
    }

    fn trouble(&self) -> Option<String> {
        self.trouble.borrow().clone()
    }
}
