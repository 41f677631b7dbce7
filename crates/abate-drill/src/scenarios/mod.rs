//! The scenarios, one file each, and the parts of a notice that they share.

mod leaked_key_spam;
mod poor_evidence;
mod recycled_address;
mod weak_ssh_port_scan;
mod webshell_phishing;

use abate_model::Text;

use crate::background::Calls;
use crate::clock::HOUR;
use crate::flow::Traffic;
use crate::folder::Record;
use crate::inventory;
use crate::stage::{Outcome, Part, Stage};
use crate::trail::Event;
use crate::world::{Host, World};

/// A kind of incident that can be generated.
#[derive(Debug)]
pub struct Scenario {
    /// name, as given to [`crate::generate`]
    pub id: &'static str,
    /// what it is called
    pub title: Text,
    /// what happens in it; tells the solution
    pub summary: Text,
    pub(crate) build: fn(&mut Stage) -> Outcome,
}

static ALL: &[&Scenario] = &[
    &weak_ssh_port_scan::SCENARIO,
    &leaked_key_spam::SCENARIO,
    &webshell_phishing::SCENARIO,
    &recycled_address::SCENARIO,
    &poor_evidence::SCENARIO,
];

/// Every scenario.
#[must_use]
pub fn all() -> &'static [&'static Scenario] {
    ALL
}

/// CloudTrail background events of the smallest drill.
const TRAIL_EVENTS: u32 = 1000;

/// The build server works as usual.
const NO_BUILDS: (u32, (i64, i64)) = (0, (0, 0));

/// Two and a half days before the incident to half a day after it.
fn trail_span(world: &World) -> (i64, i64) {
    (world.incident - 60 * HOUR, world.incident + 12 * HOUR)
}

/// The line that names a host: account, Region, instance and, in brackets, its address.
pub(crate) fn resource_line(world: &World, host: &Host) -> String {
    format!("AWS ID: {}    Region: {}    EC2 Instance Id: {} [{}]", world.account, world.region, host.instance, host.public)
}

/// Adds a drill's trail: the ordinary calls and, if the build server has more work than usual, `builds` of it; and the attack.
fn trail(stage: &mut Stage, builds: (u32, (i64, i64)), attack: Vec<Event>) {
    let count = TRAIL_EVENTS.saturating_mul(stage.scales.trail);
    let calls = Calls { count, span: trail_span(&stage.world), people: false, builds };
    stage.parts.push(Part::Trail { calls, attack });
}

/// Adds a drill's flow logs of so many hours before the incident and after it, and the inventory of the hosts. `open` are
/// the ports of the web server that anyone may reach.
fn flows(stage: &mut Stage, hours: (i64, i64), attack: Vec<Record>, open: &'static [u16]) {
    let incident = stage.world.incident;
    let traffic = Traffic { scale: stage.scales.flows, span: (incident - hours.0 * HOUR, incident + hours.1 * HOUR) };
    stage.parts.push(Part::Flows { traffic, attack, open });
    stage.parts.extend(inventory::write(&stage.world, open));
}
