//! Letters that an operator edited: what stays grounded, what the lint sees in them, and that a good edit passes.

use super::*;

/// The rules that see a body which the draft's was changed into, without those that see the draft itself.
fn seen(case: &Case, change: impl FnOnce(String) -> String) -> Vec<String> {
    let drafted = case.letter();
    let letter = edited(&drafted, &change(drafted.body(Lang::En)));
    let before: Vec<&String> = drafted.lint.iter().map(|n| &n.rule).collect();
    let notes = case.with(|input| lint(&letter, input));
    notes.into_iter().filter(|n| !before.contains(&&n.rule)).map(|n| format!("{}{}", if n.error { "!" } else { "" }, n.rule)).collect()
}

fn replaced(from: &str, to: &str) -> impl FnOnce(String) -> String {
    let (from, to) = (from.to_owned(), to.to_owned());
    move |body| {
        assert!(body.contains(&from), "{from:?} is not in the letter:\n{body}");
        body.replacen(&from, &to, 1)
    }
}

/// Puts a paragraph below a heading.
fn below(heading: &str, words: &str) -> impl FnOnce(String) -> String {
    let (heading, words) = (heading.to_owned(), words.to_owned());
    move |body| body.replacen(&heading, &format!("{heading}\n\n{words}"), 1)
}

fn sees(case: &Case, change: impl FnOnce(String) -> String, rule: &str) {
    let found = seen(case, change);
    assert!(found.iter().any(|r| r == rule), "{rule} is not among {found:?}");
}

/// Isolated and rebuilt: a letter that resolves the matter.
fn resolved() -> Case {
    let mut case = ssh();
    case.profile.security_address = Some("security@example.com".into());
    for step in ["preserve-first", "isolate-instance", "rebuild-from-clean"] {
        case.done(&format!("{step}.i-0123456789abcdef0"));
    }
    case.done("disable-ssh-passwords");
    assert_eq!(case.letter().kind, LetterKind::Resolved);
    case
}

#[test]
fn what_is_not_touched_stays_as_it_was() {
    for case in [ssh(), resolved(), bare(), recycled(), crawler()] {
        let drafted = case.letter();
        let rewrapped = drafted.body(Lang::En).replace('\n', "\r\n").replace("\r\n\r\n", "\r\n\r\n\r\n");
        let letter = edited(&drafted, &rewrapped);
        assert_eq!(letter.paragraphs, drafted.paragraphs);
        assert_eq!(letter.sha256, drafted.sha256);
        assert_eq!(case.with(|input| lint(&letter, input)), drafted.lint);
    }
}

#[test]
fn a_sentence_taken_out_leaves_the_rest_grounded() {
    let case = resolved();
    let drafted = case.letter();
    let first = drafted.paragraphs.iter().find(|p| p.text.en.starts_with("The evidence shows")).unwrap();
    let kept = crate::sentences::sentences(&first.text.en);
    let body = drafted.body(Lang::En).replacen(first.text.en.as_ref(), &kept[..kept.len() - 1].join(" "), 1);
    let letter = edited(&drafted, &body);
    let paragraph = letter.paragraphs.iter().find(|p| p.text.en.starts_with("The evidence shows")).unwrap();
    assert!(!paragraph.edited && paragraph.findings == first.findings);
    assert!(case.with(|input| lint(&letter, input)).iter().all(|n| !n.error));
}

#[test]
fn own_words_are_marked_and_signed_for() {
    let case = resolved();
    let words = "The host ran a test system that nobody had looked at since its launch.";
    assert_eq!(seen(&case, below("1. Root cause", words)), ["edited"]);
    let drafted = case.letter();
    let letter = edited(&drafted, &drafted.body(Lang::En).replacen("1. Root cause", &format!("1. Root cause\n\n{words}"), 1));
    let own = letter.paragraphs.iter().find(|p| p.edited).unwrap();
    assert!(own.text.en == words && own.text.ja.contains(words) && !own.is_grounded());
    assert_ne!(letter.sha256, drafted.sha256);
}

#[test]
fn a_note_of_a_step_may_be_said() {
    let mut case = resolved();
    let words = "We replaced 14 keys of the deployment users.";
    sees(&case, below("2. Measures taken", words), "!unproved-measure");
    sees(&case, below("2. Measures taken", words), "!unknown-fact");
    let mut steps = case.plan.steps.clone();
    for step in &mut steps {
        if let StepState::Done { note, .. } = &mut step.state {
            *note = Some(words.into());
        }
    }
    case.plan = Plan::new(steps);
    assert_eq!(seen(&case, below("2. Measures taken", words)), ["edited"]);
}

#[test]
fn facts_that_were_changed() {
    let case = resolved();
    sees(&case, replaced("2026-11-01 01:58:40 UTC", "2026-11-01 03:58:40 UTC"), "!unknown-fact");
    sees(&case, replaced("198.51.100.200", "198.51.100.201"), "!unknown-fact");
    sees(&case, replaced("Resource: i-0123456789abcdef0", "Resource: i-0123456789abcdef1"), "!unknown-fact");
    sees(&case, replaced("111122223333", "111122223334"), "!unknown-fact");
    sees(&case, replaced("ap-northeast-1", "ap-northeast-2"), "!unknown-fact");
    sees(&case, replaced("812 remote", "81 remote"), "!unknown-fact");
    // Another fact of the same case in its place.
    sees(&case, replaced("2026-11-01 01:58:40 UTC", "2026-11-01 02:05:00 UTC"), "!altered-fact");
    sees(&case, replaced("Resource: i-0123456789abcdef0", "Resource: eni-0123456789abcdef0"), "!unknown-fact");
    sees(&case, replaced("2026-11-01 01:58:40 UTC", "2026-11-01 01:58:40 JST"), "!times-in-utc");
}

#[test]
fn causes_that_are_not_the_evidences() {
    let case = resolved();
    let words = |words: &'static str| below("1. Root cause", words);
    sees(&case, words("The root cause was an access key that had been published in a repository."), "!cause-mismatch");
    sees(&case, words("This was definitely the only way in."), "!overclaim");
    sees(&case, words("No other systems were affected."), "!overclaim");
    sees(&case, words("We are certain of it."), "!overclaim");
    sees(&case, words("The report is a false positive."), "!denial");
    sees(&case, words("While looking we also found outdated packages on other servers."), "unasked");
    let mut unsure = ssh();
    unsure.causes[0].confidence = 0.6;
    sees(&unsure, replaced("points to the following cause, which is not proved beyond\ndoubt.", "shows the cause."), "!overclaim");
    sees(&bare(), replaced("We have not yet determined the root cause.", "Somebody guessed the SSH password."), "!cause-mismatch");
}

#[test]
fn measures_that_nobody_recorded() {
    let case = resolved();
    let words = |words: &'static str| below("2. Measures taken", words);
    for deed in [
        "We rotated all credentials of the account.",
        "All access keys were rotated.",
        "The malware has been removed.",
        "We have also enabled GuardDuty in every Region.",
        "Our team was trained.",
    ] {
        sees(&case, words(deed), "!unproved-measure");
    }
    sees(&case, words("We will review our security groups."), "!promise");
    sees(&case, words("Going forward, patches come every week."), "!promise");
}

#[test]
fn the_form_of_the_letter() {
    let case = resolved();
    let words = |words: &'static str| below("1. Root cause", words);
    let without =
        |start: &'static str| move |body: String| body.split("\n\n").filter(|p| !p.starts_with(start)).collect::<Vec<_>>().join("\n\n");
    sees(&case, without("Our own logs confirm"), "!every-activity");
    sees(&case, replaced("Examined: ", "Looked at: "), "!coverage");
    sees(&case, without("Please remove the restrictions"), "lift");
    sees(&case, without("Regards"), "!signature");
    sees(&case, without("Case number"), "!subject");
    sees(&case, words("See https://paste.example/x for the log."), "!links");
    sees(&case, words("The <b>host</b> is known."), "!links");
    sees(&case, words("Write to hanako.sato@example.com about it."), "!personal-data");
    sees(&case, words("Call +81 3-1234-5678 about it."), "!personal-data");
    sees(&case, words("The password was Winter2026x for the user."), "!secrets");
    sees(&case, words("This is unacceptable and your fault."), "!legal");
    sees(&case, words("The host was found by a scan and then"), "!unfinished");
    sees(&case, words("TODO: ask the team."), "!unfinished");
    sees(
        &case,
        |body| {
            body.replacen(
                "1. Root cause",
                "This is our answer to your report, with the root cause and the measures\ntaken.\n\n1. Root cause",
                1,
            )
        },
        "repeated",
    );
}

#[test]
fn the_way_the_letter_goes() {
    let case = resolved();
    let with = |change: fn(&mut Letter)| {
        let mut letter = case.letter();
        change(&mut letter);
        case.with(|input| lint(&letter, input)).into_iter().filter(|n| n.error).map(|n| n.rule).collect::<Vec<_>>()
    };
    assert_eq!(with(|_| ()), Vec::<String>::new());
    assert_eq!(with(|l| l.to = Some("abuse@attacker.example".into())), ["recipient"]);
    assert_eq!(with(|l| l.from = Some("hanako@example.com".into())), ["from"]);
    assert_eq!(with(|l| l.subject = l.subject.trim_start_matches("Re: ").to_owned()), ["subject"]);
}
