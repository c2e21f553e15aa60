//! YAML, whatever it configures: Kubernetes, Compose, GitHub Actions, GitLab CI, CloudFormation, OpenAPI.
//!
//! A document is one unit: most of what rules ask of a pair depends on the pairs around it. Plain scalars are
//! strings, so that `a`, `'a'` and `"a"` are the same.

use super::spec::Role::{Inline, Leaf, Node, Several, Skip};
use super::spec::{Definition, Frame, Imports, Spec, Typed, Writing};
use crate::syntax::{Kind, Slot};

pub(super) static DEFINITION: Definition = Definition {
    name: "yaml",
    aliases: &[
        "yml",
        "dockercompose",
        "github-actions-workflow",
        "azure-pipelines",
        "ansible",
        "cloudformation",
        "helm",
        "yaml.docker-compose",
        "yaml.ansible",
        "yaml.gitlab",
        "yaml.github",
    ],
    extensions: &["yaml", "yml"],
    file_names: &[".clang-format", ".clang-tidy"],
    grammar: Some(|| tree_sitter_yaml::LANGUAGE.into()),
    comment: ("#", ""),
    spec: &SPEC,
    writing: &WRITING,
    imports: Imports::None,
};

static SPEC: Spec = Spec {
    kinds: &[
        ("stream", Node(Kind::Module)),
        ("document", Inline),
        ("comment", Skip),
        ("yaml_directive", Skip),
        ("tag_directive", Skip),
        ("reserved_directive", Skip),
        ("block_node", Several(Kind::Tagged)),
        ("flow_node", Several(Kind::Tagged)),
        ("tag", Leaf(Kind::Type)),
        ("anchor", Leaf(Kind::Decorator)),
        ("alias", Leaf(Kind::Ident)),
        ("block_mapping", Node(Kind::Object)),
        ("flow_mapping", Node(Kind::Object)),
        ("block_mapping_pair", Node(Kind::Pair)),
        ("flow_pair", Node(Kind::Pair)),
        ("block_sequence", Node(Kind::Array)),
        ("flow_sequence", Node(Kind::Array)),
        ("block_sequence_item", Inline),
        ("plain_scalar", Inline),
        ("string_scalar", Leaf(Kind::Str)),
        ("double_quote_scalar", Leaf(Kind::Str)),
        ("single_quote_scalar", Leaf(Kind::Str)),
        ("block_scalar", Leaf(Kind::Str)),
        ("timestamp_scalar", Leaf(Kind::Str)),
        ("integer_scalar", Leaf(Kind::Num)),
        ("float_scalar", Leaf(Kind::Num)),
        ("boolean_scalar", Leaf(Kind::Bool)),
        ("null_scalar", Leaf(Kind::Null)),
    ],
    fields: &[("key", Slot::Key), ("value", Slot::Value)],
    kind_fields: &[],
    positions: &[],
};

static WRITING: Writing = Writing {
    frames: &[Frame::AS_IT_IS],
    dots: &["{}", "{}: 0", "- {}"],
    line_comments: &["#"],
    quotes: &["\"", "'"],
    typed: Typed::None,
    between: Some(between),
    deep: ("[", ",", "]"),
    ..Writing::PLAIN
};

/// An ellipsis that begins its line is what its neighbours in the same column are: pairs or items.
fn between(before: &str, after: &str, dots: bool) -> Option<&'static str> {
    if !dots {
        return None;
    }
    let line = before.rsplit('\n').next().unwrap_or("");
    if !line.chars().all(|c| c == ' ' || c == '-') {
        return None;
    }
    let column = line.len();
    let below = after.lines().skip(1);
    let above = before.lines().rev().skip(usize::from(!line.is_empty()));
    // A line below that begins further to the left belongs to something else.
    let inside = below.take_while(|line| line.trim().is_empty() || indent(line) >= column);
    // What stands above a dash in this line is part of another item.
    neighbour(inside, column).or_else(|| neighbour(above, column).filter(|_| !line.contains('-')))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// What the nearest line with content in this column has there.
fn neighbour<'l>(lines: impl Iterator<Item = &'l str>, column: usize) -> Option<&'static str> {
    for line in lines.filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')) {
        let mut start = indent(line);
        while let Some(rest) = line.get(start..).filter(|_| start <= column) {
            let item = rest == "-" || rest.starts_with("- ");
            if start == column {
                if item {
                    return Some("- {}");
                }
                if rest.ends_with(':') || rest.contains(": ") {
                    return Some("{}: 0");
                }
            }
            if !item {
                break;
            }
            start += rest.len() - rest[1..].trim_start().len();
        }
        if indent(line) < column {
            return None;
        }
    }
    None
}
