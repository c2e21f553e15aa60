//! What every format writes: findings whose places have lines and columns.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ropey::Rope;
use serde::Serialize;
use squire_rules::measure::Phase;
use squire_rules::{Confidence, Fix, Rule, RuleSet, Severity};

use crate::cli::analysis::{Examined, Problem};
use crate::cli::passes::Totals;
use crate::workspace::{Reported, Suppressed};

/// One place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// 1-based.
    pub line: usize,
    /// 1-based, in Unicode scalar values.
    pub col: usize,
    /// In bytes, from 0.
    pub offset: usize,
}

impl Place {
    /// The place of a byte offset.
    pub fn of(rope: &Rope, offset: usize) -> Place {
        let offset = offset.min(rope.len_bytes());
        let char = rope.byte_to_char(offset);
        let line = rope.char_to_line(char);
        Place { line: line + 1, col: char - rope.line_to_char(line) + 1, offset }
    }

    fn range(rope: &Rope, range: &Range<usize>) -> (Place, Place) {
        (Place::of(rope, range.start), Place::of(rope, range.end))
    }
}

/// The findings of one file.
#[derive(Debug)]
pub struct FileReport {
    /// As the user named it.
    pub path: PathBuf,
    /// Its text.
    pub rope: Rope,
    /// In order of position.
    pub entries: Vec<Entry>,
}

/// One finding.
#[derive(Debug)]
pub struct Entry {
    /// The rule.
    pub rule: Arc<Rule>,
    /// First character.
    pub start: Place,
    /// Just after the last character.
    pub end: Place,
    /// Plain text with `code` in backticks.
    pub message: String,
    /// To show.
    pub severity: Severity,
    /// To show.
    pub confidence: Confidence,
    /// Hex digits.
    pub fingerprint: String,
    /// From source to sink; empty for a plain match.
    pub trace: Vec<StepEntry>,
    /// The preferred fix, if it was asked for and there is one.
    pub fix: Option<FixEntry>,
    /// Why it is accepted, if it is.
    pub suppressed: Option<Suppressed>,
}

/// One station of a flow.
#[derive(Debug)]
pub struct StepEntry {
    /// As the user would name it.
    pub path: PathBuf,
    /// First character.
    pub start: Place,
    /// Just after the last character.
    pub end: Place,
    /// Why the value is here.
    pub note: String,
}

/// One fix.
#[derive(Debug)]
pub struct FixEntry {
    /// Imperative.
    pub title: String,
    /// Whether it changes nothing but the weakness.
    pub safe: bool,
    /// In order of position.
    pub edits: Vec<Replacement>,
}

/// One edit of a fix, in the finding's file.
#[derive(Debug)]
pub struct Replacement {
    /// First character replaced.
    pub start: Place,
    /// Just after the last character replaced.
    pub end: Place,
    /// The new text.
    pub text: String,
}

/// What a report ends with.
pub struct Summary<'a> {
    /// The rules that ran.
    pub rules: &'a RuleSet,
    /// What went wrong.
    pub problems: &'a [Problem],
    /// What it cost.
    pub stats: &'a Stats,
    /// Folder that relative paths are relative to.
    pub folder: &'a Path,
}

/// What a scan cost and found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Stats {
    /// Files analysed.
    pub files: usize,
    /// Their size in bytes.
    pub bytes: u64,
    /// Rules that ran.
    pub rules: usize,
    /// Findings reported and not accepted.
    pub findings: usize,
    /// Findings accepted by a comment or the baseline.
    pub suppressed: usize,
    /// Wall time.
    pub seconds: Seconds,
    /// Findings by rule.
    pub by_rule: BTreeMap<String, usize>,
    /// What was measured, with `--stats`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub costs: Option<MeasuredCosts>,
}

/// Where the time of all threads went, in seconds, the most expensive first.
#[derive(Clone, Debug, Serialize)]
pub struct MeasuredCosts {
    /// By what was done: `read`, `parse`, `lower`, `match`, `flow`, `fix`.
    pub phases: BTreeMap<&'static str, f64>,
    /// By rule: its patterns and its fixes. All taint rules share one pass, the phase `flow`.
    pub by_rule: Vec<RuleCost>,
    /// The files that took longest.
    pub by_file: Vec<FileCost>,
}

/// One line of `--stats`.
#[derive(Clone, Debug, Serialize)]
pub struct RuleCost {
    pub rule_id: String,
    pub seconds: f64,
    pub findings: usize,
}

/// One line of `--stats`.
#[derive(Clone, Debug, Serialize)]
pub struct FileCost {
    pub path: String,
    pub bytes: u64,
    pub seconds: f64,
}

impl MeasuredCosts {
    /// From what was measured and found.
    pub fn new(totals: &Totals, findings: &BTreeMap<String, usize>) -> MeasuredCosts {
        let costs = &totals.costs;
        let ids: BTreeSet<&String> = costs.rules.keys().chain(findings.keys()).collect();
        let mut by_rule: Vec<RuleCost> = ids
            .into_iter()
            .map(|id| RuleCost {
                rule_id: id.clone(),
                seconds: costs.rules.get(id).map_or(0.0, Duration::as_secs_f64),
                findings: findings.get(id).copied().unwrap_or(0),
            })
            .collect();
        by_rule.sort_by(|a, b| b.seconds.total_cmp(&a.seconds).then_with(|| a.rule_id.cmp(&b.rule_id)));
        let phases = Phase::ALL.iter().zip(costs.phases);
        let files = totals.by_file.iter();
        MeasuredCosts {
            phases: phases.map(|(phase, time)| (phase.name(), time.as_secs_f64())).collect(),
            by_rule,
            by_file: files
                .map(|(path, bytes, time)| FileCost {
                    path: path.to_string_lossy().into_owned(),
                    bytes: *bytes,
                    seconds: time.as_secs_f64(),
                })
                .collect(),
        }
    }
}

/// Wall time by phase, in seconds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Seconds {
    /// Finding files and loading rules.
    pub setup: f64,
    /// Each file by itself, its fixes, and what of the report can be written meanwhile.
    pub analysis: f64,
    /// The files that depend on others, and the rest of the report.
    pub report: f64,
    /// Everything.
    pub total: f64,
}

impl Seconds {
    /// From three durations.
    pub fn of(setup: Duration, analysis: Duration, report: Duration) -> Seconds {
        let [setup, analysis, report] = [setup, analysis, report].map(|time| time.as_secs_f64());
        Seconds { setup, analysis, report, total: setup + analysis + report }
    }
}

/// Tells lines and columns, of other files too.
pub struct Places {
    /// The texts that are in memory, by absolute path.
    pub ropes: HashMap<PathBuf, Rope>,
    /// How the user named the files, by absolute path.
    pub names: HashMap<PathBuf, PathBuf>,
}

impl Places {
    /// Gives every offset of a file's findings its line and column.
    pub fn resolve(&self, file: Examined) -> FileReport {
        let rope = file.rope;
        let entries =
            file.findings.into_iter().map(|(it, fixes)| self.entry(&file.path, &rope, it, fixes)).collect();
        FileReport { path: file.path, rope, entries }
    }

    fn entry(&self, path: &Path, rope: &Rope, reported: Reported, fixes: Vec<Fix>) -> Entry {
        let Reported { finding, suppressed } = reported;
        let (start, end) = Place::range(rope, &finding.range);
        let trace = finding
            .trace
            .into_iter()
            .map(|step| match &step.path {
                Some(other) => {
                    let (start, end) = self.elsewhere(other, &step.range);
                    let name = self.names.get(other).unwrap_or(other).clone();
                    StepEntry { path: name, start, end, note: step.note }
                }
                None => {
                    let (start, end) = Place::range(rope, &step.range);
                    StepEntry { path: path.to_owned(), start, end, note: step.note }
                }
            })
            .collect();
        Entry {
            rule: finding.rule,
            start,
            end,
            message: finding.message,
            severity: finding.severity,
            confidence: finding.confidence,
            fingerprint: finding.fingerprint,
            trace,
            fix: fixes.into_iter().next().map(|fix| fix_entry(rope, fix)),
            suppressed,
        }
    }

    fn elsewhere(&self, path: &Path, range: &Range<usize>) -> (Place, Place) {
        if let Some(rope) = self.ropes.get(path) {
            return Place::range(rope, range);
        }
        let text = std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Place::range(&Rope::from_str(&text.unwrap_or_default()), range)
    }
}

fn fix_entry(rope: &Rope, fix: Fix) -> FixEntry {
    let edits = fix.edits.into_iter().map(|edit| {
        let (start, end) = Place::range(rope, &edit.range);
        Replacement { start, end, text: edit.text }
    });
    FixEntry { title: fix.title, safe: fix.safe, edits: edits.collect() }
}

/// A text that came from a file, made safe for a terminal: on one line, and without the characters that move the
/// cursor, change colours or turn the direction of writing.
pub fn printable(text: &str) -> String {
    let is_turn =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if c.is_control() || is_turn(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}
