//! What AWS asks for and what it has already done, in its own words. Advice that comes with every notice is left out.

use crate::fields::{Field, Key, is_labelled};
use crate::table::Row;
use crate::text::{Sentence, has_word, is_capitals, normal, push_new, starts_item, word_positions};

/// A message that asks for more than this many things is none of AWS's.
const MOST: usize = 100;

/// What AWS asks for: labelled actions first, then the sentences that ask for an answer or an act, then numbered steps.
pub(crate) fn required_actions(own: &str, sentences: &[Sentence], fields: &[Field]) -> Vec<String> {
    let mut found = Vec::new();
    for field in
        fields.iter().filter(|f| f.key == Key::RequiredAction || (f.key == Key::Action && !has_happened(&f.value) && asks(&f.value)))
    {
        for item in field.value.lines() {
            push_new(&mut found, item.trim().to_owned());
        }
    }
    for sentence in sentences {
        if found.len() >= MOST {
            break;
        }
        if asks(&sentence.text) && !is_labelled(&sentence.text) && !heads_list(&sentence.text) {
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

/// Words that make a sentence advice or courtesy, whatever else it says.
const NO_ASK: &[&str] = &[
    "user guide",
    "following link",
    "for more information",
    "for further information",
    "learn more",
    "please note",
    "please see",
    "please visit",
    "please refer",
    "please find attached",
    "please find below",
    "please find enclosed",
    "please find more",
    "please be aware",
    "please be advised",
    "please accept",
    "please do not hesitate",
    "please don't hesitate",
    "hesitate to",
    "we recommend",
    "we strongly recommend",
    "it is recommended",
    "best practice",
    "how do i",
    "what should i",
    "why did i",
    "why am i",
    "can i ",
    "you can also",
    "if you have any questions",
    "if you have questions",
    "verify the sender",
    "originated from outside",
    "review the information provided below",
    "review the information",
    "not reply to this message",
    "question to you",
    "questions to you",
    "you some questions",
    "you a few questions",
    "do not reply to this email",
];

/// Words with which somebody is asked or obliged.
const ASKS: &[&str] = &[
    "please",
    "kindly",
    "you must",
    "you need to",
    "you have to",
    "you will need to",
    "you'll need to",
    "you are required to",
    "you are asked to",
    "you're asked to",
    "you are requested to",
    "we ask you",
    "we ask which you",
    "we also ask",
    "we further ask",
    "we expect a",
    "we expect you to",
    "we urge you",
    "we need a",
    "we also need",
    "we further need",
    "see to it",
    "reply is needed",
    "answer is needed",
    "reply is required",
    "also required to",
    "also asked to",
    "must name",
    "must say",
    "must tell",
    "must state",
    "must explain",
    "must describe",
    "must include",
    "must contain",
    "we ask for",
    "we're asking you",
    "we are asking you",
    "we request",
    "we'd like",
    "we also need to know",
    "we would like",
    "we require",
    "we need you",
    "we need to know",
    "we need the following",
    "we still need",
    "necessary which you",
    "would you",
    "could you",
    "let us know",
    "tell us",
    "write back",
    "write us back",
    "get back to us",
    "report back",
    "answer us",
    "respond to us",
    "reply directly",
    "must contact",
    "must respond",
    "must reply",
    "must be answered",
    "required action:",
];

/// Verbs that begin an order.
const ORDERS: &[&str] = &[
    "stop",
    "file",
    "inform",
    "make",
    "ensure",
    "determine",
    "rebuild",
    "reinstall",
    "restore",
    "put",
    "look",
    "check",
    "review",
    "create",
    "verify",
    "reply",
    "respond",
    "answer",
    "explain",
    "take",
    "remove",
    "tell",
    "isolate",
    "delete",
    "investigate",
    "provide",
    "confirm",
    "restrict",
    "describe",
    "send",
    "close",
    "rotate",
    "secure",
    "find",
    "contact",
    "disable",
    "remediate",
    "clean",
    "terminate",
    "patch",
    "update",
    "identify",
    "state",
    "list",
    "include",
    "change",
    "deactivate",
    "submit",
    "complete",
    "resolve",
    "fix",
    "block",
    "shut",
    "let",
    "write",
    "report",
    "give",
    "end",
    "acknowledge",
    "attach",
    "correct",
    "revoke",
    "reset",
    "turn",
    "limit",
    "quarantine",
];

/// Whether a sentence of AWS's asks for an answer or an act.
pub(crate) fn asks(sentence: &str) -> bool {
    let plain = normal(sentence);
    let bare = plain.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '*' | '-' | '•' | ' ' | '.' | ')' | '('));
    // "b) Let us know": items by letters.
    let bare = bare.strip_prefix(|c: char| c.is_ascii_lowercase()).and_then(|rest| rest.strip_prefix(") ")).unwrap_or(bare);
    if bare.is_empty() || is_capitals(sentence.trim()) || NO_ASK.iter().any(|words| bare.contains(words)) && !bare.contains("see to it") {
        return false;
    }
    if bare.ends_with('?') && bare.split_whitespace().count() > 2 {
        return true;
    }
    ASKS.iter().any(|words| has_word(bare, words)) || orders(bare)
}

/// Whether a sentence, or its main clause behind an `if` or a `then`, begins with an order.
fn orders(bare: &str) -> bool {
    let mut rest = bare;
    for lead in [
        "then ",
        "also ",
        "first, ",
        "next, ",
        "finally, ",
        "lastly, ",
        "afterwards, ",
        "after which, ",
        "after that, ",
        "in both cases, ",
        "in either case, ",
        "in any case, ",
        "and ",
        "do ",
        "in your reply, ",
        "in your answer, ",
        "in it, ",
        "in both cases ",
    ] {
        rest = rest.strip_prefix(lead).unwrap_or(rest);
    }
    if rest.starts_with("if ") || rest.starts_with("when ") || rest.starts_with("once ") || rest.starts_with("to ") {
        return rest.split([',', ';']).skip(1).any(|clause| orders(clause.trim_start()));
    }
    let mut words = rest.split(|c: char| !c.is_ascii_alphabetic());
    let first = words.next().unwrap_or_default();
    // "Update: …" and "Stop & Shop" are no orders: a word follows directly.
    ORDERS.contains(&first) && rest.get(first.len()..).is_some_and(|r| r.starts_with(' ') && !r.trim_start().starts_with(['&', '-', ':']))
}

/// "Please do the following:" only heads the list that follows.
fn heads_list(sentence: &str) -> bool {
    const LISTS: [&str; 9] = [
        "following",
        "two things",
        "three things",
        "these things",
        "these steps",
        "these questions",
        "questions:",
        "we need to know",
        "need from you",
    ];
    let plain = normal(sentence);
    plain.ends_with(':') && (!has_word(&plain, "please") || LISTS.iter().any(|w| plain.contains(w)))
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

/// What can have been done to a resource.
const MEASURES: &[&str] = &[
    "blocked",
    "limited",
    "restricted",
    "suspended",
    "paused",
    "disabled",
    "revoked",
    "removed",
    "reduced",
    "quarantined",
    "deactivated",
    "isolated",
    "stopped",
    "throttled",
    "blackholed",
    "terminated",
    "lowered",
    "withdrawn",
    "locked",
    "null-routed",
    "attached",
    "applied",
    "shut",
    "taken",
    "placed",
    "filtered",
    "put",
];

fn is_done(text: &str) -> bool {
    const DONE: [&str; 5] =
        ["awscompromisedkeyquarantine", "awsexposedcredentialpolicy", "blackholed", "null routed", "administratively disabled"];
    const AUXILIARIES: [&str; 15] = [
        "has been",
        "have been",
        "we have",
        "we've",
        "aws has",
        "has now been",
        "is now",
        "are now",
        "is currently",
        "are currently",
        "was",
        "were",
        "we",
        "are",
        "is",
    ];
    let plain = normal(text);
    let bare = plain.trim_start_matches(['*', '-', '•', ' ']);
    let announces = [
        "may ",
        "might ",
        "could ",
        "will be",
        "we will",
        "we'll",
        " if ",
        "failure to",
        "can be ",
        "would ",
        "not been",
        "unless ",
        "have not ",
        "haven't ",
        "has not ",
    ]
    .iter()
    .any(|w| bare.contains(w))
        || bare.starts_with("if ");
    if announces || bare.ends_with('?') {
        return false;
    }
    let outgoing = (bare.contains("outgoing port") || bare.contains("outbound port")) && bare.contains("blocked");
    let begins = ["blocked ", "suspended ", "limited ", "restricted ", "revoked ", "paused ", "disabled ", "quarantined "]
        .iter()
        .any(|w| bare.starts_with(w));
    let ends = has_word(bare, "blocked") && bare.ends_with("blocked");
    outgoing
        || begins
        || ends
        || DONE.iter().any(|d| bare.contains(d))
        || AUXILIARIES.iter().any(|aux| done_behind(bare, aux))
        || bare.starts_with("we blocked")
        || bare.contains(", we blocked")
        || bare.contains("we suspended")
        || bare.contains("we paused")
        || bare.contains("we limited")
}

/// `we have temporarily limited`: a measure within a few words behind the auxiliary. What the abuse was is no measure.
fn done_behind(bare: &str, auxiliary: &str) -> bool {
    word_positions(bare, auxiliary).any(|at| {
        let behind = bare.get(at + auxiliary.len()..).unwrap_or_default();
        let near: Vec<&str> = behind.split([' ', ',']).filter(|w| !w.is_empty()).take(3).map(|w| w.trim_matches(['.', ';', ':'])).collect();
        let at = near.iter().position(|w| MEASURES.contains(w));
        let followed = |n: usize| near.get(n + 1).copied().unwrap_or_default();
        at.is_some_and(|n| match near.get(n).copied() {
            // "we have taken the following actions" announces; "taken offline" is done.
            Some("taken") => matches!(followed(n), "down" | "offline"),
            Some("attached" | "applied" | "placed") => {
                ["polic", "quarantine", "hold", "restriction", "limit", "block"].iter().any(|w| bare.contains(w))
                    && !bare.contains("report")
            }
            Some("removed") if ["block", "restriction", "limit", "quarantine"].iter().any(|w| bare.contains(w)) => false,
            Some("put") => bare.contains("on hold"),
            Some("stopped") => bare.contains("we ") || bare.contains("aws") || bare.contains("instances are stopped"),
            Some("removed") => !bare.contains("you have removed"),
            _ => true,
        })
    })
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
