//! Enumerates the ways in which a pattern fits a node.
//!
//! Every function takes what is still to be matched as its last argument `then` and calls it once for each
//! way in which its own part fits; bindings made on the way are undone when it returns. `Break` ends the
//! whole search: a visitor has seen enough, or the step budget is spent.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::ControlFlow::{self, Break, Continue};

use smallvec::SmallVec;

use super::alike::alike_in;
use super::bindings::{Binding, Bindings, number};
use super::compile::{Pattern, PatternHole, Root};
use super::constant::{constant_number, constant_of, constant_text, is_constant_text, value_of};
use super::metavar_name;
use super::reaching::declares;
use super::statements::{is_expression, is_last, is_statement};
use super::types::{self, Annotation, annotation, type_of};
use crate::analyze::{At, FileView, package_name};
use crate::language::Language;
use crate::syntax::{Ast, Kind, NodeId, Slot, hash_text, strip_quotes};

/// Whether to look for further matches.
pub(crate) type Flow = ControlFlow<()>;

/// What is still to be matched.
pub(super) type Then<'k, 'm> = &'k mut dyn FnMut(&mut Matcher<'m>) -> Flow;

/// The equivalences that a rule can switch off under `options`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// A variable known to hold a literal matches as the literal.
    pub constant_propagation: bool,
    /// `x = 1` also describes `const x = 1`.
    pub vardef_assign: bool,
    /// `function $F() {}` also describes `const f = () => {}`.
    pub arrow_is_function: bool,
    /// An object pattern need not name all entries.
    pub implicit_ellipsis: bool,
    /// A statement that is an expression also matches inside larger expressions.
    pub implicit_deep_exprstmt: bool,
    /// `...` between statements also skips into nested blocks.
    pub go_deeper_stmt: bool,
    /// `$A == $B` also describes `b == a` where that matters to a name already bound.
    pub symmetric_eq: bool,
    /// An expression also describes what a decorator calls.
    pub attr_expr: bool,
    /// Decorators stand in the order of the pattern.
    pub decorators_order_matters: bool,
    /// `x = 1` also describes the field of a class.
    pub flddef_assign: bool,
    /// `var x` also describes `let x` and `const x`.
    pub let_is_var: bool,
    /// An element of JSX may have attributes that the pattern does not name.
    pub xml_attrs_implicit_ellipsis: bool,
    /// `<a/>` also describes `<a>…</a>`.
    pub xml_singleton_loose_matching: bool,
    /// A variable with one assigned expression also matches as that expression.
    pub symbolic_propagation: bool,
    /// `$A && $B` also describes its operands in another order.
    pub commutative_boolop: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            constant_propagation: true,
            vardef_assign: true,
            arrow_is_function: true,
            implicit_ellipsis: true,
            implicit_deep_exprstmt: true,
            go_deeper_stmt: true,
            symmetric_eq: false,
            attr_expr: true,
            decorators_order_matters: false,
            flddef_assign: true,
            let_is_var: true,
            xml_attrs_implicit_ellipsis: true,
            xml_singleton_loose_matching: true,
            symbolic_propagation: false,
            commutative_boolop: false,
        }
    }
}

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

    fn is_root(&self, p: NodeId) -> bool {
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
            PatternHole::Typed(name, wanted) => {
                if wanted.contains('$') {
                    if types::is_typed(self.view.language) {
                        let Some(parts) = types::described(self.view, t, wanted) else { return Continue(()) };
                        return self.bind_parts(&parts, &mut |matcher| {
                            matcher.bind(name, Binding::Node(t), &mut *then)
                        });
                    }
                    let Some((metavar, ty)) = self.described_type(t, wanted) else {
                        if self.has_described_type(t, wanted) {
                            return self.bind(name, Binding::Node(t), then);
                        }
                        return Continue(());
                    };
                    return self
                        .bind(metavar, ty, &mut |matcher| matcher.bind(name, Binding::Node(t), &mut *then));
                }
                if !self.has_type(t, wanted) {
                    return Continue(());
                }
                self.bind(name, Binding::Node(t), then)
            }
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
    fn without_arguments(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
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

    fn literal(&mut self, p: NodeId, t: At) -> bool {
        let wanted = self.pattern.ast.node(p);
        let node = self.target(t).node(t.node);
        if node.kind == wanted.kind {
            let same =
                || number(self.pattern.ast.text(p)).is_some_and(|own| number(self.view.text(t)) == Some(own));
            let regex = || {
                let target = self.view.text(t);
                let own = self.pattern.ast.text(p);
                own.ends_with('/') && target.rfind('/').and_then(|end| target.get(..=end)) == Some(own)
            };
            return node.hash == wanted.hash
                || (node.kind == Kind::Num && same())
                || (node.kind == Kind::Regex && regex());
        }
        if wanted.kind == Kind::Str && node.slot == Slot::Key && node.kind == Kind::Ident {
            return node.hash == wanted.hash;
        }
        // Terraform converts `"true"` and `"1"` where a truth value or a number is wanted.
        let converts = self.pattern.language == Language::Hcl;
        if converts && node.kind == Kind::Str && matches!(wanted.kind, Kind::Num | Kind::Bool) {
            return node.hash == wanted.hash;
        }
        if !self.settings.constant_propagation {
            return false;
        }
        if wanted.kind == Kind::Num
            && let Some(own) = number(self.pattern.ast.text(p))
        {
            return constant_number(self.view, t, self.read_module) == Some(own);
        }
        if wanted.kind == Kind::Str {
            return constant_text(self.view, t, self.read_module)
                .is_some_and(|text| hash_text(&text) == wanted.hash);
        }
        constant_of(self.view, t, self.read_module).is_some_and(|literal| {
            let literal = self.target(literal).node(literal.node);
            literal.kind == wanted.kind && literal.hash == wanted.hash
        })
    }

    /// `"..."`, `"$X"`, `"=~/re/"` and their like between slashes.
    fn string(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let pattern = self.pattern;
        let hole = pattern.hole(p);
        if matches!(hole, PatternHole::AnyRegex | PatternHole::RegexMetavar(_)) {
            let flags = |text: &str| text.rsplit('/').next().unwrap_or("").to_owned();
            let wanted = flags(pattern.ast.text(p));
            let template = self.kind(t) == Kind::Template && self.view.text(t).starts_with('/');
            if template && matches!(hole, PatternHole::AnyRegex) {
                return then(self);
            }
            if self.kind(t) != Kind::Regex || (!wanted.is_empty() && wanted != flags(self.view.text(t))) {
                return Continue(());
            }
            let PatternHole::RegexMetavar(name) = hole else { return then(self) };
            let text = self.view.text(t);
            let end = text.rfind('/').unwrap_or(text.len());
            return self.bind(name, part(self.view, t, 1.min(end)..end), then);
        }
        if matches!(hole, PatternHole::AnyTemplate) {
            let own = pattern.ast.text(p);
            let template = match self.kind(t) {
                Kind::Template => {
                    !self.pattern.language.definition().writing.words || self.view.text(t).starts_with('"')
                }
                Kind::Str => super::compile::interpolates(self.view.text(t)) || own.starts_with('`'),
                _ => false,
            };
            return self.when(template, then);
        }
        let literal = match self.kind(t) {
            Kind::Str => t,
            Kind::Ident | Kind::Member if self.settings.constant_propagation => {
                match constant_of(self.view, t, self.read_module) {
                    Some(literal) if self.kind(literal) == Kind::Str => literal,
                    _ => return self.computed_string(hole, t, then),
                }
            }
            _ => return self.computed_string(hole, t, then),
        };
        let text = self.view.text(literal);
        let content = strip_quotes(text);
        match hole {
            PatternHole::AnyString => then(self),
            PatternHole::StringRegex(regex) => {
                let decoded = decoded(self.pattern.language, text, content);
                self.when(regex.is_match(&decoded), then)
            }
            PatternHole::StringMetavar(name) => {
                let start = content.as_ptr() as usize - text.as_ptr() as usize;
                self.bind(name, part(self.view, literal, start..start + content.len()), then)
            }
            _ => Continue(()),
        }
    }

    /// A string that is put together from constants.
    fn computed_string(&mut self, hole: &'m PatternHole, t: At, then: Then<'_, 'm>) -> Flow {
        if !self.settings.constant_propagation {
            return Continue(());
        }
        if matches!(hole, PatternHole::AnyString) {
            let constant = is_constant_text(self.view, t, self.read_module);
            return self.when(constant, then);
        }
        if let (Kind::Template, PatternHole::StringRegex(regex)) = (self.kind(t), hole) {
            let ast = self.target(t);
            let found = ast
                .children(t.node)
                .any(|part| ast.kind(part) == Kind::StrPart && regex.is_match(ast.text(part)));
            return self.when(found, then);
        }
        let Some(text) = constant_text(self.view, t, self.read_module) else { return Continue(()) };
        match hole {
            PatternHole::StringRegex(regex) => self.when(regex.is_match(&text), then),
            PatternHole::StringMetavar(name) => self.bind(name, Binding::Node(t), then),
            _ => Continue(()),
        }
    }

    fn has_type(&self, t: At, wanted: &str) -> bool {
        let Some(ty) = type_of(self.view, t, self.read_module) else { return false };
        wanted.split('|').any(|wanted| self.same_type(&ty, wanted) || types::same(self.view, &ty, wanted))
    }

    /// What `$T` of `$T *` stands for in the type that the code states.
    fn described_type(&self, t: At, wanted: &'m str) -> Option<(&'m str, Binding)> {
        let at = wanted.find('$')?;
        let length = 1 + metavar_name(&wanted[at..])?.len();
        let (before, after) = (wanted[..at].trim(), wanted[at + length..].trim());
        let ast = self.target(t);
        let Annotation { node, marks } =
            (ast.kind(t.node) == Kind::Ident).then(|| annotation(ast, t.node))??;
        let text = ast.text(node);
        let inner = text.trim_start_matches([':', ' ']).strip_prefix(before)?;
        if after.is_empty() && before.is_empty() && marks.starts_with(['*', '&']) {
            // The marks stand between the type and the name.
            let start = ast.node(node).start;
            let from = ast.node(node).end as usize;
            let end = from + ast.text.get(from..)?.find(marks.as_str())? + marks.len();
            let binding = Binding::Text { unit: t.unit, start, end: end as u32 };
            return Some((&wanted[at..at + length], binding));
        }
        let inner = match marks.is_empty() {
            true => inner.strip_suffix(after)?.trim(),
            false if marks == after => inner.trim(),
            false => return None,
        };
        let start = ast.node(node).start + (inner.as_ptr() as usize - text.as_ptr() as usize) as u32;
        let binding = Binding::Text { unit: t.unit, start, end: start + inner.len() as u32 };
        Some((&wanted[at..at + length], binding))
    }

    /// Whether an expression without a name has a type of that form. What `$T` is then stays open, unless it is known.
    fn has_described_type(&self, t: At, wanted: &str) -> bool {
        let ast = self.target(t);
        let Some((before, rest)) = wanted.split_once('$') else { return false };
        let after = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').trim();
        if ast.kind(t.node) == Kind::Ident && annotation(ast, t.node).is_some() {
            return false;
        }
        if ast.kind(t.node) == Kind::Null {
            return after.contains('*');
        }
        let Some(ty) = type_of(self.view, t, self.read_module) else { return false };
        let inner = ty.trim().strip_prefix(before.trim()).and_then(|ty| ty.trim().strip_suffix(after));
        let name = &wanted[before.len()..wanted.len() - after.len()];
        inner.is_some_and(|inner| {
            let known = self.bindings.iter().find(|(bound, _)| *bound == name.trim());
            known.is_none_or(|(_, binding)| binding.text(self.view) == inner.trim())
        })
    }

    /// Binds what the metavariables of a type stand for.
    fn bind_parts(&mut self, parts: &[(&'m str, Binding)], then: Then<'_, 'm>) -> Flow {
        let Some(((name, binding), rest)) = parts.split_first() else { return then(self) };
        self.bind(name, binding.clone(), &mut |matcher| matcher.bind_parts(rest, then))
    }

    /// Whether two types are the same as written, by another name of a literal's type, or by what is imported.
    fn same_type(&self, ty: &str, wanted: &str) -> bool {
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let (ty, wanted) = (bare(ty), bare(wanted));
        if ty == wanted || (ty == "number" && matches!(wanted.as_str(), "int" | "float")) {
            return true;
        }
        // `*`, `[]` and their like stand before the name.
        let name_of = |text: &str| text.find(|c: char| c.is_alphabetic() || c == '_').unwrap_or(text.len());
        let ((before, name), (own_before, own)) =
            (ty.split_at(name_of(&ty)), wanted.split_at(name_of(&wanted)));
        if before != own_before {
            return false;
        }
        let (head, rest) = name.split_once('.').map_or((name, ""), |(head, rest)| (head, rest));
        self.view.names.full(hash_text(head)).is_some_and(|full| {
            let below = |full: &str| if rest.is_empty() { full.to_owned() } else { format!("{full}.{rest}") };
            below(full) == own || below(package_name(full)) == own
        })
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

    /// A command: its words in order, the first one included.
    fn command(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let is_word = |slot| matches!(slot, Slot::Callee | Slot::Arg);
        let own = &self.pattern.ast;
        let ast = self.target(t);
        let wanted: Chain = own.children(p).filter(|&child| is_word(own.node(child).slot)).collect();
        let given = ast.children(t.node).filter(|&child| is_word(ast.node(child).slot));
        let given: SmallVec<[At; 4]> = given.map(|node| At { unit: t.unit, node }).collect();
        self.ordered(&wanted, &given, then)
    }

    /// `for (...)`.
    fn any_header(&self, p: NodeId) -> bool {
        let ast = &self.pattern.ast;
        let dots = |slot| ast.slot(p, slot).is_some_and(|id| ast.kind(id) == Kind::Ellipsis);
        dots(Slot::Init) && ast.slot(p, Slot::Cond).is_none() && ast.slot(p, Slot::Update).is_none()
    }

    fn loop_body(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let (own, body) = (self.pattern.ast.slot(p, Slot::Body), self.target(t).slot(t.node, Slot::Body));
        match (own, body) {
            (Some(own), Some(node)) => self.node(own, At { unit: t.unit, node }, then),
            _ => Continue(()),
        }
    }

    /// `$A == $B` read from right to left.
    fn mirrored(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        if !self.settings.symmetric_eq {
            return Continue(());
        }
        let pattern = self.pattern;
        let ast = self.target(t);
        if !matches!(ast.operator(t.node), "==" | "===" | "!=" | "!==") {
            return Continue(());
        }
        let sides = |ast: &Ast, id| Some((ast.slot(id, Slot::Left)?, ast.slot(id, Slot::Right)?));
        let (Some((a, b)), Some((left, right))) = (sides(&pattern.ast, p), sides(ast, t.node)) else {
            return Continue(());
        };
        let at = |node| At { unit: t.unit, node };
        self.node(a, at(right), &mut |matcher| matcher.node(b, at(left), then))
    }

    /// The operands of an associative operator: a metavariable may stand for several of them.
    fn operands(&mut self, wanted: &[NodeId], given: &[At], then: Then<'_, 'm>) -> Flow {
        let Some((&p, rest)) = wanted.split_first() else { return self.when(given.is_empty(), then) };
        let dots = self.is_dots(p);
        if !dots && self.shape_of(p) != Kind::Metavar {
            let Some((&t, others)) = given.split_first() else { return Continue(()) };
            return self.node(p, t, &mut |matcher| matcher.operands(rest, others, then));
        }
        let most = given.len().saturating_sub(rest.len());
        for taken in usize::from(!dots)..=most {
            let (own, others) = given.split_at(taken);
            self.bind_all(p, own, &mut |matcher| matcher.operands(rest, others, then))?;
        }
        Continue(())
    }

    /// What is written differently and means the same.
    fn across_kinds(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let pattern = self.pattern;
        let ast = self.target(t);
        let at = |node| At { unit: t.unit, node };
        match (self.shape_of(p), ast.kind(t.node)) {
            // `const f = () => {}` is `function f() {}`.
            (Kind::Function, Kind::Assign) if self.settings.arrow_is_function => {
                let (Some(name), Some(right)) =
                    (pattern.ast.slot(p, Slot::Name), ast.slot(t.node, Slot::Right))
                else {
                    return Continue(());
                };
                let Some(left) = ast.slot(t.node, Slot::Left) else { return Continue(()) };
                if ast.kind(right) != Kind::Function || ast.kind(left) != Kind::Ident {
                    return Continue(());
                }
                self.node(name, at(left), &mut |matcher| matcher.rosters_but(p, at(right), Slot::Name, then))
            }
            // What is written with braces or brackets may be computed.
            (Kind::Object, Kind::Set) | (Kind::Array, Kind::Comprehension) => {
                let mut entries = pattern.ast.children(p);
                let only_dots =
                    entries.next().is_some_and(|entry| self.is_dots(entry)) && entries.next().is_none();
                let list = self.shape_of(p) != Kind::Array || ast.text(t.node).starts_with('[');
                self.when(only_dots && list, then)
            }
            // `except (..., E, ...)` describes `except E`.
            (Kind::Tuple, _)
                if pattern.ast.parent(p).is_some_and(|parent| pattern.ast.kind(parent) == Kind::Catch) =>
            {
                let wanted: Chain = pattern.ast.children(p).collect();
                self.ordered(&wanted, &[t], then)
            }
            (Kind::For, Kind::ForIn) if self.any_header(p) => self.loop_body(p, t, then),
            // `for ... {}`, where one keyword begins all loops.
            (Kind::While, Kind::For | Kind::ForIn)
                if self.pattern.ast.text(p).starts_with("for")
                    && pattern.ast.slot(p, Slot::Cond).is_some_and(|cond| self.is_dots(cond)) =>
            {
                self.loop_body(p, t, then)
            }
            // `{ a }` is `{ a: a }`.
            (Kind::Pair, Kind::Shorthand) => {
                let (Some(key), Some(value)) =
                    (pattern.ast.slot(p, Slot::Key), pattern.ast.slot(p, Slot::Value))
                else {
                    return Continue(());
                };
                self.node(key, t, &mut |matcher| matcher.node(value, t, then))
            }
            // `(T *) malloc(n)` is what is called, cast.
            (Kind::Call, Kind::Other) if matches!(pattern.language, Language::C | Language::Cpp) => {
                match (ast.slot(t.node, Slot::Type), ast.slot(t.node, Slot::Value)) {
                    (Some(_), Some(value)) if !self.is_root(p) => self.node(p, at(value), then),
                    _ => Continue(()),
                }
            }
            (Kind::Member, Kind::Type) => self.without_arguments(p, t, then),
            // `f` alone is a call.
            (Kind::Call, Kind::Ident | Kind::Member)
                if pattern.language.definition().writing.commands && is_statement(ast, t.node) =>
            {
                let wanted: Chain = pattern.ast.slots(p, Slot::Arg).collect();
                let (Some(callee), None) =
                    (pattern.ast.slot(p, Slot::Callee), pattern.ast.slot(p, Slot::Body))
                else {
                    return Continue(());
                };
                self.node(callee, t, &mut |matcher| matcher.ordered(&wanted, &[], then))
            }
            // The last expression of a function is what it returns.
            (Kind::Return, kind)
                if pattern.language.definition().writing.implicit_returns
                    && is_expression(kind)
                    && is_last(ast, t.node) =>
            {
                let wanted: Chain = pattern.ast.slots(p, Slot::Value).collect();
                self.ordered(&wanted, &[t], then)
            }
            (Kind::Member, _) => self.when_require(p, t, then),
            // `*name` is what has that name.
            (_, Kind::Ident) if ast.text(t.node).starts_with('*') => match anchored(ast, t.node) {
                Some(value) => self.node(p, at(value), then),
                None => Continue(()),
            },
            (Kind::VarDecl, Kind::Export) | (Kind::Function | Kind::Class, Kind::Export) => {
                let Some(value) = ast.slot(t.node, Slot::Value) else { return Continue(()) };
                self.node(p, at(value), then)
            }
            _ => Continue(()),
        }
    }

    /// `$M.exec` describes an `exec` that was imported from a module, with `$M` standing for the import, and
    /// `m.$F` describes what was imported from `m`.
    fn when_require(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let pattern = self.pattern;
        let ast = self.target(t);
        let (Some(object), Some(property)) =
            (pattern.ast.slot(p, Slot::Object), pattern.ast.slot(p, Slot::Property))
        else {
            return Continue(());
        };
        if ast.kind(t.node) != Kind::Ident || !matches!(self.shape_of(property), Kind::Ident | Kind::Metavar)
        {
            return Continue(());
        }
        let Some(full) = self.view.names.full(ast.node(t.node).hash) else { return Continue(()) };
        let Some((module, last)) = full.rsplit_once('.') else { return Continue(()) };
        if self.shape_of(property) == Kind::Metavar {
            let same = pattern.dotted.get(&object).is_some_and(|dotted| dotted == module);
            return if same { self.node(property, t, then) } else { Continue(()) };
        }
        if pattern.language.name_hash(last) != pattern.ast.node(property).hash
            || self.shape_of(object) != Kind::Metavar
        {
            return Continue(());
        }
        self.node(object, t, then)
    }
}

/// What a string of YAML or JSON holds, without the escapes that stand for signs. Elsewhere rules speak of strings as
/// they are written.
pub(crate) fn decoded<'t>(language: Language, literal: &str, content: &'t str) -> Cow<'t, str> {
    // Lines that are folded are one line.
    if language == Language::Yaml && literal.starts_with('>') {
        return Cow::Owned(content.lines().map(str::trim).collect::<Vec<_>>().join(" "));
    }
    let escapes = matches!(language, Language::Yaml | Language::Json)
        && literal.starts_with('"')
        && content.contains('\\');
    if !escapes {
        return Cow::Borrowed(content);
    }
    let mut out = String::with_capacity(content.len());
    let mut chars = content.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => {}
            },
            (c, false) => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// What an alias of YAML stands for: the last value before it that has the name. An alias in its own value is none.
fn anchored(ast: &Ast, alias: NodeId) -> Option<NodeId> {
    let name = ast.text(alias).strip_prefix('*')?;
    (0..alias).rev().find_map(|id| {
        let named = ast.kind(id) == Kind::Tagged
            && ast.slot(id, Slot::Decorator).is_some_and(|own| ast.text(own).strip_prefix('&') == Some(name));
        (named && !ast.subtree(id).contains(&alias)).then(|| ast.slot(id, Slot::Value)).flatten()
    })
}

/// The operands of `a + b + c`.
type Chain = SmallVec<[NodeId; 4]>;

fn chain(ast: &Ast, id: NodeId, operator: u64, out: &mut Chain) {
    if ast.kind(id) == Kind::Binary && ast.node(id).hash == operator {
        for child in ast.children(id) {
            chain(ast, child, operator, out);
        }
    } else {
        out.push(id);
    }
}

/// Part of a node's text, in bytes from the node's start.
fn part(view: &FileView<'_>, at: At, range: std::ops::Range<usize>) -> Binding {
    let start = view.ast(at.unit).node(at.node).start;
    Binding::Text { unit: at.unit, start: start + range.start as u32, end: start + range.end as u32 }
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

fn stars(text: &str) -> usize {
    text.len() - text.trim_start_matches('*').len()
}

fn first_word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("")
}

/// `var` in a pattern stands for `let` and `const` too.
fn same_declarator(pattern: &str, target: &str, let_is_var: bool) -> bool {
    let wanted = first_word(pattern);
    let declares = matches!(wanted, "var" | "let" | "const" | "val" | "using");
    !declares || (wanted == "var" && let_is_var) || wanted == first_word(target)
}

/// Whether a declaration does nothing but name it: `x` of `int x`.
fn is_declared(ast: &Ast, id: NodeId) -> bool {
    let node = ast.node(id);
    node.slot == Slot::Left
        && ast.kind(node.parent) == Kind::Assign
        && ast.slot(node.parent, Slot::Right).is_none()
        && ast.parent(node.parent).is_some_and(|parent| ast.kind(parent) == Kind::VarDecl)
}

/// Whether `async` stands before the function's own parts.
fn is_async(ast: &Ast, id: NodeId) -> bool {
    let mut from = ast.node(id).start;
    for child in ast.children(id) {
        if ast.node(child).slot != Slot::Decorator {
            let head = ast.text.get(from as usize..ast.node(child).start as usize).unwrap_or("");
            return head.split_whitespace().any(|word| word == "async");
        }
        from = ast.node(child).end;
    }
    false
}

/// What kind of class a declaration says it is, where a language has several.
fn class_word(ast: &Ast, id: NodeId) -> Option<&str> {
    let name = ast.slot(id, Slot::Name)?;
    let head = ast.text.get(ast.node(id).start as usize..ast.node(name).start as usize)?;
    let mut words = head.split(|c: char| !c.is_alphanumeric());
    words.find(|word| matches!(*word, "struct" | "union" | "enum" | "trait" | "impl"))
}

/// `class` and `interface` are different, where both are written.
fn same_word(a: Option<&str>, b: Option<&str>) -> bool {
    a.is_none() || b.is_none() || a == b
}

/// `a?.b`
fn is_optional(ast: &Ast, id: NodeId) -> bool {
    before_property(ast, id).is_some_and(|text| text.contains('?'))
}

/// `a->b`
fn is_arrow(ast: &Ast, id: NodeId) -> bool {
    before_property(ast, id).is_some_and(|text| text.contains("->"))
}

/// What stands between the object and the property of a member.
fn before_property(ast: &Ast, id: NodeId) -> Option<&str> {
    let (object, property) = (ast.slot(id, Slot::Object)?, ast.slot(id, Slot::Property)?);
    ast.text.get(ast.node(object).end as usize..ast.node(property).start as usize)
}
