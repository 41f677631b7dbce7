//! Why a rule cannot be used: said for each rule, never dropped in silence.

use std::fmt;

use abate_model::Text;

/// What keeps a rule from being used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// the file could not be read as Sigma at all
    Parse,
    /// it is about a log that no table holds
    Logsource,
    /// it cannot match without a field that no table holds
    Field,
    /// it uses something that the engine cannot evaluate
    Expression,
    /// its id is taken
    Duplicate,
    /// it refers to a rule that is not loaded
    Reference,
    /// a kind of correlation that is not supported
    Correlation,
}

impl ProblemKind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Parse, Self::Logsource, Self::Field, Self::Expression, Self::Duplicate, Self::Reference, Self::Correlation];

    /// Its name for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::Logsource => "logsource",
            Self::Field => "field",
            Self::Expression => "expression",
            Self::Duplicate => "duplicate",
            Self::Reference => "reference",
            Self::Correlation => "correlation",
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn title(self) -> Text {
        match self {
            Self::Parse => Text::fixed("not readable as Sigma", "Sigma として読み取れない"),
            Self::Logsource => Text::fixed("a log that no table holds", "対応するテーブルがないログ"),
            Self::Field => Text::fixed("a field that no table holds", "どのテーブルにもないフィールド"),
            Self::Expression => Text::fixed("an expression that cannot be evaluated", "評価できない式"),
            Self::Duplicate => Text::fixed("an id that is taken", "重複した ID"),
            Self::Reference => Text::fixed("a rule that is not loaded", "読み込まれていないルールへの参照"),
            Self::Correlation => Text::fixed("a correlation that is not supported", "対応していない相関ルール"),
        }
    }
}

/// A rule (or file) that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleProblem {
    /// the file
    pub path: String,
    /// the line in it, from 1, where that is known
    pub line: Option<u32>,
    /// the rule's title, where it has one
    pub title: Option<String>,
    /// its logsource, as [`RuleEntry`](super::RuleEntry) has it; empty where it is not known
    pub logsource: String,
    /// what kind of reason
    pub kind: ProblemKind,
    /// why
    pub reason: Text,
}

impl fmt::Display for RuleProblem {
    /// For logs and tests: place, title and the reason in English.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(title) = &self.title {
            write!(f, ": \"{title}\"")?;
        }
        write!(f, ": {}", self.reason.en)
    }
}

/// A reason on its way to becoming a problem of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    /// what kind
    pub kind: ProblemKind,
    /// the words
    pub text: Text,
    /// words of the file that the reason is about, to find the line by
    pub near: Option<String>,
}

impl Reason {
    /// In both languages.
    pub fn new(kind: ProblemKind, en: impl Into<String>, ja: impl Into<String>) -> Self {
        Self { kind, text: Text::new(en.into(), ja.into()), near: None }
    }

    /// The engine's words, which are English.
    pub fn engine(kind: ProblemKind, said: &str) -> Self {
        // What is meant stands between quotation marks or behind a colon.
        let near = said.split('\'').nth(1).or_else(|| said.split_once(": ").map(|(_, behind)| behind.trim()));
        // A condition's errors count lines within the condition.
        let near = if said.starts_with("Condition parse error") { Some("condition:") } else { near };
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let ja = format!("ルールエンジンのエラー: {said}");
        Self { kind, text: Text::new(said, ja), near: near.map(str::to_owned) }
    }

    /// About these words of the file.
    pub fn near(mut self, words: impl Into<String>) -> Self {
        self.near = Some(words.into());
        self
    }
}

/// The line, from 1, that a reason is about: the one that the parser names, else the first with the words that it is about at or
/// behind the rule's title, else that of the title.
pub(super) fn line_of(yaml: &str, title: Option<&str>, reason: &Reason) -> Option<u32> {
    let said = reason.text.en.split_once("at line ").and_then(|(_, behind)| {
        let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u32>().ok()
    });
    if said.is_some() {
        return said;
    }
    let numbered = || yaml.lines().zip(1_u32..);
    let of_title = title.and_then(|title| {
        let is_title = |line: &str| line.trim_start_matches(['-', ' ']).strip_prefix("title:").is_some_and(|t| t.contains(title));
        numbered().find(|(line, _)| is_title(line)).map(|(_, n)| n)
    });
    let from = of_title.unwrap_or(1);
    let near = reason.near.as_deref().filter(|words| !words.is_empty());
    near.and_then(|words| numbered().find(|(line, n)| *n >= from && has(line, words)).map(|(_, n)| n)).or(of_title)
}

/// Whether words stand in a line, and not as part of a longer one.
fn has(line: &str, words: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let ends = (words.chars().next().is_some_and(char::is_alphanumeric), words.chars().last().is_some_and(char::is_alphanumeric));
    line.match_indices(words).any(|(at, found)| {
        let (before, behind) = (line.get(..at).and_then(|s| s.chars().last()), line.get(at + found.len()..).and_then(|s| s.chars().next()));
        !((ends.0 && part(before)) || (ends.1 && part(behind)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_finds_its_line() {
        let yaml = "title: One\ndetection:\n  s:\n    a|contains: x\n---\ntitle: Two\ndetection:\n  s:\n    a|containz: x\n";
        let reason = Reason::engine(ProblemKind::Parse, "Unknown modifier 'containz'");
        assert_eq!(line_of(yaml, Some("Two"), &reason), Some(9));
        assert_eq!(line_of(yaml, None, &reason), Some(9));
        assert_eq!(line_of(yaml, Some("Two"), &Reason::new(ProblemKind::Field, "x", "x").near("nowhere")), Some(6));
        assert_eq!(line_of(yaml, None, &Reason::engine(ProblemKind::Parse, "bad thing at line 7 column 3")), Some(7));
        assert_eq!(line_of(yaml, None, &Reason::new(ProblemKind::Parse, "x", "x")), None);
    }
}
