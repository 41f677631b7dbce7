//! Plans over hand-made cases; the script has its own file.

use abate_model::{
    Authenticity, AuthenticityVerdict, Category, CauseKind, Cite, Claim, Deadline, DeadlineBasis, EntityKind, Factor, Locator, NoticeKind,
    Remote, ReportedActivity, Resource, ResourceKind, Severity, ZoneCertainty,
};

use super::*;

mod script;

const HOST: &str = "i-0123456789abcdef0";

pub(super) fn notice(kind: ResourceKind, id: &str, category: Category) -> Notice {
    let at = "2026-11-01T00:00:00Z".parse().unwrap();
    let reported = ReportedActivity {
        id: "r1".into(),
        category,
        resource: Some(id.into()),
        from: Some(at),
        to: Some(at),
        zone: Some("UTC".into()),
        zone_certainty: ZoneCertainty::Stated,
        remote: vec![Remote { address: Some("198.51.100.7".into()), port: Some(22), protocol: None }],
        urls: vec![],
        text: String::new(),
    };
    Notice {
        schema: "abate.notice/1".into(),
        kind: NoticeKind::First,
        category,
        account_id: Some("111122223333".into()),
        regions: vec!["ap-northeast-1".into()],
        resources: vec![Resource { kind, id: id.into(), addresses: vec![], masked: abate_model::is_masked(id) }],
        case_number: None,
        reported: vec![reported],
        required_actions: vec![],
        mitigations: vec![],
        deadline: Deadline { at, basis: DeadlineBasis::FromDate },
        authenticity: Authenticity { verdict: AuthenticityVerdict::NotChecked, reasons: vec![], signatures: None },
        reporter: None,
        family: abate_model::Family::Unrecognised,
        channel: abate_model::Channel::Pasted,
        reports: vec![],
        references: vec![],
        communication_id: None,
        unread: vec![],
        subject: None,
        from: None,
        to: None,
        message_id: Some("m".into()),
        date: Some(at),
        received_at: at,
        body: String::new(),
        sha256: String::new(),
    }
}

pub(super) fn host(category: Category) -> Notice {
    notice(ResourceKind::Ec2Instance, HOST, category)
}

fn cite() -> Cite {
    Cite { source: "x".into(), locator: Locator::Record { n: 0 } }
}

pub(super) fn finding(id: &str, claim: Claim, names: &[(EntityKind, &str)]) -> Finding {
    let mut finding = Finding::new(claim, Severity::High, Text::same("t"), Text::same("d"), cite());
    finding.id = id.into();
    names.iter().for_each(|(kind, value)| finding.names(*kind, *value));
    finding
}

fn cause(kind: CauseKind, confidence: f64) -> Hypothesis {
    Hypothesis {
        class: kind.class(),
        kind,
        factor: Factor::None,
        factor_reason: Text::same(""),
        confidence,
        prior: 0.0,
        story: Text::same(""),
        support: vec![],
        against: vec![],
        missing: vec![],
    }
}

/// The plan, which is sound and leaves no mark in a text.
pub(super) fn plan(notice: &Notice, findings: &[Finding], causes: &[Hypothesis]) -> Plan {
    let plan = propose(&Input { notice, findings, verdicts: &[], causes, profile: &AccountProfile::default() });
    assert_eq!(check(&plan), Vec::<String>::new());
    for step in &plan.steps {
        for text in [&step.title, &step.done_text, &step.why, &step.risk, &step.how] {
            assert!(!text.en.is_empty() && !text.ja.is_empty(), "{}", step.id);
        }
        for text in [&step.title, &step.done_text, &step.why, &step.risk, &step.undo, &step.how] {
            let marks = ["{t}", "{it}", "{region}", "{user}", "{port}"];
            assert!(marks.iter().all(|mark| !text.en.contains(mark) && !text.ja.contains(mark)), "{}", step.id);
        }
    }
    plan
}

pub(super) fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|s| s.id.as_str()).collect()
}

fn has(plan: &Plan, wanted: &[&str]) {
    for id in wanted {
        assert!(ids(plan).contains(id), "{id} is missing: {:?}", ids(plan));
    }
}

#[test]
fn a_notice_alone_preserves_isolates_collects_and_answers_and_destroys_nothing() {
    let plan = plan(&host(Category::PortScan), &[], &[]);
    assert_eq!(
        ids(&plan),
        vec![
            "preserve-first.i-0123456789abcdef0",
            "isolate-instance.i-0123456789abcdef0",
            "block-egress-port.22",
            "collect-evidence",
            "answer-aws",
            "restrict-egress.i-0123456789abcdef0",
            "enable-guardduty",
            "enable-cloudtrail",
            "enable-flow-logs",
            "review-exposure",
            "budget-alarm",
            "security-contact",
        ]
    );
    assert!(plan.steps.iter().all(|s| s.state == StepState::Proposed && s.findings.is_empty()));
    let isolate = plan.step("isolate-instance.i-0123456789abcdef0").unwrap();
    assert!(isolate.how.en.contains("--instance-id i-0123456789abcdef0 --groups SG") && isolate.how.en.contains("--region ap-northeast-1"));
    assert!(isolate.how.en.contains("revoke-security-group-egress") && isolate.risk.en.contains("tracked"));
    assert!(isolate.title.ja.contains("セキュリティグループでインスタンス i-0123456789abcdef0 を隔離する"));
}

#[test]
fn a_broken_login_calls_for_a_new_host_and_an_end_of_passwords() {
    let broken = plan(&host(Category::Intrusion), &[finding("f3", Claim::SshLoginAfterBruteForce, &[])], &[]);
    has(&broken, &["rebuild-from-clean.i-0123456789abcdef0", "rotate-credentials", "disable-ssh-passwords", "close-login-ports"]);
    assert_eq!(broken.step("disable-ssh-passwords").unwrap().findings, vec!["f3"]);
    let guessing = Finding { severity: Severity::Low, ..finding("f1", Claim::SshBruteForce, &[]) };
    assert!(!ids(&plan(&host(Category::Intrusion), &[guessing], &[])).contains(&"disable-ssh-passwords"));
}

#[test]
fn a_leaked_key_is_deactivated_before_it_is_deleted_and_its_user_is_denied() {
    let arn = "arn:aws:iam::111122223333:user/ci/deploy";
    let key = finding("f1", Claim::KeyUsedFromNewPlace, &[(EntityKind::Principal, arn), (EntityKind::AccessKey, "AKIAIOSFODNN7EXAMPLE")]);
    let user = finding("f2", Claim::NewIamUser, &[(EntityKind::Principal, arn), (EntityKind::User, "mallory")]);
    let ses = finding("f4", Claim::SesAbuse, &[(EntityKind::AccessKey, "AKIAIOSFODNN7EXAMPLE")]);
    let notice = notice(ResourceKind::AccessKey, "AKIAIOSFODNN7EXAMPLE", Category::CompromisedCredentials);
    let plan = plan(&notice, &[key, user, ses], &[]);
    has(
        &plan,
        &[
            "deactivate-access-key.AKIAIOSFODNN7EXAMPLE",
            "attach-deny-all.deploy",
            "remove-intruder-iam.user/mallory",
            "pause-ses-sending",
            "keys-to-roles",
            "rotate-credentials",
        ],
    );
    let step = plan.step("deactivate-access-key.AKIAIOSFODNN7EXAMPLE").unwrap();
    assert!(step.how.en.contains("--user-name deploy") && step.findings == ["f1", "f4"], "{step:?}");
    assert!(
        plan.step("remove-intruder-iam.user/mallory").unwrap().title.ja.starts_with("権限なく作成・変更された IAM ユーザー mallory を")
    );
    let place = |id: &str| ids(&plan).iter().position(|s| *s == id);
    assert!(place("deactivate-access-key.AKIAIOSFODNN7EXAMPLE") < place("delete-access-key.AKIAIOSFODNN7EXAMPLE"));
    assert_eq!(ids(&plan)[0], "preserve-logs", "there is no host to keep");
    assert!(!ids(&plan).iter().any(|id| id.starts_with("isolate-instance") || id.starts_with("preserve-first")));
}

#[test]
fn stolen_role_credentials_are_revoked_and_the_metadata_service_is_closed() {
    let arn = "arn:aws:sts::111122223333:assumed-role/web-role/i-0123456789abcdef0";
    let used = finding("f1", Claim::InstanceCredentialsUsedOutside, &[(EntityKind::Principal, arn)]);
    has(
        &plan(&host(Category::CompromisedCredentials), &[used], &[]),
        &["revoke-role-sessions.web-role", "require-imdsv2", "rotate-credentials"],
    );
}

#[test]
fn a_stolen_console_password_is_disabled_for_whoever_has_it() {
    let user = finding("f1", Claim::SuspiciousConsoleLogin, &[(EntityKind::User, "alice")]);
    let root = finding("f1", Claim::SuspiciousConsoleLogin, &[(EntityKind::User, "the root user")]);
    let category = Category::CompromisedCredentials;
    has(&plan(&host(category), &[user], &[]), &["disable-console-login.alice", "require-mfa"]);
    let plan = plan(&host(category), &[root], &[]);
    assert!(plan.step("disable-console-login").unwrap().title.en.starts_with("Disable the console password of the user concerned"));
}

#[test]
fn what_an_intruder_launched_is_snapshotted_stopped_and_only_then_terminated() {
    let launch = finding("f1", Claim::UnusualInstanceLaunch, &[(EntityKind::Instance, "i-0bad"), (EntityKind::Region, "sa-east-1")]);
    let good = plan(&host(Category::CryptoMining), &[launch], &[]);
    has(&good, &["preserve-first.i-0bad", "stop-not-terminate.i-0bad", "remove-intruder-instances.i-0bad"]);
    assert!(good.step("remove-intruder-instances.i-0bad").unwrap().how.en.contains("terminate-instances --region sa-east-1"));
    let without: Vec<Step> = good.steps.iter().filter(|s| s.id != "preserve-first.i-0bad").cloned().collect();
    assert!(check(&Plan::new(without)).iter().any(|p| p.contains("no snapshot")));
}

#[test]
fn categories_without_findings_call_for_their_own_steps() {
    for (category, wanted) in [
        (Category::Phishing, "take-down-content"),
        (Category::OpenProxy, "close-open-proxy"),
        (Category::OpenResolver, "close-open-resolver"),
        (Category::Vulnerability, "close-security-group"),
        (Category::Spam, "block-egress-port.25"),
    ] {
        has(&plan(&host(category), &[], &[]), &[wanted]);
    }
    let mut web = host(Category::Intrusion);
    web.reported[0].remote[0].port = Some(443);
    assert!(!ids(&plan(&web, &[], &[])).iter().any(|id| id.starts_with("block-egress-port")), "a subnet cannot do without it");
    let group = finding("f1", Claim::ServiceOpenToWorld, &[(EntityKind::Resource, "sg-0abc"), (EntityKind::Port, "6379")]);
    let closed = plan(&host(Category::Vulnerability), &[group], &[]);
    assert!(closed.step("close-security-group.sg-0abc").unwrap().how.en.contains("--port 6379"));
}

#[test]
fn a_wrong_report_calls_for_keeping_the_proof_and_answering_only() {
    let recycled = finding("f1", Claim::AddressNotYetOurs, &[]);
    let quiet = plan(&host(Category::PortScan), std::slice::from_ref(&recycled), &[cause(CauseKind::RecycledAddress, 0.9)]);
    assert_eq!(ids(&quiet), vec!["keep-proof", "answer-aws", "security-contact"]);
    assert_eq!(quiet.steps[0].findings, vec!["f1"]);
    let doubtful = plan(&host(Category::PortScan), &[recycled], &[cause(CauseKind::RecycledAddress, 0.4)]);
    has(&doubtful, &["isolate-instance.i-0123456789abcdef0"]);

    // As it is read back from a case: only evidence makes a new one.
    let verdict = serde_json::json!({
        "reported": "r1", "verdict": "contradicted", "why": Text::same(""), "coverage": [], "evidence": [cite()], "findings": []
    });
    let verdict: VerdictReport = serde_json::from_value(verdict).unwrap();
    let (notice, profile) = (host(Category::PortScan), AccountProfile::default());
    let input = Input { notice: &notice, findings: &[], verdicts: &[verdict], causes: &[], profile: &profile };
    assert_eq!(ids(&propose(&input)), vec!["keep-proof", "answer-aws", "security-contact"]);
}

#[test]
fn a_forwarding_proxy_is_closed_although_others_used_it() {
    let forwarding = finding("f1", Claim::ProxyForwarding, &[]);
    has(&plan(&host(Category::Intrusion), &[forwarding], &[cause(CauseKind::ForwardingProxy, 0.9)]), &["close-open-proxy"]);
}

#[test]
fn legitimate_use_is_confirmed_and_a_crawler_behaves() {
    let plan = plan(&host(Category::Crawling), &[], &[cause(CauseKind::OwnCrawler, 0.8)]);
    assert_eq!(ids(&plan), vec!["confirm-legitimate-use", "crawler-manners", "answer-aws", "security-contact"]);
}

#[test]
fn a_doubtful_sender_is_verified_first() {
    let mut notice = host(Category::PortScan);
    notice.authenticity.verdict = AuthenticityVerdict::Forged;
    assert_eq!(ids(&plan(&notice, &[], &[]))[0], "verify-sender");
}

#[test]
fn a_bad_plan_is_seen() {
    let good = plan(&host(Category::Phishing), &[finding("f1", Claim::WebshellAccess, &[])], &[]);
    let mut steps = good.steps.clone();
    steps.reverse();
    steps.push(steps[0].clone());
    let problems = check(&Plan::new(steps));
    for word in ["twice", "before the evidence is preserved", "earlier phase"] {
        assert!(problems.iter().any(|p| p.contains(word)), "{word}: {problems:?}");
    }
}

#[test]
fn actions_are_told_apart_and_a_letter_can_tell_of_each() {
    let mut seen = std::collections::BTreeSet::new();
    for action in actions::all() {
        assert!(seen.insert(action.id), "{} stands twice", action.id);
        assert!(action.done_text.en.is_ascii() && action.title.en.is_ascii(), "{}: a letter is plain ASCII", action.id);
        assert!(action.done_text.en.starts_with("We ") || action.done_text.en.starts_with("Before "), "{}", action.id);
        assert!(action.done_text.en.ends_with('.') && action.done_text.ja.ends_with('。'), "{}", action.id);
        assert!(!action.title.en.ends_with('.') && action.title.en.len() < 160, "{}", action.id);
    }
}
