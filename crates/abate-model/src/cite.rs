//! What every claim must carry.

use serde::{Deserialize, Serialize};

use crate::Locator;

/// A place in a hashed source. `source` is the `path` of an entry in the case's `sources`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cite {
    /// `sources[].path`
    pub source: String,
    /// where in it
    pub locator: Locator,
}
