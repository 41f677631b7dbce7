//! Somebody else signs in to the console with the password of a colleague who has no second factor, makes a user with a key,
//! and sends spam or mines with it.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};
use serde_json::{Value, json};

use super::Scenario;
use crate::background::BROWSER;
use crate::clock::{self, DAY, HOUR, Second};
use crate::confounders::{self, Kind, SignIn};
use crate::credential_report::{self, Row};
use crate::ec2::{self, Stray};
use crate::folder::Record;
use crate::guardduty::{self, Finding};
use crate::letters::{self, Abuse, Implicated};
use crate::rng::Rng;
use crate::stage::{Outcome, Stage};
use crate::trail::{self, Caller, Event};
use crate::world::{User, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "console-password-stolen",
    title: Text::fixed("Console password in the wrong hands", "コンソールのパスワードが第三者の手に渡った"),
    summary: Text::fixed(
        "A stranger signs in from abroad with the password of a colleague without a second factor, makes a user with an access key, and sends spam or starts miners with it.",
        "第三者が、多要素認証のない社員のパスワードで外部からサインインし、アクセスキー付きのユーザーを作って、スパムの送信やマイニングを行います。",
    ),
    build,
};

const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0";
const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const TOOL: &[&str] = &[
    "Boto3/1.28.20 md/Botocore#1.31.20 ua/2.0 os/windows#10 md/arch#amd64 lang/python#3.10.6 md/pyimpl#CPython",
    "aws-cli/2.13.5 Python/3.11.4 Windows/10 exe/AMD64 prompt/off command/ses.send-raw-email",
];

/// What this drill is about.
struct Plan {
    /// whether spam is sent; otherwise instances mine
    mail: bool,
    victim: User,
    intruder: User,
    agent: &'static str,
    tool: &'static str,
    /// when the user is made
    made: Second,
    /// when the reported activity begins
    acts: Second,
}

fn build(stage: &mut Stage) -> Outcome {
    let mail = stage.attack.chance(55);
    let form = if mail { super::Form::Files } else { super::Form::draw(&mut stage.attack) };
    let mut events = confounders::some(stage, &[Kind::ForgottenPassword, Kind::Traveller], 2);
    events.extend(confounders::some(
        stage,
        &[Kind::Backups, Kind::Deployment, Kind::Auditor, Kind::Scaling, Kind::Recorder, Kind::NewColleague],
        3,
    ));
    let plan = draw(&stage.world, &mut stage.attack, mail);
    let strays = if mail { Vec::new() } else { strays(&mut stage.world, &mut stage.attack, &plan) };
    let world = stage.world.clone();
    let rng = &mut stage.attack;
    events.extend(usual(&world, rng, &plan));
    events.extend(entry(&world, rng, &plan));
    events.extend(foothold(&world, rng, &plan));
    events.extend(if mail { spam(&world, rng, &plan) } else { mining(&world, rng, &plan, &strays) });
    // Mining itself shows in nothing else here.
    let watched = !mail || rng.chance(60);
    let seen = if watched { noticed(&world, rng, &plan, &strays) } else { Vec::new() };
    let notice = notice(&world, rng, &plan, &strays);
    let reported = strays.len().clamp(1, 2);

    super::trail_as(stage, form, super::NO_BUILDS, events);
    super::findings(stage, seen);
    stage.parts.extend(ec2::describe(&world, &strays));
    let rows = [
        Row { user: &plan.victim, made: world.incident - 500 * DAY, password: Some(world.incident), mfa: false, key: None },
        Row { user: &plan.intruder, made: plan.made, password: None, mfa: false, key: Some((true, plan.acts + HOUR, world.region, "ses")) },
    ];
    stage.file("evidence/credential_report.csv", credential_report::write(&world, world.incident + 9 * HOUR, &rows));
    let category = if mail { Category::Spam } else { Category::CryptoMining };
    let mut outcome = Outcome::new(category, CauseKind::ConsolePasswordStolen, Factor::Human, Verdict::Confirmed, notice);
    for _ in 1..reported {
        outcome = outcome.and(Verdict::Confirmed);
    }
    let principals = vec![world.user_arn(&plan.victim.name), world.user_arn(&plan.intruder.name)];
    outcome.by(vec![world.intruder(0).to_owned(), world.intruder(1).to_owned()], principals)
}

fn draw(world: &World, rng: &mut Rng, mail: bool) -> Plan {
    let name =
        format!("{}-{}", rng.pick(&["kimura", "hayashi", "shimizu", "mori", "abe"]), rng.pick(&["sales", "support", "finance", "web"]));
    let made = world.incident + rng.range(180, 3000);
    Plan {
        mail,
        victim: User::new(name, rng),
        intruder: User::new(rng.pick(&["aws-backup-svc", "ses-user", "test-adm", "cloudwatch-agent", "dev-ops1"]).to_owned(), rng),
        agent: rng.pick(&[WINDOWS, LINUX]),
        tool: rng.pick(TOOL),
        made,
        acts: made + rng.range(200, 4000),
    }
}

/// The colleague signs in at the office on the days before, without a second factor too.
fn usual(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let mut events = Vec::new();
    for day in 1..3 {
        let at = world.incident - day * DAY + rng.range(-2 * HOUR, 2 * HOUR);
        let with = SignIn { at, user: &plan.victim, from: &world.office, agent: BROWSER, mfa: false, success: true };
        events.push(confounders::sign_in(world, rng, with).decoy("the colleague's own sign-in at the office"));
        let office = Caller::new(session(world, &plan.victim, at), &world.office, BROWSER);
        for n in 0..rng.range(2, 6) {
            let (service, name) = rng.pick(&[("s3", "ListBuckets"), ("ses", "ListIdentities"), ("monitoring", "DescribeAlarms")]);
            events.push(office.call(world, at + 60 + n * 47, service, name).event(world, rng).aside());
        }
    }
    events
}

/// `userIdentity` in the console after a sign-in with a password alone.
fn session(world: &World, user: &User, since: Second) -> Value {
    json!({
        "type": "IAMUser", "principalId": user.principal, "arn": world.user_arn(&user.name), "accountId": world.account,
        "accessKeyId": format!("ASIA{}EXAMPLE", Rng::stream(since.unsigned_abs(), &user.principal).upper(9)), "userName": user.name,
        "sessionContext": {"attributes": {"creationDate": clock::iso(since), "mfaAuthenticated": "false"}}
    })
}

fn entry(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let base = SignIn { at: world.incident, user: &plan.victim, from: world.intruder(0), agent: plan.agent, mfa: false, success: true };
    let mut events = Vec::new();
    for n in 0..rng.range(0, 2) {
        events.push(confounders::sign_in(world, rng, SignIn { at: base.at - 70 + n * 25, success: false, ..base }));
    }
    let success = confounders::sign_in(world, rng, base);
    events.push(success.because("a sign-in from an address never seen before, with the password alone"));
    let caller = Caller::new(session(world, &plan.victim, base.at), world.intruder(0), plan.agent);
    let mut at = base.at;
    let looks: &[(&str, &str)] = &[
        ("iam", "ListUsers"),
        ("iam", "GetAccountSummary"),
        ("ec2", "DescribeInstances"),
        ("ses", "GetAccount"),
        ("servicequotas", "ListServiceQuotas"),
        ("ec2", "DescribeRegions"),
        ("ce", "GetCostAndUsage"),
    ];
    for _ in 0..rng.range(4, 9) {
        at += rng.range(4, 15);
        let (service, name) = rng.pick(looks);
        events.push(caller.call(world, at, service, name).event(world, rng));
    }
    events
}

fn foothold(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let (name, at) = (&plan.intruder.name, plan.made);
    let caller = Caller::new(session(world, &plan.victim, world.incident), world.intruder(0), plan.agent);
    let user = json!({"user": {
        "path": "/", "userName": name, "userId": plan.intruder.principal, "arn": world.user_arn(name), "createDate": clock::iso(at)
    }});
    let rights = if plan.mail && rng.chance(40) { "AmazonSESFullAccess" } else { "AdministratorAccess" };
    let policy = json!({"userName": name, "policyArn": format!("arn:aws:iam::aws:policy/{rights}")});
    let key = json!({"accessKey": {
        "userName": name, "accessKeyId": plan.intruder.key, "status": "Active", "createDate": clock::iso(at + 31)
    }});
    let create = caller.call(world, at, "iam", "CreateUser").with(json!({"userName": name}), user).event(world, rng);
    let attach = caller.call(world, at + 2, "iam", "AttachUserPolicy").with(policy, Value::Null).event(world, rng);
    let access = caller.call(world, at + 31, "iam", "CreateAccessKey").with(json!({"userName": name}), key).event(world, rng);
    let mut events = vec![
        create.because("the stranger makes a user in the console"),
        attach.because("the new user gets its rights"),
        access.because("the stranger makes a key for the new user"),
    ];
    if rng.chance(50) {
        let profile = json!({"userName": name, "passwordResetRequired": false});
        events.push(caller.call(world, at + 44, "iam", "CreateLoginProfile").with(profile, Value::Null).event(world, rng));
    }
    events
}

fn spam(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let caller = Caller::new(trail::user(world, &plan.intruder), world.intruder(1), plan.tool);
    let hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";
    let quota = caller.call(world, plan.acts - 60, "ses", "GetSendQuota").event(world, rng);
    let mut events = vec![quota.because("the new user asks how much mail may be sent")];
    let (slow, mut at) = (rng.chance(40), plan.acts);
    for n in 0..rng.range(40, 100) {
        let request = json!({"source": sender(world), "destination": {"toAddresses": [hidden]}, "message": {"subject": {"data": hidden}}});
        let answer = json!({"messageId": format!("0106{}-{}-000000", rng.hex(12), rng.uuid())});
        let mut call = caller.call(world, at, "ses", "SendEmail").with(request, answer);
        call.data = true;
        let identity = format!("arn:aws:ses:{}:{}:identity/{}", world.region, world.account, world.domain);
        let event = call.on(world.account, "AWS::SES::EmailIdentity", &identity).event(world, rng);
        events.push(if n == 0 { event.because("the first mail of the new user") } else { event });
        at += if slow { rng.range(60, 200) } else { rng.range(1, 9) };
    }
    events
}

fn sender(world: &World) -> String {
    format!("support@{}", world.domain)
}

fn strays(world: &mut World, rng: &mut Rng, plan: &Plan) -> Vec<Stray> {
    let home = world.region;
    let elsewhere: Vec<&'static str> =
        ec2::REGIONS.iter().copied().filter(|region| *region != home && *region != confounders::GLOBAL).collect();
    let region = if rng.chance(30) { home } else { rng.pick(&elsewhere) };
    let (kind, image) = (rng.pick(ec2::LARGE), format!("ami-0{}", rng.hex(16)));
    (0..rng.range(1, 4)).map(|_| Stray::new(world, rng, region, kind, &image, plan.acts)).collect()
}

fn mining(world: &World, rng: &mut Rng, plan: &Plan, strays: &[Stray]) -> Vec<Event> {
    let caller = Caller::new(trail::user(world, &plan.intruder), world.intruder(1), plan.tool);
    let region = strays.first().map_or(world.region, |stray| stray.region);
    let group = json!({"groupName": "launch-wizard-7", "groupDescription": "launch-wizard-7 created"});
    let key = json!({"keyName": "k1", "keyType": "rsa"});
    let mut events = vec![
        caller.call(world, plan.acts - 40, "ec2", "CreateKeyPair").in_region(region).with(key, Value::Null).event(world, rng),
        caller.call(world, plan.acts - 30, "ec2", "CreateSecurityGroup").in_region(region).with(group, Value::Null).event(world, rng),
    ];
    if let Some(call) = ec2::launch(world, rng, &caller, strays) {
        events.push(call.event(world, rng).because("the new user starts large instances"));
    }
    events
}

fn noticed(world: &World, rng: &mut Rng, plan: &Plan, strays: &[Stray]) -> Vec<(String, Record)> {
    let finding = Finding {
        kind: "UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B",
        severity: 5.0,
        title: format!("Unusual console login by {}.", plan.victim.name),
        description: "Successful console logins were seen from several places in the world within a short time.".to_owned(),
        region: world.region.to_owned(),
        resource: guardduty::user_key(&plan.victim),
        action: guardduty::calls("signin", "ConsoleLogin", world.intruder(0)),
        seen: (world.incident, world.incident),
        count: 1,
    };
    let record = finding.record(world, rng).because("GuardDuty sees the unusual sign-in");
    let mut seen = vec![(world.region.to_owned(), record)];
    let pool = rng.pick(ec2::POOLS);
    for stray in strays {
        let (first, count) = (stray.at + rng.range(240, 900), rng.range(3, 60));
        let record = stray.mining(pool, (first, first + 2 * HOUR), count).record(world, rng);
        seen.push((stray.region.to_owned(), record.because("GuardDuty sees that a new instance asks for a mining pool")));
    }
    seen
}

fn notice(world: &World, rng: &mut Rng, plan: &Plan, strays: &[Stray]) -> Vec<u8> {
    let at = plan.acts + rng.range(300, 900);
    let sent = at + rng.range(4 * HOUR, 9 * HOUR);
    let host = |stray: &Stray| Implicated {
        label: "EC2 Instance Id",
        id: stray.id.clone(),
        address: Some(stray.public.clone()),
        region: stray.region.to_owned(),
        at: at + 600,
    };
    let key = Implicated { label: "Access Key", id: plan.intruder.key.clone(), address: None, region: world.region.to_owned(), at };
    let (category, implicated) =
        if plan.mail { (Category::Spam, vec![key]) } else { (Category::CryptoMining, strays.iter().take(2).map(host).collect()) };
    let excerpt = if plan.mail {
        vec![
            "Unwanted mail, sent to addresses that never had to do with the sender.".to_owned(),
            String::new(),
            format!("Date: {}", clock::mail(at)),
            format!("From: {}", sender(world)),
            format!("Subject: {}", rng.pick(&["Action required on your mailbox", "Refund notice", "Document shared with you"])),
        ]
    } else {
        Vec::new()
    };
    letters::abuse(world, rng, &Abuse { category, implicated, facts: Vec::new(), excerpt, sent })
}
