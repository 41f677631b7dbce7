//! Case storage in one SQLite file: the hash-chained journal, the last assessment of each case, account profiles.
//!
//! The journal is the truth; the assessment is a copy that can be worked out again. Entries are stored as the bytes that
//! were hashed, so that a change of any byte is seen. What is absent on purpose: any rule about which move is legal;
//! that is `State::apply` in the model.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use abate_app::ports::{CaseSummary, Store, StoreError};
use abate_model::ids::sha256_hex;
use abate_model::journal::{ENTRY_SCHEMA, Event, JournalEntry, State};
use abate_model::{AccountProfile, Case, CaseId};
use jiff::Timestamp;
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
];

/// The store in a folder. Every call blocks until SQLite has answered.
pub struct SqliteStore {
    runtime: Runtime,
    connection: SqliteConnection,
    place: String,
}

impl SqliteStore {
    /// Opens (or makes) `abate.sqlite` in a folder, which is made private to the user.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] and [`StoreError::TooNew`].
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let file = folder.join("abate.sqlite");
        let place = file.display().to_string();
        let unusable = |reason: String| StoreError::Unusable { place: place.clone(), reason };
        make_private(folder).map_err(|e| unusable(e.to_string()))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| unusable(e.to_string()))?;
        let options = SqliteConnectOptions::from_str("sqlite:")
            .map_err(|e| unusable(e.to_string()))?
            .filename(&file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .foreign_keys(true)
            .busy_timeout(std::time::Duration::from_secs(20));
        let connection = runtime.block_on(options.connect()).map_err(|e| unusable(e.to_string()))?;
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
            tx.commit().await?;
            Ok(found)
        });
        let found = found.map_err(|e| StoreError::Unusable { place: place.clone(), reason: e.to_string() })?;
        let known = i64::try_from(LAYOUTS.len()).unwrap_or(i64::MAX);
        if found > known { Err(StoreError::TooNew { place, found, known }) } else { Ok(()) }
    }

    fn unusable(&self, error: &sqlx::Error) -> StoreError {
        StoreError::Unusable { place: self.place.clone(), reason: error.to_string() }
    }
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// A stored entry: its bytes and the hash written beside them.
struct Stored {
    bytes: Vec<u8>,
    hash: String,
}

async fn stored(connection: &mut SqliteConnection, case: &CaseId) -> Result<Vec<Stored>, sqlx::Error> {
    let rows =
        sqlx::query("SELECT bytes, hash FROM journal WHERE case_id = ? ORDER BY number").bind(case.as_str()).fetch_all(connection).await?;
    rows.into_iter().map(|row| Ok(Stored { bytes: row.try_get(0)?, hash: row.try_get(1)? })).collect()
}

/// Folds stored entries, checking each against its hash and the chain.
fn fold(case: &CaseId, entries: &[Stored]) -> Result<(State, Vec<JournalEntry>), StoreError> {
    let (mut state, mut journal) = (State::empty(), Vec::new());
    for (n, stored) in entries.iter().enumerate() {
        let number = n as u64 + 1;
        let damaged = |reason: &str| StoreError::Damaged { case: case.clone(), number, reason: reason.to_owned() };
        if sha256_hex(&stored.bytes) != stored.hash {
            return Err(damaged("its bytes do not fit its hash"));
        }
        let entry: JournalEntry = serde_json::from_slice(&stored.bytes).map_err(|e| damaged(&e.to_string()))?;
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
        let unusable = |e: sqlx::Error| StoreError::Unusable { place: place.clone(), reason: e.to_string() };
        let connection = &mut self.connection;
        self.runtime.block_on(async {
            // IMMEDIATE takes the write lock before the state is read: no other process can append in between.
            let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.map_err(unusable)?;
            let (mut state, _) = fold(case, &stored(&mut tx, case).await.map_err(unusable)?)?;
            for (number, bytes) in entries_for(case, at, events, &mut state)? {
                sqlx::query("INSERT INTO journal (case_id, number, at, bytes, hash) VALUES (?, ?, ?, ?, ?)")
                    .bind(case.as_str())
                    .bind(i64::try_from(number).unwrap_or(i64::MAX))
                    .bind(at.to_string())
                    .bind(&bytes)
                    .bind(sha256_hex(&bytes))
                    .execute(&mut *tx)
                    .await
                    .map_err(unusable)?;
            }
            tx.commit().await.map_err(unusable)?;
            Ok(state)
        })
    }

    fn state(&mut self, case: &CaseId) -> Result<State, StoreError> {
        let entries = self.runtime.block_on(stored(&mut self.connection, case));
        fold(case, &entries.map_err(|e| self.unusable(&e))?).map(|(state, _)| state)
    }

    fn journal(&mut self, case: &CaseId) -> Result<Vec<JournalEntry>, StoreError> {
        let entries = self.runtime.block_on(stored(&mut self.connection, case));
        fold(case, &entries.map_err(|e| self.unusable(&e))?).map(|(_, journal)| journal)
    }

    fn cases(&mut self) -> Result<Vec<CaseSummary>, StoreError> {
        let rows = self.runtime.block_on(sqlx::query("SELECT json FROM assessment ORDER BY case_id").fetch_all(&mut self.connection));
        let rows = rows.map_err(|e| self.unusable(&e))?;
        let mut cases = Vec::new();
        for row in rows {
            let json: String = row.try_get(0).map_err(|e| self.unusable(&e))?;
            cases.push(summary(&serde_json::from_str(&json)?)?);
        }
        Ok(cases)
    }

    fn save_case(&mut self, case: &Case, out: Option<&Path>) -> Result<(), StoreError> {
        let json = serde_json::to_string(case)?;
        let folder = out.map(|p| p.to_string_lossy().into_owned());
        let query = sqlx::query(
            "INSERT INTO assessment (case_id, json, folder) VALUES (?, ?, ?)
             ON CONFLICT (case_id) DO UPDATE SET json = excluded.json, folder = coalesce(excluded.folder, folder)",
        );
        let result = self.runtime.block_on(query.bind(case.id.as_str()).bind(json).bind(folder).execute(&mut self.connection));
        result.map(|_| ()).map_err(|e| self.unusable(&e))
    }

    fn load_case(&mut self, id: &CaseId) -> Result<Option<(Case, Option<PathBuf>)>, StoreError> {
        let query = sqlx::query("SELECT json, folder FROM assessment WHERE case_id = ?").bind(id.as_str());
        let row = self.runtime.block_on(query.fetch_optional(&mut self.connection)).map_err(|e| self.unusable(&e))?;
        let Some(row) = row else { return Ok(None) };
        let json: String = row.try_get(0).map_err(|e| self.unusable(&e))?;
        let folder: Option<String> = row.try_get(1).map_err(|e| self.unusable(&e))?;
        Ok(Some((serde_json::from_str(&json)?, folder.map(PathBuf::from))))
    }

    fn evidence(&mut self, case: &CaseId, more: &[PathBuf]) -> Result<Vec<PathBuf>, StoreError> {
        let connection = &mut self.connection;
        let result: Result<Vec<String>, sqlx::Error> = self.runtime.block_on(async {
            let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
            for path in more {
                // A relative path would mean another file in the next run.
                let absolute = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
                let insert = "INSERT INTO evidence (case_id, n, path) SELECT ?1, count(*), ?2 FROM evidence WHERE case_id = ?1 ON CONFLICT DO NOTHING";
                sqlx::query(insert).bind(case.as_str()).bind(absolute.to_string_lossy().into_owned()).execute(&mut *tx).await?;
            }
            let rows = sqlx::query("SELECT path FROM evidence WHERE case_id = ? ORDER BY n").bind(case.as_str()).fetch_all(&mut *tx).await?;
            tx.commit().await?;
            rows.into_iter().map(|row| row.try_get(0)).collect()
        });
        result.map(|paths| paths.into_iter().map(PathBuf::from).collect()).map_err(|e| self.unusable(&e))
    }

    fn profile(&mut self, account: &str) -> Result<Option<AccountProfile>, StoreError> {
        let query = sqlx::query("SELECT json FROM profile WHERE account = ?").bind(account);
        let row = self.runtime.block_on(query.fetch_optional(&mut self.connection)).map_err(|e| self.unusable(&e))?;
        let Some(row) = row else { return Ok(None) };
        let json: String = row.try_get(0).map_err(|e| self.unusable(&e))?;
        Ok(Some(serde_json::from_str(&json)?))
    }

    fn save_profile(&mut self, profile: &AccountProfile) -> Result<(), StoreError> {
        let json = serde_json::to_string(profile)?;
        let query =
            sqlx::query("INSERT INTO profile (account, json) VALUES (?, ?) ON CONFLICT (account) DO UPDATE SET json = excluded.json");
        let account = profile.account_id.clone().unwrap_or_default();
        let result = self.runtime.block_on(query.bind(account).bind(json).execute(&mut self.connection));
        result.map(|_| ()).map_err(|e| self.unusable(&e))
    }

    fn profiles(&mut self) -> Result<Vec<AccountProfile>, StoreError> {
        let rows = self.runtime.block_on(sqlx::query("SELECT json FROM profile ORDER BY account").fetch_all(&mut self.connection));
        let rows = rows.map_err(|e| self.unusable(&e))?;
        let mut profiles = Vec::new();
        for row in rows {
            let json: String = row.try_get(0).map_err(|e| self.unusable(&e))?;
            profiles.push(serde_json::from_str(&json)?);
        }
        Ok(profiles)
    }
}

fn summary(case: &Case) -> Result<CaseSummary, StoreError> {
    let leading = case.causes.first().map(|c| serde_json::to_value(c.kind)).transpose()?;
    Ok(CaseSummary {
        id: case.id.clone(),
        assessed_at: case.assessed_at,
        category: case.notice.category,
        account: case.notice.account_id.clone(),
        deadline: case.notice.deadline.at,
        kind: case.notice.kind,
        leading: leading.and_then(|v| v.as_str().map(str::to_owned)),
    })
}

#[cfg(test)]
mod tests;
