//! Taint rules that are written with patterns only, read as their authors mean them: by Semgrep's dataflow.
//!
//! Rules over [models](super::models) know what libraries do; the interpreter beside this folder serves them and
//! may guess. A rule that names its own sources, sinks and sanitizers has said everything: taint goes through
//! assignments, operators and calls, and ends at what the rule calls a sanitizer, at an assignment of something
//! clean, and nowhere else. One run serves one rule and one unit, and only where the unit has a sink of it.
//!
//! The top level of a file is one program, spread over many units. [`Module`] interprets it once per rule and
//! remembers what is known before each unit and at the end, which is what functions see.

mod expression;
mod function;
mod marks;
mod report;
mod shape;
mod statement;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use self::marks::RuleMarks;
use self::shape::{Env, Taint, Taints};
use super::FlowFinding;
use crate::analyze::FileView;
use crate::rule::{MarkMatch, MarkRole, Mode, RuleSet, TaintSpec, rule_marks};
use crate::syntax::{Ast, Kind, NodeId};

/// Nodes that one rule may evaluate in one unit.
const FUEL: u32 = 200_000;

/// What is known of the top level of a file, by rule. For the analyses of one version of the file.
#[derive(Default)]
pub(crate) struct Module {
    rules: RefCell<FxHashMap<usize, Rc<TopLevel>>>,
}

/// The top level under one rule.
#[derive(Default)]
struct TopLevel {
    /// Before each unit.
    before: Vec<Rc<Env>>,
    /// At the end: what a function that is called later finds.
    end: Rc<Env>,
    origins: Vec<Origin>,
}

/// The flows of one unit under the rules of patterns only, and whether other units were looked at.
pub(crate) fn analyze_patterns(
    rules: &RuleSet,
    view: &FileView<'_>,
    unit: u32,
    found: &[MarkMatch],
    module: &Module,
) -> (Vec<FlowFinding>, bool) {
    let mut findings = Vec::new();
    let mut read_module = false;
    let mut from = 0;
    // The marks come rule by rule.
    while from < found.len() {
        let rule = found[from].rule;
        let to = from + found[from..].iter().take_while(|mark| mark.rule == rule).count();
        let own = &found[from..to];
        from = to;
        let Mode::Taint(spec) = &rules.compiled()[rule].mode else { continue };
        if !spec.is_plain() || !own.iter().any(|mark| mark.role == MarkRole::Sink) {
            continue;
        }
        let top = module.top_level(rules, view, rule, spec);
        read_module |= view.units.len() > 1;
        let marks = RuleMarks::new(spec, own, view, unit);
        let mut flow = Flow::new(view, unit, spec, &marks, rule);
        flow.origins = top.origins.clone();
        let mut env = match view.ast(unit).nodes.first().map(|root| root.kind) {
            Some(Kind::Function | Kind::Class) => (*top.end).clone(),
            _ => top.before.get(unit as usize).map(|env| (**env).clone()).unwrap_or_default(),
        };
        flow.run(&mut env);
        findings.append(&mut flow.findings);
    }
    (findings, read_module)
}

impl Module {
    fn top_level(&self, rules: &RuleSet, view: &FileView<'_>, rule: usize, spec: &TaintSpec) -> Rc<TopLevel> {
        if let Some(known) = self.rules.borrow().get(&rule) {
            return known.clone();
        }
        let mut top = TopLevel::default();
        let read_module = Cell::new(false);
        let mut env = Env::default();
        let mut current: Rc<Env> = Rc::default();
        for unit in 0..view.units.len() as u32 {
            top.before.push(current.clone());
            let ast = view.ast(unit);
            let runs = !ast.is_empty() && !matches!(ast.kind(Ast::ROOT), Kind::Function | Kind::Import);
            if !runs || view.units.len() == 1 {
                continue;
            }
            let found = rule_marks(rules, view, unit, rule, &read_module);
            let marks = RuleMarks::new(spec, &found, view, unit);
            let mut flow = Flow::new(view, unit, spec, &marks, rule);
            flow.origins = std::mem::take(&mut top.origins);
            flow.skip_functions = true;
            flow.run(&mut env);
            top.origins = flow.origins;
            if env != *current {
                current = Rc::new(env.clone());
            }
        }
        top.end = current;
        let top = Rc::new(top);
        self.rules.borrow_mut().insert(rule, top.clone());
        top
    }
}

/// Where a taint began.
#[derive(Clone, Debug)]
struct Origin {
    unit: u32,
    node: NodeId,
    /// Bytes of the file that the source's pattern matched.
    range: std::ops::Range<usize>,
    /// What its metavariables stood for.
    bindings: Rc<[(String, crate::pattern::Binding)]>,
}

/// One station of a taint's way.
struct Step {
    node: NodeId,
    note: String,
    previous: u32,
}

const NO_STEP: u32 = u32::MAX;

/// Whether interpretation goes on after a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Continues,
    /// Returned, raised, or left the loop.
    Leaves,
}

/// One rule over one unit.
struct Flow<'a> {
    view: &'a FileView<'a>,
    unit: u32,
    ast: &'a Ast,
    spec: &'a TaintSpec,
    marks: &'a RuleMarks<'a>,
    rule: usize,
    fuel: u32,
    origins: Vec<Origin>,
    steps: Vec<Step>,
    findings: Vec<FlowFinding>,
    /// What `break` and `continue` carry out of the loops around, innermost last.
    exits: Vec<Vec<Env>>,
    /// What is known where the bodies of the `try` around may raise, innermost last.
    raises: Vec<Option<Env>>,
    /// Taints that the `from` of a propagator has, by the propagator's match.
    carried: FxHashMap<usize, Taints>,
    /// Propagators whose `to` was evaluated before their `from`.
    awaited: FxHashMap<usize, NodeId>,
    /// Functions that are being interpreted.
    depth: u32,
    skip_functions: bool,
}

impl<'a> Flow<'a> {
    fn new(
        view: &'a FileView<'a>,
        unit: u32,
        spec: &'a TaintSpec,
        marks: &'a RuleMarks<'a>,
        rule: usize,
    ) -> Flow<'a> {
        Flow {
            view,
            unit,
            ast: view.ast(unit),
            spec,
            marks,
            rule,
            fuel: FUEL,
            origins: Vec::new(),
            steps: Vec::new(),
            findings: Vec::new(),
            exits: Vec::new(),
            raises: Vec::new(),
            carried: FxHashMap::default(),
            awaited: FxHashMap::default(),
            depth: 0,
            skip_functions: false,
        }
    }

    fn run(&mut self, env: &mut Env) {
        if !self.ast.is_empty() {
            self.statement(Ast::ROOT, env);
        }
    }

    /// Adds a station to the way of each taint.
    fn step(&mut self, taints: &mut [Taint], node: NodeId, note: &str) {
        for taint in taints {
            let step = self.steps.len() as u32;
            self.steps.push(Step { node, note: note.to_owned(), previous: taint.step });
            taint.step = step;
        }
    }
}

#[cfg(test)]
mod tests;
