//! A reading position in a short text, for the notations of times and zones. Nothing here can fail but by saying no.

/// The rest of a text that is still to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'t> {
    /// what is left
    pub rest: &'t str,
}

impl<'t> Cursor<'t> {
    /// At the beginning of a text.
    pub fn new(text: &'t str) -> Self {
        Self { rest: text }
    }

    /// The text between this position and a later one of the same text.
    pub fn until(&self, later: &Self) -> &'t str {
        self.rest.len().checked_sub(later.rest.len()).and_then(|n| self.rest.get(..n)).unwrap_or_default()
    }

    /// Goes over one character if it is this one.
    pub fn eat(&mut self, c: char) -> bool {
        self.rest.strip_prefix(c).is_some_and(|rest| {
            self.rest = rest;
            true
        })
    }

    /// Goes over one character if it is one of these.
    pub fn eat_any(&mut self, any: &[char]) -> Option<char> {
        let c = self.rest.chars().next().filter(|c| any.contains(c))?;
        self.eat(c);
        Some(c)
    }

    /// Goes over a word, whatever its case.
    pub fn eat_word(&mut self, word: &str) -> bool {
        let same = self.rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        if same {
            self.rest = self.rest.get(word.len()..).unwrap_or_default();
        }
        same
    }

    /// Goes over blanks and tells how many.
    pub fn blanks(&mut self) -> usize {
        self.take_while(|c| c == ' ' || c == '\t').len()
    }

    /// ASCII letters.
    pub fn letters(&mut self) -> &'t str {
        self.take_while(|c| c.is_ascii_alphabetic())
    }

    /// ASCII digits.
    pub fn digits(&mut self) -> &'t str {
        self.take_while(|c| c.is_ascii_digit())
    }

    /// A number of `min` to `max` digits, none following.
    pub fn num(&mut self, min: usize, max: usize) -> Option<i32> {
        let mut c = *self;
        let digits = c.digits();
        if digits.len() < min || digits.len() > max {
            return None;
        }
        *self = c;
        digits.parse().ok()
    }

    /// The name of a month, in full or its first three letters.
    pub fn month(&mut self) -> Option<i32> {
        const MONTHS: [&str; 12] =
            ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
        let mut c = *self;
        let word = c.letters().to_ascii_lowercase();
        let number = MONTHS
            .iter()
            .zip(1..)
            .find(|(name, _)| word == **name || name.get(..3) == Some(&word) || (**name == "september" && word == "sept"));
        let (_, month) = number?;
        c.eat('.');
        *self = c;
        Some(month)
    }

    /// The name of a weekday with what separates it from the date.
    pub fn weekday(&mut self) -> bool {
        const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let mut c = *self;
        let word = c.letters().to_ascii_lowercase();
        let found = word.len() >= 3 && DAYS.iter().any(|day| word == *day || (word.len() <= 4 && day.starts_with(&word)));
        if found {
            c.eat_any(&[',', '.']);
            c.blanks();
            *self = c;
        }
        found
    }

    /// Whether the next character is an ASCII letter or digit.
    pub fn next_is_alphanumeric(&self) -> bool {
        self.rest.starts_with(|c: char| c.is_ascii_alphanumeric())
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (head, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        head
    }
}
