//! Where the tags of a template are.
//!
//! One pass over the bytes, linear whatever the text. A tag that is not closed before the next one opens
//! (somebody is typing it) is text, so that what follows it keeps its meaning.

use std::ops::Range;

use memchr::{memchr, memchr2, memmem};

use crate::language::Language;

/// What a tag does with its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// Outputs it, escaped for HTML.
    Escaped,
    /// Outputs it as it is.
    Raw,
    /// Runs it.
    Control,
    /// Leaves it out.
    Comment,
}

/// One tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    /// The whole tag, delimiters included, in bytes.
    pub range: Range<usize>,
    /// The code between the delimiters and their marks (`=`, `-`, `~` …), white space included.
    pub inner: Range<usize>,
    pub form: Form,
}

/// A tag longer than this is not one: a bound on how far an unclosed string is followed.
const LONGEST_TAG: usize = 16 * 1024;

/// The tags of a template in order, not overlapping. Languages without tags have none.
pub(super) fn tags(language: Language, text: &[u8]) -> Vec<Tag> {
    match language {
        Language::Ejs => ejs(text),
        Language::Jinja => jinja(text),
        Language::Handlebars => handlebars(text),
        Language::Vue => mustaches(text),
        _ => Vec::new(),
    }
}

/// `<%= %>`, `<%- %>`, `<% %>`, `<%_ _%>`, `<%# %>`, with `-%>` and `_%>` as closers; `<%%` and `%%>` are text.
fn ejs(text: &[u8]) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut open = None;
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| memchr2(b'<', b'%', rest)) {
        let here = at + found;
        at = here + 1;
        match (text[here], text.get(here + 1)) {
            (b'<', Some(b'%')) if text.get(here + 2) == Some(&b'%') => at = here + 3,
            (b'<', Some(b'%')) => {
                open = Some(here);
                at = here + 2;
            }
            (b'%', Some(b'%')) if text.get(here + 2) == Some(&b'>') => at = here + 3,
            (b'%', Some(b'>')) => {
                at = here + 2;
                if let Some(start) = open.take() {
                    tags.push(ejs_tag(text, start, here));
                }
            }
            _ => {}
        }
    }
    tags
}

fn ejs_tag(text: &[u8], start: usize, close: usize) -> Tag {
    let mut inner = start + 2..close;
    let form = match text[inner.start] {
        b'=' => Form::Escaped,
        b'-' => Form::Raw,
        b'#' => Form::Comment,
        _ => Form::Control,
    };
    if inner.start < inner.end && matches!(text[inner.start], b'=' | b'-' | b'#' | b'_') {
        inner.start += 1;
    }
    if inner.start < inner.end && matches!(text[inner.end - 1], b'-' | b'_') {
        inner.end -= 1;
    }
    Tag { range: start..close + 2, inner, form }
}

/// `{{ }}`, `{% %}`, `{# #}` with `-` and `+` at either side. What stands in `{% raw %}` and
/// `{% verbatim %}` is text, what stands in `{% comment %}` is left out.
fn jinja(text: &[u8]) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut missing = Missing::default();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| memchr(b'{', rest)) {
        let start = at + found;
        at = start + 1;
        match text.get(start + 1) {
            Some(b'#') => {
                if let Some(close) = missing.find(text, start + 2, b"#}") {
                    at = close + 2;
                    tags.push(Tag { range: start..at, inner: start + 2..close, form: Form::Comment });
                }
            }
            Some(b'{') => {
                if let Some(close) = closer(text, start + 2, b'}') {
                    at = close + 2;
                    let inner = without_marks(text, start + 2..close, b"-+");
                    tags.push(Tag { range: start..at, inner, form: Form::Escaped });
                }
            }
            Some(b'%') => {
                let Some(close) = closer(text, start + 2, b'%') else { continue };
                at = close + 2;
                let inner = without_marks(text, start + 2..close, b"-+");
                let (end_name, form) = match first_word(&text[inner.clone()]) {
                    b"raw" => (&b"endraw"[..], Form::Control),
                    b"verbatim" => (&b"endverbatim"[..], Form::Control),
                    b"comment" => (&b"endcomment"[..], Form::Comment),
                    _ => (&b""[..], Form::Control),
                };
                let end = if end_name.is_empty() { None } else { end_tag(text, at, end_name, &mut missing) };
                if let Some(end) = end {
                    at = if form == Form::Comment { end.end } else { end.start };
                }
                let range = start..if form == Form::Comment { at } else { close + 2 };
                tags.push(Tag { range, inner, form });
            }
            _ => {}
        }
    }
    tags
}

/// The range of the `{% endraw %}` that ends what was opened before `from`.
fn end_tag(text: &[u8], from: usize, name: &'static [u8], missing: &mut Missing) -> Option<Range<usize>> {
    let mut at = from;
    while let Some(found) = missing.find(text, at, name) {
        at = found + name.len();
        let before = text[..found].trim_ascii_end();
        let before = before.strip_suffix(b"-").or(before.strip_suffix(b"+")).unwrap_or(before);
        if before.ends_with(b"{%")
            && before.len() >= from + 2
            && let Some(close) = closer(text, at, b'%')
        {
            return Some(before.len() - 2..close + 2);
        }
    }
    missing.0.push(name);
    None
}

/// `{{ }}`, `{{{ }}}`, `{{& }}`, `{{# }}`, `{{! }}`, `{{!-- --}}`, with `~` at either side. `\{{` is text, and so is what stands
/// between `{{{{name}}}}` and `{{{{/name}}}}`.
fn handlebars(text: &[u8]) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut missing = Missing::default();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| memmem::find(rest, b"{{")) {
        let start = at + found;
        at = start + 2;
        if start > 0 && text[start - 1] == b'\\' && text.get(start.wrapping_sub(2)) != Some(&b'\\') {
            continue;
        }
        let rest = &text[start..];
        if rest.starts_with(b"{{{{") {
            at = start + 4;
            let Some(close) = missing.find(text, at, b"}}}}") else { continue };
            let after = missing.find(text, close + 4, b"{{{{/");
            if let Some(end) = after.and_then(|end| missing.find(text, end, b"}}}}")) {
                at = end + 4;
            }
            continue;
        }
        let body = if rest.get(2) == Some(&b'~') { start + 3 } else { start + 2 };
        if text[body..].starts_with(b"!") {
            let dashed = text[body..].starts_with(b"!--");
            let close = if dashed {
                comment_end(text, body + 3, &mut missing)
            } else {
                missing.find(text, body + 1, b"}}")
            };
            if let Some(close) = close {
                at = close + 2;
                tags.push(Tag { range: start..at, inner: body + 1..close, form: Form::Comment });
            }
            continue;
        }
        let raw = text[body..].starts_with(b"{");
        let inner_start = if raw { body + 1 } else { body };
        let Some(close) = closer(text, inner_start, b'}') else { continue };
        let mut inner = inner_start..close;
        let mut end = close + 2;
        if raw {
            // `{{{x}}}` or `{{~{x}~}}`.
            if text[close..].starts_with(b"}}}") {
                end = close + 3;
            } else if text[inner.clone()].ends_with(b"}~") {
                inner.end -= 2;
            } else {
                continue;
            }
        }
        let mut form = if raw { Form::Raw } else { Form::Escaped };
        inner = without_marks(text, inner, b"~");
        match text[inner.clone()].trim_ascii_start().first() {
            Some(b'&') if !raw => {
                form = Form::Raw;
                inner.start += text[inner.clone()].iter().position(|&b| b == b'&').unwrap_or(0) + 1;
            }
            Some(b'#' | b'/' | b'>' | b'^' | b'*' | b'=') if !raw => form = Form::Control,
            _ if !raw && is_else(&text[inner.clone()]) => form = Form::Control,
            _ => {}
        }
        at = end;
        tags.push(Tag { range: start..end, inner, form });
    }
    tags
}

/// `{{ }}` of Vue, which ends at the first `}}`.
fn mustaches(text: &[u8]) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut open = None;
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| memchr2(b'{', b'}', rest)) {
        let here = at + found;
        at = here + 1;
        match (text[here], text.get(here + 1)) {
            (b'{', Some(b'{')) => {
                open = Some(here);
                at = here + 2;
            }
            (b'}', Some(b'}')) => {
                at = here + 2;
                if let Some(start) = open.take() {
                    tags.push(Tag { range: start..at, inner: start + 2..here, form: Form::Escaped });
                }
            }
            _ => {}
        }
    }
    tags
}

/// The `}}` that ends a comment opened by `{{!--`: the first one after `--`.
fn comment_end(text: &[u8], from: usize, missing: &mut Missing) -> Option<usize> {
    let mut at = from;
    while let Some(dashes) = missing.find(text, at, b"--") {
        let rest = &text[dashes + 2..];
        if rest.starts_with(b"}}") {
            return Some(dashes + 2);
        }
        if rest.starts_with(b"~}}") {
            return Some(dashes + 3);
        }
        at = dashes + 1;
    }
    missing.0.push(b"--");
    None
}

fn is_else(inner: &[u8]) -> bool {
    first_word(inner) == b"else"
}

/// The offset of the closing `}}` (`last` = `}`) or `%}` (`last` = `%`) of a tag whose code starts at `from`, strings and braces
/// in it respected. `None` where another tag opens first.
fn closer(text: &[u8], from: usize, last: u8) -> Option<usize> {
    let end = text.len().min(from + LONGEST_TAG);
    let mut depth = 0usize;
    let mut at = from;
    while at < end {
        let next = text.get(at + 1);
        match text[at] {
            quote @ (b'"' | b'\'') => {
                if let Some(close) = string_end(&text[..end], at + 1, quote) {
                    at = close;
                }
            }
            b'{' if matches!(next, Some(b'{' | b'%' | b'#')) => return None,
            b'{' => depth += 1,
            b'}' if last == b'}' && depth > 0 => depth -= 1,
            b'}' if last == b'}' && next == Some(&b'}') => return Some(at),
            b'%' if last == b'%' && next == Some(&b'}') => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The offset of the quote that ends a string on the same line. A lone apostrophe ends nothing.
fn string_end(text: &[u8], from: usize, quote: u8) -> Option<usize> {
    let mut at = from;
    loop {
        let found = at + memchr2(quote, b'\\', text.get(at..)?)?;
        if text[at..found].contains(&b'\n') {
            return None;
        }
        if text[found] == quote {
            return Some(found);
        }
        at = found + 2;
    }
}

/// The range without a leading and a trailing mark of white space control.
fn without_marks(text: &[u8], mut range: Range<usize>, marks: &[u8]) -> Range<usize> {
    if range.start < range.end && marks.contains(&text[range.start]) {
        range.start += 1;
    }
    if range.start < range.end && marks.contains(&text[range.end - 1]) {
        range.end -= 1;
    }
    range
}

/// The name that a control tag starts with.
pub(super) fn first_word(inner: &[u8]) -> &[u8] {
    let inner = inner.trim_ascii_start();
    let end = inner.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'_').unwrap_or(inner.len());
    &inner[..end]
}

/// Searches that remember what does not occur any more, so that a thousand unclosed comments cost one search.
#[derive(Default)]
struct Missing(Vec<&'static [u8]>);

impl Missing {
    fn find(&mut self, text: &[u8], from: usize, needle: &'static [u8]) -> Option<usize> {
        if self.0.contains(&needle) {
            return None;
        }
        let found = text.get(from..).and_then(|rest| memmem::find(rest, needle));
        if found.is_none() {
            self.0.push(needle);
        }
        found.map(|found| from + found)
    }
}
