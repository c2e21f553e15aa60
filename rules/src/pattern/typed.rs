//! Metavariables with a type.

use std::ops::ControlFlow::Continue;

use super::bindings::Binding;
use super::matcher::{Flow, Matcher, Then};
use super::metavar_name;
use super::types::{self, Annotation, annotation, type_of};
use crate::analyze::{At, package_name};
use crate::syntax::{Kind, hash_text};

impl<'m> Matcher<'m> {
    /// `($X : T)`: a name for what has that type; metavariables in the type stand for parts of it.
    pub(super) fn typed(&mut self, name: &'m str, wanted: &'m str, t: At, then: Then<'_, 'm>) -> Flow {
        if wanted.contains('$') {
            if types::is_typed(self.view.language) {
                let Some(parts) = types::described(self.view, t, wanted) else { return Continue(()) };
                return self
                    .bind_parts(&parts, &mut |matcher| matcher.bind(name, Binding::Node(t), &mut *then));
            }
            let Some((metavar, ty)) = self.described_type(t, wanted) else {
                if self.has_described_type(t, wanted) {
                    return self.bind(name, Binding::Node(t), then);
                }
                return Continue(());
            };
            return self.bind(metavar, ty, &mut |matcher| matcher.bind(name, Binding::Node(t), &mut *then));
        }
        if !self.has_type(t, wanted) {
            return Continue(());
        }
        self.bind(name, Binding::Node(t), then)
    }

    fn has_type(&self, t: At, wanted: &str) -> bool {
        let Some(ty) = type_of(self.view, t, self.read_module) else { return false };
        wanted.split('|').any(|wanted| self.same_type(&ty, wanted) || types::same(self.view, &ty, wanted))
    }

    /// What `$T` of `$T *` stands for in the type that the code states.
    fn described_type(&self, t: At, wanted: &'m str) -> Option<(&'m str, Binding)> {
        let at = wanted.find('$')?;
        let length = 1 + metavar_name(&wanted[at..])?.len();
        let (before, after) = (wanted[..at].trim(), wanted[at + length..].trim());
        let ast = self.target(t);
        let Annotation { node, marks } =
            (ast.kind(t.node) == Kind::Ident).then(|| annotation(ast, t.node))??;
        let text = ast.text(node);
        let inner = text.trim_start_matches([':', ' ']).strip_prefix(before)?;
        if after.is_empty() && before.is_empty() && marks.starts_with(['*', '&']) {
            // The marks stand between the type and the name.
            let start = ast.node(node).start;
            let from = ast.node(node).end as usize;
            let end = from + ast.text.get(from..)?.find(marks.as_str())? + marks.len();
            let binding = Binding::Text { unit: t.unit, start, end: end as u32 };
            return Some((&wanted[at..at + length], binding));
        }
        let inner = match marks.is_empty() {
            true => inner.strip_suffix(after)?.trim(),
            false if marks == after => inner.trim(),
            false => return None,
        };
        let start = ast.node(node).start + (inner.as_ptr() as usize - text.as_ptr() as usize) as u32;
        let binding = Binding::Text { unit: t.unit, start, end: start + inner.len() as u32 };
        Some((&wanted[at..at + length], binding))
    }

    /// Whether an expression without a name has a type of that form. What `$T` is then stays open, unless it is known.
    fn has_described_type(&self, t: At, wanted: &str) -> bool {
        let ast = self.target(t);
        let Some((before, rest)) = wanted.split_once('$') else { return false };
        let after = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').trim();
        if ast.kind(t.node) == Kind::Ident && annotation(ast, t.node).is_some() {
            return false;
        }
        if ast.kind(t.node) == Kind::Null {
            return after.contains('*');
        }
        let Some(ty) = type_of(self.view, t, self.read_module) else { return false };
        let inner = ty.trim().strip_prefix(before.trim()).and_then(|ty| ty.trim().strip_suffix(after));
        let name = &wanted[before.len()..wanted.len() - after.len()];
        inner.is_some_and(|inner| {
            let known = self.bindings.iter().find(|(bound, _)| *bound == name.trim());
            known.is_none_or(|(_, binding)| binding.text(self.view) == inner.trim())
        })
    }

    /// Binds what the metavariables of a type stand for.
    fn bind_parts(&mut self, parts: &[(&'m str, Binding)], then: Then<'_, 'm>) -> Flow {
        let Some(((name, binding), rest)) = parts.split_first() else { return then(self) };
        self.bind(name, binding.clone(), &mut |matcher| matcher.bind_parts(rest, then))
    }

    /// Whether two types are the same as written, by another name of a literal's type, or by what is imported.
    fn same_type(&self, ty: &str, wanted: &str) -> bool {
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let (ty, wanted) = (bare(ty), bare(wanted));
        if ty == wanted || (ty == "number" && matches!(wanted.as_str(), "int" | "float")) {
            return true;
        }
        // `*`, `[]` and their like stand before the name.
        let name_of = |text: &str| text.find(|c: char| c.is_alphabetic() || c == '_').unwrap_or(text.len());
        let ((before, name), (own_before, own)) =
            (ty.split_at(name_of(&ty)), wanted.split_at(name_of(&wanted)));
        if before != own_before {
            return false;
        }
        let (head, rest) = name.split_once('.').map_or((name, ""), |(head, rest)| (head, rest));
        self.view.names.full(hash_text(head)).is_some_and(|full| {
            let below = |full: &str| if rest.is_empty() { full.to_owned() } else { format!("{full}.{rest}") };
            below(full) == own || below(package_name(full)) == own
        })
    }
}
