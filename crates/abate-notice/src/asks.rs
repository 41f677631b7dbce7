//! What AWS asks for and what it has already done, in its own words. Advice that comes with every notice is left out.

use crate::fields::{Field, Key};
use crate::table::Row;
use crate::text::{Sentence, normal, push_new, starts_item};

/// A message that asks for more than this many things is none of AWS's.
const MOST: usize = 100;

/// What AWS asks for: labelled actions first, then the sentences that ask for an answer or an act, then numbered steps.
pub(crate) fn required_actions(own: &str, sentences: &[Sentence], fields: &[Field]) -> Vec<String> {
    let mut found = Vec::new();
    for field in fields.iter().filter(|f| f.key == Key::RequiredAction || (f.key == Key::Action && !has_happened(&f.value))) {
        for item in field.value.lines() {
            push_new(&mut found, item.trim().to_owned());
        }
    }
    for sentence in sentences {
        if found.len() >= MOST {
            break;
        }
        if asks(&sentence.text) {
            push_new(&mut found, sentence.text.trim_start_matches(['*', '-', '•', ' ']).to_owned());
        }
    }
    for step in steps(own).into_iter().take(MOST) {
        // A step that a sentence above already is a part of is given whole.
        found.retain(|one: &String| !step.contains(one.as_str()));
        push_new(&mut found, step);
    }
    found.truncate(MOST);
    found
}

fn asks(sentence: &str) -> bool {
    const VERBS: [&str; 17] = [
        "tell us",
        "reply",
        "respond",
        "investigate",
        "take action",
        "remediate",
        "provide",
        "confirm",
        "review your",
        "secure",
        "rotate",
        "delete",
        "remove",
        "contact",
        "stop the",
        "check your",
        "disable",
    ];
    let plain = normal(sentence);
    let bare = plain.trim_start_matches(['*', '-', ' ']);
    let begins = bare.starts_with("please ")
        || bare.starts_with("you must ")
        || bare.starts_with("we ask you to ")
        || bare.starts_with("we request ")
        || bare.contains("you must contact")
        || bare.contains("you must respond")
        || bare.starts_with("in your reply")
        || ((bare.starts_with("if you ") || bare.starts_with("to ")) && (bare.contains("please ") || bare.contains(", reply ")));
    // The two questions on cause and measures, where a notice puts them as questions.
    let question = bare.ends_with('?') && ["root cause", "measures", "steps", "prevent", "corrective"].iter().any(|w| bare.contains(w));
    question || begins && VERBS.iter().any(|v| bare.contains(v)) && !bare.contains("user guide") && !bare.contains("following link")
}

/// `Step 1: …` with the lines that belong to it.
fn steps(own: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut open = false;
    for line in own.lines() {
        let line = line.trim();
        let plain = normal(line);
        let number = plain.strip_prefix("step ").is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
        if number {
            found.push(line.to_owned());
        } else if line.is_empty() {
            open = false;
            continue;
        } else if open && let Some(last) = found.last_mut() {
            last.push(' ');
            last.push_str(line);
        }
        open = open || number;
    }
    found
}

/// What AWS has blocked or limited. `may`, `could` and `if` announce; they do nothing.
pub(crate) fn mitigations(own: &str, sentences: &[Sentence], fields: &[Field], rows: &[Row]) -> Vec<String> {
    let mut found = Vec::new();
    for field in fields.iter().filter(|f| f.key == Key::Action && has_happened(&f.value)) {
        push_new(&mut found, field.value.clone());
    }
    for row in rows.iter().filter(|r| !r.action.is_empty()) {
        push_new(&mut found, row.action.clone());
    }
    for item in announced(own).into_iter().take(MOST) {
        push_new(&mut found, item);
    }
    for sentence in sentences {
        if found.len() >= MOST {
            break;
        }
        let text = sentence.text.trim_start_matches(['*', '-', '•', ' ']);
        if is_done(text) && !is_table_row(text, rows) && !found.iter().any(|f| text.contains(f.as_str())) {
            found.push(text.to_owned());
        }
    }
    found
}

fn is_table_row(text: &str, rows: &[Row]) -> bool {
    rows.iter().any(|r| !r.action.is_empty() && text.contains(&r.action))
}

/// Items below "we have taken the following actions:". Field lines and tables are no items.
fn announced(own: &str) -> Vec<String> {
    let lines: Vec<&str> = own.lines().collect();
    let mut items = Vec::new();
    for (number, _) in lines.iter().enumerate() {
        // The announcement may be wrapped over two lines.
        let above = number.checked_sub(1).and_then(|n| lines.get(n)).copied().unwrap_or_default();
        let line = lines.get(number).copied().unwrap_or_default();
        let plain = normal(&format!("{above} {line}"));
        let announces = plain.ends_with(':')
            && (plain.contains("taken the following action")
                || plain.contains("taken the following step")
                || plain.contains("the following mitigation"));
        if !announces {
            continue;
        }
        for line in lines.iter().skip(number + 1).map(|l| l.trim()) {
            let plain = normal(line);
            if line.is_empty() {
                if items.is_empty() {
                    continue;
                }
                break;
            }
            let heading =
                line.ends_with(':') || plain.starts_with("region") || plain.starts_with("instance") || plain.starts_with("details");
            if heading || !(starts_item(line) || is_done(line)) {
                break;
            }
            items.push(line.trim_start_matches(['*', '-', '•', ' ']).to_owned());
        }
    }
    items
}

/// `Model access revoked`: the value of an `Action:` that is done.
fn has_happened(value: &str) -> bool {
    let plain = normal(value);
    ["revoked", "suspended", "blocked", "limited", "paused", "restricted", "disabled", "removed"]
        .iter()
        .any(|w| plain.trim_end_matches('.').ends_with(w))
        || is_done(value)
}

fn is_done(text: &str) -> bool {
    const DONE: [&str; 27] = [
        "blocked outbound",
        "blocked inbound",
        "blocked all",
        "blocked outgoing",
        "blocked traffic",
        "blocked port",
        "blocked start",
        "blocked the",
        "has been blocked",
        "have been blocked",
        "have blocked",
        "port is blocked",
        "has been suspended",
        "have suspended",
        "have restricted",
        "has been restricted",
        "has been revoked",
        "have revoked",
        "temporarily limited",
        "has been paused",
        "have paused",
        "have been paused",
        "awscompromisedkeyquarantine",
        "awsexposedcredentialpolicy",
        "blackholed",
        "null routed",
        "administratively disabled",
    ];
    let plain = normal(text);
    let outgoing = (plain.contains("outgoing port") || plain.contains("outbound port")) && plain.contains("blocked");
    let announces = ["may ", "might ", "could ", "will be", "we will", " if ", "failure to", "can be "].iter().any(|w| plain.contains(w))
        || plain.starts_with("if ");
    (outgoing || DONE.iter().any(|d| plain.contains(d))) && !announces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::sentences;

    #[test]
    fn actions() {
        let own = "Required Actions: Investigate root cause\n\nPlease take action to stop the reported activity and reply directly to this email\nwith details. \
                   If you do not consider it abusive, please reply to this email with details of your use case.\nPlease see the User Guide.\n\n\
                   Step 1: Delete the key.\nDo it now.\n\nStep 2: Check CloudTrail.";
        assert_eq!(
            required_actions(own, &sentences(own), &crate::fields::read(own)),
            [
                "Investigate root cause",
                "Please take action to stop the reported activity and reply directly to this email with details.",
                "If you do not consider it abusive, please reply to this email with details of your use case.",
                "Step 1: Delete the key. Do it now.",
                "Step 2: Check CloudTrail."
            ]
        );
    }

    #[test]
    fn what_was_done() {
        let own = "To mitigate the abuse, we have taken the following steps:\n* Blocked OUTBOUND TCP traffic from instance to remote hosts on port 22\n\n\
                   We have attached the policy AWSCompromisedKeyQuarantineV2 to the user. We may suspend your account if it is blocked.\n\
                   Some services have been temporarily limited.";
        assert_eq!(
            mitigations(own, &sentences(own), &[], &[]),
            [
                "Blocked OUTBOUND TCP traffic from instance to remote hosts on port 22",
                "We have attached the policy AWSCompromisedKeyQuarantineV2 to the user.",
                "Some services have been temporarily limited."
            ]
        );
    }
}
