//! The document in the browser: `innerHTML` and its relatives.

use std::ops::Range;

use super::holds_markup;
use crate::analyze::At;
use crate::finding::Fix;
use crate::fix::code::Code;
use crate::fix::edits::Edits;
use crate::fix::imports;
use crate::fix::quote::label;
use crate::syntax::{Kind, Slot};

/// What a value that should not be markup is given to, for a finding at or below it.
pub(super) fn fixes(code: &Code<'_>, at: At) -> Vec<Fix> {
    let place = code.with_ancestors(at).find_map(|at| match code.kind(at) {
        Kind::Assign | Kind::AugAssign => assignment(code, at),
        Kind::Call => call(code, at),
        _ => None,
    });
    let Some(place) = place else { return Vec::new() };
    let sanitized = sanitized(code, &place);
    if holds_markup(code, place.value) {
        let shown = place.fix(code, |title| format!("{title} (its tags are then shown as text)"), false);
        return sanitized.into_iter().chain(shown).collect();
    }
    let safe = place.safe;
    let as_text = place.fix(code, |title| title, safe);
    as_text.into_iter().chain(sanitized).collect()
}

/// A place that reads markup, and what is written instead.
struct Place {
    value: At,
    edits: Edits,
    title: String,
    safe: bool,
}

impl Place {
    fn fix(self, _: &Code<'_>, title: impl Fn(String) -> String, safe: bool) -> Option<Fix> {
        let title = title(self.title);
        if safe { self.edits.safe(title) } else { self.edits.unsafe_because(title) }
    }
}

fn assignment(code: &Code<'_>, at: At) -> Option<Place> {
    let (left, value) = (code.child(at, Slot::Left)?, code.child(at, Slot::Right)?);
    if code.kind(left) != Kind::Member {
        return None;
    }
    let property = code.child(left, Slot::Property)?;
    let object = code.child(left, Slot::Object)?;
    let mut edits = Edits::default();
    let appends = code.kind(at) == Kind::AugAssign;
    let whole = code.range(at);
    match (code.source(property), appends) {
        ("innerHTML", false) => {
            edits.replace(code.range(property), "textContent");
            let title = format!("Show {} as text with `textContent`", label(code.source(value)));
            Some(Place { value, edits, title, safe: true })
        }
        ("innerHTML", true) if code.has_operator(at, "+=") => {
            edits.replace(up_to_value(code, object, value, "+=")?, ".append(");
            edits.insert(whole.end, ")");
            let title = format!("Append {} as text", label(code.source(value)));
            Some(Place { value, edits, title, safe: true })
        }
        ("outerHTML", false) => {
            edits.replace(up_to_value(code, object, value, "=")?, ".replaceWith(");
            edits.insert(whole.end, ")");
            let title = format!("Replace the element by {} as text", label(code.source(value)));
            Some(Place { value, edits, title, safe: true })
        }
        _ => None,
    }
}

/// From the property to behind the operator: parentheses of the value stay.
fn up_to_value(code: &Code<'_>, object: At, value: At, operator: &str) -> Option<Range<usize>> {
    let start = code.range(object).end;
    let gap = code.str(start..code.range(value).start);
    let end = start + gap.find(operator)? + operator.len();
    let blank = code.text[end..].len() - code.text[end..].trim_start().len();
    Some(start..end + blank)
}

fn call(code: &Code<'_>, at: At) -> Option<Place> {
    let callee = code.child(at, Slot::Callee)?;
    let args = code.args(at);
    let mut edits = Edits::default();
    let method = code.method(at)?;
    match (method, args.as_slice()) {
        ("write" | "writeln", &[value]) if code.source(code.receiver(at)?).ends_with("document") => {
            let document = code.source(code.receiver(at)?);
            edits.replace(code.range(callee), format!("{document}.body.append"));
            let title = format!("Append {} as text (at the end of the page)", label(code.source(value)));
            Some(Place { value, edits, title, safe: false })
        }
        ("insertAdjacentHTML", &[_, value]) => {
            edits.replace(code.range(code.child(callee, Slot::Property)?), "insertAdjacentText");
            let title = format!("Insert {} as text", label(code.source(value)));
            Some(Place { value, edits, title, safe: true })
        }
        // jQuery.
        ("html", &[value]) if code.kind(callee) == Kind::Member => {
            edits.replace(code.range(code.child(callee, Slot::Property)?), "text");
            let title = format!("Show {} as text with `text()`", label(code.source(value)));
            Some(Place { value, edits, title, safe: true })
        }
        _ => None,
    }
}

/// Markup that is meant, cleaned by the library that the file has already.
fn sanitized(code: &Code<'_>, place: &Place) -> Option<Fix> {
    let purify =
        ["dompurify", "isomorphic-dompurify"].iter().find_map(|module| imports::alias_of(code, module));
    // As a script of the page it is a global name.
    let purify =
        purify.or_else(|| code.text.contains("DOMPurify.sanitize(").then(|| String::from("DOMPurify")))?;
    let range = code.range(place.value);
    let mut edits = Edits::default();
    edits.insert(range.start, format!("{purify}.sanitize("));
    edits.insert(range.end, ")");
    edits.safe(format!("Sanitize {} with DOMPurify", label(code.source(place.value))))
}
