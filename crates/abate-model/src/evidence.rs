//! Evidence: sources, places in them, what was lost, and what a source can and cannot show.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::time::utc;
use crate::{Clock, Text, TimeWindow};

/// Index of a source inside one ingest run.
pub type SourceNo = u32;

/// Where a row came from, inside its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Locator {
    /// bytes of the decompressed stream
    Bytes {
        /// first byte, from 0
        offset: u64,
        /// how many
        length: u64,
    },
    /// n-th record (EVTX, utmp, CSV), from 0
    Record {
        /// its number
        n: u64,
    },
    /// row of a Parquet file
    Row {
        /// row group, from 0
        group: u64,
        /// row in the group, from 0
        row: u64,
    },
}

impl std::fmt::Display for Locator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes { offset, length } => write!(f, "bytes {offset}+{length}"),
            Self::Record { n } => write!(f, "record {n}"),
            Self::Row { group, row } => write!(f, "row {group}:{row}"),
        }
    }
}

impl std::str::FromStr for Locator {
    type Err = BadLocator;

    fn from_str(text: &str) -> Result<Self, BadLocator> {
        let bad = || BadLocator(text.to_owned());
        let (kind, place) = text.trim().split_once([' ', ':']).ok_or_else(bad)?;
        let number = |text: &str| text.trim().parse::<u64>().map_err(|_| bad());
        let pair = |sign: char| place.split_once(sign).ok_or_else(bad).and_then(|(a, b)| Ok((number(a)?, number(b)?)));
        match kind {
            "bytes" => pair('+').map(|(offset, length)| Self::Bytes { offset, length }),
            "record" => number(place).map(|n| Self::Record { n }),
            "row" => pair(':').map(|(group, row)| Self::Row { group, row }),
            _ => Err(bad()),
        }
    }
}

/// A place that is not written as one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no place in a source: expected bytes OFFSET+LENGTH, record NUMBER or row GROUP:ROW")]
pub struct BadLocator(pub String);

/// The tables, named after OCSF classes; `timed_text` is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Table {
    ApiActivity,
    NetworkActivity,
    DnsActivity,
    HttpActivity,
    Authentication,
    AccountChange,
    ProcessActivity,
    ScheduledJobActivity,
    EmailActivity,
    FileActivity,
    EventLogActivity,
    DetectionFinding,
    InventoryInfo,
    TimedText,
}

impl Table {
    /// All tables.
    pub const ALL: [Self; 14] = [
        Self::ApiActivity,
        Self::NetworkActivity,
        Self::DnsActivity,
        Self::HttpActivity,
        Self::Authentication,
        Self::AccountChange,
        Self::ProcessActivity,
        Self::ScheduledJobActivity,
        Self::EmailActivity,
        Self::FileActivity,
        Self::EventLogActivity,
        Self::DetectionFinding,
        Self::InventoryInfo,
        Self::TimedText,
    ];

    /// The table's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ApiActivity => "api_activity",
            Self::NetworkActivity => "network_activity",
            Self::DnsActivity => "dns_activity",
            Self::HttpActivity => "http_activity",
            Self::Authentication => "authentication",
            Self::AccountChange => "account_change",
            Self::ProcessActivity => "process_activity",
            Self::ScheduledJobActivity => "scheduled_job_activity",
            Self::EmailActivity => "email_activity",
            Self::FileActivity => "file_activity",
            Self::EventLogActivity => "event_log_activity",
            Self::DetectionFinding => "detection_finding",
            Self::InventoryInfo => "inventory_info",
            Self::TimedText => "timed_text",
        }
    }

    /// The table with a name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// What people call the logs that fill it.
    #[must_use]
    pub const fn logs(self) -> Text {
        match self {
            Self::ApiActivity => Text::fixed("CloudTrail", "CloudTrail"),
            Self::NetworkActivity => Text::fixed("network flow logs", "ネットワークのフローログ"),
            Self::DnsActivity => Text::fixed("DNS query logs", "DNS クエリログ"),
            Self::HttpActivity => Text::fixed("web access logs", "ウェブのアクセスログ"),
            Self::Authentication => Text::fixed("sign-in logs", "サインイン記録"),
            Self::AccountChange => Text::fixed("logs of changes to users", "ユーザー変更の記録"),
            Self::ProcessActivity => Text::fixed("process logs", "プロセスの実行記録"),
            Self::ScheduledJobActivity => Text::fixed("logs of scheduled jobs", "定期実行ジョブの記録"),
            Self::EmailActivity => Text::fixed("mail logs", "メールの送受信記録"),
            Self::FileActivity => Text::fixed("file logs", "ファイル操作の記録"),
            Self::EventLogActivity => Text::fixed("event logs", "イベントログ"),
            Self::DetectionFinding => Text::fixed("GuardDuty findings", "GuardDuty の検出結果"),
            Self::InventoryInfo => Text::fixed("the description of our resources", "リソースの構成情報"),
            Self::TimedText => Text::fixed("application logs", "アプリケーションログ"),
        }
    }

    /// The `class_uid` of its OCSF class (schema 1.4); `None` for `timed_text`.
    #[must_use]
    pub const fn class_uid(self) -> Option<u32> {
        match self {
            Self::ApiActivity => Some(6003),
            Self::NetworkActivity => Some(4001),
            Self::DnsActivity => Some(4003),
            Self::HttpActivity => Some(4002),
            Self::Authentication => Some(3002),
            Self::AccountChange => Some(3001),
            Self::ProcessActivity => Some(1007),
            Self::ScheduledJobActivity => Some(1006),
            Self::EmailActivity => Some(4009),
            Self::FileActivity => Some(1001),
            Self::EventLogActivity => Some(1008),
            Self::DetectionFinding => Some(2004),
            Self::InventoryInfo => Some(5001),
            Self::TimedText => None,
        }
    }
}

/// Why something was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LossKind {
    /// no reader knows the content
    NotRecognised,
    /// the format is known, but no reader exists for it yet
    NotSupported,
    /// a record of a known format that does not parse
    Malformed,
    /// the stream ends in the middle
    Truncated,
    /// a limit on size, ratio, depth or count was reached
    OverLimit,
    /// the operating system refused
    Unreadable,
    /// a path inside an archive that would leave its place
    UnsafePath,
    /// there is nothing in it
    Empty,
}

/// Something that was not read: losses of one kind and reason in one source are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// why, as a kind
    pub kind: LossKind,
    /// why, in words: what was expected and what was found
    pub reason: String,
    /// the first place, if it has one
    pub first: Option<Locator>,
    /// how many records (or files)
    pub count: u64,
    /// how many bytes, as far as known
    pub bytes: u64,
}

/// A file or archive around a source, hashed at first sight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// its path, as in `Source::path`
    pub path: String,
    /// SHA-256 of its bytes
    pub sha256: String,
}

/// One stream of evidence: a file, or a member of an archive, decompressed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// the name of the evidence argument, then the path below it; members of archives follow `!/`
    pub path: String,
    /// the archives or compressed files it lies in, outermost first
    pub containers: Vec<Container>,
    /// SHA-256 of the decompressed bytes
    pub sha256: String,
    /// decompressed size in bytes
    pub bytes: u64,
    /// reader id, or `null` when no reader took it
    pub format: Option<String>,
    /// how that was decided
    pub recognised_by: String,
    /// rows read, without duplicates
    pub records: u64,
    /// rows that another source (or an earlier part of this one) already had
    pub duplicates: u64,
    /// whether what it was read from is not there any more: its rows stand as they were read
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
    /// what was not read
    pub losses: Vec<Loss>,
}

impl Source {
    /// Records lost in it.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.losses.iter().map(|l| l.count).sum()
    }
}

/// What a stretch of coverage is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Scope {
    /// account, if the records say it
    pub account: Option<String>,
    /// Region, if the records say it
    pub region: Option<String>,
    /// host name, interface id or detector id
    pub host: Option<String>,
}

impl Scope {
    /// Of account, Region and host.
    #[must_use]
    pub fn of(place: [Option<&str>; 3]) -> Self {
        let [account, region, host] = place.map(|part| part.map(str::to_owned));
        Self { account, region, host }
    }

    /// Account, Region and host.
    #[must_use]
    pub fn place(&self) -> [Option<&str>; 3] {
        [&self.account, &self.region, &self.host].map(Option::as_deref)
    }
}

/// A stretch without records where a source is known to write continuously.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// first instant not covered
    pub from: Timestamp,
    /// last instant not covered
    pub to: Timestamp,
    /// why it counts as a gap
    pub why: String,
}

/// From when to when a table has records for a scope, and what it could never contain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// which table
    pub table: Table,
    /// reader that filled it
    pub format: String,
    /// account, Region, host
    pub scope: Scope,
    /// first record
    pub from: Option<Timestamp>,
    /// last record
    pub to: Option<Timestamp>,
    /// how many records
    pub records: u64,
    /// whether the format writes at known intervals, so that silence shows as a gap (flow logs); else silence proves nothing
    pub continuous: bool,
    /// whether only AWS writes the format, so that its times are those of AWS's own clocks, which are in step and in UTC
    #[serde(default)]
    pub by_aws: bool,
    /// gaps inside `from`..`to`; meaningful only when `continuous`
    pub gaps: Vec<Gap>,
    /// records of this scope that were lost, so that absence cannot be proved
    pub lost: u64,
    /// what this source never contains
    pub never_contains: Vec<Text>,
}

impl Coverage {
    /// Proof that nothing can be missing in a window: the source writes continuously, spans the window, has no gap in it,
    /// lost no record, and no clock that may have written it is in doubt (what happened in the window would then stand
    /// elsewhere). `None` where any of these fails.
    #[must_use]
    pub fn gap_free(&self, window: TimeWindow, clocks: &[Clock]) -> Option<GapFree> {
        self.proof_over(window, clocks).ok()
    }

    /// The same, or why it is no proof.
    ///
    /// # Errors
    ///
    /// The first thing that is in the way of it.
    pub fn proof_over(&self, window: TimeWindow, clocks: &[Clock]) -> Result<GapFree, Hole> {
        let (Some(from), Some(to), true) = (self.from, self.to, self.continuous) else { return Err(Hole::Occasional) };
        if window.from < from {
            return Err(Hole::Begins(from));
        }
        if to < window.to {
            return Err(Hole::Ends(to));
        }
        if let Some(gap) = self.gaps.iter().find(|gap| TimeWindow::new(gap.from, gap.to).overlaps(&window)) {
            return Err(Hole::Silent(gap.clone()));
        }
        if self.lost > 0 {
            return Err(Hole::Lost(self.lost));
        }
        if let Some(clock) = clocks.iter().find(|clock| clock.wrote(self) && clock.is_doubtful()) {
            return Err(Hole::Clock(clock.name()));
        }
        Ok(GapFree { scope: self.scope.clone(), window, table: self.table })
    }
}

/// Why a source does not prove that nothing is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hole {
    /// it does not write all the time, so that silence means nothing
    Occasional,
    /// it begins too late
    Begins(Timestamp),
    /// it ends too early
    Ends(Timestamp),
    /// it was silent, or skipped records
    Silent(Gap),
    /// so many records could not be read
    Lost(u64),
    /// the clock that wrote it is in doubt
    Clock(Text),
}

impl Hole {
    /// In words that follow the name of the logs.
    #[must_use]
    pub fn says(&self) -> Text {
        match self {
            Self::Occasional => Text::fixed("are not written all the time", "は常時書き込まれるものではない"),
            Self::Begins(at) => Text::new(format!("begin only at {}", utc(*at)), format!("は {} からしかない", utc(*at))),
            Self::Ends(at) => Text::new(format!("end already at {}", utc(*at)), format!("は {} で終わっている", utc(*at))),
            Self::Silent(gap) => Text::new(
                format!("have a gap from {} to {}", utc(gap.from), utc(gap.to)),
                format!("は {} から {} まで欠落している", utc(gap.from), utc(gap.to)),
            ),
            Self::Lost(n) => Text::new(
                format!("have {} that could not be read", crate::text::count(*n, "record")),
                format!("に読めない記録が {n} 件ある"),
            ),
            Self::Clock(name) => {
                Text::new(format!("have a clock in doubt ({})", name.en), format!("の時計（{}）は正確さに疑いがある", name.ja))
            }
        }
    }
}

/// Proof of gap-free coverage over a window; only [`Coverage::gap_free`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapFree {
    scope: Scope,
    window: TimeWindow,
    table: Table,
}

impl GapFree {
    /// what is covered
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
    /// when
    #[must_use]
    pub fn window(&self) -> TimeWindow {
        self.window
    }
    /// by which table
    #[must_use]
    pub fn table(&self) -> Table {
        self.table
    }
}
