//! Bindings: what assignment does to variables, members and patterns.

use super::Flow;
use crate::flow::env::Env;
use crate::flow::models::NOWHERE;
use crate::flow::value::{Known, Value, union};
use crate::syntax::{Kind, NodeId, Slot, hash_text};

impl<'a> Flow<'a> {
    pub(in crate::flow) fn bind(&mut self, target: NodeId, value: Value, env: &mut Env) {
        let ast = self.ast;
        match ast.kind(target) {
            Kind::Ident | Kind::Shorthand => {
                let mut value = value;
                self.apply_marks(target, &mut value, &[], env);
                env.set(ast.node(target).hash, value);
            }
            Kind::Param => {
                if let Some(name) = ast.slot(target, Slot::Name) {
                    self.bind(name, value, env);
                }
            }
            Kind::Default => {
                if let Some(name) = ast.slot(target, Slot::Left) {
                    let value = match ast.slot(target, Slot::Right) {
                        Some(default) => value.join(&self.expression(default, env)),
                        None => value,
                    };
                    self.bind(name, value, env);
                }
            }
            Kind::Spread => {
                if let Some(name) = ast.children(target).next() {
                    self.bind(name, value, env);
                }
            }
            Kind::Object => {
                for property in ast.children(target) {
                    let (key, inner) = match ast.kind(property) {
                        Kind::Shorthand => (Some(property), property),
                        Kind::Pair => {
                            let key = ast.slot(property, Slot::Key);
                            (key, ast.slot(property, Slot::Value).unwrap_or(property))
                        }
                        Kind::Default => (ast.slot(property, Slot::Left), property),
                        _ => (None, property),
                    };
                    let part = match key {
                        Some(key) => self.member_value(key, value.clone(), ast.node(key).hash),
                        None => value.clone(),
                    };
                    self.bind(inner, part, env);
                }
            }
            Kind::Array | Kind::Tuple => {
                for (index, element) in ast.children(target).enumerate() {
                    let part = match value.field(hash_text(&index.to_string())) {
                        Some(field) => field.clone(),
                        None => Value { taints: value.taints.clone(), path: NOWHERE, ..Value::default() },
                    };
                    self.bind(element, part, env);
                }
            }
            Kind::Member => self.bind_member(target, value, env),
            Kind::Index => {
                if let Some(object) = ast.slot(target, Slot::Object)
                    && ast.kind(object) == Kind::Ident
                {
                    let key = ast.slot(target, Slot::Index).map(|index| self.expression(index, env));
                    let key = key.and_then(|key| key.constant_text().map(hash_text));
                    self.store(ast.node(object).hash, key, value, env);
                }
            }
            _ => {}
        }
    }

    pub(in crate::flow) fn bind_member(&mut self, target: NodeId, value: Value, env: &mut Env) {
        let ast = self.ast;
        let (Some(object), Some(property)) =
            (ast.slot(target, Slot::Object), ast.slot(target, Slot::Property))
        else {
            return;
        };
        let name = ast.node(property).hash;
        if matches!(ast.text(object), "this" | "self") {
            self.this.set_field(name, value.clone());
        }
        if ast.kind(object) == Kind::Ident {
            self.store(ast.node(object).hash, Some(name), value, env);
        }
    }

    pub(in crate::flow) fn store(&mut self, variable: u64, key: Option<u64>, value: Value, env: &mut Env) {
        let Some(object) = env.get_mut(variable) else { return };
        match key {
            Some(key) => object.set_field(key, value),
            None => object.taints = union(&object.taints, &value.all_taints()),
        }
        if object.known == Known::Literal {
            object.known = Known::Nothing;
        }
    }
}
