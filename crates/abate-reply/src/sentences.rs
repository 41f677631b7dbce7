//! The sentences of a letter, for the rules that compare words. Wrapping is undone, and an entry of a list is a sentence.

/// A line that is shorter than this was ended on purpose.
const WRAPPED: usize = 50;

/// The sentences of a text, with single spaces, without the dash of a list.
pub(crate) fn sentences(text: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let words = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if words.is_empty() {
            open = false;
            continue;
        }
        let entry = line.trim_start().starts_with("- ");
        match blocks.last_mut().filter(|_| open && !entry) {
            Some(block) => {
                block.push(' ');
                block.push_str(&words);
            }
            None => blocks.push(words.trim_start_matches("- ").to_owned()),
        }
        // What follows belongs to it if it was wrapped here, or is indented below an entry.
        open = line.len() >= WRAPPED && !words.ends_with(['.', ':', '?', '!']);
    }
    blocks.iter().flat_map(|block| split(block)).collect()
}

/// Cuts after a full stop that a new sentence follows.
fn split(block: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = block;
    while let Some(at) = end(rest) {
        let (sentence, after) = rest.split_at(at);
        out.push(sentence.trim().to_owned());
        rest = after.trim_start();
    }
    if !rest.is_empty() {
        out.push(rest.to_owned());
    }
    out
}

/// Where the first sentence ends, if another one follows it. `1. Root cause` and `e.g. x` are not cut.
fn end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (1..bytes.len().saturating_sub(2)).find_map(|at| {
        let stop = matches!(bytes.get(at), Some(b'.' | b'?' | b'!')) && bytes.get(at + 1) == Some(&b' ');
        let begins = bytes.get(at + 2).is_some_and(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'"');
        let word = text.get(..at).and_then(|head| head.rsplit(' ').next()).unwrap_or_default();
        let number = word.bytes().all(|b| b.is_ascii_digit()) && word.len() < 3;
        (stop && begins && !number).then_some(at + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_is_undone_and_entries_stand_alone() {
        let text = "Our own logs confirm the reported port scanning, which is what the notice says\nof it. It ended at 02:14.\n\n- one entry\n- another entry that is so long that it had to be wrapped somewhere\n  here\nAWS account: 111122223333\nRegion: us-east-1";
        assert_eq!(
            sentences(text),
            [
                "Our own logs confirm the reported port scanning, which is what the notice says of it.",
                "It ended at 02:14.",
                "one entry",
                "another entry that is so long that it had to be wrapped somewhere here",
                "AWS account: 111122223333",
                "Region: us-east-1"
            ]
        );
        assert_eq!(sentences("1. Root cause"), ["1. Root cause"]);
        assert_eq!(sentences(""), Vec::<String>::new());
        assert_eq!(sentences("a. b. C"), ["a. b.", "C"]);
    }
}
