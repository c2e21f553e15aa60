//! C#.

use super::spec::Role::{Node, Skip};
use super::spec::{Definition, Frame, Imports, Spec, Typed, Writing};
use crate::syntax::Kind;

pub(super) static DEFINITION: Definition = Definition {
    name: "csharp",
    aliases: &["c#", "cs"],
    extensions: &["cs"],
    file_names: &[],
    grammar: Some(|| tree_sitter_c_sharp::LANGUAGE.into()),
    comment: ("//", ""),
    spec: &SPEC,
    writing: &WRITING,
    imports: Imports::Namespace,
};

static SPEC: Spec = Spec {
    kinds: &[("compilation_unit", Node(Kind::Module)), ("comment", Skip)],
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
    quotes: &["\"\"\"", "\"", "'"],
    typed: Typed::TypeFirst,
    ..Writing::PLAIN
};
