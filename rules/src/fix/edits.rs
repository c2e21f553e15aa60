//! Edits gathered in any order and handed over in the order of the file.

use std::ops::Range;

use crate::finding::{Fix, TextEdit};

/// The edits of one fix.
#[derive(Default)]
pub(super) struct Edits {
    list: Vec<TextEdit>,
}

impl Edits {
    pub fn replace(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.list.push(TextEdit { range, text: text.into() });
    }

    pub fn insert(&mut self, offset: usize, text: impl Into<String>) {
        self.replace(offset..offset, text);
    }

    /// An insertion that comes before all others at its place.
    pub fn insert_first(&mut self, offset: usize, text: impl Into<String>) {
        self.list.insert(0, TextEdit { range: offset..offset, text: text.into() });
    }

    pub fn delete(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.replace(range, "");
        }
    }

    /// A fix that changes nothing but the weakness. `None` if two edits want the same bytes.
    pub fn safe(self, title: impl Into<String>) -> Option<Fix> {
        self.into_fix(title.into(), true)
    }

    /// A fix whose title says what else it changes. `None` if two edits want the same bytes.
    pub fn unsafe_because(self, title: impl Into<String>) -> Option<Fix> {
        self.into_fix(title.into(), false)
    }

    fn into_fix(self, title: String, safe: bool) -> Option<Fix> {
        let mut edits = self.list;
        // The sort is stable: insertions at one place stay in the order they were asked for.
        edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
        let apart = edits.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start);
        (apart && !edits.is_empty()).then_some(Fix { title, safe, edits })
    }
}
