//! A few bytes repeated up to 64 kB, behind a beginning: what looks at the same text again and again takes time that grows with the
//! square of its length. Run with a small `-max_len`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // Beginning, piece, end; without a mark the whole is the piece.
    let mut fields = data.splitn(3, |byte| *byte == abate_fuzz::UNIT);
    let (first, second, end) = (fields.next().unwrap_or_default(), fields.next(), fields.next().unwrap_or_default());
    let (begin, piece) = second.map_or((b"".as_slice(), first), |piece| (first, piece));
    if piece.is_empty() || data.len() > 1024 {
        return;
    }
    let text = [begin, &piece.repeat(abate_fuzz::MOST / piece.len()), end].concat();
    match begin.first() {
        Some(b'R') => abate_fuzz::check(&abate_fuzz::forwarded_below(&text)),
        Some(b'H') => abate_fuzz::check(&abate_fuzz::event(&text)),
        Some(b'C') => abate_fuzz::check(&abate_fuzz::third_party(&text)),
        _ => abate_fuzz::check(&text),
    }
});
