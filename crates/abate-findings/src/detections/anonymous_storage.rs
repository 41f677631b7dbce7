//! Buckets read (or written) by callers who did not sign their requests.

use std::collections::BTreeMap;

use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::group::{Act, Group, Words};
use super::account::{each_call, is_anonymous, is_read, request, service, text_at};
use crate::examples::{call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection =
    Detection {
        id: "anonymous-storage-access",
        title: Text::fixed("Bucket used by anonymous callers", "匿名の呼び出し元によるバケットの利用"),
        claims: &[Claim::AnonymousStorageAccess],
        techniques: &["T1530"],
        tactic: Tactic::Collection,
        severity: Severity::Medium,
        needs: &[Table::ApiActivity],
        innocent: INNOCENT,
        examples: &[
            Example::hit(
                "strangers list a bucket and read from it",
                "第三者がバケットを列挙し、読み取る",
                || {
                    calls(["s3:ListObjects", "s3:GetObject"].map(|what| {
                        call("20T10:00:00", what).by_nobody().from("203.0.113.50").request(json!({"bucketName": "example-files"}))
                    }))
                },
                &[Claim::AnonymousStorageAccess],
            ),
            Example::miss("a signed call", "署名された呼び出し", || {
                calls([call("20T10:00:00", "s3:GetObject").request(json!({"bucketName": "example-files"}))])
            }),
        ],
        run,
    };

const INNOCENT: Text = Text::fixed(
    "It is innocent if the bucket is meant for the public (a web site, downloads); nobody should be able to list or write it.",
    "一般公開を目的としたバケット（Web サイト、配布物）であれば問題ありません。ただし、一覧や書き込みは誰にも許すべきではありません。",
);
static WORDS: Words = Words {
    done: Text::fixed("was used by anonymous callers", "匿名の呼び出し元に利用されました"),
    tried: Text::fixed("was tried by anonymous callers, who were refused", "匿名の呼び出し元に試されましたが、拒否されています"),
    innocent: INNOCENT,
};

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    each_call(ctx, &mut |row, api| {
        if service(api) != "s3" || !is_anonymous(api) {
            return;
        }
        let bucket = text_at(&request(api), "/bucketName").unwrap_or_else(|| "[name not recorded]".to_owned());
        let name = super::account::clip(&bucket);
        let who = Text::new(format!("Bucket {name}"), format!("バケット {name} "));
        let severity = match &*api.event_name {
            _ if !is_read(api) => Severity::High,
            name if name.starts_with("ListObject") || name.ends_with("Acl") || name.ends_with("Policy") => Severity::Medium,
            _ => Severity::Low,
        };
        let mut act = Act::new("anonymous", severity).naming(EntityKind::Resource, Some(bucket.clone()));
        if api.error_code.is_none() && severity == Severity::High {
            act = act.noting(Text::fixed("Something was written or deleted.", "書き込みまたは削除が行われています。"));
        } else if api.error_code.is_none() && severity == Severity::Medium {
            act = act.noting(Text::fixed("Its contents or settings could be listed.", "内容または設定を一覧できる状態です。"));
        }
        groups.entry(bucket.clone()).or_insert_with(|| Group::new(bucket, who, "anonymous")).add(ctx, row, api, act);
    });
    groups
        .values()
        .filter_map(|group| {
            let mut finding = group.finding(Claim::AnonymousStorageAccess, "T1530", &WORDS)?;
            if group.done == 0 {
                finding.severity = Severity::Informational;
            }
            Some(finding)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{Call, call, run};
    use super::*;
    use serde_json::json;

    fn anonymous(what: &str) -> Call {
        let mut call = call("20T10:00:00", what).request(json!({"bucketName": "example-files"})).from("203.0.113.50");
        call.1.identity_type = Some("AWSAccount".into());
        call.1.principal_id = Some("".into());
        (call.1.identity_arn, call.1.access_key_id, call.1.user_name) = (None, None, None);
        call
    }

    #[test]
    fn listing_by_strangers_is_told_per_bucket() {
        let found = run(&DETECTION, vec![anonymous("s3:ListObjects"), anonymous("s3:GetObject")]);
        assert_eq!((found.len(), found[0].severity, found[0].count), (1, Severity::Medium, 2));
        assert_eq!(found[0].title.en, "Bucket example-files was used by anonymous callers");
        let refused = run(&DETECTION, vec![anonymous("s3:GetObject").refused("AccessDenied")]);
        assert_eq!(refused[0].severity, Severity::Informational);
    }

    #[test]
    fn signed_calls_are_not_anonymous() {
        assert!(run(&DETECTION, vec![call("20T10:00:00", "s3:GetObject")]).is_empty());
        let mut other = anonymous("s3:GetObject");
        other.1.principal_id = Some("AIDAEXAMPLE".into());
        assert!(run(&DETECTION, vec![other]).is_empty());
    }
}
