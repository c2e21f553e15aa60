//! Literals, and strings that a pattern describes by their content, against literals and what is known to hold them.

use std::borrow::Cow;
use std::ops::ControlFlow::Continue;

use super::bindings::{Binding, number};
use super::compile::PatternHole;
use super::constant::{constant_number, constant_of, constant_text, is_constant_text};
use super::matcher::{Flow, Matcher, Then};
use crate::analyze::{At, FileView};
use crate::language::Language;
use crate::syntax::{Kind, NodeId, Slot, hash_text, strip_quotes};

impl<'m> Matcher<'m> {
    pub(super) fn literal(&mut self, p: NodeId, t: At) -> bool {
        let wanted = self.pattern.ast.node(p);
        let node = self.target(t).node(t.node);
        if node.kind == wanted.kind {
            let same =
                || number(self.pattern.ast.text(p)).is_some_and(|own| number(self.view.text(t)) == Some(own));
            let regex = || {
                let target = self.view.text(t);
                let own = self.pattern.ast.text(p);
                own.ends_with('/') && target.rfind('/').and_then(|end| target.get(..=end)) == Some(own)
            };
            return node.hash == wanted.hash
                || (node.kind == Kind::Num && same())
                || (node.kind == Kind::Regex && regex());
        }
        if wanted.kind == Kind::Str && node.slot == Slot::Key && node.kind == Kind::Ident {
            return node.hash == wanted.hash;
        }
        // Terraform converts `"true"` and `"1"` where a truth value or a number is wanted.
        let converts = self.pattern.language == Language::Hcl;
        if converts && node.kind == Kind::Str && matches!(wanted.kind, Kind::Num | Kind::Bool) {
            return node.hash == wanted.hash;
        }
        if !self.settings.constant_propagation {
            return false;
        }
        if wanted.kind == Kind::Num
            && let Some(own) = number(self.pattern.ast.text(p))
        {
            return constant_number(self.view, t, self.read_module) == Some(own);
        }
        if wanted.kind == Kind::Str {
            return constant_text(self.view, t, self.read_module)
                .is_some_and(|text| hash_text(&text) == wanted.hash);
        }
        constant_of(self.view, t, self.read_module).is_some_and(|literal| {
            let literal = self.target(literal).node(literal.node);
            literal.kind == wanted.kind && literal.hash == wanted.hash
        })
    }

    /// `"..."`, `"$X"`, `"=~/re/"` and their like between slashes.
    pub(super) fn string(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let pattern = self.pattern;
        let hole = pattern.hole(p);
        if matches!(hole, PatternHole::AnyRegex | PatternHole::RegexMetavar(_)) {
            let flags = |text: &str| text.rsplit('/').next().unwrap_or("").to_owned();
            let wanted = flags(pattern.ast.text(p));
            let template = self.kind(t) == Kind::Template && self.view.text(t).starts_with('/');
            if template && matches!(hole, PatternHole::AnyRegex) {
                return then(self);
            }
            if self.kind(t) != Kind::Regex || (!wanted.is_empty() && wanted != flags(self.view.text(t))) {
                return Continue(());
            }
            let PatternHole::RegexMetavar(name) = hole else { return then(self) };
            let text = self.view.text(t);
            let end = text.rfind('/').unwrap_or(text.len());
            return self.bind(name, part(self.view, t, 1.min(end)..end), then);
        }
        if matches!(hole, PatternHole::AnyTemplate) {
            let own = pattern.ast.text(p);
            let template = match self.kind(t) {
                Kind::Template => {
                    !self.pattern.language.definition().writing.words || self.view.text(t).starts_with('"')
                }
                Kind::Str => super::compile::interpolates(self.view.text(t)) || own.starts_with('`'),
                _ => false,
            };
            return self.when(template, then);
        }
        let literal = match self.kind(t) {
            Kind::Str => t,
            Kind::Ident | Kind::Member if self.settings.constant_propagation => {
                match constant_of(self.view, t, self.read_module) {
                    Some(literal) if self.kind(literal) == Kind::Str => literal,
                    _ => return self.computed_string(hole, t, then),
                }
            }
            _ => return self.computed_string(hole, t, then),
        };
        let text = self.view.text(literal);
        let content = strip_quotes(text);
        match hole {
            PatternHole::AnyString => then(self),
            PatternHole::StringRegex(regex) => {
                let decoded = decoded(self.pattern.language, text, content);
                self.when(regex.is_match(&decoded), then)
            }
            PatternHole::StringMetavar(name) => {
                let start = content.as_ptr() as usize - text.as_ptr() as usize;
                self.bind(name, part(self.view, literal, start..start + content.len()), then)
            }
            _ => Continue(()),
        }
    }

    /// A string that is put together from constants.
    fn computed_string(&mut self, hole: &'m PatternHole, t: At, then: Then<'_, 'm>) -> Flow {
        if !self.settings.constant_propagation {
            return Continue(());
        }
        if matches!(hole, PatternHole::AnyString) {
            let constant = is_constant_text(self.view, t, self.read_module);
            return self.when(constant, then);
        }
        if let (Kind::Template, PatternHole::StringRegex(regex)) = (self.kind(t), hole) {
            let ast = self.target(t);
            let found = ast
                .children(t.node)
                .any(|part| ast.kind(part) == Kind::StrPart && regex.is_match(ast.text(part)));
            return self.when(found, then);
        }
        let Some(text) = constant_text(self.view, t, self.read_module) else { return Continue(()) };
        match hole {
            PatternHole::StringRegex(regex) => self.when(regex.is_match(&text), then),
            PatternHole::StringMetavar(name) => self.bind(name, Binding::Node(t), then),
            _ => Continue(()),
        }
    }
}

/// What a string of YAML or JSON holds, without the escapes that stand for signs. Elsewhere rules speak of strings as
/// they are written.
pub(crate) fn decoded<'t>(language: Language, literal: &str, content: &'t str) -> Cow<'t, str> {
    // Lines that are folded are one line.
    if language == Language::Yaml && literal.starts_with('>') {
        return Cow::Owned(content.lines().map(str::trim).collect::<Vec<_>>().join(" "));
    }
    let escapes = matches!(language, Language::Yaml | Language::Json)
        && literal.starts_with('"')
        && content.contains('\\');
    if !escapes {
        return Cow::Borrowed(content);
    }
    let mut out = String::with_capacity(content.len());
    let mut chars = content.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some(other) => out.push(other),
            None => {}
        }
    }
    Cow::Owned(out)
}

/// Part of a node's text, in bytes from the node's start.
fn part(view: &FileView<'_>, at: At, range: std::ops::Range<usize>) -> Binding {
    let start = view.ast(at.unit).node(at.node).start;
    Binding::Text { unit: at.unit, start: start + range.start as u32, end: start + range.end as u32 }
}
