//! What is found in evidence does not depend on how it was cut and in which order it came: the same drills in one shard, in one for each
//! file, and in any order of the files give the same findings and the same verdicts.

use std::path::{Path, PathBuf};

use abate_app::Rules;
use abate_app::ports::NoProgress;
use abate_findings::sigma::RuleSet;
use abate_findings::{Assessment, Context};
use abate_model::{AccountProfile, Cite, Finding, Notice, VerdictReport};
use abate_notice::ReadContext;

use super::tests::keep_all;
use super::*;

/// Numbers that only look random, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn shuffle<T>(&mut self, all: &mut [T]) {
        for n in (1..all.len()).rev() {
            all.swap(n, self.roll(n + 1));
        }
    }
}

/// Writes the evidence of a drill; its files in the order of their paths, and the notice.
fn drill(name: &str, seed: u64, place: &Path) -> (Vec<PathBuf>, Notice) {
    let drill = abate_drill::generate(name, seed, 1).unwrap();
    let ctx = ReadContext { received_at: Timestamp::from_second(1_793_000_000).unwrap() };
    let mail = drill.files.iter().find(|f| f.path == "notice.eml").unwrap();
    let mut paths = Vec::new();
    for file in drill.files.iter().filter(|f| f.path.starts_with("evidence/")) {
        let path = place.join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &file.bytes).unwrap();
        paths.push(path);
    }
    paths.sort();
    (paths, abate_notice::read(&mail.bytes, &ctx).unwrap())
}

/// All that is said of the evidence. The order in which a finding cites says nothing.
fn found(paths: &[PathBuf], tuning: &Tuning, notice: &Notice) -> (Vec<Finding>, Vec<VerdictReport>) {
    let rules = RuleSet::builtin();
    let stored = keep_all(paths, None, tuning, Some(&Rules(&rules)), &mut NoProgress);
    let profile = AccountProfile::default();
    let Assessment { mut findings, mut verdicts, .. } = abate_findings::assess(&Context { notice, evidence: &stored, profile: &profile });
    assert_eq!(stored.trouble(), None);
    let sort = |cites: &mut Vec<Cite>| cites.sort();
    findings.iter_mut().for_each(|f| sort(&mut f.evidence));
    verdicts.iter_mut().for_each(|v| sort(&mut v.evidence));
    (findings, verdicts)
}

fn tuning(shard: u64, threads: usize) -> Tuning {
    Tuning { threads, shard: (shard, shard), durable: false, ..Tuning::default() }
}

#[test]
fn the_cut_and_the_order_of_the_evidence_change_no_finding() {
    let mut dice = Dice(11);
    for name in ["weak-ssh-port-scan", "leaked-key-spam", "webshell-phishing", "recycled-address"] {
        let place = tempfile::tempdir().unwrap();
        let (mut paths, notice) = drill(name, 2, place.path());
        let expected = found(&paths, &tuning(1 << 30, 1), &notice);
        assert!(!expected.0.is_empty() && !expected.1.is_empty(), "{name}");
        for round in 0..3 {
            let shard = [1, 20_000, 1 << 30][round];
            dice.shuffle(&mut paths);
            let (findings, verdicts) = found(&paths, &tuning(shard, 2), &notice);
            for (got, wanted) in findings.iter().zip(&expected.0) {
                assert_eq!(got, wanted, "{name}, round {round}");
            }
            assert_eq!((findings.len(), &verdicts), (expected.0.len(), &expected.1), "{name}, round {round}");
        }
    }
}
