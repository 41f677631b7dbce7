//! One reader of evidence, named by the environment variable `ABATE_READER`, so that what is found for one format is kept for it.
//! The last byte tells how much the stream hands over at once.

#![no_main]

use std::sync::OnceLock;

use abate_evidence::{Reader, readers};
use libfuzzer_sys::fuzz_target;

static READER: OnceLock<&'static Reader> = OnceLock::new();

fn reader() -> &'static Reader {
    READER.get_or_init(|| {
        let id = std::env::var("ABATE_READER").unwrap_or_default();
        let found = readers::by_id(&id);
        let ids: Vec<&str> = readers::all().iter().map(|reader| reader.id).collect();
        // The library that reads Parquet may panic, which the reader catches: the hook must not end the run for it.
        if id == "parquet" {
            std::panic::set_hook(Box::new(|_| {}));
        }
        let Some(reader) = found else { panic!("ABATE_READER is '{id}', and must be one of: {}", ids.join(" ")) };
        reader
    })
}

fuzz_target!(|data: &[u8]| {
    if data.len() <= abate_fuzz::MOST {
        abate_fuzz::check_reader(reader(), data, usize::from(data.last().copied().unwrap_or(0)) + 1);
    }
});
