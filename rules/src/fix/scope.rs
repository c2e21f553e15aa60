//! Where a local name gets its value, followed only where there is exactly one answer.

use super::code::Code;
use crate::analyze::At;
use crate::syntax::{Kind, Slot};

/// A variable that is assigned once, then perhaps appended to, and where it is used.
pub(super) struct Variable {
    /// The assignment of the value.
    pub assignment: At,
    pub value: At,
    /// `x += …` and `x = x + …`, in order.
    pub appends: Vec<At>,
    /// Every other place that uses it, except those that only log or show it.
    pub reads: Vec<At>,
    /// Whether it is also handed to something that shows it, so that a change of its text is seen.
    pub shown: bool,
}

impl<'a> Code<'a> {
    /// The variable behind a name. `None` if it is a parameter, imported, assigned more than once, or
    /// declared in a way that is not followed.
    pub fn variable(&self, ident: At) -> Option<Variable> {
        if self.kind(ident) != Kind::Ident {
            return None;
        }
        self.variable_of(ident, &self.all_mentions(ident)?)
    }

    /// The values of a name that is assigned in several branches and used in one place only.
    pub fn branches(&self, ident: At) -> Option<Vec<At>> {
        let mut values = Vec::new();
        for at in self.all_mentions(ident)? {
            let parent = self.parent(at)?;
            match (self.kind(parent), self.slot_of(at)) {
                (Kind::Assign, Slot::Left) if self.appended_to(parent).is_none() => {
                    values.extend(self.child(parent, Slot::Right));
                }
                _ if at == ident || self.is_logged(at) => {}
                _ => return None,
            }
        }
        Some(values)
    }

    /// Every place in the scope of a name that names it. `None` if it is a parameter.
    fn all_mentions(&self, ident: At) -> Option<Vec<At>> {
        if self.kind(ident) != Kind::Ident {
            return None;
        }
        let name = self.ast(ident).node(ident.node).hash;
        let functions = self.with_ancestors(ident).skip(1).filter(|&at| self.kind(at) == Kind::Function);
        for function in functions {
            let mentions = self.mentions(self.subtree(function), name);
            if mentions.iter().any(|&at| self.is_parameter(at)) {
                return None;
            }
            if mentions.iter().any(|&at| self.is_bound_here(at)) {
                return Some(mentions);
            }
        }
        let units = 0..self.view.units.len() as u32;
        let everywhere = units.filter(|&unit| !self.view.ast(unit).is_empty()).flat_map(|unit| {
            let ast = self.view.ast(unit);
            ast.subtree(0).map(move |node| At { unit, node })
        });
        Some(self.mentions(everywhere, name))
    }

    /// Whether one of the names in an expression gets another value, or another meaning, between the
    /// statement it stands in and a later place.
    pub fn changes_before(&self, expression: At, place: At) -> bool {
        let names: Vec<u64> = self
            .subtree(expression)
            .filter(|&at| self.kind(at) == Kind::Ident)
            .map(|at| self.ast(at).node(at.node).hash)
            .collect();
        let (from, to) = (self.range(expression).end, self.range(place).start);
        (0..self.view.units.len() as u32).filter(|&unit| !self.view.ast(unit).is_empty()).any(|unit| {
            let ast = self.view.ast(unit);
            ast.subtree(0).map(|node| At { unit, node }).any(|at| {
                let start = self.range(at).start;
                let named = matches!(self.kind(at), Kind::Ident | Kind::Shorthand);
                from <= start
                    && start < to
                    && named
                    && names.contains(&ast.node(at.node).hash)
                    && (self.slot_of(at) == Slot::Left || self.is_parameter(at))
            })
        })
    }

    /// Whether a statement prints the variable, and so still needs it.
    pub fn is_logged_anywhere(&self, ident: At) -> bool {
        let name = self.ast(ident).node(ident.node).hash;
        (0..self.view.units.len() as u32).any(|unit| {
            let ast = self.view.ast(unit);
            (0..ast.nodes.len() as u32)
                .any(|node| ast.node(node).hash == name && self.is_logged(At { unit, node }))
        })
    }

    fn mentions(&self, nodes: impl Iterator<Item = At>, name: u64) -> Vec<At> {
        nodes
            .filter(|&at| {
                let node = self.ast(at).node(at.node);
                node.hash == name
                    && matches!(node.kind, Kind::Ident | Kind::Shorthand)
                    && node.slot != Slot::Property
                    && !(node.slot == Slot::Key
                        && node.kind == Kind::Ident
                        && self.view.language != crate::language::Language::Python)
                    && !(node.slot == Slot::Name
                        && self.parent(at).is_some_and(|up| self.kind(up) == Kind::Keyword))
            })
            .collect()
    }

    fn variable_of(&self, ident: At, mentions: &[At]) -> Option<Variable> {
        let mut assignment = None;
        let mut appends = Vec::new();
        let mut reads = Vec::new();
        let mut shown = false;
        for &at in mentions {
            let parent = self.parent(at)?;
            let is_left = self.slot_of(at) == Slot::Left;
            match self.kind(parent) {
                Kind::Assign if is_left && self.appended_to(parent).is_some() => appends.push(parent),
                Kind::Assign if is_left => {
                    // `let query;` declares and assigns nothing.
                    let Some(value) = self.child(parent, Slot::Right) else { continue };
                    if assignment.is_some() {
                        return None;
                    }
                    assignment = Some((parent, value));
                }
                Kind::AugAssign if is_left => {
                    if !self.has_operator(parent, "+=") {
                        return None;
                    }
                    appends.push(parent);
                }
                Kind::Import | Kind::ImportName | Kind::Param | Kind::Global => return None,
                // The place in question counts, whatever it does with it.
                _ if at == ident => reads.push(at),
                _ if self.is_logged(at) || self.is_appended_to(at) => {}
                _ if self.is_shown(at) => shown = true,
                // `{"sql_error": query}`, `render(query=query)`
                Kind::Pair | Kind::Keyword if self.slot_of(at) == Slot::Value && !names_sql(self, parent) => {
                    shown = true;
                }
                _ => reads.push(at),
            }
        }
        let (assignment, value) = assignment?;
        Some(Variable { assignment, value, appends, reads, shown })
    }

    /// The second `x` of `x = x + …`.
    pub fn appended_to(&self, assignment: At) -> Option<At> {
        let left = self.child(assignment, Slot::Left)?;
        let right = self.child(assignment, Slot::Right)?;
        let mut first = right;
        while self.kind(first) == Kind::Binary && self.has_operator(first, "+") {
            first = self.child(first, Slot::Left)?;
        }
        let same = self.kind(first) == Kind::Ident && self.source(first) == self.source(left);
        (same && first != right && self.kind(left) == Kind::Ident).then_some(first)
    }

    fn is_appended_to(&self, at: At) -> bool {
        self.with_ancestors(at)
            .skip(1)
            .find(|&above| self.kind(above) != Kind::Binary)
            .is_some_and(|above| self.kind(above) == Kind::Assign && self.appended_to(above) == Some(at))
    }

    fn is_bound_here(&self, at: At) -> bool {
        self.slot_of(at) == Slot::Left
            && self.parent(at).is_some_and(|parent| matches!(self.kind(parent), Kind::Assign))
    }

    fn is_parameter(&self, at: At) -> bool {
        self.with_ancestors(at)
            .take_while(|&at| !matches!(self.kind(at), Kind::Function | Kind::Call | Kind::Block))
            .any(|at| self.slot_of(at) == Slot::Param || self.kind(at) == Kind::Param)
    }

    /// Whether a name is only printed: `console.log(query)`, `logger.info("…" + query)`.
    fn is_logged(&self, at: At) -> bool {
        self.told_to(at).is_some_and(|call| {
            let callee = self.callee(call).map_or("", |callee| self.source(callee));
            let head = callee.split('.').next().unwrap_or("");
            matches!(callee, "print" | "debug") || matches!(head, "console" | "logger" | "logging" | "log")
        })
    }

    /// Whether a name is only shown to whoever asked: `res.send("failed: " + query)`, `new Error(query)`.
    fn is_shown(&self, at: At) -> bool {
        self.told_to(at).and_then(|call| self.method(call)).is_some_and(|method| {
            matches!(method, "send" | "json" | "end" | "jsonify" | "flash" | "make_response" | "abort")
                || method.ends_with("Error")
                || method.ends_with("Exception")
        })
    }

    /// The call that a name is an argument of, by itself or as a part of a message.
    fn told_to(&self, at: At) -> Option<At> {
        let message = self
            .with_ancestors(at)
            .take_while(|&at| !matches!(self.kind(at), Kind::Call | Kind::New))
            .last()
            .filter(|&message| self.slot_of(message) == Slot::Arg)?;
        let whole = message == at || matches!(self.kind(message), Kind::Binary | Kind::Template);
        self.parent(message).filter(|_| whole)
    }
}

/// Whether a property or keyword argument is what a driver runs, and not what somebody reads.
fn names_sql(code: &Code<'_>, pair: At) -> bool {
    let name = code.child(pair, Slot::Key).or_else(|| code.child(pair, Slot::Name));
    let name = name.map_or("", |name| crate::syntax::strip_quotes(code.source(name)));
    matches!(
        name,
        "sql" | "text" | "query" | "statement" | "operation" | "cmd" | "args" | "command" | "__html"
    )
}
