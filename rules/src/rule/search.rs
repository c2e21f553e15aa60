//! Evaluates the rules of a set over one unit.
//!
//! One pass asks the [`Index`] at every node and so gathers the candidates of every pattern; only rules that
//! got one are evaluated. What narrows a candidate (`pattern-inside`, `pattern-not`) is looked for at the
//! candidate and around it, never over the file.

mod conditions;
mod context;
mod evaluate;

use std::cell::{Cell, OnceCell, RefCell};
use std::ops::ControlFlow::{Break, Continue};
use std::ops::Range;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::formula::{Formula, RegexFormula};
use super::generic::{Text, TextPattern};
use super::index::LeafRef;
use super::{CompiledRule, Mode, RuleSet, TaintSpec};
use crate::analyze::{At, FileView, Unit, cut};
use crate::language::Language;
use crate::pattern::{
    Binding, Bindings, Found, Matcher, Pattern, Root, Statements, module_statements, statements_of,
};
use crate::source::{ParseBudget, Source};
use crate::syntax::{Ast, Kind, Node, NodeId, Slot};

/// A place that a rule matches.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    /// Index in the rule set.
    pub rule: usize,
    /// The matched node; of several statements the first; of text the smallest node around it. Always of the
    /// unit that was searched.
    pub at: At,
    /// Bytes of the file. Can lie in another unit, where a rule focuses on what a metavariable found there.
    pub range: Range<usize>,
    /// Metavariables in order of name.
    pub bindings: Vec<(String, Binding)>,
}

/// A node that a pattern of a taint rule marks.
#[derive(Clone, Debug)]
pub(crate) struct MarkMatch {
    /// Index of the rule in its set.
    pub rule: usize,
    pub role: MarkRole,
    /// Index in the rule's list of that role.
    pub mark: usize,
    pub at: At,
    /// Bytes of the file.
    pub range: Range<usize>,
    pub bindings: Vec<(String, Binding)>,
}

/// Which of a taint rule's lists a mark stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum MarkRole {
    Source,
    Sink,
    Sanitizer,
    Propagator,
}

/// What the patterns of a rule set find in one unit.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnitMatches {
    /// Of rules in search mode, sorted by position.
    pub matches: Vec<Match>,
    /// Of taint rules.
    pub marks: Vec<MarkMatch>,
    /// Whether other units were looked at: then a change of theirs can change this result.
    pub read_module: bool,
}

/// Evaluates all rules over one unit.
pub(crate) fn search(set: &RuleSet, view: &FileView<'_>, unit: u32) -> UnitMatches {
    let mut out = UnitMatches::default();
    let ast = view.ast(unit);
    // A script inside markup is read by the rules of its own language.
    let language = view.units[unit as usize].language;
    let index = set.index(language);
    let mut candidates: Vec<(LeafRef, NodeId)> = Vec::new();
    for id in 0..ast.nodes.len() as NodeId {
        index.candidates(ast, id, view.names, |leaf| candidates.push((leaf, id)));
    }
    candidates.sort_unstable();
    candidates.dedup();
    let read_module = Cell::new(false);
    let module = OnceCell::new();
    let mut rules: Vec<u32> = candidates.iter().map(|(leaf, _)| leaf.rule).collect();
    rules.extend(&index.text);
    rules.sort_unstable();
    rules.dedup();
    for rule in rules {
        let compiled = &set.compiled()[rule as usize];
        if compiled.text || !compiled.paths.allow(view.path) {
            continue;
        }
        let from = candidates.partition_point(|(leaf, _)| leaf.rule < rule);
        let to = candidates.partition_point(|(leaf, _)| leaf.rule <= rule);
        let scope = Scope {
            rule: compiled,
            view,
            language,
            unit,
            root: Ast::ROOT,
            candidates: Some(&candidates[from..to]),
            read_module: &read_module,
            module: &module,
            bound: Bindings::new(),
            span: None,
            hits: RefCell::default(),
        };
        match &compiled.mode {
            Mode::Search(formula) => {
                for hit in scope.report(formula) {
                    out.matches.push(Match {
                        rule: rule as usize,
                        at: hit.at,
                        range: hit.range,
                        bindings: owned(hit.bindings),
                    });
                }
            }
            Mode::Taint(spec) => scope.marks(spec, rule as usize, &mut out.marks),
            Mode::Model(_) => {}
        }
    }
    out.matches.sort_by_key(|found| (found.range.start, found.range.end, found.rule));
    out.read_module = read_module.get();
    out
}

/// Evaluates the rules over text ([`CompiledRule::text`]) over the whole text of a file. The matches have
/// offsets of the file and bindings in the one unit of `view`.
pub(crate) fn search_text(set: &RuleSet, view: &FileView<'_>) -> Vec<Match> {
    let mut out = Vec::new();
    let read_module = Cell::new(false);
    let module = OnceCell::new();
    for (rule, compiled) in set.compiled().iter().enumerate() {
        let Mode::Search(formula) = &compiled.mode else { continue };
        if !compiled.text
            || !compiled.rule.languages.contains(&view.language)
            || !compiled.paths.allow(view.path)
        {
            continue;
        }
        let scope = Scope {
            rule: compiled,
            view,
            language: view.language,
            unit: 0,
            root: Ast::ROOT,
            candidates: None,
            read_module: &read_module,
            module: &module,
            bound: Bindings::new(),
            span: None,
            hits: RefCell::default(),
        };
        for hit in scope.report(formula) {
            out.push(Match { rule, at: hit.at, range: hit.range, bindings: owned(hit.bindings) });
        }
    }
    out.sort_by_key(|found| (found.range.start, found.range.end, found.rule));
    out
}

/// What one taint rule marks in a unit that is not the one being searched.
pub(crate) fn rule_marks(
    set: &RuleSet,
    view: &FileView<'_>,
    unit: u32,
    rule: usize,
    read_module: &Cell<bool>,
) -> Vec<MarkMatch> {
    let compiled = &set.compiled()[rule];
    let mut out = Vec::new();
    let Mode::Taint(spec) = &compiled.mode else { return out };
    let module = OnceCell::new();
    let scope = Scope {
        rule: compiled,
        view,
        language: view.units[unit as usize].language,
        unit,
        root: Ast::ROOT,
        candidates: None,
        read_module,
        module: &module,
        bound: Bindings::new(),
        span: None,
        hits: RefCell::default(),
    };
    scope.marks(spec, rule, &mut out);
    out
}

fn owned(bindings: Bindings<'_>) -> Vec<(String, Binding)> {
    let mut out: Vec<_> = bindings.into_iter().map(|(name, binding)| (name.to_owned(), binding)).collect();
    out.sort_by(|a, b| a.0.cmp(&b.0));
    out
}

/// Something that a formula matches.
#[derive(Clone, Debug, PartialEq)]
struct Hit<'s> {
    at: At,
    range: Range<usize>,
    bindings: Bindings<'s>,
    /// It only narrows others.
    inside: bool,
}

type Hits<'s> = Rc<Vec<Hit<'s>>>;

/// One rule over one unit, or over a part of it.
struct Scope<'s> {
    rule: &'s CompiledRule,
    view: &'s FileView<'s>,
    language: Language,
    unit: u32,
    /// Only this node and what lies below it generate.
    root: NodeId,
    /// The nodes that the index found for the rule's patterns; without it all nodes are tried.
    candidates: Option<&'s [(LeafRef, NodeId)]>,
    read_module: &'s Cell<bool>,
    module: &'s OnceCell<Statements>,
    /// What metavariables stand for already.
    bound: Bindings<'s>,
    /// The bytes of the file that are looked at, if not those of `root`.
    span: Option<Range<usize>>,
    /// By formula, since nots and conditions may ask again.
    hits: RefCell<FxHashMap<usize, Hits<'s>>>,
}

/// More matches of one formula than this in one unit help nobody.
const MAX_HITS: usize = 4_000;

impl<'s> Scope<'s> {
    /// The matches to report: one for each range.
    fn report(&self, formula: &'s Formula) -> Vec<Hit<'s>> {
        let mut out: Vec<Hit<'s>> = Vec::new();
        let mut seen = rustc_hash::FxHashSet::default();
        for hit in self.hits(formula).iter() {
            if seen.insert((hit.range.start, hit.range.end)) {
                // What was focused on can stand in another unit; the result is one of this unit all the same.
                let at =
                    if hit.at.unit == self.unit { hit.at } else { At { unit: self.unit, node: Ast::ROOT } };
                out.push(Hit { at, ..hit.clone() });
            }
        }
        out
    }

    /// What a taint rule marks: every way to match counts, since the metavariables of a source and a sink may
    /// have to agree.
    fn marks(&self, spec: &'s TaintSpec, rule: usize, out: &mut Vec<MarkMatch>) {
        for (role, mark, formula) in spec.formulas() {
            for hit in self.hits(formula).iter().filter(|hit| hit.at.unit == self.unit) {
                out.push(MarkMatch {
                    rule,
                    role,
                    mark,
                    at: hit.at,
                    range: hit.range.clone(),
                    bindings: owned(hit.bindings.clone()),
                });
            }
        }
    }

    /// All matches.
    pub(super) fn hits(&self, formula: &'s Formula) -> Hits<'s> {
        let key = std::ptr::from_ref(formula) as usize;
        if let Some(hits) = self.hits.borrow().get(&key) {
            return hits.clone();
        }
        let mut hits = match formula {
            Formula::Leaf(leaf) => self.leaf(*leaf),
            Formula::Regex(regex) => self.regex(regex),
            Formula::Text(pattern) => self.text(pattern),
            Formula::Any(any) => any.iter().flat_map(|formula| self.hits(formula).to_vec()).collect(),
            Formula::Inside(inner) => {
                let mut hits = self.hits(inner).to_vec();
                hits.iter_mut().for_each(|hit| hit.inside = true);
                hits
            }
            Formula::All(all) => self.all(all),
        };
        hits.truncate(MAX_HITS);
        let hits = Rc::new(hits);
        self.hits.borrow_mut().insert(key, hits.clone());
        hits
    }

    fn pattern(&self, leaf: usize) -> Option<&'s Pattern> {
        self.rule.leaves[leaf].pattern(self.language)
    }

    fn matcher(&self, pattern: &'s Pattern) -> Matcher<'s> {
        Matcher::new(pattern, self.view, self.rule.settings, self.read_module)
    }

    fn leaf(&self, leaf: usize) -> Vec<Hit<'s>> {
        let Some(pattern) = self.pattern(leaf) else { return Vec::new() };
        let mut out = Vec::new();
        match &pattern.root {
            Root::Node(_) => {
                let mut matcher = self.matcher(pattern);
                if self.root != Ast::ROOT {
                    matcher.whole = Some(At { unit: self.unit, node: self.root });
                }
                for node in self.nodes(leaf) {
                    let at = At { unit: self.unit, node };
                    let _ = matcher.at_node(at, &self.bound, &mut |found| {
                        add(&mut out, self.hit(found));
                        if out.len() >= MAX_HITS { Break(()) } else { Continue(()) }
                    });
                }
            }
            Root::Sequence(_) => self.sequences(pattern, &mut out),
        }
        out
    }

    /// The nodes at which a pattern may match.
    fn nodes(&self, leaf: usize) -> Vec<NodeId> {
        let ast = self.view.ast(self.unit);
        let within = if ast.is_empty() { 0..0 } else { ast.subtree(self.root) };
        let indexed = self
            .candidates
            .filter(|candidates| candidates.iter().any(|(known, _)| known.leaf as usize == leaf));
        match indexed {
            Some(candidates) => candidates
                .iter()
                .filter(|(known, node)| known.leaf as usize == leaf && within.contains(node))
                .map(|(_, node)| *node)
                .collect(),
            None => within.collect(),
        }
    }

    /// Patterns of several statements, from every statement of the unit on.
    fn sequences(&self, pattern: &'s Pattern, out: &mut Vec<Hit<'s>>) {
        let ast = self.view.ast(self.unit);
        if ast.is_empty() {
            return;
        }
        let mut matcher = self.matcher(pattern);
        let mut try_list = |list: &[At], starts: Range<usize>| {
            for from in starts {
                let _ = matcher.at_statements(list, from, &self.bound, &mut |found| {
                    add(out, self.hit(found));
                    if out.len() >= MAX_HITS { Break(()) } else { Continue(()) }
                });
            }
        };
        for id in ast.subtree(self.root) {
            if let Some(list) = statements_of(ast, self.unit, id) {
                try_list(&list, 0..list.len());
            }
        }
        if self.root == Ast::ROOT {
            let list = self.module();
            let own = list.partition_point(|at| at.unit < self.unit)
                ..list.partition_point(|at| at.unit <= self.unit);
            if !own.is_empty() && list.len() > 1 {
                self.read_module.set(true);
            }
            try_list(list, own);
        }
    }

    fn module(&self) -> &Statements {
        self.module.get_or_init(|| module_statements(self.view))
    }

    fn hit(&self, found: Found<'s>) -> Hit<'s> {
        let start = self.start(found.first);
        let end = self.view.range(found.last).end;
        let end = end.max(self.view.range(found.first).end);
        Hit { at: found.first, range: start..end, bindings: found.bindings, inside: false }
    }

    /// Where a node starts, with the decorators that stand before its `export`.
    fn start(&self, at: At) -> usize {
        let ast = self.view.ast(at.unit);
        let decorator = ast
            .parent(at.node)
            .filter(|&parent| ast.kind(parent) == Kind::Export)
            .and_then(|parent| ast.slot(parent, Slot::Decorator));
        let own = self.view.range(at).start;
        decorator.map_or(own, |node| self.view.range(At { unit: at.unit, node }).start.min(own))
    }

    fn regex(&self, formula: &'s RegexFormula) -> Vec<Hit<'s>> {
        let ast = self.view.ast(self.unit);
        let base = self.view.units[self.unit as usize].base;
        let within = if self.root == Ast::ROOT { 0..ast.text.len() } else { ast.range(self.root) };
        let text = ast.text.get(within.clone()).unwrap_or("");
        let mut out = Vec::new();
        for groups in formula.regex.find_all(text) {
            let mut bindings = Bindings::new();
            for (group, name) in groups.iter().zip(&formula.names).skip(1) {
                if let Some(range) = group {
                    let (start, end) =
                        ((within.start + range.start) as u32, (within.start + range.end) as u32);
                    bindings.push((name, Binding::Text { unit: self.unit, start, end }));
                }
            }
            let Some(Some(whole)) = groups.first() else { continue };
            let range = within.start + whole.start..within.start + whole.end;
            let at = At { unit: self.unit, node: smallest_around(ast, &range) };
            add(&mut out, Hit { at, range: base + range.start..base + range.end, bindings, inside: false });
        }
        out
    }

    fn text(&self, pattern: &'s TextPattern) -> Vec<Hit<'s>> {
        let ast = self.view.ast(self.unit);
        let base = self.view.units[self.unit as usize].base;
        let within = if self.root == Ast::ROOT { 0..ast.text.len() } else { ast.range(self.root) };
        let text = Text::new(ast.text.get(within.clone()).unwrap_or(""), pattern.options());
        let mut out = Vec::new();
        for found in pattern.find_all(&text) {
            let range = within.start + found.range.start..within.start + found.range.end;
            let bindings = found.bindings.iter().map(|(name, range)| {
                let (start, end) = ((within.start + range.start) as u32, (within.start + range.end) as u32);
                (*name, Binding::Text { unit: self.unit, start, end })
            });
            let bindings = bindings.filter(|(name, _)| *name != "$_").collect();
            let at = At { unit: self.unit, node: smallest_around(ast, &range) };
            add(&mut out, Hit { at, range: base + range.start..base + range.end, bindings, inside: false });
        }
        out
    }
}

fn add<'s>(out: &mut Vec<Hit<'s>>, hit: Hit<'s>) {
    // Further ways to match the same place are next to each other.
    if !out.iter().rev().take(16).any(|known| *known == hit) {
        out.push(hit);
    }
}

fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The smallest node around a stretch of a unit's text.
fn smallest_around(ast: &Ast, range: &Range<usize>) -> NodeId {
    let mut id = Ast::ROOT;
    if ast.is_empty() {
        return id;
    }
    while let Some(child) = ast.children(id).find(|&child| contains(&ast.range(child), range)) {
        id = child;
    }
    id
}

fn units_of(language: Language, text: &str) -> Vec<Unit> {
    let mut source = Source::new(language, text);
    match source.parse(ParseBudget::default()) {
        Ok(()) => cut(&source),
        Err(_) => Vec::new(),
    }
}

/// Text without a tree: one node.
pub(crate) fn text_unit(language: Language, text: &str) -> Unit {
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let node =
        Node { kind: Kind::Opaque, slot: Slot::None, raw: 0, start: 0, end, size: 1, parent: 0, hash: 0 };
    let ast = Ast { nodes: vec![node], text: text.to_owned() };
    Unit { base: 0, language, raw: 0, ast: std::sync::Arc::new(ast) }
}
