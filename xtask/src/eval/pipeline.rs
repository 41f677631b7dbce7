//! One run from a notice to a case, as `abate respond` does it, in a store and a lake that are gone afterwards.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::rc::Rc;

use abate_app::ports::{IngestRequest, Lake, LakeError, NoObjects, NoProgress, Progress};
use abate_findings::sigma::RuleSet;
use abate_lake::FileLake;
use abate_model::port::{FlowCell, FlowKey};
use abate_model::{Case, Coverage, Evidence, Filter, Notice, Row, SigmaMatch, Source};
use anyhow::{Context, Result};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::store::Fleeting;

/// When a notice without a date of its own was received.
pub(crate) const RECEIVED: &str = "2026-11-02T03:00:00Z";

/// A case, and the evidence it was made from.
pub(crate) struct Worked {
    /// the case
    pub(crate) case: Case,
    /// the rows; `None` when no evidence was given
    pub(crate) evidence: Option<Rc<dyn Evidence>>,
    /// as the evidence was read: the instant from which years are reckoned
    pub(crate) reference: Timestamp,
}

/// Reads a notice.
///
/// # Errors
/// When it is none.
pub(crate) fn notice(bytes: &[u8]) -> Result<Notice> {
    let received_at = RECEIVED.parse().context("the time of receipt")?;
    abate_notice::read(bytes, &abate_notice::ReadContext { received_at }).context("the notice cannot be read")
}

/// From the notice to the case, two hours after the notice was sent.
///
/// # Errors
/// What the lake refuses; what cannot be read inside the evidence is a loss, not an error.
pub(crate) fn work(notice: Notice, evidence: &[PathBuf], rules: &RuleSet) -> Result<Worked> {
    let now = notice.date.map_or_else(|| RECEIVED.parse().unwrap_or_default(), |date| date + SignedDuration::from_hours(2));
    let reference = abate_app::reference_time(&notice, now);
    let request =
        abate_app::Request { notice, evidence, rules, log_zone: TimeZone::UTC, now, cases: None, preserve: false, forget_gone: false };
    let mut store = Fleeting::new(None);
    let lake = Keeping { lake: FileLake { objects: &NoObjects }, kept: RefCell::new(None) };
    let outcome = abate_app::respond(request, &mut store, &lake, &mut NoProgress)?;
    Ok(Worked { case: outcome.case, evidence: lake.kept.into_inner(), reference })
}

/// A lake that remembers what it handed out, so that the rows can be looked at after the run.
struct Keeping {
    lake: FileLake<'static>,
    kept: RefCell<Option<Rc<dyn Evidence>>>,
}

impl Lake for Keeping {
    fn ingest(&self, request: &IngestRequest<'_>, progress: &mut dyn Progress) -> Result<Box<dyn Evidence>, LakeError> {
        let evidence: Rc<dyn Evidence> = Rc::from(self.lake.ingest(request, progress)?);
        *self.kept.borrow_mut() = Some(Rc::clone(&evidence));
        Ok(Box::new(Shared(evidence)))
    }
}

/// Evidence that has two owners.
struct Shared(Rc<dyn Evidence>);

impl Evidence for Shared {
    fn sources(&self) -> &[Source] {
        self.0.sources()
    }

    fn coverage(&self) -> &[Coverage] {
        self.0.coverage()
    }

    fn rows(&self, filter: &Filter, visit: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>) {
        self.0.rows(filter, visit);
    }

    fn flows(&self, visit: &mut dyn FnMut(&FlowKey, &FlowCell)) {
        self.0.flows(visit);
    }

    fn sigma(&self, visit: &mut dyn FnMut(&SigmaMatch)) {
        self.0.sigma(visit);
    }

    fn trouble(&self) -> Option<String> {
        self.0.trouble()
    }
}
