//! What a reporter wrote, below an AWS notice and as a mail of its own: the part that an attacker can reach.

#![no_main]

mod common;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if data.len() > 64 * 1024 {
        return;
    }
    let words = String::from_utf8_lossy(data);
    common::check(
        format!(
            "We've received a report(s) that your AWS resource(s)\n\nAWS ID: 111122223333    Region: us-west-2    EC2 Instance Id: i-0123456789abcdef0 [203.0.113.7]\n\
             AWS ID: 111122223333    Region: us-east-1    EC2 Instance Id: i-0123456789abcdef1 [203.0.113.8]\n\nhas been implicated in Port Scanning.\n\
             ---Beginning of forwarded report(s)---\n{words}"
        )
        .as_bytes(),
    );
    common::check(format!("From: desk@example.net\nSubject: abuse report\nMessage-ID: <1@example.net>\nDate: Wed, 4 Mar 2026 10:30:00 +0000\n\n{words}").as_bytes());
});
