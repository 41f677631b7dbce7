//! A letter with an operator's words in it: which paragraphs are still those that the case drafted, and which are the
//! operator's own.

use abate_model::ids::sha256_hex;
use abate_model::{Lang, Letter, Paragraph, Text};

use crate::words;

/// The letter with this English body in place of its own. A paragraph that the draft has, wrapped as it may be, keeps its
/// citations and its Japanese; any other rests on the operator's word, is marked as edited, and shows the approver the
/// English words.
#[must_use]
pub fn edited(drafted: &Letter, body: &str) -> Letter {
    let mut left: Vec<&Paragraph> = drafted.paragraphs.iter().collect();
    let mut paragraphs = Vec::new();
    for part in parts(body) {
        let same = left.iter().position(|p| words::one_line(&p.text.en) == words::one_line(&part));
        paragraphs.push(match same {
            Some(at) => left.remove(at).clone(),
            None => operators(drafted, &part),
        });
    }
    let mut letter = Letter { paragraphs, lint: Vec::new(), ..drafted.clone() };
    letter.sha256 = sha256_hex(letter.body(Lang::En).as_bytes());
    letter
}

/// What stands between blank lines.
fn parts(body: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for line in body.lines().map(str::trim_end) {
        match parts.last_mut() {
            Some(last) if line.is_empty() && last.is_empty() => {}
            Some(_) if line.is_empty() => parts.push(String::new()),
            Some(last) => {
                if !last.is_empty() {
                    last.push('\n');
                }
                last.push_str(line);
            }
            None => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// A paragraph of the operator's. Where all its sentences stand in one paragraph of the draft (some were taken out), it still
/// rests on what that one rests on.
fn operators(drafted: &Letter, part: &str) -> Paragraph {
    let sentences = crate::sentences::sentences(part);
    let whole = |p: &&Paragraph| {
        let have = crate::sentences::sentences(&p.text.en);
        sentences.iter().all(|s| have.contains(s))
    };
    let text = Text::new(part.to_owned(), format!("（英文のみ編集）{part}"));
    match drafted.paragraphs.iter().find(whole) {
        Some(source) => Paragraph { text, ..source.clone() },
        None => Paragraph { text, findings: Vec::new(), evidence: Vec::new(), steps: Vec::new(), formal: false, edited: true },
    }
}
