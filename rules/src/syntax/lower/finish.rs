//! What becomes of a node once everything below it is known: what grammars spell differently, or misread, gets the
//! one form that patterns and flow know.

use smallvec::SmallVec;

use super::Builder;
use crate::syntax::{Kind, Node, NodeId, Slot, hash_text};

impl Builder {
    /// What a node is can depend on what was found below it.
    pub(super) fn finish(&mut self, id: NodeId) {
        match self.ast.kind(id) {
            Kind::Template => self.close_template(id),
            Kind::Call => self.close_call(id),
            Kind::Unary | Kind::AugAssign => self.close_operation(id),
            Kind::Param => self.close_parameters(id),
            Kind::Tagged => self.close_tagged(id),
            Kind::Regex => self.close_quoted(id),
            // `a+=b` where it is spelled like `a=b`.
            Kind::Assign if self.ast.node(id).hash == hash_text("+=") => {
                self.ast.nodes[id as usize].kind = Kind::AugAssign;
            }
            Kind::Assign => self.close_declarator(id),
            Kind::Type => self.close_type(id),
            _ => {}
        }
    }

    /// Puts the statements of a function into a block.
    pub(super) fn close_statements(&mut self, id: NodeId) {
        let body: Vec<NodeId> = self.ast.slots(id, Slot::Body).collect();
        let node = *self.ast.node(id);
        let block = body.first().copied().unwrap_or(self.ast.nodes.len() as NodeId);
        let (start, end) = match (body.first(), body.last()) {
            (Some(&first), Some(&last)) => (self.ast.node(first).start, self.ast.node(last).end),
            _ => (node.end, node.end),
        };
        for below in &mut self.ast.nodes[block as usize..] {
            below.parent = if below.parent == id { block } else { below.parent + 1 };
        }
        let size = self.ast.nodes.len() as u32 - block + 1;
        let own = Node { kind: Kind::Block, slot: Slot::Body, start, end, size, parent: id, hash: 0, ..node };
        self.ast.nodes.insert(block as usize, own);
        self.ast.nodes[id as usize].size += 1;
        for child in body {
            self.ast.nodes[child as usize + 1].slot = Slot::None;
        }
    }

    /// `f(x) { … }` hands the function in braces to `f` as the last argument.
    fn close_trailing(&mut self, id: NodeId) {
        let inner = id + 1;
        let (Some(callee), Some(given)) = (self.ast.slot(id, Slot::Callee), self.ast.slot(id, Slot::Arg))
        else {
            return;
        };
        let gap = self.ast.node(callee).end as usize..self.ast.node(given).start as usize;
        let apart = self.ast.text.get(gap).is_none_or(|gap| gap.contains('('));
        if callee != inner
            || self.ast.kind(callee) != Kind::Call
            || self.ast.kind(given) != Kind::Function
            || apart
            || !self.ast.text(given).starts_with('{')
        {
            return;
        }
        self.ast.nodes.remove(inner as usize);
        self.ast.nodes[id as usize].size -= 1;
        for below in &mut self.ast.nodes[inner as usize..] {
            below.parent = if below.parent == inner || below.parent == id { id } else { below.parent - 1 };
        }
    }

    /// The value is the last child; what is before it says something of it.
    fn close_tagged(&mut self, id: NodeId) {
        let children: SmallVec<[NodeId; 4]> = self.ast.children(id).collect();
        for child in children {
            let node = &mut self.ast.nodes[child as usize];
            node.slot = match node.kind {
                Kind::Type => Slot::Type,
                Kind::Decorator => Slot::Decorator,
                _ => Slot::Value,
            };
        }
    }

    /// A pair among arguments is a keyword. The grammar of JavaScript reads `await (e)` as a call.
    fn close_call(&mut self, id: NodeId) {
        self.close_trailing(id);
        let pairs: Vec<NodeId> =
            self.ast.slots(id, Slot::Arg).filter(|&child| self.ast.kind(child) == Kind::Pair).collect();
        for pair in pairs {
            self.ast.nodes[pair as usize].kind = Kind::Keyword;
            if let Some(key) = self.ast.slot(pair, Slot::Key) {
                self.ast.nodes[key as usize].slot = Slot::Name;
            }
        }
        let callee = id as usize + 1;
        let Some(node) = self.ast.nodes.get(callee) else { return };
        if node.kind != Kind::Ident || node.slot != Slot::Callee || self.ast.text(id + 1) != "await" {
            return;
        }
        self.ast.nodes[id as usize].kind = Kind::Await;
        self.ast.nodes[callee].slot = Slot::Ignored;
        if let Some(value) = self.ast.slot(id, Slot::Arg) {
            self.ast.nodes[value as usize].slot = Slot::Value;
        }
    }

    /// Where no field names the operator (`i++`), it is what stands around the operand.
    fn close_operation(&mut self, id: NodeId) {
        let node = *self.ast.node(id);
        let mut children = self.ast.children(id);
        if node.hash != 0 {
            return;
        }
        if let (Some(only), None) = (children.next(), children.next()) {
            let only = self.ast.node(only);
            let around = [node.start..only.start, only.end..node.end];
            let around: String = around
                .into_iter()
                .filter_map(|range| self.ast.text.get(range.start as usize..range.end as usize))
                .flat_map(|text| text.chars())
                .filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | ';'))
                .collect();
            // `${x}` of a shell is `$x`.
            if !around.starts_with('$') {
                self.ast.nodes[id as usize].hash = hash_text(&around);
            }
        }
    }

    /// `$name` in a string, where the grammar reads that as two pieces of text.
    fn open_names(&mut self, id: NodeId) {
        let mut part = id as usize + 1;
        while part + 1 < self.ast.nodes.len() {
            let (dollar, text) = (self.ast.nodes[part], self.ast.nodes[part + 1]);
            let both_text = dollar.kind == Kind::StrPart && text.kind == Kind::StrPart;
            if both_text && dollar.end == text.start && self.ast.text(part as u32) == "$" {
                let rest = self.ast.text(part as u32 + 1);
                let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
                if rest.starts_with(|c: char| c.is_alphabetic() || c == '_') {
                    let name = &mut self.ast.nodes[part];
                    name.kind = Kind::Ident;
                    (name.start, name.end) = (text.start, text.start + length as u32);
                    self.ast.nodes[part + 1].start += length as u32;
                    self.hash_leaf(part as u32);
                    if text.start + length as u32 == text.end {
                        self.ast.nodes.remove(part + 1);
                        self.ast.nodes[id as usize].size -= 1;
                    }
                }
            }
            part += 1;
        }
    }

    /// An interpolated string without a hole is a plain string.
    fn close_template(&mut self, id: NodeId) {
        self.open_names(id);
        if self.ast.children(id).any(|child| self.ast.kind(child) != Kind::StrPart) {
            return;
        }
        self.ast.nodes.truncate(id as usize + 1);
        self.ast.nodes[id as usize].size = 1;
        self.ast.nodes[id as usize].kind = Kind::Str;
        self.hash_leaf(id);
    }

    /// A type with arguments goes by its name.
    fn close_type(&mut self, id: NodeId) {
        if let Some(name) = self.ast.slot(id, Slot::Value)
            && self.ast.slot(id, Slot::Arg).is_some()
        {
            self.ast.nodes[id as usize].hash = self.ast.node(name).hash;
        }
    }

    /// A parameter that is written like a variable (`int... xs`) has a plain name.
    fn close_declarator(&mut self, id: NodeId) {
        let node = *self.ast.node(id);
        if node.size == 2 && node.parent != id && self.ast.kind(node.parent) == Kind::Param {
            let only = *self.ast.node(id + 1);
            self.ast.nodes.truncate(id as usize);
            self.ast.nodes.push(Node { slot: node.slot, parent: node.parent, ..only });
        }
    }

    /// `a, b T` declares two parameters: each becomes one of its own.
    fn close_parameters(&mut self, id: NodeId) {
        let names: Vec<NodeId> = self.ast.slots(id, Slot::Name).collect();
        if names.len() < 2 {
            return;
        }
        let node = *self.ast.node(id);
        let children: Vec<NodeId> = self.ast.children(id).collect();
        let below: Vec<Node> = self.ast.nodes[id as usize + 1..].to_vec();
        self.ast.nodes.truncate(id as usize);
        for name in &names {
            let own = self.ast.nodes.len() as NodeId;
            let start = below[(name - id - 1) as usize].start;
            let parent = if node.parent == id { own } else { node.parent };
            self.ast.nodes.push(Node { start, parent, ..node });
            for child in children.iter().filter(|child| *child == name || !names.contains(child)) {
                let first = (child - id - 1) as usize;
                let from = self.ast.nodes.len() as NodeId;
                for part in &below[first..first + below[first].size as usize] {
                    let parent = if part.parent == id { own } else { part.parent - child + from };
                    self.ast.nodes.push(Node { parent, ..*part });
                }
            }
            let size = self.ast.nodes.len() as u32 - own;
            self.ast.nodes[own as usize].size = size;
        }
    }

    /// A literal in which something is interpolated is a template.
    fn close_quoted(&mut self, id: NodeId) {
        if self.ast.children(id).any(|child| self.ast.kind(child) != Kind::StrPart) {
            self.ast.nodes[id as usize].kind = Kind::Template;
            return;
        }
        self.ast.nodes.truncate(id as usize + 1);
        self.ast.nodes[id as usize].size = 1;
        self.hash_leaf(id);
    }
}
