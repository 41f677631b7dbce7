//! Where a message stands in the correspondence. Only the message's own words count, neither what is quoted below it nor
//! what the reporter wrote.

use abate_model::NoticeKind;

use crate::text::{has_word, normal};
use crate::why::Told;

const RESOLVED: &[&str] = &[
    "has been investigated and resolved",
    "this case has been resolved",
    "consider the matter closed",
    "case has been closed",
    "we have closed the case",
    "we've closed the case",
    "we closed this case",
    "consider this matter closed",
    "consider the case closed",
    "the matter is closed",
    "case has been marked as resolved",
    "case is now resolved",
    "case is now closed",
    "we have closed this case",
    "we've closed this case",
    "we have resolved this case",
    "we've resolved this case",
    "we consider this case resolved",
    "we consider this matter resolved",
    "we are closing this case",
];

const FINAL: &[&str] = &["final notification", "final notice", "final warning", "final reminder"];

const REMINDER: &[&str] = &[
    "following up on your outstanding",
    "follow up on your outstanding",
    "have not received a response",
    "have had no answer",
    "have had no reply",
    "have had no response",
    "had no answer so far",
    "still waiting for your answer",
    "still waiting for your reply",
    "still waiting for your response",
    "no answer came",
    "has not been answered",
    "hasn't been answered",
    "been no answer",
    "been no reply",
    "been no response",
    "writing to follow up on the",
    "haven't received a response",
    "have not yet received a response",
    "have not received a reply",
    "have not heard back from you",
    "second notification",
    "second notice",
    "this is a reminder",
    "failure to respond could lead to",
];

const UPDATE: &[&str] = &[
    "thank you for your response",
    "thank you for the update",
    "thank you for deleting",
    "thank you for removing",
    "thank you for disabling",
    "thank you for rotating",
    "thanks for getting back",
    "thank you for your update",
    "thank you for your answer",
    "thank you for the information",
    "thanks for getting back to us",
    "thanks for your reply",
    "thank you for your reply",
    "thank you for contacting us",
    "thank you for getting back to us",
    "thank you for your prompt response",
    "once we have this information",
    "we have received additional reports",
    "we've received additional reports",
];

const FIRST: &[&str] = &[
    "we've received a report",
    "we have received a report",
    "we've received report",
    "we have received report",
    "we've received a vulnerability report",
    "we have received a vulnerability report",
    "we received a report",
    "we've detected which",
    "we have detected which",
];

/// The kind that a text speaks of, if it speaks of one other than the first.
pub(crate) fn of_text(text: &str) -> Option<NoticeKind> {
    phrase(&normal(text)).map(|told| told.value)
}

fn phrase(plain: &str) -> Option<Told<NoticeKind>> {
    let said = |phrases: &[&'static str]| phrases.iter().copied().find(|p| plain.contains(p));
    if let Some(words) = marked_done(plain) {
        return Some(Told::new(NoticeKind::Resolved, words, "words that only such a message has"));
    }
    [(RESOLVED, NoticeKind::Resolved), (FINAL, NoticeKind::Final), (REMINDER, NoticeKind::Reminder), (UPDATE, NoticeKind::Update)]
        .into_iter()
        .find_map(|(phrases, kind)| said(phrases).map(|words| Told::new(kind, words, "words that only such a message has")))
}

/// `we have marked the report on i-0abc as resolved`, where it is said of now and not of later.
fn marked_done(plain: &str) -> Option<&str> {
    const DONE: [&str; 7] =
        ["has been resolved", "has been closed", "is resolved", "is closed", "is now resolved", "is now closed", "was closed"];
    plain.split(['.', '!', '?']).map(str::trim).find(|sentence| {
        let marked = ["we have marked ", "we've marked ", "we marked "].iter().any(|lead| sentence.contains(lead))
            && ["as resolved", "as closed"].iter().any(|end| sentence.contains(end));
        let matter =
            ["case", "matter", "report", "ticket"].iter().any(|w| has_word(sentence, w)) && DONE.iter().any(|w| has_word(sentence, w));
        let later =
            ["once", "until", "when", "if", "after", "before", "whether", "not", "unless", "please"].iter().any(|w| has_word(sentence, w));
        (marked || matter) && !later && sentence.len() <= 200
    })
}

/// The kind of a message: its words, then its subject. `RE:` alone makes an update of what does not begin like a first
/// notice; AWS's follow-ups carry it as well as customers' answers.
pub(crate) fn of(own: &str, subject: Option<&str>) -> Told<NoticeKind> {
    let subject = subject.map(normal).unwrap_or_default();
    let from_subject = if FINAL.iter().any(|p| subject.contains(p)) {
        Some(NoticeKind::Final)
    } else {
        subject.contains("reminder").then_some(NoticeKind::Reminder)
    };
    let plain = normal(own);
    let from_text = phrase(&plain);
    if from_text.as_ref().is_some_and(|told| told.value == NoticeKind::Resolved)
        && let Some(told) = from_text
    {
        return told;
    }
    if let Some(kind) = from_subject {
        return Told::new(kind, subject, "the subject");
    }
    let first = FIRST.iter().copied().find(|p| plain.contains(p));
    match (from_text, first) {
        (Some(told), Some(words)) if told.value == NoticeKind::Update => {
            Told::new(NoticeKind::First, words, "it begins like a first notice")
        }
        (Some(told), _) => told,
        (None, None) if subject.starts_with("re:") && !subject.contains("action required") => {
            Told::new(NoticeKind::Update, subject, "RE: in the subject of what does not begin like a first notice")
        }
        (None, words) => Told::new(NoticeKind::First, words.unwrap_or_default(), "nothing says that it follows another message"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use NoticeKind::*;

    #[test]
    fn the_ladder() {
        for (own, subject, kind) in [
            ("We've received a report(s) that your AWS resource(s)", Some("Your AWS Abuse Report [1]"), First),
            ("We\u{2019}re writing to follow up on your outstanding EC2\nabuse reports", None, Reminder),
            ("We have not received a response regarding the abuse report implicating resources on your account", None, Reminder),
            ("(**) FINAL NOTIFICATION (**)\nWe have not received a response", None, Final),
            ("We have not received a response", Some("** FINAL NOTIFICATION ** Your AWS Abuse Report"), Final),
            ("This case has been investigated and resolved by the AWS Abuse Team.", Some("RE: Your AWS Abuse Report"), Resolved),
            ("Thank you. We have marked the spam report on i-0abc as resolved.", Some("RE: Your AWS Abuse Report"), Resolved),
            ("That is all. The open proxy case for i-0abc has been resolved, and we took the block off.", Some("RE: x"), Resolved),
            ("We reply once the case is closed.", Some("RE: x"), Update),
            ("Once we have this information we can finish our investigation into this case and resolve it.", None, Update),
            ("Please tell us more.", Some("RE: Your AWS Abuse Report [1]"), Update),
            ("We've received a report that your resource", Some("RE: Your AWS Abuse Report [1]"), First),
            ("Please review your account.", Some("RE:[CASE 170000000000001] [Action Required] Irregular activity"), First),
        ] {
            assert_eq!(of(own, subject).value, kind, "{own:?} {subject:?}");
        }
    }
}
