//! `squire hook`: scans what is staged, not what lies in the work tree.
//!
//! All staged files take part in the analysis, since one may say how another authenticates; only findings
//! that the staged lines bring are told.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use squire_rules::Language;

use super::Exit;
use super::analysis::{Analysis, Input, Problem, ProblemKind};
use super::arguments::FailOn;
use super::git::Repository;
use super::in_order::threads;
use super::output::{Format, Stats, Style, Summary, count, printable};
use super::passes::{Order, Passes};
use super::read::{Content, decode};
use super::scan::{exit, rule_problem};
use crate::workspace::{Config, Reported};

/// `squire hook`.
#[derive(clap::Args)]
pub struct Args {
    /// The lowest severity that stops the commit
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    fail_on: FailOn,
    /// Show how the value flows, the weakness and the fix
    #[arg(long)]
    explain: bool,
}

/// Scans the index.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let repository = Repository::around(Path::new("."))?;
    let added = repository.added_in_index()?;
    if added.0.is_empty() {
        return Ok(Exit::Clean);
    }
    let config = Config::find(repository.top())?;
    let (rules, errors) = config.load_rules();
    let mut problems: Vec<Problem> = errors.into_iter().map(rule_problem).collect();
    let staged: Vec<Input> = repository
        .staged(|path| Language::of_name(path).is_some() && config.silence(path, "").is_none())?
        .into_iter()
        .filter_map(|(path, bytes)| input(path, bytes, &config, &mut problems))
        .collect();
    let color = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let mut reporter = Format::Text.reporter(Style { explain: args.explain, color, width: None });
    let mut stats = Stats { files: added.0.len(), rules: rules.rules().len(), ..Stats::default() };
    let mut worst = None;
    let mut out = std::io::stdout().lock();
    let wanted =
        |path: &Path, rope: &ropey::Rope, reported: &Reported| added.bring(path, rope, &reported.finding);
    let with_fixes = |reported: &Reported| args.explain && reported.suppressed.is_none();
    let analysis = Analysis { rules: &rules, config: &config, wanted: &wanted, with_fixes: &with_fixes };
    let progress = ProgressBar::hidden();
    let passes = Passes { analysis, threads: threads(None), order: Order::Path, progress: &progress };
    passes.run(&staged, &mut |outcome| {
        match outcome {
            Ok(file) => {
                for entry in file.entries.iter().filter(|entry| entry.suppressed.is_none()) {
                    stats.findings += 1;
                    worst = worst.max(Some(entry.severity));
                }
                reporter.file(&mut out, &file)?;
            }
            Err(problem) => problems.push(problem),
        }
        Ok(())
    })?;
    problems.retain(|problem| {
        problem.kind == ProblemKind::Rule || added.0.contains_key(&config.absolute(&problem.path))
    });
    let summary = Summary { rules: &rules, problems: &problems, stats: &stats, folder: repository.top() };
    reporter.end(&mut out, &summary)?;
    out.flush()?;
    for problem in &problems {
        eprintln!("error: {}: {}", printable(&problem.path.to_string_lossy()), printable(&problem.message));
    }
    let exit = exit(args.fail_on, worst, &problems);
    if exit == Exit::Findings {
        eprintln!(
            "{} in what is staged. Repair it (`squire fix` may help) and stage it again,",
            count(stats.findings, "finding")
        );
        eprintln!(
            "accept it with a comment `squire: allow(<rule-id>) reason=\"…\"`, or commit with --no-verify."
        );
    }
    // Only findings stop a commit: a rule file that cannot be read must not stop a whole team.
    Ok(if exit == Exit::Findings { exit } else { Exit::Clean })
}

/// Paths are told relative to where the hook runs, which is the top of the work tree.
fn input(path: PathBuf, bytes: Vec<u8>, config: &Config, problems: &mut Vec<Problem>) -> Option<Input> {
    let limit = config.settings.budget.max_file_size.0;
    if limit != 0 && bytes.len() as u64 > limit {
        return None;
    }
    let here = std::env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(here).map(Path::to_owned).unwrap_or(path);
    let text = match decode(bytes) {
        Content::Text(text) => text,
        Content::Lossy(text, wrong) => {
            let message = format!("is not UTF-8; {wrong} byte(s) were read as `?`");
            problems.push(Problem { kind: ProblemKind::Note, rule_id: None, path: path.clone(), message });
            text
        }
        Content::Binary => return None,
    };
    Some(Input { path, named: false, text: Some(text), language: None })
}
