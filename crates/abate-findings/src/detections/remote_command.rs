//! Ways onto instances through AWS itself: Systems Manager commands and sessions, EC2 Instance Connect, the serial console, user
//! data replaced, commands in containers.

use abate_model::rows::ApiActivity;
use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};
use serde_json::{Value, json};

use super::account::group::{Act, Group, Words, findings, gather};
use super::account::history::{History, Novelty};
use super::account::{find_all, request, service, text_at};
use crate::examples::{after_quiet, call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "remote-command",
    title: Text::fixed("Command or session on instances through AWS", "AWS 経由でのインスタンスへのコマンド実行・接続"),
    claims: &[Claim::RemoteCommand],
    techniques: &["T1651", "T1021.008"],
    tactic: Tactic::Execution,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a newcomer runs a shell script on instances",
            "新しいプリンシパルがインスタンスでシェルスクリプトを実行する",
            || {
                after_quiet([call("20T10:00:00", "ssm:SendCommand")
                    .by("mallory")
                    .request(json!({"documentName": "AWS-RunShellScript", "instanceIds": ["i-0aa"]}))])
            },
            &[Claim::RemoteCommand],
        ),
        Example::miss("an instance is made larger", "インスタンスのサイズを変更する", || {
            calls([call("20T09:00:00", "ec2:ModifyInstanceAttribute")
                .request(json!({"instanceId": "i-0aa", "instanceType": {"value": "t3.large"}}))])
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if an administrator or a maintenance program did it; the commands themselves are in Systems Manager's history, not in CloudTrail.",
    "管理者や保守プログラムによるものであれば問題ありません。コマンドの内容は CloudTrail ではなく Systems Manager の履歴にあります。",
);
static COMMAND: Words = Words {
    done: Text::fixed("ran commands on instances: {t}", "インスタンスでコマンドを実行しました: {t}"),
    tried: Text::fixed(
        "tried to run commands on instances and was refused: {t}",
        "インスタンスでコマンドを実行しようとして拒否されました: {t}",
    ),
    innocent: INNOCENT,
};
static SESSION: Words = Words {
    done: Text::fixed("connected to instances through AWS: {t}", "AWS 経由でインスタンスに接続しました: {t}"),
    tried: Text::fixed(
        "tried to connect to instances through AWS and was refused: {t}",
        "AWS 経由でインスタンスに接続しようとして拒否されました: {t}",
    ),
    innocent: INNOCENT,
};
static USER_DATA: Words = Words {
    done: Text::fixed(
        "replaced the user data of instances, which runs at start: {t}",
        "起動時に実行されるユーザーデータを置き換えました: {t}",
    ),
    tried: Text::fixed(
        "tried to replace the user data of instances and was refused: {t}",
        "ユーザーデータを置き換えようとして拒否されました: {t}",
    ),
    innocent: INNOCENT,
};

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut groups = gather(ctx, &mut |_, api| {
        let asked = request(api);
        let (kind, severity) = kind(api, &asked)?;
        let instances = instances(&asked);
        let target =
            instances.first().cloned().or_else(|| ["/documentName", "/target", "/cluster"].iter().find_map(|p| text_at(&asked, p)));
        let mut act = Act::new(kind, severity).on(target);
        for instance in instances.into_iter().take(10) {
            act = act.naming(EntityKind::Instance, Some(instance));
        }
        if let Some(document) = text_at(&asked, "/documentName") {
            let document = super::account::clip(&document);
            act = act.noting(Text::new(format!("Document: {document}."), format!("ドキュメント: {document}。")));
        }
        Some(act)
    });
    if !groups.is_empty() {
        let history = History::of(ctx);
        groups.iter_mut().for_each(|group| weigh(group, &history));
    }
    findings(&groups, Claim::RemoteCommand, &|group| match group.kind {
        "command" => ("T1651", &COMMAND),
        "session" => ("T1021.008", &SESSION),
        _ => ("T1651", &USER_DATA),
    })
}

fn kind(api: &ApiActivity<'_>, asked: &Value) -> Option<(&'static str, Severity)> {
    match (service(api), &*api.event_name) {
        ("ssm", "SendCommand" | "StartAutomationExecution" | "CreateAssociation") | ("ecs", "ExecuteCommand") => {
            Some(("command", Severity::Medium))
        }
        ("ssm", "StartSession" | "ResumeSession") => Some(("session", Severity::Medium)),
        ("ec2-instance-connect", "SendSSHPublicKey" | "SendSerialConsoleSSHPublicKey" | "OpenTunnel") => {
            Some(("session", Severity::Medium))
        }
        ("ec2", "EnableSerialConsoleAccess") => Some(("session", Severity::High)),
        ("ec2", "ModifyInstanceAttribute") => {
            let user_data = asked.get("userData").is_some() || text_at(asked, "/attribute").as_deref() == Some("userData");
            user_data.then_some(("user-data", Severity::High))
        }
        (
            "sagemaker",
            "CreateNotebookInstanceLifecycleConfig" | "UpdateNotebookInstanceLifecycleConfig" | "CreatePresignedNotebookInstanceUrl",
        ) => Some(("command", Severity::Medium)),
        _ => None,
    }
}

fn instances(asked: &Value) -> Vec<String> {
    let mut out: Vec<String> = ["/instanceId", "/target"].iter().filter_map(|p| text_at(asked, p)).collect();
    for key in ["instanceIds", "values"] {
        out.extend(
            find_all(asked, key).into_iter().filter_map(Value::as_array).flatten().filter_map(|v| v.as_str().map(str::to_owned)).take(50),
        );
    }
    out.retain(|id| id.starts_with("i-") || id.starts_with("mi-"));
    out
}

fn weigh(group: &mut Group, history: &History) {
    let service = match group.kind {
        "user-data" => "ec2",
        _ if group.calls.keys().any(|call| call.contains("SSHPublicKey") || call == "OpenTunnel") => "ec2-instance-connect",
        _ => "ssm",
    };
    let mut novelty = history.group(group, service);
    if history.elsewhere(group) {
        novelty = Novelty::New;
    }
    if novelty == Novelty::New || (novelty == Novelty::NoBaseline && group.tool().is_some()) {
        group.severity = group.severity.max(Severity::High);
    }
    group.notes.extend(novelty.says());
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{call, quiet, run};
    use super::*;
    use serde_json::json;

    #[test]
    fn commands_and_keys_by_a_newcomer_are_grave() {
        let mut calls = quiet();
        let asked = json!({"documentName": "AWS-RunShellScript", "instanceIds": ["i-0aa", "i-0bb"]});
        calls.push(call("20T10:00:00", "ssm:SendCommand").by("mallory").request(asked));
        calls.push(call("20T10:01:00", "ec2-instance-connect:SendSSHPublicKey").by("mallory").request(json!({"instanceId": "i-0aa"})));
        let found = run(&DETECTION, calls);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|f| f.severity == Severity::High));
        assert_eq!(found[0].of(EntityKind::Instance).collect::<Vec<_>>(), vec!["i-0aa", "i-0bb"]);
        assert!(found[0].detail.en.contains("AWS-RunShellScript"));
        assert_eq!(found[1].technique.as_deref(), Some("T1021.008"));
    }

    #[test]
    fn maintenance_on_many_days_weighs_little_and_other_attributes_nothing() {
        let daily = (10..20).map(|day| call(&format!("{day}T09:00:00"), "ssm:SendCommand").request(json!({"instanceIds": ["i-0aa"]})));
        assert_eq!(run(&DETECTION, daily.collect())[0].severity, Severity::Low);
        let other = call("20T09:00:00", "ec2:ModifyInstanceAttribute")
            .request(json!({"instanceId": "i-0aa", "instanceType": {"value": "t3.large"}}));
        assert!(run(&DETECTION, vec![other]).is_empty());
    }
}
