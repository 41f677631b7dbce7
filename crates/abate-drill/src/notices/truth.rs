//! What a generated notice really says, as numbers and words; written as the expectation of the corpus. It knows no text.

use serde_json::{Value, json};

use crate::clock::{self, DAY, HOUR, Second};

/// When a notice is first shown to Abate: 2026-03-05T00:00:00Z.
pub(crate) const RECEIVED_AT: Second = 1_772_668_800;

/// Something that AWS's part names.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    /// kind, as the corpus calls it
    pub(crate) kind: &'static str,
    /// as written
    pub(crate) id: String,
    /// addresses written beside it
    pub(crate) addresses: Vec<String>,
    /// a part of it is hidden
    pub(crate) masked: bool,
    /// whether it has an entry of its own under `reported`
    pub(crate) reported: bool,
}

/// A far end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remote {
    /// address or host name
    pub(crate) address: Option<String>,
    /// port
    pub(crate) port: Option<u16>,
    /// `tcp`, `udp`
    pub(crate) protocol: Option<&'static str>,
}

/// When and against whom.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sighting {
    /// first and last moment
    pub(crate) span: Option<(Second, Second)>,
    /// `stated`, `assumed`, empty for `unknown`
    pub(crate) certainty: &'static str,
    /// far ends
    pub(crate) remote: Vec<Remote>,
    /// reported URLs
    pub(crate) urls: Vec<String>,
}

impl Sighting {
    /// Adds a far end that is not yet there.
    pub(crate) fn add_remote(&mut self, remote: Remote) {
        if !self.remote.contains(&remote) {
            self.remote.push(remote);
        }
    }

    /// Widens the span.
    pub(crate) fn add_span(&mut self, from: Second, to: Second, certainty: &'static str) {
        self.span = Some(self.span.map_or((from, to), |(first, last)| (first.min(from), last.max(to))));
        self.certainty = certainty;
    }
}

/// Which deadline the text states.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Due {
    /// none
    Unstated,
    /// so many hours after the notice
    Hours(i64),
    /// a moment
    At(Second),
}

/// What is true whatever way the notice took.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    /// what is special about it
    pub(crate) about: String,
    /// family of the template
    pub(crate) family: &'static str,
    /// first, reminder …
    pub(crate) kind: &'static str,
    /// what is reported
    pub(crate) category: &'static str,
    /// account, as written in the text
    pub(crate) account: Option<String>,
    /// Regions, in order
    pub(crate) regions: Vec<&'static str>,
    /// what is named
    pub(crate) resources: Vec<Resource>,
    /// case number
    pub(crate) case_number: Option<String>,
    /// whether the text itself carries the case number
    pub(crate) case_in_text: bool,
    /// one for each resource
    pub(crate) sightings: Vec<Sighting>,
    /// what is asked for
    pub(crate) asks: Vec<String>,
    /// what AWS has done
    pub(crate) mitigations: Vec<String>,
    /// deadline
    pub(crate) due: Due,
    /// form of the reporter's part
    pub(crate) report_format: &'static str,
}

/// What the way it took leaves of the mail's own data.
#[derive(Clone, Debug, Default)]
pub(crate) struct Envelope {
    /// without DNS
    pub(crate) authenticity: &'static str,
    /// the notice's own
    pub(crate) subject: Option<String>,
    /// the notice's own
    pub(crate) date: Option<Second>,
    /// the notice's own
    pub(crate) message_id: Option<String>,
    /// the notice's own
    pub(crate) from: Option<String>,
}

impl Content {
    fn deadline(&self, date: Option<Second>) -> Value {
        let (at, basis) = match (self.due, date) {
            (Due::At(at), _) => (at, "stated"),
            (Due::Hours(hours), date) => (date.unwrap_or(RECEIVED_AT).saturating_add(hours.saturating_mul(HOUR)), "stated"),
            (Due::Unstated, Some(date)) => (date + DAY, "from-date"),
            (Due::Unstated, None) => (RECEIVED_AT + DAY, "from-receipt"),
        };
        json!({ "at": clock::iso(at), "basis": basis })
    }

    /// One entry for each accused resource. A Region beside its account is where, not what.
    fn reported(&self) -> Vec<Value> {
        let unknown = Sighting::default();
        let mut list = Vec::new();
        for (n, resource) in self.resources.iter().enumerate().filter(|(_, resource)| resource.reported && resource.kind != "region") {
            let sighting = self.sightings.get(n).unwrap_or(&unknown);
            let span = sighting.span;
            let remote: Vec<Value> = sighting
                .remote
                .iter()
                .map(|remote| json!({ "address": remote.address, "port": remote.port, "protocol": remote.protocol }))
                .collect();
            list.push(json!({
                "category": self.category,
                "resource": resource.id,
                "from": span.map(|(from, _)| clock::iso(from)),
                "to": span.map(|(_, to)| clock::iso(to)),
                "zone_certainty": if sighting.span.is_some() { sighting.certainty } else { "unknown" },
                "remote": remote,
                "urls": sighting.urls,
            }));
        }
        list
    }

    /// The expectation, as the corpus's README describes it.
    pub(crate) fn expectation(&self, envelope: &Envelope) -> Value {
        let in_subject = |case: &String| envelope.subject.as_ref().is_some_and(|subject| subject.contains(case));
        let case = self.case_number.as_ref().filter(|case| self.case_in_text || in_subject(case));
        let resources: Vec<Value> = self
            .resources
            .iter()
            .map(|thing| json!({ "kind": thing.kind, "id": thing.id, "addresses": thing.addresses, "masked": thing.masked }))
            .collect();
        json!({
            "about": self.about,
            "family": self.family,
            "kind": self.kind,
            "category": self.category,
            "account_id": self.account,
            "regions": self.regions,
            "resources": resources,
            "case_number": case,
            "reported": self.reported(),
            "asks": self.asks,
            "mitigations": self.mitigations,
            "deadline": self.deadline(envelope.date),
            "authenticity": envelope.authenticity,
            "report_format": self.report_format,
            "subject": envelope.subject,
            "date": envelope.date.map(clock::iso),
            "message_id": envelope.message_id,
            "from": envelope.from,
        })
    }
}
