//! Plans and the script, over hand-made cases.

use abate_model::{
    Authenticity, AuthenticityVerdict, Category, CauseKind, Cite, Claim, Deadline, DeadlineBasis, EntityKind, Factor, Locator, NoticeKind,
    Resource, ResourceKind, Severity,
};

use super::*;

fn notice(id: &str) -> Notice {
    let at = "2026-11-01T00:00:00Z".parse().unwrap();
    Notice {
        schema: "abate.notice/1".into(),
        kind: NoticeKind::First,
        category: Category::PortScan,
        account_id: Some("111122223333".into()),
        regions: vec!["ap-northeast-1".into()],
        resources: vec![Resource { kind: ResourceKind::Ec2Instance, id: id.into(), addresses: vec![], masked: abate_model::is_masked(id) }],
        case_number: None,
        reported: vec![],
        required_actions: vec![],
        mitigations: vec![],
        deadline: Deadline { at, basis: DeadlineBasis::FromDate },
        authenticity: Authenticity { verdict: AuthenticityVerdict::NotChecked, reasons: vec![] },
        reporter: None,
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

fn finding(claim: Claim) -> Finding {
    let cite = Cite { source: "x".into(), locator: Locator::Record { n: 0 } };
    let mut finding = Finding::new(claim, Severity::High, Text::same("t"), Text::same("d"), cite);
    finding.id = "f1".into();
    finding
}

fn plan(notice: &Notice, findings: &[Finding], causes: &[Hypothesis]) -> Plan {
    propose(&Input { notice, findings, verdicts: &[], causes, profile: &AccountProfile::default() })
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|s| s.id.as_str()).collect()
}

#[test]
fn a_notice_alone_preserves_and_isolates_and_destroys_nothing() {
    let plan = plan(&notice("i-0123456789abcdef0"), &[], &[]);
    assert_eq!(
        ids(&plan),
        vec!["preserve.i-0123456789abcdef0", "isolate-instance.i-0123456789abcdef0", "enable-detection", "security-contact"]
    );
    assert_eq!(check(&plan), Vec::<String>::new());
    assert!(plan.steps.iter().all(|s| s.state == StepState::Proposed));
}

#[test]
fn each_finding_calls_for_its_steps_in_order() {
    let mut key = finding(Claim::KeyUsedFromNewPlace);
    key.names(EntityKind::AccessKey, "AKIAIOSFODNN7EXAMPLE");
    let plan =
        plan(&notice("i-0123456789abcdef0"), &[key, finding(Claim::SshLoginAfterBruteForce), finding(Claim::UnusualInstanceLaunch)], &[]);
    for id in [
        "deactivate-access-key.AKIAIOSFODNN7EXAMPLE",
        "rebuild-from-clean.i-0123456789abcdef0",
        "disable-password-login",
        "remove-intruder-resources",
        "keys-to-roles",
    ] {
        assert!(ids(&plan).contains(&id), "{id} is missing: {:?}", ids(&plan));
    }
    assert_eq!(check(&plan), Vec::<String>::new());
    let phases: Vec<_> = plan.steps.iter().map(|s| s.phase).collect();
    assert!(phases.is_sorted());
}

#[test]
fn a_wrong_report_calls_for_keeping_the_proof_only() {
    let cause = Hypothesis {
        class: CauseKind::RecycledAddress.class(),
        kind: CauseKind::RecycledAddress,
        factor: Factor::None,
        factor_reason: Text::same(""),
        confidence: 0.9,
        prior: 0.0,
        story: Text::same(""),
        support: vec![],
        against: vec![],
        missing: vec![],
    };
    let plan = plan(&notice("i-0123456789abcdef0"), &[finding(Claim::AddressNotYetOurs)], &[cause]);
    assert_eq!(ids(&plan), vec!["keep-proof", "security-contact"]);
}

#[test]
fn a_bad_plan_is_seen() {
    let good = plan(&notice("i-0123456789abcdef0"), &[finding(Claim::WebshellAccess)], &[]);
    let mut steps = good.steps.clone();
    steps.reverse();
    steps.push(steps[0].clone());
    let problems = check(&Plan::new(steps));
    assert!(problems.iter().any(|p| p.contains("twice")) && problems.iter().any(|p| p.contains("before the evidence")), "{problems:?}");
}

#[test]
fn the_script_only_reads_and_is_valid_shell() {
    let script = collect_script(&notice("i-0123456789abcdef0"));
    for line in script.lines().filter(|l| !l.trim_start().starts_with('#')) {
        for call in line.split("aws ").skip(1) {
            let mut words = call.split_whitespace();
            let (service, verb) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
            let reads = ["describe-", "list-", "get-", "lookup-", "filter-"].iter().any(|v| verb.starts_with(v))
                || verb == "generate-credential-report";
            assert!(reads, "aws {service} {verb} does more than read: {line}");
        }
    }
    let mut bash = std::process::Command::new("bash");
    if let Ok(mut child) = bash.arg("-n").stdin(std::process::Stdio::piped()).spawn() {
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), script.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn a_hostile_notice_gets_nothing_into_the_script() {
    let mut hostile = notice("i-0123';rm -rf /;'");
    hostile.regions = vec!["us-east-1'; curl evil; '".into()];
    hostile.account_id = Some("111'; id; '1".into());
    let script = collect_script(&hostile);
    assert!(!script.contains("rm -rf") && !script.contains("curl evil") && !script.contains("; id;"));
    assert!(script.contains("regions='us-east-1'") && script.contains("account=''"));
    assert_eq!(ids(&plan(&hostile, &[], &[]))[0], "preserve");
}
