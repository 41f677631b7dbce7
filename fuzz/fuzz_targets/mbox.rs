//! Mailboxes: where a message begins, escapes, and the bound on one message.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if data.len() > 64 * 1024 {
        return;
    }
    let _ = abate_notice::mailbox::is_mbox(data);
    let mut last = None;
    for message in abate_notice::mailbox::Mbox::new(data, 4_096) {
        if let Ok(message) = message {
            assert!(message.bytes.len() <= 4_096);
            assert!(last < Some(message.offset), "messages do not follow each other");
            last = Some(message.offset);
        }
    }
});
