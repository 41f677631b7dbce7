//! What people add when they pass a notice on: words before and after, signatures, in English and Japanese. They name no
//! account, resource, time or deadline.

use super::channel::Channel;
use super::draft::Outer;
use crate::clock::{HOUR, Second};
use crate::rng::Rng;

const ENGLISH: &[&[&str]] = &[
    &["FYI - can you have a look at this?", ""],
    &["Hi team,", "", "we got the message below from AWS. Please check and get back to me.", "", "Thanks", "Hanako", ""],
    &["Please see below.", ""],
];
const ENGLISH_END: &[&[&str]] = &[&[], &["", "--", "Example Corp. IT operations", "This message may contain confidential information."]];
const JAPANESE: &[&[&str]] = &[
    &["お疲れ様です。佐藤です。", "AWSから下記のメールが届きました。ご確認をお願いいたします。", ""],
    &["関係者各位", "", "いつもお世話になっております。", "AWS より不正利用に関する通知を受領しましたので転送いたします。", ""],
    &["サポートご担当者様", "以下の内容について調査をお願いします。", "----------", ""],
];
const JAPANESE_END: &[&[&str]] = &[
    &["", "以上、よろしくお願いいたします。"],
    &["", "----------", "株式会社サンプル 情報システム部", "佐藤 花子", "TEL: 03-0000-0000", "https://www.example.com/"],
    &["", "※このメールは社外秘です。"],
];

/// Japanese words before and after.
pub(crate) fn japanese(rng: &mut Rng) -> (Vec<String>, Vec<String>) {
    (owned(rng.pick(JAPANESE)), owned(rng.pick(JAPANESE_END)))
}

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}

/// A footer as gateways and companies put it under every mail.
pub(crate) fn footer(rng: &mut Rng) -> Vec<String> {
    owned(rng.pick(&[
        &[
            "",
            "-- ",
            "This message was scanned by the mail gateway of Example Corp.",
            "If you are not the intended recipient, please delete it.",
        ][..],
        &[
            "",
            "______________________________________________",
            "Ticket system of Example Corp.",
            "Please keep the ticket's number in your answer.",
        ][..],
        &["", "+++++++++++++++++++++++++++++++++", "株式会社サンプル", "セキュリティ担当 鈴木一郎", "E-mail: suzuki@example.com"][..],
    ]))
}

/// The forwarding colleague of a way.
pub(crate) fn outer(channel: Channel, sent: Second, rng: &mut Rng) -> Outer {
    let mut outer = Outer {
        from: "Hanako Sato <sato@example.com>",
        date: sent + rng.range(600, 20 * HOUR),
        message_id: format!("{}@example.com", rng.alnum(20)),
        ..Outer::default()
    };
    match channel {
        Channel::Gmail => {
            (outer.prefix, outer.before, outer.after) = ("Fwd: ", owned(rng.pick(ENGLISH)), owned(rng.pick(ENGLISH_END)));
        }
        Channel::Outlook => {
            (outer.prefix, outer.before, outer.after) = ("FW: ", owned(rng.pick(ENGLISH)), owned(rng.pick(ENGLISH_END)));
        }
        Channel::OutlookJapanese | Channel::Attached => {
            outer.prefix = rng.pick(&["転送: ", "FW: ", "Fwd: "]);
            outer.from = "佐藤花子 <sato@example.com>";
            (outer.before, outer.after) = japanese(rng);
        }
        Channel::PastedJapanese => (outer.before, outer.after) = japanese(rng),
        _ => {}
    }
    outer
}
