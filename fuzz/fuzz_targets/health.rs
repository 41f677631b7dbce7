//! JSON: what begins with a bracket is read as it is; any other words become the fields of a well-formed AWS Health event, so
//! that what stands behind the JSON is reached.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if data.len() > abate_fuzz::MOST {
        return;
    }
    if matches!(data.trim_ascii_start().first(), Some(b'{' | b'[')) {
        abate_fuzz::check_parts(data);
    } else {
        abate_fuzz::check_parts(&abate_fuzz::event(data));
    }
});
