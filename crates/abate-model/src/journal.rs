//! The journal: an append-only, hash-chained list of what happened in a case. The case's state is a fold over it, and
//! [`State::apply`] holds every legal move.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::ids::sha256_hex;
use crate::{CaseId, Notice};

/// Version of an entry's stored form. Older entries stay readable.
pub const ENTRY_SCHEMA: &str = "abate.journal/1";

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum Event {
    /// the case began with this notice
    Opened {
        /// the notice as read then
        notice: Box<Notice>,
    },
    /// a further message of the same matter came
    NoticeJoined {
        /// the message as read then
        notice: Box<Notice>,
        /// why it belongs here
        because: Vec<crate::Text>,
    },
    /// a person says that another case is the same intrusion: its messages are this case's from now on
    Merged {
        /// the other case
        from: CaseId,
        /// its messages
        notices: Vec<Notice>,
        /// who says so
        by: String,
    },
    /// this case goes on in another one
    MergedInto {
        /// the other case
        into: CaseId,
        /// who says so
        by: String,
    },
    /// a source was read for the first time
    SourceAdded {
        /// `sources[].path`
        path: String,
        /// SHA-256 of its decompressed bytes
        sha256: String,
        /// reader id
        format: Option<String>,
        /// rows
        records: u64,
        /// rows lost
        lost: u64,
    },
    /// findings, verdicts and causes were worked out
    Assessed {
        /// SHA-256 over them
        sha256: String,
        /// leading cause, as its kind's name
        leading: String,
    },
    /// a plan was proposed
    PlanProposed {
        /// its hash
        sha256: String,
        /// step ids
        steps: Vec<String>,
    },
    /// a letter was drafted
    LetterDrafted {
        /// hash of its English text
        sha256: String,
    },
    /// a person says that a step was done
    StepDone {
        /// the step
        step: String,
        /// who says so
        by: String,
        /// when it was done
        at: Timestamp,
        /// their words
        note: Option<String>,
    },
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// `abate.journal/1`
    pub schema: String,
    /// which case
    pub case: CaseId,
    /// 1, 2, 3 …
    pub number: u64,
    /// when it was written
    pub at: Timestamp,
    /// hash of the entry before; 64 zeros for the first
    pub previous: String,
    /// what happened
    pub event: Event,
}

impl JournalEntry {
    /// The bytes that are stored and hashed.
    ///
    /// # Errors
    /// When the entry cannot be written as JSON.
    pub fn canonical(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}

/// The hash before the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Why an entry does not fit.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum IllegalMove {
    /// the first entry must open the case
    #[error("entry {number} comes before the case was opened")]
    NotOpened {
        /// entry number
        number: u64,
    },
    /// it was opened already
    #[error("entry {number} opens a case that is open")]
    AlreadyOpen {
        /// entry number
        number: u64,
    },
    /// numbers must follow each other
    #[error("entry {number} does not follow entry {after}")]
    OutOfOrder {
        /// entry number
        number: u64,
        /// last number
        after: u64,
    },
    /// the chain is broken
    #[error("entry {number} does not name the hash of the entry before it: the journal was changed or damaged")]
    BrokenChain {
        /// entry number
        number: u64,
    },
    /// it belongs to another case
    #[error("entry {number} belongs to case {case}")]
    OtherCase {
        /// entry number
        number: u64,
        /// its case
        case: CaseId,
    },
    /// the case goes on elsewhere
    #[error("entry {number} comes after the case was merged into {into}")]
    MergedAway {
        /// entry number
        number: u64,
        /// where it goes on
        into: CaseId,
    },
    /// no plan has such a step
    #[error("no proposed plan has a step '{step}'")]
    UnknownStep {
        /// the step
        step: String,
    },
}

/// What a person said about a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoneStatement {
    /// who
    pub by: String,
    /// when it was done
    pub at: Timestamp,
    /// words
    pub note: Option<String>,
}

/// The state of a case: the fold over its journal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// the notice that opened the case
    pub notice: Option<Notice>,
    /// every message of the matter, in the order in which Abate was shown them
    pub notices: Vec<Notice>,
    /// the case in which this one goes on
    pub merged_into: Option<CaseId>,
    /// cases that go on in this one
    pub merged: std::collections::BTreeSet<CaseId>,
    /// when it was opened
    pub opened_at: Option<Timestamp>,
    /// sources by path: the hash last read
    pub sources: BTreeMap<String, String>,
    /// hash of the last assessment
    pub assessed: Option<String>,
    /// hash of the last plan
    pub plan: Option<String>,
    /// every step any plan has proposed
    pub steps: std::collections::BTreeSet<String>,
    /// hash of the last letter
    pub letter: Option<String>,
    /// what was done
    pub done: BTreeMap<String, DoneStatement>,
    /// number of the last entry
    pub number: u64,
    /// hash of the last entry
    pub head: String,
}

impl State {
    /// A case without entries.
    #[must_use]
    pub fn empty() -> Self {
        Self { head: GENESIS.to_owned(), ..Self::default() }
    }

    /// Applies one entry, given as its stored bytes: the only place that knows which moves are legal.
    ///
    /// # Errors
    /// [`IllegalMove`] when the entry does not fit; the state is unchanged then.
    pub fn apply(&mut self, entry: &JournalEntry, stored: &[u8]) -> Result<(), IllegalMove> {
        let number = entry.number;
        if number != self.number + 1 {
            return Err(IllegalMove::OutOfOrder { number, after: self.number });
        }
        if entry.previous != self.head {
            return Err(IllegalMove::BrokenChain { number });
        }
        if let Some(into) = &self.merged_into {
            return Err(IllegalMove::MergedAway { number, into: into.clone() });
        }
        if let Some(notice) = &self.notice {
            if matches!(entry.event, Event::Opened { .. }) {
                return Err(IllegalMove::AlreadyOpen { number });
            }
            if notice.case_id() != entry.case {
                return Err(IllegalMove::OtherCase { number, case: entry.case.clone() });
            }
        } else {
            let Event::Opened { notice } = &entry.event else { return Err(IllegalMove::NotOpened { number }) };
            if notice.case_id() != entry.case {
                return Err(IllegalMove::OtherCase { number, case: entry.case.clone() });
            }
        }
        self.take(&entry.event, entry.at)?;
        self.number = number;
        self.head = sha256_hex(stored);
        Ok(())
    }

    fn take(&mut self, event: &Event, at: Timestamp) -> Result<(), IllegalMove> {
        match event {
            Event::Opened { notice } => {
                self.notice = Some((**notice).clone());
                self.notices.push((**notice).clone());
                self.opened_at = Some(at);
            }
            Event::NoticeJoined { notice, .. } => self.notices.push((**notice).clone()),
            Event::Merged { from, notices, .. } => {
                self.merged.insert(from.clone());
                self.notices.extend(notices.iter().cloned());
            }
            Event::MergedInto { into, .. } => self.merged_into = Some(into.clone()),
            Event::SourceAdded { path, sha256, .. } => {
                self.sources.insert(path.clone(), sha256.clone());
            }
            Event::Assessed { sha256, .. } => self.assessed = Some(sha256.clone()),
            Event::PlanProposed { sha256, steps } => {
                self.plan = Some(sha256.clone());
                self.steps.extend(steps.iter().cloned());
            }
            Event::LetterDrafted { sha256 } => self.letter = Some(sha256.clone()),
            Event::StepDone { step, by, at, note } => {
                if !self.steps.contains(step) {
                    return Err(IllegalMove::UnknownStep { step: step.clone() });
                }
                self.done.insert(step.clone(), DoneStatement { by: by.clone(), at: *at, note: note.clone() });
            }
        }
        Ok(())
    }

    /// What the messages of the case say together, in order of their sending. `None` before the case was opened.
    #[must_use]
    pub fn matter(&self) -> Option<Notice> {
        crate::thread::together(&self.in_order())
    }

    /// The messages in order of their sending.
    #[must_use]
    pub fn in_order(&self) -> Vec<Notice> {
        let mut all = self.notices.clone();
        // The first stays first: it gave the case its name.
        if let Some(rest) = all.get_mut(1..) {
            rest.sort_by_key(crate::thread::sent);
        }
        all
    }

    /// Whether an event would add nothing: what makes running a command twice harmless.
    #[must_use]
    pub fn knows(&self, event: &Event) -> bool {
        match event {
            Event::Opened { .. } => self.notice.is_some(),
            Event::NoticeJoined { notice, .. } => self.notices.iter().any(|known| same_message(known, notice)),
            Event::Merged { from, .. } => self.merged.contains(from),
            Event::MergedInto { into, .. } => self.merged_into.as_ref() == Some(into),
            Event::SourceAdded { path, sha256, .. } => self.sources.get(path) == Some(sha256),
            Event::Assessed { sha256, .. } => self.assessed.as_ref() == Some(sha256),
            Event::PlanProposed { sha256, .. } => self.plan.as_ref() == Some(sha256),
            Event::LetterDrafted { sha256 } => self.letter.as_ref() == Some(sha256),
            Event::StepDone { step, by, at, note } => self.done.get(step).is_some_and(|d| d.by == *by && d.at == *at && d.note == *note),
        }
    }
}

/// The same message once more: the same bytes, or the same id with the same words by the same way.
#[must_use]
pub fn same_message(a: &Notice, b: &Notice) -> bool {
    let words = || crate::thread::words_hash(a) == crate::thread::words_hash(b);
    a.sha256 == b.sha256 || (a.channel == b.channel && a.message_id == b.message_id && words())
}
