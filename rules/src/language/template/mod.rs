//! Template languages: markup with the tags of another language in it, and markup with scripts in it.
//!
//! ```text
//! text ─► scan: where the tags are ─► markup: what surrounds each ─► one unit a tag
//! ```
//!
//! Every tag becomes a unit of its own: [`Kind::Output`] where it outputs a value escaped, [`Kind::RawOutput`] where it
//! outputs it as it is, [`Kind::Other`] where it controls something. The value is the root's child in [`Slot::Value`]. Where in
//! the page it lands is a leaf in [`Slot::Decorator`] that has no text, only a hash: see [`markup::Context::key`].
//! Tags are small and many, and a template is typed a tag at a time: [`Cache`] keeps their trees by their text.

mod expr;
mod handlebars;
mod jinja;
mod markup;
mod scan;
mod script;
mod vue;

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHasher};
use tree_sitter::Point;

use self::expr::Builder;
use self::markup::{Context, Event};
use self::scan::{Form, Tag};
use self::script::Scripts;
use self::vue::{Binding, Effect};
use super::Language;
use crate::analyze::Unit;
use crate::source::Source;
use crate::syntax::{Ast, Kind, Slot};

/// The units of a file whose grammar is HTML: its tags, its bindings and the top-level statements of its scripts.
pub(crate) fn units(source: &Source) -> Vec<Unit> {
    Cache::default().units(source)
}

/// The trees of the last version of a template, so that the next version lowers only the tags that are new.
///
/// Finding the tags again is linear and cheap; parsing what stands in them is not.
#[derive(Clone, Default)]
pub(crate) struct Cache {
    trees: Arc<FxHashMap<u64, Vec<Unit>>>,
}

impl Cache {
    /// Like [`units`], and remembers.
    pub fn units(&mut self, source: &Source) -> Vec<Unit> {
        let text = source.text();
        let mut reader = Reader {
            language: source.language(),
            text: &text,
            old: std::mem::take(&mut self.trees),
            new: FxHashMap::default(),
            parsers: FxHashMap::default(),
            units: Vec::new(),
        };
        reader.read();
        self.trees = Arc::new(reader.new);
        reader.units
    }
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
    let mut reader = Reader {
        language,
        text: &text,
        old: Arc::default(),
        new: FxHashMap::default(),
        parsers: FxHashMap::default(),
        units: Vec::new(),
    };
    let ast = if language == Language::Vue {
        let bindings = vue::fragment(&text);
        let scripts = reader.parser(Language::JavaScript);
        bindings.first().map(|binding| lower_binding(&text, binding, scripts))
    } else {
        let tags = scan::tags(language, text.as_bytes());
        let contexts = markup::scan(text.as_bytes(), &tags, &mut |_| {});
        tags.iter().zip(contexts).find_map(|(tag, context)| reader.lower_tag(tag, context, true))
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

/// What is left of a template for the grammar of HTML: everything outside the tags. `None` where that is all.
pub(super) fn included_ranges(language: Language, text: &[u8]) -> Option<Vec<tree_sitter::Range>> {
    if !matches!(language, Language::Ejs | Language::Jinja | Language::Handlebars) {
        return None;
    }
    let tags = scan::tags(language, text);
    if tags.is_empty() {
        return None;
    }
    let mut ranges = Vec::with_capacity(tags.len() + 1);
    let mut position = Position { text, offset: 0, row: 0, line_start: 0 };
    let mut start = 0;
    let ends = tags.iter().map(|tag| tag.range.clone()).chain([text.len()..text.len()]);
    for hole in ends {
        // An empty list would mean everything, so the last range stays even if it is empty.
        if start < hole.start || (hole.start == text.len() && ranges.is_empty()) {
            ranges.push(tree_sitter::Range {
                start_byte: start,
                end_byte: hole.start,
                start_point: position.advance(start),
                end_point: position.advance(hole.start),
            });
        }
        start = hole.end;
    }
    Some(ranges)
}

/// A place in the text that only moves forwards.
struct Position<'a> {
    text: &'a [u8],
    offset: usize,
    row: usize,
    line_start: usize,
}

impl Position<'_> {
    fn advance(&mut self, to: usize) -> Point {
        for newline in memchr::memchr_iter(b'\n', &self.text[self.offset..to]) {
            self.row += 1;
            self.line_start = self.offset + newline + 1;
        }
        self.offset = to;
        Point { row: self.row, column: to - self.line_start }
    }
}

struct Reader<'a> {
    language: Language,
    text: &'a str,
    old: Arc<FxHashMap<u64, Vec<Unit>>>,
    new: FxHashMap<u64, Vec<Unit>>,
    parsers: FxHashMap<Language, Scripts>,
    units: Vec<Unit>,
}

impl Reader<'_> {
    fn read(&mut self) {
        match self.language {
            Language::Vue => self.component(),
            Language::Html => self.scripts(),
            _ => self.tags(),
        }
    }

    fn tags(&mut self) {
        let bytes = self.text.as_bytes();
        let tags = scan::tags(self.language, bytes);
        let contexts = markup::scan(bytes, &tags, &mut |_| {});
        // Whether output is escaped, for each `{% autoescape %}` around.
        let mut autoescape = Vec::new();
        for (tag, context) in tags.iter().zip(contexts) {
            if self.language == Language::Jinja && tag.form == Form::Control {
                follow_autoescape(&self.text[tag.inner.clone()], &mut autoescape);
            }
            let escaped = autoescape.last().copied().unwrap_or(true);
            let key = (tag.form, context, escaped);
            self.unit(tag.range.clone(), self.language, key, |reader, _| {
                let ast = reader.lower_tag(tag, context, escaped);
                ast.map(|ast| Unit { base: 0, language: reader.language, raw: 0, ast: Arc::new(ast) })
                    .into_iter()
                    .collect()
            });
        }
    }

    fn component(&mut self) {
        let (bindings, scripts) = vue::component(self.text);
        // The template's expressions are in the language of the script.
        let language = scripts.iter().map(|script| script.language).max().unwrap_or(Language::JavaScript);
        for binding in &bindings {
            self.unit(binding.range.clone(), language, "binding", |reader, _| {
                let ast = lower_binding(reader.text, binding, reader.parser(language));
                vec![Unit { base: 0, language: reader.language, raw: 0, ast: Arc::new(ast) }]
            });
        }
        self.script_units(&scripts);
        self.units.sort_by_key(|unit| unit.base);
    }

    fn scripts(&mut self) {
        let mut scripts = Vec::new();
        markup::scan(self.text.as_bytes(), &[], &mut |event| {
            if let Event::RawText { name, content, kind, lang } = event {
                scripts.extend(vue::script(self.text, name, content, kind, lang));
            }
        });
        self.script_units(&scripts);
    }

    fn script_units(&mut self, scripts: &[vue::Script]) {
        for script in scripts {
            self.unit(script.content.clone(), script.language, "script", |reader, range| {
                let text = &reader.text[range];
                reader.parser(script.language).units(text)
            });
        }
    }

    /// Adds the units of a range, from the last version if it was there in the same role.
    fn unit(
        &mut self,
        range: Range<usize>,
        language: Language,
        role: impl Hash,
        lower: impl FnOnce(&mut Self, Range<usize>) -> Vec<Unit>,
    ) {
        let mut hasher = FxHasher::default();
        (language, role, &self.text[range.clone()]).hash(&mut hasher);
        let key = hasher.finish();
        let known = self.new.get(&key).or_else(|| self.old.get(&key)).filter(|units| {
            units.iter().all(|unit| {
                let text = self.text.get(range.start + unit.base..);
                text.is_some_and(|text| text.starts_with(&unit.ast.text))
            })
        });
        let units = match known {
            Some(units) => units.clone(),
            None => lower(self, range.clone()),
        };
        self.units.extend(units.iter().map(|unit| Unit { base: range.start + unit.base, ..unit.clone() }));
        self.new.insert(key, units);
    }

    fn lower_tag(&mut self, tag: &Tag, context: Context, autoescape: bool) -> Option<Ast> {
        if tag.form == Form::Comment {
            return None;
        }
        let text = &self.text[tag.range.clone()];
        let inner = tag.inner.start - tag.range.start..tag.inner.end - tag.range.start;
        Some(match self.language {
            Language::Ejs => lower_ejs(text, inner, tag.form, context, self.parser(Language::JavaScript)),
            Language::Handlebars => lower_handlebars(text, inner, tag.form, context),
            _ => lower_jinja(text, inner, tag.form, context, autoescape),
        })
    }

    fn parser(&mut self, language: Language) -> &mut Scripts {
        self.parsers.entry(language).or_insert_with(|| Scripts::new(language))
    }
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

fn lower_ejs(text: &str, inner: Range<usize>, form: Form, context: Context, scripts: &mut Scripts) -> Ast {
    let mut builder = Builder::new(root_kind(form), text);
    let code = &text[inner.clone()];
    if form == Form::Control {
        // `<% } %>` says nothing.
        if code.bytes().any(|b| b.is_ascii_alphanumeric()) {
            builder.graft(Slot::Value, &scripts.program(code), inner.start as isize, inner);
        }
        return builder.finish();
    }
    note_context(&mut builder, context);
    let (ast, place) = scripts.expression(code);
    builder.graft(Slot::Value, &ast, inner.start as isize - place as isize, inner);
    builder.finish()
}

fn lower_handlebars(text: &str, inner: Range<usize>, form: Form, context: Context) -> Ast {
    let mut builder = Builder::new(root_kind(form), text);
    if form == Form::Control {
        for (slot, expression) in handlebars::control(text, inner) {
            builder.expression(slot, &expression);
        }
        return builder.finish();
    }
    note_context(&mut builder, context);
    if let Some(expression) = handlebars::expression(text, inner) {
        builder.expression(Slot::Value, &expression);
    }
    builder.finish()
}

fn lower_jinja(text: &str, inner: Range<usize>, form: Form, context: Context, autoescape: bool) -> Ast {
    if form == Form::Control {
        let mut builder = Builder::new(Kind::Other, text);
        for (slot, expression) in jinja::control(text, inner) {
            builder.expression(slot, &expression);
        }
        return builder.finish();
    }
    let Some(expression) = jinja::expression(text, inner) else {
        return Builder::new(Kind::Output, text).finish();
    };
    let (kind, expression) = jinja::output(expression, text, autoescape);
    let mut builder = Builder::new(kind, text);
    note_context(&mut builder, context);
    builder.expression(Slot::Value, &expression);
    builder.finish()
}

fn lower_binding(text: &str, binding: &Binding<'_>, scripts: &mut Scripts) -> Ast {
    let kind = match binding.effect {
        Effect::Raw => Kind::RawOutput,
        Effect::Escaped => Kind::Output,
        Effect::Attribute(..) => Kind::Attribute,
    };
    let start = binding.range.start;
    let mut builder = Builder::new(kind, &text[binding.range.clone()]);
    if let Effect::Attribute(name, range) = &binding.effect {
        builder.named(Kind::Ident, Slot::Name, range.start - start..range.end - start, name);
    }
    let expression = binding.expression.start - start..binding.expression.end - start;
    let (ast, place) = scripts.expression(&text[binding.expression.clone()]);
    builder.graft(Slot::Value, &ast, expression.start as isize - place as isize, expression);
    builder.finish()
}

fn root_kind(form: Form) -> Kind {
    match form {
        Form::Escaped => Kind::Output,
        Form::Raw => Kind::RawOutput,
        Form::Control | Form::Comment => Kind::Other,
    }
}

fn note_context(builder: &mut Builder, context: Context) {
    if let Some(key) = context.key() {
        // A pattern that names no context describes a value in any.
        builder.note(Kind::StrPart, Slot::Decorator, key);
    }
}

#[cfg(test)]
mod tests;
