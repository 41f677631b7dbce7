//! Records in the envelopes of collectors, and text in UTF-16: the same rows, and places in the stream as it is.

#![allow(clippy::unwrap_used)]

mod common;

use abate_model::LossKind::{Malformed, NotRecognised, Truncated};
use abate_model::{Body, Locator, ZoneCertainty};
use common::{FIXTURES, Source, fixture, single, span};

fn bytes_of(name: &str) -> &'static [u8] {
    FIXTURES.iter().find(|f| f.1 == name).unwrap().2
}

fn names(source: &Source) -> Vec<&str> {
    let name = |body: &&Body<'static>| match body {
        Body::Api(api) => api.event_name.to_string().leak() as &str,
        Body::Http(http) => http.target.to_string().leak(),
        other => other.table().name(),
    };
    source.bodies().iter().map(name).collect()
}

/// The bytes that a row's locator leads to.
fn found<'b>(source: &Source, bytes: &'b [u8], n: usize) -> &'b str {
    std::str::from_utf8(&bytes[span(source.rows[n].0.locator)]).unwrap()
}

#[test]
fn elasticsearch() {
    let s = fixture("cloudtrail", "elastic");
    assert_eq!((names(&s), s.losses()), (vec!["RunInstances", "CreateUser"], vec![(Malformed, 1)]), "{:?}", s.end.losses);
    let bytes = bytes_of("elastic");
    for n in 0..2 {
        assert_eq!(found(&s, bytes, n).as_bytes(), s.rows[n].1);
        assert!(found(&s, bytes, n).starts_with('{') && found(&s, bytes, n).ends_with('}'));
    }
    assert!(s.end.recognised_by.starts_with("records under _source; inside: "), "{}", s.end.recognised_by);
    let s = fixture("cloudtrail", "original");
    assert_eq!((names(&s), s.losses()), (vec!["RunInstances", "StopLogging"], vec![]));
    // What is escaped has the place of its envelope.
    assert!(found(&s, bytes_of("original"), 1).starts_with("{\"@timestamp\":\"2026-11-20T01:00:01.000Z\""));
}

#[test]
fn splunk_fluent_datadog_sumo() {
    let s = fixture("syslog", "splunk");
    assert_eq!((names(&s), s.losses()), (vec!["authentication", "authentication", "timed_text"], vec![(Malformed, 1)]));
    let bytes = bytes_of("splunk");
    assert_eq!(found(&s, bytes, 0), "Nov 20 01:00:00 web1 sshd[4711]: Failed password for root from 203.0.113.9 port 40000 ssh2");
    assert!(found(&s, bytes, 1).starts_with("{\"preview\":false,\"offset\":1,"));
    assert_eq!(found(&s, bytes, 2), "Nov 20 01:00:02 web1 app: words in Japanese: 日本");
    let s = fixture("web-access", "fluent");
    assert_eq!((names(&s), s.losses()), (vec!["/x", "/y"], vec![(Malformed, 1)]));
    let s = fixture("syslog", "datadog");
    assert_eq!((names(&s), s.losses()), (vec!["process_activity", "authentication"], vec![]));
    let s = fixture("web-access", "sumo");
    assert_eq!((names(&s), s.losses()), (vec!["/", "/a"], vec![(Malformed, 1)]));
}

#[test]
fn a_container_whose_output_a_reader_knows() {
    let lines = [
        r#"{"log":"2026-11-20T08:50:04.634875Z 113 [Note] [MY-010926] [Server] Access denied for user 'root'@'203.0.113.9' (using password: NO)\n","stream":"stderr","time":"2026-11-20T08:50:04.7Z"}"#,
        r#"{"log":"2026-11-20T08:50:05.634875Z 0 [System] [MY-010931] [Server] ready for connections.\n","stream":"stderr","time":"2026-11-20T08:50:05.7Z"}"#,
    ];
    let text = lines.join("\n").replace("\\\\n", "\\n");
    let s = single("docker", text.as_bytes());
    assert_eq!((s.end.format, names(&s), s.losses()), (Some("mysql-error"), vec!["authentication", "timed_text"], vec![]));
    assert_eq!(found(&s, text.as_bytes(), 0), text.lines().next().unwrap());
}

#[test]
fn several_formats_in_one_stream() {
    let s = fixture("mixed-json", "panther");
    assert_eq!(names(&s), ["DeleteTrail", "detection_finding", "StopLogging", "timed_text"]);
    assert_eq!(s.losses(), [(Malformed, 1), (NotRecognised, 1)], "{:?}", s.end.losses);
    let bytes = bytes_of("panther");
    for (n, (_, raw)) in s.rows.iter().enumerate() {
        assert_eq!(found(&s, bytes, n).as_bytes(), raw);
    }
    assert!(s.end.losses[1].reason.contains("alpha, beta"));
    // Without the envelope they are the same.
    let inner: String = (0..4).map(|n| format!("{}\n", found(&s, bytes, n))).collect();
    let plain = single("plain", format!("{{\"alpha\":1,\"beta\":2}}\n{inner}").as_bytes());
    assert!(plain.rows.len() + plain.end.losses.iter().map(|l| l.count as usize).sum::<usize>() >= 5);
}

#[test]
fn json_with_a_time_and_words() {
    let s = fixture("timed-json", "json-app");
    assert_eq!(s.losses(), [(Malformed, 1), (Malformed, 1)]);
    let texts: Vec<_> = s
        .bodies()
        .into_iter()
        .map(|body| match body {
            Body::Text(text) => (text.host.as_deref(), text.program.as_deref(), text.pid, text.message.as_ref()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(texts[0], (Some("web1"), Some("api"), Some(4711), "request from 203.0.113.9"));
    assert_eq!(texts[1], (Some("web2"), Some("shop"), Some(12), "failed\n\tat x"));
    assert_eq!((texts[2].3, texts[3].3), ("zap", "{\"time\":\"2026-11-20T01:00:03+09:00\",\"level\":\"info\"}"));
    let times: Vec<_> = s.times().into_iter().flatten().collect();
    assert_eq!(times, ["2025-11-20T01:00:00.123Z", "2026-11-20T01:00:01.25Z", "2025-11-20T01:00:02.5Z", "2026-11-19T16:00:03Z"]);
    assert_eq!((s.rows[1].0.zone, s.rows[3].0.zone), (ZoneCertainty::Assumed, ZoneCertainty::Stated));
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    let unit = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(unit).collect()
}

#[test]
fn utf16_gives_the_same_rows() {
    for (id, name, bytes) in FIXTURES {
        // Binary formats are no text.
        if matches!(*id, "utmp" | "lastlog") {
            continue;
        }
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_start_matches('\u{feff}');
        let plain = single(name, text.as_bytes());
        for little in [true, false] {
            let encoded = utf16(text, little);
            let s = single(name, &encoded);
            assert_eq!((s.end.format, s.end.bytes), (plain.end.format, encoded.len() as u64), "{name}: {}", s.end.recognised_by);
            let losses = |s: &Source| s.end.losses.iter().map(|l| (l.kind, l.reason.clone(), l.count)).collect::<Vec<_>>();
            assert_eq!((s.rows.len(), losses(&s)), (plain.rows.len(), losses(&plain)), "{name}");
            for ((row, raw), (want, want_raw)) in s.rows.iter().zip(&plain.rows) {
                assert_eq!((row.at, row.zone, &row.body, raw), (want.at, want.zone, &want.body, want_raw), "{name}");
                let units: Vec<u16> = encoded[span(row.locator)]
                    .chunks_exact(2)
                    .map(|pair| if little { u16::from_le_bytes([pair[0], pair[1]]) } else { u16::from_be_bytes([pair[0], pair[1]]) })
                    .collect();
                let here = String::from_utf16(&units).unwrap();
                assert_eq!(here, text[span(want.locator)], "{name}");
            }
        }
    }
}

#[test]
fn utf16_that_is_cut_or_broken() {
    let text = "Nov 20 01:00:00 h app: \u{1f600} words\nNov 20 01:00:01 h app: more\n";
    let mut encoded = utf16(text, true);
    encoded.pop();
    let s = single("cut", &encoded);
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Truncated, 1)]));
    assert_eq!(s.end.losses[0].first, Some(Locator::Bytes { offset: encoded.len() as u64 - 1, length: 1 }));
    // Half of a pair alone is one character that is none.
    let mut encoded = utf16(text, true);
    let at = encoded.windows(2).position(|pair| pair == [0x3d, 0xd8]).unwrap();
    encoded.drain(at..at + 2);
    let s = single("half", &encoded);
    assert!(matches!(s.bodies()[0], Body::Text(text) if text.message == "\u{fffd} words"));
    assert_eq!(span(s.rows[1].0.locator).len(), "Nov 20 01:00:01 h app: more".len() * 2);
    for bytes in [&b"\xFF\xFE"[..], b"\xFE\xFF", b"\xFF\xFE\n", b"\xFF\xFE\x3d\xd8"] {
        assert!(!single("short", bytes).end.losses.is_empty());
    }
}
