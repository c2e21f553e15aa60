//! How a language states the roles of its grammar's node kinds.

use crate::syntax::{Kind, Slot};

/// What becomes of a node of the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It becomes a node of this kind, its children below it.
    Node(Kind),
    /// It becomes a node of this kind without children.
    Leaf(Kind),
    /// Its children take its place (parentheses, lists of arguments, expression statements).
    Inline,
    /// Its first child takes its place (`x as T`).
    First,
    /// Its last child's kind and children join its own (decorators with what they decorate).
    Merge,
    /// It and everything below it is left out (comments).
    Skip,
}

/// One language: the roles of its node kinds and fields.
#[derive(Debug)]
pub(crate) struct Spec {
    /// Node kinds that are not listed become [`Kind::Other`].
    pub kinds: &'static [(&'static str, Role)],
    pub fields: &'static [(&'static str, Slot)],
    /// Where a field means something else in one kind of node.
    pub kind_fields: &'static [(&'static str, &'static str, Slot)],
    /// Slots of the children that no field names, in order; the last one repeats.
    pub positions: &'static [(&'static str, &'static [Slot])],
}

/// [`Spec`] with names resolved to the grammar's ids.
pub(crate) struct Table {
    roles: Vec<Role>,
    fields: Vec<Slot>,
    kind_fields: Vec<(u16, u16, Slot)>,
    has_kind_fields: Vec<bool>,
    positions: Vec<&'static [Slot]>,
}

impl Table {
    pub fn new(spec: &'static Spec, grammar: &tree_sitter::Language) -> Table {
        let kinds = grammar.node_kind_count();
        let mut table = Table {
            roles: vec![Role::Node(Kind::Other); kinds],
            fields: vec![Slot::None; grammar.field_count() + 1],
            kind_fields: Vec::new(),
            has_kind_fields: vec![false; kinds],
            positions: vec![&[]; kinds],
        };
        let spec_kinds: rustc_hash::FxHashMap<&str, Role> = spec.kinds.iter().copied().collect();
        for id in 0..kinds as u16 {
            // One name can have several ids (aliases), so every id is asked for its name.
            let Some(name) = grammar.node_kind_for_id(id) else { continue };
            if grammar.node_kind_is_named(id) {
                if let Some(role) = spec_kinds.get(name) {
                    table.roles[id as usize] = *role;
                }
                if let Some((_, slots)) = spec.positions.iter().find(|(kind, _)| *kind == name) {
                    table.positions[id as usize] = slots;
                }
                for (kind, field, slot) in spec.kind_fields {
                    if *kind == name
                        && let Some(field) = grammar.field_id_for_name(field)
                    {
                        table.kind_fields.push((id, field.get(), *slot));
                        table.has_kind_fields[id as usize] = true;
                    }
                }
            }
        }
        for (field, slot) in spec.fields {
            if let Some(id) = grammar.field_id_for_name(field) {
                table.fields[id.get() as usize] = *slot;
            }
        }
        table
    }

    /// ERROR nodes have kind id 65535: what was recovered inside them takes their place.
    pub fn role(&self, kind: u16) -> Role {
        self.roles.get(kind as usize).copied().unwrap_or(Role::Inline)
    }

    /// The slot of a child by its field, or by its position among the children without one.
    pub fn slot(&self, parent: u16, field: Option<u16>, position: usize) -> Slot {
        let Some(field) = field else {
            let slots = self.positions.get(parent as usize).copied().unwrap_or(&[]);
            return slots.get(position).or(slots.last()).copied().unwrap_or(Slot::None);
        };
        if self.has_kind_fields.get(parent as usize) == Some(&true)
            && let Some((_, _, slot)) = self.kind_fields.iter().find(|(k, f, _)| *k == parent && *f == field)
        {
            return *slot;
        }
        self.fields[field as usize]
    }
}
