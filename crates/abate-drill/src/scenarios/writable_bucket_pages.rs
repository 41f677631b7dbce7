//! A bucket with the company's public site may be written by anybody. Strangers put a phishing page or malware into it.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};
use serde_json::{Value, json};

use super::Scenario;
use crate::background::{BROWSER, CI_AGENT};
use crate::clock::{self, HOUR, Second};
use crate::confounders::{self, Kind};
use crate::folder::{Frame, Record};
use crate::letters::{self, Abuse, Implicated};
use crate::rng::Rng;
use crate::s3log::{self, Reads, Request};
use crate::stage::{Outcome, Stage};
use crate::trail::{self, Caller, Event};
use crate::weblog;
use crate::world::World;

pub(super) static SCENARIO: Scenario = Scenario {
    id: "writable-bucket-pages",
    title: Text::fixed("Strangers' files in a writable bucket", "誰でも書き込めるバケットに置かれた不正ファイル"),
    summary: Text::fixed(
        "The bucket of the company's site lets anybody write. Strangers without credentials put a phishing page or a program into it, which many people then fetch.",
        "自社サイトのバケットが誰でも書き込める設定です。認証情報を持たない第三者がフィッシングページやプログラムを置き、多数の人が取得します。",
    ),
    build,
};

/// What this drill is about.
struct Plan {
    bucket: String,
    phishing: bool,
    keys: Vec<String>,
    /// when the files are put
    put: Second,
    /// when the first stranger reads them
    live: Second,
    agent: &'static str,
    /// whether CloudTrail records what happens to objects in this bucket
    data_events: bool,
    /// how the bucket was opened, and when; outside the trail if long ago
    opened: Option<Second>,
    by_acl: bool,
}

fn build(stage: &mut Stage) -> Outcome {
    let mut events = confounders::some(stage, &Kind::ALL, 4);
    let world = stage.world.clone();
    let rng = &mut stage.attack;
    let plan = draw(&world, rng);
    let form = if plan.data_events { super::Form::Files } else { super::Form::draw(rng) };
    let mut lines = Vec::new();
    events.extend(opening(&world, rng, &plan));
    for (event, line) in probes(&world, rng, &plan).into_iter().chain(uploads(&world, rng, &plan)) {
        lines.push(line);
        events.extend(event.filter(|_| plan.data_events));
    }
    lines.extend(readers(&world, rng, &plan));
    for (event, line) in site_upload(&world, rng, &plan) {
        lines.push(line);
        events.extend(event.filter(|_| plan.data_events));
    }
    let notice = notice(&world, rng, &plan);
    let state = state(&world, &plan);

    super::trail_as(stage, form, super::NO_BUILDS, events);
    let span = (world.incident - 24 * HOUR, world.incident + 9 * HOUR);
    let reads = Reads { bucket: plan.bucket.clone(), count: 700_u32.saturating_mul(stage.scales.hosts), span };
    stage.log(format!("evidence/s3-access/{}.log", plan.bucket), Frame::LINES, Some(Box::new(reads)), lines);
    for (name, text) in state {
        stage.file(format!("evidence/s3/{name}.json"), text);
    }
    let category = if plan.phishing { Category::Phishing } else { Category::Malware };
    let outcome = Outcome::new(category, CauseKind::PublicBucket, Factor::Misconfiguration, Verdict::Confirmed, notice);
    outcome.by(vec![world.intruder(0).to_owned()], Vec::new())
}

fn draw(world: &World, rng: &mut Rng) -> Plan {
    let phishing = rng.chance(60);
    let folder = rng.pick(&["secure-login", "verify", "update", "invoice2026", "dl", "css2"]);
    let names: &[&str] =
        if phishing { &["index.html", "style.css", "logo.png", "submit.js"] } else { &["setup.exe", "invoice.js", "update.apk"] };
    Plan {
        bucket: format!("{}-{}", world.company, rng.pick(&["www", "static", "assets", "public-site"])),
        phishing,
        keys: names.iter().take(if phishing { 4 } else { 1 + rng.index(3) }).map(|name| format!("{folder}/{name}")).collect(),
        put: world.incident,
        live: world.incident + rng.range(1200, 2 * HOUR),
        agent: rng.pick(&[
            "curl/7.88.1",
            "python-requests/2.28.2",
            "aws-cli/1.22.34 Python/3.10.12 Linux/5.15.0-101-generic botocore/1.23.34",
            "Go-http-client/1.1",
        ]),
        data_events: rng.chance(50),
        opened: rng.chance(60).then(|| world.incident - rng.range(8 * HOUR, 45 * HOUR)),
        by_acl: rng.chance(40),
    }
}

/// The right that lets anybody write, as a bucket policy.
fn policy(plan: &Plan) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Site", "Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": format!("arn:aws:s3:::{}/*", plan.bucket)
    }]})
}

/// A colleague opens the bucket, if that was not long ago.
fn opening(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let Some(at) = plan.opened else { return Vec::new() };
    let host = format!("{}.s3.{}.amazonaws.com", plan.bucket, world.region);
    let admin = Caller::new(trail::console_user(world, &world.admin, at), &world.office, BROWSER);
    let block = json!({
        "bucketName": plan.bucket, "Host": host, "publicAccessBlock": "",
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": false, "IgnorePublicAcls": false, "BlockPublicPolicy": false, "RestrictPublicBuckets": false
        }
    });
    let unblock = admin.call(world, at, "s3", "PutBucketPublicAccessBlock").with(block, Value::Null).event(world, rng);
    let (name, request) = if plan.by_acl {
        ("PutBucketAcl", json!({"bucketName": plan.bucket, "Host": host, "acl": "", "x-amz-acl": "public-read-write"}))
    } else {
        ("PutBucketPolicy", json!({"bucketName": plan.bucket, "Host": host, "policy": "", "bucketPolicy": policy(plan)}))
    };
    let open = admin.call(world, at + rng.range(20, 200), "s3", name).with(request, Value::Null).event(world, rng);
    vec![
        unblock.because("a colleague takes the block of public access away"),
        open.because("a colleague lets anybody write into the bucket"),
    ]
}

type Both = (Option<Event>, Record);

/// A request without credentials, in the trail and in the bucket's log.
fn anonymous(world: &World, rng: &mut Rng, bucket: &str, call: &'static str, request: Request<'_>) -> Both {
    let line = s3log::line(world, rng, bucket, request);
    let caller = Caller::new(trail::anonymous(), request.from, &format!("[{}]", request.agent));
    let host = format!("{bucket}.s3.{}.amazonaws.com", world.region);
    let mut asked = json!({"bucketName": bucket, "Host": host});
    if let (Some(asked), true) = (asked.as_object_mut(), request.key != "-") {
        asked.insert("key".to_owned(), json!(request.key));
    }
    let mut event = caller.call(world, request.at, "s3", call).with(asked, Value::Null);
    if request.status >= 400 {
        event = event.refused("AccessDenied", "Access Denied".to_owned());
    }
    event.data = true;
    let event = event.on(world.account, "AWS::S3::Object", &format!("arn:aws:s3:::{bucket}/{}", request.key));
    (Some(event.event(world, rng)), line)
}

fn both(pair: Both, mark: impl Fn(Record) -> Record) -> Both {
    let (event, line) = pair;
    (event.map(|event| Event { record: mark(event.record), ..event }), mark(line))
}

/// Others have tried to write into places where they may not.
fn probes(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Both> {
    let mut pairs = Vec::new();
    for _ in 0..rng.range(2, 6) {
        let from = rng.stranger().to_string();
        let at = world.incident + rng.range(-20 * HOUR, -2 * HOUR);
        let request = Request {
            at,
            from: &from,
            who: "-",
            operation: "REST.GET.BUCKET",
            key: "-",
            status: 403,
            error: "AccessDenied",
            bytes: (243, 0),
            agent: "Mozilla/5.0 zgrab/0.x",
        };
        let pair = anonymous(world, rng, &plan.bucket, "ListObjects", request);
        pairs.push(both(pair, |record| record.decoy("somebody tries to list the bucket and is refused")));
    }
    pairs
}

/// The strangers' files.
fn uploads(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Both> {
    let mut pairs = Vec::new();
    let test = Request {
        at: plan.put - rng.range(60, 900),
        from: world.intruder(0),
        who: "-",
        operation: "REST.PUT.OBJECT",
        key: "test.txt",
        status: 200,
        error: "-",
        bytes: (0, 4),
        agent: plan.agent,
    };
    let pair = anonymous(world, rng, &plan.bucket, "PutObject", test);
    pairs.push(both(pair, |record| record.because("a stranger without credentials writes a test file")));
    let mut at = plan.put;
    for (n, key) in plan.keys.iter().enumerate() {
        let request = Request { at, key, bytes: (0, rng.range(2_000, 900_000)), ..test };
        let pair = anonymous(world, rng, &plan.bucket, "PutObject", request);
        pairs.push(if n == 0 { both(pair, |record| record.because("the stranger's first file, put without credentials")) } else { pair });
        at += rng.range(1, 15);
    }
    pairs
}

/// Who fetches the files.
fn readers(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Record> {
    let Some(key) = plan.keys.first() else { return Vec::new() };
    let mut lines = Vec::new();
    let burst = rng.chance(50);
    for n in 0..rng.range(50, 110) {
        let at = plan.live + n * if burst { 20 } else { 170 } + rng.range(0, 15);
        let from = rng.stranger().to_string();
        let request = Request {
            at,
            from: &from,
            who: "-",
            operation: "REST.GET.OBJECT",
            key,
            status: 200,
            error: "-",
            bytes: (18_220, 18_220),
            agent: weblog::browser(rng),
        };
        let line = s3log::line(world, rng, &plan.bucket, request);
        lines.push(if n == 0 { line.because("the file is fetched for the first time") } else { line });
    }
    lines
}

/// The build server puts the company's own pages, with its key.
fn site_upload(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Both> {
    let at = world.incident - rng.range(3 * HOUR, 20 * HOUR);
    let who = world.user_arn(&world.deployer.name);
    let mut pairs = Vec::new();
    for (n, key) in ["index.html", "news/index.html", "assets/site.css", "assets/site.js"].into_iter().enumerate() {
        let at = at + 3 * i64::try_from(n).unwrap_or(0);
        let request = Request {
            at,
            from: &world.ci,
            who: &who,
            operation: "REST.PUT.OBJECT",
            key,
            status: 200,
            error: "-",
            bytes: (0, rng.range(900, 60_000)),
            agent: CI_AGENT,
        };
        let line = s3log::line(world, rng, &plan.bucket, request);
        let caller = Caller::new(trail::user(world, &world.deployer), &world.ci, CI_AGENT);
        let host = format!("{}.s3.{}.amazonaws.com", plan.bucket, world.region);
        let mut call =
            caller.call(world, at, "s3", "PutObject").with(json!({"bucketName": plan.bucket, "Host": host, "key": key}), Value::Null);
        call.data = true;
        let event = call.on(world.account, "AWS::S3::Object", &format!("arn:aws:s3:::{}/{key}", plan.bucket)).event(world, rng);
        pairs.push(both((Some(event), line), |record| record.decoy("the build server puts the company's own pages")));
    }
    pairs
}

/// What the command line prints of the bucket afterwards.
fn state(world: &World, plan: &Plan) -> Vec<(String, String)> {
    let block = json!({"PublicAccessBlockConfiguration": {
        "BlockPublicAcls": false, "IgnorePublicAcls": false, "BlockPublicPolicy": false, "RestrictPublicBuckets": false
    }});
    let all = json!({"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"});
    let owner = json!({"ID": Rng::stream(0, world.account).hex(64)});
    let mut grants = vec![json!({"Grantee": {"Type": "CanonicalUser", "ID": owner["ID"]}, "Permission": "FULL_CONTROL"})];
    if plan.by_acl {
        grants.extend(["READ", "WRITE"].map(|right| json!({"Grantee": all, "Permission": right})));
    }
    let mut files = vec![
        (format!("get-public-access-block-{}", plan.bucket), block),
        (format!("get-bucket-acl-{}", plan.bucket), json!({"Owner": owner, "Grants": grants})),
    ];
    if !plan.by_acl {
        files.push((format!("get-bucket-policy-{}", plan.bucket), json!({"Policy": policy(plan).to_string()})));
    }
    files.into_iter().map(|(name, value)| (name, format!("{value:#}\n"))).collect()
}

fn notice(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<u8> {
    let at = plan.live + rng.range(600, 3000);
    let key = plan.keys.first().map_or("index.html", String::as_str);
    let url = format!("hxxps://{}[.]s3.{}.amazonaws.com/{key}", plan.bucket, world.region);
    let implicated = Implicated { label: "S3 Bucket", id: plan.bucket.clone(), address: None, region: world.region.to_owned(), at };
    let what = if plan.phishing {
        "A page there asks for the password of a bank's customers."
    } else {
        "The file is malware according to our scanners."
    };
    let excerpt = vec![what.to_owned(), String::new(), format!("URL: {url}"), format!("Seen: {}", clock::notice(at))];
    let category = if plan.phishing { Category::Phishing } else { Category::Malware };
    let sent = at + rng.range(4 * HOUR, 9 * HOUR);
    letters::abuse(
        world,
        rng,
        &Abuse { category, implicated: vec![implicated], facts: vec![format!("Reported URL: {url}")], excerpt, sent },
    )
}
