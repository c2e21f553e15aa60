//! The children of a node, slot by slot: in order with gaps, in any order, or by name.

use std::ops::ControlFlow::Continue;

use smallvec::SmallVec;

use super::matcher::{Flow, Matcher, Then};
use crate::analyze::At;
use crate::language::Language;
use crate::syntax::{Kind, NodeId, Slot};

/// The children of both sides that fill one slot.
struct Roster {
    slot: Slot,
    wanted: SmallVec<[NodeId; 4]>,
    given: SmallVec<[At; 4]>,
}

impl<'m> Matcher<'m> {
    /// All children of two nodes of one kind.
    pub(super) fn rosters(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        self.rosters_but(p, t, Slot::None, then)
    }

    /// The same without one slot.
    pub(super) fn rosters_but(&mut self, p: NodeId, t: At, without: Slot, then: Then<'_, 'm>) -> Flow {
        let pattern = self.pattern;
        let ast = self.target(t);
        let mut rosters: SmallVec<[Roster; 4]> = SmallVec::new();
        for child in pattern.ast.children(p) {
            let slot = pattern.ast.node(child).slot;
            match rosters.iter_mut().find(|roster| roster.slot == slot) {
                Some(roster) => roster.wanted.push(child),
                None => rosters.push(Roster {
                    slot,
                    wanted: SmallVec::from_slice(&[child]),
                    given: SmallVec::new(),
                }),
            }
        }
        // `@d export class C {}` decorates the class.
        let exported = ast.parent(t.node).filter(|&parent| ast.kind(parent) == Kind::Export);
        let before = exported.into_iter().flat_map(|parent| ast.slots(parent, Slot::Decorator));
        for node in before.chain(ast.children(t.node)) {
            let slot = ast.node(node).slot;
            let at = At { unit: t.unit, node };
            match rosters.iter_mut().find(|roster| roster.slot == slot) {
                Some(roster) => roster.given.push(at),
                None => {
                    rosters.push(Roster { slot, wanted: SmallVec::new(), given: SmallVec::from_slice(&[at]) })
                }
            }
        }
        // `f(function $F() {})` describes `f(() => {})` too: in an expression the name is for the function itself.
        let in_expression = matches!(pattern.ast.node(p).slot, Slot::Arg | Slot::Right | Slot::Value);
        if pattern.ast.kind(p) == Kind::Function && in_expression && ast.slot(t.node, Slot::Name).is_none() {
            let hole = |roster: &Roster| matches!(roster.wanted.as_slice(), [only] if self.shape_of(*only) == Kind::Metavar);
            rosters.retain(|roster| roster.slot != Slot::Name || !hole(roster));
        }
        if without != Slot::None {
            rosters.retain(|roster| roster.slot != without);
        }
        let kind = pattern.ast.kind(p);
        let members = kind == Kind::Block
            && pattern.ast.parent(p).is_some_and(|parent| pattern.ast.kind(parent) == Kind::Class);
        self.each_roster(kind, members, &rosters, then)
    }

    fn each_roster(&mut self, kind: Kind, members: bool, rosters: &[Roster], then: Then<'_, 'm>) -> Flow {
        let Some((roster, rest)) = rosters.split_first() else { return then(self) };
        self.roster(kind, members, roster, &mut |matcher| matcher.each_roster(kind, members, rest, then))
    }

    fn roster(&mut self, kind: Kind, members: bool, roster: &Roster, then: Then<'_, 'm>) -> Flow {
        let Roster { slot, wanted, given } = roster;
        if wanted.is_empty() && may_be_left_out(kind, *slot) {
            return then(self);
        }
        // `func f() $T` also describes a function that returns nothing.
        if let (Kind::Function | Kind::Other, Slot::Type, [only], []) =
            (kind, *slot, wanted.as_slice(), given.as_slice())
            && self.shape_of(*only) == Kind::Metavar
        {
            return self.bind_all(*only, given, then);
        }
        // `key:` of YAML has an empty value, which no node stands for.
        let missing = self.pattern.language == Language::Yaml && given.is_empty();
        if let ((Kind::Pair, Slot::Value), [p], true) = ((kind, *slot), wanted.as_slice(), missing) {
            let ast = &self.pattern.ast;
            let empty = match ast.kind(*p) {
                Kind::Str => ast.string_content(*p).is_empty(),
                kind => matches!(kind, Kind::Null | Kind::Metavar),
            };
            if empty && ast.kind(*p) == Kind::Metavar {
                return self.bind_all(*p, given, then);
            }
            if empty {
                return then(self);
            }
        }
        // `HEALTHCHECK ...` describes `HEALTHCHECK NONE` too.
        if let ((Kind::Other, Slot::Body), [p], []) = ((kind, *slot), wanted.as_slice(), given.as_slice())
            && matches!(self.shape_of(*p), Kind::Metavar | Kind::Ellipsis | Kind::MetavarEllipsis)
        {
            return self.bind_all(*p, given, then);
        }
        match (kind, *slot) {
            (Kind::Call | Kind::New, Slot::Arg) => self.arguments(wanted, given, then),
            (_, Slot::Decorator) if self.settings.decorators_order_matters => {
                self.decorators_in_order(wanted, given, then)
            }
            (_, Slot::Decorator) => {
                let wanted: SmallVec<[NodeId; 4]> =
                    wanted.iter().copied().filter(|&p| !self.is_implied(p, given)).collect();
                self.any_order(&wanted, given, true, then)
            }
            (Kind::Class, Slot::Super | Slot::Interface) => self.any_order(wanted, given, true, then),
            (Kind::Object, _)
                if !wanted.is_empty()
                    && !self.pattern.language.has_open_objects()
                    && wanted.iter().all(|&p| self.is_positional(p)) =>
            {
                self.ordered(wanted, given, then)
            }
            (Kind::Object | Kind::Set, _) => {
                let open = self.pattern.language.has_open_objects() && self.settings.implicit_ellipsis;
                self.any_order(wanted, given, open, then)
            }
            (Kind::Try, Slot::None | Slot::Finally) if wanted.iter().any(|&p| self.is_empty_finally(p)) => {
                let rest: SmallVec<[NodeId; 4]> =
                    wanted.iter().copied().filter(|&p| !self.is_empty_finally(p)).collect();
                self.any_order(&rest, given, true, then)
            }
            (Kind::Switch, Slot::None) | (Kind::Try, Slot::None | Slot::Handler) => {
                self.any_order(wanted, given, true, then)
            }
            (Kind::Import | Kind::Export, Slot::None) | (Kind::Import, Slot::Name) => {
                self.any_order(wanted, given, true, then)
            }
            (Kind::Assign, Slot::Right) if given.is_empty() => Continue(()),
            (Kind::VarDecl, Slot::None) => self.declarators(wanted, given, then),
            (Kind::Function | Kind::Class, Slot::Param) => self.parameters(wanted, given, then),
            (Kind::Jsx, Slot::None) => self.jsx(wanted, given, then),
            (Kind::Block | Kind::Module, _) if members => self.any_order(wanted, given, true, then),
            (Kind::Block | Kind::Module, _) => self.block(wanted, given, then),
            (Kind::Case, Slot::Body | Slot::None) => self.block(wanted, given, then),
            // `def f; end`
            (_, Slot::Body | Slot::Then)
                if given.is_empty() && self.pattern.language.definition().writing.implicit_returns =>
            {
                let [p] = wanted.as_slice() else { return Continue(()) };
                let statements: SmallVec<[NodeId; 4]> = self.pattern.ast.children(*p).collect();
                let is_block = self.shape_of(*p) == Kind::Block;
                match is_block && kind != Kind::Call {
                    true => self.block(&statements, &[], then),
                    false => Continue(()),
                }
            }
            (_, Slot::Body | Slot::Then | Slot::Else | Slot::Finally) if kind != Kind::Ternary => {
                self.body(kind, wanted, given, then)
            }
            (Kind::For | Kind::ForIn, _) if matches!(wanted.as_slice(), [only] if self.is_dots(*only)) => {
                then(self)
            }
            _ => self.ordered(wanted, given, then),
        }
    }

    /// `finally {}` says nothing: it completes what the grammar would not accept.
    fn is_empty_finally(&self, p: NodeId) -> bool {
        let ast = &self.pattern.ast;
        ast.kind(p) == Kind::Finally && ast.children(p).all(|body| ast.children(body).next().is_none())
    }

    /// `int a = 1, b = 2` is two declarations.
    fn declarators(&mut self, wanted: &[NodeId], given: &[At], then: Then<'_, 'm>) -> Flow {
        let [only] = wanted else { return self.ordered(wanted, given, then) };
        if self.is_dots(*only) || given.len() < 2 {
            return self.ordered(wanted, given, then);
        }
        for &t in given {
            self.node(*only, t, then)?;
        }
        Continue(())
    }

    /// Whether an entry of what is written in braces is told by its place.
    fn is_positional(&self, p: NodeId) -> bool {
        let named = matches!(
            self.shape_of(p),
            Kind::Pair | Kind::Shorthand | Kind::Spread | Kind::Function | Kind::Keyword
        );
        let shorthand = self.shape_of(p) == Kind::Metavar && self.pattern.language.is_script();
        !named && !shorthand
    }

    /// Whether a modifier need not be written, and no other of its kind is.
    fn is_implied(&self, p: NodeId, given: &[At]) -> bool {
        let pattern = self.pattern;
        pattern.language.definition().writing.implied.contains(&pattern.ast.text(p))
            && !given.iter().any(|t| self.target(*t).node(t.node).raw == pattern.ast.node(p).raw)
    }

    /// In order; dots skip any number.
    pub(super) fn ordered(&mut self, wanted: &[NodeId], given: &[At], then: Then<'_, 'm>) -> Flow {
        let Some((&p, rest)) = wanted.split_first() else { return self.when(given.is_empty(), then) };
        if self.is_dots(p) {
            if rest.is_empty() {
                return self.bind_all(p, given, then);
            }
            for skipped in 0..=given.len() {
                let (skip, from) = given.split_at(skipped);
                self.bind_all(p, skip, &mut |matcher| matcher.ordered(rest, from, then))?;
            }
            return Continue(());
        }
        let Some((&t, others)) = given.split_first() else { return Continue(()) };
        self.node(p, t, &mut |matcher| matcher.ordered(rest, others, then))
    }

    /// Each wanted one is another one of those given; dots, or `open`, allow further ones.
    pub(super) fn any_order(
        &mut self,
        wanted: &[NodeId],
        given: &[At],
        open: bool,
        then: Then<'_, 'm>,
    ) -> Flow {
        let dots = wanted.iter().any(|&p| self.is_dots(p));
        let wanted: SmallVec<[NodeId; 4]> = wanted.iter().copied().filter(|&p| !self.is_dots(p)).collect();
        if wanted.len() > given.len() || (wanted.len() < given.len() && !dots && !open) {
            return Continue(());
        }
        self.pick(&wanted, given, 0, then)
    }

    /// `taken` has a bit for each of those given; more than 128 siblings may be taken twice.
    fn pick(&mut self, wanted: &[NodeId], given: &[At], taken: u128, then: Then<'_, 'm>) -> Flow {
        let Some((&p, rest)) = wanted.split_first() else { return then(self) };
        for (index, &t) in given.iter().enumerate() {
            let bit = 1u128.checked_shl(index as u32).unwrap_or(0);
            if taken & bit == 0 {
                self.member(p, t, &mut |matcher| matcher.pick(rest, given, taken | bit, then))?;
            }
        }
        Continue(())
    }

    /// An entry, a member of a class, a decorator, an imported name.
    fn member(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let ast = self.target(t);
        match (self.shape_of(p), ast.kind(t.node)) {
            (Kind::Decorator, Kind::Decorator) => self.decorator(p, t, then),
            (Kind::Import, _) => self.import(p, t, then),
            // An entry is not described by what lies in it; a block of Terraform is.
            (shape, _) if shape != Kind::Call && self.is_entry(p) => self.node(p, t, then),
            _ => self.statement(p, t, then),
        }
    }

    fn is_entry(&self, p: NodeId) -> bool {
        self.pattern.ast.parent(p).is_some_and(|parent| self.shape_of(parent) == Kind::Object)
    }

    /// `@a` and `@a()` are the same; with arguments it is another one.
    fn decorator(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let pattern = self.pattern;
        let ast = self.target(t);
        let (Some(own), Some(value)) = (pattern.ast.slot(p, Slot::Value), ast.slot(t.node, Slot::Value))
        else {
            return Continue(());
        };
        let at = |node| At { unit: t.unit, node };
        match (pattern.ast.kind(own), ast.kind(value)) {
            (Kind::Call, Kind::Call) | (Kind::Ellipsis, _) => self.node(own, at(value), then),
            (Kind::Call, _) => {
                let arguments: SmallVec<[NodeId; 4]> = pattern.ast.slots(own, Slot::Arg).collect();
                let Some(callee) = pattern.ast.slot(own, Slot::Callee) else { return Continue(()) };
                self.node(callee, at(value), &mut |matcher| matcher.arguments(&arguments, &[], then))
            }
            (_, Kind::Call) if ast.slot(value, Slot::Arg).is_none() => match ast.slot(value, Slot::Callee) {
                Some(callee) => self.node(own, at(callee), then),
                None => Continue(()),
            },
            (_, Kind::Call) => Continue(()),
            _ => {
                // Where annotations hold their arguments themselves.
                let wanted: SmallVec<[NodeId; 4]> = pattern.ast.slots(p, Slot::Arg).collect();
                let given: SmallVec<[At; 4]> = ast.slots(t.node, Slot::Arg).map(at).collect();
                self.node(own, at(value), &mut |matcher| matcher.arguments(&wanted, &given, then))
            }
        }
    }

    /// Decorators in the order of the pattern; others may stand between them.
    fn decorators_in_order(&mut self, wanted: &[NodeId], given: &[At], then: Then<'_, 'm>) -> Flow {
        let Some((&p, rest)) = wanted.split_first() else { return then(self) };
        if self.is_dots(p) {
            return self.decorators_in_order(rest, given, then);
        }
        for (index, &t) in given.iter().enumerate() {
            self.member(p, t, &mut |matcher| matcher.decorators_in_order(rest, &given[index + 1..], then))?;
        }
        Continue(())
    }

    /// Positional arguments in order, keywords in any order; dots skip both.
    fn arguments(&mut self, wanted: &[NodeId], given: &[At], then: Then<'_, 'm>) -> Flow {
        let keyword = |kind: Kind| kind == Kind::Keyword;
        // What a name for several arguments stands for follows the order in which they are written.
        if wanted.iter().any(|&p| self.shape_of(p) == Kind::MetavarEllipsis) {
            self.ordered(wanted, given, then)?;
        }
        if !wanted.iter().any(|&p| keyword(self.shape_of(p))) && !given.iter().any(|&t| keyword(self.kind(t)))
        {
            return self.ordered(wanted, given, then);
        }
        let dots = wanted.iter().any(|&p| self.is_dots(p));
        let (named, positional): (SmallVec<[NodeId; 4]>, SmallVec<[NodeId; 4]>) =
            wanted.iter().copied().partition(|&p| keyword(self.shape_of(p)));
        let (given_named, given_positional): (SmallVec<[At; 4]>, SmallVec<[At; 4]>) =
            given.iter().copied().partition(|&t| keyword(self.kind(t)));
        if named.len() > given_named.len() || (named.len() < given_named.len() && !dots) {
            return Continue(());
        }
        // Dots that end the pattern and name what they skip take the keywords too.
        if let [p] = positional.as_slice()
            && named.is_empty()
            && self.is_dots(*p)
        {
            return self.bind_all(*p, given, then);
        }
        self.ordered(&positional, &given_positional, &mut |matcher| {
            matcher.pick(&named, &given_named, 0, then)
        })
    }

    fn parameters(&mut self, wanted: &[NodeId], given: &[At], then: Then<'_, 'm>) -> Flow {
        let Some((&p, rest)) = wanted.split_first() else { return self.when(given.is_empty(), then) };
        if self.is_dots(p) {
            if rest.is_empty() {
                return self.bind_all(p, given, then);
            }
            for skipped in 0..=given.len() {
                let (skip, from) = given.split_at(skipped);
                self.bind_all(p, skip, &mut |matcher| matcher.parameters(rest, from, then))?;
            }
            return Continue(());
        }
        let Some((&t, others)) = given.split_first() else { return Continue(()) };
        self.parameter(p, t, &mut |matcher| matcher.parameters(rest, others, then))
    }

    /// A bare name describes a parameter of that name with any type and default.
    fn parameter(&mut self, p: NodeId, t: At, then: Then<'_, 'm>) -> Flow {
        let ast = self.target(t);
        let at = |node| At { unit: t.unit, node };
        let bare = |slot| ast.slot(t.node, slot);
        match (self.shape_of(p), ast.kind(t.node)) {
            (Kind::Metavar | Kind::Ident | Kind::Object | Kind::Typed | Kind::Array, Kind::Param) => {
                // `*args: T` has no name of its own.
                let name = bare(Slot::Name).filter(|&name| ast.kind(name) != Kind::Spread);
                match name {
                    Some(name) => self.node(p, at(name), then),
                    None => Continue(()),
                }
            }
            (Kind::Metavar | Kind::Ident | Kind::Object, Kind::Default) => match bare(Slot::Left) {
                Some(left) => self.node(p, at(left), then),
                None => Continue(()),
            },
            (Kind::Metavar, Kind::Spread) => Continue(()),
            (Kind::Param, Kind::Ident) => {
                let pattern = self.pattern;
                let mut children = pattern.ast.children(p);
                match (children.next(), children.next()) {
                    (Some(name), None) => self.node(name, t, then),
                    _ => Continue(()),
                }
            }
            _ => self.node(p, t, then),
        }
    }

    /// Attributes in any order, the rest in order; an element pattern need not name all of either.
    fn jsx(&mut self, wanted: &[NodeId], given: &[At], then: Then<'_, 'm>) -> Flow {
        let is_text = |text: &str| text.trim().is_empty();
        let attribute = |kind: Kind| matches!(kind, Kind::JsxAttr | Kind::Spread);
        let ast = &self.pattern.ast;
        let own: SmallVec<[NodeId; 4]> = wanted
            .iter()
            .copied()
            .filter(|&p| {
                attribute(ast.kind(p))
                    || ast.slot(p, Slot::Name).is_some_and(|name| ast.kind(name) == Kind::Ellipsis)
            })
            .collect();
        let inner: SmallVec<[NodeId; 4]> = wanted
            .iter()
            .copied()
            .filter(|p| !own.contains(p))
            .filter(|&p| !(ast.kind(p) == Kind::StrPart && is_text(ast.text(p))))
            .collect();
        let given_own: SmallVec<[At; 4]> =
            given.iter().copied().filter(|&t| attribute(self.kind(t))).collect();
        let given_inner: SmallVec<[At; 4]> = given
            .iter()
            .copied()
            .filter(|&t| !attribute(self.kind(t)))
            .filter(|&t| !(self.kind(t) == Kind::StrPart && is_text(self.view.text(t))))
            .collect();
        let open = self.settings.xml_attrs_implicit_ellipsis;
        let loose = self.settings.xml_singleton_loose_matching;
        self.any_order(&own, &given_own, open, &mut |matcher| {
            if inner.is_empty() && (loose || given_inner.is_empty()) {
                return then(matcher);
            }
            if inner.is_empty() {
                return Continue(());
            }
            matcher.ordered(&inner, &given_inner, then)
        })
    }

    /// What a function, a branch or a loop does: a block, or one statement or expression without one.
    fn body(&mut self, kind: Kind, wanted: &[NodeId], given: &[At], then: Then<'_, 'm>) -> Flow {
        let ([p], [t]) = (wanted, given) else { return self.ordered(wanted, given, then) };
        let (p, t) = (*p, *t);
        let pattern = self.pattern;
        match (self.shape_of(p), self.kind(t)) {
            (Kind::Metavar | Kind::Ellipsis, _) | (Kind::Block, Kind::Block) => self.node(p, t, then),
            (Kind::Block, _) => {
                let statements: SmallVec<[NodeId; 4]> = pattern.ast.children(p).collect();
                self.block(&statements, &[t], then)
            }
            (_, Kind::Block) if kind != Kind::Function => {
                let ast = self.target(t);
                let statements: SmallVec<[At; 4]> =
                    ast.children(t.node).map(|node| At { unit: t.unit, node }).collect();
                self.block(&[p], &statements, then)
            }
            (_, Kind::Block) => {
                // `() => e` describes `() => { return e }`.
                let ast = self.target(t);
                let mut statements = ast.children(t.node);
                match (statements.next(), statements.next()) {
                    (Some(only), None) if ast.kind(only) == Kind::Return => {
                        self.ordered(&[p], &value_of(ast, t.unit, only), then)
                    }
                    _ => Continue(()),
                }
            }
            _ => self.statement(p, t, then),
        }
    }
}

fn value_of(ast: &crate::syntax::Ast, unit: u32, id: NodeId) -> SmallVec<[At; 1]> {
    ast.slot(id, Slot::Value).map(|node| At { unit, node }).into_iter().collect()
}

/// What a pattern leaves open by not mentioning it.
fn may_be_left_out(kind: Kind, slot: Slot) -> bool {
    matches!(
        (kind, slot),
        (_, Slot::Type | Slot::Decorator)
            | (Kind::If, Slot::Else)
            // What an expansion does to its variable.
            | (Kind::Unary, Slot::None)
            // What a shell sets for one command.
            | (Kind::Call, Slot::Init)
            // The block of a call.
            | (Kind::Call, Slot::Body)
            | (Kind::Param, Slot::Value)
            | (Kind::Class, Slot::Super | Slot::Interface)
            | (Kind::Try, Slot::Init)
            | (Kind::Class, Slot::Param)
            | (Kind::Import | Kind::ImportName, Slot::Alias)
    )
}
