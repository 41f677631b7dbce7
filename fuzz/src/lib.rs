//! What the fuzz targets share: the invariants of a reading, the frames that are put around fuzzed words so that these get
//! past the outermost layers, and Outlook messages made of them. It knows nothing of libFuzzer; a broken invariant is a panic.

mod evidence;
mod frame;
mod hold;
mod outlook;

pub use evidence::{check_reader, check_stream};
pub use frame::{UNIT, event, fields, forwarded_below, third_party};
pub use hold::{check, check_notice, check_parts, ctx};
pub use outlook::message;

/// Larger inputs are not looked at: a notice has a few kilobytes, and the time that reading takes is bounded for this size.
pub const MOST: usize = 64 * 1024;
