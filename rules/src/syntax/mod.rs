//! The one tree that patterns, names and flow are read from, whatever the language.
//!
//! A unit (a top-level statement, function or class) is lowered once from tree-sitter's tree into a flat
//! array in pre-order: 32 bytes a node, one pass costs nanoseconds a node, and the unit can move with the
//! text without being touched because its offsets are relative to its own start. Punctuation, comments and
//! parentheses are gone; what every language has (calls, members, assignments …) has one name.

mod kind;
mod lower;

use std::hash::Hasher;
use std::ops::Range;

use rustc_hash::FxHasher;

pub(crate) use self::kind::{Kind, Slot};
pub(crate) use self::lower::lower;

/// The position of a node in [`Ast::nodes`]. A node's descendants follow it directly.
pub(crate) type NodeId = u32;

/// One node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub kind: Kind,
    /// What it is to its parent.
    pub slot: Slot,
    /// tree-sitter's kind id, to tell apart what has no kind of its own here.
    pub raw: u16,
    /// Bytes from the start of the unit.
    pub start: u32,
    /// Exclusive.
    pub end: u32,
    /// Nodes of this subtree, itself included: `id + size` is the next sibling or uncle.
    pub size: u32,
    pub parent: u32,
    /// Leaves: of the text (string literals: of the content). Operators: of the operator. Else 0.
    pub hash: u64,
}

/// The lowered tree of one unit with a copy of the unit's text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ast {
    pub nodes: Vec<Node>,
    pub text: String,
}

/// The hash by which names are compared.
pub(crate) fn hash_text(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    // 0 means "no text".
    hasher.finish() | 1
}

impl Ast {
    /// The root, always node 0 where the unit is not empty.
    pub const ROOT: NodeId = 0;

    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    pub fn kind(&self, id: NodeId) -> Kind {
        self.nodes[id as usize].kind
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Bytes from the start of the unit.
    pub fn range(&self, id: NodeId) -> Range<usize> {
        let node = self.node(id);
        node.start as usize..node.end as usize
    }

    /// The source text of a node.
    pub fn text(&self, id: NodeId) -> &str {
        self.text.get(self.range(id)).unwrap_or("")
    }

    /// The operator of a unary, binary, comparison or augmented assignment as written, else "".
    pub fn operator(&self, id: NodeId) -> &str {
        let mut children = self.children(id);
        let gap = match (children.next(), children.next()) {
            (Some(left), Some(right)) => self.node(left).end..self.node(right).start,
            (Some(only), None) => self.node(id).start..self.node(only).start,
            _ => return "",
        };
        let text = self.text.get(gap.start as usize..gap.end as usize).unwrap_or("");
        text.trim().trim_matches(['(', ')']).trim()
    }

    /// The children in source order.
    pub fn children(&self, id: NodeId) -> Children<'_> {
        let end = id + self.node(id).size;
        Children { ast: self, next: id + 1, end }
    }

    /// The children that fill `slot`.
    pub fn slots(&self, id: NodeId, slot: Slot) -> impl Iterator<Item = NodeId> + '_ {
        self.children(id).filter(move |&child| self.node(child).slot == slot)
    }

    /// The first child that fills `slot`.
    pub fn slot(&self, id: NodeId, slot: Slot) -> Option<NodeId> {
        self.slots(id, slot).next()
    }

    /// The node itself and everything below it.
    pub fn subtree(&self, id: NodeId) -> Range<NodeId> {
        id..id + self.node(id).size
    }

    /// Removes what is below a node.
    pub fn prune(&mut self, id: NodeId) {
        let removed = self.node(id).size - 1;
        if removed == 0 {
            return;
        }
        let mut up = Some(id);
        while let Some(node) = up {
            self.nodes[node as usize].size -= removed;
            up = self.parent(node);
        }
        self.nodes.drain(id as usize + 1..(id + 1 + removed) as usize);
        for node in &mut self.nodes[id as usize + 1..] {
            if node.parent > id {
                node.parent -= removed;
            }
        }
    }

    /// The parent, the grandparent … the root.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let parent = |id: NodeId| Some(self.node(id).parent).filter(|&parent| parent != id);
        std::iter::successors(parent(id), move |&id| parent(id))
    }

    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        Some(self.node(id).parent).filter(|&parent| parent != id)
    }

    /// The content of a string literal, between the quotes, escapes not decoded.
    pub fn string_content(&self, id: NodeId) -> &str {
        strip_quotes(self.text(id))
    }

    /// The word before the name of a declaration: `class`, `interface`, `enum`.
    pub fn declared_as(&self, id: NodeId) -> Option<&str> {
        let name = self.node(self.slot(id, Slot::Name)?).start;
        let before = self.text.get(self.node(id).start as usize..name as usize)?;
        // The name itself may have a mark before it.
        before.split_whitespace().rev().find(|word| word.bytes().all(|b| b.is_ascii_lowercase()))
    }

    /// `a.b.c` for names and members of names, else `None`. Paths with other marks (`a::b`, `a\\b`) read the same.
    pub fn dotted(&self, id: NodeId) -> Option<String> {
        match self.kind(id) {
            Kind::Ident => Some(dotted_path(self.text(id))),
            Kind::Member => {
                let mut object = self.dotted(self.slot(id, Slot::Object)?)?;
                object.push('.');
                object.push_str(self.text(self.slot(id, Slot::Property)?));
                Some(object)
            }
            _ => None,
        }
    }
}

/// A path as written in a program, its parts joined by dots. Slashes stay: they are part of a package's name.
pub(crate) fn dotted_path(text: &str) -> String {
    if !text.contains([':', '\\']) {
        return text.to_owned();
    }
    text.replace("::", ".").replace('\\', ".").trim_matches('.').to_owned()
}

/// What stands between the quotes of a literal as written, prefixes (`b"…"`, `r'…'`) and triple quotes included; of a
/// heredoc and of a block of YAML the lines.
pub(crate) fn strip_quotes(text: &str) -> &str {
    let body = text.trim_start_matches(|c: char| c.is_ascii_alphabetic() || matches!(c, '@' | '$'));
    // `r##"…"##`
    let hashes = body.len() - body.trim_start_matches('#').len();
    let body = match body.get(hashes..body.len().saturating_sub(hashes)) {
        Some(inner) if hashes > 0 && inner.starts_with('"') => inner,
        _ => body,
    };
    for quote in ["\"\"\"", "'''", "\"", "'", "`"] {
        if let Some(rest) = body.strip_prefix(quote) {
            let whole = rest.strip_suffix(quote);
            // `it's` is a word of YAML and of Bash, not a string that lacks its end.
            return whole.unwrap_or(if body.len() < text.len() { text } else { rest });
        }
    }
    lines_within(text).unwrap_or(text)
}

/// The lines of a heredoc (`<<EOF`) or a block of YAML (`|`, `>-`).
fn lines_within(text: &str) -> Option<&str> {
    let (head, lines) = text.split_once('\n').unwrap_or((text, &text[text.len()..]));
    let head = head.trim();
    if let Some(block) = head.strip_prefix(['|', '>']) {
        let block = block.split('#').next().unwrap_or("").trim_end();
        let marks = block.chars().all(|c| matches!(c, '+' | '-' | '1'..='9'));
        return (marks && head.len() + lines.len() > 1).then_some(lines);
    }
    let end = head.strip_prefix("<<")?.trim_start_matches(['<', '-', '~', '"', '\'']);
    let end = end.trim_end_matches(['"', '\'']);
    let named = !end.is_empty() && end.chars().all(|c| c.is_alphanumeric() || c == '_');
    let (lines, last) = lines.rsplit_once('\n').unwrap_or(("", lines));
    (named && last.trim() == end).then_some(lines)
}

/// Iterator of [`Ast::children`].
#[derive(Clone)]
pub(crate) struct Children<'a> {
    ast: &'a Ast,
    next: NodeId,
    end: NodeId,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        if self.next >= self.end {
            return None;
        }
        let id = self.next;
        self.next += self.ast.node(id).size;
        Some(id)
    }
}

#[cfg(test)]
mod tests;
