//! JSON, with comments.

use super::spec::Role::{Leaf, Node, Skip};
use super::spec::{Definition, Frame, Imports, Spec, Typed, Writing};
use crate::syntax::{Kind, Slot};

pub(super) static DEFINITION: Definition = Definition {
    name: "json",
    aliases: &["jsonc", "json5"],
    extensions: &["json", "jsonc", "tfstate"],
    file_names: &[],
    grammar: Some(|| tree_sitter_json::LANGUAGE.into()),
    comment: ("//", ""),
    spec: &SPEC,
    writing: &WRITING,
    imports: Imports::None,
};

static SPEC: Spec = Spec {
    kinds: &[
        ("document", Node(Kind::Module)),
        ("comment", Skip),
        ("object", Node(Kind::Object)),
        ("pair", Node(Kind::Pair)),
        ("array", Node(Kind::Array)),
        ("string", Leaf(Kind::Str)),
        ("number", Leaf(Kind::Num)),
        ("true", Leaf(Kind::Bool)),
        ("false", Leaf(Kind::Bool)),
        ("null", Leaf(Kind::Null)),
    ],
    fields: &[("key", Slot::Key), ("value", Slot::Value)],
    kind_fields: &[],
    positions: &[],
};

static WRITING: Writing = Writing {
    frames: &[Frame::AS_IT_IS, Frame::inside("{", "\n}")],
    names: &["\"{}\""],
    dots: &["\"{}\"", "\"{}\": 0"],
    line_comments: &["//"],
    block_comments: &[("/*", "*/")],
    quotes: &["\""],
    typed: Typed::None,
    between: Some(between),
    deep: ("[", ",", "]"),
    ..Writing::PLAIN
};

/// An ellipsis that is not a value stands for pairs.
fn between(before: &str, after: &str, dots: bool) -> Option<&'static str> {
    if !dots {
        return None;
    }
    let among_pairs = match before.trim_end().chars().next_back() {
        None => after.trim_start().starts_with(','),
        Some('{') => true,
        Some(',') => in_object(before),
        _ => false,
    };
    among_pairs.then_some("\"{}\": 0")
}

/// Whether the innermost bracket that is open is a brace.
fn in_object(text: &str) -> bool {
    let mut open = Vec::new();
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '[' | '{' if !quoted => open.push(c),
            ']' | '}' if !quoted => drop(open.pop()),
            _ => {}
        }
    }
    open.last().is_none_or(|&c| c == '{')
}
