//! A rule ready to run.

use std::path::Path;
use std::sync::Arc;

use super::Rule;
use super::formula::{Formula, Leaf};
use super::regexes;
use super::taint::TaintSpec;
use crate::pattern::Settings;

/// A rule ready to run.
#[derive(Debug)]
pub(crate) struct CompiledRule {
    pub rule: Arc<Rule>,
    pub mode: Mode,
    /// The patterns of all formulas.
    pub leaves: Vec<Leaf>,
    pub settings: Settings,
    /// It looks at the text of whole files and not at trees.
    pub text: bool,
    /// The names of all metavariables, with their dollar.
    pub metavariables: Vec<String>,
    pub paths: Paths,
    /// The template of `fix`.
    pub fix: Option<String>,
    pub fix_regex: Option<FixRegex>,
    /// A fixer of ours, by name.
    pub fixer: Option<String>,
}

/// How a rule looks.
#[derive(Debug)]
pub(crate) enum Mode {
    /// By pattern.
    Search(Formula),
    /// From sources to sinks.
    Taint(TaintSpec),
    /// By an analysis of that name.
    Model(String),
}

/// Which files a rule looks at.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    pub include: Option<globset::GlobSet>,
    pub exclude: Option<globset::GlobSet>,
}

/// `fix-regex`.
#[derive(Debug)]
pub(crate) struct FixRegex {
    pub regex: regexes::Pattern,
    pub replacement: String,
    /// All matches if `None`.
    pub count: Option<usize>,
}

impl CompiledRule {
    /// A metavariable's name as the rule holds it.
    pub fn metavariable(&self, name: &str) -> Option<&str> {
        self.metavariables.iter().find(|known| *known == name).map(String::as_str)
    }

    /// The formulas whose matches are looked for in every unit.
    pub fn formulas(&self) -> Vec<&Formula> {
        match &self.mode {
            Mode::Search(formula) => vec![formula],
            Mode::Taint(spec) => spec.formulas().map(|(_, _, formula)| formula).collect(),
            Mode::Model(_) => Vec::new(),
        }
    }
}

impl Paths {
    /// Whether the rule looks at that file.
    pub fn allow(&self, path: &Path) -> bool {
        self.include.as_ref().is_none_or(|globs| globs.is_match(path))
            && !self.exclude.as_ref().is_some_and(|globs| globs.is_match(path))
    }
}

impl FixRegex {
    /// The text after the replacement.
    pub fn apply(&self, text: &str) -> String {
        self.regex.replace(text, &self.replacement, self.count)
    }
}
