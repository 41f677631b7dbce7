//! What a drill knows about itself. JSON schema `abate.truth/1`.

use serde::{Deserialize, Serialize};

use crate::{Category, CauseClass, CauseKind, Factor, Locator, Verdict};

/// Version of the JSON form.
pub const TRUTH_SCHEMA: &str = "abate.truth/1";

/// The truth of a generated incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// `abate.truth/1`
    pub schema: String,
    /// scenario name
    pub scenario: String,
    /// seed it was made from
    pub seed: u64,
    /// background scale
    pub scale: u32,
    /// another scale of CloudTrail, if it was asked for
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale_trail: Option<u32>,
    /// another scale of flow logs, if it was asked for
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale_flows: Option<u32>,
    /// another scale of the logs of hosts, if it was asked for
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale_hosts: Option<u32>,
    /// records of a flood in the flow logs, which is not part of the incident
    #[serde(default, skip_serializing_if = "is_zero")]
    pub flood: u32,
    /// whether sweeps of ports are in the flow logs, which are not part of the incident
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sweep: bool,
    /// what is reported
    pub category: Category,
    /// how they got in
    pub root_cause: TrueCause,
    /// what the evidence allows to say of each reported activity
    pub verdicts: Vec<TrueVerdict>,
    /// the records that matter
    pub key_events: Vec<KeyEvent>,
    /// where all records of the incident lie, key events among them; a finding that cites none of them points at nothing
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incident: Vec<Stretch>,
    /// records that look like part of an incident and are not
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decoys: Vec<KeyEvent>,
    /// who did it
    pub attacker: Attacker,
}

impl Truth {
    /// Whether a record is part of the incident.
    #[must_use]
    pub fn is_incident(&self, source: &str, locator: Locator) -> bool {
        let Locator::Bytes { offset, .. } = locator else { return self.key_events.iter().any(|key| key.names(source, locator)) };
        self.incident.iter().any(|s| s.source == source && (s.offset..s.offset.saturating_add(s.length)).contains(&offset))
    }

    /// The decoy that a record is, if it is one.
    #[must_use]
    pub fn decoy(&self, source: &str, locator: Locator) -> Option<&KeyEvent> {
        self.decoys.iter().find(|decoy| decoy.names(source, locator))
    }
}

/// Records of one file that lie one after another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// path below the drill's folder, as in `sources[].path`
    pub source: String,
    /// where the first one begins, in bytes of the decompressed file
    pub offset: u64,
    /// bytes to the end of the last one
    pub length: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// The true cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrueCause {
    /// class
    pub class: CauseClass,
    /// kind
    pub kind: CauseKind,
    /// factor
    pub factor: Factor,
}

/// What should be said of a reported activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrueVerdict {
    /// `reported[].id` of the notice
    pub reported: String,
    /// the right verdict
    pub verdict: Verdict,
}

/// A record that matters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyEvent {
    /// path below the drill's folder, as in `sources[].path`
    pub source: String,
    /// where in it
    pub locator: Locator,
    /// why it matters; of a decoy, why it is innocent
    pub why: String,
}

impl KeyEvent {
    /// Whether it is this record.
    #[must_use]
    pub fn names(&self, source: &str, locator: Locator) -> bool {
        self.source == source && self.locator == locator
    }
}

/// The intruder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attacker {
    /// addresses used
    pub addresses: Vec<String>,
    /// identities used or made
    pub principals: Vec<String>,
}
