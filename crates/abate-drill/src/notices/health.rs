//! Events of AWS Health: the JSON frame and its description. The rendering puts the text into the frame.

use serde_json::{Value, json};

use super::body::{Body, Notice, content, overrule, own_time};
use super::families::resource_line;
use super::families_account::align;
use super::plan::Plan;
use super::report::Report;
use super::scene::Scene;
use super::times::show;
use super::truth::Sighting;
use super::words;
use crate::clock;
use crate::rng::Rng;

/// An event has one Region, and one key at most.
pub(crate) fn settle(plan: &Plan, scene: &mut Scene) {
    if plan.category == "compromised-credentials" {
        scene.region = ("us-east-1", "US East (N. Virginia)");
        scene.things.truncate(1);
    } else if let Some(region) = scene.things.first().and_then(|thing| thing.region) {
        scene.region = region;
    }
    let region = scene.region;
    scene.things.iter_mut().for_each(|thing| thing.region = Some(region));
}

/// A health event: its text and the frame around it.
pub(crate) fn notice(plan: &Plan, scene: &Scene, report: Report, rng: &mut Rng) -> (Notice, Value) {
    if plan.category == "compromised-credentials" { exposed(plan, scene, rng) } else { abuse(plan, scene, report, rng) }
}

fn abuse(plan: &Plan, scene: &Scene, mut report: Report, rng: &mut Rng) -> (Notice, Value) {
    let mut body = Body::default();
    let listed = !report.lines.is_empty() || scene.things.iter().any(|thing| thing.address.is_some()) || rng.chance(30);
    if listed {
        body.prose(rng.pick(words::OPENERS));
        body.blank();
        scene.things.iter().for_each(|thing| body.field(resource_line(scene, thing)));
    } else {
        body.prose(format!("{} listed in the 'Affected resources' tab", rng.pick(words::OPENERS)));
    }
    if plan.own_time {
        // Apart from the last resource, so that it is the time of all of them.
        body.blank();
        body.field(format!("Abuse Time: {}", own_time(plan.notation, scene.start)));
        report.note(None, |sighting| overrule(sighting, plan.notation, scene.start, scene.start));
    }
    body.blank();
    let policy = rng.pick(words::POLICY);
    body.prose(format!("{}. {policy}", rng.pick(words::phrases(plan.category))).trim_end());
    body.blank();
    body.ask_one(words::ASKS, rng);
    body.ask_one(words::USE_CASE, rng);
    let due = body.deadline(plan, scene, rng);
    body.mitigations(plan, rng);
    body.end(&report, rng);
    let (lines, asks, mitigations) = body.finish(rng);
    let mut content = content(plan, scene, &report);
    (content.asks, content.mitigations, content.due) = (asks, mitigations, due);
    content.regions = vec![scene.region.0];
    let frame = frame(scene, ("ABUSE", code(plan.category, rng)), json!({}), rng);
    (Notice { lines, content, from: ("", ""), subject: String::new() }, frame)
}

fn exposed(plan: &Plan, scene: &Scene, rng: &mut Rng) -> (Notice, Value) {
    let mut body = Body::default();
    let url = format!("https://git.example.com/{}/config.py", rng.pick(&["shop/web", "team/app", "demo/site"]));
    let (key, user) = scene.things.first().map_or(("", None), |thing| (thing.id.as_str(), thing.user));
    let owner = user.map(|user| format!(" belonging to user {user}")).unwrap_or_default();
    body.prose(format!(
        "Your AWS account {} may be compromised: the access key {key}{owner} is publicly available online at",
        scene.account
    ));
    body.field(url.clone());
    body.blank();
    body.ask(words::Piece { text: "Please rotate or delete the exposed access key.", marks: &["rotate or delete the exposed access key"] });
    let due = body.deadline(plan, scene, rng);
    if plan.mitigations > 0 {
        body.mitigate(
            "To protect you, we have attached the AWSCompromisedKeyQuarantineV2 policy to the IAM user.",
            "attached the AWSCompromisedKeyQuarantineV2 policy",
        );
    }
    let (lines, asks, mitigations) = body.finish(rng);
    let mut content = content(plan, scene, &Report::default());
    align(&mut content, &mut vec![Sighting { urls: vec![url.clone()], ..Sighting::default() }]);
    (content.asks, content.mitigations, content.due) = (asks, mitigations, due);
    content.regions = vec![scene.region.0];
    let mut meta = json!({ "accountId": scene.account, "publicKey": key, "exposedUrl": url });
    if let (Some(user), Some(meta)) = (user, meta.as_object_mut()) {
        meta.insert("userName".to_owned(), json!(user));
    }
    let frame = frame(scene, ("RISK", "AWS_RISK_CREDENTIALS_EXPOSED".to_owned()), meta, rng);
    (Notice { lines, content, from: ("", ""), subject: String::new() }, frame)
}

/// The code of a category; those of the old list come with and without `EC2_`.
fn code(category: &str, rng: &mut Rng) -> String {
    let middle = match category {
        "spam" => rng.pick(&["EMAIL_SPAM", "SPAM_WEBSITE", "FORUM_SPAM"]),
        "port-scan" => "PORT_SCANNING",
        "dos" => "DOS",
        "intrusion" => "INTRUSION_ATTEMPT",
        "botnet" => "BOTNET",
        "malware" => "MALWARE_WEBSITE",
        "phishing" => "PHISHING",
        "content" => "ILLEGAL_CONTENT",
        "crawling" => "WEB_CRAWLING",
        "open-proxy" => "OPEN_PROXY",
        "open-resolver" => "OPEN_DNS_RESOLVER",
        "vulnerability" => "VULNERABILITY",
        "copyright" => "COPYRIGHT_DMCA",
        "crypto-mining" => "CRYPTO_MINING",
        _ => "CC_FRAUD",
    };
    format!("AWS_ABUSE_{}{middle}_REPORT", rng.pick(&["", "EC2_"]))
}

fn arn(scene: &Scene, written: &str, kind: &str) -> String {
    let (region, account) = (scene.region.0, &scene.account);
    match kind {
        "ec2-instance" => format!("arn:aws:ec2:{region}:{account}:instance/{written}"),
        "network-interface" => format!("arn:aws:ec2:{region}:{account}:network-interface/{written}"),
        _ => written.to_owned(),
    }
}

fn frame(scene: &Scene, (service, code): (&str, String), meta: Value, rng: &mut Rng) -> Value {
    let stamp = show(scene.sent, 0, "%a, %d %b %Y %H:%M:%S GMT");
    let event = format!("{code}_{}_{}", rng.chars(11, b"0123456789"), show(scene.sent, 0, "%Y_%m_%d_%H_%M_%S"));
    let region = scene.region.0;
    let as_arn = rng.chance(50);
    let values: Vec<String> =
        scene.things.iter().map(|thing| if as_arn { arn(scene, &thing.written, thing.kind) } else { thing.written.clone() }).collect();
    let entities: Vec<Value> =
        values.iter().map(|value| json!({ "entityValue": value, "lastUpdatedTime": stamp, "status": "IMPAIRED", "tags": {} })).collect();
    // In the view of an organisation another account receives the event than the one it is about.
    let other = if scene.account == "210987654321" { "123456789012" } else { "210987654321" };
    let receiver = if rng.chance(25) { other } else { scene.account.as_str() };
    json!({
        "version": "0",
        "id": rng.uuid(),
        "detail-type": if service == "RISK" { "AWS Health Event" } else { "AWS Health Abuse Event" },
        "source": "aws.health",
        "account": receiver,
        "time": clock::iso(scene.sent),
        "region": rng.pick(&["us-east-1", "us-west-2"]),
        "resources": if rng.chance(70) { values } else { Vec::new() },
        "detail": {
            "eventArn": format!("arn:aws:health:{region}::event/{service}/{code}/{event}"),
            "service": service,
            "eventTypeCode": code,
            "eventTypeCategory": "issue",
            "eventScopeCode": "ACCOUNT_SPECIFIC",
            "communicationId": rng.hex(40),
            "startTime": stamp,
            "lastUpdatedTime": stamp,
            "statusCode": "open",
            "eventRegion": region,
            "eventDescription": [{ "language": "en_US", "latestDescription": "" }],
            "eventMetadata": meta,
            "affectedEntities": entities,
            "affectedAccount": scene.account,
            "page": "1",
            "totalPages": "1"
        }
    })
}
