//! What a name is plainly known to hold: a literal that it is given once, and the type that the code states.

use std::borrow::Cow;
use std::cell::Cell;

use crate::analyze::{At, FileView};
use crate::syntax::{Ast, Kind, NodeId, Slot, strip_quotes};

/// The literal behind a name that is assigned exactly once, in the enclosing functions or at the top level.
/// A literal stands for itself. `read_module` is set if other units were looked at.
pub(crate) fn constant_of(view: &FileView<'_>, at: At, read_module: &Cell<bool>) -> Option<At> {
    let ast = view.ast(at.unit);
    match ast.kind(at.node) {
        Kind::Str | Kind::Num | Kind::Bool | Kind::Null => Some(at),
        Kind::Ident => {
            let value = value_of(view, at, read_module)?;
            let literal = matches!(
                view.ast(value.unit).kind(value.node),
                Kind::Str | Kind::Num | Kind::Bool | Kind::Null
            );
            literal.then_some(value)
        }
        _ => None,
    }
}

/// The text of a string that is put together from constants only.
pub(crate) fn constant_text<'v>(
    view: &FileView<'v>,
    at: At,
    read_module: &Cell<bool>,
) -> Option<Cow<'v, str>> {
    text_of(view, at, read_module, 8)
}

fn text_of<'v>(view: &FileView<'v>, at: At, read_module: &Cell<bool>, depth: usize) -> Option<Cow<'v, str>> {
    if depth == 0 {
        return None;
    }
    let ast = view.ast(at.unit);
    let child = |node| text_of(view, At { unit: at.unit, node }, read_module, depth - 1);
    match ast.kind(at.node) {
        Kind::Str => Some(Cow::Borrowed(strip_quotes(ast.text(at.node)))),
        Kind::Ident => text_of(view, value_of(view, at, read_module)?, read_module, depth - 1),
        Kind::Binary if ast.operator(at.node) == "+" => {
            let left = child(ast.slot(at.node, Slot::Left)?)?;
            let right = child(ast.slot(at.node, Slot::Right)?)?;
            Some(Cow::Owned(format!("{left}{right}")))
        }
        Kind::Template => {
            let mut out = String::new();
            for part in ast.children(at.node) {
                match ast.kind(part) {
                    Kind::StrPart => out.push_str(ast.text(part)),
                    _ => out.push_str(&child(part)?),
                }
            }
            Some(Cow::Owned(out))
        }
        _ => None,
    }
}

/// What is assigned to a name, if that happens exactly once before it is used.
pub(crate) fn value_of(view: &FileView<'_>, at: At, read_module: &Cell<bool>) -> Option<At> {
    let ast = view.ast(at.unit);
    let name = ast.node(at.node).hash;
    let mut scope = enclosing_function(ast, at.node);
    loop {
        let root = scope.unwrap_or(Ast::ROOT);
        match writes(ast, root, name) {
            Writes::None => {}
            Writes::Once(value) if scope.is_some() || ast.node(value).end <= ast.node(at.node).start => {
                return Some(At { unit: at.unit, node: value }).filter(|value| value.node != at.node);
            }
            Writes::Once(_) | Writes::Unclear => return None,
        }
        match scope {
            Some(function) => scope = enclosing_function(ast, function),
            None => break,
        }
    }
    read_module.set(true);
    let mut found = None;
    for (unit, content) in view.units.iter().enumerate() {
        if unit as u32 == at.unit || content.ast.is_empty() {
            continue;
        }
        match top_level_writes(&content.ast, name) {
            Writes::None => {}
            Writes::Once(node) if found.is_none() => found = Some(At { unit: unit as u32, node }),
            _ => return None,
        }
    }
    found
}

fn enclosing_function(ast: &Ast, id: NodeId) -> Option<NodeId> {
    ast.ancestors(id).find(|&ancestor| ast.kind(ancestor) == Kind::Function)
}

enum Writes {
    None,
    Once(NodeId),
    /// Several times, or by something that gives no plain value.
    Unclear,
}

/// Only statements of the top level count there: one walk over the units' roots and not over the file.
fn top_level_writes(ast: &Ast, name: u64) -> Writes {
    match ast.kind(Ast::ROOT) {
        Kind::Function | Kind::Class | Kind::Import => Writes::None,
        _ => writes(ast, Ast::ROOT, name),
    }
}

/// The writes to a name below a node, nested functions left out unless they declare it global.
fn writes(ast: &Ast, root: NodeId, name: u64) -> Writes {
    let mut found = Writes::None;
    let mut id = root;
    let end = root + ast.node(root).size;
    while id < end {
        let node = ast.node(id);
        if id != root && node.kind == Kind::Function {
            id += node.size;
            continue;
        }
        let written = node.hash == name && matches!(node.kind, Kind::Ident | Kind::Shorthand);
        if written {
            match (node.slot, ast.kind(node.parent), &found) {
                (Slot::Left, Kind::Assign, Writes::None) => {
                    found = ast.slot(node.parent, Slot::Right).map_or(Writes::None, Writes::Once);
                }
                (Slot::Left, Kind::Assign | Kind::AugAssign | Kind::ForIn | Kind::ForClause, _)
                | (Slot::Param | Slot::Alias, ..)
                | (Slot::Name, Kind::Param, _)
                | (_, Kind::Global | Kind::Delete | Kind::WithItem, _) => return Writes::Unclear,
                (_, Kind::Object | Kind::Array | Kind::Tuple | Kind::Spread, _) if is_target(ast, id) => {
                    return Writes::Unclear;
                }
                (Slot::Value, Kind::Unary, _) if matches!(ast.operator(node.parent), "++" | "--") => {
                    return Writes::Unclear;
                }
                (_, Kind::Unary, _) if ast.text(node.parent).contains("++") => return Writes::Unclear,
                _ => {}
            }
        }
        id += 1;
    }
    found
}

/// Whether the name is taken out of a value by destructuring.
fn is_target(ast: &Ast, id: NodeId) -> bool {
    std::iter::once(id).chain(ast.ancestors(id)).any(|node| {
        let slot = ast.node(node).slot;
        slot == Slot::Left || slot == Slot::Param
    })
}

/// The type that the code states for an expression: by an annotation, a constructor or a literal.
pub(crate) fn type_of(view: &FileView<'_>, at: At, read_module: &Cell<bool>) -> Option<String> {
    let ast = view.ast(at.unit);
    let python = view.language == crate::language::Language::Python;
    let own = match ast.kind(at.node) {
        Kind::Str | Kind::Template => Some(if python { "str" } else { "string" }),
        Kind::Num if !python => Some("number"),
        Kind::Num if ast.text(at.node).contains('.') => Some("float"),
        Kind::Num => Some("int"),
        Kind::Bool => Some(if python { "bool" } else { "boolean" }),
        _ => None,
    };
    if let Some(own) = own {
        return Some(own.to_owned());
    }
    match ast.kind(at.node) {
        Kind::New => return ast.dotted(ast.slot(at.node, Slot::Callee)?),
        Kind::Call if python => {
            let callee = ast.slot(at.node, Slot::Callee)?;
            return ast.dotted(callee);
        }
        Kind::Ident => {}
        _ => return None,
    }
    if let Some(ty) = annotation(ast, at.node) {
        return Some(ty);
    }
    let value = value_of(view, at, read_module)?;
    (view.ast(value.unit).kind(value.node) != Kind::Ident)
        .then(|| type_of(view, value, read_module))
        .flatten()
}

/// The annotation of a parameter or variable of that name in the enclosing functions.
fn annotation(ast: &Ast, id: NodeId) -> Option<String> {
    let name = ast.node(id).hash;
    let mut scope = enclosing_function(ast, id);
    loop {
        let root = scope.unwrap_or(Ast::ROOT);
        for node in ast.subtree(root) {
            let holds_type = matches!(ast.kind(node), Kind::Param | Kind::Assign);
            if !holds_type {
                continue;
            }
            let named = ast.slot(node, Slot::Name).or_else(|| ast.slot(node, Slot::Left));
            if named.is_some_and(|named| ast.node(named).hash == name && ast.kind(named) == Kind::Ident)
                && let Some(ty) = ast.slot(node, Slot::Type)
            {
                return Some(ast.text(ty).trim_start_matches([':', ' ']).to_owned());
            }
        }
        scope = enclosing_function(ast, scope?);
    }
}
