//! The `abate` command.
fn main() {}
