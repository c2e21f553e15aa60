//! Evaluates the rules of a set over one unit.
//!
//! One pass asks the [`Index`] at every node and so gathers the candidates of every pattern; only rules that
//! got one are evaluated. What narrows a candidate (`pattern-inside`, `pattern-not`) is looked for at the
//! candidate and around it, never over the file.

use std::cell::{Cell, OnceCell, RefCell};
use std::ops::ControlFlow::{Break, Continue};
use std::ops::Range;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::comparison::{Value, literal};
use super::condition::{Condition, Embedded, is_random};
use super::formula::{All, Formula, RegexFormula};
use super::index::LeafRef;
use super::{CompiledRule, Mode, RuleSet, TaintSpec};
use crate::analyze::{At, FileView, Names, Unit, cut};
use crate::language::Language;
use crate::pattern::{
    Binding, Bindings, Found, Matcher, Pattern, Root, Statements, constant_of, constant_text,
    module_statements, statements_of, type_of,
};
use crate::source::{ParseBudget, Source};
use crate::syntax::{Ast, Kind, NodeId, Slot};

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
        if !compiled.paths.allow(view.path) {
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
    fn hits(&self, formula: &'s Formula) -> Hits<'s> {
        let key = std::ptr::from_ref(formula) as usize;
        if let Some(hits) = self.hits.borrow().get(&key) {
            return hits.clone();
        }
        let mut hits = match formula {
            Formula::Leaf(leaf) => self.leaf(*leaf),
            Formula::Regex(regex) => self.regex(regex),
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
                    let _ = matcher.at_node(at, &Bindings::new(), &mut |found| {
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
                let _ = matcher.at_statements(list, from, &Bindings::new(), &mut |found| {
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

    fn all(&self, all: &'s All) -> Vec<Hit<'s>> {
        let mut hits: Option<Vec<Hit<'s>>> = None;
        for term in &all.terms {
            let own = self.hits(term);
            hits = Some(match hits {
                None => own.to_vec(),
                Some(hits) => self.intersect(&hits, &own),
            });
            if hits.as_ref().is_some_and(Vec::is_empty) {
                return Vec::new();
            }
        }
        let mut insides = all.insides.as_slice();
        let mut hits = match (hits, insides.split_first()) {
            (Some(hits), _) => hits,
            (None, Some((first, rest))) => {
                insides = rest;
                self.hits(first).to_vec()
            }
            // Only exclusions: whatever is looked at.
            (None, None) => vec![self.everything()],
        };
        for inside in insides {
            let mut kept = Vec::new();
            for hit in &hits {
                for bindings in self.enclosing(inside, hit) {
                    add(&mut kept, Hit { bindings, ..hit.clone() });
                }
            }
            hits = kept;
        }
        hits.retain(|hit| !all.nots.iter().any(|not| self.excluded(not, hit)));
        for condition in &all.conditions {
            let mut kept = Vec::new();
            for hit in hits {
                for bindings in self.holds(condition, &hit) {
                    add(&mut kept, Hit { bindings, ..hit.clone() });
                }
            }
            hits = kept;
        }
        for names in &all.focus {
            hits = hits.iter().flat_map(|hit| self.focus(hit, names)).collect();
        }
        hits
    }

    /// The part of the unit that is looked at, as one match.
    fn everything(&self) -> Hit<'s> {
        let at = At { unit: self.unit, node: self.root };
        Hit { at, range: self.view.range(at), bindings: Bindings::new(), inside: false }
    }

    /// The smaller of two that lie in each other and agree.
    fn intersect(&self, left: &[Hit<'s>], right: &[Hit<'s>]) -> Vec<Hit<'s>> {
        let mut out = Vec::new();
        for a in left {
            for b in right {
                for (inner, outer) in [(a, b), (b, a)] {
                    let direction = !inner.inside || outer.inside;
                    if direction
                        && contains(&outer.range, &inner.range)
                        && let Some(bindings) = self.unify(&inner.bindings, &outer.bindings)
                    {
                        add(&mut out, Hit { bindings, ..inner.clone() });
                    }
                }
            }
        }
        out
    }

    /// Both sets of bindings, where they agree.
    fn unify(&self, own: &Bindings<'s>, other: &Bindings<'s>) -> Option<Bindings<'s>> {
        let mut out = own.clone();
        for (name, binding) in other {
            match own.iter().find(|(known, _)| known == name) {
                // The numbers of groups say nothing about each other.
                Some(_) if name.as_bytes().get(1).is_some_and(u8::is_ascii_digit) => {}
                Some((_, known)) if !known.agrees(binding, self.view) => return None,
                Some(_) => {}
                None => out.push((name, binding.clone())),
            }
        }
        Some(out)
    }

    /// The bindings with which something that `formula` matches lies around the hit.
    fn enclosing(&self, formula: &'s Formula, hit: &Hit<'s>) -> Vec<Bindings<'s>> {
        match formula {
            Formula::Inside(inner) => self.enclosing(inner, hit),
            Formula::Any(any) => {
                let mut out = Vec::new();
                for bindings in any.iter().flat_map(|formula| self.enclosing(formula, hit)) {
                    if !out.contains(&bindings) {
                        out.push(bindings);
                    }
                }
                out
            }
            Formula::Leaf(leaf) => self.around(*leaf, hit, &|range| contains(range, &hit.range)),
            Formula::All(all)
                if all.terms.is_empty()
                    && all.nots.is_empty()
                    && all.focus.is_empty()
                    && !all.insides.is_empty() =>
            {
                let mut hits = vec![hit.clone()];
                for inside in &all.insides {
                    hits = hits
                        .iter()
                        .flat_map(|hit| {
                            self.enclosing(inside, hit)
                                .into_iter()
                                .map(|bindings| Hit { bindings, ..hit.clone() })
                        })
                        .collect();
                }
                for condition in &all.conditions {
                    hits = hits
                        .iter()
                        .flat_map(|hit| {
                            self.holds(condition, hit)
                                .into_iter()
                                .map(|bindings| Hit { bindings, ..hit.clone() })
                        })
                        .collect();
                }
                hits.into_iter().map(|hit| hit.bindings).collect()
            }
            _ => self
                .hits(formula)
                .iter()
                .filter(|outer| contains(&outer.range, &hit.range))
                .filter_map(|outer| self.unify(&hit.bindings, &outer.bindings))
                .collect(),
        }
    }

    /// The matches of a pattern at the hit and at what lies around it, if their range is wanted.
    fn around(
        &self,
        leaf: usize,
        hit: &Hit<'s>,
        wanted: &dyn Fn(&Range<usize>) -> bool,
    ) -> Vec<Bindings<'s>> {
        let Some(pattern) = self.pattern(leaf) else { return Vec::new() };
        let mut matcher = self.matcher(pattern);
        let mut out: Vec<Bindings<'s>> = Vec::new();
        let ast = self.view.ast(hit.at.unit);
        if ast.is_empty() {
            return out;
        }
        match &pattern.root {
            Root::Node(_) => {
                let mut nodes: Vec<NodeId> =
                    std::iter::once(hit.at.node).chain(ast.ancestors(hit.at.node)).collect();
                // A match can begin above what was focused on and still have its range.
                nodes.extend(
                    ast.subtree(hit.at.node)
                        .skip(1)
                        .take_while(|&id| ast.node(id).start == ast.node(hit.at.node).start)
                        .take(8),
                );
                for node in nodes {
                    let at = At { unit: hit.at.unit, node };
                    if !wanted(&(self.start(at)..self.view.range(at).end)) {
                        continue;
                    }
                    let _ = matcher.at_node(at, &hit.bindings, &mut |found| {
                        if !out.contains(&found.bindings) {
                            out.push(found.bindings);
                        }
                        Continue(())
                    });
                }
            }
            Root::Sequence(_) => {
                let mut try_list = |list: &[At]| {
                    // Only what starts at or before the hit can lie around it.
                    let starts = list.partition_point(|&at| self.view.range(at).start <= hit.range.start);
                    for from in 0..starts {
                        let _ = matcher.at_statements(list, from, &hit.bindings, &mut |found| {
                            let found = self.hit(found);
                            if wanted(&found.range) && !out.contains(&found.bindings) {
                                out.push(found.bindings);
                            }
                            Continue(())
                        });
                    }
                };
                for node in std::iter::once(hit.at.node).chain(ast.ancestors(hit.at.node)) {
                    if let Some(list) = statements_of(ast, hit.at.unit, node) {
                        try_list(&list);
                    }
                }
                if self.view.units.len() > 1 {
                    self.read_module.set(true);
                }
                try_list(self.module());
            }
        }
        out
    }

    fn excluded(&self, not: &'s Formula, hit: &Hit<'s>) -> bool {
        match not {
            Formula::Inside(inner) => !self.enclosing(inner, hit).is_empty(),
            Formula::Any(any) => any.iter().any(|formula| self.excluded(formula, hit)),
            Formula::Leaf(leaf) => !self.around(*leaf, hit, &|range| *range == hit.range).is_empty(),
            Formula::Regex(_) => self.hits(not).iter().any(|other| {
                (contains(&other.range, &hit.range) || contains(&hit.range, &other.range))
                    && self.unify(&hit.bindings, &other.bindings).is_some()
            }),
            Formula::All(_) => self.hits(not).iter().any(|other| {
                let fits =
                    if other.inside { contains(&other.range, &hit.range) } else { other.range == hit.range };
                fits && self.unify(&hit.bindings, &other.bindings).is_some()
            }),
        }
    }

    /// The match narrowed to the metavariables.
    fn focus(&self, hit: &Hit<'s>, names: &[String]) -> Vec<Hit<'s>> {
        hit.bindings
            .iter()
            .filter(|(name, _)| names.iter().any(|wanted| wanted == name))
            .map(|(_, binding)| {
                let range = binding.range(self.view);
                let at = match *binding {
                    Binding::Node(at) => at,
                    Binding::Text { unit, start, end } => {
                        let node = smallest_around(self.view.ast(unit), &(start as usize..end as usize));
                        At { unit, node }
                    }
                };
                Hit { at, range, ..hit.clone() }
            })
            .collect()
    }

    /// The bindings with which a condition holds; none where it does not.
    fn holds(&self, condition: &'s Condition, hit: &Hit<'s>) -> Vec<Bindings<'s>> {
        let bound =
            |wanted: &str| hit.bindings.iter().find(|(name, _)| *name == wanted).map(|(_, binding)| binding);
        let unchanged = |holds: bool| if holds { vec![hit.bindings.clone()] } else { Vec::new() };
        match condition {
            Condition::Regex { metavariable, regex, constants } => {
                let Some(binding) = bound(metavariable) else { return Vec::new() };
                let mut text = binding.text(self.view).to_owned();
                if *constants
                    && let Binding::Node(at) = binding
                    && let Some(value) = constant_text(self.view, *at, self.read_module)
                {
                    text = value.into_owned();
                }
                unchanged(regex.matches_start(&text))
            }
            Condition::Comparison { metavariable, comparison, strip, base } => {
                let value = |name: &str| -> Option<Value> {
                    let binding = bound(name)?;
                    let text = match *binding {
                        Binding::Node(at) => match constant_of(self.view, at, self.read_module) {
                            Some(at) => self.view.text(at),
                            None => binding.text(self.view),
                        },
                        Binding::Text { .. } => binding.text(self.view),
                    };
                    let own = metavariable.as_deref() == Some(name);
                    let text = if own && *strip { crate::syntax::strip_quotes(text) } else { text };
                    Some(literal(text, if own { *base } else { 10 }))
                };
                unchanged(comparison.holds(&value))
            }
            Condition::Type { metavariable, types } => {
                let Some(Binding::Node(at)) = bound(metavariable) else { return Vec::new() };
                let ty = type_of(self.view, *at, self.read_module);
                unchanged(ty.is_some_and(|ty| types.iter().any(|wanted| wanted.trim() == ty)))
            }
            Condition::Entropy { metavariable } => {
                unchanged(bound(metavariable).is_some_and(|binding| is_random(binding.text(self.view))))
            }
            Condition::Pattern { metavariable, formula, language } => {
                let Some(binding) = bound(metavariable) else { return Vec::new() };
                match language {
                    None => self.matches_within(formula, binding, &hit.bindings),
                    Some(embedded) => {
                        unchanged(self.matches_text(formula, binding.text(self.view), *embedded))
                    }
                }
            }
        }
    }

    /// A formula over the code that a metavariable stands for.
    fn matches_within(
        &self,
        formula: &'s Formula,
        binding: &Binding,
        bound: &Bindings<'s>,
    ) -> Vec<Bindings<'s>> {
        let (at, range) = match *binding {
            Binding::Node(at) => (at, self.view.range(at)),
            Binding::Text { unit, start, end } => {
                let node = smallest_around(self.view.ast(unit), &(start as usize..end as usize));
                (At { unit, node }, binding.range(self.view))
            }
        };
        let scope = Scope {
            rule: self.rule,
            view: self.view,
            language: self.language,
            unit: at.unit,
            root: at.node,
            candidates: None,
            read_module: self.read_module,
            module: self.module,
            hits: RefCell::default(),
        };
        let mut out = Vec::new();
        for hit in scope.hits(formula).iter() {
            if contains(&range, &hit.range)
                && let Some(bindings) = self.unify(bound, &hit.bindings)
                && !out.contains(&bindings)
            {
                out.push(bindings);
            }
        }
        out
    }

    /// A formula over text that is a program of its own, perhaps in another language.
    fn matches_text(&self, formula: &'s Formula, text: &str, embedded: Embedded) -> bool {
        let text = crate::syntax::strip_quotes(text);
        let (language, units) = match embedded {
            Embedded::Language(language) => (language, units_of(language, text)),
            Embedded::Text => (self.language, vec![text_unit(self.language, text)]),
        };
        let names = Names::gather(units.iter());
        let view = FileView { path: self.view.path, language, units: &units, names: &names };
        let module = OnceCell::new();
        (0..units.len() as u32).any(|unit| {
            let scope = Scope {
                rule: self.rule,
                view: &view,
                language,
                unit,
                root: Ast::ROOT,
                candidates: None,
                read_module: self.read_module,
                module: &module,
                hits: RefCell::default(),
            };
            !scope.hits(formula).is_empty()
        })
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

/// Text without a tree.
fn text_unit(language: Language, text: &str) -> Unit {
    let ast = Ast { nodes: Vec::new(), text: text.to_owned() };
    Unit { base: 0, language, raw: 0, ast: std::sync::Arc::new(ast) }
}
