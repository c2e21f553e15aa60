//! Where a pattern that does not parse stops making sense, for its author.

use super::holes::fill;
use crate::language::{Frame, Language};
use crate::source::{ParseBudget, Source};

/// The byte of the pattern at which the grammar gives up. `None` where it does not, and something else is wrong
/// with the pattern.
pub(crate) fn misread_at(pattern: &str, language: Language) -> Option<usize> {
    let filled = fill(pattern, language);
    let writing = language.definition().writing;
    let first = writing.first_frame.and_then(|first| first(&filled.text));
    let frame = first.or_else(|| writing.frames.first().copied())?;
    let at = first_error(&frame, &filled.text, language)?;
    Some(filled.origin(at).min(pattern.trim_end().len()))
}

/// The first byte of `text` at which it is no code, written into a frame.
fn first_error(frame: &Frame, text: &str, language: Language) -> Option<usize> {
    let completion = frame.completion.replace("{}", "squire_completion");
    let whole = format!("{}{text}{completion}{}", frame.before, frame.after);
    let mut source = Source::new(language, &whole);
    source.parse(ParseBudget::default()).ok()?;
    let root = source.tree()?.root_node();
    let mut cursor = root.walk();
    // The first error in order of text, and in it what was still understood.
    loop {
        let node = cursor.node();
        if node.is_missing() {
            break;
        }
        let holds_error = node.has_error() && !node.is_error();
        if node.is_error() {
            if node.start_byte() > frame.before.len() || node.child_count() == 0 {
                break;
            }
            // The error begins where the pattern does: what it holds was read, and its end is where reading ended.
            let last = node.child(node.child_count() - 1)?;
            let at = if last.is_error() { last.start_byte() } else { last.end_byte() };
            return at.checked_sub(frame.before.len()).map(|at| at.min(text.len()));
        }
        if holds_error && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return None;
            }
        }
    }
    cursor.node().start_byte().checked_sub(frame.before.len()).map(|at| at.min(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_where_reading_ends_is_told() {
        let at = |pattern: &str, language| {
            let at = misread_at(pattern, language).unwrap();
            format!("{}|{}", &pattern[..at], &pattern[at..])
        };
        assert_eq!(at("eval($ARGUMENT, = 3)", Language::JavaScript), "eval($ARGUMENT, |= 3)");
        assert_eq!(at("f($X)\ng(1 2)", Language::Python), "f($X)\ng(1 |2)");
        assert_eq!(at("run($X", Language::JavaScript), "run($X|");
        assert_eq!(misread_at("f($X)", Language::JavaScript), None);
    }
}
