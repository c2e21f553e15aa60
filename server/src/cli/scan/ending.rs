//! What a scan leaves behind: a word to the person, a baseline, an exit status.

use std::path::Path;

use anyhow::Context;
use squire_rules::Severity;
use squire_rules::measure::Phase;

use super::Args;
use crate::cli::Exit;
use crate::cli::analysis::{Problem, ProblemKind};
use crate::cli::arguments::FailOn;
use crate::cli::output::{Format, MeasuredCosts, Stats, count, printable};
use crate::workspace::Config;
use crate::workspace::baseline::{BaselineEntry, BaselineFile, DEFAULT_PATH};

/// Findings say more than errors, so they win: a file that could not be analysed does not hide the others.
pub fn exit(fail_on: FailOn, worst: Option<Severity>, problems: &[Problem]) -> Exit {
    if let (Some(least), Some(worst)) = (fail_on.least(), worst)
        && worst >= least
    {
        return Exit::Findings;
    }
    let worst_problem = |kinds: &[ProblemKind]| problems.iter().any(|problem| kinds.contains(&problem.kind));
    if worst_problem(&[ProblemKind::Rule, ProblemKind::MissingTarget]) {
        Exit::Usage
    } else if worst_problem(&[ProblemKind::Target, ProblemKind::Timeout, ProblemKind::Failed]) {
        Exit::Internal
    } else {
        Exit::Clean
    }
}

/// Tells the person on standard error what standard output does not say.
pub fn tell(args: &Args, stats: &Stats, problems: &[Problem]) {
    if args.format == Format::Text || args.output.is_some() {
        for problem in problems {
            let word = if problem.kind == ProblemKind::Note { "note" } else { "error" };
            let rule = problem.rule_id.as_ref().map(|id| format!("rule {id}: ")).unwrap_or_default();
            let path = problem.path.to_string_lossy();
            eprintln!("{word}: {}: {}", printable(&path), printable(&format!("{rule}{}", problem.message)));
        }
        let mut text = format!("{} in {}", count(stats.findings, "finding"), count(stats.files, "file"));
        if stats.suppressed > 0 {
            text += &format!(", {} accepted", stats.suppressed);
        }
        eprintln!("{text} ({}, {:.1} s)", count(stats.rules, "rule"), stats.seconds.total);
    }
    if args.stats {
        let megabytes = stats.bytes as f64 / 1e6;
        let seconds = &stats.seconds;
        eprintln!("{megabytes:.2} MB at {:.1} MB/s", megabytes / seconds.total.max(1e-9));
        eprintln!(
            "setup {:.3} s, analysis {:.3} s, report {:.3} s",
            seconds.setup, seconds.analysis, seconds.report
        );
        stats.costs.iter().for_each(tell_costs);
    }
}

/// Rules that `--stats` names on a terminal.
const MOST_RULES: usize = 30;

fn tell_costs(costs: &MeasuredCosts) {
    let phases = Phase::ALL.map(|phase| format!("{} {:.3} s", phase.name(), costs.phases[phase.name()]));
    eprintln!("of all threads: {}", phases.join(", "));
    eprintln!("\n  seconds findings rule (the flow of all taint rules is one pass, counted above)");
    for rule in costs.by_rule.iter().take(MOST_RULES) {
        eprintln!("{:>9.3} {:>8} {}", rule.seconds, rule.findings, printable(&rule.rule_id));
    }
    if let Some(more @ 1..) = costs.by_rule.len().checked_sub(MOST_RULES) {
        eprintln!("          and {more} more, which --format json lists");
    }
    eprintln!("\n  seconds    bytes file");
    for file in &costs.by_file {
        eprintln!("{:>9.3} {:>8} {}", file.seconds, file.bytes, printable(&file.path));
    }
}

/// Writes the findings of this scan as the accepted ones.
pub fn write_baseline(
    config: &Config,
    file: Option<&Path>,
    findings: Vec<BaselineEntry>,
) -> anyhow::Result<()> {
    let own = config.root.join(DEFAULT_PATH);
    let file = file.unwrap_or(&own);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be created", folder.display()))?;
    }
    let number = findings.len();
    let mut text = serde_json::to_string_pretty(&BaselineFile { version: 1, findings })?;
    text.push('\n');
    crate::cli::replace::replace(file, text.as_bytes())?;
    eprintln!("{} accepted in {}", count(number, "finding"), file.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_win_over_problems() {
        let problem = |kind| Problem { kind, rule_id: None, path: "a".into(), message: String::new() };
        let error = Some(Severity::Error);
        assert_eq!(exit(FailOn::Error, error, &[problem(ProblemKind::Rule)]), Exit::Findings);
        assert_eq!(exit(FailOn::Never, error, &[]), Exit::Clean);
        assert_eq!(exit(FailOn::Error, Some(Severity::Warning), &[]), Exit::Clean);
        assert_eq!(exit(FailOn::Info, Some(Severity::Info), &[]), Exit::Findings);
        assert_eq!(exit(FailOn::Error, None, &[problem(ProblemKind::Rule)]), Exit::Usage);
        assert_eq!(exit(FailOn::Error, None, &[problem(ProblemKind::MissingTarget)]), Exit::Usage);
        assert_eq!(exit(FailOn::Error, None, &[problem(ProblemKind::Failed)]), Exit::Internal);
        assert_eq!(exit(FailOn::Error, None, &[problem(ProblemKind::Note)]), Exit::Clean);
    }
}
