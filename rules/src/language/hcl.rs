//! HCL: Terraform, OpenTofu, Packer.

use super::spec::Role::{Node, Skip};
use super::spec::{Definition, Frame, Imports, Spec, Typed, Writing};
use crate::syntax::Kind;

pub(super) static DEFINITION: Definition = Definition {
    name: "terraform",
    aliases: &["hcl", "tf", "terraform-vars"],
    extensions: &["tf", "hcl", "tfvars"],
    file_names: &[],
    grammar: Some(|| tree_sitter_hcl::LANGUAGE.into()),
    comment: ("#", ""),
    spec: &SPEC,
    writing: &WRITING,
    imports: Imports::None,
};

static SPEC: Spec = Spec {
    kinds: &[("config_file", Node(Kind::Module)), ("comment", Skip)],
    fields: &[],
    kind_fields: &[],
    positions: &[],
};

static WRITING: Writing = Writing {
    frames: &[Frame::AS_IT_IS],
    names: &["{}"],
    dots: &["{}"],
    line_comments: &["#", "//"],
    block_comments: &[("/*", "*/")],
    quotes: &["\""],
    typed: Typed::None,
    ..Writing::PLAIN
};
