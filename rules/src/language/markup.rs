//! HTML, and what surrounds the tags of the template languages.

use super::spec::Role::{Inline, Leaf, Node, Skip};
use super::spec::{Definition, Imports, Spec, Typed, Writing};
use crate::syntax::{Kind, Slot};

pub(super) static HTML: Definition = Definition {
    name: "html",
    aliases: &[],
    extensions: &["html", "htm", "xhtml"],
    file_names: &[],
    grammar: Some(|| tree_sitter_html::LANGUAGE.into()),
    comment: ("<!--", " -->"),
    spec: &SPEC,
    writing: &WRITING,
    imports: Imports::Script,
};

pub(super) static VUE: Definition =
    Definition { name: "vue", aliases: &[], extensions: &["vue"], grammar: None, ..HTML };

pub(super) static EJS: Definition = Definition {
    name: "ejs",
    aliases: &[],
    extensions: &["ejs"],
    grammar: None,
    comment: ("<%#", " %>"),
    writing: &TAGS,
    ..HTML
};

pub(super) static HANDLEBARS: Definition = Definition {
    name: "handlebars",
    aliases: &["hbs", "mustache", "html.handlebars"],
    extensions: &["hbs", "handlebars", "mustache"],
    grammar: None,
    comment: ("{{!--", " --}}"),
    writing: &TAGS,
    ..HTML
};

pub(super) static JINJA: Definition = Definition {
    name: "jinja",
    aliases: &["jinja2", "jinja-html", "jinja_html", "django-html", "htmldjango"],
    extensions: &["jinja", "jinja2", "j2", "djhtml", "njk"],
    grammar: None,
    comment: ("{#", " #}"),
    writing: &TAGS,
    imports: Imports::Python,
    ..HTML
};

static WRITING: Writing = Writing {
    typed: Typed::NameFirst,
    quotes: &["\""],
    // The name of an element has no underscore.
    between: Some(|before, _, _| before.ends_with(['<', '/']).then_some("squirehole{#}")),
    ..Writing::PLAIN
};
static TAGS: Writing = Writing { typed: Typed::NameFirst, ..Writing::PLAIN };

static SPEC: Spec = Spec {
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
    // Attributes may stand in any order, and a pattern need not name all of them.
    positions: &[
        ("element", &[Slot::None]),
        ("start_tag", &[Slot::Name, Slot::Decorator]),
        ("self_closing_tag", &[Slot::Name, Slot::Decorator]),
        ("attribute", &[Slot::Name, Slot::Value]),
    ],
};
