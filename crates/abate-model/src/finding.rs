//! Findings: what the evidence says, with the rows that say it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Cite, Claim, Text};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Severity {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

/// What sort of thing takes part in a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum EntityKind {
    /// an address that is not ours
    RemoteAddress,
    /// an address of ours
    LocalAddress,
    Port,
    Instance,
    Interface,
    Host,
    /// user name on a host
    User,
    /// ARN or name of an IAM principal
    Principal,
    AccessKey,
    Region,
    Resource,
    Url,
    UserAgent,
    ApiCall,
    FindingType,
    /// the id that another product gave its finding
    FindingId,
}

/// Someone or something that takes part in a finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entity {
    /// what it is
    pub kind: EntityKind,
    /// its id, as in the log
    pub value: String,
}

impl Entity {
    /// An entity.
    pub fn new(kind: EntityKind, value: impl Into<String>) -> Self {
        Self { kind, value: value.into() }
    }
}

/// The Sigma rule behind a finding (its licence asks that the author be shown).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleInfo {
    /// rule id
    pub id: String,
    /// rule title
    pub title: String,
    /// rule author
    pub author: Option<String>,
    /// `informational`, `low`, `medium`, `high`, `critical`
    pub level: Severity,
    /// tags such as `attack.t1110`
    pub tags: Vec<String>,
}

/// Something the evidence shows. `evidence` is never empty: the constructor asks for the first citation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// `f1`, `f2` … in the order of the case; given by the assessment
    pub id: String,
    /// what it says
    pub claim: Claim,
    /// ATT&CK technique, e.g. `T1110.001`
    pub technique: Option<String>,
    /// how much it matters
    pub severity: Severity,
    /// one sentence
    pub title: Text,
    /// the figures behind it, and how it could be innocent
    pub detail: Text,
    /// first time
    pub first: Option<Timestamp>,
    /// last time
    pub last: Option<Timestamp>,
    /// how many records
    pub count: u64,
    /// who and what
    pub entities: Vec<Entity>,
    /// the rows: the first, the last and the most telling ones, at most [`Finding::MAX_EVIDENCE`]
    pub evidence: Vec<Cite>,
    /// the Sigma rule, if one found it
    pub rule: Option<RuleInfo>,
}

impl Finding {
    /// How many citations a finding carries at the most.
    pub const MAX_EVIDENCE: usize = 25;

    /// A finding with its first citation.
    #[must_use]
    pub fn new(claim: Claim, severity: Severity, title: Text, detail: Text, evidence: Cite) -> Self {
        Self {
            id: String::new(),
            claim,
            technique: None,
            severity,
            title,
            detail,
            first: None,
            last: None,
            count: 1,
            entities: Vec::new(),
            evidence: vec![evidence],
            rule: None,
        }
    }

    /// Adds a citation if there is room and it is new.
    pub fn also(&mut self, cite: Cite) {
        if self.evidence.len() < Self::MAX_EVIDENCE && !self.evidence.contains(&cite) {
            self.evidence.push(cite);
        }
    }

    /// Widens `first` and `last`.
    pub fn seen(&mut self, at: Option<Timestamp>) {
        if let Some(at) = at {
            self.first = Some(self.first.map_or(at, |first| first.min(at)));
            self.last = Some(self.last.map_or(at, |last| last.max(at)));
        }
    }

    /// Adds an entity once.
    pub fn names(&mut self, kind: EntityKind, value: impl Into<String>) {
        let entity = Entity::new(kind, value);
        if self.entities.len() < 50 && !self.entities.contains(&entity) {
            self.entities.push(entity);
        }
    }

    /// Values of the entities of one kind.
    pub fn of(&self, kind: EntityKind) -> impl Iterator<Item = &str> {
        self.entities.iter().filter(move |e| e.kind == kind).map(|e| e.value.as_str())
    }
}
