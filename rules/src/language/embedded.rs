//! Code of one language inside of a file of another, where the grammar of the file leaves it unread: the shell in a
//! Dockerfile.

use std::borrow::Cow;
use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::Language;
use super::template::Scripts;
use crate::syntax::Ast;

/// Lowers a program; its offsets are those of the text.
pub(crate) fn lowered(language: Language, text: &str) -> Ast {
    thread_local! {
        static PARSERS: RefCell<FxHashMap<Language, Scripts>> = RefCell::default();
    }
    if text.trim().is_empty() {
        return Ast::default();
    }
    PARSERS.with_borrow_mut(|parsers| {
        let scripts = parsers.entry(language).or_insert_with(|| Scripts::new(language));
        scripts.program(&without_comments(text))
    })
}

/// In a Dockerfile a line that begins with `#` is no part of the command that goes on around it.
fn without_comments(text: &str) -> Cow<'_, str> {
    let is_comment = |line: &str| line.trim_start().starts_with('#');
    if !text.split_inclusive('\n').skip(1).any(is_comment) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.split_inclusive('\n').enumerate() {
        match index > 0 && is_comment(line) {
            // The line break goes too: the line before has said that the command goes on.
            true => out.extend(std::iter::repeat_n(' ', line.len())),
            false => out.push_str(line),
        }
    }
    Cow::Owned(out)
}
