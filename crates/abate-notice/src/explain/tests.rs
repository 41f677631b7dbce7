//! The tables against their own examples, and whole notices against what is told of them.

use std::collections::BTreeSet;
use std::path::Path;

use abate_model::{Category, Notice, Text};

use super::phrases::{By, Phrase, SENTENCES, categories, fields as labels, services};
use super::{Explanation, Topic, explain, find, known};
use crate::{ReadContext, fields, read, self_found, text};

fn ctx() -> ReadContext {
    ReadContext { received_at: "2026-03-05T00:00:00Z".parse().unwrap() }
}

fn fixtures() -> Vec<(String, Notice)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut all: Vec<(String, Notice)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?.to_owned();
            Some((name, read(&std::fs::read(&path).unwrap(), &ctx()).ok()?))
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn fixture(name: &str) -> Explanation {
    explain(&fixtures().into_iter().find(|(n, _)| n == name).unwrap().1)
}

fn pasted(body: &str) -> Explanation {
    explain(&read(body.as_bytes(), &ctx()).unwrap())
}

fn sentences() -> impl Iterator<Item = &'static Phrase> {
    SENTENCES.iter().flat_map(|table| table.iter())
}

fn same(a: &Phrase, b: &Phrase) -> bool {
    a.example == b.example && a.means == b.means
}

#[test]
fn there_are_enough_phrases_and_no_two_alike() {
    let all: Vec<_> = known().collect();
    assert!(all.len() >= 70, "{}", all.len());
    let examples: BTreeSet<_> = all.iter().map(|(_, example, _)| *example).collect();
    assert_eq!(examples.len(), all.len());
}

/// The first phrase that fits an example is the phrase itself: so each is reachable.
#[test]
fn every_phrase_is_reached_by_its_example() {
    for phrase in sentences() {
        for form in [phrase.example.to_owned(), phrase.example.replace('\'', "\u{2019}"), phrase.example.replace(". ", ".\n")] {
            let found = find::sentence(&form).unwrap_or_else(|| panic!("{form:?} is not understood"));
            assert!(same(found, phrase), "{form:?} is taken for {:?}", found.example);
        }
    }
    for phrase in labels::PHRASES {
        let read = fields::read(phrase.example);
        let found = read.first().and_then(|f| find::field(f, phrase.example));
        assert!(found.is_some_and(|f| same(f, phrase)), "{:?}: {read:?}", phrase.example);
    }
}

/// Each recognition word alone leads to its phrase or to a narrower one above it, never below.
#[test]
fn every_word_is_compared_as_it_is_written() {
    for (number, phrase) in sentences().enumerate() {
        for word in phrase.words {
            assert_eq!(text::normal(word), *word, "{:?}", phrase.example);
            if matches!(phrase.by, By::Words | By::Category(_)) {
                let at = find::sentence(word).and_then(|found| sentences().position(|p| same(p, found)));
                assert!(at.is_some_and(|at| at <= number), "{word:?} of {:?}", phrase.example);
            }
        }
    }
    let mut seen = BTreeSet::new();
    for word in sentences().flat_map(|p| p.words) {
        assert!(seen.insert(*word), "{word:?} stands twice");
    }
}

#[test]
fn every_category_has_its_phrase() {
    for category in Category::ALL {
        assert!(categories::of(category).is_some(), "{category:?}");
    }
}

fn is_japanese(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{3041}'..='\u{30fa}'))
}

/// Whole sentences in both languages, Japanese in the polite form throughout.
#[test]
fn both_languages_are_whole_sentences() {
    let mut all: Vec<Text> = known().map(|(_, _, means)| means.clone()).collect();
    let own = self_found("i-0123456789abcdef0 sends spam", None, &ctx()).unwrap();
    for (_, notice) in fixtures().into_iter().chain([(String::new(), own)]) {
        let told = explain(&notice);
        all.extend(told.lines.iter().filter_map(|l| l.means.clone()));
        all.extend(told.asked.into_iter().chain(told.silence).chain(told.unknown).chain(told.first_steps));
    }
    for text in all {
        assert!(is_japanese(&text.ja) && text.ja.ends_with(['。', '）', '」']), "{}", text.ja);
        assert!(text.en.ends_with(['.', '"']), "{}", text.en);
        assert!(!text.en.contains("{}") && !text.ja.contains("{}"), "{}", text.en);
        let plain = ["である。", "だ。", "った。", "ない。", "いる。", "する。", "書く。"];
        assert!(!plain.iter().any(|end| text.ja.contains(end)), "{}", text.ja);
        assert!(!text.ja.contains(['，', '．', '!', '?']), "{}", text.ja);
    }
}

#[test]
fn values_stand_where_they_are_announced() {
    for phrase in sentences().chain(labels::PHRASES) {
        if let Some((_, value)) = &phrase.value {
            assert!(value.en.matches("{}").count() == 1 && value.ja.matches("{}").count() == 1, "{}", value.en);
            assert!(value.en.ends_with('.') && value.ja.ends_with('。'), "{}", value.en);
        }
    }
    let mut ports = BTreeSet::new();
    for service in services::SERVICES {
        assert!(!service.names.is_empty() || !service.ports.is_empty());
        assert!(service.ports.iter().all(|port| ports.insert(*port)));
    }
}

/// Four of five of AWS's sentences are understood in each fixture.
#[test]
fn fixtures_are_understood() {
    let all = fixtures();
    assert!(all.len() >= 25);
    for (name, notice) in all {
        let told = explain(&notice);
        let (understood, of) = told.understood();
        let open: Vec<_> = told.lines.iter().filter(|l| l.means.is_none()).map(|l| &l.said).collect();
        assert!(understood * 5 >= of * 4, "{name}: {understood} of {of}; {open:#?}");
        assert!(!told.silence.is_empty() && !told.first_steps.is_empty() && !told.asked.is_empty(), "{name}");
        assert_eq!(
            told.lines.iter().filter(|l| l.means.is_none()).count(),
            told.lines.iter().filter(|l| l.topic == Topic::Unknown).count()
        );
    }
}

fn topics(told: &Explanation) -> Vec<&'static str> {
    told.lines.iter().map(|l| l.topic.id()).collect()
}

fn means<'e>(told: &'e Explanation, said: &str) -> &'e Text {
    let line = told.lines.iter().find(|l| l.said.contains(said)).unwrap_or_else(|| panic!("{said:?} in {:#?}", told.lines));
    line.means.as_ref().unwrap_or_else(|| panic!("{said:?} is not understood"))
}

fn has(list: &[Text], en: &str, ja: &str) {
    assert!(list.iter().any(|t| t.en.contains(en) && t.ja.contains(ja)), "{en:?} {ja:?} in {list:#?}");
}

#[test]
fn the_common_notice() {
    let told = fixture("f3-intrusion.eml");
    assert_eq!(
        topics(&told),
        [
            "greeting",
            "accusation",
            "identification",
            "accusation",
            "rule",
            "report",
            "request",
            "request",
            "advice",
            "advice",
            "limits",
            "advice",
            "advice",
            "footer",
            "identification",
            "reporter",
        ]
    );
    let line = means(&told, "AWS ID: 111122223333");
    assert_eq!(
        line.en,
        "It concerns the AWS account 111122223333. The Region (place of the data centre) is us-west-2 (Oregon, USA). \
         The reported resource is the EC2 instance (a virtual server) i-0b1c2d3e4f5a6b7c8 with the public address 203.0.113.148."
    );
    assert_eq!(
        line.ja,
        "対象の AWS アカウントは 111122223333 です。リージョン（データセンターの地域）は us-west-2（米国オレゴン）です。\
         報告された対象は EC2 インスタンス（仮想サーバー）i-0b1c2d3e4f5a6b7c8（公開アドレス 203.0.113.148）です。"
    );
    has(&told.asked, "Stop the reported activity", "報告された行為を止め");
    has(&told.asked, "describe the use case", "用途を根拠とともに");
    has(&told.asked, "State the root cause", "根本原因を書いてください");
    has(&told.asked, "subject unchanged", "件名を変えず");
    has(&told.silence, "2024-07-11 05:02:01 UTC (2024-07-11 14:02 JST)", "日本時間 2024-07-11 14:02（2024-07-11 05:02:01 UTC）");
    has(&told.silence, "names no block", "制限は、通知に書かれていません");
    has(&told.unknown, "Whether it is true", "本当に起きたのかどうか");
    has(&told.first_steps, "Do not terminate", "終了（terminate）");
    // The reporter's lines are not AWS's: neither the other account nor the other crimes are explained.
    let all = format!("{:?}", told.lines);
    assert!(!all.contains("999999999999") && !all.contains("Failed password"));
}

#[test]
fn the_final_notification() {
    let told = fixture("final.eml");
    assert_eq!(
        topics(&told),
        ["final", "reminder", "identification", "identification", "accusation", "time", "mitigation", "mitigation", "mitigation", "footer"]
    );
    assert!(means(&told, "Abuse Time").en.starts_with("The activity was seen at 2024-07-10 02:11:05 UTC (2024-07-10 11:11 JST)."));
    assert!(
        means(&told, "Abuse Time").ja.starts_with("行為が確認された時刻は、日本時間 2024-07-10 11:11（2024-07-10 02:11:05 UTC）です。")
    );
    assert!(means(&told, "port 22").en.starts_with("AWS has blocked what your resource sends out to port 22 (SSH, sign-in to servers)."));
    assert!(means(&told, "Start and Stop").ja.contains("This request has been administratively disabled"));
    assert!(means(&told, "Intrusion Attempts").en.starts_with("Reported: intrusion attempts against remote hosts. Your resource is said"));
    has(&told.silence, "In force already: \"Blocked Start and Stop", "すでに実施されている措置: 「Blocked Start and Stop");
    has(&told.silence, "does not end by itself", "自然には解除されない");
    has(&told.silence, "This is the last notice", "これが最後の通知です");
    has(&told.asked, "removal of each block by name", "一つずつ名前で挙げて");
    has(&told.unknown, "Which resource is meant", "どのリソースか");
    has(&told.unknown, "no report is enclosed", "元の報告は添えられていません");
}

#[test]
fn the_leaked_key() {
    let told = fixture("f7-key.eml");
    assert_eq!(
        topics(&told),
        ["greeting", "accusation", "accusation", "mitigation", "mitigation", "request", "request", "request", "consequence", "link"]
    );
    let key = means(&told, "The access key");
    assert!(key.en.contains("Named here: the access key AKIAIOSFODNN7EXAMPLE and the IAM user deploy-bot."), "{}", key.en);
    assert!(means(&told, "To restore access").ja.contains("期限は、日本時間 2025-04-15 08:59（2025-04-14 23:59:59 UTC）です。"));
    assert!(means(&told, "AWSCompromisedKeyQuarantineV2").en.contains("the key still works for the rest"));
    has(&told.asked, "Make the exposed key useless", "無効化し、その後削除");
    has(&told.silence, "the notice says so", "通知に記載");
    has(&told.silence, "the intruder goes on at your expense", "侵入者の利用料金");
    has(&told.unknown, "How far it went", "被害の範囲");
    has(&told.first_steps, "Deactivate the key", "無効化します");
    assert!(!told.asked.iter().any(|a| a.en.contains("same mail")), "keys are answered in the case");
}

#[test]
fn a_forger_is_not_helped() {
    let told = fixture("look-alike.eml");
    let line = told.lines.iter().find(|l| l.said.contains("root password")).unwrap();
    assert_eq!(line.topic, Topic::Warning);
    assert!(!told.asked.iter().any(|a| a.en.contains("password")), "{:?}", told.asked);
    assert!(told.asked[0].en.starts_with("Nothing before"), "{:?}", told.asked);
    assert!(told.first_steps[0].en.starts_with("Open no link"));
    let forged = fixture("forged.eml");
    assert_eq!(forged.asked.len(), 1);
    has(&forged.first_steps, "stop-spoofing@amazon.com", "stop-spoofing@amazon.com");
}

#[test]
fn a_link_away_from_aws_is_never_harmless() {
    for (said, topic) in [
        ("For more information see https://docs.aws.amazon.com/a", Topic::Advice),
        ("For more information see https://aws-help.example.net/a", Topic::Warning),
        ("Sincerely, Amazon Web Services https://amazon.example.net/", Topic::Warning),
        ("Your key is publicly available online at https://git.example.com/a", Topic::Accusation),
        ("Please do not reply to this email, it is not read.", Topic::Limits),
    ] {
        assert_eq!(find::sentence(said).map(|p| p.topic), Some(topic), "{said}");
    }
}

/// What is announced is not in force.
#[test]
fn threats_are_not_deeds() {
    for (said, topic) in [
        ("We may have to see outgoing port 22 blocked.", Topic::Consequence),
        ("If you do not respond, your account may be suspended.", Topic::Consequence),
        ("Outgoing Port 22 Blocked", Topic::Mitigation),
        ("Outbound port 22 was seen in the traffic.", Topic::Unknown),
    ] {
        let found = find::sentence(said).map_or(Topic::Unknown, |p| p.topic);
        assert!(found == topic || (topic == Topic::Consequence && found != Topic::Mitigation), "{said}: {found:?}");
    }
}

#[test]
fn the_table_of_blocks() {
    let told = fixture("f5-dos.txt");
    let row = means(&told, "Outgoing Port 53 Blocked");
    assert!(row.en.starts_with(
        "A line of the table: the EC2 instance (a virtual server) i-0d1e2f3a4b5c6d7e8. Its traffic went to 198.51.100.219, port 53"
    ));
    assert!(row.en.contains("AWS has blocked what your resource sends out to port 53 (DNS, name lookup)."));
    assert!(means(&told, "Total bytes sent").ja.starts_with("通信量は 7340032000 バイト（約 7.3 GB）です。"));
}

#[test]
fn nothing_is_explained_that_is_not_understood() {
    let told = pasted("AWS ID: 111122223333\n\nThe colour of the moon has changed twice.\nPriority class: seven");
    let open: Vec<_> = told.lines.iter().filter(|l| l.means.is_none()).map(|l| l.said.as_str()).collect();
    assert_eq!(open, ["The colour of the moon has changed twice.", "Priority class: seven"]);
    has(&told.unknown, "2 sentences of the notice are not explained", "2 か所は説明");
}

#[test]
fn masked_and_zoneless_values_are_named_as_such() {
    let told = fixture("pasted-sjis.txt");
    assert!(means(&told, "AWS ID").en.contains("3331xxxxxxx (partly blacked out)"));
    has(&told.unknown, "partly blacked out", "伏せられています");
    let told = pasted("AWS ID: 111122223333\nReported Activity: Port Scanning\nAbuse Time: 2024-07-10 02:11:05");
    assert!(means(&told, "Abuse Time").en.contains("if UTC is meant (no time zone is written)"));
    has(&told.unknown, "up to 14 hours off", "最大 14 時間");
}

#[test]
fn own_findings_and_reports_are_told_in_one_line() {
    let own = explain(&self_found("i-0123456789abcdef0 sends spam since 10:00 UTC", Some("111122223333"), &ctx()).unwrap());
    assert_eq!(topics(&own), ["own"]);
    let xarf = fixture("xarf-scan.json");
    assert_eq!(topics(&xarf), ["reporter"]);
    has(&xarf.silence, "No deadline of AWS runs", "期限は始まりません");
    let mail = "From: Watch <watch@sensors.example.org>\nTo: abuse@example.com\nDate: Tue, 03 Mar 2026 10:00:00 +0000\n\
                Message-ID: <7@sensors.example.org>\nSubject: Abuse from 203.0.113.7\n\nYour host 203.0.113.7 tried to log in to ours. Please take action to stop it.\n";
    let stranger = pasted(mail);
    assert_eq!(topics(&stranger), ["reporter"]);
    assert_eq!(stranger.asked.len(), 1);
    assert_eq!(topics(&fixture("csv-line.txt")), ["accusation"]);
}

/// A value that looks like a placeholder, and text made to be walked again and again.
#[test]
fn hostile_text_stays_data() {
    let told = pasted("AWS ID: 111122223333\nRequired Actions: {} {value} <b>x</b>\nURL: hxxp://a.example/{}");
    assert!(means(&told, "Required Actions").en.starts_with("AWS's words: \"{} {value} <b>x</b>\"."));
    let started = std::time::Instant::now();
    for piece in [
        "Please reply: within 24 hours\n",
        "blocked outbound port 22, 23 ",
        "AWS ID: 1 Region: us-east-1 ",
        "Region: x ",
        "a. B",
        "日本語。",
        "port ",
    ] {
        let told = pasted(&piece.repeat(300_000 / piece.len()));
        assert!(told.lines.len() <= 401);
        assert!(told.lines.iter().all(|l| l.said.chars().count() <= 2_010));
    }
    assert!(started.elapsed().as_secs() < 30, "took {:?}", started.elapsed());
}

/// No cut inside a sentence, a field or a character makes it stumble, and what is counted adds up.
#[test]
fn truncated_notices_are_told() {
    for (_, notice) in fixtures() {
        for end in (0..notice.body.len()).step_by(7).filter(|end| notice.body.is_char_boundary(*end)) {
            let mut cut = notice.clone();
            cut.body.truncate(end);
            let told = explain(&cut);
            let (understood, of) = told.understood();
            assert!(understood <= of && !told.silence.is_empty());
        }
    }
}
