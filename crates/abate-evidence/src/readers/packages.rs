//! Logs of package managers: dpkg.log, apt's history.log, yum.log, dnf.log and dnf.rpm.log.
//!
//! The times of dpkg, apt and yum are those of the host's clock, without a zone, and yum's are without a year.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::TimedText;
use abate_model::{Body, Locator, LossKind, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;

use crate::lines::{Line, Lines, Place, first_lines};
use crate::time::{self, Yearless};
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "packages",
    title: Text::fixed("package manager log (dpkg, apt, yum, dnf)", "パッケージ管理のログ（dpkg、apt、yum、dnf）"),
    tables: &[Table::TimedText],
    continuous: false,
    never_contains: &[
        Text::fixed(
            "software that was installed in another way (copied, compiled, pip, npm, containers)",
            "他の方法で導入されたソフトウェア（コピー、コンパイル、pip、npm、コンテナ）",
        ),
        Text::fixed("what a package's own scripts did", "パッケージ付属のスクリプトの動作"),
    ],
    sniff,
    read,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Dpkg,
    Apt,
    Yum,
    Dnf,
}

impl Form {
    fn program(self) -> &'static str {
        match self {
            Self::Dpkg => "dpkg",
            Self::Apt => "apt",
            Self::Yum => "yum",
            Self::Dnf => "dnf",
        }
    }
}

const DPKG: &[&str] = &["startup", "status", "install", "upgrade", "configure", "trigproc", "remove", "purge", "conffile", "disappear"];
const YUM: &[&str] = &[
    "Installed:",
    "Updated:",
    "Erased:",
    "Obsoleted:",
    "Dep-Installed:",
    "Dep-Updated:",
    "Reinstalled:",
    "Downgraded:",
    "Removed:",
    "Dep-Removed:",
];
const LEVELS: &[&str] = &["CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG", "DDEBUG", "SUBDEBUG", "TRACE", "ALL"];
const APT: &[&str] = &[
    "Start-Date",
    "Commandline",
    "Requested-By",
    "Install",
    "Upgrade",
    "Remove",
    "Purge",
    "Downgrade",
    "Reinstall",
    "Comment",
    "Error",
    "End-Date",
];

fn sniff(head: &Head<'_>) -> Option<String> {
    let (form, good, all) = form(head.bytes, head.whole)?;
    Some(format!("{good} of the first {all} lines are those of {}", form.program()))
}

/// The form that more than half of the first lines have.
fn form(bytes: &[u8], whole: bool) -> Option<(Form, usize, usize)> {
    let lines = first_lines(&Head::new("", bytes, whole), 50);
    let texts: Vec<Cow<'_, str>> = lines.iter().map(|line| String::from_utf8_lossy(line)).collect();
    let count = |fits: &dyn Fn(&str) -> bool| texts.iter().filter(|text| fits(text)).count();
    // Such times and levels are common; words of dnf itself must stand among them.
    let marked = texts
        .iter()
        .any(|text| ["SUBDEBUG ", "DDEBUG ", "logging initialized", "DNF version", "dnf"].iter().any(|mark| text.contains(mark)));
    let forms = [
        (Form::Dpkg, count(&|text| dpkg(text).is_some())),
        (Form::Apt, if texts.iter().any(|text| text.starts_with("Start-Date: ")) { count(&|text| apt(text).is_some()) } else { 0 }),
        (Form::Yum, count(&is_yum)),
        (Form::Dnf, if marked { count(&|text| dnf(text).is_some()) } else { 0 }),
    ];
    forms.into_iter().find(|(_, good)| good * 2 > texts.len()).map(|(form, good)| (form, good, texts.len()))
}

/// The time and the words of `2026-11-24 08:27:05 status installed …`.
fn dpkg(line: &str) -> Option<(&str, &str)> {
    let (stamp, rest) = line.split_at_checked(19)?;
    let rest = rest.strip_prefix(' ')?;
    let verb = rest.split(' ').next()?;
    (time::looks_iso(stamp.as_bytes()) && DPKG.contains(&verb)).then_some((stamp, rest))
}

/// The name and the value of a line of a stanza.
fn apt(line: &str) -> Option<(&str, &str)> {
    line.split_once(':').filter(|(name, _)| APT.contains(name)).map(|(name, value)| (name, value.trim()))
}

fn is_yum(line: &str) -> bool {
    line.as_bytes().get(3) == Some(&b' ') && line.split_ascii_whitespace().nth(3).is_some_and(|verb| YUM.contains(&verb))
}

/// The time and the words of `2026-11-24T08:27:05+0000 INFO …`; the words begin with the level.
fn dnf(line: &str) -> Option<(&str, &str)> {
    let (stamp, rest) = line.split_once(' ')?;
    (time::looks_iso(stamp.as_bytes()) && LEVELS.contains(&rest.split(' ').next()?)).then_some((stamp, rest))
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let start = input.fill_buf()?;
    // A part of a log may lack the marks by which the whole was recognised.
    let unmarked = |line: &&[u8]| dnf(&String::from_utf8_lossy(line)).is_some();
    let form = form(start, false).map(|(form, ..)| form);
    let form = form.unwrap_or(if start.split(|b| *b == b'\n').any(|line| unmarked(&line)) { Form::Dnf } else { Form::Dpkg });
    let max = sink.limits().max_line;
    let mut lines = Lines::new(input, max);
    let mut yearless = Yearless::default();
    let mut open = Block { form, at: None, start: 0, end: 0, raw: Vec::new(), words: String::new() };
    while let Some(line) = lines.next()? {
        let place = match line {
            Line::Whole(place) => place,
            Line::TooLong(at, bytes) => {
                open.close(sink);
                sink.loss(LossKind::OverLimit, format!("a line is longer than {max} bytes"), Some(at), bytes);
                continue;
            }
        };
        let text = place.text();
        if text.trim_ascii().is_empty() {
            if form == Form::Apt {
                open.close(sink);
            }
            continue;
        }
        if open.raw.len().saturating_add(place.bytes.len()) > max {
            open.close(sink);
        }
        let stamped = match form {
            Form::Dpkg => dpkg(&text).and_then(|(stamp, words)| Some((time::iso(stamp, &ctx.zone)?, words))),
            Form::Dnf => dnf(&text).and_then(|(stamp, words)| Some((time::iso(stamp, &ctx.zone)?, words))),
            Form::Yum => yearless.read(&text, ctx).map(|(at, words)| ((at, ZoneCertainty::Assumed), words)),
            Form::Apt => apt(&text).filter(|(name, _)| *name == "Start-Date").and_then(|(_, date)| {
                // Two blanks stand between date and clock.
                let (day, clock) = date.split_once(' ')?;
                Some((time::iso(&format!("{day}T{}", clock.trim()), &ctx.zone)?, text.as_ref()))
            }),
        };
        match stamped {
            Some((at, words)) => {
                open.close(sink);
                open.begin(at, place, words);
            }
            None if open.goes_on(&text) => open.extend(place, &text),
            None => {
                open.close(sink);
                let reason = format!("no line of {}: no time and action where they are expected", form.program());
                sink.loss(LossKind::Malformed, reason, Some(place.locator()), place.bytes.len() as u64);
            }
        }
    }
    open.close(sink);
    Ok(())
}

/// A record that may span lines: a stanza of apt, and what dnf writes below a line.
struct Block {
    form: Form,
    at: Option<(Timestamp, ZoneCertainty)>,
    start: u64,
    end: u64,
    raw: Vec<u8>,
    words: String,
}

impl Block {
    fn begin(&mut self, at: (Timestamp, ZoneCertainty), place: Place<'_>, words: &str) {
        (self.at, self.start) = (Some(at), place.offset);
        self.extend(place, words);
    }

    fn goes_on(&self, text: &str) -> bool {
        let tabled = |text: &str| !time::looks_iso(text.as_bytes());
        self.at.is_some() && ((self.form == Form::Apt && apt(text).is_some()) || (self.form == Form::Dnf && tabled(text)))
    }

    fn extend(&mut self, place: Place<'_>, words: &str) {
        if !self.raw.is_empty() {
            self.raw.push(b'\n');
            self.words.push('\n');
        }
        self.raw.extend_from_slice(place.bytes);
        self.words.push_str(words);
        self.end = place.offset.saturating_add(place.bytes.len() as u64);
    }

    fn close(&mut self, sink: &mut dyn Sink) {
        let Some((at, zone)) = self.at.take() else { return };
        let locator = Locator::Bytes { offset: self.start, length: self.end.saturating_sub(self.start) };
        let body = Body::Text(TimedText {
            program: Some(Cow::Borrowed(self.form.program())),
            message: Cow::Borrowed(&self.words),
            ..TimedText::default()
        });
        sink.row(Row { at: Some(at), zone, source: 0, locator, body }, &self.raw);
        self.raw.clear();
        self.words.clear();
    }
}
