//! Snapshots, images, buckets and shares given to outsiders or to everybody.

use abate_model::rows::ApiActivity;
use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};
use serde_json::{Value, json};

use super::account::group::{Act, Words, findings, gather};
use super::account::policy::{document, is_outside, outsiders};
use super::account::{clip, find_all, request, service, text_at, texts};
use crate::examples::{call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "data-shared",
    title: Text::fixed("Data shared with outsiders", "データの外部への共有"),
    claims: &[Claim::DataShared],
    techniques: &["T1537"],
    tactic: Tactic::Exfiltration,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "an image for another account",
            "イメージを別アカウントに共有する",
            || {
                calls([call("20T09:00:00", "ec2:ModifyImageAttribute")
                    .request(json!({"imageId": "ami-1", "launchPermission": {"add": {"items": [{"userId": "444455556666"}]}}}))])
            },
            &[Claim::DataShared],
        ),
        Example::miss("an image for one's own account", "イメージを自アカウントに共有する", || {
            calls([call("20T09:00:00", "ec2:ModifyImageAttribute")
                .request(json!({"imageId": "ami-1", "launchPermission": {"add": {"items": [{"userId": "111122223333"}]}}}))])
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if the other account is your own or a partner's, or if the bucket is meant for the public.",
    "相手のアカウントが自社や取引先のもの、または一般公開を目的としたバケットであれば問題ありません。",
);
static WORDS: Words = Words {
    done: Text::fixed("shared data with outsiders or made it public: {t}", "データを外部に共有、または公開しました: {t}"),
    tried: Text::fixed(
        "tried to share data with outsiders or make it public and was refused: {t}",
        "データを外部に共有、または公開しようとして拒否されました: {t}",
    ),
    innocent: INNOCENT,
};

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let groups = gather(ctx, &mut |_, api| {
        let asked = request(api);
        match service(api) {
            "ec2" | "rds" => snapshot(api, &asked),
            "s3" | "s3control" => bucket(api, &asked),
            "ecr" | "ecr-public" if api.event_name == "SetRepositoryPolicy" => {
                by_policy(api, document(asked.get("policyText")).as_ref(), text_at(&asked, "/repositoryName"))
            }
            "kms" if api.event_name == "PutKeyPolicy" => by_policy(api, document(asked.get("policy")).as_ref(), text_at(&asked, "/keyId")),
            "ram" if api.event_name == "CreateResourceShare" => {
                let external = find_all(&asked, "allowExternalPrincipals").iter().any(|v| v.as_bool() == Some(true));
                let to: Vec<String> = find_all(&asked, "principals")
                    .into_iter()
                    .filter_map(Value::as_array)
                    .flatten()
                    .filter_map(|v| v.as_str().map(str::to_owned))
                    .collect();
                to_others(api, if external { to } else { Vec::new() }, text_at(&asked, "/name"))
            }
            _ => None,
        }
    });
    findings(&groups, Claim::DataShared, &|_| ("T1537", &WORDS))
}

fn snapshot(api: &ApiActivity<'_>, asked: &Value) -> Option<Act> {
    let name = &*api.event_name;
    let target = ["/snapshotId", "/imageId", "/dBSnapshotIdentifier", "/dBClusterSnapshotIdentifier", "/exportTaskIdentifier"]
        .iter()
        .find_map(|p| text_at(asked, p));
    match name {
        "ModifySnapshotAttribute" | "ModifyImageAttribute" | "ModifyFpgaImageAttribute" => {
            let mut to = Vec::new();
            for added in find_all(asked, "add") {
                to.extend(["userId", "group", "organizationArn"].iter().flat_map(|key| texts(added, key)));
            }
            to_others(api, to, target)
        }
        "ModifyDBSnapshotAttribute" | "ModifyDBClusterSnapshotAttribute" => {
            let added = find_all(asked, "valuesToAdd").into_iter().filter_map(Value::as_array).flatten();
            to_others(api, added.filter_map(|v| v.as_str().map(str::to_owned)).collect(), target)
        }
        "StartExportTask" | "CreateInstanceExportTask" | "ExportImage" | "CreateStoreImageTask" => {
            let note = Text::fixed("A copy was exported to a bucket.", "コピーがバケットにエクスポートされました。");
            Some(Act::new("data", Severity::Low).on(target.or_else(|| Some(name.to_owned()))).noting(note))
        }
        _ => None,
    }
}

/// Shared with accounts or with `all`; `None` when nobody outside got anything.
fn to_others(api: &ApiActivity<'_>, to: Vec<String>, target: Option<String>) -> Option<Act> {
    let own = api.account.as_deref();
    let outside: Vec<String> = to.into_iter().filter(|who| who == "all" || own.is_none() || is_outside(who, own)).collect();
    if outside.is_empty() {
        return None;
    }
    let public = outside.iter().any(|who| who == "all");
    let who = outside.iter().take(3).map(|w| clip(w)).collect::<Vec<_>>().join(", ");
    let note = if public {
        Text::fixed("Everybody may copy it.", "誰でもコピーできる状態です。")
    } else {
        Text::new(format!("It was shared with {who}."), format!("{who} と共有されました。"))
    };
    let mut act = Act::new("data", Severity::High).on(target).noting(note);
    for who in outside.into_iter().take(5) {
        act = act.naming(EntityKind::Principal, Some(who));
    }
    Some(act)
}

fn bucket(api: &ApiActivity<'_>, asked: &Value) -> Option<Act> {
    let target = text_at(asked, "/bucketName").or_else(|| Some("account".to_owned()));
    let name = &*api.event_name;
    if name.starts_with("Delete") && name.ends_with("PublicAccessBlock") {
        let note = Text::fixed("The protection against public buckets was removed.", "パブリックアクセスブロックが解除されました。");
        return Some(Act::new("data", Severity::Medium).on(target).noting(note));
    }
    if name.starts_with("Put") && name.ends_with("PublicAccessBlock") {
        let off = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
            .iter()
            .flat_map(|key| find_all(asked, key))
            .any(|v| v.as_bool() == Some(false) || v.as_str() == Some("false"));
        let note = Text::fixed("The protection against public buckets was weakened.", "パブリックアクセスブロックが弱められました。");
        return off.then(|| Act::new("data", Severity::Medium).on(target).noting(note));
    }
    match name {
        "PutBucketPolicy" => by_policy(api, document(asked.get("bucketPolicy").or_else(|| asked.get("policy"))).as_ref(), target),
        "PutBucketAcl" | "PutObjectAcl" => {
            let text = asked.to_string();
            let public = ["/groups/global/AllUsers", "/groups/global/AuthenticatedUsers", "public-read"].iter().any(|w| text.contains(w));
            let note = Text::fixed("Its access list lets everybody in.", "アクセスコントロールリストで誰でもアクセスできます。");
            public.then(|| Act::new("data", Severity::High).on(target).noting(note))
        }
        "PutBucketReplication" => {
            let own = api.account.as_deref();
            let outside = find_all(asked, "account").into_iter().filter_map(Value::as_str).any(|a| is_outside(a, own));
            outside.then(|| Act::new("data", Severity::High).on(target))
        }
        _ => None,
    }
}

fn by_policy(api: &ApiActivity<'_>, policy: Option<&Value>, target: Option<String>) -> Option<Act> {
    let strangers = policy.map(|p| outsiders(p, api.account.as_deref())).unwrap_or_default();
    let sure = strangers.iter().any(|s| !s.conditional);
    let who = strangers.iter().take(3).map(|s| clip(&s.who)).collect::<Vec<_>>().join(", ");
    if strangers.is_empty() {
        return None;
    }
    let note = Text::new(format!("Its policy lets in {who}."), format!("ポリシーが {who} にアクセスを許可しています。"));
    let mut act = Act::new("data", if sure { Severity::High } else { Severity::Low }).on(target).noting(note);
    for stranger in strangers.into_iter().filter(|s| s.who != "*").take(5) {
        act = act.naming(EntityKind::Principal, Some(stranger.who));
    }
    Some(act)
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{call, run};
    use super::*;
    use serde_json::json;

    #[test]
    fn an_image_for_another_account_and_a_public_bucket() {
        let found = run(
            &DETECTION,
            vec![
                call("20T09:00:00", "ec2:ModifyImageAttribute")
                    .request(json!({"imageId": "ami-1", "launchPermission": {"add": {"items": [{"userId": "444455556666"}]}}})),
                call("20T09:01:00", "s3:PutBucketPolicy").request(json!({"bucketName": "example-data",
                    "bucketPolicy": {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}]}})),
                call("20T09:02:00", "rds:ModifyDBSnapshotAttribute")
                    .request(json!({"dBSnapshotIdentifier": "db-1", "attributeName": "restore", "valuesToAdd": ["all"]})),
            ],
        );
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].count), (Severity::High, 3));
        assert!(found[0].title.en.ends_with("ami-1, example-data, db-1"));
        assert!(found[0].of(EntityKind::Principal).any(|p| p == "444455556666"));
    }

    #[test]
    fn sharing_inside_and_closing_are_fine() {
        let found = run(
            &DETECTION,
            vec![
                call("20T09:00:00", "ec2:ModifySnapshotAttribute").request(
                    json!({"snapshotId": "snap-1", "createVolumePermission": {"remove": {"items": [{"userId": "444455556666"}]}}}),
                ),
                call("20T09:00:00", "ec2:ModifyImageAttribute")
                    .request(json!({"imageId": "ami-1", "launchPermission": {"add": {"items": [{"userId": "111122223333"}]}}})),
                call("20T09:00:00", "s3:PutBucketPublicAccessBlock").request(
                    json!({"bucketName": "b", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "RestrictPublicBuckets": true}}),
                ),
            ],
        );
        assert!(found.is_empty());
    }
}
