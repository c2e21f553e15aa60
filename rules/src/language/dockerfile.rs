//! Dockerfiles and Containerfiles.
//!
//! An instruction is told by the grammar's node kind. Options (`--platform=…`) and the pairs of `ENV` and `LABEL` need
//! not all be named by a pattern and may stand in any order. What a shell runs is read as Bash.

use super::Language;
use super::spec::Role::{Embedded, Inline, Interpolated, Leaf, Marked, Node, Skip, Spaced, Split};
use super::spec::{Definition, Frame, Imports, Spec, Typed, Writing};
use crate::syntax::{Kind, Slot};

pub(super) static DEFINITION: Definition = Definition {
    name: "dockerfile",
    aliases: &["docker", "containerfile"],
    extensions: &["dockerfile", "containerfile"],
    file_names: &["Dockerfile", "Containerfile", "dockerfile"],
    grammar: Some(|| tree_sitter_containerfile::LANGUAGE.into()),
    comment: ("#", ""),
    spec: &SPEC,
    writing: &WRITING,
    imports: Imports::None,
};

static SPEC: Spec = Spec {
    kinds: &[
        ("source_file", Node(Kind::Module)),
        ("comment", Skip),
        ("line_continuation", Skip),
        ("end_of_options", Skip),
        // Instructions that the grammar does not look into.
        ("stopsignal_instruction", Spaced),
        ("maintainer_instruction", Spaced),
        ("cross_build_instruction", Spaced),
        // Their parts.
        ("param", Split),
        ("mount_param", Inline),
        ("mount_param_param", Split),
        ("image_spec", Node(Kind::Other)),
        ("image_name", Leaf(Kind::Ident)),
        ("image_tag", Marked(Kind::Ident)),
        ("image_digest", Marked(Kind::Ident)),
        ("image_alias", Leaf(Kind::Ident)),
        ("arg_pair", Node(Kind::Pair)),
        ("env_pair", Node(Kind::Pair)),
        ("label_pair", Node(Kind::Pair)),
        ("unquoted_string", Interpolated),
        ("double_quoted_string", Interpolated),
        ("single_quoted_string", Leaf(Kind::Str)),
        ("path", Interpolated),
        ("expose_port", Interpolated),
        ("shell_command", Embedded(Language::Bash)),
        ("heredoc_block", Inline),
        ("heredoc_content", Embedded(Language::Bash)),
        ("heredoc_end", Skip),
        ("json_string_array", Node(Kind::Array)),
        ("json_string", Leaf(Kind::Str)),
    ],
    fields: &[
        ("name", Slot::Key),
        ("key", Slot::Key),
        ("value", Slot::Value),
        ("default", Slot::Value),
        ("as", Slot::Type),
        ("user", Slot::Name),
        ("group", Slot::Type),
    ],
    kind_fields: &[
        ("image_spec", "name", Slot::Name),
        ("image_spec", "tag", Slot::Type),
        ("image_spec", "digest", Slot::Decorator),
        ("mount_param", "name", Slot::Ignored),
    ],
    positions: &[
        ("from_instruction", &[Slot::Value]),
        ("env_instruction", &[Slot::Decorator]),
        ("label_instruction", &[Slot::Decorator]),
        ("copy_instruction", &[Slot::Arg]),
        ("add_instruction", &[Slot::Arg]),
        ("expose_instruction", &[Slot::Arg]),
        ("volume_instruction", &[Slot::Arg]),
        ("run_instruction", &[Slot::Body]),
        ("cmd_instruction", &[Slot::Body]),
        ("entrypoint_instruction", &[Slot::Body]),
        ("healthcheck_instruction", &[Slot::Body]),
        ("onbuild_instruction", &[Slot::Body]),
    ],
};

static WRITING: Writing = Writing {
    frames: &[
        Frame::AS_IT_IS,
        Frame::inside("RUN ", "\n"),
        Frame::inside("RUN <<SQUIRE\n", "\nSQUIRE\n"),
        Frame::inside("COPY ", " squire_target\n"),
    ],
    names: &["{}", "${}", "\"{}\"", "MAINTAINER {}"],
    dots: &["{}", "${}", "\"{}\"", "{}=0", "--squire={}", "MAINTAINER {}"],
    line_comments: &["#"],
    quotes: &["\"", "'"],
    interpolation: (&["${"], &["\""]),
    words: true,
    typed: Typed::None,
    between: Some(between),
    ..Writing::PLAIN
};

const INSTRUCTIONS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// The instruction decides what its parts look like.
fn between(before: &str, after: &str, dots: bool) -> Option<&'static str> {
    let line = before.rsplit('\n').next().unwrap_or("");
    let rest = after.split('\n').next().unwrap_or("");
    let word = line.split_whitespace().next().unwrap_or("").to_ascii_uppercase();
    let operands = line.trim_start().get(word.len()..).unwrap_or("").trim();
    if word.is_empty() {
        let starts = |text: &str| text.lines().any(starts_instruction);
        let alone = rest.trim().is_empty() && (starts(before) || starts(after) || before.trim().is_empty());
        return alone.then_some("MAINTAINER {}");
    }
    match word.as_str() {
        "FROM" if line.ends_with('@') => Some("squirehole{#}"),
        "ADD" | "COPY" | "ENV" | "LABEL" | "USER" | "VOLUME" | "WORKDIR"
            if line.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_')) =>
        {
            Some("${{}}")
        }
        "ONBUILD" if operands.is_empty() => Some("MAINTAINER {}"),
        "EXPOSE" | "STOPSIGNAL" => Some("${}"),
        "ENV" | "LABEL" if dots && !line.ends_with('=') => Some("{}=0"),
        "HEALTHCHECK" if dots && rest.trim_start().starts_with("CMD") => Some("--squire={}"),
        _ if operands.starts_with('[') && INSTRUCTIONS.contains(&word.as_str()) => Some("\"{}\""),
        _ => None,
    }
}

fn starts_instruction(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or("");
    INSTRUCTIONS.contains(&word.to_ascii_uppercase().as_str())
}
