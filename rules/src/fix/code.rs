//! The file as a fixer reads it: nodes with their text, and the text between them.

use std::ops::Range;

use super::FixContext;
use crate::analyze::{At, FileView};
use crate::language::Language;
use crate::syntax::{Ast, Kind, NodeId, Slot, hash_text};

/// A file under repair. All ranges are bytes of the file.
#[derive(Clone, Copy)]
pub(super) struct Code<'a> {
    pub view: FileView<'a>,
    pub text: &'a str,
}

impl<'a> Code<'a> {
    pub fn of(context: &FixContext<'a>) -> Code<'a> {
        Code { view: context.view, text: context.text }
    }

    pub fn is_python(&self) -> bool {
        self.view.language == Language::Python
    }

    pub fn is_script(&self) -> bool {
        matches!(self.view.language, Language::JavaScript | Language::TypeScript | Language::Tsx)
    }

    pub fn ast(&self, at: At) -> &'a Ast {
        self.view.ast(at.unit)
    }

    pub fn kind(&self, at: At) -> Kind {
        self.ast(at).kind(at.node)
    }

    pub fn slot_of(&self, at: At) -> Slot {
        self.ast(at).node(at.node).slot
    }

    pub fn range(&self, at: At) -> Range<usize> {
        self.view.range(at)
    }

    pub fn str(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or("")
    }

    pub fn source(&self, at: At) -> &'a str {
        self.view.text(at)
    }

    pub fn child(&self, at: At, slot: Slot) -> Option<At> {
        self.ast(at).slot(at.node, slot).map(|node| At { node, ..at })
    }

    pub fn children(&self, at: At) -> Vec<At> {
        self.ast(at).children(at.node).map(|node| At { node, ..at }).collect()
    }

    pub fn args(&self, call: At) -> Vec<At> {
        self.ast(call).slots(call.node, Slot::Arg).map(|node| At { node, ..call }).collect()
    }

    /// The keyword argument of that name (Python): the whole argument and its value.
    pub fn keyword(&self, call: At, name: &str) -> Option<(At, At)> {
        self.args(call).into_iter().find_map(|arg| {
            let is = self.kind(arg) == Kind::Keyword && self.source(self.child(arg, Slot::Name)?) == name;
            is.then_some(())?;
            Some((arg, self.child(arg, Slot::Value)?))
        })
    }

    /// The property of that name in an object or dictionary literal: the pair and its value.
    pub fn property(&self, object: At, name: &str) -> Option<(At, At)> {
        self.children(object).into_iter().find_map(|pair| {
            let key = self.child(pair, Slot::Key)?;
            (self.kind(pair) == Kind::Pair && crate::syntax::strip_quotes(self.source(key)) == name)
                .then_some(())?;
            Some((pair, self.child(pair, Slot::Value)?))
        })
    }

    pub fn parent(&self, at: At) -> Option<At> {
        self.ast(at).parent(at.node).map(|node| At { node, ..at })
    }

    /// The node itself, its parent … the root of its unit.
    pub fn with_ancestors(&self, at: At) -> impl Iterator<Item = At> + 'a {
        let ast = self.ast(at);
        std::iter::once(at.node).chain(ast.ancestors(at.node)).map(move |node| At { node, ..at })
    }

    pub fn subtree(&self, at: At) -> impl Iterator<Item = At> + use<'a> {
        self.ast(at).subtree(at.node).map(move |node: NodeId| At { node, ..at })
    }

    pub fn has_operator(&self, at: At, operator: &str) -> bool {
        self.ast(at).node(at.node).hash == hash_text(operator)
    }

    /// The nearest call at or above a node.
    pub fn call_at(&self, at: At) -> Option<At> {
        self.with_ancestors(at).find(|&at| matches!(self.kind(at), Kind::Call | Kind::New))
    }

    /// What is called. The grammar of TypeScript reads `await f<T>(x)` as a call of `await f`.
    pub fn callee(&self, call: At) -> Option<At> {
        let callee = self.child(call, Slot::Callee)?;
        if self.kind(callee) == Kind::Await { self.child(callee, Slot::Value) } else { Some(callee) }
    }

    /// The last name of what is called: `query` of `this.db.query(…)`.
    pub fn method(&self, call: At) -> Option<&'a str> {
        let callee = self.callee(call)?;
        match self.kind(callee) {
            Kind::Ident => Some(self.source(callee)),
            Kind::Member => self.child(callee, Slot::Property).map(|name| self.source(name)),
            _ => None,
        }
    }

    /// `this.db` of `this.db.query(…)`.
    pub fn receiver(&self, call: At) -> Option<At> {
        let callee = self.callee(call)?;
        (self.kind(callee) == Kind::Member).then(|| self.child(callee, Slot::Object)).flatten()
    }

    /// The full name of an imported name or of members of it.
    pub fn qualified(&self, at: At) -> Option<String> {
        self.view.names.qualified(self.ast(at), at.node)
    }

    /// The statement that holds a node: the ancestor whose parent is a block, a module or a branch.
    pub fn statement(&self, at: At) -> At {
        let mut statement = at;
        for above in self.with_ancestors(at).skip(1) {
            if self.holds_statements(above, statement) {
                break;
            }
            statement = above;
        }
        statement
    }

    /// The list of statements that a node stands in. `None` at the top level, where every statement is a
    /// unit of its own.
    pub fn block(&self, at: At) -> Option<At> {
        self.parent(self.statement(at)).filter(|&up| self.kind(up) != Kind::Module)
    }

    /// The bytes of the statement that holds a node, its semicolon included.
    pub fn statement_range(&self, at: At) -> Range<usize> {
        let range = self.range(self.statement(at));
        let semicolon = usize::from(self.text[range.end..].starts_with(';'));
        range.start..range.end + semicolon
    }

    fn holds_statements(&self, at: At, child: At) -> bool {
        match self.kind(at) {
            Kind::Block | Kind::Module => true,
            Kind::Case => self.slot_of(child) == Slot::Body,
            Kind::If => matches!(self.slot_of(child), Slot::Then | Slot::Else),
            Kind::For | Kind::ForIn | Kind::While | Kind::With | Kind::Try => {
                self.slot_of(child) == Slot::Body
            }
            // `const f = (x) => f(x)` has no statement inside, so the whole of it is the statement.
            _ => false,
        }
    }

    /// The white space that begins the line of an offset.
    pub fn indent(&self, offset: usize) -> &'a str {
        let start = self.line_start(offset);
        let line = &self.text[start..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    pub fn line_start(&self, offset: usize) -> usize {
        self.text[..offset].rfind(['\n', '\r']).map_or(0, |at| at + 1)
    }

    /// How this file ends its lines.
    pub fn newline(&self) -> &'static str {
        match self.text.find('\n') {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }

    /// An argument with what surrounds it up to the commas: parentheses of its own, `as T`.
    pub fn argument_range(&self, call: At, argument: At) -> Range<usize> {
        let node = self.range(argument);
        let args = self.args(call);
        let Some(index) = args.iter().position(|&arg| arg == argument) else { return node };
        let limit = args.get(index + 1).map_or(self.range(call).end.saturating_sub(1), |next| {
            let gap = self.str(node.end..self.range(*next).start);
            node.end + gap.find(',').unwrap_or(0)
        });
        let tail = self.str(node.end..limit.max(node.end));
        if tail.contains("//") || tail.contains("/*") || tail.contains('#') {
            return node;
        }
        let tail = tail.trim_end().trim_end_matches(',').trim_end();
        node.start..node.end + tail.len()
    }
}
