//! Innocent things that look like part of an incident: backups, deployments, auditors, travellers, forgotten passwords. Every
//! record is marked as a decoy with the reason why it is innocent. What happens in an incident is decided elsewhere.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use crate::background::{BATCH_AGENT, BROWSER, CI_AGENT, CLI};
use crate::clock::{self, DAY, HOUR, Second};
use crate::flow::{self, Amount, End, TCP};
use crate::folder::Record;
use crate::rng::Rng;
use crate::stage::Stage;
use crate::trail::{self, Call, Event, Session};
use crate::weblog::{self, Hit};
use crate::world::{User, World};

/// IAM and other global services log in this Region.
pub(crate) const GLOBAL: &str = "us-east-1";
/// Account of the auditors.
const AUDITORS: &str = "210987654321";
const AUDIT_AGENT: &str =
    "Boto3/1.40.40 md/Botocore#1.40.40 ua/2.1 os/linux#6.8.0-1040-aws md/arch#x86_64 lang/python#3.12.11 cfg/retry-mode#standard app/audit";
const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

/// Something innocent in CloudTrail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// snapshots and copies of data every night, and old snapshots that are deleted
    #[default]
    Backups,
    /// a stack is deployed: roles, a user with a key, a security group that is open to the world
    Deployment,
    /// a tool of auditors lists everything in several Regions
    Auditor,
    /// wrong passwords of a colleague, and then the right one
    ForgottenPassword,
    /// an administrator signs in from a hotel
    Traveller,
    /// AWS starts and ends instances of a group
    Scaling,
    /// AWS Config looks at everything
    Recorder,
    /// a user replaces the own access key
    KeyRotation,
    /// an administrator makes a user for a new colleague
    NewColleague,
    /// an administrator opens SSH for the office, and closes it again
    OfficeRule,
    /// a user asks again and again for what the user may not see
    Refused,
}

impl Kind {
    /// Every kind.
    pub(crate) const ALL: [Self; 11] = [
        Self::Backups,
        Self::Deployment,
        Self::Auditor,
        Self::ForgottenPassword,
        Self::Traveller,
        Self::Scaling,
        Self::Recorder,
        Self::KeyRotation,
        Self::NewColleague,
        Self::OfficeRule,
        Self::Refused,
    ];

    /// What it leaves in CloudTrail when it begins at `at`.
    pub(crate) fn calls(self, world: &mut World, rng: &mut Rng, at: Second) -> Vec<Event> {
        match self {
            Self::Backups => backups(world, rng, at),
            Self::Deployment => deployment(world, rng, at),
            Self::Auditor => auditor(world, rng, at),
            Self::ForgottenPassword => forgotten_password(world, rng, at),
            Self::Traveller => traveller(world, rng, at),
            Self::Scaling => scaling(world, rng, at),
            Self::Recorder => recorder(world, rng, at),
            Self::KeyRotation => key_rotation(world, rng, at),
            Self::NewColleague => new_colleague(world, rng, at),
            Self::OfficeRule => office_rule(world, rng, at),
            Self::Refused => refused(world, rng, at),
        }
    }
}

/// Some of the kinds given, at least `least` of them, at times within the two days before the incident and the ten hours
/// after it.
pub(crate) fn some(stage: &mut Stage, kinds: &[Kind], least: usize) -> Vec<Event> {
    let (world, rng) = (&mut stage.world, &mut stage.attack);
    let mut left = kinds.to_vec();
    let count = least + rng.index(kinds.len().saturating_sub(least) + 1);
    let mut events = Vec::new();
    for _ in 0..count.min(kinds.len()) {
        let kind = left.swap_remove(rng.index(left.len()));
        let at = world.incident + rng.range(-48 * HOUR, 8 * HOUR);
        events.extend(kind.calls(world, rng, at));
    }
    events
}

fn innocent(events: Vec<Event>, why: &'static str) -> Vec<Event> {
    events.into_iter().map(|event| event.decoy(why)).collect()
}

/// The copies of two nights.
fn backups(world: &World, rng: &mut Rng, at: Second) -> Vec<Event> {
    let mut events = Vec::new();
    let session = Session::new("AWSBackupDefaultServiceRole", "AWSBackup-AWSBackupDefaultServiceRole", at, rng);
    for night in [clock::floor(at, DAY) - DAY, clock::floor(at, DAY)].map(|day| day + 17 * HOUR + rng.range(0, 900)) {
        for host in [&world.web, &world.batch, &world.app] {
            let volume = host.instance.replacen("i-", "vol-", 1);
            let snapshot = format!("snap-0{}", rng.hex(16));
            let made = json!({"volumeId": volume, "description": "This snapshot is created by the AWS Backup service."});
            let answer = json!({"snapshotId": snapshot, "volumeId": volume, "status": "pending", "encrypted": true});
            events.push(on_behalf(world, &session, "backup", night, "ec2", "CreateSnapshot").with(made, answer).event(world, rng));
            let old = json!({"snapshotId": format!("snap-0{}", rng.hex(16))});
            let answer = json!({"_return": true});
            events.push(on_behalf(world, &session, "backup", night + 60, "ec2", "DeleteSnapshot").with(old, answer).event(world, rng));
        }
        for part in 0..rng.range(4, 9) {
            let bucket = format!("{}-backup", world.company);
            let key = format!("nightly/{}/dump-{part:02}.sql.gz", clock::day_path(night));
            let request = json!({
                "bucketName": bucket, "key": key, "Host": format!("{bucket}.s3.{}.amazonaws.com", world.region),
                "x-amz-storage-class": "STANDARD_IA"
            });
            let call = Call::new(world, night + 120 + part * 45, "s3", "PutObject").with(request, Value::Null);
            let mut call = call.by(trail::batch_role(world, night), &world.batch.public, BATCH_AGENT);
            call.additional = json!({"SignatureVersion": "SigV4", "bytesTransferredIn": rng.range(90_000_000, 900_000_000)});
            call.data = true;
            let call = call.on(world.account, "AWS::S3::Object", &format!("arn:aws:s3:::{bucket}/{key}"));
            events.push(call.event(world, rng));
        }
    }
    innocent(events, "the nightly backup, which runs at the same hour every night with its own roles")
}

/// A call that an AWS service makes with a role of the account.
fn on_behalf(world: &World, session: &Session, service: &str, at: Second, of: &'static str, name: &'static str) -> Call {
    let host = format!("{service}.amazonaws.com");
    let mut identity = session.identity(world);
    if let Some(identity) = identity.as_object_mut() {
        identity.insert("invokedBy".to_owned(), json!(host));
    }
    Call::new(world, at, of, name).by(identity, &host, &host)
}

/// The build server deploys a stack; CloudFormation makes what is in it on its behalf.
fn deployment(world: &World, rng: &mut Rng, at: Second) -> Vec<Event> {
    let own = |at, service, name| Call::new(world, at, service, name).by(trail::user(world, &world.deployer), &world.ci, CI_AGENT);
    let made = |at, service, name| {
        let mut identity = trail::user(world, &world.deployer);
        if let Some(identity) = identity.as_object_mut() {
            identity.insert("invokedBy".to_owned(), json!("cloudformation.amazonaws.com"));
        }
        let call = Call::new(world, at, service, name).by(identity, "cloudformation.amazonaws.com", "cloudformation.amazonaws.com");
        if service == "iam" { call.in_region(GLOBAL) } else { call }
    };
    let stack = format!("{}-worker", world.company);
    let (role, user) = (format!("{stack}-role-{}", rng.upper(8)), User::new(format!("{stack}-mailer"), rng));
    let group = format!("sg-0{}", rng.hex(16));
    let update =
        own(at, "cloudformation", "UpdateStack").with(json!({"stackName": stack, "capabilities": ["CAPABILITY_NAMED_IAM"]}), Value::Null);
    let trust = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ecs-tasks.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}";
    let create_role = json!({"roleName": role, "assumeRolePolicyDocument": trust, "path": "/"});
    let attach = json!({"roleName": role, "policyArn": "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"});
    let key = json!({"accessKey": {"userName": user.name, "accessKeyId": user.key, "status": "Active", "createDate": clock::iso(at + 44)}});
    let open = json!({"groupId": group, "ipPermissions": {"items": [{
        "ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "groups": {}, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}
    }]}});
    let calls = vec![
        update,
        made(at + 31, "iam", "CreateRole").with(create_role, Value::Null),
        made(at + 36, "iam", "AttachRolePolicy").with(attach, Value::Null),
        made(at + 40, "iam", "CreateUser").with(json!({"userName": user.name, "path": "/"}), Value::Null),
        made(at + 44, "iam", "CreateAccessKey").with(json!({"userName": user.name}), key),
        made(at + 52, "ec2", "CreateSecurityGroup").with(
            json!({"groupName": format!("{stack}-lb"), "groupDescription": "load balancer", "vpcId": world.vpc}),
            json!({"groupId": group, "_return": true}),
        ),
        made(at + 55, "ec2", "AuthorizeSecurityGroupIngress").with(open, json!({"_return": true})),
        own(at + 90, "cloudformation", "DescribeStacks").with(json!({"stackName": stack}), Value::Null),
    ];
    let events = calls.into_iter().map(|call| call.event(world, rng)).collect();
    innocent(events, "a deployment by the build server from its usual address, through CloudFormation")
}

/// What the auditors' tool calls: service, call, whether it is refused.
const AUDITED: &[(&str, &str, bool)] = &[
    ("sts", "GetCallerIdentity", false),
    ("iam", "GetAccountSummary", false),
    ("iam", "GetAccountAuthorizationDetails", false),
    ("iam", "GenerateCredentialReport", false),
    ("iam", "GetCredentialReport", false),
    ("iam", "ListUsers", false),
    ("iam", "ListAccessKeys", false),
    ("iam", "ListMFADevices", false),
    ("iam", "ListRoles", false),
    ("iam", "GetAccountPasswordPolicy", false),
    ("organizations", "DescribeOrganization", true),
    ("s3", "ListBuckets", false),
    ("s3", "GetBucketAcl", false),
    ("s3", "GetBucketPolicyStatus", false),
    ("s3", "GetBucketPublicAccessBlock", false),
    ("ec2", "DescribeRegions", false),
    ("ec2", "DescribeInstances", false),
    ("ec2", "DescribeSecurityGroups", false),
    ("ec2", "DescribeSnapshots", false),
    ("ec2", "DescribeImages", false),
    ("ec2", "DescribeFlowLogs", false),
    ("ses", "ListIdentities", false),
    ("ses", "GetSendQuota", true),
    ("lambda", "ListFunctions20150331", false),
    ("secretsmanager", "ListSecrets", false),
    ("bedrock", "GetModelInvocationLoggingConfiguration", true),
    ("cloudtrail", "DescribeTrails", false),
    ("cloudtrail", "GetTrailStatus", false),
    ("guardduty", "ListDetectors", false),
];

fn auditor(world: &mut World, rng: &mut Rng, at: Second) -> Vec<Event> {
    let from = world.take_address(rng);
    let world = &*world;
    let session = Session::new("SecurityAuditRole", "quarterly-audit", at, rng);
    let (request, response) = session.assumed(world, rng);
    let who = json!({"type": "AWSAccount", "principalId": format!("AROA{}EXAMPLE:audit", rng.upper(10)), "accountId": AUDITORS});
    let mut assume = Call::new(world, at, "sts", "AssumeRole").by(who, &from, AUDIT_AGENT).with(request, response);
    assume.resources = json!([{"accountId": world.account, "type": "AWS::IAM::Role", "ARN": session.role_arn(world)}]);
    let mut events = vec![assume.event(world, rng)];
    let mut when = at + 3;
    for (service, name, no) in AUDITED {
        when += rng.range(1, 4);
        let call = Call::new(world, when, service, name).by(session.identity(world), &from, AUDIT_AGENT);
        let call = if matches!(*service, "iam" | "organizations") { call.in_region(GLOBAL) } else { call };
        events.push(if *no { denied(call, &session.arn(world)) } else { call }.event(world, rng));
    }
    for region in ["us-west-2", "eu-west-1", "ap-southeast-1"].into_iter().filter(|region| *region != world.region) {
        for name in ["DescribeInstances", "DescribeSecurityGroups", "DescribeSnapshots"] {
            when += rng.range(1, 3);
            let call = Call::new(world, when, "ec2", name).by(session.identity(world), &from, AUDIT_AGENT).in_region(region);
            events.push(call.event(world, rng));
        }
    }
    innocent(events, "the auditors' tool, with the read-only role that was made for them")
}

/// The call, refused for want of permission.
pub(crate) fn denied(call: Call, arn: &str) -> Call {
    let action = format!("{}:{}", call.service, call.name.trim_end_matches("20150331"));
    let why = format!("User: {arn} is not authorized to perform: {action} because no identity-based policy allows the {action} action");
    match call.service {
        "ec2" => call.refused("Client.UnauthorizedOperation", format!("You are not authorized to perform this operation. {why}")),
        _ => call.refused("AccessDenied", why),
    }
}

/// A sign-in to the console.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignIn<'a> {
    /// when
    pub(crate) at: Second,
    /// who
    pub(crate) user: &'a User,
    /// from where
    pub(crate) from: &'a str,
    /// browser
    pub(crate) agent: &'a str,
    /// whether a second factor was asked for and given
    pub(crate) mfa: bool,
    /// whether it succeeded
    pub(crate) success: bool,
}

/// The record of a sign-in.
pub(crate) fn sign_in(world: &World, rng: &mut Rng, with: SignIn<'_>) -> Event {
    let SignIn { at, user, from, agent, mfa, success } = with;
    let identity = if success {
        json!({
            "type": "IAMUser", "principalId": user.principal, "arn": world.user_arn(&user.name), "accountId": world.account,
            "userName": user.name
        })
    } else {
        json!({
            "type": "IAMUser", "principalId": user.principal, "accountId": world.account, "accessKeyId": "", "userName": user.name
        })
    };
    let answer = json!({"ConsoleLogin": if success { "Success" } else { "Failure" }});
    let mut call = Call::new(world, at, "signin", "ConsoleLogin").by(identity, from, agent).with(Value::Null, answer);
    if !success {
        call.error = Some(("", "Failed authentication".to_owned()));
    }
    let used = if mfa { "Yes" } else { "No" };
    call.additional = json!({"LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No", "MFAUsed": used});
    call.event(world, rng)
}

fn forgotten_password(world: &World, rng: &mut Rng, at: Second) -> Vec<Event> {
    let base = SignIn { at, user: &world.operator, from: &world.office, agent: BROWSER, mfa: true, success: true };
    let mut events = Vec::new();
    let mut when = at;
    for _ in 0..rng.range(2, 6) {
        events.push(sign_in(world, rng, SignIn { at: when, mfa: false, success: false, ..base }));
        when += rng.range(9, 50);
    }
    events.push(sign_in(world, rng, SignIn { at: when + 20, ..base }));
    innocent(events, "a colleague mistypes the password at the office and then signs in with the second factor")
}

fn traveller(world: &mut World, rng: &mut Rng, at: Second) -> Vec<Event> {
    let hotel = world.take_address(rng);
    let world = &*world;
    let mut events = vec![sign_in(world, rng, SignIn { at, user: &world.admin, from: &hotel, agent: MAC, mfa: true, success: true })];
    let mut when = at;
    for _ in 0..rng.range(6, 14) {
        when += rng.range(4, 90);
        let (service, name) = rng.pick(&[
            ("ec2", "DescribeInstances"),
            ("ec2", "DescribeInstanceStatus"),
            ("monitoring", "DescribeAlarms"),
            ("s3", "ListBuckets"),
            ("logs", "DescribeLogGroups"),
            ("ce", "GetCostAndUsage"),
        ]);
        let mut identity = trail::console_user(world, &world.admin, at);
        if let Some(since) = identity.pointer_mut("/sessionContext/attributes/creationDate") {
            *since = json!(clock::iso(at));
        }
        let call = Call::new(world, when, service, name).by(identity, &hotel, MAC);
        events.push(call.event(world, rng));
    }
    innocent(events, "the administrator on a journey: signed in with the second factor, and only looks at things")
}

fn scaling(world: &World, rng: &mut Rng, at: Second) -> Vec<Event> {
    let session = Session::new("AWSServiceRoleForAutoScaling", "AutoScaling", at - 900, rng);
    let mut events = Vec::new();
    let made = json!({"aWSServiceName": "autoscaling.amazonaws.com", "description": "Default Service-Linked Role"});
    let admin = Call::new(world, at - 1200, "iam", "CreateServiceLinkedRole").in_region(GLOBAL);
    let admin = admin.by(trail::console_user(world, &world.admin, at), &world.office, BROWSER).with(made, Value::Null);
    events.push(admin.event(world, rng));
    for n in 0..rng.range(2, 4) {
        let (instance, kind) = (format!("i-0{}", rng.hex(16)), "t3.small");
        let request = json!({
            "instancesSet": {"items": [{"imageId": "ami-0123456789abcdef0", "minCount": 1, "maxCount": 1}]}, "instanceType": kind,
            "clientToken": format!("fleet-{}-0", rng.uuid()), "subnetId": world.subnet
        });
        let answer =
            json!({"instancesSet": {"items": [{"instanceId": instance, "instanceType": kind, "imageId": "ami-0123456789abcdef0"}]}});
        let when = at + n * 400;
        events.push(on_behalf(world, &session, "autoscaling", when, "ec2", "RunInstances").with(request, answer).event(world, rng));
        let end = json!({"instancesSet": {"items": [{"instanceId": instance}]}});
        let call = on_behalf(world, &session, "autoscaling", when + rng.range(1500, 6000), "ec2", "TerminateInstances");
        events.push(call.with(end, Value::Null).event(world, rng));
    }
    innocent(events, "AWS Auto Scaling starts and ends instances of the usual type and image")
}

fn recorder(world: &World, rng: &mut Rng, at: Second) -> Vec<Event> {
    let session = Session::new("AWSServiceRoleForConfig", "configLambdaExecution", at - 600, rng);
    let mut events = Vec::new();
    for n in 0..rng.range(10, 22) {
        let (service, name) = rng.pick(&[
            ("ec2", "DescribeInstances"),
            ("ec2", "DescribeSecurityGroups"),
            ("ec2", "DescribeSnapshots"),
            ("s3", "GetBucketAcl"),
            ("s3", "GetBucketPolicy"),
            ("iam", "ListUsers"),
            ("iam", "GetAccountAuthorizationDetails"),
            ("lambda", "ListFunctions20150331"),
            ("rds", "DescribeDBSnapshots"),
        ]);
        let region = if service == "iam" || rng.chance(30) { GLOBAL } else { world.region };
        let call = on_behalf(world, &session, "config", at + n * 7, service, name).in_region(region);
        events.push(call.event(world, rng));
    }
    innocent(events, "AWS Config records the state of the resources with its service-linked role")
}

fn key_rotation(world: &World, rng: &mut Rng, at: Second) -> Vec<Event> {
    let user = &world.operator;
    let fresh = User::new(user.name.clone(), rng);
    let by = |at, name| Call::new(world, at, "iam", name).in_region(GLOBAL).by(trail::user(world, user), &world.office, CLI);
    let old = format!("AKIA{}EXAMPLE", rng.upper(9));
    let key =
        json!({"accessKey": {"userName": user.name, "accessKeyId": fresh.key, "status": "Active", "createDate": clock::iso(at + 30)}});
    let calls = [
        by(at, "ListAccessKeys").with(json!({"userName": user.name}), Value::Null),
        by(at + 12, "GetAccessKeyLastUsed").with(json!({"accessKeyId": old}), Value::Null),
        by(at + 30, "CreateAccessKey").with(json!({"userName": user.name}), key),
        by(at + 400, "UpdateAccessKey").with(json!({"userName": user.name, "accessKeyId": old, "status": "Inactive"}), Value::Null),
        by(at + 3600, "DeleteAccessKey").with(json!({"userName": user.name, "accessKeyId": old}), Value::Null),
    ];
    let events = calls.into_iter().map(|call| call.event(world, rng)).collect();
    innocent(events, "the operator replaces an own access key from the office")
}

fn new_colleague(world: &World, rng: &mut Rng, at: Second) -> Vec<Event> {
    let user = User::new(format!("{}-dev", rng.pick(&["hayashi", "mori", "ikeda", "abe"])), rng);
    let by = |at, name| {
        let call = Call::new(world, at, "iam", name).in_region(GLOBAL);
        call.by(trail::console_user(world, &world.admin, at), &world.office, BROWSER)
    };
    let name = &user.name;
    let made = json!({"user": {"path": "/", "userName": name, "userId": user.principal, "arn": world.user_arn(name), "createDate": clock::iso(at)}});
    let profile = json!({"loginProfile": {"userName": name, "passwordResetRequired": true, "createDate": clock::iso(at + 2)}});
    let calls = [
        by(at, "CreateUser").with(json!({"userName": name, "tags": [{"key": "team", "value": "development"}]}), made),
        by(at + 2, "CreateLoginProfile").with(json!({"userName": name, "passwordResetRequired": true}), profile),
        by(at + 5, "AddUserToGroup").with(json!({"userName": name, "groupName": "developers"}), Value::Null),
    ];
    let events = calls.into_iter().map(|call| call.event(world, rng)).collect();
    innocent(events, "the administrator makes a user for a new colleague, at the office and with the second factor")
}

fn office_rule(world: &World, rng: &mut Rng, at: Second) -> Vec<Event> {
    let rule = json!({"groupId": world.batch.group, "ipPermissions": {"items": [{
        "ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "groups": {},
        "ipRanges": {"items": [{"cidrIp": format!("{}/32", world.office), "description": "office, for maintenance"}]}
    }]}});
    let by = |at, name| {
        let call = Call::new(world, at, "ec2", name).by(trail::console_user(world, &world.admin, at), &world.office, BROWSER);
        call.with(rule.clone(), json!({"_return": true}))
    };
    let calls = [by(at, "AuthorizeSecurityGroupIngress"), by(at + rng.range(1200, 5000), "RevokeSecurityGroupIngress")];
    let events = calls.into_iter().map(|call| call.event(world, rng)).collect();
    innocent(events, "SSH is opened for the office alone, and closed after the work")
}

fn refused(world: &World, rng: &mut Rng, at: Second) -> Vec<Event> {
    let mut events = Vec::new();
    for n in 0..rng.range(4, 9) {
        let (service, name) = rng.pick(&[("ce", "GetCostAndUsage"), ("iam", "ListUsers"), ("organizations", "DescribeOrganization")]);
        let call = Call::new(world, at + n * 23, service, name).by(trail::user(world, &world.operator), &world.office, CLI);
        let call = if service == "ce" { call } else { call.in_region(GLOBAL) };
        events.push(denied(call, &world.user_arn(&world.operator.name)).event(world, rng));
    }
    innocent(events, "the operator asks from the office for what the operator's permissions do not include")
}

/// The company's own crawler fetches many pages from the batch server at night, in flow logs.
pub(crate) fn crawler(world: &World, rng: &mut Rng, at: Second) -> Vec<Record> {
    let why = "the company's own crawler at its usual hour; every connection carries an answer";
    let mut records = Vec::new();
    for n in 0..rng.range(40, 70) {
        let (client, site) = (End::new(&world.batch.private, flow::client_port(rng)), End::new(crawled(rng).to_string(), 443));
        let start = at + n * 11;
        let there =
            Amount { protocol: TCP, packets: rng.range(9, 22), bytes: rng.range(1100, 4000), span: (start, start + 4), accepted: true };
        let back = Amount { packets: there.packets + 20, bytes: rng.range(8_000, 90_000), ..there };
        records.push(flow::line(world, &world.batch, &client, &site, there).decoy(why));
        records.push(flow::line(world, &world.batch, &site, &client, back).decoy(why));
    }
    records
}

fn crawled(rng: &mut Rng) -> Ipv4Addr {
    Ipv4Addr::new(198, 19, 200, rng.byte(1, 60))
}

/// A scanner that the company has ordered tries the web site, in the access log.
pub(crate) fn ordered_scan(from: &str, rng: &mut Rng, at: Second) -> Vec<Record> {
    let agent = "Mozilla/5.0 (compatible; WebAppScan/4.2; scheduled; +https://scan.example.com/)";
    let paths =
        ["/admin/", "/.git/config", "/?id=1%27%20OR%201=1--", "/../../etc/passwd", "/?url=http%3A%2F%2F127.0.0.1%2F", "/cgi-bin/test.cgi"];
    (0..rng.range(25, 45))
        .map(|n| {
            let request = format!("GET {}", rng.pick(&paths));
            let status = rng.pick(&[404_u16, 404, 400, 403]);
            let hit = Hit { at: at + n * 3, from, request: &request, status, bytes: 196, agent };
            weblog::line(hit).decoy("the scan that the company ordered, from the scanner's own address; everything is refused")
        })
        .collect()
}
