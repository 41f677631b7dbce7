//! Lists that collectors make beside logs: hashes of files (`md5sum`, `sha256sum`, BSD's form), their metadata
//! (body files), and containers (`docker ps`).

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::{FileActivity, InventoryInfo, InventoryKind};
use abate_model::{Body, Table, Text, ZoneCertainty};
use jiff::Timestamp;

use super::fields::{Record, each_line};
use crate::lines::{first_lines, majority};
use crate::{ReadContext, Reader, Sink};

/// Hashes of files.
pub(super) static HASHES: Reader = Reader {
    id: "hash-list",
    title: Text::fixed("hashes of files", "ファイルのハッシュ一覧"),
    tables: &[Table::FileActivity],
    continuous: false,
    never_contains: &[
        Text::fixed("when a file was made or changed", "ファイルの作成・変更時刻"),
        Text::fixed("files that the collector did not look at", "収集ツールが対象としなかったファイル"),
    ],
    sniff: |head| {
        let (good, all) = majority(head, |line| hash(&String::from_utf8_lossy(line)).is_some())?;
        Some(format!("{good} of the first {all} lines are a hash and a file"))
    },
    read: |input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink| {
        each_line(input, sink, &mut |line| hash(line).map(Some).ok_or("no hash with a file behind it"))
    },
};

/// The metadata of files, in the form of The Sleuth Kit (`body`), which collectors write too.
pub(super) static BODY: Reader = Reader {
    id: "body-file",
    title: Text::fixed("list of files with their times (body file)", "ファイルと時刻の一覧（ボディファイル）"),
    tables: &[Table::FileActivity],
    continuous: false,
    never_contains: &[
        Text::fixed("earlier times of a file than the last of each kind", "各種の最終時刻より前の時刻"),
        Text::fixed("what was in the files", "ファイルの内容"),
        Text::fixed("files that were removed, unless they were recovered", "削除されたファイル（復元されたものを除く）"),
    ],
    sniff: |head| {
        let (good, all) = majority(head, |line| body(&String::from_utf8_lossy(line)).is_some())?;
        Some(format!("{good} of the first {all} lines have the eleven fields of a body file"))
    },
    read: |input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink| {
        each_line(input, sink, &mut |line| match body(line) {
            Some(record) => Ok(Some(record)),
            None if line.starts_with('#') => Ok(None),
            None => Err("no line of a body file: it has eleven fields between bars"),
        })
    },
};

/// Containers.
pub(super) static CONTAINERS: Reader = Reader {
    id: "container-list",
    title: Text::fixed("list of containers (docker ps)", "コンテナ一覧（docker ps）"),
    tables: &[Table::InventoryInfo],
    continuous: false,
    never_contains: &[
        Text::fixed("containers that were removed before the list was made", "一覧の作成前に削除されたコンテナ"),
        Text::fixed("what ran inside a container", "コンテナ内で実行された内容"),
    ],
    sniff: |head| {
        let lines = first_lines(head, 2);
        lines.iter().find_map(|line| columns(&String::from_utf8_lossy(line))).map(|_| "heading of docker ps".to_owned())
    },
    read: containers,
};

/// The name of a hash by its length in hexadecimal digits.
fn kind(length: usize) -> Option<&'static str> {
    match length {
        32 => Some("MD5"),
        40 => Some("SHA1"),
        64 => Some("SHA256"),
        96 => Some("SHA384"),
        128 => Some("SHA512"),
        _ => None,
    }
}

/// `d41d…  /path`, `d41d… */path`, `MD5 (/path) = d41d…`.
fn hash(line: &str) -> Option<Record<'_>> {
    let is_hex = |word: &str| word.bytes().all(|b| b.is_ascii_hexdigit());
    let line = line.trim_ascii_end();
    let (digits, path) = match line.rsplit_once(") = ") {
        Some((front, digits)) => (digits, front.split_once(" (")?.1),
        None => {
            let (digits, path) = line.split_once(' ')?;
            (digits.strip_prefix('\\').unwrap_or(digits), path.strip_prefix([' ', '*']).unwrap_or(path))
        }
    };
    let kind = kind(digits.len()).filter(|_| is_hex(digits) && !path.is_empty())?;
    let body = FileActivity {
        change: Cow::Borrowed("listed"),
        path: Cow::Borrowed(path),
        hashes: vec![Cow::Owned(format!("{kind}={digits}"))],
        ..FileActivity::default()
    };
    Some(Record { at: None, body: Body::File(Box::new(body)) })
}

/// `MD5|name|inode|mode|uid|gid|size|atime|mtime|ctime|crtime`; the name may have bars in it.
fn body(line: &str) -> Option<Record<'_>> {
    let (digits, rest) = line.split_once('|')?;
    let mut fields = rest.rsplitn(10, '|');
    let mut number = || {
        let text = fields.next()?;
        // Some tools write a fraction, and nothing where there is no time.
        let whole = text.split('.').next()?;
        if whole.is_empty() { Some(0) } else { whole.parse::<i64>().ok() }
    };
    let (made, _, modified, _, size) = (number()?, number()?, number()?, number()?, number()?);
    let (_, uid, mode, _, path) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let time = |seconds: i64| Timestamp::from_second(seconds).ok().filter(|_| seconds > 0);
    let hash = kind(digits.len()).filter(|_| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    let plain = (digits == "0" || digits.is_empty() || hash.is_some()) && !path.is_empty() && uid.bytes().all(|b| b.is_ascii_digit());
    let file = FileActivity {
        change: Cow::Borrowed("listed"),
        path: Cow::Borrowed(path),
        owner: Some(uid).filter(|uid| !uid.is_empty()).map(Cow::Borrowed),
        mode: Some(mode).filter(|mode| !mode.is_empty()).map(Cow::Borrowed),
        size: u64::try_from(size).ok(),
        hashes: hash.map(|kind| Cow::Owned(format!("{kind}={digits}"))).into_iter().collect(),
        made: time(made),
        modified: time(modified),
        ..FileActivity::default()
    };
    let at = file.modified.map(|at| (at, ZoneCertainty::Stated));
    plain.then(|| Record { at, body: Body::File(Box::new(file)) })
}

const NAMES: [&str; 8] = ["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES", "SIZE"];

/// Where each column begins, if a line is the heading.
fn columns(line: &str) -> Option<Vec<(&'static str, usize)>> {
    let found = line.starts_with("CONTAINER ID ") && line.contains(" IMAGE") && line.contains(" STATUS") && line.contains(" NAMES");
    let mut all: Vec<(&'static str, usize)> = NAMES.iter().filter_map(|name| Some((*name, line.find(name)?))).collect();
    all.sort_by_key(|(_, at)| *at);
    found.then_some(all)
}

fn containers(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let mut found: Option<Vec<(&'static str, usize)>> = None;
    each_line(input, sink, &mut |line| {
        if let Some(columns) = columns(line) {
            found = Some(columns);
            return Ok(None);
        }
        let columns = found.as_ref().ok_or("a line in front of the heading")?;
        let of = |wanted: &str| {
            let n = columns.iter().position(|(name, _)| *name == wanted)?;
            let (_, from) = columns.get(n)?;
            let to = columns.get(n + 1).map_or(line.len(), |(_, to)| *to).min(line.len());
            line.get(*from..to).map(str::trim).filter(|text| !text.is_empty()).map(Cow::Borrowed)
        };
        let id = of("CONTAINER ID").filter(|id| id.len() >= 12 && id.bytes().all(|b| b.is_ascii_hexdigit()));
        let id = id.ok_or("no line of a list of containers: it begins with no id")?;
        let (name, state, image_id) = (of("NAMES"), of("STATUS"), of("IMAGE"));
        let body =
            InventoryInfo { kind: InventoryKind::Other, id, name, state, image_id, raw: Cow::Borrowed(line), ..InventoryInfo::default() };
        Ok(Some(Record { at: None, body: Body::Inventory(Box::new(body)) }))
    })
}
