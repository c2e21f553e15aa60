//! An open file and what is known of it, kept true under edits.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::names::{Names, imports};
use super::project::{FileFacts, Project};
use super::unit::{FileView, Unit};
use super::units::{Origin, cut};
use crate::finding::{Finding, Fix, Step};
use crate::flow::{GlobalValue, Globals, analyze_unit, gather_globals};
use crate::language::Language;
use crate::rule::{Rule, RuleSet, interpolate, search};
use crate::source::{Interrupt, ParseBudget, Source};

/// An open file with everything that is known about its current version, so that the next edit costs
/// what the edit touches and not what the file holds.
///
/// Cloning is cheap: a fix is tried on a clone.
#[derive(Clone)]
pub struct Document {
    path: PathBuf,
    source: Source,
    units: Vec<Unit>,
    cached: Vec<Cached>,
    names: Arc<Names>,
    globals: Arc<Globals>,
    facts: Arc<FileFacts>,
    /// The address of the rule set of the cached results.
    rules: Option<usize>,
}

/// What is known of one unit, whatever stands around it.
#[derive(Clone)]
struct Cached {
    imports: Arc<[(String, String)]>,
    globals: Arc<[(u64, GlobalValue)]>,
    results: Option<Arc<[UnitFinding]>>,
    /// Whether the results depend on other units beyond their imports and globals.
    read_module: bool,
}

/// A finding with offsets from the start of its unit.
#[derive(Clone, Debug)]
pub(crate) struct UnitFinding {
    pub rule: Arc<Rule>,
    pub node: u32,
    /// Bytes from the start of the unit; may reach beyond it for a sequence of statements.
    pub range: Range<usize>,
    pub message: String,
    pub trace: Vec<(Range<usize>, String)>,
    pub bindings: Vec<(String, Range<usize>)>,
    /// The dangerous argument.
    pub argument: Option<u32>,
    /// For fixers, from the sink's model.
    pub hints: std::collections::BTreeMap<String, String>,
}

impl Document {
    /// A file just opened, not yet analysed. `path` decides nothing but names and `paths:` filters.
    pub fn new(path: &Path, language: Language, text: &str) -> Document {
        Document {
            path: path.to_owned(),
            source: Source::new(language, text),
            units: Vec::new(),
            cached: Vec::new(),
            names: Arc::default(),
            globals: Arc::default(),
            facts: Arc::default(),
            rules: None,
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
        self.source.parse(budget)?;
        let dirty = self.source.take_dirty();
        let identity = std::ptr::from_ref(rules) as usize;
        if self.rules != Some(identity) {
            self.rules = Some(identity);
            self.forget_results();
        }
        self.take_units(&dirty);
        self.look_around(rules);
        for unit in 0..self.units.len() {
            if self.cached[unit].results.is_none() {
                let (results, read_module) = self.analyze_unit(rules, unit as u32);
                self.cached[unit].results = Some(results);
                self.cached[unit].read_module = read_module;
            }
        }
        Ok(())
    }

    /// What this file tells the rest of the workspace. Compare by pointer to see whether it changed.
    pub fn facts(&self) -> &Arc<FileFacts> {
        &self.facts
    }

    /// The findings of the last analysis, given what the rest of the workspace says; sorted by position.
    pub fn findings(&self, project: &Project) -> Vec<Finding> {
        let _ = project;
        let mut findings = Vec::new();
        for (unit, cached) in self.units.iter().zip(&self.cached) {
            let results = cached.results.iter().flat_map(|results| results.iter());
            findings.extend(results.map(|finding| self.finding(unit, finding)));
        }
        findings.sort_by(|a, b| {
            (a.range.start, a.range.end, &a.rule.id).cmp(&(b.range.start, b.range.end, &b.rule.id))
        });
        findings
    }

    /// The proven fixes of one finding of the last analysis, the preferred one first.
    pub fn fixes(&self, rules: &RuleSet, project: &Project, finding: &Finding) -> Vec<Fix> {
        let _ = (rules, project, finding);
        Vec::new()
    }

    fn forget_results(&mut self) {
        for cached in &mut self.cached {
            cached.results = None;
        }
    }

    /// Cuts the file anew, keeping what is known of untouched units.
    fn take_units(&mut self, dirty: &crate::source::DirtyRanges) {
        let old = std::mem::take(&mut self.cached);
        let cut = cut(&self.source, &self.units, dirty);
        let changed = cut.len() != old.len() || cut.iter().any(|(_, origin)| matches!(origin, Origin::Fresh));
        self.units = Vec::with_capacity(cut.len());
        for (unit, origin) in cut {
            self.cached.push(match origin {
                Origin::Kept(index) => old[index].clone(),
                Origin::Fresh => Cached {
                    imports: imports(&unit.ast).into(),
                    globals: Arc::new([]),
                    results: None,
                    read_module: false,
                },
            });
            self.units.push(unit);
        }
        if changed {
            for cached in self.cached.iter_mut().filter(|cached| cached.read_module) {
                cached.results = None;
            }
        }
    }

    /// What the units know of each other: imported names and top-level variables. Where that changed,
    /// every unit is analysed again.
    fn look_around(&mut self, rules: &RuleSet) {
        let names = Names::merge(self.cached.iter().map(|cached| &*cached.imports));
        if names != *self.names {
            self.names = Arc::new(names);
            self.forget_results();
        }
        let mut globals = Globals::default();
        for unit in 0..self.units.len() {
            if !rules.models().is_empty() {
                let defined = gather_globals(&self.view(), unit as u32, rules.models(), &globals);
                globals.extend(&defined);
                self.cached[unit].globals = defined.into();
            }
        }
        if globals != *self.globals {
            self.globals = Arc::new(globals);
            self.forget_results();
        }
    }

    fn view(&self) -> FileView<'_> {
        FileView {
            path: &self.path,
            language: self.source.language(),
            units: &self.units,
            names: &self.names,
        }
    }

    fn analyze_unit(&self, rules: &RuleSet, unit: u32) -> (Arc<[UnitFinding]>, bool) {
        let view = self.view();
        let ast = view.ast(unit);
        let mut findings = Vec::new();
        for flow in analyze_unit(&view, unit, rules.models(), rules.flow_rules(), &self.globals) {
            let Some(rule) = rules.rules().get(flow.rule) else { continue };
            let trace = flow.trace.iter().map(|(node, note)| (ast.range(*node), note.clone())).collect();
            findings.push(UnitFinding {
                rule: rule.clone(),
                node: flow.sink,
                range: ast.range(flow.sink),
                message: String::new(),
                trace,
                bindings: Vec::new(),
                argument: Some(flow.argument),
                hints: flow.hints,
            });
        }
        let found = search(rules, &view, unit);
        let base = self.units[unit as usize].base;
        for found in found.matches {
            let Some(rule) = rules.rules().get(found.rule) else { continue };
            let value = |wanted: &str| {
                let (_, binding) = found.bindings.iter().find(|(name, _)| name == wanted)?;
                Some(binding.text(&view).into())
            };
            let relative =
                |range: Range<usize>| range.start.saturating_sub(base)..range.end.saturating_sub(base);
            findings.push(UnitFinding {
                rule: rule.clone(),
                node: found.at.node,
                message: interpolate(&rule.message, &value),
                range: relative(found.range),
                trace: Vec::new(),
                bindings: found
                    .bindings
                    .iter()
                    .map(|(name, binding)| (name.clone(), relative(binding.range(&view))))
                    .collect(),
                argument: None,
                hints: std::collections::BTreeMap::new(),
            });
        }
        (findings.into(), found.read_module)
    }

    fn finding(&self, unit: &Unit, finding: &UnitFinding) -> Finding {
        let rule = &finding.rule;
        let absolute = |range: &Range<usize>| unit.base + range.start..unit.base + range.end;
        let trace = finding.trace.iter().map(|(range, note)| Step {
            path: None,
            range: absolute(range),
            note: note.clone(),
        });
        Finding {
            rule: rule.clone(),
            range: absolute(&finding.range),
            message: finding.message.clone(),
            severity: rule.severity,
            confidence: rule.confidence,
            trace: trace.collect(),
            metavariables: finding
                .bindings
                .iter()
                .map(|(name, range)| (name.clone(), absolute(range)))
                .collect(),
            fingerprint: String::new(),
        }
    }
}
