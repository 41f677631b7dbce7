//! How fast evidence is read: `cargo run --release -p xtask -- bench-evidence [--scale N] [--trail N] [--flows N] [--hosts N] [--flood N] [--runs N]
//! [--only PART] [--rules DIR] [--rsigma PATH] [--python PATH] [--work DIR]`.
//!
//! Drills are written at a scale (1,000 CloudTrail events and 2,000 flow records each; `--trail`, `--flows` and `--hosts` give a kind of log its own), with a
//! flood and a sweep of all ports in the flow logs, and the built binary reads their parts. Beside it, in the same run: what the machine cannot do without
//! (decompress, and look at every byte once), DuckDB and chdb into Parquet, where a Python with them is at hand, and `rsigma` over the same events with the same
//! rules. All programs may use all cores. Each is run three times (or `--runs`); the best time counts, and the largest memory.
//!
//! Large sizes of the figures in `docs/performance.md`: `--trail 2000 --flows 25000 --hosts 45000 --flood 20000000`.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::value::RawValue;

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
    Part { label: "access.log", holds: "access.log", duckdb: &[], chdb: None },
];

/// The command, and the work of its child process.
#[allow(clippy::print_stdout)]
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<Vec<String>> {
    let value = |name: &str| arguments.iter().position(|a| a == name).and_then(|n| arguments.get(n + 1));
    if let Some(folder) = value("--limit") {
        return limit(Path::new(folder));
    }
    let scales = Scales {
        all: value("--scale").map_or("100", String::as_str),
        trail: value("--trail").map(String::as_str),
        flows: value("--flows").map(String::as_str),
        hosts: value("--hosts").map(String::as_str),
        flood: value("--flood").map_or("200000", String::as_str),
    };
    let status = Command::new("cargo")
        .args(["build", "--release", "--locked", "--quiet", "-p", "abate", "--no-default-features"])
        .current_dir(root)
        .status()?;
    if !status.success() {
        bail!("the binary could not be built");
    }
    let place = value("--work").map_or_else(std::env::temp_dir, PathBuf::from);
    let bench = Bench {
        root,
        abate: std::env::current_exe()?.with_file_name("abate"),
        work: place.join(format!("abate-bench-evidence-{}", std::process::id())),
        runs: value("--runs").map_or(Ok(3), |runs| runs.parse().context("--runs"))?,
        python: value("--python").map_or("python3", String::as_str),
        rules: value("--rules").map(String::as_str),
        rsigma: value("--rsigma").map(String::as_str),
        only: value("--only").map(String::as_str),
    };
    let result = bench.measure(&scales);
    std::fs::remove_dir_all(&bench.work).context("the bench's folder")?;
    println!("{}", result?);
    Ok(Vec::new())
}

/// How large the logs are.
struct Scales<'a> {
    all: &'a str,
    trail: Option<&'a str>,
    flows: Option<&'a str>,
    hosts: Option<&'a str>,
    flood: &'a str,
}

/// What is measured, and what beside it.
struct Bench<'a> {
    root: &'a Path,
    abate: PathBuf,
    work: PathBuf,
    runs: usize,
    python: &'a str,
    rules: Option<&'a str>,
    rsigma: Option<&'a str>,
    only: Option<&'a str>,
}

/// Rows of the table about one part.
struct Rows<'p> {
    label: &'p str,
    bytes: f64,
    /// seconds of reading into the lake
    read: f64,
    text: String,
}

impl Rows<'_> {
    fn add(&mut self, program: &str, run: Run) {
        let (rate, ratio) = (self.bytes / 1e6 / run.seconds, run.seconds / self.read);
        let peak = run.peak_kb / 1024;
        self.text.push_str(&format!("| {} | {program} | {:.2} | {rate:.0} | {ratio:.2} | {peak} MB |\n", self.label, run.seconds));
    }
}

impl Bench<'_> {
    fn ours(&self, arguments: &[&str]) -> Command {
        let mut command = command(&self.abate, arguments);
        command.env("ABATE_HOME", self.work.join("home"));
        command
    }

    fn best(&self, make: impl Fn() -> Command) -> Result<Run> {
        best(self.runs, make)
    }

    fn has(&self, module: &str) -> bool {
        let import = format!("import {module}");
        Command::new(self.python).args(["-c", &import]).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
    }

    fn measure(&self, scales: &Scales<'_>) -> Result<String> {
        let drills = [self.work.join("port-scan"), self.work.join("web")];
        let [port_scan, web] = &drills;
        let mut options = vec!["--scale", scales.all, "--flood", scales.flood, "--sweep"];
        let own = [("--scale-trail", scales.trail), ("--scale-flows", scales.flows), ("--scale-hosts", scales.hosts)];
        options.extend(own.iter().filter_map(|(name, value)| Some([*name, (*value)?])).flatten());
        self.drill("weak-ssh-port-scan", port_scan, &options)?;
        let hosts = scales.hosts.unwrap_or(scales.all);
        self.drill("webshell-phishing", web, &["--scale", "1", "--scale-hosts", hosts])?;
        let mut out =
            String::from("| what | program | seconds | MB/s | to reading | peak memory |\n| --- | --- | ---: | ---: | ---: | ---: |\n");
        let mut folders = Vec::new();
        for part in PARTS.iter().filter(|part| self.only.is_none_or(|only| part.label == only)) {
            let folder = self.work.join(part.label.replace(' ', "-"));
            let bytes = gather(&drills, &folder, part.holds)?;
            if bytes > 0.0 {
                out.push_str(&self.part(part, &folder, bytes)?);
                folders.push(folder.display().to_string());
            }
        }
        if self.only.is_none() {
            out.push_str(&self.detections(&port_scan.join("notice.eml"), &folders)?);
        }
        Ok(out)
    }

    fn drill(&self, scenario: &str, to: &Path, options: &[&str]) -> Result<()> {
        std::fs::create_dir_all(to)?;
        let mut drill = self.ours(&["drill", scenario, "--quiet", "--out", &to.display().to_string()]);
        if !drill.args(options).status()?.success() {
            bail!("the drill could not be written");
        }
        Ok(())
    }

    fn part(&self, part: &Part, folder: &Path, bytes: f64) -> Result<String> {
        let (input, tables) = (folder.display().to_string(), self.work.join("tables").display().to_string());
        let read = self.best(|| self.ours(&["evidence", "read", &input, "--quiet"]))?;
        let mut rows = Rows { label: part.label, bytes, read: read.seconds, text: String::new() };
        rows.add("Abate, into the lake (Parquet, own rules tried, duplicates found, flows counted)", read);
        if let Some(rules) = self.rules {
            let with = || self.ours(&["evidence", "read", &input, "--quiet", "--rules", rules]);
            rows.add("Abate, the same with the further rules", self.best(|| quiet(with()))?);
        }
        let export = || {
            // Left over from the run before.
            let _ = std::fs::remove_dir_all(&tables);
            self.ours(&["evidence", "export", &input, "--out", &tables, "--quiet"])
        };
        rows.add("Abate, the same and out of it into one file for each table", self.best(export)?);
        let lake = self.work.join("lake");
        let kept = || self.ours(&["evidence", "read", &input, "--quiet", "--lake", &lake.display().to_string()]);
        once(kept())?;
        rows.add("Abate, again over a lake that is kept", self.best(kept)?);
        std::fs::remove_dir_all(&lake)?;
        let tenth = self.work.join("tenth");
        if sample(folder, &tenth)? {
            let small = || self.ours(&["evidence", "read", &tenth.display().to_string(), "--quiet"]);
            rows.add("Abate, a tenth of the files (for its memory)", self.best(small)?);
        }
        let exe = std::env::current_exe()?;
        rows.add("decompress and look at every byte", self.best(|| command(&exe, &["bench-evidence", "--limit", &input]))?);
        if part.duckdb.is_empty() {
            self.to_arrow(folder, &mut rows)?;
        }
        self.others(part, folder, &mut rows)?;
        Ok(rows.text)
    }

    /// Into Arrow arrays alone, on one core, without rules, hashes and files.
    fn to_arrow(&self, folder: &Path, rows: &mut Rows<'_>) -> Result<()> {
        let mut bench = Command::new("cargo");
        bench.args(["bench", "--locked", "--quiet", "-p", "abate-lake", "--bench", "to_arrow", "--"]).args(files(folder)?);
        let done = bench.current_dir(self.root).stderr(Stdio::null()).output()?;
        // "…, 302 MB/s; every byte looked at: 1892 MB/s"
        for line in String::from_utf8_lossy(&done.stdout).lines() {
            let rate = line.split(" MB/s; ").next().and_then(|text| text.rsplit(' ').next()).and_then(|rate| rate.parse::<f64>().ok());
            let Some(rate) = rate.filter(|rate| *rate > 0.0) else { continue };
            rows.add("Abate, bytes to Arrow on one core", Run { seconds: rows.bytes / 1e6 / rate, peak_kb: 0 });
        }
        Ok(())
    }

    fn others(&self, part: &Part, folder: &Path, rows: &mut Rows<'_>) -> Result<()> {
        let input = folder.display();
        if !part.duckdb.is_empty() && self.has("duckdb") {
            for (name, query) in part.duckdb {
                let query = query.replace("OPTIONS", FLOW).replace("FILES", &format!("'{input}/*'"));
                let script = format!("import duckdb; duckdb.sql(\"\"\"copy ({query}) to '{}/x.parquet'\"\"\")", self.work.display());
                rows.add(name, self.best(|| command(Path::new(self.python), &["-c", &script]))?);
            }
        }
        if let Some(query) = part.chdb.filter(|_| self.has("chdb")) {
            let query = query.replace("FILES", &format!("'{input}/*'")).replace("OUT", &format!("'{}/y.parquet'", self.work.display()));
            let script = format!("import chdb; chdb.query(\"\"\"{query}\"\"\")");
            rows.add("chdb", self.best(|| command(Path::new(self.python), &["-c", &script]))?);
        }
        if let (Some(rsigma), Some(rules), "CloudTrail") = (self.rsigma, self.rules, part.label) {
            let events = self.work.join("events.ndjson");
            lines(folder, &events)?;
            let at = format!("@{}", events.display());
            // One core: it evaluates one event after the other.
            let eval = || quiet(command(Path::new(rsigma), &["engine", "eval", "-r", rules, "-e", &at]));
            rows.add("rsigma, the further rules alone, from NDJSON", self.best(eval)?);
            std::fs::remove_file(&events)?;
        }
        Ok(())
    }

    /// What all detections, verdicts and causes take over all parts together, beside what it takes to read these. A second run of `respond` finds
    /// everything read; what it takes to open the kept lake is taken off.
    fn detections(&self, notice: &Path, folders: &[String]) -> Result<String> {
        let paths: Vec<&str> = folders.iter().map(String::as_str).collect();
        let lake = self.work.join("lake").display().to_string();
        let reading = || {
            let mut read = self.ours(&["evidence", "read"]);
            read.args(&paths).args(["--quiet", "--lake", &lake]);
            read
        };
        let respond = || {
            let (notice, out) = (notice.display().to_string(), self.work.join("case").display().to_string());
            let mut respond = self.ours(&["respond", &notice, "--quiet", "--out", &out, "--evidence"]);
            respond.args(&paths);
            quiet(respond)
        };
        let read = once(reading())?;
        let opened = self.best(reading)?;
        let first = once(respond())?;
        let again = self.best(respond)?;
        let mut rows = Rows { label: "all of them", bytes: 0.0, read: read.seconds, text: String::new() };
        rows.add("Abate, into the lake", read);
        rows.add("Abate, the kept lake opened again", opened);
        rows.add("Abate, `respond`: read and assessed", first);
        rows.add("Abate, `respond` again: opened and assessed", again);
        let assessed = Run { seconds: (again.seconds - opened.seconds).max(0.0), peak_kb: again.peak_kb };
        rows.add("Abate, detections, verdicts, causes, plan and letter alone", assessed);
        Ok(rows.text)
    }
}

/// Copies a tenth of the files to a folder, if there are that many.
fn sample(from: &Path, to: &Path) -> Result<bool> {
    let files = files(from)?;
    if files.len() < 10 {
        return Ok(false);
    }
    std::fs::create_dir_all(to)?;
    for path in files.iter().step_by(10) {
        std::fs::copy(path, to.join(path.file_name().context("a file has a name")?))?;
    }
    Ok(true)
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
fn gather(from: &[PathBuf], to: &Path, holds: &str) -> Result<f64> {
    std::fs::create_dir_all(to)?;
    let mut bytes = 0;
    let all: Vec<Vec<PathBuf>> = from.iter().map(|folder| files(folder)).collect::<Result<_>>()?;
    for path in all.into_iter().flatten() {
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
    // The files of a drill have one member, at whose end its size stands.
    let size = bytes.last_chunk::<4>().map_or(0, |size| u32::from_le_bytes(*size));
    let mut out = vec![0; usize::try_from(size)?];
    let done = libdeflater::Decompressor::new().gzip_decompress(&bytes, &mut out).map_err(|error| anyhow::anyhow!("{error}"))?;
    out.truncate(done);
    Ok(out)
}

/// What nobody can do without: every byte is unpacked and looked at once, on all cores; a plain file by several at once.
#[allow(clippy::print_stdout)]
fn limit(folder: &Path) -> Result<Vec<String>> {
    const PIECE: u64 = 8 << 20;
    let mut jobs: Vec<(PathBuf, Option<u64>)> = Vec::new();
    for file in files(folder)? {
        if file.extension().is_some_and(|x| x == "gz") {
            jobs.push((file, None));
        } else {
            let pieces = std::fs::metadata(&file)?.len().div_ceil(PIECE);
            jobs.extend((0..pieces).map(|n| (file.clone(), Some(n * PIECE))));
        }
    }
    let next = std::sync::atomic::AtomicUsize::new(0);
    let threads = std::thread::available_parallelism()?.get();
    let structural = std::thread::scope(|scope| {
        let work = || -> Result<usize> {
            let mut structural = 0;
            while let Some((file, from)) = jobs.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                let bytes = match from {
                    None => unpacked(file)?,
                    Some(from) => {
                        let (mut input, mut bytes) = (std::fs::File::open(file)?, Vec::new());
                        input.seek(SeekFrom::Start(*from))?;
                        input.take(PIECE).read_to_end(&mut bytes)?;
                        bytes
                    }
                };
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
fn best(runs: usize, make: impl Fn() -> Command) -> Result<Run> {
    let mut best: Option<Run> = None;
    for _ in 0..runs {
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
