//! From an edit to its findings.

mod names;
mod project;
mod unit;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use self::names::Names;
pub use self::project::{FileFacts, Project};
pub(crate) use self::unit::{At, FileView, Unit};
use crate::finding::{Finding, Fix};
use crate::language::Language;
use crate::rule::RuleSet;
use crate::source::{Interrupt, ParseBudget, Source};

/// An open file with everything that is known about its current version, so that the next edit costs
/// what the edit touches and not what the file holds.
///
/// Cloning is cheap: a fix is tried on a clone.
#[derive(Clone)]
pub struct Document {
    path: PathBuf,
    source: Source,
    findings: Arc<[Finding]>,
    facts: Arc<FileFacts>,
}

impl Document {
    /// A file just opened, not yet analysed. `path` decides nothing but names and `paths:` filters.
    pub fn new(path: &Path, language: Language, text: &str) -> Document {
        Document {
            path: path.to_owned(),
            source: Source::new(language, text),
            findings: Arc::new([]),
            facts: Arc::default(),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Text and tree.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Replaces the bytes of `range` by `text`. Cheap; findings are those of the old text until the next
    /// [`Document::analyze`].
    pub fn edit(&mut self, range: Range<usize>, text: &str) {
        self.source.edit(range, text);
    }

    /// Reparses and re-analyses what changed since the last call. After an [`Interrupt`] nothing is lost:
    /// the next call goes on from the same edits.
    pub fn analyze(&mut self, rules: &RuleSet, budget: ParseBudget<'_>) -> Result<(), Interrupt> {
        let _ = rules;
        self.source.parse(budget)
    }

    /// What this file tells the rest of the workspace. Compare by pointer to see whether it changed.
    pub fn facts(&self) -> &Arc<FileFacts> {
        &self.facts
    }

    /// The findings of the last analysis, given what the rest of the workspace says; sorted by position.
    pub fn findings(&self, project: &Project) -> Vec<Finding> {
        let _ = project;
        self.findings.to_vec()
    }

    /// The proven fixes of one finding of the last analysis, the preferred one first.
    pub fn fixes(&self, rules: &RuleSet, project: &Project, finding: &Finding) -> Vec<Fix> {
        let _ = (rules, project, finding);
        Vec::new()
    }
}
