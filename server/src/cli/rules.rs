//! `squire rules`: lists, checks and tests rules.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use serde_json::json;
use squire_rules::{FixStatus, RuleError, RuleSet, RuleSources, TestReport, test_rules};

use super::Exit;
use super::arguments::{confidence_name, severity_name};
use super::output::{count, printable, rule_json};
use crate::workspace::Config;
use crate::workspace::config::read_rule_files;

/// `squire rules`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Show the rules: those of this project, or of rule files and folders
    List {
        /// Rule files and folders
        paths: Vec<PathBuf>,
        /// How to write the list
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Load rules and show every error
    Check {
        /// Rule files and folders; the rules of this project if none is named
        paths: Vec<PathBuf>,
    },
    /// Run the tests beside the rules
    Test {
        /// Rule files and folders; the built-in packs if none is named
        paths: Vec<PathBuf>,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    #[default]
    Text,
    Json,
    Markdown,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    match &args.command {
        Command::List { paths, format } => list(paths, *format),
        Command::Check { paths } => check(paths),
        Command::Test { paths } => test(paths),
    }
}

fn list(paths: &[PathBuf], format: ListFormat) -> anyhow::Result<Exit> {
    let (rules, errors) = load(paths)?;
    match format {
        ListFormat::Text => {
            let width = rules.rules().iter().map(|rule| rule.id.chars().count()).max().unwrap_or(0);
            for rule in rules.rules() {
                let (severity, confidence) = (severity_name(rule.severity), confidence_name(rule.confidence));
                let lesson = rule.lesson.as_deref().unwrap_or("");
                println!(
                    "{:width$}  {severity:7} {confidence:6}  {}",
                    printable(&rule.id),
                    printable(lesson)
                );
            }
        }
        ListFormat::Json => {
            let rules: Vec<_> = rules.rules().iter().map(|rule| rule_json(rule)).collect();
            println!("{}", json!({"rules": rules}));
        }
        ListFormat::Markdown => {
            println!("| Rule | Severity | Confidence | Weakness | Fix | Lesson |\n|---|---|---|---|---|---|");
            for rule in rules.rules() {
                let fix = match &rule.fix_status {
                    FixStatus::Safe => "safe",
                    FixStatus::Unsafe => "unsafe",
                    FixStatus::Infeasible(_) => "none",
                };
                let weaknesses: Vec<_> =
                    rule.cwe.iter().map(|cwe| cwe.split(':').next().unwrap_or(cwe)).collect();
                println!(
                    "| `{}` | {} | {} | {} | {fix} | {} |",
                    printable(&rule.id).replace('|', "\\|"),
                    severity_name(rule.severity),
                    confidence_name(rule.confidence),
                    weaknesses.join(", "),
                    rule.lesson.as_deref().unwrap_or(""),
                );
            }
        }
    }
    Ok(tell(&errors))
}

fn check(paths: &[PathBuf]) -> anyhow::Result<Exit> {
    let (rules, errors) = load(paths)?;
    let exit = tell(&errors);
    println!("{} loaded, {}", count(rules.rules().len(), "rule"), count(errors.len(), "error"));
    Ok(exit)
}

fn test(paths: &[PathBuf]) -> anyhow::Result<Exit> {
    let mut all = TestReport::default();
    let mut add = |report: TestReport| {
        all.passed += report.passed;
        all.failures.extend(report.failures);
    };
    if paths.is_empty() {
        add(test_rules(None));
    }
    for path in paths {
        anyhow::ensure!(path.exists(), "{} does not exist", path.display());
        add(test_rules(Some(path)));
    }
    for failure in &all.failures {
        println!("{failure}");
    }
    println!("{} passed, {} failed", all.passed, all.failures.len());
    Ok(if all.failures.is_empty() { Exit::Clean } else { Exit::Findings })
}

fn load(paths: &[PathBuf]) -> anyhow::Result<(Arc<RuleSet>, Vec<RuleError>)> {
    if paths.is_empty() {
        return Ok(Config::find(Path::new("."))?.load_rules());
    }
    let mut errors = Vec::new();
    let rules = paths.iter().flat_map(|path| read_rule_files(path, &mut errors)).collect();
    let (rules, more) = RuleSet::load(&RuleSources { rules, ..RuleSources::default() });
    errors.extend(more);
    Ok((rules, errors))
}

fn tell(errors: &[RuleError]) -> Exit {
    for error in errors {
        let place = format!("{}:{}:{}", error.path.display(), error.line, error.column);
        let rule = error.rule_id.as_ref().map(|id| format!("rule {id}: ")).unwrap_or_default();
        eprintln!("error: {}: {}", printable(&place), printable(&format!("{rule}{}", error.message)));
    }
    if errors.is_empty() { Exit::Clean } else { Exit::Usage }
}
