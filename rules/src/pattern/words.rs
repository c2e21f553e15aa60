//! What the words and signs of a node say that its kind does not: `async`, `class`, `?.`, `->`.

use crate::syntax::{Ast, Kind, NodeId, Slot};

pub(super) fn stars(text: &str) -> usize {
    text.len() - text.trim_start_matches('*').len()
}

pub(super) fn first_word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("")
}

/// `var` in a pattern stands for `let` and `const` too.
pub(super) fn same_declarator(pattern: &str, target: &str, let_is_var: bool) -> bool {
    let wanted = first_word(pattern);
    let declares = matches!(wanted, "var" | "let" | "const" | "val" | "using");
    !declares || (wanted == "var" && let_is_var) || wanted == first_word(target)
}

/// Whether a declaration does nothing but name it: `x` of `int x`.
pub(super) fn is_declared(ast: &Ast, id: NodeId) -> bool {
    let node = ast.node(id);
    node.slot == Slot::Left
        && ast.kind(node.parent) == Kind::Assign
        && ast.slot(node.parent, Slot::Right).is_none()
        && ast.parent(node.parent).is_some_and(|parent| ast.kind(parent) == Kind::VarDecl)
}

/// Whether `async` stands before the function's own parts.
pub(super) fn is_async(ast: &Ast, id: NodeId) -> bool {
    let mut from = ast.node(id).start;
    for child in ast.children(id) {
        if ast.node(child).slot != Slot::Decorator {
            let head = ast.text.get(from as usize..ast.node(child).start as usize).unwrap_or("");
            return head.split_whitespace().any(|word| word == "async");
        }
        from = ast.node(child).end;
    }
    false
}

/// What kind of class a declaration says it is, where a language has several.
pub(super) fn class_word(ast: &Ast, id: NodeId) -> Option<&str> {
    let name = ast.slot(id, Slot::Name)?;
    let head = ast.text.get(ast.node(id).start as usize..ast.node(name).start as usize)?;
    let mut words = head.split(|c: char| !c.is_alphanumeric());
    words.find(|word| matches!(*word, "struct" | "union" | "enum" | "trait" | "impl"))
}

/// `class` and `interface` are different, where both are written.
pub(super) fn same_word(a: Option<&str>, b: Option<&str>) -> bool {
    a.is_none() || b.is_none() || a == b
}

/// `a?.b`
pub(super) fn is_optional(ast: &Ast, id: NodeId) -> bool {
    before_property(ast, id).is_some_and(|text| text.contains('?'))
}

/// `a->b`
pub(super) fn is_arrow(ast: &Ast, id: NodeId) -> bool {
    before_property(ast, id).is_some_and(|text| text.contains("->"))
}

/// What stands between the object and the property of a member.
pub(super) fn before_property(ast: &Ast, id: NodeId) -> Option<&str> {
    let (object, property) = (ast.slot(id, Slot::Object)?, ast.slot(id, Slot::Property)?);
    ast.text.get(ast.node(object).end as usize..ast.node(property).start as usize)
}
