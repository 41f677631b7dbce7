//! Compressed streams: which compression it is, and reading them to their end through all their members.
//!
//! A compressed file may hold several members (frames, streams) one behind the other; log rotation, parallel compressors and
//! `cat a.gz b.gz` make such files. What follows a member and is none is an error, so that it is told and not passed over.

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, ErrorKind, Read};
use std::rc::Rc;

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use libdeflater::Decompressor;
use lz4_flex::frame::FrameDecoder as Lz4Decoder;
use lzma_rust2::{LzmaReader, XzReader};
use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use crate::guard::read_head;
use crate::lzw::Lzw;

/// Compressed bytes after which the first unpacked ones are there: a bzip2 block of 900 kB that does not compress.
pub(crate) const PACKED_HEAD: u64 = 1 << 20;
/// Most memory that a stream may ask for to be unpacked.
const MAX_WINDOW: u64 = 512 << 20;
/// Bytes read at once.
const CHUNK: usize = 64 << 10;
/// Longest magic number.
const MAGIC: usize = 14;
/// Frames of zstd and LZ4 that hold no content begin like this, after a first byte of 50 to 5F.
const SKIPPABLE: &[u8] = b"\x2A\x4D\x18";

/// LZ4 files of the oldest kind, as Linux kernels are packed.
const LZ4_LEGACY: &[u8] = b"\x02\x21\x4C\x18";

/// A compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Gzip,
    Bzip2,
    Xz,
    Lzma,
    Zstd,
    Lz4,
    Compress,
}

impl Packing {
    const ALL: [Self; 7] = [Self::Gzip, Self::Bzip2, Self::Xz, Self::Zstd, Self::Lz4, Self::Compress, Self::Lzma];

    /// The compression that the first bytes show.
    pub fn of(head: &[u8]) -> Option<Self> {
        let begins = |bytes: &[u8]| Self::ALL.into_iter().find(|packing| packing.begins(bytes));
        match after_skippable(head) {
            // What follows says which of the two it is.
            Some(rest) => begins(rest).filter(|p| *p == Self::Lz4).or(Some(Self::Zstd)),
            // The magic number of old LZMA files is weak, so its content must unpack too.
            None => begins(head).filter(|p| *p != Self::Lzma || !p.peek(head).is_empty()),
        }
    }

    fn begins(self, head: &[u8]) -> bool {
        let at = |place: usize| head.get(place).copied();
        match self {
            Self::Gzip => head.starts_with(b"\x1F\x8B\x08"),
            // The block size, then the mark of a block or of the end.
            Self::Bzip2 => {
                let marked = head.get(4..10).is_none_or(|mark| mark == b"1AY&SY" || mark == b"\x17\x72\x45\x38\x50\x90");
                head.starts_with(b"BZh") && matches!(at(3), Some(b'1'..=b'9')) && marked
            }
            Self::Xz => head.starts_with(b"\xFD7zXZ\0"),
            Self::Zstd => head.starts_with(b"\x28\xB5\x2F\xFD"),
            Self::Lz4 => head.starts_with(b"\x04\x22\x4D\x18") || head.starts_with(LZ4_LEGACY),
            Self::Compress => head.starts_with(b"\x1F\x9D") && matches!(at(2), Some(flags) if flags & 0x60 == 0),
            // Properties, a dictionary size that encoders write, a size that is unknown or less than 256 GiB, a first 0.
            Self::Lzma => {
                let Some(Ok(size)) = head.get(1..5).map(<[u8; 4]>::try_from) else { return false };
                let size = u32::from_le_bytes(size);
                let usual =
                    size.is_power_of_two() || size == u32::MAX || size.checked_div(3).is_some_and(|n| n.is_power_of_two() && n * 3 == size);
                let whole = head.get(5..13).is_some_and(|n| n == [0xFF; 8] || n.ends_with(&[0, 0, 0]));
                at(0) == Some(0x5D) && usual && whole && at(13) == Some(0)
            }
        }
    }

    /// The beginning of what a head unpacks to.
    pub fn peek(self, head: &[u8]) -> Vec<u8> {
        let mut head = head;
        read_head(&mut Unpack::new(self, &mut head), 1024).0
    }

    fn open<'a>(self, input: Feed<'a>) -> io::Result<Member<'a>> {
        let memory = u32::try_from(MAX_WINDOW >> 10).unwrap_or(u32::MAX);
        Ok(match self {
            Self::Gzip => Member::Gzip(Box::new(GzDecoder::new(input))),
            Self::Bzip2 => Member::Bzip2(BzDecoder::new(input)),
            Self::Xz => Member::Xz(Box::new(XzReader::new_mem_limit(input, false, memory))),
            Self::Lzma => Member::Lzma(Box::new(LzmaReader::new_mem_limit(input, memory, None)?)),
            Self::Zstd => {
                let decoder = StreamingDecoder::new_with_max_window_size(input, MAX_WINDOW).map_err(|error| match error {
                    FrameDecoderError::WindowSizeTooBig { .. } => ErrorKind::OutOfMemory.into(),
                    other => io::Error::other(other),
                })?;
                Member::Zstd(Box::new(decoder))
            }
            Self::Lz4 => Member::Lz4(Box::new(Lz4Decoder::new(input))),
            Self::Compress => Member::Compress(Box::new(Lzw::new(input))),
        })
    }
}

/// Bytes of a gzip file, packed and unpacked, up to which it is unpacked at once. AWS writes its logs in files far below that.
pub(crate) const AT_ONCE: (u64, u32) = (8 << 20, 32 << 20);

/// Unpacks a gzip file of one member that is sound and nothing else, in about half the time that a stream takes; `None` where it is
/// anything else, which is then for the stream to judge.
///
/// The library does not say where the member ended. It ended at the end of the file if there, and nowhere before, stand the checksum and the size of
/// what was unpacked, since it checked that they stand behind the member.
pub(crate) fn at_once(packed: &[u8]) -> Option<Vec<u8>> {
    let (before, trailer) = packed.split_last_chunk::<8>()?;
    let (sum, size) = trailer.split_at_checked(4)?;
    let (sum, size) = (u32::from_le_bytes(sum.try_into().ok()?), u32::from_le_bytes(size.try_into().ok()?));
    // Deflate makes of 258 bytes no less than two bits.
    if size > AT_ONCE.1 || u64::from(size) > packed.len() as u64 * 258 * 4 {
        return None;
    }
    let mut out = vec![0; usize::try_from(size).ok()?];
    let unpacked = Decompressor::new().gzip_decompress(packed, &mut out).ok()?;
    let sound = unpacked == out.len() && libdeflater::crc32(&out) == sum;
    let ends_there = memchr::memmem::find(packed, trailer) == Some(before.len());
    (sound && ends_there).then_some(out)
}

/// What follows the skippable frames at the beginning, if there are any.
fn after_skippable(head: &[u8]) -> Option<&[u8]> {
    let mut rest = head;
    while let Some(length) = skippable(rest) {
        rest = rest.get(8..).and_then(|r| r.get(usize::try_from(length).ok()?..)).unwrap_or_default();
    }
    (rest.len() < head.len()).then_some(rest)
}

/// The length of a skippable frame behind its 8 bytes of header.
fn skippable(head: &[u8]) -> Option<u32> {
    let marked = head.first().is_some_and(|b| b & 0xF0 == 0x50) && head.get(1..4) == Some(SKIPPABLE);
    let length: [u8; 4] = head.get(4..8)?.try_into().ok()?;
    marked.then(|| u32::from_le_bytes(length))
}

/// What happened to the compressed input, known outside of the decoder that holds it.
#[derive(Default)]
struct Seen {
    /// more was wanted than there is
    ended: Cell<bool>,
    /// the member has no end mark: it ends where the input does
    endless: Cell<bool>,
    /// the input's own error, which decoders wrap or drop
    error: RefCell<Option<(ErrorKind, String)>>,
}

/// The compressed input, of which some bytes may be looked at beforehand.
struct Feed<'a> {
    input: &'a mut dyn Read,
    buffer: Vec<u8>,
    at: usize,
    seen: Rc<Seen>,
}

impl Feed<'_> {
    fn held(&self) -> &[u8] {
        self.buffer.get(self.at..).unwrap_or_default()
    }

    /// Reads once more behind what is held; says how much.
    fn more(&mut self) -> io::Result<usize> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let start = self.buffer.len();
        self.buffer.resize(start + CHUNK, 0);
        let result = loop {
            match self.input.read(self.buffer.get_mut(start..).unwrap_or_default()) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        self.buffer.truncate(start + *result.as_ref().unwrap_or(&0));
        result.inspect_err(|error| *self.seen.error.borrow_mut() = Some((error.kind(), error.to_string())))
    }

    /// The next bytes, at least `least` unless the input ends before.
    fn peek(&mut self, least: usize) -> io::Result<&[u8]> {
        while self.held().len() < least && self.more()? > 0 {}
        Ok(self.held())
    }

    /// Passes over bytes; `false` when there are fewer.
    fn skip(&mut self, mut count: u64) -> io::Result<bool> {
        while count > 0 {
            let held = self.peek(1)?.len();
            if held == 0 {
                return Ok(false);
            }
            let step = held.min(usize::try_from(count).unwrap_or(held));
            self.at += step;
            count -= step as u64;
        }
        Ok(true)
    }
}

impl BufRead for Feed<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.held().is_empty() && self.more()? == 0 {
            self.seen.ended.set(true);
        }
        Ok(self.held())
    }

    fn consume(&mut self, amount: usize) {
        self.at = (self.at + amount).min(self.buffer.len());
    }
}

impl Read for Feed<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        let n = self.fill_buf()?.read(buf)?;
        self.consume(n);
        Ok(n)
    }
}

/// A member that is being unpacked.
enum Member<'a> {
    Gzip(Box<GzDecoder<Feed<'a>>>),
    Bzip2(BzDecoder<Feed<'a>>),
    Xz(Box<XzReader<Feed<'a>>>),
    Lzma(Box<LzmaReader<Feed<'a>>>),
    Zstd(Box<StreamingDecoder<Feed<'a>, FrameDecoder>>),
    Lz4(Box<Lz4Decoder<Feed<'a>>>),
    Compress(Box<Lzw<Feed<'a>>>),
}

impl<'a> Member<'a> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(decoder) => decoder.read(buf),
            Self::Bzip2(decoder) => decoder.read(buf),
            Self::Xz(decoder) => decoder.read(buf),
            Self::Lzma(decoder) => decoder.read(buf),
            Self::Zstd(decoder) => decoder.read(buf),
            Self::Lz4(decoder) => decoder.read(buf),
            Self::Compress(decoder) => decoder.read(buf),
        }
    }

    /// Checks what the decoder itself does not, and gives the input back, which stands behind the member.
    fn finish(self, seen: &Seen) -> io::Result<Feed<'a>> {
        Ok(match self {
            Self::Gzip(decoder) => decoder.into_inner(),
            Self::Bzip2(decoder) => decoder.into_inner(),
            Self::Xz(decoder) => decoder.into_inner(),
            Self::Lzma(decoder) => {
                let (mut input, unused) = decoder.into_parts();
                let used = input.at;
                drop(input.buffer.splice(..used, unused));
                input.at = 0;
                input
            }
            Self::Zstd(decoder) => {
                let (input, frame) = decoder.into_parts();
                let stated = frame.get_checksum_from_data();
                if stated.is_some() && stated != frame.get_calculated_checksum() {
                    return Err(io::Error::other("the checksum does not fit"));
                }
                input
            }
            // Its decoder takes a cut between two blocks for the end.
            Self::Lz4(_) if seen.ended.get() && !seen.endless.get() => return Err(ErrorKind::UnexpectedEof.into()),
            Self::Lz4(decoder) => decoder.into_inner(),
            Self::Compress(decoder) => decoder.into_inner(),
        })
    }
}

enum State<'a> {
    /// in front of the first member, or between two
    Between(Feed<'a>),
    In(Member<'a>),
    Done,
    Failed(ErrorKind, String),
}

/// Unpacks all members of a compressed stream. Its errors are `UnexpectedEof` where the stream is cut, `QuotaExceeded` at a limit,
/// those of the input as they are, and `InvalidData` for everything else.
pub(crate) struct Unpack<'a> {
    packing: Packing,
    state: State<'a>,
    seen: Rc<Seen>,
    members: u64,
}

impl<'a> Unpack<'a> {
    pub fn new(packing: Packing, input: &'a mut dyn Read) -> Self {
        let seen = Rc::<Seen>::default();
        let feed = Feed { input, buffer: Vec::new(), at: 0, seen: Rc::clone(&seen) };
        Self { packing, state: State::Between(feed), seen, members: 0 }
    }

    fn step(&mut self, buf: &mut [u8]) -> io::Result<Option<usize>> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Done => return Ok(Some(0)),
            State::Failed(kind, reason) => return Err(io::Error::new(kind, reason)),
            State::Between(feed) => self.next_member(feed)?,
            State::In(mut member) => {
                let n = member.read(buf)?;
                if n > 0 {
                    self.state = State::In(member);
                    return Ok(Some(n));
                }
                self.state = State::Between(member.finish(&self.seen)?);
            }
        }
        Ok(None)
    }

    fn next_member(&mut self, mut feed: Feed<'a>) -> io::Result<()> {
        // Tapes and block devices pad with zeros behind the last member.
        while self.members > 0 && feed.peek(1)?.first() == Some(&0) {
            feed.at += 1;
        }
        let head = feed.peek(MAGIC)?;
        if head.is_empty() {
            return Ok(());
        }
        if let Some(length) = skippable(head).filter(|_| matches!(self.packing, Packing::Zstd | Packing::Lz4)) {
            if !feed.skip(8 + u64::from(length))? {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            self.state = State::Between(feed);
            return Ok(());
        }
        // The first one was recognised already; of a cut one behind it the beginning is enough.
        if self.members > 0 && !self.packing.begins(head) {
            return Err(io::Error::other("behind a compressed part follow bytes that are none"));
        }
        self.members += 1;
        self.seen.endless.set(head.starts_with(LZ4_LEGACY));
        self.state = State::In(self.packing.open(feed)?);
        Ok(())
    }

    fn fault(&self, error: &io::Error) -> (ErrorKind, String) {
        if let Some(of_input) = self.seen.error.borrow_mut().take() {
            return of_input;
        }
        match error.kind() {
            ErrorKind::OutOfMemory => (ErrorKind::QuotaExceeded, format!("unpacking it needs more than {} bytes of memory", MAX_WINDOW)),
            _ if self.seen.ended.get() => (ErrorKind::UnexpectedEof, "cut".to_owned()),
            ErrorKind::UnexpectedEof => (ErrorKind::UnexpectedEof, "cut".to_owned()),
            _ => (ErrorKind::InvalidData, error.to_string()),
        }
    }
}

impl Read for Unpack<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            match self.step(buf) {
                Ok(Some(n)) => return Ok(n),
                Ok(None) => {}
                Err(error) => {
                    // Said again if it is asked again: an end without an error would hide it.
                    let (kind, reason) = match &self.state {
                        State::Failed(kind, reason) => (*kind, reason.clone()),
                        _ => self.fault(&error),
                    };
                    self.state = State::Failed(kind, reason.clone());
                    return Err(io::Error::new(kind, reason));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// What a stream makes of it, where it ends well.
    fn streamed(packed: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut input = packed;
        Unpack::new(Packing::Gzip, &mut input).read_to_end(&mut out).ok().map(|_| out)
    }

    #[test]
    fn one_sound_member_is_unpacked_at_once_and_nothing_else_is() {
        let long: Vec<u8> = (0..200_000_u32).flat_map(|n| format!("line {}\n", n % 977).into_bytes()).collect();
        assert_eq!(at_once(&gzip(b"")), None, "its end stands in its beginning too");
        for text in [&b"a"[..], b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &long, &vec![0; 1 << 20]] {
            let packed = gzip(text);
            assert_eq!(at_once(&packed).as_deref(), Some(text));
            assert_eq!(streamed(&packed).as_deref(), Some(text));
            // Twice the same member: the second must not be taken for the first's end.
            let twice = [&packed[..], &packed].concat();
            assert_eq!(at_once(&twice), None);
            assert_eq!(streamed(&twice).unwrap(), [text, text].concat());
            let other = [&packed[..], &gzip(b"other")].concat();
            assert_eq!(at_once(&other), None);
            // The member's own end, once more behind it.
            let trailer = packed.last_chunk::<8>().unwrap();
            for behind in [&trailer[..], &[0; 8], b"x", &[b"xx", &trailer[..]].concat()] {
                assert_eq!(at_once(&[&packed[..], behind].concat()), None);
            }
            for cut in [1, 7, 8, 9] {
                assert_eq!(at_once(&packed[..packed.len() - cut]), None);
            }
        }
    }

    #[test]
    fn a_damaged_member_is_left_to_the_stream() {
        let packed = gzip(&(0..5000_u32).flat_map(|n| n.to_string().into_bytes()).collect::<Vec<u8>>());
        for at in 0..packed.len() {
            for bit in [0, 3, 7] {
                let mut damaged = packed.clone();
                damaged[at] ^= 1 << bit;
                if let Some(out) = at_once(&damaged) {
                    assert_eq!(streamed(&damaged), Some(out), "bit {bit} of byte {at}");
                }
            }
        }
    }

    #[test]
    fn a_size_that_cannot_be_is_not_believed() {
        let mut packed = gzip(b"abc");
        let end = packed.len() - 4;
        packed[end..].copy_from_slice(&AT_ONCE.1.to_le_bytes());
        assert_eq!(at_once(&packed), None);
    }
}
