//! What lies around a match: contexts that it must stand in, and what excludes it.

use std::ops::ControlFlow::Continue;
use std::ops::Range;

use super::{Hit, Scope, contains};
use crate::analyze::At;
use crate::pattern::{Bindings, Root, statements_of};
use crate::rule::formula::Formula;
use crate::syntax::NodeId;

impl<'s> Scope<'s> {
    /// The bindings with which something that `formula` matches lies around the hit.
    pub(super) fn enclosing(&self, formula: &'s Formula, hit: &Hit<'s>) -> Vec<Bindings<'s>> {
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
                hits.iter().flat_map(|hit| self.holding(&all.conditions, hit)).collect()
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
                nodes.retain(|&node| matcher.may_match(At { unit: hit.at.unit, node }));
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

    pub(super) fn excluded(&self, not: &'s Formula, hit: &Hit<'s>) -> bool {
        match not {
            Formula::Inside(inner) => !self.enclosing(inner, hit).is_empty(),
            Formula::Any(any) => any.iter().any(|formula| self.excluded(formula, hit)),
            Formula::Leaf(leaf) => !self.around(*leaf, hit, &|range| *range == hit.range).is_empty(),
            Formula::Regex(_) => self.hits(not).iter().any(|other| {
                (contains(&other.range, &hit.range) || contains(&hit.range, &other.range))
                    && self.unify(&hit.bindings, &other.bindings).is_some()
            }),
            Formula::All(_) | Formula::Text(_) => self.hits(not).iter().any(|other| {
                let fits =
                    if other.inside { contains(&other.range, &hit.range) } else { other.range == hit.range };
                fits && self.unify(&hit.bindings, &other.bindings).is_some()
            }),
        }
    }
}
