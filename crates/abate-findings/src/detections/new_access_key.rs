//! New long-lived credentials: access keys, service-specific credentials, SSH keys of IAM users; keys made active again.
//!
//! A key made for somebody else weighs more than one's own, which is what rotation looks like.

use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::group::{Act, Words, findings, gather};
use super::account::{json, request, service, text_at};
use crate::examples::{call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "new-access-key",
    title: Text::fixed("New access key", "アクセスキーの新規作成"),
    claims: &[Claim::NewAccessKey],
    techniques: &["T1098.001"],
    tactic: Tactic::Persistence,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a key for another user",
            "別のユーザーのアクセスキーを作成する",
            || calls([call("20T10:00:00", "iam:CreateAccessKey").request(json!({"userName": "build"}))]),
            &[Claim::NewAccessKey],
        ),
        Example::miss("one's own old key is switched off", "自分の古いキーを無効にする", || {
            calls([call("20T10:01:00", "iam:UpdateAccessKey").request(json!({"status": "Inactive", "userName": "alice"}))])
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if it is a planned key rotation, or a key for a program that you know.",
    "計画的なキーのローテーションや、把握しているプログラムのためのキーであれば問題ありません。",
);
static OTHER: Words = Words {
    done: Text::fixed("created long-lived credentials for {t}", "{t} の長期認証情報を作成しました"),
    tried: Text::fixed(
        "tried to create long-lived credentials for {t} and was refused",
        "{t} の長期認証情報を作成しようとして拒否されました",
    ),
    innocent: INNOCENT,
};
static OWN: Words = Words {
    done: Text::fixed("created long-lived credentials for itself", "自身の長期認証情報を作成しました"),
    tried: Text::fixed(
        "tried to create long-lived credentials for itself and was refused",
        "自身の長期認証情報を作成しようとして拒否されました",
    ),
    innocent: INNOCENT,
};

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let groups = gather(ctx, &mut |_, api| {
        if service(api) != "iam" {
            return None;
        }
        let asked = request(api);
        match &*api.event_name {
            "CreateAccessKey" | "CreateServiceSpecificCredential" | "UploadSSHPublicKey" => {}
            "UpdateAccessKey" if text_at(&asked, "/status").as_deref() == Some("Active") => {}
            _ => return None,
        }
        let given = json(api.response.as_deref());
        let target = text_at(&asked, "/userName").or_else(|| text_at(&given, "/accessKey/userName"));
        let key = text_at(&given, "/accessKey/accessKeyId").or_else(|| text_at(&asked, "/accessKeyId"));
        let root = api.identity_type.as_deref() == Some("Root");
        let other = target.is_some() && target.as_deref() != api.user_name.as_deref() && !(root && target.as_deref() == Some("root"));
        let act = match (other, root) {
            (true, _) => Act::new("other", Severity::High),
            (false, true) => Act::new("own", Severity::High).noting(Text::fixed(
                "A key of the root user can do everything and should not exist.",
                "ルートユーザーのキーはあらゆる操作ができるため、本来存在してはならないものです。",
            )),
            (false, false) => Act::new("own", Severity::Medium),
        };
        Some(act.naming(EntityKind::AccessKey, key).naming(EntityKind::User, target.clone()).on(target))
    });
    findings(&groups, Claim::NewAccessKey, &|group| ("T1098.001", if group.kind == "other" { &OTHER } else { &OWN }))
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{call, run};
    use super::*;
    use serde_json::json;

    #[test]
    fn a_key_for_another_user_is_grave_and_names_the_new_key() {
        let made = json!({"accessKey": {"accessKeyId": "AKIAI44QH8DHBEXAMPLE", "userName": "build", "status": "Active"}});
        let found = run(&DETECTION, vec![call("20T10:00:00", "iam:CreateAccessKey").request(json!({"userName": "build"})).response(made)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity, Severity::High);
        assert_eq!(found[0].title.en, "IAM user alice created long-lived credentials for build");
        assert!(found[0].of(EntityKind::AccessKey).any(|k| k == "AKIAI44QH8DHBEXAMPLE"));
    }

    #[test]
    fn ones_own_rotation_is_medium_and_switching_a_key_off_is_nothing() {
        let found = run(
            &DETECTION,
            vec![
                call("20T10:00:00", "iam:CreateAccessKey"),
                call("20T10:01:00", "iam:UpdateAccessKey").request(json!({"status": "Inactive", "userName": "alice"})),
            ],
        );
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].count), (Severity::Medium, 1));
    }
}
