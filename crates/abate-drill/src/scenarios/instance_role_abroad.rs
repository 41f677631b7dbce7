//! The credentials of the batch server's role are used from elsewhere. How they were read is in none of the logs at hand.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};
use serde_json::{Value, json};

use super::Scenario;
use crate::background::{BATCH_AGENT, BROWSER};
use crate::clock::{self, HOUR, Second};
use crate::confounders::{self, Kind};
use crate::ec2::{self, Stray};
use crate::folder::Record;
use crate::guardduty::{self, Finding};
use crate::inventory;
use crate::letters::{self, Abuse, Exposed, Implicated};
use crate::rng::Rng;
use crate::stage::{Outcome, Stage};
use crate::trail::{self, Call, Caller, Event};
use crate::world::{Host, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "instance-role-abroad",
    title: Text::fixed("Role of a server used from elsewhere", "サーバーのロールが外部から使われた"),
    summary: Text::fixed(
        "The credentials of the batch server's role are used from a stranger's address, for mail or for the company's data. There is no log that shows how they were read.",
        "バッチサーバーのロールの認証情報が第三者のアドレスから使われ、メールの送信やデータの読み出しが行われます。どのように読み取られたかを示すログはありません。",
    ),
    build,
};

const AGENTS: &[&str] = &[
    "Boto3/1.26.90 Python/3.9.16 Linux/5.10.0 Botocore/1.29.90",
    "aws-cli/1.29.30 Python/3.11.5 Linux/6.1.0-kali9-amd64 botocore/1.31.30",
    "aws-sdk-js/2.1432.0 linux/v16.20.2 promise",
    "python-requests/2.31.0",
];

/// What this drill is about.
struct Plan {
    /// whether mail is sent; otherwise data are read
    mail: bool,
    agent: &'static str,
    /// first use
    start: Second,
    /// what is reported
    acts: Second,
    count: i64,
    slow: bool,
}

fn build(stage: &mut Stage) -> Outcome {
    let mail = stage.attack.chance(50);
    let form = if mail { super::Form::Files } else { super::Form::draw(&mut stage.attack) };
    let mut events = confounders::some(stage, &Kind::ALL, 4);
    let (region, began) = (stage.world.region, stage.world.incident - stage.attack.range(6 * HOUR, 20 * HOUR));
    let second = Stray::new(&mut stage.world, &mut stage.attack, region, "t3.small", "ami-0123456789abcdef0", began);
    let world = stage.world.clone();
    let rng = &mut stage.attack;
    let plan = Plan {
        mail,
        agent: rng.pick(AGENTS),
        start: world.incident,
        acts: world.incident + rng.range(300, 2400),
        count: rng.range(30, 90),
        slow: rng.chance(40),
    };
    events.extend(second_server(&world, rng, &second));
    events.extend(reconnaissance(&world, rng, &plan));
    events.extend(if mail { spam(&world, rng, &plan) } else { reads(&world, rng, &plan) });
    let seen = if rng.chance(67) { vec![(world.region.to_owned(), noticed(&world, rng, &plan))] } else { Vec::new() };
    let notice = if mail { spam_notice(&world, rng, &plan) } else { key_notice(&world, rng, &plan) };
    let with_flows = rng.chance(40);

    super::trail_as(stage, form, super::NO_BUILDS, events);
    super::findings(stage, seen);
    stage.parts.extend(ec2::describe(&world, &[second]));
    if with_flows {
        super::flows(stage, (3, 4), Vec::new(), &[443]);
    } else {
        stage.parts.extend(inventory::write(&world, &[443]));
    }
    let category = if mail { Category::Spam } else { Category::CompromisedCredentials };
    let outcome = Outcome::new(category, CauseKind::InstanceCredentialsUnknownWay, Factor::Unknown, Verdict::Confirmed, notice);
    let session = format!("arn:aws:sts::{}:assumed-role/{}/{}", world.account, world.batch_role, world.batch.instance);
    outcome.by(vec![world.intruder(0).to_owned()], vec![session])
}

/// The administrator starts a second server with the same role, which has an address of its own.
fn second_server(world: &World, rng: &mut Rng, server: &Stray) -> Vec<Event> {
    let admin = Caller::new(trail::console_user(world, &world.admin, server.at), &world.office, BROWSER);
    let allocation = format!("eipalloc-0{}", rng.hex(16));
    let answer = json!({"requestId": rng.uuid(), "publicIp": server.public, "domain": "vpc", "allocationId": allocation});
    let associated = json!({"allocationId": allocation, "instanceId": server.id});
    let why = "the administrator starts a second batch server with the same role";
    let mut calls: Vec<Call> = ec2::launch(world, rng, &admin, std::slice::from_ref(server)).into_iter().collect();
    calls.push(admin.call(world, server.at + 100, "ec2", "AllocateAddress").with(json!({"domain": "vpc"}), answer));
    calls.push(admin.call(world, server.at + 140, "ec2", "AssociateAddress").with(associated, json!({"_return": true})));
    let mut events: Vec<Event> = calls.into_iter().map(|call| call.event(world, rng).decoy(why)).collect();
    let host = Host { instance: server.id.clone(), public: server.public.clone(), ..world.batch.clone() };
    let mut at = server.at + 600;
    for n in 0..rng.range(6, 14) {
        at += rng.range(900, 3000);
        let identity = trail::instance_role(world, &host, (&world.batch_role, &world.batch_principal), at);
        let key = format!("exports/{}/stock-{n:03}.csv.gz", clock::day_path(at));
        let call = object(world, Caller::new(identity, &server.public, BATCH_AGENT).call(world, at, "s3", "GetObject"), &key);
        events.push(call.event(world, rng).decoy("the second batch server, from its own address"));
    }
    events
}

fn object(world: &World, call: Call, key: &str) -> Call {
    let bucket = &world.data_bucket;
    let host = format!("{bucket}.s3.{}.amazonaws.com", world.region);
    let mut call = call.with(json!({"bucketName": bucket, "Host": host, "key": key}), Value::Null);
    call.data = true;
    call.on(world.account, "AWS::S3::Object", &format!("arn:aws:s3:::{bucket}/{key}"))
}

fn stranger(world: &World, plan: &Plan, at: Second) -> Caller {
    Caller::new(trail::batch_role(world, at), world.intruder(0), plan.agent)
}

fn reconnaissance(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let mut at = plan.start;
    let caller = stranger(world, plan, at);
    let first = caller.call(world, at, "sts", "GetCallerIdentity").event(world, rng);
    let mut events = vec![first.because("the server's role is used from an address that was never the server's")];
    let (service, calls): (&'static str, &[&'static str]) = if plan.mail {
        ("ses", &["GetSendQuota", "ListIdentities", "GetAccount"])
    } else {
        ("s3", &["ListBuckets", "GetBucketLocation", "GetBucketPolicy"])
    };
    for (n, name) in calls.iter().enumerate() {
        at += rng.range(3, 30);
        let event = caller.call(world, at, service, name).event(world, rng);
        events.push(if n == 0 { event.because("the stranger finds out what the role is good for") } else { event });
    }
    for (service, name) in [("iam", "ListUsers"), ("ec2", "DescribeInstances"), ("secretsmanager", "ListSecrets")] {
        at += rng.range(2, 20);
        events.push(caller.denied(world, at, service, name).event(world, rng));
    }
    events
}

fn pace(rng: &mut Rng, plan: &Plan) -> Second {
    if plan.slow { rng.range(40, 120) } else { rng.range(2, 12) }
}

fn spam(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let (mut at, mut events, hidden) = (plan.acts, Vec::new(), "HIDDEN_DUE_TO_SECURITY_REASONS");
    for n in 0..plan.count {
        let caller = stranger(world, plan, at);
        let request = json!({"source": sender(world), "destinations": [hidden], "rawMessage": {"data": hidden}});
        let answer = json!({"messageId": format!("0106{}-{}-000000", rng.hex(12), rng.uuid())});
        let mut call = caller.call(world, at, "ses", "SendRawEmail").with(request, answer);
        call.data = true;
        let identity = format!("arn:aws:ses:{}:{}:identity/{}", world.region, world.account, world.domain);
        let event = call.on(world.account, "AWS::SES::EmailIdentity", &identity).event(world, rng);
        events.push(if n == 0 { event.because("the first mail that the stranger sends with the server's role") } else { event });
        at += pace(rng, plan);
    }
    events
}

fn reads(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let (mut at, mut events) = (plan.acts, Vec::new());
    for n in 0..plan.count {
        let caller = stranger(world, plan, at);
        let key = format!("exports/{}/orders-{}-{n:04}.csv.gz", clock::day_path(at), world.company);
        let event = object(world, caller.call(world, at, "s3", "GetObject"), &key).event(world, rng);
        events.push(if n == 0 { event.because("the first object that the stranger reads with the server's role") } else { event });
        at += pace(rng, plan);
    }
    events
}

fn sender(world: &World) -> String {
    format!("info@{}", world.domain)
}

fn noticed(world: &World, rng: &mut Rng, plan: &Plan) -> Record {
    let finding = Finding {
        kind: "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
        severity: 8.0,
        title: format!("Credentials for the EC2 instance role {} were used from an external IP address.", world.batch_role),
        description: "Credentials created exclusively for an EC2 instance were used from an address outside AWS.".to_owned(),
        region: world.region.to_owned(),
        resource: json!({"ResourceType": "AccessKey", "AccessKeyDetails": {
            "AccessKeyId": trail::instance_key(&world.batch_principal, plan.start),
            "PrincipalId": format!("{}:{}", world.batch_principal, world.batch.instance), "UserName": world.batch_role, "UserType": "AssumedRole"
        }}),
        action: guardduty::calls("sts", "GetCallerIdentity", world.intruder(0)),
        seen: (plan.start, plan.acts),
        count: rng.range(2, 20),
    };
    finding.record(world, rng).because("GuardDuty sees the role's credentials outside AWS")
}

fn spam_notice(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<u8> {
    let at = plan.acts + 5 * pace(rng, plan);
    let implicated = Implicated {
        label: "EC2 Instance Id",
        id: world.batch.instance.clone(),
        address: rng.chance(50).then(|| world.batch.public.clone()),
        region: world.region.to_owned(),
        at,
    };
    let excerpt = vec![
        "We got this message although we never asked for it. The lines of its head:".to_owned(),
        String::new(),
        format!("Date: {}", clock::mail(at)),
        format!("From: {}", sender(world)),
        format!("Subject: {}", rng.pick(&["Your account will be closed", "Payment failed", "Package on hold", "New voice message"])),
        format!("Message-ID: <0106{}@{}.amazonses.com>", rng.hex(12), world.region),
    ];
    let sent = at + rng.range(4 * HOUR, 9 * HOUR);
    letters::abuse(world, rng, &Abuse { category: Category::Spam, implicated: vec![implicated], facts: Vec::new(), excerpt, sent })
}

fn key_notice(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<u8> {
    let key = trail::instance_key(&world.batch_principal, plan.start);
    let what = Exposed {
        affected: vec![format!(
            "access key {key}, temporary credentials of the role {} of EC2 Instance Id: {}",
            world.batch_role, world.batch.instance
        )],
        found_at: None,
        seen: vec![(plan.start, world.region.to_owned(), "GetCallerIdentity", world.intruder(0).to_owned())],
        quarantine: None,
        sent: plan.start + rng.range(4 * HOUR, 9 * HOUR),
    };
    letters::exposed(world, rng, &what)
}
