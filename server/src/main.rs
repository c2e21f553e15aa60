//! Squire.
fn main() {}
