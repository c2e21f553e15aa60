//! Where values become untrusted, how they moved, and where that is a finding.

use std::collections::BTreeMap;

use super::{Flow, FlowFinding, NO_STEP, PATTERN_KINDS, Step, first_line};
use crate::flow::models::Sink;
use crate::flow::value::{Taint, Value, union};
use crate::syntax::{Kind, NodeId, Slot};

impl<'a> Flow<'a> {
    pub(in crate::flow) fn add_source(&mut self, value: &mut Value, node: NodeId) {
        let Some(source) = &self.model.at(value.path).source else { return };
        let node = self.whole_access(node);
        let short = first_line(self.ast.text(node));
        let step = self.source_step(node, format!("`{short}` comes from {}", source.from));
        value.taints = union(&value.taints, &[Taint { kind: source.kind, cleared: 0, step, weak: false }]);
    }

    /// Of `req.query` in `req.query.email` the whole: that is what people call the input.
    pub(in crate::flow) fn whole_access(&self, mut node: NodeId) -> NodeId {
        let ast = self.ast;
        while let Some(parent) = ast.parent(node) {
            let is_object = ast.node(node).slot == Slot::Object;
            let is_callee = ast.node(node).slot == Slot::Callee && ast.kind(node) == Kind::Member;
            match ast.kind(parent) {
                Kind::Member | Kind::Index if is_object => node = parent,
                Kind::Call if is_callee && node != parent => node = parent,
                _ => break,
            }
        }
        node
    }

    pub(in crate::flow) fn source_step(&mut self, node: NodeId, note: String) -> u32 {
        if let Some(&step) = self.source_steps.get(&node) {
            return step;
        }
        let step = self.steps.len() as u32;
        self.steps.push(Step { node, note, previous: NO_STEP });
        self.source_steps.insert(node, step);
        step
    }

    pub(in crate::flow) fn add_step(&mut self, value: &mut Value, node: NodeId, note: impl Fn() -> String) {
        for taint in &mut value.taints {
            let step = self.steps.len() as u32;
            self.steps.push(Step { node, note: note(), previous: taint.step });
            taint.step = step;
        }
    }

    pub(in crate::flow) fn check_sink(
        &mut self,
        sink: &Sink,
        node: NodeId,
        argument: NodeId,
        value: &Value,
        receiver: Option<NodeId>,
    ) {
        let taints = value.all_taints();
        if taints.is_empty() {
            return;
        }
        let holds = self.conditions(sink, value, receiver);
        self.record_sink(sink, node, argument, &taints, holds);
        let concrete = taints.iter().filter(|taint| taint.kind < PATTERN_KINDS);
        let weak = concrete.clone().next().is_none() || concrete.clone().all(|taint| taint.weak);
        if !(if weak { holds.1 } else { holds.0 }) {
            return;
        }
        let bit = 1u64 << sink.kind;
        for rule in self.rules {
            if rule.sinks & bit == 0 {
                continue;
            }
            let reaches = taints.iter().find(|taint| {
                taint.kind < PATTERN_KINDS
                    && rule.sources & (1 << taint.kind) != 0
                    && taint.cleared & bit == 0
            });
            let Some(taint) = reaches else { continue };
            self.report(rule.rule, node, argument, *taint, sink.hints.clone());
        }
    }

    /// Whether the conditions of a sink hold for a value that is text, and for one that may be something else.
    fn conditions(&self, sink: &Sink, value: &Value, receiver: Option<NodeId>) -> (bool, bool) {
        if sink.when.is_empty() {
            return (true, true);
        }
        let container = self.model.at(value.path).source.as_ref().is_some_and(|source| source.container);
        let receiver = receiver.map(|receiver| self.ast.text(receiver));
        let holds = |text: bool| sink.when.iter().any(|condition| condition.holds(value, text, receiver));
        (holds(!container), holds(false))
    }

    /// Source kinds of the models that a rule starts from, as bits.
    pub(in crate::flow) fn sources_of(&self, rule: usize) -> u64 {
        self.rules.iter().find(|known| known.rule == rule).map_or(0, |known| known.sources)
    }

    /// Sink kinds of the models that a rule ends in, as bits.
    pub(in crate::flow) fn sinks_of(&self, rule: usize) -> u64 {
        self.rules.iter().find(|known| known.rule == rule).map_or(0, |known| known.sinks)
    }

    pub(in crate::flow) fn report(
        &mut self,
        rule: usize,
        sink: NodeId,
        argument: NodeId,
        taint: Taint,
        hints: BTreeMap<String, String>,
    ) {
        if !self.found.insert((rule, sink)) {
            return;
        }
        let mut trace = self.trace(taint.step);
        trace.push((argument, format!("`{}` reaches the sink", first_line(self.ast.text(argument)))));
        self.findings.push(FlowFinding {
            rule,
            sink,
            argument,
            trace,
            hints,
            range: None,
            bindings: Vec::new(),
        });
    }

    pub(in crate::flow) fn trace(&self, mut step: u32) -> Vec<(NodeId, String)> {
        let mut out = Vec::new();
        while step != NO_STEP && out.len() < 32 {
            let at = &self.steps[step as usize];
            out.push((at.node, at.note.clone()));
            step = at.previous;
        }
        out.reverse();
        out
    }
}
