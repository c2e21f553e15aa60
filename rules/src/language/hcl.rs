//! HCL: Terraform, OpenTofu, Packer.
//!
//! A block is a call of its type: `resource "a" "b" { … }` has the labels and an object as arguments, so that patterns
//! find it by its name. What stands in the object, attributes and blocks, may stand there in any order.

use super::spec::Role::{Inline, Leaf, Node, Opens, Skip, Suffix, Tokens, Top};
use super::spec::{Definition, Frame, Imports, Spec, Typed, Writing};
use crate::syntax::{Kind, Slot};

pub(super) static DEFINITION: Definition = Definition {
    name: "terraform",
    aliases: &["hcl", "tf", "terraform-vars", "opentofu", "packer"],
    extensions: &["tf", "hcl", "tfvars", "tofu"],
    file_names: &[],
    grammar: Some(|| tree_sitter_hcl::LANGUAGE.into()),
    comment: ("#", ""),
    spec: &SPEC,
    writing: &WRITING,
    imports: Imports::References,
};

static SPEC: Spec = Spec {
    kinds: &[
        ("config_file", Node(Kind::Module)),
        ("body", Top),
        ("comment", Skip),
        ("block", Node(Kind::Call)),
        ("attribute", Node(Kind::Assign)),
        // Leaves.
        ("identifier", Leaf(Kind::Ident)),
        ("numeric_lit", Leaf(Kind::Num)),
        ("bool_lit", Leaf(Kind::Bool)),
        ("null_lit", Leaf(Kind::Null)),
        ("string_lit", Leaf(Kind::Str)),
        ("template_literal", Leaf(Kind::StrPart)),
        // Expressions.
        ("expression", Inline),
        ("literal_value", Inline),
        ("collection_value", Inline),
        ("variable_expr", Inline),
        ("template_expr", Inline),
        ("quoted_template", Node(Kind::Template)),
        ("heredoc_template", Node(Kind::Template)),
        ("template_interpolation", Inline),
        ("template_directive", Node(Kind::Other)),
        ("object", Node(Kind::Object)),
        ("object_elem", Node(Kind::Assign)),
        ("tuple", Node(Kind::Array)),
        ("function_call", Node(Kind::Call)),
        ("function_arguments", Inline),
        ("get_attr", Suffix(Kind::Member)),
        ("index", Suffix(Kind::Index)),
        ("splat", Suffix(Kind::Index)),
        ("new_index", Inline),
        ("legacy_index", Leaf(Kind::Num)),
        ("full_splat", Inline),
        ("attr_splat", Inline),
        ("conditional", Node(Kind::Ternary)),
        ("operation", Inline),
        ("binary_operation", Tokens(Kind::Binary)),
        ("unary_operation", Tokens(Kind::Unary)),
        ("for_expr", Inline),
        ("for_tuple_expr", Node(Kind::Comprehension)),
        ("for_object_expr", Node(Kind::Comprehension)),
        ("for_intro", Node(Kind::ForClause)),
        ("for_cond", Inline),
        // Signs that are nodes.
        ("block_start", Opens(Kind::Object)),
        ("block_end", Skip),
        ("tuple_start", Skip),
        ("tuple_end", Skip),
        ("object_start", Skip),
        ("object_end", Skip),
        ("quoted_template_start", Skip),
        ("quoted_template_end", Skip),
        ("template_interpolation_start", Skip),
        ("template_interpolation_end", Skip),
        ("template_directive_start", Skip),
        ("template_directive_end", Skip),
        ("heredoc_start", Skip),
        ("heredoc_identifier", Skip),
        ("strip_marker", Skip),
        ("ellipsis", Skip),
    ],
    fields: &[("key", Slot::Left), ("val", Slot::Right)],
    kind_fields: &[],
    positions: &[
        ("block", &[Slot::Callee, Slot::Arg]),
        ("attribute", &[Slot::Left, Slot::Right]),
        ("function_call", &[Slot::Callee, Slot::Arg]),
        ("get_attr", &[Slot::Property]),
        ("index", &[Slot::Index]),
        ("splat", &[Slot::Index]),
        ("conditional", &[Slot::Cond, Slot::Then, Slot::Else]),
        ("binary_operation", &[Slot::Left, Slot::Right]),
        ("unary_operation", &[Slot::Value]),
        ("for_intro", &[Slot::Left]),
    ],
};

static WRITING: Writing = Writing {
    frames: &[Frame::AS_IT_IS, Frame::inside("squire_name = ", "\n")],
    dots: &["{}", "{} = 0"],
    line_comments: &["#", "//"],
    block_comments: &[("/*", "*/")],
    quotes: &["\""],
    typed: Typed::None,
    between: Some(between),
    ..Writing::PLAIN
};

/// An ellipsis on a line of its own stands for attributes and blocks.
fn between(before: &str, _after: &str, dots: bool) -> Option<&'static str> {
    if !dots {
        return None;
    }
    let before = before.trim_end_matches([' ', '\t']);
    let entry =
        before.is_empty() || before.ends_with(['{', '\n']) || (before.ends_with(',') && in_braces(before));
    (entry && in_braces(before)).then_some("{} = 0")
}

/// Whether the innermost bracket that is open is none or a brace.
fn in_braces(text: &str) -> bool {
    let mut open = Vec::new();
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => open.push(c),
            ')' | ']' | '}' if !quoted => drop(open.pop()),
            _ => {}
        }
    }
    open.last().is_none_or(|&c| c == '{')
}
