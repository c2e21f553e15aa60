//! What the script of a component sanitizes before its template shows it.

use rustc_hash::FxHashSet;

use crate::analyze::Unit;
use crate::syntax::{Ast, Kind, NodeId, Slot};

/// The names of properties, variables and functions in whose definition a sanitizer is called.
#[derive(Debug, Default)]
pub(super) struct Sanitized {
    names: FxHashSet<u64>,
}

impl Sanitized {
    pub fn gather<'a>(scripts: impl Iterator<Item = &'a Unit>) -> Sanitized {
        let mut sanitized = Sanitized::default();
        for unit in scripts {
            let ast = &unit.ast;
            for id in 0..ast.nodes.len() as NodeId {
                if ast.kind(id) == Kind::Call
                    && ast.slot(id, Slot::Callee).is_some_and(|id| sanitizes(ast.text(id)))
                {
                    sanitized.names.extend(ast.ancestors(id).filter_map(|id| name(ast, id)));
                }
            }
        }
        sanitized
    }

    /// Whether the value of a binding is one of the names, or what one of them returns.
    pub fn holds(&self, binding: &Ast) -> bool {
        let Some(mut value) = binding.slot(Ast::ROOT, Slot::Value) else { return false };
        if binding.kind(value) == Kind::Call {
            let Some(callee) = binding.slot(value, Slot::Callee) else { return false };
            value = callee;
        }
        let name = match binding.kind(value) {
            Kind::Member if binding.text(value).starts_with("this.") => binding.slot(value, Slot::Property),
            Kind::Ident => Some(value),
            _ => None,
        };
        name.is_some_and(|name| self.names.contains(&binding.node(name).hash))
    }

    /// Changes when the names do.
    pub fn fingerprint(&self) -> u64 {
        self.names.iter().fold(0, |sum, name| sum ^ name)
    }
}

fn sanitizes(callee: &str) -> bool {
    // A long text is a call of something computed, not of a name.
    callee.len() < 100 && {
        let callee = callee.to_ascii_lowercase();
        ["sanitiz", "sanitis", "purif", "escapehtml"].iter().any(|word| callee.contains(word))
    }
}

/// The name that a node defines: `x = …`, `x() {…}`, `x: …`, `this.x = …`, `x.value = …`.
fn name(ast: &Ast, id: NodeId) -> Option<u64> {
    let name = match ast.kind(id) {
        Kind::Function => ast.slot(id, Slot::Name),
        Kind::Pair => ast.slot(id, Slot::Key),
        Kind::Assign => ast.slot(id, Slot::Left),
        _ => None,
    }?;
    let name = match ast.kind(name) {
        Kind::Member if ast.text(name).ends_with(".value") => ast.slot(name, Slot::Object)?,
        Kind::Member => ast.slot(name, Slot::Property)?,
        _ => name,
    };
    (ast.kind(name) == Kind::Ident).then(|| ast.node(name).hash)
}
