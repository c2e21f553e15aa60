//! Enumerates the ways in which a pattern fits a node.
//!
//! Every function takes what is still to be matched as its last argument `then` and calls it once for each
//! way in which its own part fits; bindings made on the way are undone when it returns. `Break` ends the
//! whole search: a visitor has seen enough, or the step budget is spent.

use std::cell::Cell;
use std::ops::ControlFlow::{self, Break, Continue};

use smallvec::SmallVec;

use super::alike::alike_in;
use super::bindings::{Binding, Bindings};
use super::compile::{Pattern, PatternHole, Root};
use super::constant::{constant_of, value_of};
use super::reaching::declares;
use super::settings::Settings;
use super::statements::is_expression;
use super::words::{
    class_word, first_word, is_arrow, is_async, is_declared, is_optional, same_declarator, same_word, stars,
};
use crate::analyze::{At, FileView};
use crate::syntax::{Ast, Kind, NodeId, Slot};

/// Whether to look for further matches.
pub(crate) type Flow = ControlFlow<()>;

/// What is still to be matched.
pub(super) type Then<'k, 'm> = &'k mut dyn FnMut(&mut Matcher<'m>) -> Flow;

/// One way in which a pattern fits.
#[derive(Clone, Debug)]
pub(crate) struct Found<'m> {
    pub first: At,
    /// The last statement of a sequence; else `first`.
    pub last: At,
    pub bindings: Bindings<'m>,
}

/// Attempts at one node end after this many comparisons. Real patterns stay far below.
const STEPS: u32 = 50_000;

/// Matches one pattern against the nodes of one file.
pub(crate) struct Matcher<'m> {
    pub(super) pattern: &'m Pattern,
    pub(super) view: &'m FileView<'m>,
    pub(super) settings: Settings,
    pub(super) bindings: Bindings<'m>,
    /// The last statement matched so far.
    pub(super) last: At,
    steps: u32,
    /// Set once anything outside of the unit has been looked at.
    pub(super) read_module: &'m Cell<bool>,
    /// A node that is matched though it may only be part of an expression: what a metavariable stands for.
    pub whole: Option<At>,
}

impl<'m> Matcher<'m> {
    pub fn new(
        pattern: &'m Pattern,
        view: &'m FileView<'m>,
        settings: Settings,
        read_module: &'m Cell<bool>,
    ) -> Matcher<'m> {
        let last = At { unit: 0, node: 0 };
        Matcher {
            pattern,
            view,
            settings,
            bindings: Bindings::new(),
            last,
            steps: 0,
            read_module,
            whole: None,
        }
    }

    /// All ways in which the pattern fits the node, given what is bound already.
    pub fn at_node(
        &mut self,
        at: At,
        bound: &Bindings<'m>,
        visit: &mut dyn FnMut(Found<'m>) -> Flow,
    ) -> Flow {
        let Root::Node(root) = self.pattern.root else { return Continue(()) };
        self.begin(bound, at);
        let flow = self.root(root, at, &mut |matcher| {
            visit(Found { first: at, last: at, bindings: matcher.bindings.clone() })
        });
        if self.spent() { Continue(()) } else { flow }
    }

    /// All ways in which a pattern of several statements fits those that start at `list[from]`.
    pub fn at_statements(
        &mut self,
        list: &[At],
        from: usize,
        bound: &Bindings<'m>,
        visit: &mut dyn FnMut(Found<'m>) -> Flow,
    ) -> Flow {
        let Root::Sequence(sequence) = &self.pattern.root else { return Continue(()) };
        self.begin(bound, list[from]);
        let flow = self.sequence(sequence, list, from, &mut |matcher| {
            visit(Found { first: list[from], last: matcher.last, bindings: matcher.bindings.clone() })
        });
        if self.spent() { Continue(()) } else { flow }
    }

    fn begin(&mut self, bound: &Bindings<'m>, at: At) {
        self.bindings = bound.clone();
        self.last = at;
        self.steps = 0;
    }

    fn spent(&self) -> bool {
        self.steps >= STEPS
    }

    pub(super) fn target(&self, at: At) -> &'m Ast {
        self.view.ast(at.unit)
    }

    pub(super) fn kind(&self, at: At) -> Kind {
        self.target(at).kind(at.node)
    }

    pub(super) fn shape_of(&self, p: NodeId) -> Kind {
        self.pattern.ast.kind(p)
    }

    pub(super) fn is_dots(&self, p: NodeId) -> bool {
        self.pattern.is_dots(p)
    }

    fn root(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let ast = self.target(t);
        if self.shape_of(p) == Kind::Block {
            // The body of a class holds no statements.
            let of_class = ast.parent(t.node).is_some_and(|parent| ast.kind(parent) == Kind::Class);
            return if of_class { Continue(()) } else { self.node(p, t, then) };
        }
        if ast.kind(t.node) == Kind::Assign && !stands_for_itself(ast, t.node) {
            return Continue(());
        }
        let declared = self.shape_of(p) == Kind::Typed && is_declared(ast, t.node);
        let names_something = self.whole != Some(t) && (declared || !stands_for_itself(ast, t.node));
        let describes_names = matches!(
            self.shape_of(p),
            Kind::Metavar
                | Kind::Typed
                | Kind::Ident
                | Kind::StrPattern
                | Kind::Deep
                | Kind::Str
                | Kind::Ellipsis
        );
        if names_something && describes_names {
            return Continue(());
        }
        if self.shape_of(p) == Kind::Assign && !self.settings.flddef_assign && self.is_field(ast, t.node) {
            let own = &self.pattern.ast;
            if !self.is_field(own, p) {
                return Continue(());
            }
        }
        let declares = || ast.parent(t.node).is_some_and(|parent| ast.kind(parent) == Kind::VarDecl);
        if self.shape_of(p) == Kind::Assign && !self.settings.vardef_assign && declares() {
            return Continue(());
        }
        let decorates = || ast.parent(t.node).is_some_and(|parent| ast.kind(parent) == Kind::Decorator);
        if !self.settings.attr_expr && decorates() {
            return Continue(());
        }
        let any_expression = matches!(self.shape_of(p), Kind::Metavar | Kind::Deep | Kind::Typed);
        if any_expression && self.whole != Some(t) && !self.has_value(t) {
            return Continue(());
        }
        self.node(p, t, then)
    }

    /// Whether an assignment declares a field, in languages where that is something else.
    fn is_field(&self, ast: &Ast, id: NodeId) -> bool {
        self.pattern.language.is_script()
            && ast.parent(id).is_some_and(|block| {
                ast.kind(block) == Kind::Block
                    && ast.parent(block).is_some_and(|class| ast.kind(class) == Kind::Class)
            })
    }

    /// Whether the node is an expression, a function without a name included.
    fn has_value(&self, t: At) -> bool {
        let ast = self.target(t);
        let kind = ast.kind(t.node);
        let typed = ast.node(t.node).slot == Slot::Type
            || ast
                .ancestors(t.node)
                .take(2)
                .any(|id| ast.kind(id) == Kind::Type || ast.node(id).slot == Slot::Type);
        let lambda = kind == Kind::Function && ast.slot(t.node, Slot::Name).is_none();
        !typed && (is_expression(kind) || kind == Kind::Other || lambda)
    }

    /// One node against one node.
    pub(super) fn node(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        self.steps += 1;
        if self.spent() {
            return Break(());
        }
        if self.settings.symbolic_propagation {
            self.through_variable(p, t, then)?;
        }
        let t = self.within_tag(p, t);
        match self.shape_of(p) {
            Kind::Metavar | Kind::Ellipsis | Kind::MetavarEllipsis | Kind::Typed => self.hole(p, t, then),
            Kind::Deep => self.deep(p, t, then),
            Kind::StrPattern => self.string(p, t, then),
            Kind::Ident | Kind::Member if self.pattern.dotted.contains_key(&p) => self.name(p, t, then),
            Kind::Ident => {
                let same = self.same_name(p, t);
                self.when(same, then)
            }
            Kind::Str | Kind::Num | Kind::Bool | Kind::Null | Kind::Regex => {
                let same = self.literal(p, t);
                self.when(same, then)
            }
            Kind::Import => self.import(p, t, then),
            Kind::Member if self.has_chain_dots(p) => self.chain(p, t, then),
            _ => self.composite(p, t, then),
        }
    }

    /// A value with a tag or a name is that value too, but for patterns that show the tag and what stands for anything.
    fn within_tag(&self, p: NodeId, t: At) -> At {
        let whole = matches!(
            self.shape_of(p),
            Kind::Metavar | Kind::Ellipsis | Kind::MetavarEllipsis | Kind::Typed | Kind::Deep | Kind::Tagged
        );
        let ast = self.target(t);
        match ast.kind(t.node) {
            Kind::Tagged if !whole => {
                ast.slot(t.node, Slot::Value).map_or(t, |node| At { unit: t.unit, node })
            }
            _ => t,
        }
    }

    /// A part of the pattern against the expression that a variable was assigned. The node that the whole
    /// pattern is matched with is never replaced: the finding belongs where the expression stands.
    fn through_variable(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let composed = !matches!(self.shape_of(p), Kind::Metavar | Kind::Ellipsis | Kind::MetavarEllipsis);
        if !composed || self.kind(t) != Kind::Ident || (self.is_root(p) && self.whole != Some(t)) {
            return Continue(());
        }
        match value_of(self.view, t, self.read_module) {
            Some(value) => self.node(p, value, then),
            None => Continue(()),
        }
    }

    pub(super) fn is_root(&self, p: NodeId) -> bool {
        match &self.pattern.root {
            Root::Node(root) => *root == p,
            Root::Sequence(statements) => statements.contains(&p),
        }
    }

    /// Whether the member is `o. ...`.
    fn has_chain_dots(&self, p: NodeId) -> bool {
        let ast = &self.pattern.ast;
        ast.slot(p, Slot::Property).is_some_and(|property| ast.kind(property) == Kind::Ellipsis)
    }

    /// `o. ...` describes `o` with any number of members and calls after it.
    fn chain(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let Some(object) = self.pattern.ast.slot(p, Slot::Object) else { return Continue(()) };
        let ast = self.target(t);
        let mut link = Some(t.node);
        while let Some(node) = link {
            self.node(object, At { unit: t.unit, node }, then)?;
            link = match ast.kind(node) {
                Kind::Member => ast.slot(node, Slot::Object),
                Kind::Call => ast
                    .slot(node, Slot::Callee)
                    .filter(|&callee| ast.kind(callee) == Kind::Member)
                    .and_then(|callee| ast.slot(callee, Slot::Object)),
                _ => None,
            };
        }
        Continue(())
    }

    pub(super) fn when(&mut self, holds: bool, then: Then<'_, 'm>) -> Flow {
        if holds { then(self) } else { Continue(()) }
    }

    fn hole(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let pattern = self.pattern;
        if self.kind(t) == Kind::StrPart && super::compile::is_interpolated(&pattern.ast, p) {
            return Continue(());
        }
        match pattern.hole(p) {
            PatternHole::Metavar(name) | PatternHole::Metavars(name) => {
                self.bind(name, Binding::Node(t), then)
            }
            PatternHole::Typed(name, wanted) => self.typed(name, wanted, t, then),
            _ => then(self),
        }
    }

    /// Goes on if the metavariable is free, or bound to the same code.
    pub(super) fn bind(&mut self, name: &'m str, binding: Binding, then: Then<'_, 'm>) -> Flow {
        if let Some((_, bound)) = self.bindings.iter().find(|(bound, _)| *bound == name) {
            let agrees = bound.agrees(&binding, self.view) || self.same_constant(bound, &binding);
            return self.when(agrees, then);
        }
        self.bindings.push((name, binding));
        let flow = then(self);
        self.bindings.pop();
        flow
    }

    /// Whether a name and a literal, or two names, hold the same.
    fn same_constant(&self, a: &Binding, b: &Binding) -> bool {
        let (&Binding::Node(a), &Binding::Node(b)) = (a, b) else { return false };
        if !self.settings.constant_propagation || (self.kind(a) != Kind::Ident && self.kind(b) != Kind::Ident)
        {
            return false;
        }
        match (constant_of(self.view, a, self.read_module), constant_of(self.view, b, self.read_module)) {
            (Some(a), Some(b)) => super::alike(self.view, a, b),
            _ => false,
        }
    }

    /// Binds to several siblings, or to none.
    pub(super) fn bind_all(&mut self, p: NodeId, all: &[At], then: Then<'_, 'm>) -> Flow {
        let pattern = self.pattern;
        let (PatternHole::Metavars(name) | PatternHole::Metavar(name)) = pattern.hole(p) else {
            return then(self);
        };
        let binding = match all {
            [] => Binding::Text { unit: self.last.unit, start: 0, end: 0 },
            [one] => Binding::Node(*one),
            [first, .., last] => Binding::Text {
                unit: first.unit,
                start: self.target(*first).node(first.node).start,
                end: if first.unit == last.unit {
                    self.target(*last).node(last.node).end
                } else {
                    self.target(*first).node(first.node).end
                },
            },
        };
        self.bind(name, binding, then)
    }

    /// `<... e ...>`: the expression itself or any below it.
    fn deep(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let Some(inner) = self.pattern.ast.slot(p, Slot::Arg) else { return Continue(()) };
        let ast = self.target(t);
        for node in ast.subtree(t.node) {
            let at = At { unit: t.unit, node };
            if node == t.node || stands_for_itself(ast, node) || self.shape_of(inner) == Kind::Pair {
                self.node(inner, at, then)?;
            }
        }
        Continue(())
    }

    /// A name without holes: the same name, or one that an import makes the same.
    fn name(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let pattern = self.pattern;
        let ast = self.target(t);
        let same = match self.shape_of(p) {
            Kind::Ident => self.same_name(p, t),
            _ => ast.kind(t.node) == Kind::Member && alike_in(&pattern.ast, p, ast, t.node),
        };
        let same = same || self.imports(t, &pattern.dotted[&p]);
        if !same && ast.kind(t.node) == Kind::Type {
            return self.without_arguments(p, t, then);
        }
        self.when(same, then)
    }

    /// `List` also describes `List<String>`.
    pub(super) fn without_arguments(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let ast = self.target(t);
        match ast.slot(t.node, Slot::Value) {
            Some(node) if ast.slot(t.node, Slot::Arg).is_some() => {
                self.node(p, At { unit: t.unit, node }, then)
            }
            _ => Continue(()),
        }
    }

    /// Whether the target is a name that an import or `require` makes stand for `full`.
    fn imports(&self, t: At, full: &str) -> bool {
        let ast = self.target(t);
        let mut head = t.node;
        while ast.kind(head) == Kind::Member {
            let Some(object) = ast.slot(head, Slot::Object) else { return false };
            head = object;
        }
        match ast.kind(head) {
            Kind::Ident if stands_for_itself(ast, t.node) || ast.node(t.node).slot == Slot::Type => {
                (self.view.names.has_namespaces()
                    && ast.dotted(t.node).is_some_and(|own| self.view.names.may_be(&own, full)))
                    || self.view.names.full(ast.node(head).hash).is_some()
                        && (self.view.names.qualified(ast, t.node).as_deref() == Some(full)
                            || self.view.names.by_package(ast, t.node).as_deref() == Some(full))
            }
            Kind::Call => self.is_full_name(ast, t.node, full),
            _ => false,
        }
    }

    fn is_full_name(&self, ast: &Ast, id: NodeId, full: &str) -> bool {
        let qualified = self.view.names.qualified(ast, id);
        qualified.is_some_and(|name| self.pattern.language.same_name(&name, full))
    }

    /// Names are equal, also where one of them is a key in quotes or a shorthand.
    fn same_name(&self, p: NodeId, t: At) -> bool {
        let node = self.target(t).node(t.node);
        let named = matches!(node.kind, Kind::Ident | Kind::Shorthand)
            || (node.kind == Kind::Str && matches!(node.slot, Slot::Key | Slot::Property));
        named && node.hash == self.pattern.ast.node(p).hash
    }

    /// A node with children.
    fn composite(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let pattern = self.pattern;
        let wanted = pattern.ast.node(p);
        let ast = self.target(t);
        let node = ast.node(t.node);
        if wanted.kind != node.kind {
            return self.across_kinds(p, t, then);
        }
        let same = match wanted.kind {
            Kind::Other => wanted.raw == node.raw && wanted.hash == node.hash,
            Kind::Comprehension => wanted.raw == node.raw,
            Kind::Modifier => wanted.hash == node.hash,
            Kind::Class => {
                same_word(pattern.ast.declared_as(p), ast.declared_as(t.node))
                    && same_word(class_word(&pattern.ast, p), class_word(ast, t.node))
            }
            Kind::While => wanted.raw == node.raw,
            Kind::Unary => {
                // `++x` is not `x++`.
                let leads = |ast: &Ast, id: NodeId| {
                    ast.children(id)
                        .next()
                        .is_some_and(|operand| ast.node(operand).start > ast.node(id).start)
                };
                wanted.hash == node.hash && leads(&pattern.ast, p) == leads(ast, t.node)
            }
            Kind::Binary | Kind::Compare | Kind::AugAssign => wanted.hash == node.hash,
            Kind::Regex | Kind::StrPart | Kind::Shorthand | Kind::Type => wanted.hash == node.hash,
            Kind::Spread => stars(pattern.ast.text(p)) == stars(ast.text(t.node)),
            Kind::Assign => {
                let own = pattern.ast.parent(p).is_some_and(|parent| self.shape_of(parent) == Kind::VarDecl);
                own || !declares(&pattern.ast, p) || declares(ast, t.node)
            }
            Kind::VarDecl if !pattern.language.is_script() => true,
            Kind::VarDecl => same_declarator(pattern.ast.text(p), ast.text(t.node), self.settings.let_is_var),
            Kind::Function => {
                (!is_async(&pattern.ast, p) || is_async(ast, t.node))
                    && (self.settings.arrow_is_function || wanted.raw == node.raw)
            }
            Kind::Opaque => false,
            Kind::Member => {
                (!is_optional(&pattern.ast, p) || is_optional(ast, t.node))
                    && is_arrow(&pattern.ast, p) == is_arrow(ast, t.node)
            }
            Kind::Template => {
                let (own, other) = (pattern.ast.text(p), ast.text(t.node));
                let words = pattern.language.definition().writing.words;
                own.starts_with('/') == other.starts_with('/')
                    && (!words || own.starts_with('"') == other.starts_with('"'))
            }
            Kind::Global => first_word(pattern.ast.text(p)) == first_word(ast.text(t.node)),
            _ => true,
        };
        if !same {
            return Continue(());
        }
        if wanted.kind == Kind::Call && self.calls_another(p, t) {
            return Continue(());
        }
        let words = pattern.language.definition().writing.words;
        if words && wanted.kind == Kind::Call {
            return self.command(p, t, then);
        }
        if wanted.kind == Kind::For && self.any_header(p) {
            return self.loop_body(p, t, then);
        }
        if wanted.kind == Kind::Binary {
            let (mut ps, mut ts) = (Chain::new(), Chain::new());
            chain(&pattern.ast, p, wanted.hash, &mut ps);
            chain(ast, t.node, wanted.hash, &mut ts);
            let ts: SmallVec<[At; 4]> = ts.iter().map(|&node| At { unit: t.unit, node }).collect();
            let dots = ps.iter().any(|&part| self.is_dots(part));
            match ast.operator(t.node) {
                // `a | b` describes how a longer pipeline begins.
                "|" | "|&" if words => {
                    let longest = if dots { ts.len() } else { ts.len().min(ps.len()) };
                    for length in ps.len().min(longest)..=longest {
                        self.ordered(&ps, &ts[..length], then)?;
                    }
                    return Continue(());
                }
                "&" | "|" | "^" => return self.any_order(&ps, &ts, true, then),
                "&&" | "||" | "and" | "or" if self.settings.commutative_boolop => {
                    return self.any_order(&ps, &ts, true, then);
                }
                "&&" | "||" | "and" | "or" | "." => return self.operands(&ps, &ts, then),
                _ if dots => return self.ordered(&ps, &ts, then),
                _ => {}
            }
        }
        self.rosters(p, t, then)?;
        if self.settings.symmetric_eq && wanted.kind == Kind::Compare || wanted.kind == Kind::Binary {
            return self.mirrored(p, t, then);
        }
        Continue(())
    }

    /// Whether the pattern can match the node, by what is quickly seen.
    pub fn may_match(&self, t: At) -> bool {
        let Root::Node(root) = self.pattern.root else { return true };
        if self.shape_of(root) != Kind::Call || self.settings.symbolic_propagation {
            return true;
        }
        match self.kind(t) {
            Kind::Call => !self.calls_another(root, t),
            Kind::Ident | Kind::Member => self.pattern.language.definition().writing.commands,
            _ => false,
        }
    }

    /// Whether a call plainly is of another name. Asked before anything else: a rule may look for hundreds of calls
    /// around every expression.
    fn calls_another(&self, p: NodeId, t: At) -> bool {
        let (own, ast) = (&self.pattern.ast, self.target(t));
        let (Some(wanted), Some(given)) = (own.slot(p, Slot::Callee), ast.slot(t.node, Slot::Callee)) else {
            return false;
        };
        let named = |ast: &Ast, id: NodeId| (ast.kind(id) == Kind::Ident).then(|| ast.node(id).hash);
        match (own.kind(wanted), ast.kind(given)) {
            (Kind::Member, Kind::Member) => {
                let method = |ast: &Ast, id| named(ast, ast.slot(id, Slot::Property)?);
                matches!((method(own, wanted), method(ast, given)), (Some(a), Some(b)) if a != b)
            }
            (Kind::Ident, Kind::Ident) => {
                own.node(wanted).hash != ast.node(given).hash
                    && self.view.names.full(ast.node(given).hash).is_none()
                    && !self.settings.symbolic_propagation
            }
            _ => false,
        }
    }
}

/// The operands of `a + b + c`.
pub(super) type Chain = SmallVec<[NodeId; 4]>;

fn chain(ast: &Ast, id: NodeId, operator: u64, out: &mut Chain) {
    if ast.kind(id) == Kind::Binary && ast.node(id).hash == operator {
        for child in ast.children(id) {
            chain(ast, child, operator, out);
        }
    } else {
        out.push(id);
    }
}

/// Whether a node is an expression or a statement, and not only part of one: the `b` of `a.b`, the name of
/// a parameter or the key of an entry are not.
pub(crate) fn stands_for_itself(ast: &Ast, id: NodeId) -> bool {
    let node = ast.node(id);
    let named = match node.slot {
        Slot::Property | Slot::Alias | Slot::Source | Slot::Type => true,
        Slot::Name | Slot::Key | Slot::Param => matches!(node.kind, Kind::Ident | Kind::Param),
        // `int x;`
        Slot::Left => node.kind == Kind::Ident && ast.kind(node.parent) == Kind::VarDecl,
        // A modifier.
        Slot::Decorator => node.kind == Kind::Other,
        // `IFS=, read a` sets it for one command.
        Slot::Init => node.kind == Kind::Assign && ast.kind(node.parent) == Kind::Call,
        _ => false,
    };
    let box_only = matches!(
        node.kind,
        Kind::Module
            | Kind::StrPart
            | Kind::Pair
            | Kind::Keyword
            | Kind::Param
            | Kind::Decorator
            | Kind::Type
            | Kind::Catch
            | Kind::Finally
            | Kind::Case
            | Kind::JsxAttr
            | Kind::Attribute
            | Kind::ImportName
            | Kind::ForClause
            | Kind::WithItem
            | Kind::Spread
            | Kind::Default
    );
    let imported = node.parent != id
        && matches!(ast.kind(node.parent), Kind::Import | Kind::ImportName | Kind::Global)
        && matches!(node.kind, Kind::Ident | Kind::Str | Kind::Member);
    !named && !box_only && !imported
}
