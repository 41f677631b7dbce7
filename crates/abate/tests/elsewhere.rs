//! The tables that are written open in the programs that people use for them: DuckDB and pandas.
//!
//! `ABATE_TEST_PYTHON` names a Python that has `duckdb`, `pandas` and `pyarrow`; with it their absence is a failure. Without it
//! `python3` is tried, and the test says that it was skipped where that lacks them.

mod common;

use std::process::Command;

use common::{Place, stdout};
use serde_json::Value;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/ssh-port-scan/evidence");

/// Counts the rows of each table three ways and reads times and texts; prints what it found as JSON.
const SCRIPT: &str = "
import json, pathlib, sys
import duckdb, pandas, pyarrow.parquet
found = {}
base = duckdb.connect()
for file in sorted(pathlib.Path(sys.argv[1]).glob('*.parquet')):
    frame = pandas.read_parquet(file)
    duck = base.execute(f\"SELECT count(*) FROM '{file}'\").fetchone()[0]
    arrow = pyarrow.parquet.read_table(file)
    found[file.stem] = {'pandas': len(frame), 'duckdb': duck, 'pyarrow': arrow.num_rows, 'columns': list(frame.columns)}
    if 'time' in frame.columns:
        first = frame['time'].min()
        found[file.stem]['pandas_first'] = None if pandas.isna(first) else first.isoformat()
        found[file.stem]['duckdb_first'] = base.execute(f\"SELECT strftime(min(time) AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S+00:00') FROM '{file}'\").fetchone()[0]
print(json.dumps(found))
";

/// A Python with the modules; `None` where there is none and none was promised.
fn python() -> Option<String> {
    let promised = std::env::var("ABATE_TEST_PYTHON").ok().filter(|path| !path.is_empty());
    let python = promised.clone().unwrap_or_else(|| "python3".to_owned());
    let import = Command::new(&python).args(["-c", "import duckdb, pandas, pyarrow"]).output();
    let there = import.as_ref().is_ok_and(|output| output.status.success());
    let why = import.map_or_else(|error| error.to_string(), |output| String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(there || promised.is_none(), "ABATE_TEST_PYTHON={python} cannot import duckdb, pandas and pyarrow: {why}");
    there.then_some(python)
}

#[test]
fn duckdb_and_pandas_read_what_is_exported() {
    let Some(python) = python() else {
        println!("skipped: python3 has no duckdb, pandas and pyarrow; set ABATE_TEST_PYTHON to one that has");
        return;
    };
    let place = Place::new();
    let exported = place.expect(0, &["evidence", "export", EXAMPLE, "--out", "tables", "--quiet", "--format", "json"]);
    let exported: Value = serde_json::from_slice(&exported.stdout).expect("JSON");
    let output = Command::new(python).args(["-c", SCRIPT]).arg(place.join("tables")).output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let tables = exported.as_array().expect("tables");
    assert!(tables.len() > 3, "{exported}");
    for table in tables {
        let name = table["table"].as_str().expect("a name");
        let seen = &found[name];
        for way in ["pandas", "duckdb", "pyarrow"] {
            assert_eq!(seen[way], table["rows"], "{name} by {way}");
        }
        assert_eq!(seen["pandas_first"].as_str().map(|t| t.get(..19)), seen["duckdb_first"].as_str().map(|t| t.get(..19)), "{name}");
        if let Some(table) = abate_model::Table::by_name(name) {
            let columns = abate_lake::described(table);
            let expected: Vec<Value> = columns.into_iter().map(|column| Value::String(column.name)).collect();
            assert_eq!(seen["columns"], Value::Array(expected), "{name}");
        }
    }
}

/// Counts the rows of each table of a lake: all files of a folder are one table.
const LAKE: &str = "
import json, pathlib, sys
import duckdb, pandas
found = {}
for folder in sorted(p for p in pathlib.Path(sys.argv[1]).iterdir() if p.is_dir() and list(p.glob('*.parquet'))):
    duck = duckdb.connect().execute(f\"SELECT count(*) FROM '{folder}/*.parquet'\").fetchone()[0]
    found[folder.name] = [duck, len(pandas.read_parquet(folder))]
print(json.dumps(found))
";

#[test]
fn duckdb_and_pandas_read_the_lake_as_it_is() {
    let Some(python) = python() else {
        println!("skipped: python3 has no duckdb, pandas and pyarrow; set ABATE_TEST_PYTHON to one that has");
        return;
    };
    let place = Place::new();
    let read = place.expect(0, &["evidence", "read", EXAMPLE, "--lake", "lake", "--quiet", "--format", "json"]);
    let read: Value = serde_json::from_slice(&read.stdout).expect("JSON");
    let mut expected = std::collections::BTreeMap::new();
    for part in read["coverage"].as_array().expect("coverage") {
        *expected.entry(part["table"].as_str().expect("a name").to_owned()).or_insert(0) += part["records"].as_u64().expect("a number");
    }
    let output = Command::new(python).args(["-c", LAKE]).arg(place.join("lake")).output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    // The example has no duplicates.
    for (table, rows) in &expected {
        assert_eq!(found[table], serde_json::json!([rows, rows]), "{table}");
    }
    assert!(expected.len() > 3 && found["sources"][0].as_u64() == Some(read["sources"].as_array().expect("sources").len() as u64));
}
