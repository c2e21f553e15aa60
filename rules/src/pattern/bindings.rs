//! What the metavariables of a match stand for.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::alike::alike;
use super::reaching::declared_in;
use crate::analyze::{At, FileView};
use crate::syntax::{Kind, Slot};

/// What one metavariable stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Binding {
    /// A node.
    Node(At),
    /// A stretch of a unit's text, in bytes from the unit's start: several siblings, the content of a
    /// string, a group of a regular expression.
    Text { unit: u32, start: u32, end: u32 },
}

/// The metavariables of a match with their names (`$X`), in the order in which they were bound.
pub(crate) type Bindings<'r> = SmallVec<[(&'r str, Binding); 4]>;

impl Binding {
    /// The source text.
    pub fn text<'v>(&self, view: &FileView<'v>) -> &'v str {
        match *self {
            Binding::Node(at) => view.text(at),
            Binding::Text { unit, start, end } => {
                view.ast(unit).text.get(start as usize..end as usize).unwrap_or("")
            }
        }
    }

    /// What a stretch of the text is as a binding of its own, in bytes from the start of the text.
    pub fn within(&self, view: &FileView<'_>) -> impl Fn(std::ops::Range<usize>) -> Binding + use<> {
        let (unit, from) = match *self {
            Binding::Node(at) => (at.unit, view.ast(at.unit).node(at.node).start),
            Binding::Text { unit, start, .. } => (unit, start),
        };
        move |range| Binding::Text { unit, start: from + range.start as u32, end: from + range.end as u32 }
    }

    /// The bytes of the file.
    pub fn range(&self, view: &FileView<'_>) -> std::ops::Range<usize> {
        match *self {
            Binding::Node(at) => view.range(at),
            Binding::Text { unit, start, end } => {
                let base = view.units[unit as usize].base;
                base + start as usize..base + end as usize
            }
        }
    }

    /// Whether two occurrences of one metavariable may stand for these.
    pub fn agrees(&self, other: &Binding, view: &FileView<'_>) -> bool {
        match (self, other) {
            (Binding::Node(a), Binding::Node(b)) => {
                (alike(view, *a, *b) && same_scope(view, *a, *b)) || same_key(view, *a, *b)
            }
            _ => unquoted(self.text(view)) == unquoted(other.text(view)),
        }
    }
}

/// A string and its content are the same value.
fn unquoted(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(crate::syntax::strip_quotes(text.trim()))
}

/// Two names are only the same if they are declared in the same place.
fn same_scope(view: &FileView<'_>, a: At, b: At) -> bool {
    let is_name = |at: At| view.ast(at.unit).kind(at.node) == Kind::Ident;
    a == b || !is_name(a) || !is_name(b) || declared_in(view, a) == declared_in(view, b)
}

/// `bar` and `"bar"`, `1` and `0x1` are the same key.
fn same_key(view: &FileView<'_>, a: At, b: At) -> bool {
    let is_key = |at: At| view.ast(at.unit).node(at.node).slot == Slot::Key;
    if !is_key(a) || !is_key(b) {
        return false;
    }
    let (x, y) = (view.text(a), view.text(b));
    unquoted(x) == unquoted(y) || number(x).is_some_and(|x| number(y) == Some(x))
}

/// The value of a number as written.
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.replace('_', "").to_ascii_lowercase();
    let radix = |prefix: &str, base| {
        text.strip_prefix(prefix)
            .and_then(|digits| u64::from_str_radix(digits, base).ok())
            .map(|value| value as f64)
    };
    // `010` is eight where it is allowed at all.
    let octal = || {
        let legacy =
            text.len() > 1 && text.starts_with('0') && text.bytes().all(|b| (b'0'..b'8').contains(&b));
        if legacy { radix("0", 8) } else { None }
    };
    radix("0x", 16)
        .or_else(octal)
        .or_else(|| radix("0o", 8))
        .or_else(|| radix("0b", 2))
        .or_else(|| text.parse().ok())
}
