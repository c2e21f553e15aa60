//! The command line: one subcommand a file.

mod analysis;
mod arguments;
mod explain;
mod fix;
mod git;
mod guard;
mod hook;
mod in_order;
mod init;
mod lesson;
mod output;
mod passes;
mod progress;
mod read;
mod replace;
mod rules;
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
    Scan(Box<scan::Args>),
    /// Apply proven fixes
    Fix(fix::Args),
    /// Show the page of a rule, a weakness or a lesson
    Explain(explain::Args),
    /// List, check and test rules
    Rules(rules::Args),
    /// Learn by defending a program
    Lesson(lesson::Args),
    /// What was learnt, and what is due again
    Progress(progress::Args),
    /// Scan what is staged, as a git pre-commit hook
    Hook(hook::Args),
    /// Write a configuration, and the pre-commit hook if asked
    Init(init::Args),
    /// Runs an exercise for its parent process
    #[command(hide = true)]
    LessonRunner,
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
    // The runner locks itself in before anything else happens in its process.
    if std::env::args_os().nth(1).is_some_and(|first| first == "lesson-runner") {
        squire_lessons::runner_main();
    }
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
        // `println!` panics where others return an error.
        Err(panic) if panic.starts_with("failed printing to stdout: Broken pipe") => Exit::Clean.into(),
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
        Command::Fix(args) => fix::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Lesson(args) => lesson::run(&args),
        Command::Progress(args) => progress::run(&args),
        Command::Hook(args) => hook::run(&args),
        Command::Init(args) => init::run(&args),
        Command::LessonRunner => squire_lessons::runner_main(),
    }
}

/// Whoever reads the output has seen enough (`squire scan | head`).
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
