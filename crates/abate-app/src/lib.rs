//! The use cases of Abate and the ports they need.
//!
//! A use case takes what the stages (pure) and the ports (the world) give and makes a [`abate_model::Case`] of it. The
//! faces (command line now) only show what comes out: if two faces could differ, the code belongs here. What is absent
//! on purpose: reading the clock and writing files; both are handed in or handed back.

pub mod briefing;
pub mod intake;
pub mod outputs;
pub mod ports;
pub mod respond;

pub use briefing::{Briefing, briefing};
pub use intake::merge;
pub use outputs::{ExportForm, OutputFile, export, files};
pub use respond::{AppError, Outcome, Request, Rules, lake_of, originals_of, reference_time, respond, state_done};
