//! Letters of each kind over hand-made cases, read as AWS reads them; and hostile input.

use abate_model::{
    Authenticity, AuthenticityVerdict, Category, CauseKind, Cite, Claim, Contribution, Deadline, DeadlineBasis, Factor, Locator,
    ReportedActivity, Severity, Step, Text, ZoneCertainty,
};
use proptest::prelude::*;

use super::*;

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_793_577_600 + hours * 3600).unwrap()
}

fn cite() -> Cite {
    Cite { source: "evidence/auth.log".into(), locator: Locator::Bytes { offset: 10, length: 80 } }
}

struct World {
    notice: Notice,
    findings: Vec<Finding>,
    verdicts: Vec<VerdictReport>,
    causes: Vec<Hypothesis>,
    plan: Plan,
    profile: AccountProfile,
}

fn step(id: &str, phase: Phase, state: StepState) -> Step {
    Step {
        id: id.into(),
        action: id.into(),
        phase,
        target: None,
        title: Text::fixed("Isolate the host", "ホストを隔離する"),
        done_text: Text::fixed("We isolated the host.", "ホストを隔離しました。"),
        why: Text::same(""),
        risk: Text::same(""),
        undo: Text::same(""),
        how: Text::same(""),
        findings: vec![],
        state,
    }
}

fn world(kind: CauseKind, confidence: f64, done: bool, user: &str) -> World {
    let mut finding = Finding::new(
        Claim::SshLoginAfterBruteForce,
        Severity::Critical,
        Text::new(
            format!("198.51.100.7 signed in as '{user}' after 60 failed guesses"),
            format!("198.51.100.7 が「{user}」としてサインイン"),
        ),
        Text::same(""),
        cite(),
    );
    finding.id = "f1".into();
    finding.first = Some(at(-5));
    let reported = ReportedActivity {
        id: "r1".into(),
        category: Category::PortScan,
        resource: None,
        from: Some(at(-4)),
        to: Some(at(-4)),
        zone: None,
        zone_certainty: ZoneCertainty::Stated,
        remote: vec![],
        urls: vec![],
        text: String::new(),
    };
    let notice = Notice {
        schema: "abate.notice/1".into(),
        kind: NoticeKind::First,
        category: Category::PortScan,
        account_id: Some("111122223333".into()),
        regions: vec!["ap-northeast-1".into()],
        resources: vec![],
        case_number: Some("10000000001".into()),
        reported: vec![reported],
        required_actions: vec![],
        mitigations: vec!["Blocked OUTBOUND TCP traffic on port 22".into()],
        deadline: Deadline { at: at(20), basis: DeadlineBasis::FromDate },
        authenticity: Authenticity { verdict: AuthenticityVerdict::Plausible, reasons: vec![] },
        reporter: None,
        unread: vec![],
        subject: Some("Your AWS Abuse Report [10000000001] [AWS ID 111122223333]".into()),
        from: Some("trustandsafety@support.aws.com".into()),
        to: None,
        message_id: Some("m".into()),
        date: Some(at(-4)),
        received_at: at(0),
        body: String::new(),
        sha256: String::new(),
    };
    let support = vec![Contribution { text: Text::same("s"), weight: 5.0, findings: vec!["f1".into()], evidence: vec![cite()] }];
    let cause = Hypothesis {
        class: kind.class(),
        kind,
        factor: Factor::Misconfiguration,
        factor_reason: Text::fixed("SSH accepted passwords.", "SSH がパスワードを受け付けていた。"),
        confidence,
        prior: 0.0,
        story: Text::fixed("A password for SSH was guessed.", "SSH のパスワードが推測された。"),
        support: if kind == CauseKind::Undetermined { vec![] } else { support },
        against: vec![],
        missing: vec![],
    };
    let state = if done { StepState::Done { by: "Hanako".into(), at: at(-1), note: None } } else { StepState::Proposed };
    let mut verdict = VerdictReport::confirmed("r1", Text::fixed("Our own logs show it.", "ログで確認できる。"), vec![], cite(), []);
    verdict.findings = vec!["f1".into()];
    World {
        notice,
        findings: vec![finding],
        verdicts: vec![verdict],
        causes: vec![cause],
        plan: Plan::new(vec![step("isolate", Phase::Contain, state)]),
        profile: AccountProfile::default(),
    }
}

fn drafted(world: &World) -> Letter {
    let id = world.notice.case_id();
    draft(&input(world, &id))
}

fn input<'a>(world: &'a World, id: &'a CaseId) -> Input<'a> {
    Input {
        case_id: id,
        notice: &world.notice,
        sources: &[],
        coverage: &[],
        findings: &world.findings,
        verdicts: &world.verdicts,
        causes: &world.causes,
        plan: &world.plan,
        next_evidence: &[],
        profile: &world.profile,
        now: at(0),
    }
}

fn errors(letter: &Letter) -> Vec<&str> {
    letter.lint.iter().filter(|n| n.error).map(|n| n.rule.as_str()).collect()
}

#[test]
fn a_contained_case_answers_both_questions_and_asks_to_lift_the_block() {
    let letter = drafted(&world(CauseKind::SshPasswordGuessed, 0.95, true, "deploy"));
    assert_eq!((letter.kind, errors(&letter)), (LetterKind::Resolved, vec![]));
    let body = letter.body(Lang::En);
    for part in [
        "10000000001",
        "1. ROOT CAUSE",
        "The evidence shows",
        "A password for SSH was guessed",
        "2. MEASURES",
        "We isolated the host",
        "Blocked OUTBOUND TCP traffic on port 22",
    ] {
        assert!(body.contains(part), "{part} is missing:\n{body}");
    }
    assert_eq!(letter.subject, "Re: Your AWS Abuse Report [10000000001] [AWS ID 111122223333]");
}

#[test]
fn nothing_is_claimed_that_nobody_did_and_the_rest_is_asked_time_for() {
    let letter = drafted(&world(CauseKind::SshPasswordGuessed, 0.95, false, "deploy"));
    let body = letter.body(Lang::En);
    assert_eq!((letter.kind, errors(&letter)), (LetterKind::Interim, vec![]));
    assert!(!body.contains("We isolated") && body.contains("Planned and not yet done") && body.contains("extension until 2026-"), "{body}");
    assert!(!body.contains("Please lift"), "a block is not asked to be lifted before the way in is closed");
}

#[test]
fn doubt_is_said() {
    let body = drafted(&world(CauseKind::SshPasswordGuessed, 0.6, true, "deploy")).body(Lang::En);
    assert!(body.contains("not yet certain"), "{body}");
    let body = drafted(&world(CauseKind::Undetermined, 0.9, true, "deploy")).body(Lang::En);
    assert!(body.contains("We have not yet determined"), "{body}");
}

#[test]
fn a_wrong_report_is_answered_with_the_proof() {
    let mut world = world(CauseKind::RecycledAddress, 0.99, false, "deploy");
    let proof = abate_model::verdict::Disproof::NotOurs { first: cite(), rest: vec![] };
    world.verdicts = vec![VerdictReport::contradicted(
        "r1",
        Text::fixed("The address became ours only later.", "後で当方のものになった。"),
        vec![],
        proof,
    )];
    let letter = drafted(&world);
    assert_eq!((letter.kind, errors(&letter)), (LetterKind::FalseAttribution, vec![]));
    assert!(letter.body(Lang::En).contains("did not come from us"));
}

#[test]
fn a_statement_without_evidence_and_a_false_claim_are_errors() {
    let world = world(CauseKind::SshPasswordGuessed, 0.95, false, "deploy");
    let id = world.notice.case_id();
    let mut letter = drafted(&world);
    letter.paragraphs.push(abate_model::Paragraph { formal: false, ..paragraphs::formal("The host is clean.", "") });
    letter.paragraphs.push(paragraphs::formal("We isolated the host.", ""));
    letter.kind = LetterKind::Resolved;
    let rules: Vec<String> = lint(&letter, &input(&world, &id)).into_iter().filter(|n| n.error).map(|n| n.rule).collect();
    assert_eq!(rules, vec!["no-evidence", "not-done", "not-contained"]);
}

proptest! {
    #[test]
    fn whatever_the_logs_say_the_letter_is_plain_short_and_grounded(user in "\\PC{0,3000}", confidence in 0.0..1.0_f64, done: bool) {
        let letter = drafted(&world(CauseKind::SshPasswordGuessed, confidence, done, &user));
        let body = letter.body(Lang::En);
        prop_assert!(body.is_ascii() && body.len() <= MAX_CHARS);
        prop_assert!(letter.paragraphs.iter().all(abate_model::Paragraph::is_grounded));
        prop_assert!(!errors(&letter).contains(&"secret"));
    }
}
