//! Rust.

use super::spec::Role::{Node, Skip};
use super::spec::{Definition, Frame, Imports, Spec, Typed, Writing};
use crate::syntax::Kind;

pub(super) static DEFINITION: Definition = Definition {
    name: "rust",
    aliases: &["rs"],
    extensions: &["rs"],
    file_names: &[],
    grammar: Some(|| tree_sitter_rust::LANGUAGE.into()),
    comment: ("//", ""),
    spec: &SPEC,
    writing: &WRITING,
    imports: Imports::Last,
};

static SPEC: Spec = Spec {
    kinds: &[("source_file", Node(Kind::Module)), ("line_comment", Skip), ("block_comment", Skip)],
    fields: &[],
    kind_fields: &[],
    positions: &[],
};

static WRITING: Writing = Writing {
    frames: &[Frame::AS_IT_IS],
    names: &["{}"],
    dots: &["{}"],
    line_comments: &["//"],
    block_comments: &[("/*", "*/")],
    quotes: &["\""],
    typed: Typed::NameFirst,
    ..Writing::PLAIN
};
