//! A small random number generator of our own (SplitMix64), so that a seed gives the same drill on every machine and with
//! every version of every library. It is not fit for secrets.

use std::net::Ipv4Addr;

/// What the state grows by with each draw. Since it only grows, a stream can be entered anywhere.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream of numbers that depends on nothing but the seed and the stream's name.
#[derive(Clone, Debug)]
pub(crate) struct Rng {
    state: u64,
    drawn: u64,
}

impl Rng {
    /// A stream for one purpose. Streams of different names do not disturb one another: more background does not change
    /// the attack.
    pub(crate) fn stream(seed: u64, name: &str) -> Self {
        // FNV-1a over the name, mixed into the seed.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut rng = Self { state: seed ^ hash, drawn: 0 };
        rng.next();
        rng
    }

    /// How many numbers were drawn so far: a place in the stream.
    pub(crate) fn place(&self) -> u64 {
        self.drawn
    }

    /// The same stream, at another place of it.
    pub(crate) fn at(&self, place: u64) -> Self {
        let mut rng = self.clone();
        rng.skip(place.wrapping_sub(self.drawn));
        rng
    }

    /// Goes on as if so many numbers had been drawn.
    pub(crate) fn skip(&mut self, draws: u64) {
        self.state = self.state.wrapping_add(STEP.wrapping_mul(draws));
        self.drawn = self.drawn.wrapping_add(draws);
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.skip(1);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included; `low` if the range is empty.
    pub(crate) fn range(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low).saturating_add(1);
        if high < low {
            return low;
        }
        low.saturating_add_unsigned(self.next() % span)
    }

    /// True in `percent` of 100 cases.
    pub(crate) fn chance(&mut self, percent: i64) -> bool {
        self.range(0, 99) < percent
    }

    /// One of a list that must not be empty (its first element type's default otherwise).
    pub(crate) fn pick<T: Copy + Default>(&mut self, list: &[T]) -> T {
        list.get(self.index(list.len())).copied().unwrap_or_default()
    }

    /// The place of one of so many.
    pub(crate) fn index(&mut self, count: usize) -> usize {
        let last = i64::try_from(count).unwrap_or(1) - 1;
        usize::try_from(self.range(0, last)).unwrap_or(0)
    }

    /// Like [`Rng::pick`], but early entries come up much more often than late ones, as in real logs.
    pub(crate) fn pick_skewed<T: Copy + Default>(&mut self, list: &[T]) -> T {
        list.get(self.index_skewed(list.len())).copied().unwrap_or_default()
    }

    /// Like [`Rng::index`], but early places come up much more often than late ones.
    pub(crate) fn index_skewed(&mut self, count: usize) -> usize {
        let last = i64::try_from(count).unwrap_or(1) - 1;
        let high = self.range(0, last);
        usize::try_from(self.range(0, high)).unwrap_or(0)
    }

    /// `n` characters of an ASCII alphabet.
    pub(crate) fn chars(&mut self, n: usize, alphabet: &[u8]) -> String {
        (0..n).map(|_| char::from(self.pick(alphabet))).collect()
    }

    /// `n` lower-case hexadecimal digits.
    pub(crate) fn hex(&mut self, n: usize) -> String {
        self.chars(n, b"0123456789abcdef")
    }

    /// `n` upper-case letters and digits.
    pub(crate) fn upper(&mut self, n: usize) -> String {
        self.chars(n, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    }

    /// `n` letters and digits.
    pub(crate) fn alnum(&mut self, n: usize) -> String {
        self.chars(n, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    }

    /// A version 4 UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let variant = self.chars(1, b"89ab");
        format!("{}-{}-4{}-{variant}{}-{}", self.hex(8), self.hex(4), self.hex(3), self.hex(3), self.hex(12))
    }

    /// An address of 198.18.0.0/15, the range set aside for benchmarks.
    pub(crate) fn stranger(&mut self) -> Ipv4Addr {
        Ipv4Addr::new(198, self.byte(18, 19), self.byte(0, 255), self.byte(1, 254))
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn byte(&mut self, low: u8, high: u8) -> u8 {
        u8::try_from(self.range(i64::from(low), i64::from(high))).unwrap_or(low)
    }
}

#[cfg(test)]
mod tests {
    use super::Rng;

    #[test]
    fn streams_repeat_and_differ() {
        let mut a = Rng::stream(7, "x");
        let mut b = Rng::stream(7, "x");
        let mut c = Rng::stream(7, "y");
        let first = a.next();
        assert_eq!(first, b.next());
        assert_ne!(first, c.next());
    }

    #[test]
    fn a_stream_can_be_entered_anywhere() {
        let start = Rng::stream(7, "x");
        let mut read = start.clone();
        let _ = (read.next(), read.uuid(), read.stranger());
        let place = read.place();
        let next = read.next();
        assert_eq!(start.at(place).next(), next);
        assert_eq!(read.at(place).next(), next, "backwards too");
        let mut skipped = start.clone();
        skipped.skip(place - start.place());
        assert_eq!((skipped.place(), skipped.next()), (place, next));
    }

    #[test]
    fn range_keeps_its_bounds() {
        let mut rng = Rng::stream(1, "range");
        let drawn: Vec<i64> = (0..500).map(|_| rng.range(-2, 2)).collect();
        assert!(drawn.iter().all(|n| (-2..=2).contains(n)));
        assert!(drawn.contains(&-2) && drawn.contains(&2));
        assert_eq!(rng.range(5, 4), 5);
    }
}
