//! The ordinary traffic of an account in CloudTrail: log delivery by AWS services (most of it, as in the measured trail),
//! a batch server at work, and people and a build server now and then. Nothing in it is an attack.

use serde_json::{Value, json};

use crate::clock::{self, HOUR, Second};
use crate::folder::Record;
use crate::replay::{Mark, Ordinary};
use crate::rng::Rng;
use crate::trail::{self, Call, Event};
use crate::world::World;

/// Agent string of the operator's command line.
pub(crate) const CLI: &str =
    "aws-cli/2.31.4 md/awscrt#0.28.2 ua/2.1 os/linux#6.8.0-1040-aws md/arch#x86_64 lang/python#3.13.7 md/installer#exe";
/// Agent string of the build server.
pub(crate) const CI_AGENT: &str = "Boto3/1.40.40 md/Botocore#1.40.40 ua/2.1 os/linux#6.11.0-1018-azure md/arch#x86_64 lang/python#3.12.11";
/// Agent string of the batch server.
pub(crate) const BATCH_AGENT: &str =
    "[aws-cli/2.31.4 md/awscrt#0.28.2 ua/2.1 os/linux#6.1.150-174.273.amzn2023.x86_64 lang/python#3.13.7 md/command#s3.sync]";
/// Agent string of the browsers at the office.
pub(crate) const BROWSER: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";
const DELIVERY: &str = "delivery.logs.amazonaws.com";

/// What people look at: service and call. The first ones come up most.
const READS: &[(&str, &str)] = &[
    ("ec2", "DescribeInstances"),
    ("ec2", "DescribeInstanceStatus"),
    ("ec2", "DescribeTags"),
    ("ec2", "DescribeVolumes"),
    ("ec2", "DescribeVpcs"),
    ("ec2", "DescribeAddresses"),
    ("ec2", "DescribeVolumeStatus"),
    ("ec2", "DescribeInstanceTypes"),
    ("cloudtrail", "DescribeTrails"),
    ("cloudtrail", "GetTrailStatus"),
    ("ec2", "DescribeSecurityGroups"),
    ("ec2", "DescribeRouteTables"),
    ("ec2", "DescribeNetworkAcls"),
    ("ec2", "DescribeSubnets"),
    ("ec2", "DescribeDhcpOptions"),
    ("ec2", "DescribeAccountAttributes"),
    ("compute-optimizer", "GetEnrollmentStatus"),
    ("lambda", "ListFunctions20150331"),
    ("s3", "ListAccessPoints"),
    ("monitoring", "DescribeAlarms"),
    ("ec2", "DescribeSnapshots"),
    ("ec2", "DescribeImages"),
    ("ec2", "DescribeKeyPairs"),
    ("ec2", "DescribeNetworkInterfaces"),
    ("ec2", "DescribeInternetGateways"),
    ("rds", "DescribeDBInstances"),
    ("rds", "DescribeDBClusters"),
    ("rds", "DescribeDBSnapshots"),
    ("logs", "DescribeLogGroups"),
    ("logs", "DescribeLogStreams"),
    ("elasticloadbalancing", "DescribeLoadBalancers"),
    ("elasticloadbalancing", "DescribeTargetGroups"),
    ("elasticloadbalancing", "DescribeTargetHealth"),
    ("autoscaling", "DescribeAutoScalingGroups"),
    ("acm", "ListCertificates"),
    ("kms", "ListAliases"),
    ("kms", "DescribeKey"),
    ("s3", "GetBucketEncryption"),
    ("s3", "GetBucketVersioning"),
    ("s3", "GetBucketPolicyStatus"),
    ("sns", "ListTopics"),
    ("sqs", "ListQueues"),
    ("cloudformation", "ListStacks"),
    ("ssm", "DescribeInstanceInformation"),
    ("ssm", "DescribeParameters"),
    ("secretsmanager", "ListSecrets"),
    ("backup", "ListBackupVaults"),
    ("config", "DescribeConfigRules"),
    ("guardduty", "ListDetectors"),
    ("health", "DescribeEventAggregates"),
    ("ce", "GetCostAndUsage"),
    ("servicequotas", "ListServiceQuotas"),
    ("events", "ListRules"),
    ("application-autoscaling", "DescribeScalableTargets"),
];

/// What the build server does in a run.
const BUILD: &[(&str, &str)] = &[
    ("ecr", "GetAuthorizationToken"),
    ("ecs", "DescribeServices"),
    ("ecs", "DescribeTaskDefinition"),
    ("ecs", "RegisterTaskDefinition"),
    ("ecs", "UpdateService"),
    ("cloudformation", "DescribeStacks"),
    ("cloudformation", "DescribeStackEvents"),
];

/// The kinds of ordinary calls. Most draw always as many numbers, so that they can be passed over without being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    TrailDelivery,
    TrailObject,
    TrailCheck,
    FlowDelivery,
    FlowCheck,
    EncryptedRead,
    PlainRead,
    Probe,
    Role,
    Build,
    Person,
}

const KINDS: [Kind; 11] = [
    Kind::TrailDelivery,
    Kind::TrailObject,
    Kind::TrailCheck,
    Kind::FlowDelivery,
    Kind::FlowCheck,
    Kind::EncryptedRead,
    Kind::PlainRead,
    Kind::Probe,
    Kind::Role,
    Kind::Build,
    Kind::Person,
];

/// Forms of a kind that may differ in how many numbers they draw.
const FORMS: usize = 128;

impl Kind {
    /// Weights after the measured trail. They do not add up to a round number because some entries yield several events.
    fn draw(rng: &mut Rng) -> Self {
        match rng.range(0, 760) {
            0..=105 => Self::TrailDelivery,
            106..=224 => Self::TrailObject,
            225..=261 => Self::TrailCheck,
            262..=665 => Self::FlowDelivery,
            666..=668 => Self::FlowCheck,
            669..=692 => Self::EncryptedRead,
            693..=717 => Self::PlainRead,
            718..=730 => Self::Probe,
            731..=734 => Self::Role,
            735..=741 => Self::Build,
            _ => Self::Person,
        }
    }

    /// Only what people and the build server do, as the console's event history shows it (no data events).
    fn draw_people(rng: &mut Rng) -> Self {
        match rng.range(0, 9) {
            0..=1 => Self::Build,
            2 => Self::Role,
            _ => Self::Person,
        }
    }

    fn events(self) -> u32 {
        match self {
            Self::TrailDelivery => 3,
            Self::EncryptedRead => 2,
            _ => 1,
        }
    }

    fn make(self, world: &World, rng: &mut Rng, at: Second) -> Vec<Event> {
        match self {
            Self::TrailDelivery => trail_delivery(world, rng, at).into(),
            Self::TrailObject => {
                let object = log_key(world, rng, at, "CloudTrail");
                vec![trail_object(world, rng, at, &object)]
            }
            Self::TrailCheck => vec![acl_check(world, rng, at, CLOUDTRAIL)],
            Self::FlowDelivery => vec![flow_delivery(world, rng, at)],
            Self::FlowCheck => vec![acl_check(world, rng, at, DELIVERY)],
            Self::EncryptedRead => object_read(world, rng, at, true),
            Self::PlainRead => object_read(world, rng, at, false),
            Self::Probe => vec![bucket_probe(world, rng, at)],
            Self::Role => vec![role_for_service(world, rng, at)],
            Self::Build => vec![build_call(world, rng, at)],
            Self::Person => vec![person(world, rng, at)],
        }
    }

    /// Which of its forms comes next; all calls of a form draw as many numbers.
    fn form(self, mut rng: Rng) -> usize {
        match self {
            Self::Build => rng.index(BUILD.len()),
            Self::Person => {
                let by_console = rng.chance(70);
                if by_console && rng.chance(4) {
                    return FORMS - 1;
                }
                rng.index_skewed(READS.len()) * 2 + usize::from(by_console)
            }
            _ => 0,
        }
    }
}

/// How many numbers each form of each kind draws, as far as it came up.
struct Costs(Vec<Option<u64>>);

impl Costs {
    /// Moves on over a call. Only the first of a form is made.
    fn pass(&mut self, kind: Kind, world: &World, rng: &mut Rng, at: Second) {
        let known = self.0.get_mut(kind as usize * FORMS + kind.form(rng.clone()));
        if let Some(Some(cost)) = known {
            rng.skip(*cost);
            return;
        }
        let place = rng.place();
        kind.make(world, rng, at);
        if let Some(known) = known {
            *known = Some(rng.place() - place);
        }
    }
}

/// Ordinary calls at random times.
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    /// events, management and data
    pub(crate) count: u32,
    /// the time in which they lie
    pub(crate) span: (Second, Second),
    /// only what people and the build server do
    pub(crate) people: bool,
    /// so many more calls of the build server, and when
    pub(crate) builds: (u32, (Second, Second)),
}

/// A mark's kind: the call in the low bits, how many of its events count, and whether it is one of `builds`.
const CALL: u16 = 0xff;
const EVENTS: u16 = 0x300;
const EVENTS_SHIFT: u16 = 8;
const MORE_BUILDS: u16 = 0x400;

impl Ordinary for Calls {
    fn span(&self) -> (Second, Second) {
        let (more, builds) = self.builds;
        if more == 0 { self.span } else { (self.span.0.min(builds.0), self.span.1.max(builds.1)) }
    }

    fn marks(&self) -> u64 {
        self.records()
    }

    fn records(&self) -> u64 {
        u64::from(self.count) + u64::from(self.builds.0)
    }

    fn skim(&self, world: &World, rng: &mut Rng, mark: &mut dyn FnMut(Mark)) {
        let mut costs = Costs(vec![None; KINDS.len() * FORMS]);
        let mut left = self.count;
        while left > 0 {
            let (place, at) = (rng.place(), rng.range(self.span.0, self.span.1));
            let kind = if self.people { Kind::draw_people(rng) } else { Kind::draw(rng) };
            costs.pass(kind, world, rng, at);
            let events = kind.events().min(left);
            left -= events;
            mark(Mark { at, place, kind: kind as u16 | u16::try_from(events).unwrap_or(1) << EVENTS_SHIFT });
        }
        let (more, span) = self.builds;
        for _ in 0..more {
            let (place, at) = (rng.place(), rng.range(span.0, span.1));
            costs.pass(Kind::Build, world, rng, at);
            mark(Mark { at, place, kind: Kind::Build as u16 | 1 << EVENTS_SHIFT | MORE_BUILDS });
        }
    }

    fn make(&self, world: &World, rng: &mut Rng, mark: Mark, records: &mut Vec<Record>) {
        // The time, and the kind where it was drawn.
        rng.skip(if mark.kind & MORE_BUILDS == 0 { 2 } else { 1 });
        let kind = KINDS.get(usize::from(mark.kind & CALL)).copied().unwrap_or(Kind::Person);
        let events = kind.make(world, rng, mark.at).into_iter().take(usize::from((mark.kind & EVENTS) >> EVENTS_SHIFT));
        records.extend(events.map(|event| event.record));
    }
}

/// A call of the build server with the deploy user's key, from the build server's address.
fn build_call(world: &World, rng: &mut Rng, at: Second) -> Event {
    let (service, name) = rng.pick(BUILD);
    let request = match service {
        "ecs" if name == "DescribeServices" => json!({"cluster": world.company, "services": ["web", "worker"]}),
        "ecs" => json!({"cluster": world.company, "service": "web", "taskDefinition": format!("web:{}", rng.range(100, 180))}),
        "cloudformation" => json!({"stackName": format!("{}-web", world.company)}),
        _ => Value::Null,
    };
    let call = Call::new(world, at, service, name).by(trail::user(world, &world.deployer), &world.ci, CI_AGENT);
    call.with(request, Value::Null).event(world, rng)
}

fn person(world: &World, rng: &mut Rng, at: Second) -> Event {
    let by_console = rng.chance(70);
    if by_console && rng.chance(4) {
        let call = Call::new(world, at, "signin", "ConsoleLogin").with(Value::Null, json!({"ConsoleLogin": "Success"}));
        let mut call = call.by(trail::user(world, &world.admin), &world.office, BROWSER);
        if let Some(identity) = call.identity.as_object_mut() {
            identity.remove("accessKeyId");
        }
        call.additional = json!({"LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No", "MFAUsed": "Yes"});
        return call.event(world, rng);
    }
    let (service, name) = rng.pick_skewed(READS);
    let request = match service {
        "ec2" => json!({"maxResults": 1000, "filterSet": {}}),
        "s3" => json!({"bucketName": world.data_bucket, "Host": format!("{}.s3.{}.amazonaws.com", world.data_bucket, world.region)}),
        "rds" | "logs" | "kms" => json!({"maxRecords": rng.pick(&[20_i64, 50, 100])}),
        _ => Value::Null,
    };
    let call = Call::new(world, at, service, name).with(request, Value::Null);
    let call = if by_console {
        call.by(trail::console_user(world, &world.admin, at), &world.office, BROWSER)
    } else {
        call.by(trail::user(world, &world.operator), &world.office, CLI)
    };
    call.event(world, rng)
}

/// Base64 of a context that names the trail; only its length and its constancy matter.
fn context(world: &World) -> String {
    Rng::stream(0, &world.kms_key).alnum(140) + "=="
}

fn log_key(world: &World, rng: &mut Rng, at: Second, kind: &str) -> String {
    let (account, region, day) = (world.account, world.region, clock::day_path(at));
    let stamp = clock::file_stamp(at - at.rem_euclid(300));
    match kind {
        "CloudTrail" => {
            let id = rng.alnum(16);
            format!("AWSLogs/{account}/CloudTrail/{region}/{day}/{account}_CloudTrail_{region}_{stamp}_{id}.json.gz")
        }
        _ => {
            let (flow, id) = (&world.flow_log, rng.hex(8));
            format!("AWSLogs/{account}/vpcflowlogs/{region}/{day}/{account}_vpcflowlogs_{region}_{flow}_{stamp}_{id}.log.gz")
        }
    }
}

fn key_arn(world: &World) -> String {
    format!("arn:aws:kms:{}:{}:key/{}", world.region, world.account, world.kms_key)
}

/// `additionalEventData` of S3.
fn transfer(rng: &mut Rng, sent: i64, received: i64) -> Value {
    json!({
        "SignatureVersion": "SigV4", "CipherSuite": "TLS_AES_128_GCM_SHA256", "bytesTransferredIn": sent,
        "AuthenticationMethod": "AuthHeader", "x-amz-id-2": rng.alnum(75) + "=", "bytesTransferredOut": received
    })
}

fn object_resources(world: &World, bucket: &str, key: &str) -> Value {
    json!([
        {"type": "AWS::S3::Object", "ARN": format!("arn:aws:s3:::{bucket}/{key}")},
        {"accountId": world.account, "type": "AWS::S3::Bucket", "ARN": format!("arn:aws:s3:::{bucket}")}
    ])
}

fn s3_request(world: &World, bucket: &str, more: Value) -> Value {
    let mut request = json!({"bucketName": bucket, "Host": format!("{bucket}.s3.{}.amazonaws.com", world.region)});
    if let (Some(request), Value::Object(more)) = (request.as_object_mut(), more) {
        request.extend(more);
    }
    request
}

/// CloudTrail writes a file of the trail: it looks at the bucket, gets a data key for the object, and puts it.
fn trail_delivery(world: &World, rng: &mut Rng, at: Second) -> [Event; 3] {
    let object = log_key(world, rng, at, "CloudTrail");
    [acl_check(world, rng, at, CLOUDTRAIL), trail_key(world, rng, at, &object), trail_object(world, rng, at, &object)]
}

fn trail_object(world: &World, rng: &mut Rng, at: Second, key: &str) -> Event {
    let request = json!({
        "x-amz-acl": "bucket-owner-full-control", "x-amz-server-side-encryption-context": context(world),
        "x-amz-server-side-encryption-aws-kms-key-id": key_arn(world), "x-amz-server-side-encryption": "aws:kms", "key": key
    });
    let response = json!({
        "x-amz-server-side-encryption-aws-kms-key-id": key_arn(world), "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-context": context(world)
    });
    let call = Call::new(world, at, "s3", "PutObject").by(trail::aws_service(CLOUDTRAIL), CLOUDTRAIL, CLOUDTRAIL);
    let mut call = call.with(s3_request(world, &world.log_bucket, request), response);
    let sent = rng.range(700, 9000);
    call.additional = transfer(rng, sent, 0);
    call.resources = object_resources(world, &world.log_bucket, key);
    call.data = true;
    call.event(world, rng)
}

fn flow_delivery(world: &World, rng: &mut Rng, at: Second) -> Event {
    let key = log_key(world, rng, at, "vpcflowlogs");
    let request = s3_request(world, &world.log_bucket, json!({"x-amz-acl": "bucket-owner-full-control", "key": key}));
    let call = Call::new(world, at, "s3", "PutObject").by(trail::aws_service(DELIVERY), DELIVERY, DELIVERY);
    let mut call = call.with(request, json!({"x-amz-server-side-encryption": "AES256"}));
    let sent = rng.range(400, 30_000);
    call.additional = transfer(rng, sent, 0);
    call.resources = object_resources(world, &world.log_bucket, &key);
    call.data = true;
    call.event(world, rng)
}

fn acl_check(world: &World, rng: &mut Rng, at: Second, service: &str) -> Event {
    let request = s3_request(world, &world.log_bucket, json!({"acl": ""}));
    let call = Call::new(world, at, "s3", "GetBucketAcl").by(trail::aws_service(service), service, service);
    let mut call = call.with(request, Value::Null);
    call.additional = transfer(rng, 0, 931);
    call.resources = json!([{"accountId": world.account, "type": "AWS::S3::Bucket", "ARN": format!("arn:aws:s3:::{}", world.log_bucket)}]);
    call.event(world, rng)
}

fn trail_key(world: &World, rng: &mut Rng, at: Second, object: &str) -> Event {
    let trail_arn = format!("arn:aws:cloudtrail:{}:{}:trail/{}-trail", world.region, world.account, world.company);
    let request = json!({
        "keySpec": "AES_256", "keyId": key_arn(world),
        "encryptionContext": {"aws:cloudtrail:arn": trail_arn, "aws:s3:arn": format!("arn:aws:s3:::{}/{object}", world.log_bucket)}
    });
    let call = Call::new(world, at, "kms", "GenerateDataKey").by(trail::aws_service(CLOUDTRAIL), CLOUDTRAIL, CLOUDTRAIL);
    let mut call = call.with(request, Value::Null);
    call.resources = json!([{"accountId": world.account, "type": "AWS::KMS::Key", "ARN": key_arn(world)}]);
    call.event(world, rng)
}

/// The batch server reads an object; if it is encrypted, S3 decrypts its key on the server's behalf.
fn object_read(world: &World, rng: &mut Rng, at: Second, encrypted: bool) -> Vec<Event> {
    let key = format!("exports/{}/orders-{}-{}.csv.gz", clock::day_path(at), world.company, rng.range(1, 9999));
    let request = s3_request(world, &world.data_bucket, json!({"key": key}));
    let call = Call::new(world, at, "s3", "GetObject").by(trail::batch_role(world, at), &world.batch.public, BATCH_AGENT);
    let mut call = call.with(request, Value::Null);
    let received = rng.range(2000, 900_000);
    call.additional = transfer(rng, 0, received);
    call.resources = object_resources(world, &world.data_bucket, &key);
    call.data = true;
    let mut events = vec![call.event(world, rng)];
    if encrypted {
        events.insert(0, decrypt(world, rng, at, &key));
    }
    events
}

fn decrypt(world: &World, rng: &mut Rng, at: Second, object: &str) -> Event {
    let request = json!({"encryptionContext": {"aws:s3:arn": format!("arn:aws:s3:::{}/{object}", world.data_bucket)}});
    let mut identity = trail::batch_role(world, at);
    if let Some(identity) = identity.as_object_mut() {
        identity.insert("invokedBy".to_owned(), json!("AWS Internal"));
    }
    let call = Call::new(world, at, "kms", "Decrypt").by(identity, "AWS Internal", "AWS Internal");
    let mut call = call.with(request, Value::Null);
    call.resources = json!([{"accountId": world.account, "type": "AWS::KMS::Key", "ARN": key_arn(world)}]);
    call.event(world, rng)
}

fn bucket_probe(world: &World, rng: &mut Rng, at: Second) -> Event {
    let request = s3_request(world, &world.log_bucket, Value::Null);
    let call = Call::new(world, at, "s3", "HeadBucket").by(trail::aws_service(DELIVERY), DELIVERY, DELIVERY);
    let mut call = call.with(request, Value::Null);
    call.additional = transfer(rng, 0, 0);
    call.event(world, rng)
}

fn role_for_service(world: &World, rng: &mut Rng, at: Second) -> Event {
    let service = rng.pick(&["ec2.amazonaws.com", "config.amazonaws.com", "lambda.amazonaws.com"]);
    let role = format!("arn:aws:iam::{}:role/{}", world.account, world.batch_role);
    let request = json!({"roleArn": role, "roleSessionName": world.batch.instance});
    let response = json!({"credentials": {
        "accessKeyId": format!("ASIA{}EXAMPLE", rng.upper(9)), "sessionToken": rng.alnum(96), "expiration": clock::iso(at + 6 * HOUR)
    }});
    let call = Call::new(world, at, "sts", "AssumeRole").by(trail::aws_service(service), service, service);
    let mut call = call.with(request, response);
    call.resources = json!([{"accountId": world.account, "type": "AWS::IAM::Role", "ARN": role}]);
    call.event(world, rng)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is passed over must take as many numbers as what is made, in every form.
    #[test]
    fn skimming_draws_what_making_draws() {
        let world = World::new(3, "calls");
        for kind in KINDS {
            let (mut rng, mut costs) = (Rng::stream(3, "calls"), Costs(vec![None; KINDS.len() * FORMS]));
            assert_eq!(KINDS[kind as usize], kind);
            for n in 0..3000 {
                let mut made = rng.clone();
                let events = kind.make(&world, &mut made, world.incident + n);
                assert_eq!(events.len(), kind.events() as usize);
                assert!(events.iter().all(|event| event.region == world.region && event.record.at == world.incident + n));
                costs.pass(kind, &world, &mut rng, world.incident + n);
                assert_eq!(rng.place(), made.place(), "{kind:?} {n}");
            }
        }
        const { assert!(READS.len() * 2 < FORMS) };
    }
}
