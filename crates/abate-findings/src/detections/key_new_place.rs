//! A long-lived access key at work from a network, or with a tool, that it was not used with before.
//!
//! What was there before is learnt from the key's own earlier calls. Where there are none, nothing is called new; only a key
//! whose very first calls are the typical round of a thief (who am I, what is there, make something), or that is used with an
//! attack tool, is told, with little weight and the remark that there is no baseline.

use std::collections::{BTreeMap, BTreeSet};

use abate_model::memory::span_of;
use abate_model::rows::ApiActivity;
use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};
use jiff::{SignedDuration, Timestamp};

use super::account::group::{Act, Group, Words};
use super::account::{address, agent_family, attack_tool, clip, day, each_call, is_office, is_read, network};
use crate::examples::{after_quiet, call};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "key-used-from-new-place",
    title: Text::fixed("Access key used from a new place", "アクセスキーの普段と異なる場所からの使用"),
    claims: &[Claim::KeyUsedFromNewPlace],
    techniques: &["T1078.004"],
    tactic: Tactic::InitialAccess,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a key that always came from one place asks who it is elsewhere and makes a user",
            "いつも同じ場所から使われていたキーが、別の場所で自身を確認しユーザーを作る",
            || {
                after_quiet(
                    ["sts:GetCallerIdentity", "s3:ListBuckets", "iam:CreateUser"]
                        .into_iter()
                        .zip(0..)
                        .map(|(what, n): (_, u32)| call(&format!("19T02:00:0{n}"), what).from("203.0.113.7").agent("Boto3/1.26")),
                )
            },
            &[Claim::KeyUsedFromNewPlace],
        ),
        Example::miss("the same key from a neighbouring address", "同じキーの、近隣アドレスからの使用", || {
            after_quiet([call("19T02:00:00", "iam:CreateUser").from("198.51.7.7")])
        }),
    ],
    run,
};

const NO_BASELINE: Text = Text::fixed(
    "The logs have no earlier use of this key, so whether the place is new for it cannot be told. It is innocent if its owner did this.",
    "このキーの以前の使用はログになく、普段と異なる場所かどうかは判断できません。所有者本人の操作であれば問題ありません。",
);
const INNOCENT: Text = Text::fixed(
    "It is innocent if the key's owner works from there (home, travel, a new build server or VPN) or changed tools; ask the owner.",
    "キーの所有者がその場所から作業している場合（自宅、出張先、新しいビルドサーバーや VPN）や、ツールを変更した場合は問題ありません。所有者に確認してください。",
);

/// So many earlier calls of the key make a baseline.
const BASELINE_CALLS: u64 = 3;
/// The key must have been in use so long before a place counts as new: a change of tool within a session is none.
const BASELINE_AGE: SignedDuration = SignedDuration::from_hours(1);
/// The logs must reach back so long before the first use of a key to say that it lay idle.
const IDLE: SignedDuration = SignedDuration::from_hours(20);
/// A place that was used on so many days belongs to the key's normal life.
const SETTLED_DAYS: usize = 10;
/// So many different reading calls are a look round.
const LOOK_ROUND: usize = 3;

/// A network or a family of agents.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Spot {
    Network(String),
    Agent(String),
}

/// What a key did at a spot.
#[derive(Default)]
struct Stay {
    before: u64,
    aged: bool,
    days: BTreeSet<i64>,
    probed: bool,
    reads: BTreeSet<String>,
    writes: u64,
    done: u64,
    tool: bool,
    new_agent: bool,
}

impl Stay {
    fn is_new(&self) -> bool {
        self.before >= BASELINE_CALLS && self.aged && self.days.len() < SETTLED_DAYS
    }

    /// The round of somebody who found a key: who am I, then a look round or a change.
    fn round(&self) -> bool {
        self.probed && (self.writes > 0 || self.reads.len() >= LOOK_ROUND)
    }

    /// Such a round, or a tool that says so itself.
    fn looks_stolen(&self) -> bool {
        self.tool || self.round()
    }

    fn severity(&self) -> Severity {
        match (self.done > 0, self.looks_stolen() || (self.new_agent && self.writes > 0), self.writes > 0) {
            (false, ..) => Severity::Low,
            (true, true, _) => Severity::High,
            (true, false, true) => Severity::Medium,
            (true, false, false) => Severity::Low,
        }
    }
}

#[derive(Default)]
struct KeyLife {
    calls: u64,
    first: Option<Timestamp>,
    idle: bool,
    stays: BTreeMap<Spot, Stay>,
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let lives = lives(ctx);
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    each_call(ctx, &mut |row, api| {
        let Some((key, spots)) = spots(ctx, api) else { return };
        let Some(life) = lives.get(key) else { return };
        let Some((kind, severity)) = spots.iter().filter_map(|spot| judge(life, spot)).max_by_key(|(_, severity)| *severity) else {
            return;
        };
        let who = who(key, api);
        let group = groups.entry(key.to_owned()).or_insert_with(|| Group::new(key.to_owned(), who, kind));
        if kind == "new" {
            group.kind = kind;
        }
        let mut act = Act::new(kind, severity);
        if kind != "new" && life.idle {
            act = act.noting(Text::fixed(
                "The logs reach back at least 20 hours before, and the key was not used in that time.",
                "ログはその 20 時間以上前から残っていますが、その間このキーは使用されていません。",
            ));
        }
        group.add(ctx, row, api, act);
    });
    groups.values().filter_map(finding).collect()
}

fn who(key: &str, api: &ApiActivity<'_>) -> Text {
    let key = clip(key);
    match api.user_name.as_deref().map(clip) {
        Some(user) => Text::new(format!("Access key {key} of user {user}"), format!("ユーザー {user} のアクセスキー {key} ")),
        None => Text::new(format!("Access key {key}"), format!("アクセスキー {key} ")),
    }
}

/// Whether the key's calls at a spot are to be told, and with what weight.
fn judge(life: &KeyLife, spot: &Spot) -> Option<(&'static str, Severity)> {
    let stay = life.stays.get(spot)?;
    match spot {
        Spot::Network(_) if stay.is_new() => Some(("new", stay.severity())),
        Spot::Agent(_) if stay.is_new() && stay.looks_stolen() => Some(("new", stay.severity().min(Severity::Medium))),
        Spot::Network(_) if stay.before == 0 && stay.looks_stolen() && stay.days.len() < SETTLED_DAYS => {
            Some((if stay.round() { "round" } else { "tool" }, if life.idle { Severity::Medium } else { Severity::Low }))
        }
        _ => None,
    }
}

/// The key of a call and where it comes in, if it counts: a long-lived key, from an address that is no office.
fn spots<'a>(ctx: &Context<'_>, api: &'a ApiActivity<'_>) -> Option<(&'a str, Vec<Spot>)> {
    let key = api.access_key_id.as_deref().filter(|key| key.starts_with("AKIA"))?;
    let address = address(api.source_ip.as_deref()?).filter(|address| !is_office(ctx, *address))?;
    let mut spots = vec![Spot::Network(network(address))];
    spots.extend(api.user_agent.as_deref().map(|agent| Spot::Agent(agent_family(agent))));
    Some((key, spots))
}

fn lives(ctx: &Context<'_>) -> BTreeMap<String, KeyLife> {
    let mut lives: BTreeMap<String, KeyLife> = BTreeMap::new();
    let begin = span_of(ctx.evidence, Table::ApiActivity).map(|span| span.from);
    each_call(ctx, &mut |row, api| {
        let Some((key, spots)) = spots(ctx, api) else { return };
        let life = lives.entry(key.to_owned()).or_default();
        let before = life.calls;
        life.calls += 1;
        if let (None, Some(at), Some(begin)) = (life.first, row.at, begin) {
            life.first = Some(at);
            life.idle = at.duration_since(begin) >= IDLE;
        }
        let aged = life.first.zip(row.at).is_some_and(|(first, at)| at.duration_since(first) >= BASELINE_AGE);
        let new_agent =
            matches!(spots.get(1), Some(agent) if aged && before >= BASELINE_CALLS && life.stays.get(agent).is_none_or(Stay::is_new));
        for spot in spots {
            let stay = life.stays.entry(spot).or_insert_with(|| Stay { before, aged, ..Stay::default() });
            stay.new_agent |= new_agent;
            stay.days.extend(row.at.map(day));
            stay.note(api);
        }
    });
    lives
}

impl Stay {
    fn note(&mut self, api: &ApiActivity<'_>) {
        self.done += u64::from(api.error_code.is_none());
        self.probed |= matches!(&*api.event_name, "GetCallerIdentity" | "GetSendQuota" | "GetAccountAuthorizationDetails");
        self.tool |= api.user_agent.as_deref().and_then(attack_tool).is_some();
        if !is_read(api) && !api.event_name.starts_with("AssumeRole") {
            self.writes += 1;
        } else if self.reads.len() < 50 {
            self.reads.insert(api.event_name.to_string());
        }
    }
}

fn finding(group: &Group) -> Option<Finding> {
    static NEW: Words = Words {
        done: Text::fixed(
            "was used from a network or with a tool not seen before: {t}",
            "これまでにないネットワークまたはツールから使用されました: {t}",
        ),
        tried: Text::fixed(
            "was tried from a network or with a tool not seen before, and refused: {t}",
            "これまでにないネットワークまたはツールから使用されかけましたが、拒否されました: {t}",
        ),
        innocent: INNOCENT,
    };
    static ROUND: Words = Words {
        done: Text::fixed(
            "was used like a found key (first asking for its identity or quota, then a look round or changes), from {t}",
            "拾得されたキーに典型的な使われ方をしました（まず身元や上限を確認し、その後に探索または変更）: {t}",
        ),
        tried: Text::fixed(
            "was tried like a found key, and refused: {t}",
            "拾得されたキーに典型的な使われ方をされかけましたが、拒否されました: {t}",
        ),
        innocent: NO_BASELINE,
    };
    static TOOL: Words = Words {
        done: Text::fixed(
            "was used with a tool for attacks or security tests, from {t}",
            "攻撃またはセキュリティテスト用のツールで使用されました: {t}",
        ),
        tried: Text::fixed(
            "was tried with a tool for attacks or security tests, and refused: {t}",
            "攻撃またはセキュリティテスト用のツールで使用されかけましたが、拒否されました: {t}",
        ),
        innocent: NO_BASELINE,
    };
    let words = match group.kind {
        "new" => &NEW,
        "round" => &ROUND,
        _ => &TOOL,
    };
    let mut told = group.clone();
    told.targets = group.sources.keys().cloned().collect();
    let mut finding = told.finding(Claim::KeyUsedFromNewPlace, "T1078.004", words)?;
    // The addresses stand among the entities as such, not as resources.
    finding.entities.retain(|entity| entity.kind != EntityKind::Resource);
    for agent in group.agents.keys().take(5) {
        finding.names(EntityKind::UserAgent, agent.clone());
    }
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{Call, KEY, call, notice, quiet, row, run, run_rows};
    use super::*;
    use abate_model::{AccountProfile, Body};

    fn theft() -> Vec<Call> {
        let mut calls = quiet();
        let away = |at: &str, what: &str| call(at, what).from("203.0.113.7").agent("Boto3/1.26");
        calls.push(away("19T02:00:00", "sts:GetCallerIdentity"));
        calls.push(away("19T02:00:09", "s3:ListBuckets"));
        calls.push(away("19T02:01:00", "iam:CreateUser"));
        calls
    }

    #[test]
    fn a_key_used_from_elsewhere_in_a_thiefs_manner_is_grave() {
        let found = run(&DETECTION, theft());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].count), (Severity::High, 3));
        assert!(found[0].title.en.contains(KEY) && found[0].title.en.ends_with("not seen before: 203.0.113.7"));
        assert_eq!(found[0].of(EntityKind::RemoteAddress).collect::<Vec<_>>(), vec!["203.0.113.7"]);
        assert!(found[0].of(EntityKind::Principal).any(|p| p.ends_with("user/alice")));
    }

    #[test]
    fn offices_and_neighbouring_addresses_are_known() {
        let profile = AccountProfile { offices: vec!["203.0.113.0/24".into()], ..AccountProfile::default() };
        let rows = theft().into_iter().enumerate().map(|(n, Call(at, api))| row(n as u64, Some(at), Body::Api(Box::new(api)))).collect();
        assert!(run_rows(&DETECTION, rows, &notice(), &profile).is_empty());
        let mut near = quiet();
        near.push(call("19T02:00:00", "iam:CreateUser").from("198.51.7.7"));
        assert!(run(&DETECTION, near).is_empty());
    }

    #[test]
    fn without_a_baseline_only_the_typical_round_is_told_and_weighs_little() {
        let round = vec![call("19T02:00:00", "sts:GetCallerIdentity"), call("19T02:01:00", "iam:CreateUser")];
        let found = run(&DETECTION, round);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity, Severity::Low);
        assert!(found[0].detail.en.contains("no earlier use"));
        assert!(run(&DETECTION, quiet()).is_empty());
    }

    #[test]
    fn a_key_that_lay_idle_weighs_more_and_a_change_of_tool_within_a_session_is_no_new_place() {
        let mut calls: Vec<Call> = quiet();
        for (n, what) in ["sts:GetCallerIdentity", "iam:ListUsers", "iam:ListRoles", "s3:ListBuckets", "iam:CreateUser"].iter().enumerate()
        {
            let mut made = call(&format!("20T02:00:{n:02}"), what).agent(if n < 4 { "aws-cli/2" } else { "Boto3/1" });
            made.1.access_key_id = Some("AKIAI44QH8DHBEXAMPLE".into());
            calls.push(made);
        }
        let found = run(&DETECTION, calls);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].count), (Severity::Medium, 5));
        assert!(found[0].title.en.contains("like a found key") && found[0].detail.en.contains("20 hours"));
    }
}
