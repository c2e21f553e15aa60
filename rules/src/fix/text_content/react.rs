//! React: `dangerouslySetInnerHTML` becomes children.

use super::holds_markup;
use crate::analyze::At;
use crate::finding::Fix;
use crate::fix::code::Code;
use crate::fix::edits::Edits;
use crate::fix::imports;
use crate::fix::quote::label;
use crate::fix::strings::{self, Flat, What};
use crate::syntax::{Kind, Slot};

/// The attribute that a finding is at, in or around.
pub(super) fn attribute_at(code: &Code<'_>, at: At) -> Option<At> {
    let is_it = |at: &At| {
        code.kind(*at) == Kind::JsxAttr
            && code.children(*at).first().is_some_and(|&name| code.source(name) == "dangerouslySetInnerHTML")
    };
    code.with_ancestors(at)
        .take_while(|&above| !matches!(code.kind(above), Kind::Function | Kind::Block))
        .find(is_it)
        .or_else(|| code.children(at).into_iter().find(is_it))
}

pub(super) fn fixes(code: &Code<'_>, attribute: At) -> Vec<Fix> {
    let Some(html) = html_of(code, attribute) else { return Vec::new() };
    let sanitized = sanitized(code, html);
    match strings::flatten(code, html) {
        Some(flat) if holds_markup(code, html) => {
            let children = markup_as_jsx(&flat);
            let fix = children.and_then(|children| as_children(code, attribute, &children));
            fix.into_iter().chain(sanitized).collect()
        }
        _ => {
            let children = format!("{{{}}}", code.source(html));
            as_children(code, attribute, &children).into_iter().chain(sanitized).collect()
        }
    }
}

/// `x` of `{{ __html: x }}`.
fn html_of(code: &Code<'_>, attribute: At) -> Option<At> {
    let object = code.children(attribute).into_iter().find(|&at| code.kind(at) == Kind::Object)?;
    let [_only] = code.children(object).as_slice() else { return None };
    Some(code.property(object, "__html")?.1)
}

/// Removes the attribute and gives the element children instead.
fn as_children(code: &Code<'_>, attribute: At, children: &str) -> Option<Fix> {
    let element = code.parent(attribute).filter(|&element| code.kind(element) == Kind::Jsx)?;
    let name = code.child(element, Slot::Name)?;
    let whole = code.range(element);
    let gone = code.range(attribute);
    let before = &code.text[..gone.start];
    let start = before.trim_end().len();
    // What follows the last attribute: `/>`, or `></p>`.
    let last = code.children(element).into_iter().map(|child| code.range(child).end).max()?;
    let mut tail_start = last.max(gone.end);
    // `{...props}` ends in a brace that belongs to no node.
    let rest = code.str(tail_start..whole.end);
    let spread = rest.len() - rest.trim_start_matches(|c: char| c == '}' || c.is_whitespace()).len();
    if rest[..spread].contains('}') {
        tail_start += rest[..spread].rfind('}')? + 1;
    }
    let tail = code.str(tail_start..whole.end);
    let mut edits = Edits::default();
    edits.delete(start..gone.end);
    if tail.trim() == "/>" {
        edits.replace(tail_start..whole.end, format!(">{children}</{}>", code.source(name)));
    } else {
        let (open, close) = tail.split_once('>')?;
        let (between, _) = close.split_once("</")?;
        if !open.trim().is_empty() || !between.trim().is_empty() {
            return None;
        }
        let from = tail_start + open.len() + 1;
        edits.replace(from..from + between.len(), children);
    }
    let only = children.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let shown = only.map_or_else(|| String::from("the value"), label);
    edits.safe(format!("Show {shown} as text"))
}

/// `"<b>" + name + "</b>"` as `<b>{name}</b>`. Only plain tags: attributes are written differently in JSX.
fn markup_as_jsx(flat: &Flat) -> Option<String> {
    let mut out = String::new();
    let mut open: Vec<String> = Vec::new();
    let mut tag: Option<String> = None;
    for item in &flat.items {
        match (item.what, &mut tag) {
            (What::Hole(_), Some(_)) => return None,
            (What::Hole(index), None) => out.push_str(&format!("{{{}}}", flat.holes[index].code)),
            (What::Char('>'), Some(text)) => {
                let text = std::mem::take(text);
                tag = None;
                let name = text.trim_matches('/').trim();
                if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
                    return None;
                }
                let void = matches!(name, "br" | "hr" | "wbr");
                if text.starts_with('/') {
                    (open.pop()? == name).then_some(())?;
                    out.push_str(&format!("</{name}>"));
                } else if void {
                    out.push_str(&format!("<{name} />"));
                } else {
                    open.push(name.to_owned());
                    out.push_str(&format!("<{name}>"));
                }
            }
            (What::Char(c), Some(text)) => text.push(c),
            (What::Char('<'), None) => tag = Some(String::new()),
            (What::Char('{' | '}' | '>' | '&' | '\n'), None) => return None,
            (What::Char(c), None) => out.push(c),
        }
    }
    (open.is_empty() && tag.is_none()).then_some(out)
}

fn sanitized(code: &Code<'_>, html: At) -> Option<Fix> {
    let purify =
        ["dompurify", "isomorphic-dompurify"].iter().find_map(|module| imports::alias_of(code, module))?;
    let range = code.range(html);
    let mut edits = Edits::default();
    edits.insert(range.start, format!("{purify}.sanitize("));
    edits.insert(range.end, ")");
    edits.safe(format!("Sanitize {} with DOMPurify", label(code.source(html))))
}
