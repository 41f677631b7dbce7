//! What mail programs, ticket systems and people do to a notice. The truth follows where it really changes: a mail pasted as
//! text loses its headers, a lost `Date` moves the deadline. No id and no address is ever broken.

use super::channel::{Channel, Charset};
use super::draft::{Draft, Outer};
use super::html::Html;
use super::outer::{footer, japanese};
use super::text::{Line, LineKind, wrap_all};
use super::{Specimen, labels};
use crate::rng::Rng;

/// A kind of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mutation {
    /// every line, logs too, broken at 60 to 78 columns
    WrapLines,
    /// runs of blanks become one blank
    LoseBlanks,
    /// no empty lines any more
    LoseBlankLines,
    /// an empty line after every line
    DoubleBlankLines,
    /// `"` and `'` become typographic
    CurlyQuotes,
    /// `--` and ` - ` become dashes
    SmartDashes,
    /// the text as HTML of a word processor
    HtmlNoise,
    /// pasted out of an answer: `> `, `>> ` or `>` before every line
    QuotePrefix,
    /// pasted with Japanese words before and after
    JapanesePreamble,
    /// Date, Subject, From or Message-ID is gone
    MissingHeader,
    /// blanks at the end of lines
    TrailingSpaces,
    /// tabs instead of runs of blanks and after labels
    Tabs,
    /// `：` after labels
    FullWidthColons,
    /// the other kind of line ends
    CrLf,
    /// U+00A0 in runs of blanks and after labels
    NonBreakingSpaces,
    /// every line indented
    IndentAll,
    /// a footer below
    SignatureFooter,
    /// labels in capitals
    UppercaseLabels,
    /// `*Label:* value`, as programs write bold type
    BoldStars,
}

impl Mutation {
    /// Every mutation.
    pub const ALL: &[Self] = &[
        Self::WrapLines,
        Self::LoseBlanks,
        Self::LoseBlankLines,
        Self::DoubleBlankLines,
        Self::CurlyQuotes,
        Self::SmartDashes,
        Self::HtmlNoise,
        Self::QuotePrefix,
        Self::JapanesePreamble,
        Self::MissingHeader,
        Self::TrailingSpaces,
        Self::Tabs,
        Self::FullWidthColons,
        Self::CrLf,
        Self::NonBreakingSpaces,
        Self::IndentAll,
        Self::SignatureFooter,
        Self::UppercaseLabels,
        Self::BoldStars,
    ];

    /// Whether this can happen to such a file at all.
    #[must_use]
    pub fn applies_to(self, specimen: &Specimen) -> bool {
        let channel = specimen.draft.channel;
        match self {
            Self::HtmlNoise => !channel.is_pasted() && !channel.is_json(),
            Self::QuotePrefix => !channel.is_json() && specimen.draft.quote.is_empty(),
            Self::SignatureFooter => !channel.is_json(),
            Self::JapanesePreamble => !channel.is_json() && !matches!(channel, Channel::Attached | Channel::PastedJapanese),
            Self::MissingHeader => channel.is_direct() || matches!(channel, Channel::Attached | Channel::PastedHeaders),
            Self::CrLf => !channel.is_json() || specimen.draft.pretty,
            _ => true,
        }
    }
}

/// Damages a notice; one to which this cannot happen comes back as it is. Mutations may be chained.
#[must_use]
pub fn mutate(specimen: &Specimen, mutation: Mutation, seed: u64) -> Specimen {
    if !mutation.applies_to(specimen) {
        return specimen.clone();
    }
    let mut rng = Rng::stream(seed, &format!("notices/mutate/{}/{mutation:?}", specimen.name));
    let mut draft = specimen.draft.clone();
    apply(&mut draft, mutation, &mut rng);
    Specimen::new(format!("{}+{mutation:?}", specimen.name), draft)
}

fn apply(draft: &mut Draft, mutation: Mutation, rng: &mut Rng) {
    match mutation {
        Mutation::WrapLines => {
            let width = usize::try_from(rng.range(60, 78)).unwrap_or(72);
            draft.lines = wrap_all(&draft.lines, width, false);
        }
        Mutation::LoseBlanks => each(draft, |line| line.split_whitespace().collect::<Vec<_>>().join(" ")),
        Mutation::LoseBlankLines => draft.lines.retain(|line| !line.text.trim().is_empty()),
        Mutation::DoubleBlankLines => {
            let blank = Line { text: String::new(), kind: LineKind::Prose };
            draft.lines = draft.lines.iter().flat_map(|line| [line.clone(), blank.clone()]).collect();
        }
        Mutation::CurlyQuotes => each(draft, curly),
        Mutation::SmartDashes => {
            of_kind(draft, LineKind::Prose, |line| line.replace("---", "\u{2014}").replace("--", "\u{2013}").replace(" - ", " \u{2013} "))
        }
        Mutation::HtmlNoise => {
            draft.html = Some(Html::Noisy(rng.next()));
            if draft.channel.is_direct() {
                draft.channel = Channel::MailHtml;
            }
        }
        Mutation::QuotePrefix => {
            if !draft.channel.is_inline() && !draft.channel.is_pasted() {
                paste(draft, Channel::Pasted);
                draft.outer = Outer::default();
            }
            draft.quote = rng.pick(&["> ", "> ", ">> ", ">"]);
        }
        Mutation::JapanesePreamble => preamble(draft, rng),
        Mutation::MissingHeader => lose_header(draft, rng),
        Mutation::TrailingSpaces => {
            for line in &mut draft.lines {
                line.text.push_str(rng.pick(&["", " ", "  ", "\t"]));
            }
        }
        Mutation::Tabs => {
            of_kind(draft, LineKind::Field, |line| line.replace(": ", ":\t"));
            each(draft, |line| squeeze(line, "\t"));
        }
        Mutation::FullWidthColons => of_kind(draft, LineKind::Field, labels::full_width),
        Mutation::CrLf => draft.crlf = !draft.crlf,
        Mutation::NonBreakingSpaces => {
            of_kind(draft, LineKind::Field, |line| line.replace(": ", ":\u{a0}"));
            each(draft, |line| squeeze(line, "\u{a0}\u{a0} "));
        }
        Mutation::IndentAll => {
            let indent = rng.pick(&["    ", "\t", "  ", "\u{3000}"]);
            each(draft, |line| if line.is_empty() { String::new() } else { format!("{indent}{line}") });
        }
        Mutation::SignatureFooter => {
            let lines = footer(rng);
            if draft.channel.is_direct() || draft.channel == Channel::Attached {
                draft.lines.extend(lines.into_iter().map(|text| Line { text, kind: LineKind::Prose }));
            } else {
                draft.outer.after.extend(lines);
            }
        }
        Mutation::UppercaseLabels => {
            of_kind(draft, LineKind::Field, |line| labels::each(line, |label| format!("{}:", label.to_uppercase())))
        }
        Mutation::BoldStars => of_kind(draft, LineKind::Field, labels::bold),
    }
}

fn each(draft: &mut Draft, change: impl Fn(&str) -> String) {
    draft.lines.iter_mut().for_each(|line| line.text = change(&line.text));
}

fn of_kind(draft: &mut Draft, kind: LineKind, change: impl Fn(&str) -> String) {
    draft.lines.iter_mut().filter(|line| line.kind == kind).for_each(|line| line.text = change(&line.text));
}

/// Runs of two or more blanks become `instead`.
fn squeeze(line: &str, instead: &str) -> String {
    let mut out = String::new();
    let mut run = 0_usize;
    for letter in line.chars().chain(std::iter::once('\n')) {
        if letter == ' ' {
            run += 1;
            continue;
        }
        match run {
            0 => {}
            1 => out.push(' '),
            _ => out.push_str(instead),
        }
        run = 0;
        if letter != '\n' {
            out.push(letter);
        }
    }
    out
}

fn curly(line: &str) -> String {
    let mut out = String::new();
    let mut open = true;
    for letter in line.chars() {
        out.push(match letter {
            '"' if open => '\u{201c}',
            '"' => '\u{201d}',
            '\'' if open => '\u{2018}',
            '\'' => '\u{2019}',
            other => other,
        });
        open = letter.is_whitespace() || letter == '(';
    }
    out
}

/// A mail becomes a text in a file.
fn paste(draft: &mut Draft, channel: Channel) {
    draft.channel = channel;
    draft.html = None;
    draft.crlf = false;
}

fn preamble(draft: &mut Draft, rng: &mut Rng) {
    let (before, after) = japanese(rng);
    draft.charset = [Charset::Utf8, Charset::Iso2022Jp, Charset::ShiftJis]
        .get(usize::try_from(rng.range(0, 2)).unwrap_or(0))
        .copied()
        .unwrap_or(Charset::Utf8);
    if draft.channel.is_inline() || draft.channel == Channel::PastedHeaders {
        draft.outer.before.splice(..0, before);
        draft.outer.after.extend(after);
    } else {
        paste(draft, Channel::PastedJapanese);
        (draft.outer.before, draft.outer.after) = (before, after);
    }
}

fn lose_header(draft: &mut Draft, rng: &mut Rng) {
    let names: &[&str] = match draft.channel {
        Channel::PastedHeaders => &["date", "subject", "from"],
        // The subject would still stand in the forward's own.
        Channel::Attached => &["date", "from", "message-id"],
        _ => &["date", "subject", "from", "message-id"],
    };
    let head = &mut draft.head;
    match rng.pick(names) {
        "date" => head.date = None,
        "subject" => head.subject = None,
        "from" => head.from = None,
        _ => head.message_id = None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_changes() {
        assert_eq!(squeeze("a  b c    d", "\t"), "a\tb c\td");
        assert_eq!(curly("say \"it's\""), "say \u{201c}it\u{2019}s\u{201d}");
    }
}
