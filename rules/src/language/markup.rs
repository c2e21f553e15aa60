//! HTML, and what surrounds the tags of the template languages.

use super::spec::Role::{Inline, Leaf, Node, Skip};
use super::spec::Spec;
use crate::syntax::{Kind, Slot};

pub(super) static SPEC: Spec = Spec {
    kinds: &[
        ("document", Node(Kind::Module)),
        ("comment", Skip),
        ("doctype", Skip),
        ("element", Node(Kind::Markup)),
        ("script_element", Node(Kind::Markup)),
        ("style_element", Node(Kind::Markup)),
        ("start_tag", Inline),
        ("self_closing_tag", Inline),
        ("end_tag", Skip),
        ("erroneous_end_tag", Skip),
        ("tag_name", Leaf(Kind::Ident)),
        ("attribute", Node(Kind::Attribute)),
        ("attribute_name", Leaf(Kind::Ident)),
        ("attribute_value", Leaf(Kind::Str)),
        ("quoted_attribute_value", Inline),
        ("text", Leaf(Kind::StrPart)),
        ("raw_text", Leaf(Kind::StrPart)),
        ("entity", Leaf(Kind::StrPart)),
    ],
    fields: &[],
    kind_fields: &[],
    positions: &[("element", &[Slot::None]), ("attribute", &[Slot::Name, Slot::Value])],
};
