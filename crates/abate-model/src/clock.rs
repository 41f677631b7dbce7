//! How far the clocks behind the logs are apart, told from acts that two logs saw.

use serde::{Deserialize, Serialize};

use crate::{Coverage, Text, ZoneCertainty};

/// What two logs saw of one act, and so how exactly its time is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeenTwice {
    /// a connection to a host: its sign-in (or failure) with address and port, and its flow record
    Connection,
    /// an address that came to a service of a host: what the service logged, and the flow records of the address to its ports
    Visit,
    /// a request for a page: the web server's line, and that of the load balancer, distribution or web ACL in front of it
    Request,
    /// a sign-in: a line without a zone, and a login record with a time in UTC
    SignIn,
}

impl SeenTwice {
    /// What such acts are called.
    #[must_use]
    pub const fn title(self) -> Text {
        match self {
            Self::Connection => Text::fixed("connections", "接続"),
            Self::Visit => Text::fixed("visits of addresses", "アドレスごとの来訪"),
            Self::Request => Text::fixed("web requests", "ウェブリクエスト"),
            Self::SignIn => Text::fixed("sign-ins", "サインイン"),
        }
    }
}

/// What the distance of two clocks looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockReading {
    /// they agree, as closely as it can be told
    InStep,
    /// they are whole hours (or quarters of one) apart: times were read, or written, in another zone
    OtherZone,
    /// they are apart by any other amount: a clock that nobody sets
    Apart,
    /// it could not be told
    NotEstimated,
}

/// By how much the times of a log lie ahead of the true ones, in seconds; negative when they lie behind. Both ends fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ahead {
    /// at least
    pub from: i64,
    /// at most, never less than `from`
    pub to: i64,
}

/// A clock that wrote times of logs, beside a better one.
///
/// The times themselves are left as they were read: whoever uses them decides what to make of this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// reader of the logs that it wrote
    pub format: String,
    /// host that they name, if they do
    pub host: Option<String>,
    /// how sure the zone of their times is
    pub zone: ZoneCertainty,
    /// readers of the logs that it is compared with
    pub against: Vec<String>,
    /// which acts both saw; `null` where there are none
    pub by: Option<SeenTwice>,
    /// how many acts both saw, of a sample that is the same in every run
    pub acts: u64,
    /// how many of them fit what is estimated
    pub agreeing: u64,
    /// how many addresses those came from
    pub addresses: u64,
    /// the estimate; `null` where there is none
    pub ahead: Option<Ahead>,
    /// what it looks like
    pub reading: ClockReading,
    /// the same in words, with what it suggests, or why there is no estimate
    pub says: Text,
}

impl Clock {
    /// Whether its times are known not to be the true ones.
    #[must_use]
    pub const fn is_off(&self) -> bool {
        matches!(self.reading, ClockReading::OtherZone | ClockReading::Apart)
    }

    /// Whether its times may be hours off: they are known not to be the true ones, or their zone was assumed and nothing bears it out.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.is_off() || (self.reading == ClockReading::NotEstimated && self.zone != ZoneCertainty::Stated)
    }

    /// Whether it wrote the times of some coverage.
    #[must_use]
    pub fn wrote(&self, coverage: &Coverage) -> bool {
        // Without a host's name it may be the clock of any of them.
        self.format == coverage.format && (self.host.is_none() || self.host == coverage.scope.host)
    }

    /// Where it stands, for people: `syslog of web-1`.
    #[must_use]
    pub fn name(&self) -> Text {
        match &self.host {
            Some(host) => Text::new(format!("{} of {host}", self.format), format!("{host} の {}", self.format)),
            None => Text::same(self.format.clone()),
        }
    }
}
