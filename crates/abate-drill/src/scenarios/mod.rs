//! The scenarios, one file each, and the parts of a notice that they share.

mod leaked_key_spam;
mod poor_evidence;
mod recycled_address;
mod weak_ssh_port_scan;
mod webshell_phishing;

use abate_model::Text;

use crate::DrillError;
use crate::clock::HOUR;
use crate::stage::{Outcome, Stage};
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
    pub(crate) build: fn(&mut Stage) -> Result<Outcome, DrillError>,
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

/// Two and a half days before the incident to half a day after it.
fn trail_span(world: &World) -> (i64, i64) {
    (world.incident - 60 * HOUR, world.incident + 12 * HOUR)
}

/// The line that names a host: account, Region, instance and, in brackets, its address.
fn resource_line(world: &World, host: &Host) -> String {
    format!("AWS ID: {}    Region: {}    EC2 Instance Id: {} [{}]", world.account, world.region, host.instance, host.public)
}

/// Writes a drill's ordinary trail.
fn ordinary_trail(stage: &mut Stage) -> Result<(), DrillError> {
    let count = stage.amount(TRAIL_EVENTS);
    let events = crate::background::events(&stage.world, &mut stage.daily, count, trail_span(&stage.world));
    crate::trail::write(&stage.world, &mut stage.folder, events)
}
