//! Proof against a report. Telling AWS wrongly "it wasn't us" is the worst failure of all, so the types ask for it: a
//! [`Disproof`] is made of [`NotOurs`] or of [`Absent`], and each of these is only made by looking through the evidence for
//! everything that could make it wrong. What is in the way of a proof is a [`Doubt`], which says so in words.
//!
//! What is absent on purpose: any way to make a proof of parts that somebody else has looked at.

mod absent;
mod doubt;
mod not_ours;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

pub use absent::Absent;
pub use doubt::Doubt;
pub use not_ours::{NotOurs, Told};

use crate::flows::is_private;
use crate::rows::NetworkActivity;
use crate::totals::Fate;
use crate::{Cite, Evidence, LossKind};

/// Proof against a report: there are only two ways.
#[derive(Clone, Debug)]
pub enum Disproof {
    /// every address that is reported was not ours then
    NotOurs(NotOurs),
    /// a source that would contain it covers the whole window (zone doubt included) without a gap, and it is absent
    Absent(Absent),
}

impl Disproof {
    /// The rows that it rests on, never none.
    #[must_use]
    pub fn evidence(&self) -> Vec<Cite> {
        match self {
            Self::NotOurs(proof) => proof.evidence(),
            Self::Absent(proof) => proof.evidence(),
        }
    }
}

/// Whether an address is one with which a flow log shows no traffic, or with which nobody outside has to do.
fn is_hidden(address: IpAddr) -> bool {
    is_private(address) || address.is_multicast() || address == IpAddr::from([255, 255, 255, 255])
}

/// The addresses of a flow, IPv4 ones that are written as IPv6 as IPv4.
fn ends(net: &NetworkActivity<'_>) -> impl Iterator<Item = IpAddr> {
    [net.src, net.dst, net.pkt_src, net.pkt_dst].into_iter().flatten().map(|address| address.to_canonical())
}

/// Something that could not be read may be the log that would show it.
fn all_was_read(evidence: &dyn Evidence) -> Result<(), Doubt> {
    let broken = |kind: LossKind| {
        matches!(kind, LossKind::Malformed | LossKind::Truncated | LossKind::OverLimit | LossKind::Unreadable | LossKind::UnsafePath)
    };
    // What was lost of a source that was read counts against the coverage that it gives.
    let whole = |source: &&crate::Source| {
        matches!(Fate::of(source), Fate::NotRead | Fate::NotRecognised) && source.losses.iter().any(|loss| broken(loss.kind))
    };
    match evidence.sources().iter().find(whole) {
        Some(source) => Err(Doubt::Unread(source.path.clone())),
        None => Ok(()),
    }
}

/// What the store behind the evidence says once everything was looked through.
fn all_was_seen(evidence: &dyn Evidence) -> Result<(), Doubt> {
    evidence.trouble().map_or(Ok(()), |trouble| Err(Doubt::Trouble(trouble)))
}
