//! The reported address belonged to somebody else at the reported time; the company got it hours later.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};
use serde_json::json;

use super::Scenario;
use crate::clock::{self, HOUR, Second};
use crate::mail::{self, Notice};
use crate::rng::Rng;
use crate::stage::{Outcome, Stage};
use crate::trail::{self, Call, Event};
use crate::world::World;

pub(super) static SCENARIO: Scenario = Scenario {
    id: "recycled-address",
    title: Text::fixed("Report about a recycled address", "再割り当てされたアドレスについての通報"),
    summary: Text::fixed(
        "The reported address is ours now, but CloudTrail shows that it was allocated hours after the reported time. Nothing of ours did it.",
        "通報されたアドレスは現在こちらのものですが、CloudTrail によれば、割り当ては通報の時刻の数時間後です。こちらの資源による行為ではありません。",
    ),
    build,
};

fn build(stage: &mut Stage) -> Outcome {
    stage.world.app.public = stage.world.take_address(&mut stage.attack);
    let (world, reported) = (stage.world.clone(), stage.world.incident);
    let allocated = reported + stage.attack.range(3 * HOUR, 5 * HOUR);
    let allocation = allocation(&world, &mut stage.attack, allocated);
    super::trail(stage, super::NO_BUILDS, allocation);
    super::flows(stage, (3, 9), Vec::new(), &[80, 443]);
    let notice = notice(&world, &mut stage.attack, allocated);
    Outcome::new(Category::Intrusion, CauseKind::RecycledAddress, Factor::None, Verdict::Contradicted, notice)
}

/// The administrator gets an address and gives it to the application server.
fn allocation(world: &World, rng: &mut Rng, at: Second) -> Vec<Event> {
    let host = &world.app;
    let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
    let by = |call: Call| call.by(trail::console_user(world, &world.admin, at), &world.office, agent);
    let response = json!({
        "requestId": rng.uuid(), "publicIp": host.public, "domain": "vpc", "allocationId": host.allocation,
        "publicIpv4Pool": "amazon", "networkBorderGroup": world.region
    });
    let allocate = by(Call::new(world, at, "ec2", "AllocateAddress")).with(json!({"domain": "vpc"}), response).event(world, rng);
    let request = json!({
        "allocationId": host.allocation, "instanceId": host.instance, "privateIpAddress": host.private, "allowReassociation": false
    });
    let response = json!({"requestId": rng.uuid(), "_return": true, "associationId": host.association});
    let associate = by(Call::new(world, at + rng.range(40, 200), "ec2", "AssociateAddress")).with(request, response).event(world, rng);
    vec![
        allocate.because("the address becomes the account's, after the reported time"),
        associate.because("the address becomes the host's, after the reported time"),
    ]
}

fn notice(world: &World, rng: &mut Rng, allocated: Second) -> Vec<u8> {
    let (at, source) = (world.incident, &world.app.public);
    let target = rng.stranger();
    let excerpt = (0..4).map(|n| format!("{}  {source} -> {target}:22  login attempt", clock::iso(at + n * 2)));
    let notice = Notice {
        sent: allocated + rng.range(2 * HOUR, 5 * HOUR),
        report: vec![
            "We've received a report(s) that your AWS resource(s)".to_owned(),
            String::new(),
            super::resource_line(world, &world.app),
            String::new(),
            "has been implicated in activity which resembles attempts to access remote hosts on the internet without authorization."
                .to_owned(),
            String::new(),
            "Reported Activity: Intrusion Attempts".to_owned(),
            format!("Abuse Time: {}", clock::notice(at)),
        ],
        excerpt: std::iter::once("Login attempts against a server of ours. Times are UTC.".to_owned()).chain(excerpt).collect(),
    };
    mail::write(world, rng, &notice)
}
