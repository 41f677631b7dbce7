//! Families whose text names resources in lines or blocks: F1 to F5. Those about the account are in `families_account`.

use super::body::{Body, Notice, case_number, content, overrule, own_time};
use super::plan::Plan;
use super::report::{Report, port, remote};
use super::scene::{Scene, Thing};
use super::times::{Notation, show};
use super::truth::{Content, Remote, Sighting};
use super::words;
use crate::clock::Second;
use crate::rng::Rng;

/// Senders of abuse notices, old and new.
const OLD_SENDER: (&str, &str) = ("Amazon EC2 Abuse", "ec2-abuse@amazon.com");
const NEW_SENDER: (&str, &str) = ("AWS Trust and Safety", "trustandsafety@support.aws.com");

/// Sender and subject of the current forms. The case number may stand in the subject alone.
pub(crate) fn letterhead(plan: &Plan, scene: &Scene, case: &str, rng: &mut Rng) -> ((&'static str, &'static str), String) {
    let prefix = match plan.kind {
        "final" if rng.chance(50) => "** FINAL NOTIFICATION ** ",
        "first" => "",
        _ => "RE: ",
    };
    let subject = match rng.range(0, 3) {
        0 => format!("{prefix}Your AWS Abuse Report [{case}]"),
        1 => format!("{prefix}Your Amazon EC2 Abuse Report [{case}] [AWS ID {}]", scene.account),
        _ => format!("{prefix}Your AWS Abuse Report [{case}] [AWS ID {}]", scene.account),
    };
    (if rng.chance(30) { OLD_SENDER } else { NEW_SENDER }, subject)
}

/// `AWS ID: …    Region: …    EC2 Instance Id: … […]`
pub(crate) fn resource_line(scene: &Scene, thing: &Thing) -> String {
    let region = thing.region.map(|(code, _)| format!("    Region: {code}")).unwrap_or_default();
    let address = thing.address.as_ref().map(|address| format!(" [{address}]")).unwrap_or_default();
    format!("AWS ID: {}{region}    {}: {}{address}", scene.account, thing.label, thing.written)
}

/// F3: a line for each resource, a phrase, the report.
pub(crate) fn resource_line_notice(plan: &Plan, scene: &Scene, mut report: Report, rng: &mut Rng) -> Notice {
    let mut body = Body::default();
    body.prose(rng.pick(words::GREETINGS));
    body.blank();
    body.prose(rng.pick(words::OPENERS));
    body.blank();
    for thing in &scene.things {
        body.field(resource_line(scene, thing));
    }
    if plan.own_time {
        // Apart from the last resource, so that it is the time of all of them.
        body.blank();
        body.field(format!("Abuse Time: {}", own_time(plan.notation, scene.start)));
        report.note(None, |sighting| overrule(sighting, plan.notation, scene.start, scene.start));
    }
    body.blank();
    let included = if report.lines.is_empty() { "" } else { rng.pick(words::INCLUDED) };
    let sentences = [format!("{}.", rng.pick(words::phrases(plan.category))), rng.pick(words::POLICY).to_owned(), included.to_owned()];
    body.prose(sentences.iter().filter(|text| !text.is_empty()).cloned().collect::<Vec<_>>().join(" "));
    body.blank();
    body.ask_one(words::ASKS, rng);
    body.ask_one(words::USE_CASE, rng);
    if rng.chance(25) {
        body.blank();
        body.prose("We need to know:");
        words::QUESTIONS.iter().for_each(|&piece| body.ask(piece));
        body.blank();
    }
    let due = body.deadline(plan, scene, rng);
    body.mitigations(plan, rng);
    let case = case_number(rng);
    let case_in_text = rng.chance(40);
    if case_in_text {
        body.blank();
        body.field(format!("{}: {case}", rng.pick(&["Case number", "Case Number", "Case ID"])));
    }
    body.end(&report, rng);
    let (from, subject) = letterhead(plan, scene, &case, rng);
    let (lines, asks, mitigations) = body.finish(rng);
    let mut content = content(plan, scene, &report);
    (content.asks, content.mitigations, content.due) = (asks, mitigations, due);
    (content.case_number, content.case_in_text) = (Some(case), case_in_text);
    Notice { lines, content, from, subject }
}

/// F1, 2012: `Instance Id:` and `IP Address:` pairs, no account and no Region.
pub(crate) fn instance_list(plan: &Plan, scene: &Scene, report: &Report, rng: &mut Rng) -> Notice {
    let mut body = Body::default();
    body.prose(rng.pick(&["Dear Amazon EC2 Customer,", ""]));
    body.blank();
    body.prose("We've received a report that your instance(s):");
    body.blank();
    for thing in &scene.things {
        body.field(format!("Instance Id: {}", thing.id));
        if let Some(address) = &thing.address {
            body.field(format!("IP Address: {address}"));
        }
        if scene.things.len() > 1 {
            body.blank();
        }
    }
    body.blank();
    let phrase = rng.pick(words::phrases(plan.category));
    body.prose(format!("{phrase}; check the information provided below by the abuse reporter."));
    body.blank();
    body.prose("Activity that harms others is not tolerated in Amazon EC2 and breaks the terms that you agreed to.");
    body.ask_one(words::ASKS, rng);
    let due = body.deadline(plan, scene, rng);
    body.mitigations(plan, rng);
    body.blank();
    let case = case_number(rng);
    body.field(format!("Case number: {case}"));
    body.blank();
    body.prose(rng.pick(&["Regards,", "Sincerely,"]));
    body.prose("The Amazon EC2 Abuse team");
    if !report.lines.is_empty() {
        body.blank();
        body.prose(rng.pick(&[
            "Additional abuse report information provided by original abuse reporter:",
            "Additional abuse report information provided by original abuse reporter(s):",
        ]));
        body.blank();
        report.lines.iter().for_each(|line| body.log(line.clone()));
    }
    let (lines, asks, mitigations) = body.finish(rng);
    let mut content = content(plan, scene, report);
    (content.asks, content.mitigations, content.due) = (asks, mitigations, due);
    (content.account, content.regions) = (None, Vec::new());
    (content.case_number, content.case_in_text) = (Some(case.clone()), true);
    let subject = if rng.chance(50) { "Your Amazon EC2 Abuse Report".to_owned() } else { format!("Your Amazon EC2 Abuse Report [{case}]") };
    Notice { lines, content, from: OLD_SENDER, subject }
}

/// F2, 2013: infected instances, numbered details.
pub(crate) fn malware_details(plan: &Plan, scene: &Scene, mut report: Report, rng: &mut Rng) -> Notice {
    let mut body = Body::default();
    body.prose("Dear Amazon EC2 Customer,");
    body.blank();
    body.prose("We've received report(s) that one or more of your instances may be infected with malware.");
    body.prose(rng.pick(&["Such a host takes commands from others and is used against third parties.", ""]));
    body.blank();
    body.ask_one(words::ASKS, rng);
    let due = body.deadline(plan, scene, rng);
    body.mitigations(plan, rng);
    body.blank();
    body.prose("===== Details ======");
    for (n, thing) in scene.things.iter().enumerate() {
        let at = scene.start + 61 * Second::try_from(n).unwrap_or(0);
        let (port, _) = port(plan.category, rng);
        let server = scene.stranger(n);
        let url = format!("http://update.example.net/{}.php", rng.pick(&["gate", "panel", "cfg"]));
        let with_url = rng.chance(40);
        body.blank();
        body.field(format!("{}. Instance Id: {}", n + 1, thing.id));
        if let Some(address) = &thing.address {
            body.field(format!("IP Address: {address}"));
        }
        body.field(format!("* Destination IPs: {server}"));
        body.field(format!("* Destination Ports: {port}"));
        body.field(if with_url { format!("* Destination URLs: {url}") } else { "* Destination URLs:".to_owned() });
        body.field(format!("* Abuse Time: {}", own_time(plan.notation, at)));
        body.field("* Log Extract:");
        body.log(format!("{} -> {server}:{port} irc/http command channel, {} requests", thing.id, rng.range(3, 900)));
        report.note(Some(n), |sighting| {
            overrule(sighting, plan.notation, at, at);
            sighting.add_remote(remote(server, port, None));
            if with_url {
                sighting.urls = vec![url.clone()];
            }
        });
    }
    body.blank();
    let case = case_number(rng);
    body.field(format!("Case number: {case}"));
    body.blank();
    body.prose("The Amazon EC2 Abuse team");
    let (lines, asks, mitigations) = body.finish(rng);
    let mut content = content(plan, scene, &report);
    (content.asks, content.mitigations, content.due) = (asks, mitigations, due);
    (content.account, content.regions) = (None, Vec::new());
    (content.case_number, content.case_in_text) = (Some(case), true);
    content.report_format = "aws-web-form";
    Notice { lines, content, from: OLD_SENDER, subject: "Your Amazon EC2 Abuse Report".to_owned() }
}

/// F5: AWS saw the attack itself; a table of what was blocked, and details for each instance.
pub(crate) fn dos_detected(plan: &Plan, scene: &Scene, mut report: Report, rng: &mut Rng) -> Notice {
    let mut body = Body::default();
    body.prose(rng.pick(words::GREETINGS));
    body.blank();
    body.prose(rng.pick(&["We've received a report(s) that your AWS resource(s)", "We've detected that your AWS resource(s)"]));
    body.blank();
    scene.things.iter().for_each(|thing| body.field(resource_line(scene, thing)));
    body.blank();
    let phrase = rng.pick(words::phrases("dos"));
    body.prose(format!("{phrase}; the information about the activity is given below."));
    body.blank();
    let ends: Vec<(&str, u16, i64, &'static str)> = (0..scene.things.len())
        .map(|n| {
            let (port, number, protocol) = rng.pick(&[(80, 17, "udp"), (53, 17, "udp"), (443, 6, "tcp")]);
            (scene.stranger(n), port, number, protocol)
        })
        .collect();
    if plan.mitigations > 0 {
        body.prose("To assist you, we have taken the following actions:");
        body.blank();
        body.log(format!("{:<22}{:<18}{:<8}{:<10}Action Taken", "Instance Id", "Remote IP", "Port", "Protocol"));
        for (thing, (end, port, number, _)) in scene.things.iter().zip(&ends) {
            let action = format!("Outgoing Port {port} Blocked");
            body.log(format!("{:<22}{end:<18}{port:<8}{number:<10}{action}", thing.id));
            if !body.mitigations.contains(&action) {
                body.mitigations.push(action);
            }
        }
        body.blank();
    }
    body.ask_one(words::ASKS, rng);
    let due = body.deadline(plan, scene, rng);
    body.blank();
    body.prose("Details of the abusive activity:");
    for (n, (thing, (end, port, _, protocol))) in scene.things.iter().zip(&ends).enumerate() {
        let first = scene.start + 40 * Second::try_from(n).unwrap_or(0);
        let last = first + rng.range(5, 1800);
        body.blank();
        for line in dos_block(thing, (first, last), (end, *port, protocol), rng) {
            body.field(line);
        }
        let end = Remote { address: Some((*end).to_owned()), port: Some(*port), protocol: Some(*protocol) };
        report.note(Some(n), |sighting| {
            overrule(sighting, Notation::DateUtc, first, last);
            sighting.add_remote(end.clone());
        });
    }
    body.end(&report, rng);
    let case = case_number(rng);
    let (from, subject) = letterhead(plan, scene, &case, rng);
    let (lines, asks, mitigations) = body.finish(rng);
    let mut content = content(plan, scene, &report);
    (content.asks, content.mitigations, content.due) = (asks, mitigations, due);
    content.case_number = Some(case);
    Notice { lines, content, from, subject }
}

fn dos_block(thing: &Thing, span: (Second, Second), end: (&str, u16, &str), rng: &mut Rng) -> Vec<String> {
    vec![
        format!("Instance Id: {}", thing.id),
        format!("Report begin time: {}", show(span.0, 0, "%Y-%m-%d %H:%M:%S UTC")),
        format!("Report end time: {}", show(span.1, 0, "%Y-%m-%d %H:%M:%S UTC")),
        format!("Protocol: {}", end.2.to_uppercase()),
        format!("Remote IP: {}", end.0),
        format!("Remote port(s): {}", end.1),
        format!("Total bytes sent: {}", rng.range(1_000_000, 9_000_000_000)),
        format!("Total packets sent: {}", rng.range(1000, 9_000_000)),
        "Total bytes received: 0".to_owned(),
        "Total packets received: 0".to_owned(),
    ]
}

/// F4: blocks of labels, one for each resource.
pub(crate) fn labelled_fields(plan: &Plan, scene: &Scene, mut report: Report, rng: &mut Rng) -> Notice {
    let mut body = Body::default();
    let gap = rng.pick(&["", " "]);
    if plan.kind == "final" {
        body.prose(rng.pick(words::FINALS));
        body.blank();
    }
    body.prose(rng.pick(words::GREETINGS));
    body.blank();
    let slug = rng.pick(words::slugs(plan.category));
    body.prose(match plan.kind {
        "reminder" | "final" => rng.pick(words::REMINDERS).text,
        _ if plan.category == "vulnerability" => "We've received a vulnerability report implicating resources on your account.",
        _ => "We've received an abuse report implicating resources on your account.",
    });
    body.blank();
    let action = if slug.is_empty() { "Investigate root cause" } else { "Remediate the reported vulnerability" };
    body.field(format!("Required Actions: {action}"));
    body.asks.push(action.to_owned());
    body.field(format!("AWS Account ID:{gap}{}", scene.account));
    let what = if slug.is_empty() {
        format!("Reported Activity:{gap}{}", rng.pick(words::nouns(plan.category)))
    } else {
        format!("Reported Vulnerability:{gap}{slug}")
    };
    for (n, thing) in scene.things.iter().enumerate() {
        let at = scene.start + 133 * Second::try_from(n).unwrap_or(0);
        if n > 0 {
            body.blank();
        }
        labelled_block(&mut body, thing, gap, &what, plan.own_time.then(|| own_time(plan.notation, at)), rng);
        if plan.own_time {
            report.note(Some(n), |sighting| overrule(sighting, plan.notation, at, at));
        }
    }
    let mut content = content(plan, scene, &report);
    if scene.things.is_empty() {
        labelled_account(&mut body, &mut content, plan, scene, (gap, &what), rng);
    }
    body.blank();
    let piece = if plan.kind == "first" { rng.pick(words::ASKS) } else { rng.pick(words::REMINDER_ASKS) };
    body.ask(piece);
    content.due = body.deadline(plan, scene, rng);
    body.mitigations(plan, rng);
    if plan.kind != "first" {
        body.prose(rng.pick(words::THREATS));
    }
    body.end(&report, rng);
    let case = case_number(rng);
    let (from, subject) = letterhead(plan, scene, &case, rng);
    let (lines, asks, mitigations) = body.finish(rng);
    (content.asks, content.mitigations) = (asks, mitigations);
    content.case_number = Some(case);
    Notice { lines, content, from, subject }
}

fn labelled_block(body: &mut Body, thing: &Thing, gap: &str, what: &str, time: Option<String>, rng: &mut Rng) {
    let address = thing.address.as_ref().map(|address| format!(" [{address}]")).unwrap_or_default();
    body.field(format!("Implicated Resource:{gap}{}: {}{address}", thing.label, thing.written));
    if let Some((code, display)) = thing.region {
        let value = if rng.chance(15) { display } else { code };
        body.field(format!("{}:{gap}{value}", rng.pick(&["Region", "Region(s)"])));
    }
    body.field(what);
    if let Some(time) = time {
        body.field(format!("Abuse Time:{gap}{time}"));
    }
}

/// The whole account in a Region, as in final notifications.
fn labelled_account(body: &mut Body, content: &mut Content, plan: &Plan, scene: &Scene, (gap, what): (&str, &str), rng: &mut Rng) {
    let (code, display) = scene.region;
    body.field(format!("Region(s):{gap}{}", if rng.chance(25) { display } else { code }));
    body.field(what);
    content.regions = vec![code];
    content.resources = scene.whole_account(true);
    content.sightings = vec![Sighting::default(); 2];
    if plan.own_time {
        body.field(format!("Abuse Time:{gap}{}", own_time(plan.notation, scene.start)));
        content.sightings.iter_mut().for_each(|sighting| overrule(sighting, plan.notation, scene.start, scene.start));
    }
}
