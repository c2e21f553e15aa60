//! What a name is plainly known to hold where it is used: a literal that was assigned to it before. Only what can be
//! seen without interpreting the program.

use std::borrow::Cow;
use std::cell::Cell;

use super::bindings::number;
use super::reaching::{Reaching, enclosing_function, reaching, single, top_level, write};
use crate::analyze::{At, FileView};
use crate::language::{Imports, Language};
use crate::syntax::{Ast, Kind, NodeId, Slot, hash_text, strip_quotes};

/// How many names and operators are followed.
pub(super) const DEPTH: usize = 8;

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
