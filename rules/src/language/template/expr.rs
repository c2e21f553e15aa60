//! A small tree for the expressions of Jinja and Handlebars, and how it becomes an [`Ast`].

use std::ops::Range;

use crate::syntax::{Ast, Kind, Node, NodeId, Slot, hash_text, strip_quotes};

/// Expressions nested deeper than this are not followed.
pub(super) const MAX_DEPTH: usize = 64;

/// Nodes nested deeper than this are left out of the flat tree, over which everything may recurse.
const MAX_NODE_DEPTH: usize = 250;

/// An expression before it is flattened; ranges count from the start of the tag.
#[derive(Debug)]
pub(super) struct Expr {
    pub kind: Kind,
    pub range: Range<usize>,
    /// The operator of a binary, comparing or unary expression.
    pub operator: &'static str,
    pub children: Vec<(Slot, Expr)>,
}

impl Expr {
    pub fn leaf(kind: Kind, range: Range<usize>) -> Expr {
        Expr { kind, range, operator: "", children: Vec::new() }
    }

    pub fn node(kind: Kind, range: Range<usize>, children: Vec<(Slot, Expr)>) -> Expr {
        Expr { kind, range, operator: "", children }
    }

    /// The callee's name, where this is a call of a name.
    pub fn callee<'a>(&self, text: &'a str) -> Option<&'a str> {
        match self.children.first() {
            Some((Slot::Callee, callee)) if self.kind == Kind::Call => text.get(callee.range.clone()),
            _ => None,
        }
    }

    /// The first argument, where this is a call: for a filter, what it is applied to.
    pub fn argument(&self) -> Option<&Expr> {
        self.children.iter().find(|(slot, _)| *slot == Slot::Arg).map(|(_, argument)| argument)
    }

    /// [`Expr::argument`], taken out.
    pub fn into_argument(self) -> Option<Expr> {
        self.children.into_iter().find(|(slot, _)| *slot == Slot::Arg).map(|(_, argument)| argument)
    }
}

/// Builds the flat tree of one tag in pre-order.
pub(super) struct Builder {
    ast: Ast,
}

impl Builder {
    /// A tree with its root, which covers the whole text.
    pub fn new(kind: Kind, text: &str) -> Builder {
        let root = Node {
            kind,
            slot: Slot::None,
            raw: 0,
            start: 0,
            end: text.len() as u32,
            size: 1,
            parent: 0,
            hash: 0,
        };
        Builder { ast: Ast { nodes: vec![root], text: text.to_owned() } }
    }

    pub fn finish(mut self) -> Ast {
        self.ast.nodes[0].size = self.ast.nodes.len() as u32;
        self.ast
    }

    /// A leaf below the root that no text stands for; compared by `name`.
    pub fn note(&mut self, kind: Kind, slot: Slot, name: &str) {
        let id = self.push(Ast::ROOT, kind, slot, 0..0);
        self.ast.nodes[id as usize].hash = hash_text(name);
    }

    /// A leaf below the root, compared by `name` and not by its own text.
    pub fn named(&mut self, kind: Kind, slot: Slot, range: Range<usize>, name: &str) {
        let id = self.push(Ast::ROOT, kind, slot, range);
        self.ast.nodes[id as usize].hash = hash_text(name);
    }

    /// An expression below the root.
    pub fn expression(&mut self, slot: Slot, expression: &Expr) {
        self.add(Ast::ROOT, slot, expression, 1);
    }

    fn add(&mut self, parent: NodeId, slot: Slot, expression: &Expr, depth: usize) {
        if depth >= MAX_NODE_DEPTH {
            self.push(parent, Kind::Opaque, slot, expression.range.clone());
            return;
        }
        let id = self.push(parent, expression.kind, slot, expression.range.clone());
        for (slot, child) in &expression.children {
            self.add(id, *slot, child, depth + 1);
        }
        let size = self.ast.nodes.len() as u32 - id;
        let text = self.ast.text(id);
        let hash = match expression.kind {
            _ if !expression.operator.is_empty() => hash_text(expression.operator),
            _ if size > 1 => 0,
            Kind::Str => hash_text(strip_quotes(text)),
            _ => hash_text(text),
        };
        self.ast.nodes[id as usize].size = size;
        self.ast.nodes[id as usize].hash = hash;
    }

    /// The children of the root of another tree, whose offset 0 is at `shift` in this one's text. What reaches out of
    /// `limits` is cut.
    pub fn graft(&mut self, slot: Slot, other: &Ast, shift: isize, limits: Range<usize>) {
        if other.is_empty() {
            return;
        }
        let place =
            |offset: u32| (offset as isize + shift).clamp(limits.start as isize, limits.end as isize) as u32;
        // The other's root is left out, hence one place less.
        let first = self.ast.nodes.len() as u32;
        for (index, node) in other.nodes.iter().enumerate().skip(1) {
            let top = node.parent == Ast::ROOT;
            self.ast.nodes.push(Node {
                start: place(node.start),
                end: place(node.end),
                parent: if top { Ast::ROOT } else { node.parent - 1 + first },
                slot: if top { slot } else { node.slot },
                ..other.nodes[index]
            });
        }
    }

    fn push(&mut self, parent: NodeId, kind: Kind, slot: Slot, range: Range<usize>) -> NodeId {
        let id = self.ast.nodes.len() as NodeId;
        self.ast.nodes.push(Node {
            kind,
            slot,
            raw: 0,
            start: range.start as u32,
            end: range.end as u32,
            size: 1,
            parent,
            hash: 0,
        });
        id
    }
}
