//! The nouns of Abate.
//!
//! Every stage (`abate-notice`, `abate-evidence`, `abate-findings`, `abate-cause`, `abate-response`, `abate-reply`) is a
//! pure verb from these nouns to these nouns; only the rim does I/O. This crate has no I/O, no clock and no randomness:
//! the present time and every identifier are handed in.
//!
//! What is absent on purpose: methods that reach out to anything, and a `bool` where four answers are possible.

pub mod case;
pub mod category;
pub mod cause;
pub mod cite;
pub mod claim;
pub mod clock;
pub mod evidence;
pub mod extent;
pub mod finding;
pub mod flows;
pub mod ids;
pub mod journal;
pub mod letter;
pub mod memory;
pub mod notice;
pub mod plan;
pub mod port;
pub mod profile;
pub mod rows;
pub mod signatures;
pub mod text;
pub mod thread;
pub mod time;
pub mod totals;
pub mod truth;
pub mod verdict;
pub mod windows;

pub use case::{CASE_SCHEMA, Case};
pub use category::Category;
pub use cause::{CauseClass, CauseKind, Contribution, EvidenceWish, Factor, Hypothesis, PathStep, TimelineEntry};
pub use cite::Cite;
pub use claim::Claim;
pub use clock::{Ahead, Clock, ClockReading, SeenTwice};
pub use evidence::{Container, Coverage, Gap, Locator, Loss, LossKind, Scope, Source, SourceNo, Table};
pub use finding::{Entity, EntityKind, Finding, RuleInfo, Severity};
pub use ids::{AccountId, CaseId, Secret, is_masked};
pub use letter::{Letter, LetterKind, Paragraph};
pub use notice::{
    Authenticity, AuthenticityVerdict, Channel, Deadline, DeadlineBasis, Family, Notice, NoticeKind, Remote, ReportFact, ReportFormat,
    ReportedActivity, ReporterPart, Resource, ResourceKind,
};
pub use plan::{Phase, Plan, Step, StepState};
pub use port::{Evidence, Filter, RuleMatch, SigmaMatch};
pub use profile::AccountProfile;
pub use rows::{Body, Row};
pub use signatures::{ArcChain, ArcSet, Dkim, Dmarc, DmarcPolicy, DnsAnswer, DnsKind, DnsReply, Outcome, SignatureFault, Signatures, Spf};
pub use text::{Lang, Text};
pub use thread::{Block, Message, Rung, Standing};
pub use time::{TimeWindow, ZoneCertainty};
pub use truth::{TRUTH_SCHEMA, Truth};
pub use verdict::{Verdict, VerdictReport};
pub use windows::WindowsEvent;
