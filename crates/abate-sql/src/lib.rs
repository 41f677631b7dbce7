//! SQL over the tables of a case, by Apache DataFusion.
//!
//! An [`Engine`] is given a [`Snapshot`] (which Parquet files make up which table, and which of their rows are not to be seen) and
//! answers queries from nothing else: statements that write, or that would read another file, are refused before they are
//! planned. Memory is bounded; what does not fit is spilled into a temporary folder. Every table that Abate has exists, with
//! its columns, even when there is no evidence for it.
//!
//! What is absent on purpose: any terminal (that is the binary's), and any knowledge of how the lake is written.

mod answer;
mod error;
mod functions;
mod memory;
mod statements;
mod table;
mod values;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use abate_lake::{Snapshot, TablePart};
use abate_model::Table;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::common::TableReference;
use datafusion::execution::disk_manager::DiskManagerBuilder;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use tokio::runtime::Runtime;

pub use crate::answer::{Answer, Stop};
pub use crate::error::SqlError;
use crate::table::LakeTable;

pub use crate::statements::{Statement, is_complete, statements};
pub use crate::values::{Cells, Column, Values};
pub use crate::write::{FileFormat, Written, write};

/// Rows that are worked on at once, at most and at least.
const MOST_ROWS: usize = 8 << 10;
const LEAST_ROWS: usize = 64;
/// Into how many batches a thread's share of the memory is divided.
const BATCHES_PER_THREAD: usize = 64;
/// Memory that one thread needs to sort or group at all.
const LEAST_PER_THREAD: usize = 32 << 20;

/// How queries are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// bytes that sorting, grouping and joining may hold before they spill
    pub memory: usize,
    /// threads at most
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { memory: 256 << 20, threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get) }
    }
}

/// A table, as a list of tables shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// its name
    pub name: String,
    /// rows
    pub rows: u64,
    /// whether it has a column `time` that is a time
    pub timed: bool,
    /// its columns in order
    pub columns: Vec<ListedColumn>,
}

/// A column, as the description of a table shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedColumn {
    /// its name
    pub name: String,
    /// its type in words
    pub kind: String,
    /// the OCSF attribute that it is; empty where there is none
    pub ocsf: &'static str,
    /// what it means; empty where that is not known
    pub doc: &'static str,
}

/// Tables that can be asked.
pub struct Engine {
    context: SessionContext,
    runtime: Runtime,
    listed: Vec<Listed>,
    names: Vec<String>,
    stop: Stop,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("tables", &self.names).finish_non_exhaustive()
    }
}

impl Engine {
    /// Opens the tables. The footer of each file is read, no more.
    ///
    /// # Errors
    /// When a file cannot be read or does not have the rows that the snapshot says, or the machine has no room for a thread.
    pub fn open(snapshot: &Snapshot, options: Options) -> Result<Self, SqlError> {
        let machine = |error: &dyn std::fmt::Display| SqlError::Machine(error.to_string());
        // More threads than memory for them would end in "out of memory" at the first sort.
        let threads = options.threads.min(options.memory / LEAST_PER_THREAD).max(1);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("sql")
            .enable_all()
            .build()
            .map_err(|error| machine(&error))?;
        let pool = Arc::new(memory::Divided::new(options.memory));
        let environment = RuntimeEnvBuilder::new()
            .with_memory_pool(pool)
            .with_disk_manager_builder(DiskManagerBuilder::default())
            .build_arc()
            .map_err(|error| machine(&error))?;
        let tables = tables(snapshot)?;
        let widest = tables.iter().map(|(_, table)| table.width()).max().unwrap_or_default();
        let spare = options.memory / threads / 8;
        let config = SessionConfig::new()
            .with_target_partitions(threads)
            .with_information_schema(true)
            .with_sort_spill_reservation_bytes(spare)
            .with_batch_size(batch_rows(options, threads, widest));
        let context = SessionContext::new_with_config_rt(config, environment);
        functions::all().into_iter().for_each(|function| context.register_udf(function));
        let listed = register(&context, tables)?;
        let names = listed.iter().map(|table| table.name.clone()).collect();
        Ok(Self { context, runtime, listed, names, stop: Stop::default() })
    }

    /// The tables by name: those of Abate first, in their order, then others.
    #[must_use]
    pub fn tables(&self) -> &[Listed] {
        &self.listed
    }

    /// The table of a name.
    ///
    /// # Errors
    /// When there is none.
    pub fn table(&self, name: &str) -> Result<&Listed, SqlError> {
        let found = self.listed.iter().find(|table| table.name == name);
        found.ok_or_else(|| SqlError::NoTable { name: name.to_owned(), tables: self.names.clone() })
    }

    /// The functions that SQL can call here.
    #[must_use]
    pub fn functions(&self) -> Vec<String> {
        let state = self.context.state();
        let mut all: Vec<String> = state
            .scalar_functions()
            .keys()
            .chain(state.aggregate_functions().keys())
            .chain(state.window_functions().keys())
            .cloned()
            .collect();
        all.sort();
        all.dedup();
        all
    }

    /// What ends the query that runs.
    #[must_use]
    pub fn stopper(&self) -> Stop {
        self.stop.clone()
    }

    /// Lets Ctrl-C end the query that runs, and not the program.
    pub fn stop_on_ctrl_c(&self) {
        let stop = self.stop.clone();
        self.runtime.spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                stop.stop();
            }
        });
    }

    /// Begins a query.
    ///
    /// # Errors
    /// When the query names what does not exist, does not fit together, or is stopped.
    pub fn run(&self, statement: &Statement) -> Result<Answer<'_>, SqlError> {
        self.stop.forget();
        let failed = |error| SqlError::of(&error, &self.names);
        let planned = async {
            let state = self.context.state();
            let plan = state.statement_to_plan(statement.0.clone()).await?;
            statements::read_only().verify_plan(&plan)?;
            self.context.execute_logical_plan(plan).await?.execute_stream().await
        };
        let stream = self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = self.stop.said() => Err(SqlError::Stopped),
                planned = planned => planned.map_err(failed),
            }
        })?;
        Ok(Answer::new(stream, &self.runtime, self.stop.clone(), &self.names))
    }

    /// First and last time of a table, as text; `None` where it has no times.
    ///
    /// # Errors
    /// As [`Engine::run`] and [`Answer::next_batch`].
    pub fn span(&self, table: &Listed) -> Result<Option<(String, String)>, SqlError> {
        if !table.timed || table.rows == 0 {
            return Ok(None);
        }
        let name = table.name.replace('"', "\"\"");
        let mut found = None;
        for statement in statements(&format!("SELECT min(time), max(time) FROM \"{name}\""))? {
            let mut answer = self.run(&statement)?;
            while let Some(batch) = answer.next_batch()? {
                let values = Values::of(&batch)?;
                for row in values.rows() {
                    if let [Some(first), Some(last)] = row.as_slice() {
                        found = Some((first.clone(), last.clone()));
                    }
                }
            }
        }
        Ok(found)
    }
}

/// Rows that are worked on at once. Sorting holds several batches of each thread and of each temporary file: where rows are
/// wide (a request as JSON) so many as usual would fill the memory before anything could be spilled.
fn batch_rows(options: Options, threads: usize, widest: u64) -> usize {
    let share = (options.memory / threads / BATCHES_PER_THREAD) as u64;
    usize::try_from(share / widest.max(1)).unwrap_or(MOST_ROWS).clamp(LEAST_ROWS, MOST_ROWS)
}

/// Every table: those of Abate in their order, then others by name.
fn tables(snapshot: &Snapshot) -> Result<Vec<(String, LakeTable)>, SqlError> {
    let mut by_name: BTreeMap<&str, Vec<&TablePart>> = BTreeMap::new();
    for part in &snapshot.parts {
        by_name.entry(&part.table).or_default().push(part);
    }
    let own = Table::ALL.map(Table::name);
    let others: Vec<&str> = by_name.keys().copied().filter(|name| !own.contains(name)).collect();
    let open = |name: &str| {
        let parts = by_name.get(name).map_or(&[][..], Vec::as_slice);
        LakeTable::open(Table::by_name(name).map(abate_lake::schema), parts).map(|table| (name.to_owned(), table))
    };
    own.into_iter().chain(others).map(open).collect()
}

/// Registers the tables; gives the list of them.
fn register(context: &SessionContext, tables: Vec<(String, LakeTable)>) -> Result<Vec<Listed>, SqlError> {
    let mut listed = Vec::new();
    for (name, table) in tables {
        listed.push(list(&name, Table::by_name(&name), table.rows(), &table.schema()));
        let reference = TableReference::bare(name);
        context.register_table(reference, Arc::new(table)).map_err(|error| SqlError::Machine(error.to_string()))?;
    }
    Ok(listed)
}

fn list(name: &str, known: Option<Table>, rows: u64, schema: &SchemaRef) -> Listed {
    let described = known.map(abate_lake::described).unwrap_or_default();
    let columns = schema.fields().iter().map(|field| {
        let said = described.iter().find(|column| column.name == *field.name());
        ListedColumn {
            name: field.name().clone(),
            kind: said.map_or_else(|| kind(field.data_type()), |column| column.kind.word().to_owned()),
            ocsf: said.map_or("", |column| column.ocsf),
            doc: said.map_or("", |column| column.doc),
        }
    });
    let timed = schema.field_with_name("time").is_ok_and(|field| matches!(field.data_type(), DataType::Timestamp(..)));
    Listed { name: name.to_owned(), rows, timed, columns: columns.collect() }
}

/// The type of a column whose table is none of ours.
fn kind(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Timestamp(..) => "time".to_owned(),
        DataType::List(item) if matches!(item.data_type(), DataType::Utf8 | DataType::Utf8View) => "list of text".to_owned(),
        other if other.is_integer() => "whole number".to_owned(),
        other if other.is_floating() => "float".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
