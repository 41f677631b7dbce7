//! What was typed at the prompt: a command that begins with `\`, or SQL; and what a word could go on as.
//!
//! Absent on purpose: any terminal, so that all of this is tested without one.

use abate_sql::Listed;
use clap::ValueEnum;

use crate::cli::QueryFormat;

/// A line that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    Nothing,
    Sql(String),
    /// `\q`
    Quit,
    /// `\d`
    Tables,
    /// `\d TABLE`
    Columns(String),
    /// `\x`
    Expanded,
    /// `\format NAME`; none asks which it is
    Format(Option<QueryFormat>),
    /// `\?`
    Help,
    /// a command that there is not, or one that does not fit
    Unknown(String),
}

/// The commands, for completion.
const COMMANDS: [&str; 5] = ["\\?", "\\d", "\\format", "\\q", "\\x"];

/// What a line means.
pub fn parse(text: &str) -> Typed {
    let text = text.trim();
    if !text.starts_with('\\') {
        return match text {
            "" | ";" => Typed::Nothing,
            // What people type who have not read the help.
            "quit" | "exit" | "quit;" | "exit;" => Typed::Quit,
            "help" | "help;" => Typed::Help,
            sql => Typed::Sql(sql.to_owned()),
        };
    }
    let mut words = text.trim_end_matches(';').split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some("\\q"), None, None) => Typed::Quit,
        (Some("\\d" | "\\dt"), None, None) => Typed::Tables,
        (Some("\\d"), Some(table), None) => Typed::Columns(table.trim_matches('"').to_owned()),
        (Some("\\x"), None, None) => Typed::Expanded,
        (Some("\\?" | "\\h"), None, None) => Typed::Help,
        (Some("\\format"), None, None) => Typed::Format(None),
        (Some("\\format"), Some(name), None) => match QueryFormat::from_str(name, true) {
            Ok(QueryFormat::Parquet) | Err(_) => Typed::Unknown(text.to_owned()),
            Ok(format) => Typed::Format(Some(format)),
        },
        _ => Typed::Unknown(text.to_owned()),
    }
}

/// Whether a text needs no further line: a command, nothing, or SQL up to its `;`.
pub fn is_whole(text: &str) -> bool {
    !matches!(parse(text), Typed::Sql(_)) || abate_sql::is_complete(text)
}

/// Words of SQL that are offered.
const KEYWORDS: &[&str] = &[
    "AND",
    "AS",
    "ASC",
    "BETWEEN",
    "BY",
    "CASE",
    "CAST",
    "COUNT",
    "DESC",
    "DISTINCT",
    "ELSE",
    "END",
    "EXCEPT",
    "EXISTS",
    "EXPLAIN",
    "FALSE",
    "FROM",
    "FULL",
    "GROUP",
    "HAVING",
    "ILIKE",
    "IN",
    "INTERSECT",
    "INTERVAL",
    "IS",
    "JOIN",
    "LEFT",
    "LIKE",
    "LIMIT",
    "NOT",
    "NULL",
    "OFFSET",
    "ON",
    "OR",
    "ORDER",
    "OVER",
    "PARTITION",
    "RIGHT",
    "SELECT",
    "THEN",
    "TIMESTAMP",
    "TRUE",
    "UNION",
    "USING",
    "VALUES",
    "WHEN",
    "WHERE",
    "WITH",
];

/// The names that can be offered.
#[derive(Debug, Default)]
pub struct Names {
    tables: Vec<(String, Vec<String>)>,
    functions: Vec<String>,
}

impl Names {
    /// Of these tables and functions.
    pub fn of(tables: &[Listed], functions: Vec<String>) -> Self {
        let table = |table: &Listed| (table.name.clone(), table.columns.iter().map(|column| column.name.clone()).collect());
        Self { tables: tables.iter().map(table).collect(), functions }
    }

    /// Where the word before `at` begins, and what it could go on as.
    pub fn complete(&self, text: &str, at: usize) -> (usize, Vec<String>) {
        let before = text.get(..at).unwrap_or(text);
        let part = |c: char| c.is_alphanumeric() || c == '_' || c == '\\' || c == '?';
        let start = before.char_indices().rev().take_while(|(_, c)| part(*c)).last().map_or(before.len(), |(n, _)| n);
        let word = before.get(start..).unwrap_or_default();
        let lead = before.get(..start).unwrap_or_default();
        if word.starts_with('\\') {
            return (start, COMMANDS.iter().filter(|c| lead.trim().is_empty() && c.starts_with(word)).map(ToString::to_string).collect());
        }
        let tables = || self.tables.iter().map(|(name, _)| name.as_str());
        let offered: Vec<&str> = match lead.split_whitespace().last().map(str::to_lowercase).as_deref() {
            Some("\\d" | "from" | "join" | "describe") => tables().collect(),
            Some("\\format") => vec!["csv", "json", "ndjson", "table"],
            _ if word.is_empty() => return (start, Vec::new()),
            _ => {
                let named = |table: &str| text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|w| w == table);
                let some = self.tables.iter().any(|(table, _)| named(table));
                let columns = self.tables.iter().filter(|(table, _)| !some || named(table)).flat_map(|(_, columns)| columns);
                let functions = self.functions.iter().map(String::as_str);
                columns.map(String::as_str).chain(tables()).chain(functions).chain(KEYWORDS.iter().copied()).collect()
            }
        };
        let lower = word.to_lowercase();
        let mut found: Vec<String> = Vec::new();
        for name in offered.into_iter().filter(|name| name.to_lowercase().starts_with(&lower)) {
            if !found.iter().any(|known| known == name) {
                found.push(name.to_owned());
            }
        }
        (start, found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_sql_are_told_apart() {
        for (typed, means) in [
            ("", Typed::Nothing),
            (" ; ", Typed::Nothing),
            ("\\q", Typed::Quit),
            ("exit", Typed::Quit),
            ("\\d", Typed::Tables),
            ("\\d api_activity;", Typed::Columns("api_activity".to_owned())),
            ("\\x", Typed::Expanded),
            ("\\format csv", Typed::Format(Some(QueryFormat::Csv))),
            ("\\format", Typed::Format(None)),
            ("\\format parquet", Typed::Unknown("\\format parquet".to_owned())),
            ("\\?", Typed::Help),
            ("\\z", Typed::Unknown("\\z".to_owned())),
            ("\\d a b", Typed::Unknown("\\d a b".to_owned())),
            (" SELECT 1; ", Typed::Sql("SELECT 1;".to_owned())),
        ] {
            assert_eq!(parse(typed), means, "{typed}");
        }
    }

    #[test]
    fn sql_goes_on_until_its_semicolon() {
        assert!(is_whole("\\d"));
        assert!(is_whole(""));
        assert!(is_whole("SELECT 1;"));
        assert!(!is_whole("SELECT 1"));
        assert!(!is_whole("SELECT ';"));
        assert!(!is_whole("SELECT 1\nFROM"));
    }

    fn names() -> Names {
        let table = |name: &str, columns: &[&str]| (name.to_owned(), columns.iter().map(ToString::to_string).collect());
        Names {
            tables: vec![table("api_activity", &["time", "event_name", "source_ip"]), table("dns_activity", &["time", "query"])],
            functions: vec!["in_cidr".to_owned(), "sum".to_owned()],
        }
    }

    fn complete(text: &str) -> (usize, Vec<String>) {
        names().complete(text, text.len())
    }

    #[test]
    fn words_are_completed_by_where_they_stand() {
        assert_eq!(complete("SELECT s"), (7, vec!["source_ip".to_owned(), "sum".to_owned(), "SELECT".to_owned()]));
        assert_eq!(complete("SELECT * FROM api"), (14, vec!["api_activity".to_owned()]));
        assert_eq!(complete("SELECT * FROM ").1, vec!["api_activity", "dns_activity"]);
        assert_eq!(complete("SELECT sum(q"), (11, vec!["query".to_owned()]));
        assert_eq!(complete("SELECT a.ev"), (9, vec!["event_name".to_owned()]));
        assert_eq!(complete("SELECT * FROM api_activity WHERE q").1, Vec::<String>::new(), "that table has no such column");
        assert_eq!(complete("sel").1, vec!["SELECT"]);
        assert_eq!(complete("\\f"), (0, vec!["\\format".to_owned()]));
        assert_eq!(complete("\\format n"), (8, vec!["ndjson".to_owned()]));
        assert_eq!(complete("\\d dns"), (3, vec!["dns_activity".to_owned()]));
        assert_eq!(complete("").1, Vec::<String>::new());
        let (start, found) = names().complete("SELECT ev FROM api_activity", 9);
        assert_eq!((start, found), (7, vec!["event_name".to_owned()]), "in the middle of a line");
        assert_eq!(complete("SELECT '証跡' AS s").0, "SELECT '証跡' AS ".len());
    }
}
