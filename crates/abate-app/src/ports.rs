//! The ports: what the use cases need of the world, named by need and not by vendor.

mod objects;

use std::path::{Path, PathBuf};

use abate_model::journal::{Event, IllegalMove, JournalEntry, State};
use abate_model::{AccountProfile, Case, CaseId, Category, Evidence, NoticeKind, Row, RuleMatch, Rung, Text};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use thiserror::Error;

pub use self::objects::{Fetch, NoObjects, Object, Objects, SCHEME, object_place};

/// A line of the list of cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseSummary {
    /// id
    pub id: CaseId,
    /// when it was opened
    pub opened_at: Timestamp,
    /// when it was last assessed; `None` when no assessment of it is kept, or none that this version can read
    pub assessed_at: Option<Timestamp>,
    /// first reported category
    pub category: Category,
    /// account
    pub account: Option<String>,
    /// when an answer is due
    pub deadline: Timestamp,
    /// where the notice stands
    pub kind: NoticeKind,
    /// how far AWS has gone
    pub rung: Rung,
    /// when AWS called the matter closed, if it has
    pub resolved: Option<Timestamp>,
    /// messages of the matter
    pub messages: u64,
    /// the case in which this one goes on
    pub merged_into: Option<CaseId>,
    /// the leading cause's kind
    pub leading: Option<String>,
    /// number of the journal's last entry
    pub entries: u64,
}

/// Why the store failed.
#[derive(Debug, Error)]
pub enum StoreError {
    /// the file or folder cannot be used
    #[error("the case store {place} cannot be used: {reason}")]
    Unusable {
        /// its path
        place: String,
        /// why
        reason: String,
    },
    /// the file is no database, or a broken one
    #[error("the case store {place} is damaged: {reason}")]
    Broken {
        /// its path
        place: String,
        /// what SQLite says
        reason: String,
    },
    /// made by a newer version
    #[error("the case store {place} has layout {found}, this version knows layouts up to {known}")]
    TooNew {
        /// its path
        place: String,
        /// layout found
        found: i64,
        /// newest known
        known: i64,
    },
    /// a stored entry is not what was written
    #[error("entry {number} of case {case} was changed or damaged: {reason}")]
    Damaged {
        /// case
        case: CaseId,
        /// entry
        number: u64,
        /// what does not fit
        reason: String,
    },
    /// a kept copy (an assessment, a profile) that this version cannot read
    #[error("the stored {what} cannot be read: {reason}")]
    Unreadable {
        /// which one
        what: String,
        /// why
        reason: String,
    },
    /// a path that cannot be stored as text
    #[error("the path {path} is not valid Unicode, so that it cannot be remembered")]
    PathNotText {
        /// as far as it can be shown
        path: String,
    },
    /// an event that does not fit the case
    #[error(transparent)]
    Illegal(#[from] IllegalMove),
    /// a value cannot be written as JSON
    #[error("a value cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl StoreError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Text {
        match self {
            Self::Unusable { .. } => Text::fixed(
                "check the folder's permissions, its free space and whether another abate is still running, or set ABATE_HOME to another folder",
                "フォルダーの権限と空き容量、ほかの abate が実行中でないかを確認するか、ABATE_HOME に別のフォルダーを指定してください",
            ),
            Self::Broken { .. } => Text::fixed(
                "keep a copy of the file, then restore it from a backup, or move it away to begin with an empty store",
                "まずファイルの写しを保管し、バックアップから復元してください。ファイルを別の場所へ移すと、空の保存先から始められます",
            ),
            Self::TooNew { .. } => {
                Text::fixed("use the newer version of abate that made it", "この保存先を作成した新しい版の abate を使ってください")
            }
            Self::Damaged { .. } => Text::fixed(
                "restore the store from a backup; the entries before it are intact",
                "バックアップから復元してください。この記録より前は無事です",
            ),
            Self::Unreadable { .. } => Text::fixed(
                "run 'abate respond' with the same notice again (or save the profile again): the copy is made anew and the journal is not touched",
                "同じ通知で「abate respond」を再度実行してください（プロファイルなら保存し直してください）。写しは作り直され、ジャーナルは変わりません",
            ),
            Self::PathNotText { .. } => Text::fixed(
                "rename the file or folder and run it again",
                "ファイル名またはフォルダー名を変更してから、もう一度実行してください",
            ),
            Self::Illegal(_) => {
                Text::fixed("'abate case show CASE' shows what the case has", "「abate case show 案件ID」で案件の状態を確認してください")
            }
            Self::Json(_) => Text::fixed("report this as a bug", "不具合として報告してください"),
        }
    }
}

/// Where cases are kept.
pub trait Store {
    /// Appends events in one transaction, leaving out what the case already knows ([`State::knows`]); all or nothing.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    fn append(&mut self, case: &CaseId, at: Timestamp, events: &[Event]) -> Result<State, StoreError>;
    /// The state of a case, folded from its journal after the chain was verified; empty for an unknown case.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the chain is broken.
    fn state(&mut self, case: &CaseId) -> Result<State, StoreError>;
    /// The cases that have a message with one of these keys ([`abate_model::thread::keys`]), the most recent first; at most some
    /// hundred, for an account may have any number of cases.
    ///
    /// # Errors
    /// [`StoreError`]
    fn matters(&mut self, keys: &[String]) -> Result<Vec<CaseId>, StoreError>;
    /// All entries of a case.
    ///
    /// # Errors
    /// [`StoreError`]
    fn journal(&mut self, case: &CaseId) -> Result<Vec<JournalEntry>, StoreError>;
    /// All cases with an entry or an assessment, by id. The chains are not verified here; [`Store::state`] does that.
    ///
    /// # Errors
    /// [`StoreError`]
    fn cases(&mut self) -> Result<Vec<CaseSummary>, StoreError>;
    /// Keeps the last assessment, and where its files were written (`None`: as before).
    ///
    /// # Errors
    /// [`StoreError`]
    fn save_case(&mut self, case: &Case, out: Option<&Path>) -> Result<(), StoreError>;
    /// The last assessment.
    ///
    /// # Errors
    /// [`StoreError`]
    fn load_case(&mut self, id: &CaseId) -> Result<Option<(Case, Option<PathBuf>)>, StoreError>;
    /// Remembers paths of evidence given for a case, and returns all that were ever given, in order.
    ///
    /// # Errors
    /// [`StoreError`]
    fn evidence(&mut self, case: &CaseId, more: &[PathBuf]) -> Result<Vec<PathBuf>, StoreError>;
    /// The profile of an account.
    ///
    /// # Errors
    /// [`StoreError`]
    fn profile(&mut self, account: &str) -> Result<Option<AccountProfile>, StoreError>;
    /// Keeps a profile (its `account_id` must be set).
    ///
    /// # Errors
    /// [`StoreError`]
    fn save_profile(&mut self, profile: &AccountProfile) -> Result<(), StoreError>;
    /// All profiles, by account.
    ///
    /// # Errors
    /// [`StoreError`]
    fn profiles(&mut self) -> Result<Vec<AccountProfile>, StoreError>;
}

/// Told how far the reading is.
pub trait Progress {
    /// So many objects were listed so far at a place of which the number is not known beforehand.
    fn listed(&mut self, objects: u64, place: &str) {
        let _ = (objects, place);
    }
    /// So much is to be read.
    fn begin(&mut self, total_bytes: u64, files: u64);
    /// So much more was read.
    fn advance(&mut self, bytes: u64, what: &str);
    /// All was read.
    fn end(&mut self);
}

/// Nobody is told.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn begin(&mut self, _total_bytes: u64, _files: u64) {}
    fn advance(&mut self, _bytes: u64, _what: &str) {}
    fn end(&mut self) {}
}

/// Stateless rules that are tried on each record while it is read.
pub trait RuleMatcher: Sync {
    /// The rules that match a record, with what they name.
    fn matches(&self, row: &Row<'_>, raw: &[u8]) -> Vec<RuleMatch>;
    /// What tells these rules from others: the same digest, the same matches.
    fn digest(&self) -> String;
}

/// The path that means standard input. A file of this name is given as `./-`.
pub const STDIN: &str = "-";
/// What stands for standard input of an earlier run, which cannot be read again: a path at which there is nothing, so that it
/// is listed as lost.
pub const STDIN_GONE: &str = "- (standard input of an earlier run)";

/// Whether a path means standard input.
#[must_use]
pub fn is_stdin(path: &Path) -> bool {
    path == Path::new(STDIN)
}

/// The paths of a case, as they can be read in this run, which was given `now`.
#[must_use]
pub fn still_there(paths: Vec<PathBuf>, now: &[PathBuf]) -> Vec<PathBuf> {
    let gone = |path: &PathBuf| is_stdin(path) && !now.iter().any(|p| is_stdin(p));
    paths.into_iter().map(|path| if gone(&path) { PathBuf::from(STDIN_GONE) } else { path }).collect()
}

/// What is to be read.
pub struct IngestRequest<'a> {
    /// files and folders, places of objects ([`object_place`]), and [`STDIN`]
    pub paths: &'a [PathBuf],
    /// the instant from which the year of a time without one is reckoned; see `abate_evidence::ReadContext::reference`
    pub reference: Timestamp,
    /// zone of lines without one
    pub zone: TimeZone,
    /// rules, if any
    pub rules: Option<&'a dyn RuleMatcher>,
    /// whether what the lake read with other rules, or with none, will do as well: rows are the same, matches are not
    pub any_rules: bool,
    /// the folder that keeps what was read, so that it need not be read again; a temporary one if there is none
    pub lake: Option<&'a Path>,
    /// the folder into which the files are copied, if they are to be
    pub preserve: Option<&'a Path>,
    /// whether what was read earlier and is gone now is left out from now on; else its rows stay as they were read
    pub forget_gone: bool,
}

/// Why evidence could not be taken in at all. What fails inside the evidence is a loss, not an error; so is a path that
/// is gone, because the paths of earlier runs are read again and one that was moved away must not lock the case.
#[derive(Debug, Error)]
pub enum LakeError {
    /// a worker ended without a result
    #[error("reading the evidence stopped unexpectedly at {file}")]
    Stopped {
        /// the file it was to read
        file: String,
    },
    /// a plan of shards that does not fit
    #[error("the plan cannot be followed: {reason}")]
    Plan {
        /// why
        reason: String,
    },
    /// what was read cannot be written down, or not be read again
    #[error("the rows that were read cannot be kept in {place}: {reason}")]
    Disk {
        /// the folder
        place: String,
        /// why
        reason: String,
    },
}

impl LakeError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Text {
        match self {
            Self::Stopped { .. } => {
                Text::fixed("report this as a bug, with the name of the file", "ファイル名を添えて、不具合として報告してください")
            }
            Self::Plan { .. } => Text::fixed("make it again with 'abate evidence plan'", "「abate evidence plan」で作り直してください"),
            Self::Disk { .. } => Text::fixed(
                "check the folder's permissions and free space; TMPDIR sets another place for what is temporary",
                "フォルダーの権限と空き容量を確認してください。一時的な保存先は TMPDIR で変更できます",
            ),
        }
    }
}

/// A table that was written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Exported {
    /// its name
    pub table: &'static str,
    /// the file
    pub file: PathBuf,
    /// its rows
    pub rows: u64,
}

/// Takes evidence in.
pub trait Lake {
    /// Reads everything below the paths.
    ///
    /// # Errors
    /// [`LakeError`] when the work itself broke down.
    fn ingest(&self, request: &IngestRequest<'_>, progress: &mut dyn Progress) -> Result<Box<dyn Evidence>, LakeError>;
}
