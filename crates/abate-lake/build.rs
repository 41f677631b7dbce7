//! Tells the lake what its readers are: a fingerprint of their sources, and of what tries rules on records, so that nothing read by other
//! readers is taken for what these would read.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut hasher = DefaultHasher::new();
    for folder in ["src", "../abate-evidence/src", "../abate-model/src", "../abate-findings/src/sigma"] {
        println!("cargo::rerun-if-changed={}", here.join(folder).display());
        hash(&here.join(folder), &mut hasher)?;
    }
    // The decompressors and parsers they rest on.
    let lock = here.join("../../Cargo.lock");
    println!("cargo::rerun-if-changed={}", lock.display());
    fs::read(lock).unwrap_or_default().hash(&mut hasher);
    println!("cargo::rustc-env=ABATE_READERS={:016x}", hasher.finish());
    Ok(())
}

fn hash(folder: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    let mut inside: Vec<PathBuf> = fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<io::Result<_>>()?;
    inside.sort();
    for path in inside {
        if path.is_dir() {
            hash(&path, hasher)?;
        } else {
            path.file_name().hash(hasher);
            fs::read(&path)?.hash(hasher);
        }
    }
    Ok(())
}
