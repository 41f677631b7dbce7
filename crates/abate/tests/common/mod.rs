//! Runs the real binary in a folder of its own.
#![allow(dead_code)] // each test file uses its own part of it

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder for one test, with a store of its own.
pub struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    /// A fresh folder.
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary folder") }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A path below it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file below it.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        std::fs::create_dir_all(path.parent().expect("below the folder")).expect("folder");
        std::fs::write(&path, bytes).expect("written");
        path
    }

    /// Runs `abate` with arguments, in English, with this folder's store.
    pub fn abate(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("abate runs")
    }

    /// The same with a file of this folder on standard input.
    pub fn abate_reading(&self, file: &str, args: &[&str]) -> Output {
        let input = std::fs::File::open(self.join(file)).expect("a file for standard input");
        self.command(args).stdin(input).output().expect("abate runs")
    }

    /// The same, not started yet.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_abate"));
        command
            .current_dir(self.path())
            .env("ABATE_HOME", self.join("home"))
            .env("NO_COLOR", "1")
            .env("LANG", "C.UTF-8")
            .env_remove("LC_ALL");
        command.args(args);
        command
    }

    /// Runs `abate` and asserts its exit code.
    pub fn expect(&self, code: i32, args: &[&str]) -> Output {
        let output = self.abate(args);
        assert_eq!(
            output.status.code(),
            Some(code),
            "abate {args:?}\n--- stdout\n{}\n--- stderr\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        output
    }

    /// Reads a JSON file below the folder.
    pub fn json(&self, name: &str) -> serde_json::Value {
        let bytes = std::fs::read(self.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Reads a text file below the folder.
    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }
}

/// Standard output as text.
pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Standard error as text.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Asserts that a value fits a schema of `schemas/`.
pub fn assert_schema(name: &str, value: &serde_json::Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas").join(format!("{name}.schema.json"));
    let schema: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).expect("schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let errors: Vec<String> = validator.iter_errors(value).take(5).map(|e| format!("{} at {}", e, e.instance_path())).collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
}
