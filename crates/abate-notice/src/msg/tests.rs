//! Outlook messages written by `testkit` and read again.

use std::io::{Cursor, Write};

use cfb::CompoundFile;
use encoding_rs::SHIFT_JIS;
use proptest::prelude::*;

use super::id;
use super::testkit::{Draft, Value, compressed, uncompressed};
use crate::incoming::{Incoming, Origin};
use crate::{MAX_BYTES, NoticeError, ReadContext};

const NOTICE: &str = "Hello,\r\n\r\nWe've received a report that your AWS resource\r\n\r\nAWS ID: 111122223333    Region: us-east-1    EC2 Instance \
                      Id: i-0123456789abcdef0 [203.0.113.7]\r\n\r\nhas been implicated in activity which resembles Port Scanning.\r\n";
const HEADERS: &str = "Microsoft Mail Internet Headers Version 2.0\r\nReceived: from mail.example.com\r\nAuthentication-Results: mx.example.com;\r\n \
                       dmarc=pass header.from=support.aws.com\r\nFrom: AWS Trust and Safety <trustandsafety@support.aws.com>\r\nTo: \
                       ops@example.com\r\nReply-To: trustandsafety@support.aws.com\r\nSubject: =?utf-8?Q?Your_AWS_Abuse_Report_=5B10000000041=5D?=\r\n\
                       Date: Thu, 10 Apr 2025 09:31:00 +0000\r\nMessage-ID: <a1@amazonses.com>\r\nContent-Type: multipart/alternative; boundary=x\r\n";
const AWS: &str = "trustandsafety@support.aws.com";

fn ctx() -> ReadContext {
    ReadContext { received_at: "2026-03-05T00:00:00Z".parse().unwrap() }
}

fn incoming(draft: &Draft) -> Incoming {
    super::read(&draft.write()).unwrap()
}

/// A notice as received.
fn received() -> Draft {
    Draft::default()
        .unicode(id::HEADERS, HEADERS)
        .unicode(id::SUBJECT, "Your AWS Abuse Report [10000000041]")
        .unicode(id::BODY, NOTICE)
        .unicode(id::SENDER_SMTP, AWS)
        .with(id::SUBMITTED, Value::Time(1_744_277_460))
        .recipient(1, "ops@example.com")
}

/// A mail from within, without headers.
fn internal() -> Draft {
    Draft::default()
        .unicode(id::SUBJECT, "転送: 通知")
        .unicode(id::SENDER_NAME, "山田")
        .unicode(id::SENDER, "/O=EXAMPLE/OU=EXCHANGE/CN=YAMADA")
        .unicode(id::SENDER_SMTP, "yamada@example.com")
        .unicode(id::MESSAGE_ID, "<b2@example.com>")
        .unicode(id::BODY, "お世話になっております。\r\n通知を転送します。\r\n")
        .with(id::DELIVERED, Value::Time(1_744_280_000))
        .recipient(2, "cc@example.com")
        .recipient(1, "soc@example.com")
}

fn japanese_8bit() -> Draft {
    let sjis = |text: &str| Value::EightBit(SHIFT_JIS.encode(text).0.into_owned());
    Draft::default()
        .with(id::MESSAGE_CODEPAGE, Value::Number(932))
        .with(id::SUBJECT, sjis("ポートスキャンの件"))
        .with(id::BODY, sjis("サーバーからポートスキャンが検出されました。表示"))
        .with(id::SENDER, Value::EightBit(b"yamada@example.com".to_vec()))
}

fn html_only() -> Draft {
    let html = "<html><head><meta charset=\"shift_jis\"></head><p>AWS ID: 111122223333</p><p>通知</p><a href=\"https://evil.example.com/\">aws.amazon.com</a>";
    Draft::default().with(id::HTML, Value::Binary(SHIFT_JIS.encode(html).0.into_owned()))
}

fn rtf_with_html() -> Vec<u8> {
    br#"{\rtf1\ansi\ansicpg932\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fcharset128 MS Gothic;}}
{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 \f1 \'92\'ca\'92\'6d AWS ID: 111122223333{\*\htmltag84 <a href="https://evil.example.com/">}\htmlrtf \plain\htmlrtf0
link{\*\htmltag92 </a>}\htmlrtf\par}\htmlrtf0{\*\htmltag72 </p>}}"#
        .to_vec()
}

fn rtf_alone() -> Vec<u8> {
    br#"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}\pard AWS ID: 111122223333\par We\rquote ve received a report\par
{\field{\*\fldinst HYPERLINK "https://evil.example.com/"}{\fldrslt here}}\par}"#
        .to_vec()
}

/// Every kind of message that the tests read.
fn samples() -> Vec<(&'static str, Draft)> {
    vec![
        ("received", received()),
        ("internal", internal()),
        ("japanese-8bit", japanese_8bit()),
        ("html-only", html_only().with(id::INTERNET_CODEPAGE, Value::Number(932))),
        ("rtf-html-compressed", Draft::default().with(id::RTF, Value::Binary(compressed(&rtf_with_html())))),
        ("rtf-uncompressed", Draft::default().with(id::RTF, Value::Binary(uncompressed(&rtf_alone())))),
        ("nested", internal().mail(received())),
        ("eml", internal().file("notice.eml", "application/octet-stream", format!("{EML}{NOTICE}").as_bytes())),
        ("files", received().file("log.txt", "text/plain", b"203.0.113.7 SYN").file("a.png", "image/png", &[0x89; 5_000])),
    ]
}

const EML: &str = "Received: x\r\nFrom: AWS <trustandsafety@support.aws.com>\r\nTo: ops@example.com\r\nDate: Thu, 10 Apr 2025 09:31:00 +0000\r\nSubject: \
                   Your AWS Abuse Report\r\n\r\n";

#[test]
fn samples_can_be_read() {
    let folder = std::env::var_os("ABATE_MSG_SAMPLES");
    for (name, draft) in samples() {
        let bytes = draft.write();
        assert!(super::is_compound(&bytes));
        assert!(crate::read(&bytes, &ctx()).is_ok(), "{name}");
        if let Some(folder) = &folder {
            std::fs::write(std::path::Path::new(folder).join(format!("{name}.msg")), bytes).unwrap();
        }
    }
}

#[test]
fn a_received_notice_has_the_headers_it_came_with() {
    let mail = incoming(&received());
    assert_eq!(mail.origin, Origin::Mail);
    assert_eq!(mail.subject.as_deref(), Some("Your AWS Abuse Report [10000000041]"));
    assert_eq!((mail.from.as_deref(), mail.from_name.as_deref()), (Some(AWS), Some("AWS Trust and Safety")));
    assert_eq!((mail.from_all, mail.reply_to), (vec![AWS.to_owned()], vec![AWS.to_owned()]));
    assert_eq!(mail.to.as_deref(), Some("ops@example.com"));
    assert_eq!(mail.message_id.as_deref(), Some("a1@amazonses.com"));
    assert_eq!(mail.date.unwrap().to_string(), "2025-04-10T09:31:00Z");
    assert_eq!(mail.auth_results, ["mx.example.com; dmarc=pass header.from=support.aws.com"]);
    assert!(mail.text.contains("AWS ID: 111122223333    Region: us-east-1"), "{}", mail.text);
    assert_eq!(mail.unread, Vec::<String>::new());
    let notice = crate::read(&received().write(), &ctx()).unwrap();
    assert_eq!(notice.account_id.as_deref(), Some("111122223333"));
}

#[test]
fn without_headers_the_properties_speak() {
    let mail = incoming(&internal());
    assert_eq!(mail.subject.as_deref(), Some("通知"));
    assert_eq!((mail.from.as_deref(), mail.from_name.as_deref()), (Some("yamada@example.com"), Some("山田")));
    assert_eq!(mail.to.as_deref(), Some("soc@example.com"));
    assert_eq!(mail.message_id.as_deref(), Some("b2@example.com"));
    assert_eq!(mail.date.unwrap().to_string(), "2025-04-10T10:13:20Z");
    assert_eq!(mail.text.trim(), "お世話になっております。\n通知を転送します。");
    let mail = incoming(&Draft::default().unicode(id::DISPLAY_TO, "山田; soc@example.com").unicode(id::BODY, "x"));
    assert_eq!(mail.to.as_deref(), Some("soc@example.com"));
}

#[test]
fn eight_bit_japanese() {
    for codepage in [Some(932), Some(20127), None] {
        let mut draft = japanese_8bit();
        draft.properties.retain(|(id, _)| *id != id::MESSAGE_CODEPAGE);
        if let Some(codepage) = codepage {
            draft = draft.with(id::CODEPAGE, Value::Number(codepage));
        }
        let mail = incoming(&draft);
        assert_eq!(mail.subject.as_deref(), Some("ポートスキャンの件"), "{codepage:?}");
        assert_eq!(mail.text, "サーバーからポートスキャンが検出されました。表示");
        assert_eq!(mail.from.as_deref(), Some("yamada@example.com"));
    }
}

#[test]
fn html_alone_gives_text_and_links() {
    for draft in [html_only(), html_only().with(id::INTERNET_CODEPAGE, Value::Number(932))] {
        let mail = incoming(&draft);
        assert!(mail.text.contains("AWS ID: 111122223333\n\n通知"), "{}", mail.text);
        assert_eq!(mail.links, ["https://evil.example.com/"]);
    }
    let as_string = Draft::default().unicode(id::HTML, "<p>AWS ID: 111122223333</p>").unicode(id::BODY, "See HTML");
    assert_eq!(incoming(&as_string).text.trim(), "AWS ID: 111122223333");
}

#[test]
fn rtf_alone_gives_text_and_links() {
    for frame in [compressed, uncompressed] {
        let mail = incoming(&Draft::default().with(id::RTF, Value::Binary(frame(&rtf_alone()))));
        assert_eq!(mail.text.trim(), "AWS ID: 111122223333\nWe\u{2019}ve received a report\nhere");
        assert_eq!(mail.links, ["https://evil.example.com/"]);
        let mail = incoming(&Draft::default().with(id::RTF, Value::Binary(frame(&rtf_with_html()))));
        assert_eq!(mail.text.trim(), "通知 AWS ID: 111122223333link");
        assert_eq!(mail.links, ["https://evil.example.com/"]);
    }
    // With a text of its own the message still shows where the links of its RTF lead.
    let mail = incoming(&received().with(id::RTF, Value::Binary(compressed(&rtf_with_html()))));
    assert!(mail.text.starts_with("Hello,"));
    assert_eq!(mail.links, ["https://evil.example.com/"]);
    // Some programs leave out the mark at the end.
    let mut unmarked = compressed(&rtf_alone());
    unmarked.truncate(unmarked.len() - 2);
    assert_eq!(incoming(&Draft::default().with(id::RTF, Value::Binary(unmarked))).unread, Vec::<String>::new());
    let mut cut = compressed(&rtf_alone());
    cut.truncate(cut.len() - 30);
    let mail = incoming(&Draft::default().with(id::RTF, Value::Binary(cut)));
    assert!(mail.text.contains("AWS ID: 111122223333"));
    assert_eq!(mail.unread.len(), 1);
    let mail = incoming(&received().with(id::RTF, Value::Binary(b"no RTF at all, not even a frame".to_vec())));
    assert_eq!(mail.unread, ["the RTF body (31 bytes) was not read: it is damaged"]);
}

#[test]
fn a_notice_inside_is_passed_on() {
    let eml = format!("{EML}{NOTICE}");
    let inner = received().write();
    for draft in [
        internal().mail(received()),
        internal().mail(internal().mail(received())),
        internal().file("notice.eml", "application/octet-stream", eml.as_bytes()),
        internal().file("notice.eml", "message/rfc822", eml.as_bytes()),
        internal().file("notice.msg", "application/vnd.ms-outlook", &inner),
    ] {
        let mail = incoming(&draft);
        assert_eq!(mail.origin, Origin::Forwarded { by: Some("yamada@example.com".to_owned()) });
        assert_eq!(mail.from.as_deref(), Some(AWS));
        assert!(mail.subject.is_some_and(|s| s.starts_with("Your AWS Abuse Report")));
        assert_eq!(mail.date.unwrap().to_string(), "2025-04-10T09:31:00Z");
        assert!(mail.text.contains("AWS ID: 111122223333"));
    }
    let notice = crate::read(&internal().mail(received()).write(), &ctx()).unwrap();
    assert_eq!(notice.account_id.as_deref(), Some("111122223333"));
}

/// The same .msg as an attachment of an Internet mail.
#[test]
fn a_msg_attached_to_a_mail() {
    use std::fmt::Write;
    let mut encoded = String::new();
    for byte in received().write() {
        write!(encoded, "={byte:02X}=\r\n").unwrap();
    }
    let mail = format!(
        "From: yamada@example.com\r\nTo: soc@example.com\r\nDate: Thu, 10 Apr 2025 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; \
         boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nFYI\r\n--b\r\nContent-Type: application/vnd.ms-outlook; name=n.msg\r\n\
         Content-Disposition: attachment; filename=n.msg\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{encoded}\r\n--b--\r\n"
    );
    let mail = crate::mail::read(mail.as_bytes()).unwrap();
    assert_eq!(mail.origin, Origin::Forwarded { by: Some("yamada@example.com".to_owned()) });
    assert_eq!(mail.from.as_deref(), Some(AWS));
}

#[test]
fn attachments_are_read_or_listed() {
    let evidence = internal().unicode(0x9000, "x");
    let draft = received()
        .file("log.txt", "application/octet-stream", b"203.0.113.7 SYN")
        .file("page.html", "text/html", b"<p>one</p>")
        .file("a.png", "image/png", &[0x89; 5_000])
        .file("mail.eml", "message/rfc822", format!("{EML}spam").as_bytes())
        .file("broken.msg", "application/vnd.ms-outlook", &received().write()[..600])
        .mail(evidence);
    let mut draft = draft;
    draft.files.push(vec![(0x3705, Value::Number(7)), (id::FILE, Value::Unicode("cloud.zip".to_owned()))]);
    let mail = incoming(&draft);
    assert_eq!(mail.origin, Origin::Mail);
    for words in ["203.0.113.7 SYN", "one", "Received: x", "From: yamada@example.com\nTo: soc@example.com\nSubject: 転送: 通知"] {
        assert!(mail.attached.contains(words), "{words} in {}", mail.attached);
    }
    assert!(!mail.attached.contains("<p>"));
    assert_eq!(
        mail.unread,
        [
            "attachment a.png (image/png, 5000 bytes) was not read",
            "attachment broken.msg (application/vnd.ms-outlook, 600 bytes) was not read",
            "attachment cloud.zip was not read: its contents are not in the message",
        ]
    );
}

#[test]
fn mails_too_deep_are_listed() {
    let deep = |depth: usize, inner: Draft| (0..depth).fold(inner, |inner, _| internal().mail(inner));
    assert_eq!(incoming(&deep(3, received())).from.as_deref(), Some(AWS));
    let mail = incoming(&deep(4, received()));
    assert_eq!(mail.from.as_deref(), Some("yamada@example.com"));
    assert!(!mail.attached.contains("AWS ID"));
}

#[test]
fn other_compound_files_are_refused() {
    for (stream, found) in [("/WordDocument", "a Word document"), ("/x", "a compound file of another kind")] {
        let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_stream(stream).unwrap().write_all(b"words").unwrap();
        let error = crate::read(&file.into_inner().into_inner(), &ctx()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the notice is of a kind that is not read: expected a mail among the compound files (.msg), found {found}")
        );
        assert!(error.hint().ja.contains(".msg"));
    }
    assert!(matches!(crate::read(&[super::MAGIC, &[0; 2_000]].concat(), &ctx()), Err(NoticeError::Corrupt { .. })));
}

/// What the headers of a mail tell in triage, the properties tell of a message without any.
#[test]
fn messages_that_are_no_notice_are_set_aside() {
    use crate::triage::{Code, examine};
    assert!(examine(&received().write(), &ctx()).is_ok());
    assert!(examine(&internal().mail(received()).write(), &ctx()).is_ok());
    let answer = Draft::default().unicode(id::BODY, NOTICE).unicode(id::SENDER_SMTP, "soc@example.com").recipient(1, AWS);
    let report = received().unicode(id::CLASS, "REPORT.IPM.Note.NDR");
    let mut report = report;
    report.properties.retain(|(id, _)| *id != id::HEADERS);
    let automatic =
        Draft::default().unicode(id::HEADERS, &format!("Auto-Submitted: auto-replied\r\n{}", &HEADERS[HEADERS.find("From").unwrap()..]));
    let encrypted = Draft::default().unicode(id::CLASS, "IPM.Note.SMIME").file("smime.p7m", "application/pkcs7-mime", &[0x30; 500]);
    for (draft, code) in [
        (answer, Code::NotAReport),
        (report, Code::NotAReport),
        (automatic.unicode(id::BODY, NOTICE), Code::NotAReport),
        (encrypted, Code::Unsupported),
        (Draft::default().unicode(id::BODY, "Lunch on Friday?"), Code::NotAReport),
    ] {
        assert_eq!(examine(&draft.write(), &ctx()).unwrap_err().code, code, "{:?}", draft.properties.first().map(|p| p.0));
    }
    assert_eq!(examine(&received().write()[..2_000], &ctx()).unwrap_err().code, Code::Corrupt);
}

#[test]
fn the_thread_of_a_message_without_headers() {
    let draft = internal().unicode(id::IN_REPLY_TO, "<3@x>").unicode(id::REFERENCES, "<1@x> <2@x>\r\n <3@x>");
    assert_eq!(incoming(&draft).references, ["3@x", "2@x", "1@x"]);
}

/// Whoever cuts off a sector gets an error; of the last one a part may be missing that holds nothing.
#[test]
fn truncated_messages_are_corrupt() {
    for (name, draft) in samples() {
        let bytes = draft.write();
        let whole = crate::read(&bytes, &ctx()).unwrap();
        for end in (64..bytes.len()).step_by(64) {
            match crate::read(&bytes[..end], &ctx()) {
                Err(error @ NoticeError::Corrupt { .. }) => assert!(!error.hint().ja.is_empty()),
                Ok(notice) if end > bytes.len() - 512 => {
                    let told = super::read(&bytes[..end]).unwrap().unread.iter().any(|u| u.contains("damaged"));
                    assert!(told || notice.body == whole.body, "{name} cut at {end} of {}", bytes.len());
                }
                other => panic!("{name} cut at {end} of {}: {other:?}", bytes.len()),
            }
        }
    }
}

/// Thousands of attachments, each claiming the same sectors as its data.
#[test]
fn shared_sectors_are_read_once() {
    let data = vec![b'x'; 100_000];
    let mut draft = received();
    for _ in 0..200 {
        draft = draft.file("a.txt", "text/plain", &[b'y'; 5_000]);
    }
    let mut bytes = draft.file("b.txt", "text/plain", &data).write();
    // Directory entries of data streams: name, …, first sector at 116, size at 120.
    let name: Vec<u8> = "__substg1.0_37010102".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let entries: Vec<usize> = (512..bytes.len() - 128).step_by(128).filter(|at| bytes[*at..].starts_with(&name)).collect();
    let last = *entries.last().unwrap();
    let place: Vec<u8> = bytes[last + 116..last + 128].to_vec();
    assert_eq!(place[4..8], 100_000_u32.to_le_bytes());
    for at in &entries {
        bytes[at + 116..at + 128].copy_from_slice(&place);
    }
    let size = bytes.len();
    let mail = super::read(&bytes).unwrap();
    assert!(mail.attached.len() <= size, "{} of {size}", mail.attached.len());
    assert!(mail.unread.iter().any(|u| u.contains("damaged")));
}

#[test]
fn claimed_sizes_are_not_believed() {
    let mut bytes = received().file("b.txt", "text/plain", &[b'x'; 9_000]).write();
    let name: Vec<u8> = "__substg1.0_37010102".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let at = (512..bytes.len() - 128).step_by(128).find(|at| bytes[*at..].starts_with(&name)).unwrap();
    bytes[at + 120..at + 124].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    let mail = super::read(&bytes).unwrap();
    assert!(mail.unread.iter().any(|u| u.contains("damaged")), "{:?}", mail.unread);
    let large = [super::MAGIC, &vec![0; MAX_BYTES]].concat();
    assert!(matches!(crate::read(&large, &ctx()), Err(NoticeError::TooLarge { .. })));
}

fn written() -> &'static [Vec<u8>] {
    static WRITTEN: std::sync::OnceLock<Vec<Vec<u8>>> = std::sync::OnceLock::new();
    WRITTEN.get_or_init(|| samples().iter().map(|(_, draft)| draft.write()).collect())
}

/// Sector numbers, with the special ones, and sizes.
fn word() -> impl Strategy<Value = u32> {
    prop_oneof![0_u32..20, 0xffff_fff8_u32..=0xffff_ffff, Just(4_096), Just(0x7fff_ffff), any::<u32>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_messages(
        which in 0_usize..16,
        bytes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..8),
        words in proptest::collection::vec((any::<proptest::sample::Index>(), word()), 0..8),
    ) {
        let all = written();
        let mut message = all[which % all.len()].clone();
        for (at, byte) in bytes {
            let at = at.index(message.len() - 8) + 8;
            message[at] = byte;
        }
        for (at, word) in words {
            let at = (at.index(message.len() / 4 - 2) + 2) * 4;
            message[at..at + 4].copy_from_slice(&word.to_le_bytes());
        }
        let _ = crate::triage::examine(&message, &ctx());
    }

    #[test]
    fn arbitrary_rtf(rtf in "(\\\\(par|u-?[0-9]{1,6}|'[0-9a-f]{2}|htmlrtf0?|f1|uc[0-9]|bin[0-9]|fonttbl|fcharset128|\\*|fldinst)|[{} a-z\"]|HYPERLINK){0,60}") {
        let draft = Draft::default().with(id::RTF, Value::Binary(compressed(rtf.as_bytes())));
        let _ = super::read(&draft.write());
        let _ = super::rtf::read(rtf.as_bytes(), None);
    }

    #[test]
    fn arbitrary_compressed_rtf(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        let packed = [b"\x10\0\0\0\xff\xff\xff\xffLZFu\0\0\0\0".as_slice(), &body].concat();
        let unpacked = super::lzfu::unpack(&packed, 1_000).unwrap();
        prop_assert!(unpacked.bytes.len() < 1_000 + 17);
    }
}
