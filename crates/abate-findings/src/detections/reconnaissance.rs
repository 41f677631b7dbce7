//! Looking round: many different reading calls by one principal in a short time, or many refusals.
//!
//! Consoles and deployment tools make many reading calls of their own, so that they need far more. Principals that do it on many days (inventory
//! tools, auditors) are left out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use abate_model::rows::ApiActivity;
use abate_model::{Claim, Finding, Severity, Table, Text};
use jiff::{SignedDuration, Timestamp};

use super::account::group::{Act, Group, Words, findings, gather};
use super::account::history::History;
use super::account::{actor, agent_family, attack_tool, day, each_call, is_read, service};
use crate::examples::{after_quiet, call};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "reconnaissance",
    title: Text::fixed("Burst of reconnaissance calls", "短時間での多数の探索的な呼び出し"),
    claims: &[Claim::Reconnaissance],
    techniques: &["T1580", "T1087.004"],
    tactic: Tactic::Discovery,
    severity: Severity::Medium,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "eight different reading calls over six services within seconds",
            "数秒のうちに 6 サービス・8 種類の読み取り呼び出し",
            || {
                after_quiet(
                    [
                        "sts:GetCallerIdentity",
                        "iam:ListUsers",
                        "iam:ListRoles",
                        "s3:ListBuckets",
                        "ec2:DescribeInstances",
                        "ec2:DescribeVpcs",
                        "rds:DescribeDBInstances",
                        "kms:ListKeys",
                    ]
                    .map(|what| call("20T10:00:00", what)),
                )
            },
            &[Claim::Reconnaissance],
        ),
        Example::miss("the console does the same", "コンソールが同じことをする", || {
            after_quiet(
                [
                    "sts:GetCallerIdentity",
                    "iam:ListUsers",
                    "iam:ListRoles",
                    "s3:ListBuckets",
                    "ec2:DescribeInstances",
                    "ec2:DescribeVpcs",
                    "rds:DescribeDBInstances",
                    "kms:ListKeys",
                ]
                .map(|what| call("20T10:00:00", what).agent("Mozilla/5.0")),
            )
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if an inventory, audit or monitoring tool of yours was run, or a new program lacked rights.",
    "自社の棚卸し・監査・監視ツールの実行や、権限不足の新しいプログラムによるものであれば問題ありません。",
);
static WORDS: Words = Words {
    done: Text::fixed("looked round in the account", "アカウント内を探索しました"),
    tried: Text::fixed("tried to look round in the account and was refused", "アカウント内を探索しようとして拒否されました"),
    innocent: INNOCENT,
};

/// Length of a burst.
const BURST: SignedDuration = SignedDuration::from_mins(10);
/// Different calls (service and name) that make a burst, over at least [`SERVICES`] services.
const DIFFERENT: usize = 10;
const SERVICES: usize = 3;
/// Different calls that make a burst when the caller also asks who it is, as somebody who found credentials does.
const DIFFERENT_AFTER_PROBE: usize = 7;
/// Different calls that make a burst when the console or a deployment tool makes them.
const DIFFERENT_MANAGED: usize = 60;
/// Refusals that make a burst.
const REFUSALS: usize = 15;
/// Regions with the same call that make a burst.
const REGIONS: usize = 8;
/// Bursts on so many days are routine.
const ROUTINE: usize = 3;
/// Calls of the last ten minutes remembered per principal.
const MAX_RECENT: usize = 5000;

#[derive(Default)]
struct Recent {
    calls: VecDeque<(Timestamp, String, String, bool, bool)>,
    bursts: BTreeSet<i64>,
    windows: Vec<(Timestamp, Timestamp)>,
    since: u32,
    most: usize,
    refused: usize,
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut recents: BTreeMap<String, Recent> = BTreeMap::new();
    each_call(ctx, &mut |row, api| {
        let Some(at) = row.at else { return };
        if is_read(api) || is_refused(api) {
            recents.entry(actor(api)).or_default().note(at, api);
        }
    });
    recents.retain(|_, recent| !recent.windows.is_empty() && recent.bursts.len() < ROUTINE);
    if recents.is_empty() {
        return Vec::new();
    }
    let history = History::of(ctx);
    let mut groups = gather(ctx, &mut |row, api| {
        let recent = recents.get(&actor(api))?;
        let inside = row.at.is_some_and(|at| recent.windows.iter().any(|(from, to)| *from <= at && at <= *to));
        (inside && (is_read(api) || is_refused(api))).then(|| Act::new("recon", Severity::Medium))
    });
    for group in &mut groups {
        if let Some(recent) = recents.get(&group.actor) {
            weigh(group, recent, &history);
        }
    }
    findings(&groups, Claim::Reconnaissance, &|group| (technique(group), &WORDS))
}

fn is_refused(api: &ApiActivity<'_>) -> bool {
    api.error_code
        .as_deref()
        .is_some_and(|code| ["AccessDenied", "Unauthorized", "NotAuthorized", "AuthFailure"].iter().any(|word| code.contains(word)))
}

impl Recent {
    fn note(&mut self, at: Timestamp, api: &ApiActivity<'_>) {
        while self.calls.front().is_some_and(|(first, ..)| at.duration_since(*first) > BURST) || self.calls.len() >= MAX_RECENT {
            self.calls.pop_front();
        }
        let agent = api.user_agent.as_deref().unwrap_or_default();
        let managed = matches!(agent_family(agent).as_str(), "console" | "terraform" | "pulumi");
        let console = managed && attack_tool(agent).is_none();
        let what = format!("{}:{}", service(api), api.event_name);
        self.calls.push_back((at, what, api.region.as_deref().unwrap_or_default().to_owned(), is_refused(api), console));
        // Counting is dear, so that long trains of calls are looked at now and then only.
        self.since += 1;
        if self.calls.len() < DIFFERENT_AFTER_PROBE || (self.calls.len() > 200 && !self.since.is_multiple_of(50)) {
            return;
        }
        self.judge(at);
    }

    fn judge(&mut self, at: Timestamp) {
        let by_hand = || self.calls.iter().filter(|(.., console)| !console);
        let different: BTreeSet<&str> = by_hand().map(|(_, what, ..)| what.as_str()).collect();
        let services: BTreeSet<&str> = different.iter().filter_map(|what| what.split(':').next()).collect();
        let in_console: BTreeSet<&str> = self.calls.iter().map(|(_, what, ..)| what.as_str()).collect();
        let refused: BTreeSet<(&str, &str)> =
            by_hand().filter(|(.., no, _)| *no).map(|(_, what, region, ..)| (what.as_str(), region.as_str())).collect();
        let refusals = by_hand().filter(|(.., no, _)| *no).count();
        let mut regions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (_, what, region, ..) in by_hand() {
            regions.entry(what).or_default().insert(region);
        }
        let everywhere = regions.values().any(|set| set.len() >= REGIONS);
        let probed = different.contains("sts:GetCallerIdentity") || different.contains("iam:GetAccountAuthorizationDetails");
        let enough = if probed { DIFFERENT_AFTER_PROBE } else { DIFFERENT };
        let burst = (different.len() >= enough && services.len() >= SERVICES)
            || in_console.len() >= DIFFERENT_MANAGED
            || (refusals >= REFUSALS && refused.len() >= 2)
            || everywhere;
        if !burst {
            return;
        }
        self.most = self.most.max(different.len());
        self.refused = self.refused.max(refusals);
        self.bursts.insert(day(at));
        let from = self.calls.front().map_or(at, |(first, ..)| *first);
        if let Some(last) = self.windows.last_mut().filter(|last| last.1 >= from) {
            last.1 = at;
        } else if self.windows.len() < 50 {
            self.windows.push((from, at));
        }
    }
}

fn weigh(group: &mut Group, recent: &Recent, history: &History) {
    let elsewhere = history.elsewhere(group);
    let console_only = group.agents.keys().all(|agent| agent == "console");
    group.severity = match (elsewhere || group.tool().is_some(), recent.refused >= REFUSALS, console_only) {
        (true, ..) => Severity::High,
        (false, true, _) => Severity::Medium,
        (false, false, true) => Severity::Low,
        (false, false, false) => Severity::Medium,
    };
    let (most, refused) = (recent.most, recent.refused);
    group.notes.push(Text::new(
        format!("Within ten minutes: up to {most} different calls, {refused} refused for want of rights."),
        format!("10 分間で最大 {most} 種類の呼び出しがあり、{refused} 回が権限不足で拒否されています。"),
    ));
}

/// By what was looked at most: identities, or the infrastructure.
fn technique(group: &Group) -> &'static str {
    let identities = group
        .calls
        .keys()
        .filter(|call| ["User", "Role", "Group", "Policy", "Policies", "Account"].iter().any(|w| call.contains(w)))
        .count();
    if identities * 2 > group.calls.len() { "T1087.004" } else { "T1580" }
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{Call, call, quiet, run};
    use super::*;

    const CALLS: [&str; 12] = [
        "sts:GetCallerIdentity",
        "iam:ListUsers",
        "iam:ListRoles",
        "s3:ListBuckets",
        "ec2:DescribeInstances",
        "ec2:DescribeVpcs",
        "ec2:DescribeSnapshots",
        "rds:DescribeDBInstances",
        "lambda:ListFunctions20150331",
        "secretsmanager:ListSecrets",
        "kms:ListKeys",
        "dynamodb:ListTables",
    ];

    fn round(day: u32) -> Vec<Call> {
        CALLS.iter().enumerate().map(|(n, what)| call(&format!("{day}T10:00:{n:02}"), what)).collect()
    }

    #[test]
    fn a_round_of_different_calls_is_told_once() {
        let mut calls = quiet();
        calls.extend(round(20));
        let found = run(&DETECTION, calls);
        assert_eq!((found.len(), found[0].severity, found[0].count), (1, Severity::Medium, 12));
        assert!(found[0].detail.en.contains("up to 12 different calls"));
    }

    #[test]
    fn many_refusals_are_told_too() {
        let refused = |n: u32| {
            call(&format!("20T10:00:{n:02}"), if n.is_multiple_of(2) { "s3:GetObject" } else { "iam:CreateUser" }).refused("AccessDenied")
        };
        let found = run(&DETECTION, (0..20).map(refused).collect());
        assert_eq!((found.len(), found[0].count), (1, 20));
        assert!(found[0].title.en.contains("was refused"));
    }

    #[test]
    fn auditors_consoles_and_few_calls_are_left_out() {
        assert!(run(&DETECTION, (15..20).flat_map(round).collect()).is_empty());
        assert!(run(&DETECTION, round(20).into_iter().map(|c| c.agent("Mozilla/5.0")).collect()).is_empty());
        assert!(run(&DETECTION, round(20).into_iter().map(|c| c.agent("HashiCorp Terraform/1.9")).collect()).is_empty());
        assert!(run(&DETECTION, round(20).into_iter().take(6).collect()).is_empty());
    }
}
