//! Where the signs of JSON stand in a block of 64 bytes, one bit for each byte, the lowest bit the first byte.
//!
//! The method is that of Langdale and Lemire, "Parsing gigabytes of JSON per second" (2019): quotes that no backslash escapes part a text into what
//! is inside strings and what is not, and a running exclusive or over them says of all 64 bytes at once which is which.

use wide::u8x16;

/// Bytes in a block.
pub(crate) const BLOCK: usize = 64;
const LANES: usize = 16;

/// What stands in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signs {
    /// inside a string, the opening quote with it and the closing one not
    pub inside: u64,
    /// quotes that open or close a string
    pub quotes: u64,
    /// brackets and braces outside of strings
    pub brackets: u64,
    /// ends of lines, wherever
    pub lines: u64,
    /// the byte behind the block is escaped
    pub escapes_next: bool,
}

impl Signs {
    /// Looks at a block. `in_string` and `escaped` say so of its first byte.
    pub fn of(block: &[u8; BLOCK], in_string: bool, escaped: bool) -> Self {
        let (parts, _) = block.as_chunks::<LANES>();
        let mut lanes = [u8x16::default(); BLOCK / LANES];
        for (lane, part) in lanes.iter_mut().zip(parts) {
            *lane = u8x16::from(*part);
        }
        // Setting this bit makes a bracket a brace and no other byte one.
        let folded = lanes.map(|lane| lane | u8x16::splat(0x20));
        let (mut quotes, slashes) = (bits(&lanes, b'"'), bits(&lanes, b'\\'));
        let mut escapes_next = false;
        if slashes != 0 || escaped {
            (quotes, escapes_next) = unescaped(quotes, slashes, in_string, escaped);
        }
        let inside = running_parity(quotes) ^ if in_string { u64::MAX } else { 0 };
        let brackets = (bits(&folded, b'{') | bits(&folded, b'}')) & !inside;
        Self { inside, quotes, brackets, lines: bits(&lanes, b'\n'), escapes_next }
    }

    /// Whether the byte behind the block is inside a string.
    pub fn ends_in_string(self) -> bool {
        self.inside >> (BLOCK - 1) == 1
    }
}

/// The bytes of a block that are equal to one.
fn bits(lanes: &[u8x16; BLOCK / LANES], byte: u8) -> u64 {
    let wanted = u8x16::splat(byte);
    let mut found = 0;
    for lane in lanes.iter().rev() {
        found = (found << LANES) | u64::from(lane.simd_eq(wanted).to_bitmask());
    }
    found
}

/// The quotes that no backslash inside a string escapes, and whether the byte behind the block is escaped.
fn unescaped(quotes: u64, slashes: u64, in_string: bool, escaped: bool) -> (u64, bool) {
    let (mut kept, mut inside) = (0, in_string);
    let mut left = if escaped { (quotes | slashes) & !1 } else { quotes | slashes };
    while left != 0 {
        let sign = left & left.wrapping_neg();
        left ^= sign;
        if quotes & sign != 0 {
            kept |= sign;
            inside = !inside;
        } else if inside {
            let next = sign << 1;
            if next == 0 {
                return (kept, true);
            }
            left &= !next;
        }
    }
    (kept, false)
}

/// Each bit is the parity of the bits up to it.
fn running_parity(mut bits: u64) -> u64 {
    for step in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << step;
    }
    bits
}

/// Takes the lowest bit that is set out of `bits`: where it stood.
pub(crate) fn next_bit(bits: &mut u64) -> Option<usize> {
    let at = bits.trailing_zeros() as usize;
    if at == BLOCK {
        return None;
    }
    *bits &= *bits - 1;
    Some(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same, byte by byte.
    fn slowly(block: &[u8; BLOCK], mut in_string: bool, mut escaped: bool) -> Signs {
        let mut signs = Signs { inside: 0, quotes: 0, brackets: 0, lines: 0, escapes_next: false };
        for (at, byte) in block.iter().enumerate() {
            let bit = 1 << at;
            let was_escaped = std::mem::take(&mut escaped);
            match byte {
                b'"' if !was_escaped => {
                    signs.quotes |= bit;
                    in_string = !in_string;
                }
                b'\\' if in_string && !was_escaped => escaped = true,
                b'{' | b'}' | b'[' | b']' if !in_string => signs.brackets |= bit,
                b'\n' => signs.lines |= bit,
                _ => {}
            }
            if in_string {
                signs.inside |= bit;
            }
        }
        signs.escapes_next = escaped;
        signs
    }

    proptest! {
        #[test]
        fn a_block_is_what_its_bytes_are(
            bytes in proptest::collection::vec(prop_oneof![3 => prop::sample::select(b"\"\\{}[]\n".to_vec()), 2 => any::<u8>()], BLOCK),
            in_string: bool,
            escaped: bool,
        ) {
            let block: [u8; BLOCK] = bytes.try_into().unwrap();
            // Only a byte of a string is escaped.
            let escaped = escaped && in_string;
            prop_assert_eq!(Signs::of(&block, in_string, escaped), slowly(&block, in_string, escaped));
        }
    }

    #[test]
    fn bits_come_in_order() {
        let mut bits = 0b1001 | 1 << 63;
        assert_eq!(std::iter::from_fn(|| next_bit(&mut bits)).collect::<Vec<_>>(), [0, 3, 63]);
    }
}
