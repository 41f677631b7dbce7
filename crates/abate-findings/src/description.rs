//! What a detection says of itself: its page in the manual and its tests come from here.

use abate_model::{AccountProfile, Claim, Evidence, Finding, Notice, Row, Severity, SigmaMatch, Table, Text};

use crate::examples;

/// What a detection looks at.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// the notice
    pub notice: &'a Notice,
    /// the rows
    pub evidence: &'a dyn Evidence,
    /// what is known of the account
    pub profile: &'a AccountProfile,
}

/// One detection: its description is its page in the manual, its examples are its tests.
pub struct Detection {
    /// kebab-case id
    pub id: &'static str,
    /// what it looks for
    pub title: Text,
    /// the claims it can make
    pub claims: &'static [Claim],
    /// the ATT&CK techniques that its findings can name, the usual one first, e.g. `T1046`; none where the finding's own source says them
    pub techniques: &'static [&'static str],
    /// the ATT&CK tactic that it is about
    pub tactic: Tactic,
    /// how much what it finds usually matters; a finding may weigh more or less, and then says why
    pub severity: Severity,
    /// tables that it reads; with none of them there it is not run
    pub needs: &'static [Table],
    /// how what it sees can be innocent
    pub innocent: Text,
    /// rows in which it finds something, and rows in which it must not
    pub examples: &'static [Example],
    /// the detection itself
    pub run: fn(&Context<'_>) -> Vec<Finding>,
}

/// Made-up evidence, and what a detection finds in it.
pub struct Example {
    /// what happens
    pub name: Text,
    /// the rows, in any order
    pub rows: fn() -> Vec<Row<'static>>,
    /// matches of Sigma rules
    pub sigma: fn() -> Vec<SigmaMatch>,
    /// the notice at hand
    pub notice: fn() -> Notice,
    /// the claims found, in the enum's order; empty where nothing may be found
    pub finds: &'static [Claim],
}

impl Example {
    /// Rows in which something is found.
    #[must_use]
    pub const fn hit(en: &'static str, ja: &'static str, rows: fn() -> Vec<Row<'static>>, finds: &'static [Claim]) -> Self {
        Self { name: Text::fixed(en, ja), rows, sigma: Vec::new, notice: examples::notice, finds }
    }

    /// Rows that look alike, in which nothing is found.
    #[must_use]
    pub const fn miss(en: &'static str, ja: &'static str, rows: fn() -> Vec<Row<'static>>) -> Self {
        Self::hit(en, ja, rows, &[])
    }

    /// The same, for another notice.
    #[must_use]
    pub const fn about(mut self, notice: fn() -> Notice) -> Self {
        self.notice = notice;
        self
    }

    /// The same, with matches of Sigma rules.
    #[must_use]
    pub const fn matched(mut self, sigma: fn() -> Vec<SigmaMatch>) -> Self {
        self.sigma = sigma;
        self
    }
}

/// The tactics of MITRE ATT&CK (Enterprise) that logs at the victim can show, in the order of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tactic {
    /// TA0043
    Reconnaissance,
    /// TA0042
    ResourceDevelopment,
    /// TA0001
    InitialAccess,
    /// TA0002
    Execution,
    /// TA0003
    Persistence,
    /// TA0004
    PrivilegeEscalation,
    /// TA0005
    DefenseEvasion,
    /// TA0006
    CredentialAccess,
    /// TA0007
    Discovery,
    /// TA0008
    LateralMovement,
    /// TA0009
    Collection,
    /// TA0011
    CommandAndControl,
    /// TA0010
    Exfiltration,
    /// TA0040
    Impact,
    /// no tactic of an attacker: whose resource it was, what others found
    Context,
}

impl Tactic {
    /// Every tactic.
    pub const ALL: [Self; 15] = [
        Self::Reconnaissance,
        Self::ResourceDevelopment,
        Self::InitialAccess,
        Self::Execution,
        Self::Persistence,
        Self::PrivilegeEscalation,
        Self::DefenseEvasion,
        Self::CredentialAccess,
        Self::Discovery,
        Self::LateralMovement,
        Self::Collection,
        Self::CommandAndControl,
        Self::Exfiltration,
        Self::Impact,
        Self::Context,
    ];

    /// Its name and ATT&CK id; the id is empty for [`Tactic::Context`].
    #[must_use]
    pub const fn named(self) -> (Text, &'static str) {
        match self {
            Self::Reconnaissance => (Text::fixed("Reconnaissance", "偵察"), "TA0043"),
            Self::ResourceDevelopment => (Text::fixed("Resource development", "リソース開発"), "TA0042"),
            Self::InitialAccess => (Text::fixed("Initial access", "初期アクセス"), "TA0001"),
            Self::Execution => (Text::fixed("Execution", "実行"), "TA0002"),
            Self::Persistence => (Text::fixed("Persistence", "永続化"), "TA0003"),
            Self::PrivilegeEscalation => (Text::fixed("Privilege escalation", "権限昇格"), "TA0004"),
            Self::DefenseEvasion => (Text::fixed("Defense evasion", "防御回避"), "TA0005"),
            Self::CredentialAccess => (Text::fixed("Credential access", "認証情報アクセス"), "TA0006"),
            Self::Discovery => (Text::fixed("Discovery", "探索"), "TA0007"),
            Self::LateralMovement => (Text::fixed("Lateral movement", "横展開"), "TA0008"),
            Self::Collection => (Text::fixed("Collection", "収集"), "TA0009"),
            Self::CommandAndControl => (Text::fixed("Command and control", "C&C（遠隔操作）"), "TA0011"),
            Self::Exfiltration => (Text::fixed("Exfiltration", "持ち出し"), "TA0010"),
            Self::Impact => (Text::fixed("Impact", "影響"), "TA0040"),
            Self::Context => (Text::fixed("Context", "前提となる事実"), ""),
        }
    }
}
