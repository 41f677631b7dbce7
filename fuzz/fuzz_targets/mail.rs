//! Raw mails: header fields, MIME, character sets, HTML, attachments, forwards.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if data.len() <= abate_fuzz::MOST {
        abate_fuzz::check(data);
    }
});
