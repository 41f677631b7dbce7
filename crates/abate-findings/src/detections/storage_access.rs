//! Stored objects read, copied or destroyed by somebody who did not do that before, and the signs of ransom: mass deletion,
//! encryption with the intruder's key, versioning switched off, a note left behind.
//!
//! Object calls are data events; most trails do not record them, so that silence here proves nothing.

use std::collections::BTreeMap;

use abate_model::rows::ApiActivity;
use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};
use serde_json::{Value, json};

use super::account::group::{Act, Group, Words, findings, gather};
use super::account::history::{History, Novelty};
use super::account::{actor, is_anonymous, request, service, text_at};
use crate::examples::{after_quiet, call, calls, daily};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "storage-access",
    title: Text::fixed("Stored objects read or destroyed", "保存オブジェクトの読み取りまたは破壊"),
    claims: &[Claim::StorageAccess],
    techniques: &["T1530", "T1485", "T1486"],
    tactic: Tactic::Exfiltration,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a newcomer lists buckets and reads 120 objects",
            "新しいプリンシパルがバケットを列挙し 120 件のオブジェクトを読む",
            || {
                after_quiet((0..121).map(|n| {
                    let what = if n == 0 { "s3:ListBuckets" } else { "s3:GetObject" };
                    call(&format!("20T10:{:02}:{:02}", n / 60, n % 60), what)
                        .by("mallory")
                        .request(json!({"bucketName": "example-data", "key": "a"}))
                }))
            },
            &[Claim::StorageAccess],
        ),
        Example::miss("a program at its daily work", "プログラムの毎日の処理", || {
            calls((0..40).flat_map(|_| daily(10..20, |at| call(at, "s3:GetObject").request(json!({"bucketName": "b"})))))
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if it is a backup, a migration or a clean-up that was planned.",
    "計画されたバックアップ、移行、整理であれば問題ありません。",
);
static READ: Words = Words {
    done: Text::fixed("read or listed stored objects: {t}", "保存オブジェクトを読み取りまたは一覧しました: {t}"),
    tried: Text::fixed(
        "tried to read or list stored objects and was refused: {t}",
        "保存オブジェクトを読み取りまたは一覧しようとして拒否されました: {t}",
    ),
    innocent: INNOCENT,
};
static DESTROY: Words = Words {
    done: Text::fixed("deleted stored objects: {t}", "保存オブジェクトを削除しました: {t}"),
    tried: Text::fixed("tried to delete stored objects and was refused: {t}", "保存オブジェクトを削除しようとして拒否されました: {t}"),
    innocent: INNOCENT,
};
static RANSOM: Words = Words {
    done: Text::fixed("did to stored objects what extortion does: {t}", "保存オブジェクトに恐喝の手口とみられる操作を行いました: {t}"),
    tried: Text::fixed(
        "tried to do to stored objects what extortion does, and was refused: {t}",
        "保存オブジェクトに恐喝の手口とみられる操作を行おうとして拒否されました: {t}",
    ),
    innocent: INNOCENT,
};

/// So many objects read are a volume.
const VOLUME: u64 = 100;
/// So many deletions are a clearing-out.
const CLEARING: u64 = 20;

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut batch: BTreeMap<String, bool> = BTreeMap::new();
    let mut groups = gather(ctx, &mut |_, api| {
        if service(api) != "s3" || is_anonymous(api) {
            return None;
        }
        let asked = request(api);
        let (kind, note) = kind(api, &asked)?;
        if api.event_name == "DeleteObjects" || api.event_name == "ListObjectVersions" {
            batch.insert(actor(api), true);
        }
        let bucket = text_at(&asked, "/bucketName");
        let target =
            if kind == "ransom" { Some(format!("{} {}", api.event_name, bucket.clone().unwrap_or_default())) } else { bucket.clone() };
        let mut act = Act::new(kind, Severity::Medium).on(target).naming(EntityKind::Resource, bucket);
        act.notes.extend(note);
        Some(act)
    });
    if groups.is_empty() {
        return Vec::new();
    }
    let history = History::of(ctx);
    let clearing: BTreeMap<String, u64> = groups.iter().filter(|g| g.kind == "destroy").map(|g| (g.actor.clone(), g.done)).collect();
    groups.retain_mut(|group| {
        let novelty = novelty(&history, group);
        let by_batch = batch.contains_key(&group.actor);
        match group.kind {
            "read" => weigh_read(group, novelty),
            "destroy" => weigh_destroy(group, novelty, by_batch),
            _ => weigh_ransom(group, novelty, clearing.get(&group.actor).copied().unwrap_or(0)),
        }
    });
    findings(&groups, Claim::StorageAccess, &|group| match group.kind {
        "read" => ("T1530", &READ),
        "destroy" => ("T1485", &DESTROY),
        _ => ("T1486", &RANSOM),
    })
}

/// New if the principal is new to S3, or works from a network that is new for it.
fn novelty(history: &History, group: &Group) -> Novelty {
    if history.elsewhere(group) { Novelty::New } else { history.group(group, "s3") }
}

fn kind(api: &ApiActivity<'_>, asked: &Value) -> Option<(&'static str, Option<Text>)> {
    let text = api.request.as_deref().unwrap_or_default();
    let name = &*api.event_name;
    let own_key = text.contains("x-amz-server-side-encryption-customer-algorithm")
        || text.contains("x-amz-copy-source-server-side-encryption-customer");
    match name {
        "CopyObject" | "PutObject" | "UploadPart" | "CreateMultipartUpload" if own_key => Some((
            "ransom",
            Some(Text::fixed(
                "Objects were written encrypted with a key that AWS does not keep (SSE-C).",
                "AWS が保管しない鍵（SSE-C）で暗号化してオブジェクトが書き込まれています。",
            )),
        )),
        "PutObject" if text_at(asked, "/key").is_some_and(|key| is_note(&key)) => Some((
            "ransom",
            Some(Text::fixed(
                "An object named like a ransom note was written.",
                "身代金要求文のような名前のオブジェクトが書き込まれています。",
            )),
        )),
        "PutBucketVersioning" if text.contains("Suspended") => Some((
            "ransom",
            Some(Text::fixed(
                "Versioning was suspended, so that deletion is final.",
                "バージョニングが停止され、削除が元に戻せなくなっています。",
            )),
        )),
        "GetObject" | "CopyObject" | "ListBuckets" | "ListObjects" | "ListObjectsV2" | "ListObjectVersions" | "SelectObjectContent" => {
            Some(("read", None))
        }
        "DeleteObject" | "DeleteObjects" | "DeleteObjectVersion" | "DeleteBucket" => Some(("destroy", None)),
        _ => None,
    }
}

/// A text named after what happened to files, or how to get them back.
fn is_note(key: &str) -> bool {
    let lower = key.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let (name, extension) = lower.rsplit_once('.').unwrap_or((&lower, ""));
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let readable = matches!(extension, "" | "txt" | "html" | "htm" | "md");
    readable
        && (name.contains("ransom") || (has(&["file", "data", "how"]) && has(&["deleted", "encrypted", "locked", "recover", "decrypt"])))
}

fn weigh_read(group: &mut Group, novelty: Novelty) -> bool {
    let objects = ["GetObject", "CopyObject", "SelectObjectContent"].iter().filter_map(|call| group.calls.get(*call)).sum::<u64>();
    let looked = group.calls.keys().any(|call| call.starts_with("List"));
    group.severity = match novelty {
        Novelty::New if objects >= VOLUME => Severity::High,
        Novelty::New if objects > 0 && looked => Severity::Medium,
        Novelty::New if objects > 0 => Severity::Low,
        Novelty::NoBaseline if group.is_routine() => return false,
        Novelty::NoBaseline if objects >= VOLUME && looked => Severity::Medium,
        Novelty::NoBaseline if objects > 0 && group.calls.contains_key("ListBuckets") => Severity::Low,
        Novelty::New | Novelty::NoBaseline | Novelty::Known => return false,
    };
    group.notes.push(Text::new(format!("{objects} objects read."), format!("読み取られたオブジェクトは {objects} 件です。")));
    group.notes.extend(novelty.says());
    true
}

fn weigh_destroy(group: &mut Group, novelty: Novelty, batch: bool) -> bool {
    let many = group.done >= CLEARING || (batch && group.calls.contains_key("DeleteObjects"));
    group.severity = match (novelty, many) {
        (Novelty::New, true) => Severity::High,
        (Novelty::New, false) => Severity::Low,
        (Novelty::NoBaseline, true) if !group.is_routine() => Severity::Medium,
        _ if group.tool().is_some() => Severity::Medium,
        _ => return false,
    };
    group.notes.extend(novelty.says());
    true
}

fn weigh_ransom(group: &mut Group, novelty: Novelty, cleared: u64) -> bool {
    let encrypted = group.calls.get("CopyObject").copied().unwrap_or(0) + group.calls.get("PutObject").copied().unwrap_or(0);
    let known = novelty == Novelty::Known && group.is_routine();
    group.severity = match (known, cleared > 0 || encrypted >= CLEARING || group.notes.len() > 1) {
        (true, _) => return false,
        (false, true) => Severity::High,
        (false, false) if novelty == Novelty::New => Severity::High,
        (false, false) => Severity::Low,
    };
    group.notes.extend(novelty.says());
    true
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{Call, call, quiet, run};
    use super::*;
    use serde_json::json;

    fn many(what: &str, n: u32, request: &Value) -> Vec<Call> {
        (0..n).map(|i| call(&format!("20T10:{:02}:{:02}", i / 60, i % 60), what).by("mallory").request(request.clone())).collect()
    }

    #[test]
    fn a_newcomer_reads_at_volume_then_encrypts_and_deletes() {
        let bucket = json!({"bucketName": "example-data", "key": "a"});
        let mut calls = quiet();
        calls.extend(many("s3:ListBuckets", 1, &json!({})));
        calls.extend(many("s3:GetObject", 120, &bucket));
        calls.extend(many("s3:DeleteObject", 30, &bucket));
        let note = json!({"bucketName": "example-data", "key": "HOW_TO_RECOVER.txt"});
        calls.extend(many("s3:PutObject", 1, &note));
        let found = run(&DETECTION, calls);
        let told: Vec<_> = found.iter().map(|f| (f.technique.as_deref().unwrap_or_default(), f.severity, f.count)).collect();
        assert_eq!(told, vec![("T1485", Severity::High, 30), ("T1486", Severity::High, 1), ("T1530", Severity::High, 121)]);
        assert!(found[0].title.en.ends_with("example-data"));
    }

    #[test]
    fn notes_are_told_by_their_names() {
        assert!(is_note("a/HOW_TO_RECOVER.txt") && is_note("FILES-DELETED.txt") && is_note("ransom-note.html"));
        assert!(!is_note("data/2026/orders.csv") && !is_note("how-to-order.txt") && !is_note("deleted-files.parquet"));
    }

    #[test]
    fn a_program_at_its_daily_work_is_fine() {
        let calls = (10..20)
            .flat_map(|day| (0..40).map(move |n| call(&format!("{day}T09:00:{n:02}"), "s3:GetObject").request(json!({"bucketName": "b"}))));
        assert!(run(&DETECTION, calls.collect()).is_empty());
    }
}
