//! The IAM credential report: CSV, or the output of `aws iam get-credential-report`, which holds the CSV as base64.
//!
//! Each user becomes a row, and so does each of its access keys. The report does not name the keys, it numbers them.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::{InventoryInfo, InventoryKind};
use abate_model::{Body, Locator, LossKind, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;
use serde::Deserialize;

use super::csv_rows::fields;
use super::iam::account_of;
use super::tree::instant;
use crate::json::{self, Refusal};
use crate::lines::{Line, Lines, first_lines};
use crate::shape::{Field, Shape};
use crate::{Head, ReadContext, Reader, Sink, base64};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "credential-report",
    title: Text::fixed("IAM credential report", "IAM 認証情報レポート"),
    tables: &[Table::InventoryInfo],
    continuous: false,
    never_contains: &[
        Text::fixed("the ids of access keys", "アクセスキーの ID"),
        Text::fixed("uses before the last one of each password and key", "各パスワード・キーの最終使用より前の使用"),
        Text::fixed("users and keys deleted before the report was made", "レポート作成前に削除されたユーザーとキー"),
        Text::fixed(
            "roles, temporary credentials and users of IAM Identity Center",
            "ロール、一時的な認証情報、IAM Identity Center のユーザー",
        ),
    ],
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Option<String> {
    if first_lines(head, 3).iter().any(|line| Columns::of(line).is_some()) {
        return Some("CSV header with user, arn and access_key_1_active".to_owned());
    }
    let shape = Shape::of(head)?;
    let all = ["Content", "ReportFormat"].iter().all(|name| shape.has(name));
    all.then(|| "JSON keys Content, ReportFormat".to_owned())
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let first = input.fill_buf()?.trim_ascii_start().first().copied();
    if first == Some(b'{') {
        return json::records(input, &[], sink, &mut |place, sink| {
            let text = place.text();
            let report: Report<'_> = serde_json::from_str(&text).map_err(|_| Refusal::malformed("a credential report is no valid JSON"))?;
            let content = report.content.0.ok_or_else(|| Refusal::malformed("no credential report: Content is missing"))?;
            let csv = base64::decode(&content).ok_or_else(|| Refusal::malformed("the credential report is no valid base64"))?;
            let made = report.generated_time.0.as_deref().and_then(instant);
            let mut columns = None;
            for line in csv.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()) {
                take(line, &mut columns, (place.locator(), made), sink);
            }
            Ok(())
        });
    }
    let max = sink.limits().max_line;
    let mut lines = Lines::new(input, max);
    let mut columns = None;
    while let Some(line) = lines.next()? {
        match line {
            Line::TooLong(at, bytes) => sink.loss(LossKind::OverLimit, format!("a line is longer than {max} bytes"), Some(at), bytes),
            Line::Whole(place) if place.bytes.trim_ascii().is_empty() => {}
            Line::Whole(place) => take(place.bytes, &mut columns, (place.locator(), None), sink),
        }
    }
    Ok(())
}

/// What `get-credential-report` prints.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Report<'a> {
    #[serde(borrow)]
    content: Field<'a>,
    #[serde(borrow)]
    generated_time: Field<'a>,
}

/// Names of the columns.
#[derive(Debug)]
struct Columns(Vec<String>);

impl Columns {
    fn of(line: &[u8]) -> Option<Self> {
        // Most lines are none, and a look is cheaper than taking them apart.
        let names = line.starts_with(b"user,").then(|| fields(line, b','))??;
        ["user", "arn", "access_key_1_active"].iter().all(|name| names.iter().any(|n| n == name)).then_some(Self(names))
    }

    /// A value, where it says anything.
    fn get<'f>(&self, values: &'f [String], name: &str) -> Option<&'f str> {
        let at = self.0.iter().position(|n| n == name)?;
        values.get(at).map(String::as_str).filter(|v| !v.is_empty() && !matches!(*v, "N/A" | "no_information" | "not_supported"))
    }
}

fn take(line: &[u8], columns: &mut Option<Columns>, (locator, at): (Locator, Option<Timestamp>), sink: &mut dyn Sink) {
    if let Some(found) = Columns::of(line) {
        *columns = Some(found);
        return;
    }
    let mut lose = |reason: &str| sink.loss(LossKind::Malformed, reason.to_owned(), Some(locator), line.len() as u64);
    let Some(columns) = columns.as_ref() else { return lose("a line in front of the header") };
    let Some(values) = fields(line, b',').filter(|f| f.len() == columns.0.len()) else {
        return lose("the number of fields is not the header's");
    };
    let get = |name: &str| columns.get(&values, name);
    let Some(arn) = get("arn") else { return lose("a user without an ARN") };
    let raw = object(columns, &values);
    let zone = if at.is_some() { ZoneCertainty::Stated } else { ZoneCertainty::Unknown };
    let mut emit = |info: InventoryInfo<'_>| {
        let info = InventoryInfo { account: account_of(arn), raw: Cow::Borrowed(&raw), ..info };
        sink.row(Row { at, zone, source: 0, locator, body: Body::Inventory(Box::new(info)) }, line);
    };
    let truth = |name: &str| get(name).and_then(|v| v.to_ascii_lowercase().parse().ok());
    let mfa: Option<bool> = truth("mfa_active");
    let password = truth("password_enabled").map(|on: bool| if on { "password enabled" } else { "password disabled" });
    emit(InventoryInfo {
        kind: InventoryKind::User,
        id: Cow::Borrowed(arn),
        name: get("user").map(Cow::Borrowed),
        state: password.map(Cow::Borrowed),
        launched: get("user_creation_time").and_then(instant),
        last_used: get("password_last_used").and_then(instant),
        mfa,
        ..InventoryInfo::default()
    });
    for number in ["1", "2"] {
        let of = |what: &str| get(&format!("access_key_{number}_{what}"));
        let active: Option<bool> = truth(&format!("access_key_{number}_active"));
        // A user without a key has neither.
        if active != Some(true) && of("last_rotated").is_none() {
            continue;
        }
        emit(InventoryInfo {
            kind: InventoryKind::AccessKey,
            id: Cow::Owned(format!("{arn} access key {number}")),
            user: get("user").map(Cow::Borrowed),
            state: active.map(|on| Cow::Borrowed(if on { "Active" } else { "Inactive" })),
            launched: of("last_rotated").and_then(instant),
            last_used: of("last_used_date").and_then(instant),
            mfa,
            ..InventoryInfo::default()
        });
    }
}

/// The line as an object, so that it says by itself what each value is.
fn object(columns: &Columns, values: &[String]) -> String {
    let pairs = columns.0.iter().zip(values).map(|(name, value)| (name.clone(), serde_json::Value::from(value.as_str())));
    serde_json::Value::Object(pairs.collect()).to_string()
}
