//! YAML.

use super::spec::Role::{Node, Skip};
use super::spec::{Definition, Frame, Imports, Spec, Typed, Writing};
use crate::syntax::Kind;

pub(super) static DEFINITION: Definition = Definition {
    name: "yaml",
    aliases: &["yml", "github-actions-workflow", "dockercompose"],
    extensions: &["yaml", "yml"],
    file_names: &[],
    grammar: Some(|| tree_sitter_yaml::LANGUAGE.into()),
    comment: ("#", ""),
    spec: &SPEC,
    writing: &WRITING,
    imports: Imports::None,
};

static SPEC: Spec = Spec {
    kinds: &[("stream", Node(Kind::Module)), ("comment", Skip)],
    fields: &[],
    kind_fields: &[],
    positions: &[],
};

static WRITING: Writing = Writing {
    frames: &[Frame::AS_IT_IS],
    names: &["{}"],
    dots: &["{}"],
    line_comments: &["#"],
    block_comments: &[],
    quotes: &["\"", "'"],
    typed: Typed::None,
    ..Writing::PLAIN
};
