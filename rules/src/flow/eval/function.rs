//! Functions: interpreted where they are written, with what is known of their parameters.

use smallvec::SmallVec;

use super::Flow;
use crate::flow::env::Env;
use crate::flow::models::{Handler, NOWHERE, has_head};
use crate::flow::value::{Known, Taint, Value};
use crate::syntax::{Ast, Kind, NodeId, Slot, hash_text};

impl<'a> Flow<'a> {
    /// Interprets a function where it is written. `arguments` are what its caller is known to pass.
    pub(in crate::flow) fn function(
        &mut self,
        id: NodeId,
        env: &Env,
        arguments: &[Value],
        handler: Option<&'a Handler>,
    ) -> Value {
        let mut result = Value::known(Known::Literal);
        result.function = Some(id);
        if self.skip_functions || self.active.contains(&id) || self.active.len() > 24 {
            return result;
        }
        let ast = self.ast;
        let decorator = ast.slots(id, Slot::Decorator).find_map(|node| self.decorator_handler(node, env));
        let handler = handler.or(decorator);
        // A function that is passed to another one is called with what that one has.
        let known = handler.is_some() || !arguments.is_empty();
        let record = if known { None } else { self.define(id) };
        self.interpret(id, env, arguments, handler, record);
        result
    }

    /// What a call of a function of this unit returns, given its arguments.
    pub(in crate::flow) fn inline(&mut self, id: NodeId, env: &Env, arguments: &[Value]) -> Option<Value> {
        if self.active.contains(&id) || self.active.len() > 8 || self.skip_functions {
            return None;
        }
        Some(self.interpret(id, env, arguments, None, None))
    }

    /// Interprets the body once; what it returns.
    fn interpret(
        &mut self,
        id: NodeId,
        env: &Env,
        arguments: &[Value],
        handler: Option<&'a Handler>,
        record: Option<u32>,
    ) -> Value {
        let ast = self.ast;
        let mut inner = env.clone();
        self.defining.push(record);
        self.parameters(id, arguments, handler, &mut inner);
        self.active.push(id);
        self.returns.push(handler.and_then(|handler| handler.returns));
        self.returned.push(Value::default());
        if let Some(body) = ast.slot(id, Slot::Body) {
            if ast.kind(body) == Kind::Block {
                self.block(body, &mut inner);
            } else {
                // An arrow function or lambda returns its expression.
                let value = self.expression(body, &mut inner);
                self.return_value(body, value);
            }
        }
        self.returns.pop();
        self.active.pop();
        self.defining.pop();
        self.returned.pop().unwrap_or_default()
    }

    pub(in crate::flow) fn decorator_handler(&mut self, decorator: NodeId, env: &Env) -> Option<&'a Handler> {
        let ast = self.ast;
        let mut node = ast.slot(decorator, Slot::Value)?;
        if ast.kind(node) == Kind::Call {
            node = ast.slot(node, Slot::Callee)?;
        }
        let path = self.expression(node, &mut env.clone()).path;
        let index = self.model.at(path).decorator?;
        Some(&self.model.handlers[index as usize])
    }

    pub(in crate::flow) fn parameters(
        &mut self,
        id: NodeId,
        arguments: &[Value],
        handler: Option<&'a Handler>,
        env: &mut Env,
    ) {
        let ast = self.ast;
        let nodes: SmallVec<[NodeId; 6]> = ast.slots(id, Slot::Param).collect();
        let by_name = if handler.is_none() { self.parameters_by_name(&nodes) } else { None };
        // Express hands errors to functions of four parameters, before everything else.
        let shift = usize::from(handler.is_some_and(|h| h.parameters.len() == 3) && nodes.len() == 4);
        let receiver = self.has_receiver(&nodes);
        for (index, &node) in nodes.iter().enumerate() {
            let (name, annotation, default) = self.parameter_parts(node);
            let mut value = arguments.get(index).cloned().unwrap_or_default();
            if matches!(ast.text(name), "self" | "this") && index == 0 {
                value = self.this.clone();
            }
            if let Some(handler) = handler {
                if index >= shift
                    && let Some(&place) = handler.parameters.get(index - shift)
                {
                    value = self.place_value(place, name);
                } else if let Some(kind) = handler.remaining
                    && ast.text(name) != "self"
                    && !default.is_some_and(|default| self.is_injected(default))
                {
                    value = self.tainted_parameter(name, kind);
                }
            } else if let Some(types) = &by_name
                && let Some(&place) = types.get(index)
            {
                value = self.place_value(place, name);
            }
            if let Some(decorated) = self.decorated_parameter(node, name, env) {
                value = decorated;
            }
            if let Some(annotation) = annotation {
                value = self.annotated(annotation, name, value);
            }
            if let Some(default) = default
                && value.path == NOWHERE
                && !value.is_tainted()
                && arguments.len() <= index
            {
                let given = self.expression(default, env);
                // A default is one of the values the parameter can have, so it is no constant.
                value.path = given.path;
            }
            let position = index.checked_sub(usize::from(receiver));
            if let Some(position) = position
                && handler.is_none()
            {
                self.add_parameter_symbol(&mut value, name, position);
            }
            self.bind(name, value, env);
        }
    }

    /// `Depends(get_db)` and the like: filled in by the framework, not by the client.
    pub(in crate::flow) fn is_injected(&self, default: NodeId) -> bool {
        let callee = self.ast.slot(default, Slot::Callee).map(|callee| self.ast.text(callee));
        matches!(callee, Some("Depends" | "Security" | "fastapi.Depends" | "BackgroundTasks"))
    }

    pub(in crate::flow) fn parameter_parts(&self, node: NodeId) -> (NodeId, Option<NodeId>, Option<NodeId>) {
        let ast = self.ast;
        match ast.kind(node) {
            Kind::Param => {
                let name = ast.slot(node, Slot::Name).unwrap_or(node);
                (name, ast.slot(node, Slot::Type), ast.slot(node, Slot::Value))
            }
            Kind::Default => (ast.slot(node, Slot::Left).unwrap_or(node), None, ast.slot(node, Slot::Right)),
            _ => (node, None, None),
        }
    }

    pub(in crate::flow) fn parameters_by_name(&self, nodes: &[NodeId]) -> Option<Vec<u32>> {
        let model = self.model;
        model.parameters.iter().find_map(|known| {
            let offset = usize::from(
                nodes
                    .first()
                    .is_some_and(|&first| matches!(self.ast.text(self.parameter_parts(first).0), "self")),
            );
            if nodes.len() < known.names.len() + offset {
                return None;
            }
            if !known.imports.is_empty() && !known.imports.iter().any(|head| self.imports(head)) {
                return None;
            }
            let fits = known
                .names
                .iter()
                .zip(&nodes[offset..])
                .all(|(names, &node)| names.contains(&self.ast.node(self.parameter_parts(node).0).hash));
            fits.then(|| std::iter::repeat_n(NOWHERE, offset).chain(known.types.iter().copied()).collect())
        })
    }

    pub(in crate::flow) fn imports(&self, head: &str) -> bool {
        self.view.names.imported().any(|name| has_head(name, head))
    }

    /// What a type annotation says: numbers cannot carry an attack, library types are known to the models.
    pub(in crate::flow) fn annotated(&mut self, annotation: NodeId, name: NodeId, mut value: Value) -> Value {
        let ast = self.ast;
        let type_node = named_type(ast, annotation);
        let text = ast.text(type_node);
        if CANNOT_INJECT.contains(&text) && !ast.text(annotation).contains(['[', '<']) {
            return Value::known(Known::Number);
        }
        let Some(full) = self.view.names.qualified(ast, type_node) else { return value };
        let place = self.model.lookup(&full);
        if place == NOWHERE {
            if value.class.is_none() && is_class_name(text) {
                value.class = Some(class_name(text).into());
            }
        } else if value.path == NOWHERE {
            value.path = place;
            self.add_source(&mut value, name);
        }
        value
    }

    /// What stands before a parameter says where the framework takes it from: `@RequestParam String name`.
    fn decorated_parameter(&mut self, parameter: NodeId, name: NodeId, env: &Env) -> Option<Value> {
        let ast = self.ast;
        let decorators: SmallVec<[NodeId; 2]> = ast.slots(parameter, Slot::Decorator).collect();
        decorators.into_iter().find_map(|decorator| {
            let mut node = ast.slot(decorator, Slot::Value)?;
            if ast.kind(node) == Kind::Call {
                node = ast.slot(node, Slot::Callee)?;
            }
            let path = self.expression(node, &mut env.clone()).path;
            let kind = self.model.at(path).source.as_ref()?.kind;
            Some(self.tainted_parameter(name, kind))
        })
    }

    /// A value at a place of the models, with the taint of that place.
    pub(in crate::flow) fn place_value(&mut self, place: u32, node: NodeId) -> Value {
        let mut value = Value::at(place);
        self.add_source(&mut value, node);
        value
    }

    pub(in crate::flow) fn tainted_parameter(&mut self, name: NodeId, kind: u16) -> Value {
        let text = self.ast.text(name);
        let step = self.source_step(name, format!("`{text}` comes from the request"));
        Value {
            taints: SmallVec::from_slice(&[Taint { kind, cleared: 0, step, weak: false }]),
            ..Value::default()
        }
    }

    pub(in crate::flow) fn return_value(&mut self, node: NodeId, value: Value) {
        if let Some(Some(sink)) = self.returns.last().copied() {
            // What a handler returns in a tuple is body, status, headers.
            let (node, body) = match self.ast.kind(node) {
                Kind::Tuple => (self.ast.children(node).next(), value.field(hash_text("0")).cloned()),
                _ => (Some(node), Some(value.clone())),
            };
            if let (Some(node), Some(body)) = (node, body)
                && !matches!(self.ast.kind(node), Kind::Object | Kind::Array)
                && body.path == NOWHERE
            {
                self.check_sink(&self.model.sinks[sink as usize], node, node, &body, None);
            }
        }
        self.record_return(&value);
        if let Some(returned) = self.returned.last_mut() {
            *returned = returned.join(&value);
        }
    }
}

/// Types whose values cannot carry an attack: numbers, truth values, dates, identifiers of a fixed form.
const CANNOT_INJECT: &[&str] = &[
    "int",
    "float",
    "bool",
    "number",
    "boolean",
    "bigint",
    "UUID",
    "uuid.UUID",
    "date",
    "datetime",
    "Decimal",
    "long",
    "short",
    "byte",
    "double",
    "char",
    "Integer",
    "Long",
    "Short",
    "Byte",
    "Double",
    "Float",
    "Boolean",
    "BigInteger",
    "BigDecimal",
    "LocalDate",
    "LocalDateTime",
    "Instant",
    "Int",
    "Guid",
    "DateTime",
    "decimal",
    "int32",
    "int64",
    "uint",
    "uint32",
    "uint64",
    "float32",
    "float64",
    "i8",
    "i16",
    "i32",
    "i64",
    "u8",
    "u16",
    "u32",
    "u64",
    "usize",
    "isize",
    "f32",
    "f64",
    "Uuid",
    "Date",
    "size_t",
    "unsigned",
    "unsigned int",
    "nint",
];

/// Whether a type is written like a class of the program rather than like text or a container.
fn is_class_name(text: &str) -> bool {
    let name = class_name(text);
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && !matches!(
            name,
            "String"
                | "Str"
                | "Object"
                | "Any"
                | "List"
                | "Map"
                | "Dict"
                | "Set"
                | "Optional"
                | "Array"
                | "Promise"
                | "Record"
                | "Buffer"
                | "CharSequence"
                | "Iterable"
                | "Collection"
                | "Vec"
                | "Option"
                | "Result"
        )
}

/// `Repo` of `app.Repo<T>`.
fn class_name(text: &str) -> &str {
    let text = text.split(['<', '[', '|', '?', ' ']).next().unwrap_or(text);
    text.rsplit(['.', ':', '\\']).next().unwrap_or(text)
}

/// The name in a type: `http.Request` of `*http.Request`, `List` of `List<String>`.
fn named_type(ast: &Ast, annotation: NodeId) -> NodeId {
    let mut node = ast.slot(annotation, Slot::Value).unwrap_or(annotation);
    while !matches!(ast.kind(node), Kind::Ident | Kind::Member) {
        match ast.children(node).next() {
            Some(child) => node = child,
            None => break,
        }
    }
    node
}
