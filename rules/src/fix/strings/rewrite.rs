//! The string written anew, with as few bytes changed as possible.

use std::ops::Range;

use super::{Escapes, Flat, Item, Literal, What};
use crate::fix::code::Code;
use crate::fix::edits::Edits;

/// Items to be replaced by one piece of text, both ends included.
pub(in crate::fix) struct Replacement {
    pub items: Range<usize>,
    pub text: String,
}

/// Writes the string anew with some of its items replaced by constant text, and the doubling that goes
/// with formatting undone where no hole is left. `percent` says that a lone `%` must be doubled from now
/// on. Items outside literals may only be replaced together with the end of the literal before them.
pub(in crate::fix) fn rewrite(
    code: &Code<'_>,
    flat: &Flat,
    replacements: &[Replacement],
    percent: bool,
    edits: &mut Edits,
) -> Option<()> {
    let replaced = |index: usize| replacements.iter().any(|r| r.items.contains(&index));
    let mut gone = vec![false; flat.literals.len()];
    for replacement in replacements {
        replace(code, flat, replacement, &mut gone, edits)?;
    }
    for range in &flat.formats {
        edits.delete(range.clone());
    }
    for (index, literal) in flat.literals.iter().enumerate() {
        if gone[index] {
            continue;
        }
        let own = || flat.items.iter().enumerate().filter(move |(_, item)| item.literal == Some(index));
        let left = own().any(|(at, item)| matches!(item.what, What::Hole(_)) && !replaced(at));
        if left && literal.escapes != Escapes::Template && !flat.formats.is_empty() {
            // Some values of `.format` or `%` would have to stay.
            return None;
        }
        let touched = own().any(|(at, item)| matches!(item.what, What::Hole(_)) && replaced(at));
        let prefix = code.str(literal.range.start..literal.content.start);
        let is_f_string = literal.escapes == Escapes::Braces && prefix.contains(['f', 'F']);
        if is_f_string && touched && !left {
            let f = literal.range.start + prefix.find(['f', 'F'])?;
            edits.delete(f..f + 1);
        }
        let undouble = !left && (touched || !is_f_string);
        for (at, item) in own() {
            let What::Char(c) = item.what else { continue };
            if replaced(at) {
                continue;
            }
            let written = code.str(item.range.clone());
            let doubled = matches!(written, "{{" | "}}" | "%%");
            match (c, doubled) {
                ('%', false) if percent => edits.replace(item.range.clone(), "%%"),
                ('%', true) if percent => {}
                (_, true) if undouble => edits.replace(item.range.clone(), c.to_string()),
                _ => {}
            }
        }
    }
    Some(())
}

fn replace(
    code: &Code<'_>,
    flat: &Flat,
    replacement: &Replacement,
    gone: &mut [bool],
    edits: &mut Edits,
) -> Option<()> {
    let items = flat.items.get(replacement.items.clone())?;
    let (first, last) = (items.first()?, items.last()?);
    // The text of a constant stands elsewhere and cannot be taken from there.
    if items.iter().any(|item| item.literal.is_none() && matches!(item.what, What::Char(_))) {
        return None;
    }
    if let (Some(a), Some(b)) = (first.literal, last.literal)
        && a == b
        && items.iter().all(|item| item.literal == Some(a))
    {
        edits.replace(first.range.start..last.range.end, replacement.text.as_str());
        return Some(());
    }
    // The literal that the new text is appended to: the one of the first item, or the one just before.
    let (home, start) = match first.literal {
        Some(home) => (home, first.range.start),
        None => {
            let before = replacement.items.start.checked_sub(1).and_then(|at| flat.items.get(at))?;
            let home = before.literal?;
            (home, flat.literals[home].content.end)
        }
    };
    let literal = &flat.literals[home];
    let close = code.str(literal.content.end..literal.range.end);
    let last_operand = items.iter().rfind(|item| item.literal.is_none())?;
    let plain =
        |range: Range<usize>| code.str(range).trim_matches(|c: char| c.is_whitespace() || c == '\\') == "+";
    let first_operand = items.iter().find(|item| item.literal.is_none())?;
    if !plain(literal.range.end..first_operand.range.start) {
        return None;
    }
    // What is between the first and the last operand must be operands and text that all go.
    let Some(next) = next_literal(flat, replacement.items.end, last) else {
        edits.replace(start..last_operand.range.end, format!("{}{close}", replacement.text));
        return Some(());
    };
    let after = &flat.literals[next];
    let eaten_to = if last.literal == Some(next) { last.range.end } else { after.content.start };
    let joined =
        last_operand.range.end <= after.range.start && plain(last_operand.range.end..after.range.start);
    let opening = |literal: &Literal| code.str(literal.range.start..literal.content.start);
    let one_line = !code.str(last_operand.range.end..after.range.start).contains('\n');
    if joined && one_line && opening(after) == opening(literal) && flat.formats.is_empty() {
        gone[next] =
            !flat.items.iter().any(|item| item.literal == Some(next) && item.range.start >= eaten_to);
        edits.replace(start..eaten_to, replacement.text.as_str());
        return Some(());
    }
    if joined && eaten_to == after.content.end {
        gone[next] = true;
        edits.replace(start..after.range.end, format!("{}{close}", replacement.text));
        return Some(());
    }
    edits.replace(start..last_operand.range.end, format!("{}{close}", replacement.text));
    edits.delete(after.content.start..eaten_to);
    Some(())
}

/// The literal that goes on where a replacement ends: the one of its last item, or of the next.
fn next_literal(flat: &Flat, end: usize, last: &Item) -> Option<usize> {
    last.literal.or_else(|| flat.items.get(end).and_then(|item| item.literal))
}
