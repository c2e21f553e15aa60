//! The expressions of Handlebars and Mustache tags: a path, or a helper with its arguments.

use std::ops::Range;

use super::expr::{Expr, MAX_DEPTH};
use crate::syntax::{Kind, Slot};

/// Reads what stands in `range` of a tag's text.
pub(super) fn expression(text: &str, range: Range<usize>) -> Option<Expr> {
    Reader { text, at: range.start, end: range.end }.call(0)
}

/// A control tag: its mark (`#`, `/`, `>` …) as part of the name, then the arguments.
pub(super) fn control(text: &str, range: Range<usize>) -> Vec<(Slot, Expr)> {
    let mut reader = Reader { text, at: range.start, end: range.end };
    reader.space();
    while reader.byte().is_some_and(|b| b"#/>^*=&".contains(&b)) {
        reader.at += 1;
    }
    let mut children = Vec::new();
    if let Some(name) = reader.value(0) {
        children.push((Slot::Name, name));
        while let Some(argument) = reader.argument(0) {
            children.push((Slot::Value, argument));
        }
    }
    children
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    end: usize,
}

impl Reader<'_> {
    /// `path`, or `helper argument name=argument`.
    fn call(&mut self, depth: usize) -> Option<Expr> {
        let callee = self.value(depth)?;
        let start = callee.range.start;
        let mut parts = Vec::new();
        while let Some(argument) = self.argument(depth) {
            parts.push((Slot::Arg, argument));
        }
        if parts.is_empty() {
            return Some(callee);
        }
        let end = parts.last().map_or(start, |(_, part): &(Slot, Expr)| part.range.end);
        parts.insert(0, (Slot::Callee, callee));
        Some(Expr::node(Kind::Call, start..end, parts))
    }

    fn argument(&mut self, depth: usize) -> Option<Expr> {
        let value = self.value(depth)?;
        if value.kind == Kind::Ident && self.byte() == Some(b'=') {
            self.at += 1;
            let start = value.range.start;
            let name_only = start..self.at;
            let Some(right) = self.value(depth) else {
                return Some(Expr::node(Kind::Keyword, name_only, vec![(Slot::Name, value)]));
            };
            let range = start..right.range.end;
            return Some(Expr::node(Kind::Keyword, range, vec![(Slot::Name, value), (Slot::Value, right)]));
        }
        Some(value)
    }

    fn value(&mut self, depth: usize) -> Option<Expr> {
        self.space();
        let start = self.at;
        match self.byte()? {
            quote @ (b'"' | b'\'') => {
                self.at += 1;
                while self.byte().is_some_and(|b| b != quote) {
                    self.at += 1;
                }
                self.at = (self.at + 1).min(self.end);
                Some(Expr::leaf(Kind::Str, start..self.at))
            }
            b'(' if depth < MAX_DEPTH => {
                self.at += 1;
                let call = self.call(depth + 1);
                self.space();
                if self.byte() == Some(b')') {
                    self.at += 1;
                }
                // `(helper)` calls, also without arguments.
                let call = call?;
                if call.kind == Kind::Call {
                    return Some(call);
                }
                Some(Expr::node(Kind::Call, start..self.at, vec![(Slot::Callee, call)]))
            }
            b'0'..=b'9' | b'-' => {
                self.at += 1;
                while self.byte().is_some_and(|b| b.is_ascii_digit() || b == b'.') {
                    self.at += 1;
                }
                Some(Expr::leaf(Kind::Num, start..self.at))
            }
            _ => self.path(),
        }
    }

    /// `a.b`, `a/b`, `../a`, `this.a`, `@root.a`, `a.[b c]`.
    fn path(&mut self) -> Option<Expr> {
        let mut path: Option<Expr> = None;
        // Longer paths than this are cut: each segment makes the tree one level deeper.
        for _ in 0..200 {
            let Some(segment) = self.segment() else { break };
            path = Some(match path {
                None => {
                    let kind = match &self.text[segment.clone()] {
                        "true" | "false" => Kind::Bool,
                        "null" | "undefined" => Kind::Null,
                        "..." => Kind::Ellipsis,
                        _ => Kind::Ident,
                    };
                    Expr::leaf(kind, segment)
                }
                Some(object) => {
                    let range = object.range.start..segment.end;
                    let property = Expr::leaf(Kind::Ident, segment);
                    Expr::node(Kind::Member, range, vec![(Slot::Object, object), (Slot::Property, property)])
                }
            });
            let separated = matches!(self.byte(), Some(b'.' | b'/'));
            if !separated {
                break;
            }
            self.at += 1;
        }
        path
    }

    fn segment(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let rest = &self.text[self.at..self.end];
        if rest.starts_with('[') {
            self.at = rest.find(']').map_or(self.end, |close| self.at + close + 1);
        } else if rest.starts_with('.') {
            self.at += rest.bytes().take_while(|b| *b == b'.').count();
        } else {
            self.at += rest.bytes().take_while(|b| is_name_byte(*b)).count();
        }
        (start < self.at).then_some(start..self.at)
    }

    fn space(&mut self) {
        while self.byte().is_some_and(|b| b.is_ascii_whitespace() || b == b'|') {
            self.at += 1;
        }
    }

    fn byte(&self) -> Option<u8> {
        if self.at < self.end { self.text.as_bytes().get(self.at).copied() } else { None }
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$' | b'@' | b':' | b'?') || byte >= 0x80
}
