//! Where comments are.
//!
//! In a language that has its own grammar the tree says it. Templates mix several languages in one file,
//! most of which their grammar does not read, so there the opening mark on the line says it.

use std::ops::Range;

use squire_rules::{Language, ParseBudget, Source};

/// The comment around a byte offset, with its delimiters.
pub fn around(source: &Source, text: &str, offset: usize) -> Option<Range<usize>> {
    if is_markup(source.language()) { in_markup(text, offset) } else { in_tree(source, offset) }
}

/// Whether the file is HTML or made of it.
pub fn is_markup(language: Language) -> bool {
    language == Language::Html || language.is_template()
}

fn in_tree(source: &Source, offset: usize) -> Option<Range<usize>> {
    if let Some(tree) = source.tree() {
        let node = tree.root_node().descendant_for_byte_range(offset, offset + 1)?;
        return node.kind().contains("comment").then(|| node.byte_range());
    }
    // The analysis did not need a tree. Parsing here keeps the answer the same with and without one.
    let mut copy = source.clone();
    copy.parse(ParseBudget::default()).ok()?;
    copy.tree()?;
    in_tree(&copy, offset)
}

/// Opening and closing marks of the comments that may occur in markup; an empty one ends with the line.
const MARKS: &[(&str, &str)] = &[
    ("<!--", "-->"),
    ("{#", "#}"),
    ("{{!--", "--}}"),
    ("{{!", "}}"),
    ("<%#", "%>"),
    ("<%//", "%>"),
    ("/*", "*/"),
    ("//", ""),
];

fn in_markup(text: &str, offset: usize) -> Option<Range<usize>> {
    let line = text[..offset].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let before = &text[line..offset];
    let (open, close, start) = MARKS
        .iter()
        .filter_map(|(open, close)| before.rfind(open).map(|at| (*open, *close, line + at)))
        .max_by_key(|(open, _, start)| (*start, open.len()))?;
    if open == "//" && text[..start].ends_with(':') {
        return None;
    }
    let closed_before = !close.is_empty() && text[start + open.len()..offset].contains(close);
    let rest = &text[offset..];
    let line_end = rest.find(['\n', '\r']).map_or(text.len(), |at| offset + at);
    let end = if close.is_empty() {
        line_end
    } else {
        rest.find(close).map_or(text.len(), |at| offset + at + close.len())
    };
    (!closed_before).then_some(start..end)
}

/// Whether nothing before this point is code: blank lines, comments, a shebang, a doctype, `"use strict"`, `<?php`, a
/// docstring.
pub fn is_preamble(language: Language, before: &str) -> bool {
    let mut rest = before.trim_start_matches('\u{feff}').trim_start();
    let is_python = language == Language::Python;
    let mut has_docstring = false;
    while !rest.is_empty() {
        let is_comment = language.line_comments().iter().any(|open| rest.starts_with(open))
            || (is_markup(language) && rest.starts_with("//"));
        let after = if rest.starts_with("#!") || is_comment {
            rest.split_once(['\n', '\r']).map_or("", |(_, after)| after)
        } else if is_python && !has_docstring && (rest.starts_with("\"\"\"") || rest.starts_with("'''")) {
            has_docstring = true;
            let quotes = &rest[..3];
            rest[3..].split_once(quotes).map_or("", |(_, after)| after)
        } else if let Some(after) =
            ["\"use strict\"", "'use strict'", "<?php"].iter().find_map(|text| rest.strip_prefix(text))
        {
            after.trim_start_matches(';')
        } else if rest.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype")) {
            rest.split_once('>').map_or("", |(_, after)| after)
        } else if let Some((open, close)) =
            MARKS.iter().find(|(open, close)| !is_python && !close.is_empty() && rest.starts_with(open))
        {
            rest[open.len()..].split_once(close).map_or("", |(_, after)| after)
        } else {
            return false;
        };
        rest = after.trim_start();
    }
    true
}
