//! A column of text on its way into Parquet. Most columns of logs have few values, or none: these are kept once, with a number for each row, so that
//! sorting rows moves numbers. A column with many values becomes plain text, and stays so.

use std::hash::BuildHasher;
use std::sync::Arc;

use arrow_array::builder::{ArrayBuilder, StringBuilder};
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::chunk::{NONE, Words};
use crate::columns::Done;

/// Values that are told apart, at the most.
const MOST: usize = 1 << 10;

/// Text for rows.
#[derive(Default)]
pub(crate) struct TextColumn {
    form: Form,
    /// whether many values were seen: they will be many again
    plain: bool,
}

enum Form {
    /// so many rows, none with a value
    Empty(usize),
    Few(Few),
    Plain(StringBuilder),
}

impl Default for Form {
    fn default() -> Self {
        Self::Empty(0)
    }
}

/// Values, and the number of the value for each row.
#[derive(Default)]
struct Few {
    words: Words,
    /// numbers of values by their hash
    places: HashTable<u32>,
    hasher: DefaultHashBuilder,
    last: usize,
}

impl Few {
    /// The number of a value; `None` when there are too many.
    fn number(&mut self, value: &str) -> Option<usize> {
        if self.words.values.get(self.last).is_some_and(|last| **last == *value) {
            return Some(self.last);
        }
        let hash = self.hasher.hash_one(value);
        let values = &self.words.values;
        let is_it = |n: &u32| values.get(*n as usize).is_some_and(|known| **known == *value);
        self.last = match self.places.find(hash, is_it) {
            Some(number) => *number as usize,
            None if values.len() >= MOST => return None,
            None => {
                let number = u32::try_from(values.len()).ok()?;
                let hasher = &self.hasher;
                let hash_of = |n: &u32| values.get(*n as usize).map_or(0, |known| hasher.hash_one(&**known));
                self.places.insert_unique(hash, number, hash_of);
                self.words.values.push(value.into());
                number as usize
            }
        };
        Some(self.last)
    }

    fn push(&mut self, value: &str) -> bool {
        let number = self.number(value).and_then(|number| i32::try_from(number).ok());
        self.words.rows.extend(number);
        number.is_some()
    }

    /// The same rows as plain text.
    fn spread(self) -> StringBuilder {
        let mut plain = StringBuilder::new();
        for number in self.words.rows {
            plain.append_option(usize::try_from(number).ok().and_then(|n| self.words.values.get(n)));
        }
        plain
    }
}

impl TextColumn {
    /// Adds a row with the value of the row before; says whether that is known.
    pub fn again(&mut self) -> bool {
        let Form::Few(few) = &mut self.form else { return false };
        let Some(last) = few.words.rows.last().copied() else { return false };
        few.words.rows.push(last);
        true
    }

    /// Adds a value to a column of which so many rows came before; those that it lacks have none.
    pub fn push(&mut self, value: &str, rows: usize) {
        self.fill(rows);
        match &mut self.form {
            Form::Empty(_) => {
                self.form = if self.plain { Form::Plain(StringBuilder::new()) } else { Form::Few(Few::default()) };
                self.push(value, rows);
            }
            Form::Few(few) => {
                if !few.push(value) {
                    let mut plain = std::mem::take(few).spread();
                    plain.append_value(value);
                    (self.form, self.plain) = (Form::Plain(plain), true);
                }
            }
            Form::Plain(plain) => plain.append_value(value),
        }
    }

    /// Fills the column up to so many rows without a value.
    pub fn fill(&mut self, rows: usize) {
        match &mut self.form {
            Form::Empty(empty) => *empty = rows,
            Form::Few(few) if few.words.rows.len() < rows => few.words.rows.resize(rows, NONE),
            Form::Plain(plain) if plain.len() < rows => plain.append_nulls(rows - plain.len()),
            Form::Few(_) | Form::Plain(_) => {}
        }
    }

    /// The rows so far.
    pub fn finish(&mut self) -> Done {
        match std::mem::take(&mut self.form) {
            Form::Empty(rows) => Done::Nulls(rows),
            Form::Few(few) => Done::Words(few.words),
            Form::Plain(mut plain) => Done::Array(Arc::new(plain.finish())),
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;

    use super::*;

    fn texts(done: &Done) -> (Vec<Option<String>>, &'static str) {
        match done {
            Done::Nulls(rows) => (vec![None; *rows], "none"),
            Done::Words(words) => {
                let value = |row: &i32| usize::try_from(*row).ok().map(|n| words.values[n].to_string());
                (words.rows.iter().map(value).collect(), "words")
            }
            Done::Array(array) => (array.as_string::<i32>().iter().map(|value| value.map(str::to_owned)).collect(), "plain"),
        }
    }

    #[test]
    fn rows_come_out_as_they_went_in_whatever_the_form() {
        let few: Vec<Option<String>> = (0..5000).map(|n| (n % 7 > 0).then(|| format!("w{}", n % 5))).collect();
        let many: Vec<Option<String>> = (0..5000).map(|n| (n % 7 > 0).then(|| format!("w{n}"))).collect();
        let none: Vec<Option<String>> = vec![None; 5000];
        let late: Vec<Option<String>> = (0..5000).map(|n| (n > 4000).then(|| "x".to_owned())).collect();
        let mut column = TextColumn::default();
        let turns = [(&few, "words"), (&none, "none"), (&late, "words"), (&many, "plain"), (&late, "plain"), (&none, "none")];
        for (rows, form) in turns {
            let values = rows.iter().enumerate().filter_map(|(n, row)| Some((n, row.as_deref()?)));
            values.for_each(|(n, value)| column.push(value, n));
            column.fill(rows.len());
            assert_eq!(texts(&column.finish()), (rows.clone(), form));
        }
    }
}
