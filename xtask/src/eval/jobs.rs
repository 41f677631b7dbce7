//! Work on several threads, with a bar on a terminal. Results come back in the order of the work.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, anyhow};
use indicatif::{ProgressBar, ProgressStyle};

/// Does each piece of work on one of `threads` threads.
pub(crate) fn each<W: Sync, R: Send>(
    what: &str,
    work: &[W],
    threads: usize,
    name: &(dyn Fn(&W) -> String + Sync),
    run: &(dyn Fn(&W) -> Result<R> + Sync),
) -> Result<Vec<R>> {
    // Hidden by itself where standard error is no terminal.
    let bar = ProgressBar::new(work.len() as u64).with_message(what.to_owned());
    bar.set_style(ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}").unwrap_or_else(|_| ProgressStyle::default_bar()));
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, work.len().max(1)) {
            scope.spawn(|| {
                while let Some((n, piece)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|n| Some((n, work.get(n)?))) {
                    let result = run(piece).with_context(|| name(piece));
                    bar.inc(1);
                    match results.lock() {
                        Ok(mut results) => results.push((n, result)),
                        Err(_) => return,
                    }
                }
            });
        }
    });
    bar.finish_and_clear();
    let mut results = results.into_inner().map_err(|_| anyhow!("a thread broke down"))?;
    results.sort_by_key(|(n, _)| *n);
    results.into_iter().map(|(_, result)| result).collect()
}
