//! From tree-sitter's tree to [`Ast`], in one cursor walk without recursion.

mod finish;
mod leaves;

use ropey::Rope;
use smallvec::SmallVec;
use tree_sitter::TreeCursor;

use super::{Ast, Kind, Node, NodeId, Slot, hash_text, strip_quotes};
use crate::language::{Role, Table};

/// Nodes nested deeper than this are not followed: everything that reads the tree may then recurse.
const MAX_DEPTH: usize = 256;

/// Lowers the subtree under `root`.
pub(crate) fn lower(root: tree_sitter::Node<'_>, rope: &Rope, table: &Table) -> Ast {
    let range = root.byte_range();
    let text = rope.byte_slice(range.clone()).to_string();
    let mut builder = Builder { ast: Ast { nodes: Vec::new(), text }, base: range.start, open: Vec::new() };
    let mut cursor = root.walk();
    builder.walk(&mut cursor, table);
    builder.ast
}

/// A node of the grammar whose children are being visited.
struct Frame {
    raw: u16,
    /// The node it became, or its nearest ancestor that became one.
    id: NodeId,
    /// Whether it became a node (else its children belong to `id`).
    owner: bool,
    /// For the children of a node that left its place to them.
    inherited: Slot,
    /// Children without a field seen so far.
    position: usize,
    /// [`Role::First`]: only the first named child counts.
    first_only: bool,
    /// [`Role::Several`]: the only child is what the node would have been.
    alone: bool,
    /// [`Role::Words`]: what the words between its children become.
    words: Option<Kind>,
    /// [`Role::Tokens`].
    tokens: bool,
    /// [`Role::Merge`]: the last child has no node of its own.
    merge: bool,
    /// [`Role::MethodCall`]: the member that the receiver and the method belong to, while it is open.
    member: Option<NodeId>,
    is_call: bool,
    /// [`Role::Boxed`]: the node around.
    around: Option<NodeId>,
    /// [`Role::Statements`]
    statements: bool,
    /// What a sign among the children opened: those behind it belong to it.
    opened: Option<NodeId>,
    /// The nodes that the suffixes still to come become, the next one last.
    suffixes: SmallVec<[NodeId; 4]>,
}

struct Builder {
    ast: Ast,
    base: usize,
    open: Vec<Frame>,
}

impl Builder {
    fn walk(&mut self, cursor: &mut TreeCursor<'_>, table: &Table) {
        loop {
            if self.enter(cursor, table) {
                if cursor.goto_first_child() {
                    continue;
                }
                self.leave();
            }
            loop {
                if cursor.goto_next_sibling() {
                    break;
                }
                if !cursor.goto_parent() {
                    return;
                }
                self.leave();
            }
        }
    }

    /// Visits one node; returns whether its children are to be visited, and then a frame is open for it.
    fn enter(&mut self, cursor: &TreeCursor<'_>, table: &Table) -> bool {
        let node = cursor.node();
        let raw = node.kind_id();
        let role = table.role(raw);
        let field = cursor.field_id().map(|id| id.get());
        let mut slot = Slot::None;
        let mut parent = None;
        if let Some(frame) = self.open.last_mut() {
            slot = table.slot(frame.raw, field, raw, frame.position);
            if slot == Slot::Operator {
                let range = node.byte_range();
                let text = &self.ast.text[range.start - self.base..range.end - self.base];
                let id = frame.id as usize;
                match self.ast.nodes[id].kind {
                    // `=` and `+=` are one kind of node in some grammars.
                    Kind::Assign if matches!(text, "=" | ":=") => {}
                    Kind::Assign => {
                        self.ast.nodes[id].kind = Kind::AugAssign;
                        self.ast.nodes[id].hash = hash_text(text);
                    }
                    _ => self.ast.nodes[id].hash = hash_text(text),
                }
                return false;
            }
            if let Some(kind) = frame.words
                && !node.is_named()
                && !node.is_missing()
            {
                let (slot, owner) = (frame.inherited, frame.id);
                let id = self.push(&node, kind, slot, Some(owner));
                self.hash_leaf(id);
                return false;
            }
            if frame.tokens && !node.is_named() {
                let range = node.byte_range();
                let text = &self.ast.text[range.start - self.base..range.end - self.base];
                let known = &mut self.ast.nodes[frame.id as usize].hash;
                // The same token again says nothing new: `a | b | c`.
                *known |= hash_text(text);
                return false;
            }
            let is_word = matches!(role, Role::Word(_)) && slot != Slot::Ignored;
            let ignored = (!node.is_named() && !is_word) || node.is_missing() || slot == Slot::Ignored;
            if ignored || role == Role::Skip || (frame.first_only && frame.position > 0) {
                if slot == Slot::Ignored && field.is_none() && node.is_named() {
                    frame.position += 1;
                }
                return false;
            }
            if (field.is_none() && table.kind_child(frame.raw, raw).is_none()) || frame.first_only {
                frame.position += 1;
            }
            if frame.inherited != Slot::None || frame.alone {
                slot = frame.inherited;
            }
            if frame.is_call && frame.member.is_none() && slot == Slot::Property {
                slot = Slot::Callee;
            }
            let mut owner = frame.opened.unwrap_or(frame.id);
            if let Some(member) = frame.member {
                if matches!(slot, Slot::Object | Slot::Property) {
                    owner = member;
                } else {
                    frame.member = None;
                    close(&mut self.ast, member);
                }
            }
            if frame.merge && slot == Slot::Body {
                let id = frame.id;
                if let Role::Node(kind) = role {
                    self.ast.nodes[id as usize].kind = kind;
                    self.ast.nodes[id as usize].raw = raw;
                }
                self.open(raw, id, false);
                return true;
            }
            parent = Some(owner);
            if let Role::Suffix(_) = role
                && let Some(id) = frame.suffixes.pop()
            {
                self.open(raw, id, true);
                return true;
            }
        }
        if table.has_suffixes() && !matches!(role, Role::Skip | Role::Suffix(_)) {
            (slot, parent) = self.before_suffixes(cursor, slot, parent, table);
        }
        match (role, parent) {
            (Role::Skip, _) => false,
            (Role::Top, Some(id)) => {
                self.open(raw, id, false);
                true
            }
            (Role::Opens(kind), Some(id)) => {
                let opened = self.push(&node, kind, slot, parent);
                self.ast.nodes[opened as usize].end = self.ast.node(id).end;
                if let Some(frame) = self.open.last_mut() {
                    frame.opened = Some(opened);
                }
                false
            }
            (Role::Several(kind), _) if node.named_child_count() > 1 => {
                let id = self.push(&node, kind, slot, parent);
                self.open(raw, id, true);
                true
            }
            // Tokens that are no list of arguments are a language of their own.
            (Role::Inline, Some(_)) if table.is_macro_tokens(raw) && !is_list(&node) => false,
            (Role::Turns(kind), Some(id)) => {
                self.ast.nodes[id as usize].kind = kind;
                self.open(raw, id, false);
                true
            }
            (Role::Inline | Role::First | Role::Several(_) | Role::Words(_), Some(id)) => {
                let frame = self.open(raw, id, false);
                frame.inherited = slot;
                frame.first_only = role == Role::First;
                frame.alone = matches!(role, Role::Several(_));
                frame.words = if let Role::Words(kind) = role { Some(kind) } else { None };
                true
            }
            (
                Role::Inline | Role::First | Role::Several(_) | Role::Turns(_) | Role::Top | Role::Words(_),
                None,
            ) => {
                let id = self.push(&node, Kind::Module, slot, parent);
                self.open(raw, id, true);
                true
            }
            (Role::Leaf(kind) | Role::Word(kind), _) => {
                let id = self.push(&node, kind, slot, parent);
                if slot == Slot::Callee
                    && self.open.last().is_some_and(|frame| table.is_macro_call(frame.raw))
                    && self.ast.text[self.ast.range(id).end..].starts_with('!')
                {
                    self.ast.nodes[id as usize].end += 1;
                }
                self.hash_leaf(id);
                if table.any_case(raw) {
                    self.fold_case(id);
                }
                false
            }
            (Role::Name, _) => {
                let range = node.byte_range();
                let kind = match &self.ast.text[range.start - self.base..range.end - self.base] {
                    "true" | "false" => Kind::Bool,
                    "null" => Kind::Null,
                    _ => Kind::Ident,
                };
                let id = self.push(&node, kind, slot, parent);
                self.hash_leaf(id);
                false
            }
            (Role::Marked(kind), _) => {
                let id = self.push(&node, kind, slot, parent);
                let sign = self.ast.text(id).chars().next().map_or(0, char::len_utf8);
                self.ast.nodes[id as usize].start += sign as u32;
                self.hash_leaf(id);
                false
            }
            (Role::Merge, _) => {
                let id = self.push(&node, Kind::Other, slot, parent);
                self.open(raw, id, true).merge = true;
                true
            }
            (
                Role::Node(_)
                | Role::MethodCall
                | Role::KeywordCall
                | Role::Boxed(..)
                | Role::Tokens(_)
                | Role::Quoted(_)
                | Role::Suffix(_)
                | Role::Statements(_),
                _,
            ) if self.open.len() >= MAX_DEPTH => {
                self.push(&node, Kind::Opaque, slot, parent);
                false
            }
            (Role::MethodCall, _) => {
                if !has_arguments(&node, table) {
                    let id = self.push(&node, Kind::Member, slot, parent);
                    self.open(raw, id, true);
                    return true;
                }
                let id = self.push(&node, Kind::Call, slot, parent);
                let member = self.callee(&node, id, table);
                let frame = self.open(raw, id, true);
                (frame.member, frame.is_call) = (member, member.is_none());
                true
            }
            (Role::Symbol, _) => {
                if slot == Slot::Key {
                    let id = self.push(&node, Kind::Ident, slot, parent);
                    self.ast.nodes[id as usize].start += u32::from(self.ast.text(id).starts_with(':'));
                    self.hash_leaf(id);
                    return false;
                }
                let id = self.push(&node, Kind::Other, slot, parent);
                let name = self.push(&node, Kind::Ident, Slot::Name, Some(id));
                self.ast.nodes[id as usize].size = 2;
                let colon = u32::from(self.ast.text(name).starts_with(':'));
                self.ast.nodes[name as usize].start += colon;
                self.hash_leaf(name);
                false
            }
            (Role::Tokens(kind), _) => {
                let id = self.push(&node, kind, slot, parent);
                self.open(raw, id, true).tokens = true;
                true
            }
            (Role::Quoted(kind), _) => {
                let id = self.push(&node, kind, slot, parent);
                self.open(raw, id, true);
                true
            }
            (Role::KeywordCall, _) => {
                let id = self.push(&node, Kind::Call, slot, parent);
                if let Some(word) = node.child(0).filter(|word| !word.is_named()) {
                    let callee = self.push(&word, Kind::Ident, Slot::Callee, Some(id));
                    self.hash_leaf(callee);
                    self.fold_case(callee);
                }
                self.open(raw, id, true);
                true
            }
            (Role::Boxed(outer, inner), _) => {
                let around = self.push(&node, outer, slot, parent);
                let id = self.push(&node, inner, Slot::None, Some(around));
                self.open(raw, id, true).around = Some(around);
                true
            }
            (Role::Statements(kind), _) => {
                let id = self.push(&node, kind, slot, parent);
                self.open(raw, id, true).statements = true;
                true
            }
            (Role::Embedded(language), _) => {
                let id = self.push(&node, Kind::Block, slot, parent);
                self.embed(id, language);
                false
            }
            (Role::Split, _) => {
                self.split(&node, Slot::Decorator, parent);
                false
            }
            (Role::Interpolated, _) => {
                self.interpolated(&node, slot, parent);
                false
            }
            (Role::Spaced, _) => {
                let id = self.push(&node, Kind::Other, slot, parent);
                self.words(&node, id);
                false
            }
            (Role::Node(kind) | Role::Opens(kind) | Role::Suffix(kind), _) => {
                let id = self.push(&node, kind, slot, parent);
                if node.child_count() == 0 {
                    self.hash_leaf(id);
                    return false;
                }
                self.open(raw, id, true);
                true
            }
        }
    }

    /// Opens the nodes that the suffixes of this node become; returns its own place in them.
    fn before_suffixes(
        &mut self,
        cursor: &TreeCursor<'_>,
        slot: Slot,
        parent: Option<NodeId>,
        table: &Table,
    ) -> (Slot, Option<NodeId>) {
        let Some(first) = parent else { return (slot, parent) };
        let mut ahead = cursor.clone();
        let mut suffixes: SmallVec<[(tree_sitter::Node<'_>, Kind); 4]> = SmallVec::new();
        while ahead.goto_next_sibling() {
            match table.role(ahead.node().kind_id()) {
                Role::Suffix(kind)
                    if !ahead.node().is_missing() && self.open.len() + suffixes.len() < MAX_DEPTH =>
                {
                    suffixes.push((ahead.node(), kind));
                }
                _ => break,
            }
        }
        let start = (cursor.node().start_byte() - self.base) as u32;
        let (mut slot, mut parent) = (slot, first);
        let mut opened = SmallVec::new();
        for (node, kind) in suffixes.iter().rev() {
            parent = self.push(node, *kind, slot, Some(parent));
            self.ast.nodes[parent as usize].start = start;
            slot = Slot::Object;
            opened.push(parent);
        }
        if let Some(frame) = self.open.last_mut() {
            frame.suffixes = opened;
        }
        (slot, Some(parent))
    }

    /// Opens the callee of a call that names its receiver itself.
    fn callee(&mut self, call: &tree_sitter::Node<'_>, id: NodeId, table: &Table) -> Option<NodeId> {
        let mut cursor = call.walk();
        let mut range: Option<(usize, usize)> = None;
        let mut receiver = false;
        if cursor.goto_first_child() {
            loop {
                let field = cursor.field_id().map(|id| id.get());
                let slot = table.slot(call.kind_id(), field, cursor.node().kind_id(), usize::MAX);
                if cursor.node().is_named() && matches!(slot, Slot::Object | Slot::Property) {
                    let own = cursor.node().byte_range();
                    receiver |= slot == Slot::Object;
                    range = Some((range.map_or(own.start, |(start, _)| start), own.end));
                }
                if !cursor.goto_next_sibling() {
                    break;
                }
            }
        }
        let (start, end) = range.filter(|_| receiver)?;
        let member = self.push(call, Kind::Member, Slot::Callee, Some(id));
        let node = &mut self.ast.nodes[member as usize];
        (node.start, node.end) = ((start - self.base) as u32, (end - self.base) as u32);
        Some(member)
    }

    fn leave(&mut self) {
        let Some(frame) = self.open.pop() else { return };
        if !frame.owner {
            return;
        }
        let id = frame.id;
        for part in frame.member.into_iter().chain(frame.opened) {
            close(&mut self.ast, part);
        }
        let size = self.ast.nodes.len() as u32 - id;
        self.ast.nodes[id as usize].size = size;
        if frame.statements {
            self.close_statements(id);
        }
        if let Some(around) = frame.around {
            self.ast.nodes[around as usize].size = size + 1;
        }
        self.finish(id);
    }

    fn hash_leaf(&mut self, id: NodeId) {
        let text = self.ast.text(id);
        let hash = match self.ast.kind(id) {
            Kind::Str => hash_text(strip_quotes(text)),
            // Where case matters in such a word there is only one way to write it.
            Kind::Bool | Kind::Null if text.bytes().any(|b| b.is_ascii_uppercase()) => {
                hash_text(&text.to_ascii_lowercase())
            }
            _ => hash_text(text),
        };
        self.ast.nodes[id as usize].hash = hash;
    }

    fn fold_case(&mut self, id: NodeId) {
        let text = self.ast.text(id);
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            self.ast.nodes[id as usize].hash = hash_text(&text.to_ascii_lowercase());
        }
    }

    fn push(
        &mut self,
        node: &tree_sitter::Node<'_>,
        kind: Kind,
        slot: Slot,
        parent: Option<NodeId>,
    ) -> NodeId {
        let id = self.ast.nodes.len() as NodeId;
        self.ast.nodes.push(Node {
            kind,
            slot,
            raw: node.kind_id(),
            start: (node.start_byte() - self.base) as u32,
            end: (node.end_byte() - self.base) as u32,
            size: 1,
            parent: parent.unwrap_or(id),
            hash: 0,
        });
        id
    }

    fn open(&mut self, raw: u16, id: NodeId, owner: bool) -> &mut Frame {
        let frame = Frame {
            raw,
            id,
            owner,
            inherited: Slot::None,
            position: 0,
            first_only: false,
            alone: false,
            words: None,
            tokens: false,
            merge: false,
            member: None,
            is_call: false,
            around: None,
            statements: false,
            opened: None,
            suffixes: SmallVec::new(),
        };
        self.open.push(frame);
        self.open.last_mut().expect("a frame was pushed just now")
    }
}

/// Whether a call that names its method itself has arguments, parentheses or a block.
fn has_arguments(call: &tree_sitter::Node<'_>, table: &Table) -> bool {
    let mut cursor = call.walk();
    let mut more = cursor.goto_first_child();
    while more {
        let field = cursor.field_id().map(|id| id.get());
        let slot = table.slot(call.kind_id(), field, cursor.node().kind_id(), usize::MAX);
        if matches!(slot, Slot::Arg | Slot::Body) {
            return true;
        }
        more = cursor.goto_next_sibling();
    }
    false
}

fn close(ast: &mut Ast, member: NodeId) {
    ast.nodes[member as usize].size = ast.nodes.len() as u32 - member;
}

/// Whether the tokens of a macro call are arguments between commas.
fn is_list(tokens: &tree_sitter::Node<'_>) -> bool {
    let mut cursor = tokens.walk();
    let mut after_comma = true;
    let mut more = cursor.goto_first_child();
    more = more && cursor.goto_next_sibling();
    while more {
        let comma = cursor.node().kind() == ",";
        if comma && after_comma {
            return false;
        }
        after_comma = comma;
        more = cursor.goto_next_sibling();
    }
    true
}
