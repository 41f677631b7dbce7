//! Notices in several layouts and wordings, and what reporters write in them. The wording is ours; the phrases that tell what
//! is reported, and the forms of the fields, are those that such notices share.

use crate::clock::{self, HOUR, Second};
use crate::rng::Rng;
use crate::world::{Host, World};

/// What is reported of a resource.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// what the resource is: `EC2 Instance Id: i-… [address]`
    pub(crate) resource: String,
    /// the sentence after the resource: `has been implicated in …`
    pub(crate) accusation: &'static str,
    /// value of `Reported Activity:`; none for a report of a hole, see `fields`
    pub(crate) activity: Option<&'static str>,
    /// when it happened
    pub(crate) at: Second,
    /// more lines of fields
    pub(crate) fields: Vec<String>,
    /// what the reporter wrote
    pub(crate) excerpt: Vec<String>,
}

/// `has been implicated in …`, by what is reported.
pub(crate) mod accusation {
    pub(crate) const PORT_SCAN: &str =
        "has been implicated in activity which resembles scanning remote hosts on the internet for security vulnerabilities.";
    pub(crate) const INTRUSION: &str =
        "has been implicated in activity which resembles attempts to access remote hosts on the internet without authorization.";
    pub(crate) const DOS: &str = "has been implicated in activity that resembles a Denial of Service attack against remote hosts; please \
                                  review the details below.";
    pub(crate) const BOTNET: &str =
        "has been implicated in activity that indicates that it may be infected with malware and may be part of a botnet.";
    pub(crate) const SPAM: &str = "has been implicated in activity that resembles the sending of spam or unsolicited email.";
    pub(crate) const CRAWLING: &str = "has been implicated in activity which resembles web-crawling.";
    pub(crate) const OPEN_PROXY: &str = "has been operating in a way that resembles an open proxy.";
}

const GREETINGS: &[&str] = &["Hello,", "Dear AWS customer,", "Hello from AWS Trust & Safety,"];

const REQUESTS: &[&[&str]] = &[
    &[
        "Please stop the reported activity and reply to this email with the corrective actions that you have taken. Tell us",
        "also what the root cause was and what keeps it from happening again. If you consider the activity legitimate, reply",
        "with details of your use case.",
    ],
    &[
        "We ask you to look into this and to answer this email within 24 hours. Your answer should name the root cause of the",
        "reported activity and the measures by which you have stopped it and prevent its recurrence. If none of this is abuse",
        "in your view, explain your use case.",
    ],
    &[
        "What we need from you:",
        "1. the root cause of the reported activity, and how it used your resources",
        "2. what you have done to stop it and to prevent it in the future",
        "If you do not consider the activity abusive, describe your use case instead.",
    ],
];

const AFTER: &[&[&str]] = &[
    &["If you did not know of this activity, a third party may have gained access to your environment."],
    &[
        "Activity of this nature is not allowed by the AWS Acceptable Use Policy (https://aws.amazon.com/aup/).",
        "If it continues, we may have to limit the resource.",
    ],
    &[],
];

/// The line for an instance: id and, in brackets, address.
pub(crate) fn instance(host: &Host) -> String {
    format!("EC2 Instance Id: {} [{}]", host.instance, host.public)
}

/// The whole mail, three to ten hours after what is reported.
pub(crate) fn write(world: &World, rng: &mut Rng, report: &Report) -> Vec<u8> {
    let sent = report.at + rng.range(3 * HOUR + 60, 10 * HOUR);
    let case = rng.chars(11, b"123456789");
    let mut lines: Vec<String> = [
        "From: AWS Trust and Safety <trustandsafety@support.aws.com>".to_owned(),
        "To: security@example.co.jp".to_owned(),
        format!("Subject: Your AWS Abuse Report [{case}] [AWS ID {}]", world.account),
        format!("Date: {}", clock::mail(sent)),
        format!("Message-ID: <{}@support.aws.com>", rng.uuid()),
        "MIME-Version: 1.0".to_owned(),
        "Content-Type: text/plain; charset=UTF-8".to_owned(),
        "Content-Transfer-Encoding: 8bit".to_owned(),
        String::new(),
    ]
    .into();
    lines.extend([rng.pick(GREETINGS).to_owned(), String::new()]);
    lines.extend(body(world, rng, report));
    for part in [rng.pick(REQUESTS), rng.pick(AFTER), &["Regards,", "AWS Trust & Safety"]] {
        if !part.is_empty() {
            lines.extend(part.iter().map(|&line| line.to_owned()));
            lines.push(String::new());
        }
    }
    lines.extend(["---Beginning of forwarded report(s)---".to_owned(), String::new()]);
    lines.extend(report.excerpt.iter().cloned());
    lines.push(String::new());
    lines.join("\r\n").into_bytes()
}

/// The sentences and fields, in one of the layouts.
fn body(world: &World, rng: &mut Rng, report: &Report) -> Vec<String> {
    let time =
        format!("Abuse Time: {}", if rng.chance(30) { clock::notice(report.at).replace(" UTC", " GMT") } else { clock::notice(report.at) });
    let one_line = format!("AWS ID: {}    Region: {}    {}", world.account, world.region, report.resource);
    let mut lines = match report.activity {
        Some(_) => vec!["We've received a report(s) that your AWS resource(s)".to_owned(), String::new()],
        None => vec![report.accusation.to_owned(), String::new()],
    };
    let labelled = |lines: &mut Vec<String>, tight: bool| {
        let gap = if tight { "" } else { " " };
        lines.push("Required Actions: Investigate root cause".to_owned());
        lines.push(format!("AWS Account ID: {}", world.account));
        lines.push(format!("Implicated Resource:{gap}{}", report.resource));
        lines.push(format!("Region:{gap}{}", world.region));
        lines.extend(report.activity.map(|activity| format!("Reported Activity: {activity}")));
    };
    let (layout, tight) = (rng.range(0, 2), rng.chance(60));
    if layout != 1 || report.activity.is_some() {
        lines.extend([if layout == 1 { report.resource.clone() } else { one_line }, String::new()]);
    }
    if report.activity.is_some() {
        lines.extend([report.accusation.to_owned(), String::new()]);
    }
    if layout != 0 {
        labelled(&mut lines, tight);
    }
    lines.extend(report.fields.iter().cloned());
    lines.extend([time, String::new()]);
    lines
}

/// What a reporter writes above the lines of the log.
pub(crate) fn opening(rng: &mut Rng) -> String {
    rng.pick(&[
        "Our sensors saw the following from your network. All times are UTC.",
        "To whom it may concern: please look at this host, times in UTC.",
        "Automated report of our monitoring; time stamps are in UTC.",
        "We ask you to make this stop. Log extract (UTC):",
    ])
    .to_owned()
}
