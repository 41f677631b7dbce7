//! Lists of processes as `ps` prints them with any of its usual headings (`aux`, `-ef`, `-efl`, `-o pid,user,lstart,args`), and
//! `docker top`. A list is of one moment, which it does not name: only where it says when each began, with the date, is there a time.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::{ProcessActivity, ProcessChange};
use abate_model::{Body, Table, Text};

use super::fields::{Record, each_line};
use crate::lines::first_lines;
use crate::{Head, ReadContext, Reader, Sink, notations};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "process-list",
    title: Text::fixed("list of processes (ps)", "プロセス一覧（ps）"),
    tables: &[Table::ProcessActivity],
    continuous: false,
    never_contains: &[
        Text::fixed(
            "processes that had ended before the list was made, or began after it",
            "一覧の作成前に終了した、または作成後に開始したプロセス",
        ),
        Text::fixed("processes that a rootkit hides", "ルートキットが隠蔽したプロセス"),
    ],
    sniff,
    read,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Col {
    User,
    Pid,
    Parent,
    Tty,
    Started,
    Other,
}

/// The columns in front of the command, if a line is a heading.
fn heading(line: &str) -> Option<Vec<Col>> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let (last, front) = words.split_last()?;
    let named = matches!(*last, "CMD" | "COMMAND" | "ARGS") && front.contains(&"PID") && front.len() <= 20;
    // A list of open files has these names too, the other way round.
    (named && front.iter().all(|w| w.bytes().all(|b| !b.is_ascii_lowercase()))).then(|| front.iter().map(|word| column(word)).collect())
}

fn column(word: &str) -> Col {
    match word {
        "USER" | "UID" | "RUSER" | "EUSER" => Col::User,
        "PID" => Col::Pid,
        "PPID" => Col::Parent,
        "TTY" | "TT" => Col::Tty,
        "STARTED" | "LSTART" => Col::Started,
        _ => Col::Other,
    }
}

fn sniff(head: &Head<'_>) -> Option<String> {
    let lines = first_lines(head, 20);
    let at = lines.iter().position(|line| heading(&String::from_utf8_lossy(line)).is_some())?;
    let columns = heading(&String::from_utf8_lossy(lines.get(at)?))?;
    let behind = lines.get(at + 1..)?;
    let ctx = super::any_context();
    let good = behind.iter().filter(|line| process(&String::from_utf8_lossy(line), &columns, &ctx).is_some()).count();
    // What stands in front is what the collector wrote.
    (at <= 3 && good > 0 && good * 2 > behind.len()).then(|| format!("heading of ps with {} columns", columns.len() + 1))
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let mut columns: Option<Vec<Col>> = None;
    each_line(input, sink, &mut |line| {
        if let Some(found) = heading(line) {
            columns = Some(found);
            return Ok(None);
        }
        let columns = columns.as_ref().ok_or("a line in front of the heading")?;
        process(line, columns, ctx).map(Some).ok_or("no line of a list of processes: a column is missing, or the process id is none")
    })
}

fn process<'l>(line: &'l str, columns: &[Col], ctx: &ReadContext) -> Option<Record<'l>> {
    let mut rest = line.trim_ascii_start();
    let mut row = ProcessActivity { change: ProcessChange::Other, program: Some(Cow::Borrowed("ps")), ..ProcessActivity::default() };
    let mut at = None;
    for column in columns {
        if *column == Col::Started
            && let Some((stamp, behind)) = notations::leading_ctime(rest, &ctx.zone)
        {
            at = Some(stamp);
            rest = behind.trim_ascii_start();
            continue;
        }
        let (word, behind) = rest.split_once(|c: char| c.is_ascii_whitespace())?;
        rest = behind.trim_ascii_start();
        match column {
            Col::User => row.user = Some(Cow::Borrowed(word)),
            Col::Pid => row.pid = Some(word.parse().ok()?),
            Col::Parent => row.parent_pid = word.parse().ok(),
            Col::Tty => row.tty = Some(word).filter(|tty| !matches!(*tty, "?" | "??" | "-")).map(Cow::Borrowed),
            Col::Started | Col::Other => {}
        }
    }
    let command = branch(rest).trim_ascii_end();
    if command.is_empty() {
        return None;
    }
    let first = command.split(' ').next().unwrap_or_default();
    let kernel = command.starts_with('[');
    row.exe = Some(first).filter(|first| first.starts_with('/')).map(Cow::Borrowed);
    row.name = Some(Cow::Borrowed(if kernel { command } else { first.rsplit('/').next().unwrap_or(first) }));
    row.command = Cow::Borrowed(command);
    if at.is_some() {
        row.change = ProcessChange::Launch;
    }
    Some(Record { at, body: Body::Process(Box::new(row)) })
}

/// The command behind the branches of a drawn tree.
fn branch(command: &str) -> &str {
    let drawn = command.trim_start_matches([' ', '|', '`', '\\']);
    drawn.strip_prefix("_ ").filter(|_| drawn.len() < command.len()).unwrap_or(command)
}
