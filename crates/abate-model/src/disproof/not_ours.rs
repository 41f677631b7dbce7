//! Proof that the reported address was another customer's at the reported time.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::ops::ControlFlow;

use jiff::{SignedDuration, Timestamp};

use super::{Doubt, all_was_read, all_was_seen, ends};
use crate::flows::is_private;
use crate::ownership::{Act, Turn, acts};
use crate::rows::Direction;
use crate::{Body, Cite, Coverage, Evidence, Family, Filter, Notice, ReportedActivity, Resource, Row, Table, TimeWindow, ZoneCertainty};

/// CloudTrail silent for longer than this, where a record would decide, is taken for a gap. AWS services alone write more often in an
/// account that is in use.
const SILENCE: SignedDuration = SignedDuration::from_hours(8);
/// Calls that switch CloudTrail off or make it write less.
const SWITCHES: [&str; 5] = ["StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors", "DeleteEventDataStore"];
/// At most so many rows are cited.
const MOST: usize = 12;

/// Proof that every address of a report was not ours over its whole window (zone doubt included). [`NotOurs::prove`] alone makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotOurs {
    told: Vec<Told>,
    first: Cite,
    rest: Vec<Cite>,
}

/// What is proved of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// it came to us only after the window
    NotYet(IpAddr, Timestamp),
    /// it was given back before the window
    NoLonger(IpAddr, Timestamp),
}

impl NotOurs {
    /// Looks for the proof.
    ///
    /// # Errors
    ///
    /// What is in the way of it.
    pub fn prove(evidence: &dyn Evidence, notice: &Notice, reported: &ReportedActivity) -> Result<Self, Doubt> {
        let window = reported.window_with_doubt().ok_or(Doubt::NoTime)?;
        if reported.zone_certainty == ZoneCertainty::Unknown {
            return Err(Doubt::ZoneUnknown);
        }
        let addresses = reported_addresses(notice, reported)?;
        all_was_read(evidence)?;
        no_contact(evidence, reported)?;
        let mut acts = acts(evidence, &addresses);
        let (mut told, mut cites) = (Vec::new(), Vec::new());
        for address in addresses {
            let acts = acts.remove(&address).unwrap_or_default();
            let (says, of) = turned(evidence, address, window, &acts)?;
            not_held(evidence, address, window)?;
            told.push(says);
            cites.extend(of);
        }
        all_was_seen(evidence)?;
        let mut cites = cites.into_iter();
        let first = cites.next().ok_or(Doubt::NoAddress)?;
        Ok(Self { told, first, rest: cites.take(MOST).collect() })
    }

    /// Of each address, what is proved.
    #[must_use]
    pub fn told(&self) -> &[Told] {
        &self.told
    }

    /// The rows that it rests on.
    #[must_use]
    pub fn evidence(&self) -> Vec<Cite> {
        std::iter::once(&self.first).chain(&self.rest).cloned().collect()
    }
}

/// The addresses that are reported. An id of a resource is what AWS found for the address, so it is the address that counts, but only
/// where the reporter names it: AWS's own sensors go by the resource.
fn reported_addresses(notice: &Notice, reported: &ReportedActivity) -> Result<Vec<IpAddr>, Doubt> {
    let mut found: BTreeSet<IpAddr> = BTreeSet::new();
    for resource in reported.resources_in(notice) {
        if resource.is_illegible() {
            return Err(Doubt::Illegible);
        }
        let before = found.len();
        for address in resource.parsed_addresses() {
            if !is_address(resource) && (notice.family == Family::DosDetected || !is_named(notice, reported, address)) {
                return Err(Doubt::ByResource);
            }
            found.insert(address);
        }
        if found.len() == before {
            return Err(Doubt::NoAddress);
        }
    }
    if found.is_empty() { Err(Doubt::NoAddress) } else { Ok(found.into_iter().collect()) }
}

fn is_address(resource: &Resource) -> bool {
    resource.id.parse::<IpAddr>().is_ok()
}

/// Whether the reporter names an address: among the sources it accuses, or in its words.
fn is_named(notice: &Notice, reported: &ReportedActivity, address: IpAddr) -> bool {
    let sources = || notice.reports.iter().flat_map(|part| &part.sources).filter_map(|s| s.parse::<IpAddr>().ok());
    let said = |text: &str| {
        let digit = |c: char| c.is_ascii_alphanumeric() || c == ':';
        // A full stop ends a sentence, but `1.2.3.4.5` is no address.
        let part = |rest: &str| {
            let mut next = rest.chars();
            match next.next() {
                Some('.') => next.next().is_some_and(|c| c.is_ascii_digit()),
                Some(c) => c != ':' && digit(c),
                None => false,
            }
        };
        let text_of = address.to_string();
        text.match_indices(&text_of).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            !before.is_some_and(|c| digit(c) && c != ':' || c == '.') && !part(&text[at + text_of.len()..])
        })
    };
    sources().any(|source| source.to_canonical() == address) || notice.reporter.as_deref().is_some_and(said) || said(&reported.text)
}

/// Nothing of ours was in contact with what is named, in whatever zone the times may have been meant.
fn no_contact(evidence: &dyn Evidence, reported: &ReportedActivity) -> Result<(), Doubt> {
    let remotes: BTreeSet<IpAddr> = reported.remote_addresses().collect();
    let Some(window) = reported.window_in_any_zone() else { return Err(Doubt::NoTime) };
    let mut contact = None;
    for remote in remotes {
        visit(
            evidence,
            &Filter::table(Table::NetworkActivity).within(window).naming(remote),
            &mut contact,
            &|row| matches!(&row.body, Body::Net(net) if net.direction != Some(Direction::Ingress)),
        );
    }
    contact.map_or(Ok(()), |cite| Err(Doubt::Contact(cite)))
}

/// Notes the first row that is wanted.
fn visit(evidence: &dyn Evidence, filter: &Filter, found: &mut Option<Cite>, wanted: &dyn Fn(&Row<'_>) -> bool) {
    if found.is_some() {
        return;
    }
    evidence.rows(filter, &mut |row| {
        if wanted(row) {
            *found = Some(evidence.cite(row));
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
}

/// Whether the acts show that the address came only afterwards, or had gone before.
fn turned(evidence: &dyn Evidence, address: IpAddr, window: TimeWindow, acts: &[Act]) -> Result<(Told, Vec<Cite>), Doubt> {
    if let Some(last) = acts.iter().rfind(|act| act.at <= window.to) {
        if last.turn != Turn::Lost || last.at >= window.from {
            return Err(Doubt::Held(address, last.cite.clone()));
        }
        trail_spans(evidence, last, TimeWindow::new(last.at, window.to))?;
        // How it came to us before is told with it.
        let cites = std::iter::once(&last.cite).chain(acts.iter().filter(|act| act.at < last.at).map(|act| &act.cite));
        return Ok((Told::NoLonger(address, last.at), cites.take(6).cloned().collect()));
    }
    let first = acts.first().ok_or(Doubt::NoTurn(address))?;
    if first.turn != (Turn::Gained { fresh: true }) {
        return Err(Doubt::MayHaveBeenOurs(address, first.cite.clone()));
    }
    trail_spans(evidence, first, TimeWindow::new(window.from, first.at))?;
    Ok((Told::NotYet(address, first.at), acts.iter().take(6).map(|act| act.cite.clone()).collect()))
}

/// The trail in which an act stands covers a time, and so does that of every other account of ours: without loss, long silence and
/// change of logging.
fn trail_spans(evidence: &dyn Evidence, act: &Act, span: TimeWindow) -> Result<(), Doubt> {
    let trails = || evidence.coverage().iter().filter(|c| c.table == Table::ApiActivity);
    let reaches = |c: &Coverage| c.from.is_some_and(|from| from <= span.from) && c.to.is_some_and(|to| span.to <= to);
    let own = |c: &&Coverage| c.scope.account == act.account && c.scope.region == act.region;
    if !trails().filter(own).any(reaches) {
        let (from, to) = (trails().filter(own).filter_map(|c| c.from).min(), trails().filter(own).filter_map(|c| c.to).max());
        return Err(Doubt::TrailShort(from, to));
    }
    let lost: u64 = trails().map(|c| c.lost).sum();
    if lost > 0 {
        return Err(Doubt::TrailLost(lost));
    }
    let accounts: BTreeSet<&str> = evidence.coverage().iter().filter_map(|c| c.scope.account.as_deref()).collect();
    for account in accounts.into_iter().filter(|account| act.account.as_deref() != Some(*account)) {
        if !trails().filter(|c| c.scope.account.as_deref() == Some(account)).any(reaches) {
            return Err(Doubt::OtherAccount(account.to_owned()));
        }
    }
    steady(evidence, act, span)
}

/// The trail was never silent for long, and logging was not switched.
fn steady(evidence: &dyn Evidence, act: &Act, span: TimeWindow) -> Result<(), Doubt> {
    // The record before the time counts as well: silence may begin there.
    let window = TimeWindow { from: span.from.checked_sub(SILENCE).unwrap_or(Timestamp::MIN), to: span.to };
    let mut before: Option<Timestamp> = None;
    let mut doubt: Option<Doubt> = None;
    evidence.rows(&Filter::table(Table::ApiActivity).within(window), &mut |row| {
        let (Body::Api(api), Some(at)) = (&row.body, row.at) else { return ControlFlow::Continue(()) };
        if span.contains(at) && api.error_code.is_none() && SWITCHES.contains(&&*api.event_name) {
            doubt = Some(Doubt::TrailSwitched(evidence.cite(row)));
            return ControlFlow::Break(());
        }
        if api.account.as_deref() != act.account.as_deref() {
            return ControlFlow::Continue(());
        }
        let since = before.unwrap_or(window.from);
        if at.duration_since(since) > SILENCE && at > span.from {
            doubt = Some(Doubt::TrailSilent(since, at));
            return ControlFlow::Break(());
        }
        before = Some(at);
        ControlFlow::Continue(())
    });
    if doubt.is_none() && span.to.duration_since(before.unwrap_or(window.from)) > SILENCE {
        doubt = Some(Doubt::TrailSilent(before.unwrap_or(window.from), span.to));
    }
    doubt.map_or(Ok(()), Err)
}

/// Nothing shows the address as ours in the window: no flow of it, no description, no finding of another product, no call of ours from it.
fn not_held(evidence: &dyn Evidence, address: IpAddr, window: TimeWindow) -> Result<(), Doubt> {
    let mut held = None;
    let within = |table| Filter::table(table).within(window).naming(address);
    visit(evidence, &within(Table::NetworkActivity), &mut held, &|row| {
        // A record in which it is plainly the far end tells nothing of whose it was.
        matches!(&row.body, Body::Net(net) if match net.sides() {
            Some((local, ..)) => local.to_canonical() == address || !is_private(local),
            None => ends(net).any(|end| end == address),
        })
    });
    visit(
        evidence,
        &within(Table::InventoryInfo),
        &mut held,
        &|row| matches!(&row.body, Body::Inventory(item) if item.public_addrs.contains(&address) && item.state.as_deref() != Some("deleted")),
    );
    visit(
        evidence,
        &within(Table::DetectionFinding),
        &mut held,
        &|row| matches!(&row.body, Body::Detection(finding) if finding.local == Some(address) && !finding.sample),
    );
    visit(evidence, &within(Table::ApiActivity), &mut held, &|_| true);
    held.map_or(Ok(()), |cite| Err(Doubt::Held(address, cite)))
}
