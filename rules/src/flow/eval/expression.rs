//! Expressions: what their values are.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::{Flow, element_of};
use crate::flow::env::Env;
use crate::flow::models::{NOWHERE, Sink};
use crate::flow::value::{Known, Value, union};
use crate::syntax::{Kind, NodeId, Slot, hash_text};

impl<'a> Flow<'a> {
    pub(in crate::flow) fn expression(&mut self, id: NodeId, env: &mut Env) -> Value {
        if self.fuel == 0 {
            return Value::default();
        }
        self.fuel -= 1;
        let mut value = self.plain_expression(id, env);
        let is_call = matches!(self.ast.kind(id), Kind::Call | Kind::New);
        let inputs = if is_call { std::mem::take(&mut self.inputs) } else { SmallVec::new() };
        self.apply_marks(id, &mut value, &inputs, env);
        value
    }

    /// The value by what the code and the models say.
    pub(in crate::flow) fn plain_expression(&mut self, id: NodeId, env: &mut Env) -> Value {
        let ast = self.ast;
        match ast.kind(id) {
            Kind::Ident => self.name(id, env),
            Kind::Str => Value::text(ast.string_content(id)),
            Kind::StrPart => Value::text(ast.text(id)),
            Kind::Num => Value { shape: Some(ast.text(id).into()), ..Value::known(Known::Number) },
            Kind::Bool => {
                let truth = matches!(ast.text(id), "true" | "True");
                Value::known(if truth { Known::True } else { Known::False })
            }
            Kind::Null => Value::known(Known::Null),
            Kind::Regex => Value::known(Known::Literal),
            Kind::Template => {
                let mut value = Value::text("");
                for part in ast.children(id) {
                    let part = self.expression(part, env);
                    value = value.concat(&part);
                }
                value
            }
            Kind::Member => self.member(id, env),
            Kind::Index => self.index(id, env),
            Kind::Call | Kind::New => self.call(id, env),
            Kind::Assign => self.assign(id, env),
            Kind::AugAssign => self.augmented(id, env),
            Kind::Binary => self.binary(id, env),
            Kind::Compare => {
                for child in ast.children(id) {
                    self.expression(child, env);
                }
                // The outcome of a comparison is a truth value, whatever was compared.
                Value { known: Known::Nothing, ..Value::default() }
            }
            Kind::Unary => self.unary(id, env),
            Kind::Ternary => self.ternary(id, env),
            Kind::Await | Kind::Yield | Kind::Spread => {
                ast.slot(id, Slot::Value).map_or_else(Value::default, |value| self.expression(value, env))
            }
            Kind::Keyword => {
                ast.slot(id, Slot::Value).map_or_else(Value::default, |value| self.expression(value, env))
            }
            Kind::Sequence => {
                let mut last = Value::default();
                for child in ast.children(id) {
                    last = self.expression(child, env);
                }
                last
            }
            Kind::Object => self.object(id, env),
            Kind::Array | Kind::Tuple | Kind::Set => self.list(id, env),
            Kind::Function => self.function(id, env, &[], None),
            Kind::Class => {
                self.class(id, env);
                Value::default()
            }
            Kind::Comprehension => self.comprehension(id, env),
            Kind::Jsx => self.jsx(id, env),
            Kind::Default => {
                ast.slot(id, Slot::Right).map_or_else(Value::default, |value| self.expression(value, env))
            }
            Kind::Block
            | Kind::If
            | Kind::For
            | Kind::ForIn
            | Kind::While
            | Kind::Try
            | Kind::Switch
            | Kind::Return
            | Kind::VarDecl
            | Kind::With
            | Kind::Throw => {
                self.statement(id, env);
                Value::default()
            }
            _ => {
                let mut taints = SmallVec::new();
                for child in ast.children(id) {
                    // The name of a symbol is no variable.
                    if ast.node(child).slot != Slot::Name {
                        taints = union(&taints, &self.expression(child, env).taints);
                    }
                }
                Value { taints, ..Value::default() }
            }
        }
    }

    pub(in crate::flow) fn name(&mut self, id: NodeId, env: &Env) -> Value {
        let hash = self.ast.node(id).hash;
        if let Some(value) = env.get(hash) {
            return value.clone();
        }
        let mut value = match self.view.names.full(hash) {
            Some(full) => Value::at(self.model.lookup(full)),
            None => match self.globals.get(hash) {
                Some(value) => value,
                None if matches!(self.ast.text(id), "this" | "self") => self.this.clone(),
                None => Value::at(self.model.global(hash)),
            },
        };
        self.add_source(&mut value, id);
        value
    }

    pub(in crate::flow) fn member(&mut self, id: NodeId, env: &mut Env) -> Value {
        let ast = self.ast;
        let (Some(object_node), Some(property)) = (ast.slot(id, Slot::Object), ast.slot(id, Slot::Property))
        else {
            return Value::default();
        };
        let object = self.expression(object_node, env);
        let name = ast.node(property).hash;
        self.member_value(id, object, name)
    }

    pub(in crate::flow) fn member_value(&mut self, id: NodeId, object: Value, name: u64) -> Value {
        if let Some(field) = object.field(name) {
            return field.clone();
        }
        if self.model.clean_members.contains_key(&name) {
            return Value::default();
        }
        let mut value = Value::at(self.model.member(object.path, name));
        value.taints = object.taints;
        self.add_source(&mut value, id);
        value
    }

    pub(in crate::flow) fn index(&mut self, id: NodeId, env: &mut Env) -> Value {
        let ast = self.ast;
        let Some(object_node) = ast.slot(id, Slot::Object) else { return Value::default() };
        let object = self.expression(object_node, env);
        let index_node = ast.slot(id, Slot::Index);
        let index = index_node.map(|node| self.expression(node, env)).unwrap_or_default();
        if let Some(text) = index.constant_text() {
            let name = hash_text(text);
            if object.field(name).is_some() || object.path != NOWHERE {
                return self.member_value(id, object, name);
            }
        }
        // A table of constants answers with constants, whoever chose the key.
        let is_table = object.known == Known::Literal;
        let fields =
            object.fields.as_ref().map(|fields| fields.values().fold(Value::default(), |a, b| a.join(b)));
        let mut value = fields.unwrap_or_default();
        value.taints = union(&value.taints, &object.taints);
        if is_table {
            value.known = Known::Literal;
        }
        value
    }

    pub(in crate::flow) fn assign(&mut self, id: NodeId, env: &mut Env) -> Value {
        let ast = self.ast;
        let left = ast.slot(id, Slot::Left);
        let mut value = match ast.slot(id, Slot::Right) {
            Some(right) => {
                let mut value = self.expression(right, env);
                if let Some(left) = left
                    && ast.kind(left) == Kind::Ident
                    && ast.kind(right) != Kind::Ident
                {
                    self.add_step(&mut value, id, || format!("flows into `{}`", ast.text(left)));
                }
                value
            }
            None => Value::default(),
        };
        let Some(left) = left else { return value };
        let declaration = ast.parent(id).filter(|&parent| ast.kind(parent) == Kind::VarDecl);
        let annotation = ast.slot(id, Slot::Type).or_else(|| ast.slot(declaration?, Slot::Type));
        if let Some(annotation) = annotation {
            value = self.annotated(annotation, left, value);
        }
        self.assign_sink(id, left, &value, env);
        self.bind(left, value.clone(), env);
        value
    }

    pub(in crate::flow) fn assign_sink(&mut self, id: NodeId, left: NodeId, value: &Value, env: &mut Env) {
        let ast = self.ast;
        if ast.kind(left) != Kind::Member {
            return;
        }
        let (Some(object), Some(property)) = (ast.slot(left, Slot::Object), ast.slot(left, Slot::Property))
        else {
            return;
        };
        let model = self.model;
        let name = ast.node(property).hash;
        let object_value = self.expression(object, env);
        let place = model.member(object_value.path, name);
        let by_name = model.assigns.get(&name).map_or(&[][..], Vec::as_slice);
        let argument = ast.slot(id, Slot::Right).unwrap_or(id);
        for &sink in model.at(place).assigns.iter().chain(by_name) {
            self.check_sink(&model.sinks[sink as usize], id, argument, value, Some(object));
        }
    }

    pub(in crate::flow) fn augmented(&mut self, id: NodeId, env: &mut Env) -> Value {
        let ast = self.ast;
        let (Some(left), Some(right)) = (ast.slot(id, Slot::Left), ast.slot(id, Slot::Right)) else {
            return Value::default();
        };
        let old = self.expression(left, env);
        let added = self.expression(right, env);
        let mut value = match ast.operator(id) {
            "+=" => old.concat(&added),
            "??=" | "||=" | "&&=" => old.join(&added),
            _ => Value::known(Known::Nothing),
        };
        if added.is_tainted() {
            self.add_step(&mut value, id, || format!("is appended to `{}`", ast.text(left)));
        }
        self.assign_sink(id, left, &value, env);
        self.bind(left, value.clone(), env);
        value
    }

    pub(in crate::flow) fn binary(&mut self, id: NodeId, env: &mut Env) -> Value {
        let ast = self.ast;
        let mut children = ast.children(id);
        let (Some(left), Some(right)) = (children.next(), children.next()) else { return Value::default() };
        let a = self.expression(left, env);
        match ast.operator(id) {
            "+" => {
                let b = self.expression(right, env);
                if a.known == Known::Number && b.known == Known::Number {
                    return Value::known(Known::Number);
                }
                a.concat(&b)
            }
            "&&" | "and" => {
                let mut inner = env.clone();
                self.refine(left, true, &mut inner);
                let b = self.expression(right, &mut inner);
                if a.truth() == Some(false) { a } else { b.join(&Value::default()) }
            }
            "||" | "or" | "??" => {
                let mut inner = env.clone();
                self.refine(left, false, &mut inner);
                let b = self.expression(right, &mut inner);
                if a.truth() == Some(true) { a } else { a.join(&b) }
            }
            // `"… %s" % values`
            "%" if a.shape.is_some() && a.known == Known::Nothing => {
                let b = self.expression(right, env);
                let shape = a.shape.as_deref().map(percent_holes).unwrap_or_default();
                let mut value = Value::text(&shape);
                value.taints = union(&a.taints, &b.all_taints());
                value
            }
            "%" => {
                self.expression(right, env);
                Value::default()
            }
            // `path / name`, `"x" * 3`
            "/" | "*" => {
                let b = self.expression(right, env);
                if a.known == Known::Number || b.known == Known::Number {
                    return Value { taints: SmallVec::new(), ..Value::default() };
                }
                Value { taints: union(&a.taints, &b.taints), path: a.path, ..Value::default() }
            }
            // Comparisons and arithmetic yield numbers and truth values.
            operator => {
                let b = self.expression(right, env);
                match (operator, a.constant_text(), b.constant_text()) {
                    ("==" | "===", Some(a), Some(b)) => {
                        Value::known(if a == b { Known::True } else { Known::False })
                    }
                    ("!=" | "!==", Some(a), Some(b)) => {
                        Value::known(if a == b { Known::False } else { Known::True })
                    }
                    _ => Value::default(),
                }
            }
        }
    }

    pub(in crate::flow) fn unary(&mut self, id: NodeId, env: &mut Env) -> Value {
        let ast = self.ast;
        let Some(operand) = ast.children(id).next() else { return Value::default() };
        let value = self.expression(operand, env);
        match ast.operator(id) {
            "!" | "not" => match value.truth() {
                Some(true) => Value::known(Known::False),
                Some(false) => Value::known(Known::True),
                None => Value::default(),
            },
            // `$x` of a shell.
            "" => value,
            // Arithmetic makes a number of anything.
            "-" | "+" | "~" => Value::known(Known::Number),
            // A pointer or reference is followed as what it points to.
            "&" | "*" | "&mut" => value,
            _ if ast.text(id).ends_with('?') => value,
            _ => Value::default(),
        }
    }

    pub(in crate::flow) fn ternary(&mut self, id: NodeId, env: &mut Env) -> Value {
        let ast = self.ast;
        let Some(condition) = ast.slot(id, Slot::Cond) else { return Value::default() };
        let decided = self.expression(condition, env).truth();
        let mut value: Option<Value> = None;
        for (slot, truth) in [(Slot::Then, true), (Slot::Else, false)] {
            if decided == Some(!truth) {
                continue;
            }
            let Some(part) = ast.slot(id, slot) else { continue };
            let mut inner = env.clone();
            self.refine(condition, truth, &mut inner);
            let part = self.expression(part, &mut inner);
            value = Some(value.map_or(part.clone(), |known| known.join(&part)));
        }
        value.unwrap_or_default()
    }

    pub(in crate::flow) fn object(&mut self, id: NodeId, env: &mut Env) -> Value {
        let ast = self.ast;
        let mut fields = FxHashMap::default();
        let mut taints = SmallVec::new();
        let mut constant = true;
        for child in ast.children(id) {
            match ast.kind(child) {
                Kind::Shorthand => {
                    let value = self.name(child, env);
                    constant &= value.is_constant();
                    fields.insert(ast.node(child).hash, value);
                }
                Kind::Pair => {
                    let Some(value_node) = ast.slot(child, Slot::Value) else { continue };
                    let value = self.expression(value_node, env);
                    constant &= value.is_constant();
                    match ast.slot(child, Slot::Key) {
                        Some(key) if matches!(ast.kind(key), Kind::Ident | Kind::Str) => {
                            fields.insert(ast.node(key).hash, value);
                        }
                        _ => taints = union(&taints, &value.taints),
                    }
                }
                Kind::Spread => {
                    let value = self.expression(child, env);
                    constant = false;
                    taints = union(&taints, &value.taints);
                    if let Some(inner) = &value.fields {
                        fields.extend(inner.iter().map(|(name, value)| (*name, value.clone())));
                    }
                }
                Kind::Function => {
                    let value = self.function(child, env, &[], None);
                    if let Some(name) = ast.slot(child, Slot::Name) {
                        fields.insert(ast.node(name).hash, value);
                    }
                }
                // `T{a, b}`: told by their place.
                _ => {
                    constant = false;
                    taints = union(&taints, &self.expression(child, env).all_taints());
                }
            }
        }
        let known = if constant { Known::Literal } else { Known::Nothing };
        Value { taints, known, fields: Some(Rc::new(fields)), ..Value::default() }
    }

    /// Lists and tuples: elements by their position.
    pub(in crate::flow) fn list(&mut self, id: NodeId, env: &mut Env) -> Value {
        let ast = self.ast;
        let mut fields = FxHashMap::default();
        let mut taints = SmallVec::new();
        let mut constant = true;
        for (index, child) in ast.children(id).enumerate() {
            let value = self.expression(child, env);
            constant &= value.is_constant();
            if ast.kind(child) == Kind::Spread {
                taints = union(&taints, &value.all_taints());
            } else {
                fields.insert(hash_text(&index.to_string()), value);
            }
        }
        let known = if constant { Known::Literal } else { Known::Nothing };
        Value { taints, known, fields: Some(Rc::new(fields)), ..Value::default() }
    }

    pub(in crate::flow) fn comprehension(&mut self, id: NodeId, env: &mut Env) -> Value {
        let ast = self.ast;
        let mut inner = env.clone();
        for clause in ast.children(id).filter(|&child| ast.kind(child) == Kind::ForClause) {
            let iterated = ast.slot(clause, Slot::Iter).map(|iter| self.expression(iter, &mut inner));
            if let (Some(left), Some(iterated)) = (ast.slot(clause, Slot::Left), iterated) {
                self.bind(left, element_of(&iterated), &mut inner);
            }
        }
        for child in ast.children(id) {
            let is_condition = ast.kind(child) != Kind::ForClause && ast.node(child).slot != Slot::Body;
            if is_condition {
                self.expression(child, &mut inner);
                self.refine(child, true, &mut inner);
            }
        }
        let body = ast.slot(id, Slot::Body).map(|body| self.expression(body, &mut inner));
        let body = body.unwrap_or_default();
        Value {
            taints: body.all_taints(),
            known: if body.is_constant() { Known::Literal } else { Known::Nothing },
            ..Value::default()
        }
    }

    pub(in crate::flow) fn jsx(&mut self, id: NodeId, env: &mut Env) -> Value {
        let ast = self.ast;
        let model = self.model;
        for child in ast.children(id) {
            if ast.kind(child) != Kind::JsxAttr {
                self.expression(child, env);
                continue;
            }
            let (Some(name), Some(value_node)) = (ast.slot(child, Slot::Name), ast.slot(child, Slot::Value))
            else {
                continue;
            };
            let value = self.expression(value_node, env);
            for &sink in model.attributes.get(&ast.node(name).hash).map_or(&[][..], Vec::as_slice) {
                let sink = &model.sinks[sink as usize];
                let (argument, value) = self.option(sink, value_node, &value);
                self.check_sink(sink, child, argument, &value, None);
            }
        }
        Value::default()
    }

    /// The property of an options object that a sink speaks of, or the object where it speaks of none.
    pub(in crate::flow) fn option(&self, sink: &Sink, node: NodeId, value: &Value) -> (NodeId, Value) {
        let ast = self.ast;
        if let Some((_, keyword)) = &sink.keyword
            && ast.kind(node) == Kind::Object
        {
            let pair = ast.children(node).find(|&pair| {
                ast.kind(pair) == Kind::Pair
                    && ast.slot(pair, Slot::Key).is_some_and(|key| ast.node(key).hash == *keyword)
            });
            let value_node = pair.and_then(|pair| ast.slot(pair, Slot::Value));
            if let (Some(value_node), Some(field)) = (value_node, value.field(*keyword)) {
                return (value_node, field.clone());
            }
        }
        if let Some((_, keyword)) = &sink.keyword
            && let Some(field) = value.field(*keyword)
        {
            return (node, field.clone());
        }
        (node, value.clone())
    }
}

/// `"a %s b"` → `"a \0 b"`.
pub(super) fn percent_holes(shape: &str) -> String {
    static HOLES: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| {
        regex::Regex::new(r"%(\(\w+\))?[-#0 +]*\d*(\.\d+)?[sdrfixXeEgGc]")
            .expect("the expression is constant")
    });
    HOLES.replace_all(shape, "\u{0}").into_owned()
}
