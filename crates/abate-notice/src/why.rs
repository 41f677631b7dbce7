//! Where each value of a notice came from: the words it was read from and the rule that read it, for `--why`.

use serde::Serialize;

/// The origin of one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Why {
    /// the notice's field, as in its JSON (`account_id`, `reported[0].from`)
    pub field: String,
    /// the value, as text
    pub value: String,
    /// the words it was read from, as written; empty where nothing was said and a default holds
    pub said: String,
    /// the rule that read it
    pub rule: String,
}

/// A value with its origin.
#[derive(Clone, Debug)]
pub(crate) struct Told<T> {
    pub value: T,
    pub said: String,
    pub rule: String,
}

impl<T> Told<T> {
    pub fn new(value: T, said: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { value, said: said.into(), rule: rule.into() }
    }
}

/// The origins that were noted while a notice was put together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail(Vec<Why>);

/// Longer quotations are cut; the notice itself is at hand.
const MOST_SAID: usize = 400;

impl Trail {
    pub fn note(&mut self, field: impl Into<String>, value: impl Into<String>, said: &str, rule: impl Into<String>) {
        let said = said.trim().chars().take(MOST_SAID).collect();
        self.0.push(Why { field: field.into(), value: value.into(), said, rule: rule.into() });
    }

    /// Notes a value and gives it back.
    pub fn take<T: Clone>(&mut self, field: &str, shown: impl Fn(&T) -> String, told: Told<T>) -> T {
        self.note(field, shown(&told.value), &told.said, told.rule);
        told.value
    }

    pub fn done(self) -> Vec<Why> {
        self.0
    }
}
