//! How fast evidence is read: `cargo run --release -p xtask -- bench-evidence [--scale N] [--trail N] [--flows N] [--hosts N] [--flood N] [--rules DIR]
//! [--rsigma PATH] [--python PATH]`.
//!
//! A drill is written at a scale (1,000 CloudTrail events and 2,000 flow records each; `--trail`, `--flows` and `--hosts` give a kind of log its own), with a
//! flood and a sweep of all ports in its flow logs, and the built binary reads its parts. Beside it, in the same run: what the machine cannot do without
//! (decompress, and look at every byte once), DuckDB and chdb into Parquet, where a Python with them is at hand, and `rsigma` over the same events with the same
//! rules. All programs may use all cores. Each is run three times; the best time counts.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::value::RawValue;

const RUNS: usize = 3;

/// What is read, and how DuckDB reads it.
struct Part {
    label: &'static str,
    /// what stands in the names of its files
    holds: &'static str,
    duckdb: &'static [(&'static str, &'static str)],
    chdb: Option<&'static str>,
}

const FLOW: &str = "delim=' ', header=true, nullstr='-'";

const PARTS: &[Part] = &[
    Part {
        label: "CloudTrail",
        holds: "_CloudTrail_",
        duckdb: &[
            ("DuckDB, schema found", "select unnest(Records, max_depth := 2) from read_json(FILES, maximum_object_size=1000000000)"),
            (
                "DuckDB, JSON column",
                "select r->>'eventTime' t, r->>'eventName' n, r->>'eventSource' s, r->>'sourceIPAddress' i, r->>'userAgent' u, r->>'awsRegion' g, \
                 r->'userIdentity' d, r->'requestParameters' p, r->'responseElements' e, r->>'errorCode' c, r->>'eventID' k from (select \
                 unnest(Records) r from read_json(FILES, columns={Records:'JSON[]'}, maximum_object_size=1000000000))",
            ),
            (
                "DuckDB, struct stated",
                "select unnest(Records, max_depth := 2) from read_json(FILES, columns={Records:'STRUCT(eventTime TIMESTAMP, eventName VARCHAR, \
                 eventSource VARCHAR, awsRegion VARCHAR, sourceIPAddress VARCHAR, userAgent VARCHAR, errorCode VARCHAR, errorMessage VARCHAR, \
                 requestParameters JSON, responseElements JSON, userIdentity STRUCT(\"type\" VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId \
                 VARCHAR, userName VARCHAR), recipientAccountId VARCHAR, eventID VARCHAR, readOnly BOOLEAN)[]'}, maximum_object_size=1000000000)",
            ),
        ],
        chdb: None,
    },
    Part {
        label: "VPC Flow Logs",
        holds: "_vpcflowlogs_",
        duckdb: &[("DuckDB, read_csv", "select * from read_csv(FILES, OPTIONS)")],
        chdb: Some(
            "select * from file(FILES, 'CustomSeparatedWithNames', '`version` UInt8, `account-id` String, `interface-id` String, srcaddr \
             Nullable(String), dstaddr Nullable(String), srcport Nullable(UInt16), dstport Nullable(UInt16), protocol Nullable(UInt8), packets \
             Nullable(UInt64), bytes Nullable(UInt64), `start` UInt32, `end` UInt32, action Nullable(String), `log-status` String') into outfile OUT \
             truncate format Parquet settings format_custom_escaping_rule='CSV', format_custom_field_delimiter=' ', \
             format_csv_null_representation='-'",
        ),
    },
    Part { label: "auth.log", holds: "auth.log", duckdb: &[], chdb: None },
];

/// The command, and the work of its child process.
#[allow(clippy::print_stdout)]
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<Vec<String>> {
    let value = |name: &str| arguments.iter().position(|a| a == name).and_then(|n| arguments.get(n + 1));
    if let Some(folder) = value("--limit") {
        return limit(Path::new(folder));
    }
    let drill: Vec<&str> = [
        ("--scale", "--scale"),
        ("--trail", "--scale-trail"),
        ("--flows", "--scale-flows"),
        ("--hosts", "--scale-hosts"),
        ("--flood", "--flood"),
    ]
    .into_iter()
    .filter_map(|(ours, drills)| Some([drills, value(ours)?.as_str()]))
    .flatten()
    .collect();
    let drill = if drill.is_empty() { vec!["--scale", "100", "--flood", "200000"] } else { drill };
    let tools = Tools {
        python: value("--python").map_or("python3", String::as_str),
        rules: value("--rules").map(String::as_str),
        rsigma: value("--rsigma").map(String::as_str),
    };
    let status = Command::new("cargo")
        .args(["build", "--release", "--locked", "--quiet", "-p", "abate", "--no-default-features"])
        .current_dir(root)
        .status()?;
    if !status.success() {
        bail!("the binary could not be built");
    }
    let abate = std::env::current_exe()?.with_file_name("abate");
    let work = std::env::temp_dir().join(format!("abate-bench-evidence-{}", std::process::id()));
    let result = measure(&abate, &work, &drill, &tools);
    std::fs::remove_dir_all(&work).context("the bench's folder")?;
    println!("{}", result?);
    Ok(Vec::new())
}

/// What is measured beside.
struct Tools<'a> {
    python: &'a str,
    rules: Option<&'a str>,
    rsigma: Option<&'a str>,
}

fn measure(abate: &Path, work: &Path, options: &[&str], tools: &Tools<'_>) -> Result<String> {
    let python = tools.python;
    let drill = work.join("drill");
    std::fs::create_dir_all(&drill)?;
    let home = work.join("home");
    let ours = |arguments: &[&str]| {
        let mut command = Command::new(abate);
        command.args(arguments).env("ABATE_HOME", &home).stdout(Stdio::null());
        command
    };
    let drill_folder = drill.display().to_string();
    let name = ["drill", "weak-ssh-port-scan", "--sweep", "--quiet", "--out", &drill_folder];
    if !ours(&name.iter().chain(options).copied().collect::<Vec<_>>()).status()?.success() {
        bail!("the drill could not be written");
    }
    let has = |module: &str| {
        Command::new(python).args(["-c", &format!("import {module}")]).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
    };
    let (duckdb, chdb) = (has("duckdb"), has("chdb"));
    let mut out =
        String::from("| what | program | seconds | MB/s | to reading | peak memory |\n| --- | --- | ---: | ---: | ---: | ---: |\n");
    for part in PARTS {
        let folder = work.join(part.label.replace(' ', "-"));
        let bytes = gather(&drill, &folder, part.holds)?;
        let (input, tables) = (folder.display().to_string(), work.join("tables").display().to_string());
        let read = best(|| ours(&["evidence", "read", &input, "--quiet"]))?;
        let mut row = |program: &str, run: Run| {
            let rate = bytes / 1e6 / run.seconds;
            let ratio = run.seconds / read.seconds;
            out.push_str(&format!(
                "| {} | {program} | {:.2} | {rate:.0} | {ratio:.2} | {} MB |\n",
                part.label,
                run.seconds,
                run.peak_kb / 1024
            ));
        };
        row("Abate, into the lake (Parquet, own rules tried, duplicates found, flows counted)", read);
        if let Some(rules) = tools.rules {
            let with = || ours(&["evidence", "read", &input, "--quiet", "--rules", rules]);
            row("Abate, the same with the further rules", best(|| quiet(with()))?);
        }
        let export = || {
            // Left over from the run before.
            let _ = std::fs::remove_dir_all(&tables);
            ours(&["evidence", "export", &input, "--out", &tables, "--quiet"])
        };
        row("Abate, the same and out of it into one file for each table", best(export)?);
        let lake = work.join("lake");
        let kept = || ours(&["evidence", "read", &input, "--quiet", "--lake", &lake.display().to_string()]);
        // The first run fills it; the best of the others finds all that is there.
        row("Abate, again over a lake that is kept", best(kept)?);
        std::fs::remove_dir_all(&lake)?;
        let exe = std::env::current_exe()?;
        row("decompress and look at every byte", best(|| command(&exe, &["bench-evidence", "--limit", &input]))?);
        for (name, query) in part.duckdb.iter().filter(|_| duckdb) {
            let query = query.replace("OPTIONS", FLOW).replace("FILES", &format!("'{input}/*'"));
            let script = format!("import duckdb; duckdb.sql(\"\"\"copy ({query}) to '{}/x.parquet'\"\"\")", work.display());
            row(name, best(|| command(Path::new(python), &["-c", &script]))?);
        }
        if let Some(query) = part.chdb.filter(|_| chdb) {
            let query = query.replace("FILES", &format!("'{input}/*'")).replace("OUT", &format!("'{}/y.parquet'", work.display()));
            let script = format!("import chdb; chdb.query(\"\"\"{query}\"\"\")");
            row("chdb", best(|| command(Path::new(python), &["-c", &script]))?);
        }
        if let (Some(rsigma), Some(rules), "CloudTrail") = (tools.rsigma, tools.rules, part.label) {
            let events = work.join("events.ndjson");
            lines(&folder, &events)?;
            let at = format!("@{}", events.display());
            // One core: it evaluates one event after the other.
            row(
                "rsigma, the further rules alone, from NDJSON",
                best(|| quiet(command(Path::new(rsigma), &["engine", "eval", "-r", rules, "-e", &at])))?,
            );
            std::fs::remove_file(&events)?;
        }
    }
    Ok(out)
}

fn command(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null());
    command
}

/// A program whose warnings are of no interest here.
fn quiet(mut command: Command) -> Command {
    command.stderr(Stdio::null());
    command
}

/// Writes the records of CloudTrail files one to a line.
fn lines(folder: &Path, to: &Path) -> Result<()> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(to)?);
    for path in files(folder)? {
        let bytes = unpacked(&path)?;
        let file: std::collections::BTreeMap<&str, Vec<&RawValue>> =
            serde_json::from_slice(&bytes).with_context(|| path.display().to_string())?;
        for record in file.into_values().flatten() {
            writeln!(out, "{}", record.get())?;
        }
    }
    Ok(out.flush()?)
}

/// Copies the files of one kind into a folder; their bytes, unpacked.
fn gather(from: &Path, to: &Path, holds: &str) -> Result<f64> {
    std::fs::create_dir_all(to)?;
    let mut bytes = 0;
    for path in files(from)? {
        if path.to_string_lossy().contains(holds) {
            let name = path.file_name().context("a file has a name")?;
            bytes += unpacked(&path)?.len();
            std::fs::copy(&path, to.join(name))?;
        }
    }
    // Sizes below 2^53 are exact.
    #[allow(clippy::cast_precision_loss)]
    Ok(bytes as f64)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}

fn unpacked(path: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(path)?;
    if path.extension().is_none_or(|x| x != "gz") {
        return Ok(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len() * 12);
    flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut out)?;
    Ok(out)
}

/// What nobody can do without: every byte is unpacked and looked at once, on all cores.
#[allow(clippy::print_stdout)]
fn limit(folder: &Path) -> Result<Vec<String>> {
    let files = files(folder)?;
    let next = std::sync::atomic::AtomicUsize::new(0);
    let threads = std::thread::available_parallelism()?.get();
    let structural = std::thread::scope(|scope| {
        let work = || -> Result<usize> {
            let mut structural = 0;
            while let Some(file) = files.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                let bytes = unpacked(file)?;
                structural += bytes.iter().filter(|b| matches!(b, b'"' | b'\\' | b'{' | b'}' | b'[' | b']' | b' ' | b'\n')).count();
            }
            Ok(structural)
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|w| w.join().unwrap_or_else(|_| bail!("a worker broke down"))).sum::<Result<usize>>()
    })?;
    println!("{structural}");
    Ok(Vec::new())
}

#[derive(Clone, Copy)]
struct Run {
    seconds: f64,
    peak_kb: u64,
}

/// The best of several runs.
fn best(make: impl Fn() -> Command) -> Result<Run> {
    let mut best: Option<Run> = None;
    for _ in 0..RUNS {
        let run = once(make())?;
        best = Some(best.map_or(run, |b| Run { seconds: b.seconds.min(run.seconds), peak_kb: b.peak_kb.max(run.peak_kb) }));
    }
    best.context("at least one run")
}

/// Runs a program; the peak of its memory is looked up while it runs.
fn once(mut command: Command) -> Result<Run> {
    let started = Instant::now();
    let mut child = command.spawn().with_context(|| format!("{command:?}"))?;
    let mut peak_kb = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak_kb = peak_kb.max(crate::bench::peak_kb(&child.id().to_string()).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    };
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(Run { seconds: started.elapsed().as_secs_f64(), peak_kb })
}
