//! Case storage in one SQLite file: the hash-chained journal, the last assessment of each case, account profiles.
//!
//! The journal is the truth; the assessment is a copy that can be worked out again. Entries are stored as the bytes that
//! were hashed, so that a change of any byte is seen. What is absent on purpose: any rule about which move is legal;
//! that is `State::apply` in the model; and detection of an end that was cut off: the head hash outside the store shows it.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use abate_app::ports::{CaseSummary, Store, StoreError, is_stdin, object_place};
use abate_model::ids::sha256_hex;
use abate_model::journal::{ENTRY_SCHEMA, Event, JournalEntry, State};
use abate_model::thread::keys;
use abate_model::{AccountProfile, Case, CaseId, Notice, Standing};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{ConnectOptions, Connection, Row};
use tokio::runtime::Runtime;

/// Changes of the layout, in order; the number of those applied is the file's `user_version`.
const LAYOUTS: &[&str] = &[
    "CREATE TABLE journal (case_id TEXT NOT NULL, number INTEGER NOT NULL, at TEXT NOT NULL, bytes BLOB NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (case_id, number)) STRICT;
     CREATE TABLE assessment (case_id TEXT PRIMARY KEY, json TEXT NOT NULL, folder TEXT) STRICT;
     CREATE TABLE evidence (case_id TEXT NOT NULL, n INTEGER NOT NULL, path TEXT NOT NULL, PRIMARY KEY (case_id, path)) STRICT;
     CREATE TABLE profile (account TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;
     PRAGMA user_version = 1;",
    "CREATE TABLE message_key (key TEXT NOT NULL, case_id TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (key, case_id)) STRICT, WITHOUT ROWID;
     PRAGMA user_version = 2;",
];

/// The layout from which on messages are indexed; cases of earlier ones are indexed when the file is brought up to date.
const INDEXED: i64 = 2;

/// More cases are not compared with one message.
const MOST_MATTERS: i64 = 300;

/// SQLite's result codes for a file that is damaged (`SQLITE_CORRUPT`) or no database (`SQLITE_NOTADB`).
/// Source: <https://www.sqlite.org/rescode.html>; the lowest byte of an extended code is its primary code.
const BROKEN: [u32; 2] = [11, 26];

/// The store in a folder. Every call blocks until SQLite has answered, so it must not be made inside an async runtime.
pub struct SqliteStore {
    runtime: Runtime,
    connection: SqliteConnection,
    place: String,
}

impl SqliteStore {
    /// Opens (or makes) `abate.sqlite` in a folder. What is made is readable by the user alone.
    ///
    /// # Errors
    /// [`StoreError::Unusable`], [`StoreError::Broken`] and [`StoreError::TooNew`].
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let file = folder.join("abate.sqlite");
        let place = file.display().to_string();
        let unusable = |reason: String| StoreError::Unusable { place: place.clone(), reason };
        make_private(folder, &file).map_err(|e| unusable(e.to_string()))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| unusable(e.to_string()))?;
        let options = SqliteConnectOptions::from_str("sqlite:")
            .map_err(|e| unusable(e.to_string()))?
            .filename(&file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .foreign_keys(true)
            .busy_timeout(std::time::Duration::from_secs(20));
        let connection = runtime.block_on(connect(&options)).map_err(|e| failed(&place, &e))?;
        let mut store = Self { runtime, connection, place };
        store.bring_up_to_date()?;
        Ok(store)
    }

    fn bring_up_to_date(&mut self) -> Result<(), StoreError> {
        let place = self.place.clone();
        let connection = &mut self.connection;
        let found: Result<i64, sqlx::Error> = self.runtime.block_on(async {
            // The lock is taken before the version is read, so that two processes do not both set up a new file.
            let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
            let found: i64 = sqlx::query("PRAGMA user_version").fetch_one(&mut *tx).await?.try_get(0)?;
            for layout in LAYOUTS.iter().skip(usize::try_from(found).unwrap_or(0)) {
                sqlx::raw_sql(*layout).execute(&mut *tx).await?;
            }
            if (1..INDEXED).contains(&found) {
                index_all(&mut tx).await?;
            }
            tx.commit().await?;
            Ok(found)
        });
        let found = found.map_err(|e| failed(&place, &e))?;
        let known = i64::try_from(LAYOUTS.len()).unwrap_or(i64::MAX);
        if found > known { Err(StoreError::TooNew { place, found, known }) } else { Ok(()) }
    }

    fn failed(&self, error: &sqlx::Error) -> StoreError {
        failed(&self.place, error)
    }
}

/// Indexes the messages of a store that was made before there was an index. An entry that cannot be read is left out here; the
/// case it belongs to says so when it is opened.
async fn index_all(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let rows: Vec<(String, String, Vec<u8>)> =
        sqlx::query_as("SELECT case_id, at, bytes FROM journal WHERE number = 1").fetch_all(&mut *connection).await?;
    for (case, at, bytes) in rows {
        if let Ok(entry) = serde_json::from_slice::<JournalEntry>(&bytes) {
            index(connection, &case, &at, &entry.event).await?;
        }
    }
    Ok(())
}

/// Notes the keys under which an entry's messages are found.
async fn index(connection: &mut SqliteConnection, case: &str, at: &str, event: &Event) -> Result<(), sqlx::Error> {
    let notices: Vec<&Notice> = match event {
        Event::Opened { notice } | Event::NoticeJoined { notice, .. } => vec![notice],
        Event::Merged { notices, .. } => notices.iter().collect(),
        _ => Vec::new(),
    };
    for key in notices.into_iter().flat_map(keys) {
        let insert = "INSERT INTO message_key (key, case_id, at) VALUES (?1, ?2, ?3) ON CONFLICT (key, case_id) DO UPDATE SET at = ?3";
        sqlx::query(insert).bind(key).bind(case).bind(at).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Connects. While another process sets up a new file, SQLite answers "busy" to the change of the journal mode at once,
/// whatever the busy timeout (<https://www.sqlite.org/wal.html>, "Sometimes queries return SQLITE_BUSY"); that passes.
async fn connect(options: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    let busy = |e: &sqlx::Error| e.as_database_error().and_then(|d| d.code()).is_some_and(|code| code == "5");
    for _ in 0..100 {
        match options.connect().await {
            Err(error) if busy(&error) => std::thread::sleep(std::time::Duration::from_millis(50)),
            done => return done,
        }
    }
    options.connect().await
}

fn failed(place: &str, error: &sqlx::Error) -> StoreError {
    let (place, reason) = (place.to_owned(), error.to_string());
    let code = error.as_database_error().and_then(|e| e.code()).and_then(|code| code.parse::<u32>().ok());
    if code.is_some_and(|code| BROKEN.contains(&(code & 0xff))) {
        StoreError::Broken { place, reason }
    } else {
        StoreError::Unusable { place, reason }
    }
}

/// Makes folder and file where they are not there yet. SQLite gives its side files the permissions of the file itself.
fn make_private(folder: &Path, file: &Path) -> std::io::Result<()> {
    let (mut folders, mut files) = (std::fs::DirBuilder::new(), std::fs::OpenOptions::new());
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        folders.mode(0o700);
        files.mode(0o600);
    }
    folders.recursive(true).create(folder)?;
    match files.write(true).create_new(true).open(file) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// A stored entry: its bytes, and the number and hash written beside them.
struct Stored {
    number: i64,
    bytes: Vec<u8>,
    hash: String,
}

async fn stored(connection: &mut SqliteConnection, case: &CaseId) -> Result<Vec<Stored>, sqlx::Error> {
    let rows = sqlx::query("SELECT number, bytes, hash FROM journal WHERE case_id = ? ORDER BY number")
        .bind(case.as_str())
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(|row| Ok(Stored { number: row.try_get(0)?, bytes: row.try_get(1)?, hash: row.try_get(2)? })).collect()
}

/// Folds stored entries, checking each against its hash and the chain.
fn fold(case: &CaseId, entries: &[Stored]) -> Result<(State, Vec<JournalEntry>), StoreError> {
    let (mut state, mut journal) = (State::empty(), Vec::new());
    for (n, stored) in entries.iter().enumerate() {
        let number = n as u64 + 1;
        let damaged = |reason: &str| StoreError::Damaged { case: case.clone(), number, reason: reason.to_owned() };
        if u64::try_from(stored.number) != Ok(number) {
            return Err(damaged("it is missing, or its number was changed"));
        }
        if sha256_hex(&stored.bytes) != stored.hash {
            return Err(damaged("its bytes do not fit its hash"));
        }
        let entry: JournalEntry = serde_json::from_slice(&stored.bytes).map_err(|e| damaged(&e.to_string()))?;
        if entry.case != *case {
            return Err(damaged(&format!("it belongs to case {}", entry.case)));
        }
        state.apply(&entry, &stored.bytes).map_err(|e| damaged(&e.to_string()))?;
        journal.push(entry);
    }
    Ok((state, journal))
}

/// The entries that events make after a state; what it knows already makes none.
fn entries_for(case: &CaseId, at: Timestamp, events: &[Event], state: &mut State) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
    let mut made = Vec::new();
    for event in events {
        if state.knows(event) {
            continue;
        }
        let entry = JournalEntry {
            schema: ENTRY_SCHEMA.to_owned(),
            case: case.clone(),
            number: state.number + 1,
            at,
            previous: state.head.clone(),
            event: event.clone(),
        };
        let bytes = entry.canonical()?;
        state.apply(&entry, &bytes)?;
        made.push((entry.number, bytes));
    }
    Ok(made)
}

impl Store for SqliteStore {
    fn append(&mut self, case: &CaseId, at: Timestamp, events: &[Event]) -> Result<State, StoreError> {
        let place = self.place.clone();
        let lost = |e: sqlx::Error| failed(&place, &e);
        let connection = &mut self.connection;
        self.runtime.block_on(async {
            // IMMEDIATE takes the write lock before the state is read: no other process can append in between.
            let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.map_err(lost)?;
            let (mut state, _) = fold(case, &stored(&mut tx, case).await.map_err(lost)?)?;
            let fresh: Vec<&Event> = events.iter().filter(|e| !state.knows(e)).collect();
            for event in fresh {
                index(&mut tx, case.as_str(), &at.to_string(), event).await.map_err(lost)?;
            }
            for (number, bytes) in entries_for(case, at, events, &mut state)? {
                sqlx::query("INSERT INTO journal (case_id, number, at, bytes, hash) VALUES (?, ?, ?, ?, ?)")
                    .bind(case.as_str())
                    .bind(i64::try_from(number).unwrap_or(i64::MAX))
                    .bind(at.to_string())
                    .bind(&bytes)
                    .bind(sha256_hex(&bytes))
                    .execute(&mut *tx)
                    .await
                    .map_err(lost)?;
            }
            tx.commit().await.map_err(lost)?;
            Ok(state)
        })
    }

    fn state(&mut self, case: &CaseId) -> Result<State, StoreError> {
        let entries = self.runtime.block_on(stored(&mut self.connection, case));
        fold(case, &entries.map_err(|e| self.failed(&e))?).map(|(state, _)| state)
    }

    fn matters(&mut self, keys: &[String]) -> Result<Vec<CaseId>, StoreError> {
        let wanted = serde_json::to_string(keys)?;
        let query = sqlx::query_scalar(
            "SELECT case_id FROM message_key WHERE key IN (SELECT value FROM json_each(?)) GROUP BY case_id ORDER BY max(at) DESC, case_id LIMIT ?",
        );
        let found: Vec<String> =
            self.runtime.block_on(query.bind(wanted).bind(MOST_MATTERS).fetch_all(&mut self.connection)).map_err(|e| self.failed(&e))?;
        Ok(found.iter().filter_map(|id| CaseId::parse(id)).collect())
    }

    fn journal(&mut self, case: &CaseId) -> Result<Vec<JournalEntry>, StoreError> {
        let entries = self.runtime.block_on(stored(&mut self.connection, case));
        fold(case, &entries.map_err(|e| self.failed(&e))?).map(|(_, journal)| journal)
    }

    fn cases(&mut self) -> Result<Vec<CaseSummary>, StoreError> {
        let query = sqlx::query_as(
            "SELECT c.case_id, a.json, (SELECT bytes FROM journal j WHERE j.case_id = c.case_id AND j.number = 1),
                 (SELECT coalesce(max(number), 0) FROM journal j WHERE j.case_id = c.case_id),
                 (SELECT bytes FROM journal j WHERE j.case_id = c.case_id ORDER BY number DESC LIMIT 1)
             FROM (SELECT case_id FROM journal UNION SELECT case_id FROM assessment) c LEFT JOIN assessment a ON a.case_id = c.case_id
             ORDER BY c.case_id",
        );
        let lines = self.runtime.block_on(query.fetch_all(&mut self.connection)).map_err(|e| self.failed(&e))?;
        lines.into_iter().map(summary).collect()
    }

    fn save_case(&mut self, case: &Case, out: Option<&Path>) -> Result<(), StoreError> {
        let json = serde_json::to_string(case)?;
        let folder = out.map(as_text).transpose()?;
        let query = sqlx::query(
            "INSERT INTO assessment (case_id, json, folder) VALUES (?, ?, ?)
             ON CONFLICT (case_id) DO UPDATE SET json = excluded.json, folder = coalesce(excluded.folder, folder)",
        );
        let result = self.runtime.block_on(query.bind(case.id.as_str()).bind(json).bind(folder).execute(&mut self.connection));
        result.map(|_| ()).map_err(|e| self.failed(&e))
    }

    fn load_case(&mut self, id: &CaseId) -> Result<Option<(Case, Option<PathBuf>)>, StoreError> {
        let query = sqlx::query_as("SELECT json, folder FROM assessment WHERE case_id = ?").bind(id.as_str());
        let row = self.runtime.block_on(query.fetch_optional(&mut self.connection));
        let row: Option<(String, Option<String>)> = row.map_err(|e| self.failed(&e))?;
        let Some((json, folder)) = row else { return Ok(None) };
        Ok(Some((read(&json, || format!("assessment of case {id}"))?, folder.map(PathBuf::from))))
    }

    fn evidence(&mut self, case: &CaseId, more: &[PathBuf]) -> Result<Vec<PathBuf>, StoreError> {
        // A relative path would mean another file in the next run.
        let lasting = |path: &PathBuf| if is_stdin(path) || object_place(path).is_some() { None } else { std::fs::canonicalize(path).ok() };
        let more = more.iter().map(|path| as_text(&lasting(path).unwrap_or_else(|| path.clone())));
        let more = more.collect::<Result<Vec<String>, StoreError>>()?;
        let connection = &mut self.connection;
        let result: Result<Vec<String>, sqlx::Error> = self.runtime.block_on(async {
            let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
            for path in more {
                let insert = "INSERT INTO evidence (case_id, n, path) SELECT ?1, count(*), ?2 FROM evidence WHERE case_id = ?1 ON CONFLICT DO NOTHING";
                sqlx::query(insert).bind(case.as_str()).bind(path).execute(&mut *tx).await?;
            }
            let rows = sqlx::query("SELECT path FROM evidence WHERE case_id = ? ORDER BY n").bind(case.as_str()).fetch_all(&mut *tx).await?;
            tx.commit().await?;
            rows.into_iter().map(|row| row.try_get(0)).collect()
        });
        result.map(|paths| paths.into_iter().map(PathBuf::from).collect()).map_err(|e| self.failed(&e))
    }

    fn profile(&mut self, account: &str) -> Result<Option<AccountProfile>, StoreError> {
        let query = sqlx::query_scalar("SELECT json FROM profile WHERE account = ?").bind(account);
        let json: Option<String> = self.runtime.block_on(query.fetch_optional(&mut self.connection)).map_err(|e| self.failed(&e))?;
        json.map(|json| read(&json, || format!("profile of account {account}"))).transpose()
    }

    fn save_profile(&mut self, profile: &AccountProfile) -> Result<(), StoreError> {
        let json = serde_json::to_string(profile)?;
        let query =
            sqlx::query("INSERT INTO profile (account, json) VALUES (?, ?) ON CONFLICT (account) DO UPDATE SET json = excluded.json");
        let account = profile.account_id.clone().unwrap_or_default();
        let result = self.runtime.block_on(query.bind(account).bind(json).execute(&mut self.connection));
        result.map(|_| ()).map_err(|e| self.failed(&e))
    }

    fn profiles(&mut self) -> Result<Vec<AccountProfile>, StoreError> {
        let query = sqlx::query_as("SELECT account, json FROM profile ORDER BY account");
        let rows = self.runtime.block_on(query.fetch_all(&mut self.connection));
        let rows: Vec<(String, String)> = rows.map_err(|e| self.failed(&e))?;
        rows.iter().map(|(account, json)| read(json, || format!("profile of account {account}"))).collect()
    }
}

/// Reads a kept copy.
fn read<T: DeserializeOwned>(json: &str, what: impl FnOnce() -> String) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|e| StoreError::Unreadable { what: what(), reason: e.to_string() })
}

fn as_text(path: &Path) -> Result<String, StoreError> {
    path.to_str().map(str::to_owned).ok_or_else(|| StoreError::PathNotText { path: path.display().to_string() })
}

/// A case's id, its assessment, its first entry, the number of its last, and that one.
type Line = (String, Option<String>, Option<Vec<u8>>, i64, Option<Vec<u8>>);

/// An assessment that an older version wrote, or that a crash kept from being written, must not hide the case: the
/// journal says enough for the list.
fn summary((id, json, first, entries, last): Line) -> Result<CaseSummary, StoreError> {
    let unreadable = |reason: &str| StoreError::Unreadable { what: format!("case {id}"), reason: reason.to_owned() };
    let case: Option<Case> = json.and_then(|json| serde_json::from_str(&json).ok());
    let (opened_at, opened) = match first.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
        Some(JournalEntry { at, event: Event::Opened { notice }, .. }) => (Some(at), Some(*notice)),
        _ => (None, None),
    };
    let leading = case.as_ref().and_then(|c| c.causes.first()).map(|c| serde_json::to_value(c.kind)).transpose()?;
    let assessed_at = case.as_ref().map(|c| c.assessed_at);
    let messages = case.as_ref().map_or(1, |c| c.messages.len().max(1));
    let standing = case.as_ref().map(|c| c.standing.clone()).or_else(|| opened.as_ref().map(|n| Standing::of(std::slice::from_ref(n))));
    let standing = standing.unwrap_or_default();
    let merged_into = match last.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
        Some(JournalEntry { event: Event::MergedInto { into, .. }, .. }) => Some(into),
        _ => None,
    };
    let notice = case.map(|c| c.notice).or(opened).ok_or_else(|| unreadable("neither its assessment nor its first entry is whole"))?;
    Ok(CaseSummary {
        id: CaseId::parse(&id).ok_or_else(|| unreadable("that is not the form of a case id"))?,
        opened_at: opened_at.unwrap_or(notice.received_at),
        assessed_at,
        category: notice.category,
        account: notice.account_id,
        deadline: notice.deadline.at,
        kind: notice.kind,
        rung: standing.rung,
        resolved: standing.resolved,
        messages: u64::try_from(messages).unwrap_or(1),
        merged_into,
        leading: leading.and_then(|v| v.as_str().map(str::to_owned)),
        entries: u64::try_from(entries).unwrap_or(0),
    })
}

#[cfg(test)]
mod tests;
