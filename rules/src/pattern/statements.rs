//! Lists of statements, and patterns that describe several of them.

use std::ops::ControlFlow::Continue;

use smallvec::SmallVec;

use super::matcher::{Flow, Matcher, Then, stands_for_itself};
use crate::analyze::{At, FileView};
use crate::syntax::{Ast, Kind, NodeId, Slot};

/// The statements of one block, in order.
pub(crate) type Statements = Vec<At>;

/// The statements of the file's top level: its units.
pub(crate) fn module_statements(view: &FileView<'_>) -> Statements {
    let mut out = Vec::with_capacity(view.units.len());
    for (unit, content) in view.units.iter().enumerate() {
        let (unit, ast) = (unit as u32, &content.ast);
        if ast.is_empty() {
            continue;
        }
        // What has no node of its own (an expression statement) was boxed.
        match ast.kind(Ast::ROOT) {
            Kind::Module => out.extend(ast.children(Ast::ROOT).map(|node| At { unit, node })),
            _ => out.push(At { unit, node: Ast::ROOT }),
        }
    }
    out
}

/// The statement lists directly in a node: those of a block or a case, or the one that a branch is.
pub(crate) fn statements_of(ast: &Ast, unit: u32, id: NodeId) -> Option<Statements> {
    let node = ast.node(id);
    let list = match node.kind {
        Kind::Block => ast.children(id).map(|node| At { unit, node }).collect(),
        Kind::Case => ast
            .children(id)
            .filter(|&child| ast.node(child).slot != Slot::Value)
            .map(|node| At { unit, node })
            .collect(),
        // Shells have no block between `then` and `fi`.
        Kind::If => {
            let then: Statements = ast.slots(id, Slot::Then).map(|node| At { unit, node }).collect();
            if then.len() < 2 {
                return None;
            }
            then
        }
        _ => return None,
    };
    Some(list)
}

/// The statements and, after each, those nested in it, functions and classes included.
fn flatten(view: &FileView<'_>, list: &[At]) -> Statements {
    let mut out = Vec::new();
    for &at in list {
        out.push(at);
        let ast = view.ast(at.unit);
        if is_compound(ast.kind(at.node)) {
            nested(ast, at.unit, at.node, &mut out);
        }
    }
    out
}

fn nested(ast: &Ast, unit: u32, id: NodeId, out: &mut Statements) {
    for child in ast.children(id) {
        let kind = ast.kind(child);
        let slot = ast.node(child).slot;
        let holds_statements = matches!(kind, Kind::Block | Kind::Case | Kind::Catch | Kind::Finally);
        if holds_statements {
            nested(ast, unit, child, out);
        } else if matches!(ast.kind(id), Kind::Block | Kind::Case)
            || (matches!(slot, Slot::Then | Slot::Else | Slot::Body) && ast.kind(id) != Kind::Function)
        {
            out.push(At { unit, node: child });
            if is_compound(kind) {
                nested(ast, unit, child, out);
            }
        }
    }
}

/// Statements with statements in them.
fn is_compound(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::If
            | Kind::While
            | Kind::For
            | Kind::ForIn
            | Kind::Try
            | Kind::With
            | Kind::Switch
            | Kind::Function
            | Kind::Class
            | Kind::Block
            | Kind::Export
    )
}

impl<'m> Matcher<'m> {
    /// The whole content of a block.
    pub(super) fn block(&mut self, wanted: &[NodeId], given: &[At], then: Then<'_, 'm>) -> Flow {
        match wanted {
            [only] if self.is_dots(*only) => self.bind_all(*only, given, then),
            // `{ $S }` is any block, as one piece of code.
            [only] if self.shape_of(*only) == Kind::Metavar && given.len() > 1 => {
                self.bind_all(*only, given, then)
            }
            _ => self.run(wanted, given, Run { flat: false, to_the_end: true }, then),
        }
    }

    /// A pattern of several statements, from `list[from]` on.
    pub(super) fn sequence(
        &mut self,
        wanted: &[NodeId],
        list: &[At],
        from: usize,
        then: Then<'_, 'm>,
    ) -> Flow {
        self.run(wanted, &list[from..], Run { flat: false, to_the_end: false }, then)
    }

    fn run(&mut self, wanted: &[NodeId], given: &[At], run: Run, then: Then<'_, 'm>) -> Flow {
        let Some((&p, rest)) = wanted.split_first() else {
            return self.when(!run.to_the_end || given.is_empty(), then);
        };
        if self.is_dots(p) {
            if rest.is_empty() {
                let before = self.last;
                if let Some(&last) = given.last() {
                    self.last = last;
                }
                let flow = self.bind_all(p, given, then);
                self.last = before;
                return flow;
            }
            // Once there were dots, more may follow.
            let run = Run { to_the_end: false, ..run };
            self.skip(p, rest, given, run, then)?;
            if !run.flat && self.settings.go_deeper_stmt && given.iter().any(|&at| is_compound(self.kind(at)))
            {
                let deeper = flatten(self.view, given);
                return self.skip(p, rest, &deeper, Run { flat: true, ..run }, then);
            }
            return Continue(());
        }
        let Some((&t, others)) = given.split_first() else { return Continue(()) };
        let before = self.last;
        self.statement(p, t, &mut |matcher| {
            let inner = std::mem::replace(&mut matcher.last, t);
            let flow = matcher.run(rest, others, run, then);
            matcher.last = inner;
            flow
        })?;
        self.last = before;
        Continue(())
    }

    /// Dots before `rest`.
    fn skip(&mut self, p: NodeId, rest: &[NodeId], given: &[At], run: Run, then: Then<'_, 'm>) -> Flow {
        for skipped in 0..=given.len() {
            let (skip, from) = given.split_at(skipped);
            self.bind_all(p, skip, &mut |matcher| matcher.run(rest, from, run, then))?;
        }
        Continue(())
    }

    /// One statement: an expression also describes what lies inside a larger one.
    pub(super) fn statement(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let shape = self.shape_of(p);
        let ast = self.target(t);
        let kind = ast.kind(t.node);
        let at = |node| At { unit: t.unit, node };
        if shape == Kind::Deep {
            return self.node(p, t, then);
        }
        if shape == Kind::Import {
            return self.import(p, t, then);
        }
        if kind == Kind::Export && !matches!(shape, Kind::Export | Kind::Metavar | Kind::Ellipsis) {
            return match ast.slot(t.node, Slot::Value) {
                Some(value) => self.statement(p, at(value), then),
                None => Continue(()),
            };
        }
        if !is_expression(shape) || matches!(shape, Kind::Metavar | Kind::Ellipsis | Kind::MetavarEllipsis) {
            if shape == Kind::Function && kind == Kind::VarDecl {
                return self.declared(p, t, then);
            }
            return self.node(p, t, then);
        }
        // `a | b > file`
        let redirected = kind == Kind::Other && self.pattern.language.definition().writing.words;
        let whole_statement =
            redirected || is_expression(kind) || matches!(kind, Kind::VarDecl | Kind::Return);
        if kind == Kind::VarDecl && shape == Kind::Assign && !self.settings.vardef_assign {
            return Continue(());
        }
        if !whole_statement {
            return Continue(());
        }
        self.node(p, t, then)?;
        if !self.settings.implicit_deep_exprstmt {
            return Continue(());
        }
        for node in inner_expressions(ast, t.node) {
            self.node(p, at(node), then)?;
        }
        Continue(())
    }

    fn declared(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let ast = self.target(t);
        for node in ast.children(t.node) {
            self.node(p, At { unit: t.unit, node }, then)?;
        }
        Continue(())
    }
}

#[derive(Clone, Copy)]
struct Run {
    /// Whether nested statements have been spread out already.
    flat: bool,
    /// Whether the pattern describes all statements up to the last one.
    to_the_end: bool,
}

/// The expressions below a statement.
fn inner_expressions(ast: &Ast, id: NodeId) -> SmallVec<[NodeId; 16]> {
    ast.subtree(id).skip(1).filter(|&node| stands_for_itself(ast, node)).collect()
}

/// Whether a node is a statement of its own.
pub(super) fn is_statement(ast: &Ast, id: NodeId) -> bool {
    let node = ast.node(id);
    let Some(parent) = ast.parent(id) else { return true };
    match ast.kind(parent) {
        Kind::Module | Kind::Block | Kind::Finally => true,
        Kind::If | Kind::While | Kind::Case => matches!(node.slot, Slot::Then | Slot::Else | Slot::Body),
        _ => false,
    }
}

/// Whether the value of an expression is that of the function around it, by being its last.
pub(super) fn is_last(ast: &Ast, id: NodeId) -> bool {
    let mut id = id;
    while let Some(parent) = ast.parent(id) {
        let slot = ast.node(id).slot;
        match ast.kind(parent) {
            Kind::Function => return slot == Slot::Body,
            Kind::Block => {
                // After handlers the block has the value of what comes before them; `ensure` has the last word.
                let ends = |child: NodeId| matches!(ast.kind(child), Kind::Catch | Kind::Finally);
                let finally = ast.children(parent).find(|&child| ast.kind(child) == Kind::Finally);
                let last = ast.children(parent).filter(|&child| !ends(child)).last();
                let own = ast.kind(id);
                let ok = match finally {
                    Some(finally) => finally == id,
                    None => own == Kind::Catch || last == Some(id),
                };
                if !ok {
                    return false;
                }
            }
            Kind::Finally => {
                if ast.children(parent).last() != Some(id) {
                    return false;
                }
            }
            Kind::If => {
                if !matches!(slot, Slot::Then | Slot::Else) {
                    return false;
                }
            }
            Kind::Catch | Kind::Case => {
                if slot != Slot::Body {
                    return false;
                }
            }
            Kind::Switch => {
                if slot == Slot::Value {
                    return false;
                }
            }
            _ => return false,
        }
        id = parent;
    }
    false
}

/// Whether code of this kind has a value.
pub(crate) fn is_expression(kind: Kind) -> bool {
    (kind >= Kind::Ident && kind <= Kind::JsxAttr && kind != Kind::Pair && kind != Kind::Keyword)
        && !matches!(kind, Kind::Function)
        || matches!(kind, Kind::Deep | Kind::Typed | Kind::StrPattern | Kind::Metavar)
}
