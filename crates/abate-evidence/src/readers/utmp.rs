//! Login records of Linux: wtmp, btmp and utmp, in the form of x86-64 (384 bytes each) and of ARM 64 (400 bytes).
//!
//! The three files have one format, so what a record means is told from the record: a failed sign-in (btmp) is a login process with
//! the name of a user. The bytes are little-endian. Records that are all zero are unused space.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use abate_model::rows::{AuthOutcome, Authentication};
use abate_model::{Body, Locator, LossKind, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;

use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "utmp",
    title: Text::fixed("login records (wtmp, btmp, utmp)", "ログイン記録（wtmp、btmp、utmp）"),
    tables: &[Table::Authentication],
    continuous: false,
    never_contains: &[
        Text::fixed("what was done inside a session (commands, files)", "セッション内で行われた操作（コマンド、ファイル）"),
        Text::fixed("connections without a terminal, such as file copies over SSH", "端末を伴わない接続（SSH でのファイル転送など）"),
        Text::fixed("how somebody signed in (password or key)", "認証の方式（パスワードまたは鍵）"),
        Text::fixed("what an intruder with administrator rights removed from the log", "管理者権限を得た侵入者がログから削除した内容"),
    ],
    sniff,
    read,
};

/// Where the fields of a record stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layout {
    name: &'static str,
    size: usize,
    seconds: usize,
    micros: usize,
    address: usize,
    /// bytes of the seconds and of the microseconds
    width: usize,
}

const LAYOUTS: [Layout; 2] = [
    Layout { name: "x86-64", size: 384, seconds: 340, micros: 344, address: 348, width: 4 },
    Layout { name: "ARM 64", size: 400, seconds: 344, micros: 352, address: 360, width: 8 },
];
const LINE: std::ops::Range<usize> = 8..40;
const USER: std::ops::Range<usize> = 44..76;
const HOST: std::ops::Range<usize> = 76..332;
/// Times that a login record may have: 1990 to 2100. Older and newer ones show that it is none.
const TIMES: std::ops::Range<i64> = 631_152_000..4_102_444_800;

fn sniff(head: &Head<'_>) -> Option<String> {
    let layout = layout(head.bytes)?;
    Some(format!("the first records of {} bytes are login records ({})", layout.size, layout.name))
}

/// The layout that all of the first whole records fit.
fn layout(head: &[u8]) -> Option<Layout> {
    LAYOUTS.into_iter().find(|layout| {
        let mut records = head.chunks_exact(layout.size).take(20).peekable();
        let mut used = 0;
        let fits = records.peek().is_some()
            && records.all(|record| {
                // A type says more than that something is there: unused records of other files have none either.
                used += usize::from(record.first().is_some_and(|kind| *kind != 0));
                record.iter().all(|b| *b == 0) || Entry::read(record, *layout).is_some()
            });
        fits && used > 0
    })
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let mut first = Vec::new();
    input.take((LAYOUTS[0].size * 4) as u64).read_to_end(&mut first)?;
    // A stream that fits neither is taken in the usual size, so that its losses are counted record by record.
    let layout = layout(&first).unwrap_or(LAYOUTS[0]);
    let mut input = first.as_slice().chain(input);
    let mut record = vec![0; layout.size];
    for n in 0_u64.. {
        let got = fill(&mut input, &mut record)?;
        if got == 0 {
            break;
        }
        let Some(bytes) = record.get(..layout.size).filter(|_| got == layout.size) else {
            let reason = format!("the last record has {got} of {} bytes", layout.size);
            sink.loss(LossKind::Truncated, reason, Some(Locator::Record { n }), got as u64);
            break;
        };
        if bytes.iter().all(|b| *b == 0) {
            continue;
        }
        match Entry::read(bytes, layout) {
            Some(entry) => {
                let body = Body::Auth(Box::new(entry.auth()));
                sink.row(Row { at: entry.at(), zone: ZoneCertainty::Stated, source: 0, locator: Locator::Record { n }, body }, bytes);
            }
            None => {
                let reason = "no login record: its type, texts or time are none".to_owned();
                sink.loss(LossKind::Malformed, reason, Some(Locator::Record { n }), got as u64);
            }
        }
    }
    Ok(())
}

/// Reads until the buffer is full or the stream ends; says how many bytes came.
pub(super) fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while let Some(rest) = buffer.get_mut(got..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

/// Text that ends at the first zero byte; what an earlier, longer text left behind it does not matter. Control characters show
/// that it is no text.
pub(super) fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    let text = bytes.get(..end)?;
    (!text.iter().any(u8::is_ascii_control)).then(|| String::from_utf8_lossy(text))
}

#[derive(Debug)]
struct Entry<'r> {
    kind: u16,
    pid: u32,
    line: Cow<'r, str>,
    user: Cow<'r, str>,
    host: Cow<'r, str>,
    seconds: i64,
    micros: i64,
    address: Option<IpAddr>,
}

impl<'r> Entry<'r> {
    fn read(record: &'r [u8], layout: Layout) -> Option<Self> {
        let number = |at: usize, width: usize| {
            let bytes = record.get(at..at + width)?;
            Some(bytes.iter().rev().fold(0_i64, |sum, b| (sum << 8) | i64::from(*b)))
        };
        let kind = u16::try_from(number(0, 2)?).ok().filter(|kind| *kind <= 9)?;
        if number(2, 2)? != 0 {
            return None;
        }
        let (seconds, micros) = (number(layout.seconds, layout.width)?, number(layout.micros, layout.width)?);
        // Unused records of utmp may lack a time.
        if !(TIMES.contains(&seconds) || (seconds == 0 && kind == 0)) || !(0..1_000_000).contains(&micros) {
            return None;
        }
        Some(Self {
            kind,
            pid: u32::try_from(number(4, 4)?).ok()?,
            line: text(record.get(LINE)?)?,
            user: text(record.get(USER)?)?,
            host: text(record.get(HOST)?)?,
            seconds,
            micros,
            address: address(record.get(layout.address..layout.address + 16)?),
        })
    }

    fn at(&self) -> Option<Timestamp> {
        let micros = self.seconds.checked_mul(1_000_000)?.checked_add(self.micros)?;
        Timestamp::from_microsecond(micros).ok().filter(|_| self.seconds != 0)
    }

    fn auth(&self) -> Authentication<'_> {
        let over_ssh = self.line.starts_with("ssh");
        // A login process waits under the name LOGIN; with a user's name it is a sign-in that failed.
        let failed = self.line == "ssh:notty" || (self.kind == 6 && !matches!(self.user.as_ref(), "" | "LOGIN"));
        // `reboot`, `runlevel` and a waiting LOGIN are no users.
        let names_user = matches!(self.kind, 7..=9) || failed;
        let outcome = match self.kind {
            _ if failed => AuthOutcome::Failure,
            7 => AuthOutcome::Success,
            _ => AuthOutcome::Other,
        };
        Authentication {
            service: Cow::Borrowed(if over_ssh { "sshd" } else { "login" }),
            user: Some(self.user.as_ref()).filter(|user| names_user && !user.is_empty()).map(Cow::Borrowed),
            unknown_user: self.user == "UNKNOWN",
            source: self.address.or_else(|| self.host.parse().ok()),
            outcome,
            attempts: 1,
            pid: Some(self.pid).filter(|pid| *pid != 0),
            message: Cow::Owned(format!("{} line={} user={} host={}", kind_name(self.kind), self.line, self.user, self.host)),
            ..Authentication::default()
        }
    }
}

fn kind_name(kind: u16) -> &'static str {
    const NAMES: [&str; 10] = [
        "EMPTY",
        "RUN_LVL",
        "BOOT_TIME",
        "NEW_TIME",
        "OLD_TIME",
        "INIT_PROCESS",
        "LOGIN_PROCESS",
        "USER_PROCESS",
        "DEAD_PROCESS",
        "ACCOUNTING",
    ];
    NAMES.get(usize::from(kind)).copied().unwrap_or("EMPTY")
}

/// Four words in network order; with an IPv4 address only the first is set.
fn address(bytes: &[u8]) -> Option<IpAddr> {
    let all: [u8; 16] = bytes.try_into().ok()?;
    let [a, b, c, d, rest @ ..] = all;
    if rest.iter().all(|b| *b == 0) {
        return (bytes.iter().any(|b| *b != 0)).then(|| IpAddr::V4(Ipv4Addr::new(a, b, c, d)));
    }
    Some(IpAddr::V6(Ipv6Addr::from(all)).to_canonical())
}
