//! Notices in the layouts of their kinds: a resource line or labelled fields for abuse, and the forms for access keys, models
//! and Amazon SES. The wording is ours, built from the phrases and field forms that such notices share.

use abate_model::Category;

use crate::clock::{self, Second};
use crate::notices::words;
use crate::rng::Rng;
use crate::world::World;

/// A resource that a notice names.
#[derive(Clone, Debug)]
pub(crate) struct Implicated {
    /// what stands before the id, such as `EC2 Instance Id`
    pub(crate) label: &'static str,
    /// id
    pub(crate) id: String,
    /// address on the Internet, if one is named
    pub(crate) address: Option<String>,
    /// Region
    pub(crate) region: String,
    /// when it was reported to act
    pub(crate) at: Second,
}

/// An abuse report with resources.
#[derive(Clone, Debug)]
pub(crate) struct Abuse {
    /// what is reported
    pub(crate) category: Category,
    /// which resources
    pub(crate) implicated: Vec<Implicated>,
    /// further field lines of AWS's own
    pub(crate) facts: Vec<String>,
    /// what the reporter wrote
    pub(crate) excerpt: Vec<String>,
    /// when AWS sends it
    pub(crate) sent: Second,
}

/// An abuse report, in one of two layouts. Labelled fields if the resources acted at different times.
pub(crate) fn abuse(world: &World, rng: &mut Rng, what: &Abuse) -> Vec<u8> {
    let first = what.implicated.first().map(|thing| thing.at);
    let together = what.implicated.iter().all(|thing| Some(thing.at) == first);
    let mut lines = vec![rng.pick(words::GREETINGS).to_owned(), String::new()];
    lines.extend(if together && rng.chance(55) { resource_lines(world, rng, what) } else { labelled(world, rng, what) });
    lines.push(String::new());
    lines.push(rng.pick(words::ASKS).text.to_owned());
    lines.push(rng.pick(words::USE_CASE).text.to_owned());
    lines.push(rng.pick(words::ADVICE).to_owned());
    lines.push(String::new());
    lines.extend(rng.pick(words::SIGNATURES).iter().map(|&line| line.to_owned()));
    if !what.excerpt.is_empty() {
        lines.push(String::new());
        lines.push(rng.pick(words::DELIMITERS).to_owned());
        lines.push(String::new());
        lines.extend(what.excerpt.iter().cloned());
    }
    let from = if rng.chance(20) { "ec2-abuse@amazon.com" } else { "AWS Trust and Safety <trustandsafety@support.aws.com>" };
    let case = rng.chars(11, b"123456789");
    mail(rng, from, &format!("Your AWS Abuse Report [{case}] [AWS ID {}]", world.account), what.sent, &lines)
}

fn resource_lines(world: &World, rng: &mut Rng, what: &Abuse) -> Vec<String> {
    let mut lines = vec![rng.pick(words::OPENERS).to_owned(), String::new()];
    for thing in &what.implicated {
        let address = thing.address.as_ref().map(|address| format!(" [{address}]")).unwrap_or_default();
        lines.push(format!("AWS ID: {}    Region: {}    {}: {}{address}", world.account, thing.region, thing.label, thing.id));
    }
    lines.push(String::new());
    if let Some(thing) = what.implicated.first() {
        lines.push(format!("Abuse Time: {}", clock::notice(thing.at)));
    }
    lines.extend(what.facts.iter().cloned());
    lines.push(String::new());
    let phrase = rng.pick(words::phrases(what.category.id()));
    let included = if what.excerpt.is_empty() { "" } else { rng.pick(words::INCLUDED) };
    let sentence = format!("{phrase}. {} {included}", rng.pick(words::POLICY));
    lines.push(sentence.split_whitespace().collect::<Vec<_>>().join(" "));
    lines
}

fn labelled(world: &World, rng: &mut Rng, what: &Abuse) -> Vec<String> {
    let gap = rng.pick(&["", " "]);
    let mut lines = vec![
        "We've received an abuse report implicating resources on your account.".to_owned(),
        String::new(),
        "Required Actions: Investigate root cause".to_owned(),
        format!("AWS Account ID:{gap}{}", world.account),
    ];
    let activity = rng.pick(words::nouns(what.category.id()));
    for (n, thing) in what.implicated.iter().enumerate() {
        if n > 0 {
            lines.push(String::new());
        }
        let address = thing.address.as_ref().map(|address| format!(" [{address}]")).unwrap_or_default();
        lines.push(format!("Implicated Resource:{gap}{}: {}{address}", thing.label, thing.id));
        lines.push(format!("Region:{gap}{}", thing.region));
        lines.push(format!("Reported Activity:{gap}{activity}"));
        lines.push(format!("Abuse Time: {}", clock::notice(thing.at)));
    }
    lines.extend(what.facts.iter().cloned());
    lines
}

/// Credentials that somebody else may have.
#[derive(Clone, Debug)]
pub(crate) struct Exposed {
    /// what is affected, in words, such as `access key AKIA… belonging to user x`
    pub(crate) affected: Vec<String>,
    /// where AWS found it, if it did
    pub(crate) found_at: Option<String>,
    /// a sample of what was seen: when, Region, call, address
    pub(crate) seen: Vec<(Second, String, &'static str, String)>,
    /// the quarantine policy that AWS attached, if it did
    pub(crate) quarantine: Option<&'static str>,
    /// when AWS sends it
    pub(crate) sent: Second,
}

/// A notice on access keys or other credentials in the wrong hands.
pub(crate) fn exposed(world: &World, rng: &mut Rng, what: &Exposed) -> Vec<u8> {
    let opening = match &what.found_at {
        Some(place) => format!("Credentials of your AWS account {} are publicly available online at {place}", world.account),
        None => rng
            .pick(&[
                "Your AWS account {} may have been inappropriately accessed by a third-party.",
                "We noticed anomalous activity in your AWS account {} that suggests that somebody else holds credentials of it.",
            ])
            .replace("{}", world.account),
    };
    let mut lines =
        vec![rng.pick(words::GREETINGS).to_owned(), String::new(), opening, String::new(), "The following is affected:".to_owned()];
    lines.extend(what.affected.iter().cloned());
    if !what.seen.is_empty() {
        lines.push(String::new());
        lines.push("Events that we noticed (there may be more of them than these):".to_owned());
        lines.extend(what.seen.iter().map(|(at, region, call, from)| format!("{}  {region}  {call}  {from}", clock::notice(*at))));
    }
    lines.push(String::new());
    if let Some(policy) = what.quarantine {
        lines.push(format!("To protect your account, we have attached the {policy} policy to the IAM user. It does not stop everything."));
    }
    lines.push("Step 1: Rotate or delete the credentials named here.".to_owned());
    lines.push("Step 2: Look through CloudTrail in all Regions for activity that is not yours, and remove what was created.".to_owned());
    lines.push("Step 3: Respond to this case and tell us the root cause and what you have done.".to_owned());
    if rng.chance(60) {
        let due = clock::iso(what.sent + 5 * clock::DAY);
        lines.push(String::new());
        lines.push(format!("Please respond by {}.", due.get(..10).unwrap_or_default()));
    }
    lines.push(String::new());
    lines.extend(["Sincerely,", "Amazon Web Services"].map(str::to_owned));
    let subject = rng
        .pick(&[
            "[Action Required] Suspicious activity in your AWS account [{}]",
            "[Action Required] Irregular Activity Detected for Your AWS Access Key",
            "Irregular activity in your AWS account: {}",
        ])
        .replace("{}", world.account);
    mail(rng, "\"Amazon Web Services, Inc.\" <no-reply@amazonaws.com>", &subject, what.sent, &lines)
}

/// A notice on misuse of a third party's model; it names the account alone. `taken`: access was revoked.
pub(crate) fn model(world: &World, rng: &mut Rng, sent: Second, taken: bool) -> Vec<u8> {
    let action = if taken { "Access to the model has been revoked" } else { "Warning" };
    let mut lines = vec![
        rng.pick(words::GREETINGS).to_owned(),
        String::new(),
        rng.pick(&[
            "The provider of a third-party model on Amazon Bedrock told us that requests from your account break its usage policy.",
            "A model provider has found that your AWS account uses its model in Amazon Bedrock against the provider's usage policy.",
        ])
        .to_owned(),
        String::new(),
        format!("Action: {action}"),
        format!("AWS account ID: {}", world.account),
    ];
    if taken {
        let at = clock::iso(sent - 600);
        lines.push(format!("Effective date: {} {} (UTC)", at.get(..10).unwrap_or_default(), at.get(11..16).unwrap_or_default()));
    }
    lines.push(String::new());
    lines
        .push("Please stop these requests and reply to this email with the root cause, or with a description of your use case.".to_owned());
    lines.push(String::new());
    lines.extend(["Regards,", "AWS Trust & Safety"].map(str::to_owned));
    let case = rng.chars(11, b"123456789");
    let from = "AWS Trust and Safety <trustandsafety@support.aws.com>";
    mail(rng, from, &format!("Your AWS Abuse Report [{case}] [AWS ID {}]", world.account), sent, &lines)
}

/// A notice of Amazon SES on bounces or complaints, in percent; it names the account and a Region.
pub(crate) fn sending(world: &World, rng: &mut Rng, sent: Second, (bounces, percent): (bool, f64)) -> Vec<u8> {
    let rule = "-".repeat(30 + rng.index(20));
    let why = if bounces {
        format!("The bounce rate of your account is {percent:.1} %, which is more than we allow.")
    } else {
        format!("Recipients marked your mail as unwanted; your complaint rate is {percent:.1} %.")
    };
    let state = rng.pick(&[
        "We have paused the ability of your account to send email with Amazon SES.",
        "Your account is under review. You can go on sending for the time being.",
    ]);
    let lines: Vec<String> = [
        rng.pick(words::GREETINGS).to_owned(),
        String::new(),
        "IMPORTANT CHANGE IN YOUR SENDING STATUS".to_owned(),
        rule.clone(),
        format!("The Amazon SES status of AWS account {} in {} has changed.", world.account, world.region),
        why,
        String::new(),
        "WHAT HAPPENED".to_owned(),
        rule.clone(),
        state.to_owned(),
        String::new(),
        "WHAT WE NEED FROM YOU".to_owned(),
        rule,
        "Please find the source of the problem and reply to this message with the changes that you made.".to_owned(),
        String::new(),
        "The Amazon SES team".to_owned(),
    ]
    .into();
    let subject = format!("[Action Required] Amazon SES account under review in {}", world.region);
    mail(rng, "Amazon Web Services <no-reply-aws@amazon.com>", &subject, sent, &lines)
}

fn mail(rng: &mut Rng, from: &str, subject: &str, sent: Second, lines: &[String]) -> Vec<u8> {
    let domain = from.rsplit_once('@').map_or("support.aws.com", |(_, domain)| domain.trim_end_matches('>'));
    let head = [
        format!("From: {from}"),
        "To: security@example.co.jp".to_owned(),
        format!("Subject: {subject}"),
        format!("Date: {}", clock::mail(sent)),
        format!("Message-ID: <{}@{domain}>", rng.uuid()),
        "MIME-Version: 1.0".to_owned(),
        "Content-Type: text/plain; charset=UTF-8".to_owned(),
        "Content-Transfer-Encoding: 8bit".to_owned(),
        String::new(),
    ];
    let lines: Vec<&str> = head.iter().chain(lines).map(String::as_str).chain([""]).collect();
    lines.join("\r\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn every_layout_is_a_mail_with_short_crlf_lines_and_its_facts() {
        for seed in 0..12 {
            let (world, mut rng) = (World::new(seed, "letters"), Rng::stream(seed, "letters"));
            let thing = |n: usize, at| Implicated {
                label: "EC2 Instance Id",
                id: format!("i-0{n}"),
                address: Some(world.web.public.clone()),
                region: world.region.to_owned(),
                at,
            };
            let abuse_of = |implicated| Abuse {
                category: Category::CryptoMining,
                implicated,
                facts: vec!["Reported URL: x".into()],
                excerpt: vec!["seen".into()],
                sent: world.incident,
            };
            let one = text(abuse(&world, &mut rng, &abuse_of(vec![thing(1, 100)])));
            let two = text(abuse(&world, &mut rng, &abuse_of(vec![thing(1, 100), thing(2, 900)])));
            assert!(one.contains("Reported URL: x\r\n") && one.contains("\r\nseen\r\n"));
            assert_eq!((one.matches("Abuse Time: ").count(), two.matches("Abuse Time: ").count()), (1, 2));
            assert!(two.contains("Implicated Resource:") && two.contains("Cryptocurrency Mining"));
            let what = Exposed {
                affected: vec!["access key AKIAEXAMPLE".into()],
                found_at: None,
                seen: vec![(100, "us-east-1".into(), "RunInstances", "192.0.2.1".into())],
                quarantine: Some("AWSCompromisedKeyQuarantineV3"),
                sent: world.incident,
            };
            let key = text(exposed(&world, &mut rng, &what));
            assert!(key.contains("AWSCompromisedKeyQuarantineV3") && key.contains("RunInstances  192.0.2.1"));
            let (model, ses) =
                (text(model(&world, &mut rng, world.incident, true)), text(sending(&world, &mut rng, world.incident, (true, 12.5))));
            assert!(model.contains("Effective date: 2026-") && ses.contains("12.5 %"));
            for mail in [one, two, key, model, ses] {
                let (head, body) = mail.split_once("\r\n\r\n").unwrap();
                assert!(head.contains("\r\nDate: ") && body.contains(world.account), "{mail}");
                assert_eq!(mail.matches('\n').count(), mail.matches("\r\n").count());
                assert!(mail.lines().all(|line| line.len() < 998));
            }
        }
    }
}
