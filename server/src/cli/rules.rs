//! `squire rules`: lists, checks and tests rules.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use serde_json::json;
use squire_rules::{
    Authored, FixStatus, Remark, RuleError, RuleSet, RuleSources, Severity, TestReport, builtin_packs,
    test_rules,
};

use super::Exit;
use super::arguments::{confidence_name, severity_name};
use super::lesson::catalog;
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
    /// Write rules as plain Semgrep YAML, with what their models stand for
    Export {
        /// Rule files and folders; the built-in packs if none is named
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
        Command::Export { paths } => export(paths),
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

/// Everything that is wrong, file by file, and then what shows only when all is put together.
fn check(paths: &[PathBuf]) -> anyhow::Result<Exit> {
    let config = Config::find(Path::new("."))?;
    let catalog = catalog(&config);
    let (mut sources, mut errors) = config.rule_sources();
    if !paths.is_empty() {
        let files: Vec<_> = paths.iter().flat_map(|path| read_rule_files(path, &mut errors)).collect();
        let (models, rules) = files.into_iter().partition(|file| file.authored() == Some(Authored::Models));
        sources.models.extend::<Vec<_>>(models);
        sources.builtin = false;
        sources.rules = rules;
        sources.confidence = None;
    }
    let (rules, more) = RuleSet::load(&sources);
    let mut remarks: Vec<(&Path, Remark)> = Vec::new();
    for file in &sources.rules {
        let said = file.check_rules(&rules, &|id| catalog.lesson(id).is_some());
        remarks.extend(said.into_iter().map(|remark| (file.path.as_path(), remark)));
    }
    for file in &sources.models {
        remarks.extend(file.check_models().into_iter().map(|remark| (file.path.as_path(), remark)));
    }
    errors.extend(more);
    for error in &errors {
        let is_known = |(path, remark): &(&Path, Remark)| {
            *path == error.path && (remark.line, &remark.message) == (error.line, &error.message)
        };
        if !remarks.iter().any(is_known) {
            remarks.push((&error.path, error.clone().into()));
        }
    }
    remarks.sort_by(|a, b| (a.0, a.1.line, a.1.column).cmp(&(b.0, b.1.line, b.1.column)));
    for (path, remark) in &remarks {
        let word = if remark.severity == Severity::Error { "error" } else { "warning" };
        let place = format!("{}:{}:{}", path.display(), remark.line, remark.column);
        let rule = remark.rule_id.as_ref().map(|id| format!("rule {id}: ")).unwrap_or_default();
        eprintln!("{word}: {}: {}", printable(&place), printable(&format!("{rule}{}", remark.message)));
    }
    let wrong = remarks.iter().filter(|(_, remark)| remark.severity == Severity::Error).count();
    let mut summary = format!("{} loaded, {}", count(rules.rules().len(), "rule"), count(wrong, "error"));
    if remarks.len() > wrong {
        summary += &format!(", {}", count(remarks.len() - wrong, "warning"));
    }
    println!("{summary}");
    Ok(if wrong == 0 { Exit::Clean } else { Exit::Usage })
}

fn export(paths: &[PathBuf]) -> anyhow::Result<Exit> {
    let (sources, _) = Config::find(Path::new("."))?.rule_sources();
    let mut errors = Vec::new();
    let files = match paths {
        [] => builtin_packs(),
        paths => paths.iter().flat_map(|path| read_rule_files(path, &mut errors)).collect(),
    };
    let exported = squire_rules::export(&files, &sources.models);
    print!("{}", exported.yaml);
    let status = tell(&errors);
    for (id, reason) in &exported.left_out {
        eprintln!("note: {} is left out: {}", printable(id), printable(reason));
    }
    eprintln!("{} written, {} left out", count(exported.rules, "rule"), exported.left_out.len());
    Ok(status)
}

fn test(paths: &[PathBuf]) -> anyhow::Result<Exit> {
    let (sources, _) = Config::find(Path::new("."))?.rule_sources();
    let mut all = TestReport::default();
    let mut add = |report: TestReport| {
        all.passed += report.passed;
        all.failures.extend(report.failures);
    };
    if paths.is_empty() {
        add(test_rules(None, &[]));
    }
    for path in paths {
        anyhow::ensure!(path.exists(), "{} does not exist", path.display());
        add(test_rules(Some(path), &sources.models));
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
