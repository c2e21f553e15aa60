//! Rules and models in the editor of their author: what is wrong as it is typed, what a key means, and whether the
//! tests beside a rule hold.

mod keys;

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ropey::Rope;
use squire_lessons::Catalog;
use squire_rules::{Authored, RuleFile, Severity, TestFailure, files_to_test, test_rule_files};
use tower_lsp::ls_types::{Diagnostic, DiagnosticSeverity, NumberOrString};

pub use self::keys::{Key, complete, describe};
use super::position::{self, Encoding};
use super::root::Root;
use super::session::Session;
use super::splice::Splice;
use super::{lock, to_proto};

/// The outcome of the last tests, by rule file.
#[derive(Default)]
pub struct Authoring {
    tested: Mutex<HashMap<PathBuf, Outcome>>,
}

/// How the tests of a rule file went.
#[derive(Clone, Debug, Default)]
struct Outcome {
    passed: usize,
    /// Each with its line in bytes of its file, which follow edits.
    failures: Vec<(TestFailure, Range<usize>)>,
}

/// The words that one run of tests ends with.
pub struct Verdict {
    /// Whether all that was asked for held.
    pub passed: bool,
    /// For a message or a button.
    pub headline: String,
    /// The files whose diagnostics may have changed.
    pub touched: Vec<PathBuf>,
}

/// What a document holds, if it is written by an author of rules.
pub fn kind(path: &Path, rope: &Rope) -> Option<Authored> {
    if !path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
        return None;
    }
    RuleFile { path: path.to_owned(), text: rope.to_string() }.authored()
}

/// What is wrong in a rule or model file, as it stands on the screen.
pub fn diagnostics(root: &Root, path: &Path, rope: &Rope, encoding: Encoding) -> Option<Vec<Diagnostic>> {
    let kind = kind(path, rope)?;
    let file = RuleFile { path: path.to_owned(), text: rope.to_string() };
    let remarks = match kind {
        Authored::Rules => file.check_rules(&root.rules, &|id| Catalog::builtin().lesson(id).is_some()),
        Authored::Models => file.check_models(),
    };
    let one = |remark: squire_rules::Remark| Diagnostic {
        range: position::range(rope, &underlined(rope, remark.line, remark.column), encoding),
        severity: Some(match remark.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Info => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String("squire-rule".to_owned())),
        source: Some(to_proto::SOURCE.to_owned()),
        message: remark.message,
        ..Diagnostic::default()
    };
    Some(remarks.into_iter().map(one).collect())
}

/// From a place to the end of the key there, or of the line.
fn underlined(rope: &Rope, line: usize, column: usize) -> Range<usize> {
    let line = line.saturating_sub(1).min(rope.len_lines().saturating_sub(1));
    let text = rope.line(line).to_string();
    let text = text.trim_end();
    let skipped: usize = text.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
    let rest = &text[skipped..];
    let key = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
    let length = key.filter(|&end| end > 0 && rest[end..].starts_with(':')).unwrap_or(rest.len());
    let start = rope.line_to_byte(line) + skipped;
    // At the end of a line there is nothing to underline but what stands before it.
    if length == 0 { start.saturating_sub(1)..start } else { start..start + length }
}

/// The rules of a file, with the line of each: `- id: …`, from 0.
pub fn rules_in(rope: &Rope) -> Vec<(usize, String)> {
    let id = |line: ropey::RopeSlice<'_>| {
        let line = line.to_string();
        let rest = line.trim_start().trim_start_matches("- ").trim_start().strip_prefix("id:")?.trim();
        let id = rest.split(" #").next()?.trim().trim_matches(['"', '\'']).to_owned();
        (!id.is_empty()).then_some(id)
    };
    rope.lines().enumerate().filter_map(|(number, line)| Some((number, id(line)?))).collect()
}

impl Authoring {
    /// Runs the tests beside a rule file, on the texts as they are on the screen. `rule` narrows what the verdict
    /// speaks of.
    pub fn test(&self, session: &Session, path: &Path, rule: Option<&str>) -> Verdict {
        let root = session.root_of(path);
        let mut files = files_to_test(path).unwrap_or_default();
        for file in &mut files {
            if let Some(open) = session.document_of(&file.path) {
                file.text = open.text().1.to_string();
            }
        }
        let (sources, _) = root.config.rule_sources();
        let report = test_rule_files(&files, &sources.models);
        let place = |failure: TestFailure| {
            let text = files.iter().find(|file| file.path == failure.path).map_or("", |file| &file.text);
            let range = line_of(text, failure.line);
            (failure, range)
        };
        let outcome =
            Outcome { passed: report.passed, failures: report.failures.into_iter().map(place).collect() };
        let before = lock(&self.tested).insert(path.to_owned(), outcome.clone());
        let mut touched: Vec<PathBuf> =
            before.iter().flat_map(|before| &before.failures).map(|(it, _)| it.path.clone()).collect();
        touched.extend(outcome.failures.iter().map(|(failure, _)| failure.path.clone()));
        touched.sort();
        touched.dedup();
        let failed = outcome.failures.iter().filter(|(failure, _)| is_about(failure, rule)).count();
        let headline = match (failed, rule) {
            (0, Some(rule)) => format!("the tests of {rule} pass"),
            (0, None) => format!("{} passed, 0 failed", outcome.passed),
            (1, _) => "1 test fails".to_owned(),
            (many, _) => format!("{many} tests fail"),
        };
        Verdict { passed: failed == 0, headline, touched }
    }

    /// What the button above a rule says.
    pub fn button(&self, path: &Path, rule: &str) -> String {
        let tested = lock(&self.tested);
        let Some(outcome) = tested.get(path) else { return "Run tests".to_owned() };
        match outcome.failures.iter().filter(|(failure, _)| is_about(failure, Some(rule))).count() {
            0 => "Run tests ✓".to_owned(),
            failed => format!("Run tests ✗ {failed} failed"),
        }
    }

    /// Moves the failures of the last tests with the edits since.
    pub fn follow(&self, path: &Path, edits: &[Splice]) {
        if edits.is_empty() {
            return;
        }
        let mut tested = lock(&self.tested);
        let failures = tested.values_mut().flat_map(|outcome| &mut outcome.failures);
        for (_, range) in failures.filter(|(failure, _)| failure.path == path) {
            *range = edits.iter().fold(range.clone(), |range, edit| edit.moves(&range));
        }
    }

    /// The failures that the last tests had in a file.
    pub fn failures(&self, path: &Path, rope: &Rope, encoding: Encoding) -> Vec<Diagnostic> {
        let tested = lock(&self.tested);
        let all = tested.values().flat_map(|outcome| &outcome.failures);
        let here = all.filter(|(failure, range)| failure.path == path && !range.is_empty());
        here.map(|(failure, range)| Diagnostic {
            range: position::range(rope, range, encoding),
            severity: Some(DiagnosticSeverity::ERROR),
            code: Some(NumberOrString::String("squire-rule-test".to_owned())),
            source: Some(to_proto::SOURCE.to_owned()),
            message: failure.message.clone(),
            ..Diagnostic::default()
        })
        .collect()
    }
}

/// What cannot be told of one rule is told of each.
fn is_about(failure: &TestFailure, rule: Option<&str>) -> bool {
    match (rule, &failure.rule_id) {
        (Some(rule), Some(id)) => rule == id,
        _ => true,
    }
}

/// The code of a line (from 1), in bytes.
fn line_of(text: &str, line: usize) -> Range<usize> {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let code = text[start..].lines().next().unwrap_or("").trim_end();
    start + (code.len() - code.trim_start().len())..start + code.len()
}
