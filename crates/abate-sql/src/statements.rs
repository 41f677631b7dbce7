//! SQL text into statements, of which only queries are let through.

use std::collections::VecDeque;

use datafusion::execution::context::SQLOptions;
use datafusion::sql::parser::{DFParser, Statement as Parsed};
use datafusion::sql::sqlparser::ast;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use crate::error::SqlError;

/// One query, ready to run.
#[derive(Clone, Debug)]
pub struct Statement(pub(crate) Parsed);

/// The statements of a text, separated by `;`. None of them is run unless all are queries.
///
/// # Errors
/// When the text is no SQL, or a statement is something other than a query.
pub fn statements(text: &str) -> Result<Vec<Statement>, SqlError> {
    let parsed: VecDeque<Parsed> = DFParser::parse_sql_with_dialect(text, &GenericDialect {}).map_err(|error| SqlError::of(&error, &[]))?;
    for statement in &parsed {
        reads(statement)?;
    }
    Ok(parsed.into_iter().map(Statement).collect())
}

/// What the engine checks once more on the plan.
pub(crate) fn read_only() -> SQLOptions {
    SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false)
}

fn reads(statement: &Parsed) -> Result<(), SqlError> {
    match statement {
        Parsed::Statement(inner) => sql_reads(inner),
        Parsed::Explain(explain) => reads(&explain.statement),
        Parsed::CreateExternalTable(_) => Err(SqlError::ReadOnly { what: "CREATE EXTERNAL TABLE".to_owned() }),
        Parsed::CopyTo(_) => Err(SqlError::ReadOnly { what: "COPY".to_owned() }),
        Parsed::Reset(_) => Err(SqlError::ReadOnly { what: "RESET".to_owned() }),
    }
}

/// A list of what is allowed, so that what the parser learns later is refused until someone has thought about it.
fn sql_reads(statement: &ast::Statement) -> Result<(), SqlError> {
    use ast::Statement as S;
    match statement {
        S::Query(_) | S::ExplainTable { .. } | S::ShowTables { .. } | S::ShowColumns { .. } | S::ShowFunctions { .. } => Ok(()),
        S::Explain { statement, .. } => sql_reads(statement),
        other => Err(SqlError::ReadOnly { what: first_words(&other.to_string()) }),
    }
}

/// `DROP TABLE`, `INSERT`: as much of a statement as names its kind.
fn first_words(statement: &str) -> String {
    let mut words = statement.split_whitespace();
    let first = words.next().unwrap_or("this").to_uppercase();
    match words.next() {
        Some(second) if ["CREATE", "DROP", "ALTER"].contains(&first.as_str()) => format!("{first} {}", second.to_uppercase()),
        _ => first,
    }
}

/// Whether a text that is being typed is whole: its last token is a `;` outside of quotes and comments.
#[must_use]
pub fn is_complete(text: &str) -> bool {
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, text).tokenize() else { return false };
    tokens.iter().rfind(|token| !matches!(token, Token::Whitespace(_) | Token::EOF)).is_some_and(|token| *token == Token::SemiColon)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_pass_and_nothing_else() {
        for text in [
            "SELECT 1",
            "select 1; select 2;",
            "WITH a AS (SELECT 1) SELECT * FROM a",
            "EXPLAIN ANALYZE SELECT 1",
            "DESCRIBE sources",
            "SHOW TABLES",
            "VALUES (1)",
            "",
        ] {
            assert!(statements(text).is_ok(), "{text}");
        }
        for (text, what) in [
            ("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'", "CREATE EXTERNAL TABLE"),
            ("COPY sources TO 'x.csv'", "COPY"),
            ("EXPLAIN COPY sources TO 'x.csv'", "COPY"),
            ("CREATE TABLE t AS SELECT 1", "CREATE TABLE"),
            ("CREATE VIEW t AS SELECT 1", "CREATE VIEW"),
            ("DROP TABLE sources", "DROP TABLE"),
            ("INSERT INTO sources VALUES (1)", "INSERT"),
            ("EXPLAIN INSERT INTO sources VALUES (1)", "INSERT"),
            ("UPDATE sources SET path = ''", "UPDATE"),
            ("DELETE FROM sources", "DELETE"),
            ("SET datafusion.execution.batch_size = 1", "SET"),
            ("RESET datafusion.execution.batch_size", "RESET"),
            ("PREPARE p AS SELECT 1", "PREPARE"),
            ("SELECT 1; DROP TABLE sources", "DROP TABLE"),
        ] {
            match statements(text) {
                Err(SqlError::ReadOnly { what: found }) => assert_eq!(found, what, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_slip_is_shown_with_its_place() {
        let error = statements("SELECT 1;\nSELEC 2").expect_err("no SQL").to_string();
        assert!(error.contains("Line: 2"), "{error}");
    }

    #[test]
    fn a_semicolon_ends_a_text_unless_it_is_quoted() {
        assert!(is_complete("SELECT 1;"));
        assert!(is_complete("SELECT ';';  -- done\n"));
        assert!(!is_complete("SELECT 1"));
        assert!(!is_complete("SELECT ';"));
        assert!(!is_complete("SELECT 1 -- ;"));
        assert!(!is_complete("SELECT 1 /* ;"));
        assert!(!is_complete(""));
    }
}
