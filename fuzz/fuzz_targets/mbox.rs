//! Mailboxes: where a message begins, quoted `From ` lines, and the bound on one message. The first byte tells how much the reader
//! hands over at once.

#![no_main]

use libfuzzer_sys::fuzz_target;

use std::io::BufReader;

use abate_notice::mailbox::{MailboxError, Mbox, Message, is_mbox};

const LIMIT: usize = 512;

fuzz_target!(|data: &[u8]| {
    let Some((first, mbox)) = data.split_first() else { return };
    if data.len() > abate_fuzz::MOST {
        return;
    }
    let _ = is_mbox(mbox);
    let whole: Vec<_> = Mbox::new(mbox, LIMIT).collect();
    // However few bytes come at once, the messages are the same.
    let pieces = Mbox::new(BufReader::with_capacity(usize::from(*first) + 1, mbox), LIMIT);
    let (mut last, mut held, mut count) = (None, 0, 0);
    for (n, (one, same)) in pieces.zip(&whole).enumerate() {
        let offset = match (&one, same) {
            (Ok(one), Ok(same)) => check(one, same),
            (Err(MailboxError::TooLarge { offset, expected, found }), Err(MailboxError::TooLarge { offset: place, found: size, .. })) => {
                assert!((offset, found) == (place, size) && *expected == LIMIT && *found > 512);
                *offset
            }
            _ => panic!("message {n} is {one:?}, and {same:?} when read at once"),
        };
        held += one.map_or(0, |message| message.bytes.len());
        assert!(last < Some(offset), "messages do not follow each other");
        assert!(offset < mbox.len() as u64, "a message behind the end");
        last = Some(offset);
        count += 1;
    }
    assert!(count == whole.len(), "{count} messages, and {} when read at once", whole.len());
    assert!(held <= mbox.len(), "more came out than went in");
});

fn check(one: &Message, same: &Message) -> u64 {
    assert!(one == same, "pieces make another message");
    assert!(one.bytes.len() <= LIMIT && !one.bytes.trim_ascii().is_empty());
    one.offset
}
