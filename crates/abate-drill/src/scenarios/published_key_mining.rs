//! An access key is published in a code repository. AWS attaches its quarantine policy, and yet the stranger gets instances
//! for mining in Regions that the company never used.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};
use serde_json::{Value, json};

use super::Scenario;
use crate::clock::{self, DAY, HOUR, Second};
use crate::confounders::{self, Kind};
use crate::credential_report::{self, Row};
use crate::ec2::{self, Stray};
use crate::guardduty::{self, Finding};
use crate::letters::{self, Abuse, Exposed, Implicated};
use crate::rng::Rng;
use crate::stage::{Outcome, Stage};
use crate::trail::{self, Call, Caller, Event, Session};
use crate::world::{User, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "published-key-mining",
    title: Text::fixed("Mining with a key from a public repository", "公開リポジトリのキーによるマイニング"),
    summary: Text::fixed(
        "An access key is published in a code repository and found by AWS, which attaches its quarantine policy. A stranger gets around it and starts large instances in Regions that the company never used.",
        "アクセスキーが公開リポジトリに置かれ、それを見つけた AWS が隔離ポリシーを付与します。第三者はこれをかいくぐり、会社が使ったことのないリージョンで大型インスタンスを起動します。",
    ),
    build,
};

const AGENTS: &[&str] = &[
    "Boto3/1.34.12 md/Botocore#1.34.12 ua/2.0 os/windows#10 md/arch#amd64 lang/python#3.11.4 md/pyimpl#CPython",
    "aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5 md/GOOS#linux md/GOARCH#amd64 api/ec2#1.170.0",
    "aws-cli/2.15.30 Python/3.11.8 Linux/6.6.9-amd64 exe/x86_64.kali.2024 prompt/off",
    "S3 Browser/11.6.7 (https://s3browser.com)",
];

/// How the stranger gets around the quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// a role that the user may assume
    Role,
    /// a user made before the policy was attached
    NewUser,
    /// a colleague takes the policy away, since it stops a job
    Detached,
}

/// What this drill is about.
struct Plan {
    way: Way,
    victim: User,
    intruder: User,
    agent: &'static str,
    image: String,
    policy: &'static str,
    url: String,
    /// when AWS attaches the policy
    quarantine: Second,
    /// when the first instances start
    launch: Second,
}

impl Plan {
    fn draw(world: &World, rng: &mut Rng) -> Self {
        let start = world.incident;
        let way = rng.pick(&[0_u8, 1, 2]);
        let way = [Way::Role, Way::NewUser, Way::Detached].get(usize::from(way)).copied().unwrap_or(Way::Role);
        let extra = User::new(rng.pick(&["report-export", "mobile-upload", "data-import", "staging-app"]).to_owned(), rng);
        let intruder = User::new(rng.pick(&["ec2-admin", "aws-support", "tester01", "Administrator", "root-sys"]).to_owned(), rng);
        let quarantine = start + if way == Way::NewUser { rng.range(200, 420) } else { rng.range(40, 160) };
        let launch = match way {
            Way::Role => quarantine + rng.range(200, 3600),
            Way::NewUser => quarantine + rng.range(30, 900),
            Way::Detached => quarantine + rng.range(2 * HOUR, 3 * HOUR),
        };
        let policy = rng.pick(&["AWSCompromisedKeyQuarantineV2", "AWSCompromisedKeyQuarantineV3"]);
        let file = rng.pick(&[".env", "config/settings.py", "deploy/upload.sh", "terraform.tfvars"]);
        Self {
            way,
            victim: if rng.chance(50) { world.deployer.clone() } else { extra },
            intruder,
            agent: rng.pick(AGENTS),
            image: format!("ami-0{}", rng.hex(16)),
            policy,
            url: format!("https://git.example.com/{}-dev/tools/blob/main/{file}", world.company),
            quarantine,
            launch,
        }
    }
}

fn build(stage: &mut Stage) -> Outcome {
    let form = super::Form::draw(&mut stage.attack);
    let mut events = confounders::some(stage, &Kind::ALL, 4);
    let plan = Plan::draw(&stage.world, &mut stage.attack);
    let strays = strays(&mut stage.world, &mut stage.attack, &plan);
    let world = stage.world.clone();
    let rng = &mut stage.attack;
    events.extend(usual(&world, rng, &plan));
    events.extend(reconnaissance(&world, rng, &plan));
    events.extend(around(&world, rng, &plan));
    events.extend(instances(&world, rng, &plan, &strays));

    let watched = rng.chance(67);
    let pool = rng.pick(ec2::POOLS);
    let seen = if watched { noticed(&world, rng, &plan, &strays, pool) } else { Vec::new() };
    let report = watched && rng.chance(50);
    let notice = if report { mining_notice(&world, rng, &strays, pool) } else { key_notice(&world, rng, &plan, &strays) };
    let with_report = rng.chance(60);

    super::trail_as(
        stage,
        form,
        (60_u32.saturating_mul(stage.scales.trail), (world.incident - 2 * DAY, world.incident + 10 * HOUR)),
        events,
    );
    super::findings(stage, seen);
    stage.parts.extend(ec2::describe(&world, &strays));
    if with_report {
        let last = plan.launch + HOUR;
        let row = Row {
            user: &plan.victim,
            made: world.incident - 300 * DAY,
            password: None,
            mfa: false,
            key: Some((true, last, strays.first().map_or("us-east-1", |s| s.region), "ec2")),
        };
        stage.file("evidence/credential_report.csv", credential_report::write(&world, world.incident + 8 * HOUR, &[row]));
    }
    outcome(&world, &plan, &strays, report, notice)
}

fn outcome(world: &World, plan: &Plan, strays: &[Stray], report: bool, notice: Vec<u8>) -> Outcome {
    let category = if report { Category::CryptoMining } else { Category::CompromisedCredentials };
    let mut outcome = Outcome::new(category, CauseKind::KeyInPublicRepository, Factor::Human, Verdict::Confirmed, notice);
    // Each instance named is a reported activity of its own.
    for _ in strays.iter().take(if report { 2 } else { 1 }).skip(1) {
        outcome = outcome.and(Verdict::Confirmed);
    }
    let mut principals = vec![world.user_arn(&plan.victim.name)];
    if plan.way == Way::NewUser {
        principals.push(world.user_arn(&plan.intruder.name));
    }
    let mut addresses = vec![world.intruder(0).to_owned()];
    if plan.way != Way::Role {
        addresses.push(world.intruder(1).to_owned());
    }
    outcome.by(addresses, principals)
}

/// Two to four groups of instances, in Regions where there was nothing.
fn strays(world: &mut World, rng: &mut Rng, plan: &Plan) -> Vec<Stray> {
    let mut list = Vec::new();
    let home = world.region;
    let regions: Vec<&'static str> =
        ec2::REGIONS.iter().copied().filter(|region| *region != home && *region != confounders::GLOBAL).collect();
    let first = rng.index(regions.len());
    for n in 0..rng.range(2, 4) {
        let region = regions.get((first + 3 * usize::try_from(n).unwrap_or(0)) % regions.len()).copied().unwrap_or("eu-north-1");
        let (kind, at) = (rng.pick(ec2::LARGE), plan.launch + n * rng.range(50, 400));
        for _ in 0..rng.range(1, 4) {
            list.push(Stray::new(world, rng, region, kind, &plan.image, at));
        }
    }
    list
}

/// What the key was made for: calls from the office before and after.
fn usual(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    if plan.victim.name == world.deployer.name {
        return Vec::new();
    }
    let caller = Caller::new(trail::user(world, &plan.victim), &world.office, crate::background::CI_AGENT);
    let mut events = Vec::new();
    for n in 0..rng.range(12, 24) {
        let (service, name) =
            rng.pick(&[("s3", "ListBuckets"), ("s3", "GetBucketLocation"), ("sqs", "ListQueues"), ("dynamodb", "DescribeTable")]);
        let at = world.incident - 2 * DAY + n * 2 * HOUR + rng.range(0, 3000);
        events.push(caller.call(world, at, service, name).event(world, rng).aside());
    }
    events
}

/// The stranger looks around, in a burst or slowly.
fn reconnaissance(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let caller = Caller::new(trail::user(world, &plan.victim), world.intruder(0), plan.agent);
    let slow = rng.chance(40);
    let mut at = world.incident;
    let mut events = vec![
        caller
            .call(world, at, "sts", "GetCallerIdentity")
            .event(world, rng)
            .because("the first use of the published key from a new address"),
    ];
    let mut next = |rng: &mut Rng| {
        at += if slow { rng.range(15, 70) } else { rng.range(1, 3) };
        at
    };
    let name = json!({"userName": plan.victim.name});
    for call in ["ListAttachedUserPolicies", "ListUserPolicies", "ListGroupsForUser"] {
        events.push(caller.call(world, next(rng), "iam", call).with(name.clone(), Value::Null).event(world, rng));
    }
    let regions = caller.call(world, next(rng), "ec2", "DescribeRegions").event(world, rng);
    events.push(regions.because("the stranger lists the Regions"));
    let first = rng.index(ec2::REGIONS.len());
    for n in 0..5 + rng.index(5) {
        let region = ec2::REGIONS.get((first + n) % ec2::REGIONS.len()).copied().unwrap_or("us-east-1");
        let at = next(rng);
        let asked = json!({"attributeNameSet": {"items": [{"attributeName": "max-instances"}]}});
        events
            .push(caller.call(world, at, "ec2", "DescribeAccountAttributes").in_region(region).with(asked, Value::Null).event(world, rng));
        let quota = json!({"serviceCode": "ec2", "quotaCode": rng.pick(&["L-417A185B", "L-DB2E81BA", "L-1216C47A"])});
        events.push(
            caller.call(world, next(rng), "servicequotas", "GetServiceQuota").in_region(region).with(quota, Value::Null).event(world, rng),
        );
    }
    events
}

/// AWS attaches its policy, and the stranger gets around it.
fn around(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let aws = Caller::new(json!({"type": "AWSService", "invokedBy": "AWS Internal"}), "AWS Internal", "AWS Internal");
    let request = json!({"userName": plan.victim.name, "policyArn": format!("arn:aws:iam::aws:policy/{}", plan.policy)});
    let attach = aws.call(world, plan.quarantine, "iam", "AttachUserPolicy").with(request.clone(), Value::Null).event(world, rng);
    let mut events = vec![attach.because("AWS found the key in public and attaches its quarantine policy")];
    let victim = Caller::new(trail::user(world, &plan.victim), world.intruder(0), plan.agent);
    let refused = plan.quarantine + rng.range(20, 90);
    for (n, (service, name)) in [("iam", "CreateUser"), ("iam", "CreateAccessKey"), ("ec2", "RunInstances")].into_iter().enumerate() {
        let at = refused + 11 * i64::try_from(n).unwrap_or(0);
        events.push(stopped(victim.call(world, at, service, name), &world.user_arn(&plan.victim.name)).event(world, rng));
    }
    match plan.way {
        Way::Role => {}
        Way::NewUser => events.extend(new_user(world, rng, plan, &victim)),
        Way::Detached => {
            let at = plan.launch - rng.range(200, 1800);
            let office = Caller::new(trail::console_user(world, &world.admin, at), &world.office, crate::background::BROWSER);
            let detach = office.call(world, at, "iam", "DetachUserPolicy").with(request, Value::Null).event(world, rng);
            events.push(detach.because("a colleague takes the quarantine policy away, and the published key works again"));
        }
    }
    events
}

fn new_user(world: &World, rng: &mut Rng, plan: &Plan, victim: &Caller) -> Vec<Event> {
    let (name, at) = (&plan.intruder.name, plan.quarantine - rng.range(60, 110));
    let made = json!({"user": {
        "path": "/", "userName": name, "userId": plan.intruder.principal, "arn": world.user_arn(name), "createDate": clock::iso(at)
    }});
    let policy = json!({"userName": name, "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
    let key = json!({"accessKey": {
        "userName": name, "accessKeyId": plan.intruder.key, "status": "Active", "createDate": clock::iso(at + 5)
    }});
    let create = victim.call(world, at, "iam", "CreateUser").with(json!({"userName": name}), made).event(world, rng);
    let attach = victim.call(world, at + 2, "iam", "AttachUserPolicy").with(policy, Value::Null).event(world, rng);
    let access = victim.call(world, at + 5, "iam", "CreateAccessKey").with(json!({"userName": name}), key).event(world, rng);
    vec![
        create.because("the stranger makes a user before AWS attaches the policy"),
        attach.because("the new user becomes administrator"),
        access.because("the stranger makes a key for the new user, to which the policy does not apply"),
    ]
}

/// The quarantine policy refuses the call.
fn stopped(call: Call, arn: &str) -> Call {
    let action = format!("{}:{}", call.service, call.name);
    let why = format!("User: {arn} is not authorized to perform: {action} with an explicit deny in an identity-based policy");
    let code = if call.service == "ec2" { "Client.UnauthorizedOperation" } else { "AccessDenied" };
    call.refused(code, why)
}

/// The instances are started, after some attempts that AWS has no room for.
fn instances(world: &World, rng: &mut Rng, plan: &Plan, strays: &[Stray]) -> Vec<Event> {
    let mut events = Vec::new();
    let role = Session::new(&format!("{}-deploy-admin", world.company), "session1", plan.launch - 40, rng);
    let (from, identity) = match plan.way {
        Way::Role => (world.intruder(0), role.identity(world)),
        Way::NewUser => (world.intruder(1), trail::user(world, &plan.intruder)),
        Way::Detached => (world.intruder(1), trail::user(world, &plan.victim)),
    };
    if plan.way == Way::Role {
        let victim = Caller::new(trail::user(world, &plan.victim), from, plan.agent);
        let (request, response) = role.assumed(world, rng);
        let assume = victim.call(world, role.since, "sts", "AssumeRole").with(request, response);
        let assume = assume.on(world.account, "AWS::IAM::Role", &role.role_arn(world)).event(world, rng);
        events.push(assume.because("the stranger assumes a role, to which the quarantine policy does not apply"));
    }
    let caller = Caller::new(identity, from, plan.agent);
    for (n, group) in strays.chunk_by(|a, b| a.region == b.region).enumerate() {
        let Some(first) = group.first() else { continue };
        if rng.chance(70) {
            let too_many = ec2::wanted(world, rng, &caller, (first.region, first.kind, &first.image), 20, first.at - 9);
            let (code, message) = rng.pick(&[
                ("Client.VcpuLimitExceeded", "You have requested more vCPU capacity than your current vCPU limit allows."),
                (
                    "Server.InsufficientInstanceCapacity",
                    "We currently do not have sufficient capacity in the Availability Zone you requested.",
                ),
            ]);
            events.push(too_many.refused(code, message.to_owned()).event(world, rng));
        }
        let Some(call) = ec2::launch(world, rng, &caller, group) else { continue };
        let event = call.event(world, rng);
        events.push(if n == 0 { event.because("the first large instances, in a Region that the company never used") } else { event });
    }
    events
}

fn noticed(world: &World, rng: &mut Rng, plan: &Plan, strays: &[Stray], pool: &str) -> Vec<(String, crate::folder::Record)> {
    let mut seen = Vec::new();
    for stray in strays {
        let (first, count) = (stray.at + rng.range(240, 900), rng.range(3, 60));
        let record = stray.mining(pool, (first, first + 2 * HOUR), count).record(world, rng);
        seen.push((stray.region.to_owned(), record.because("GuardDuty sees that a new instance asks for a mining pool")));
    }
    let finding = Finding {
        kind: "Discovery:IAMUser/AnomalousBehavior",
        severity: 2.0,
        title: format!("User {} invoked APIs commonly used in Discovery tactics in an anomalous way.", plan.victim.name),
        description: "APIs commonly used in Discovery tactics were invoked under anomalous circumstances.".to_owned(),
        region: world.region.to_owned(),
        resource: guardduty::user_key(&plan.victim),
        action: guardduty::calls("ec2", "DescribeAccountAttributes", world.intruder(0)),
        seen: (world.incident + 10, world.incident + 300),
        count: 9,
    };
    seen.push((world.region.to_owned(), finding.record(world, rng)));
    if rng.chance(50) {
        let at = world.incident - rng.range(DAY, 30 * HOUR);
        seen.extend(guardduty::samples(world, rng, at).into_iter().map(|record| (world.region.to_owned(), record)));
    }
    seen
}

fn mining_notice(world: &World, rng: &mut Rng, strays: &[Stray], pool: &str) -> Vec<u8> {
    let seen = |stray: &Stray| Implicated {
        label: "EC2 Instance Id",
        id: stray.id.clone(),
        address: Some(stray.public.clone()),
        region: stray.region.to_owned(),
        at: stray.at + 1500,
    };
    let implicated: Vec<Implicated> = strays.iter().take(2).map(seen).collect();
    let at = implicated.first().map_or(world.incident, |thing| thing.at);
    let sent = at + rng.range(4 * HOUR, 9 * HOUR);
    let excerpt = vec![
        "Traffic of the hosts named above to a mining pool. Times are UTC.".to_owned(),
        format!("{} {pool}:443 stratum+ssl", clock::iso(at)),
    ];
    let what = Abuse { category: Category::CryptoMining, implicated, facts: Vec::new(), excerpt, sent };
    letters::abuse(world, rng, &what)
}

fn key_notice(world: &World, rng: &mut Rng, plan: &Plan, strays: &[Stray]) -> Vec<u8> {
    let from = world.intruder(0).to_owned();
    let mut seen = vec![(world.incident, confounders::GLOBAL.to_owned(), "GetCallerIdentity", from.clone())];
    if let (Some(stray), true) = (strays.first(), plan.way == Way::Role) {
        seen.push((stray.at, stray.region.to_owned(), "RunInstances", from));
    }
    let what = Exposed {
        affected: vec![format!("access key {} belonging to user {}", plan.victim.key, plan.victim.name)],
        found_at: Some(plan.url.clone()),
        seen,
        quarantine: Some(plan.policy),
        sent: plan.launch + rng.range(4 * HOUR, 8 * HOUR),
    };
    letters::exposed(world, rng, &what)
}
