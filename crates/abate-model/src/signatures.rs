//! What DKIM, SPF, DMARC and ARC say about a mail, and which DNS answers that rests on.
//!
//! Plain results. Whether they make a notice genuine is judged elsewhere: a pass proves a domain, not a sender's intent. A
//! signature whose key is gone is kept apart from one that does not fit: only the latter speaks against a mail.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The outcome of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// it holds
    Pass,
    /// it does not hold: the content was changed, or the claim is false
    Fail,
    /// DNS gave no answer; a later try may
    TempError,
    /// it cannot be decided, now or later: key gone, signature expired, record unusable
    PermError,
    /// there is nothing to check: no record, or nothing that it could apply to
    None,
    /// not checked: DNS is off, the answer was not recorded, or a limit was reached
    NotChecked,
}

/// Why a signature did not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureFault {
    /// the body is not the one that was signed
    BodyHashMismatch,
    /// the key in DNS does not fit: a signed header was changed, the key was replaced, or the signature is made up
    SignatureMismatch,
    /// the signer named in `i=` is not in the signing domain
    IdentityMismatch,
    /// the key is not in DNS: it was rotated away, or never existed
    KeyMissing,
    /// the key was revoked (empty `p=`)
    KeyRevoked,
    /// what stands in DNS is no key that can be used
    KeyUnusable,
    /// SHA-1, or an RSA key of less than 1024 bits: no longer counts (RFC 8301)
    Weak,
    /// its time (`x=`) is over
    SignatureExpired,
    /// the header cannot be read
    Malformed,
    /// the sets of an ARC chain do not fit together
    BrokenChain,
    /// DNS gave no answer
    NoAnswer,
    /// DNS was not asked, or the answer was not recorded
    NotAsked,
    /// beyond what is checked of one mail
    Limit,
}

/// One DKIM signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dkim {
    /// the domain that signed (`d=`), in lower case; empty if it cannot be read
    pub domain: String,
    /// the key's name (`s=`)
    pub selector: String,
    /// the outcome now
    pub outcome: Outcome,
    /// the outcome at the mail's signed Date (or `t=`): differs from `outcome` only for a signature that has expired since
    pub outcome_at_date: Outcome,
    /// why it did not pass
    pub fault: Option<SignatureFault>,
    /// the same in words
    pub detail: String,
    /// whether it covers every From and Subject header and the whole body
    pub covers_from_subject_body: bool,
    /// what it leaves open of what a reader sees (`subject`, `body after 120 bytes`)
    #[serde(default)]
    pub uncovered: Vec<String>,
    /// when it says it was made (`t=`)
    pub signed_at: Option<Timestamp>,
    /// when it ends (`x=`)
    pub expires: Option<Timestamp>,
}

/// SPF of a stored mail: as good as the header that the sender's address was taken from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spf {
    /// the outcome; `softfail` counts as a fail, `neutral` as none
    pub outcome: Outcome,
    /// SPF's own word (`softfail`), if it was evaluated
    pub result: Option<String>,
    /// the domain of Return-Path, or of HELO for an empty one
    pub domain: String,
    /// the address that delivered the mail
    pub peer: Option<IpAddr>,
    /// the header that the address was taken from, shortened
    pub taken_from: Option<String>,
    /// the outcome in words
    pub detail: String,
}

/// What a domain asks to be done with mail that fails DMARC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DmarcPolicy {
    /// nothing
    None,
    /// treat as suspicious
    Quarantine,
    /// refuse
    Reject,
}

/// DMARC of the From domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dmarc {
    /// the domain of From; empty if there is not exactly one
    pub domain: String,
    /// the policy that applies to it today
    pub policy: Option<DmarcPolicy>,
    /// DKIM: `pass` if a signature that held at the mail's date is of the From domain, `fail` if those that held are of others
    pub aligned_dkim: Outcome,
    /// SPF: `pass` if it passed for the From domain, `fail` if it passed for another
    pub aligned_spf: Outcome,
    /// the outcome
    pub outcome: Outcome,
    /// the same in words
    pub detail: String,
}

/// One set of an ARC chain: what a forwarder saw when the mail came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArcSet {
    /// the forwarder that sealed it (`d=`)
    pub domain: String,
    /// its ARC-Authentication-Results, as written. Its word, no more
    pub results: String,
}

/// An ARC chain, oldest set first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArcChain {
    /// whether the chain is whole
    pub outcome: Outcome,
    /// why not
    pub fault: Option<SignatureFault>,
    /// the same in words
    pub detail: String,
    /// the sets
    pub sets: Vec<ArcSet>,
}

/// What was asked of DNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DnsKind {
    /// text: keys, SPF, DMARC
    Txt,
    /// IPv4 addresses
    A,
    /// IPv6 addresses
    Aaaa,
    /// mail servers, as `10 mail.example.com.`
    Mx,
    /// the name of an address
    Ptr,
}

/// What DNS replied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DnsReply {
    /// records, each in one piece, in the server's order
    Records(Vec<String>),
    /// the name exists, but has no such records
    NoRecords,
    /// the name does not exist
    NoName,
    /// no usable reply
    Failed(String),
}

/// One answer of DNS, kept so that a verdict can be repeated when the keys are long gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsAnswer {
    /// the name asked, in lower case, with its final dot
    pub name: String,
    /// what was asked
    pub kind: DnsKind,
    /// when it was asked
    pub at: Timestamp,
    /// the reply
    pub reply: DnsReply,
}

/// All that could be found out about where a mail comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signatures {
    /// when it was judged
    pub checked_at: Timestamp,
    /// the DKIM signatures, top first
    pub dkim: Vec<Dkim>,
    /// SPF
    pub spf: Option<Spf>,
    /// DMARC
    pub dmarc: Option<Dmarc>,
    /// the ARC chain, if there is one
    pub arc: Option<ArcChain>,
    /// the answers of DNS that the outcomes rest on
    #[serde(default)]
    pub answers: Vec<DnsAnswer>,
    /// what else a reader should know
    #[serde(default)]
    pub notes: Vec<String>,
}
