//! Letters to AWS Trust and Safety, and their lint.
