//! What can go wrong with a query, told so that the person who typed it knows what to change.

use std::io;

use abate_model::Text;
use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;

/// More names than these are no help.
const NEAR: usize = 4;
/// How alike (0 to 1) a name must be to be offered.
const ALIKE: f64 = 0.75;
/// How much less alike than the best a further name may be.
const NEARLY: f64 = 0.1;

/// A query, or the tables under it, failed.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// the text is no SQL
    #[error("this is no SQL: {0}")]
    Syntax(String),
    /// there is no table of that name
    #[error("there is no table '{name}'")]
    NoTable {
        /// as typed
        name: String,
        /// all that there are
        tables: Vec<String>,
    },
    /// there is no column of that name
    #[error("there is no column '{name}'")]
    NoColumn {
        /// as typed
        name: String,
        /// those that the query could have meant
        columns: Vec<String>,
    },
    /// something other than a query
    #[error("{what} is refused: only queries are run, so that SQL can neither write anything nor read other files")]
    ReadOnly {
        /// the statement's first words
        what: String,
    },
    /// well-formed SQL that cannot be run: types that do not fit, a division by zero, an unknown function
    #[error("the query cannot be run: {0}")]
    Query(String),
    /// the query needs more memory than it was given
    #[error("the query needs more memory than it was given: {0}")]
    Memory(String),
    /// Ctrl-C
    #[error("stopped")]
    Stopped,
    /// a file of a table cannot be used
    #[error("{file}: {what}")]
    File {
        /// which
        file: String,
        /// why
        what: String,
    },
    /// the machine failed
    #[error("{0}")]
    Machine(String),
    /// what was written to is gone or full
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl SqlError {
    /// Whether what was typed is at fault, not the machine.
    #[must_use]
    pub const fn is_input(&self) -> bool {
        matches!(self, Self::Syntax(_) | Self::NoTable { .. } | Self::NoColumn { .. } | Self::ReadOnly { .. } | Self::Query(_))
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<Text> {
        match self {
            Self::NoTable { name, tables } => Some(among(name, tables)),
            Self::NoColumn { name, columns } => Some(among(name, columns)),
            Self::ReadOnly { .. } => Some(Text::fixed(
                "begin with SELECT or WITH; --out FILE writes the result",
                "SELECT または WITH で始めてください。結果の書き出しには --out を使用してください",
            )),
            Self::Syntax(_) => Some(Text::fixed(
                "text values stand in '…', names in \"…\"; statements are separated by ;",
                "文字列は '…'、名前は \"…\" で囲み、文は ; で区切ってください",
            )),
            Self::Memory(_) => Some(Text::fixed(
                "give it more with --memory, e.g. --memory 2G, or narrow the query by time",
                "--memory 2G のように上限を増やすか、対象期間を絞ってください",
            )),
            Self::File { .. } => Some(Text::fixed(
                "the file is damaged or was changed; write the tables anew",
                "ファイルが壊れているか変更されています。テーブルを書き出し直してください",
            )),
            Self::Query(_) | Self::Stopped | Self::Machine(_) | Self::Io(_) => None,
        }
    }

    /// An error of the engine; `tables` are those that there are.
    pub(crate) fn of(error: &DataFusionError, tables: &[String]) -> Self {
        let root = error.find_root();
        match root {
            DataFusionError::SchemaError(inner, _) => match &**inner {
                SchemaError::FieldNotFound { field, valid_fields } => Self::NoColumn {
                    name: field.flat_name(),
                    columns: valid_fields.iter().map(|column| column.name().to_owned()).collect(),
                },
                other => Self::Query(other.to_string()),
            },
            DataFusionError::SQL(inner, _) => Self::Syntax(inner.to_string().trim_start_matches("sql parser error: ").to_owned()),
            DataFusionError::Plan(text) => match missing_table(text) {
                Some(name) => Self::NoTable { name: name.to_owned(), tables: tables.to_vec() },
                None => Self::Query(text.clone()),
            },
            DataFusionError::NotImplemented(text) | DataFusionError::Execution(text) | DataFusionError::Configuration(text) => {
                Self::Query(text.clone())
            }
            DataFusionError::ArrowError(inner, _) => Self::Query(inner.to_string()),
            DataFusionError::ResourcesExhausted(text) => Self::Memory(text.lines().next().unwrap_or_default().to_owned()),
            other => Self::Machine(other.strip_backtrace()),
        }
    }
}

/// The engine has no error of its own for a table that it does not know, only these words.
fn missing_table(text: &str) -> Option<&str> {
    let full = text.strip_prefix("table '")?.split_once("' not found")?.0;
    Some(full.strip_prefix("datafusion.public.").unwrap_or(full))
}

fn among(name: &str, all: &[String]) -> Text {
    let near = nearest(name, all);
    if near.is_empty() {
        let all = all.join(", ");
        return Text::new(format!("there are: {all}"), format!("次のものがあります: {all}"));
    }
    let near = near.join(", ");
    Text::new(format!("did you mean {near}?"), format!("次のいずれかではありませんか: {near}"))
}

/// The names that are most like one that does not exist, the most alike first.
fn nearest<'a>(name: &str, all: &'a [String]) -> Vec<&'a str> {
    let bare = name.rsplit('.').next().unwrap_or(name).trim_matches('"').to_lowercase();
    // `sourceip` is `source_ip`; `api` is a part of `api_activity`.
    let alike = |other: &str| {
        let part = bare.len() >= 3 && other.contains(&bare);
        let score = strsim::jaro_winkler(&bare, other).max(strsim::jaro_winkler(&bare.replace('_', ""), &other.replace('_', "")));
        if part { score.max(ALIKE) } else { score }
    };
    let mut scored: Vec<(f64, &str)> =
        all.iter().map(|other| (alike(other), other.as_str())).filter(|(score, _)| *score >= ALIKE).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.dedup_by_key(|(_, other)| *other);
    let best = scored.first().map_or(1.0, |(score, _)| *score);
    scored.into_iter().filter(|(score, _)| best - score < NEARLY).take(NEAR).map(|(_, other)| other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_come_first() {
        let all = ["source_ip", "source", "event_name", "user_name"].map(str::to_owned);
        assert_eq!(nearest("src_ip", &all).first(), Some(&"source_ip"));
        assert_eq!(nearest("sourceip", &all).first(), Some(&"source_ip"));
        assert_eq!(nearest("event", &all).first(), Some(&"event_name"));
        assert_eq!(nearest("a.eventname", &all).first(), Some(&"event_name"));
        assert!(nearest("zzz", &all).is_empty());
    }
}
