//! A user made on a host, or put into a group that gives the rights of an administrator.

use abate_model::rows::AccountChange;
use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};

use super::acts::{Act, Acts, Words};
use super::known::IMAGE_USERS;
use crate::examples::account;
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "host-account",
    title: Text::fixed("User made on a host, or given administrator rights there", "ホストでのユーザー作成・管理者権限の付与"),
    claims: &[Claim::HostAccountChanged],
    techniques: &["T1136.001", "T1098.007"],
    tactic: Tactic::Persistence,
    severity: Severity::Medium,
    needs: &[Table::AccountChange],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a user is made and put into the group sudo",
            "ユーザーを作成し、グループ sudo に加える",
            || vec![account(10, "created", "support", ""), account(20, "group-added", "support", "sudo")],
            &[Claim::HostAccountChanged],
        ),
        Example::miss(
            "the image's own user, and a group without rights",
            "イメージ既定のユーザーと、権限のないグループ",
            || vec![account(10, "created", "ec2-user", ""), account(20, "group-added", "deploy", "video")],
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Packages make users for their services, and administrators make users for colleagues; ask who did it.",
    "パッケージはサービス用のユーザーを作り、管理者は同僚のためにユーザーを作る。誰が行ったかを確認する。",
);
static MADE: Words =
    Words { title: Text::fixed("on {h}, users were made: {t}", "{h}でユーザーが作成された: {t}"), innocent: INNOCENT };
static RAISED: Words = Words {
    title: Text::fixed("on {h}, users were given administrator rights: {t}", "{h}でユーザーに管理者権限が与えられた: {t}"),
    innocent: INNOCENT,
};

/// Groups whose members can do anything on the host, or nearly.
const GROUPS: &[&str] =
    &["sudo", "wheel", "admin", "root", "docker", "lxd", "administrators", "domain admins", "enterprise admins", "remote desktop users"];

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut acts = Acts::default();
    ctx.evidence.each(&Filter::table(Table::AccountChange), &mut |row| {
        let Body::Account(change) = &row.body else { return };
        if let Some(act) = act(change) {
            acts.add(ctx, row, change.host.as_deref(), act);
        }
    });
    acts.findings(Claim::HostAccountChanged, &|kind| if kind == "made" { ("T1136.001", &MADE) } else { ("T1098.007", &RAISED) })
}

fn act(change: &AccountChange<'_>) -> Option<Act> {
    let user = change.user.as_deref().filter(|user| !IMAGE_USERS.contains(user))?;
    let group = change.group.as_deref().unwrap_or_default();
    let root = change.uid.as_deref() == Some("0") && user != "root";
    let service = change.shell.as_deref().is_some_and(|shell| shell.ends_with("/nologin") || shell.ends_with("/false"));
    let act = match &*change.change {
        "created" if root => Act::new("raised", Severity::High, &format!("{user} (uid 0)")),
        "created" if service || user.ends_with('$') => return None,
        "created" => Act::new("made", Severity::Medium, user),
        "group-added" if GROUPS.contains(&&*group.to_ascii_lowercase()) => Act::new("raised", Severity::High, &format!("{user} ({group})")),
        _ => return None,
    };
    Some(act.naming(EntityKind::User, Some(user)).naming(EntityKind::User, change.actor.as_deref()))
}
