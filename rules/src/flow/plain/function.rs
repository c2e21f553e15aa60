//! Functions and classes: interpreted where they are written, with what is known there.

use smallvec::SmallVec;

use super::Flow;
use super::shape::{Env, Place, Shape};
use crate::syntax::{Kind, NodeId, Slot};

/// Functions in functions that are followed.
const MAX_DEPTH: u32 = 32;

impl<'a> Flow<'a> {
    /// Interprets a body. What it does to the variables around it is not known to happen.
    pub(super) fn function(&mut self, id: NodeId, env: &Env) {
        if self.skip_functions || self.depth >= MAX_DEPTH {
            return;
        }
        let ast = self.ast;
        for decorator in ast.slots(id, Slot::Decorator).collect::<SmallVec<[NodeId; 2]>>() {
            self.expression(decorator, &mut env.clone());
        }
        let mut inner = env.clone();
        for parameter in ast.slots(id, Slot::Param).collect::<SmallVec<[NodeId; 6]>>() {
            self.parameter(parameter, &mut inner);
        }
        self.depth += 1;
        let exits = std::mem::take(&mut self.exits);
        let raises = std::mem::take(&mut self.raises);
        if let Some(body) = ast.slot(id, Slot::Body) {
            if ast.kind(body) == Kind::Block {
                self.statement(body, &mut inner);
            } else {
                self.expression(body, &mut inner);
            }
        }
        self.raises = raises;
        self.exits = exits;
        self.depth -= 1;
    }

    /// A parameter holds its default, and what a source says.
    fn parameter(&mut self, id: NodeId, env: &mut Env) {
        let ast = self.ast;
        let (name, default) = match ast.kind(id) {
            Kind::Param => (ast.slot(id, Slot::Name).unwrap_or(id), ast.slot(id, Slot::Value)),
            Kind::Default => (ast.slot(id, Slot::Left).unwrap_or(id), ast.slot(id, Slot::Right)),
            _ => (id, None),
        };
        let default = default.map(|default| self.expression(default, env)).unwrap_or_default();
        let value = if name == id { default } else { self.written(id, default, env) };
        match ast.kind(name) {
            Kind::Ident | Kind::Shorthand => {
                let value = self.written(name, value, env);
                env.set(&Place { name: ast.node(name).hash, path: SmallVec::new() }, value);
            }
            _ => {
                let value = if name == id { self.written(name, value, env) } else { value };
                self.bind(name, value, env);
            }
        }
    }

    pub(super) fn class(&mut self, id: NodeId, env: &mut Env) {
        let ast = self.ast;
        let mut inner = env.clone();
        for part in ast.children(id).collect::<SmallVec<[NodeId; 4]>>() {
            match ast.node(part).slot {
                Slot::Body => {
                    self.statement(part, &mut inner);
                }
                Slot::Name => {}
                _ => {
                    self.expression(part, env);
                }
            }
        }
    }

    /// Binds nothing: for names that a handler gives to what it caught.
    pub(super) fn forget(&mut self, name: NodeId, env: &mut Env) {
        if let Some(place) = self.place(name) {
            let value = self.written(name, Shape::default(), env);
            env.set(&place, value);
        }
    }
}
