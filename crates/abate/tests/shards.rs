//! One lake, read by several processes of which some are killed: the same result as one run.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

fn abate(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_abate"));
    command.env("ABATE_HOME", home).args(["--lang", "en", "--now", "2026-11-24T00:00:00Z"]);
    command
}

fn output(command: &mut Command) -> Vec<u8> {
    let out = command.output().expect("it runs");
    assert!(matches!(out.status.code(), Some(0 | 3)), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

/// Numbers that only look random, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[test]
fn shards_read_by_processes_that_are_killed_at_random() {
    let dir = tempfile::tempdir().unwrap();
    let (home, lake, evidence) = (dir.path().join("home"), dir.path().join("lake"), dir.path().join("drill"));
    output(abate(&home).args(["drill", "weak-ssh-port-scan", "--scale", "3", "--out"]).arg(&evidence));
    let evidence = evidence.join("evidence");
    let plan = dir.path().join("plan.json");
    let out = output(
        abate(&home).args(["evidence", "plan", "--shard-bytes", "20000", "--lake"]).arg(&lake).arg("--out").arg(&plan).arg(&evidence),
    );
    assert!(out.is_empty());
    let shards = {
        let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&plan).unwrap()).unwrap();
        json["shards"].as_array().unwrap().len() as u64
    };
    assert!(shards > 5, "{shards}");
    let mut dice = Dice(7);
    let start = |n: u64| -> Child {
        let mut command = abate(&home);
        command.args(["evidence", "shard"]).arg(&plan).arg(n.to_string()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let (mut left, mut killed): (Vec<u64>, u64) = ((0..shards).collect(), 0);
    for round in 0.. {
        if left.is_empty() && killed >= 5 {
            break;
        }
        assert!(round < 500, "{left:?} are left, {killed} were killed");
        // Three at a time; the same shard at once or again now and then.
        let picked: Vec<u64> = (0..3).map(|_| dice.roll(shards)).collect();
        let mut running: Vec<(u64, Child)> = picked.into_iter().map(|n| (n, start(n))).collect();
        std::thread::sleep(Duration::from_millis(dice.roll(60)));
        let unlucky = running.get_mut(usize::try_from(dice.roll(3)).unwrap()).filter(|_| round % 3 < 2);
        if let Some((_, child)) = unlucky {
            killed += u64::from(child.try_wait().unwrap().is_none());
            child.kill().unwrap();
        }
        for (n, mut child) in running {
            if child.wait().unwrap().success() {
                left.retain(|l| *l != n);
            }
        }
    }
    let read = |lake: Option<&Path>| {
        let mut command = abate(&home);
        command.args(["evidence", "read", "--quiet", "--format", "json"]).arg(&evidence);
        lake.map(|lake| command.arg("--lake").arg(lake));
        output(&mut command)
    };
    let before = std::fs::read_dir(lake.join("shards")).unwrap().count() as u64;
    assert_eq!(before, shards);
    assert_eq!(read(Some(&lake)), read(None));
    assert_eq!(std::fs::read_dir(lake.join("shards")).unwrap().count() as u64, shards, "nothing was read again");
    let tables = |name: &str, lake: Option<&Path>| {
        let out = dir.path().join(name);
        let mut command = abate(&home);
        command.args(["evidence", "export", "--quiet", "--out"]).arg(&out).arg(&evidence);
        lake.map(|lake| command.arg("--lake").arg(lake));
        output(&mut command);
        let mut files: Vec<_> = std::fs::read_dir(out).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        files.into_iter().map(|f| (f.file_name().unwrap().to_owned(), std::fs::read(f).unwrap())).collect::<Vec<_>>()
    };
    let (divided, whole) = (tables("divided", Some(&lake)), tables("whole", None));
    assert!(whole.len() > 3);
    assert!(divided == whole, "the tables differ");
}
