//! AWS Health events: any JSON, and a well-formed event around words that are not.

#![no_main]

mod common;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if data.len() > 64 * 1024 {
        return;
    }
    for part in abate_notice::parts(data) {
        common::check(&part);
    }
    common::check(data);
    let words = String::from_utf8_lossy(data);
    let event = serde_json::json!({
        "source": "aws.health", "detail-type": "AWS Health Abuse Event", "account": "111122223333", "time": "2026-03-04T11:00:00Z",
        "resources": [words.chars().take(60).collect::<String>()],
        "detail": {
            "eventArn": "arn:aws:health:us-east-1::event/ABUSE/X/1", "service": "ABUSE", "eventTypeCode": "AWS_ABUSE_EC2_PORT_SCANNING_REPORT",
            "startTime": "Wed, 4 Mar 2026 10:30:00 GMT",
            "eventDescription": [{ "language": "en_US", "latestDescription": words }],
            "eventMetadata": { "deadline": words.chars().take(40).collect::<String>() },
        }
    });
    common::check(event.to_string().as_bytes());
});
