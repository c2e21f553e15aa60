//! The pieces of a file of markup that are analysed: tags, bindings, scripts.

use std::ops::Range;

use super::markup::{self, Context, Event};
use super::scan::{self, Form, Tag};
use super::vue::{self, Binding};
use crate::language::Language;

/// One piece and what it is.
pub(super) struct Piece<'a> {
    pub range: Range<usize>,
    pub role: Role,
    pub content: Content<'a>,
}

/// What a piece is besides its text: with the same text in the same role it becomes the same units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Tag {
        form: Form,
        context: Context,
        /// Whether output is escaped here.
        autoescape: bool,
    },
    Binding {
        /// Of the expression.
        language: Language,
        /// The fingerprint of what the scripts sanitize.
        sanitized: u64,
    },
    Script(Language),
}

/// What a piece is lowered from.
pub(super) enum Content<'a> {
    Tag(Tag),
    Binding(Binding<'a>),
    Script,
}

/// The pieces of a file, in order.
pub(super) fn pieces(language: Language, text: &str) -> Vec<Piece<'_>> {
    match language {
        Language::Vue => component(text),
        Language::Html => page(text),
        _ => template(language, text),
    }
}

fn template(language: Language, text: &str) -> Vec<Piece<'_>> {
    let tags = scan::tags(language, text.as_bytes());
    let mut scripts = Vec::new();
    let contexts = markup::scan(text.as_bytes(), &tags, &mut |event| scripts.extend(code(text, event)));
    // Whether output is escaped, for each `{% autoescape %}` around.
    let mut autoescape = Vec::new();
    let piece = |(tag, context): (Tag, Context)| {
        if language == Language::Jinja && tag.form == Form::Control {
            follow_autoescape(&text[tag.inner.clone()], &mut autoescape);
        }
        let autoescape = autoescape.last().copied().unwrap_or(true);
        let role = Role::Tag { form: tag.form, context, autoescape };
        Piece { range: tag.range.clone(), role, content: Content::Tag(tag) }
    };
    let mut pieces: Vec<_> = tags.into_iter().zip(contexts).map(piece).chain(scripts).collect();
    // A tag in a script comes after the script.
    pieces.sort_by_key(|piece| piece.range.start);
    pieces
}

/// The script that an element or an `on…` attribute holds.
fn code<'a>(text: &str, event: Event) -> Option<Piece<'a>> {
    match event {
        Event::RawText { name, content, kind, lang } => {
            vue::script(text, name, content, kind, lang).map(script)
        }
        Event::Attribute { name, value: Some(value), .. } => {
            // What is written with entities has other offsets than the script that runs.
            let plain = !text.get(value.clone())?.contains('&');
            let handles = markup::is_handler(text.get(name)?.as_bytes());
            let role = Role::Script(Language::JavaScript);
            (plain && handles).then_some(Piece { range: value, role, content: Content::Script })
        }
        _ => None,
    }
}

fn component(text: &str) -> Vec<Piece<'_>> {
    let (bindings, scripts) = vue::component(text);
    // The template's expressions are in the language of the script.
    let language = scripts.iter().map(|script| script.language).max().unwrap_or(Language::JavaScript);
    let role = Role::Binding { language, sanitized: 0 };
    let bindings = bindings.into_iter().map(|binding| Piece {
        range: binding.range.clone(),
        role,
        content: Content::Binding(binding),
    });
    let mut pieces: Vec<_> = bindings.chain(scripts.into_iter().map(script)).collect();
    pieces.sort_by_key(|piece| piece.range.start);
    pieces
}

fn page(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    markup::scan(text.as_bytes(), &[], &mut |event| pieces.extend(code(text, event)));
    pieces
}

fn script<'a>(script: vue::Script) -> Piece<'a> {
    Piece { range: script.content, role: Role::Script(script.language), content: Content::Script }
}

/// `{% autoescape false %}` (Jinja) and `{% autoescape off %}` (Django), and their ends.
fn follow_autoescape(inner: &str, stack: &mut Vec<bool>) {
    match scan::first_word(inner.as_bytes()) {
        b"autoescape" => {
            let argument = inner.trim().strip_prefix("autoescape").unwrap_or("").trim();
            stack.push(!matches!(argument, "false" | "False" | "off"));
        }
        b"endautoescape" => drop(stack.pop()),
        _ => {}
    }
}
