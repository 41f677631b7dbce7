//! Causes: how they got in, and why. One taxonomy for code, JSON, drills and letters.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Cite, Text};

/// The classes of root cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum CauseClass {
    LeakedAccessKey,
    StolenInstanceCredentials,
    CompromisedConsoleLogin,
    WeakRemoteLogin,
    ExposedService,
    VulnerableApplication,
    OpenRelayOrProxy,
    PublicStorage,
    SupplyChain,
    Insider,
    AbusedFunction,
    LegitimateUse,
    FalseAttribution,
    Undetermined,
}

/// Why it was possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Factor {
    /// a flaw in software
    Vulnerability,
    /// a setting
    Misconfiguration,
    /// something a person did or left undone
    Human,
    /// nothing was wrong on our side (false attribution, legitimate use)
    None,
    /// not known
    Unknown,
}

/// A kind within a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// the key was used from outside; how it got out is not in the logs
    KeyLeakUnknownPlace,
    /// key in a public code repository (AWS's quarantine policy dates it)
    KeyInPublicRepository,
    /// instance credentials read through a server-side request forgery or a proxy
    SsrfToMetadata,
    /// instance credentials used elsewhere; how they were read is not in the logs
    InstanceCredentialsUnknownWay,
    /// console password used by someone else
    ConsolePasswordStolen,
    /// SSH password guessed
    SshPasswordGuessed,
    /// RDP or other remote login guessed
    RemoteLoginGuessed,
    /// a management or data service reachable by anyone (Redis, Docker, YARN, Jupyter, …)
    UnauthenticatedService,
    /// a security group opened to the Internet
    SecurityGroupOpenToWorld,
    /// code execution through a hole of a web application
    RemoteCodeExecution,
    /// a script uploaded through a web application
    WebshellUpload,
    /// an open proxy
    OpenProxy,
    /// an open resolver or other amplifier
    OpenResolverOrAmplifier,
    /// an open mail relay
    OpenMailRelay,
    /// a bucket that anyone may read or write
    PublicBucket,
    /// a bad image or dependency
    TamperedImageOrDependency,
    /// someone who had the right
    FormerOrPresentStaff,
    /// a form, sign-up or forwarder driven by bots
    FormDrivenByBots,
    /// the customer's own crawler
    OwnCrawler,
    /// an authorised test or scanner
    AuthorisedTest,
    /// the address belonged to someone else then
    RecycledAddress,
    /// only a request passed on for others
    ForwardingProxy,
    /// a forged source address
    SpoofedSource,
    /// not decided
    Undetermined,
}

impl CauseKind {
    /// The class it belongs to.
    #[must_use]
    pub const fn class(self) -> CauseClass {
        match self {
            Self::KeyLeakUnknownPlace | Self::KeyInPublicRepository => CauseClass::LeakedAccessKey,
            Self::SsrfToMetadata | Self::InstanceCredentialsUnknownWay => CauseClass::StolenInstanceCredentials,
            Self::ConsolePasswordStolen => CauseClass::CompromisedConsoleLogin,
            Self::SshPasswordGuessed | Self::RemoteLoginGuessed => CauseClass::WeakRemoteLogin,
            Self::UnauthenticatedService | Self::SecurityGroupOpenToWorld => CauseClass::ExposedService,
            Self::RemoteCodeExecution | Self::WebshellUpload => CauseClass::VulnerableApplication,
            Self::OpenProxy | Self::OpenResolverOrAmplifier | Self::OpenMailRelay => CauseClass::OpenRelayOrProxy,
            Self::PublicBucket => CauseClass::PublicStorage,
            Self::TamperedImageOrDependency => CauseClass::SupplyChain,
            Self::FormerOrPresentStaff => CauseClass::Insider,
            Self::FormDrivenByBots => CauseClass::AbusedFunction,
            Self::OwnCrawler | Self::AuthorisedTest => CauseClass::LegitimateUse,
            Self::RecycledAddress | Self::ForwardingProxy | Self::SpoofedSource => CauseClass::FalseAttribution,
            Self::Undetermined => CauseClass::Undetermined,
        }
    }

    /// What it is called, for people.
    #[must_use]
    pub const fn title(self) -> Text {
        match self {
            Self::KeyLeakUnknownPlace => {
                Text::fixed("A leaked access key was used from outside", "漏えいしたアクセスキーが外部から使われた")
            }
            Self::KeyInPublicRepository => {
                Text::fixed("An access key published in a code repository was used", "公開リポジトリに置かれたアクセスキーが使われた")
            }
            Self::SsrfToMetadata => Text::fixed(
                "Instance credentials were read from the metadata service through the web server",
                "ウェブサーバー経由でメタデータからインスタンスの認証情報が読み取られた",
            ),
            Self::InstanceCredentialsUnknownWay => Text::fixed(
                "Credentials of an instance role were used outside the instance",
                "インスタンスロールの認証情報がインスタンスの外で使われた",
            ),
            Self::ConsolePasswordStolen => {
                Text::fixed("Someone else signed in to the console", "第三者がマネジメントコンソールにサインインした")
            }
            Self::SshPasswordGuessed => Text::fixed("A password for SSH was guessed", "SSH のパスワードが推測された"),
            Self::RemoteLoginGuessed => {
                Text::fixed("A password for a remote login was guessed", "リモートログインのパスワードが推測された")
            }
            Self::UnauthenticatedService => Text::fixed(
                "A service without authentication was reachable from the Internet",
                "認証のないサービスがインターネットに公開されていた",
            ),
            Self::SecurityGroupOpenToWorld => {
                Text::fixed("A security group was open to the whole Internet", "セキュリティグループが全世界に開放されていた")
            }
            Self::RemoteCodeExecution => Text::fixed(
                "A hole in a web application let strangers run commands",
                "ウェブアプリケーションの脆弱性を突かれ、コマンドを実行された",
            ),
            Self::WebshellUpload => {
                Text::fixed("A script was uploaded through a web application", "ウェブアプリケーションから不正なスクリプトを設置された")
            }
            Self::OpenProxy => Text::fixed("A proxy was open to everyone", "プロキシが誰でも使える状態だった"),
            Self::OpenResolverOrAmplifier => {
                Text::fixed("A service that amplifies traffic was open to everyone", "増幅攻撃に使えるサービスが誰でも使える状態だった")
            }
            Self::OpenMailRelay => Text::fixed("A mail server relayed for everyone", "メールサーバーが誰の中継でも受け付ける状態だった"),
            Self::PublicBucket => Text::fixed("A bucket was open to everyone", "S3 バケットが誰でも使える状態だった"),
            Self::TamperedImageOrDependency => {
                Text::fixed("A tampered image or dependency was used", "改ざんされたイメージまたは依存物が使われた")
            }
            Self::FormerOrPresentStaff => Text::fixed("A person with access misused it", "権限を持つ者による不正利用"),
            Self::FormDrivenByBots => {
                Text::fixed("A form or sign-up function was driven by bots", "フォームや会員登録の機能がボットに悪用された")
            }
            Self::OwnCrawler => Text::fixed("Our own crawler", "自社のクローラー"),
            Self::AuthorisedTest => Text::fixed("An authorised test or scanner", "許可された診断・スキャナー"),
            Self::RecycledAddress => {
                Text::fixed("The address belonged to another customer at that time", "その時刻には当該アドレスは他の利用者のものだった")
            }
            Self::ForwardingProxy => {
                Text::fixed("Our host only passed on a stranger's request", "自社のホストは他者のリクエストを中継しただけだった")
            }
            Self::SpoofedSource => Text::fixed("The source address was forged", "送信元アドレスが詐称されていた"),
            Self::Undetermined => Text::fixed("Not determined by the evidence at hand", "手元の証跡では特定できない"),
        }
    }
}

/// One piece of evidence for or against a hypothesis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// in words
    pub text: Text,
    /// log-odds that it adds (positive: for; negative: against)
    pub weight: f64,
    /// the findings behind it
    pub findings: Vec<String>,
    /// the rows behind it
    pub evidence: Vec<Cite>,
}

/// Evidence that would decide, and how to get it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceWish {
    /// what to get
    pub what: Text,
    /// how: a command or console path
    pub how: Text,
    /// what it would settle
    pub settles: Text,
    /// minutes it takes, roughly
    pub minutes: u32,
}

/// A possible cause, scored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hypothesis {
    /// its class
    pub class: CauseClass,
    /// its kind
    pub kind: CauseKind,
    /// why it was possible
    pub factor: Factor,
    /// why that factor
    pub factor_reason: Text,
    /// probability among the hypotheses, 0 to 1
    pub confidence: f64,
    /// log-odds before looking
    pub prior: f64,
    /// what happened if it is true, in a sentence with the case's own particulars
    pub story: Text,
    /// what speaks for it
    pub support: Vec<Contribution>,
    /// what speaks against it
    pub against: Vec<Contribution>,
    /// what would decide
    pub missing: Vec<EvidenceWish>,
}

/// One act on the way from the first foothold to the reported activity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PathStep {
    /// when it began
    pub at: Option<Timestamp>,
    /// `initial-access`, `execution`, `persistence`, … (ATT&CK tactic), or `reported`
    pub stage: String,
    /// in words
    pub act: Text,
    /// ATT&CK technique
    pub technique: Option<String>,
    /// the findings behind it; empty only where `gap` is set
    pub findings: Vec<String>,
    /// whether the evidence breaks off here, so that this step is not known
    pub gap: bool,
}

/// A line of the timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// when it began
    pub at: Timestamp,
    /// when it ended, if it is a span
    pub until: Option<Timestamp>,
    /// what
    pub what: Text,
    /// who
    pub actor: String,
    /// how many records
    pub count: u64,
    /// `notice`, `finding` or `record`
    pub origin: String,
    /// finding id, if it is one
    pub finding: Option<String>,
    /// the rows
    pub evidence: Vec<Cite>,
}
