//! The compression of `compress` (`.Z`), which old Unix systems still rotate their logs with: LZW with codes of 9 to 16 bits.
//!
//! It has neither an end mark nor a checksum, so that a cut is known only where it goes through a code.
//!
//! Written here because the LZW of GIF and TIFF, which the crates for LZW read, has codes of at most 12 bits, an end code, and no
//! groups of codes behind which the width changes.

use std::io::{self, BufRead, Read};

/// The code that empties the table, where the stream has one.
const CLEAR: u16 = 256;
const FIRST_BITS: u32 = 9;

/// Unpacks one stream; there is nothing like a second one behind it.
pub(crate) struct Lzw<R> {
    input: R,
    started: bool,
    clears: bool,
    most_bits: u32,
    bits: u32,
    /// bits that were taken from the input and belong to no code yet
    held: u32,
    held_bits: u32,
    /// bits since the codes have this width: a change of width happens behind a group of eight codes
    since: u64,
    /// each code's code before it and last byte
    table: Vec<(u16, u8)>,
    old: Option<(u16, u8)>,
    /// what is unpacked and not handed out, last byte first
    pending: Vec<u8>,
}

impl<R: BufRead> Lzw<R> {
    pub fn new(input: R) -> Self {
        let (table, pending) = (Vec::new(), Vec::new());
        Self {
            input,
            started: false,
            clears: false,
            most_bits: FIRST_BITS,
            bits: FIRST_BITS,
            held: 0,
            held_bits: 0,
            since: 0,
            table,
            old: None,
            pending,
        }
    }

    /// What is inside.
    pub fn into_inner(self) -> R {
        self.input
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.input.fill_buf()?.first().copied();
        self.input.consume(usize::from(byte.is_some()));
        Ok(byte)
    }

    fn start(&mut self) -> io::Result<()> {
        self.started = true;
        let mut header = [0; 3];
        self.input.read_exact(&mut header)?;
        let flags = header[2];
        self.clears = flags & 0x80 != 0;
        self.most_bits = u32::from(flags & 0x1F);
        if !(FIRST_BITS..=16).contains(&self.most_bits) {
            return Err(bad("the header states an impossible width of codes"));
        }
        self.reset();
        Ok(())
    }

    fn reset(&mut self) {
        self.table.clear();
        self.table.extend((0..=255).map(|byte| (0, byte)));
        if self.clears {
            self.table.push((0, 0));
        }
        (self.bits, self.since, self.old) = (FIRST_BITS, 0, None);
    }

    /// The next code; `None` at the end.
    fn code(&mut self) -> io::Result<Option<u16>> {
        while self.held_bits < self.bits {
            let Some(byte) = self.byte()? else { return Ok(None) };
            self.held |= u32::from(byte) << self.held_bits;
            self.held_bits += 8;
        }
        let code = self.held & ((1 << self.bits) - 1);
        self.held >>= self.bits;
        self.held_bits -= self.bits;
        self.since += u64::from(self.bits);
        Ok(u16::try_from(code).ok())
    }

    /// Passes over the rest of a group of eight codes.
    fn align(&mut self) -> io::Result<()> {
        let group = u64::from(self.bits) * 8;
        let mut rest = self.since.next_multiple_of(group) - self.since;
        // Groups are whole bytes, so what is held belongs to the rest of this one.
        rest = rest.saturating_sub(u64::from(self.held_bits));
        (self.held, self.held_bits, self.since) = (0, 0, 0);
        for _ in 0..rest / 8 {
            if self.byte()?.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Unpacks one code into `pending`; `false` at the end.
    fn step(&mut self) -> io::Result<bool> {
        if self.table.len() > (1 << self.bits) - 1 && self.bits < self.most_bits {
            self.align()?;
            self.bits += 1;
        }
        let Some(code) = self.code()? else { return Ok(false) };
        if self.clears && code == CLEAR {
            self.align()?;
            self.reset();
            return Ok(true);
        }
        let mut at = code;
        if usize::from(code) >= self.table.len() {
            // The only code that may not be known yet is the one that this step makes.
            let old = self.old.filter(|_| usize::from(code) == self.table.len());
            let (before, first) = old.ok_or_else(|| bad("a code that means nothing"))?;
            self.pending.push(first);
            at = before;
        }
        let first = self.spell(at);
        if let Some((old, _)) = self.old
            && self.table.len() < 1 << self.most_bits
        {
            self.table.push((old, first));
        }
        self.old = Some((code, first));
        Ok(true)
    }

    /// Appends a code's bytes, the last one first; returns the first one.
    fn spell(&mut self, mut code: u16) -> u8 {
        loop {
            // A code always leads to a smaller one.
            let (before, byte) = self.table.get(usize::from(code)).copied().unwrap_or_default();
            self.pending.push(byte);
            if code < CLEAR {
                return byte;
            }
            code = before;
        }
    }
}

impl<R: BufRead> Read for Lzw<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if !self.started {
            self.start()?;
        }
        while self.pending.is_empty() {
            if !self.step()? {
                return Ok(0);
            }
        }
        let mut n = 0;
        for (to, from) in buf.iter_mut().zip(std::iter::from_fn(|| self.pending.pop())) {
            *to = from;
            n += 1;
        }
        Ok(n)
    }
}

fn bad(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
