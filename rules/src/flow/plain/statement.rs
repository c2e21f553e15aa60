//! Statements, in order: branches are joined, loops run until nothing changes, what cannot be reached is not read.

use smallvec::SmallVec;

use super::shape::{Env, Shape};
use super::{Flow, Next};
use crate::syntax::{Kind, NodeId, Slot};

/// Rounds of a loop. What takes longer to settle is cut short.
const ROUNDS: usize = 3;

impl<'a> Flow<'a> {
    pub(super) fn statement(&mut self, id: NodeId, env: &mut Env) -> Next {
        let ast = self.ast;
        if self.fuel == 0 {
            return Next::Continues;
        }
        match ast.kind(id) {
            Kind::Module | Kind::Block => return self.block(id, env),
            // `if (T x = f())`
            Kind::VarDecl if ast.slot(id, Slot::Right).is_some() => {
                self.expression(id, env);
            }
            Kind::VarDecl | Kind::Export => {
                for child in ast.children(id) {
                    self.statement(child, env);
                }
            }
            Kind::If => return self.branch(id, env),
            Kind::For | Kind::While | Kind::ForIn => self.repeat(id, env),
            Kind::Try => return self.attempt(id, env),
            Kind::Switch => return self.switch(id, env),
            Kind::With => {
                let mut next = Next::Continues;
                for child in ast.children(id) {
                    match ast.node(child).slot {
                        Slot::Body => next = self.statement(child, env),
                        _ => self.with_item(child, env),
                    }
                }
                return next;
            }
            Kind::Return | Kind::Throw => {
                let mut value = Shape::default();
                for child in ast.children(id) {
                    value = self.expression(child, env);
                }
                self.marked(id, value, &[], env);
                if ast.kind(id) == Kind::Throw {
                    self.may_raise(env);
                }
                return Next::Leaves;
            }
            Kind::Break | Kind::Continue => {
                if let Some(exits) = self.exits.last_mut() {
                    exits.push(env.clone());
                }
                return Next::Leaves;
            }
            Kind::Function => self.function(id, env),
            Kind::Import | Kind::Global | Kind::Type => {}
            _ => {
                self.expression(id, env);
            }
        }
        Next::Continues
    }

    fn block(&mut self, id: NodeId, env: &mut Env) -> Next {
        let ast = self.ast;
        // A function is called later, when the variables around it are known.
        let mut functions: SmallVec<[NodeId; 4]> = SmallVec::new();
        let mut next = Next::Continues;
        for child in ast.children(id) {
            if ast.kind(child) == Kind::Function && ast.slot(child, Slot::Name).is_some() {
                functions.push(child);
            } else if next == Next::Continues {
                next = self.statement(child, env);
            }
        }
        for function in functions {
            self.function(function, env);
        }
        next
    }

    fn branch(&mut self, id: NodeId, env: &mut Env) -> Next {
        let ast = self.ast;
        for slot in [Slot::Init, Slot::Cond] {
            if let Some(node) = ast.slot(id, slot) {
                self.statement(node, env);
            }
        }
        // What is known where no condition held so far, and after the branches that were taken.
        let mut current = env.clone();
        let mut after: Option<Env> = None;
        if self.taken(id, env) == Next::Continues {
            after = Some(env.clone());
        }
        // Python lists its `elif`s side by side: each is what happens where none before it did.
        let others: SmallVec<[NodeId; 2]> = ast.slots(id, Slot::Else).collect();
        let mut next = Next::Continues;
        for (index, &other) in others.iter().enumerate() {
            if ast.kind(other) == Kind::If && index + 1 < others.len() {
                if let Some(condition) = ast.slot(other, Slot::Cond) {
                    self.expression(condition, &mut current);
                }
                let mut taken = current.clone();
                if self.taken(other, &mut taken) == Next::Continues {
                    join(&mut after, taken);
                }
            } else if next == Next::Continues {
                next = self.statement(other, &mut current);
            }
        }
        if next == Next::Continues {
            join(&mut after, current);
        }
        match after {
            Some(after) => {
                *env = after;
                Next::Continues
            }
            None => Next::Leaves,
        }
    }

    fn taken(&mut self, id: NodeId, env: &mut Env) -> Next {
        let mut next = Next::Continues;
        for then in self.ast.slots(id, Slot::Then) {
            if next == Next::Continues {
                next = self.statement(then, env);
            }
        }
        next
    }

    /// What is known after two ways.
    fn meet(&self, env: &mut Env, next: Next, other: Env, other_next: Next) -> Next {
        match (next, other_next) {
            (Next::Leaves, Next::Leaves) => Next::Leaves,
            (Next::Leaves, Next::Continues) => {
                *env = other;
                Next::Continues
            }
            (Next::Continues, Next::Leaves) => Next::Continues,
            (Next::Continues, Next::Continues) => {
                env.join(&other);
                Next::Continues
            }
        }
    }

    fn repeat(&mut self, id: NodeId, env: &mut Env) {
        let ast = self.ast;
        if let Some(init) = ast.slot(id, Slot::Init) {
            self.statement(init, env);
        }
        let iterated = ast.slot(id, Slot::Iter).map(|iter| self.expression(iter, env));
        for _ in 0..ROUNDS {
            let before = env.clone();
            if let Some(condition) = ast.slot(id, Slot::Cond) {
                self.expression(condition, env);
            }
            if let (Some(left), Some(iterated)) = (ast.slot(id, Slot::Left), &iterated) {
                self.bind(left, iterated.element(), env);
            }
            self.exits.push(Vec::new());
            let mut next = Next::Continues;
            for body in ast.slots(id, Slot::Body) {
                if next == Next::Continues {
                    next = self.statement(body, env);
                }
            }
            for exit in self.exits.pop().unwrap_or_default() {
                match next {
                    Next::Leaves => *env = exit,
                    Next::Continues => env.join(&exit),
                }
                next = Next::Continues;
            }
            if let Some(update) = ast.slot(id, Slot::Update) {
                self.expression(update, env);
            }
            match next {
                Next::Leaves => *env = before.clone(),
                Next::Continues => env.join(&before),
            }
            if *env == before {
                break;
            }
        }
        for other in ast.slots(id, Slot::Else) {
            self.statement(other, env);
        }
    }

    /// Notes what is known where something may be raised.
    pub(super) fn may_raise(&mut self, env: &Env) {
        if let Some(raises) = self.raises.last_mut() {
            join(raises, env.clone());
        }
    }

    fn attempt(&mut self, id: NodeId, env: &mut Env) -> Next {
        let ast = self.ast;
        for resource in ast.slots(id, Slot::Init) {
            self.statement(resource, env);
        }
        self.raises.push(None);
        let is_part = |node: NodeId| matches!(ast.kind(node), Kind::Catch | Kind::Finally);
        let first = ast.children(id).position(is_part).unwrap_or(usize::MAX);
        let mut next = Next::Continues;
        for body in ast.children(id).take(first).filter(|&body| ast.node(body).slot != Slot::Else) {
            if next == Next::Continues {
                next = self.statement(body, env);
            }
        }
        let raised = self.raises.pop().flatten();
        // What stands behind the handlers runs where nothing was raised.
        for (index, body) in ast.children(id).enumerate().filter(|&(_, body)| !is_part(body)) {
            if next == Next::Continues && (index > first || ast.node(body).slot == Slot::Else) {
                next = self.statement(body, env);
            }
        }
        let mut left_behind = (next == Next::Leaves).then(|| env.clone());
        let mut handled = false;
        let mut finals: SmallVec<[NodeId; 1]> = SmallVec::new();
        for child in ast.children(id) {
            match ast.kind(child) {
                Kind::Catch => {
                    handled = true;
                    let Some(raised) = &raised else { continue };
                    let mut handler = raised.clone();
                    let mut handler_next = Next::Continues;
                    for part in ast.children(child) {
                        match ast.kind(part) {
                            Kind::Block => handler_next = self.statement(part, &mut handler),
                            Kind::Ident => self.forget(part, &mut handler),
                            _ => {}
                        }
                    }
                    if handler_next == Next::Leaves {
                        join(&mut left_behind, handler.clone());
                    }
                    next = self.meet(env, next, handler, handler_next);
                }
                Kind::Finally => finals.push(child),
                _ => {}
            }
        }
        if let Some(raised) = &raised {
            // What is raised may be of a kind that no handler takes.
            self.may_raise(raised);
        }
        if finals.is_empty() {
            return next;
        }
        if let Some(raised) = raised.filter(|_| !handled) {
            // Nobody caught it: what comes after is read all the same, as after any other end of the body.
            next = self.meet(env, next, raised, Next::Continues);
        }
        if let Some(left) = left_behind {
            match next {
                Next::Leaves => *env = left,
                Next::Continues => env.join(&left),
            }
        }
        for part in finals {
            for body in ast.children(part) {
                if self.statement(body, env) == Next::Leaves {
                    next = Next::Leaves;
                }
            }
        }
        next
    }

    fn switch(&mut self, id: NodeId, env: &mut Env) -> Next {
        let ast = self.ast;
        if let Some(value) = ast.slot(id, Slot::Value) {
            self.expression(value, env);
        }
        let before = env.clone();
        self.exits.push(Vec::new());
        // What the case before left, if it falls through.
        let mut through: Option<Env> = None;
        for child in ast.children(id) {
            let cases: SmallVec<[NodeId; 8]> = match ast.kind(child) {
                Kind::Case => SmallVec::from_slice(&[child]),
                Kind::Block => {
                    let cases: SmallVec<[NodeId; 8]> =
                        ast.children(child).filter(|&c| ast.kind(c) == Kind::Case).collect();
                    // `else` of a `case`.
                    if cases.is_empty() { SmallVec::from_slice(&[child]) } else { cases }
                }
                _ => continue,
            };
            for case in cases {
                let mut case_env = before.clone();
                if let Some(through) = through.take() {
                    case_env.join(&through);
                }
                let mut next = Next::Continues;
                for part in ast.children(case) {
                    if next == Next::Leaves {
                        break;
                    }
                    match ast.node(part).slot {
                        Slot::Value | Slot::Cond => {
                            self.expression(part, &mut case_env);
                        }
                        _ => next = self.statement(part, &mut case_env),
                    }
                }
                if next == Next::Continues {
                    through = Some(case_env);
                }
            }
        }
        for exit in self.exits.pop().into_iter().flatten().chain(through) {
            env.join(&exit);
        }
        Next::Continues
    }

    fn with_item(&mut self, id: NodeId, env: &mut Env) {
        let ast = self.ast;
        if ast.kind(id) != Kind::WithItem {
            self.expression(id, env);
            return;
        }
        let value = ast.slot(id, Slot::Value).map(|value| self.expression(value, env)).unwrap_or_default();
        if let Some(alias) = ast.slot(id, Slot::Alias) {
            self.bind(alias, value, env);
        }
    }
}

fn join(known: &mut Option<Env>, other: Env) {
    match known {
        Some(known) => known.join(&other),
        none => *none = Some(other),
    }
}
