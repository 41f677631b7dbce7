//! Shell histories: bash with times (`#1700000000` in front of each command), zsh (`: 1700000000:0;command`), fish, and plain
//! lists of commands where most lines surely are commands.
//!
//! A history does not say whose it is; the path of the source may.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, BufRead};

use abate_model::rows::{ProcessActivity, ProcessChange};
use abate_model::{Body, Locator, LossKind, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;

use super::linux::file_name;
use crate::lines::{Line, Lines, Place, first_lines};
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "shell-history",
    title: Text::fixed("shell history (bash, zsh, fish)", "シェルの履歴（bash、zsh、fish）"),
    tables: &[Table::ProcessActivity],
    continuous: false,
    never_contains: &[
        Text::fixed("the name of the user and of the host", "ユーザー名およびホスト名"),
        Text::fixed(
            "commands of scripts and of programs; only what was typed",
            "スクリプトやプログラムが実行したコマンド（入力されたもののみ）",
        ),
        Text::fixed("whether a command succeeded", "コマンドの成否"),
        Text::fixed(
            "commands that the user kept out or removed (a history can be edited, switched off, or lost with the session)",
            "ユーザーが記録させなかった、または削除したコマンド（履歴は編集、無効化、またはセッション中断により失われうる）",
        ),
    ],
    sniff,
    read,
};

/// Times that a command may have: 1990 to 2100.
const TIMES: std::ops::Range<i64> = 631_152_000..4_102_444_800;

fn sniff(head: &Head<'_>) -> Option<String> {
    let lines = first_lines(head, 50);
    let all = lines.len();
    let count = |fits: &dyn Fn(&[u8]) -> bool| lines.iter().filter(|line| fits(line)).count();
    let bash = count(&|line| bash_time(line).is_some());
    if bash > 0 && bash * 4 >= all && bash < all {
        return Some(format!("{bash} of the first {all} lines are times of bash history"));
    }
    // A line behind one that ends with a backslash belongs to it.
    let goes_on = |n: usize| n.checked_sub(1).and_then(|n| lines.get(n)).is_some_and(|line| line.ends_with(b"\\"));
    let zsh = lines.iter().enumerate().filter(|(n, line)| zsh(line).is_some() || goes_on(*n)).count();
    if zsh * 2 > all && lines.iter().any(|line| self::zsh(line).is_some()) {
        return Some(format!("{zsh} of the first {all} lines are entries of zsh history"));
    }
    let fish = count(&|line| line.starts_with(b"- cmd: "));
    if fish > 0 && lines.first()?.starts_with(b"- cmd: ") && count(&|line| fish_time(line).is_some()) > 0 {
        return Some(format!("{fish} of the first {all} lines are entries of fish history"));
    }
    plain(&lines)
}

/// Commands that people type, without those that are also words of a sentence.
const COMMANDS: &[&str] = &[
    "apt",
    "apt-get",
    "aws",
    "awk",
    "bash",
    "bzip2",
    "cat",
    "cd",
    "chmod",
    "chown",
    "chpasswd",
    "clear",
    "cp",
    "crontab",
    "curl",
    "dd",
    "df",
    "dig",
    "dmesg",
    "dnf",
    "docker",
    "dpkg",
    "du",
    "echo",
    "env",
    "exit",
    "export",
    "find",
    "gcc",
    "git",
    "go",
    "grep",
    "gunzip",
    "gzip",
    "head",
    "history",
    "hostname",
    "htop",
    "id",
    "ifconfig",
    "ip",
    "iptables",
    "java",
    "journalctl",
    "kill",
    "killall",
    "kubectl",
    "less",
    "ll",
    "ln",
    "ls",
    "lsof",
    "make",
    "mkdir",
    "mount",
    "mv",
    "mysql",
    "nano",
    "nc",
    "netstat",
    "nmap",
    "node",
    "nohup",
    "npm",
    "openssl",
    "passwd",
    "perl",
    "php",
    "ping",
    "pip",
    "pip3",
    "pkill",
    "ps",
    "psql",
    "pwd",
    "python",
    "python3",
    "reboot",
    "rm",
    "rpm",
    "rsync",
    "scp",
    "screen",
    "sed",
    "service",
    "sh",
    "ss",
    "ssh",
    "ssh-keygen",
    "su",
    "sudo",
    "systemctl",
    "tail",
    "tar",
    "tcpdump",
    "tmux",
    "top",
    "touch",
    "ufw",
    "uname",
    "unzip",
    "useradd",
    "userdel",
    "usermod",
    "vi",
    "vim",
    "w",
    "wget",
    "whoami",
    "yum",
    "zip",
];

/// A list of commands without times has no mark of its own: most lines must begin with a known command, several of them.
fn plain(lines: &[&[u8]]) -> Option<String> {
    let known = |line: &&[u8]| {
        let text = std::str::from_utf8(line).ok()?;
        let word = text.split([' ', ';', '|', '&']).next()?;
        COMMANDS.iter().copied().find(|command| *command == word || word.starts_with("./"))
    };
    let script = lines.first()?.starts_with(b"#!") || lines.iter().any(|line| matches!(*line, b"fi" | b"done" | b"esac" | b"}"));
    let distinct: BTreeSet<&str> = lines.iter().filter_map(known).collect();
    let good = lines.iter().filter(|line| known(line).is_some()).count();
    // Sentences may begin with such words too, but lack what commands are full of.
    let marks = |line: &[u8]| !line.contains(&b' ') || line.iter().any(|b| b"/-.|>$=~\"'".contains(b));
    let marked = lines.iter().filter(|line| known(line).is_some() && marks(line)).count();
    let sure = !script && good >= 4 && distinct.len() >= 3 && good * 3 > lines.len() * 2 && marked * 2 > good;
    sure.then(|| format!("{good} of the first {} lines begin with a common command", lines.len()))
}

/// `#1700000000`.
fn bash_time(line: &[u8]) -> Option<Timestamp> {
    seconds(line.strip_prefix(b"#")?)
}

/// `  when: 1700000000`.
fn fish_time(line: &[u8]) -> Option<Timestamp> {
    seconds(line.trim_ascii_start().strip_prefix(b"when: ")?)
}

fn seconds(digits: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(digits.trim_ascii_end()).ok()?;
    let good = text.len() <= 11 && text.bytes().all(|b| b.is_ascii_digit());
    let seconds = text.parse().ok().filter(|s| good && TIMES.contains(s))?;
    Timestamp::from_second(seconds).ok()
}

/// `: 1700000000:0;command`: the time and the command.
fn zsh(line: &[u8]) -> Option<(Timestamp, &[u8])> {
    let rest = line.strip_prefix(b": ")?;
    let end = rest.iter().position(|b| *b == b':')?;
    let (time, rest) = rest.split_at_checked(end)?;
    let end = rest.iter().position(|b| *b == b';')?;
    let (taken, command) = rest.split_at_checked(end)?;
    let digits = taken.get(1..).is_some_and(|t| !t.is_empty() && t.iter().all(u8::is_ascii_digit));
    Some((seconds(time.trim_ascii()).filter(|_| digits)?, command.get(1..)?))
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let max = sink.limits().max_line;
    let mut lines = Lines::new(input, max);
    let mut open = Open::default();
    while let Some(line) = lines.next()? {
        let place = match line {
            Line::Whole(place) => place,
            Line::TooLong(at, bytes) => {
                open.close(sink);
                sink.loss(LossKind::OverLimit, format!("a line is longer than {max} bytes"), Some(at), bytes);
                continue;
            }
        };
        if place.bytes.trim_ascii().is_empty() && !open.shell.is_some_and(|s| s == Shell::Bash) {
            continue;
        }
        if open.raw.len().max(open.command.len()).saturating_add(place.bytes.len()) > max {
            open.close(sink);
        }
        open.line(place, sink);
    }
    open.close(sink);
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// The entry that is being collected.
#[derive(Default)]
struct Open {
    shell: Option<Shell>,
    at: Option<Timestamp>,
    start: u64,
    end: u64,
    raw: Vec<u8>,
    command: Vec<u8>,
    /// fish has been seen, whose lines are never bare commands
    strict: bool,
}

impl Open {
    fn line(&mut self, place: Place<'_>, sink: &mut dyn Sink) {
        let bytes = place.bytes;
        if let Some(at) = bash_time(bytes) {
            self.begin(Shell::Bash, place, Some(at), b"", sink);
        } else if self.shell == Some(Shell::Zsh) && self.command.ends_with(b"\\") {
            // The backslash stands for the line end inside the command.
            self.command.pop();
            self.go_on(place, bytes);
        } else if let Some((at, command)) = zsh(bytes) {
            self.begin(Shell::Zsh, place, Some(at), command, sink);
        } else if let Some(command) = bytes.strip_prefix(b"- cmd: ") {
            self.begin(Shell::Fish, place, None, command, sink);
            self.strict = true;
        } else if self.shell == Some(Shell::Fish) && bytes.starts_with(b"  ") {
            self.at = self.at.or_else(|| fish_time(bytes));
            self.extend(place);
        } else if self.shell == Some(Shell::Bash) {
            self.go_on(place, bytes);
        } else {
            self.close(sink);
            self.bare(place, sink);
        }
    }

    fn begin(&mut self, shell: Shell, place: Place<'_>, at: Option<Timestamp>, command: &[u8], sink: &mut dyn Sink) {
        self.close(sink);
        (self.shell, self.at, self.start) = (Some(shell), at, place.offset);
        self.command.extend_from_slice(command);
        self.extend(place);
    }

    fn go_on(&mut self, place: Place<'_>, command: &[u8]) {
        if !self.command.is_empty() {
            self.command.push(b'\n');
        }
        self.command.extend_from_slice(command);
        // Blank lines at the end of an entry are none of it.
        if !command.trim_ascii().is_empty() {
            self.extend(place);
        }
    }

    fn extend(&mut self, place: Place<'_>) {
        if !self.raw.is_empty() {
            self.raw.push(b'\n');
        }
        self.raw.extend_from_slice(place.bytes);
        self.end = place.offset.saturating_add(place.bytes.len() as u64);
    }

    /// A line that belongs to no entry: a command without a time.
    fn bare(&self, place: Place<'_>, sink: &mut dyn Sink) {
        if self.strict || place.bytes.iter().any(|b| b.is_ascii_control() && *b != b'\t') {
            let reason = "no entry of a shell history".to_owned();
            return sink.loss(LossKind::Malformed, reason, Some(place.locator()), place.bytes.len() as u64);
        }
        row("shell", None, place.locator(), &place.text(), place.bytes, sink);
    }

    fn close(&mut self, sink: &mut dyn Sink) {
        let Some(shell) = self.shell.take() else { return };
        let locator = Locator::Bytes { offset: self.start, length: self.end.saturating_sub(self.start) };
        let (program, command) = match shell {
            Shell::Bash => ("bash", String::from_utf8_lossy(&self.command).into_owned()),
            Shell::Zsh => ("zsh", String::from_utf8_lossy(&unmetafied(&self.command)).into_owned()),
            Shell::Fish => ("fish", unescaped(&String::from_utf8_lossy(&self.command))),
        };
        if command.trim().is_empty() {
            let reason = "a time of a shell history without a command".to_owned();
            sink.loss(LossKind::Malformed, reason, Some(locator), self.raw.len() as u64);
        } else {
            row(program, self.at, locator, command.trim(), &self.raw, sink);
        }
        self.at = None;
        self.raw.clear();
        self.command.clear();
    }
}

fn row(program: &'static str, at: Option<Timestamp>, locator: Locator, command: &str, raw: &[u8], sink: &mut dyn Sink) {
    let first = command.split_ascii_whitespace().next().unwrap_or_default();
    let body = Body::Process(Box::new(ProcessActivity {
        change: ProcessChange::Launch,
        name: Some(Cow::Borrowed(file_name(first))),
        exe: first.starts_with('/').then_some(Cow::Borrowed(first)),
        command: Cow::Borrowed(command),
        program: Some(Cow::Borrowed(program)),
        tag: Some(Cow::Borrowed("history")),
        ..ProcessActivity::default()
    }));
    let zone = if at.is_some() { ZoneCertainty::Stated } else { ZoneCertainty::Unknown };
    sink.row(Row { at, zone, source: 0, locator, body }, raw);
}

/// zsh writes some bytes as 0x83 and the byte with one bit flipped; letters that are no ASCII hold such bytes.
fn unmetafied(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        out.push(if *byte == 0x83 { rest.next().map_or(*byte, |next| next ^ 32) } else { *byte });
    }
    out
}

/// fish writes a line end as `\n` and a backslash as two.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match (c, if c == '\\' { rest.next() } else { None }) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('\\') | None) => out.push('\\'),
            ('\\', Some(other)) => out.extend(['\\', other]),
            _ => out.push(c),
        }
    }
    out
}
