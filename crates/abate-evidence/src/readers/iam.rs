//! What IAM says that there is: `get-account-authorization-details`, `list-users`, `list-roles`, `list-groups`,
//! `list-policies`, `list-access-keys`, `list-mfa-devices`, and the `get-…` of one of them.
//!
//! It shows the state at the moment of the call, which the output does not state, so rows have no time.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::{InventoryInfo, InventoryKind};
use abate_model::{Body, Locator, Row, Table, Text, ZoneCertainty};

use super::tree::{self, Tree};
use crate::json::{self, Refusal};
use crate::shape::Shape;
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "iam",
    title: Text::fixed(
        "output of aws iam list-… and get-… (users, roles, access keys)",
        "aws iam list-…・get-… の出力（ユーザー、ロール、アクセスキー）",
    ),
    tables: &[Table::InventoryInfo],
    continuous: false,
    never_contains: &[
        Text::fixed(
            "the state at any other time than the moment of the call, and users, roles and keys deleted by then",
            "コマンドを実行した時点以外の状態、およびその時点で削除済みのユーザー・ロール・キー",
        ),
        Text::fixed("temporary credentials", "一時的な認証情報"),
        Text::fixed("users of IAM Identity Center", "IAM Identity Center のユーザー"),
    ],
    sniff,
    read,
};

const ENVELOPES: &[&str] = &[
    "UserDetailList",
    "GroupDetailList",
    "RoleDetailList",
    "Policies",
    "Users",
    "Groups",
    "Roles",
    "AccessKeyMetadata",
    "MFADevices",
    "VirtualMFADevices",
];
const PREFIXES: &[&str] = &[
    "",
    "[].",
    "UserDetailList[].",
    "GroupDetailList[].",
    "RoleDetailList[].",
    "Policies[].",
    "Users[].",
    "Groups[].",
    "Roles[].",
    "AccessKeyMetadata[].",
    "MFADevices[].",
    "VirtualMFADevices[].",
    "User.",
    "Role.",
    "Group.",
    "Policy.",
];

/// Keys that together make a record of each kind.
const MARKS: &[&[&str]] = &[
    &["UserName", "UserId", "Arn"],
    &["RoleName", "RoleId", "Arn"],
    &["GroupName", "GroupId", "Arn", "CreateDate"],
    &["PolicyName", "PolicyId", "Arn"],
    &["AccessKeyId", "UserName", "Status", "CreateDate"],
    &["SerialNumber", "EnableDate"],
];

fn sniff(head: &Head<'_>) -> Option<String> {
    let shape = Shape::of(head)?;
    let found = MARKS.iter().find_map(|names| shape.under(PREFIXES, names).map(|prefix| (prefix, names)));
    if let Some((prefix, names)) = found {
        return Some(format!("JSON keys {prefix}{} (IAM)", names.join(", ")));
    }
    let only = head.whole && shape.top.iter().all(|key| ENVELOPES.contains(&key.as_str()) || key == "IsTruncated");
    let named = ["AccessKeyMetadata", "MFADevices", "UserDetailList"];
    named.iter().find(|name| only && shape.is_empty_list(name)).map(|name| format!("JSON key {name} with an empty list"))
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    json::records(input, ENVELOPES, sink, &mut |place, sink| {
        let text = place.text();
        let value = tree::parse(&text, "IAM output")?;
        sink.row(row(Tree(&value), &text, place.locator())?, place.bytes);
        Ok(())
    })
}

fn row<'t>(record: Tree<'t>, text: &'t str, locator: Locator) -> Result<Row<'t>, Refusal> {
    // `get-user` and the like have one thing under its name.
    let one = ["User", "Role", "Group", "Policy"].iter().find_map(|name| record.at(name).filter(|r| r.at("Arn").is_some()));
    let record = match one {
        Some(one) if record.at("SerialNumber").is_none() => one,
        _ => record,
    };
    let mut info = item(record).ok_or_else(|| Refusal::malformed("no user, role, group, policy, access key or MFA device of IAM"))?;
    info.account = account_of(&info.id);
    info.raw = Cow::Borrowed(text);
    Ok(Row { at: None, zone: ZoneCertainty::Unknown, source: 0, locator, body: Body::Inventory(Box::new(info)) })
}

fn item(record: Tree<'_>) -> Option<InventoryInfo<'_>> {
    let policies = || {
        let attached = record.list("AttachedManagedPolicies").filter_map(|p| p.text("PolicyArn"));
        let inline = ["UserPolicyList", "RolePolicyList", "GroupPolicyList"];
        attached.chain(inline.iter().flat_map(|list| record.list(list)).filter_map(|p| p.text("PolicyName"))).collect()
    };
    let made = record.time(&["CreateDate", "EnableDate"]);
    let base = InventoryInfo { launched: made, ..InventoryInfo::default() };
    let (kind, id, name) = if record.at("SerialNumber").is_some() {
        (InventoryKind::MfaDevice, record.text("SerialNumber")?, None)
    } else if record.at("AccessKeyId").is_some() {
        (InventoryKind::AccessKey, record.text("AccessKeyId")?, None)
    } else if record.at("RoleName").is_some() {
        (InventoryKind::Role, record.text("Arn")?, record.text("RoleName"))
    } else if record.at("PolicyName").is_some() {
        (InventoryKind::Policy, record.text("Arn")?, record.text("PolicyName"))
    } else if record.at("UserName").is_some() {
        (InventoryKind::User, record.text("Arn")?, record.text("UserName"))
    } else if record.at("GroupName").is_some() {
        (InventoryKind::UserGroup, record.text("Arn")?, record.text("GroupName"))
    } else {
        return None;
    };
    let owned = matches!(kind, InventoryKind::AccessKey | InventoryKind::MfaDevice);
    Some(InventoryInfo {
        kind,
        id,
        name,
        user: record.first(&["UserName", "User.UserName"]).filter(|_| owned),
        state: record.text("Status").filter(|_| owned),
        last_used: record.time(&["PasswordLastUsed", "RoleLastUsed.LastUsedDate", "AccessKeyLastUsed.LastUsedDate"]),
        groups: record.list("GroupList").filter_map(Tree::own_text).collect(),
        policies: policies(),
        instance_profile: record.text("InstanceProfileList.0.Arn"),
        ..base
    })
}

/// The account in an ARN.
pub(super) fn account_of<'t>(arn: &str) -> Option<Cow<'t, str>> {
    let account = arn.strip_prefix("arn:")?.split(':').nth(3)?;
    (account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit())).then(|| Cow::Owned(account.to_owned()))
}
