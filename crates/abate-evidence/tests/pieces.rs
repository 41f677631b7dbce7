//! A large log of lines gives the same rows and losses, at the same places, whether it is read in pieces or whole.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::io::{self, Read};

use abate_evidence::{Limits, Piece, PieceEnd, Pieces, ReadContext, Reader, SourceEnd, Visitor, read_stream};
use abate_model::Row;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Writes down all that it is handed.
#[derive(Default)]
struct Log {
    lines: Vec<String>,
    ends: Vec<SourceEnd>,
    /// pieces that were read; `None` where none are wanted
    pieces: Option<usize>,
}

fn line(row: &Row<'_>, raw: &[u8]) -> String {
    format!("{row:?} {}", String::from_utf8_lossy(raw))
}

impl Visitor for Log {
    fn begin(&mut self, _path: &str, _format: Option<&'static Reader>) {}
    fn row(&mut self, row: Row<'_>, raw: &[u8]) {
        self.lines.push(line(&row, raw));
    }
    fn end(&mut self, end: SourceEnd) {
        self.ends.push(end);
    }
    fn pieces(&mut self) -> Option<&mut dyn Pieces> {
        self.pieces.is_some().then_some(self)
    }
}

impl Pieces for Log {
    fn read(&mut self, next: &mut dyn FnMut() -> Option<Piece>) -> Vec<PieceEnd> {
        // Read backwards: no piece may need what another has seen.
        let mut pieces = Vec::new();
        while let Some(piece) = next() {
            pieces.push(piece);
        }
        self.pieces = Some(pieces.len());
        let read = |piece: &Piece| {
            let mut lines = Vec::new();
            let end = piece.read(&mut |row, raw| lines.push(line(&row, raw)));
            (lines, end)
        };
        let mut done: Vec<_> = pieces.iter().rev().map(read).collect();
        done.reverse();
        let take = |(lines, end): (Vec<String>, PieceEnd)| {
            self.lines.extend(lines);
            end
        };
        done.into_iter().map(take).collect()
    }
}

fn read(input: &mut dyn Read, pieces: bool, limits: &Limits) -> Log {
    let context = ReadContext { reference: "2026-12-01T00:00:00Z".parse::<Timestamp>().unwrap(), zone: TimeZone::UTC };
    let mut log = Log { pieces: pieces.then_some(0), ..Log::default() };
    read_stream("log", input, &context, limits, &mut log);
    log
}

/// Both ways give the same; says how many pieces there were.
fn same(input: &mut dyn FnMut() -> Box<dyn Read>, limits: &Limits) -> usize {
    let (whole, pieces) = (read(&mut input(), false, limits), read(&mut input(), true, limits));
    assert_eq!(whole.lines.len(), pieces.lines.len());
    for (whole, piece) in whole.lines.iter().zip(&pieces.lines) {
        assert_eq!(whole, piece);
    }
    assert_eq!(whole.ends, pieces.ends);
    assert!(!whole.lines.is_empty());
    pieces.pieces.unwrap()
}

/// A log of syslog that crosses the year's end, with lines that are none, blank ones, and marks of byte order where they mean nothing.
fn syslog(bytes: usize) -> Vec<u8> {
    let mut log = String::from("\u{feff}");
    let mut n = 0_u32;
    while log.len() < bytes {
        let (month, day) = if n % 50_000 < 25_000 { ("Dec", 31) } else { ("Jan", 1) };
        let end = if n.is_multiple_of(7) { "\r\n" } else { "\n" };
        let address = n % 250;
        let _ = write!(
            log,
            "{month} {day:2} 23:{:02}:{:02} web1 sshd[{n}]: Failed password for root from 203.0.113.{address} port {n} ssh2{end}",
            n / 60 % 60,
            n % 60
        );
        match n % 1000 {
            1 => log.push_str("no line of any log\n"),
            2 => log.push('\n'),
            3 => log.push_str("\u{feff}Dec 31 00:00:00 web1 kernel: behind a mark\n"),
            4 => log.push_str("Dec 31 00:00:00 web1 useradd[7]: new user: name=toor, UID=0, GID=0, home=/root\n"),
            _ => {}
        }
        n += 1;
    }
    log.into_bytes()
}

fn access(bytes: usize) -> Vec<u8> {
    let mut log = String::new();
    let mut n = 0_u32;
    while log.len() < bytes {
        let second = n % 60;
        let _ =
            writeln!(log, "198.51.100.{} - - [24/Nov/2026:08:27:{second:02} +0900] \"GET /a?b={n} HTTP/1.1\" 200 {n} \"-\" \"x\"", n % 250);
        if n.is_multiple_of(999) {
            log.push_str("2026/11/24 08:27:05 [error] 7#7: *1 open() failed, client: 203.0.113.5\n\"broken\n");
        }
        n += 1;
    }
    // The last line has no end.
    log.push_str("198.51.100.1 - - [24/Nov/2026:08:27:05 +0900] \"GET / HTTP/1.1\" 200 1 \"-\" \"last\"");
    log.into_bytes()
}

#[test]
fn large_logs_of_lines_are_read_in_pieces_with_the_same_result() {
    let limits = Limits::default();
    for log in [syslog(20 << 20), access(17 << 20)] {
        assert_eq!(same(&mut || Box::new(io::Cursor::new(log.clone())), &limits), 2);
    }
    let small = syslog(1 << 20);
    assert_eq!(same(&mut || Box::new(io::Cursor::new(small.clone())), &limits), 0);
}

#[test]
fn a_line_longer_than_a_piece_and_one_longer_than_allowed() {
    let limits = Limits { max_line: 1000, ..Limits::default() };
    let mut log = syslog(9 << 20);
    log.extend(std::iter::repeat_n(b'x', 20 << 20));
    log.push(b'\n');
    log.extend(syslog(1 << 20));
    assert_eq!(same(&mut || Box::new(io::Cursor::new(log.clone())), &limits), 2);
    let long = Limits { max_line: 64 << 20, ..limits };
    assert_eq!(same(&mut || Box::new(io::Cursor::new(log.clone())), &long), 2);
}

/// Hands out a log, then an error.
struct Broken {
    log: io::Cursor<Vec<u8>>,
}

impl Read for Broken {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.log.read(buf)? {
            0 if !buf.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            n => Ok(n),
        }
    }
}

#[test]
fn a_log_that_breaks_off_loses_the_same() {
    for cut in [0, 1, 50, 3000] {
        let mut log = syslog((16 << 20) + 5000);
        log.truncate(log.len() - cut);
        same(&mut || Box::new(Broken { log: io::Cursor::new(log.clone()) }), &Limits::default());
    }
}

#[test]
fn what_does_not_stand_by_itself_is_not_read_in_pieces() {
    let mut csv = String::from(
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n",
    );
    while csv.len() < 20 << 20 {
        csv.push_str("2 111122223333 eni-1 192.0.2.1 198.51.100.1 1 2 6 1 40 1795000000 1795000060 ACCEPT OK\n");
    }
    assert_eq!(same(&mut || Box::new(io::Cursor::new(csv.clone().into_bytes())), &Limits::default()), 0);
    // A byte order mark of UTF-16: its lines are decoded on the way.
    let text = String::from_utf8(access(6 << 20)).unwrap();
    let wide: Vec<u8> = std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(same(&mut || Box::new(io::Cursor::new(wide.clone())), &Limits::default()), 0);
}
