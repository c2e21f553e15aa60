//! C++.

use super::c::{SPEC, STATEMENTS, first_frame};
use super::spec::{Definition, Frame, Imports, Typed, Writing};

pub(super) static DEFINITION: Definition = Definition {
    name: "cpp",
    aliases: &["c++", "cplusplus"],
    extensions: &["cpp", "cc", "cxx", "hpp", "hh", "hxx"],
    file_names: &[],
    grammar: Some(|| tree_sitter_cpp::LANGUAGE.into()),
    comment: ("//", ""),
    spec: &SPEC,
    writing: &WRITING,
    imports: Imports::None,
};

static WRITING: Writing = Writing {
    frames: &[
        STATEMENTS,
        Frame { before: STATEMENTS.before, completion: ";", after: STATEMENTS.after },
        Frame::AS_IT_IS,
        Frame::completed(";"),
        Frame::completed(" { {} }"),
        Frame::completed(" { {}; };"),
        Frame::inside("int squire_variable = ", ";\n"),
        Frame::inside("int squire_variable = { ", " };\n"),
        Frame::inside("class squire_type {\n", "\n};\n"),
        Frame::inside("void squire_function() { switch (squire_value) {\n", "\n} }\n"),
        Frame::inside("void squire_function() { if (squire_value) {} ", "\n}\n"),
        Frame::inside("void squire_function() { try {} ", "\n}\n"),
        Frame::inside("void squire_function(", ") {}\n"),
    ],
    first_frame: Some(first_frame),
    dots: &["{}", "{};", "{} {}", "{}:"],
    line_comments: &["//"],
    block_comments: &[("/*", "*/")],
    quotes: &["\"", "'"],
    typed: Typed::TypeFirst,
    ..Writing::PLAIN
};
