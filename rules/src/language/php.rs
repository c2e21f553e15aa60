//! PHP, in pages and alone.

use super::spec::Role::{Node, Skip};
use super::spec::{Definition, Frame, Imports, Spec, Typed, Writing};
use crate::syntax::Kind;

pub(super) static DEFINITION: Definition = Definition {
    name: "php",
    aliases: &[],
    extensions: &["php", "phtml"],
    file_names: &[],
    grammar: Some(|| tree_sitter_php::LANGUAGE_PHP.into()),
    comment: ("//", ""),
    spec: &SPEC,
    writing: &WRITING,
    imports: Imports::Last,
};

static SPEC: Spec = Spec {
    kinds: &[("program", Node(Kind::Module)), ("comment", Skip)],
    fields: &[],
    kind_fields: &[],
    positions: &[],
};

static WRITING: Writing = Writing {
    frames: &[Frame::inside("<?php ", ";\n"), Frame::inside("<?php ", "\n")],
    names: &["${}", "{}"],
    dots: &["{}", "${}", "{};"],
    line_comments: &["//", "#"],
    block_comments: &[("/*", "*/")],
    quotes: &["\"", "'"],
    typed: Typed::TypeFirst,
    ..Writing::PLAIN
};
