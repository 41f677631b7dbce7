//! The main use case: a notice and whatever evidence there is become a case; and the record of what a person did.

use std::path::{Path, PathBuf};

use abate_model::journal::{Event, State};
use abate_model::{
    AccountProfile, CASE_SCHEMA, Case, CaseId, CauseClass, Clock, Evidence, Finding, Hypothesis, Letter, Message, Notice, Plan, Row,
    RuleMatch, Standing, StepState, Text, VerdictReport,
};
use abate_notice::threads::Place;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use thiserror::Error;

use crate::intake;
use crate::ports::{IngestRequest, Lake, LakeError, Progress, RuleMatcher, Store, StoreError, still_there};

/// What a run is asked for.
pub struct Request<'a> {
    /// the notice, read
    pub notice: Notice,
    /// files, folders and places of objects with evidence, none for a notice alone
    pub evidence: &'a [PathBuf],
    /// Sigma rules
    pub rules: &'a abate_findings::sigma::RuleSet,
    /// zone of log lines that state none
    pub log_zone: TimeZone,
    /// the present
    pub now: Timestamp,
    /// the folder that has one folder for each case, if what was read is to be kept there
    pub cases: Option<&'a Path>,
    /// whether the files of the evidence are copied into the case
    pub preserve: bool,
    /// whether what was read earlier and is gone now is left out from now on
    pub forget_gone: bool,
}

/// The folder in which a case keeps copies of its evidence, below the folder of all cases.
#[must_use]
pub fn originals_of(cases: &Path, case: &CaseId) -> PathBuf {
    cases.join(case.as_str()).join("originals")
}

/// The folder in which a case keeps what was read of its evidence, below the folder of all cases.
#[must_use]
pub fn lake_of(cases: &Path, case: &CaseId) -> PathBuf {
    cases.join(case.as_str()).join("lake")
}

/// Why a use case failed.
#[derive(Debug, Error)]
pub enum AppError {
    /// the store
    #[error(transparent)]
    Store(#[from] StoreError),
    /// the evidence
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// no such case
    #[error("there is no case {id} in the store")]
    NoCase {
        /// as asked for
        id: CaseId,
    },
    /// a case cannot be merged into itself
    #[error("case {id} cannot be merged into itself")]
    SameCase {
        /// the case
        id: CaseId,
    },
    /// the case goes on elsewhere
    #[error("case {id} was merged into {into}")]
    Merged {
        /// the case
        id: CaseId,
        /// where it goes on
        into: CaseId,
    },
    /// no such step
    #[error("the plan of case {case} has no step '{step}'; it has: {known}")]
    NoStep {
        /// the case
        case: CaseId,
        /// as asked for
        step: String,
        /// the plan's steps
        known: String,
    },
    /// a value could not be written as JSON
    #[error("a result could not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl AppError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<Text> {
        match self {
            Self::Store(error) => Some(error.hint()),
            Self::Lake(error) => Some(error.hint()),
            Self::NoCase { .. } => {
                Some(Text::fixed("'abate case list' shows the cases", "「abate case list」で案件の一覧を確認してください"))
            }
            Self::SameCase { .. } => Some(Text::fixed("name two different cases", "異なる二つの案件を指定してください")),
            Self::Merged { into, .. } => Some(Text::new(format!("use {into}"), format!("{into} を指定してください"))),
            Self::NoStep { .. } => Some(Text::fixed(
                "'abate case show CASE' shows the plan with its step ids",
                "「abate case show 案件ID」で手順の ID を確認してください",
            )),
            Self::Json(_) => None,
        }
    }
}

/// A set of Sigma rules, as the lake tries them.
pub struct Rules<'a>(pub &'a abate_findings::sigma::RuleSet);

impl RuleMatcher for Rules<'_> {
    fn matches(&self, row: &Row<'_>, raw: &[u8]) -> Vec<RuleMatch> {
        self.0.eval(row, raw)
    }

    fn digest(&self) -> String {
        self.0.digest()
    }
}

/// What a run made of a notice.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// the case
    pub case: Case,
    /// whether the notice opened it, joined it, or was there already
    pub place: Place,
}

/// Reads the evidence, works out findings, verdicts, causes, plan and letter, and records it. The same notice is the
/// same case, a follow-up joins its case, and evidence given in an earlier run is read again, so that a run never knows less
/// than the one before.
///
/// # Errors
/// [`AppError`] when the store or a named path cannot be used; what cannot be read inside the evidence is a loss, not an error.
pub fn respond(request: Request<'_>, store: &mut dyn Store, lake: &dyn Lake, progress: &mut dyn Progress) -> Result<Outcome, AppError> {
    let place = intake::place(store, &request.notice)?;
    let id = match &place {
        Place::New { .. } => request.notice.case_id(),
        Place::Duplicate { case } | Place::Joins { case, .. } => case.clone(),
    };
    let before = store.state(&id)?;
    let (events, messages) = intake::messages(&before, request.notice, &place);
    let Some(notice) = abate_model::thread::together(&messages) else { return Err(AppError::NoCase { id }) };
    let profile = profile_of(store, &notice)?;
    let paths = still_there(store.evidence(&id, request.evidence)?, request.evidence);
    let matcher = Rules(request.rules);
    let folder = request.cases.filter(|_| !paths.is_empty()).map(|cases| lake_of(cases, &id));
    let originals = request.cases.filter(|_| request.preserve).map(|cases| originals_of(cases, &id));
    let ask = IngestRequest {
        paths: &paths,
        reference: reference_time(&notice, request.now),
        zone: request.log_zone,
        rules: Some(&matcher),
        any_rules: false,
        lake: folder.as_deref(),
        preserve: originals.as_deref(),
        forget_gone: request.forget_gone,
    };
    let read = lake.ingest(&ask, progress)?;
    let evidence = request.rules.over(&*read);
    let found = assess(&notice, &evidence, &profile);
    // Nothing may be concluded from half of the rows.
    if let Some(reason) = evidence.trouble() {
        let place = folder.map_or_else(|| "a temporary folder".to_owned(), |folder| folder.display().to_string());
        return Err(LakeError::Disk { place, reason }.into());
    }
    let state = store.append(&id, request.now, &opening(events, &evidence, &found)?)?;
    let case = assemble(Parts { id, notice, messages, now: request.now }, &evidence, found, &state, &profile);
    Ok(Outcome { case: finish(case, store)?, place })
}

/// Records that a person did a step, and renders plan and letter again from the last assessment.
///
/// # Errors
/// [`AppError::NoCase`], [`AppError::NoStep`], or the store's.
pub fn state_done(store: &mut dyn Store, id: &CaseId, event: Event, now: Timestamp) -> Result<(Case, Option<PathBuf>), AppError> {
    let (mut case, out) = store.load_case(id)?.ok_or_else(|| AppError::NoCase { id: id.clone() })?;
    if let Event::StepDone { step, .. } = &event
        && case.plan.step(step).is_none()
    {
        let known = case.plan.steps.iter().map(|s| s.id.as_str()).collect::<Vec<_>>().join(", ");
        return Err(AppError::NoStep { case: id.clone(), step: step.clone(), known });
    }
    let state = store.append(id, now, &[event])?;
    let profile = profile_of(store, &case.notice)?;
    case.assessed_at = now;
    case.plan = with_statements(case.plan, &state);
    case.letter = draft(&case, &profile, now);
    Ok((finish(case, store)?, out))
}

struct Found {
    findings: Vec<Finding>,
    verdicts: Vec<VerdictReport>,
    clocks: Vec<Clock>,
    explanation: abate_cause::Explanation,
    plan: Plan,
}

fn assess(notice: &Notice, evidence: &dyn Evidence, profile: &AccountProfile) -> Found {
    let abate_findings::Assessment { findings, verdicts, clocks } =
        abate_findings::assess(&abate_findings::Context { notice, evidence, profile });
    let explanation = abate_cause::explain(&abate_cause::Input { notice, evidence, findings: &findings, verdicts: &verdicts, profile });
    let plan = abate_response::propose(&abate_response::Input {
        notice,
        findings: &findings,
        verdicts: &verdicts,
        causes: &explanation.causes,
        profile,
    });
    Found { findings, verdicts, clocks, explanation, plan }
}

fn opening(mut events: Vec<Event>, evidence: &dyn Evidence, found: &Found) -> Result<Vec<Event>, AppError> {
    events.extend(evidence.sources().iter().map(|s| Event::SourceAdded {
        path: s.path.clone(),
        sha256: s.sha256.clone(),
        format: s.format.clone(),
        records: s.records,
        lost: s.lost(),
    }));
    let digest = abate_model::ids::sha256_hex(&serde_json::to_vec(&(&found.findings, &found.verdicts, &found.explanation.causes))?);
    let leading = found.explanation.causes.first().map_or(Ok("undetermined".to_owned()), kind_name)?;
    events.push(Event::Assessed { sha256: digest, leading });
    events.push(Event::PlanProposed { sha256: found.plan.sha256.clone(), steps: found.plan.steps.iter().map(|s| s.id.clone()).collect() });
    Ok(events)
}

fn kind_name(cause: &Hypothesis) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_value(cause.kind)?.as_str().unwrap_or_default().to_owned())
}

struct Parts {
    id: CaseId,
    notice: Notice,
    messages: Vec<Notice>,
    now: Timestamp,
}

fn assemble(parts: Parts, evidence: &dyn Evidence, found: Found, state: &State, profile: &AccountProfile) -> Case {
    let Found { findings, verdicts, clocks, explanation, plan } = found;
    let mut case = Case {
        schema: CASE_SCHEMA.to_owned(),
        id: parts.id,
        assessed_at: parts.now,
        notice: parts.notice,
        messages: parts.messages.iter().map(Message::of).collect(),
        standing: Standing::of(&parts.messages),
        sources: evidence.sources().to_vec(),
        coverage: evidence.coverage().to_vec(),
        clocks,
        findings,
        verdicts,
        causes: explanation.causes,
        path: explanation.path,
        next_evidence: explanation.next_evidence,
        timeline: explanation.timeline,
        plan: with_statements(plan, state),
        letter: Letter {
            kind: abate_model::LetterKind::Interim,
            subject: String::new(),
            to: None,
            from: None,
            paragraphs: Vec::new(),
            sha256: String::new(),
            lint: Vec::new(),
        },
        journal_head: String::new(),
    };
    case.letter = draft(&case, profile, parts.now);
    case
}

fn draft(case: &Case, profile: &AccountProfile, now: Timestamp) -> Letter {
    abate_reply::draft(&abate_reply::Input {
        case_id: &case.id,
        notice: &case.notice,
        sources: &case.sources,
        coverage: &case.coverage,
        findings: &case.findings,
        verdicts: &case.verdicts,
        causes: &case.causes,
        plan: &case.plan,
        next_evidence: &case.next_evidence,
        profile,
        now,
    })
}

/// Writes the letter's hash into the journal, then the whole case into the store.
fn finish(mut case: Case, store: &mut dyn Store) -> Result<Case, AppError> {
    let state = store.append(&case.id, case.assessed_at, &[Event::LetterDrafted { sha256: case.letter.sha256.clone() }])?;
    case.journal_head = state.head;
    store.save_case(&case, None)?;
    Ok(case)
}

fn with_statements(plan: Plan, state: &State) -> Plan {
    let steps = plan
        .steps
        .into_iter()
        .map(|mut step| {
            if let Some(done) = state.done.get(&step.id) {
                step.state = StepState::Done { by: done.by.clone(), at: done.at, note: done.note.clone() };
            }
            step
        })
        .collect();
    Plan::new(steps)
}

fn profile_of(store: &mut dyn Store, notice: &Notice) -> Result<AccountProfile, StoreError> {
    match notice.account_id.as_deref().and_then(abate_model::AccountId::parse) {
        Some(account) => Ok(store.profile(account.as_str())?.unwrap_or_default()),
        None => Ok(AccountProfile::default()),
    }
}

/// The instant from which the year of log lines without one is reckoned: the notice's own time, never the clock's when
/// the notice is old.
#[must_use]
pub fn reference_time(notice: &Notice, now: Timestamp) -> Timestamp {
    let reported = notice.window().map(|w| w.to);
    let dated = notice.date.or(reported).unwrap_or(now);
    // Evidence is often fetched some days after the notice; the reader itself allows a week beyond the reference.
    dated.checked_add(SignedDuration::from_hours(7 * 24)).unwrap_or(now).min(now.max(dated))
}

/// Whether the leading cause is anything but `undetermined`.
#[must_use]
pub fn is_determined(case: &Case) -> bool {
    case.causes.first().is_some_and(|c| c.class != CauseClass::Undetermined)
}
