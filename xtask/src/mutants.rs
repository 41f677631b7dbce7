//! Mutation testing of the reader of notices: what mail programs, ticket systems and people do to a notice must not cost the fields
//! that decide what is done next. `cargo run -p xtask -- mutants [--seed N] [--count N] [--show]`.

use std::collections::BTreeMap;

use abate_drill::notices::{Mutation, Specimen, mutate, specimens};
use abate_drill::score::{Compared, ESSENTIAL, Mark};
use anyhow::Result;

use crate::corpus;

/// How one sort of change came out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// mutants read
    pub read: usize,
    /// of these, with every essential field right
    pub kept: usize,
}

/// What came of all mutants.
pub(crate) struct Outcome {
    /// by the sort of change
    pub by_mutation: BTreeMap<String, Tally>,
    /// the first failures, for people
    pub failures: Vec<String>,
}

impl Outcome {
    /// All of them.
    pub(crate) fn sum(&self) -> Tally {
        self.by_mutation.values().fold(Tally::default(), |sum, t| Tally { read: sum.read + t.read, kept: sum.kept + t.kept })
    }
}

/// Reads `count` mutants: each specimen with each change that applies to it, then with two changes one after the other.
pub(crate) fn read(seed: u64, count: usize) -> Outcome {
    let base = specimens(seed, 480);
    let mut outcome = Outcome { by_mutation: BTreeMap::new(), failures: Vec::new() };
    let mut done = 0;
    for round in 0_u64.. {
        let before = done;
        for (n, specimen) in base.iter().enumerate() {
            for (m, mutation) in Mutation::ALL.iter().enumerate() {
                if done >= count {
                    return outcome;
                }
                if !mutation.applies_to(specimen) {
                    continue;
                }
                let salt = seed ^ (round << 32) ^ (u64::try_from(n * 64 + m).unwrap_or_default());
                let mut mutant = mutate(specimen, *mutation, salt);
                let mut name = format!("{mutation:?}");
                // From the second round on, a second change follows the first.
                if round > 0 {
                    let second = Mutation::ALL
                        .get((m + usize::try_from(round).unwrap_or(1) * 5) % Mutation::ALL.len())
                        .copied()
                        .unwrap_or(*mutation);
                    if second.applies_to(&mutant) {
                        mutant = mutate(&mutant, second, salt ^ 0x5a5a);
                        name = format!("{name}, then another");
                    }
                }
                one(&mutant, name, &mut outcome);
                done += 1;
            }
        }
        if done == before {
            break;
        }
    }
    outcome
}

fn one(mutant: &Specimen, name: String, outcome: &mut Outcome) {
    let read = corpus::one("mutant", &mutant.name, &mutant.bytes, &mutant.expected);
    let lost: Vec<&Compared> =
        read.fields.iter().filter(|f| f.mark != Mark::Correct && (ESSENTIAL.contains(&f.field) || f.field == "set_aside")).collect();
    for field in &lost {
        if outcome.failures.len() < 5_000 {
            outcome.failures.push(format!(
                "{}/{name} {} {:?}\n    expected: {}\n    read:     {}",
                mutant.name, field.field, field.mark, field.expected, field.read
            ));
        }
    }
    let tally = outcome.by_mutation.entry(name).or_default();
    tally.read += 1;
    tally.kept += usize::from(lost.is_empty());
}

/// The command.
#[allow(clippy::print_stdout)]
pub(crate) fn run(arguments: &[String]) -> Result<Vec<String>> {
    let number = |name: &str, default: u64| {
        arguments.iter().position(|a| a == name).and_then(|n| arguments.get(n + 1)).and_then(|v| v.parse().ok()).unwrap_or(default)
    };
    let outcome = read(number("--seed", 1), usize::try_from(number("--count", 10_000))?);
    if arguments.iter().any(|a| a == "--show") {
        outcome.failures.iter().for_each(|f| println!("{f}"));
    }
    println!("{}", table(&outcome));
    Ok(Vec::new())
}

/// Kept of read, by the sort of change.
pub(crate) fn table(outcome: &Outcome) -> String {
    let mut out = String::from("| change | mutants | essential fields kept |\n| --- | ---: | ---: |\n");
    let sum = outcome.sum();
    for (name, t) in outcome.by_mutation.iter().chain([(&"**all**".to_owned(), &sum)]) {
        let tenths = (t.kept * 1000).checked_div(t.read).unwrap_or(0);
        out.push_str(&format!("| {name} | {} | {} ({}.{} %) |\n", t.read, t.kept, tenths / 10, tenths % 10));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Issue: at least 99 % of 10,000 mutants keep category, account, resources, addresses, times and deadline; none panics.
    #[test]
    fn essential_fields_survive() {
        let outcome = read(1, 10_000);
        let sum = outcome.sum();
        assert_eq!(sum.read, 10_000);
        assert!(
            sum.kept * 100 >= sum.read * 99,
            "{}\n{}",
            table(&outcome),
            outcome.failures.iter().take(20).cloned().collect::<Vec<_>>().join("\n")
        );
    }
}
