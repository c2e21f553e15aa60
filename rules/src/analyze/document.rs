//! An open file and what is known of it, kept true under edits.

use std::collections::BTreeMap;
use std::ops::ControlFlow::{self, Break, Continue};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashSet;

use super::authorization::{self, Candidate, Guard, Routes};
use super::credential::{self, Credential};
use super::crossing::{Crossing, World, ends_here};
use super::fingerprint::{fingerprint, fingerprint_of, number_repeats, scope_path};
use super::names::{Names, imports};
use super::project::{FileFacts, Project};
use super::proof;
use super::unit::{At, FileView, Unit};
use super::units::{Origin, cut, cut_markup};
use crate::finding::{Finding, Fix, Step, TextEdit};
use crate::fix::{FixContext, propose};
use crate::flow::{
    FlowFinding, FlowRule, Globals, Marks, Module, Summary, analyze_patterns, analyze_unit, gather_globals,
};
use crate::language::Language;
use crate::language::template::Cache;
use crate::measure::{self, Phase};
use crate::rule::{
    CompiledRule, FixStatus, Match, Rule, RuleSet, interpolate, render, search, search_text, text_unit,
};
use crate::source::{Interrupt, ParseBudget, Source};
use crate::syntax::Ast;

/// An open file with everything that is known about its current version, so that the next edit costs
/// what the edit touches and not what the file holds.
///
/// Cloning is cheap: a fix is tried on a clone.
#[derive(Clone)]
pub struct Document {
    path: PathBuf,
    /// The path as `paths:` of rules see it.
    relative: PathBuf,
    source: Source,
    units: Vec<Unit>,
    cached: Vec<Cached>,
    /// The trees of the tags, where the file is markup.
    tags: Cache,
    names: Arc<Names>,
    globals: Arc<Globals>,
    /// What the rules over text find, with the text that they read; `None` if there are no such rules.
    text: Option<Arc<TextResults>>,
    facts: Arc<FileFacts>,
    /// The rules that ask for unguarded routes.
    route_rules: Vec<Arc<Rule>>,
    /// The taint rules of the models, by the language whose code they read.
    crossing_rules: Vec<(Language, FlowRule, Arc<Rule>)>,
    /// The address of the rule set of the cached results.
    rules: Option<usize>,
}

/// What is known of one unit, whatever stands around it.
#[derive(Clone)]
struct Cached {
    imports: Arc<[(String, String)]>,
    results: Option<Arc<UnitResults>>,
}

/// What the analysis of one unit found.
#[derive(Clone, Debug, Default)]
struct UnitResults {
    findings: Vec<UnitFinding>,
    routes: Routes,
    /// The flows that begin or end outside of the unit.
    summary: Arc<Summary>,
    /// Whether they depend on other units beyond their imports and globals.
    read_module: bool,
}

/// What the rules over text find in the whole file.
#[derive(Debug)]
struct TextResults {
    unit: Unit,
    findings: Vec<UnitFinding>,
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
    /// The way over several units, in place of `trace`.
    pub steps: Vec<Step>,
    /// For fixers, from the sink's model.
    pub hints: BTreeMap<String, String>,
    pub fingerprint: String,
}

impl Document {
    /// A file just opened, not yet analysed. `path` decides nothing but names and, unless
    /// [`Document::in_folder`] says more, `paths:` filters.
    pub fn new(path: &Path, language: Language, text: &str) -> Document {
        Document {
            path: path.to_owned(),
            relative: path.to_owned(),
            source: Source::new(language, text),
            units: Vec::new(),
            cached: Vec::new(),
            tags: Cache::default(),
            names: Arc::default(),
            globals: Arc::default(),
            text: None,
            facts: Arc::default(),
            route_rules: Vec::new(),
            crossing_rules: Vec::new(),
            rules: None,
        }
    }

    /// The same document as part of a project: the `paths:` of rules speak of paths below `folder`, so that
    /// where a project was checked out decides nothing.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Document {
        if let Ok(below) = self.path.strip_prefix(folder) {
            self.relative = below.to_owned();
        }
        self
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
        let started = Instant::now();
        {
            let _parsing = measure::phase(Phase::Parse);
            self.source.parse(budget)?;
        }
        self.analyze_parsed(rules, budget, started)
    }

    /// Analyses as a scan of the file would: see [`Source::settle`]. For when typing pauses. Returns whether
    /// findings may have changed since the last [`Document::analyze`].
    pub fn settle(&mut self, rules: &RuleSet, budget: ParseBudget<'_>) -> Result<bool, Interrupt> {
        let started = Instant::now();
        let behind =
            self.source.tree().is_none() || self.cached.iter().any(|cached| cached.results.is_none());
        let changed = {
            let _parsing = measure::phase(Phase::Parse);
            self.source.settle(budget)?
        };
        if changed || behind {
            self.analyze_parsed(rules, budget, started)?;
        }
        Ok(changed || behind)
    }

    fn analyze_parsed(
        &mut self,
        rules: &RuleSet,
        budget: ParseBudget<'_>,
        started: Instant,
    ) -> Result<(), Interrupt> {
        let dirty = self.source.take_dirty();
        let identity = std::ptr::from_ref(rules) as usize;
        if self.rules != Some(identity) {
            self.rules = Some(identity);
            self.route_rules = rules.model_rules("unguarded-route", self.source.language()).collect();
            self.crossing_rules = crossing_rules(rules, self.source.language());
            self.forget_results();
        }
        self.take_units(&dirty, rules);
        self.look_around(rules);
        let module = Module::default();
        for unit in 0..self.units.len() {
            if self.cached[unit].results.is_none() {
                // What is done stays done: the next call goes on with the units that are left.
                budget.check(started)?;
                let results = self.analyze_unit(rules, unit as u32, &module);
                self.cached[unit].results = Some(Arc::new(results));
            }
        }
        self.text = rules.reads_text(self.source.language()).then(|| Arc::new(self.analyze_text(rules)));
        self.gather_facts(rules);
        Ok(())
    }

    /// What this file tells the rest of the workspace. Compare by pointer to see whether it changed.
    pub fn facts(&self) -> &Arc<FileFacts> {
        &self.facts
    }

    /// Whether [`Document::findings`] may say something else where other files say something else. If not, the
    /// findings of this file are known before those files are read.
    pub fn depends_on_project(&self) -> bool {
        let has_candidates = |cached: &Cached| {
            cached.results.as_ref().is_some_and(|results| !results.routes.candidates.is_empty())
        };
        (!self.route_rules.is_empty() && self.cached.iter().any(has_candidates))
            || ends_here(&self.facts.flows)
    }

    /// The findings of the last analysis, given what the rest of the workspace says; sorted by position.
    pub fn findings(&self, project: &Project) -> Vec<Finding> {
        let mut findings = Vec::new();
        let _ = self.each_finding(project, |unit, finding| {
            findings.push(self.finding(unit, finding));
            Continue(())
        });
        findings.sort_by(|a, b| {
            (a.range.start, a.range.end, &a.rule.id).cmp(&(b.range.start, b.range.end, &b.rule.id))
        });
        number_repeats(&mut findings);
        findings
    }

    /// The proven fixes of one finding of the last analysis, the preferred one first.
    pub fn fixes(&self, rules: &RuleSet, project: &Project, finding: &Finding) -> Vec<Fix> {
        let _fixing = measure::phase(Phase::Fix);
        let _rule = measure::rule(&finding.rule.id);
        let mut candidates = Vec::new();
        let text = self.source.text();
        let _ = self.each_finding(project, |unit, candidate| {
            let range = unit.base + candidate.range.start..unit.base + candidate.range.end;
            if candidate.rule.id != finding.rule.id || range != finding.range {
                return Continue(());
            }
            candidates = self.proposals(rules, project, &text, unit, candidate);
            if candidates.is_empty() { Continue(()) } else { Break(()) }
        });
        candidates.retain(|fix| proof::holds(self, rules, project, finding, fix));
        candidates
    }

    /// The fix that the author of a rule wrote, proven or not, and therefore not safe. For reports, which say what
    /// a rule says; nothing is repaired by it. Built-in rules state none that is not proven.
    pub fn stated_fix(&self, rules: &RuleSet, finding: &Finding) -> Option<Fix> {
        let compiled = rules.compiled_rule(&finding.rule.id)?;
        finding.rule.path.as_ref()?;
        let fix = template_fix(compiled, self.source.language(), &self.source.text(), finding)?;
        Some(Fix { safe: false, ..fix })
    }

    /// Visits the findings of all units, and at last those that take a search through the workspace.
    fn each_finding(
        &self,
        project: &Project,
        mut visit: impl FnMut(&Unit, &UnitFinding) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for (unit, finding) in
            self.text.iter().flat_map(|text| text.findings.iter().map(|finding| (&text.unit, finding)))
        {
            visit(unit, finding)?;
        }
        let mut guard = None;
        for (unit, cached) in self.units.iter().zip(&self.cached) {
            let Some(results) = &cached.results else { continue };
            for finding in &results.findings {
                visit(unit, finding)?;
            }
            for (rule, candidate) in self
                .route_rules
                .iter()
                .flat_map(|rule| results.routes.candidates.iter().map(move |candidate| (rule, candidate)))
            {
                let guard = guard.get_or_insert_with(|| project.guard_for(&self.facts));
                if let Some(guard) = guard {
                    visit(unit, &unguarded(rule, &unit.ast, candidate, guard))?;
                }
            }
        }
        self.each_crossing(project, &mut visit)
    }

    /// Visits the flows that pass through several units.
    fn each_crossing(
        &self,
        project: &Project,
        visit: &mut impl FnMut(&Unit, &UnitFinding) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut known = FxHashSet::default();
        for crossing in World::new(&self.path, &self.facts, project).crossings() {
            let Ok(index) = self.units.binary_search_by_key(&(crossing.base as usize), |unit| unit.base)
            else {
                continue;
            };
            let unit = &self.units[index];
            let bit = 1u64 << crossing.sink.kind;
            for (language, flow, rule) in &self.crossing_rules {
                let asks = flow.sinks & bit != 0 && flow.sources & (1 << crossing.source) != 0;
                let found =
                    |finding: &UnitFinding| finding.rule.id == rule.id && finding.node == crossing.sink.node;
                let results = self.cached[index].results.as_ref();
                if *language == unit.language
                    && asks
                    && !results.is_some_and(|results| results.findings.iter().any(found))
                    && known.insert((index, crossing.sink.node, &rule.id))
                {
                    visit(unit, &from_crossing(rule, unit, &crossing))?;
                }
            }
        }
        Continue(())
    }

    fn proposals(
        &self,
        rules: &RuleSet,
        project: &Project,
        text: &str,
        unit: &Unit,
        finding: &UnitFinding,
    ) -> Vec<Fix> {
        let absolute = self.finding(unit, finding);
        let Some(compiled) = rules.compiled_rule(&finding.rule.id) else { return Vec::new() };
        if let Some(fix) = template_fix(compiled, self.source.language(), text, &absolute) {
            return vec![fix];
        }
        let Some(fixer) = &compiled.fixer else { return Vec::new() };
        let Some(unit) = self.units.iter().position(|known| std::ptr::eq(known, unit)) else {
            return Vec::new();
        };
        let unit = unit as u32;
        let context = FixContext {
            view: self.view(),
            text,
            at: At { unit, node: finding.node },
            argument: finding.argument.map(|node| At { unit, node }),
            trace: &absolute.trace,
            bindings: &absolute.metavariables,
            hints: &finding.hints,
            project,
        };
        propose(fixer, &context)
    }

    fn forget_results(&mut self) {
        for cached in &mut self.cached {
            cached.results = None;
        }
    }

    /// Cuts the file anew, keeping what is known of untouched units.
    fn take_units(&mut self, dirty: &crate::source::DirtyRanges, rules: &RuleSet) {
        let _lowering = measure::phase(Phase::Lower);
        let old = std::mem::take(&mut self.cached);
        let cut = if self.source.language().is_markup() {
            cut_markup(&self.source, &self.units, dirty, &mut self.tags, rules.reads_elements())
        } else {
            cut(&self.source, &self.units, dirty)
        };
        let changed = cut.len() != old.len() || cut.iter().any(|(_, origin)| matches!(origin, Origin::Fresh));
        self.units = Vec::with_capacity(cut.len());
        for (unit, origin) in cut {
            self.cached.push(match origin {
                Origin::Kept(index) => old[index].clone(),
                Origin::Fresh => Cached { imports: imports(&unit.ast, unit.language).into(), results: None },
            });
            self.units.push(unit);
        }
        if changed {
            for cached in &mut self.cached {
                if cached.results.as_ref().is_some_and(|results| results.read_module) {
                    cached.results = None;
                }
            }
        }
    }

    /// What the units know of each other: imported names and top-level variables. Where that changed,
    /// every unit is analysed again.
    fn look_around(&mut self, rules: &RuleSet) {
        let _matching = measure::phase(Phase::Match);
        let names = Names::merge(self.cached.iter().map(|cached| &*cached.imports));
        if names != *self.names {
            self.names = Arc::new(names);
            self.forget_results();
        }
        let _flowing = measure::phase(Phase::Flow);
        let mut globals = Globals::default();
        for unit in 0..self.units.len() {
            if !rules.models().is_empty() {
                let defined = gather_globals(&self.view(), unit as u32, rules.models(), &globals);
                globals.extend(&defined);
            }
        }
        if globals != *self.globals {
            self.globals = Arc::new(globals);
            self.forget_results();
        }
    }

    fn view(&self) -> FileView<'_> {
        FileView {
            path: &self.relative,
            language: self.source.language(),
            units: &self.units,
            names: &self.names,
        }
    }

    fn analyze_unit(&self, rules: &RuleSet, unit: u32, module: &Module) -> UnitResults {
        let view = self.view();
        let language = view.units[unit as usize].language;
        let ast = view.ast(unit);
        let _matching = measure::phase(Phase::Match);
        let mut results = UnitResults::default();
        let found = search(rules, &view, unit);
        let flowing = measure::phase(Phase::Flow);
        let marks = Marks::new(rules, &found.marks, unit);
        let (flows, summary) =
            analyze_unit(&view, unit, rules.models(), rules.flow_rules(language), &self.globals, marks);
        results.summary = Arc::new(summary);
        let (plain, read_module) = analyze_patterns(rules, &view, unit, &found.marks, module);
        drop(flowing);
        for flow in flows.into_iter().chain(plain) {
            let Some(rule) = rules.rules().get(flow.rule) else { continue };
            results.findings.push(from_flow(rule, &view, unit, flow));
        }
        for rule in rules.model_rules("hardcoded-credential", language) {
            let _rule = measure::rule(&rule.id);
            results
                .findings
                .extend(credential::find(&view, unit).iter().map(|found| from_credential(&rule, ast, found)));
        }
        if let Some(model) = rules.models().of(language) {
            let _rule = self.route_rules.first().and_then(|rule| measure::rule(&rule.id));
            results.routes = authorization::find(&view, unit, model, &self.globals);
        }
        for found in &found.matches {
            let Some(rule) = rules.rules().get(found.rule) else { continue };
            results.findings.push(from_match(rule, &view, unit, found));
        }
        results.read_module = found.read_module || read_module;
        results
    }

    fn analyze_text(&self, rules: &RuleSet) -> TextResults {
        let units = [text_unit(self.source.language(), &self.source.text())];
        let view = FileView { units: &units, ..self.view() };
        let mut findings = Vec::new();
        for found in search_text(rules, &view) {
            let Some(rule) = rules.rules().get(found.rule) else { continue };
            let mut finding = from_match(rule, &view, 0, &found);
            let matched = units[0].ast.text.get(finding.range.clone()).unwrap_or("");
            finding.fingerprint = fingerprint_of(&[&rule.id, matched]);
            findings.push(finding);
        }
        let [unit] = units;
        TextResults { unit, findings }
    }

    fn gather_facts(&mut self, rules: &RuleSet) {
        let mut facts = FileFacts { language: Some(self.source.language()), ..FileFacts::default() };
        for results in self.cached.iter().filter_map(|cached| cached.results.as_ref()) {
            facts.guards_all |= results.routes.guards_all;
            for guard in &results.routes.guards {
                *facts.guards.entry(guard.clone()).or_default() += 1;
            }
        }
        for (unit, cached) in self.units.iter().zip(&self.cached) {
            let summary = cached.results.as_ref().map(|results| &results.summary);
            if let Some(summary) = summary.filter(|summary| !summary.is_empty()) {
                facts.flows.push((unit.base as u32, summary.clone()));
            }
        }
        if let Some(model) = rules.models().of(self.source.language()) {
            for guard in authorization::mechanisms(&self.view(), model) {
                facts.guards.entry(guard).or_default();
            }
        }
        if facts != *self.facts {
            self.facts = Arc::new(facts);
        }
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
            trace: if finding.steps.is_empty() { trace.collect() } else { finding.steps.clone() },
            metavariables: finding
                .bindings
                .iter()
                .map(|(name, range)| (name.clone(), absolute(range)))
                .collect(),
            fingerprint: finding.fingerprint.clone(),
        }
    }
}

/// The fix that the rule itself writes with `fix` or `fix-regex`.
fn template_fix(compiled: &CompiledRule, language: Language, text: &str, finding: &Finding) -> Option<Fix> {
    let found = text.get(finding.range.clone())?;
    let value = |wanted: &str| {
        let (_, range) = finding.metavariables.iter().find(|(name, _)| name == wanted)?;
        Some(range.clone())
    };
    let replacement = match (&compiled.fix, &compiled.fix_regex) {
        (Some(template), _) => render(template, text, &finding.range, language, &value),
        (None, Some(regex)) => regex.apply(found),
        (None, None) => return None,
    };
    let title = match short(&replacement) {
        shown if shown.is_empty() => "Remove it".to_owned(),
        shown => format!("Replace it by `{shown}`"),
    };
    let edits = vec![TextEdit { range: finding.range.clone(), text: replacement }];
    Some(Fix { title, safe: compiled.rule.fix_status == FixStatus::Safe, edits })
}

fn from_match(rule: &Arc<Rule>, view: &FileView<'_>, unit: u32, found: &Match) -> UnitFinding {
    let base = view.units[unit as usize].base;
    let relative = |range: Range<usize>| range.start.saturating_sub(base)..range.end.saturating_sub(base);
    let value = |wanted: &str| {
        let (_, binding) = found.bindings.iter().find(|(name, _)| name == wanted)?;
        Some(short(binding.text(view)).into())
    };
    let bindings = found.bindings.iter().map(|(name, binding)| (name.clone(), relative(binding.range(view))));
    UnitFinding {
        rule: rule.clone(),
        node: found.at.node,
        message: interpolate(&rule.message, &value),
        range: relative(found.range.clone()),
        trace: Vec::new(),
        steps: Vec::new(),
        bindings: bindings.collect(),
        argument: None,
        hints: BTreeMap::new(),
        fingerprint: fingerprint(&rule.id, view.ast(unit), found.at.node),
    }
}

/// A message with values of our own analyses: one line each, shortened.
fn fill(message: &str, values: &[(&str, &str)]) -> String {
    interpolate(message, &|wanted| {
        let (_, value) = values.iter().find(|(name, _)| *name == wanted)?;
        Some(short(value).into())
    })
}

fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or("").trim();
    if line.chars().count() <= 60 {
        return line.to_owned();
    }
    line.chars().take(57).chain("...".chars()).collect()
}

fn from_flow(rule: &Arc<Rule>, view: &FileView<'_>, unit: u32, flow: FlowFinding) -> UnitFinding {
    let ast = view.ast(unit);
    let base = view.units[unit as usize].base;
    let relative = |range: Range<usize>| range.start.saturating_sub(base)..range.end.saturating_sub(base);
    let source = flow.trace.first().map_or("", |(node, _)| ast.text(*node));
    let sink = ast.text(flow.argument);
    UnitFinding {
        message: interpolate(&rule.message, &|wanted| {
            let bound = flow.bindings.iter().find(|(name, _)| name == wanted);
            match (bound, wanted) {
                (Some((_, binding)), _) => Some(short(binding.text(view)).into()),
                (None, "$SOURCE") => Some(short(source).into()),
                (None, "$SINK") => Some(short(sink).into()),
                _ => None,
            }
        }),
        node: flow.sink,
        range: flow.range.map_or_else(|| ast.range(flow.sink), relative),
        trace: flow.trace.iter().map(|(node, note)| (ast.range(*node), note.clone())).collect(),
        steps: Vec::new(),
        bindings: flow
            .bindings
            .iter()
            .map(|(name, binding)| (name.clone(), relative(binding.range(view))))
            .collect(),
        argument: Some(flow.argument),
        hints: flow.hints,
        fingerprint: fingerprint(&rule.id, ast, flow.sink),
        rule: rule.clone(),
    }
}

/// The taint rules of the models for code that stands in files of `language`.
fn crossing_rules(rules: &RuleSet, language: Language) -> Vec<(Language, FlowRule, Arc<Rule>)> {
    let languages = if language.is_markup() { vec![language, Language::JavaScript] } else { vec![language] };
    let of = |language: Language| {
        rules
            .flow_rules(language)
            .iter()
            .filter(|flow| flow.sinks != 0 && flow.sources != 0)
            .filter_map(move |flow| Some((language, flow.clone(), rules.rules().get(flow.rule)?.clone())))
    };
    languages.into_iter().flat_map(of).collect()
}

fn from_crossing(rule: &Arc<Rule>, unit: &Unit, crossing: &Crossing<'_>) -> UnitFinding {
    let sink = crossing.sink;
    let ast = &unit.ast;
    // The note of the first step says what comes from where.
    let source = crossing.steps.first().map_or("", |step| step.note.split('`').nth(1).unwrap_or(&step.note));
    UnitFinding {
        message: fill(&rule.message, &[("$SOURCE", source), ("$SINK", ast.text(sink.argument))]),
        node: sink.node,
        range: ast.range(sink.node),
        trace: Vec::new(),
        steps: crossing.steps.clone(),
        bindings: Vec::new(),
        argument: Some(sink.argument),
        hints: sink.hints.clone(),
        fingerprint: fingerprint(&rule.id, ast, sink.node),
        rule: rule.clone(),
    }
}

fn from_credential(rule: &Arc<Rule>, ast: &Ast, found: &Credential) -> UnitFinding {
    UnitFinding {
        rule: rule.clone(),
        node: found.holder,
        range: ast.range(found.holder),
        message: fill(&rule.message, &[("$NAME", &found.name)]),
        trace: Vec::new(),
        steps: Vec::new(),
        bindings: vec![("NAME".to_owned(), ast.range(found.holder))],
        argument: Some(found.node),
        hints: [("name".to_owned(), found.name.clone())].into(),
        // Of the name and not of the value: a fingerprint must not help to guess a secret.
        fingerprint: fingerprint_of(&[&rule.id, &found.name, &scope_path(ast, found.holder)]),
    }
}

fn unguarded(rule: &Arc<Rule>, ast: &Ast, candidate: &Candidate, guard: &Guard) -> UnitFinding {
    let guard_text = guard.text.lines().next().unwrap_or("");
    UnitFinding {
        rule: rule.clone(),
        node: candidate.node,
        range: ast.range(candidate.declared),
        message: fill(&rule.message, &[("$ROUTE", &candidate.route), ("$GUARD", guard_text)]),
        trace: Vec::new(),
        steps: Vec::new(),
        bindings: Vec::new(),
        argument: None,
        hints: authorization::hints(guard),
        fingerprint: fingerprint_of(&[&rule.id, &candidate.route]),
    }
}
