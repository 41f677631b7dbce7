//! How fast notices are read, and that memory does not grow with their number: `cargo run --release -p xtask -- bench-notices [--count N]`.
//!
//! Two mailboxes are made of generated mails, one ten times the size of the other, and each is read by a process of its own, so that the peak
//! of its memory can be told. Beside the reader stands the bare MIME parser over the same bytes: what any reader of mails pays at least.

use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use abate_drill::notices::specimens;
use abate_notice::{MAX_BYTES, ReadContext, mailbox, triage};
use anyhow::{Context, Result, bail};

/// The command, and the work of its child processes.
#[allow(clippy::print_stdout)]
pub(crate) fn run(arguments: &[String]) -> Result<Vec<String>> {
    let value = |name: &str| arguments.iter().position(|a| a == name).and_then(|n| arguments.get(n + 1));
    if let (Some(how), Some(file)) = (value("--how"), value("--file")) {
        return child(how, Path::new(file));
    }
    let count: usize = value("--count").map_or(Ok(4_000), |v| v.parse())?;
    let folder = std::env::temp_dir().join(format!("abate-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let result = measure(&folder, count);
    std::fs::remove_dir_all(&folder)?;
    println!("{}", result?);
    Ok(Vec::new())
}

fn measure(folder: &Path, count: usize) -> Result<String> {
    let (small, large) = (mailbox_of(folder, count / 10)?, mailbox_of(folder, count)?);
    let mut out = String::from("| what | mails | mails/s | MB/s | peak memory |\n| --- | ---: | ---: | ---: | ---: |\n");
    for (label, how, file) in [
        ("MIME parser alone", "mime", &large),
        ("reader", "read", &small),
        ("reader, ten times the mails", "read", &large),
        ("reader and explanation", "explain", &large),
    ] {
        let run = start(how, file)?;
        let (per_second, rate) = (run.mails as f64 / run.seconds, run.bytes as f64 / 1e6 / run.seconds);
        out.push_str(&format!("| {label} | {} | {per_second:.0} | {rate:.1} | {} MB |\n", run.mails, run.peak_kb / 1024));
    }
    Ok(out)
}

/// A mailbox of generated mails.
fn mailbox_of(folder: &Path, count: usize) -> Result<PathBuf> {
    let path = folder.join(format!("{count}.mbox"));
    let mut out = BufWriter::new(std::fs::File::create(&path)?);
    let mut written = 0;
    for seed in 1.. {
        for specimen in specimens(seed, 480).into_iter().filter(|s| s.extension == "eml") {
            if written >= count {
                out.flush()?;
                return Ok(path);
            }
            out.write_all(b"From sender@example.com Wed Mar  4 10:00:00 2026\n")?;
            for line in specimen.bytes.split_inclusive(|b| *b == b'\n') {
                if line.starts_with(b"From ") {
                    out.write_all(b">")?;
                }
                out.write_all(line)?;
            }
            out.write_all(b"\n\n")?;
            written += 1;
        }
    }
    bail!("unreachable: seeds do not end")
}

struct Run {
    mails: u64,
    bytes: u64,
    seconds: f64,
    peak_kb: u64,
}

fn start(how: &str, file: &Path) -> Result<Run> {
    let exe = std::env::current_exe()?;
    let output = std::process::Command::new(exe).args(["bench-notices", "--how", how, "--file"]).arg(file).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers: Vec<f64> = text.lines().next().unwrap_or_default().split_whitespace().filter_map(|n| n.parse().ok()).collect();
    let [mails, bytes, seconds, peak] = numbers.as_slice() else {
        bail!("the child said {text:?} {}", String::from_utf8_lossy(&output.stderr))
    };
    // Counts below 2^53 are exact.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Ok(Run { mails: *mails as u64, bytes: *bytes as u64, seconds: *seconds, peak_kb: *peak as u64 })
}

#[allow(clippy::print_stdout)]
fn child(how: &str, file: &Path) -> Result<Vec<String>> {
    let ctx = ReadContext { received_at: "2026-03-05T00:00:00Z".parse()? };
    let input = BufReader::new(std::fs::File::open(file)?);
    let (mut mails, mut bytes) = (0_u64, 0_u64);
    let started = Instant::now();
    for message in mailbox::Mbox::new(input, MAX_BYTES) {
        let message = message?;
        mails += 1;
        bytes += u64::try_from(message.bytes.len())?;
        match how {
            "mime" => {
                std::hint::black_box(mail_parser::MessageParser::default().parse(&message.bytes));
            }
            "explain" => {
                if let Ok(reading) = triage::examine(&message.bytes, &ctx) {
                    std::hint::black_box(abate_notice::explain(&reading.notice));
                }
            }
            _ => {
                std::hint::black_box(triage::examine(&message.bytes, &ctx)).ok();
            }
        }
    }
    println!(
        "{mails} {bytes} {} {}",
        started.elapsed().as_secs_f64(),
        peak_kb("self").context("no /proc/self/status: the peak of memory is not known here")?
    );
    Ok(Vec::new())
}

/// The highest resident memory of a process (its number, or `self`), in kilobytes (Linux).
pub(crate) fn peak_kb(process: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}
