//! Rules: the YAML that people write, and the compiled set that runs.

mod comparison;
mod compiled;
mod condition;
mod export;
mod formula;
mod generic;
mod index;
mod lint;
mod match_syntax;
mod message;
mod read;
mod read_formula;
mod read_options;
mod read_taint;
mod redos;
mod regexes;
mod search;
mod set;
mod taint;
mod template;
mod testing;
mod yaml;

use std::path::PathBuf;

use serde::Serialize;

pub(crate) use self::compiled::{CompiledRule, FixRegex, Mode, Paths};
pub use self::export::{Export, export};
pub(crate) use self::lint::place_of;
pub use self::lint::{Authored, Remark, known_keys};
pub(crate) use self::message::interpolate;
pub(crate) use self::search::{MarkMatch, MarkRole, Match, rule_marks, search, search_text, text_unit};
pub use self::set::{RuleSet, RuleSources, builtin_packs};
pub(crate) use self::taint::{Mark, MarkKind, SideEffect, TaintSpec};
pub(crate) use self::template::render;
pub use self::testing::{TestFailure, TestReport, files_to_test, test_rule_files, test_rules};
pub(crate) use self::yaml::{Place as FilePlace, Yaml as FileYaml};
use crate::finding::{Confidence, Severity};
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
