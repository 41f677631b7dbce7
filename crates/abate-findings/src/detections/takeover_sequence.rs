//! Steps of a takeover by one principal within a day: it came from a new place, looked round, took rights, made credentials, hid, and used the account.
//!
//! Each step alone has its own detection and may be work; several of them, from a network that was never seen before, are not.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use abate_model::rows::ApiActivity;
use abate_model::{Claim, Finding, Severity, Table, Text};
use jiff::{SignedDuration, Timestamp};

use super::account::group::{Act, Words, findings, gather};
use super::account::history::{History, Novelty};
use super::account::{actor, each_call, service};
use crate::examples::{after_quiet, call};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "takeover-sequence",
    title: Text::fixed("Steps of a takeover that follow upon one another", "乗っ取りの一連の手順"),
    claims: &[Claim::LinkedActivity],
    techniques: &["T1078.004"],
    tactic: Tactic::InitialAccess,
    severity: Severity::Critical,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "from a new place: who am I, a new user with rights, instances",
            "新しい場所から、自身の確認、権限付きユーザーの作成、インスタンスの起動が続く",
            || {
                let steps = ["sts:GetCallerIdentity", "iam:CreateUser", "iam:AttachUserPolicy", "iam:CreateAccessKey", "ec2:RunInstances"];
                after_quiet((0..).zip(steps).map(|(n, what): (u32, _)| call(&format!("20T03:0{n}:00"), what).from("203.0.113.7")))
            },
            &[Claim::LinkedActivity],
        ),
        Example::miss(
            "an administrator does the same from the usual place",
            "管理者がいつもの場所から同じことを行う",
            || {
                let steps = ["sts:GetCallerIdentity", "iam:CreateUser", "iam:AttachUserPolicy", "iam:CreateAccessKey", "ec2:RunInstances"];
                after_quiet((0..).zip(steps).map(|(n, what): (u32, _)| call(&format!("20T09:0{n}:00"), what)))
            },
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "An administrator who sets up a new environment while travelling looks like this; ask at once.",
    "出張先で新しい環境を構築する管理者も同様に見える。直ちに確認する。",
);
static WORDS: Words = Words {
    done: Text::fixed(
        "took several steps of a takeover within a day, from a new place: {t}",
        "新しい場所から、1 日のうちに乗っ取りの手順を続けて行った: {t}",
    ),
    tried: Text::fixed(
        "tried several steps of a takeover, from a new place, and was refused: {t}",
        "新しい場所から乗っ取りの手順を試み、拒否された: {t}",
    ),
    innocent: INNOCENT,
};

/// How far apart the steps may lie, and how many different ones make a sequence.
const WITHIN: SignedDuration = SignedDuration::from_hours(24);
const STEPS: usize = 3;
/// Principals followed, and steps remembered of each.
const MAX_ACTORS: usize = 5000;
const MAX_STEPS: usize = 500;

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let sequences = sequences(ctx);
    if sequences.is_empty() {
        return Vec::new();
    }
    let history = History::of(ctx);
    let groups = gather(ctx, &mut |row, api| {
        let who = actor(api);
        let windows = sequences.get(&who)?;
        let (at, step) = (row.at?, step(api)?);
        let inside = windows.iter().any(|(from, to)| *from <= at && at <= *to);
        let strange = api.source_ip.as_deref().is_some_and(|source| history.network(&who, source, Some(at)) == Novelty::New);
        (inside && strange).then(|| Act::new("sequence", Severity::Critical).on(Some(format!("{step}: {}", api.event_name))))
    });
    // What is left from new places alone must still be a sequence.
    let whole = groups.into_iter().filter(|group| {
        let steps: BTreeSet<&str> = group.targets.iter().filter_map(|target| target.split(':').next()).collect();
        steps.len() >= STEPS && group.done > 0
    });
    findings(&whole.collect::<Vec<_>>(), Claim::LinkedActivity, &|_| ("T1078.004", &WORDS))
}

/// Which step of a takeover a call is.
fn step(api: &ApiActivity<'_>) -> Option<&'static str> {
    Some(match (&*api.event_name, service(api)) {
        ("GetCallerIdentity" | "GetSendQuota" | "ListServiceQuotas" | "GetAccountAuthorizationDetails" | "ListFoundationModels", _) => {
            "look"
        }
        ("CreateUser" | "CreateLoginProfile" | "UpdateLoginProfile" | "CreateAccessKey" | "UpdateAssumeRolePolicy", "iam") => "credentials",
        ("GetFederationToken", "sts") => "credentials",
        ("AttachUserPolicy" | "PutUserPolicy" | "AttachRolePolicy" | "PutRolePolicy" | "AddUserToGroup", "iam") => "rights",
        ("StopLogging" | "DeleteTrail" | "PutEventSelectors" | "DeleteDetector" | "DeleteFlowLogs" | "LeaveOrganization", _) => "hide",
        ("RunInstances" | "RequestSpotInstances" | "CreateCluster" | "CreateFunction20150331", _) => "use",
        ("SendEmail" | "SendRawEmail" | "InvokeModel" | "Converse" | "VerifyEmailIdentity" | "ModifySnapshotAttribute", _) => "use",
        ("AuthorizeSecurityGroupIngress" | "CreateKeyPair" | "ImportKeyPair" | "RequestServiceQuotaIncrease", _) => "prepare",
        _ => return None,
    })
}

/// Principals and when they took enough different steps.
fn sequences(ctx: &Context<'_>) -> BTreeMap<String, Vec<(Timestamp, Timestamp)>> {
    let mut recent: BTreeMap<String, VecDeque<(Timestamp, &'static str)>> = BTreeMap::new();
    let mut found: BTreeMap<String, Vec<(Timestamp, Timestamp)>> = BTreeMap::new();
    each_call(ctx, &mut |row, api| {
        let (Some(at), Some(step)) = (row.at, step(api)) else { return };
        let who = actor(api);
        if recent.len() >= MAX_ACTORS && !recent.contains_key(&who) {
            return;
        }
        let steps = recent.entry(who.clone()).or_default();
        while steps.front().is_some_and(|(first, _)| at.duration_since(*first) > WITHIN) || steps.len() >= MAX_STEPS {
            steps.pop_front();
        }
        steps.push_back((at, step));
        let different: BTreeSet<&str> = steps.iter().map(|(_, step)| *step).collect();
        if different.len() < STEPS {
            return;
        }
        let from = steps.front().map_or(at, |(first, _)| *first);
        let windows = found.entry(who).or_default();
        if let Some(last) = windows.last_mut().filter(|(_, to)| *to >= from) {
            last.1 = at;
        } else if windows.len() < 50 {
            windows.push((from, at));
        }
    });
    found
}
