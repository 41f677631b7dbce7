//! A whole stream of evidence: which reader takes it, archives and compressed files in it, envelopes, UTF-16.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if data.len() <= abate_fuzz::MOST {
        abate_fuzz::check_stream(data);
    }
});
