//! What the patterns of taint rules mark in one unit.
//!
//! The models speak of kinds that all rules share. A pattern speaks for its own rule only, so each rule (and
//! each of its labels) has a kind of taint of its own, above those of the models.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::env::Env;
use super::eval::{Flow, PATTERN_KINDS};
use super::value::{Taint, Value, union};
use crate::pattern::Binding;
use crate::rule::{Mark, MarkMatch, MarkRole, Mode, RuleSet, SideEffect};
use crate::syntax::{Kind, NodeId};

/// The marks of one unit, by node.
#[derive(Default)]
pub(crate) struct Marks<'a> {
    nodes: FxHashMap<NodeId, SmallVec<[NodeMark<'a>; 1]>>,
    /// What the kinds from [`PATTERN_KINDS`] on stand for: a rule and one of its labels.
    kinds: Vec<(usize, Option<&'a str>)>,
}

#[derive(Clone, Copy)]
struct NodeMark<'a> {
    rule: usize,
    role: MarkRole,
    mark: &'a Mark,
    /// Of a propagator.
    from: Option<NodeId>,
    to: Option<NodeId>,
}

impl<'a> Marks<'a> {
    /// The marks that `found` puts on the nodes of a unit.
    pub fn new(rules: &'a RuleSet, found: &[MarkMatch], unit: u32) -> Marks<'a> {
        let mut marks = Marks::default();
        for found in found.iter().filter(|found| found.at.unit == unit) {
            let Mode::Taint(spec) = &rules.compiled()[found.rule].mode else { continue };
            if spec.is_plain() {
                continue;
            }
            let list = match found.role {
                MarkRole::Source => &spec.sources,
                MarkRole::Sink => &spec.sinks,
                MarkRole::Sanitizer => &spec.sanitizers,
                MarkRole::Propagator => &spec.propagators,
            };
            let Some(mark) = list.get(found.mark) else { continue };
            let bound = |name: &str| {
                let (_, binding) = found.bindings.iter().find(|(known, _)| known == name)?;
                match binding {
                    Binding::Node(at) if at.unit == unit => Some(at.node),
                    _ => None,
                }
            };
            let (from, to) = match &mark.propagator {
                Some(propagator) => (bound(&propagator.from), bound(&propagator.to)),
                None => (None, None),
            };
            let node = NodeMark { rule: found.rule, role: found.role, mark, from, to };
            marks.nodes.entry(found.at.node).or_default().push(node);
        }
        marks
    }

    fn kind(&mut self, rule: usize, label: Option<&'a str>) -> u16 {
        let index = self.kinds.iter().position(|known| *known == (rule, label)).unwrap_or_else(|| {
            self.kinds.push((rule, label));
            self.kinds.len() - 1
        });
        PATTERN_KINDS + index as u16
    }

    fn is_of_rule(&self, kind: u16, rule: usize) -> bool {
        kind.checked_sub(PATTERN_KINDS)
            .and_then(|index| self.kinds.get(index as usize))
            .is_some_and(|k| k.0 == rule)
    }
}

impl<'a> Flow<'a> {
    /// Applies what patterns say of the node `id`, whose value is `value`. `inputs` are the taints that go into
    /// it where it is a call.
    pub(super) fn apply_marks(&mut self, id: NodeId, value: &mut Value, inputs: &[Taint], env: &mut Env) {
        let Some(marks) = self.marks.nodes.get(&id) else { return };
        let marks = marks.clone();
        // What a propagator reads lies in what it marks, or is it: it is read without propagating again.
        if !std::mem::replace(&mut self.propagating, true) {
            for mark in marks.iter().filter(|mark| mark.role == MarkRole::Propagator) {
                self.propagate(mark, env);
            }
            self.propagating = false;
        }
        for mark in marks.iter().filter(|mark| mark.role == MarkRole::Sanitizer) {
            self.sanitize(mark, id, value, env);
        }
        for mark in marks.iter().filter(|mark| mark.role == MarkRole::Source) {
            self.mark_source(mark, id, value, env);
        }
        for mark in marks.iter().filter(|mark| mark.role == MarkRole::Sink) {
            self.mark_sink(mark, id, value, inputs);
        }
    }

    fn mark_source(&mut self, mark: &NodeMark<'a>, id: NodeId, value: &mut Value, env: &mut Env) {
        if let Some(requires) = &mark.mark.requires
            && !requires.holds(&|label| self.has_label(&value.all_taints(), mark.rule, label))
        {
            return;
        }
        let kind = self.marks.kind(mark.rule, mark.mark.label.as_deref());
        let text = self.ast.text(id).lines().next().unwrap_or("");
        let step = self.source_step(id, format!("`{text}` is a source"));
        value.taints = union(&value.taints, &[Taint { kind, cleared: 0, step, weak: false }]);
        if mark.mark.by_side_effect != SideEffect::No && self.ast.kind(id) == Kind::Ident {
            env.set(self.ast.node(id).hash, value.clone());
        }
    }

    fn sanitize(&mut self, mark: &NodeMark<'a>, id: NodeId, value: &mut Value, env: &mut Env) {
        let sinks = self.sinks_of(mark.rule);
        let clean = |flow: &Flow<'_>, value: &mut Value| {
            value.taints.retain(|taint| !flow.marks.is_of_rule(taint.kind, mark.rule));
            for taint in &mut value.taints {
                taint.cleared |= sinks;
            }
        };
        clean(self, value);
        if mark.mark.by_side_effect != SideEffect::No && self.ast.kind(id) == Kind::Ident {
            env.set(self.ast.node(id).hash, value.clone());
        }
    }

    fn propagate(&mut self, mark: &NodeMark<'a>, env: &mut Env) {
        let (Some(from), Some(to)) = (mark.from, mark.to) else { return };
        let taints = self.expression(from, env).all_taints();
        let mut kept: SmallVec<[Taint; 1]> = SmallVec::new();
        for taint in taints {
            if self.marks.is_of_rule(taint.kind, mark.rule) || taint.kind < PATTERN_KINDS {
                kept.push(taint);
            }
        }
        if kept.is_empty() || self.ast.kind(to) != Kind::Ident {
            return;
        }
        let mut value = self.expression(to, env);
        value.taints = union(&value.taints, &kept);
        env.set(self.ast.node(to).hash, value);
    }

    fn mark_sink(&mut self, mark: &NodeMark<'a>, id: NodeId, value: &Value, inputs: &[Taint]) {
        // What goes into a call counts as well as what comes out, unless the rule asks for the very value.
        let inputs = if mark.mark.exact == Some(true) { &[] } else { inputs };
        let taints = union(&value.all_taints(), inputs);
        let (sources, sinks) = (self.sources_of(mark.rule), self.sinks_of(mark.rule));
        let counts = |taint: &&Taint| {
            self.marks.is_of_rule(taint.kind, mark.rule)
                || (taint.kind < PATTERN_KINDS
                    && sources & (1 << taint.kind) != 0
                    && (sinks == 0 || taint.cleared & sinks != sinks))
        };
        let Some(taint) = taints.iter().find(counts).copied() else { return };
        let holds = match &mark.mark.requires {
            None => true,
            Some(requires) => requires.holds(&|label| self.has_label(&taints, mark.rule, label)),
        };
        if holds {
            self.report(mark.rule, id, id, taint, Default::default());
        }
    }

    fn has_label(&self, taints: &[Taint], rule: usize, label: &str) -> bool {
        taints.iter().any(|taint| {
            let known =
                taint.kind.checked_sub(PATTERN_KINDS).and_then(|index| self.marks.kinds.get(index as usize));
            known == Some(&(rule, Some(label)))
        })
    }
}
