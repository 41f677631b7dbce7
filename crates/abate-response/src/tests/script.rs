//! The collection script: it only reads, runs as it is, and takes nothing from a hostile notice.

use proptest::prelude::*;

use super::*;

fn calls(script: &str) -> Vec<(String, String, String)> {
    let code = script.lines().filter(|l| !l.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n");
    code.match_indices("aws ")
        .filter(|(at, _)| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '-'))
        .map(|(at, _)| {
            let line = code[at..].lines().next().unwrap();
            let mut words = line.split_whitespace().skip(1);
            (words.next().unwrap_or("").to_owned(), words.next().unwrap_or("").to_owned(), line.to_owned())
        })
        .collect()
}

fn only_reads(script: &str) {
    let calls = calls(script);
    assert!(calls.len() > 25, "{}", calls.len());
    for (service, verb, line) in calls {
        let reads = ["describe-", "list-", "get-", "lookup-", "filter-"].iter().any(|v| verb.starts_with(v))
            || (service == "iam" && verb == "generate-credential-report");
        let from_s3 = line.find("\"s3://").is_some_and(|from| line.find("\"$out/").is_some_and(|to| from < to));
        assert!(reads || (service == "s3" && verb == "cp" && from_s3), "aws {service} {verb} does more than read: {line}");
    }
}

fn is_shell(script: &str) -> bool {
    let mut bash = std::process::Command::new("bash");
    match bash.arg("-n").stdin(std::process::Stdio::piped()).spawn() {
        Ok(mut child) => {
            std::io::Write::write_all(&mut child.stdin.take().unwrap(), script.as_bytes()).unwrap();
            child.wait().unwrap().success()
        }
        Err(_) => true,
    }
}

#[test]
fn the_script_only_reads_is_valid_shell_and_is_made_for_the_notice() {
    let script = collect_script(&host(Category::PortScan));
    only_reads(&script);
    assert!(is_shell(&script));
    for part in [
        "account='111122223333'",
        "regions='ap-northeast-1'",
        "named='i-0123456789abcdef0'",
        "from='2026-10-18T00:00:00Z'",
        "to='2026-11-03T00:00:00Z'",
        "flow_from='2026-10-31T00:00:00Z'",
    ] {
        assert!(script.contains(part), "{part}");
    }
    for mark in ["ACCOUNT", "REGIONS", "FROM", "TO", "FLOW_FROM", "FLOW_TO", "NAMED", "LEFT_OUT", "CASE"] {
        assert!(!script.contains(&format!("@{mark}@")), "{mark} was left");
    }
    let mut undated = host(Category::PortScan);
    undated.reported.clear();
    assert!(collect_script(&undated).contains("from='2026-08-03T00:00:00Z'"), "90 days where no time is reported");
}

#[test]
fn masked_ids_are_left_out_and_counted() {
    let script = collect_script(&notice(ResourceKind::Ec2Instance, "i-0c29xxxxxxxx7", Category::PortScan));
    assert!(script.contains("named=''") && script.contains("1 resource(s) of the notice whose id is masked"));
}

/// What stands in for AWS: some answers, one refusal.
const STAND_IN: &str = r#"aws() { case "$1 $2" in
  "sts get-caller-identity") echo 444455556666 ;;
  "ec2 describe-flow-logs") case "$*" in *--query*) printf 's3\tNone\tarn:aws:s3:::logs-example\t${version} ${srcaddr}\ncloud-watch-logs\tflows\tNone\t${version} ${srcaddr}\n' ;; *) echo '{}' ;; esac ;;
  "guardduty list-detectors") echo 0123456789abcdef ;;
  "guardduty list-findings") printf 'aa\tbb\n' ;;
  "iam generate-credential-report") echo COMPLETE ;;
  "iam get-credential-report") echo dXNlcixhcm4K ;;
  "logs filter-log-events") echo '2 10.0.0.5' ;;
  "health describe-events") echo 'SubscriptionRequiredException' >&2; return 254 ;;
  *) echo '{}' ;;
esac; }
"#;

#[test]
fn the_script_runs_notes_failures_and_packs_the_rest() {
    let folder = std::env::temp_dir().join(format!("abate-collect-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("collect.sh"), format!("{STAND_IN}\n{}", collect_script(&host(Category::PortScan)))).unwrap();
    let Ok(run) = std::process::Command::new("bash").arg("collect.sh").current_dir(&folder).output() else { return };
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
    let out = folder.join(format!("abate-evidence-{}", host(Category::PortScan).case_id()));
    let log = std::fs::read_to_string(out.join("abate-collect.log")).unwrap();
    assert!(log.contains("WARNING the notice names account 111122223333, this is 444455556666"), "{log}");
    assert!(log.contains("health-events.json: SubscriptionRequiredException") && log.contains("1 failed"), "{log}");
    assert!(log.contains("guardduty-findings-aa.json"), "{log}");
    assert_eq!(std::fs::read_to_string(out.join("iam-credential-report.csv")).unwrap(), "user,arn\n");
    assert_eq!(std::fs::read_to_string(out.join("ap-northeast-1/flow-flows.log")).unwrap(), "version srcaddr\n2 10.0.0.5\n");
    assert!(log.contains("flow logs of 2026/11/01"), "{log}");
    assert!(said.contains("is ready") && said.contains("ダウンロード"), "{said}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_hostile_notice_gets_nothing_into_script_or_commands() {
    let mut hostile = notice(ResourceKind::Ec2Instance, "i-0123';rm -rf /;'", Category::PortScan);
    hostile.regions = vec!["us-east-1'; curl evil; '".into()];
    hostile.account_id = Some("111'; id; '1".into());
    hostile.message_id = Some("'; reboot; '".into());
    let script = collect_script(&hostile);
    assert!(!script.contains("rm -rf /") && !script.contains("curl evil") && !script.contains("; id;") && !script.contains("reboot;"));
    assert!(script.contains("regions=''") && script.contains("account=''") && script.contains("named=''"));
    assert!(ids(&plan(&hostile, &[], &[])).contains(&"isolate-instance"));
}

proptest! {
    #[test]
    fn whatever_strangers_write_the_script_reads_only_and_the_plan_is_sound(id in "\\PC{0,40}", region in "\\PC{0,20}", name in "\\PC{0,40}") {
        let mut hostile = notice(ResourceKind::Ec2Instance, &id, Category::Intrusion);
        hostile.regions = vec![region];
        hostile.resources.push(Resource { kind: ResourceKind::AccessKey, id: name.clone(), addresses: vec![id.clone()], masked: false });
        let script = collect_script(&hostile);
        only_reads(&script);
        let baseline = collect_script(&notice(ResourceKind::Ec2Instance, "", Category::Intrusion));
        prop_assert_eq!(script.lines().count(), baseline.lines().count());
        let arn = format!("arn:aws:iam::111122223333:user/{name}");
        let findings = [
            finding("f1", Claim::KeyUsedFromNewPlace, &[(EntityKind::Principal, &arn), (EntityKind::AccessKey, &name)]),
            finding("f2", Claim::NewIamUser, &[(EntityKind::User, &name)]),
            finding("f3", Claim::ServiceOpenToWorld, &[(EntityKind::Resource, &name), (EntityKind::Port, &id)]),
        ];
        for step in plan(&hostile, &findings, &[]).steps {
            prop_assert!(step.target.as_ref().is_none_or(|t| t.bytes().all(|b| b.is_ascii_graphic() && !b"'\"`$;&|<>()\\".contains(&b))));
        }
    }
}
