//! The store of one run: a case lives as long as its run, and nothing is written down.

use std::path::{Path, PathBuf};

use abate_app::ports::{CaseSummary, Store, StoreError};
use abate_model::journal::{ENTRY_SCHEMA, Event, JournalEntry, State};
use abate_model::{AccountProfile, Case, CaseId};
use jiff::Timestamp;

/// Holds a single case.
pub(crate) struct Fleeting {
    state: State,
    journal: Vec<JournalEntry>,
    profile: Option<AccountProfile>,
    case: Option<Case>,
}

impl Fleeting {
    /// Nothing yet; the account has this profile, if any.
    pub(crate) fn new(profile: Option<AccountProfile>) -> Self {
        Self { state: State::empty(), journal: Vec::new(), profile, case: None }
    }

    fn is(&self, case: &CaseId) -> bool {
        self.journal.first().is_some_and(|entry| entry.case == *case)
    }
}

impl Store for Fleeting {
    fn append(&mut self, case: &CaseId, at: Timestamp, events: &[Event]) -> Result<State, StoreError> {
        for event in events {
            if self.state.knows(event) {
                continue;
            }
            let entry = JournalEntry {
                schema: ENTRY_SCHEMA.to_owned(),
                case: case.clone(),
                number: self.state.number + 1,
                at,
                previous: self.state.head.clone(),
                event: event.clone(),
            };
            let bytes = entry.canonical()?;
            self.state.apply(&entry, &bytes)?;
            self.journal.push(entry);
        }
        Ok(self.state.clone())
    }

    fn state(&mut self, case: &CaseId) -> Result<State, StoreError> {
        Ok(if self.is(case) { self.state.clone() } else { State::empty() })
    }

    fn matters(&mut self, _keys: &[String]) -> Result<Vec<CaseId>, StoreError> {
        Ok(self.journal.first().map(|entry| entry.case.clone()).into_iter().collect())
    }

    fn journal(&mut self, case: &CaseId) -> Result<Vec<JournalEntry>, StoreError> {
        Ok(if self.is(case) { self.journal.clone() } else { Vec::new() })
    }

    fn cases(&mut self) -> Result<Vec<CaseSummary>, StoreError> {
        // Nobody lists the cases of a run.
        Ok(Vec::new())
    }

    fn save_case(&mut self, case: &Case, _out: Option<&Path>) -> Result<(), StoreError> {
        self.case = Some(case.clone());
        Ok(())
    }

    fn load_case(&mut self, id: &CaseId) -> Result<Option<(Case, Option<PathBuf>)>, StoreError> {
        Ok(self.case.clone().filter(|case| case.id == *id).map(|case| (case, None)))
    }

    fn evidence(&mut self, _case: &CaseId, more: &[PathBuf]) -> Result<Vec<PathBuf>, StoreError> {
        Ok(more.to_vec())
    }

    fn profile(&mut self, _account: &str) -> Result<Option<AccountProfile>, StoreError> {
        Ok(self.profile.clone())
    }

    fn save_profile(&mut self, profile: &AccountProfile) -> Result<(), StoreError> {
        self.profile = Some(profile.clone());
        Ok(())
    }

    fn profiles(&mut self) -> Result<Vec<AccountProfile>, StoreError> {
        Ok(self.profile.clone().into_iter().collect())
    }
}
