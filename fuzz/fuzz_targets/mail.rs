//! Raw mails: headers, MIME, character sets, attachments, forwards.

#![no_main]

mod common;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if data.len() <= 64 * 1024 {
        common::check(data);
    }
});
