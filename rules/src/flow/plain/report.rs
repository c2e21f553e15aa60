//! What the marks of a rule do to values, and where a taint is a finding.

use super::shape::{Env, Shape, Taint, Taints, extend};
use super::{Flow, NO_STEP, Origin, Step};
use crate::analyze::At;
use crate::flow::FlowFinding;
use crate::rule::SideEffect;
use crate::syntax::{Kind, NodeId, Slot};

impl<'a> Flow<'a> {
    fn at(&self, node: NodeId) -> (At, std::ops::Range<usize>) {
        let at = At { unit: self.unit, node };
        (at, self.view.range(at))
    }

    /// A value that is read, with what the marks say of its node.
    pub(super) fn marked(&mut self, id: NodeId, mut value: Shape, inputs: &[Taint], env: &mut Env) -> Shape {
        let (at, range) = self.at(id);
        if self.sanitized(id, at, &range, env) {
            return Shape::default();
        }
        self.sources(id, at, &range, &mut value, env);
        self.propagators(id, &mut value, env);
        self.sinks(id, at, &range, &value, inputs, env);
        value
    }

    /// A value that is written to a place, with what the marks say of that place.
    pub(super) fn written(&mut self, id: NodeId, mut value: Shape, env: &mut Env) -> Shape {
        let (at, range) = self.at(id);
        if self.sanitized(id, at, &range, env) {
            return Shape::default();
        }
        self.sources(id, at, &range, &mut value, env);
        // A propagator may end here; a place that is written reads nothing.
        self.propagators(id, &mut value, env);
        value
    }

    fn sanitized(&mut self, id: NodeId, at: At, range: &std::ops::Range<usize>, env: &mut Env) -> bool {
        let spots = self.marks.sanitizers(at, range);
        if spots.is_empty() {
            return false;
        }
        let lasting = spots.iter().any(|spot| spot.mark.by_side_effect != SideEffect::No && spot.at == id);
        if lasting && let Some(place) = self.place(id) {
            env.set(&place, Shape::default());
        }
        true
    }

    fn sources(
        &mut self,
        id: NodeId,
        at: At,
        range: &std::ops::Range<usize>,
        value: &mut Shape,
        env: &mut Env,
    ) {
        let marks = self.marks;
        let known = value.all_taints();
        for spot in marks.sources(at, range, self.spec.options.unify_metavariables) {
            if !marks.allows(spot.mark, &known) {
                continue;
            }
            let node = if spot.range == *range { id } else { spot.at };
            let taint =
                self.origin(node, &spot.range, &spot.bindings, marks.label(spot.mark.label.as_deref()));
            if spot.mark.control {
                extend(&mut env.control, &[taint]);
                continue;
            }
            if spot.mark.by_side_effect != SideEffect::Only {
                value.add(&[taint]);
            }
            if spot.mark.by_side_effect != SideEffect::No
                && spot.at == id
                && let Some(place) = self.place(id)
            {
                env.taint(&place, &[taint]);
            }
        }
    }

    fn origin(
        &mut self,
        node: NodeId,
        range: &std::ops::Range<usize>,
        bindings: &std::rc::Rc<[(String, crate::pattern::Binding)]>,
        label: u16,
    ) -> Taint {
        let same = |known: &Origin| {
            known.unit == self.unit
                && known.range == *range
                && (std::rc::Rc::ptr_eq(&known.bindings, bindings))
        };
        let origin = self.origins.iter().position(same).unwrap_or_else(|| {
            self.origins.push(Origin {
                unit: self.unit,
                node,
                range: range.clone(),
                bindings: bindings.clone(),
            });
            self.origins.len() - 1
        });
        Taint { origin: origin as u32, label, step: NO_STEP }
    }

    fn propagators(&mut self, id: NodeId, value: &mut Shape, env: &mut Env) {
        let marks = self.marks;
        for &index in marks.ends(id) {
            let way = &marks.ways[index];
            if way.from == id {
                let taints = value.all_taints();
                let carried = match marks.allows(way.mark, &taints) && !taints.is_empty() {
                    true => marks.relabelled(way.mark, &taints),
                    false => Taints::new(),
                };
                if let Some(to) = self.awaited.remove(&index)
                    && way.mark.by_side_effect != SideEffect::No
                    && !carried.is_empty()
                    && let Some(place) = self.place(to)
                {
                    env.taint(&place, &carried);
                }
                self.carried.insert(index, carried);
            }
            if way.to != id {
                continue;
            }
            match self.carried.remove(&index) {
                Some(mut carried) => {
                    if carried.is_empty() {
                        continue;
                    }
                    self.step(&mut carried, id, "receives it");
                    value.add(&carried);
                    if way.mark.by_side_effect != SideEffect::No
                        && let Some(place) = self.place(id)
                    {
                        env.taint(&place, &carried);
                    }
                }
                None => {
                    self.awaited.insert(index, id);
                }
            }
        }
    }

    fn sinks(
        &mut self,
        id: NodeId,
        at: At,
        range: &std::ops::Range<usize>,
        value: &Shape,
        inputs: &[Taint],
        env: &Env,
    ) {
        if self.skip_functions {
            return;
        }
        let marks = self.marks;
        for spot in marks.sinks(at, range) {
            let mut taints = value.all_taints();
            // Of a call that was not narrowed to a part of it the arguments count too.
            if !spot.mark.has_focus {
                extend(&mut taints, inputs);
            }
            extend(&mut taints, &env.control);
            if spot.mark.at_exit && !self.is_exit(id) {
                continue;
            }
            if self.spec.options.unify_metavariables {
                taints.retain(|taint| self.agrees(&self.origins[taint.origin as usize], &spot.bindings));
            }
            if taints.is_empty() || !marks.reaches(spot.mark, &taints) {
                continue;
            }
            self.report(id, &spot.range, &spot.bindings, &taints);
        }
    }

    /// Whether the metavariables that a source and a sink share stand for the same.
    fn agrees(&self, origin: &Origin, sink: &[(String, crate::pattern::Binding)]) -> bool {
        origin.bindings.iter().all(|(name, bound)| {
            let other = sink.iter().find(|(known, _)| known == name);
            other.is_none_or(|(_, other)| other.agrees(bound, self.view))
        })
    }

    /// Whether the function ends with this expression.
    fn is_exit(&self, id: NodeId) -> bool {
        let ast = self.ast;
        let mut node = id;
        while let Some(parent) = ast.parent(node) {
            match ast.kind(parent) {
                Kind::Return => return true,
                Kind::Function => return true,
                Kind::Block | Kind::Module if ast.children(parent).last() != Some(node) => return false,
                Kind::For | Kind::ForIn | Kind::While => return false,
                Kind::If if ast.node(node).slot == Slot::Cond => return false,
                _ => {}
            }
            node = parent;
        }
        true
    }

    fn report(
        &mut self,
        id: NodeId,
        range: &std::ops::Range<usize>,
        bindings: &[(String, crate::pattern::Binding)],
        taints: &[Taint],
    ) {
        let Some(taint) = taints.first() else { return };
        let origin = self.origins[taint.origin as usize].clone();
        let here = origin.unit == self.unit;
        let (node, range) = match self.spec.options.focus_on_source && here {
            true => (origin.node, origin.range.clone()),
            false => (id, range.clone()),
        };
        let known = |finding: &FlowFinding| finding.range.as_ref() == Some(&range);
        if self.findings.iter().any(known) {
            return;
        }
        let ast = self.ast;
        let first_line = |node| ast.text(node).lines().next().unwrap_or("");
        let mut trace = Vec::new();
        if here {
            trace.push((origin.node, format!("`{}` is a source", first_line(origin.node))));
            trace.extend(self.way(taint.step));
        }
        trace.push((id, format!("`{}` reaches the sink", first_line(id))));
        let mut bindings = bindings.to_vec();
        for (name, binding) in origin.bindings.iter() {
            if !bindings.iter().any(|(known, _)| known == name) {
                bindings.push((name.clone(), binding.clone()));
            }
        }
        self.findings.push(FlowFinding {
            rule: self.rule,
            sink: node,
            argument: id,
            trace,
            hints: Default::default(),
            range: Some(range),
            bindings,
        });
    }

    fn way(&self, mut step: u32) -> Vec<(NodeId, String)> {
        let mut out = Vec::new();
        while step != NO_STEP && out.len() < 32 {
            let Some(Step { node, note, previous }) = self.steps.get(step as usize) else { break };
            out.push((*node, format!("`{}` {note}", self.ast.text(*node).lines().next().unwrap_or(""))));
            step = *previous;
        }
        out.reverse();
        out
    }
}
