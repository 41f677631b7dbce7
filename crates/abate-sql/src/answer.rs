//! The answer to a query, batch by batch while it is being worked out, and what stops it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use crate::error::SqlError;

/// Batches that are worked out before anyone takes them.
const AHEAD: usize = 2;

/// Ctrl-C, or whoever else wants a query to end.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    said: AtomicBool,
    wake: Notify,
}

impl Stop {
    /// Ends the query that runs now.
    pub fn stop(&self) {
        self.0.said.store(true, Ordering::SeqCst);
        self.0.wake.notify_waiters();
    }

    /// Forgets what was said about an earlier query.
    pub(crate) fn forget(&self) {
        self.0.said.store(false, Ordering::SeqCst);
    }

    pub(crate) async fn said(&self) {
        loop {
            let woken = self.0.wake.notified();
            // Looked at after `notified`, so that a word between the two is not missed.
            if self.0.said.load(Ordering::SeqCst) {
                return;
            }
            woken.await;
        }
    }
}

/// The rows that answer a query.
pub struct Answer<'a> {
    schema: SchemaRef,
    runtime: &'a Runtime,
    stop: Stop,
    tables: &'a [String],
    batches: mpsc::Receiver<Result<RecordBatch, DataFusionError>>,
    worker: JoinHandle<()>,
}

impl<'a> Answer<'a> {
    pub(crate) fn new(mut stream: SendableRecordBatchStream, runtime: &'a Runtime, stop: Stop, tables: &'a [String]) -> Self {
        let schema = stream.schema();
        let (sender, batches) = mpsc::channel(AHEAD);
        // In a task of its own: a long stretch of work does not keep Ctrl-C waiting.
        let worker = runtime.spawn(async move {
            while let Some(batch) = stream.next().await {
                if sender.send(batch).await.is_err() {
                    break;
                }
            }
        });
        Self { schema, runtime, stop, tables, batches, worker }
    }

    /// The columns.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The next rows; `None` at the end.
    ///
    /// # Errors
    /// When the query fails in the middle, or is stopped.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>, SqlError> {
        let (batches, stop) = (&mut self.batches, &self.stop);
        let got = self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = stop.said() => Err(SqlError::Stopped),
                got = batches.recv() => Ok(got),
            }
        })?;
        got.transpose().map_err(|error| SqlError::of(&error, self.tables))
    }
}

impl Drop for Answer<'_> {
    fn drop(&mut self) {
        self.worker.abort();
    }
}

impl std::fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("schema", &self.schema).finish_non_exhaustive()
    }
}
