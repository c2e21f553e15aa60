//! Rules: the YAML that people write, and the compiled set that runs.

mod provisional;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use crate::finding::{Confidence, Severity};
use crate::flow::{FlowRule, Models};
use crate::language::Language;

/// One rule, as its author wrote it, checked.
#[derive(Debug)]
pub struct Rule {
    /// Unique within a rule set.
    pub id: String,
    /// The languages whose files it reads.
    pub languages: Vec<Language>,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// With `$X` and `$SOURCE` still in it.
    pub message: String,
    /// E.g. `CWE-89: Improper Neutralization of …`.
    pub cwe: Vec<String>,
    /// E.g. `A03:2021 - Injection`.
    pub owasp: Vec<String>,
    /// The lesson that teaches to avoid it. Every built-in rule has one.
    pub lesson: Option<String>,
    /// E.g. `express`, `flask`.
    pub technology: Vec<String>,
    /// Links for further reading.
    pub references: Vec<String>,
    /// Whether a fix exists, and of which kind.
    pub fix_status: FixStatus,
    /// Where it comes from: `javascript/sql-injection` for a built-in pack, the file for others.
    pub pack: String,
    /// The file it was read from, unless it is built in.
    pub path: Option<PathBuf>,
}

/// What a rule promises about repairs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FixStatus {
    /// A proven fix that changes nothing but the weakness.
    Safe,
    /// A proven fix that changes more; its title says what.
    Unsafe,
    /// No automatic fix, for the stated reason.
    Infeasible(String),
}

/// One rule file: where it was read from and what it says.
#[derive(Clone, Debug)]
pub struct RuleFile {
    /// For messages.
    pub path: PathBuf,
    /// YAML.
    pub text: String,
}

/// A rule (or a whole file) that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{}:{line}: {message}", path.display())]
pub struct RuleError {
    /// The rule, where the error is inside one.
    pub rule_id: Option<String>,
    /// The file.
    pub path: PathBuf,
    /// 1-based; 1 where it is not known better.
    pub line: usize,
    /// 1-based, in Unicode scalar values.
    pub column: usize,
    /// Names the key or pattern and what is wrong with it.
    pub message: String,
}

/// The rules of one analysis, compiled, with the models they refer to. Immutable and shared.
#[derive(Debug, Default)]
pub struct RuleSet {
    rules: Vec<Arc<Rule>>,
    models: Models,
    flow: HashMap<Language, Vec<FlowRule>>,
    model_of: HashMap<String, String>,
    fixers: HashMap<String, String>,
}

/// Fills `$NAME` into a message: one line, shortened.
pub(crate) fn interpolate(message: &str, values: &[(&str, &str)]) -> String {
    let mut out = message.to_owned();
    for (name, value) in values {
        let line = value.lines().next().unwrap_or("").trim();
        let short: String = if line.chars().count() > 60 {
            line.chars().take(57).chain("...".chars()).collect()
        } else {
            line.to_owned()
        };
        out = out.replace(&format!("${name}"), &short);
    }
    out
}

impl RuleSet {
    /// The packs and models that ship inside the binary. Compiled once per process.
    pub fn builtin() -> Arc<RuleSet> {
        static BUILTIN: std::sync::OnceLock<Arc<RuleSet>> = std::sync::OnceLock::new();
        BUILTIN
            .get_or_init(|| RuleSet::load(&RuleSources { builtin: true, ..RuleSources::default() }).0)
            .clone()
    }

    /// Compiles a rule set. Rules with errors are left out and reported; the others are usable.
    pub fn load(_sources: &RuleSources) -> (Arc<RuleSet>, Vec<RuleError>) {
        provisional::load()
    }

    /// The rules of that language that an analysis in Rust answers, by the analysis's name.
    pub(crate) fn model_rules(&self, name: &str, language: Language) -> impl Iterator<Item = Arc<Rule>> {
        let rules = self.rules.iter().filter(move |rule| rule.languages.contains(&language));
        rules.filter(move |rule| self.model_of.get(&rule.id).is_some_and(|model| model == name)).cloned()
    }

    /// The fixer that a rule names.
    pub(crate) fn fixer(&self, rule: &str) -> Option<&str> {
        self.fixers.get(rule).map(String::as_str)
    }

    /// What libraries mean.
    pub(crate) fn models(&self) -> &Models {
        &self.models
    }

    /// What the taint rules ask of the interpreter.
    pub(crate) fn flow_rules(&self, language: Language) -> &[FlowRule] {
        self.flow.get(&language).map_or(&[], Vec::as_slice)
    }

    /// All rules, sorted by id.
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }

    /// The rule of that id.
    pub fn get(&self, id: &str) -> Option<&Arc<Rule>> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}

/// What a rule set is made of.
#[derive(Clone, Debug, Default)]
pub struct RuleSources {
    /// Whether the built-in packs take part (`--no-builtin` says no). Built-in models always do.
    pub builtin: bool,
    /// Further rule files.
    pub rules: Vec<RuleFile>,
    /// Further model files (`.squire/models`).
    pub models: Vec<RuleFile>,
    /// Ids of built-in rules (or packs, by their name) that are switched off.
    pub disabled: Vec<String>,
    /// Severities that replace those of the rules, by rule id.
    pub severities: Vec<(String, Severity)>,
    /// Rules below this confidence are left out.
    pub confidence: Option<Confidence>,
}

/// One rule file tested against the sibling files with its marks.
#[derive(Clone, Debug, Default)]
pub struct TestReport {
    /// Checks that held: one per rule and target file, and one per `.fixed` file.
    pub passed: usize,
    /// What did not, each with file and line.
    pub failures: Vec<String>,
}

/// Runs the tests beside every rule file under `path` (or the built-in packs where `path` is `None`).
pub fn test_rules(_path: Option<&Path>) -> TestReport {
    TestReport::default()
}
