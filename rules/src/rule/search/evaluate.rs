//! What joins the parts of a formula: matches in each other, what must not be there, and what is focused on.

use super::{Hit, Scope, add, contains, smallest_around};
use crate::analyze::At;
use crate::pattern::{Binding, Bindings};
use crate::rule::formula::All;

impl<'s> Scope<'s> {
    pub(super) fn all(&self, all: &'s All) -> Vec<Hit<'s>> {
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
        let mut hits = match hits {
            Some(hits) => self.within(hits, all, None),
            // Only exclusions: whatever is looked at.
            None if all.insides.is_empty() => vec![self.everything()],
            // Whichever is the innermost is the match.
            None => {
                let mut hits = Vec::new();
                for (index, inside) in all.insides.iter().enumerate() {
                    for hit in self.within(self.hits(inside).to_vec(), all, Some(index)) {
                        add(&mut hits, hit);
                    }
                }
                hits
            }
        };
        hits.retain(|hit| !all.nots.iter().any(|not| self.excluded(not, hit)));
        for name in &all.names {
            for hit in &mut hits {
                let at = Binding::Node(hit.at);
                let whole = match at.range(self.view) == hit.range {
                    true => at,
                    false => {
                        let base = self.view.units[hit.at.unit as usize].base;
                        let (start, end) = ((hit.range.start - base) as u32, (hit.range.end - base) as u32);
                        Binding::Text { unit: hit.at.unit, start, end }
                    }
                };
                hit.bindings.push((name, whole));
            }
        }
        if !all.conditions.is_empty() {
            let mut kept = Vec::new();
            for hit in hits {
                for bindings in self.holding(&all.conditions, &hit) {
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

    /// The hits that lie in everything that is asked for, but for one.
    fn within(&self, mut hits: Vec<Hit<'s>>, all: &'s All, without: Option<usize>) -> Vec<Hit<'s>> {
        for (_, inside) in all.insides.iter().enumerate().filter(|(index, _)| Some(*index) != without) {
            let mut kept = Vec::new();
            for hit in &hits {
                for bindings in self.enclosing(inside, hit) {
                    add(&mut kept, Hit { bindings, ..hit.clone() });
                }
            }
            hits = kept;
        }
        hits
    }

    /// The part of the unit that is looked at, as one match.
    fn everything(&self) -> Hit<'s> {
        let at = At { unit: self.unit, node: self.root };
        let range = self.span.clone().unwrap_or_else(|| self.view.range(at));
        Hit { at, range, bindings: self.bound.clone(), inside: false }
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
    pub(super) fn unify(&self, own: &Bindings<'s>, other: &Bindings<'s>) -> Option<Bindings<'s>> {
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

    /// The match narrowed to the metavariables. Where it is narrowed already, the narrower of the two stays.
    fn focus(&self, hit: &Hit<'s>, names: &[String]) -> Vec<Hit<'s>> {
        hit.bindings
            .iter()
            .filter(|(name, _)| names.iter().any(|wanted| wanted == name))
            .filter_map(|(_, binding)| {
                let range = binding.range(self.view);
                if contains(&range, &hit.range) && range != hit.range {
                    return Some(hit.clone());
                }
                if !contains(&hit.range, &range) {
                    return None;
                }
                let at = match *binding {
                    Binding::Node(at) => at,
                    Binding::Text { unit, start, end } => {
                        let node = smallest_around(self.view.ast(unit), &(start as usize..end as usize));
                        At { unit, node }
                    }
                };
                Some(Hit { at, range, ..hit.clone() })
            })
            .collect()
    }
}
