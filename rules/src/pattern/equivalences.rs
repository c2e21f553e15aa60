//! What is written differently and means the same: operands in another order, loops and functions of another form,
//! a name for what it was imported as.

use std::ops::ControlFlow::Continue;

use smallvec::SmallVec;

use super::matcher::{Chain, Flow, Matcher, Then};
use super::statements::{is_expression, is_last, is_statement};
use crate::analyze::At;
use crate::language::Language;
use crate::syntax::{Ast, Kind, NodeId, Slot};

impl<'m> Matcher<'m> {
    /// A command: its words in order, the first one included.
    pub(super) fn command(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let is_word = |slot| matches!(slot, Slot::Callee | Slot::Arg);
        let own = &self.pattern.ast;
        let ast = self.target(t);
        let wanted: Chain = own.children(p).filter(|&child| is_word(own.node(child).slot)).collect();
        let given = ast.children(t.node).filter(|&child| is_word(ast.node(child).slot));
        let given: SmallVec<[At; 4]> = given.map(|node| At { unit: t.unit, node }).collect();
        self.ordered(&wanted, &given, then)
    }

    /// `for (...)`.
    pub(super) fn any_header(&self, p: NodeId) -> bool {
        let ast = &self.pattern.ast;
        let dots = |slot| ast.slot(p, slot).is_some_and(|id| ast.kind(id) == Kind::Ellipsis);
        dots(Slot::Init) && ast.slot(p, Slot::Cond).is_none() && ast.slot(p, Slot::Update).is_none()
    }

    pub(super) fn loop_body(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let (own, body) = (self.pattern.ast.slot(p, Slot::Body), self.target(t).slot(t.node, Slot::Body));
        match (own, body) {
            (Some(own), Some(node)) => self.node(own, At { unit: t.unit, node }, then),
            _ => Continue(()),
        }
    }

    /// `$A == $B` read from right to left.
    pub(super) fn mirrored(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        if !self.settings.symmetric_eq {
            return Continue(());
        }
        let pattern = self.pattern;
        let ast = self.target(t);
        if !matches!(ast.operator(t.node), "==" | "===" | "!=" | "!==") {
            return Continue(());
        }
        let sides = |ast: &Ast, id| Some((ast.slot(id, Slot::Left)?, ast.slot(id, Slot::Right)?));
        let (Some((a, b)), Some((left, right))) = (sides(&pattern.ast, p), sides(ast, t.node)) else {
            return Continue(());
        };
        let at = |node| At { unit: t.unit, node };
        self.node(a, at(right), &mut |matcher| matcher.node(b, at(left), then))
    }

    /// The operands of an associative operator: a metavariable may stand for several of them.
    pub(super) fn operands(&mut self, wanted: &[NodeId], given: &[At], then: Then<'_, 'm>) -> Flow {
        let Some((&p, rest)) = wanted.split_first() else { return self.when(given.is_empty(), then) };
        let dots = self.is_dots(p);
        if !dots && self.shape_of(p) != Kind::Metavar {
            let Some((&t, others)) = given.split_first() else { return Continue(()) };
            return self.node(p, t, &mut |matcher| matcher.operands(rest, others, then));
        }
        let most = given.len().saturating_sub(rest.len());
        for taken in usize::from(!dots)..=most {
            let (own, others) = given.split_at(taken);
            self.bind_all(p, own, &mut |matcher| matcher.operands(rest, others, then))?;
        }
        Continue(())
    }

    /// What is written differently and means the same.
    pub(super) fn across_kinds(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let pattern = self.pattern;
        let ast = self.target(t);
        let at = |node| At { unit: t.unit, node };
        match (self.shape_of(p), ast.kind(t.node)) {
            // `const f = () => {}` is `function f() {}`.
            (Kind::Function, Kind::Assign) if self.settings.arrow_is_function => {
                let (Some(name), Some(right)) =
                    (pattern.ast.slot(p, Slot::Name), ast.slot(t.node, Slot::Right))
                else {
                    return Continue(());
                };
                let Some(left) = ast.slot(t.node, Slot::Left) else { return Continue(()) };
                if ast.kind(right) != Kind::Function || ast.kind(left) != Kind::Ident {
                    return Continue(());
                }
                self.node(name, at(left), &mut |matcher| matcher.rosters_but(p, at(right), Slot::Name, then))
            }
            // What is written with braces or brackets may be computed.
            (Kind::Object, Kind::Set) | (Kind::Array, Kind::Comprehension) => {
                let mut entries = pattern.ast.children(p);
                let only_dots =
                    entries.next().is_some_and(|entry| self.is_dots(entry)) && entries.next().is_none();
                let list = self.shape_of(p) != Kind::Array || ast.text(t.node).starts_with('[');
                self.when(only_dots && list, then)
            }
            // `except (..., E, ...)` describes `except E`.
            (Kind::Tuple, _)
                if pattern.ast.parent(p).is_some_and(|parent| pattern.ast.kind(parent) == Kind::Catch) =>
            {
                let wanted: Chain = pattern.ast.children(p).collect();
                self.ordered(&wanted, &[t], then)
            }
            (Kind::For, Kind::ForIn) if self.any_header(p) => self.loop_body(p, t, then),
            // `for ... {}`, where one keyword begins all loops.
            (Kind::While, Kind::For | Kind::ForIn)
                if self.pattern.ast.text(p).starts_with("for")
                    && pattern.ast.slot(p, Slot::Cond).is_some_and(|cond| self.is_dots(cond)) =>
            {
                self.loop_body(p, t, then)
            }
            // `{ a }` is `{ a: a }`.
            (Kind::Pair, Kind::Shorthand) => {
                let (Some(key), Some(value)) =
                    (pattern.ast.slot(p, Slot::Key), pattern.ast.slot(p, Slot::Value))
                else {
                    return Continue(());
                };
                self.node(key, t, &mut |matcher| matcher.node(value, t, then))
            }
            // `(T *) malloc(n)` is what is called, cast.
            (Kind::Call, Kind::Other) if matches!(pattern.language, Language::C | Language::Cpp) => {
                match (ast.slot(t.node, Slot::Type), ast.slot(t.node, Slot::Value)) {
                    (Some(_), Some(value)) if !self.is_root(p) => self.node(p, at(value), then),
                    _ => Continue(()),
                }
            }
            (Kind::Member, Kind::Type) => self.without_arguments(p, t, then),
            // `f` alone is a call.
            (Kind::Call, Kind::Ident | Kind::Member)
                if pattern.language.definition().writing.commands && is_statement(ast, t.node) =>
            {
                let wanted: Chain = pattern.ast.slots(p, Slot::Arg).collect();
                let (Some(callee), None) =
                    (pattern.ast.slot(p, Slot::Callee), pattern.ast.slot(p, Slot::Body))
                else {
                    return Continue(());
                };
                self.node(callee, t, &mut |matcher| matcher.ordered(&wanted, &[], then))
            }
            // The last expression of a function is what it returns.
            (Kind::Return, kind)
                if pattern.language.definition().writing.implicit_returns
                    && is_expression(kind)
                    && is_last(ast, t.node) =>
            {
                let wanted: Chain = pattern.ast.slots(p, Slot::Value).collect();
                self.ordered(&wanted, &[t], then)
            }
            (Kind::Member, _) => self.when_require(p, t, then),
            // `*name` is what has that name.
            (_, Kind::Ident) if ast.text(t.node).starts_with('*') => match anchored(ast, t.node) {
                Some(value) => self.node(p, at(value), then),
                None => Continue(()),
            },
            (Kind::VarDecl, Kind::Export) | (Kind::Function | Kind::Class, Kind::Export) => {
                let Some(value) = ast.slot(t.node, Slot::Value) else { return Continue(()) };
                self.node(p, at(value), then)
            }
            _ => Continue(()),
        }
    }

    /// `$M.exec` describes an `exec` that was imported from a module, with `$M` standing for the import, and
    /// `m.$F` describes what was imported from `m`.
    fn when_require(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let pattern = self.pattern;
        let ast = self.target(t);
        let (Some(object), Some(property)) =
            (pattern.ast.slot(p, Slot::Object), pattern.ast.slot(p, Slot::Property))
        else {
            return Continue(());
        };
        if ast.kind(t.node) != Kind::Ident || !matches!(self.shape_of(property), Kind::Ident | Kind::Metavar)
        {
            return Continue(());
        }
        let Some(full) = self.view.names.full(ast.node(t.node).hash) else { return Continue(()) };
        let Some((module, last)) = full.rsplit_once('.') else { return Continue(()) };
        if self.shape_of(property) == Kind::Metavar {
            let same = pattern.dotted.get(&object).is_some_and(|dotted| dotted == module);
            return if same { self.node(property, t, then) } else { Continue(()) };
        }
        if pattern.language.name_hash(last) != pattern.ast.node(property).hash
            || self.shape_of(object) != Kind::Metavar
        {
            return Continue(());
        }
        self.node(object, t, then)
    }
}

/// What an alias of YAML stands for: the last value before it that has the name. An alias in its own value is none.
fn anchored(ast: &Ast, alias: NodeId) -> Option<NodeId> {
    let name = ast.text(alias).strip_prefix('*')?;
    (0..alias).rev().find_map(|id| {
        let named = ast.kind(id) == Kind::Tagged
            && ast.slot(id, Slot::Decorator).is_some_and(|own| ast.text(own).strip_prefix('&') == Some(name));
        (named && !ast.subtree(id).contains(&alias)).then(|| ast.slot(id, Slot::Value)).flatten()
    })
}
