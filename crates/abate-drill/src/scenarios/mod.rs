//! The scenarios, one file each, and the parts of a notice that they share.

mod authorised_scan;
mod console_password_stolen;
mod dns_botnet;
mod exposed_datastore;
mod form_bots_spam;
mod former_colleague;
mod instance_role_abroad;
mod leaked_key_models;
mod leaked_key_spam;
mod logs_deleted_scan;
mod mail_server_spam;
mod nat_shared_address;
mod node_rce_botnet;
mod open_api_flood;
mod open_proxy;
mod open_redis_miner;
mod open_resolver;
mod ordered_pentest_keys;
mod own_crawler;
mod poor_evidence;
mod published_key_mining;
mod rdp_guessed;
mod recycled_address;
mod signup_sms_pumping;
mod smtp_credential_spam;
mod spoofed_source;
mod ssrf_bucket_read;
mod stale_upstream;
mod tampered_image_mining;
mod weak_ssh_port_scan;
mod webshell_phishing;
mod writable_bucket_pages;

use std::collections::BTreeMap;

use abate_model::Text;
use serde_json::{Value, json};

use crate::background::Calls;
use crate::clock::{HOUR, Second};
use crate::flow::{self, Amount, End, TCP, Traffic};
use crate::folder::{Frame, Record};
use crate::inventory;
use crate::replay::Ordinary;
use crate::rng::Rng;
use crate::stage::{Outcome, Part, Stage};
use crate::trail::{self, Call, Event, LookedUp};
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
    &open_redis_miner::SCENARIO,
    &open_api_flood::SCENARIO,
    &node_rce_botnet::SCENARIO,
    &rdp_guessed::SCENARIO,
    &open_resolver::SCENARIO,
    &open_proxy::SCENARIO,
    &mail_server_spam::SCENARIO,
    &form_bots_spam::SCENARIO,
    &own_crawler::SCENARIO,
    &authorised_scan::SCENARIO,
    &spoofed_source::SCENARIO,
    &stale_upstream::SCENARIO,
    &exposed_datastore::SCENARIO,
    &dns_botnet::SCENARIO,
    &nat_shared_address::SCENARIO,
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

/// The same, where the security groups of the hosts let in what `rules` say.
fn flows_with(stage: &mut Stage, hours: (i64, i64), attack: Vec<Record>, rules: &[(&Host, Vec<Value>)]) {
    let incident = stage.world.incident;
    let traffic = Traffic { scale: stage.scales.flows, span: (incident - hours.0 * HOUR, incident + hours.1 * HOUR) };
    stage.parts.push(Part::Flows { traffic, attack, open: &[80, 443] });
    stage.parts.extend(inventory::describe(&stage.world, rules));
}

/// What the security groups let in when nothing but `more` on one host is out of the ordinary.
fn rules<'w>(world: &'w World, host: &Host, more: Vec<Value>) -> [(&'w Host, Vec<Value>); 3] {
    let mut rules =
        [(&world.web, inventory::public_rules(&[80, 443])), (&world.batch, Vec::new()), (&world.app, inventory::app_rules(world))];
    if let Some((_, rules)) = rules.iter_mut().find(|(own, _)| own.instance == host.instance) {
        rules.extend(more);
    }
    rules
}

/// The operator opens a port of a host's security group to everyone.
fn opens(world: &World, rng: &mut Rng, host: &Host, protocol: &str, port: u16, at: Second) -> Event {
    let permission = json!({"ipProtocol": protocol, "fromPort": port, "toPort": port, "groups": {}, "ipRanges": {"items": [
        {"cidrIp": "0.0.0.0/0"}
    ]}, "ipv6Ranges": {}, "prefixListIds": {}});
    let request = json!({"groupId": host.group, "ipPermissions": {"items": [permission]}});
    let rule = json!({
        "groupOwnerId": world.account, "groupId": host.group, "securityGroupRuleId": format!("sgr-0{}", rng.hex(16)), "isEgress": false,
        "ipProtocol": protocol, "fromPort": port, "toPort": port, "cidrIpv4": "0.0.0.0/0"
    });
    let response = json!({"requestId": rng.uuid(), "_return": true, "securityGroupRuleSet": {"items": [rule]}});
    let agent = "aws-cli/2.31.4 md/awscrt#0.28.2 ua/2.1 os/linux#6.8.0-1040-aws md/arch#x86_64 lang/python#3.13.7 md/installer#exe";
    let call = Call::new(world, at, "ec2", "AuthorizeSecurityGroupIngress").by(trail::user(world, &world.operator), &world.office, agent);
    call.with(request, response).event(world, rng)
}

/// The same call for an innocent purpose: the web server's port for everyone, or an address of the office.
fn opens_innocently(world: &World, rng: &mut Rng, at: Second) -> Event {
    opens(world, rng, &world.web, "tcp", 443, at).decoy("the web server is opened to visitors, as it must be")
}

/// One of the two servers with an address on the Internet.
fn public_host(stage: &mut Stage) -> Host {
    if stage.attack.chance(50) { stage.world.web.clone() } else { stage.world.batch.clone() }
}
