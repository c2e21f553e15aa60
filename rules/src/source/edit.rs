//! Edits: what changed between two versions, told to the rope, to the tree and to the analysis.

use std::ops::Range;

use ropey::Rope;
use tree_sitter::{InputEdit, Point};

use super::Source;

/// Byte ranges of the current text that an analysis of an earlier version does not cover.
///
/// tree-sitter's `changed_ranges` reports a change of structure only (`"md5"` → `"sha256"` changes no
/// shape), so the edited ranges themselves are always part of what is dirty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirtyRanges {
    everything: bool,
    edits: Vec<Splice>,
    /// Where the structure changed, in the text after all edits.
    structure: Vec<Range<usize>>,
}

/// One edit: `old_len` bytes at `start` were replaced by `new_len` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Splice {
    /// First byte replaced, in the text just before this edit.
    pub start: usize,
    /// Bytes removed.
    pub old_len: usize,
    /// Bytes inserted.
    pub new_len: usize,
}

impl DirtyRanges {
    /// No earlier analysis can be reused.
    pub fn everything() -> DirtyRanges {
        DirtyRanges { everything: true, edits: Vec::new(), structure: Vec::new() }
    }

    /// Whether nothing of an earlier analysis can be reused.
    pub fn is_everything(&self) -> bool {
        self.everything
    }

    /// The edits since the last [`Source::take_dirty`], oldest first.
    pub fn edits(&self) -> &[Splice] {
        &self.edits
    }

    /// Where the last parse found another structure than the edited old tree had, in bytes of the current text.
    pub fn structure(&self) -> &[Range<usize>] {
        &self.structure
    }

    fn push(&mut self, splice: Splice) {
        if !self.everything {
            self.edits.push(splice);
        }
    }

    pub(super) fn push_structure(&mut self, range: Range<usize>) {
        if !self.everything {
            self.structure.push(range);
        }
    }
}

impl Source {
    /// Replaces the bytes of `range` by `text`. Offsets out of range or inside a character are clamped.
    pub fn edit(&mut self, range: Range<usize>, text: &str) {
        let start = self.floor_char(range.start);
        let end = self.floor_char(range.end).max(start);
        let start_position = self.point(start);
        let old_end_position = self.point(end);
        let start_char = self.rope.byte_to_char(start);
        let end_char = self.rope.byte_to_char(end);
        // An edit beside a `\r` can split or join a `\r\n` pair.
        self.lone_cr = self.lone_cr || has_lone_cr(text.as_bytes()) || self.touches_cr(start, end);
        if start_char < end_char {
            self.rope.remove(start_char..end_char);
        }
        if !text.is_empty() {
            self.rope.insert(start_char, text);
        }
        let new_end = start + text.len();
        let new_end_position = self.point(new_end);
        if let Some(tree) = &mut self.tree {
            tree.edit(&InputEdit {
                start_byte: start,
                old_end_byte: end,
                new_end_byte: new_end,
                start_position,
                old_end_position,
                new_end_position,
            });
        }
        self.current = false;
        self.dirty.push(Splice { start, old_len: end - start, new_len: text.len() });
    }

    /// Replaces the whole text, keeping nothing of the old tree.
    pub fn replace(&mut self, text: &str) {
        *self = Source::new(self.language, text);
    }

    /// What changed since the last call.
    pub fn take_dirty(&mut self) -> DirtyRanges {
        std::mem::replace(
            &mut self.dirty,
            DirtyRanges { everything: false, edits: Vec::new(), structure: Vec::new() },
        )
    }

    /// tree-sitter's position of a byte offset: rows end at `\n` only, columns are bytes.
    fn point(&self, offset: usize) -> Point {
        if self.lone_cr {
            return point_by_newlines(&self.rope, offset);
        }
        let row = self.rope.byte_to_line(offset);
        Point { row, column: offset - self.rope.line_to_byte(row) }
    }

    fn touches_cr(&self, start: usize, end: usize) -> bool {
        let is_cr = |offset: usize| offset < self.rope.len_bytes() && self.rope.byte(offset) == b'\r';
        (start > 0 && is_cr(start - 1)) || is_cr(end) || (end > start && is_cr(end - 1))
    }
}

fn point_by_newlines(rope: &Rope, offset: usize) -> Point {
    let mut row = 0;
    let mut line_start = 0;
    let mut base = 0;
    for chunk in rope.byte_slice(..offset).chunks() {
        for newline in memchr::memchr_iter(b'\n', chunk.as_bytes()) {
            row += 1;
            line_start = base + newline + 1;
        }
        base += chunk.len();
    }
    Point { row, column: offset - line_start }
}

/// Whether a `\r` occurs that no `\n` follows. A trailing `\r` counts: the `\n` may be on the other side
/// of the edit, and then rows are merely computed the slow way.
pub(super) fn has_lone_cr(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'\r', bytes).any(|at| bytes.get(at + 1) != Some(&b'\n'))
}
