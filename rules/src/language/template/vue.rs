//! Single-file components: what the root `<template>` binds, and the scripts.

use std::ops::Range;

use super::markup::{self, Event};
use super::scan::{self, Tag};
use crate::language::Language;

/// A binding of the template.
pub(super) struct Binding<'a> {
    /// The attribute from its name to its closing quote, or the mustache with its braces.
    pub range: Range<usize>,
    pub expression: Range<usize>,
    pub effect: Effect<'a>,
}

/// What a binding does with its value.
pub(super) enum Effect<'a> {
    /// `v-html`, `:innerHTML`: it becomes markup.
    Raw,
    /// `{{ }}`, `v-text`: it becomes text.
    Escaped,
    /// `:name`: it becomes the value of this attribute.
    Attribute(&'a str, Range<usize>),
}

/// The content of a script element.
pub(super) struct Script {
    pub language: Language,
    pub content: Range<usize>,
}

/// The bindings and scripts of a component, each in order.
pub(super) fn component(text: &str) -> (Vec<Binding<'_>>, Vec<Script>) {
    let bytes = text.as_bytes();
    let mustaches = scan::tags(Language::Vue, bytes);
    let mut reader = Reader::new(text, &mustaches, 0);
    let mut scripts = Vec::new();
    markup::scan(bytes, &mustaches, &mut |event| match event {
        Event::RawText { name, content, kind, lang } if reader.depth == 0 => {
            scripts.extend(script(text, name, content, kind, lang));
        }
        event => reader.read(event),
    });
    (reader.bindings, scripts)
}

/// The bindings of a piece of template without the component around it, or of a lone attribute.
pub(super) fn fragment(text: &str) -> Vec<Binding<'_>> {
    let bytes = text.as_bytes();
    let mustaches = scan::tags(Language::Vue, bytes);
    let mut reader = Reader::new(text, &mustaches, 1);
    markup::scan(bytes, &mustaches, &mut |event| reader.read(event));
    reader.bindings
}

/// The script of a script element, where it is in a language that is read.
pub(super) fn script(
    text: &str,
    name: Range<usize>,
    content: Range<usize>,
    kind: Range<usize>,
    lang: Range<usize>,
) -> Option<Script> {
    let slice = |range: Range<usize>| text.get(range).unwrap_or("");
    if !slice(name).eq_ignore_ascii_case("script") || !markup::is_javascript(slice(kind.clone()).as_bytes()) {
        return None;
    }
    let kind = slice(kind);
    let language = match slice(lang) {
        "ts" | "typescript" => Language::TypeScript,
        "tsx" => Language::Tsx,
        "" if matches!(kind, "ts" | "text/typescript") => Language::TypeScript,
        "" | "js" | "javascript" | "jsx" => Language::JavaScript,
        _ => return None,
    };
    Some(Script { language, content })
}

struct Reader<'a, 'm> {
    text: &'a str,
    mustaches: &'m [Tag],
    /// Open `<template>` elements; only inside one are there bindings.
    depth: usize,
    /// The root template is written in another language (Pug).
    foreign: bool,
    /// `lang` of the start tag being read at the root.
    lang_is_foreign: bool,
    bindings: Vec<Binding<'a>>,
}

impl<'a, 'm> Reader<'a, 'm> {
    fn new(text: &'a str, mustaches: &'m [Tag], depth: usize) -> Self {
        Reader { text, mustaches, depth, foreign: false, lang_is_foreign: false, bindings: Vec::new() }
    }

    fn read(&mut self, event: Event) {
        match event {
            Event::Open { name, self_closing } => {
                let opens = !self_closing && self.is_template(name);
                if self.depth == 0 {
                    self.foreign = opens && self.lang_is_foreign;
                    self.lang_is_foreign = false;
                }
                self.depth += usize::from(opens);
            }
            Event::Close { name } if self.is_template(name.clone()) => {
                self.depth = self.depth.saturating_sub(1);
            }
            Event::Attribute { name, value, .. }
                if self.depth == 0 && self.text.get(name.clone()) == Some("lang") =>
            {
                let value = value.and_then(|value| self.text.get(value)).unwrap_or("");
                self.lang_is_foreign = value != "html";
            }
            Event::Attribute { .. } if self.depth == 0 => {}
            Event::Attribute { range, name, value: Some(value) } if !self.foreign => {
                self.bindings.extend(self.binding(range, name, value));
            }
            Event::Text(range) if self.depth > 0 && !self.foreign => {
                let first = self.mustaches.partition_point(|tag| tag.range.start < range.start);
                let inside = self.mustaches[first..].iter().take_while(|tag| tag.range.end <= range.end);
                self.bindings.extend(inside.map(|tag| Binding {
                    range: tag.range.clone(),
                    expression: tag.inner.clone(),
                    effect: Effect::Escaped,
                }));
            }
            _ => {}
        }
    }

    fn is_template(&self, name: Range<usize>) -> bool {
        self.text.get(name) == Some("template")
    }

    fn binding(&self, range: Range<usize>, name: Range<usize>, value: Range<usize>) -> Option<Binding<'a>> {
        if self.text.get(value.clone())?.trim().is_empty() {
            return None;
        }
        let written = self.text.get(name.clone())?;
        let effect = match written {
            "v-html" => Effect::Raw,
            "v-text" => Effect::Escaped,
            _ => {
                let bound = [":", "v-bind:", "."].iter().find_map(|prefix| written.strip_prefix(prefix))?;
                let start = name.end - bound.len();
                let bound = bound.split('.').next().unwrap_or(bound);
                match bound {
                    "innerHTML" | "innerHtml" | "inner-html" | "outerHTML" => Effect::Raw,
                    _ => Effect::Attribute(bound, start..start + bound.len()),
                }
            }
        };
        Some(Binding { range, expression: value, effect })
    }
}
