//! Readers that are put around hostile streams: they count, hash, replay and stop.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use abate_model::LossKind;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::Limits;

/// Output below this is never a bomb, whatever its ratio.
const RATIO_FREE: u64 = 16 << 20;
/// The same for all output of one run together.
const TOTAL_FREE: u64 = 256 << 20;
/// All compressed streams of one run together may unpack to this many times what one may.
const TOTAL: u64 = 8;
/// Most bytes of names and attributes in front of one member of a tar archive.
const MAX_PREFACE: u64 = 1 << 20;

/// Hands out a head that was already read, then the error that ended it, then the rest.
pub(crate) struct Replay<'a> {
    head: &'a [u8],
    error: Option<io::Error>,
    rest: &'a mut dyn Read,
}

impl<'a> Replay<'a> {
    pub fn new(head: &'a [u8], error: Option<io::Error>, rest: &'a mut dyn Read) -> Self {
        Self { head, error, rest }
    }
}

impl Read for Replay<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if !self.head.is_empty() {
            return self.head.read(buf);
        }
        match self.error.take() {
            Some(error) => Err(error),
            None => self.rest.read(buf),
        }
    }
}

/// Reads up to `most` bytes; what was read before an error is kept beside the error.
pub(crate) fn read_head(input: &mut dyn Read, most: u64) -> (Vec<u8>, Option<io::Error>) {
    let mut head = Vec::new();
    let error = input.take(most).read_to_end(&mut head).err();
    (head, error)
}

/// Counts and hashes what passes.
pub(crate) struct Tap<R> {
    inner: R,
    hash: Sha256,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Tap<R> {
    pub fn new(inner: R) -> Self {
        Self { inner, hash: Sha256::new(), count: Rc::default() }
    }

    /// The number of bytes so far, readable while the tap is inside other readers.
    pub fn count(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.count)
    }

    /// Bytes and SHA-256 of what passed.
    pub fn finish(self) -> (u64, String) {
        (self.count.get(), HEXLOWER.encode(&self.hash.finalize()))
    }
}

impl<R: Read> Read for Tap<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.hash.update(buf.get(..n).unwrap_or_default());
        self.count.set(self.count.get().saturating_add(n as u64));
        Ok(n)
    }
}

/// What all compressed streams of one run have unpacked to, against what the run was given: many small streams may be a bomb
/// together.
pub(crate) struct Budget {
    out: Cell<u64>,
    given: Rc<Cell<u64>>,
    limits: Limits,
}

impl Budget {
    /// `given` says how many bytes of the outermost stream were read.
    pub fn new(given: Rc<Cell<u64>>, limits: Limits) -> Self {
        Self { out: Cell::new(0), given, limits }
    }

    fn spend(&self, bytes: u64) -> io::Result<()> {
        let out = self.out.get().saturating_add(bytes);
        self.out.set(out);
        let most = self.limits.max_stream.saturating_mul(TOTAL);
        if out > most {
            return Err(over(&format!("all that is packed in the file unpacks to more than {most} bytes")));
        }
        if out > TOTAL_FREE && out / self.limits.max_ratio.max(1) > self.given.get() {
            return Err(over(&format!("all that is packed in the file unpacks to more than {} times its size", self.limits.max_ratio)));
        }
        Ok(())
    }
}

/// Counts what passes.
pub(crate) struct Count<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Count<R> {
    pub fn new(inner: R, count: Rc<Cell<u64>>) -> Self {
        Self { inner, count }
    }
}

impl<R: Read> Read for Count<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.count.set(self.count.get().saturating_add(n as u64));
        Ok(n)
    }
}

/// Stops a decompressed stream that is too big, or too big for what it came from.
pub(crate) struct Guard<R> {
    inner: R,
    out: u64,
    fed: Rc<Cell<u64>>,
    limits: Limits,
    budget: Rc<Budget>,
}

impl<R: Read> Guard<R> {
    /// `fed` says how many compressed bytes went in.
    pub fn new(inner: R, fed: Rc<Cell<u64>>, limits: Limits, budget: Rc<Budget>) -> Self {
        Self { inner, out: 0, fed, limits, budget }
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.out = self.out.saturating_add(n as u64);
        self.budget.spend(n as u64)?;
        if self.out > self.limits.max_stream {
            return Err(over(&format!("it unpacks to more than {} bytes", self.limits.max_stream)));
        }
        if self.out > RATIO_FREE && self.out / self.limits.max_ratio.max(1) > self.fed.get() {
            return Err(over(&format!("it unpacks to more than {} times its size", self.limits.max_ratio)));
        }
        Ok(n)
    }
}

/// Stops a tar archive whose names and attributes have no end: they are held in memory. Closed between members, open inside.
pub(crate) struct Fence<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Fence<R> {
    pub fn new(inner: R, left: Rc<Cell<u64>>) -> Self {
        Self { inner, left }
    }

    /// Lets pass what is left of a member and what stands in front of the next one.
    pub fn close(left: &Cell<u64>, of_member: u64) {
        left.set(of_member.saturating_add(MAX_PREFACE));
    }

    /// Lets pass everything.
    pub fn open(left: &Cell<u64>) {
        left.set(u64::MAX);
    }
}

impl<R: Read> Read for Fence<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        let Some(left) = self.left.get().checked_sub(n as u64) else {
            return Err(over(&format!("what stands in front of a member of the archive is longer than {MAX_PREFACE} bytes")));
        };
        if self.left.get() != u64::MAX {
            self.left.set(left);
        }
        Ok(n)
    }
}

fn over(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::QuotaExceeded, reason.to_owned())
}

/// What an error of a stream means as a loss.
pub(crate) fn as_loss(error: &io::Error) -> (LossKind, String) {
    match error.kind() {
        io::ErrorKind::QuotaExceeded => (LossKind::OverLimit, error.to_string()),
        io::ErrorKind::UnexpectedEof => (LossKind::Truncated, "the compressed stream or archive ends in the middle".to_owned()),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
            (LossKind::Malformed, format!("the compressed stream or archive is damaged from here on: {error}"))
        }
        _ => (LossKind::Unreadable, format!("reading failed: {error}")),
    }
}

/// Reads to the end and throws the bytes away; `None` when the end was reached without an error.
pub(crate) fn drain(input: &mut dyn Read) -> Option<io::Error> {
    io::copy(input, &mut io::sink()).err()
}
