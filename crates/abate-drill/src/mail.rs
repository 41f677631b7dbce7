//! The notice as a mail (RFC 5322, CRLF). The wording is ours, built from the phrases and field forms that such notices
//! share; it copies no real one.

use crate::clock::{self, Second};
use crate::rng::Rng;
use crate::world::World;

/// Body of a notice.
#[derive(Debug)]
pub(crate) struct Notice {
    /// when AWS sends it
    pub(crate) sent: Second,
    /// the sentence(s) on what is implicated and in what, with the field lines
    pub(crate) report: Vec<String>,
    /// what the reporter wrote
    pub(crate) excerpt: Vec<String>,
}

/// The whole mail.
pub(crate) fn write(world: &World, rng: &mut Rng, notice: &Notice) -> Vec<u8> {
    let case = rng.chars(11, b"123456789");
    let mut lines = vec![
        "From: AWS Trust and Safety <trustandsafety@support.aws.com>".to_owned(),
        "To: security@example.co.jp".to_owned(),
        format!("Subject: Your AWS Abuse Report [{case}] [AWS ID {}]", world.account),
        format!("Date: {}", clock::mail(notice.sent)),
        format!("Message-ID: <{}@support.aws.com>", rng.uuid()),
        "MIME-Version: 1.0".to_owned(),
        "Content-Type: text/plain; charset=UTF-8".to_owned(),
        "Content-Transfer-Encoding: 8bit".to_owned(),
        String::new(),
        "Hello,".to_owned(),
        String::new(),
    ];
    lines.extend(notice.report.iter().cloned());
    lines.push(String::new());
    lines.extend(REQUEST.iter().map(|&line| line.to_owned()));
    lines.push("---Beginning of forwarded report(s)---".to_owned());
    lines.push(String::new());
    lines.extend(notice.excerpt.iter().cloned());
    lines.push(String::new());
    lines.join("\r\n").into_bytes()
}

const REQUEST: &[&str] = &[
    "Please take action to stop the reported activity and reply directly to this email with details of the corrective",
    "actions you have taken. In your reply, tell us what the root cause was and what you have done so that it does not",
    "happen again. If you do not consider the reported activity to be abusive, reply with details of your use case.",
    "",
    "If you are unaware of this activity, your environment may have been compromised by an external attacker, or a",
    "vulnerability may allow your resources to be used in a way that was not intended.",
    "",
    "Regards,",
    "AWS Trust & Safety",
    "",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_mail_with_short_crlf_lines() {
        let world = World::new(3, "mail");
        let notice = Notice { sent: world.incident, report: vec!["a".into()], excerpt: vec!["b".into()] };
        let mail = String::from_utf8(write(&world, &mut Rng::stream(3, "m"), &notice)).unwrap();
        let (head, body) = mail.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("] [AWS ID {}]", world.account)));
        assert!(body.contains("---Beginning of forwarded report(s)---\r\n\r\nb\r\n"));
        assert_eq!(mail.matches('\n').count(), mail.matches("\r\n").count());
        assert!(mail.lines().all(|line| line.len() < 998));
    }
}
