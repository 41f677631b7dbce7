//! A sign-in by password from outside, then within the hour a hostile program on the same host: the break-in and what came of it, in one.

use std::collections::BTreeMap;
use std::net::IpAddr;

use abate_model::flows::is_private;
use abate_model::rows::AuthOutcome;
use abate_model::{Body, Cite, Claim, EntityKind, Filter, Finding, Severity, Table, Text};
use jiff::{SignedDuration, Timestamp};

use super::account::clip;
use super::acts::{Command, each_command, host_words};
use super::commands::{decodes, fetches, in_scratch};
use super::known::{is_installer, is_staff};
use crate::examples::{process, ssh};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "sign-in-then-program",
    title: Text::fixed("Sign-in from outside, then a hostile program", "外部からのサインインに続く攻撃的なプログラムの実行"),
    claims: &[Claim::LinkedActivity],
    techniques: &["T1078", "T1059"],
    tactic: Tactic::InitialAccess,
    severity: Severity::Critical,
    needs: &[Table::Authentication],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a password opens SSH, and minutes later a file in /dev/shm runs",
            "パスワードで SSH に入り、数分後に /dev/shm のファイルが動く",
            || vec![ssh(100, "deploy", "203.0.113.7", "password", true), process(400, "deploy", "bash", "/dev/shm/.x/scan 22")],
            &[Claim::LinkedActivity],
        ),
        Example::miss(
            "a colleague in the office network signs in and installs a package",
            "社内ネットワークの同僚がサインインしパッケージを入れる",
            || vec![ssh(100, "deploy", "10.0.0.9", "password", true), process(400, "root", "sudo", "apt-get install -y htop")],
        ),
        Example::miss("the program ran a day later", "プログラムの実行は 1 日後", || {
            vec![ssh(100, "deploy", "203.0.113.7", "password", true), process(90_000, "deploy", "bash", "/dev/shm/.x/scan 22")]
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Somebody of yours who installs software from home looks alike; ask the user.",
    "自宅からソフトウェアを導入する担当者も同様に見える。利用者本人に確認する。",
);
/// How soon the program must run after the sign-in.
const SOON: SignedDuration = SignedDuration::from_hours(1);
/// Sign-ins remembered of a host, and hosts.
const MAX_SIGN_INS: usize = 2000;
const MAX_HOSTS: usize = 500;

struct SignIn {
    at: Timestamp,
    user: String,
    source: IpAddr,
    cite: Cite,
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut sign_ins: BTreeMap<String, Vec<SignIn>> = BTreeMap::new();
    ctx.evidence.each(&Filter::table(Table::Authentication), &mut |row| {
        let (Body::Auth(auth), Some(at)) = (&row.body, row.at) else { return };
        let (Some(source), Some(host)) = (auth.source, auth.host.as_deref()) else { return };
        let remote = matches!(&*auth.service, "sshd" | "rdp" | "windows") && auth.method.as_deref() != Some("publickey");
        if auth.outcome != AuthOutcome::Success || !remote || is_private(source) || is_staff(ctx, source) {
            return;
        }
        if sign_ins.len() >= MAX_HOSTS && !sign_ins.contains_key(host) {
            return;
        }
        let of_host = sign_ins.entry(host.to_owned()).or_default();
        if of_host.len() < MAX_SIGN_INS {
            of_host.push(SignIn { at, user: auth.user.as_deref().unwrap_or_default().to_owned(), source, cite: ctx.evidence.cite(row) });
        }
    });
    if sign_ins.is_empty() {
        return Vec::new();
    }
    let mut found: BTreeMap<(String, IpAddr), Finding> = BTreeMap::new();
    each_command(ctx, &mut |row, command| {
        let (Some(at), Some(host)) = (row.at, command.host) else { return };
        let Some(of_host) = sign_ins.get(host).filter(|_| is_hostile(command)) else { return };
        let before = |sign_in: &&SignIn| sign_in.at <= at && at.duration_since(sign_in.at) <= SOON;
        let Some(sign_in) = of_host.iter().rev().find(before) else { return };
        let finding = found.entry((host.to_owned(), sign_in.source)).or_insert_with(|| begin(host, sign_in, command));
        finding.count += 1;
        finding.seen(Some(at));
        finding.also(ctx.evidence.cite(row));
        finding.names(EntityKind::Resource, clip(command.written));
    });
    found.into_values().collect()
}

fn is_hostile(command: &Command<'_>) -> bool {
    let program = command.process.exe.as_deref().unwrap_or(command.written).to_ascii_lowercase();
    let fetched = (fetches(&command.line) && !is_installer(&command.line)) || decodes(&command.line);
    let scratch = in_scratch(program.split(' ').next().unwrap_or_default());
    let tool = command.calls(&["masscan", "zmap", "nmap", "hydra", "medusa", "ncrack", "xmrig", "sshpass", "pnscan", "hping3"]);
    fetched || scratch || tool
}

fn begin(host: &str, sign_in: &SignIn, command: &Command<'_>) -> Finding {
    let (words, what) = (host_words(Some(host)), clip(command.written));
    let (user, source) = (clip(&sign_in.user), sign_in.source);
    let title = Text::new(
        format!("on {}, {user} signed in from {source}, and then a hostile program ran: {what}", words.en),
        format!("{}で {user} が {source} からサインインした後、攻撃的なプログラムが実行された: {what}", words.ja),
    );
    let mut finding = Finding::new(Claim::LinkedActivity, Severity::Critical, title, INNOCENT, sign_in.cite.clone());
    finding.technique = Some("T1078".to_owned());
    finding.seen(Some(sign_in.at));
    finding.names(EntityKind::Host, host);
    finding.names(EntityKind::User, user);
    finding.names(EntityKind::RemoteAddress, source.to_string());
    finding
}
