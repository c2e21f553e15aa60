//! Template languages: markup with the tags of another language in it, and markup with scripts in it.
//!
//! ```text
//! text ─► scan: where the tags are ─► markup: what surrounds each ─► pieces ─► lower: one unit a tag
//! ```
//!
//! Every tag becomes a unit of its own: [`Kind::Output`] where it outputs a value escaped, [`Kind::RawOutput`] where
//! it outputs it as it is, [`Kind::Other`] where it controls something. The value is the root's child in
//! [`Slot::Value`]. Where in the page it lands is a leaf in [`Slot::Decorator`] that has no text, only a hash: see
//! [`markup::Context::key`]. No tree of the markup is needed for that. Cutting the tags out of it for the grammar of
//! HTML cost two hundred times what these scans do, and did not survive edits.
//!
//! [`Kind::Output`]: crate::syntax::Kind::Output
//! [`Kind::RawOutput`]: crate::syntax::Kind::RawOutput
//! [`Kind::Other`]: crate::syntax::Kind::Other
//! [`Slot::Value`]: crate::syntax::Slot::Value
//! [`Slot::Decorator`]: crate::syntax::Slot::Decorator

mod cache;
mod expr;
mod handlebars;
mod jinja;
mod lower;
mod markup;
mod pieces;
mod sanitized;
mod scan;
mod script;
mod vue;

use std::borrow::Cow;
use std::ops::Range;

pub(crate) use self::cache::Cache;
use self::lower::Lower;
pub(crate) use self::script::Scripts;
use super::Language;
#[cfg(test)]
use crate::analyze::Unit;
#[cfg(test)]
use crate::source::Source;
use crate::syntax::Ast;

/// The units of a file of markup: its tags, its bindings and the top-level statements of its scripts, in order.
#[cfg(test)]
pub(crate) fn units(source: &Source) -> Vec<Unit> {
    Cache::default().units(source).into_iter().map(|(unit, _)| unit).collect()
}

/// The code in the one tag or binding that a pattern shows (`<%- $X %>`, `{{ x | safe }}`, `v-html="x"`), in bytes of `text`, and the
/// language of that code. `None` where the text does not show exactly one.
///
/// The markup around it, as in `<a href="{{ x }}">`, says in which context it is.
pub(crate) fn pattern_code(language: Language, text: &str) -> Option<(Range<usize>, Language)> {
    let (code, others) = match language {
        Language::Vue => {
            let (text, shift) = as_element(language, text);
            let mut bindings = vue::fragment(&text).into_iter();
            let code = bindings.next()?.expression;
            (code.start - shift..code.end - shift, bindings.count())
        }
        _ => {
            let mut tags = scan::tags(language, text.as_bytes()).into_iter();
            (tags.next()?.inner, tags.count())
        }
    };
    let inside =
        if matches!(language, Language::Vue | Language::Ejs) { Language::JavaScript } else { language };
    (others == 0).then_some((code, inside))
}

/// Lowers the one tag or binding that a pattern shows, like a file's. Empty where the text does not show exactly one.
pub(crate) fn lower_text(language: Language, text: &str) -> Ast {
    if pattern_code(language, text).is_none() {
        return Ast::default();
    }
    let (text, _) = as_element(language, text);
    let mut lower = Lower::new(language);
    let ast = if language == Language::Vue {
        let bindings = vue::fragment(&text);
        bindings.first().map(|binding| lower.binding(&text, binding, Language::JavaScript))
    } else {
        let tags = scan::tags(language, text.as_bytes());
        let contexts = markup::scan(text.as_bytes(), &tags, &mut |_| {});
        tags.iter().zip(contexts).find_map(|(tag, context)| lower.tag(&text, tag, context, true))
    };
    ast.unwrap_or_default()
}

/// A lone attribute of Vue gets an element to stand in; how many bytes that puts before it.
fn as_element(language: Language, text: &str) -> (Cow<'_, str>, usize) {
    if language != Language::Vue || text.trim_start().starts_with(['<', '{']) {
        return (Cow::Borrowed(text), 0);
    }
    (Cow::Owned(format!("<p {text}>")), "<p ".len())
}

#[cfg(test)]
mod tests;
