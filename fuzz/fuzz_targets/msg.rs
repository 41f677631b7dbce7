//! Outlook messages: compound files, property streams, compressed RTF.

#![no_main]

mod common;

const MAGIC: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if data.len() <= 128 * 1024 {
        // The magic is put back where a mutation took it, so that the container is reached.
        let mut file = data.to_vec();
        for (place, byte) in file.iter_mut().zip(MAGIC) {
            *place = byte;
        }
        common::check(&file);
    }
});
