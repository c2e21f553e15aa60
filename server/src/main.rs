//! The one binary: adapts the rules and the lessons to people, editors and build servers.

mod cli;
mod lsp;
mod page;
mod workspace;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
