//! The trees of the last version of a file, so that the next version lowers only what is new in it.
//!
//! Finding the tags again is linear and cheap; parsing what stands in them is not. An edit leaves what is before
//! and behind it alone, so the pieces of two versions are compared from both ends, which needs no table.

use std::sync::Arc;

use smallvec::SmallVec;

use super::lower::Lower;
use super::pieces::{Piece, Role, pieces};
use super::sanitized::Sanitized;
use crate::analyze::Unit;
use crate::source::Source;

/// What the last version of a file was made of.
#[derive(Clone, Default)]
pub(crate) struct Cache {
    parts: Arc<Vec<Part>>,
}

/// A piece and what became of it.
#[derive(Clone)]
struct Part {
    role: Role,
    /// Of a script; the text of a tag is that of its unit.
    text: Option<Arc<str>>,
    /// Their bases count from the start of the piece.
    units: SmallVec<[Unit; 1]>,
}

impl Part {
    fn is(&self, piece: &Piece<'_>, text: &str) -> bool {
        let text = &text[piece.range.clone()];
        self.role == piece.role
            && match &self.text {
                Some(script) => &**script == text,
                None => self.units.first().is_none_or(|unit| unit.ast.text == text),
            }
    }
}

impl Cache {
    /// The units in order, each with its index in the last version if it was there.
    pub fn units(&mut self, source: &Source) -> Vec<(Unit, Option<usize>)> {
        let text = source.text();
        let old = std::mem::take(&mut self.parts);
        let mut lower = Lower::new(source.language());
        let mut pieces = pieces(source.language(), &text);
        // What the scripts say decides how the bindings are read.
        let scripts = self::scripts(&pieces, &old, &text, &mut lower);
        let sanitized = Sanitized::gather(scripts.iter().flat_map(|part| &part.units));
        for piece in &mut pieces {
            if let Role::Binding { sanitized: fingerprint, .. } = &mut piece.role {
                *fingerprint = sanitized.fingerprint();
            }
        }
        let front = old.iter().zip(&pieces).take_while(|(part, piece)| part.is(piece, &text)).count();
        let ends = old[front..].iter().rev().zip(pieces[front..].iter().rev());
        let back = ends.take_while(|(part, piece)| part.is(piece, &text)).count();
        let mut scripts = scripts.into_iter();
        let mut parts = Vec::with_capacity(pieces.len());
        let mut units = Vec::with_capacity(pieces.len());
        let mut index = 0;
        for (position, piece) in pieces.iter().enumerate() {
            let behind = pieces.len() - position;
            if position >= front && behind == back {
                index = old[..old.len() - back].iter().map(|part| part.units.len()).sum();
            }
            let script = if matches!(piece.role, Role::Script(_)) { scripts.next() } else { None };
            let known = if position < front {
                Some(&old[position])
            } else if behind <= back {
                Some(&old[old.len() - behind])
            } else {
                None
            };
            let part = match (known, script) {
                (Some(part), _) => part.clone(),
                (None, Some(script)) => script,
                (None, None) => {
                    Part { role: piece.role, text: None, units: lower.piece(&text, piece, &sanitized) }
                }
            };
            for unit in &part.units {
                let unit = Unit { base: piece.range.start + unit.base, ..unit.clone() };
                units.push((unit, known.map(|_| index)));
                index += usize::from(known.is_some());
            }
            parts.push(part);
        }
        self.parts = Arc::new(parts);
        units
    }
}

/// The scripts of a file, in order.
fn scripts(pieces: &[Piece<'_>], old: &[Part], text: &str, lower: &mut Lower) -> Vec<Part> {
    let scripts = pieces.iter().filter(|piece| matches!(piece.role, Role::Script(_)));
    scripts
        .map(|piece| {
            let known = old.iter().find(|part| part.text.is_some() && part.is(piece, text));
            known.cloned().unwrap_or_else(|| Part {
                role: piece.role,
                text: Some(text[piece.range.clone()].into()),
                units: lower.piece(text, piece, &Sanitized::default()),
            })
        })
        .collect()
}
