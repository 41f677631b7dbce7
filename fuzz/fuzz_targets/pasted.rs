//! Pasted text, and the customer's own words.

#![no_main]

mod common;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if data.len() <= 64 * 1024 {
        let text = String::from_utf8_lossy(data);
        common::check(text.as_bytes());
        if let Ok(notice) = abate_notice::self_found(&text, Some("111122223333"), &common::ctx()) {
            common::hold(&notice);
        }
    }
});
