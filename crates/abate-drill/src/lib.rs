//! Generates incidents with known truth: a notice, logs and truth.json.
