//! The abstract interpreter: one unit, all taint rules, one pass.
//!
//! Statements are interpreted in order; branches are joined, loops run twice, a branch on a constant is not
//! taken, what follows a guard is refined. A function is interpreted where it is written, with what is known of
//! the variables it captures. Fuel bounds the work, so a pathological unit costs its own flows and nothing else.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::env::Env;
use super::marks::Marks;
use super::models::{Handler, Model, Models, NOWHERE, Sink, has_head};
use super::value::{Known, Taint, Value, union};
use crate::analyze::FileView;
use crate::syntax::{Ast, Kind, NodeId, Slot, hash_text};

/// Nodes that may be evaluated in one unit.
const FUEL: u32 = 400_000;

/// Kinds of model sources are below this; above it each rule has a kind of its own for its patterns.
pub(super) const PATTERN_KINDS: u16 = 64;

/// What a taint rule asks of the interpreter.
#[derive(Clone, Debug, Default)]
pub(crate) struct FlowRule {
    /// Index in the rule set.
    pub rule: usize,
    /// Source kinds of the models that it starts from, as bits.
    pub sources: u64,
    /// Sink kinds of the models that it ends in, as bits.
    pub sinks: u64,
}

/// A flow that a rule asked for.
#[derive(Clone, Debug)]
pub(crate) struct FlowFinding {
    /// Index in the rule set.
    pub rule: usize,
    /// The call, assignment, attribute or returned expression.
    pub sink: NodeId,
    /// The dangerous argument.
    pub argument: NodeId,
    /// Source, steps, sink.
    pub trace: Vec<(NodeId, String)>,
    /// Of the sink's model.
    pub hints: BTreeMap<String, String>,
}

/// What is known of the variables at the top level of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Globals {
    variables: FxHashMap<u64, GlobalValue>,
}

/// The part of a [`Value`] that does not depend on a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GlobalValue {
    path: u32,
    known: Known,
    text: Option<String>,
}

impl Globals {
    /// Adds what one unit says; a name with two different values is not known.
    pub fn extend(&mut self, unit: &[(u64, GlobalValue)]) {
        for (name, value) in unit {
            match self.variables.get_mut(name) {
                None => {
                    self.variables.insert(*name, value.clone());
                }
                Some(known) if known == value => {}
                Some(known) => {
                    known.known = Known::Nothing;
                    known.text = None;
                    if known.path == NOWHERE {
                        known.path = value.path;
                    }
                }
            }
        }
    }

    /// The place in the models of a top-level variable.
    pub fn place(&self, name: u64) -> Option<u32> {
        self.variables.get(&name).map(|value| value.path)
    }

    fn get(&self, name: u64) -> Option<Value> {
        let global = self.variables.get(&name)?;
        let mut value = Value::at(global.path);
        value.known = global.known;
        if let Some(text) = &global.text {
            value.shape = Some(text.as_str().into());
        }
        Some(value)
    }
}

/// The flows of one unit.
pub(crate) fn analyze_unit<'a>(
    view: &'a FileView<'a>,
    unit: u32,
    models: &'a Models,
    rules: &'a [FlowRule],
    globals: &'a Globals,
    marks: Marks<'a>,
) -> Vec<FlowFinding> {
    let Some(model) = models.of(view.units[unit as usize].language) else { return Vec::new() };
    let mut flow = Flow::new(view, unit, model, rules, globals);
    flow.marks = marks;
    flow.run();
    flow.findings
}

/// What the top level of one unit defines.
/// `above` is what the units before it define.
pub(crate) fn gather_globals(
    view: &FileView<'_>,
    unit: u32,
    models: &Models,
    above: &Globals,
) -> Vec<(u64, GlobalValue)> {
    let Some(model) = models.of(view.units[unit as usize].language) else { return Vec::new() };
    let ast = view.ast(unit);
    if ast.is_empty() || !defines(ast, Ast::ROOT) {
        return Vec::new();
    }
    let mut flow = Flow::new(view, unit, model, &[], above);
    flow.skip_functions = true;
    let mut env = Env::default();
    flow.statement(Ast::ROOT, &mut env);
    let mut out: Vec<_> = env
        .iter()
        .map(|(name, value)| {
            let text = value.constant_text().map(str::to_owned);
            (name, GlobalValue { path: value.path, known: value.known, text })
        })
        .collect();
    out.sort_by_key(|(name, _)| *name);
    out
}

fn defines(ast: &Ast, id: NodeId) -> bool {
    match ast.kind(id) {
        Kind::Assign | Kind::VarDecl | Kind::If | Kind::Try | Kind::With => true,
        Kind::Export | Kind::Module => ast.children(id).any(|child| defines(ast, child)),
        _ => false,
    }
}

/// Whether interpretation goes on after a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Continues,
    /// Returned, thrown, or left the loop.
    Leaves,
}

struct Step {
    node: NodeId,
    note: String,
    previous: u32,
}

const NO_STEP: u32 = u32::MAX;

pub(super) struct Flow<'a> {
    pub view: &'a FileView<'a>,
    pub ast: &'a Ast,
    pub model: &'a Model,
    rules: &'a [FlowRule],
    globals: &'a Globals,
    steps: Vec<Step>,
    pub findings: Vec<FlowFinding>,
    found: FxHashSet<(usize, NodeId)>,
    /// The trace step of each source node, so that a loop does not make new ones.
    source_steps: FxHashMap<NodeId, u32>,
    fuel: u32,
    skip_functions: bool,
    /// The sink of what the functions around the current statement return, innermost last.
    returns: Vec<Option<u16>>,
    /// What the function that is being interpreted returned so far, innermost last.
    returned: Vec<Value>,
    /// What the patterns of the rules mark.
    pub marks: Marks<'a>,
    /// Whether a propagator is being applied.
    pub propagating: bool,
    /// The taints that went into the call that was interpreted last.
    inputs: SmallVec<[Taint; 1]>,
    /// Functions that are being interpreted, against recursion.
    active: Vec<NodeId>,
    this: Value,
}

impl<'a> Flow<'a> {
    fn new(
        view: &'a FileView<'a>,
        unit: u32,
        model: &'a Model,
        rules: &'a [FlowRule],
        globals: &'a Globals,
    ) -> Flow<'a> {
        Flow {
            view,
            ast: view.ast(unit),
            model,
            rules,
            globals,
            steps: Vec::new(),
            findings: Vec::new(),
            found: FxHashSet::default(),
            source_steps: FxHashMap::default(),
            fuel: FUEL,
            skip_functions: false,
            returns: Vec::new(),
            returned: Vec::new(),
            marks: Marks::default(),
            propagating: false,
            inputs: SmallVec::new(),
            active: Vec::new(),
            this: Value::default(),
        }
    }

    fn run(&mut self) {
        if !self.ast.is_empty() {
            let mut env = Env::default();
            self.statement(Ast::ROOT, &mut env);
        }
    }

    // ---- statements ----

    pub(super) fn statement(&mut self, id: NodeId, env: &mut Env) -> Next {
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
    fn never_returns(&self, call: NodeId) -> bool {
        let Some(callee) = self.ast.slot(call, Slot::Callee) else { return false };
        let name = self.view.names.qualified(self.ast, callee);
        matches!(
            name.as_deref(),
            Some("flask.abort" | "abort" | "process.exit" | "sys.exit" | "exit" | "quit")
        )
    }

    fn block(&mut self, id: NodeId, env: &mut Env) -> Next {
        let ast = self.ast;
        // Function declarations are interpreted last, when the variables that they capture are known.
        let mut functions: SmallVec<[NodeId; 4]> = SmallVec::new();
        let mut next = Next::Continues;
        for child in ast.children(id) {
            if ast.kind(child) == Kind::Function && ast.slot(child, Slot::Name).is_some() {
                functions.push(child);
                if let Some(name) = ast.slot(child, Slot::Name) {
                    let mut value = self.decorated(child);
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

    fn decorated(&self, _function: NodeId) -> Value {
        Value::known(Known::Literal)
    }

    fn branch(&mut self, id: NodeId, env: &mut Env) -> Next {
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
                    else_next = self.else_part(other, &mut else_env);
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

    /// An `elif` that does not hold goes on to the next alternative, with what its condition taught.
    fn else_part(&mut self, id: NodeId, env: &mut Env) -> Next {
        self.statement(id, env)
    }

    fn repeat(&mut self, id: NodeId, env: &mut Env) {
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

    fn attempt(&mut self, id: NodeId, env: &mut Env) -> Next {
        let ast = self.ast;
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

    fn switch(&mut self, id: NodeId, env: &mut Env) -> Next {
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

    fn with_item(&mut self, id: NodeId, env: &mut Env) {
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

    fn class(&mut self, id: NodeId, env: &mut Env) {
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

    fn member_of_this(&self, id: NodeId) -> Option<u64> {
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

    // ---- functions ----

    /// Interprets a function where it is written. `arguments` are what its caller is known to pass.
    fn function(
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
        let mut inner = env.clone();
        self.parameters(id, arguments, handler, &mut inner);
        self.active.push(id);
        self.returns.push(handler.and_then(|handler| handler.returns));
        self.returned.push(Value::default());
        let body = ast.slot(id, Slot::Body);
        if let Some(body) = body {
            if ast.kind(body) == Kind::Block {
                self.block(body, &mut inner);
            } else {
                // An arrow function or lambda returns its expression.
                let value = self.expression(body, &mut inner);
                self.return_value(body, value);
            }
        }
        self.returned.pop();
        self.returns.pop();
        self.active.pop();
        result
    }

    /// What a call of a function of this unit returns, given its arguments.
    fn inline(&mut self, id: NodeId, env: &Env, arguments: &[Value]) -> Option<Value> {
        if self.active.contains(&id) || self.active.len() > 8 || self.skip_functions {
            return None;
        }
        let ast = self.ast;
        let mut inner = env.clone();
        self.parameters(id, arguments, None, &mut inner);
        self.active.push(id);
        self.returns.push(None);
        self.returned.push(Value::default());
        if let Some(body) = ast.slot(id, Slot::Body) {
            if ast.kind(body) == Kind::Block {
                self.block(body, &mut inner);
            } else {
                let value = self.expression(body, &mut inner);
                self.return_value(body, value);
            }
        }
        self.returns.pop();
        self.active.pop();
        self.returned.pop()
    }

    fn decorator_handler(&mut self, decorator: NodeId, env: &Env) -> Option<&'a Handler> {
        let ast = self.ast;
        let mut node = ast.slot(decorator, Slot::Value)?;
        if ast.kind(node) == Kind::Call {
            node = ast.slot(node, Slot::Callee)?;
        }
        let path = self.expression(node, &mut env.clone()).path;
        let index = self.model.at(path).decorator?;
        Some(&self.model.handlers[index as usize])
    }

    fn parameters(&mut self, id: NodeId, arguments: &[Value], handler: Option<&'a Handler>, env: &mut Env) {
        let ast = self.ast;
        let nodes: SmallVec<[NodeId; 6]> = ast.slots(id, Slot::Param).collect();
        let by_name = if handler.is_none() { self.parameters_by_name(&nodes) } else { None };
        // Express hands errors to functions of four parameters, before everything else.
        let shift = usize::from(handler.is_some_and(|h| h.parameters.len() == 3) && nodes.len() == 4);
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
            self.bind(name, value, env);
        }
    }

    /// `Depends(get_db)` and the like: filled in by the framework, not by the client.
    fn is_injected(&self, default: NodeId) -> bool {
        let callee = self.ast.slot(default, Slot::Callee).map(|callee| self.ast.text(callee));
        matches!(callee, Some("Depends" | "Security" | "fastapi.Depends" | "BackgroundTasks"))
    }

    fn parameter_parts(&self, node: NodeId) -> (NodeId, Option<NodeId>, Option<NodeId>) {
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

    fn parameters_by_name(&self, nodes: &[NodeId]) -> Option<Vec<u32>> {
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

    fn imports(&self, head: &str) -> bool {
        self.view.names.imported().any(|name| has_head(name, head))
    }

    /// What a type annotation says: numbers cannot carry an attack, library types are known to the models.
    fn annotated(&mut self, annotation: NodeId, name: NodeId, mut value: Value) -> Value {
        let ast = self.ast;
        let Some(type_node) = ast.slot(annotation, Slot::Value) else { return value };
        let text = ast.text(type_node);
        if matches!(
            text,
            "int"
                | "float"
                | "bool"
                | "number"
                | "boolean"
                | "UUID"
                | "uuid.UUID"
                | "date"
                | "datetime"
                | "Decimal"
        ) {
            return Value::known(Known::Number);
        }
        if let Some(full) = self.view.names.qualified(ast, type_node) {
            let place = self.model.lookup(&full);
            if place != NOWHERE {
                value = self.place_value(place, name);
            }
        }
        value
    }

    /// A value at a place of the models, with the taint of that place.
    fn place_value(&mut self, place: u32, node: NodeId) -> Value {
        let mut value = Value::at(place);
        self.add_source(&mut value, node);
        value
    }

    fn tainted_parameter(&mut self, name: NodeId, kind: u16) -> Value {
        let text = self.ast.text(name);
        let step = self.source_step(name, format!("`{text}` comes from the request"));
        Value {
            taints: SmallVec::from_slice(&[Taint { kind, cleared: 0, step, weak: false }]),
            ..Value::default()
        }
    }

    pub(super) fn return_value(&mut self, node: NodeId, value: Value) {
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
        if let Some(returned) = self.returned.last_mut() {
            *returned = returned.join(&value);
        }
    }

    // ---- expressions ----

    pub(super) fn expression(&mut self, id: NodeId, env: &mut Env) -> Value {
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
    fn plain_expression(&mut self, id: NodeId, env: &mut Env) -> Value {
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
                    taints = union(&taints, &self.expression(child, env).taints);
                }
                Value { taints, ..Value::default() }
            }
        }
    }

    fn name(&mut self, id: NodeId, env: &Env) -> Value {
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

    fn member(&mut self, id: NodeId, env: &mut Env) -> Value {
        let ast = self.ast;
        let (Some(object_node), Some(property)) = (ast.slot(id, Slot::Object), ast.slot(id, Slot::Property))
        else {
            return Value::default();
        };
        let object = self.expression(object_node, env);
        let name = ast.node(property).hash;
        self.member_value(id, object, name)
    }

    fn member_value(&mut self, id: NodeId, object: Value, name: u64) -> Value {
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

    fn index(&mut self, id: NodeId, env: &mut Env) -> Value {
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

    fn assign(&mut self, id: NodeId, env: &mut Env) -> Value {
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
        if let Some(annotation) = ast.slot(id, Slot::Type) {
            value = self.annotated(annotation, left, value);
        }
        self.assign_sink(id, left, &value, env);
        self.bind(left, value.clone(), env);
        value
    }

    fn assign_sink(&mut self, id: NodeId, left: NodeId, value: &Value, env: &mut Env) {
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

    fn augmented(&mut self, id: NodeId, env: &mut Env) -> Value {
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

    fn binary(&mut self, id: NodeId, env: &mut Env) -> Value {
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

    fn unary(&mut self, id: NodeId, env: &mut Env) -> Value {
        let ast = self.ast;
        let Some(operand) = ast.children(id).next() else { return Value::default() };
        let value = self.expression(operand, env);
        match ast.operator(id) {
            "!" | "not" => match value.truth() {
                Some(true) => Value::known(Known::False),
                Some(false) => Value::known(Known::True),
                None => Value::default(),
            },
            // Arithmetic makes a number of anything.
            "-" | "+" | "~" => Value::known(Known::Number),
            _ => Value::default(),
        }
    }

    fn ternary(&mut self, id: NodeId, env: &mut Env) -> Value {
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

    fn object(&mut self, id: NodeId, env: &mut Env) -> Value {
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
                _ => {
                    constant = false;
                    self.expression(child, env);
                }
            }
        }
        let known = if constant { Known::Literal } else { Known::Nothing };
        Value { taints, known, fields: Some(Rc::new(fields)), ..Value::default() }
    }

    /// Lists and tuples: elements by their position.
    fn list(&mut self, id: NodeId, env: &mut Env) -> Value {
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

    fn comprehension(&mut self, id: NodeId, env: &mut Env) -> Value {
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

    fn jsx(&mut self, id: NodeId, env: &mut Env) -> Value {
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
    fn option(&self, sink: &Sink, node: NodeId, value: &Value) -> (NodeId, Value) {
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

    // ---- calls ----

    fn call(&mut self, id: NodeId, env: &mut Env) -> Value {
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
    fn is_tagged_template(&self, callee: NodeId, arguments: &[NodeId]) -> bool {
        let ast = self.ast;
        let [only] = arguments else { return false };
        matches!(ast.kind(*only), Kind::Template | Kind::Str)
            && ast.text(*only).starts_with('`')
            && !ast.text[ast.range(callee).end..ast.range(*only).start].contains('(')
    }

    fn call_sinks(
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
    fn sink_arguments(
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
    fn has_option(&self, name: u64, constant: &str, arguments: &[NodeId], values: &[Value]) -> bool {
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
    fn call_result(
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
        if let Some(value) = self.string_method(id, receiver.as_ref(), values) {
            return value;
        }
        let mut taints: SmallVec<[Taint; 1]> = SmallVec::new();
        if safe != u64::MAX {
            let name = method.or_else(|| Some(ast.node(ast.slot(id, Slot::Callee)?).hash));
            let text = self.called_name(id);
            let clean = name.is_some_and(|name| model.clean_members.contains_key(&name))
                || (!is_modelled && model.clean_names.iter().any(|names| names.is_match(text)));
            if !clean {
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

    /// The last name of what is called: `a.b.escapeHtml(x)` → `escapeHtml`.
    fn called_name(&self, call: NodeId) -> &'a str {
        let ast = self.ast;
        let Some(callee) = ast.slot(call, Slot::Callee) else { return "" };
        match ast.kind(callee) {
            Kind::Member => ast.slot(callee, Slot::Property).map_or("", |property| ast.text(property)),
            Kind::Ident => ast.text(callee),
            _ => "",
        }
    }

    /// `list.push(x)`, `parts.append(x)`, `params.set(k, x)`.
    fn put_into(
        &mut self,
        receiver: NodeId,
        method: Option<u64>,
        arguments: &[NodeId],
        values: &[Value],
        env: &mut Env,
    ) {
        let ast = self.ast;
        let Some(method) = method else { return };
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
    fn string_method(&mut self, id: NodeId, receiver: Option<&Value>, values: &[Value]) -> Option<Value> {
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

    // ---- bindings ----

    pub(super) fn bind(&mut self, target: NodeId, value: Value, env: &mut Env) {
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

    fn bind_member(&mut self, target: NodeId, value: Value, env: &mut Env) {
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

    fn store(&mut self, variable: u64, key: Option<u64>, value: Value, env: &mut Env) {
        let Some(object) = env.get_mut(variable) else { return };
        match key {
            Some(key) => object.set_field(key, value),
            None => object.taints = union(&object.taints, &value.all_taints()),
        }
        if object.known == Known::Literal {
            object.known = Known::Nothing;
        }
    }

    // ---- sources, steps, sinks ----

    fn add_source(&mut self, value: &mut Value, node: NodeId) {
        let Some(source) = &self.model.at(value.path).source else { return };
        let node = self.whole_access(node);
        let short = first_line(self.ast.text(node));
        let step = self.source_step(node, format!("`{short}` comes from {}", source.from));
        value.taints = union(&value.taints, &[Taint { kind: source.kind, cleared: 0, step, weak: false }]);
    }

    /// Of `req.query` in `req.query.email` the whole: that is what people call the input.
    fn whole_access(&self, mut node: NodeId) -> NodeId {
        let ast = self.ast;
        while let Some(parent) = ast.parent(node) {
            let is_object = ast.node(node).slot == Slot::Object;
            let is_callee = ast.node(node).slot == Slot::Callee && ast.kind(node) == Kind::Member;
            match ast.kind(parent) {
                Kind::Member | Kind::Index if is_object => node = parent,
                Kind::Call if is_callee && node != parent => node = parent,
                _ => break,
            }
        }
        node
    }

    pub(super) fn source_step(&mut self, node: NodeId, note: String) -> u32 {
        if let Some(&step) = self.source_steps.get(&node) {
            return step;
        }
        let step = self.steps.len() as u32;
        self.steps.push(Step { node, note, previous: NO_STEP });
        self.source_steps.insert(node, step);
        step
    }

    fn add_step(&mut self, value: &mut Value, node: NodeId, note: impl Fn() -> String) {
        for taint in &mut value.taints {
            let step = self.steps.len() as u32;
            self.steps.push(Step { node, note: note(), previous: taint.step });
            taint.step = step;
        }
    }

    fn check_sink(
        &mut self,
        sink: &Sink,
        node: NodeId,
        argument: NodeId,
        value: &Value,
        receiver: Option<NodeId>,
    ) {
        let taints = value.all_taints();
        if taints.is_empty() {
            return;
        }
        if !sink.when.is_empty() {
            let container = self.model.at(value.path).source.as_ref().is_some_and(|source| source.container);
            let receiver = receiver.map(|receiver| self.ast.text(receiver));
            let text = !container && !taints.iter().all(|taint| taint.weak);
            if !sink.when.iter().any(|condition| condition.holds(value, text, receiver)) {
                return;
            }
        }
        let bit = 1u64 << sink.kind;
        for rule in self.rules {
            if rule.sinks & bit == 0 {
                continue;
            }
            let reaches = taints.iter().find(|taint| {
                taint.kind < PATTERN_KINDS
                    && rule.sources & (1 << taint.kind) != 0
                    && taint.cleared & bit == 0
            });
            let Some(taint) = reaches else { continue };
            self.report(rule.rule, node, argument, *taint, sink.hints.clone());
        }
    }

    /// Source kinds of the models that a rule starts from, as bits.
    pub(super) fn sources_of(&self, rule: usize) -> u64 {
        self.rules.iter().find(|known| known.rule == rule).map_or(0, |known| known.sources)
    }

    /// Sink kinds of the models that a rule ends in, as bits.
    pub(super) fn sinks_of(&self, rule: usize) -> u64 {
        self.rules.iter().find(|known| known.rule == rule).map_or(0, |known| known.sinks)
    }

    pub(super) fn report(
        &mut self,
        rule: usize,
        sink: NodeId,
        argument: NodeId,
        taint: Taint,
        hints: BTreeMap<String, String>,
    ) {
        if !self.found.insert((rule, sink)) {
            return;
        }
        let mut trace = self.trace(taint.step);
        trace.push((argument, format!("`{}` reaches the sink", first_line(self.ast.text(argument)))));
        self.findings.push(FlowFinding { rule, sink, argument, trace, hints });
    }

    fn trace(&self, mut step: u32) -> Vec<(NodeId, String)> {
        let mut out = Vec::new();
        while step != NO_STEP && out.len() < 32 {
            let at = &self.steps[step as usize];
            out.push((at.node, at.note.clone()));
            step = at.previous;
        }
        out.reverse();
        out
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or(text)
}

/// What iterating over a value yields.
fn element_of(value: &Value) -> Value {
    let mut element = match &value.fields {
        Some(fields) => fields.values().fold(None, |known: Option<Value>, field| {
            Some(known.map_or_else(|| field.clone(), |known| known.join(field)))
        }),
        None => None,
    }
    .unwrap_or_default();
    element.taints = union(&element.taints, &value.taints);
    if value.known == Known::Literal {
        element.known = Known::Literal;
    }
    element
}

fn without_taint(mut value: Value) -> Value {
    value.taints.clear();
    value
}

/// `"a %s b"` → `"a \0 b"`.
fn percent_holes(shape: &str) -> String {
    static HOLES: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| {
        regex::Regex::new(r"%(\(\w+\))?[-#0 +]*\d*(\.\d+)?[sdrfixXeEgGc]")
            .expect("the expression is constant")
    });
    HOLES.replace_all(shape, "\u{0}").into_owned()
}

/// `"a {} {name} b"` → `"a \0 \0 b"`.
fn brace_holes(shape: &str) -> String {
    static HOLES: std::sync::LazyLock<regex::Regex> =
        std::sync::LazyLock::new(|| regex::Regex::new(r"\{[^{}]*\}").expect("the expression is constant"));
    HOLES.replace_all(shape, "\u{0}").into_owned()
}
