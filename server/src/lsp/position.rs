//! Bytes inside, the client's columns at the edge: the only file that knows what UTF-16 is.
//!
//! A line ends at `\n`, `\r\n` or a lone `\r`, as in LSP (and in ropey without `unicode_lines`). No
//! position that leaves or enters here lies between a `\r` and its `\n`, nor inside a character: what
//! does is moved to the nearest place before it. Positions outside the text are clamped to it.

use std::ops::Range;

use ropey::Rope;
use tower_lsp::ls_types::{self as lsp, Position, PositionEncodingKind};

/// How the client counts the columns of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// 16-bit code units: what LSP means where nothing was agreed.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

impl Encoding {
    /// The cheapest encoding among those that the client offers.
    pub fn negotiate(offered: Option<&[PositionEncodingKind]>) -> Encoding {
        let offers = |kind: PositionEncodingKind| offered.is_some_and(|kinds| kinds.contains(&kind));
        if offers(PositionEncodingKind::UTF8) {
            Encoding::Utf8
        } else if offers(PositionEncodingKind::UTF32) {
            Encoding::Utf32
        } else {
            Encoding::Utf16
        }
    }

    /// The name that goes over the wire.
    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
            Encoding::Utf32 => PositionEncodingKind::UTF32,
        }
    }
}

/// The client's position of a byte offset.
pub fn position(rope: &Rope, offset: usize, encoding: Encoding) -> Position {
    let char = rope.byte_to_char(offset.min(rope.len_bytes()));
    let line = rope.char_to_line(char);
    let start = rope.line_to_char(line);
    let char = char.min(content_end(rope, line));
    let column = match encoding {
        Encoding::Utf8 => rope.char_to_byte(char) - rope.char_to_byte(start),
        Encoding::Utf16 => rope.char_to_utf16_cu(char) - rope.char_to_utf16_cu(start),
        Encoding::Utf32 => char - start,
    };
    Position { line: saturate(line), character: saturate(column) }
}

/// The client's range of a range of bytes.
pub fn range(rope: &Rope, range: &Range<usize>, encoding: Encoding) -> lsp::Range {
    let start = position(rope, range.start, encoding);
    let end = position(rope, range.end.max(range.start), encoding);
    lsp::Range { start, end: end.max(start) }
}

/// The byte offset of a client's position.
pub fn offset(rope: &Rope, position: Position, encoding: Encoding) -> usize {
    let line = position.line as usize;
    if line >= rope.len_lines() {
        // One past the last line is how clients say "to the end", so only what is further off is odd.
        if line > rope.len_lines() || position.character > 0 {
            tracing::warn!(?position, lines = rope.len_lines(), "a position after the end was clamped");
        }
        return rope.len_bytes();
    }
    let start = rope.line_to_char(line);
    let end = content_end(rope, line);
    let column = position.character as usize;
    let (char, over) = match encoding {
        Encoding::Utf8 => {
            let wanted = rope.char_to_byte(start) + column;
            let last = rope.char_to_byte(end);
            (rope.byte_to_char(wanted.min(last)), wanted > last)
        }
        Encoding::Utf16 => {
            let wanted = rope.char_to_utf16_cu(start) + column;
            let last = rope.char_to_utf16_cu(end);
            (rope.utf16_cu_to_char(wanted.min(last)), wanted > last)
        }
        Encoding::Utf32 => ((start + column).min(end), start + column > end),
    };
    // LSP itself says that a column after the end of the line means the end of the line.
    if over {
        tracing::debug!(?position, "a column after the end of its line was clamped");
    }
    rope.char_to_byte(char)
}

/// The bytes of a client's range. An end before the start gives an empty range at the start.
pub fn offsets(rope: &Rope, range: lsp::Range, encoding: Encoding) -> Range<usize> {
    let start = offset(rope, range.start, encoding);
    let end = offset(rope, range.end, encoding);
    if end < start {
        tracing::warn!(?range, "a range that ends before it starts was made empty");
    }
    start..end.max(start)
}

/// The char index at which the line break of `line` starts.
fn content_end(rope: &Rope, line: usize) -> usize {
    let start = rope.line_to_char(line);
    let mut end = rope.line_to_char((line + 1).min(rope.len_lines()));
    let before = |at: usize| (at > start).then(|| rope.char(at - 1));
    if before(end) == Some('\n') {
        end -= 1;
        if before(end) == Some('\r') {
            end -= 1;
        }
    } else if before(end) == Some('\r') {
        end -= 1;
    }
    end
}

fn saturate(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn the_cheapest_offered_encoding_wins() {
        let kinds = |names: &[&'static str]| -> Vec<PositionEncodingKind> {
            names.iter().map(|name| PositionEncodingKind::new(name)).collect()
        };
        let negotiate = |names: &[&'static str]| Encoding::negotiate(Some(&kinds(names)));
        assert_eq!(negotiate(&["utf-16", "utf-32", "utf-8"]), Encoding::Utf8);
        assert_eq!(negotiate(&["utf-16", "utf-32"]), Encoding::Utf32);
        assert_eq!(negotiate(&["utf-16"]), Encoding::Utf16);
        assert_eq!(negotiate(&["utf-7"]), Encoding::Utf16);
        assert_eq!(Encoding::negotiate(None), Encoding::Utf16);
    }

    #[test]
    fn columns_count_what_the_client_counts() {
        // 医 is 3 bytes and 1 unit, 🩺 is 4 bytes and 2 units, é here is e and a combining accent.
        let rope = Rope::from_str("x = \"医🩺e\u{301}\" + y");
        let y = rope.to_string().find('y').expect("it is there");
        assert_eq!(position(&rope, y, Encoding::Utf8), at(0, 19));
        assert_eq!(position(&rope, y, Encoding::Utf16), at(0, 14));
        assert_eq!(position(&rope, y, Encoding::Utf32), at(0, 13));
        for encoding in ALL {
            assert_eq!(offset(&rope, position(&rope, y, encoding), encoding), y);
        }
    }

    #[test]
    fn every_boundary_of_every_line_goes_there_and_back() {
        let text = "a\r\n医\r🩺e\u{301}\n\n\u{2028}z\u{b}\u{c}\u{85}q\r\n";
        let rope = Rope::from_str(text);
        for encoding in ALL {
            for (byte, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let back = offset(&rope, position(&rope, byte, encoding), encoding);
                let inside_crlf = byte > 0 && text[..byte].ends_with('\r') && text[byte..].starts_with('\n');
                assert_eq!(back, if inside_crlf { byte - 1 } else { byte }, "{encoding:?} {byte}");
            }
        }
    }

    #[test]
    fn only_the_three_line_breaks_of_lsp_break_lines() {
        let rope = Rope::from_str("a\rb\r\nc\nd\u{2028}e\u{b}f");
        let e = rope.to_string().find('e').expect("it is there");
        assert_eq!(position(&rope, e, Encoding::Utf32), at(3, 2));
    }

    #[test]
    fn a_position_inside_a_character_moves_before_it() {
        let rope = Rope::from_str("🩺x");
        assert_eq!(offset(&rope, at(0, 1), Encoding::Utf16), 0);
        assert_eq!(offset(&rope, at(0, 3), Encoding::Utf8), 0);
        assert_eq!(position(&rope, 2, Encoding::Utf16), at(0, 0));
    }

    #[test]
    fn a_range_never_ends_inside_a_line_break() {
        let rope = Rope::from_str("ab\r\ncd");
        for encoding in ALL {
            assert_eq!(range(&rope, &(0..3), encoding), lsp::Range::new(at(0, 0), at(0, 2)));
            assert_eq!(offset(&rope, at(0, 3), encoding), 2);
            assert_eq!(offset(&rope, at(0, 99), encoding), 2);
        }
    }

    #[test]
    fn positions_outside_the_text_are_clamped_to_it() {
        let rope = Rope::from_str("ab\ncd");
        for encoding in ALL {
            assert_eq!(offset(&rope, at(9, 9), encoding), 5);
            assert_eq!(offset(&rope, at(2, 0), encoding), 5);
            assert_eq!(offset(&rope, at(0, u32::MAX), encoding), 2);
            assert_eq!(offset(&rope, at(u32::MAX, u32::MAX), encoding), 5);
            assert_eq!(position(&rope, 99, encoding), at(1, 2));
            assert_eq!(offsets(&rope, lsp::Range::new(at(1, 1), at(0, 1)), encoding), 4..4);
        }
        let empty = Rope::new();
        assert_eq!(offset(&empty, at(3, 1), Encoding::Utf16), 0);
        assert_eq!(position(&empty, 7, Encoding::Utf16), at(0, 0));
    }
}
