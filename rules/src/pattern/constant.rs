//! What a name is plainly known to hold where it is used: a literal that was assigned to it before, and the
//! type that the code states. Only what can be seen without interpreting the program.

use std::borrow::Cow;
use std::cell::Cell;

use smallvec::SmallVec;

use super::bindings::number;
use crate::analyze::{At, FileView};
use crate::language::{Imports, Language};
use crate::syntax::{Ast, Kind, NodeId, Slot, hash_text, strip_quotes};

/// How many names and operators are followed.
const DEPTH: usize = 8;

/// The literal that a name is known to hold. A literal stands for itself. `read_module` is set if other units
/// were looked at.
pub(crate) fn constant_of(view: &FileView<'_>, at: At, read_module: &Cell<bool>) -> Option<At> {
    literal_of(view, at, read_module, DEPTH)
}

fn literal_of(view: &FileView<'_>, at: At, read_module: &Cell<bool>, depth: usize) -> Option<At> {
    let depth = depth.checked_sub(1)?;
    match view.ast(at.unit).kind(at.node) {
        Kind::Str | Kind::Num | Kind::Bool | Kind::Null | Kind::Regex => Some(at),
        Kind::Ident => literal_of(view, value_of(view, at, read_module)?, read_module, depth),
        Kind::Member => {
            let value = value_of(view, at, read_module).or_else(|| named_member(view, at, read_module))?;
            literal_of(view, value, read_module, depth)
        }
        // `"${var.x}"`
        Kind::Template if view.language == Language::Hcl => {
            let ast = view.ast(at.unit);
            let mut parts = ast.children(at.node);
            let only = parts.next().filter(|_| parts.next().is_none())?;
            literal_of(view, At { unit: at.unit, node: only }, read_module, depth)
        }
        _ => None,
    }
}

/// The number that an expression of constants comes to.
pub(crate) fn constant_number(view: &FileView<'_>, at: At, read_module: &Cell<bool>) -> Option<f64> {
    number_of(view, at, read_module, DEPTH)
}

fn number_of(view: &FileView<'_>, at: At, read_module: &Cell<bool>, depth: usize) -> Option<f64> {
    let depth = depth.checked_sub(1)?;
    let ast = view.ast(at.unit);
    let child = |node| number_of(view, At { unit: at.unit, node }, read_module, depth);
    match ast.kind(at.node) {
        Kind::Num => number(ast.text(at.node)),
        Kind::Ident => number_of(view, value_of(view, at, read_module)?, read_module, depth),
        Kind::Unary if ast.operator(at.node) == "-" => Some(-child(ast.children(at.node).next()?)?),
        Kind::Binary => {
            let (left, right) = (ast.slot(at.node, Slot::Left)?, ast.slot(at.node, Slot::Right)?);
            let operator = ast.operator(at.node);
            let (left, right) = (child(left)?, child(right)?);
            match operator {
                "+" => Some(left + right),
                "-" => Some(left - right),
                "*" => Some(left * right),
                _ => None,
            }
        }
        _ => {
            let literal = literal_of(view, at, read_module, depth).filter(|literal| *literal != at)?;
            number_of(view, literal, read_module, depth)
        }
    }
}

/// The text of a string that is put together from constants only.
pub(crate) fn constant_text<'v>(
    view: &FileView<'v>,
    at: At,
    read_module: &Cell<bool>,
) -> Option<Cow<'v, str>> {
    text_of(view, at, read_module, DEPTH)
}

fn text_of<'v>(view: &FileView<'v>, at: At, read_module: &Cell<bool>, depth: usize) -> Option<Cow<'v, str>> {
    let ast = view.ast(at.unit);
    let depth = depth.checked_sub(usize::from(!continues(ast, at.node)))?;
    let child = |node| text_of(view, At { unit: at.unit, node }, read_module, depth);
    match ast.kind(at.node) {
        Kind::Str => Some(Cow::Borrowed(strip_quotes(ast.text(at.node)))),
        Kind::Ident => text_of(view, value_of(view, at, read_module)?, read_module, depth),
        Kind::Member => {
            let value = value_of(view, at, read_module).or_else(|| named_member(view, at, read_module))?;
            text_of(view, value, read_module, depth)
        }
        Kind::Call => formatted(view, at, read_module, depth).map(Cow::Owned),
        Kind::Num | Kind::Bool if view.language == Language::Hcl => Some(Cow::Borrowed(ast.text(at.node))),
        Kind::Binary => {
            let (left, right) = (ast.slot(at.node, Slot::Left)?, ast.slot(at.node, Slot::Right)?);
            match ast.operator(at.node) {
                "+" | "." => {
                    let left =
                        operand(ast, left).map_or_else(|| child(left), |number| Some(number.into()))?;
                    let right =
                        operand(ast, right).map_or_else(|| child(right), |number| Some(number.into()))?;
                    Some(Cow::Owned(format!("{left}{right}")))
                }
                // What is repeated says what is in it; how often does not matter to a pattern.
                "*" if view.language == Language::Python && ast.kind(right) == Kind::Num => child(left),
                _ => None,
            }
        }
        Kind::Template => {
            let mut out = String::new();
            for part in ast.children(at.node) {
                match ast.kind(part) {
                    Kind::StrPart => out.push_str(ast.text(part)),
                    _ => match child(part) {
                        Some(text) => out.push_str(&text),
                        None => {
                            let at = constant_of(view, At { unit: at.unit, node: part }, read_module)?;
                            if view.ast(at.unit).kind(at.node) != Kind::Num {
                                return None;
                            }
                            out.push_str(view.text(at));
                        }
                    },
                }
            }
            Some(Cow::Owned(out))
        }
        _ => None,
    }
}

/// Whether the node goes on with what its parent began: in `a + b + c` only the right operands count as steps.
fn continues(ast: &Ast, id: NodeId) -> bool {
    let node = ast.node(id);
    node.slot == Slot::Left
        && ast.kind(node.parent) == Kind::Binary
        && node.kind == Kind::Binary
        && node.hash == ast.node(node.parent).hash
}

/// A number that is added to a string.
fn operand(ast: &Ast, id: NodeId) -> Option<&str> {
    (ast.kind(id) == Kind::Num).then(|| ast.text(id))
}

/// Whether every value that the expression can have is a constant string, even where it is not known which.
pub(crate) fn is_constant_text(view: &FileView<'_>, at: At, read_module: &Cell<bool>) -> bool {
    constant_texts(view, at, read_module, DEPTH)
}

/// What a declaration gives to the name that it declares.
fn declared_value(view: &FileView<'_>, at: At) -> Option<At> {
    let ast = view.ast(at.unit);
    let node = ast.node(at.node);
    let declared = super::types::is_typed(view.language)
        && node.slot == Slot::Left
        && ast.parent(node.parent).is_some_and(|parent| ast.kind(parent) == Kind::VarDecl);
    let value = ast.slot(node.parent, Slot::Right).filter(|_| declared)?;
    Some(At { unit: at.unit, node: value })
}

fn constant_texts(view: &FileView<'_>, at: At, read_module: &Cell<bool>, depth: usize) -> bool {
    let ast = view.ast(at.unit);
    let at = declared_value(view, at).unwrap_or(at);
    let Some(depth) = depth.checked_sub(usize::from(!continues(ast, at.node))) else { return false };
    let node = |node| constant_texts(view, At { unit: at.unit, node }, read_module, depth);
    match ast.kind(at.node) {
        Kind::Ternary => {
            [Slot::Then, Slot::Else].into_iter().all(|slot| ast.slot(at.node, slot).is_some_and(node))
        }
        Kind::Binary => match ast.operator(at.node) {
            "+" | "." | "or" | "||" => ast.children(at.node).all(node),
            // Where the left side is false, the value is the other side of an `or` around it.
            "and" | "&&" => ast.slot(at.node, Slot::Right).is_some_and(node),
            _ => text_of(view, at, read_module, depth).is_some(),
        },
        Kind::Template => ast.children(at.node).all(|part| ast.kind(part) == Kind::StrPart || node(part)),
        Kind::Call => {
            let pure = view.language.definition().writing.pure_functions;
            let named =
                ast.slot(at.node, Slot::Callee).is_some_and(|callee| pure.contains(&ast.text(callee)));
            named && ast.slots(at.node, Slot::Arg).all(node)
        }
        Kind::Ident => {
            if let Some(value) = value_of(view, at, read_module) {
                return constant_texts(view, value, read_module, depth);
            }
            let Some(function) = enclosing_function(ast, at.node) else { return false };
            match reaching(view, ast, function, at.node) {
                Reaching::Some(values) => !values.is_empty() && values.iter().all(|&value| node(value)),
                _ => false,
            }
        }
        _ => text_of(view, at, read_module, depth).is_some(),
    }
}

/// What a member that is known to be a constant holds.
fn named_member(view: &FileView<'_>, at: At, read_module: &Cell<bool>) -> Option<At> {
    class_constant(view, at).or_else(|| referred(view, at, read_module))
}

/// What `var.x` and `local.x` of Terraform refer to: the default of the variable, the local value.
fn referred(view: &FileView<'_>, at: At, read_module: &Cell<bool>) -> Option<At> {
    if view.language.definition().imports != Imports::References {
        return None;
    }
    let ast = view.ast(at.unit);
    let (object, name) = (ast.slot(at.node, Slot::Object)?, ast.slot(at.node, Slot::Property)?);
    let name = ast.node(name).hash;
    let local = match ast.text(object) {
        "local" => true,
        "var" => false,
        _ => return None,
    };
    read_module.set(true);
    let mut found = None;
    for (unit, content) in view.units.iter().enumerate() {
        let ast = &content.ast;
        if ast.is_empty() || ast.kind(Ast::ROOT) != Kind::Call {
            continue;
        }
        let callee = ast.slot(Ast::ROOT, Slot::Callee).map_or("", |callee| ast.text(callee));
        let mut arguments = ast.slots(Ast::ROOT, Slot::Arg);
        let entry = match callee {
            "locals" if local => attribute(ast, arguments.next()?, name),
            "variable" if !local => {
                let own = arguments.next().is_some_and(|label| ast.node(label).hash == name);
                let body = arguments.next().filter(|_| own);
                body.and_then(|body| attribute(ast, body, hash_text("default")))
            }
            _ => None,
        };
        if let Some(node) = entry {
            if found.is_some() {
                return None;
            }
            found = Some(At { unit: unit as u32, node });
        }
    }
    found
}

/// The value of an attribute in the body of a block.
fn attribute(ast: &Ast, body: NodeId, name: u64) -> Option<NodeId> {
    let mut entries = ast.children(body).filter(|&entry| ast.kind(entry) == Kind::Assign);
    entries
        .find(|&entry| ast.slot(entry, Slot::Left).is_some_and(|left| ast.node(left).hash == name))
        .and_then(|entry| ast.slot(entry, Slot::Right))
}

/// What a constant of the class around holds: `self::NAME`, `this.NAME`.
fn class_constant(view: &FileView<'_>, at: At) -> Option<At> {
    let ast = view.ast(at.unit);
    let (object, property) = (ast.slot(at.node, Slot::Object)?, ast.slot(at.node, Slot::Property)?);
    let class = ast.ancestors(at.node).find(|&id| ast.kind(id) == Kind::Class)?;
    let own = matches!(ast.text(object), "self" | "static" | "this")
        || ast.slot(class, Slot::Name).is_some_and(|name| ast.node(name).hash == ast.node(object).hash);
    let body = ast.slot(class, Slot::Body).filter(|_| own)?;
    for declaration in ast.children(body).filter(|&id| ast.kind(id) == Kind::VarDecl) {
        for assigned in ast.children(declaration).filter(|&id| ast.kind(id) == Kind::Assign) {
            let Some(left) = ast.slot(assigned, Slot::Left) else { continue };
            if ast.node(left).hash != ast.node(property).hash {
                continue;
            }
            let words = ast.text.get(ast.range(declaration).start..ast.range(left).start).unwrap_or("");
            let fixed = words.split_whitespace().any(|word| matches!(word, "const" | "final" | "readonly"));
            return ast.slot(assigned, Slot::Right).filter(|_| fixed).map(|node| At { unit: at.unit, node });
        }
    }
    None
}

/// What a name holds where it is used, if that is one assigned expression.
pub(crate) fn value_of(view: &FileView<'_>, at: At, read_module: &Cell<bool>) -> Option<At> {
    // A name alone is a word there and no variable.
    if view.language.definition().imports == Imports::References {
        return None;
    }
    let ast = view.ast(at.unit);
    if ast.kind(at.node) == Kind::Member {
        return field_value(ast, at);
    }
    let used = ast.node(at.node);
    // What is written to is no use.
    if used.slot == Slot::Left && ast.kind(used.parent) == Kind::Assign {
        return None;
    }
    let mut scope = enclosing_function(ast, at.node);
    let mut site = at.node;
    loop {
        let root = scope.unwrap_or(Ast::ROOT);
        let reaching = if scope.is_some() && site == at.node {
            reaching(view, ast, root, at.node)
        } else {
            // A function runs later than what stands around it: only a single write is sure.
            single(view, ast, root, used.hash)
        };
        match reaching {
            Reaching::Nothing => {}
            Reaching::Some(values) => {
                let (value, others) = values.split_first()?;
                let same = |&other: &NodeId| super::alike::alike_in(ast, *value, ast, other);
                return others.iter().all(same).then_some(At { unit: at.unit, node: *value });
            }
            Reaching::Unclear => return None,
        }
        let Some(function) = scope else { break };
        site = function;
        scope = enclosing_function(ast, function);
    }
    read_module.set(true);
    let inside = enclosing_function(ast, at.node).is_some();
    let mut found = None;
    for (unit, content) in view.units.iter().enumerate() {
        // Code at the top level runs from top to bottom.
        // A script in a page runs elsewhere than the tags around it, whatever its variables are called.
        let elsewhere = view.language.is_template()
            && view.language != Language::Vue
            && content.language != view.units[at.unit as usize].language;
        if unit as u32 == at.unit || content.ast.is_empty() || elsewhere || (!inside && unit as u32 > at.unit)
        {
            continue;
        }
        match top_level(view, &content.ast, used.hash) {
            Reaching::Nothing => {}
            Reaching::Some(values) if !inside => found = Some((unit as u32, values)),
            Reaching::Some(values) if found.is_none() => found = Some((unit as u32, values)),
            _ => return None,
        }
    }
    let (unit, values) = found?;
    match values.as_slice() {
        [value] => Some(At { unit, node: *value }),
        _ => None,
    }
}

/// What `this.name` holds: the field has a value where it is declared and nothing else is assigned to it.
fn field_value(ast: &Ast, at: At) -> Option<At> {
    let object = ast.slot(at.node, Slot::Object)?;
    if ast.text(object) != "this" {
        return None;
    }
    let property = ast.slot(at.node, Slot::Property)?;
    let declarator = super::types::field(ast, at.node, property)?;
    let value = ast.slot(declarator, Slot::Right)?;
    (!written_in_methods(ast, ast.node(property).hash)).then_some(At { unit: at.unit, node: value })
}

/// Whether a name is assigned to in any function, with or without `this`.
fn written_in_methods(ast: &Ast, name: u64) -> bool {
    (0..ast.nodes.len() as NodeId).any(|id| {
        let node = ast.node(id);
        let named = node.hash == name && matches!(node.kind, Kind::Ident);
        let target = if node.slot == Slot::Property { node.parent } else { id };
        named
            && write(ast, target, &[]).is_some()
            && enclosing_function(ast, id).is_some()
            && ast.parent(ast.node(target).parent).is_none_or(|id| ast.kind(id) != Kind::VarDecl)
    })
}

/// `String.format` with constants.
fn formatted(view: &FileView<'_>, at: At, read_module: &Cell<bool>, depth: usize) -> Option<String> {
    let ast = view.ast(at.unit);
    let callee = ast.slot(at.node, Slot::Callee)?;
    if !matches!(
        ast.text(callee),
        "String.format" | "java.lang.String.format" | "string.Format" | "String.Format"
    ) {
        return None;
    }
    let mut text = String::new();
    for argument in ast.slots(at.node, Slot::Arg) {
        let part = match operand(ast, argument) {
            Some(number) => number.into(),
            None => text_of(view, At { unit: at.unit, node: argument }, read_module, depth)?,
        };
        text.push_str(&part);
    }
    Some(text)
}

fn enclosing_function(ast: &Ast, id: NodeId) -> Option<NodeId> {
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
enum Reaching {
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
fn reaching(view: &FileView<'_>, ast: &Ast, function: NodeId, site: NodeId) -> Reaching {
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
fn single(view: &FileView<'_>, ast: &Ast, root: NodeId, name: u64) -> Reaching {
    match writes(view, ast, root, name).as_slice() {
        [] => Reaching::Nothing,
        [Write { value: Some(value), .. }] => Reaching::Some(SmallVec::from_slice(&[*value])),
        _ => Reaching::Unclear,
    }
}

/// Only statements of the top level count there: one walk over the units' roots and not over the file.
fn top_level(view: &FileView<'_>, ast: &Ast, name: u64) -> Reaching {
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
fn write(ast: &Ast, id: NodeId, appends: &[&str]) -> Option<Option<NodeId>> {
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

/// The type that the code states for an expression: by an annotation, a constructor or a literal.
pub(crate) fn type_of(view: &FileView<'_>, at: At, read_module: &Cell<bool>) -> Option<String> {
    stated_type(view, at, read_module, DEPTH)
}

fn stated_type(view: &FileView<'_>, at: At, read_module: &Cell<bool>, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let ast = view.ast(at.unit);
    let python = view.language == Language::Python;
    match ast.kind(at.node) {
        Kind::Str | Kind::Template if matches!(view.language, Language::C | Language::Cpp) => {
            Some("char *".to_owned())
        }
        Kind::Str | Kind::Template => Some(if python { "str" } else { "string" }.to_owned()),
        Kind::Num if ast.text(at.node).starts_with('\'') => Some("char".to_owned()),
        Kind::Num if matches!(view.language, Language::C | Language::Cpp) => {
            let real = ast.text(at.node).contains('.');
            Some(if real { "double" } else { "int" }.to_owned())
        }
        Kind::Num if !python => Some("number".to_owned()),
        Kind::Num if ast.text(at.node).contains('.') => Some("float".to_owned()),
        Kind::Num => Some("int".to_owned()),
        Kind::Binary | Kind::Compare | Kind::Unary
            if matches!(
                ast.operator(at.node),
                "==" | "!=" | "<" | ">" | "<=" | ">=" | "===" | "!==" | "!" | "not" | "in" | "is"
            ) =>
        {
            Some(if view.language.is_script() { "boolean" } else { "bool" }.to_owned())
        }
        Kind::Bool => Some(if view.language.is_script() { "boolean" } else { "bool" }.to_owned()),
        Kind::New => {
            let class = ast.slot(at.node, Slot::Callee)?;
            ast.dotted(class).or_else(|| Some(ast.text(class).to_owned()))
        }
        Kind::Call if python => ast.dotted(ast.slot(at.node, Slot::Callee)?),
        // Kotlin makes objects without `new`.
        Kind::Call if view.language == Language::Kotlin => {
            let callee = ast.slot(at.node, Slot::Callee)?;
            let class = ast.kind(callee) == Kind::Ident
                && ast.text(callee).starts_with(|c: char| c.is_ascii_uppercase());
            if class { ast.dotted(callee) } else { super::types::of_expression(view, at, read_module) }
        }
        Kind::Call if view.language == Language::Go => {
            let callee = ast.slot(at.node, Slot::Callee)?;
            let made = || ast.slot(at.node, Slot::Arg).map(|ty| ast.text(ty));
            match ast.text(callee) {
                "new" => Some(format!("*{}", made()?)),
                "make" => Some(made()?.to_owned()),
                "string" => Some("string".to_owned()),
                // `[]byte(x)` converts.
                ty if ast.kind(callee) == Kind::Other => Some(ty.to_owned()),
                _ => None,
            }
        }
        // `&x` and `*p`
        Kind::Unary => {
            let operand = At { unit: at.unit, node: ast.slot(at.node, Slot::Value)? };
            match ast.text(at.node).as_bytes().first()? {
                b'&' => Some(format!("*{}", stated_type(view, operand, read_module, depth)?)),
                b'*' => {
                    let pointer = stated_type(view, operand, read_module, depth)?;
                    Some(pointer.strip_prefix('*').or_else(|| pointer.strip_suffix('*'))?.trim().to_owned())
                }
                _ => super::types::of_expression(view, at, read_module),
            }
        }
        // `x as T`, `(T) x`, `x.(T)`
        Kind::Other if ast.slot(at.node, Slot::Value).is_some() => {
            Some(ast.text(ast.slot(at.node, Slot::Type)?).to_owned())
        }
        Kind::Ident => match annotation(ast, at.node) {
            Some(Annotation { node, marks }) => {
                Some(format!("{}{marks}", ast.text(node).trim_start_matches([':', ' '])))
            }
            None => match value_of(view, at, read_module) {
                Some(value) => stated_type(view, value, read_module, depth),
                None => module_annotation(view, at, read_module).or_else(|| class_named(view, ast, at.node)),
            },
        },
        _ => super::types::of_expression(view, at, read_module),
    }
}

/// What the code states of a variable's type.
pub(super) struct Annotation {
    pub node: NodeId,
    /// `*`, `&` and `[]` that belong to the variable: `int a, *b, c[3]`.
    pub marks: String,
}

/// The annotation of a parameter or variable of that name in the enclosing functions.
pub(super) fn annotation(ast: &Ast, id: NodeId) -> Option<Annotation> {
    let name = ast.node(id).hash;
    let mut scope = enclosing_function(ast, id);
    loop {
        for node in ast.subtree(scope.unwrap_or(Ast::ROOT)) {
            let elsewhere = ast.kind(node) == Kind::Param
                && enclosing_function(ast, node).is_some_and(|own| !ast.subtree(own).contains(&id));
            let declares = matches!(ast.kind(node), Kind::Param | Kind::Assign | Kind::VarDecl | Kind::ForIn);
            if !declares || elsewhere {
                continue;
            }
            let named = ast.slots(node, Slot::Name).chain(ast.slots(node, Slot::Left)).find_map(|named| {
                let declared = declared_name(ast, named);
                (ast.node(declared).hash == name && ast.kind(declared) == Kind::Ident)
                    .then_some((named, declared))
            });
            if let Some((whole, named)) = named
                && let Some(ty) = ast.slot(node, Slot::Type).or_else(|| declared_type(ast, node))
                && !matches!(ast.text(ty), "var" | "val" | "auto")
            {
                return Some(Annotation { node: ty, marks: declarator_marks(ast, ty, whole, named) });
            }
        }
        scope = enclosing_function(ast, scope?);
    }
}

/// `name` of `name[3]`.
fn declared_name(ast: &Ast, id: NodeId) -> NodeId {
    let mut id = id;
    while ast.kind(id) == Kind::Index
        && let Some(object) = ast.slot(id, Slot::Object)
    {
        id = object;
    }
    id
}

/// The `**` of `char **name` and the `[3]` of `char name[3]`.
fn declarator_marks(ast: &Ast, ty: NodeId, whole: NodeId, name: NodeId) -> String {
    let between = ast.node(ty).end as usize..ast.node(name).start as usize;
    let text = ast.text.get(between).unwrap_or("");
    let written = text.trim_end();
    let start = written.trim_end_matches(['*', '&', ' ']).len();
    let after = ast.text.get(ast.node(name).end as usize..ast.node(whole).end as usize).unwrap_or("");
    format!("{}{}", written[start..].trim(), after.trim())
}

/// The type that a declaration at the top level of the file states.
fn module_annotation(view: &FileView<'_>, at: At, read_module: &Cell<bool>) -> Option<String> {
    if !super::types::is_typed(view.language) {
        return None;
    }
    read_module.set(true);
    let name = view.ast(at.unit).node(at.node).hash;
    view.units.iter().find_map(|unit| {
        let ast = &unit.ast;
        if ast.is_empty() || matches!(ast.kind(Ast::ROOT), Kind::Function | Kind::Class | Kind::Import) {
            return None;
        }
        let root = match ast.kind(Ast::ROOT) {
            Kind::Module => ast.children(Ast::ROOT).next()?,
            _ => Ast::ROOT,
        };
        if ast.kind(root) != Kind::VarDecl {
            return None;
        }
        let declares =
            |&id: &NodeId| ast.slot(id, Slot::Left).is_some_and(|left| ast.node(left).hash == name);
        let declarator = ast.children(root).find(declares)?;
        let ty = ast.slot(declarator, Slot::Type).or_else(|| ast.slot(root, Slot::Type))?;
        Some(ast.text(ty).to_owned()).filter(|ty| ty != "var")
    })
}

/// A class is written like what it makes: `Digest.instance()`.
fn class_named(view: &FileView<'_>, ast: &Ast, id: NodeId) -> Option<String> {
    let text = ast.text(id);
    let class =
        text.starts_with(|c: char| c.is_ascii_uppercase()) && text.contains(|c: char| c.is_ascii_lowercase());
    (class && view.language == Language::Java).then(|| text.to_owned())
}

/// `int a = 1, b`: the declaration says the type of all its variables.
fn declared_type(ast: &Ast, declarator: NodeId) -> Option<NodeId> {
    let declaration = ast.parent(declarator).filter(|&parent| ast.kind(parent) == Kind::VarDecl)?;
    ast.slot(declaration, Slot::Type)
}
