//! Where a name is declared and written, and which of what is written reaches a place where it is read.

use smallvec::SmallVec;

use crate::analyze::{At, FileView};
use crate::language::Language;
use crate::syntax::{Ast, Kind, NodeId, Slot};

pub(super) fn enclosing_function(ast: &Ast, id: NodeId) -> Option<NodeId> {
    ast.ancestors(id).find(|&ancestor| ast.kind(ancestor) == Kind::Function)
}

/// The innermost function around a name that declares it; `None` for names of the file.
pub(super) fn declared_in(view: &FileView<'_>, at: At) -> Option<At> {
    let ast = view.ast(at.unit);
    let node = ast.node(at.node);
    if matches!(node.slot, Slot::Property | Slot::Key) {
        return None;
    }
    if has_block_scopes(view.language) {
        let scope = block_of_declaration(ast, at.node)?;
        return Some(At { unit: at.unit, node: scope });
    }
    let mut scope = enclosing_function(ast, at.node);
    while let Some(function) = scope {
        let declares = |write: &Write| {
            let parent = ast.node(write.node).parent;
            // In JavaScript an assignment declares nothing.
            view.language == Language::Python
                || ast.kind(parent) != Kind::Assign
                || ast.parent(parent).is_some_and(|parent| ast.kind(parent) == Kind::VarDecl)
        };
        if writes(view, ast, function, node.hash).iter().any(declares) {
            return Some(At { unit: at.unit, node: function });
        }
        scope = enclosing_function(ast, function);
    }
    None
}

fn has_block_scopes(language: Language) -> bool {
    matches!(language, Language::Go | Language::C | Language::Cpp | Language::Rust)
}

/// The innermost block, loop or function around a name in which that name is declared.
fn block_of_declaration(ast: &Ast, id: NodeId) -> Option<NodeId> {
    let is_scope = |id: &NodeId| {
        matches!(
            ast.kind(*id),
            Kind::Block
                | Kind::Function
                | Kind::For
                | Kind::ForIn
                | Kind::While
                | Kind::If
                | Kind::Case
                | Kind::Switch
                | Kind::Catch
        )
    };
    let name = ast.node(id).hash;
    let outermost = ast.ancestors(id).filter(|&id| ast.kind(id) == Kind::Function).last()?;
    let scopes: SmallVec<[NodeId; 4]> = ast
        .subtree(outermost)
        .filter(|&node| {
            ast.node(node).hash == name && ast.kind(node) == Kind::Ident && is_declared(ast, node)
        })
        .filter_map(|node| ast.ancestors(node).find(is_scope))
        .collect();
    ast.ancestors(id).find(|scope| scopes.contains(scope))
}

/// Whether a name is declared where it is written.
fn is_declared(ast: &Ast, id: NodeId) -> bool {
    let mut id = id;
    for _ in 0..4 {
        let (slot, parent) = (ast.node(id).slot, ast.node(id).parent);
        match ast.kind(parent) {
            Kind::Param => return slot == Slot::Name,
            Kind::Function => return slot == Slot::Param,
            Kind::ForIn => return slot == Slot::Left,
            Kind::VarDecl => return matches!(slot, Slot::Left | Slot::Name),
            Kind::Assign if slot == Slot::Left => return declares(ast, parent),
            Kind::Tuple | Kind::Unary | Kind::Index => id = parent,
            _ => return false,
        }
    }
    false
}

/// Whether an assignment declares what it assigns to.
pub(super) fn declares(ast: &Ast, assignment: NodeId) -> bool {
    let first = || ast.text(assignment).split_whitespace().next();
    ast.operator(assignment) == ":="
        || matches!(first(), Some("let" | "const" | "static" | "pub"))
        || ast.parent(assignment).is_some_and(|parent| ast.kind(parent) == Kind::VarDecl)
}

/// What may have been assigned to a name.
pub(super) enum Reaching {
    /// It is not written to here.
    Nothing,
    /// One of these.
    Some(SmallVec<[NodeId; 2]>),
    Unclear,
}

/// One write to a name.
struct Write {
    /// Where the name is written.
    node: NodeId,
    /// What is assigned, if that is an expression.
    value: Option<NodeId>,
}

/// The values that reach a use in the same function: the last write that is surely executed before, and those
/// after it that may be.
pub(super) fn reaching(view: &FileView<'_>, ast: &Ast, function: NodeId, site: NodeId) -> Reaching {
    let name = ast.node(site).hash;
    let mut writes = writes(view, ast, function, name);
    if writes.is_empty() {
        return Reaching::Nothing;
    }
    let loops: SmallVec<[NodeId; 4]> = ast
        .ancestors(site)
        .take_while(|&id| id != function)
        .filter(|&id| matches!(ast.kind(id), Kind::While | Kind::For | Kind::ForIn))
        .collect();
    let again = |write: &Write| loops.iter().any(|&id| ast.subtree(id).contains(&write.node));
    // An assignment writes after its right side was read.
    let before = |write: &Write| {
        let statement = ast.node(write.node).parent;
        write.node < site
            && !(ast.subtree(statement).contains(&site) && ast.kind(statement) != Kind::Function)
    };
    if writes.iter().any(|write| again(write) && write.node > site) {
        return Reaching::Unclear;
    }
    writes.retain(before);
    let mut values = SmallVec::new();
    for write in writes.iter().rev() {
        if !exclusive(ast, write.node, site) {
            match write.value {
                Some(value) => values.push(value),
                None => return Reaching::Unclear,
            }
        }
        if dominates(ast, function, write.node, site) {
            return Reaching::Some(values);
        }
    }
    // Branches that write on both sides are complete; nothing else is.
    if values.len() >= 2 && covers(ast, &writes, site) { Reaching::Some(values) } else { Reaching::Unclear }
}

/// Whether the write is in another branch than the use.
fn exclusive(ast: &Ast, write: NodeId, site: NodeId) -> bool {
    ast.ancestors(write).any(|id| {
        ast.kind(id) == Kind::If && {
            let branch = |node: NodeId| {
                ast.children(id)
                    .find(|&child| ast.subtree(child).contains(&node))
                    .map(|child| ast.node(child).slot)
            };
            matches!(
                (branch(write), branch(site)),
                (Some(Slot::Then), Some(Slot::Else)) | (Some(Slot::Else), Some(Slot::Then))
            )
        }
    })
}

/// Whether a write is always executed before the use: nothing around it can be skipped that is not also around
/// the use.
fn dominates(ast: &Ast, function: NodeId, write: NodeId, site: NodeId) -> bool {
    ast.ancestors(write).take_while(|&id| id != function).all(|id| {
        let conditional = matches!(
            ast.kind(id),
            Kind::If
                | Kind::While
                | Kind::For
                | Kind::ForIn
                | Kind::Try
                | Kind::Switch
                | Kind::Ternary
                | Kind::Comprehension
                | Kind::Catch
        ) || (ast.kind(id) == Kind::Binary
            && matches!(ast.operator(id), "&&" | "||" | "??" | "and" | "or"));
        !conditional || (ast.subtree(id).contains(&site) && !exclusive(ast, write, site))
    })
}

/// Whether both branches of one `if` before the use write.
fn covers(ast: &Ast, writes: &[Write], site: NodeId) -> bool {
    let branch = |write: &Write| {
        ast.ancestors(write.node).find(|&id| ast.kind(id) == Kind::If).map(|id| {
            let slot = ast.children(id).find(|&child| ast.subtree(child).contains(&write.node));
            (id, slot.map(|child| ast.node(child).slot))
        })
    };
    writes.iter().filter_map(&branch).any(|(id, slot)| {
        slot == Some(Slot::Then)
            && !ast.subtree(id).contains(&site)
            && writes.iter().filter_map(&branch).any(|other| other == (id, Some(Slot::Else)))
    })
}

/// The value of a name that is written exactly once in a scope.
pub(super) fn single(view: &FileView<'_>, ast: &Ast, root: NodeId, name: u64) -> Reaching {
    match writes(view, ast, root, name).as_slice() {
        [] => Reaching::Nothing,
        [Write { value: Some(value), .. }] => Reaching::Some(SmallVec::from_slice(&[*value])),
        _ => Reaching::Unclear,
    }
}

/// Only statements of the top level count there: one walk over the units' roots and not over the file.
pub(super) fn top_level(view: &FileView<'_>, ast: &Ast, name: u64) -> Reaching {
    match ast.kind(Ast::ROOT) {
        Kind::Function | Kind::Class | Kind::Import => Reaching::Nothing,
        _ => single(view, ast, Ast::ROOT, name),
    }
}

/// The writes to a name below a node, nested functions left out.
fn writes(view: &FileView<'_>, ast: &Ast, root: NodeId, name: u64) -> Vec<Write> {
    let appends = view.language.definition().writing.appends;
    let mut found = Vec::new();
    let mut id = root;
    let end = root + ast.node(root).size;
    while id < end {
        let node = ast.node(id);
        if id != root && node.kind == Kind::Function {
            id += node.size;
            continue;
        }
        if node.hash == name
            && matches!(node.kind, Kind::Ident | Kind::Shorthand)
            && let Some(value) = write(ast, id, appends)
        {
            found.push(Write { node: id, value });
        }
        id += 1;
    }
    found
}

/// Whether the name is written to here, and what is assigned.
pub(super) fn write(ast: &Ast, id: NodeId, appends: &[&str]) -> Option<Option<NodeId>> {
    let node = ast.node(id);
    let parent = node.parent;
    match (node.slot, ast.kind(parent)) {
        // `var x;` writes nothing.
        (Slot::Left, Kind::Assign) => ast.slot(parent, Slot::Right).map(Some),
        (Slot::Alias, Kind::WithItem) => Some(ast.slot(parent, Slot::Value)),
        // `ENV NAME=value`
        (Slot::Key, Kind::Pair)
            if ast.parent(parent).is_some_and(|holder| ast.kind(holder) == Kind::Other)
                && ast.node(parent).slot == Slot::Decorator =>
        {
            ast.slot(parent, Slot::Value).map(Some)
        }
        (Slot::Left, Kind::AugAssign | Kind::ForIn | Kind::ForClause) | (Slot::Param | Slot::Alias, _) => {
            Some(None)
        }
        (Slot::Name, Kind::Param) => Some(None),
        // `a << b`, `a.concat(b)`: what is appended may be anything, unless it is a literal.
        (Slot::Left, Kind::Binary) if appends.contains(&ast.operator(parent)) => {
            let added = ast.slot(parent, Slot::Right)?;
            (ast.kind(added) != Kind::Str).then_some(None)
        }
        (Slot::Object, Kind::Member) if !appends.is_empty() => {
            let call = ast.parent(parent).filter(|&call| ast.kind(call) == Kind::Call)?;
            let method = ast.slot(parent, Slot::Property)?;
            let literal = ast.slots(call, Slot::Arg).all(|added| ast.kind(added) == Kind::Str);
            (appends.contains(&ast.text(method)) && !literal).then_some(None)
        }
        (_, Kind::Global | Kind::Delete | Kind::WithItem) => Some(None),
        (_, Kind::Unary)
            if matches!(ast.text(parent).trim_matches(|c| c != '+' && c != '-'), "++" | "--") =>
        {
            Some(None)
        }
        (_, Kind::Object | Kind::Array | Kind::Tuple | Kind::Spread | Kind::Pair | Kind::Default)
            if is_target(ast, id) =>
        {
            Some(None)
        }
        _ => None,
    }
}

/// Whether the name is taken out of a value by destructuring.
fn is_target(ast: &Ast, id: NodeId) -> bool {
    let boxes = ast.ancestors(id).take_while(|&node| {
        matches!(
            ast.kind(node),
            Kind::Object | Kind::Array | Kind::Tuple | Kind::Spread | Kind::Pair | Kind::Default
        )
    });
    std::iter::once(id).chain(boxes).any(|node| {
        let node = ast.node(node);
        let assigned = matches!(ast.kind(node.parent), Kind::Assign | Kind::ForIn | Kind::ForClause);
        node.slot == Slot::Param || (node.slot == Slot::Left && assigned)
    })
}
