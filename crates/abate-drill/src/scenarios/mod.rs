//! The scenarios, one file each, and the parts of a notice that they share.

mod console_password_stolen;
mod former_colleague;
mod instance_role_abroad;
mod leaked_key_models;
mod leaked_key_spam;
mod logs_deleted_scan;
mod ordered_pentest_keys;
mod poor_evidence;
mod published_key_mining;
mod recycled_address;
mod signup_sms_pumping;
mod smtp_credential_spam;
mod ssrf_bucket_read;
mod tampered_image_mining;
mod weak_ssh_port_scan;
mod webshell_phishing;
mod writable_bucket_pages;

use std::collections::BTreeMap;

use abate_model::Text;

use crate::background::Calls;
use crate::clock::HOUR;
use crate::flow::{self, Amount, End, TCP, Traffic};
use crate::folder::{Frame, Record};
use crate::inventory;
use crate::replay::Ordinary;
use crate::rng::Rng;
use crate::stage::{Outcome, Part, Stage};
use crate::trail::{self, Event, LookedUp};
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
    &published_key_mining::SCENARIO,
    &ssrf_bucket_read::SCENARIO,
    &instance_role_abroad::SCENARIO,
    &console_password_stolen::SCENARIO,
    &leaked_key_models::SCENARIO,
    &writable_bucket_pages::SCENARIO,
    &former_colleague::SCENARIO,
    &smtp_credential_spam::SCENARIO,
    &tampered_image_mining::SCENARIO,
    &ordered_pentest_keys::SCENARIO,
    &logs_deleted_scan::SCENARIO,
    &signup_sms_pumping::SCENARIO,
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

/// In which form the customer hands over CloudTrail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// the files of the log bucket
    Files,
    /// what `aws cloudtrail lookup-events` prints, one file for each Region; no data events
    LookedUp,
    /// what the console's event history downloads, one file for each Region; no data events
    History,
}

impl Form {
    /// Files in most drills.
    fn draw(rng: &mut Rng) -> Self {
        match rng.range(0, 9) {
            0..=5 => Self::Files,
            6..=7 => Self::LookedUp,
            _ => Self::History,
        }
    }
}

/// Adds a drill's trail in one of the forms, see [`trail`].
fn trail_as(stage: &mut Stage, form: Form, builds: (u32, (i64, i64)), events: Vec<Event>) {
    if form == Form::Files {
        return trail(stage, builds, events);
    }
    let home = stage.world.region.to_owned();
    let mut regions = BTreeMap::from([(home.clone(), Vec::new())]);
    for event in events.into_iter().filter(|event| !event.data) {
        regions.entry(event.region).or_insert_with(Vec::new).push(event.record);
    }
    for (region, records) in regions {
        let count = 300_u32.saturating_mul(stage.scales.trail);
        let calls = Calls { count, span: trail_span(&stage.world), people: true, builds };
        let here = region == home;
        match form {
            Form::LookedUp => {
                let records = records.into_iter().map(trail::looked_up).collect();
                let ordinary: Option<Box<dyn Ordinary>> = if here { Some(Box::new(LookedUp(calls))) } else { None };
                stage.log(format!("evidence/cloudtrail/lookup-events-{region}.json"), Frame::EVENTS, ordinary, records);
            }
            _ => {
                let ordinary: Option<Box<dyn Ordinary>> = if here { Some(Box::new(calls)) } else { None };
                stage.log(format!("evidence/cloudtrail/event_history_{region}.json"), Frame::RECORDS, ordinary, records);
            }
        }
    }
}

/// Adds the findings of GuardDuty, one file for each Region.
fn findings(stage: &mut Stage, findings: Vec<(String, Record)>) {
    let mut regions: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    for (region, record) in findings {
        regions.entry(region).or_default().push(record);
    }
    for (region, records) in regions {
        stage.log(format!("evidence/guardduty/findings-{region}.json"), Frame::FINDINGS, None, records);
    }
}

/// A request over HTTPS to the web server, in its flow logs.
fn https(world: &World, rng: &mut Rng, from: &str, at: i64) -> [Record; 2] {
    let (client, server) = (End::new(from, flow::client_port(rng)), End::new(&world.web.private, 443));
    let there = Amount { protocol: TCP, packets: 11, bytes: rng.range(1_400, 2_600), span: (at, at + 5), accepted: true };
    let back = Amount { packets: 17, bytes: rng.range(5_000, 22_000), ..there };
    [flow::line(world, &world.web, &client, &server, there), flow::line(world, &world.web, &server, &client, back)]
}

/// Adds a drill's flow logs of so many hours before the incident and after it, and the inventory of the hosts. `open` are
/// the ports of the web server that anyone may reach.
fn flows(stage: &mut Stage, hours: (i64, i64), attack: Vec<Record>, open: &'static [u16]) {
    let incident = stage.world.incident;
    let traffic = Traffic { scale: stage.scales.flows, span: (incident - hours.0 * HOUR, incident + hours.1 * HOUR) };
    stage.parts.push(Part::Flows { traffic, attack, open });
    stage.parts.extend(inventory::write(&stage.world, open));
}
