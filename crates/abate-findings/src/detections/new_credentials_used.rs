//! Credentials that were made during the intrusion and then used, and keys that went on working after AWS put them under quarantine.

use std::collections::BTreeMap;

use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};
use jiff::Timestamp;
use serde_json::json;

use super::account::group::{Act, Words, findings, gather};
use super::account::history::{History, Novelty};
use super::account::{actor, address, each_call, is_read, json, network, request, service, text_at, texts};
use super::known::is_office;
use crate::examples::{after_quiet, call};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "new-credentials-used",
    title: Text::fixed("Key used that was made elsewhere, or is under quarantine", "新しく作られたキー・隔離後のキーの使用"),
    claims: &[Claim::NewCredentialsUsed],
    techniques: &["T1098.001", "T1078.004"],
    tactic: Tactic::Persistence,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a stranger with alice's key makes one for another user and uses it",
            "第三者が alice のキーで別ユーザーのキーを作り、それを使う",
            || {
                after_quiet([
                    call("20T03:00:00", "iam:CreateAccessKey")
                        .from("203.0.113.7")
                        .request(json!({"userName": "build"}))
                        .response(json!({"accessKey": {"accessKeyId": "AKIAI44QH8DHBEXAMPLE"}})),
                    call("20T03:05:00", "ec2:RunInstances").by("build").with_key("AKIAI44QH8DHBEXAMPLE").from("203.0.113.7"),
                ])
            },
            &[Claim::NewCredentialsUsed],
        ),
        Example::hit(
            "a key is used from afar after the quarantine",
            "隔離後にキーが離れた場所から使われる",
            || {
                let policy = json!({"userName": "alice", "policyArn": "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"});
                after_quiet([
                    call("19T03:00:00", "iam:AttachUserPolicy").from("iam.amazonaws.com").request(policy),
                    call("20T03:05:00", "s3:ListBuckets").from("203.0.113.7"),
                ])
            },
            &[Claim::NewCredentialsUsed],
        ),
        Example::miss(
            "a rotation: one's own new key, used where the old one was",
            "ローテーション: 自分の新しいキーを、これまでと同じ場所で使う",
            || {
                after_quiet([
                    call("20T09:00:00", "iam:CreateAccessKey").response(json!({"accessKey": {"accessKeyId": "AKIAI44QH8DHBEXAMPLE"}})),
                    call("20T09:05:00", "ec2:DescribeInstances").with_key("AKIAI44QH8DHBEXAMPLE"),
                ])
            },
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if an administrator rotated keys, or the owner went on with a key under quarantine without knowing.",
    "管理者によるキーの更新や、隔離に気付かない所有者による継続利用であれば問題ない。",
);
static MADE: Words = Words {
    done: Text::fixed("used a key that another principal had just made: {t}", "別のプリンシパルが作ったばかりのキーを使った: {t}"),
    tried: Text::fixed(
        "tried to use a key that another principal had just made and was refused: {t}",
        "別のプリンシパルが作ったばかりのキーを使おうとして拒否された: {t}",
    ),
    innocent: INNOCENT,
};
static QUARANTINED: Words = Words {
    done: Text::fixed("went on using keys after AWS had put them under quarantine: {t}", "AWS による隔離の後もキーが使われた: {t}"),
    tried: Text::fixed(
        "tried to use keys after AWS had put them under quarantine and was refused: {t}",
        "AWS による隔離の後にキーの使用を試みて拒否された: {t}",
    ),
    innocent: INNOCENT,
};

/// Keys and users followed.
const MAX_KEYS: usize = 1000;

/// What was made when, by whom and from where.
#[derive(Default)]
struct Followed {
    /// new key -> (time, maker, the maker's network)
    keys: BTreeMap<String, (Timestamp, String, String)>,
    /// user -> when the quarantine began
    users: BTreeMap<String, Timestamp>,
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let followed = follow(ctx);
    if followed.keys.is_empty() && followed.users.is_empty() {
        return Vec::new();
    }
    let history = History::of(ctx);
    let mut groups = gather(ctx, &mut |row, api| {
        let (at, key) = (row.at?, api.access_key_id.as_deref()?);
        let from = api.source_ip.as_deref().and_then(address).filter(|address| !is_office(ctx, *address))?;
        if let Some((made, maker, place)) = followed.keys.get(key) {
            // The same hand on both ends, though another name: the maker's own network, and the maker's was a new one.
            let strange = history.network(maker, &from.to_string(), None) == Novelty::New;
            if at >= *made && *maker != actor(api) && network(from) == *place && strange {
                let severity = if is_read(api) { Severity::Medium } else { Severity::High };
                return Some(
                    Act::new("made", severity).naming(EntityKind::AccessKey, Some(key.to_owned())).on(Some(api.event_name.to_string())),
                );
            }
        }
        let since = followed.users.get(api.user_name.as_deref()?)?;
        let strange = history.network(&actor(api), &from.to_string(), None) == Novelty::New;
        let act = || {
            Act::new("quarantined", Severity::High).naming(EntityKind::AccessKey, Some(key.to_owned())).on(Some(api.event_name.to_string()))
        };
        (at > *since && strange && key.starts_with("AKIA")).then(act)
    });
    groups.retain(|group| !group.is_routine());
    findings(&groups, Claim::NewCredentialsUsed, &|group| {
        if group.kind == "made" { ("T1098.001", &MADE) } else { ("T1078.004", &QUARANTINED) }
    })
}

fn follow(ctx: &Context<'_>) -> Followed {
    let mut followed = Followed::default();
    // AWS attaches the quarantine itself: calls of its services count here.
    ctx.evidence.each(&abate_model::Filter::table(Table::ApiActivity), &mut |row| {
        let (abate_model::Body::Api(api), Some(at)) = (&row.body, row.at) else { return };
        if api.event_name != "AttachUserPolicy" || api.error_code.is_some() || service(api) != "iam" || followed.users.len() >= MAX_KEYS {
            return;
        }
        let asked = request(api);
        let quarantine = text_at(&asked, "/policyArn").is_some_and(|arn| arn.contains("AWSCompromisedKeyQuarantine"));
        if let Some(user) = text_at(&asked, "/userName").filter(|_| quarantine) {
            let since = followed.users.entry(user).or_insert(at);
            *since = (*since).min(at);
        }
    });
    each_call(ctx, &mut |row, api| {
        let Some(at) = row.at else { return };
        if api.event_name != "CreateAccessKey" || api.error_code.is_some() || followed.keys.len() >= MAX_KEYS {
            return;
        }
        let place = api.source_ip.as_deref().and_then(address).map(network);
        let key = texts(&json(api.response.as_deref()), "accessKeyId").into_iter().next();
        if let (Some(key), Some(place)) = (key, place) {
            followed.keys.insert(key, (at, actor(api), place));
        }
    });
    followed
}
