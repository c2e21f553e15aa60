//! TOML.
//!
//! A table is a pair of its name and its content, like the inline form of it.

use super::spec::Role::{Leaf, Node, Skip};
use super::spec::{Definition, Frame, Imports, Spec, Typed, Writing};
use crate::syntax::{Kind, Slot};

pub(super) static DEFINITION: Definition = Definition {
    name: "toml",
    aliases: &[],
    extensions: &["toml"],
    file_names: &["Cargo.lock", "Pipfile", "poetry.lock", "uv.lock"],
    grammar: Some(|| tree_sitter_toml_ng::LANGUAGE.into()),
    comment: ("#", ""),
    spec: &SPEC,
    writing: &WRITING,
    imports: Imports::None,
};

static SPEC: Spec = Spec {
    kinds: &[
        ("document", Node(Kind::Module)),
        ("comment", Skip),
        ("table", Node(Kind::Object)),
        ("table_array_element", Node(Kind::Object)),
        ("pair", Node(Kind::Assign)),
        ("inline_table", Node(Kind::Object)),
        ("array", Node(Kind::Array)),
        ("bare_key", Leaf(Kind::Ident)),
        ("quoted_key", Leaf(Kind::Str)),
        ("dotted_key", Leaf(Kind::Ident)),
        ("string", Leaf(Kind::Str)),
        ("integer", Leaf(Kind::Num)),
        ("float", Leaf(Kind::Num)),
        ("boolean", Leaf(Kind::Bool)),
        ("offset_date_time", Leaf(Kind::Str)),
        ("local_date_time", Leaf(Kind::Str)),
        ("local_date", Leaf(Kind::Str)),
        ("local_time", Leaf(Kind::Str)),
    ],
    fields: &[],
    kind_fields: &[],
    positions: &[
        ("table", &[Slot::Name, Slot::None]),
        ("table_array_element", &[Slot::Name, Slot::None]),
        ("pair", &[Slot::Left, Slot::Right]),
    ],
};

static WRITING: Writing = Writing {
    frames: &[Frame::AS_IT_IS, Frame::inside("squire_name = ", "\n")],
    names: &["{}", "\"{}\""],
    dots: &["\"{}\"", "{} = 0"],
    line_comments: &["#"],
    quotes: &["\"\"\"", "'''", "\"", "'"],
    typed: Typed::None,
    between: Some(between),
    deep: ("[", ",", "]"),
    ..Writing::PLAIN
};

/// An ellipsis on a line of its own stands for pairs.
fn between(before: &str, _after: &str, dots: bool) -> Option<&'static str> {
    if !dots {
        return None;
    }
    let before = before.trim_end_matches([' ', '\t']);
    let starts_line = before.is_empty() || before.ends_with(['\n', '{']);
    let in_array = before.matches('[').count() > before.matches(']').count();
    (starts_line && !in_array).then_some("{} = 0")
}
