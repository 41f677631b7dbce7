//! Data, backups and keys destroyed: databases, snapshots, recovery points, instances in number, keys of encryption.

use abate_model::rows::ApiActivity;
use abate_model::{Claim, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::group::{Act, Words, findings, gather};
use super::account::listed::{Listed, act};
use super::account::{find_all, lower, request, service};
use crate::examples::{call, calls, daily};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "data-destroyed",
    title: Text::fixed("Data, backups or keys destroyed", "データ・バックアップ・暗号鍵の破壊"),
    claims: &[Claim::DataDestroyed],
    techniques: &["T1485", "T1490"],
    tactic: Tactic::Impact,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a key's deletion is scheduled, and a database goes without a last snapshot",
            "鍵の削除を予約し、最終スナップショットなしでデータベースを削除する",
            || {
                calls([
                    call("20T03:00:00", "kms:ScheduleKeyDeletion").request(json!({"keyId": "k-1", "pendingWindowInDays": 7})),
                    call("20T03:01:00", "rds:DeleteDBInstance").request(json!({"dBInstanceIdentifier": "db-1", "skipFinalSnapshot": true})),
                ])
            },
            &[Claim::DataDestroyed],
        ),
        Example::miss(
            "old snapshots go one by one, day after day",
            "古いスナップショットを毎日 1 つずつ削除する",
            || calls(daily(8..20, |at| call(at, "ec2:DeleteSnapshot").by("backup").request(json!({"snapshotId": "snap-1"})))),
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if it was a planned clean-up. A key whose deletion is scheduled can be kept (CancelKeyDeletion) until the day comes.",
    "計画された整理であれば問題ない。削除予約された鍵は、期日までは CancelKeyDeletion で取り消せる。",
);
static WORDS: Words = Words {
    done: Text::fixed("destroyed data, backups or keys: {t}", "データ・バックアップ・鍵を破壊した: {t}"),
    tried: Text::fixed(
        "tried to destroy data, backups or keys and was refused: {t}",
        "データ・バックアップ・鍵を破壊しようとして拒否された: {t}",
    ),
    innocent: INNOCENT,
};

/// Grave each by itself.
const GRAVE: &[Listed] = &[
    ("kms", "ScheduleKeyDeletion", Severity::High),
    ("kms", "DeleteImportedKeyMaterial", Severity::High),
    ("kms", "DisableKey", Severity::Medium),
    ("rds", "DeleteDBInstance", Severity::Medium),
    ("rds", "DeleteDBCluster", Severity::Medium),
    ("rds", "DeleteDBInstanceAutomatedBackup", Severity::High),
    ("backup", "DeleteBackupVault", Severity::High),
    ("dynamodb", "DeleteTable", Severity::Medium),
    ("elasticfilesystem", "DeleteFileSystem", Severity::High),
    ("redshift", "DeleteCluster", Severity::Medium),
    ("secretsmanager", "DeleteSecret", Severity::Low),
];
/// Ordinary one by one, grave in number.
const MANY: &[Listed] = &[
    ("ec2", "DeleteSnapshot", Severity::Medium),
    ("ec2", "DeregisterImage", Severity::Medium),
    ("ec2", "DeleteVolume", Severity::Medium),
    ("ec2", "TerminateInstances", Severity::Medium),
    ("rds", "DeleteDBSnapshot", Severity::Medium),
    ("rds", "DeleteDBClusterSnapshot", Severity::Medium),
    ("backup", "DeleteRecoveryPoint", Severity::Medium),
    ("dynamodb", "DeleteBackup", Severity::Medium),
    ("ecr", "DeleteRepository", Severity::Medium),
];
/// So many deletions of such things are a clearing.
const CLEARING: u64 = 10;

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let pointers = [
        "/keyId",
        "/dBInstanceIdentifier",
        "/dBClusterIdentifier",
        "/backupVaultName",
        "/tableName",
        "/snapshotId",
        "/dBSnapshotIdentifier",
        "/volumeId",
        "/imageId",
        "/secretId",
        "/recoveryPointArn",
    ];
    let mut groups = gather(ctx, &mut |_, api| {
        let grave = act(api, "grave", GRAVE, &pointers).map(|act| weighed(api, act));
        grave.or_else(|| act(api, "many", MANY, &pointers))
    });
    groups.retain_mut(|group| {
        let many = group.done + group.refused >= CLEARING && !group.is_routine();
        if group.kind == "many" && many && group.severity == Severity::Medium {
            group.severity = Severity::High;
        }
        // A program that makes and removes such things every day is at its work.
        (group.kind == "grave" && !group.is_routine()) || (group.kind == "many" && many)
    });
    findings(&groups, Claim::DataDestroyed, &|group| if group.kind == "grave" { ("T1485", &WORDS) } else { ("T1490", &WORDS) })
}

/// A database that goes without a last snapshot weighs more; a secret's deletion without days of grace, too.
fn weighed(api: &ApiActivity<'_>, mut act: Act) -> Act {
    let asked = request(api);
    let set = |key| find_all(&asked, key).iter().any(|value| value.as_bool() == Some(true) || value.as_str() == Some("true"));
    match service(api) {
        "rds" if set("skipFinalSnapshot") => act.severity = Severity::High,
        "rds" if api.event_name != "DeleteDBInstanceAutomatedBackup" => act.severity = lower(act.severity),
        "secretsmanager" if set("forceDeleteWithoutRecovery") => act.severity = Severity::Medium,
        _ => {}
    }
    act
}
