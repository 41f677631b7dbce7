//! Pasted text, and the same as the customer's own words.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if data.len() > abate_fuzz::MOST {
        return;
    }
    let text = String::from_utf8_lossy(data);
    abate_fuzz::check(text.as_bytes());
    let account = data.len().is_multiple_of(2).then_some("111122223333");
    if let Ok(notice) = abate_notice::self_found(&text, account, &abate_fuzz::ctx()) {
        abate_fuzz::check_notice(&notice);
    }
});
