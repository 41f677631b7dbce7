//! Compressed RTF ([MS-OXRTFCP]) to RTF. The checksum is not looked at: text with a damaged byte is better than none.

/// What every dictionary begins with.
const FIRST: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans \
SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const DICTIONARY: usize = 4096;

/// RTF, and whether it is whole.
pub(super) struct Unpacked {
    pub bytes: Vec<u8>,
    pub whole: bool,
}

/// Unpacks at most `most` bytes. `None` if it is no compressed RTF. What the header claims as the size is not believed.
pub(super) fn unpack(packed: &[u8], most: usize) -> Option<Unpacked> {
    let (header, body) = packed.split_at_checked(16)?;
    let size = header.get(4..8)?.try_into().ok().map(u32::from_le_bytes)?;
    let size = usize::try_from(size).ok()?;
    match header.get(8..12)? {
        b"MELA" => {
            let end = size.min(body.len()).min(most);
            Some(Unpacked { bytes: body.get(..end)?.to_vec(), whole: end == size })
        }
        b"LZFu" => Some(lz(body, size, most)),
        _ => None,
    }
}

fn lz(body: &[u8], size: usize, most: usize) -> Unpacked {
    let mut window = Window { dictionary: [b' '; DICTIONARY], out: Vec::new() };
    for (slot, byte) in window.dictionary.iter_mut().zip(FIRST) {
        *slot = *byte;
    }
    let marked = window.fill(body, most).is_some();
    // Some programs leave out the mark.
    let whole = marked || window.out.len() == size;
    Unpacked { bytes: window.out, whole }
}

struct Window {
    dictionary: [u8; DICTIONARY],
    out: Vec<u8>,
}

impl Window {
    /// Up to the mark at the end; `None` if that is not reached.
    fn fill(&mut self, body: &[u8], most: usize) -> Option<()> {
        let mut input = body.iter().copied();
        loop {
            let flags = input.next()?;
            for bit in 0..8 {
                let first = input.next().filter(|_| self.out.len() < most)?;
                if flags & (1 << bit) == 0 {
                    self.put(first);
                    continue;
                }
                let reference = usize::from(first) << 8 | usize::from(input.next()?);
                let (from, length) = (reference >> 4, (reference & 15) + 2);
                // A reference to the place that is written next is the mark.
                if from == self.place() {
                    return Some(());
                }
                for step in 0..length {
                    let byte = self.dictionary.get((from + step) % DICTIONARY).copied()?;
                    self.put(byte);
                }
            }
        }
    }

    /// Where the next byte goes.
    fn place(&self) -> usize {
        (FIRST.len() + self.out.len()) % DICTIONARY
    }

    fn put(&mut self, byte: u8) {
        let place = self.place();
        if let Some(slot) = self.dictionary.get_mut(place) {
            *slot = byte;
        }
        self.out.push(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of [MS-OXRTFCP] 4.1.
    #[test]
    fn the_specifications_examples() {
        let simple = [
            0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a, 0x00, 0x72, 0x63, 0x70, 0x67,
            0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d,
            0x0a, 0x80, 0x0f, 0xa0,
        ];
        let out = unpack(&simple, 1000).unwrap();
        assert_eq!(out.bytes, b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        assert!(out.whole);
        let overlapping = [
            0x1a, 0, 0, 0, 0x1c, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xe2, 0xd4, 0x4b, 0x51, 0x41, 0x00, 0x04, 0x20, 0x57, 0x58, 0x59, 0x5a,
            0x0d, 0x6e, 0x7d, 0x01, 0x0e, 0xb0,
        ];
        assert_eq!(unpack(&overlapping, 1000).unwrap().bytes, b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
        assert!(!unpack(&simple[..30], 1000).unwrap().whole);
        let short = unpack(&simple, 10).unwrap();
        assert!(short.bytes.len() < 10 + 17 && !short.whole);
    }

    #[test]
    fn what_is_not_compressed() {
        let raw = [b"\x0e\0\0\0\x02\0\0\0MELA\0\0\0\0".as_slice(), b"{}garbage"].concat();
        assert_eq!(unpack(&raw, 1000).unwrap().bytes, b"{}");
        assert!(unpack(b"{\\rtf1 hello world and more}", 1000).is_none());
        assert!(unpack(b"", 1000).is_none());
        assert_eq!(FIRST.len(), 207);
    }
}
