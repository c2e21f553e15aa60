//! Nodes that the grammar has as one word or text and that are made of parts: code of another language, options,
//! strings with variables.

use std::ops::Range;

use smallvec::SmallVec;

use super::Builder;
use crate::language::{Language, embedded};
use crate::syntax::{Ast, Kind, Node, NodeId, Slot};

impl Builder {
    /// Lowers the code of another language in a node as statements below it.
    pub(super) fn embed(&mut self, id: NodeId, language: Language) {
        let start = self.ast.node(id).start;
        let inner = embedded::lowered(language, self.ast.text(id));
        let first = self.ast.nodes.len() as NodeId;
        for node in inner.nodes.iter().skip(1) {
            let top = node.parent == Ast::ROOT;
            self.ast.nodes.push(Node {
                start: node.start + start,
                end: node.end + start,
                // The root of the inner tree is left out, hence one place less.
                parent: if top { id } else { node.parent - 1 + first },
                // Kinds of another grammar.
                raw: node.raw ^ 0x8000,
                ..*node
            });
        }
        self.ast.nodes[id as usize].size = self.ast.nodes.len() as u32 - id;
    }

    pub(super) fn split(&mut self, node: &tree_sitter::Node<'_>, slot: Slot, parent: Option<NodeId>) {
        let range = node.start_byte() - self.base..node.end_byte() - self.base;
        let text = self.ast.text.get(range.clone()).unwrap_or("");
        let Some(at) = text.find('=') else {
            let id = self.push(node, Kind::Ident, slot, parent);
            return self.hash_leaf(id);
        };
        let id = self.push(node, Kind::Pair, slot, parent);
        let parts = [
            (Kind::Ident, Slot::Key, range.start..range.start + at),
            (Kind::Str, Slot::Value, range.start + at + 1..range.end),
        ];
        for (kind, slot, part) in parts {
            self.part(node, kind, slot, part, id);
        }
        self.ast.nodes[id as usize].size = 3;
    }

    pub(super) fn interpolated(&mut self, node: &tree_sitter::Node<'_>, slot: Slot, parent: Option<NodeId>) {
        let base = self.base;
        let mut cursor = node.walk();
        let variables: SmallVec<[Range<usize>; 4]> = node
            .named_children(&mut cursor)
            .filter(|child| child.kind() == "expansion")
            .map(|child| child.start_byte() - base..child.end_byte() - base)
            .collect();
        let kind = match slot {
            Slot::Key => Kind::Ident,
            _ if variables.is_empty() => Kind::Str,
            _ => Kind::Template,
        };
        let id = self.push(node, kind, slot, parent);
        if kind != Kind::Template {
            return self.hash_leaf(id);
        }
        let quotes = usize::from(self.ast.text(id).starts_with('"'));
        let end = node.end_byte() - base - quotes;
        let mut at = node.start_byte() - base + quotes;
        for variable in variables {
            if at < variable.start {
                self.part(node, Kind::StrPart, Slot::None, at..variable.start, id);
            }
            at = variable.end;
            let text = self.ast.text.get(variable.clone()).unwrap_or("");
            let signs = text.len() - text.trim_start_matches(['$', '{']).len();
            let name = variable.start + signs..variable.end - usize::from(text.ends_with('}'));
            self.part(node, Kind::Ident, Slot::None, name, id);
        }
        if at < end {
            self.part(node, Kind::StrPart, Slot::None, at..end, id);
        }
        self.ast.nodes[id as usize].size = self.ast.nodes.len() as u32 - id;
    }

    pub(super) fn words(&mut self, node: &tree_sitter::Node<'_>, id: NodeId) {
        let range = node.start_byte() - self.base..node.end_byte() - self.base;
        let text = self.ast.text.get(range.clone()).unwrap_or("");
        let Some(gap) = text.find(char::is_whitespace) else { return };
        let rest = text[gap..].trim();
        let start = range.end - text[gap..].trim_start().len();
        let part = start..start + rest.len();
        self.part(node, Kind::Str, Slot::Body, part, id);
        self.ast.nodes[id as usize].size = 2;
    }

    /// A leaf that is part of a node of the grammar.
    fn part(
        &mut self,
        node: &tree_sitter::Node<'_>,
        kind: Kind,
        slot: Slot,
        range: Range<usize>,
        parent: NodeId,
    ) {
        let id = self.push(node, kind, slot, Some(parent));
        let own = &mut self.ast.nodes[id as usize];
        (own.start, own.end) = (range.start as u32, range.end as u32);
        self.hash_leaf(id);
    }
}
