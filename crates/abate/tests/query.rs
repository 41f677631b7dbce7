//! `abate query`: SQL over exported tables, as a person at a shell or a script runs it.
#![cfg(feature = "sql")]

mod common;

use common::{Place, stderr, stdout};
use serde_json::Value;

const NOW: &str = "2026-11-24T00:00:00Z";
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/ssh-port-scan/evidence");

/// A place with the tables of the example in `tables`.
fn with_tables() -> Place {
    let place = Place::new();
    place.expect(0, &["evidence", "export", EXAMPLE, "--out", "tables", "--now", NOW, "--quiet"]);
    place
}

/// Standard output of a query over the tables.
fn ask(place: &Place, sql: &str, more: &[&str]) -> String {
    stdout(&place.expect(0, &[&["query", "--lake", "tables", sql], more].concat()))
}

#[test]
fn a_query_is_answered_in_every_format() {
    let place = with_tables();
    let sql = "SELECT outcome, count(*) AS n FROM authentication GROUP BY 1 ORDER BY 1 LIMIT 2";
    let csv = ask(&place, sql, &["--format", "csv"]);
    assert_eq!(csv.lines().next(), Some("outcome,n"), "{csv}");
    let json: Value = serde_json::from_str(&ask(&place, sql, &["--format", "json"])).expect("JSON");
    let rows = json.as_array().expect("rows").clone();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["n"].is_u64()), "{json}");
    let lines: Vec<Value> =
        ask(&place, sql, &["--format", "ndjson"]).lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    assert_eq!(lines, rows);
    let table = ask(&place, sql, &[]);
    assert!(table.contains("outcome") && table.ends_with(&format!("({})\n", abate_model::text::count(rows.len(), "row"))), "{table}");
    let long = ask(&place, "SELECT time, source_path FROM authentication ORDER BY time LIMIT 1", &["-x"]);
    assert!(long.contains("-[ 1 ]-\ntime        | 2026-") && long.contains("\nsource_path | "), "{long}");
    for file in ["out.parquet", "out.csv", "out.json"] {
        place.expect(0, &["query", "--lake", "tables", sql, "--out", file]);
    }
    assert!(std::fs::read(place.join("out.parquet")).expect("written").starts_with(b"PAR1"));
    assert_eq!(place.text("out.csv"), csv);
    assert_eq!(place.json("out.json"), json);
    std::fs::create_dir(place.join("again")).expect("folder");
    std::fs::rename(place.join("out.parquet"), place.join("again/out.parquet")).expect("moved");
    assert_eq!(stdout(&place.expect(0, &["query", "--lake", "again", "SELECT outcome, n FROM out ORDER BY 1", "--format", "csv"])), csv);
}

#[test]
fn what_a_table_does_not_show_is_counted() {
    let place = with_tables();
    let all = "SELECT * FROM network_activity";
    let count: u64 = ask(&place, "SELECT count(*) FROM network_activity", &["--format", "csv"])
        .lines()
        .nth(1)
        .expect("a count")
        .parse()
        .expect("a number");
    assert!(count > 10, "{count}");
    let text = ask(&place, all, &["--limit", "3"]);
    assert!(text.contains(&format!("({count} rows, of which {} are not shown: --limit 0 shows all", count - 3)), "{text}");
    assert!(ask(&place, all, &["--limit", "0"]).ends_with(&format!("({count} rows)\n")));
    let lines = ask(&place, all, &["--limit", "3", "--format", "ndjson"]).lines().count();
    assert_eq!(lines as u64, count, "only tables are shortened");
    place.expect(0, &["query", "--lake", "tables", all, "--limit", "3", "--format", "table", "--out", "all.txt"]);
    assert!(place.text("all.txt").ends_with(&format!("({count} rows)\n")), "a file has all");
}

#[test]
fn tables_and_columns_are_listed_with_their_meaning() {
    let place = with_tables();
    let text = stdout(&place.expect(0, &["query", "--lake", "tables", "--tables"]));
    for part in ["network_activity", "sources", "2026-", "without rows: ", "timed_text"] {
        assert!(text.contains(part), "'{part}' is missing in:\n{text}");
    }
    let json: Value =
        serde_json::from_slice(&place.expect(0, &["query", "--lake", "tables", "--tables", "--format", "json"]).stdout).expect("JSON");
    let of = |name: &str| json.as_array().expect("tables").iter().find(|t| t["table"] == name).expect("there").clone();
    assert!(of("network_activity")["rows"].as_u64() > Some(10));
    assert!(of("network_activity")["first"].as_str().is_some_and(|time| time.starts_with("2026-") && time.ends_with('Z')));
    assert_eq!(of("email_activity"), serde_json::json!({ "table": "email_activity", "rows": 0, "first": null, "last": null }));
    let text = stdout(&place.expect(0, &["query", "--lake", "tables", "--columns", "api_activity", "--lang", "ja"]));
    for part in ["OCSF 属性", "source_ip", "src_endpoint.ip", "`sourceIPAddress`", "locator_at"] {
        assert!(text.contains(part), "'{part}' is missing in:\n{text}");
    }
    let wrong = place.expect(2, &["query", "--lake", "tables", "--columns", "api"]);
    assert!(stderr(&wrong).contains("did you mean api_activity?"), "{}", stderr(&wrong));
}

#[test]
fn several_statements_and_standard_input() {
    let place = with_tables();
    place.write("ask.sql", "-- two questions\nSELECT 1 AS one;\nSELECT 2 AS two;\n");
    let output = place.abate_reading("ask.sql", &["query", "--lake", "tables", "-"]);
    let text = stdout(&output);
    assert!(output.status.success() && text.contains("one") && text.contains("two"), "{text}{}", stderr(&output));
    let output = place.abate_reading("ask.sql", &["query", "--lake", "tables", "-", "--format", "ndjson"]);
    assert_eq!(stdout(&output), "{\"one\":1}\n{\"two\":2}\n");
    let output = place.abate_reading("ask.sql", &["query", "--lake", "tables", "-", "--format", "json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("one answer only"), "{}", stderr(&output));
}

#[test]
fn what_cannot_be_done_says_what_to_do() {
    let place = with_tables();
    for (code, args, parts) in [
        (2, &["query", "--lake", "tables", "SELECT nme FROM sources"][..], &["there is no column 'nme'"][..]),
        (2, &["query", "--lake", "tables", "SELECT * FROM cloudtrail"], &["there is no table 'cloudtrail'", "api_activity"]),
        (2, &["query", "--lake", "tables", "SELEC 1"], &["this is no SQL", "Line: 1, Column: 1"]),
        (2, &["query", "--lake", "tables", "SELECT sum(path) FROM sources"], &["cannot be run"]),
        (2, &["query", "--lake", "tables", "DROP TABLE sources"], &["DROP TABLE is refused", "SELECT or WITH"]),
        (2, &["query", "--lake", "tables", "COPY sources TO 'stolen.csv'"], &["COPY is refused"]),
        (2, &["query", "--lake", "tables", "SET datafusion.execution.batch_size = 1"], &["SET is refused"]),
        (2, &["query", "--lake", "tables", "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'"], &["is refused"]),
        (2, &["query", "--lake", "tables", "SELECT * FROM '/etc/passwd'"], &["there is no table"]),
        (2, &["query", "--lake", "tables", " ; "], &["no statement"]),
        (2, &["query", "--lake", "tables"], &["there is no SQL"]),
        (2, &["query", "--lake", "tables", "ab-0123456789", "SELECT 1"], &["both a case and --lake"]),
        (2, &["query", "--lake", "tables", "--tables", "SELECT 1"], &["at once"]),
        (2, &["query", "--lake", "nowhere", "SELECT 1"], &["nowhere", "abate evidence export"]),
        (2, &["query", "--lake", "tables", "SELECT 1", "--format", "parquet"], &["--out"]),
        (2, &["query", "--lake", "tables", "SELECT 1", "--memory", "1K"], &["16M"]),
        (2, &["query", "nonsense", "SELECT 1"], &["not a case id"]),
        (2, &["query", "ab-0123456789", "SELECT 1"], &["ab-0123456789"]),
        (1, &["query", "--lake", "tables", "SELECT 1", "--out", "no/such/folder.csv"], &["cannot write"]),
    ] {
        let text = stderr(&place.expect(code, args));
        for part in parts {
            assert!(text.contains(part), "'{part}' is missing in:\n{text}\nof {args:?}");
        }
    }
    assert!(!place.join("stolen.csv").exists());
    let ja = stderr(&place.expect(2, &["query", "--lake", "tables", "SELECT * FROM api_activty", "--lang", "ja"]));
    assert!(ja.contains("次のいずれかではありませんか: api_activity"), "{ja}");
}

#[test]
fn a_query_that_fails_leaves_the_file_as_it_was() {
    let place = with_tables();
    place.write("out.csv", "earlier");
    place.expect(2, &["query", "--lake", "tables", "SELECT 1 / (bytes - bytes) FROM sources", "--out", "out.csv"]);
    assert_eq!(place.text("out.csv"), "earlier");
    let left: Vec<_> =
        std::fs::read_dir(place.path()).expect("readable").flatten().filter(|e| e.path().extension().is_some_and(|x| x == "tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn hostile_log_text_is_shown_on_its_line() {
    let place = with_tables();
    let text = ask(&place, "SELECT 'a' || chr(27) || '[2J' || chr(10) || 'b' || chr(7) AS x", &[]);
    assert!(text.contains("a·[2J·b·"), "{text:?}");
    let csv = ask(&place, "SELECT '=cmd()' AS x, -1 AS y", &["--format", "csv"]);
    assert_eq!(csv, "x,y\n'=cmd(),-1\n");
}

#[test]
fn the_functions_for_addresses_work_on_real_rows() {
    let place = with_tables();
    let count = |filter: &str| -> u64 {
        let text = ask(&place, &format!("SELECT count(*) FROM network_activity WHERE {filter}"), &["--format", "csv"]);
        text.lines().nth(1).expect("a count").parse().expect("a number")
    };
    let (all, unknown) = (count("true"), count("is_private(dst) IS NULL"));
    assert!(count("is_private(dst)") > 0);
    assert_eq!(count("is_private(dst)") + count("NOT is_private(dst)") + unknown, all);
    assert_eq!(count("in_cidr(dst, '0.0.0.0/0')") + unknown, all);
}

#[cfg(unix)]
mod on_a_terminal {
    use std::process::Command;

    use rexpect::session::{PtySession, spawn_command};

    use super::{Place, with_tables};

    /// `abate query` without SQL, in a pseudo terminal.
    fn dialogue(place: &Place) -> PtySession {
        let mut command = Command::new(env!("CARGO_BIN_EXE_abate"));
        command
            .args(["query", "--lake", "tables"])
            .current_dir(place.path())
            .env("ABATE_HOME", place.join("home"))
            .env("LANG", "C.UTF-8")
            .env("TERM", "xterm")
            .env("NO_COLOR", "1")
            .env_remove("LC_ALL");
        let mut session = spawn_command(command, Some(60_000)).expect("a pseudo terminal");
        session.exp_string("abate> ").expect("a prompt");
        session
    }

    /// Types a line and waits for words of the answer, then for the next prompt: what is typed before it is dropped.
    fn say(session: &mut PtySession, line: &str, expected: &str) {
        session.send_line(line).expect("sent");
        session.exp_string(expected).unwrap_or_else(|error| panic!("{line}: {error}"));
        session.exp_string("abate> ").expect("a prompt");
    }

    #[test]
    fn questions_are_answered_until_one_leaves() {
        let place = with_tables();
        let mut session = dialogue(&place);
        session.send_line("SELECT 40 +").expect("sent");
        say(&mut session, "2 AS answer;", "(1 row)");
        say(&mut session, "\\d", "without rows: ");
        say(&mut session, "\\d sources", "recognised_by");
        say(&mut session, "SELECT nme FROM sources;", "there is no column 'nme'");
        say(&mut session, "DROP TABLE sources;", "DROP TABLE is refused");
        say(&mut session, "\\x", "each value on its own line");
        say(&mut session, "SELECT 'v' AS k;", "k | v");
        say(&mut session, "\\format csv", "format: csv");
        say(&mut session, "SELECT chr(27) || '[31m' AS hostile;", "hostile\r\n [31m");
        say(&mut session, "\\nosuch", "no such command");
        session.send_line("\\q").expect("sent");
        session.exp_eof().expect("the end");
        let history = place.text("home/query-history");
        assert!(history.contains("SELECT 'v' AS k;") && history.contains("answer;"), "{history}");
    }

    #[test]
    fn names_are_completed_and_ctrl_c_stops_the_query_alone() {
        let place = with_tables();
        let mut session = dialogue(&place);
        session.send("SELECT count(*) FROM netw\t;\r").expect("sent");
        session.flush().expect("sent");
        session.exp_string("network_activity").expect("completed");
        session.exp_string("(1 row)").expect("an answer");
        session
            .send_line("SELECT count(*) FROM generate_series(1, 100000000) a, generate_series(1, 100000000) b WHERE a.value + b.value = 7;")
            .expect("sent");
        std::thread::sleep(std::time::Duration::from_millis(800));
        session.send_control('c').expect("sent");
        session.exp_string("stopped").expect("stopped");
        session.exp_string("abate> ").expect("a prompt");
        say(&mut session, "SELECT 'still ' || 'here';", "still here");
        session.send_control('d').expect("sent");
        session.exp_eof().expect("the end");
    }
}

#[test]
fn a_case_is_asked_as_its_last_run_saw_it() {
    let place = Place::new();
    let notice = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/ssh-port-scan/notice.eml");
    place.expect(0, &["respond", notice, "--out", "case", "--quiet", "--now", NOW]);
    let case = place.json("case/case.json")["id"].as_str().expect("an id").to_owned();
    let early = place.expect(2, &["query", &case, "SELECT 1"]);
    assert!(stderr(&early).contains("nothing was read of evidence"), "{}", stderr(&early));
    place.expect(0, &["respond", notice, "--evidence", EXAMPLE, "--out", "case", "--quiet", "--now", NOW]);
    let known = place.json("case/case.json");
    let records = |table: &str| {
        let of_table = known["coverage"].as_array().expect("coverage").iter().filter(|c| c["table"] == table);
        of_table.map(|c| c["records"].as_u64().expect("a number")).sum::<u64>()
    };
    for table in ["api_activity", "network_activity", "authentication"] {
        let count = format!("SELECT count(*) FROM {table}");
        let answer = stdout(&place.expect(0, &["query", &case, &count, "--format", "csv"]));
        assert_eq!(answer.lines().nth(1), Some(records(table).to_string().as_str()), "{table}");
        assert!(records(table) > 100);
    }
}

#[test]
fn what_other_evidence_has_already_is_not_counted_twice() {
    let place = Place::new();
    let event = |id: u32| {
        format!(
            r#"{{"eventVersion":"1.09","eventTime":"2026-11-01T00:00:0{}Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","awsRegion":"us-east-1","eventID":"e-{id}","recipientAccountId":"111122223333"}}"#,
            id % 10
        )
    };
    let trail = |ids: &[u32]| format!(r#"{{"Records":[{}]}}"#, ids.iter().map(|id| event(*id)).collect::<Vec<_>>().join(","));
    place.write("logs/account.json", trail(&[1, 2, 3]));
    place.write("logs/organisation.json", trail(&[2, 3, 4, 5]));
    place.write("logs/same.json", trail(&[1, 2, 3]));
    place.expect(0, &["evidence", "read", "logs", "--lake", "lake", "--quiet", "--now", NOW]);
    let ask = |sql: &str| stdout(&place.expect(0, &["query", "--lake", "lake", sql, "--format", "csv"]));
    assert_eq!(ask("SELECT count(*), count(DISTINCT event_id) FROM api_activity").lines().nth(1), Some("5,5"));
    assert_eq!(ask("SELECT sum(records), sum(duplicates) FROM sources").lines().nth(1), Some("5,5"));
    assert_eq!(ask("SELECT count(*) FROM api_activity WHERE event_id = 'e-3'").lines().nth(1), Some("1"));
}
