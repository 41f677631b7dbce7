//! The command line, as clap reads it.

#[cfg(feature = "sql")]
mod query;

use std::path::PathBuf;

use abate_model::{Category, Lang};
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

#[cfg(feature = "sql")]
pub use self::query::{Query, QueryFormat};

/// From an AWS abuse notice to an evidenced English reply. / AWS の不正利用通知から、証拠に基づく英文返信まで。
#[derive(Debug, Parser)]
#[command(name = "abate", version, arg_required_else_help = true, after_long_help = AFTER)]
pub struct Cli {
    /// Language of the interface [default: from LANG]. Letters to AWS are always English
    #[arg(long, global = true, value_enum, env = "ABATE_LANG")]
    pub lang: Option<LangArg>,
    /// Colours; NO_COLOR is honoured too
    #[arg(long, global = true, value_enum, default_value = "auto")]
    pub color: ColorArg,
    /// Where cases are kept [default: $XDG_DATA_HOME/abate, else ~/.local/share/abate]
    #[arg(long, global = true, env = "ABATE_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// The present time, for reproducible runs
    #[arg(long, global = true, value_name = "RFC3339")]
    pub now: Option<Timestamp>,
    #[command(subcommand)]
    pub command: Command,
}

const AFTER: &str = "\
Exit codes:
  0  done, and everything given was read
  1  a file or the store could not be used
  2  what was given cannot be used: arguments, the notice
  3  done, but part of what was given could not be read or was set aside (listed in the output)

Examples:
  abate respond notice.eml                          a notice alone: deadline, first steps, interim letter
  abate respond notice.eml --evidence logs/         with evidence: findings, verdicts, cause, plan, letter
  abate respond notice.eml -e s3://BUCKET/AWSLogs/  the same, read from S3 (needs s3:ListBucket and s3:GetObject only)
  abate notice read inbox.mbox --why                what was understood of each mail, and from which words
  abate intake Maildir/                             every notice opens a case or joins one
  abate collect-script notice.eml > collect.sh      a read-only script for AWS CloudShell that fetches the evidence
  abate done ab-0123456789 isolate-instance.i-0abc --by 'Hanako Sato' --at 2026-11-24T10:00:00Z";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The main job: a notice and whatever logs there are, to a case folder with findings, cause, plan and letter
    Respond(Respond),
    /// Read notices: what was understood, where it came from, what it means
    #[command(subcommand)]
    Notice(NoticeCommand),
    /// Take notices into cases: a mailbox, a folder, files. Each opens a case, joins one, or is set aside with a reason
    Intake(Intake),
    /// Cases in the store
    #[command(subcommand)]
    Case(CaseCommand),
    /// Write a read-only shell script for AWS CloudShell that collects the evidence for a notice
    CollectScript(CollectScript),
    /// Look into evidence without a notice: what is in it, its raw records, its tables as Parquet
    #[command(subcommand)]
    Evidence(EvidenceCommand),
    /// What the evidence of a case shows, for other programs
    #[command(subcommand)]
    Findings(FindingsCommand),
    /// Sigma rules: which of them can be used, and why others cannot
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Ask the tables of a case in SQL
    #[cfg(feature = "sql")]
    Query(Box<Query>),
    /// Ask the tables of a case in SQL; this build cannot
    #[cfg(not(feature = "sql"))]
    #[command(hide = true, disable_help_flag = true)]
    Query {
        /// Whatever follows
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<std::ffi::OsString>,
    },
    /// Record that a person carried out a step of the plan, so that a letter may say it
    Done(DoneArgs),
    /// What is known about an account beforehand: owner, approver, own scanners, standing uses
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Make a practice incident with known truth
    Drill(Drill),
    /// Print a completion script for a shell
    Completions {
        /// which shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a folder
    Man {
        /// the folder
        dir: PathBuf,
    },
}

/// Options shared by the commands that work on evidence.
#[derive(Clone, Debug, Args)]
pub struct EvidenceArgs {
    /// A file, folder or archive with logs, s3://BUCKET/PREFIX/ or s3://BUCKET/KEY, or - for standard input; may be given several times
    #[arg(long, short, value_name = "PATH", num_args = 1..)]
    pub evidence: Vec<PathBuf>,
    /// Where to write the case folder [default: ./abate-CASE]
    #[arg(long, short, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Time zone of log lines that state none, as an IANA name
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub log_zone: String,
    /// Copy the files of the evidence, as they were read, into the case, named by their SHA-256
    #[arg(long)]
    pub preserve: bool,
    /// Leave out, from now on, what was read of the evidence earlier and is gone now; otherwise its rows stay
    #[arg(long)]
    pub forget_gone: bool,
    /// What to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// No progress bar and no first page; only errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// Which Sigma rules are tried, beside and among those that come with Abate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct RuleArgs {
    /// Folder (or file) with further Sigma rules; may be given several times
    #[arg(long, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
    #[command(flatten)]
    pub only: RuleFilter,
}

/// Which of the rules are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct RuleFilter {
    /// Only rules of at least this level
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub rule_level: Option<LevelArg>,
    /// Only rules of this status: stable, test, experimental, deprecated, unsupported; several with commas
    #[arg(long, value_delimiter = ',', value_name = "STATUS")]
    pub rule_status: Vec<String>,
    /// Only rules with this id; several with commas
    #[arg(long, value_delimiter = ',', value_name = "ID")]
    pub rule_id: Vec<String>,
    /// Only rules with this tag or one below it, e.g. attack.t1078; several with commas
    #[arg(long, value_delimiter = ',', value_name = "TAG")]
    pub rule_tag: Vec<String>,
    /// Only rules by an author whose name has these words
    #[arg(long, value_name = "NAME")]
    pub rule_author: Vec<String>,
    /// File with ids of rules to leave out, one on each line; may be given several times
    #[arg(long, value_name = "FILE")]
    pub rule_ignore: Vec<PathBuf>,
}

/// A level of a rule, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum LevelArg {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl From<LevelArg> for abate_model::Severity {
    fn from(level: LevelArg) -> Self {
        match level {
            LevelArg::Informational => Self::Informational,
            LevelArg::Low => Self::Low,
            LevelArg::Medium => Self::Medium,
            LevelArg::High => Self::High,
            LevelArg::Critical => Self::Critical,
        }
    }
}

/// `abate rules …`
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Tell which rules can be used and why others cannot, by logsource
    Check {
        /// Folders or files with Sigma rules [default: the rules that come with Abate]
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        only: RuleFilter,
        /// Name every rule that cannot be used, not only the first ones of each reason
        #[arg(long)]
        all: bool,
        /// What to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// List the rules that are used: title, author, level, id
    List {
        #[command(flatten)]
        with: RuleArgs,
        /// What to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
}

/// `abate findings …`
#[derive(Debug, Subcommand)]
pub enum FindingsCommand {
    /// Write the findings of a case for other programs
    Export {
        /// the case's id
        case: String,
        /// In which form
        #[arg(long = "as", value_enum, value_name = "FORM", default_value = "json")]
        form: FormArg,
        /// Write to a file instead of standard output
        #[arg(long, short, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// A form of findings, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormArg {
    /// all that is known, in Abate's own form
    Json,
    /// a table for a spreadsheet
    Csv,
    /// OCSF Detection Findings (class 2004, schema 1.5), one on each line
    Ocsf,
    /// a STIX 2.1 bundle
    Stix,
    /// a layer for the ATT&CK Navigator (format 4.5)
    Navigator,
}

impl From<FormArg> for abate_app::ExportForm {
    fn from(form: FormArg) -> Self {
        match form {
            FormArg::Json => Self::Json,
            FormArg::Csv => Self::Csv,
            FormArg::Ocsf => Self::Ocsf,
            FormArg::Stix => Self::Stix,
            FormArg::Navigator => Self::Navigator,
        }
    }
}

/// `abate respond`
#[derive(Debug, Args)]
pub struct Respond {
    /// The notice: an .eml file, a text file with the pasted mail, an AWS Health event, or - for standard input
    #[arg(value_name = "NOTICE")]
    pub notice: PathBuf,
    #[command(flatten)]
    pub dns: DnsArgs,
    #[command(flatten)]
    pub with: EvidenceArgs,
}

/// How the signatures of a raw mail are checked.
#[derive(Clone, Debug, Args)]
pub struct DnsArgs {
    /// Check DKIM, SPF, DMARC and ARC of raw mails by this resolver: off, system, ADDRESS or ADDRESS:PORT, or a file with recorded answers
    #[arg(long, value_name = "RESOLVER", default_value = "off", env = "ABATE_DNS")]
    pub dns: String,
}

/// `abate notice …`
#[derive(Debug, Subcommand)]
pub enum NoticeCommand {
    /// Print what was understood of notices
    Read {
        /// Mails (.eml, .msg), text, AWS Health events, mailboxes (mbox), folders (also Maildir), or - for standard input
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Show each value with the words it came from and the rule that read it
        #[arg(long)]
        why: bool,
        #[command(flatten)]
        dns: DnsArgs,
        /// What to print; of several notices, JSON has one line for each
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Tell a notice sentence by sentence: what AWS says, what it means, what it asks, what happens on silence
    Explain {
        /// the notice, or - for standard input
        notice: PathBuf,
        /// What to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// List the messages that the intake set aside, with their reason codes
    SetAside {
        /// What to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
}

/// `abate intake`
#[derive(Debug, Args)]
pub struct Intake {
    /// Mails, mailboxes, folders, AWS Health events, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub dns: DnsArgs,
    /// What to print; JSON has one line for each message
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `abate case …`
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// Open a case from a finding of your own, without a notice from AWS
    New {
        /// a file with the finding (a GuardDuty finding as JSON, or text), or the text itself
        #[arg(long, value_name = "FILE|TEXT")]
        finding: String,
        /// the account concerned
        #[arg(long, value_name = "ID")]
        account: Option<String>,
        #[command(flatten)]
        with: EvidenceArgs,
    },
    /// Say that cases are one intrusion: their messages and evidence go on in the first of them
    Merge {
        /// the case that goes on
        into: String,
        /// the cases that end in it
        #[arg(required = true)]
        from: Vec<String>,
        /// who says so
        #[arg(long, value_name = "NAME")]
        by: String,
        #[command(flatten)]
        with: EvidenceArgs,
    },
    /// List the cases, the most urgent first
    List {
        /// What to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Show a case
    Show {
        /// its id
        id: String,
        /// What to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
}

/// `abate evidence`
#[derive(Debug, Subcommand)]
pub enum EvidenceCommand {
    /// What is in it: formats, records, duplicates and losses of each source, and what time they cover
    Read {
        #[command(flatten)]
        of: EvidenceOf,
        /// What to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Print the raw record that a citation names
    Show {
        /// The citation, as a report gives it: SOURCE@bytes OFFSET+LENGTH
        #[arg(value_name = "SOURCE@PLACE", allow_hyphen_values = true)]
        cite: String,
        #[command(flatten)]
        of: EvidenceOf,
    },
    /// Check that nothing was altered or removed: CloudTrail's digest chains, and hashes taken earlier
    Verify {
        #[command(flatten)]
        of: EvidenceOf,
        /// Output of 'aws cloudtrail list-public-keys' for the Region and time (of digests named '_backfill': the time they were written);
        /// may be given several times
        #[arg(long, value_name = "FILE")]
        keys: Vec<PathBuf>,
        /// Output of 'aws s3api head-object' of a digest that no later one vouches for (the newest), or a folder of such files;
        /// may be given several times. Digests read from S3 need none
        #[arg(long = "signature", value_name = "PATH")]
        signatures: Vec<PathBuf>,
        /// What was there earlier: a case.json, or output of 'abate evidence read --format json'
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
        /// What to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Divide what is to be read into shards, which any number of processes can read into the lake ('abate evidence shard')
    Plan {
        #[command(flatten)]
        of: EvidenceOf,
        /// Write the plan to a file instead of standard output
        #[arg(long, short, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Bytes of a shard on disk, at the most, where it has several files
        #[arg(long, value_name = "BYTES")]
        shard_bytes: Option<u64>,
    },
    /// Read one shard of a plan into the lake; to read it again changes nothing
    Shard {
        /// The plan
        plan: PathBuf,
        /// The shard's number, from 0
        number: usize,
        /// Where the lake is reached from here
        #[arg(long, value_name = "DIR")]
        lake: Option<PathBuf>,
        /// The same as for the plan
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Write the tables as Parquet files, for DuckDB, pandas, Athena and the like
    Export {
        #[command(flatten)]
        of: EvidenceOf,
        /// The folder to write into; it must not hold tables already
        #[arg(long, short, value_name = "DIR")]
        out: PathBuf,
        /// What to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
}

/// Which evidence.
#[derive(Clone, Debug, Args)]
pub struct EvidenceOf {
    /// Files, folders or archives with logs, s3://BUCKET/PREFIX/ or s3://BUCKET/KEY, or - for standard input
    #[arg(value_name = "PATH", required_unless_present = "case")]
    pub paths: Vec<PathBuf>,
    /// The evidence that a case was given
    #[arg(long, value_name = "CASE")]
    pub case: Option<String>,
    /// Time zone of log lines that state none, as an IANA name
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub log_zone: String,
    /// Keep what was read in a folder, so that it need not be read again; a case has its own
    #[arg(long, value_name = "DIR", conflicts_with = "case")]
    pub lake: Option<PathBuf>,
    /// Copy the files, as they were read, into a folder, named by their SHA-256
    #[arg(long, value_name = "DIR")]
    pub preserve: Option<PathBuf>,
    /// Leave out, from now on, what was read earlier and is gone now; otherwise its rows stay
    #[arg(long)]
    pub forget_gone: bool,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// No progress bar
    #[arg(long, short)]
    pub quiet: bool,
}

/// `abate collect-script`
#[derive(Debug, Args)]
pub struct CollectScript {
    /// The notice, or - for standard input
    pub notice: PathBuf,
    /// Write to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `abate done`
#[derive(Debug, Args)]
pub struct DoneArgs {
    /// The case's id
    pub case: String,
    /// The step's id, as the plan shows it
    pub step: String,
    /// Who did it, or answers for it
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// When it was done
    #[arg(long, value_name = "TIME")]
    pub at: Timestamp,
    /// Anything worth keeping
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// `abate profile …`
#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// List the accounts with a profile
    List,
    /// Show a profile as JSON
    Show {
        /// the account, 12 digits
        account: String,
    },
    /// Set fields of a profile; what is not given stays
    Set(Box<ProfileSet>),
}

/// `abate profile set`
#[derive(Debug, Args)]
pub struct ProfileSet {
    /// The account, 12 digits
    pub account: String,
    /// What people call the account
    #[arg(long)]
    pub name: Option<String>,
    /// Company or person that signs letters, in ASCII
    #[arg(long)]
    pub signer: Option<String>,
    /// Who owns the workload
    #[arg(long)]
    pub owner: Option<String>,
    /// Who approves letters
    #[arg(long)]
    pub approver: Option<String>,
    /// Root or security contact address: the sender of letters
    #[arg(long)]
    pub security_address: Option<String>,
    /// How notices come and answers go, if through a reseller
    #[arg(long)]
    pub reseller: Option<String>,
    /// Time zone for display, as an IANA name
    #[arg(long)]
    pub time_zone: Option<String>,
    /// Address or network of a scanner of your own (adds; may be given several times)
    #[arg(long, value_name = "CIDR")]
    pub scanner: Vec<String>,
    /// Address or network from which staff work (adds; may be given several times)
    #[arg(long, value_name = "CIDR")]
    pub office: Vec<String>,
    /// A standing use that may look like abuse: CATEGORY=English text|Japanese text (adds)
    #[arg(long, value_name = "CATEGORY=EN|JA", value_parser = legitimate_use)]
    pub legitimate_use: Vec<(Category, String, String)>,
}

fn legitimate_use(typed: &str) -> Result<(Category, String, String), String> {
    let (category, texts) = typed.split_once('=').ok_or("expected CATEGORY=English text|Japanese text")?;
    let known = || Category::ALL.iter().map(|c| c.id()).collect::<Vec<_>>().join(", ");
    let category = Category::parse(category.trim()).ok_or_else(|| format!("'{category}' is no category; there are: {}", known()))?;
    let (en, ja) = texts.split_once('|').unwrap_or((texts, texts));
    if !en.is_ascii() {
        return Err("the English text goes into a letter to AWS and must be plain ASCII".to_owned());
    }
    Ok((category, en.trim().to_owned(), ja.trim().to_owned()))
}

/// `abate drill`
#[derive(Debug, Args)]
#[command(after_help = AFTER_DRILL)]
pub struct Drill {
    /// Which scenario; none lists them
    pub name: Option<String>,
    /// Where to write it
    #[arg(long, short, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The same seed gives the same incident, byte for byte
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How much background traffic; the attack stays the same. 1 is about 1,000 CloudTrail events and 2,000 flow records
    #[arg(long, default_value_t = 1, value_parser = scale())]
    pub scale: u32,
    /// Another scale for CloudTrail
    #[arg(long, value_name = "SCALE", value_parser = scale())]
    pub scale_trail: Option<u32>,
    /// Another scale for flow logs
    #[arg(long, value_name = "SCALE", value_parser = scale())]
    pub scale_flows: Option<u32>,
    /// Another scale for the logs of hosts: auth.log, access.log
    #[arg(long, value_name = "SCALE", value_parser = scale())]
    pub scale_hosts: Option<u32>,
    /// In the flow logs, a flood of so many packets to the web server, each from another address; the truth stays the same
    #[arg(long, value_name = "RECORDS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=i64::from(abate_drill::MAX_FLOOD)))]
    pub flood: u32,
    /// In the flow logs, a stranger tries every port of the web server, and the web server every port of the office; the truth stays the same
    #[arg(long)]
    pub sweep: bool,
    /// No progress bar
    #[arg(long, short)]
    pub quiet: bool,
}

const AFTER_DRILL: &str = "\
Examples:
  abate drill weak-ssh-port-scan                          a small incident to practise with
  abate drill weak-ssh-port-scan --scale 1000             the same among a million CloudTrail events and two million flow records
  abate drill weak-ssh-port-scan --scale-hosts 21000      the same with an auth.log of 1 GB
  abate drill webshell-phishing --flood 1000000 --sweep   with traffic that is hard on whoever counts it

Memory is bounded at any scale. Above a scale of about 2,000 an hour of CloudTrail or flow logs is in several files, as AWS delivers them.";

fn scale() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=i64::from(abate_drill::MAX_SCALE))
}

/// What a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// for people
    Text,
    /// for programs
    Json,
}

/// A language, as typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LangArg {
    /// Japanese
    Ja,
    /// English
    En,
}

impl From<LangArg> for Lang {
    fn from(arg: LangArg) -> Self {
        match arg {
            LangArg::Ja => Self::Ja,
            LangArg::En => Self::En,
        }
    }
}

/// When to colour.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ColorArg {
    /// on a terminal, unless NO_COLOR is set
    Auto,
    /// always
    Always,
    /// never
    Never,
}

impl ColorArg {
    /// Tells the output streams.
    pub fn write_global(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// Japanese if the environment says so (`LC_ALL`, then `LC_MESSAGES`, then `LANG`), else English.
#[must_use]
pub fn lang_of_environment() -> Lang {
    let said = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    if said.is_some_and(|value| value.to_ascii_lowercase().starts_with("ja")) { Lang::Ja } else { Lang::En }
}
