//! Compares a case with the truth of its drill. Pure: everything it looks at is handed over.
//!
//! A key event counts as found when a finding or a verdict cites exactly its record (source and locator). Beside that, and never
//! in its place, it counts as covered when a finding that counts records tells a span around its time and names someone who
//! stands in the record.

use abate_model::{Category, CauseClass, CauseKind, Cite, EntityKind, Finding, Hypothesis, Severity, Truth, Verdict, VerdictReport};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// From this confidence on, a cause is said as if it were known.
pub(crate) const SURE: f64 = 0.8;

/// What a case says, as far as it is compared.
pub(crate) struct Said<'a> {
    pub(crate) category: Category,
    pub(crate) findings: &'a [Finding],
    pub(crate) verdicts: &'a [VerdictReport],
    pub(crate) causes: &'a [Hypothesis],
}

/// What is known of the record of a key event besides its place.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyRecord {
    /// whether a row was made of it
    pub(crate) read: bool,
    /// its time, as it was read
    pub(crate) at: Option<Timestamp>,
    /// its text
    pub(crate) text: String,
}

/// How one drill came out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Score {
    /// scenario
    pub(crate) scenario: String,
    /// seed
    pub(crate) seed: u64,
    /// whether the category was read from the notice as it is
    pub(crate) category: bool,
    /// one for each verdict of the truth
    pub(crate) verdicts: Vec<Judged>,
    /// key events of the truth
    pub(crate) keys: Found,
    /// findings of any severity
    pub(crate) all: Pointing,
    /// findings of severity medium and above
    pub(crate) serious: Pointing,
    /// the cause
    pub(crate) cause: Cause,
    /// what is worth a look, in words
    pub(crate) notes: Vec<String>,
}

/// A verdict beside the right one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Judged {
    pub(crate) expected: Verdict,
    /// `None` when the activity was not read from the notice
    pub(crate) got: Option<Verdict>,
}

impl Judged {
    /// Whether it is the right one.
    pub(crate) fn is_right(&self) -> bool {
        self.got == Some(self.expected)
    }

    /// "It wasn't us", and it was, or cannot be told.
    pub(crate) fn is_wrongly_contradicted(&self) -> bool {
        self.got == Some(Verdict::Contradicted) && self.expected != Verdict::Contradicted
    }
}

/// Key events.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Found {
    pub(crate) all: usize,
    /// of which a row was made
    pub(crate) read: usize,
    /// cited by a finding or a verdict
    pub(crate) cited: usize,
    /// cited, or within the span of a finding that names someone in the record
    pub(crate) covered: usize,
}

/// Findings.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Pointing {
    pub(crate) all: usize,
    /// that cite a record of the incident
    pub(crate) at_incident: usize,
    /// that cite a decoy
    pub(crate) at_decoy: usize,
}

/// The cause beside the true one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Cause {
    pub(crate) class: CauseClass,
    pub(crate) kind: CauseKind,
    /// whether the leading cause has the true factor
    pub(crate) factor: bool,
    /// kinds and confidences, most likely first
    pub(crate) ranked: Vec<(CauseKind, f64)>,
}

impl Cause {
    /// The leading one.
    pub(crate) fn leading(&self) -> (CauseKind, f64) {
        self.ranked.first().copied().unwrap_or((CauseKind::Undetermined, 0.0))
    }

    /// Whether the true kind is among the first `n`.
    pub(crate) fn within(&self, n: usize) -> bool {
        self.ranked.iter().take(n).any(|(kind, _)| *kind == self.kind)
    }

    /// Whether the true class is among the first `n`.
    pub(crate) fn class_within(&self, n: usize) -> bool {
        self.ranked.iter().take(n).any(|(kind, _)| kind.class() == self.class)
    }

    /// Said as if known, and not so. To be sure that nothing can be known, when it can, counts too.
    pub(crate) fn is_sure_and_wrong(&self) -> bool {
        let (kind, confidence) = self.leading();
        confidence >= SURE && kind != self.kind
    }
}

/// Compares.
pub(crate) fn score(truth: &Truth, said: &Said<'_>, records: &[KeyRecord]) -> Score {
    let mut notes = Vec::new();
    let verdicts = verdicts(truth, said, &mut notes);
    let keys = keys(truth, said, records, &mut notes);
    let serious: Vec<&Finding> = said.findings.iter().filter(|f| f.severity >= Severity::Medium).collect();
    let all: Vec<&Finding> = said.findings.iter().collect();
    for finding in &serious {
        if let Some(decoy) = finding.evidence.iter().find_map(|c| truth.decoy(&c.source, c.locator)) {
            notes.push(format!("decoy taken for wrong-doing ({}): {:?} {}", decoy.why, finding.claim, finding.title.en));
        } else if !finding.evidence.iter().any(|c| truth.is_incident(&c.source, c.locator)) {
            notes.push(format!("points at nothing: {:?} {:?} {}", finding.severity, finding.claim, finding.title.en));
        }
    }
    let leading = said.causes.first();
    let cause = Cause {
        class: truth.root_cause.class,
        kind: truth.root_cause.kind,
        factor: leading.is_some_and(|c| c.factor == truth.root_cause.factor),
        ranked: said.causes.iter().map(|c| (c.kind, c.confidence)).collect(),
    };
    if !cause.within(1) {
        let ranked: Vec<String> = cause.ranked.iter().take(4).map(|(kind, p)| format!("{kind:?} {p:.2}")).collect();
        notes.push(format!("cause: {:?} expected, got {}", cause.kind, ranked.join(", ")));
    }
    Score {
        scenario: truth.scenario.clone(),
        seed: truth.seed,
        category: said.category == truth.category,
        verdicts,
        keys,
        all: pointing(truth, &all),
        serious: pointing(truth, &serious),
        cause,
        notes,
    }
}

fn verdicts(truth: &Truth, said: &Said<'_>, notes: &mut Vec<String>) -> Vec<Judged> {
    let judge = |expected: &abate_model::truth::TrueVerdict| {
        let got = said.verdicts.iter().find(|v| v.reported == expected.reported);
        let judged = Judged { expected: expected.verdict, got: got.map(|v| v.verdict) };
        if !judged.is_right() {
            let why = got.map_or("the activity was not read from the notice", |v| &*v.why.en);
            notes.push(format!("verdict on {}: {:?} expected, got {:?}: {why}", expected.reported, judged.expected, judged.got));
        }
        judged
    };
    truth.verdicts.iter().map(judge).collect()
}

fn keys(truth: &Truth, said: &Said<'_>, records: &[KeyRecord], notes: &mut Vec<String>) -> Found {
    let cites: Vec<&Cite> = said.findings.iter().flat_map(|f| &f.evidence).chain(said.verdicts.iter().flat_map(|v| &v.evidence)).collect();
    let mut found = Found { all: truth.key_events.len(), ..Found::default() };
    let nothing = KeyRecord::default();
    for (n, key) in truth.key_events.iter().enumerate() {
        let record = records.get(n).unwrap_or(&nothing);
        let cited = cites.iter().any(|c| key.names(&c.source, c.locator));
        let covered = cited || said.findings.iter().any(|f| covers(f, record));
        found.read += usize::from(record.read || cited);
        found.cited += usize::from(cited);
        found.covered += usize::from(covered);
        if !cited {
            let how = match (covered, record.read) {
                (true, _) => "covered only",
                (false, true) => "missed",
                (false, false) => "not even read",
            };
            notes.push(format!("key event {how}: {} ({}@{})", key.why, key.source, key.locator));
        }
    }
    found
}

/// Whether a finding counts a record without citing it: its span has the time of the record, and someone it names stands there.
fn covers(finding: &Finding, record: &KeyRecord) -> bool {
    let actor =
        |kind: EntityKind| matches!(kind, EntityKind::RemoteAddress | EntityKind::User | EntityKind::Principal | EntityKind::AccessKey);
    let (Some(at), Some(first), Some(last)) = (record.at, finding.first, finding.last) else { return false };
    let names = || finding.entities.iter().any(|e| actor(e.kind) && e.value.len() > 3 && record.text.contains(&e.value));
    finding.count > 1 && first <= at && at <= last && names()
}

fn pointing(truth: &Truth, findings: &[&Finding]) -> Pointing {
    let citing = |is: &dyn Fn(&Cite) -> bool| findings.iter().filter(|f| f.evidence.iter().any(is)).count();
    Pointing {
        all: findings.len(),
        at_incident: citing(&|c| truth.is_incident(&c.source, c.locator)),
        at_decoy: citing(&|c| truth.decoy(&c.source, c.locator).is_some()),
    }
}

#[cfg(test)]
mod tests;
