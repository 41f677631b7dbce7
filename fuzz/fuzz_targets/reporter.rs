//! What a reporter wrote, below an AWS notice and as a mail of its own: the part that any attacker can reach.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if data.len() > abate_fuzz::MOST {
        return;
    }
    let words = String::from_utf8_lossy(data);
    abate_fuzz::check(&abate_fuzz::forwarded_below(words.as_bytes()));
    abate_fuzz::check(&abate_fuzz::third_party(data));
});
