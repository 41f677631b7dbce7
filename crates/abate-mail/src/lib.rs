//! Checks a raw mail's DKIM, SPF, DMARC and ARC, by the crate `mail-auth`.
//!
//! The verdict is a function of the mail, the time handed in and the answers of DNS, and the answers are handed back: with
//! [`Dns::Recorded`] the same verdict comes out offline, years after the keys are gone. To that end `mail-auth` never asks
//! DNS itself: it is run over a table of answers, what it misses is asked for (or not), and it is run again.
//!
//! What is absent on purpose: any judgement whether a mail is genuine. A pass proves that a domain signed, no more.

mod arc;
mod dkim;
mod dmarc;
mod dns;
mod headers;
mod message;
mod rounds;
mod spf;
mod table;

use std::net::SocketAddr;

use abate_model::{DnsAnswer, Outcome, Signatures, Spf};
use jiff::Timestamp;
use mail_auth::MessageAuthenticator;
use tokio::runtime::Runtime;

pub use message::{MAX_ARC_SETS, MAX_MAIL, MAX_SIGNATURES};
pub use rounds::{MAX_QUESTIONS, TIME_IN_ALL, TIME_PER_QUESTION};

/// Where answers of DNS come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dns {
    /// from nowhere: body hashes are compared, the rest is `not-checked`
    Off,
    /// from the system's name servers
    System,
    /// from one name server
    Server(SocketAddr),
    /// from answers of an earlier check; nothing is asked
    Recorded(Vec<DnsAnswer>),
}

/// Why a checker could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// the operating system gave no event loop
    #[error("cannot start asking DNS: {0}")]
    Runtime(#[from] std::io::Error),
    /// the name servers could not be set up
    #[error("cannot set up name servers: {reason}")]
    NameServers {
        /// what the resolver said
        reason: String,
    },
}

impl MailError {
    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            MailError::Runtime(_) => "check mails with DNS off, or free file handles",
            MailError::NameServers { .. } => "name a DNS server, or check mails with DNS off",
        }
    }
}

/// Checks mails. Every call blocks until it is done, so it must not be made inside an async runtime.
pub struct Checker {
    runtime: Runtime,
    source: dns::Source,
    /// `mail-auth` with no name server: all it learns comes from the table
    verifier: MessageAuthenticator,
}

impl Checker {
    /// A checker whose answers come from `dns`.
    ///
    /// # Errors
    /// [`MailError`] if the event loop or the name servers cannot be set up.
    pub fn new(dns: &Dns) -> Result<Self, MailError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let inside = runtime.enter();
        let (source, verifier) = (dns::Source::new(dns)?, dns::unconnected()?);
        drop(inside);
        Ok(Self { runtime, source, verifier })
    }

    /// Checks one mail as it stands at `now`. Never fails: what cannot be read or is too large is said in the notes.
    #[must_use]
    pub fn check(&self, raw: &[u8], now: Timestamp) -> Signatures {
        let mut notes = Vec::new();
        let prepared = message::plain(raw, &mut notes);
        let read = prepared.as_deref().and_then(|raw| message::read(raw, &mut notes));
        let Some(mail) = read else {
            return nothing(now, notes);
        };
        let mut result = self.runtime.block_on(rounds::run(&self.verifier, &self.source, &mail, now));
        notes.append(&mut result.notes);
        result.notes = notes;
        result
    }
}

/// A result for what cannot be checked at all; the notes say why.
fn nothing(now: Timestamp, notes: Vec<String>) -> Signatures {
    let detail = notes.last().cloned().unwrap_or_default();
    let spf = Spf { outcome: Outcome::NotChecked, result: None, domain: String::new(), peer: None, taken_from: None, detail };
    Signatures { checked_at: now, dkim: Vec::new(), spf: Some(spf), dmarc: None, arc: None, answers: Vec::new(), notes }
}
