//! The build server's access key is used by strangers, who make themselves an administrator and send spam through SES.

use abate_model::truth::Attacker;
use abate_model::{Category, CauseKind, Factor, Text, Verdict};
use serde_json::{Value, json};

use super::Scenario;
use crate::clock::{self, DAY, HOUR, Second};
use crate::folder::{Frame, Record};
use crate::mail::{self, Notice};
use crate::rng::Rng;
use crate::stage::{Outcome, Stage};
use crate::trail::{self, Call, Event};
use crate::world::{User, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "leaked-key-spam",
    title: Text::fixed("Spam through a leaked access key", "漏えいしたアクセスキーによるスパム送信"),
    summary: Text::fixed(
        "The build server's access key is used from addresses never seen before. The stranger looks at the mail quota, makes an administrator and sends spam through Amazon SES.",
        "ビルドサーバーのアクセスキーが、これまで見られなかったアドレスから使われます。第三者はメールの送信上限を調べ、管理者ユーザーを作り、Amazon SES でスパムを送ります。",
    ),
    build,
};

/// IAM and other global services log in this Region.
const GLOBAL: &str = "us-east-1";
const AGENT: &str = "Boto3/1.34.12 md/Botocore#1.34.12 ua/2.0 os/windows#10 md/arch#amd64 lang/python#3.11.4 md/pyimpl#CPython";

fn build(stage: &mut Stage) -> Outcome {
    let (world, start) = (stage.world.clone(), stage.world.incident);
    let rng = &mut stage.attack;
    let name = format!("{}-{}", rng.pick(&["support", "ses-smtp-user", "backup-admin", "svc-mail"]), rng.range(10, 99));
    let intruder = User::new(name, rng);
    let created = start + rng.range(240, 900);
    let sending = created + rng.range(300, 1200);
    let mut events = reconnaissance(&world, rng);
    events.extend(new_user(&world, rng, &intruder, created));
    events.extend(spam(&world, rng, &intruder, sending));
    let finding = Record::plain(created, finding(&world, rng, created).to_string());
    let finding = finding.because("GuardDuty noticed the unusual calls with the leaked key");
    let notice = notice(&world, rng, sending + HOUR / 2);

    let builds = 90_u32.saturating_mul(stage.scales.trail);
    super::trail(stage, (builds, (start - 4 * DAY, start + 10 * HOUR)), events);
    stage.log("evidence/guardduty/findings.json", Frame::FINDINGS, None, vec![finding]);
    let outcome = Outcome::new(Category::Spam, CauseKind::KeyLeakUnknownPlace, Factor::Human, Verdict::Confirmed, notice);
    let addresses = vec![world.intruder(0).to_owned(), world.intruder(1).to_owned()];
    let principals = vec![world.user_arn(&world.deployer.name), world.user_arn(&intruder.name)];
    Outcome { attacker: Attacker { addresses, principals }, ..outcome }
}

fn leaked(world: &World, at: Second, service: &'static str, name: &'static str) -> Call {
    let call = Call::new(world, at, service, name).by(trail::user(world, &world.deployer), world.intruder(0), AGENT);
    if service == "iam" || service == "organizations" { call.in_region(GLOBAL) } else { call }
}

fn reconnaissance(world: &World, rng: &mut Rng) -> Vec<Event> {
    let start = world.incident;
    let first = leaked(world, start, "sts", "GetCallerIdentity").event(world, rng);
    let quota = leaked(world, start + 21, "ses", "GetSendQuota").event(world, rng);
    let identities = leaked(world, start + 27, "ses", "ListIdentities").with(json!({"identityType": "EmailAddress"}), Value::Null);
    let mut denied = leaked(world, start + 64, "organizations", "DescribeOrganization");
    let message = format!(
        "User: {} is not authorized to perform: organizations:DescribeOrganization on resource: *",
        world.user_arn(&world.deployer.name)
    );
    denied.error = Some(("AccessDenied", message));
    vec![
        first.because("the first use of the leaked key from a new address"),
        quota.because("the intruder asks how much mail may be sent"),
        identities.event(world, rng),
        denied.event(world, rng),
        leaked(world, start + 92, "iam", "ListUsers").event(world, rng).because("the intruder looks at the account's users"),
    ]
}

fn new_user(world: &World, rng: &mut Rng, intruder: &User, at: Second) -> Vec<Event> {
    let name = &intruder.name;
    let user = json!({"user": {
        "path": "/", "userName": name, "userId": intruder.principal, "arn": world.user_arn(name), "createDate": clock::iso(at)
    }});
    let create = leaked(world, at, "iam", "CreateUser").with(json!({"userName": name}), user).event(world, rng);
    let policy = json!({"userName": name, "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
    let attach = leaked(world, at + 3, "iam", "AttachUserPolicy").with(policy, Value::Null).event(world, rng);
    let key = json!({"accessKey": {
        "userName": name, "accessKeyId": intruder.key, "status": "Active", "createDate": clock::iso(at + 6)
    }});
    let access = leaked(world, at + 6, "iam", "CreateAccessKey").with(json!({"userName": name}), key).event(world, rng);
    vec![
        create.because("the intruder makes a user"),
        attach.because("the new user becomes administrator"),
        access.because("the intruder makes a key for the new user"),
    ]
}

fn spam(world: &World, rng: &mut Rng, intruder: &User, start: Second) -> Vec<Event> {
    let mut events = Vec::new();
    for n in 0..140_i64 {
        let at = start + n * 36 + rng.range(0, 20);
        let raw = rng.chance(40);
        // A few mails with the leaked key itself, to try; the rest as the new user from another address.
        let (user, from) = if n < 6 { (&world.deployer, world.intruder(0)) } else { (intruder, world.intruder(1)) };
        let name = if raw { "SendRawEmail" } else { "SendEmail" };
        let hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";
        let request = if raw {
            json!({"source": sender(world), "destinations": [hidden], "rawMessage": {"data": hidden}})
        } else {
            let message = json!({"subject": {"data": hidden}, "body": {"html": {"data": hidden}}});
            json!({"source": sender(world), "destination": {"toAddresses": [hidden]}, "message": message})
        };
        let message_id = format!("0100{}-{}-000000", rng.hex(12), rng.uuid());
        let call = Call::new(world, at, "ses", name).by(trail::user(world, user), from, AGENT);
        let mut call = call.with(request, json!({"messageId": message_id}));
        let identity = format!("arn:aws:ses:{}:{}:identity/{}", world.region, world.account, world.domain);
        call.resources = json!([{"accountId": world.account, "type": "AWS::SES::EmailIdentity", "ARN": identity}]);
        call.data = true;
        let event = call.event(world, rng);
        events.push(match n {
            0 => event.because("the first mail, with the leaked key"),
            6 => event.because("the first mail of the new user"),
            _ => event,
        });
    }
    events
}

fn sender(world: &World) -> String {
    format!("info@{}", world.domain)
}

/// A finding as `aws guardduty get-findings` prints it.
fn finding(world: &World, rng: &mut Rng, at: Second) -> Value {
    let (region, account, detector, id) = (world.region, world.account, rng.hex(32), rng.hex(32));
    let user = &world.deployer;
    let call = json!({
        "Api": "CreateUser", "CallerType": "Remote IP", "ServiceName": "iam.amazonaws.com",
        "RemoteIpDetails": {"IpAddressV4": world.intruder(0), "Country": {"CountryName": "Unknown"}}
    });
    json!({
        "AccountId": account,
        "Arn": format!("arn:aws:guardduty:{region}:{account}:detector/{detector}/finding/{id}"),
        "CreatedAt": clock::iso(at + 900), "UpdatedAt": clock::iso(at + 900),
        "Description": format!("APIs commonly used in Persistence tactics were invoked by user {} under anomalous circumstances.", user.name),
        "Id": id, "Partition": "aws", "Region": region,
        "Resource": {"ResourceType": "AccessKey", "AccessKeyDetails": {
            "AccessKeyId": user.key, "PrincipalId": user.principal, "UserName": user.name, "UserType": "IAMUser"
        }},
        "SchemaVersion": "2.0",
        "Service": {
            "Action": {"ActionType": "AWS_API_CALL", "AwsApiCallAction": call}, "Archived": false, "Count": 3, "DetectorId": detector,
            "EventFirstSeen": clock::iso(at), "EventLastSeen": clock::iso(at + 6), "ResourceRole": "TARGET", "ServiceName": "guardduty"
        },
        "Severity": 5.0,
        "Title": format!("User {} invoked APIs commonly used in Persistence tactics in an anomalous way.", user.name),
        "Type": "Persistence:IAMUser/AnomalousBehavior"
    })
}

fn notice(world: &World, rng: &mut Rng, at: Second) -> Vec<u8> {
    let subject =
        rng.pick(&["Your parcel could not be delivered", "Invoice overdue", "Your mailbox is almost full", "You have won a voucher"]);
    let notice = Notice {
        sent: at + rng.range(3 * HOUR, 9 * HOUR),
        report: vec![
            "We've received a report(s) that your AWS resource(s)".to_owned(),
            String::new(),
            format!("AWS ID: {}    Region: {}", world.account, world.region),
            format!("IAM Access Key Id: {}", world.deployer.key),
            String::new(),
            "has been implicated in activity that resembles the sending of spam or unsolicited email.".to_owned(),
            String::new(),
            format!("Abuse Time: {}", clock::notice(at)),
        ],
        excerpt: vec![
            "This message was not asked for. Header lines:".to_owned(),
            String::new(),
            format!("Date: {}", clock::mail(at)),
            format!("From: {}", sender(world)),
            format!("Subject: {subject}"),
            format!("Message-ID: <0100{}@{}.amazonses.com>", rng.hex(12), world.region),
        ],
    };
    mail::write(world, rng, &notice)
}
