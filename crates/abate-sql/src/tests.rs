//! The engine on tables written by hand.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;
use proptest::prelude::*;

use super::*;

/// 2026-01-01T00:00:00Z in microseconds.
const NEW_YEAR: i64 = 1_767_225_600_000_000;

/// `n` counts up from `first`, `time` goes a second at a time, `source_ip` is one of ten.
fn batch(first: u64, rows: u64) -> RecordBatch {
    let times: Vec<i64> = (first..first + rows).map(|n| NEW_YEAR + i64::try_from(n).expect("small") * 1_000_000).collect();
    let columns: [(&str, ArrayRef); 3] = [
        ("time", Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC"))),
        ("n", Arc::new(UInt64Array::from_iter_values(first..first + rows))),
        ("source_ip", Arc::new(StringArray::from_iter_values((first..first + rows).map(|n| format!("198.51.100.{}", n % 10))))),
    ];
    RecordBatch::try_from_iter(columns).expect("columns of one length")
}

fn put(file: &Path, batch: &RecordBatch, group: usize, compression: Compression) {
    std::fs::create_dir_all(file.parent().expect("below a folder")).expect("folder");
    let properties = WriterProperties::builder().set_compression(compression).set_max_row_group_row_count(Some(group)).build();
    let mut writer = ArrowWriter::try_new(File::create(file).expect("file"), batch.schema(), Some(properties)).expect("writer");
    writer.write(batch).expect("written");
    writer.close().expect("closed");
}

/// A file of the table `counted`: `rows` rows from `first` in row groups of `group`.
fn part(dir: &Path, name: &str, first: u64, rows: u64, group: usize, dropped: Vec<Range<u64>>) -> TablePart {
    let file = dir.join(name);
    put(&file, &batch(first, rows), group, Compression::LZ4_RAW);
    TablePart { table: "counted".to_owned(), file, rows, dropped }
}

/// One range, in a list.
fn only(range: Range<u64>) -> Vec<Range<u64>> {
    std::iter::once(range).collect()
}

fn engine(parts: Vec<TablePart>) -> Engine {
    Engine::open(&Snapshot::of(parts), Options { threads: 2, ..Options::default() }).expect("opens")
}

/// The answer to one query, row by row, values joined by a bar.
fn ask(engine: &Engine, sql: &str) -> Result<Vec<String>, SqlError> {
    let mut rows = Vec::new();
    for statement in statements(sql)? {
        let mut answer = engine.run(&statement)?;
        while let Some(batch) = answer.next_batch()? {
            let joined = Values::of(&batch)?
                .rows()
                .map(|row| row.into_iter().map(|c| c.unwrap_or("NULL".to_owned())).collect::<Vec<_>>().join("|"))
                .collect::<Vec<_>>();
            rows.extend(joined);
        }
    }
    Ok(rows)
}

fn one(engine: &Engine, sql: &str) -> String {
    ask(engine, sql).unwrap_or_else(|error| panic!("{sql}: {error}")).join("\n")
}

#[test]
fn dropped_rows_are_not_seen_in_any_way_of_asking() {
    let dir = tempfile::tempdir().expect("folder");
    // Groups of 100: within one, over a border, over several whole ones, the last rows.
    let engine = engine(vec![part(dir.path(), "a.parquet", 0, 1000, 100, vec![10..20, 95..105, 250..560, 990..1000])]);
    let live = 1000 - 10 - 10 - 310 - 10;
    assert_eq!(one(&engine, "SELECT count(*) FROM counted"), live.to_string(), "from statistics");
    assert_eq!(one(&engine, "SELECT count(n) FROM counted"), live.to_string(), "of a column");
    assert_eq!(one(&engine, "SELECT count(*) FROM counted WHERE n >= 0"), live.to_string(), "with a filter that all rows pass");
    assert_eq!(one(&engine, "SELECT count(*) FROM counted WHERE n BETWEEN 90 AND 110"), "11");
    assert_eq!(one(&engine, "SELECT count(*) FROM counted WHERE n BETWEEN 300 AND 500"), "0", "groups that are gone whole");
    assert_eq!(one(&engine, "SELECT max(n), min(n) FROM counted"), "989|0", "the file's own statistics say 999");
    assert_eq!(one(&engine, "SELECT max(time) FROM counted"), "2026-01-01T00:16:29Z");
    assert_eq!(one(&engine, "SELECT n FROM counted WHERE n > 100 ORDER BY n LIMIT 2"), "105\n106");
    assert_eq!(one(&engine, "SELECT n FROM counted ORDER BY n DESC LIMIT 2"), "989\n988");
    assert_eq!(one(&engine, "SELECT count(*) FROM (SELECT * FROM counted WHERE n < 400 LIMIT 300)"), "230");
    assert_eq!(one(&engine, "SELECT count(*) FROM counted WHERE source_ip = '198.51.100.5'"), (live / 10).to_string());
    assert_eq!(one(&engine, "SELECT count(*) FROM counted a JOIN counted b USING (n)"), live.to_string());
    assert_eq!(engine.table("counted").expect("there").rows, live);
}

#[test]
fn groups_that_cannot_match_are_still_skipped() {
    let dir = tempfile::tempdir().expect("folder");
    let engine = engine(vec![part(dir.path(), "a.parquet", 0, 1000, 100, vec![10..20, 950..960])]);
    let plan = one(&engine, "EXPLAIN ANALYZE SELECT * FROM counted WHERE n > 940");
    assert!(plan.contains("row_groups_pruned_statistics=10 total \u{2192} 1 matched"), "{plan}");
    assert_eq!(one(&engine, "SELECT count(*) FROM counted WHERE n > 940"), "49");
}

#[test]
fn a_table_of_many_files_drops_in_each_on_its_own() {
    let dir = tempfile::tempdir().expect("folder");
    let parts = vec![
        part(dir.path(), "a/1.parquet", 0, 100, 30, vec![]),
        part(dir.path(), "a/2.parquet", 50, 100, 40, only(0..50)),
        part(dir.path(), "a/3.parquet", 0, 50, 7, only(0..50)),
    ];
    let engine = engine(parts);
    assert_eq!(one(&engine, "SELECT count(*), count(DISTINCT n), sum(n) FROM counted"), "150|150|11175");
}

fn parts_and_ranges() -> impl Strategy<Value = (u64, usize, Vec<Range<u64>>)> {
    (1_u64..400).prop_flat_map(|rows| {
        let range = (0..rows, 0..rows).prop_map(|(a, b)| a.min(b)..a.max(b));
        (Just(rows), 1_usize..150, prop::collection::vec(range, 0..6))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn any_ranges_over_any_groups((rows, group, dropped) in parts_and_ranges(), from in 0_u64..400) {
        let dir = tempfile::tempdir().expect("folder");
        let live: Vec<u64> = (0..rows).filter(|n| !dropped.iter().any(|range| range.contains(n))).collect();
        let engine = engine(vec![part(dir.path(), "a.parquet", 0, rows, group, dropped)]);
        let sum = |numbers: &[u64]| if numbers.is_empty() { "NULL".to_owned() } else { numbers.iter().sum::<u64>().to_string() };
        prop_assert_eq!(one(&engine, "SELECT count(*) FROM counted"), live.len().to_string());
        prop_assert_eq!(one(&engine, "SELECT sum(n) FROM counted"), sum(&live));
        let above: Vec<u64> = live.into_iter().filter(|n| *n >= from).collect();
        let sql = format!("SELECT count(*), sum(n) FROM counted WHERE n >= {from}");
        prop_assert_eq!(one(&engine, &sql), format!("{}|{}", above.len(), sum(&above)));
    }
}

#[test]
fn a_file_that_is_not_as_the_snapshot_says_is_refused() {
    let dir = tempfile::tempdir().expect("folder");
    let mut part = part(dir.path(), "a.parquet", 0, 10, 5, vec![]);
    part.rows = 11;
    let error = Engine::open(&Snapshot::of(vec![part.clone()]), Options::default()).expect_err("not as said");
    assert!(error.to_string().contains("a.parquet: has 10 rows where 11 are expected"), "{error}");
    part.file = PathBuf::from("/nowhere/b.parquet");
    assert!(Engine::open(&Snapshot::of(vec![part]), Options::default()).is_err());
}

#[test]
fn a_table_without_evidence_has_its_columns_and_no_rows() {
    let engine = engine(Vec::new());
    assert_eq!(one(&engine, "SELECT count(*) FROM api_activity"), "0");
    assert_eq!(ask(&engine, "SELECT time, event_name, source_ip FROM api_activity WHERE mfa").expect("runs"), Vec::<String>::new());
    assert_eq!(engine.tables().len(), Table::ALL.len());
    let api = engine.table("api_activity").expect("there");
    let ip = api.columns.iter().find(|column| column.name == "source_ip").expect("there");
    assert_eq!((ip.kind.as_str(), ip.ocsf), ("text", "src_endpoint.ip"));
    for table in engine.tables() {
        assert!(table.columns.iter().all(|column| !column.doc.is_empty()), "{}: every column is described", table.name);
        assert_eq!(engine.span(table).expect("runs"), None);
    }
}

#[test]
fn older_files_lack_columns_and_newer_ones_have_more() {
    let dir = tempfile::tempdir().expect("folder");
    let mut part = part(dir.path(), "a.parquet", 0, 3, 5, vec![]);
    part.table = "api_activity".to_owned();
    let engine = engine(vec![part]);
    assert_eq!(one(&engine, "SELECT n, source_ip, event_name FROM api_activity WHERE n = 2"), "2|198.51.100.2|NULL");
}

#[test]
fn every_compression_and_any_path_can_be_read() {
    let dir = tempfile::tempdir().expect("folder");
    let zstd = Compression::ZSTD(ZstdLevel::try_new(3).expect("a level"));
    for (n, compression) in [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::LZ4_RAW, zstd].into_iter().enumerate() {
        put(&dir.path().join(format!("証跡 50%/counted/{n} #?.parquet")), &batch(0, 10), 4, compression);
    }
    let snapshot = Snapshot::of_folder(&dir.path().join("証跡 50%")).expect("readable");
    let engine = Engine::open(&snapshot, Options::default()).expect("opens");
    assert_eq!(one(&engine, "SELECT count(*), sum(n) FROM counted"), "40|180");
    let span = engine.span(engine.table("counted").expect("there")).expect("runs");
    assert_eq!(span, Some(("2026-01-01T00:00:00Z".to_owned(), "2026-01-01T00:00:09Z".to_owned())));
}

#[test]
fn times_are_compared_and_shown_as_utc() {
    let dir = tempfile::tempdir().expect("folder");
    let engine = engine(vec![part(dir.path(), "a.parquet", 0, 100, 50, vec![])]);
    assert_eq!(one(&engine, "SELECT n FROM counted WHERE time = '2026-01-01T00:00:42Z'"), "42");
    assert_eq!(one(&engine, "SELECT count(*) FROM counted WHERE time >= '2026-01-01 00:01:00'"), "40");
    assert_eq!(one(&engine, "SELECT time + INTERVAL '1 hour 500 milliseconds' FROM counted WHERE n = 0"), "2026-01-01T01:00:00.500Z");
    assert_eq!(one(&engine, "SELECT time AT TIME ZONE 'Asia/Tokyo' FROM counted WHERE n = 0"), "2026-01-01T09:00:00+09:00");
    assert_eq!(
        one(&engine, "SELECT date_trunc('minute', time), count(*) FROM counted GROUP BY 1 ORDER BY 1"),
        "2026-01-01T00:00:00Z|60\n2026-01-01T00:01:00Z|40"
    );
    assert_eq!(one(&engine, "SELECT to_timestamp('2026-01-01T00:00:00')"), "2026-01-01T00:00:00Z");
}

#[test]
fn what_an_analyst_needs_of_sql_is_there() {
    let engine = engine(Vec::new());
    for (sql, expected) in [
        ("SELECT upper('a') || lower('B')", "Ab"),
        ("SELECT regexp_replace('a1', '[0-9]', 'x')", "ax"),
        ("SELECT 'GuardDuty' ILIKE 'guard%'", "true"),
        ("SELECT 'abc' ~ '^a'", "true"),
        ("SELECT character_length('証跡')", "2"),
        ("SELECT encode(sha256('a'), 'hex')", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        ("SELECT round(2.345, 2)", "2.35"),
        ("SELECT array_has(make_array('a', 'b'), 'b')", "true"),
        ("SELECT arrow_cast(decode('aGk=', 'base64'), 'Utf8')", "hi"),
        ("SELECT string_agg(v, ',') FROM (VALUES ('a'), ('b')) AS t(v)", "a,b"),
        ("SELECT row_number() OVER (ORDER BY v) FROM (VALUES (1), (2)) AS t(v) ORDER BY 1", "1\n2"),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT sum(n) FROM r", "6"),
    ] {
        assert_eq!(one(&engine, sql), expected, "{sql}");
    }
}

#[test]
fn addresses_are_asked_about() {
    let engine = engine(Vec::new());
    for (sql, expected) in [
        ("is_private('10.1.2.3')", "true"),
        ("is_private('100.64.0.1')", "true"),
        ("is_private('172.32.0.1')", "false"),
        ("is_private('::ffff:192.168.1.1')", "true"),
        ("is_private('fe80::1')", "true"),
        ("is_private('2001:db8::1')", "false"),
        ("is_private('ec2.amazonaws.com')", "NULL"),
        ("is_private(NULL)", "NULL"),
        ("in_cidr('198.51.100.7', '198.51.100.0/24')", "true"),
        ("in_cidr('198.51.101.7', '198.51.100.0/24')", "false"),
        ("in_cidr('198.51.100.7', '198.51.100.7')", "true"),
        ("in_cidr('2001:db8::7', '2001:db8::/32')", "true"),
        ("in_cidr('10.0.0.1', '::/0')", "false"),
        ("in_cidr('AWS Internal', '10.0.0.0/8')", "NULL"),
        ("in_cidr('10.0.0.1', NULL)", "NULL"),
    ] {
        assert_eq!(one(&engine, &format!("SELECT {sql}")), expected, "{sql}");
    }
    let error = ask(&engine, "SELECT in_cidr('10.0.0.1', '10.0.0.0/40')").expect_err("no network");
    assert!(error.is_input() && error.to_string().contains("'10.0.0.0/40' is no network"), "{error}");
    let dir = tempfile::tempdir().expect("folder");
    let counted = self::engine(vec![part(dir.path(), "a.parquet", 0, 100, 50, vec![])]);
    assert_eq!(
        one(&counted, "SELECT count(*) FROM counted WHERE in_cidr(source_ip, '198.51.100.4/30') AND NOT is_private(source_ip)"),
        "40"
    );
    let both = "SELECT count(*) FROM counted JOIN (VALUES ('198.51.100.1/32'), ('198.51.100.8/31')) AS t(net) ON in_cidr(source_ip, net)";
    assert_eq!(one(&counted, both), "30");
}

#[test]
fn a_wrong_name_is_answered_with_near_ones() {
    let engine = engine(Vec::new());
    let hint = |sql: &str| {
        let error = ask(&engine, sql).expect_err(sql);
        assert!(error.is_input(), "{error:?}");
        (error.to_string(), error.hint().map(|hint| hint.en).unwrap_or_default())
    };
    let (error, near) = hint("SELECT sourceip FROM api_activity");
    assert_eq!(error, "there is no column 'sourceip'");
    assert!(near.starts_with("did you mean source_ip"), "{near}");
    let (error, near) = hint("SELECT a.evnt_name FROM api_activity a");
    assert_eq!(error, "there is no column 'a.evnt_name'");
    assert!(near.contains("event_name"), "{near}");
    let (error, near) = hint("SELECT * FROM cloudtrail");
    assert_eq!(error, "there is no table 'cloudtrail'");
    assert!(near.contains("api_activity") && near.contains("timed_text"), "{near}");
    let (error, near) = hint("SELECT * FROM '/etc/passwd'");
    assert!(error.starts_with("there is no table '/etc/passwd'"), "{error}");
    assert!(!near.is_empty());
    let (_, near) = hint("SELECT * FROM api_activty");
    assert_eq!(near, "did you mean api_activity?");
    let (error, _) = hint("SELECT nosuch(1)");
    assert!(error.contains("nosuch"), "{error}");
}

#[test]
fn no_file_but_those_of_the_tables_can_be_reached() {
    let dir = tempfile::tempdir().expect("folder");
    put(&dir.path().join("other.parquet"), &batch(0, 3), 5, Compression::SNAPPY);
    let engine = engine(Vec::new());
    let path = dir.path().join("other.parquet").display().to_string();
    for sql in [
        format!("SELECT * FROM '{path}'"),
        format!("SELECT * FROM read_parquet('{path}')"),
        format!("SELECT * FROM parquet_metadata('{path}')"),
    ] {
        assert!(ask(&engine, &sql).is_err(), "{sql}");
    }
    // The second lock: what a parser lets through, the plan still is not.
    let parsed = datafusion::sql::parser::DFParser::parse_sql(&format!("COPY (SELECT 1) TO '{path}.csv'")).expect("parses");
    let refused = engine.run(&Statement(parsed.into_iter().next().expect("one"))).expect_err("refused");
    assert!(refused.to_string().contains("COPY"), "{refused}");
    assert!(!dir.path().join("other.parquet.csv").exists());
}

#[test]
fn what_does_not_fit_into_memory_is_spilled() {
    let options = Options { memory: 16 << 20, threads: 1 };
    let engine = Engine::open(&Snapshot::default(), options).expect("opens");
    let sql = "SELECT count(*), max(r) FROM (SELECT value, row_number() OVER (ORDER BY value % 1009, value) AS r FROM generate_series(1, 600000))";
    assert_eq!(one(&engine, sql), "600000|600000");
    let plan = one(&engine, "EXPLAIN ANALYZE SELECT value FROM generate_series(1, 600000) ORDER BY value % 1009, value");
    let spilled = plan.split("spill_count=").nth(1).and_then(|rest| rest.split([',', ' ', ']']).next());
    assert!(spilled.is_some_and(|count| count != "0"), "{plan}");
    let join = "SELECT count(*) FROM generate_series(1, 3000000) a JOIN generate_series(1, 3000000) b ON a.value = b.value";
    match ask(&engine, join) {
        Err(error @ SqlError::Memory(_)) => assert!(error.hint().expect("advice").en.contains("--memory")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn wide_rows_are_sorted_in_little_memory() {
    let dir = tempfile::tempdir().expect("folder");
    let rows = 20_000_u64;
    let texts = StringArray::from_iter_values((0..rows).map(|n| format!("{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).repeat(200)));
    let numbers = UInt64Array::from_iter_values((0..rows).map(|n| n * 7919 % rows));
    let columns: [(&str, ArrayRef); 2] = [("n", Arc::new(numbers)), ("request", Arc::new(texts))];
    let file = dir.path().join("wide.parquet");
    put(&file, &RecordBatch::try_from_iter(columns).expect("columns of one length"), 8192, Compression::LZ4_RAW);
    let snapshot = Snapshot::of(vec![TablePart { table: "wide".to_owned(), file, rows, dropped: only(3..9) }]);
    // 60 MB of text through 16 MB.
    let engine = Engine::open(&snapshot, Options { memory: 16 << 20, threads: 2 }).expect("opens");
    let first = ask(&engine, "SELECT n, length(request) FROM wide ORDER BY request, n").expect("sorted in temporary files");
    assert_eq!(first.len() as u64, rows - 6);
    assert_eq!(one(&engine, "SELECT count(*) FROM (SELECT DISTINCT request FROM wide)"), (rows - 6).to_string());
}

#[test]
fn a_query_can_be_stopped_and_the_next_one_runs() {
    let engine = engine(Vec::new());
    let stop = engine.stopper();
    let endless = "SELECT count(*) FROM generate_series(1, 100000000) a, generate_series(1, 100000000) b WHERE a.value + b.value = 7";
    let waiting = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(300));
        stop.stop();
    });
    assert!(matches!(ask(&engine, endless), Err(SqlError::Stopped)));
    waiting.join().expect("ended");
    assert_eq!(one(&engine, "SELECT 1"), "1");
}

fn written(engine: &Engine, sql: &str, format: FileFormat) -> Vec<u8> {
    let statement = statements(sql).expect("SQL").into_iter().next().expect("one");
    let mut answer = engine.run(&statement).expect("runs");
    let mut out = Vec::new();
    write(&mut answer, format, &mut out).expect("written");
    out
}

#[test]
fn hostile_text_is_harmless_in_csv_and_whole_in_json() {
    let engine = engine(Vec::new());
    let sql =
        "SELECT '=HYPERLINK(\"http://x\")' AS a, -5 AS b, 'x\u{1b}[2J,\"y\"' AS \"=c\", NULL AS d, TIMESTAMP '2026-01-01 00:00:00' AS e";
    let csv = String::from_utf8(written(&engine, sql, FileFormat::Csv)).expect("UTF-8");
    assert_eq!(csv, "a,b,'=c,d,e\n\"'=HYPERLINK(\"\"http://x\"\")\",-5,\"x [2J,\"\"y\"\"\",,2026-01-01T00:00:00Z\n");
    let lines = String::from_utf8(written(&engine, sql, FileFormat::Ndjson)).expect("UTF-8");
    let expected = r#"{"a":"=HYPERLINK(\"http://x\")","b":-5,"=c":"x\u001b[2J,\"y\"","d":null,"e":"2026-01-01T00:00:00Z"}"#;
    assert_eq!(lines, format!("{expected}\n"));
    assert_eq!(String::from_utf8(written(&engine, sql, FileFormat::Json)).expect("UTF-8"), format!("[\n{expected}\n]\n"));
    let two = "SELECT * FROM (VALUES (1), (2)) AS t(n) ORDER BY n";
    assert_eq!(written(&engine, two, FileFormat::Json), b"[\n{\"n\":1},\n{\"n\":2}\n]\n");
    let none = "SELECT event_name FROM api_activity";
    assert_eq!(written(&engine, none, FileFormat::Json), b"[\n]\n");
    assert_eq!(written(&engine, none, FileFormat::Csv), b"event_name\n");
    let twice = "SELECT a.n, b.n FROM (VALUES (1)) AS a(n), (VALUES (2)) AS b(n)";
    assert_eq!(written(&engine, twice, FileFormat::Ndjson), b"{\"n\":1,\"n_2\":2}\n");
}

#[test]
fn parquet_that_is_written_can_be_asked_again() {
    let dir = tempfile::tempdir().expect("folder");
    let engine = engine(vec![part(dir.path(), "a.parquet", 0, 100, 50, vec![])]);
    let bytes = written(&engine, "SELECT *, make_array(source_ip) AS ips FROM counted WHERE n < 7", FileFormat::Parquet);
    std::fs::write(dir.path().join("again.parquet"), bytes).expect("written");
    let again = Engine::open(&Snapshot::of_folder(dir.path()).expect("readable"), Options::default()).expect("opens");
    assert_eq!(
        one(&again, "SELECT count(*), max(time), min(source_ip), max(ips[1]) FROM again"),
        "7|2026-01-01T00:00:06Z|198.51.100.0|198.51.100.6"
    );
    let empty = written(&engine, "SELECT * FROM counted WHERE n < 0", FileFormat::Parquet);
    assert!(empty.starts_with(b"PAR1"));
}
