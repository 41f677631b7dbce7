//! Letters of every kind over hand-made cases: what they say (`goldens`), what strangers cannot make them say (`hostile`),
//! and what the lint sees (`lints`). The cases are made here.

use abate_model::ids::sha256_hex;
use abate_model::notice::{Authenticity, AuthenticityVerdict, Deadline, DeadlineBasis};
use abate_model::profile::LegitimateUse;
use abate_model::verdict::Disproof;
use abate_model::{
    Category, CauseKind, Cite, Claim, Contribution, EntityKind, Factor, Locator, NoticeKind, Phase, Remote, ReportedActivity, Resource,
    ResourceKind, Scope, Severity, Step, StepState, Table, ZoneCertainty,
};

use super::*;

mod edited;
mod goldens;
mod hostile;
mod lints;

/// A whole case that letters are drafted from.
#[derive(Clone)]
struct Case {
    notice: Notice,
    sources: Vec<Source>,
    coverage: Vec<Coverage>,
    findings: Vec<Finding>,
    verdicts: Vec<VerdictReport>,
    causes: Vec<Hypothesis>,
    plan: Plan,
    next: Vec<EvidenceWish>,
    profile: AccountProfile,
    now: Timestamp,
}

impl Case {
    fn with<T>(&self, f: impl FnOnce(&Input<'_>) -> T) -> T {
        let id = self.notice.case_id();
        f(&Input {
            case_id: &id,
            notice: &self.notice,
            sources: &self.sources,
            coverage: &self.coverage,
            findings: &self.findings,
            verdicts: &self.verdicts,
            causes: &self.causes,
            plan: &self.plan,
            next_evidence: &self.next,
            profile: &self.profile,
            now: self.now,
        })
    }

    fn letter(&self) -> Letter {
        self.with(draft)
    }

    /// Records a step as done.
    fn done(&mut self, id: &str) {
        let mut steps = self.plan.steps.clone();
        let step = steps.iter_mut().find(|s| s.id == id).unwrap();
        step.state = StepState::Done { by: "Hanako Sato".into(), at: time("2026-11-02T05:30:00Z"), note: None };
        self.plan = Plan::new(steps);
    }
}

fn time(at: &str) -> Timestamp {
    at.parse().unwrap()
}

fn cite(n: u64) -> Cite {
    Cite { source: "evidence/flow.log".into(), locator: Locator::Record { n } }
}

fn finding(id: &str, claim: Claim, at: &str, title: (&str, &str)) -> Finding {
    let mut finding = Finding::new(claim, Severity::High, Text::new(title.0, title.1), Text::same("d"), cite(1));
    finding.id = id.into();
    finding.seen(Some(time(at)));
    finding.count = 3;
    finding.names(EntityKind::LocalAddress, "203.0.113.10");
    finding
}

/// A proposed step: what to do, and what a letter says once it is done.
fn step(action: &str, target: Option<&str>, phase: Phase, texts: [(&'static str, &'static str); 2]) -> Step {
    Step {
        id: target.map_or_else(|| action.to_owned(), |t| format!("{action}.{t}")),
        action: action.into(),
        phase,
        target: target.map(str::to_owned),
        title: Text::fixed(texts[0].0, texts[0].1),
        done_text: Text::fixed(texts[1].0, texts[1].1),
        why: Text::same("w"),
        risk: Text::same("r"),
        undo: Text::same("u"),
        how: Text::same("h"),
        findings: vec!["f1".into()],
        state: StepState::Proposed,
    }
}

fn cause(kind: CauseKind, confidence: f64, story: (&str, &str), findings: &[&str]) -> Hypothesis {
    let support = Contribution {
        text: Text::same("s"),
        weight: 5.0,
        findings: findings.iter().map(|f| (*f).to_owned()).collect(),
        evidence: findings.iter().map(|_| cite(2)).collect(),
    };
    Hypothesis {
        class: kind.class(),
        kind,
        factor: Factor::Misconfiguration,
        factor_reason: Text::fixed(
            "SSH accepted passwords from the whole Internet, and one of them could be guessed.",
            "SSH がインターネット全体からパスワード認証を受け付け、推測できるパスワードが使われていた。",
        ),
        confidence,
        prior: 0.0,
        story: Text::new(story.0, story.1),
        support: if findings.is_empty() { Vec::new() } else { vec![support] },
        against: vec![],
        missing: vec![],
    }
}

fn notice(category: Category) -> Notice {
    let reported = ReportedActivity {
        id: "r1".into(),
        category,
        resource: Some("i-0123456789abcdef0".into()),
        from: Some(time("2026-11-01T02:14:05Z")),
        to: Some(time("2026-11-01T02:20:00Z")),
        zone: Some("UTC".into()),
        zone_certainty: ZoneCertainty::Stated,
        remote: vec![Remote { address: Some("198.51.100.7".into()), port: Some(22), protocol: Some("tcp".into()) }],
        urls: vec![],
        text: "scan".into(),
    };
    Notice {
        schema: "abate.notice/1".into(),
        kind: NoticeKind::First,
        category,
        account_id: Some("111122223333".into()),
        regions: vec!["ap-northeast-1".into()],
        resources: vec![Resource {
            kind: ResourceKind::Ec2Instance,
            id: "i-0123456789abcdef0".into(),
            addresses: vec!["203.0.113.10".into()],
            masked: false,
        }],
        case_number: Some("12345678901-1".into()),
        reported: vec![reported],
        required_actions: vec![],
        mitigations: vec!["Blocked OUTBOUND TCP traffic from instance to remote hosts on port 22".into()],
        deadline: Deadline { at: time("2026-11-03T00:10:00Z"), basis: DeadlineBasis::FromDate },
        authenticity: Authenticity { verdict: AuthenticityVerdict::Plausible, reasons: vec![], signatures: None },
        reporter: None,
        family: abate_model::Family::Unrecognised,
        channel: abate_model::Channel::Pasted,
        reports: vec![],
        references: vec![],
        communication_id: None,
        unread: vec![],
        subject: Some("Your AWS Abuse Report [12345678901] [AWS ID 111122223333]".into()),
        from: Some("trustandsafety@support.aws.com".into()),
        to: None,
        message_id: Some("m@example.com".into()),
        date: Some(time("2026-11-02T00:10:00Z")),
        received_at: time("2026-11-02T01:00:00Z"),
        body: String::new(),
        sha256: String::new(),
    }
}

fn flow_logs() -> (Source, Coverage) {
    let source = Source {
        path: "evidence/flow.log".into(),
        containers: vec![],
        sha256: sha256_hex(b"flow"),
        bytes: 4096,
        format: Some("vpc-flow".into()),
        recognised_by: "header".into(),
        records: 1200,
        duplicates: 0,
        gone: false,
        losses: vec![],
    };
    let coverage = Coverage {
        table: Table::NetworkActivity,
        format: "vpc-flow".into(),
        scope: Scope { account: Some("111122223333".into()), region: None, host: Some("eni-0abc".into()) },
        from: Some(time("2026-10-31T00:00:00Z")),
        to: Some(time("2026-11-02T00:00:00Z")),
        records: 1200,
        continuous: true,
        by_aws: true,
        gaps: vec![],
        lost: 0,
        never_contains: vec![],
    };
    (source, coverage)
}

fn looked() -> Vec<Text> {
    vec![Text::fixed("network_activity 111122223333 eni-0abc: 1200 records", "network_activity 111122223333 eni-0abc: 1200 件")]
}

fn plan() -> Plan {
    let host = Some("i-0123456789abcdef0");
    Plan::new(vec![
        step(
            "preserve-first",
            host,
            Phase::Contain,
            [
                ("Preserve instance i-0123456789abcdef0 before anything else", "何よりも先にインスタンス i-0123456789abcdef0 を保全する"),
                (
                    "Before changing anything, we took snapshots of instance i-0123456789abcdef0.",
                    "変更を加える前に、インスタンス i-0123456789abcdef0 のスナップショットを取得しました。",
                ),
            ],
        ),
        step(
            "isolate-instance",
            host,
            Phase::Contain,
            [
                (
                    "Isolate instance i-0123456789abcdef0 with a new security group without any rule",
                    "ルールのない新しいセキュリティグループでインスタンス i-0123456789abcdef0 を隔離する",
                ),
                (
                    "We isolated instance i-0123456789abcdef0: its security groups were replaced by a new one without any inbound or outbound rule.",
                    "インスタンス i-0123456789abcdef0 を隔離しました（送受信ルールのない新しいセキュリティグループに付け替え）。",
                ),
            ],
        ),
        step(
            "answer-aws",
            None,
            Phase::Contain,
            [("Send the letter", "返信する"), ("We answered this notice.", "この通知に返信しました。")],
        ),
        step(
            "rebuild-from-clean",
            host,
            Phase::Recover,
            [
                (
                    "Rebuild the service of instance i-0123456789abcdef0 on a new instance from a clean image; restore data only",
                    "インスタンス i-0123456789abcdef0 のサービスを、クリーンなイメージから新しいインスタンスに再構築し、データだけを戻す",
                ),
                (
                    "We rebuilt the service of instance i-0123456789abcdef0 on a new instance from a clean image and restored data only.",
                    "インスタンス i-0123456789abcdef0 のサービスを、クリーンなイメージから新しいインスタンスに再構築し、データだけを戻しました。",
                ),
            ],
        ),
        step(
            "disable-ssh-passwords",
            None,
            Phase::Prevent,
            [
                ("Switch off password sign-in for SSH", "SSH のパスワード認証を無効化する"),
                ("We switched off password sign-in for SSH.", "SSH のパスワード認証を無効化しました。"),
            ],
        ),
    ])
}

/// A guessed SSH password and a port scan, with the evidence for both; nothing done yet.
fn ssh() -> Case {
    let login = finding(
        "f1",
        Claim::SshLoginAfterBruteForce,
        "2026-11-01T01:58:40Z",
        (
            "198.51.100.200 signed in to web1 as 'deploy' by password after 134 failed guesses",
            "198.51.100.200 が 134 回の失敗の後、パスワードで web1 に「deploy」としてサインインした",
        ),
    );
    let mut scan = finding(
        "f2",
        Claim::OutboundFanOutScan,
        "2026-11-01T02:05:00Z",
        ("10.0.0.5 contacted 812 remote hosts on tcp port 22", "10.0.0.5 が tcp ポート 22 で 812 台の外部ホストに接続した"),
    );
    scan.seen(Some(time("2026-11-01T04:40:00Z")));
    scan.count = 3240;
    let control = finding(
        "f3",
        Claim::PeriodicOutbound,
        "2026-11-01T02:01:10Z",
        ("203.0.113.10 contacted 192.0.2.66 port 4444 every 60 seconds", "203.0.113.10 が 192.0.2.66 のポート 4444 に 60 秒ごとに接続した"),
    );
    let mut verdict = VerdictReport::confirmed("r1", Text::same("Our own logs show it."), looked(), cite(5), [cite(6)]);
    verdict.findings = vec!["f2".into()];
    let story = (
        "A password for SSH was guessed, and the host was then used for the reported activity. 198.51.100.200 signed in to web1 as 'deploy' by password after 134 failed guesses, first at 2026-11-01 01:58:40 UTC.",
        "SSH のパスワードが推測され、その後ホストが報告された活動に使われました。198.51.100.200 が 134 回の失敗の後、パスワードで web1 に「deploy」としてサインインした（最初は 2026-11-01 01:58:40 UTC）。",
    );
    let (source, coverage) = flow_logs();
    Case {
        notice: notice(Category::PortScan),
        sources: vec![source],
        coverage: vec![coverage],
        findings: vec![login, scan, control],
        verdicts: vec![verdict],
        causes: vec![cause(CauseKind::SshPasswordGuessed, 0.93, story, &["f1", "f2", "f3"])],
        plan: plan(),
        next: vec![],
        profile: AccountProfile { signer: Some("Example Corp. Cloud Operations".into()), ..AccountProfile::default() },
        now: time("2026-11-02T06:00:00Z"),
    }
}

/// The notice and nothing else.
fn bare() -> Case {
    let why = Text::fixed("No log at hand covers the reported time.", "ログがない。");
    let missing = vec![Text::fixed("missing: VPC Flow Logs that cover the reported time", "不足: 報告時刻を含む VPC フローログ")];
    let story = ("There is no evidence yet but the notice itself.", "通知以外の証跡がまだありません。");
    Case {
        sources: vec![],
        coverage: vec![],
        findings: vec![],
        verdicts: vec![VerdictReport::not_checked("r1", why, missing)],
        causes: vec![cause(CauseKind::Undetermined, 1.0, story, &[])],
        next: vec![EvidenceWish {
            what: Text::fixed("VPC Flow Logs around the reported time", "報告時刻前後の VPC フローログ"),
            how: Text::same("h"),
            settles: Text::same("s"),
            minutes: 10,
        }],
        profile: AccountProfile::default(),
        ..ssh()
    }
}

/// An address that became ours after the reported time.
fn recycled() -> Case {
    let ours = finding(
        "f1",
        Claim::AddressNotYetOurs,
        "2026-11-01T09:00:00Z",
        (
            "203.0.113.10 became ours only at 2026-11-01 09:00:00 UTC, after the reported time",
            "203.0.113.10 が当方のものになったのは、報告時刻より後の 2026-11-01 09:00:00 UTC である",
        ),
    );
    let why = Text::fixed(
        "203.0.113.10 became ours only at 2026-11-01 09:00:00 UTC, after the reported time. The reported activity therefore was another customer's.",
        "203.0.113.10 が当方のものになったのは、報告時刻より後の 2026-11-01 09:00:00 UTC である。したがって、報告された活動は他の利用者によるものである。",
    );
    let mut verdict = VerdictReport::contradicted("r1", why, looked(), Disproof::NotOurs { first: cite(7), rest: vec![] });
    verdict.findings = vec!["f1".into()];
    let story =
        ("At the reported time the address belonged to another customer.", "報告された時刻には、当該アドレスは他の利用者のものでした。");
    let texts = [
        ("Keep the proof", "証拠を保管する"),
        ("We saved the records on which this answer rests.", "この回答の根拠となる記録を保存しました。"),
    ];
    Case {
        findings: vec![ours],
        verdicts: vec![verdict],
        causes: vec![cause(CauseKind::RecycledAddress, 0.98, story, &["f1"])],
        plan: Plan::new(vec![step("keep-proof", None, Phase::Contain, texts)]),
        ..ssh()
    }
}

/// Our own crawler, registered in the profile and seen in the flow logs.
fn crawler() -> Case {
    let contact = finding(
        "f1",
        Claim::OutboundHttpFanOut,
        "2026-11-01T02:00:00Z",
        ("203.0.113.10 contacted 40 web servers on port 443", "203.0.113.10 がポート 443 で 40 台のウェブサーバーに接続した"),
    );
    let mut verdict = VerdictReport::confirmed("r1", Text::same("Our own logs show it."), looked(), cite(5), []);
    verdict.findings = vec!["f1".into()];
    let usage = LegitimateUse {
        category: Category::Crawling,
        en: "price comparison crawler ExampleBot, at most one request a second for each site, https://www.example.com/bot".into(),
        ja: "価格比較クローラー ExampleBot（1 サイトあたり毎秒 1 リクエスト以下、https://www.example.com/bot）".into(),
        resources: vec![],
    };
    let story = ("The traffic is that of our own crawler.", "報告された通信は自社のクローラーによるものです。");
    let confirm = [
        ("Have the owner confirm it", "担当者に確認する"),
        (
            "We confirmed with the owner of the workload that the reported activity was this use.",
            "この用途によるものであることを担当者に確認しました。",
        ),
    ];
    let manners = [
        ("Limit the crawler's rate and name a contact in its User-Agent", "クローラーの速度を制限し、連絡先を明記する"),
        ("We limited the rate of our crawler.", "クローラーの速度を制限しました。"),
    ];
    Case {
        notice: notice(Category::Crawling),
        findings: vec![contact],
        verdicts: vec![verdict],
        causes: vec![cause(CauseKind::OwnCrawler, 0.8, story, &["f1"])],
        plan: Plan::new(vec![
            step("confirm-legitimate-use", None, Phase::Contain, confirm),
            step("crawler-manners", None, Phase::Contain, manners),
        ]),
        profile: AccountProfile { legitimate_uses: vec![usage], ..ssh().profile },
        ..ssh()
    }
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
