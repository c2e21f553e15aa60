//! The comment that accepts a finding, written where the parser will read it with the same meaning.

use squire_rules::{Source, TextEdit};

use super::comment;

/// An edit that accepts `rule_id` on the line of byte `offset`.
///
/// It goes on a line of its own above, in the same indentation; where that would speak of the whole file
/// (before the first code), or would become text of a page or a string, it goes to the end of the line.
pub fn allow_here(source: &Source, offset: usize, rule_id: &str, reason: &str) -> TextEdit {
    let rope = source.rope();
    let line = rope.byte_to_line(offset.min(source.len()));
    let start = rope.line_to_byte(line);
    let text = source.slice(start..rope.line_to_byte((line + 1).min(rope.len_lines())));
    let content = text.trim_end_matches(['\n', '\r']);
    let indent = &content[..content.len() - content.trim_start().len()];
    let (open, close) = delimiters(source, start + indent.len());
    let body = body(rule_id, reason);
    let is_top = comment::is_preamble(source.language(), &source.slice(0..start));
    if is_top || is_inside_text(source, start) {
        let at = start + content.len();
        return TextEdit { range: at..at, text: format!("  {open} {body}{close}") };
    }
    let newline = newline(source);
    TextEdit { range: start..start, text: format!("{indent}{open} {body}{close}{newline}") }
}

/// An edit that accepts `rule_id` in the whole file: a comment before everything but a shebang.
pub fn allow_in_file(source: &Source, rule_id: &str, reason: &str) -> TextEdit {
    let first = source.slice(0..source.rope().line_to_byte(1.min(source.rope().len_lines())));
    let bom = if first.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    // What stands before `<?php` is output.
    let opened = ["#!", "<?php"].iter().any(|open| first[bom..].starts_with(open));
    let at = if opened { first.len() } else { bom };
    let (open, close) = source.language().comment();
    TextEdit { range: at..at, text: format!("{open} {}{close}{}", body(rule_id, reason), newline(source)) }
}

fn body(rule_id: &str, reason: &str) -> String {
    let reason = reason.replace(['\n', '\r'], " ").replace('\\', "\\\\").replace('"', "\\\"");
    format!("squire: allow({rule_id}) reason=\"{reason}\"")
}

fn newline(source: &Source) -> &'static str {
    let first = source.slice(0..source.rope().line_to_byte(1.min(source.rope().len_lines())));
    if first.ends_with("\r\n") { "\r\n" } else { "\n" }
}

/// Those of the language that stands at `offset`, which may be a script inside a page or JSX inside a script.
fn delimiters(source: &Source, offset: usize) -> (&'static str, &'static str) {
    let of_file = source.language().comment();
    let kinds = kinds_around(source, offset);
    if comment::is_markup(source.language()) {
        let in_script = kinds.iter().any(|kind| matches!(*kind, "script_element" | "raw_text"));
        return if in_script { ("//", "") } else { of_file };
    }
    match kinds.iter().find(|kind| kind.starts_with("jsx_") || kind.ends_with("statement")) {
        Some(&"jsx_element" | &"jsx_text" | &"jsx_fragment") => ("{/*", " */}"),
        _ => of_file,
    }
}

/// Whether a new line here would lie inside a string that spans lines.
fn is_inside_text(source: &Source, line_start: usize) -> bool {
    let Some(tree) = source.tree() else { return false };
    let mut node = tree.root_node().descendant_for_byte_range(line_start, line_start);
    while let Some(current) = node {
        let kind = current.kind();
        if (kind.contains("string") || kind.contains("template")) && current.start_byte() < line_start {
            return true;
        }
        node = current.parent();
    }
    false
}

/// The kinds of the nodes around an offset, the innermost first, without those that only begin there.
fn kinds_around(source: &Source, offset: usize) -> Vec<&str> {
    let mut kinds = Vec::new();
    let mut node = source.tree().and_then(|tree| tree.root_node().descendant_for_byte_range(offset, offset));
    while let Some(current) = node {
        if current.start_byte() < offset {
            kinds.push(current.kind());
        }
        node = current.parent();
    }
    kinds
}
