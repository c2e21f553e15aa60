//! `squire scan`.

mod ending;
mod pattern;
mod setup;

use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use squire_rules::measure;

pub use self::ending::exit;
use self::setup::Setup;
pub use self::setup::rule_problem;
use super::Exit;
use super::analysis::Analysis;
use super::arguments::{ConfidenceArg, FailOn, SeverityArg};
use super::in_order::threads;
use super::output::{Format, MeasuredCosts, Seconds, Stats, Style, Summary};
use super::passes::Passes;
use crate::workspace::Reported;
use crate::workspace::baseline::BaselineEntry;
use crate::workspace::config::ByteSize;

/// `squire scan`.
#[derive(clap::Args)]
pub struct Args {
    /// Files and folders; the current folder if none is named
    pub paths: Vec<PathBuf>,

    /// How to write the report
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write the report to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Rules besides the built-in ones, a file or a folder; may be repeated
    #[arg(long, short, value_name = "FILE|DIR")]
    rules: Vec<PathBuf>,
    /// Leave the built-in rules out
    #[arg(long)]
    no_builtin: bool,
    /// Read no squire.toml, no .squire folder and no ignore files
    #[arg(long)]
    no_config: bool,
    /// The lowest severity to report
    #[arg(long, value_enum, default_value_t = SeverityArg::Info)]
    severity: SeverityArg,
    /// The lowest confidence to report [default: built-in rules medium, all others low]
    #[arg(long, value_enum)]
    confidence: Option<ConfidenceArg>,
    /// The lowest severity that makes the exit status 1
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    fail_on: FailOn,
    /// Accept the findings listed in this file instead of those in .squire/baseline.json
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Accept all present findings: write them to .squire/baseline.json or to FILE
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    write_baseline: Option<Option<PathBuf>>,
    /// Report only what the work tree adds to this git revision
    #[arg(long, value_name = "REV")]
    diff: Option<String>,
    /// Search for one pattern instead of running rules
    #[arg(long, short = 'e', value_name = "PATTERN", requires = "lang", conflicts_with = "pattern_file")]
    pattern: Option<String>,
    /// Like --pattern; the whole file is the pattern
    #[arg(long, value_name = "FILE", requires = "lang")]
    pattern_file: Option<PathBuf>,
    /// The language of the pattern, or of standard input
    #[arg(long, short, value_name = "LANG")]
    lang: Option<String>,
    /// Read one file from standard input
    #[arg(long, conflicts_with_all = ["paths", "diff"])]
    stdin: bool,
    /// The name under which standard input is judged and reported
    #[arg(long, value_name = "FILE", requires = "stdin")]
    stdin_filename: Option<PathBuf>,
    /// Threads [default: one per processor]
    #[arg(long, short, value_name = "N")]
    jobs: Option<usize>,
    /// Skip larger files that are not named: bytes, 500kB, 2MiB; 0 is no limit [default: 1MB]
    #[arg(long, value_name = "SIZE")]
    max_file_size: Option<ByteSize>,
    /// Skip files and folders, as a .gitignore line would; may be repeated
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Show how the value flows, the weakness and the fix
    #[arg(long)]
    explain: bool,
    /// Say where the time went, by phase, by rule and by file
    #[arg(long)]
    stats: bool,
}

/// Runs a scan and writes its report.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    if args.stats {
        measure::start();
    }
    let began = Instant::now();
    let Setup { config, rules, inputs, added, mut problems } = setup::prepare(args)?;
    let setup_time = began.elapsed();

    let least = args.severity.into();
    let wanted = |path: &Path, rope: &ropey::Rope, reported: &Reported| {
        let finding = &reported.finding;
        finding.severity >= least && added.as_ref().is_none_or(|added| added.bring(path, rope, finding))
    };
    let has_fixes = args.format.has_fixes(args.explain);
    let with_fixes = |reported: &Reported| has_fixes && reported.suppressed.is_none();
    let analysis = Analysis { rules: &rules, config: &config, wanted: &wanted, with_fixes: &with_fixes };
    let progress = progress_bar(inputs.len());
    let passes =
        Passes { analysis, threads: threads(args.jobs), order: args.format.order(), progress: &progress };
    let mut output = Output::open(args)?;
    let mut stats = Stats { rules: rules.rules().len(), ..Stats::default() };
    let mut accepted = Vec::new();
    let mut worst = None;
    let totals = passes.run(&inputs, &mut |outcome| {
        let file = match outcome {
            Ok(file) => file,
            Err(problem) => {
                problems.push(problem);
                return Ok(());
            }
        };
        for entry in &file.entries {
            if entry.suppressed.is_some() {
                stats.suppressed += 1;
                continue;
            }
            stats.findings += 1;
            *stats.by_rule.entry(entry.rule.id.clone()).or_default() += 1;
            worst = worst.max(Some(entry.severity));
        }
        let open = file.entries.iter().filter(|entry| entry.suppressed.is_none());
        accepted.extend(open.map(|entry| BaselineEntry {
            rule_id: entry.rule.id.clone(),
            path: config.relative(&file.path),
            fingerprint: entry.fingerprint.clone(),
        }));
        // The bar and the findings may share a terminal.
        progress.suspend(|| output.reporter.file(&mut output.to, &file))?;
        Ok(())
    })?;
    progress.finish_and_clear();
    (stats.files, stats.bytes) = (totals.files, totals.bytes);
    if args.stats {
        stats.costs = Some(MeasuredCosts::new(&totals, &stats.by_rule));
    }

    let report_time = began.elapsed().saturating_sub(setup_time + totals.first);
    stats.seconds = Seconds::of(setup_time, totals.first, report_time);
    problems.sort_by(|a, b| (a.kind, &a.path, &a.rule_id).cmp(&(b.kind, &b.path, &b.rule_id)));
    let folder = std::env::current_dir().unwrap_or_default();
    let summary = Summary { rules: &rules, problems: &problems, stats: &stats, folder: &folder };
    output.reporter.end(&mut output.to, &summary)?;
    output.finish()?;
    if let Some(file) = &args.write_baseline {
        ending::write_baseline(&config, file.as_deref(), accepted)?;
        worst = None;
    }
    ending::tell(args, &stats, &problems);
    Ok(exit(args.fail_on, worst, &problems))
}

/// On standard error, and only if that is a terminal.
fn progress_bar(files: usize) -> ProgressBar {
    let bar = ProgressBar::new(files as u64);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} files, {eta} left");
    style.map_or(bar.clone(), |style| bar.with_style(style))
}

/// Where the report goes.
struct Output {
    reporter: Box<dyn super::output::Reporter>,
    to: Box<dyn Write>,
    file: Option<(tempfile::NamedTempFile, PathBuf)>,
}

impl Output {
    fn open(args: &Args) -> anyhow::Result<Output> {
        let is_terminal = args.output.is_none() && std::io::stdout().is_terminal();
        let color = is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let size = is_terminal.then(|| console::Term::stdout().size_checked()).flatten();
        let width = size.map(|(_, columns)| usize::from(columns).max(60));
        let reporter = args.format.reporter(Style { explain: args.explain, color, width });
        let Some(path) = &args.output else {
            let to = Box::new(BufWriter::new(std::io::stdout().lock()));
            return Ok(Output { reporter, to, file: None });
        };
        // A reader of the file sees the old report or the whole new one.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let cannot = || format!("{} cannot be written", path.display());
        if std::fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
            // A pipe or a device is written to, never replaced.
            let to = std::fs::File::options().write(true).open(path).with_context(cannot)?;
            return Ok(Output { reporter, to: Box::new(BufWriter::new(to)), file: None });
        }
        let file = tempfile::Builder::new().prefix(".squire").tempfile_in(folder).with_context(cannot)?;
        let to = Box::new(BufWriter::new(file.reopen().with_context(cannot)?));
        Ok(Output { reporter, to, file: Some((file, path.clone())) })
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.to.flush()?;
        drop(self.to);
        if let Some((file, path)) = self.file {
            super::replace::persist(file, &path)?;
        }
        Ok(())
    }
}
