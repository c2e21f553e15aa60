//! Conditions on the metavariables of a match.

use std::cell::{OnceCell, RefCell};
use std::ops::Range;

use super::{Hit, Scope, contains, smallest_around, text_unit, units_of};
use crate::analyze::{At, FileView, Names};
use crate::pattern::{Binding, Bindings, constant_of, constant_text, type_of, value_of};
use crate::rule::comparison::{Value, arithmetic, literal};
use crate::rule::condition::{Condition, Embedded, is_random};
use crate::rule::formula::Formula;
use crate::rule::redos;
use crate::syntax::{Ast, Kind, Slot, strip_quotes};

/// Ways in which the conditions on one match can hold. More help nobody.
const MAX_WAYS: usize = 64;

/// How many names and operators are followed to a constant.
const DEPTH: usize = 12;

impl<'s> Scope<'s> {
    /// The bindings with which all conditions hold. What one of them binds does not bind the others.
    pub(super) fn holding(&self, conditions: &'s [Condition], hit: &Hit<'s>) -> Vec<Bindings<'s>> {
        let mut ways = vec![hit.bindings.clone()];
        for condition in conditions {
            let found = self.holds(condition, hit);
            let mut next: Vec<Bindings<'s>> = Vec::new();
            for way in &ways {
                for bindings in &found {
                    let mut way = way.clone();
                    for (name, binding) in bindings {
                        if !way.iter().any(|(known, _)| known == name) {
                            way.push((name, binding.clone()));
                        }
                    }
                    if next.len() < MAX_WAYS && !next.contains(&way) {
                        next.push(way);
                    }
                }
            }
            ways = next;
            if ways.is_empty() {
                break;
            }
        }
        ways
    }

    /// The bindings with which a condition holds; none where it does not.
    fn holds(&self, condition: &'s Condition, hit: &Hit<'s>) -> Vec<Bindings<'s>> {
        let bound =
            |wanted: &str| hit.bindings.iter().find(|(name, _)| *name == wanted).map(|(_, binding)| binding);
        let unchanged = |holds: bool| if holds { vec![hit.bindings.clone()] } else { Vec::new() };
        match condition {
            Condition::Regex { metavariable, regex, constants } => {
                let Some(binding) = bound(metavariable) else { return Vec::new() };
                let text = binding.text(self.view);
                let Some(groups) = regex.groups_at_start(text) else {
                    // What a string is put together to, and what a name is imported as.
                    let Binding::Node(at) = *binding else { return Vec::new() };
                    return unchanged(self.regex_on_value(regex, at, *constants));
                };
                let mut bindings = hit.bindings.clone();
                let names = regex.named_groups();
                let inner = binding.within(self.view);
                for (index, name) in names {
                    if let (Some(Some(range)), Some(name)) =
                        (groups.get(index), self.rule.metavariable(&name))
                        && !bindings.iter().any(|(known, _)| *known == name)
                    {
                        bindings.push((name, inner(range.clone())));
                    }
                }
                vec![bindings]
            }
            Condition::Comparison { metavariable, comparison, strip, base } => {
                let value = |name: &str| -> Option<Value> {
                    let binding = bound(name)?;
                    let own = metavariable.as_deref() == Some(name);
                    if let Binding::Node(at) = *binding
                        && !(own && (*strip || *base != 10))
                        && let Some(value) = self.constant(at, DEPTH)
                    {
                        return Some(value);
                    }
                    let text = match *binding {
                        Binding::Node(at) => match constant_of(self.view, at, self.read_module) {
                            Some(at) => self.view.text(at),
                            None => binding.text(self.view),
                        },
                        Binding::Text { .. } => binding.text(self.view),
                    };
                    let text = if own && *strip { strip_quotes(text) } else { text };
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
            Condition::Redos { metavariable } => {
                let Some(binding) = bound(metavariable) else { return Vec::new() };
                let text = match *binding {
                    Binding::Node(at) => constant_text(self.view, at, self.read_module),
                    Binding::Text { .. } => None,
                };
                let text = text.unwrap_or_else(|| binding.text(self.view).into());
                unchanged(redos::is_vulnerable(strip_quotes(&text)))
            }
            Condition::Pattern { metavariable, formula, language } => {
                let Some(binding) = bound(metavariable) else { return Vec::new() };
                match (language, binding) {
                    (None, Binding::Text { .. }) if self.rule.text => {
                        self.matches_text(formula, binding, Embedded::Text, &hit.bindings)
                    }
                    (None, _) => self.matches_within(formula, binding, &hit.bindings),
                    (Some(embedded), _) => self.matches_text(formula, binding, *embedded, &hit.bindings),
                }
            }
        }
    }

    fn regex_on_value(&self, regex: &crate::rule::regexes::Pattern, at: At, constants: bool) -> bool {
        let ast = self.view.ast(at.unit);
        let put_together = matches!(ast.kind(at.node), Kind::Binary | Kind::Template);
        if (constants || put_together)
            && let Some(value) = constant_text(self.view, at, self.read_module)
            && regex.matches_start(&value)
        {
            return true;
        }
        constants
            && self.constant(at, DEPTH).is_some_and(|value| match value {
                Value::Int(number) => regex.matches_start(&number.to_string()),
                Value::Float(number) => regex.matches_start(&number.to_string()),
                Value::Text(text) => regex.matches_start(&text),
                _ => false,
            })
    }

    /// What an expression is plainly known to be worth.
    fn constant(&self, at: At, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        let ast = self.view.ast(at.unit);
        match ast.kind(at.node) {
            Kind::Num | Kind::Bool | Kind::Str => Some(literal(ast.text(at.node), 10)),
            Kind::Ident => self.constant(value_of(self.view, at, self.read_module)?, depth),
            Kind::Binary => {
                let child = |slot| self.constant(At { node: ast.slot(at.node, slot)?, ..at }, depth);
                arithmetic(ast.operator(at.node), child(Slot::Left)?, child(Slot::Right)?)
            }
            Kind::Unary if ast.operator(at.node) == "-" => {
                let operand = self.constant(At { node: ast.children(at.node).next()?, ..at }, depth)?;
                arithmetic("-", Value::Int(0), operand)
            }
            Kind::Template => {
                constant_text(self.view, at, self.read_module).map(|text| Value::Text(text.into_owned()))
            }
            _ => None,
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
            bound: bound.clone(),
            span: Some(range.clone()),
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
    fn matches_text(
        &self,
        formula: &'s Formula,
        binding: &Binding,
        embedded: Embedded,
        bound: &Bindings<'s>,
    ) -> Vec<Bindings<'s>> {
        let whole = binding.text(self.view);
        let text = strip_quotes(whole);
        // Where the text stands in the unit, if it stands there as it is.
        let outer = binding.within(self.view);
        let shift = text.as_ptr() as usize - whole.as_ptr() as usize;
        let (language, units) = match embedded {
            Embedded::Language(language) => (language, units_of(language, text)),
            Embedded::Text => (self.language, vec![text_unit(self.language, text)]),
        };
        let names = Names::gather(units.iter());
        let view = FileView { path: self.view.path, language, units: &units, names: &names };
        let module = OnceCell::new();
        let mut out: Vec<Bindings<'s>> = Vec::new();
        for unit in 0..units.len() as u32 {
            let scope = Scope {
                rule: self.rule,
                view: &view,
                language,
                unit,
                root: Ast::ROOT,
                candidates: None,
                read_module: self.read_module,
                module: &module,
                bound: Bindings::new(),
                span: None,
                hits: RefCell::default(),
            };
            for hit in scope.hits(formula).iter() {
                let mut found = bound.clone();
                let agree = hit.bindings.iter().all(|(name, binding)| {
                    let known = found.iter().find(|(known, _)| known == name);
                    if let Some((_, known)) = known {
                        return strip_quotes(known.text(self.view)) == strip_quotes(binding.text(&view));
                    }
                    let range: Range<usize> = binding.range(&view);
                    if let Some(name) = self.rule.metavariable(name) {
                        found.push((name, outer(shift + range.start..shift + range.end)));
                    }
                    true
                });
                if agree && !out.contains(&found) {
                    out.push(found);
                }
            }
        }
        out
    }
}
