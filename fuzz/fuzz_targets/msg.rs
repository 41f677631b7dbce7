//! Outlook messages. What begins with the mark of compound files, or with its first byte, is read as a whole file, so that the
//! container is damaged; anything else becomes the streams of a sound one, so that RTF, HTML and properties are reached.

#![no_main]

use libfuzzer_sys::fuzz_target;

const MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

fuzz_target!(|data: &[u8]| {
    if data.len() > abate_fuzz::MOST {
        return;
    }
    if data.first() == MAGIC.first() {
        // The mark is put back where a mutation took it.
        abate_fuzz::check(&[MAGIC, data.get(MAGIC.len()..).unwrap_or_default()].concat());
    } else if let Ok(file) = abate_fuzz::message(data) {
        abate_fuzz::check(&file);
    }
});
