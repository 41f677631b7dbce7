//! The web application fetches any address that it is given. A stranger has it read the credentials of the server's role from
//! the metadata service, and reads the company's bucket with them from elsewhere.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};
use serde_json::{Value, json};

use super::Scenario;
use crate::background::BATCH_AGENT;
use crate::clock::{self, HOUR, Second};
use crate::confounders::{self, Kind};
use crate::folder::{Frame, Record};
use crate::guardduty::{self, Finding};
use crate::inventory;
use crate::letters::{self, Exposed};
use crate::rng::Rng;
use crate::s3log::{self, Request};
use crate::stage::{Outcome, Stage};
use crate::trail::{self, Call, Caller, Event};
use crate::weblog::{self, Hit, Visits};
use crate::world::World;

pub(super) static SCENARIO: Scenario = Scenario {
    id: "ssrf-bucket-read",
    title: Text::fixed("Bucket read with credentials from the metadata service", "メタデータから盗まれた認証情報によるバケットの読み出し"),
    summary: Text::fixed(
        "A function of the web application fetches any address. A stranger has it fetch the credentials of the server's role from the metadata service, which still answers version 1, and reads a bucket with them from another address.",
        "ウェブアプリケーションに、任意のアドレスを取得する機能があります。第三者はこれを使い、バージョン 1 にも応答するメタデータサービスからサーバーのロールの認証情報を取り出し、別のアドレスからバケットを読み出します。",
    ),
    build,
};

const THIEF: &[&str] = &[
    "aws-cli/2.17.9 md/awscrt#0.20.11 ua/2.0 os/linux#6.8.11-amd64 md/arch#x86_64 lang/python#3.11.9 md/prompt#off md/command#s3.cp",
    "rclone/v1.66.0",
    "Boto3/1.34.12 md/Botocore#1.34.12 ua/2.0 os/linux#5.15.0 md/arch#x86_64 lang/python#3.10.12 md/pyimpl#CPython",
    "aws-sdk-go-v2/1.30.3 os/windows lang/go#1.22.5 md/GOOS#windows md/GOARCH#amd64 api/s3#1.58.0",
];
const HACKER: &[&str] = &["Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "python-requests/2.31.0", "curl/8.5.0"];

/// What this drill is about.
struct Plan {
    /// method, path and parameter that take an address
    door: &'static str,
    /// how the metadata service is written in the request
    metadata: &'static str,
    role: (String, String),
    /// when the credentials are read
    stolen: Second,
    /// when they are first used elsewhere
    used: Second,
    thief: &'static str,
    objects: i64,
}

impl Plan {
    fn draw(world: &World, rng: &mut Rng) -> Self {
        let stolen = world.incident + rng.range(60, 900);
        // Credentials change every six hours, and must not do so between theft and use.
        let until = stolen - stolen.rem_euclid(6 * HOUR) + 6 * HOUR;
        let delay = if rng.chance(50) { rng.range(40, 400) } else { rng.range(900, 2 * HOUR) };
        Self {
            door: rng.pick(&[
                "GET /preview?url=",
                "GET /api/fetch?src=",
                "GET /export/pdf?page=",
                "GET /image-proxy?target=",
                "GET /rss/import?feed=",
            ]),
            metadata: rng.pick(&["169.254.169.254", "169.254.169.254", "2852039166", "0xa9fea9fe", "[::ffff:169.254.169.254]"]),
            role: (format!("{}-web-role", world.company), format!("AROA{}EXAMPLE", rng.upper(10))),
            stolen,
            used: (stolen + delay).min(until - 60).max(stolen + 20),
            thief: rng.pick(THIEF),
            objects: rng.range(14, 60),
        }
    }
}

fn build(stage: &mut Stage) -> Outcome {
    let form = super::Form::draw(&mut stage.attack);
    // Without data events, what was read is in the bucket's own log.
    let with_data_events = form == super::Form::Files;
    let mut events = confounders::some(stage, &Kind::ALL, 4);
    let plan = Plan::draw(&stage.world, &mut stage.attack);
    let scanner = stage.world.take_address(&mut stage.attack);
    stage.world.web.role = Some(plan.role.clone());
    stage.world.web.old_metadata = true;
    let world = stage.world.clone();
    let rng = &mut stage.attack;
    events.extend(usual(&world, rng, &plan));
    let theft = theft(&world, rng, &plan);
    events.extend(theft.events.into_iter().filter(|event| with_data_events || !event.data));

    let mut lines = forgery(&world, rng, &plan);
    let flows = lines.iter().flat_map(|record| super::https(&world, rng, world.intruder(0), record.at)).collect();
    lines.extend(bystanders(rng, &plan, world.incident));
    lines.extend(confounders::ordered_scan(&scanner, rng, world.incident - 5 * HOUR));
    let seen = if rng.chance(67) { noticed(&world, rng, &plan) } else { Vec::new() };
    let notice = notice(&world, rng, &plan);
    let (with_flows, with_bucket_log) = (rng.chance(50), !with_data_events || rng.chance(30));

    let visits =
        Visits { count: 1200_u32.saturating_mul(stage.scales.hosts), span: (world.incident - 16 * HOUR, world.incident + 8 * HOUR) };
    super::trail_as(stage, form, super::NO_BUILDS, events);
    stage.log("evidence/web1/access.log", Frame::LINES, Some(Box::new(visits)), lines);
    if with_bucket_log {
        stage.log(format!("evidence/s3-access/{}.log", world.data_bucket), Frame::LINES, None, theft.lines);
    }
    super::findings(stage, seen);
    if with_flows {
        super::flows(stage, (3, 5), flows, &[80, 443]);
    } else {
        stage.parts.extend(inventory::write(&world, &[80, 443]));
    }
    let outcome =
        Outcome::new(Category::CompromisedCredentials, CauseKind::SsrfToMetadata, Factor::Vulnerability, Verdict::Confirmed, notice);
    let session = format!("arn:aws:sts::{}:assumed-role/{}/{}", world.account, plan.role.0, world.web.instance);
    outcome.by(vec![world.intruder(0).to_owned(), world.intruder(1).to_owned()], vec![session])
}

/// What the server itself does with its role.
fn usual(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let mut events = Vec::new();
    for n in 0..rng.range(10, 20) {
        let at = world.incident - 40 * HOUR + n * 2 * HOUR + rng.range(0, 4000);
        let identity = trail::instance_role(world, &world.web, (&plan.role.0, &plan.role.1), at);
        let key = format!("uploads/{}/{}.webp", clock::day_path(at), rng.hex(8));
        let caller = Caller::new(identity, &world.web.public, BATCH_AGENT);
        events.push(object(world, caller.call(world, at, "s3", "PutObject"), &key).event(world, rng).aside());
    }
    events
}

/// A call on an object of the company's bucket.
fn object(world: &World, call: Call, key: &str) -> Call {
    let bucket = &world.data_bucket;
    let host = format!("{bucket}.s3.{}.amazonaws.com", world.region);
    let mut call = call.with(json!({"bucketName": bucket, "Host": host, "key": key}), Value::Null);
    call.data = true;
    call.on(world.account, "AWS::S3::Object", &format!("arn:aws:s3:::{bucket}/{key}"))
}

/// The requests that make the server read its own metadata.
fn forgery(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Record> {
    let agent = rng.pick(HACKER);
    let target = |path: &str| {
        format!(
            "{}http%3A%2F%2F{}{}",
            plan.door,
            plan.metadata.replace('[', "%5B").replace(']', "%5D").replace(':', "%3A"),
            path.replace('/', "%2F")
        )
    };
    let credentials = "/latest/meta-data/iam/security-credentials/";
    let hit = |at, request: &str, status, bytes| weblog::line(Hit { at, from: world.intruder(0), request, status, bytes, agent });
    let mut lines = Vec::new();
    let first = plan.door.split(['?', '=']).next().unwrap_or("GET /");
    lines.push(hit(plan.stolen - 50, first, 200, 1_480));
    if rng.chance(50) {
        lines.push(hit(plan.stolen - 40, &format!("{}http%3A%2F%2F127.0.0.1%2F", plan.door), 502, 310));
    }
    lines.push(hit(plan.stolen - 31, &target("/latest/meta-data/"), 200, 612));
    let length = i64::try_from(plan.role.0.len()).unwrap_or(20);
    lines.push(hit(plan.stolen - 14, &target(credentials), 200, length).because("the server is made to name its role"));
    let read = hit(plan.stolen, &target(&format!("{credentials}{}", plan.role.0)), 200, 1_294 + rng.range(0, 60));
    lines.push(read.because("the server hands out the credentials of its role"));
    lines
}

/// Others who try the same and are refused.
fn bystanders(rng: &mut Rng, plan: &Plan, incident: Second) -> Vec<Record> {
    let why = "a scanner that tries a parameter which the application does not have; nothing is handed out";
    (0..rng.range(3, 8))
        .map(|_| {
            let (at, from) = (incident + rng.range(-14 * HOUR, 6 * HOUR), rng.stranger().to_string());
            let request = "GET /?url=http://169.254.169.254/latest/meta-data/iam/security-credentials/";
            let status = if plan.door.starts_with("GET /?") { 400 } else { 404 };
            weblog::line(Hit { at, from: &from, request, status, bytes: 196, agent: "Mozilla/5.0 zgrab/0.x" }).decoy(why)
        })
        .collect()
}

/// What the stolen credentials are used for.
struct Theft {
    events: Vec<Event>,
    /// the same in the bucket's access log
    lines: Vec<Record>,
}

fn theft(world: &World, rng: &mut Rng, plan: &Plan) -> Theft {
    let role = (plan.role.0.as_str(), plan.role.1.as_str());
    let caller = Caller::new(trail::instance_role(world, &world.web, role, plan.stolen), world.intruder(1), plan.thief);
    let session = format!("arn:aws:sts::{}:assumed-role/{}/{}", world.account, plan.role.0, world.web.instance);
    let first = caller.call(world, plan.used, "sts", "GetCallerIdentity").event(world, rng);
    let mut events = vec![first.because("the server's role is used from an address that is not the server's")];
    let mut at = plan.used + rng.range(3, 20);
    for (service, name) in [("iam", "ListAttachedRolePolicies"), ("ec2", "DescribeInstances")] {
        events.push(caller.denied(world, at, service, name).event(world, rng));
        at += rng.range(2, 9);
    }
    events.push(caller.call(world, at, "s3", "ListBuckets").event(world, rng).because("the stranger lists the buckets"));
    let (slow, mut lines) = (rng.chance(40), Vec::new());
    let asked = Request {
        at,
        from: world.intruder(1),
        who: &session,
        operation: "REST.GET.BUCKET",
        key: "-",
        status: 200,
        error: "-",
        bytes: (18_204, 0),
        agent: plan.thief,
    };
    lines.push(s3log::line(world, rng, &world.data_bucket, asked));
    for n in 0..plan.objects {
        at += if slow { rng.range(30, 90) } else { rng.range(1, 4) };
        let key = format!("exports/{}/orders-{}-{n:04}.csv.gz", clock::day_path(at), world.company);
        let size = rng.range(200_000, 9_000_000);
        let mut call = object(world, caller.call(world, at, "s3", "GetObject"), &key);
        call.additional = json!({"SignatureVersion": "SigV4", "bytesTransferredIn": 0, "bytesTransferredOut": size});
        let read = Request { at, operation: "REST.GET.OBJECT", key: &key, bytes: (size, size), ..asked };
        let (event, line) = (call.event(world, rng), s3log::line(world, rng, &world.data_bucket, read));
        let why = "the first object that is read with the stolen credentials";
        events.push(if n == 0 { event.because(why) } else { event });
        lines.push(if n == 0 { line.because(why) } else { line });
    }
    Theft { events, lines }
}

fn noticed(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<(String, Record)> {
    let key = trail::instance_key(&plan.role.1, plan.stolen);
    let finding = Finding {
        kind: "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
        severity: 8.0,
        title: format!("Credentials for the EC2 instance role {} were used from an external IP address.", plan.role.0),
        description: "Credentials created exclusively for an EC2 instance were used from an address outside AWS.".to_owned(),
        region: world.region.to_owned(),
        resource: json!({"ResourceType": "AccessKey", "AccessKeyDetails": {
            "AccessKeyId": key, "PrincipalId": format!("{}:{}", plan.role.1, world.web.instance), "UserName": plan.role.0, "UserType": "AssumedRole"
        }}),
        action: guardduty::calls("s3", "ListBuckets", world.intruder(1)),
        seen: (plan.used, plan.used + 900),
        count: rng.range(2, 30),
    };
    let record = finding.record(world, rng).because("GuardDuty sees the role's credentials outside AWS");
    let mut seen = vec![(world.region.to_owned(), record)];
    if rng.chance(40) {
        let samples = guardduty::samples(world, rng, world.incident - 30 * HOUR);
        seen.extend(samples.into_iter().map(|record| (world.region.to_owned(), record)));
    }
    seen
}

fn notice(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<u8> {
    let what = Exposed {
        affected: vec![format!(
            "EC2 Instance Id: {} [{}], temporary credentials {} of its role {}",
            world.web.instance,
            world.web.public,
            trail::instance_key(&plan.role.1, plan.stolen),
            plan.role.0
        )],
        found_at: None,
        seen: vec![
            (plan.used, world.region.to_owned(), "GetCallerIdentity", world.intruder(1).to_owned()),
            (plan.used + 60, world.region.to_owned(), "ListBuckets", world.intruder(1).to_owned()),
        ],
        quarantine: None,
        sent: plan.used + rng.range(4 * HOUR, 9 * HOUR),
    };
    letters::exposed(world, rng, &what)
}
