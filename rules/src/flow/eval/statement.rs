//! Statements, in order: branches are joined, loops run twice, what cannot be reached is not read.

use smallvec::SmallVec;

use super::{Flow, Next, element_of};
use crate::flow::env::Env;
use crate::flow::value::{Known, Value};
use crate::syntax::{Kind, NodeId, Slot};

impl<'a> Flow<'a> {
    pub(in crate::flow) fn statement(&mut self, id: NodeId, env: &mut Env) -> Next {
        let ast = self.ast;
        match ast.kind(id) {
            Kind::Module | Kind::Block => return self.block(id, env),
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
                for child in ast.children(id) {
                    if ast.node(child).slot != Slot::Body {
                        self.with_item(child, env);
                    }
                }
                if let Some(body) = ast.slot(id, Slot::Body) {
                    return self.statement(body, env);
                }
            }
            Kind::Return => {
                let node = ast.slot(id, Slot::Value);
                let mut value = node.map_or_else(Value::default, |node| self.expression(node, env));
                self.apply_marks(id, &mut value, &[], env);
                if let Some(node) = node {
                    self.return_value(node, value);
                }
                return Next::Leaves;
            }
            Kind::Throw => {
                for child in ast.children(id) {
                    self.expression(child, env);
                }
                return Next::Leaves;
            }
            Kind::Break | Kind::Continue => return Next::Leaves,
            Kind::Function => {
                let value = self.function(id, env, &[], None);
                if let Some(name) = ast.slot(id, Slot::Name) {
                    env.set(ast.node(name).hash, value);
                }
            }
            Kind::Class => self.class(id, env),
            Kind::Import | Kind::Global => {}
            Kind::Assert => {
                if let Some(condition) = ast.children(id).next() {
                    self.expression(condition, env);
                    self.refine(condition, true, env);
                }
            }
            Kind::Call => {
                let value = self.expression(id, env);
                if value.known == Known::Nothing && self.never_returns(id) {
                    return Next::Leaves;
                }
            }
            _ => {
                self.expression(id, env);
            }
        }
        Next::Continues
    }

    /// `abort(403)`, `process.exit(1)`, `sys.exit()`.
    pub(in crate::flow) fn never_returns(&self, call: NodeId) -> bool {
        let Some(callee) = self.ast.slot(call, Slot::Callee) else { return false };
        let name = self.view.names.qualified(self.ast, callee);
        matches!(
            name.as_deref(),
            Some("flask.abort" | "abort" | "process.exit" | "sys.exit" | "exit" | "quit")
        )
    }

    pub(in crate::flow) fn block(&mut self, id: NodeId, env: &mut Env) -> Next {
        let ast = self.ast;
        // Function declarations are interpreted last, when the variables that they capture are known.
        let mut functions: SmallVec<[NodeId; 4]> = SmallVec::new();
        let mut next = Next::Continues;
        for child in ast.children(id) {
            if ast.kind(child) == Kind::Function && ast.slot(child, Slot::Name).is_some() {
                functions.push(child);
                if let Some(name) = ast.slot(child, Slot::Name) {
                    let mut value = Value::known(Known::Literal);
                    value.function = Some(child);
                    env.set(ast.node(name).hash, value);
                }
                continue;
            }
            if next == Next::Leaves {
                continue;
            }
            next = self.statement(child, env);
        }
        for function in functions {
            self.function(function, env, &[], None);
        }
        next
    }

    pub(in crate::flow) fn branch(&mut self, id: NodeId, env: &mut Env) -> Next {
        let ast = self.ast;
        let Some(condition) = ast.slot(id, Slot::Cond) else { return Next::Continues };
        let decided = self.expression(condition, env).truth();
        let mut else_env = env.clone();
        self.refine(condition, true, env);
        self.refine(condition, false, &mut else_env);
        let mut then_next = Next::Continues;
        if decided != Some(false) {
            for then in ast.slots(id, Slot::Then) {
                then_next = self.statement(then, env);
            }
        }
        let mut else_next = Next::Continues;
        if decided != Some(true) {
            for other in ast.slots(id, Slot::Else) {
                if else_next == Next::Continues {
                    else_next = self.statement(other, &mut else_env);
                }
            }
        }
        if decided == Some(true) {
            return then_next;
        }
        if decided == Some(false) {
            *env = else_env;
            return else_next;
        }
        match (then_next, else_next) {
            (Next::Leaves, Next::Leaves) => Next::Leaves,
            (Next::Leaves, Next::Continues) => {
                *env = else_env;
                Next::Continues
            }
            (Next::Continues, Next::Leaves) => Next::Continues,
            (Next::Continues, Next::Continues) => {
                env.join(else_env);
                Next::Continues
            }
        }
    }

    pub(in crate::flow) fn repeat(&mut self, id: NodeId, env: &mut Env) {
        let ast = self.ast;
        if let Some(init) = ast.slot(id, Slot::Init) {
            self.statement(init, env);
        }
        let iterated = ast.slot(id, Slot::Iter).map(|iter| self.expression(iter, env));
        // Twice: what the first round assigns at its end is read at the start of the second.
        for _ in 0..2 {
            let before = env.clone();
            if let Some(condition) = ast.slot(id, Slot::Cond) {
                self.expression(condition, env);
            }
            if let (Some(left), Some(iterated)) = (ast.slot(id, Slot::Left), &iterated) {
                self.bind(left, element_of(iterated), env);
            }
            for body in ast.slots(id, Slot::Body).chain(ast.slots(id, Slot::Else)) {
                self.statement(body, env);
            }
            if let Some(update) = ast.slot(id, Slot::Update) {
                self.expression(update, env);
            }
            env.join(before);
        }
    }

    pub(in crate::flow) fn attempt(&mut self, id: NodeId, env: &mut Env) -> Next {
        let ast = self.ast;
        for resource in ast.slots(id, Slot::Init) {
            self.statement(resource, env);
        }
        let before = env.clone();
        let mut next = Next::Continues;
        for body in ast.slots(id, Slot::Body) {
            if next == Next::Continues {
                next = self.statement(body, env);
            }
        }
        // A handler starts somewhere inside the body.
        let mut inside = before;
        inside.join(env.clone());
        let mut finals: SmallVec<[NodeId; 1]> = SmallVec::new();
        for child in ast.children(id) {
            match ast.kind(child) {
                Kind::Catch => {
                    let mut handler = inside.clone();
                    let mut handler_next = Next::Continues;
                    for part in ast.children(child) {
                        match ast.kind(part) {
                            Kind::Block => handler_next = self.statement(part, &mut handler),
                            Kind::Ident => handler.set(ast.node(part).hash, Value::default()),
                            Kind::Param => self.bind(part, Value::default(), &mut handler),
                            _ => {}
                        }
                    }
                    match (next, handler_next) {
                        (_, Next::Leaves) => {}
                        (Next::Leaves, Next::Continues) => {
                            *env = handler;
                            next = Next::Continues;
                        }
                        (Next::Continues, Next::Continues) => env.join(handler),
                    }
                }
                Kind::Finally => finals.push(child),
                _ => {}
            }
        }
        for part in finals {
            for body in ast.children(part) {
                self.statement(body, env);
            }
        }
        next
    }

    pub(in crate::flow) fn switch(&mut self, id: NodeId, env: &mut Env) -> Next {
        let ast = self.ast;
        if let Some(value) = ast.slot(id, Slot::Value) {
            self.expression(value, env);
        }
        let before = env.clone();
        for child in ast.children(id) {
            let cases: SmallVec<[NodeId; 8]> = match ast.kind(child) {
                Kind::Case => SmallVec::from_slice(&[child]),
                Kind::Block => ast.children(child).filter(|&c| ast.kind(c) == Kind::Case).collect(),
                _ => continue,
            };
            for case in cases {
                let mut case_env = before.clone();
                for part in ast.slots(case, Slot::Body) {
                    if self.statement(part, &mut case_env) == Next::Leaves {
                        break;
                    }
                }
                env.join(case_env);
            }
        }
        Next::Continues
    }

    pub(in crate::flow) fn with_item(&mut self, id: NodeId, env: &mut Env) {
        let ast = self.ast;
        if ast.kind(id) != Kind::WithItem {
            self.expression(id, env);
            return;
        }
        let Some(value_node) = ast.slot(id, Slot::Value) else { return };
        let value = self.expression(value_node, env);
        if let Some(alias) = ast.slot(id, Slot::Alias) {
            self.bind(alias, value, env);
        }
    }

    pub(in crate::flow) fn class(&mut self, id: NodeId, env: &mut Env) {
        let ast = self.ast;
        let Some(body) = ast.slot(id, Slot::Body) else { return };
        if self.skip_functions {
            return;
        }
        let outer = std::mem::take(&mut self.this);
        let mut class_env = env.clone();
        // First what methods store on the object (handles, constants), then what they do with it.
        for member in ast.children(body) {
            if ast.kind(member) == Kind::Assign {
                self.expression(member, &mut class_env);
                if let (Some(left), Some(right)) =
                    (ast.slot(member, Slot::Left), ast.slot(member, Slot::Right))
                {
                    let value = self.expression(right, &mut class_env);
                    self.this.set_field(ast.node(left).hash, without_taint(value));
                }
            }
        }
        for assigned in ast.subtree(body) {
            if ast.kind(assigned) != Kind::Assign {
                continue;
            }
            let (Some(left), Some(right)) = (ast.slot(assigned, Slot::Left), ast.slot(assigned, Slot::Right))
            else {
                continue;
            };
            if let Some(name) = self.member_of_this(left)
                && matches!(
                    ast.kind(right),
                    Kind::Call | Kind::New | Kind::Member | Kind::Ident | Kind::Str | Kind::Await
                )
            {
                let quiet = std::mem::take(&mut self.rules);
                let value = self.expression(right, &mut class_env);
                self.rules = quiet;
                self.this.set_field(name, without_taint(value));
            }
        }
        for member in ast.children(body) {
            match ast.kind(member) {
                Kind::Function => {
                    self.function(member, &class_env, &[], None);
                }
                Kind::Assign => {}
                _ => {
                    self.statement(member, &mut class_env);
                }
            }
        }
        self.this = outer;
    }

    pub(in crate::flow) fn member_of_this(&self, id: NodeId) -> Option<u64> {
        let ast = self.ast;
        if ast.kind(id) != Kind::Member {
            return None;
        }
        let object = ast.slot(id, Slot::Object)?;
        matches!(ast.text(object), "this" | "self")
            .then(|| ast.slot(id, Slot::Property))
            .flatten()
            .map(|property| ast.node(property).hash)
    }
}

fn without_taint(mut value: Value) -> Value {
    value.taints.clear();
    value
}
