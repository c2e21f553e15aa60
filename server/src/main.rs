//! The one binary: adapts the rules and the lessons to people, editors and build servers.

mod cli;
mod lsp;
#[allow(dead_code)]
mod workspace;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
