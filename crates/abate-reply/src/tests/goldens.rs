//! Each kind of letter, read as its reader would.

use abate_model::LetterKind;

use super::*;

fn english(case: &Case) -> String {
    flat(&case.letter().body(Lang::En))
}

fn contained() -> Case {
    let mut case = ssh();
    case.done("preserve-first.i-0123456789abcdef0");
    case.done("isolate-instance.i-0123456789abcdef0");
    case
}

fn own() -> Case {
    let mut case = ssh();
    case.notice.kind = NoticeKind::SelfFound;
    (case.notice.subject, case.notice.from, case.notice.case_number) = (None, None, None);
    case.notice.mitigations.clear();
    case
}

fn says(text: &str, wanted: &[&str]) {
    for part in wanted {
        assert!(text.contains(part), "'{part}' is missing in:\n{text}");
    }
}

/// `cargo test -p abate-reply read_aloud -- --nocapture` prints the letters for a person to read.
#[test]
fn read_aloud_every_letter_is_sound() {
    let cases =
        [("bare", bare()), ("ssh", ssh()), ("contained", contained()), ("recycled", recycled()), ("crawler", crawler()), ("own", own())];
    for (name, case) in cases {
        let letter = case.letter();
        let (en, ja) = (letter.body(Lang::En), letter.body(Lang::Ja));
        println!("===== {name}: {:?}\nTo: {:?}\nSubject: {}\n\n{en}\n-----\n{ja}", letter.kind, letter.to, letter.subject);
        assert!(letter.lint.iter().all(|n| !n.error), "{name}: {:?}", letter.lint);
        assert!(en.is_ascii() && en.len() <= MAX_CHARS && letter.paragraphs.iter().all(Paragraph::is_grounded));
        assert_eq!(letter.sha256, sha256_hex(en.as_bytes()));
        assert!(en.lines().all(|line| line.len() <= COLUMNS), "{name}");
        assert!(letter.paragraphs.iter().all(|p| !p.text.ja.is_ascii()), "{name}: untranslated");
        assert_eq!(letter, case.letter(), "{name}: the same case gives the same letter");
    }
}

#[test]
fn the_notice_alone_gets_an_interim_letter_that_claims_nothing() {
    let letter = bare().letter();
    assert_eq!(letter.kind, LetterKind::Interim);
    assert!(letter.paragraphs.iter().all(|p| p.formal));
    says(
        &flat(&letter.body(Lang::En)),
        &[
            "Case number: 12345678901-1 AWS account: 111122223333 Region: ap-northeast-1 Resource: i-0123456789abcdef0 (203.0.113.10)",
            "We ask for an extension until 2026-11-05 01:00:00 UTC for our full answer. Reason: we still have to obtain and examine VPC Flow Logs around the reported time.",
            "We have not yet determined the root cause.",
            "Still needed: VPC Flow Logs that cover the reported time.",
            "No corrective measure is complete yet.",
            "We have not yet done the following; it is planned: - Preserve",
            "do not ask you to remove them yet: - Blocked OUTBOUND TCP traffic",
            "Regards, [name] for AWS account 111122223333",
        ],
    );
}

#[test]
fn a_known_cause_without_measures_stays_interim_and_says_so() {
    let letter = ssh().letter();
    assert_eq!(letter.kind, LetterKind::Interim);
    says(
        &flat(&letter.body(Lang::En)),
        &[
            "The evidence shows how this came about. A password for SSH was guessed",
            "198.51.100.200 signed in to web1 as 'deploy' by password after 134 failed guesses, first at 2026-11-01 01:58:40 UTC.",
            "What made it possible: SSH accepted passwords",
            "- 2026-11-01 02:01:10 UTC: 203.0.113.10 contacted 192.0.2.66 port 4444 every 60 seconds",
            "Our own logs confirm the reported port scanning of remote hosts: - our host contacted 812 remote hosts",
            "2026-11-01 02:05:00 UTC to 2026-11-01 04:40:00 UTC (3240 records)",
            "network flow logs of eni-0abc, 2026-10-31 00:00:00 UTC to 2026-11-02 00:00:00 UTC, 1200 records, no gaps",
            "Reason: the measures named below as open are not complete.",
        ],
    );
    assert_eq!(flat(&letter.body(Lang::En)).matches("134 failed guesses").count(), 1, "nothing is told twice");
    let cause = letter.paragraphs.iter().find(|p| p.text.en.starts_with("The evidence")).unwrap();
    assert_eq!(cause.findings, vec!["f1", "f2", "f3"]);
}

#[test]
fn doubt_is_said() {
    let mut doubtful = ssh();
    doubtful.causes[0].confidence = 0.6;
    says(&english(&doubtful), &["The evidence points to the following cause, which is not proved beyond doubt.", "What probably made it"]);
    doubtful.causes[0].confidence = 0.4;
    let unsure = english(&doubtful);
    says(&unsure, &["We have not yet determined the root cause.", "whose connection with the report is not established yet"]);
    assert!(!unsure.contains("A password for SSH was guessed"));
    doubtful.notice.reported[0].zone_certainty = ZoneCertainty::Unknown;
    says(&english(&doubtful), &["the match in time is uncertain by some hours"]);
}

#[test]
fn what_matters_being_done_makes_it_resolved_and_asks_to_lift_the_block() {
    let letter = contained().letter();
    assert_eq!(letter.kind, LetterKind::Resolved);
    let text = flat(&letter.body(Lang::En));
    says(
        &text,
        &[
            "- 2026-11-02 05:30:00 UTC: Before changing anything, we took snapshots of instance i-0123456789abcdef0. - 2026-11-02 05:30:00 UTC: We isolated",
            "We have not yet done the following; it is planned: - Rebuild the service",
            "Please remove the restrictions that you have placed on us in this matter: - Blocked OUTBOUND TCP traffic from instance to remote hosts on port 22",
        ],
    );
    assert!(!text.contains("Hanako") && !text.contains("extension") && !text.contains("Send the letter"));
    let done = letter.paragraphs.iter().find(|p| !p.steps.is_empty()).unwrap();
    assert_eq!(done.steps, vec!["preserve-first.i-0123456789abcdef0", "isolate-instance.i-0123456789abcdef0"]);
}

#[test]
fn what_matters_being_open_keeps_it_interim() {
    let mut only_kept = ssh();
    only_kept.done("preserve-first.i-0123456789abcdef0");
    only_kept.done("disable-ssh-passwords");
    assert_eq!(only_kept.letter().kind, LetterKind::Interim, "the host still talks");
    let mut left_behind = contained();
    let mut steps = left_behind.plan.steps.clone();
    let texts = [("Remove IAM user mallory", "削除する"), ("We removed IAM user mallory.", "削除しました。")];
    steps.push(step("remove-intruder-iam", Some("user/mallory"), Phase::Eradicate, texts));
    left_behind.plan = Plan::new(steps);
    assert_eq!(left_behind.letter().kind, LetterKind::Interim, "the intruder's user is still there");
    left_behind.done("remove-intruder-iam.user/mallory");
    assert_eq!(left_behind.letter().kind, LetterKind::Resolved);
    let mut second = contained();
    let mut steps = second.plan.steps.clone();
    steps.push(step(
        "isolate-instance",
        Some("i-0bbb"),
        Phase::Contain,
        [("Isolate i-0bbb", "隔離する"), ("We isolated i-0bbb.", "隔離しました。")],
    ));
    second.plan = Plan::new(steps);
    assert_eq!(second.letter().kind, LetterKind::Interim, "one of two hosts still talks");
}

#[test]
fn a_step_that_nobody_recorded_is_never_claimed() {
    for case in [bare(), ssh(), recycled(), crawler(), own()] {
        let text = english(&case);
        for step in &case.plan.steps {
            assert!(!text.contains(step.done_text.en.trim_end_matches('.')), "{}", step.id);
        }
        assert!(case.letter().paragraphs.iter().all(|p| p.steps.is_empty()));
    }
}

#[test]
fn a_wrong_report_is_answered_with_the_proof() {
    let letter = recycled().letter();
    assert_eq!(letter.kind, LetterKind::FalseAttribution);
    says(
        &flat(&letter.body(Lang::En)),
        &[
            "203.0.113.10 became ours only at 2026-11-01 09:00:00 UTC, after the reported time.",
            "Please check which customer held the address at the reported time.",
        ],
    );
    assert_eq!(letter.paragraphs[1].findings, vec!["f1"], "even the first sentence rests on the proof");
    let mut half = recycled();
    let mut second = half.notice.reported[0].clone();
    second.id = "r2".into();
    half.notice.reported.push(second);
    half.verdicts.push(VerdictReport::not_seen("r2", Text::same("no"), looked()));
    let letter = half.letter();
    assert_eq!(letter.kind, LetterKind::Interim, "one of two is not proved");
    says(&flat(&letter.body(Lang::En)), &["did not find it. We do not take that as proof that it did not happen."]);
    let negative = letter.paragraphs.iter().find(|p| flat(&p.text.en).contains("did not find it")).unwrap();
    assert_eq!(negative.evidence[0].locator, Locator::Bytes { offset: 0, length: 4096 }, "it rests on the whole source");
}

#[test]
fn a_registered_use_needs_evidence_or_a_persons_word() {
    let seen = crawler().letter();
    assert_eq!(seen.kind, LetterKind::NotAbuse);
    says(&flat(&seen.body(Lang::En)), &["price comparison crawler ExampleBot", "https://www.example.com/bot.", "left out of it"]);

    let mut unseen = crawler();
    (unseen.verdicts, unseen.findings) = (bare().verdicts, Vec::new());
    unseen.causes[0].support.clear();
    assert_eq!(unseen.letter().kind, LetterKind::Interim);
    says(&english(&unseen), &["We run the following legitimate work in this account", "We are checking whether the report is about it."]);
    assert!(unseen.letter().paragraphs.iter().all(Paragraph::is_grounded));
    unseen.done("confirm-legitimate-use");
    let confirmed = unseen.letter();
    assert_eq!(confirmed.kind, LetterKind::NotAbuse);
    assert!(confirmed.paragraphs.iter().all(Paragraph::is_grounded));
    says(&flat(&confirmed.body(Lang::En)), &["The owner of the workload confirmed this at 2026-11-02 05:30:00 UTC."]);
}

#[test]
fn what_we_found_ourselves_is_reported() {
    let letter = own().letter();
    assert_eq!(letter.kind, LetterKind::OwnReport);
    assert_eq!(letter.subject, "Report of unauthorized activity in our AWS account 111122223333");
    assert_eq!(letter.to.as_deref(), Some("trustandsafety@support.aws.com"));
    says(
        &flat(&letter.body(Lang::En)),
        &["that we found ourselves", "Activity: port scanning", "Our logs show the port scanning of remote hosts:"],
    );
}

#[test]
fn subject_and_addressee() {
    let subject = |subject: &str| {
        let mut case = ssh();
        case.notice.subject = Some(subject.into());
        case.letter().subject
    };
    assert_eq!(subject("Your AWS Abuse Report [1]"), "Re: Your AWS Abuse Report [1]");
    assert_eq!(subject("RE: Your AWS Abuse Report [1]"), "RE: Your AWS Abuse Report [1]");
    assert_eq!(subject("Fwd: 転送: RE: Your AWS Abuse Report [1]"), "RE: Your AWS Abuse Report [1]");
    assert_eq!(subject("Your AWS\r\nBcc: x@example.com"), "Re: Your AWS Bcc: x@example.com");
    let mut none = ssh();
    none.notice.subject = None;
    assert_eq!(none.letter().subject, "Re: Your AWS Abuse Report [12345678901-1]");

    let to = |from: Option<&str>, verdict: AuthenticityVerdict| {
        let mut case = ssh();
        case.notice.from = from.map(str::to_owned);
        case.notice.authenticity.verdict = verdict;
        case.letter().to
    };
    let safety = Some("trustandsafety@support.aws.com".to_owned());
    assert_eq!(to(Some("ec2-abuse@amazon.com"), AuthenticityVerdict::Plausible).as_deref(), Some("ec2-abuse@amazon.com"));
    for from in [None, Some("no-reply@amazonaws.com"), Some("health@aws.com"), Some("x@notamazon.com"), Some("colleague@example.jp")] {
        assert_eq!(to(from, AuthenticityVerdict::Plausible), safety, "{from:?}");
    }
    assert_eq!(to(Some("ec2-abuse@amazon.com"), AuthenticityVerdict::Forged), safety);
    let mut resold = ssh();
    resold.profile.reseller = Some("ticket at Example Partner".into());
    assert_eq!(resold.letter().to, None);
}

#[test]
fn the_extension_is_a_whole_hour_after_the_deadline_and_stays_the_same() {
    let mut case = bare();
    let first = english(&case);
    case.now = time("2026-11-02T20:59:59Z");
    assert_eq!(english(&case), first);
    case.now = time("2026-11-09T10:20:30Z");
    says(&english(&case), &["extension until 2026-11-11 11:00:00 UTC"]);
    says(&case.letter().body(Lang::Ja), &["2026-11-11 11:00:00 UTC（2026-11-11 20:00 JST）"]);
}

#[test]
fn weaknesses_that_nobody_asked_about_are_not_told() {
    let mut case = ssh();
    case.findings.push(finding("f9", Claim::ServiceOpenToWorld, "2026-11-01T00:00:00Z", ("Security group sg-1 is open on 5432", "開放")));
    case.causes[0].support[0].findings.push("f9".into());
    case.causes[0].confidence = 0.3;
    let texts = [("Switch on GuardDuty in all Regions", "有効にする"), ("We switched on GuardDuty.", "有効にしました。")];
    let mut general = step("enable-guardduty", None, Phase::Prevent, texts);
    general.findings.clear();
    case.plan = Plan::new(vec![general]);
    let text = english(&case);
    assert!(!text.contains("sg-1") && !text.contains("GuardDuty"), "{text}");
}
