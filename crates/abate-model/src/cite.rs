//! What every claim must carry.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Locator;
use crate::evidence::BadLocator;

/// A place in a hashed source. `source` is the `path` of an entry in the case's `sources`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cite {
    /// `sources[].path`
    pub source: String,
    /// where in it
    pub locator: Locator,
}

impl fmt::Display for Cite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.source, self.locator)
    }
}

impl FromStr for Cite {
    type Err = BadLocator;

    /// `SOURCE@bytes 120+64`; a source's path may hold an `@` itself.
    fn from_str(text: &str) -> Result<Self, BadLocator> {
        let (source, locator) = text.rsplit_once('@').ok_or_else(|| BadLocator(text.to_owned()))?;
        Ok(Self { source: source.to_owned(), locator: locator.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_are_written_and_read() {
        for text in ["logs/a@b.gz!/x.json@bytes 120+64", "wtmp@record 3", "x.parquet@row 2:17"] {
            assert_eq!(text.parse::<Cite>().unwrap().to_string(), text);
        }
        assert!("logs/a.json".parse::<Cite>().is_err() && "a@bytes 12".parse::<Cite>().is_err() && "a@bytes -1+2".parse::<Cite>().is_err());
    }
}
