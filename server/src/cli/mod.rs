//! The command line: one subcommand a file.

mod analysis;
mod arguments;
mod git;
mod guard;
mod output;
mod read;
mod replace;
mod scan;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Guards code as it is typed, and trains the person who types it.
#[derive(Parser)]
#[command(name = "squire", version, about, max_term_width = 110, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Language server on standard input and output
    Lsp(Lsp),
    /// Find weaknesses in files and folders
    Scan(scan::Args),
}

/// `squire lsp`.
#[derive(clap::Args)]
struct Lsp {
    /// Accepted because clients pass it; there is no other transport
    #[arg(long, hide = true)]
    stdio: bool,
}

/// What a command ends with. The numbers are a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: nothing at or above `--fail-on`.
    Clean,
    /// 1: findings, or tests that failed.
    Findings,
    /// 2: the command line, the configuration or a rule is wrong.
    Usage,
    /// 3: something could not be analysed.
    Internal,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::Internal => 3,
        })
    }
}

/// Reads the command line, runs the command, and says in one line what is wrong if it cannot.
pub fn main() -> ExitCode {
    guard::install();
    // Logs go to standard error: standard output belongs to the protocol, or to the report.
    let filter = EnvFilter::try_from_env("SQUIRE_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let cli = Cli::parse();
    match guard::guarded(|| run(cli.command)) {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(error)) if is_broken_pipe(&error) => Exit::Clean.into(),
        Ok(Err(error)) => {
            eprintln!("error: {error:#}");
            Exit::Usage.into()
        }
        Err(panic) => {
            eprintln!("error: internal error: {panic}");
            Exit::Internal.into()
        }
    }
}

fn run(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Lsp(_) => crate::lsp::run().map(|()| Exit::Clean),
        Command::Scan(args) => scan::run(&args),
    }
}

/// Whoever reads the output has seen enough (`squire scan | head`).
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
