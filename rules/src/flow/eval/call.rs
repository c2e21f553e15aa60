//! Calls: sinks among their arguments, and what they return.

use smallvec::SmallVec;

use super::expression::percent_holes;
use super::{Flow, PATTERN_KINDS, element_of};
use crate::flow::env::Env;
use crate::flow::models::{NOWHERE, Sink};
use crate::flow::summary::SYMBOLS;
use crate::flow::value::{Known, Taint, Value, union};
use crate::syntax::{Kind, NodeId, Slot, hash_text};

impl<'a> Flow<'a> {
    pub(in crate::flow) fn call(&mut self, id: NodeId, env: &mut Env) -> Value {
        let ast = self.ast;
        let Some(callee_node) = ast.slot(id, Slot::Callee) else { return Value::default() };
        if let Some(module) = crate::analyze::required_module(ast, id) {
            return Value::at(self.model.lookup(&module));
        }
        let (receiver_node, receiver, method) = match ast.kind(callee_node) {
            Kind::Member => {
                let object = ast.slot(callee_node, Slot::Object);
                let value = object.map(|object| self.expression(object, env));
                let method = ast.slot(callee_node, Slot::Property).map(|property| ast.node(property).hash);
                (object, value, method)
            }
            _ => (None, None, None),
        };
        let callee = match (&receiver, method) {
            (Some(receiver), Some(method)) => match receiver.field(method) {
                Some(field) => field.clone(),
                None => Value::at(self.model.member(receiver.path, method)),
            },
            _ => self.expression(callee_node, env),
        };
        let model = self.model;
        let place = model.at(callee.path);
        let handler = place.handler.map(|index| &model.handlers[index as usize]);

        let arguments: SmallVec<[NodeId; 6]> = ast.slots(id, Slot::Arg).collect();
        if self.is_tagged_template(callee_node, &arguments) {
            // The tag gets text and values apart, which is what such functions are for: they bind or escape.
            self.expression(arguments[0], env);
            return Value::default();
        }
        let mut values: SmallVec<[Value; 6]> = SmallVec::new();
        let receiver_taints = receiver.as_ref().map(|value| value.all_taints()).unwrap_or_default();
        let is_sink = !place.sinks.is_empty();
        for &argument in &arguments {
            let value = match ast.kind(argument) {
                Kind::Function => {
                    // A callback of an untrusted collection sees its elements.
                    let mut parameters: SmallVec<[Value; 2]> = SmallVec::new();
                    if !is_sink && !receiver_taints.is_empty() {
                        let element = receiver.as_ref().map(element_of).unwrap_or_default();
                        parameters.push(element);
                    }
                    self.function(argument, env, &parameters, handler)
                }
                Kind::Array if handler.is_some() => {
                    for element in ast.children(argument) {
                        if ast.kind(element) == Kind::Function {
                            self.function(element, env, &[], handler);
                        }
                    }
                    Value::default()
                }
                Kind::Ident if handler.is_some() => {
                    let value = self.expression(argument, env);
                    if let Some(function) = value.function {
                        self.function(function, env, &[], handler);
                    }
                    value
                }
                _ => self.expression(argument, env),
            };
            values.push(value);
        }

        self.call_sinks(id, &callee, receiver_node, method, &arguments, &values);
        let inputs = values.iter().fold(receiver_taints, |taints, value| union(&taints, &value.all_taints()));
        let result = self.call_result(id, callee, receiver, method, &arguments, &values, env);
        self.inputs = inputs;
        result
    }

    /// `` sql`SELECT … ${id}` ``
    pub(in crate::flow) fn is_tagged_template(&self, callee: NodeId, arguments: &[NodeId]) -> bool {
        let ast = self.ast;
        let [only] = arguments else { return false };
        matches!(ast.kind(*only), Kind::Template | Kind::Str)
            && ast.text(*only).starts_with('`')
            && !ast.text[ast.range(callee).end..ast.range(*only).start].contains('(')
    }

    pub(in crate::flow) fn call_sinks(
        &mut self,
        id: NodeId,
        callee: &Value,
        receiver: Option<NodeId>,
        method: Option<u64>,
        arguments: &[NodeId],
        values: &[Value],
    ) {
        let model = self.model;
        let known = &model.at(callee.path).sinks;
        let sinks = match method {
            _ if !known.is_empty() => known.as_slice(),
            // A method that the models or this unit know by its receiver is not guessed by its name.
            Some(method) if callee.path == NOWHERE && callee.function.is_none() => model.method_sinks(method),
            _ => &[],
        };
        for &sink in sinks {
            let sink = &model.sinks[sink as usize];
            for (argument, value) in self.sink_arguments(sink, arguments, values) {
                self.check_sink(sink, id, argument, &value, receiver);
            }
        }
    }

    /// The arguments of a call that a sink speaks of.
    pub(in crate::flow) fn sink_arguments(
        &self,
        sink: &Sink,
        arguments: &[NodeId],
        values: &[Value],
    ) -> SmallVec<[(NodeId, Value); 2]> {
        let ast = self.ast;
        let mut out = SmallVec::new();
        for (required, constant) in &sink.requires {
            if !self.has_option(*required, constant, arguments, values) {
                return out;
            }
        }
        if let Some((_, keyword)) = &sink.keyword {
            for (&node, value) in arguments.iter().zip(values) {
                let is_it = ast.kind(node) == Kind::Keyword
                    && ast.slot(node, Slot::Name).is_some_and(|name| ast.node(name).hash == *keyword);
                if is_it {
                    out.push((ast.slot(node, Slot::Value).unwrap_or(node), value.clone()));
                    return out;
                }
            }
        }
        let positional = arguments.iter().zip(values).filter(|(node, _)| ast.kind(**node) != Kind::Keyword);
        for (&node, value) in positional.skip(sink.argument).take(if sink.rest { usize::MAX } else { 1 }) {
            out.push(self.option(sink, node, value));
        }
        out
    }

    /// Whether the call passes `name=constant` or an options object with it.
    pub(in crate::flow) fn has_option(
        &self,
        name: u64,
        constant: &str,
        arguments: &[NodeId],
        values: &[Value],
    ) -> bool {
        let ast = self.ast;
        arguments.iter().zip(values).any(|(&node, value)| {
            let given = if ast.kind(node) == Kind::Keyword {
                ast.slot(node, Slot::Name).filter(|&key| ast.node(key).hash == name).map(|_| value)
            } else {
                value.field(name)
            };
            given.is_some_and(|given| match constant {
                "true" => {
                    given.known == Known::True
                        || (given.known == Known::Nothing
                            && given.constant_text().is_some_and(|text| !text.is_empty()))
                }
                "false" => given.known == Known::False,
                text => given.constant_text() == Some(text),
            })
        })
    }

    #[expect(clippy::too_many_arguments)]
    pub(in crate::flow) fn call_result(
        &mut self,
        id: NodeId,
        callee: Value,
        receiver: Option<Value>,
        method: Option<u64>,
        arguments: &[NodeId],
        values: &[Value],
        env: &mut Env,
    ) -> Value {
        let ast = self.ast;
        let model = self.model;
        let path = model.call(callee.path);
        let mut result = Value::at(path);
        let safe = model.at(path).safe;
        let is_modelled = path != NOWHERE || !model.at(callee.path).sinks.is_empty();
        let argument_taints =
            || values.iter().fold(SmallVec::new(), |taints, value| union(&taints, &value.all_taints()));

        if let Some(function) = callee.function
            && let Some(value) = self.inline(function, env, values)
        {
            return value;
        }
        if let Some(template) = model.at(callee.path).template {
            return formatted(values, template as usize);
        }
        if let Some(value) = self.string_method(id, receiver.as_ref(), values) {
            return value;
        }
        let mut taints: SmallVec<[Taint; 1]> = SmallVec::new();
        if callee.path == NOWHERE && ast.kind(id) != Kind::Member {
            result.class = self.made_class(id);
        }
        if safe != u64::MAX {
            let name = method.or_else(|| Some(ast.node(ast.slot(id, Slot::Callee)?).hash));
            let text = self.called_name(id);
            let clean = name.is_some_and(|name| model.clean_members.contains_key(&name))
                || (!is_modelled && model.clean_names.iter().any(|names| names.is_match(text)));
            let receiver_node = ast.slot(id, Slot::Callee).and_then(|callee| ast.slot(callee, Slot::Object));
            let known_sink = method.is_some_and(|method| !model.method_sinks(method).is_empty());
            let beyond = if is_modelled || known_sink || result.class.is_some() {
                None
            } else {
                self.call_beyond(id, &callee, receiver_node.zip(receiver.as_ref()), clean)
            };
            let returned = beyond.and_then(|call| self.result_beyond(id, call, arguments, values));
            if let Some(returned) = returned {
                taints.push(returned);
                // What the patterns of a rule mark ends with the unit, so it is passed on here.
                let marked = argument_taints().into_iter().filter(|taint| is_mark(taint.kind));
                taints.extend(marked.map(|taint| Taint { weak: true, ..taint }));
            } else if !clean {
                if let Some(receiver) = &receiver {
                    taints = union(&taints, &receiver.all_taints());
                }
                if model.at(callee.path).sinks.is_empty() {
                    let mut passed = argument_taints();
                    for taint in &mut passed {
                        taint.weak |= !is_modelled;
                    }
                    taints = union(&taints, &passed);
                }
            }
            let mut cleared = safe;
            if !is_modelled {
                for (names, mask) in &model.sanitizer_names {
                    if names.is_match(text) {
                        cleared |= mask;
                    }
                }
            }
            for taint in &mut taints {
                taint.cleared |= cleared;
            }
            taints.retain(|taint| taint.cleared != u64::MAX);
        }
        result.taints = taints;
        // A collection that something untrusted was put into is untrusted.
        if let Some(receiver_node) =
            ast.slot(id, Slot::Callee).and_then(|callee| ast.slot(callee, Slot::Object))
        {
            self.put_into(receiver_node, method, arguments, values, env);
        }
        self.add_source(&mut result, id);
        result
    }

    /// The class of a new object: `new UserRepo(db)`, `UserRepo(db)`.
    fn made_class(&self, id: NodeId) -> Option<std::rc::Rc<str>> {
        let name = self.called_name(id);
        let looks_like_one = name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.contains(|c: char| c.is_ascii_lowercase());
        (self.ast.kind(id) == Kind::New || looks_like_one).then(|| name.into())
    }

    /// The last name of what is called: `a.b.escapeHtml(x)` → `escapeHtml`.
    pub(in crate::flow) fn called_name(&self, call: NodeId) -> &'a str {
        let ast = self.ast;
        let Some(callee) = ast.slot(call, Slot::Callee) else { return "" };
        match ast.kind(callee) {
            Kind::Member => ast.slot(callee, Slot::Property).map_or("", |property| ast.text(property)),
            Kind::Ident => ast.text(callee),
            _ => "",
        }
    }

    /// `list.push(x)`, `parts.append(x)`, `params.set(k, x)`.
    pub(in crate::flow) fn put_into(
        &mut self,
        receiver: NodeId,
        method: Option<u64>,
        arguments: &[NodeId],
        values: &[Value],
        env: &mut Env,
    ) {
        let ast = self.ast;
        let Some(method) = method else { return };
        // `query.append(a).append(b)` changes `query`.
        let mut receiver = receiver;
        while ast.kind(receiver) == Kind::Call {
            let object = ast.slot(receiver, Slot::Callee).and_then(|callee| ast.slot(callee, Slot::Object));
            let Some(object) = object else { return };
            receiver = object;
        }
        let puts = ["push", "unshift", "append", "extend", "add", "insert", "update", "set", "write"];
        if !puts.iter().any(|name| hash_text(name) == method)
            || arguments.is_empty()
            || ast.kind(receiver) != Kind::Ident
        {
            return;
        }
        let added = values.iter().fold(Value::default(), |known, value| known.join(value));
        if let Some(variable) = env.get_mut(ast.node(receiver).hash) {
            variable.taints = union(&variable.taints, &added.all_taints());
            variable.known = Known::Nothing;
        }
    }

    /// Methods that build strings, so that the shape of the text stays known.
    pub(in crate::flow) fn string_method(
        &mut self,
        id: NodeId,
        receiver: Option<&Value>,
        values: &[Value],
    ) -> Option<Value> {
        let receiver = receiver?;
        let shape = receiver.shape.as_deref()?;
        match self.called_name(id) {
            "format" => {
                let mut value = Value::text(&brace_holes(shape));
                value.taints = values.iter().fold(receiver.taints.clone(), |t, v| union(&t, &v.all_taints()));
                Some(value)
            }
            "concat" => Some(values.iter().fold(receiver.clone(), |known, value| known.concat(value))),
            "join" if receiver.constant_text().is_some() => {
                let taints = values.first().map(Value::all_taints).unwrap_or_default();
                Some(Value { taints, ..Value::default() })
            }
            "trim" | "strip" | "rstrip" | "lstrip" | "toString" | "trimEnd" | "trimStart" => {
                Some(receiver.clone())
            }
            _ => None,
        }
    }
}

/// A template with what is put into it: `String.format("… %s", x)`.
fn formatted(values: &[Value], template: usize) -> Value {
    let shape = values.get(template).and_then(|value| value.shape.as_deref()).unwrap_or("\u{0}");
    let mut value = Value::text(&brace_holes(&percent_holes(shape)));
    value.taints = values.iter().fold(SmallVec::new(), |taints, value| union(&taints, &value.all_taints()));
    value
}

fn is_mark(kind: u16) -> bool {
    (PATTERN_KINDS..SYMBOLS).contains(&kind)
}

/// `"a {} {name} b"` → `"a \0 \0 b"`.
fn brace_holes(shape: &str) -> String {
    static HOLES: std::sync::LazyLock<regex::Regex> =
        std::sync::LazyLock::new(|| regex::Regex::new(r"\{[^{}]*\}").expect("the expression is constant"));
    HOLES.replace_all(shape, "\u{0}").into_owned()
}
