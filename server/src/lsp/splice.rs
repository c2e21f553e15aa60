//! One edit of a text, in bytes.

use std::ops::Range;

use ropey::Rope;

/// One edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splice {
    /// Bytes of the text before this edit.
    pub range: Range<usize>,
    /// What replaces them.
    pub text: String,
}

impl Splice {
    /// The one edit that turns `old` into `new`, as small as common beginnings and ends make it: clients
    /// that only know how to send everything still get an incremental analysis.
    pub fn between(old: &str, new: &str) -> Splice {
        let is_boundary =
            |from_start: usize| old.is_char_boundary(from_start) && new.is_char_boundary(from_start);
        let common = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
        let start = (0..=common).rev().find(|at| is_boundary(*at)).unwrap_or(0);
        let rest = old.len().min(new.len()) - start;
        let common = old.bytes().rev().zip(new.bytes().rev()).take(rest).take_while(|(a, b)| a == b).count();
        let is_boundary =
            |tail: usize| old.is_char_boundary(old.len() - tail) && new.is_char_boundary(new.len() - tail);
        let tail = (0..=common).rev().find(|tail| is_boundary(*tail)).unwrap_or(0);
        Splice { range: start..old.len() - tail, text: new[start..new.len() - tail].to_owned() }
    }

    /// Makes this edit.
    pub fn apply(&self, rope: &mut Rope) {
        let start = rope.byte_to_char(self.range.start.min(rope.len_bytes()));
        let end = rope.byte_to_char(self.range.end.min(rope.len_bytes())).max(start);
        if start < end {
            rope.remove(start..end);
        }
        if !self.text.is_empty() {
            rope.insert(start, &self.text);
        }
    }

    /// Where a place of the text before this edit is after it.
    pub fn moves(&self, range: &Range<usize>) -> Range<usize> {
        let shift = |at: usize| at - self.range.end + self.range.start + self.text.len();
        let start = if range.start >= self.range.end {
            shift(range.start)
        } else {
            range.start.min(self.range.start)
        };
        let end =
            if range.end >= self.range.end { shift(range.end) } else { range.end.min(self.range.start) };
        start..end.max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_new_text_becomes_the_smallest_edit() {
        for (old, new, range, text) in [
            ("", "abc", 0..0, "abc"),
            ("abc", "", 0..3, ""),
            ("abc", "abc", 3..3, ""),
            ("a医c", "a院c", 1..4, "院"),
            ("aa", "aaa", 2..2, "a"),
            ("x🩺y", "x🩻y", 1..5, "🩻"),
        ] {
            let mut rope = Rope::from_str(old);
            let splice = Splice::between(old, new);
            assert_eq!((&splice.range, splice.text.as_str()), (&range, text), "{old:?} → {new:?}");
            splice.apply(&mut rope);
            assert_eq!(rope.to_string(), new);
        }
    }

    #[test]
    fn places_follow_the_edits_around_them() {
        let insert = |at: usize| Splice { range: at..at, text: "xyz".to_owned() };
        let delete = |range: Range<usize>| Splice { range, text: String::new() };
        assert_eq!(insert(0).moves(&(5..9)), 8..12);
        assert_eq!(insert(7).moves(&(5..9)), 5..12);
        assert_eq!(insert(20).moves(&(5..9)), 5..9);
        assert_eq!(delete(0..2).moves(&(5..9)), 3..7);
        assert_eq!(delete(4..12).moves(&(5..9)), 4..4);
        assert_eq!(delete(7..12).moves(&(5..9)), 5..7);
    }
}
