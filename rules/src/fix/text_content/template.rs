//! Templates: the tag that writes a value as it is becomes the tag that escapes it.
//!
//! Works on the text around the finding, because what is a tag is the same for every grammar that reads
//! the file.

use std::ops::Range;

use crate::finding::Fix;
use crate::fix::edits::Edits;
use crate::fix::quote::label;
use crate::language::Language;

/// `range` is the finding: the tag, the expression in it, or the attribute.
pub(in crate::fix) fn fixes(language: Language, text: &str, range: Range<usize>) -> Vec<Fix> {
    let fixes = match language {
        Language::Ejs => vec![ejs(text, &range)],
        Language::Handlebars => vec![handlebars(text, &range)],
        Language::Jinja => jinja(text, &range),
        Language::Vue => vec![vue(text, &range)],
        Language::Html => vec![ejs(text, &range), handlebars(text, &range), vue(text, &range)],
        _ => Vec::new(),
    };
    fixes.into_iter().flatten().collect()
}

/// A tag: from the first byte of its opening to the last of its closing.
struct Tag<'t> {
    range: Range<usize>,
    inner: &'t str,
}

/// The tag with these marks that the finding is in, or that is in the finding.
fn tag<'t>(text: &'t str, finding: &Range<usize>, open: &str, close: &str) -> Option<Tag<'t>> {
    let reach = text.len().min(finding.start + open.len());
    let inside = text.get(finding.clone())?;
    // The last opening that is not behind the finding's start, else the first in the finding.
    let start = floor(text, reach)
        .and_then(|reach| text[..reach].rfind(open))
        .filter(|&start| {
            closing(text, start + open.len(), close).is_some_and(|end| end >= finding.end.min(text.len()))
        })
        .or_else(|| inside.find(open).map(|at| finding.start + at))?;
    let end = closing(text, start + open.len(), close)?;
    Some(Tag { range: start..end, inner: &text[start + open.len()..end - close.len()] })
}

fn floor(text: &str, offset: usize) -> Option<usize> {
    (0..=offset).rev().find(|&at| text.is_char_boundary(at))
}

fn closing(text: &str, from: usize, close: &str) -> Option<usize> {
    text.get(from..)?.find(close).map(|at| from + at + close.len())
}

fn title(inner: &str) -> String {
    format!("Escape {} for HTML", label(inner))
}

/// `<%- x %>` → `<%= x %>`.
fn ejs(text: &str, range: &Range<usize>) -> Option<Fix> {
    let tag = tag(text, range, "<%-", "%>")?;
    // A partial is markup.
    if tag.inner.trim_start().starts_with("include") {
        return None;
    }
    let mut edits = Edits::default();
    let dash = tag.range.start + 2;
    edits.replace(dash..dash + 1, "=");
    edits.safe(title(tag.inner.trim_end_matches(['-', '_'])))
}

/// `{{{x}}}` and `{{&x}}` → `{{x}}`.
fn handlebars(text: &str, range: &Range<usize>) -> Option<Fix> {
    let mut edits = Edits::default();
    if let Some(tag) = tag(text, range, "{{{", "}}}") {
        edits.delete(tag.range.start..tag.range.start + 1);
        edits.delete(tag.range.end - 1..tag.range.end);
        return edits.safe(title(tag.inner));
    }
    // `{{~{x}~}}` trims white space.
    if let Some(tag) = tag(text, range, "{{~{", "}~}}") {
        edits.delete(tag.range.start + 3..tag.range.start + 4);
        edits.delete(tag.range.end - 4..tag.range.end - 3);
        return edits.safe(title(tag.inner));
    }
    let tag = tag(text, range, "{{", "}}")?;
    let ampersand = tag.inner.find('&').filter(|&at| tag.inner[..at].trim_matches(['~', ' ']).is_empty())?;
    let start = tag.range.start + 2 + ampersand;
    edits.delete(start..start + 1);
    edits.safe(title(&tag.inner[ampersand + 1..]))
}

/// `v-html="x"` → `v-text="x"`.
fn vue(text: &str, range: &Range<usize>) -> Option<Fix> {
    let inside = text.get(range.clone())?;
    let start = match inside.find("v-html") {
        Some(at) => range.start + at,
        // The finding is the value: the name stands just before it.
        None => {
            let before = text.get(..range.start)?;
            let at = before.rfind("v-html")?;
            let between = &before[at + "v-html".len()..];
            between.trim().chars().all(|c| matches!(c, '=' | '"' | '\'')).then_some(at)?
        }
    };
    let rest = text.get(start + "v-html".len()..)?.trim_start();
    let value = rest.strip_prefix('=').map(str::trim_start)?;
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let value = value[1..].split(quote).next().unwrap_or("");
    let mut edits = Edits::default();
    edits.replace(start..start + "v-html".len(), "v-text");
    edits.safe(format!("Show {} as text with `v-text`", label(value)))
}

/// `{{ x|safe }}` → `{{ x }}`, `{% autoescape false %}` → `{% autoescape true %}`.
fn jinja(text: &str, range: &Range<usize>) -> Vec<Option<Fix>> {
    if let Some(tag) = tag(text, range, "{{", "}}")
        && let Some(found) = safe_filter(tag.inner)
    {
        let mut edits = Edits::default();
        let start = tag.range.start + 2;
        edits.delete(start + found.start..start + found.end);
        let value = format!("{}{}", &tag.inner[..found.start], &tag.inner[found.end..]);
        return vec![edits.safe(title(&value))];
    }
    vec![autoescape(text, range), escape_filter(text, range)]
}

/// `|safe` with the white space before it.
fn safe_filter(inner: &str) -> Option<Range<usize>> {
    let mut from = 0;
    while let Some(at) = inner[from..].find('|').map(|at| from + at) {
        let name = inner[at + 1..].trim_start();
        let rest = name.strip_prefix("safe");
        if let Some(rest) = rest.filter(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')) {
            let start = inner[..at].trim_end().len();
            return Some(start..inner.len() - rest.len());
        }
        from = at + 1;
    }
    None
}

/// The block that switches escaping off and that the finding is in.
fn autoescape(text: &str, range: &Range<usize>) -> Option<Fix> {
    let reach = floor(text, text.len().min(range.end))?;
    let mut start = text[..reach].len();
    loop {
        start = text[..start].rfind("autoescape")?;
        let before = text[..start].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '+'));
        if before.ends_with("{%") {
            break;
        }
        // The end of an earlier block: the finding is not in it.
        if before.ends_with("end") || text[..start].ends_with("end") {
            return None;
        }
    }
    let rest = &text[start + "autoescape".len()..];
    let word_start = rest.len() - rest.trim_start().len();
    let word: String = rest.trim_start().chars().take_while(|c| c.is_alphanumeric()).collect();
    let on = match word.as_str() {
        "false" => "true",
        "False" => "True",
        "off" => "on",
        _ => return None,
    };
    let at = start + "autoescape".len() + word_start;
    let mut edits = Edits::default();
    edits.replace(at..at + word.len(), on);
    edits.unsafe_because("Escape everything in this block for HTML")
}

/// `{{ x }}` → `{{ x|e }}`, where the block around it stays as it is.
fn escape_filter(text: &str, range: &Range<usize>) -> Option<Fix> {
    let tag = tag(text, range, "{{", "}}")?;
    let value = tag.inner.trim_end_matches(|c: char| c.is_whitespace() || c == '-');
    // A filter binds closer than an operator, and Django has no parentheses.
    if value.contains([' ', '|']) && value.trim().contains([' ', '|']) {
        return None;
    }
    let mut edits = Edits::default();
    edits.insert(tag.range.start + 2 + value.len(), "|e");
    edits.safe(title(value))
}
