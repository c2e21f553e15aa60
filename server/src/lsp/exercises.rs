//! Exercises as the editor sees them: a real file, the last verdict on it, and the sandbox behind it.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use ropey::Rope;
use squire_lessons::{Catalog, Exercise, ProblemKind, Runner, Verdict, Workbook};
use tower_lsp::ls_types::{Diagnostic, DiagnosticSeverity, NumberOrString};

use super::position::{self, Encoding};
use super::splice::Splice;
use super::{lock, to_proto};

/// What is remembered of exercises while the server runs.
#[derive(Default)]
pub struct Exercises {
    verdicts: Mutex<HashMap<PathBuf, LastVerdict>>,
    runner: OnceLock<Option<Runner>>,
}

/// The last word on an exercise.
#[derive(Clone, Debug)]
struct LastVerdict {
    passed: bool,
    headline: String,
    problems: Vec<(Range<usize>, String)>,
}

impl Exercises {
    /// The exercise that a file is the learner's copy of.
    pub fn of_file(path: &Path) -> Option<&'static Exercise> {
        Workbook::find(Catalog::builtin(), path)
    }

    /// The sandbox; `None` where this system gives no processes.
    pub fn runner(&self) -> Option<&Runner> {
        let start = || Runner::new().inspect_err(|error| tracing::error!(%error, "no sandbox")).ok();
        self.runner.get_or_init(start).as_ref()
    }

    /// Remembers a verdict on the text of a file.
    pub fn remember(&self, path: &Path, verdict: &Verdict) {
        // The analysis shows its findings itself.
        let own = |kind| matches!(kind, ProblemKind::FindingLeft | ProblemKind::NewFinding);
        let problems = verdict.problems.iter().filter(|problem| !own(problem.kind));
        let last = LastVerdict {
            passed: verdict.passed(),
            headline: verdict.headline(),
            problems: problems
                .map(|problem| (problem.range.clone().unwrap_or(0..0), problem.message.clone()))
                .collect(),
        };
        lock(&self.verdicts).insert(path.to_owned(), last);
    }

    /// Forgets the verdict on a file.
    pub fn forget(&self, path: &Path) {
        lock(&self.verdicts).remove(path);
    }

    /// Moves the problems of the last verdict with the edits since.
    pub fn follow(&self, path: &Path, edits: &[Splice]) {
        if let Some(last) = lock(&self.verdicts).get_mut(path) {
            for (range, _) in &mut last.problems {
                *range = edits.iter().fold(range.clone(), |range, edit| edit.moves(&range));
            }
        }
    }

    /// The last verdict in a few words, with whether it was good.
    pub fn last(&self, path: &Path) -> Option<(bool, String)> {
        lock(&self.verdicts).get(path).map(|last| (last.passed, last.headline.clone()))
    }

    /// The problems of the last verdict, as diagnostics.
    pub fn diagnostics(&self, path: &Path, rope: &Rope, encoding: Encoding) -> Vec<Diagnostic> {
        let verdicts = lock(&self.verdicts);
        let problems = verdicts.get(path).map(|last| last.problems.as_slice()).unwrap_or_default();
        problems
            .iter()
            .map(|(range, message)| Diagnostic {
                range: position::range(rope, &at_least_a_line(rope, range), encoding),
                severity: Some(DiagnosticSeverity::WARNING),
                code: Some(NumberOrString::String("squire-exercise".to_owned())),
                source: Some(to_proto::SOURCE.to_owned()),
                message: message.clone(),
                ..Diagnostic::default()
            })
            .collect()
    }
}

/// A problem of the whole file is shown at its first line.
fn at_least_a_line(rope: &Rope, range: &Range<usize>) -> Range<usize> {
    if !range.is_empty() {
        return range.clone();
    }
    let line = rope.byte_to_line(range.start.min(rope.len_bytes()));
    rope.line_to_byte(line)..rope.line_to_byte((line + 1).min(rope.len_lines()))
}
