//! Words of AWS's part: the phrases by which a category is recognised (facts of the format) and everything else in several
//! wordings of our own. `Piece` keeps what is asked or done beside the sentence that says so.

/// A sentence and the fragments of it that count.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Piece {
    /// the sentence
    pub(crate) text: &'static str,
    /// fragments
    pub(crate) marks: &'static [&'static str],
}

const fn piece(text: &'static str, marks: &'static [&'static str]) -> Piece {
    Piece { text, marks }
}

/// What a resource "has been" doing.
pub(crate) fn phrases(category: &str) -> &'static [&'static str] {
    match category {
        "spam" => &[
            "has been implicated in activity that resembles the sending of spam or unsolicited email",
            "has been implicated in activity which resembles sending unsolicited email",
        ],
        "port-scan" => &[
            "has been implicated in activity which resembles scanning remote hosts on the internet for security vulnerabilities",
            "has been port scanning remote hosts on the Internet",
            "has been implicated in Port Scanning",
        ],
        "dos" => &[
            "has been implicated in activity that resembles a Denial of Service attack against remote hosts",
            "has been implicated in activity which resembles a Denial of Service attack",
        ],
        "intrusion" => &[
            "has been implicated in activity which resembles attempts to access remote hosts on the internet without authorization",
            "has been implicated in activity that resembles attempts to access remote hosts on the internet without authorization",
            "has been making illegal intrusion attempts against remote hosts on the Internet",
        ],
        "botnet" => &["has been implicated in activity that indicates that it may be infected with malware and may be part of a botnet"],
        "malware" => &["has been implicated in hosting or distributing malware", "has been implicated in the distribution of malware"],
        "phishing" => &["has been implicated in hosting content that resembles a phishing website"],
        "content" => &["has been implicated in hosting a website that may contain content forbidden in the AWS Acceptable Use Policy"],
        "crawling" => &["has been implicated in activity which resembles web-crawling"],
        "open-proxy" => &["has been operating in a way that resembles an open proxy"],
        "open-resolver" => &[
            "has been operating as an open DNS resolver",
            "has been reported to be an open DNS resolver that third parties can use for amplification",
        ],
        "vulnerability" => &[
            "has been reported to run a vulnerable service (ntp_monlist)",
            "has been named in a vulnerability report (memcached reachable over UDP)",
        ],
        "copyright" => &["has been implicated in hosting content that infringes copyright (DMCA notice)"],
        "crypto-mining" => &["has been implicated in activity that resembles cryptocurrency mining"],
        _ => &["has been implicated in activity that is not allowed under the AWS Customer Agreement"],
    }
}

/// A short name for a category, as in reminders and labels.
pub(crate) fn nouns(category: &str) -> &'static [&'static str] {
    match category {
        "spam" => &["Email Spam", "Spam"],
        "port-scan" => &["Port Scanning"],
        "dos" => &["Denial of Service"],
        "intrusion" => &["Intrusion Attempts"],
        "botnet" => &["Botnet"],
        "malware" => &["Malware Distribution", "Malware Hosting"],
        "phishing" => &["Phishing", "Phishing Website"],
        "content" => &["Forbidden Content", "Illegal Content"],
        "crawling" => &["Web Crawling"],
        "open-proxy" => &["Open Proxy"],
        "open-resolver" => &["Open DNS Resolver"],
        "vulnerability" => &["Vulnerability Report"],
        "copyright" => &["Copyright Infringement"],
        "crypto-mining" => &["Cryptocurrency Mining"],
        _ => &["Other"],
    }
}

/// The slug after `Reported Vulnerability:`, for the categories that have one.
pub(crate) fn slugs(category: &str) -> &'static [&'static str] {
    match category {
        "vulnerability" => &["rpcbind_portmapper", "ntp_monlist", "ssdp_amplifier", "memcached_udp"],
        "open-resolver" => &["open_dns_resolver", "dns_open_resolver"],
        _ => &[],
    }
}

pub(crate) const GREETINGS: &[&str] = &["Hello,", "Hello", "Dear AWS customer,", "Greetings from Amazon Web Services,", ""];

pub(crate) const OPENERS: &[&str] = &[
    "We've received a report(s) that your AWS resource(s)",
    "We've received a report that your AWS resource(s)",
    "We have received a report(s) that your AWS resource(s)",
];

pub(crate) const INCLUDED: &[&str] = &[
    "We've included the original report below for your review.",
    "The report that we were given follows at the end of this message.",
    "You find what the reporter sent us below our signature.",
];

pub(crate) const POLICY: &[&str] = &[
    "Activity of this nature is forbidden in the AWS Acceptable Use Policy (https://aws.amazon.com/aup/).",
    "The AWS Acceptable Use Policy does not allow this (https://aws.amazon.com/aup/).",
    "",
];

pub(crate) const ASKS: &[Piece] = &[
    piece(
        "Please take action to stop the reported activity and reply directly to this email with details of the corrective actions you have taken.",
        &["take action to stop the reported activity", "reply directly to this email"],
    ),
    piece(
        "You must stop the activity described here. Please answer this message and tell us which corrective steps you took.",
        &["You must stop the activity", "tell us which corrective steps you took"],
    ),
    piece(
        "Please look into this, put an end to the activity, and let us know what you did by replying to this message.",
        &["put an end to the activity", "let us know what you did"],
    ),
];

pub(crate) const USE_CASE: &[Piece] = &[
    piece(
        "If you do not consider the activity described in these reports to be abusive, please reply to this email with details of your use case.",
        &["reply to this email with details of your use case"],
    ),
    piece("Should you believe that this was legitimate, please describe your use case in your reply.", &["please describe your use case"]),
    piece("", &[]),
];

pub(crate) const QUESTIONS: &[Piece] = &[
    piece("1. What is the root cause of the reported abuse?", &["What is the root cause"]),
    piece("2. What measures were taken to stop it and to keep it from happening again?", &["What measures were taken to stop it"]),
];

/// General advice. It uses words of other categories on purpose.
pub(crate) const ADVICE: &[&str] = &[
    "If you're unaware of this activity, it's possible that your environment has been compromised by an external attacker, or that a vulnerability allows your machine to be used in a way that it was not intended to be.",
    "Customers who did not know of such traffic often find that a host was infected, that credentials were exposed, or that a service stood open to the world.",
    "We are unable to assist you with troubleshooting or technical inquiries. However, for guidance see the Amazon EC2 Security Groups User Guide: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-security-groups.html",
    "",
];

pub(crate) const SIGNATURES: &[&[&str]] = &[
    &["Regards,", "AWS Trust & Safety"],
    &["Best regards,", "AWS Trust and Safety"],
    &["Thank you,", "Amazon Web Services", "Trust & Safety"],
    &["Regards,", "AWS Abuse"],
];

/// Measures already taken: introduced by [`TAKEN`].
pub(crate) const MITIGATIONS: &[Piece] = &[
    piece("Blocked OUTBOUND TCP traffic from instance to remote hosts on port 22", &["Blocked OUTBOUND TCP traffic from instance"]),
    piece("Blocked all traffic, allowing administrative access only", &["Blocked all traffic"]),
    piece("Outgoing Port 80 Blocked", &["Outgoing Port 80 Blocked"]),
    piece("Outbound UDP traffic to port 53 has been blocked", &["Outbound UDP traffic to port 53 has been blocked"]),
    piece("Starting and stopping of EC2 instances has been blocked in this Region", &["Starting and stopping of EC2 instances has been"]),
];

pub(crate) const TAKEN: &[&str] = &[
    "To mitigate the abuse, we have taken the following steps:",
    "To assist you, we have taken the following actions:",
    "In the meantime the following is already in force:",
];

pub(crate) const REMINDERS: &[Piece] = &[
    piece("We have not received a response regarding the abuse report implicating resources on your account.", &[]),
    piece("We're writing to follow up on your outstanding EC2 abuse reports, which you have not answered yet.", &[]),
    piece("This is a reminder: the report described here is still open and we have not heard from you.", &[]),
];

/// What may come. No measure that was taken.
pub(crate) const THREATS: &[&str] = &[
    "Failure to respond could lead to possible mitigation against the implicated resources.",
    "Without an answer your resources may be blocked or your account may be suspended.",
    "",
];

pub(crate) const FINALS: &[&str] = &["(**) FINAL NOTIFICATION (**)", "** FINAL NOTIFICATION **", "FINAL NOTIFICATION"];

pub(crate) const REMINDER_ASKS: &[Piece] = &[
    piece("Please reply to this email and tell us what you have done about the report.", &["tell us what you have done"]),
    piece("Please take care of the report and respond to this message.", &["take care of the report", "respond to this message"]),
];

pub(crate) const UPDATE_ASKS: &[Piece] = &[
    piece(
        "Could you please send us details on the corrective measures you have taken to prevent abuse from happening in the future?",
        &["send us details on the corrective measures"],
    ),
    piece(
        "Please explain how the activity came about and what you changed to prevent it from happening again.",
        &["explain how the activity came about", "what you changed to prevent it"],
    ),
];

pub(crate) const DELIMITERS: &[&str] = &[
    "---Beginning of forwarded report(s)---",
    "---Beginning of forwarded report(s)---",
    "Additional abuse report information provided by original abuse reporter(s):",
];
