//! Imports added in the file's own style, or the name by which something is imported already.

use super::code::Code;
use super::edits::Edits;
use super::quote;
use crate::analyze::At;
use crate::syntax::{Kind, NodeId, Slot, hash_text};

/// The name under which Python code can use `module.name`; adds `from module import name` if there is
/// none. `None` if the name means something else in this file.
pub(super) fn python_name(code: &Code<'_>, module: &str, name: &str, edits: &mut Edits) -> Option<String> {
    let full = format!("{module}.{name}");
    if code.view.names.full(hash_text(name)) == Some(full.as_str()) {
        return Some(name.to_owned());
    }
    if code.view.names.full(hash_text(module)) == Some(module) {
        return Some(full);
    }
    if is_taken(code, name) {
        return None;
    }
    match extendable(code, module) {
        Some(end) => edits.insert_first(end, format!(", {name}")),
        None => python_line(code, &format!("from {module} import {name}"), edits),
    }
    Some(name.to_owned())
}

/// The end of a `from module import …` on one line, to which a name can be added.
fn extendable(code: &Code<'_>, module: &str) -> Option<usize> {
    let start = format!("from {module} import ");
    let statement = import_statements(code).into_iter().find(|&at| {
        let source = code.source(at);
        source.starts_with(&start) && !source.contains(['(', '*', '\n', '#', '\\', ';'])
    })?;
    Some(code.range(statement).end)
}

/// Adds `import module` unless it is there. `None` if the name means something else in this file.
pub(super) fn python_module(code: &Code<'_>, module: &str, edits: &mut Edits) -> Option<()> {
    if code.view.names.full(hash_text(module)) == Some(module) {
        return Some(());
    }
    if is_taken(code, module) {
        return None;
    }
    python_line(code, &format!("import {module}"), edits);
    Some(())
}

/// Adds a whole line of import behind the last one, or where the first one belongs.
pub(super) fn python_line(code: &Code<'_>, line: &str, edits: &mut Edits) {
    add_line(code, line, edits);
}

/// The name by which JavaScript code can use the default export of `module`, imported as `name` if it is
/// not yet. `None` if the name means something else in this file.
pub(super) fn script_default(code: &Code<'_>, module: &str, name: &str, edits: &mut Edits) -> Option<String> {
    if let Some(alias) = alias_of(code, module) {
        return Some(alias);
    }
    if is_taken(code, name) {
        return None;
    }
    let mark = import_quote(code);
    let end = semicolon(code);
    let line = if uses_import(code) {
        format!("import {name} from {mark}{module}{mark}{end}")
    } else {
        format!("const {name} = require({mark}{module}{mark}){end}")
    };
    add_line(code, &line, edits);
    Some(name.to_owned())
}

/// Adds a whole line of import (given without line end) unless it is there.
pub(super) fn line(code: &Code<'_>, line: &str, edits: &mut Edits) {
    if !code.text.lines().any(|existing| existing.trim() == line.trim()) {
        add_line(code, line.trim(), edits);
    }
}

/// The name by which `path`, e.g. `child_process.execFile`, is imported: itself, or as a member.
pub(super) fn alias_of(code: &Code<'_>, path: &str) -> Option<String> {
    top_level(code).into_iter().find_map(|at| {
        let named = matches!(code.kind(at), Kind::Ident | Kind::Shorthand);
        (named && code.view.names.full(code.ast(at).node(at.node).hash) == Some(path))
            .then(|| code.source(at).to_owned())
    })
}

/// Whether a name is used in the file at all, so that it cannot be given a meaning.
pub(super) fn is_taken(code: &Code<'_>, name: &str) -> bool {
    let hash = hash_text(name);
    code.view.units.iter().any(|unit| {
        let ast = &unit.ast;
        (0..ast.nodes.len() as NodeId).any(|id| {
            let node = ast.node(id);
            node.hash == hash
                && matches!(node.kind, Kind::Ident | Kind::Shorthand)
                && !matches!(node.slot, Slot::Property | Slot::Source)
        })
    })
}

/// Whether the file uses `import` rather than `require`.
pub(super) fn uses_import(code: &Code<'_>) -> bool {
    code.view
        .units
        .iter()
        .any(|unit| !unit.ast.is_empty() && matches!(unit.ast.kind(0), Kind::Import | Kind::Export))
        || (!code.text.contains("require(") && code.view.language != crate::language::Language::JavaScript)
}

/// The quote mark of the imports, else of the file.
fn import_quote(code: &Code<'_>) -> char {
    import_statements(code)
        .into_iter()
        .find_map(|at| code.source(at).chars().find(|c| matches!(c, '"' | '\'')))
        .unwrap_or_else(|| quote::preferred(code.text))
}

/// `;` where the file ends its statements so.
pub(super) fn semicolon(code: &Code<'_>) -> &'static str {
    let lines = || code.text.lines().map(str::trim_end);
    let with = lines().filter(|line| line.ends_with(';')).count();
    let without = lines().filter(|line| line.ends_with([')', '"', '\'', '`'])).count();
    if with == 0 && without > 0 { "" } else { ";" }
}

fn top_level(code: &Code<'_>) -> Vec<At> {
    import_statements(code).into_iter().flat_map(|at| code.subtree(at)).collect()
}

/// The roots of the units that import something, in order.
pub(super) fn import_statements(code: &Code<'_>) -> Vec<At> {
    let roots = (0..code.view.units.len() as u32).map(|unit| At { unit, node: 0 });
    roots
        .filter(|&at| {
            let ast = code.ast(at);
            if ast.is_empty() {
                return false;
            }
            match ast.kind(0) {
                Kind::Import => true,
                Kind::VarDecl => requires(code, at),
                _ => false,
            }
        })
        .collect()
}

/// `const x = require("m")`.
fn requires(code: &Code<'_>, at: At) -> bool {
    code.children(at).into_iter().any(|assign| {
        let value = code.child(assign, Slot::Right);
        value.is_some_and(|value| {
            let source = code.source(value);
            source.starts_with("require(") || source.starts_with("await import(")
        })
    })
}

fn add_line(code: &Code<'_>, line: &str, edits: &mut Edits) {
    let newline = code.newline();
    // Only the block of imports at the top: one that stands further down may come too late.
    let last = import_statements(code).into_iter().rfind(|&at| !is_late(code, at));
    match last {
        Some(at) => {
            let end = code.range(at).end;
            let rest = code.text[end..].find(['\n', '\r']).map_or(code.text.len(), |at| end + at);
            edits.insert(rest, format!("{newline}{line}"));
        }
        None => {
            let (offset, text) = (prologue_end(code), format!("{line}{newline}"));
            let at_line_end = offset > 0 && !code.text[..offset].ends_with(['\n', '\r']);
            edits.insert(offset, if at_line_end { format!("{newline}{text}") } else { text });
        }
    }
}

/// Whether a statement that imports nothing, and is no prologue, comes first.
fn is_late(code: &Code<'_>, at: At) -> bool {
    let imports = import_statements(code);
    let before = (0..at.unit).map(|unit| At { unit, node: 0 });
    before
        .filter(|before| !code.ast(*before).is_empty())
        .any(|before| !imports.contains(&before) && matches!(code.kind(before), Kind::Function | Kind::Class))
}

/// Behind `#!`, an encoding line, a docstring, `"use strict"` and `from __future__`.
fn prologue_end(code: &Code<'_>) -> usize {
    let text = code.text;
    let mut offset = 0;
    // What of the rest of the line belongs to the prologue.
    let line_end = |from: usize| text[from..].find('\n').map_or(text.len(), |at| from + at + 1);
    if text.starts_with("#!") {
        offset = line_end(0);
    }
    while code.is_python() && text[offset..].starts_with('#') {
        offset = line_end(offset);
    }
    for index in 0..code.view.units.len() as u32 {
        let root = At { unit: index, node: 0 };
        let ast = code.ast(root);
        if ast.is_empty() {
            continue;
        }
        // A statement of one expression has that for its only child.
        let literal = if ast.kind(0) == Kind::Module { ast.children(0).next() } else { Some(0) };
        let is_literal = literal.is_some_and(|node| ast.kind(node) == Kind::Str);
        if !is_literal || !(code.is_python() || code.source(root).contains("use ")) {
            break;
        }
        offset = offset.max(line_end(code.range(root).end));
    }
    for (start, line) in lines_with_offsets(text) {
        if code.is_python() && line.starts_with("from __future__ import") {
            offset = offset.max(line_end(start));
        }
    }
    offset
}

fn lines_with_offsets(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut offset = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = offset;
        offset += line.len();
        (start, line)
    })
}
