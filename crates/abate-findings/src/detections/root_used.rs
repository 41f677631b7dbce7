//! The root user at work, in the API or by a console sign-in.

use abate_model::rows::{ApiActivity, AuthOutcome};
use abate_model::{Body, Claim, EntityKind, Filter, Finding, Row, Severity, Table, Text};

use super::account::group::{Act, Group, Words};
use super::account::{by_aws, is_read};
use crate::examples::{call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "root-used",
    title: Text::fixed("Root user at work", "ルートユーザーの使用"),
    claims: &[Claim::RootUsed],
    techniques: &["T1078.004"],
    tactic: Tactic::PrivilegeEscalation,
    severity: Severity::High,
    needs: &[Table::ApiActivity, Table::Authentication],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "root makes a key pair",
            "ルートユーザーがキーペアを作成する",
            || calls([call("20T10:01:00", "ec2:CreateKeyPair").by_root()]),
            &[Claim::RootUsed],
        ),
        Example::miss("a service acts for root", "サービスがルートとして動作する", || {
            calls([call("20T10:00:00", "s3:GetBucketAcl").by_root().from("cloudtrail.amazonaws.com")])
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if the account's owner did it; a few settings need the root user. Ask whoever holds its password.",
    "アカウント所有者本人による操作であれば問題ありません（一部の設定にはルートユーザーが必要です）。パスワードの管理者に確認してください。",
);
static WORDS: Words = Words {
    done: Text::fixed("was used", "使用されました"),
    tried: Text::fixed("was tried, without success", "使用されかけましたが、成功していません"),
    innocent: INNOCENT,
};

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut group = Group::new("root".to_owned(), Text::fixed("The root user", "ルートユーザー"), "root");
    let mut visit = |row: &Row<'_>| match &row.body {
        Body::Api(api) if api.identity_type.as_deref() == Some("Root") && !by_aws(api) => {
            let mut act = Act::new("root", if is_read(api) { Severity::Medium } else { Severity::High });
            if api.access_key_id.as_deref().is_some_and(|key| key.starts_with("AKIA")) {
                act.severity = Severity::High;
                act = act.noting(Text::fixed(
                    "A long-lived access key of the root user was used; such a key should not exist.",
                    "ルートユーザーの長期アクセスキーが使われています。このキーは本来存在してはならないものです。",
                ));
            }
            group.add(ctx, row, api, act);
        }
        Body::Auth(auth) if auth.service == "console" && auth.user.as_deref().is_some_and(is_root) => {
            let failed = auth.outcome == AuthOutcome::Failure;
            let api = ApiActivity {
                event_name: "ConsoleLogin".into(),
                source_ip: auth.source.map(|a| a.to_string().into()),
                user_agent: auth.user_agent.as_deref().map(Into::into),
                region: auth.region.as_deref().map(Into::into),
                error_code: failed.then(|| "Failure".into()),
                ..ApiActivity::default()
            };
            let without = !failed && auth.mfa == Some(false);
            let mut act = Act::new("root", if without { Severity::High } else { Severity::Medium });
            act = act.naming(EntityKind::User, Some("root".to_owned()));
            if without {
                act = act.noting(Text::fixed("It signed in to the console without MFA.", "MFA なしでコンソールにサインインしています。"));
            }
            group.add(ctx, row, &api, act);
        }
        _ => {}
    };
    for table in [Table::ApiActivity, Table::Authentication] {
        ctx.evidence.each(&Filter::table(table), &mut visit);
    }
    group.finding(Claim::RootUsed, "T1078.004", &WORDS).into_iter().collect()
}

fn is_root(user: &str) -> bool {
    user == "root" || (user.starts_with("arn:") && user.ends_with(":root"))
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{call, notice, row, run, run_rows, sign_in};
    use super::*;
    use abate_model::AccountProfile;

    #[test]
    fn root_acts_and_signs_in_without_mfa() {
        let (at, mut auth) = sign_in("20T10:00:00", "root", "203.0.113.9");
        auth.mfa = Some(false);
        let made = call("20T10:01:00", "ec2:CreateKeyPair").by_root();
        let rows = vec![row(0, Some(at), Body::Auth(Box::new(auth))), row(1, Some(made.0), Body::Api(Box::new(made.1)))];
        let found = run_rows(&DETECTION, rows, &notice(), &AccountProfile::default());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].count), (Severity::High, 2));
        assert!(found[0].detail.en.contains("without MFA"));
        assert!(found[0].of(EntityKind::RemoteAddress).any(|a| a == "203.0.113.9"));
    }

    #[test]
    fn others_and_services_for_root_are_not_it() {
        let mut service = call("20T10:00:00", "s3:GetBucketAcl").by_root();
        service.1.invoked_by = Some("cloudtrail.amazonaws.com".into());
        assert!(run(&DETECTION, vec![call("20T10:00:00", "iam:ListUsers"), service]).is_empty());
    }
}
