//! Families without field blocks of resources: follow-ups, keys, model access, SES (F6 to F9).

use super::body::{Body, Notice, case_number, content, overrule};
use super::families::letterhead;
use super::plan::Plan;
use super::report::Report;
use super::scene::Scene;
use super::times::show;
use super::truth::{Content, Sighting};
use super::words;
use crate::rng::Rng;

/// F6: prose with ids in it.
pub(crate) fn follow_up(plan: &Plan, scene: &Scene, mut report: Report, rng: &mut Rng) -> Notice {
    let mut body = Body::default();
    if plan.kind == "final" {
        body.prose(rng.pick(words::FINALS));
        body.blank();
    }
    body.prose(rng.pick(words::GREETINGS));
    body.blank();
    body.prose(match plan.kind {
        "reminder" | "final" => rng.pick(words::REMINDERS).text,
        "resolved" => "This case has been investigated and resolved by the AWS Abuse Team.",
        _ => rng.pick(&["Thank you for your response.", "Thanks for getting back to us so quickly."]),
    });
    body.prose(sentence(plan, scene, rng));
    let mut content = content(plan, scene, &report);
    if scene.things.is_empty() {
        content.regions = vec![scene.region.0];
        content.resources = scene.whole_account(true);
        report.sightings = vec![Sighting::default(); 2];
    }
    if plan.own_time {
        body.prose(format!("The activity was seen at {}.", plan.notation.write(scene.start)));
        report.note(None, |sighting| overrule(sighting, plan.notation, scene.start, scene.start));
    }
    content.sightings.clone_from(&report.sightings);
    body.blank();
    match plan.kind {
        "reminder" | "final" => body.ask_one(words::REMINDER_ASKS, rng),
        "update" => {
            body.ask_one(words::UPDATE_ASKS, rng);
            body.prose("Once we have this information we can finish our investigation into this case and resolve it.");
        }
        _ => body.prose("There is nothing more for you to do. We appreciate your help."),
    }
    if plan.kind != "resolved" {
        content.due = body.deadline(plan, scene, rng);
        body.mitigations(plan, rng);
        if plan.kind != "update" {
            body.prose(rng.pick(words::THREATS));
        }
    }
    body.end(&report, rng);
    let case = case_number(rng);
    let (from, subject) = letterhead(plan, scene, &case, rng);
    let (lines, asks, mitigations) = body.finish(rng);
    (content.asks, content.mitigations) = (asks, mitigations);
    content.case_number = Some(case);
    Notice { lines, content, from, subject }
}

fn sentence(plan: &Plan, scene: &Scene, rng: &mut Rng) -> String {
    let noun = rng.pick(words::nouns(plan.category));
    if scene.things.is_empty() {
        return format!("We've observed {noun} activity from account {} in {}.", scene.account, scene.region.0);
    }
    let things: Vec<String> = scene
        .things
        .iter()
        .map(|thing| {
            let address = thing.address.as_ref().map(|address| format!(" [{address}]")).unwrap_or_default();
            let region = thing.region.map(|(code, _)| format!(" in {code}")).unwrap_or_default();
            format!("{}{address}{region}", thing.written)
        })
        .collect();
    match rng.range(0, 1) {
        0 => format!("We've observed {noun} activity from account {}: {}.", scene.account, things.join(", ")),
        _ => format!("The report is about {noun} and implicates {} (account {}).", things.join(" and "), scene.account),
    }
}

/// F7: access keys in the wrong hands.
pub(crate) fn compromised(plan: &Plan, scene: &Scene, rng: &mut Rng) -> Notice {
    let mut body = Body::default();
    body.prose(rng.pick(words::GREETINGS));
    body.blank();
    if plan.kind == "reminder" {
        body.prose("This is a reminder. We have not received a response to our earlier message about your account.");
    }
    body.prose(
        rng.pick(&[
            "Your AWS account {} may have been inappropriately accessed by a third-party.",
            "We found anomalous activity in your AWS account {} that points to an access key in the hands of someone else.",
            "Credentials of your AWS account {} are publicly available online and put your account at risk.",
        ])
        .replace("{}", &scene.account),
    );
    body.blank();
    body.prose("The following is affected:");
    for thing in &scene.things {
        body.prose(match thing.user {
            Some(user) => format!("access key {} belonging to user {user}", thing.id),
            None => format!("access key {}", thing.id),
        });
    }
    let mut sightings = key_events(&mut body, plan, scene, rng);
    body.blank();
    body.ask(words::Piece {
        text: "Step 1: Please rotate or delete the access key listed here.",
        marks: &["rotate or delete the access key"],
    });
    body.ask(words::Piece {
        text: "Step 2: Please check your CloudTrail log for activity that you did not start, and remove what was created.",
        marks: &["check your CloudTrail log", "remove what was created"],
    });
    body.ask(words::Piece { text: "Step 3: Please respond to this case when you are done.", marks: &["respond to this case"] });
    let due = body.deadline(plan, scene, rng);
    if plan.mitigations > 0 {
        body.blank();
        body.mitigate(
            "To protect you, we have attached the AWSCompromisedKeyQuarantineV3 policy to the IAM user.",
            "attached the AWSCompromisedKeyQuarantineV3 policy",
        );
    }
    if plan.mitigations > 1 {
        body.mitigate("We have temporarily limited your ability to use some AWS services.", "temporarily limited your ability to use");
    }
    body.blank();
    body.prose("AWS will never ask you for a secret access key or a password.");
    body.prose("Sincerely,");
    body.prose("Amazon Web Services");
    let support = rng.chance(30).then(|| format!("17{}", rng.chars(13, b"0123456789")));
    let subject = match &support {
        Some(case) => format!("RE:[CASE {case}] [Action Required] Irregular activity in your AWS account"),
        None => rng
            .pick(&[
                "[Action Required] Suspicious activity in your AWS account [{}]",
                "[Action Required] Irregular Activity Detected for Your AWS Access Key",
                "Irregular activity in your AWS account: {}",
            ])
            .replace("{}", &scene.account),
    };
    let (lines, asks, mitigations) = body.finish(rng);
    let mut content = content(plan, scene, &Report::default());
    content.regions = Vec::new();
    align(&mut content, &mut sightings);
    (content.asks, content.mitigations, content.due, content.case_number) = (asks, mitigations, due, support);
    Notice { lines, content, from: ("Amazon Web Services, Inc.", "no-reply@amazonaws.com"), subject }
}

/// A sample of what was done with the keys, or nothing.
fn key_events(body: &mut Body, plan: &Plan, scene: &Scene, rng: &mut Rng) -> Vec<Sighting> {
    let mut sightings = vec![Sighting::default(); scene.things.len()];
    if rng.chance(40) {
        return sightings;
    }
    body.blank();
    body.prose("A sample of the events (there may be more):");
    for (thing, sighting) in scene.things.iter().zip(&mut sightings) {
        let mut at = scene.start;
        for _ in 0..rng.range(1, 3) {
            let call = rng.pick(&["GetCallerIdentity", "RunInstances", "CreateUser", "GetSendQuota", "ListBuckets"]);
            body.field(format!("{}  {}  {call}", plan.notation.write(at), thing.id));
            let (from, to) = plan.notation.span(at, at);
            sighting.add_span(from, to, plan.notation.certainty());
            at += rng.range(1, 900);
        }
    }
    sightings
}

/// Sightings belong to keys; users beside them have none.
pub(crate) fn align(content: &mut Content, sightings: &mut Vec<Sighting>) {
    let mut rest = std::mem::take(sightings).into_iter();
    content.sightings = content
        .resources
        .iter()
        .map(|resource| if resource.reported { rest.next().unwrap_or_default() } else { Sighting::default() })
        .collect();
}

/// F8: misuse of a model, reported by its vendor.
pub(crate) fn model_abuse(plan: &Plan, scene: &Scene, rng: &mut Rng) -> Notice {
    let mut body = Body::default();
    body.prose(rng.pick(words::GREETINGS));
    body.blank();
    body.prose(rng.pick(&[
        "A provider of third-party models on Amazon Bedrock told us that your account uses its models against its usage policy.",
        "We were informed by a model provider that requests from your account to its model in Amazon Bedrock break its usage policy.",
    ]));
    body.blank();
    let taken = plan.mitigations > 0;
    if taken {
        body.field("Action: Access to the model has been revoked");
        body.mitigations.push("Access to the model has been revoked".to_owned());
    } else {
        body.field("Action: Warning");
    }
    body.field(format!("AWS account ID: {}", scene.account));
    if taken {
        body.field(format!("Effective date: {}", show(scene.sent - 600, 0, "%Y-%m-%d %H:%M (UTC)")));
    }
    body.blank();
    body.ask(words::Piece {
        text: "Please stop the requests that violate the policy and reply to this email with a description of your use case.",
        marks: &["stop the requests that violate the policy", "reply to this email with a description"],
    });
    let due = body.deadline(plan, scene, rng);
    body.prose("An appeal against the decision of the model provider goes to the provider and not to AWS.");
    body.end(&Report::default(), rng);
    let case = case_number(rng);
    let (from, subject) = letterhead(plan, scene, &case, rng);
    let (lines, asks, mitigations) = body.finish(rng);
    let mut content = content(plan, scene, &Report::default());
    content.resources = scene.whole_account(false);
    (content.asks, content.mitigations, content.due, content.case_number) = (asks, mitigations, due, Some(case));
    Notice { lines, content, from, subject }
}

/// F9: bounces and complaints of SES.
pub(crate) fn ses(plan: &Plan, scene: &Scene, rng: &mut Rng) -> Notice {
    let mut body = Body::default();
    let (code, display) = scene.region;
    let region = if rng.chance(70) { display } else { code };
    let rule = "-".repeat(usize::try_from(rng.range(20, 60)).unwrap_or(40));
    body.prose(rng.pick(words::GREETINGS));
    body.blank();
    body.prose("IMPORTANT CHANGE IN YOUR SENDING STATUS");
    body.prose(rule.clone());
    body.prose(format!("The Amazon SES status of AWS account {} in {region} has changed.", scene.account));
    body.prose(
        rng.pick(&[
            "The bounce rate of your account is {} %, which is more than we allow.",
            "Recipients marked your mail as unwanted; your complaint rate is {} %.",
        ])
        .replace("{}", &format!("{}.{}", rng.range(5, 18), rng.range(0, 9))),
    );
    body.blank();
    body.prose("WHAT HAPPENED");
    body.prose(rule.clone());
    if plan.mitigations > 0 {
        body.mitigate(
            "We have paused the ability of your account to send email with Amazon SES.",
            "We have paused the ability of your account",
        );
    } else {
        body.prose("Your account is under review. You can go on sending for the time being.");
    }
    body.blank();
    body.prose("WHAT WE NEED FROM YOU");
    body.prose(rule);
    body.ask(words::Piece {
        text: "Please find the source of the problem and reply to this message with the changes that you made.",
        marks: &["find the source of the problem", "reply to this message with the changes"],
    });
    let due = body.deadline(plan, scene, rng);
    body.blank();
    body.prose("The Amazon SES team");
    let (lines, asks, mitigations) = body.finish(rng);
    let mut content = content(plan, scene, &Report::default());
    (content.regions, content.resources) = (vec![code], scene.whole_account(true));
    (content.asks, content.mitigations, content.due) = (asks, mitigations, due);
    let subject = format!("[Action Required] Amazon SES account under review in {region}");
    Notice { lines, content, from: ("Amazon Web Services", "no-reply-aws@amazon.com"), subject }
}
