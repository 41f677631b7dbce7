//! One pass over the rows for all detections that ask at the same time.
//!
//! Every detection runs in a thread of its own and asks for rows as if it were alone. When all that still run wait for rows, what they wait
//! for is read once and handed to each of them: sixty detections do not read the evidence sixty times. A detection must not ask for
//! rows while it is being visited by others.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};

use abate_model::port::{FlowCell, FlowKey};
use abate_model::{Coverage, Evidence, Filter, Finding, Row, SigmaMatch, Source, Table};

use crate::{Context, Detection};

/// What is handed over at once.
const BATCH: usize = 2048;
/// Batches that may wait for one detection.
const AHEAD: usize = 2;
/// So many restricted questions about a table are answered one by one; beyond that the table is read for all of them.
const FEW: usize = 3;

type Batch<T> = Arc<Vec<T>>;

/// What a detection waits for.
enum Asked {
    Rows(Filter, SyncSender<Batch<Row<'static>>>),
    Flows(SyncSender<Batch<(FlowKey, FlowCell)>>),
    Sigma(SyncSender<Batch<SigmaMatch>>),
    /// it is done and waits for nothing more
    Nothing,
}

/// The findings of each detection, in the order of these.
pub(crate) fn run(context: &Context<'_>, detections: &[&'static Detection]) -> Vec<Vec<Finding>> {
    let (notice, profile, evidence) = (context.notice, context.profile, context.evidence);
    let (sources, coverage) = (evidence.sources(), evidence.coverage());
    std::thread::scope(|scope| {
        let (ask, asked) = mpsc::channel();
        let begin = |detection: &&'static Detection| {
            let (detection, ask) = (*detection, ask.clone());
            scope.spawn(move || {
                let asker = Asker { sources, coverage, ask, visited: Cell::new(false) };
                (detection.run)(&Context { notice, evidence: &asker, profile })
            })
        };
        let running: Vec<_> = detections.iter().map(begin).collect();
        drop(ask);
        serve(evidence, &asked, running.len());
        let findings =
            |thread: std::thread::ScopedJoinHandle<'_, _>| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        running.into_iter().map(findings).collect()
    })
}

/// Answers until nobody asks any more.
fn serve(evidence: &dyn Evidence, asked: &Receiver<Asked>, mut running: usize) {
    while running > 0 {
        let (mut rows, mut flows, mut sigma) = (BTreeMap::<Table, Vec<_>>::new(), Vec::new(), Vec::new());
        let mut waiting = 0;
        while waiting < running {
            match asked.recv() {
                Ok(Asked::Nothing) => running -= 1,
                Ok(Asked::Rows(filter, to)) => rows.entry(filter.table).or_default().push((filter, to)),
                Ok(Asked::Flows(to)) => flows.push(to),
                Ok(Asked::Sigma(to)) => sigma.push(to),
                Err(_) => return,
            }
            waiting = rows.values().map(Vec::len).sum::<usize>() + flows.len() + sigma.len();
        }
        for (table, askers) in rows {
            let whole = |filter: &Filter| filter.window.is_none() && filter.address.is_none();
            if askers.len() > FEW || askers.iter().any(|(filter, _)| whole(filter)) {
                // Each leaves out by itself what it did not ask for.
                hand_rows(evidence, &Filter::table(table), askers.into_iter().map(|(_, to)| to).collect());
            } else {
                askers.into_iter().for_each(|(filter, to)| hand_rows(evidence, &filter, vec![to]));
            }
        }
        if !flows.is_empty() {
            let mut batches = Batches::to(flows);
            evidence.flows(&mut |key, cell| {
                let _ = batches.push((*key, cell.clone()));
            });
            batches.hand();
        }
        if !sigma.is_empty() {
            let mut batches = Batches::to(sigma);
            evidence.sigma(&mut |hit| {
                let _ = batches.push(hit.clone());
            });
            batches.hand();
        }
    }
}

fn hand_rows(evidence: &dyn Evidence, filter: &Filter, to: Vec<SyncSender<Batch<Row<'static>>>>) {
    let mut batches = Batches::to(to);
    evidence.rows(filter, &mut |row| batches.push(row.clone().into_owned()));
    batches.hand();
}

/// Collects, and hands over to all that still want.
struct Batches<T> {
    batch: Vec<T>,
    to: Vec<SyncSender<Batch<T>>>,
}

impl<T> Batches<T> {
    fn to(to: Vec<SyncSender<Batch<T>>>) -> Self {
        Self { batch: Vec::with_capacity(BATCH), to }
    }

    fn push(&mut self, item: T) -> ControlFlow<()> {
        self.batch.push(item);
        if self.batch.len() >= BATCH {
            self.hand();
        }
        if self.to.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn hand(&mut self) {
        let batch = Arc::new(std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH)));
        // Who has seen enough is gone.
        self.to.retain(|to| to.send(Arc::clone(&batch)).is_ok());
    }
}

/// The evidence as one detection sees it.
struct Asker<'a> {
    sources: &'a [Source],
    coverage: &'a [Coverage],
    ask: Sender<Asked>,
    visited: Cell<bool>,
}

impl Asker<'_> {
    /// Asks, and visits what comes.
    fn visit<T>(&self, ask: impl FnOnce(SyncSender<Batch<T>>) -> Asked, visit: &mut dyn FnMut(&T) -> ControlFlow<()>) {
        assert!(!self.visited.replace(true), "a detection asks for rows inside a visit");
        let (to, batches) = mpsc::sync_channel(AHEAD);
        // The one who answers lives as long as this thread.
        let _ = self.ask.send(ask(to));
        'visit: for batch in batches {
            for item in batch.iter() {
                if visit(item).is_break() {
                    break 'visit;
                }
            }
        }
        self.visited.set(false);
    }
}

impl Drop for Asker<'_> {
    /// Also when the detection breaks down: the others must not wait for it.
    fn drop(&mut self) {
        let _ = self.ask.send(Asked::Nothing);
    }
}

impl Evidence for Asker<'_> {
    fn sources(&self) -> &[Source] {
        self.sources
    }

    fn coverage(&self) -> &[Coverage] {
        self.coverage
    }

    fn rows(&self, filter: &Filter, visit: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>) {
        self.visit(|to| Asked::Rows(*filter, to), &mut |row: &Row<'static>| {
            if filter.takes(row) { visit(row) } else { ControlFlow::Continue(()) }
        });
    }

    fn flows(&self, visit: &mut dyn FnMut(&FlowKey, &FlowCell)) {
        self.visit(Asked::Flows, &mut |(key, cell): &(FlowKey, FlowCell)| {
            visit(key, cell);
            ControlFlow::Continue(())
        });
    }

    fn sigma(&self, visit: &mut dyn FnMut(&SigmaMatch)) {
        self.visit(Asked::Sigma, &mut |hit: &SigmaMatch| {
            visit(hit);
            ControlFlow::Continue(())
        });
    }
}
