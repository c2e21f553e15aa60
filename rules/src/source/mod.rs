//! A buffer: its text as a rope, its syntax tree, and the edits that connect two versions of both.
//!
//! Offsets are bytes everywhere; what an editor counts (UTF-16 columns, lines) is converted at the edge.

mod edit;
mod parse;

use std::ops::Range;

use ropey::Rope;
use tree_sitter::Tree;

pub(crate) use self::edit::{DirtyRanges, Splice};
pub use self::parse::{Interrupt, ParseBudget};
use crate::language::Language;

/// One version of one file: text and, once parsed, the syntax tree of that text.
///
/// Cloning is cheap (the rope and the tree share their structure), so a fix can be tried on a copy.
#[derive(Clone)]
pub struct Source {
    language: Language,
    rope: Rope,
    /// The tree of the text before `pending` edits; tree-sitter has been told of them.
    tree: Option<Tree>,
    /// Whether `tree` is a parse of exactly `rope`.
    current: bool,
    /// Whether `tree` was made from an older one.
    incremental: bool,
    /// A `\r` that is no part of `\r\n` makes ropey's lines differ from tree-sitter's rows.
    lone_cr: bool,
    dirty: DirtyRanges,
}

impl Source {
    /// A buffer with `text`, not yet parsed.
    pub fn new(language: Language, text: &str) -> Source {
        Source {
            language,
            rope: Rope::from_str(text),
            tree: None,
            current: false,
            incremental: false,
            lone_cr: edit::has_lone_cr(text.as_bytes()),
            dirty: DirtyRanges::everything(),
        }
    }

    /// The language whose grammar parses this buffer.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The text.
    pub fn rope(&self) -> &Rope {
        &self.rope
    }

    /// Length of the text in bytes.
    pub fn len(&self) -> usize {
        self.rope.len_bytes()
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of `range` as text. The range is clamped to the text and to character boundaries.
    pub fn slice(&self, range: Range<usize>) -> String {
        let end = self.floor_char(range.end);
        let start = self.floor_char(range.start).min(end);
        self.rope.byte_slice(start..end).to_string()
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.rope.to_string()
    }

    /// The tree of the current text, if it has been parsed since the last edit. Templates have none: what is
    /// analysed in them stands in tags, which need no grammar to be found.
    pub fn tree(&self) -> Option<&Tree> {
        self.tree.as_ref().filter(|_| self.current)
    }

    /// The largest character boundary that is not after `offset`.
    pub fn floor_char(&self, offset: usize) -> usize {
        let offset = offset.min(self.rope.len_bytes());
        self.rope.char_to_byte(self.rope.byte_to_char(offset))
    }
}
