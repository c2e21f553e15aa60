//! The one binary: adapts the rules and the lessons to people, editors and build servers.

#[allow(dead_code)]
mod lsp;
#[allow(dead_code, unused_imports)]
mod workspace;

fn main() {}
