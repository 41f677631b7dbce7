//! Well-formed surroundings for fuzzed words: an AWS notice above a reporter's part, a third party's mail, an AWS Health
//! event. Mutation alone hardly ever keeps JSON whole or hits AWS's own sentences.

use serde_json::json;

/// Parts several fields in one input. It stands in the dictionary.
pub const UNIT: u8 = 0x1f;

/// The fields of an input, as text.
#[must_use]
pub fn fields(data: &[u8]) -> Vec<String> {
    data.split(|byte| *byte == UNIT).map(|field| String::from_utf8_lossy(field).into_owned()).collect()
}

/// A notice of AWS on two instances that forwards a report.
#[must_use]
pub fn forwarded_below(report: &[u8]) -> Vec<u8> {
    let notice = b"Hello,\n\n\
We've received a report(s) that your AWS resource(s)\n\n\
AWS ID: 111122223333    Region: us-west-2    EC2 Instance Id: i-0123456789abcdef0 [203.0.113.7]\n\
AWS ID: 111122223333    Region: us-east-1    EC2 Instance Id: i-0123456789abcdef1 [203.0.113.8]\n\n\
has been implicated in activity which resembles scanning remote hosts on the internet for security vulnerabilities.\n\
Please reply within 24 hours.\n\n\
---Beginning of forwarded report(s)---\n";
    [notice, report].concat()
}

/// A reporter's own mail. If the words begin with a header field of MIME, they bring their own header's end.
#[must_use]
pub fn third_party(words: &[u8]) -> Vec<u8> {
    let header = b"From: Abuse Desk <desk@example.net>\r\n\
To: abuse@example.com\r\n\
Subject: [abuse] 203.0.113.7 attacks us\r\n\
Message-ID: <1@example.net>\r\n\
Date: Wed, 4 Mar 2026 10:30:00 +0000\r\n\
MIME-Version: 1.0\r\n";
    let end: &[u8] = if words.get(..8).is_some_and(|head| head.eq_ignore_ascii_case(b"content-")) { b"" } else { b"\r\n" };
    [header, end, words].concat()
}

/// An AWS Health event around the fields of an input: description, affected entity, event code, start, end, a value of the
/// metadata with its key, an ARN, an account, a Region, and the wrapper (`s` SNS, `d` describe-event-details, `l` a list of two).
#[must_use]
pub fn event(data: &[u8]) -> Vec<u8> {
    let fields = fields(data);
    let field = |n: usize, default: &'static str| fields.get(n).filter(|field| !field.is_empty()).map_or(default, String::as_str);
    let code = field(2, "AWS_ABUSE_EC2_PORT_SCANNING_REPORT");
    let detail = json!({
        "eventArn": "arn:aws:health:us-east-1::event/ABUSE/AWS_ABUSE/1", "service": "ABUSE", "eventTypeCode": code,
        "eventTypeCategory": "issue", "eventRegion": field(9, "us-east-1"), "communicationId": "c-1",
        "startTime": field(3, "Wed, 4 Mar 2026 10:30:00 GMT"), "endTime": field(4, "Wed, 4 Mar 2026 11:30:00 GMT"),
        "eventDescription": [{ "language": "en_US", "latestDescription": field(0, "") }],
        "eventMetadata": { field(6, "deadline"): field(5, "2026-03-06") },
        "affectedEntities": [{ "entityValue": field(1, "i-0123456789abcdef0") }],
    });
    let whole = json!({
        "version": "0", "source": "aws.health", "detail-type": "AWS Health Abuse Event", "account": field(8, "111122223333"),
        "time": "2026-03-04T11:00:00Z", "region": "us-east-1",
        "resources": [field(7, "arn:aws:ec2:us-west-2:111122223333:instance/i-0123456789abcdef1")],
        "detail": detail,
    });
    let document = match field(10, "") {
        "s" => json!({ "Type": "Notification", "MessageId": "m-1", "Message": whole.to_string() }),
        "d" => json!({ "successfulSet": [{ "event": detail, "eventDescription": { "latestDescription": field(0, "") } }] }),
        "l" => {
            let mut other = whole.clone();
            if let Some(detail) = other.get_mut("detail").and_then(serde_json::Value::as_object_mut) {
                detail.insert("communicationId".to_owned(), json!("c-2"));
            }
            json!([whole, other])
        }
        _ => whole,
    };
    document.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_reach_the_reader() {
        let ctx = crate::ctx();
        let family = |bytes: &[u8]| abate_notice::read(bytes, &ctx).unwrap().family;
        assert_eq!(family(&forwarded_below(b"x")), abate_model::Family::ResourceLine);
        assert_eq!(family(&third_party(b"203.0.113.7 attacks us")), abate_model::Family::ThirdPartyReport);
        assert_eq!(
            family(&third_party(b"Content-Type: text/html\r\n\r\n<p>203.0.113.7 attacks us</p>")),
            abate_model::Family::ThirdPartyReport
        );
        for wrapper in ["", "s", "d"] {
            let words = format!("Your instance scans ports.{}{wrapper}", "\x1f".repeat(10));
            assert_eq!(family(&event(words.as_bytes())), abate_model::Family::HealthEvent, "{wrapper}");
        }
        let two = format!("Your instance scans ports.{}l", "\x1f".repeat(10));
        assert_eq!(abate_notice::parts(&event(two.as_bytes())).len(), 2);
    }
}
