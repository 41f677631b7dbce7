//! Every rule sees its fault, and a good letter passes.

use abate_model::LetterKind;

use super::*;

fn rules(case: &Case, change: impl FnOnce(&mut Letter)) -> Vec<String> {
    let mut letter = case.letter();
    change(&mut letter);
    case.with(|input| lint(&letter, input)).into_iter().map(|n| format!("{}{}", if n.error { "!" } else { "" }, n.rule)).collect()
}

fn adding(words: &str) -> impl FnOnce(&mut Letter) {
    let words = words.to_owned();
    move |letter| {
        let before_signature = letter.paragraphs.len() - 1;
        letter.paragraphs.insert(before_signature, Paragraph::formal(Text::new(words, "追記")));
    }
}

fn sees(case: &Case, change: impl FnOnce(&mut Letter), rule: &str) {
    let found = rules(case, change);
    assert!(found.iter().any(|r| r == rule), "{rule} is not among {found:?}");
}

#[test]
fn a_good_letter_passes() {
    assert_eq!(rules(&ssh(), |_| ()), Vec::<String>::new());
    assert_eq!(rules(&ssh(), adding("AWS attached its quarantine policy to the user.")), Vec::<String>::new());
}

#[test]
fn faults_of_the_text() {
    let case = ssh();
    sees(&case, |l| l.paragraphs.retain(|p| p.text.en != "2. Measures taken"), "!both-questions");
    sees(&case, adding("We deployed it \u{2705}"), "!ascii");
    sees(&case, adding("対応しました"), "!japanese-in-english");
    sees(&case, adding(&"long ".repeat(2000)), "!length");
    sees(&case, adding("key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), "!secrets");
    sees(&case, adding("Please find attached\nour log."), "!attachment");
    sees(&case, adding("We guarantee it, with our robust process."), "tone");
    sees(&case, adding("It is host db1.corp at 10.0.0.5."), "internal-names");
    sees(&case, |l| l.subject = "Re: hello".into(), "!subject");
    sees(&case, |l| l.paragraphs.retain(|p| !p.text.en.contains("extension until")), "!extension-date");
}

#[test]
fn claims_without_ground() {
    let case = ssh();
    let bare = || Paragraph { formal: false, ..Paragraph::formal(Text::same("It was us.")) };
    sees(&case, |l| l.paragraphs.push(bare()), "!no-evidence");
    sees(&case, |l| l.paragraphs[0].steps.push("disable-ssh-passwords".into()), "!unproved-measure");
    sees(&case, adding("We switched off password\nsign-in for SSH."), "!unproved-measure");
    sees(&case, adding("The host was cleaned."), "!way-in-open");
    sees(&case, |l| l.kind = LetterKind::Resolved, "!way-in-open");
}

#[test]
fn facts_of_the_case() {
    let mut case = ssh();
    case.profile.signer = Some("例示株式会社".into());
    sees(&case, |_| (), "placeholder");
    assert!(case.letter().body(Lang::Ja).contains("例示株式会社"));
    case.findings[2].title = Text::same("佐藤 signed in");
    sees(&case, |_| (), "transliterated");
    case.now = time("2026-11-04T00:00:00Z");
    sees(&case, |_| (), "late");
    case.profile.reseller = Some("ticket".into());
    sees(&case, |_| (), "reseller");
    case.profile.owner = Some("Taro Yamada".into());
    sees(&case, adding("Taro Yamada did it."), "staff-names");
    let kind = abate_model::LossKind::Malformed;
    case.sources[0].losses.push(abate_model::Loss { kind, reason: "r".into(), first: None, count: 3, bytes: 9 });
    sees(&case, |_| (), "losses");
    case.notice.authenticity.verdict = AuthenticityVerdict::Suspicious;
    sees(&case, |_| (), "sender");
    case.notice.authenticity.verdict = AuthenticityVerdict::Forged;
    sees(&case, |_| (), "!sender");
    assert!(rules(&case, |_| ())[0].starts_with('!'), "errors come first");
}

#[test]
fn rules_are_told_apart() {
    let ids: std::collections::BTreeSet<&str> = crate::lint::all().iter().map(|r| r.id).collect();
    assert_eq!(ids.len(), crate::lint::all().len());
    assert!(crate::lint::all().iter().all(|r| !r.title.en.is_empty() && !r.title.ja.is_empty()));
}
