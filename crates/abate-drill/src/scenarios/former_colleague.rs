//! A colleague has left; the password was taken away, the access key was forgotten. With it, snapshots are given to a
//! stranger's account and deleted.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};
use serde_json::{Value, json};

use super::Scenario;
use crate::background::BROWSER;
use crate::clock::{DAY, HOUR, Second};
use crate::confounders::{self, Kind};
use crate::credential_report::{self, Row};
use crate::folder::Record;
use crate::guardduty::{self, Finding};
use crate::letters::{self, Exposed};
use crate::rng::Rng;
use crate::stage::{Outcome, Stage};
use crate::trail::{self, Caller, Event};
use crate::world::{User, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "former-colleague",
    title: Text::fixed("Key of a colleague who has left", "退職者のキーによる不正操作"),
    summary: Text::fixed(
        "A colleague leaves. The administrator takes the password away and forgets the access key. Later it is used, from the address and with the tool from which the colleague worked before, to share and delete snapshots.",
        "社員が退職し、管理者はパスワードを無効にしますが、アクセスキーを消し忘れます。その後、在職中と同じアドレスと道具からそのキーが使われ、スナップショットが共有・削除されます。",
    ),
    build,
};

const TOOLS: &[&str] = &[
    "aws-cli/2.28.11 md/awscrt#0.27.2 ua/2.1 os/macos#24.6.0 md/arch#arm64 lang/python#3.13.4 md/installer#source",
    "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 aws-sdk-go-v2/1.32.3 os/macos lang/go#1.23.3 md/GOOS#darwin md/GOARCH#arm64 api/ec2#1.187.0",
    "aws-cli/2.22.7 md/awscrt#0.23.4 ua/2.0 os/windows#10 md/arch#amd64 lang/python#3.12.6 md/installer#exe",
];
/// The account that gets the snapshots.
const OTHER: &str = "210987654321";

/// What this drill is about.
struct Plan {
    leaver: User,
    home: String,
    tool: &'static str,
    left: Second,
    /// whether snapshots of the database are meant, not of volumes
    database: bool,
    count: i64,
    slow: bool,
}

fn build(stage: &mut Stage) -> Outcome {
    let form = super::Form::draw(&mut stage.attack);
    let mut events = confounders::some(stage, &[Kind::Backups, Kind::NewColleague, Kind::KeyRotation, Kind::Traveller], 2);
    events.extend(confounders::some(stage, &[Kind::Deployment, Kind::Auditor, Kind::Scaling, Kind::Recorder, Kind::Refused], 2));
    let world = stage.world.clone();
    let rng = &mut stage.attack;
    let name = format!("{}-{}", rng.pick(&["inoue", "okada", "fujii", "endo", "ueda"]), rng.pick(&["dev", "infra", "ops2"]));
    let plan = Plan {
        leaver: User::new(name, rng),
        home: world.intruder(0).to_owned(),
        tool: rng.pick(TOOLS),
        left: world.incident - rng.range(14 * HOUR, 34 * HOUR),
        database: rng.chance(40),
        count: rng.range(4, 12),
        slow: rng.chance(50),
    };
    events.extend(before(&world, rng, &plan));
    events.extend(leaving(&world, rng, &plan));
    events.extend(misuse(&world, rng, &plan));
    let seen = if rng.chance(50) { vec![(world.region.to_owned(), noticed(&world, rng, &plan))] } else { Vec::new() };
    let notice = notice(&world, rng, &plan);

    super::trail_as(stage, form, super::NO_BUILDS, events);
    super::findings(stage, seen);
    let service = if plan.database { "rds" } else { "ec2" };
    let row = Row {
        user: &plan.leaver,
        made: world.incident - 700 * DAY,
        password: None,
        mfa: false,
        key: Some((true, world.incident + HOUR, world.region, service)),
    };
    stage.file("evidence/credential_report.csv", credential_report::write(&world, world.incident + 9 * HOUR, &[row]));
    let outcome =
        Outcome::new(Category::CompromisedCredentials, CauseKind::FormerOrPresentStaff, Factor::Human, Verdict::Confirmed, notice);
    outcome.by(vec![plan.home.clone()], vec![world.user_arn(&plan.leaver.name)])
}

/// The colleague at work, from home and from the office.
fn before(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let mut events = Vec::new();
    for n in 0..rng.range(10, 18) {
        let from = if rng.chance(60) { &plan.home } else { &world.office };
        let caller = Caller::new(trail::user(world, &plan.leaver), from, plan.tool);
        let at = (world.incident - 58 * HOUR + n * 2400 + rng.range(0, 1800)).min(plan.left - 600);
        let (service, name) =
            rng.pick(&[("ec2", "DescribeInstances"), ("ec2", "DescribeSnapshots"), ("rds", "DescribeDBSnapshots"), ("ec2", "CreateTags")]);
        let event = caller.call(world, at, service, name).event(world, rng);
        events.push(match n {
            0 => event.because("the colleague, while still with the company, works from the same address with the same tool"),
            _ => event.decoy("the colleague at work, before leaving"),
        });
    }
    events
}

/// The administrator takes the password and the groups away, and forgets the key.
fn leaving(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let admin = Caller::new(trail::console_user(world, &world.admin, plan.left), &world.office, BROWSER);
    let name = &plan.leaver.name;
    let tagged = json!({"userName": name, "tags": [{"key": "status", "value": "left the company"}]});
    let tag = admin.call(world, plan.left, "iam", "TagUser").with(tagged, Value::Null).event(world, rng);
    let profile =
        admin.call(world, plan.left + 40, "iam", "DeleteLoginProfile").with(json!({"userName": name}), Value::Null).event(world, rng);
    let phone = json!({"serialNumber": format!("arn:aws:iam::{}:mfa/{name}", world.account), "userName": name});
    vec![
        tag.because("the administrator notes that the colleague has left"),
        profile.because("the administrator takes the password away, but not the access key"),
        admin.call(world, plan.left + 60, "iam", "DeactivateMFADevice").with(phone, Value::Null).event(world, rng),
    ]
}

fn misuse(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let caller = Caller::new(trail::user(world, &plan.leaver), &plan.home, plan.tool);
    let mut at = world.incident;
    let list = if plan.database { ("rds", "DescribeDBSnapshots") } else { ("ec2", "DescribeSnapshots") };
    let first = caller.call(world, at, list.0, list.1).event(world, rng);
    let mut events = vec![first.because("the key is used although the colleague has left")];
    let pace = |rng: &mut Rng| if plan.slow { rng.range(60, 600) } else { rng.range(2, 12) };
    for n in 0..plan.count {
        at += pace(rng);
        let id = if plan.database { format!("rds:{}-db-{n:02}", world.company) } else { format!("snap-0{}", rng.hex(16)) };
        let event = share(world, &caller, at, plan.database, &id).event(world, rng);
        events.push(if n == 0 { event.because("a snapshot is given to a stranger's account") } else { event });
    }
    for n in 0..plan.count {
        at += pace(rng);
        let (service, name, request) = if plan.database {
            ("rds", "DeleteDBSnapshot", json!({"dBSnapshotIdentifier": format!("{}-manual-{n:02}", world.company)}))
        } else {
            ("ec2", "DeleteSnapshot", json!({"snapshotId": format!("snap-0{}", rng.hex(16)), "force": false}))
        };
        let event = caller.call(world, at, service, name).with(request, json!({"_return": true})).event(world, rng);
        events.push(if n == 0 { event.because("snapshots are deleted with the forgotten key") } else { event });
    }
    events.push(caller.denied(world, at + 60, "iam", "CreateAccessKey").event(world, rng));
    events
}

fn share(world: &World, caller: &Caller, at: Second, database: bool, id: &str) -> trail::Call {
    let (service, name, request) = if database {
        let request = json!({"dBSnapshotIdentifier": id, "attributeName": "restore", "valuesToAdd": [OTHER]});
        ("rds", "ModifyDBSnapshotAttribute", request)
    } else {
        let request = json!({
            "snapshotId": id, "createVolumePermission": {"add": {"items": [{"userId": OTHER}]}},
            "attributeType": "CREATE_VOLUME_PERMISSION"
        });
        ("ec2", "ModifySnapshotAttribute", request)
    };
    caller.call(world, at, service, name).with(request, json!({"_return": true}))
}

fn noticed(world: &World, rng: &mut Rng, plan: &Plan) -> Record {
    let finding = Finding {
        kind: "Impact:IAMUser/AnomalousBehavior",
        severity: 8.0,
        title: format!("User {} invoked APIs commonly used in Impact tactics in an anomalous way.", plan.leaver.name),
        description: "APIs commonly used in Impact tactics were invoked under anomalous circumstances.".to_owned(),
        region: world.region.to_owned(),
        resource: guardduty::user_key(&plan.leaver),
        action: guardduty::calls(if plan.database { "rds" } else { "ec2" }, "DeleteSnapshot", &plan.home),
        seen: (world.incident, world.incident + HOUR),
        count: plan.count,
    };
    finding.record(world, rng).because("GuardDuty notices the unusual deletions")
}

fn notice(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<u8> {
    let call = if plan.database { "ModifyDBSnapshotAttribute" } else { "ModifySnapshotAttribute" };
    let what = Exposed {
        affected: vec![format!("access key {} belonging to user {}", plan.leaver.key, plan.leaver.name)],
        found_at: None,
        seen: vec![(world.incident + 30, world.region.to_owned(), call, plan.home.clone())],
        quarantine: None,
        sent: world.incident + rng.range(5 * HOUR, 9 * HOUR),
    };
    letters::exposed(world, rng, &what)
}
