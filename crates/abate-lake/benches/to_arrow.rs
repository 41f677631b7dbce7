//! How fast logs become Arrow arrays, on one core: `cargo bench -p abate-lake --bench to_arrow -- FILE…`. Neither hashed nor written: that is what
//! `xtask bench-evidence` measures. The best of five runs counts; beside it, looking at every byte once.

use std::time::Instant;

#[allow(clippy::print_stdout)]
fn main() -> std::io::Result<()> {
    let files: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if files.is_empty() {
        println!("usage: cargo bench -p abate-lake --bench to_arrow -- FILE…");
    }
    for file in files {
        let bytes = std::fs::read(&file)?;
        let (mut read, mut looked) = (f64::MAX, f64::MAX);
        let mut found = None;
        for _ in 0..5 {
            let started = Instant::now();
            found = abate_lake::to_arrow(&bytes, jiff::Timestamp::UNIX_EPOCH);
            read = read.min(started.elapsed().as_secs_f64());
            let started = Instant::now();
            std::hint::black_box(bytes.iter().filter(|b| matches!(b, b' ' | b'\n' | b'"' | b':' | b'[')).count());
            looked = looked.min(started.elapsed().as_secs_f64());
        }
        // Sizes below 2^53 are exact.
        #[allow(clippy::cast_precision_loss)]
        let size = bytes.len() as f64 / 1e6;
        println!("{file}: {size:.0} MB, {found:?}, {:.0} MB/s; every byte looked at: {:.0} MB/s", size / read, size / looked);
    }
    Ok(())
}
