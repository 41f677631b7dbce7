//! Log readers: one file per format, rows with locators, and losses.
