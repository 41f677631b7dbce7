//! lastlog: when each user last signed in. The n-th record (292 bytes, from 0) is that of the user with the number n; users who
//! never signed in have a record of zeros.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::{AuthOutcome, Authentication};
use abate_model::{Body, Locator, LossKind, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;

use super::utmp::{fill, text};
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "lastlog",
    title: Text::fixed("last sign-in of each user (lastlog)", "各ユーザーの最終ログイン（lastlog）"),
    tables: &[Table::Authentication],
    continuous: false,
    never_contains: &[
        Text::fixed("any sign-in of a user but the last", "各ユーザーの最後のものを除くログイン"),
        Text::fixed("failed sign-ins", "失敗したログイン"),
        Text::fixed("the names of users (only their numbers)", "ユーザー名（番号のみ）"),
    ],
    sniff,
    read,
};

const SIZE: usize = 292;

fn sniff(head: &Head<'_>) -> Option<String> {
    if head.whole && !head.bytes.len().is_multiple_of(SIZE) {
        return None;
    }
    let mut used = 0;
    let fits = head.bytes.chunks_exact(SIZE).all(|record| {
        let zero = record.iter().all(|b| *b == 0);
        used += usize::from(!zero);
        zero || Entry::read(record).is_some()
    });
    if fits && used == 0 && head.bytes.len() >= SIZE && head.bytes.iter().all(|b| *b == 0) {
        return Some("unused records only, as where no user of a low number ever signed in".to_owned());
    }
    (fits && used > 0).then(|| format!("records of {SIZE} bytes with time, terminal and host ({used} of the first are used)"))
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let mut input = input;
    let mut record = [0; SIZE];
    let mut known = false;
    for n in 0_u64.. {
        let got = fill(&mut input, &mut record)?;
        if got == 0 {
            break;
        }
        let zero = record.iter().take(got).all(|b| *b == 0);
        if !known && zero && got < SIZE {
            break;
        }
        if got < SIZE {
            sink.loss(LossKind::Truncated, format!("the last record has {got} of {SIZE} bytes"), Some(Locator::Record { n }), got as u64);
            break;
        }
        if zero {
            continue;
        }
        match Entry::read(&record) {
            Some(entry) => {
                let body = Body::Auth(Box::new(entry.auth(n)));
                let row = Row { at: Some(entry.at), zone: ZoneCertainty::Stated, source: 0, locator: Locator::Record { n }, body };
                sink.row(row, &record);
                known = true;
            }
            // Zeros are all that it was recognised by, and what comes behind them is something else.
            None if !known && n > 0 => {
                let rest = io::copy(&mut input, &mut io::sink())?;
                let reason = "binary content behind zeros that is no list of last sign-ins".to_owned();
                sink.loss(LossKind::NotRecognised, reason, Some(Locator::Record { n }), rest.saturating_add(got as u64));
                break;
            }
            None => {
                let reason = "no record of a last sign-in: its time or texts are none".to_owned();
                sink.loss(LossKind::Malformed, reason, Some(Locator::Record { n }), got as u64);
            }
        }
    }
    Ok(())
}

struct Entry<'r> {
    at: Timestamp,
    line: Cow<'r, str>,
    host: Cow<'r, str>,
}

impl<'r> Entry<'r> {
    fn read(record: &'r [u8]) -> Option<Self> {
        let seconds = u32::from_le_bytes(record.get(..4)?.try_into().ok()?);
        let line = text(record.get(4..36)?)?;
        // 1990 to 2100; whoever signed in did so on a terminal, whose name is short.
        let times = 631_152_000..4_102_444_800_u32;
        let good = times.contains(&seconds) && (1..32).contains(&line.len()) && line.bytes().all(|b| b.is_ascii_graphic());
        let at = Timestamp::from_second(i64::from(seconds)).ok().filter(|_| good)?;
        Some(Self { at, line, host: text(record.get(36..SIZE)?)? })
    }

    fn auth(&self, uid: u64) -> Authentication<'_> {
        Authentication {
            service: Cow::Borrowed(if self.line.starts_with("ssh") { "sshd" } else { "login" }),
            user: Some(Cow::Owned(uid.to_string())),
            source: self.host.parse().ok(),
            outcome: AuthOutcome::Success,
            attempts: 1,
            message: Cow::Owned(format!("last sign-in of user {uid}: line={} host={}", self.line, self.host)),
            ..Authentication::default()
        }
    }
}
