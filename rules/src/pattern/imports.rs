//! Patterns of imports: what is imported counts, not how the statement spells it.

use std::ops::ControlFlow::Continue;

use smallvec::SmallVec;

use super::bindings::Binding;
use super::holes::hole_index;
use super::matcher::{Flow, Matcher, Then};
use crate::analyze::{At, required_module};
use crate::syntax::{Ast, Kind, NodeId, Slot};

/// One thing that a statement imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Item {
    what: What,
    /// The name it gets, if the statement says one.
    alias: Option<NodeId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// The default export.
    Default,
    /// The module as an object.
    Module,
    /// `const m = require("m")`, `import m = require("m")`: both of the above.
    Either,
    /// An export of that name.
    Named(NodeId),
}

impl<'m> Matcher<'m> {
    /// An import against an import, or against a declaration by `require`.
    pub(super) fn import(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let quoted = self.pattern.ast.children(p).any(|item| quoted_path(&self.pattern.ast, item).is_some());
        if self.pattern.language.is_script() {
            self.script_import(p, t, then)
        } else if quoted {
            if self.kind(t) != Kind::Import {
                return Continue(());
            }
            let wanted = quoted_items(&self.pattern.ast, p);
            let given = quoted_items(self.target(t), t.node);
            self.quoted_import(&wanted, &given, t.unit, then)
        } else {
            self.dotted_import(p, t, then)
        }
    }

    fn script_import(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let pattern = self.pattern;
        let ast = self.target(t);
        let (Some((wanted_source, wanted)), Some((source, given))) =
            (items(&pattern.ast, p), items(ast, t.node))
        else {
            return Continue(());
        };
        let source = At { unit: t.unit, node: source };
        self.node(wanted_source, source, &mut |matcher| matcher.script_items(&wanted, &given, t.unit, then))
    }

    fn script_items(&mut self, wanted: &[Item], given: &[Item], unit: u32, then: Then<'_, 'm>) -> Flow {
        let Some((first, rest)) = wanted.split_first() else { return then(self) };
        let at = |node| At { unit, node };
        for item in given {
            match (first.what, item.what) {
                (What::Named(name), What::Named(given_name)) => {
                    self.node(name, at(given_name), &mut |matcher| {
                        let mut more =
                            |matcher: &mut Matcher<'m>| matcher.script_items(rest, given, unit, &mut *then);
                        match first.alias {
                            Some(alias) => {
                                matcher.node(alias, at(item.alias.unwrap_or(given_name)), &mut more)
                            }
                            None => more(matcher),
                        }
                    })?;
                }
                (What::Named(_), _) | (_, What::Named(_)) => {}
                (own, other) if own == other || other == What::Either || own == What::Either => {
                    let (Some(alias), Some(given_alias)) = (first.alias, item.alias) else { continue };
                    self.node(alias, at(given_alias), &mut |matcher| {
                        matcher.script_items(rest, given, unit, &mut *then)
                    })?;
                }
                _ => {}
            }
        }
        Continue(())
    }

    /// `import "a/b"` describes every import of `a/b` and of what is below it; an alias where it says one.
    fn quoted_import(&mut self, wanted: &[NodeId], given: &[NodeId], unit: u32, then: Then<'_, 'm>) -> Flow {
        let Some((&first, rest)) = wanted.split_first() else { return then(self) };
        let pattern = self.pattern;
        let ast = self.view.ast(unit);
        let at = |node| At { unit, node };
        let Some(path) = quoted_path(&pattern.ast, first) else { return Continue(()) };
        for &item in given {
            let Some(own) = quoted_path(ast, item) else { continue };
            let below = || {
                let rest = ast.string_content(own).strip_prefix(pattern.ast.string_content(path))?;
                rest.starts_with('/').then_some(())
            };
            let mut more = |matcher: &mut Matcher<'m>| match (
                pattern.ast.slot(first, Slot::Alias),
                ast.slot(item, Slot::Alias),
            ) {
                (None, _) => matcher.quoted_import(rest, given, unit, &mut *then),
                (Some(alias), Some(node)) => matcher.node(alias, at(node), &mut |matcher| {
                    matcher.quoted_import(rest, given, unit, &mut *then)
                }),
                (Some(_), None) => Continue(()),
            };
            if pattern.ast.kind(path) == Kind::Str && below().is_some() {
                more(self)?;
            } else {
                self.node(path, at(own), &mut more)?;
            }
        }
        Continue(())
    }

    /// `import a.b` describes every import of something below `a.b`, `from a import b` included.
    fn dotted_import(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let pattern = self.pattern;
        let ast = self.target(t);
        let is_static = |text: &str| text.split_whitespace().nth(1) == Some("static");
        if ast.kind(t.node) != Kind::Import
            || (is_static(pattern.ast.text(p)) && !is_static(ast.text(t.node)))
        {
            return Continue(());
        }
        let wanted = paths(&pattern.ast, p);
        let given = paths(ast, t.node);
        self.dotted_items(&wanted, &given, t.unit, then)
    }

    fn dotted_items(&mut self, wanted: &[Dotted], given: &[Dotted], unit: u32, then: Then<'_, 'm>) -> Flow {
        let Some((first, rest)) = wanted.split_first() else { return then(self) };
        for item in given {
            if first.segments.len() > item.segments.len() {
                continue;
            }
            self.segments(&first.segments, &item.segments, unit, &mut |matcher| {
                let mut more =
                    |matcher: &mut Matcher<'m>| matcher.dotted_items(rest, given, unit, &mut *then);
                match (first.alias, item.alias) {
                    (None, _) => more(matcher),
                    (Some(alias), Some(node)) => matcher.node(alias, At { unit, node }, &mut more),
                    (Some(_), None) => Continue(()),
                }
            })?;
        }
        Continue(())
    }

    fn segments(&mut self, wanted: &[Segment], given: &[Segment], unit: u32, then: Then<'_, 'm>) -> Flow {
        let (Some((first, rest)), Some((other, others))) = (wanted.split_first(), given.split_first()) else {
            return then(self);
        };
        let pattern = self.pattern;
        let target = self.view.ast(unit);
        let text = first.text(&pattern.ast);
        match hole_index(text).and_then(|index| pattern.holes.get(index)) {
            Some(super::compile::PatternHole::Metavar(name)) => {
                let binding = if target.node(other.node).start == other.start
                    && target.node(other.node).end == other.end
                {
                    Binding::Node(At { unit, node: other.node })
                } else {
                    Binding::Text { unit, start: other.start, end: other.end }
                };
                self.bind(name, binding, &mut |matcher| matcher.segments(rest, others, unit, &mut *then))
            }
            Some(_) => self.segments(rest, others, unit, then),
            None if text == other.text(target) => self.segments(rest, others, unit, then),
            None => Continue(()),
        }
    }
}

/// The path in quotes that an imported item names.
fn quoted_path(ast: &Ast, item: NodeId) -> Option<NodeId> {
    let path = if ast.kind(item) == Kind::ImportName { ast.slot(item, Slot::Name)? } else { item };
    matches!(ast.kind(path), Kind::Str | Kind::StrPattern).then_some(path)
}

fn quoted_items(ast: &Ast, id: NodeId) -> SmallVec<[NodeId; 4]> {
    ast.children(id).filter(|&item| quoted_path(ast, item).is_some()).collect()
}

/// The module and what is imported from it.
fn items(ast: &Ast, id: NodeId) -> Option<(NodeId, SmallVec<[Item; 4]>)> {
    let mut out = SmallVec::new();
    match ast.kind(id) {
        Kind::Import => {
            let source = ast.slot(id, Slot::Source)?;
            for child in ast.children(id) {
                match (ast.kind(child), ast.node(child).slot) {
                    (_, Slot::Source) => {}
                    (Kind::ImportName, _) => {
                        let name = ast.slot(child, Slot::Name)?;
                        out.push(Item { what: What::Named(name), alias: ast.slot(child, Slot::Alias) });
                    }
                    (Kind::Spread, _) => {
                        out.push(Item { what: What::Module, alias: ast.children(child).next() })
                    }
                    (_, Slot::Alias) => out.push(Item { what: What::Either, alias: Some(child) }),
                    _ => out.push(Item { what: What::Default, alias: Some(child) }),
                }
            }
            Some((source, out))
        }
        Kind::VarDecl => {
            let mut declared = ast.children(id);
            let (only, None) = (declared.next()?, declared.next()) else { return None };
            items(ast, only)
        }
        Kind::Assign => {
            let (left, right) = (ast.slot(id, Slot::Left)?, ast.slot(id, Slot::Right)?);
            let right = if ast.kind(right) == Kind::Await { ast.slot(right, Slot::Value)? } else { right };
            required_module(ast, right)?;
            let source = ast.slot(right, Slot::Arg)?;
            match ast.kind(left) {
                Kind::Object => {
                    for child in ast.children(left) {
                        match ast.kind(child) {
                            Kind::Pair => {
                                let name = ast.slot(child, Slot::Key)?;
                                out.push(Item {
                                    what: What::Named(name),
                                    alias: ast.slot(child, Slot::Value),
                                });
                            }
                            _ => out.push(Item { what: What::Named(child), alias: None }),
                        }
                    }
                }
                _ => out.push(Item { what: What::Either, alias: Some(left) }),
            }
            Some((source, out))
        }
        _ => None,
    }
}

/// `a.b.c`, imported perhaps as another name.
#[derive(Debug)]
struct Dotted {
    segments: SmallVec<[Segment; 4]>,
    alias: Option<NodeId>,
}

/// One name of a dotted name: its node and its bytes in the unit.
#[derive(Clone, Copy, Debug)]
struct Segment {
    node: NodeId,
    start: u32,
    end: u32,
}

impl Segment {
    fn text<'a>(&self, ast: &'a Ast) -> &'a str {
        ast.text.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

fn paths(ast: &Ast, id: NodeId) -> Vec<Dotted> {
    let mut source = SmallVec::new();
    if let Some(module) = ast.slot(id, Slot::Source) {
        split(ast, module, &mut source);
    }
    let mut out = Vec::new();
    for child in ast.children(id).filter(|&child| ast.node(child).slot != Slot::Source) {
        if ast.text(child) == "*" {
            if let Some(Dotted { segments, .. }) = out.last_mut() {
                split(ast, child, segments);
            }
            continue;
        }
        let mut segments = source.clone();
        let (name, alias) = match ast.kind(child) {
            Kind::ImportName => (ast.slot(child, Slot::Name), ast.slot(child, Slot::Alias)),
            _ => (Some(child), None),
        };
        if let Some(name) = name {
            split(ast, name, &mut segments);
        }
        out.push(Dotted { segments, alias });
    }
    if out.is_empty() && !source.is_empty() {
        out.push(Dotted { segments: source, alias: None });
    }
    out
}

/// The dots of a relative import are a segment of their own.
fn split(ast: &Ast, id: NodeId, out: &mut SmallVec<[Segment; 4]>) {
    let node = ast.node(id);
    let text = ast.text(id);
    let dots = text.len() - text.trim_start_matches('.').len();
    let mut at = node.start;
    if dots > 0 {
        out.push(Segment { node: id, start: at, end: at + dots as u32 });
        at += dots as u32;
    }
    let separator = if text.contains("::") { "::" } else { "." };
    for name in text[dots..].split(separator).filter(|name| !name.is_empty()) {
        out.push(Segment { node: id, start: at, end: at + name.len() as u32 });
        at += (name.len() + separator.len()) as u32;
    }
}
