//! The arguments of `abate query`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Least memory with which the engine can work at all.
const LEAST: usize = 16 << 20;

/// `abate query`
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Query {
    /// The case whose tables are asked; not with --lake
    #[arg(value_name = "CASE", required_unless_present = "lake")]
    pub first: Option<String>,
    /// The SQL: one statement or several, separated by ';', or - for standard input; none begins a dialogue
    #[arg(value_name = "SQL")]
    pub second: Option<String>,
    /// A folder with the tables as Parquet instead of a case: TABLE.parquet, as 'abate evidence export' writes them, or TABLE/*.parquet
    #[arg(long, value_name = "DIR")]
    pub lake: Option<PathBuf>,
    /// What to print [default: by the name of the file after --out, else table]
    #[arg(long, value_enum)]
    pub format: Option<QueryFormat>,
    /// Write the answer to a file, which is whole or not there
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// List the tables with their rows and the time they span
    #[arg(long, conflicts_with_all = ["second", "out", "columns"])]
    pub tables: bool,
    /// List the columns of a table: type, OCSF attribute, meaning
    #[arg(long, value_name = "TABLE", conflicts_with_all = ["second", "out"])]
    pub columns: Option<String>,
    /// Each value on a line of its own, for tables with many columns
    #[arg(long, short = 'x')]
    pub expanded: bool,
    /// Rows that a table shows; how many more there are is said. 0 shows all. The other formats always have all
    #[arg(long, value_name = "ROWS", default_value_t = 500)]
    pub limit: u64,
    /// What sorting, grouping and joining may hold in memory before they use temporary files
    #[arg(long, value_name = "SIZE", default_value = "256M", value_parser = size)]
    pub memory: usize,
}

const AFTER: &str = "\
Examples:
  abate query --lake tables/ --tables
  abate query --lake tables/ \"SELECT source_ip, count(*) FROM api_activity WHERE error_code IS NOT NULL GROUP BY 1 ORDER BY 2 DESC\"
  abate query --lake tables/ \"SELECT * FROM network_activity WHERE NOT is_private(dst) AND NOT in_cidr(dst, '203.0.113.0/24')\" -o out.csv
  abate query --lake tables/                        a dialogue; \\? lists its commands

Only queries are run: nothing is written but the file after --out, and no file is read but those of the tables.";

/// How an answer is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum QueryFormat {
    /// for people
    Table,
    /// one array of objects
    Json,
    /// one object on each line
    Ndjson,
    /// for a spreadsheet; text that it would run as a formula is disarmed
    Csv,
    /// Parquet; needs --out
    Parquet,
}

impl QueryFormat {
    /// The format that a file's name asks for.
    pub fn of_file(path: &std::path::Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// `256M`, `2G`, `512MiB`.
fn size(typed: &str) -> Result<usize, String> {
    let wrong = || format!("'{typed}' is no size; write e.g. 256M or 2G");
    let end = typed.find(|c: char| !c.is_ascii_digit()).unwrap_or(typed.len());
    let (digits, unit) = typed.split_at(end);
    let shift = match unit.trim().to_ascii_uppercase().trim_end_matches("IB").trim_end_matches('B') {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        _ => return Err(wrong()),
    };
    let bytes = digits.parse::<usize>().ok().and_then(|n| n.checked_mul(1 << shift)).ok_or_else(wrong)?;
    if bytes < LEAST { Err("less than 16M is not enough to sort anything".to_owned()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes() {
        assert_eq!(size("256M"), Ok(256 << 20));
        assert_eq!(size("2g"), Ok(2 << 30));
        assert_eq!(size("64MiB"), Ok(64 << 20));
        assert_eq!(size("64MB"), Ok(64 << 20));
        assert_eq!(size("16777216"), Ok(16 << 20));
        for wrong in ["", "M", "12X", "1K", "-5M", "99999999999G", "1.5G"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
