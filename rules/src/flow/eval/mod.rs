//! The abstract interpreter: one unit, all taint rules, one pass.
//!
//! Statements are interpreted in order; branches are joined, loops run twice, a branch on a constant is not
//! taken, what follows a guard is refined. A function is interpreted where it is written, with what is known of
//! the variables it captures. Fuel bounds the work, so a pathological unit costs its own flows and nothing else.

mod beyond;
mod bind;
mod call;
mod expression;
mod function;
mod report;
mod statement;

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::env::Env;
use super::marks::Marks;
use super::models::{Model, Models, NOWHERE};
use super::summary::{Recorder, Summary};
use super::value::{Known, Taint, Value, union};
use crate::analyze::FileView;
use crate::syntax::{Ast, Kind, NodeId};

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
    /// Bytes of the file to report, if not those of `sink`.
    pub range: Option<std::ops::Range<usize>>,
    /// Metavariables of the sink's and the source's patterns.
    pub bindings: Vec<(String, crate::pattern::Binding)>,
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
    class: Option<String>,
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
                    if known.class != value.class {
                        known.class = None;
                    }
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
        value.class = global.class.as_deref().map(Into::into);
        Some(value)
    }
}

/// The flows of one unit, and what it tells of those that go beyond it.
pub(crate) fn analyze_unit<'a>(
    view: &'a FileView<'a>,
    unit: u32,
    models: &'a Models,
    rules: &'a [FlowRule],
    globals: &'a Globals,
    marks: Marks<'a>,
) -> (Vec<FlowFinding>, Summary) {
    let Some(model) = models.of(view.units[unit as usize].language) else { return Default::default() };
    let mut flow = Flow::new(view, unit, model, rules, globals);
    flow.marks = marks;
    flow.recorder = rules.iter().any(|rule| rule.sinks != 0).then(Recorder::default);
    flow.run();
    (flow.findings, flow.recorder.map(|recorder| recorder.summary).unwrap_or_default())
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
            let class = value.class.as_deref().map(str::to_owned);
            (name, GlobalValue { path: value.path, known: value.known, text, class })
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
    /// What goes beyond the unit, unless nobody asks.
    recorder: Option<Recorder>,
    /// The record of the functions being interpreted, innermost last; `None` for those that are inlined.
    defining: Vec<Option<u32>>,
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
            recorder: None,
            defining: Vec::new(),
        }
    }

    fn run(&mut self) {
        if !self.ast.is_empty() {
            let mut env = Env::default();
            self.statement(Ast::ROOT, &mut env);
        }
    }
}

pub(in crate::flow) fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or(text)
}

/// What iterating over a value yields.
pub(in crate::flow) fn element_of(value: &Value) -> Value {
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
