//! From a piece of markup to its units.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};

use super::expr::Builder;
use super::markup::Context;
use super::pieces::{Content, Piece, Role};
use super::sanitized::Sanitized;
use super::scan::{self, Form, Tag};
use super::script::Scripts;
use super::vue::{Binding, Effect};
use super::{handlebars, jinja};
use crate::analyze::Unit;
use crate::language::Language;
use crate::syntax::{Ast, Kind, Slot};

/// Lowers the pieces of one file; keeps its parsers.
pub(super) struct Lower {
    language: Language,
    parsers: FxHashMap<Language, Scripts>,
}

impl Lower {
    pub fn new(language: Language) -> Lower {
        Lower { language, parsers: FxHashMap::default() }
    }

    /// The units of a piece; their bases count from its start.
    pub fn piece(&mut self, text: &str, piece: &Piece<'_>, sanitized: &Sanitized) -> SmallVec<[Unit; 1]> {
        let ast = match (&piece.content, piece.role) {
            (Content::Tag(tag), Role::Tag { context, autoescape, .. }) => {
                self.tag(text, tag, context, autoescape)
            }
            (Content::Binding(binding), Role::Binding { language, .. }) => {
                let mut ast = self.binding(text, binding, language);
                if ast.kind(Ast::ROOT) == Kind::RawOutput && sanitized.holds(&ast) {
                    ast.nodes[Ast::ROOT as usize].kind = Kind::Output;
                }
                Some(ast)
            }
            (Content::Script, Role::Script(language)) => {
                let script = &text[piece.range.clone()];
                let Some(masked) = self.without_tags(script) else {
                    return self.parser(language).units(script).into();
                };
                let mut units = self.parser(language).units(&masked);
                for unit in &mut units {
                    let own = unit.base..unit.base + unit.ast.text.len();
                    if let Some(text) = script.get(own) {
                        // The code is shown as it is written.
                        Arc::make_mut(&mut unit.ast).text = text.to_owned();
                    }
                }
                return units.into();
            }
            _ => None,
        };
        match ast {
            Some(ast) => smallvec![Unit { base: 0, language: self.language, raw: 0, ast: Arc::new(ast) }],
            None => SmallVec::new(),
        }
    }

    /// A script as it might be once the tags in it have been replaced: a name for a value, nothing for what only
    /// controls. Every byte keeps its place. `None` if there are no tags.
    fn without_tags(&self, script: &str) -> Option<String> {
        let tags = match self.language {
            Language::Html | Language::Vue => return None,
            language => scan::tags(language, script.as_bytes()),
        };
        if tags.is_empty() {
            return None;
        }
        let mut bytes = script.as_bytes().to_vec();
        for tag in &tags {
            let mut filler = match tag.form {
                Form::Escaped | Form::Raw => b'_',
                Form::Control | Form::Comment => b' ',
            };
            for byte in bytes.get_mut(tag.range.clone()).into_iter().flatten() {
                match *byte {
                    // A name ends with its line.
                    b'\n' | b'\r' => filler = b' ',
                    _ => *byte = filler,
                }
            }
        }
        String::from_utf8(bytes).ok()
    }

    /// The tree of a tag, unless it is a comment.
    pub fn tag(&mut self, text: &str, tag: &Tag, context: Context, autoescape: bool) -> Option<Ast> {
        if tag.form == Form::Comment {
            return None;
        }
        let text = &text[tag.range.clone()];
        let inner = tag.inner.start - tag.range.start..tag.inner.end - tag.range.start;
        Some(match self.language {
            Language::Ejs => lower_ejs(text, inner, tag.form, context, self.parser(Language::JavaScript)),
            Language::Handlebars => lower_handlebars(text, inner, tag.form, context),
            _ => lower_jinja(text, inner, tag.form, context, autoescape),
        })
    }

    /// The tree of a binding whose expression is in `language`.
    pub fn binding(&mut self, text: &str, binding: &Binding<'_>, language: Language) -> Ast {
        lower_binding(text, binding, self.parser(language))
    }

    fn parser(&mut self, language: Language) -> &mut Scripts {
        self.parsers.entry(language).or_insert_with(|| Scripts::new(language))
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
