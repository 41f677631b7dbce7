//! The check of a raw mail's signatures, as far as the user allows the network.

use abate_model::Notice;
use jiff::Timestamp;

use crate::Failure;
use crate::cli::DnsArgs;

/// Checks signatures, or does not.
pub struct Checker;

impl Checker {
    /// From the command line.
    pub fn new(_args: &DnsArgs) -> Result<Self, Failure> {
        Ok(Self)
    }

    /// The notice with the verdict on its sender.
    pub fn judge(&self, notice: Notice, _raw: &[u8], _now: Timestamp) -> Notice {
        notice
    }
}
