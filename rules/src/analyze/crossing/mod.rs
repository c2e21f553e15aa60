//! Joins what units tell of flows that go beyond them: from a sink that a parameter reaches to the callers, from what
//! a call returns into the function that is called, over all files of the workspace.
//!
//! The search runs backwards from the sinks of one file. A function entered by what it returns is left by the call it
//! was entered through; one entered by its parameter is left by every call of it.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashSet, FxHasher};

use super::project::{FileFacts, Project};
use crate::finding::Step;
use crate::flow::{CallFacts, Callee, FunctionFacts, OpenFlow, Origin, SinkFacts, Summary, Target, family};
use crate::language::Language;
use crate::syntax::hash_text;

/// Ways followed from one sink.
const WAYS: usize = 2_000;
/// Functions passed through on one way.
const HOPS: usize = 12;

/// The units of a file that have something to tell, by the byte at which they start.
pub(crate) type FileFlows = Vec<(u32, Arc<Summary>)>;

/// Whether flows from other units, of this file or another one, may end in one of these.
pub(crate) fn ends_here(flows: &FileFlows) -> bool {
    flows.iter().any(|(_, summary)| summary.flows.iter().any(|flow| flow.open_sink().is_some()))
}

/// A flow into a sink of the file that was asked for.
pub(crate) struct Crossing<'w> {
    /// The unit of the sink, by the byte at which it starts.
    pub base: u32,
    pub sink: &'w SinkFacts,
    /// Index of the source kind.
    pub source: u16,
    /// From the source to the sink; ranges are bytes of the files.
    pub steps: Vec<Step>,
}

/// A unit of a file of the workspace.
#[derive(Clone, Copy)]
struct UnitAt<'w> {
    path: &'w Path,
    language: Option<Language>,
    base: u32,
    summary: &'w Summary,
}

impl UnitAt<'_> {
    fn is(&self, other: &UnitAt<'_>) -> bool {
        std::ptr::eq(self.summary, other.summary) && self.base == other.base && self.path == other.path
    }
}

/// A function with where it stands.
#[derive(Clone, Copy)]
struct FunctionAt<'w> {
    unit: UnitAt<'w>,
    index: u32,
}

impl<'w> FunctionAt<'w> {
    fn facts(&self) -> &'w FunctionFacts {
        &self.unit.summary.functions[self.index as usize]
    }
}

/// The calls through whose results a function was entered, innermost first.
struct Entered<'w> {
    /// What was entered.
    function: FunctionAt<'w>,
    unit: UnitAt<'w>,
    call: u32,
    before: Option<Rc<Entered<'w>>>,
    /// The same for the same calls in the same order. An address would not do: memory is used again.
    identity: u64,
}

impl<'w> Entered<'w> {
    fn new(
        function: FunctionAt<'w>,
        unit: UnitAt<'w>,
        call: u32,
        before: Option<Rc<Entered<'w>>>,
    ) -> Entered<'w> {
        let mut hasher = FxHasher::default();
        let outer = before.as_ref().map_or(0, |before| before.identity);
        (outer, std::ptr::from_ref(unit.summary) as usize, call).hash(&mut hasher);
        Entered { function, unit, call, before, identity: hasher.finish() }
    }
}

/// A way from somewhere to the sink.
struct Way<'w> {
    unit: UnitAt<'w>,
    flow: &'w OpenFlow,
    entered: Option<Rc<Entered<'w>>>,
    cleared: u64,
    weak: bool,
    hops: usize,
    /// Towards the sink.
    next: Option<Rc<Way<'w>>>,
}

/// One file as the others see it.
pub(crate) struct World<'w> {
    path: &'w Path,
    own: &'w FileFacts,
    project: &'w Project,
}

impl<'w> World<'w> {
    /// The workspace with what `path` says now, which may be newer than what the project has of it.
    pub fn new(path: &'w Path, own: &'w FileFacts, project: &'w Project) -> World<'w> {
        World { path, own, project }
    }

    /// The flows into the sinks of the file, the shortest first, once for each sink and source kind.
    pub fn crossings(&self) -> Vec<Crossing<'w>> {
        let mut found = Vec::new();
        for unit in units_of(self.path, self.own) {
            for flow in &unit.summary.flows {
                let Some(sink) = flow.open_sink() else { continue };
                self.search(unit, flow, &unit.summary.sinks[sink as usize], &mut found);
            }
        }
        found
    }

    fn search(
        &self,
        unit: UnitAt<'w>,
        flow: &'w OpenFlow,
        sink: &'w SinkFacts,
        found: &mut Vec<Crossing<'w>>,
    ) {
        let first =
            Way { unit, flow, entered: None, cleared: flow.cleared, weak: flow.weak, hops: 0, next: None };
        let mut open = VecDeque::from([Rc::new(first)]);
        let mut seen = FxHashSet::default();
        let mut sources: Vec<(u16, u64)> = Vec::new();
        let mut ways = 0;
        while let Some(way) = open.pop_front() {
            ways += 1;
            if ways > WAYS || way.cleared & (1 << sink.kind) != 0 {
                continue;
            }
            let entered = way.entered.as_ref().map_or(0, |entered| entered.identity);
            let key = (
                std::ptr::from_ref(way.unit.summary) as usize,
                way.flow.origin,
                entered,
                way.cleared,
                way.weak,
            );
            if !seen.insert(key) {
                continue;
            }
            match way.flow.origin {
                Origin::Source(kind) => {
                    let worse = |(known, cleared): &(u16, u64)| *known == kind && cleared & !way.cleared == 0;
                    if (way.weak && sink.needs_text) || sources.iter().any(worse) {
                        continue;
                    }
                    sources.push((kind, way.cleared));
                    found.push(self.crossing(unit, sink, kind, &way));
                }
                _ if way.hops == HOPS => {}
                Origin::Parameter { function, index } => self.to_callers(&way, function, index, &mut open),
                Origin::Result(call) => self.to_callee(&way, call, &mut open),
            }
        }
    }

    /// From what a function is given to those who give it.
    fn to_callers(&self, way: &Rc<Way<'w>>, function: u32, index: u16, open: &mut VecDeque<Rc<Way<'w>>>) {
        let function = FunctionAt { unit: way.unit, index: function };
        let facts = function.facts();
        let name = facts.parameters.get(index as usize).map(|name| hash_text(name.trim_start_matches('*')));
        let mut follow = |unit: UnitAt<'w>, call: u32, entered: Option<Rc<Entered<'w>>>| {
            let given = |flow: &&'w OpenFlow| match flow.target {
                Target::Argument { call: own, index: position } => own == call && position == index,
                Target::Named { call: own, name: key } => own == call && name == Some(key),
                _ => false,
            };
            for flow in unit.summary.flows.iter().filter(given) {
                open.push_back(Rc::new(extended(way, unit, flow, entered.clone(), false)));
            }
        };
        // A parameter of another function got here through a field of the object: whoever called that, counts.
        let same = |entered: &&Rc<Entered<'w>>| {
            entered.function.index == function.index && entered.function.unit.is(&function.unit)
        };
        if let Some(entered) = way.entered.as_ref().filter(same) {
            follow(entered.unit, entered.call, entered.before.clone());
            return;
        }
        for unit in self.units_calling(&facts.name) {
            for (call, known) in unit.summary.calls.iter().enumerate() {
                if known.name == facts.name
                    && self
                        .resolve(unit, known)
                        .is_some_and(|found| found.index == function.index && found.unit.is(&function.unit))
                {
                    follow(unit, call as u32, None);
                }
            }
        }
    }

    /// From what a call returns to what the function that is called returns. Of a function that nobody knows it is
    /// assumed that it may return what it is given.
    fn to_callee(&self, way: &Rc<Way<'w>>, call: u32, open: &mut VecDeque<Rc<Way<'w>>>) {
        let unit = way.unit;
        match self.resolve(unit, &unit.summary.calls[call as usize]) {
            Some(function) => {
                let entered = Rc::new(Entered::new(function, unit, call, way.entered.clone()));
                for flow in function.unit.summary.into(Target::Return(function.index)) {
                    open.push_back(Rc::new(extended(way, function.unit, flow, Some(entered.clone()), false)));
                }
            }
            None if unit.summary.calls[call as usize].clean => {}
            None => {
                for flow in &unit.summary.flows {
                    let given = match flow.target {
                        Target::Argument { call: own, .. } | Target::Named { call: own, .. } => own == call,
                        _ => false,
                    };
                    if given {
                        open.push_back(Rc::new(extended(way, unit, flow, way.entered.clone(), true)));
                    }
                }
            }
        }
    }

    fn crossing(
        &self,
        unit: UnitAt<'w>,
        sink: &'w SinkFacts,
        source: u16,
        way: &Rc<Way<'w>>,
    ) -> Crossing<'w> {
        let mut steps = Vec::new();
        let mut at = Some(way);
        while let Some(way) = at {
            let base = way.unit.base as usize;
            for (range, note) in &way.flow.steps {
                steps.push(Step {
                    path: (way.unit.path != self.path).then(|| way.unit.path.to_owned()),
                    range: base + range.start as usize..base + range.end as usize,
                    note: note.clone(),
                });
            }
            at = way.next.as_ref();
        }
        Crossing { base: unit.base, sink, source, steps }
    }

    /// The function that a call calls, if there is just one that it can be.
    fn resolve(&self, from: UnitAt<'w>, call: &CallFacts) -> Option<FunctionAt<'w>> {
        let candidates: Vec<FunctionAt<'w>> = self
            .functions_named(&call.name)
            .into_iter()
            .filter(|function| same_language(function.unit.language, from.language))
            .collect();
        if candidates.is_empty() {
            return None;
        }
        let here = |function: &&FunctionAt<'w>| function.unit.path == from.path;
        let of_class = |class: &str| {
            candidates
                .iter()
                .filter(|function| function.facts().class.as_deref() == Some(class))
                .collect::<Vec<_>>()
        };
        let nearest = |candidates: &[&FunctionAt<'w>]| nearest(from.path, candidates);
        match &call.callee {
            Callee::Plain => only(candidates.iter().filter(here)).or_else(|| {
                let around = |function: &&FunctionAt<'w>| in_scope(from, function);
                nearest(&candidates.iter().filter(around).collect::<Vec<_>>())
            }),
            Callee::Below(path) => {
                let wanted = segments(path);
                let below = |function: &&FunctionAt<'w>| is_below(function, &wanted);
                nearest(&candidates.iter().filter(below).collect::<Vec<_>>())
            }
            Callee::Of(class) => {
                let own = of_class(class);
                match own.as_slice() {
                    [] => only(candidates.iter().filter(|function| function.facts().class.is_some())),
                    own => nearest(own),
                }
            }
            Callee::Own(class) => {
                let own = class.as_deref().map(of_class).unwrap_or_default();
                only(own.iter().copied().filter(here))
                    .or_else(|| only(candidates.iter().filter(here)))
                    .or_else(|| only(candidates.iter().filter(|function| function.facts().class.is_some())))
            }
            Callee::Method if is_common(&call.name) => None,
            Callee::Method => only(candidates.iter()),
        }
    }

    fn functions_named(&self, name: &str) -> Vec<FunctionAt<'w>> {
        let files = self.project.defining(name).filter(|(path, _)| *path != self.path);
        let mut found = Vec::new();
        for (path, facts) in files.chain([(self.path, self.own)]) {
            for unit in units_of(path, facts) {
                for (index, function) in unit.summary.functions.iter().enumerate() {
                    if function.name == name {
                        found.push(FunctionAt { unit, index: index as u32 });
                    }
                }
            }
        }
        found
    }

    fn units_calling(&self, name: &str) -> Vec<UnitAt<'w>> {
        let files = self.project.calling(name).filter(|(path, _)| *path != self.path);
        let mut found = Vec::new();
        for (path, facts) in files.chain([(self.path, self.own)]) {
            for unit in units_of(path, facts) {
                if unit.summary.calls.iter().any(|call| call.name == name) {
                    found.push(unit);
                }
            }
        }
        found
    }
}

fn extended<'w>(
    way: &Rc<Way<'w>>,
    unit: UnitAt<'w>,
    flow: &'w OpenFlow,
    entered: Option<Rc<Entered<'w>>>,
    weak: bool,
) -> Way<'w> {
    Way {
        unit,
        flow,
        entered,
        cleared: way.cleared | flow.cleared,
        weak: way.weak || flow.weak || weak,
        hops: way.hops + 1,
        next: Some(way.clone()),
    }
}

fn units_of<'w>(path: &'w Path, facts: &'w FileFacts) -> impl Iterator<Item = UnitAt<'w>> {
    let language = facts.language;
    facts.flows.iter().map(move |(base, summary)| UnitAt { path, language, base: *base, summary })
}

/// The one that shares more folders with `path` than every other one.
fn nearest<'w>(path: &Path, candidates: &[&FunctionAt<'w>]) -> Option<FunctionAt<'w>> {
    let shared = |function: &FunctionAt<'_>| {
        path.components().zip(function.unit.path.components()).take_while(|(a, b)| a == b).count()
    };
    let most = candidates.iter().map(|function| shared(function)).max()?;
    only(candidates.iter().copied().filter(|function| shared(function) == most))
}

/// The one element, if there is just one.
fn only<'a, T: Copy + 'a>(mut all: impl Iterator<Item = &'a T>) -> Option<T> {
    let first = all.next()?;
    all.next().is_none().then_some(*first)
}

fn same_language(a: Option<Language>, b: Option<Language>) -> bool {
    a.and_then(family) == b.and_then(family)
}

/// Whether a name without a path reaches a function of another file: in some languages a folder, in some the whole
/// program is one scope.
fn in_scope(from: UnitAt<'_>, function: &FunctionAt<'_>) -> bool {
    match from.language {
        Some(Language::Go | Language::Java | Language::CSharp) => {
            from.path.parent() == function.unit.path.parent()
        }
        Some(
            Language::Php | Language::Ruby | Language::C | Language::Cpp | Language::Kotlin | Language::Bash,
        ) => true,
        _ => false,
    }
}

/// The parts of an import path; what only says where to look from is left out.
fn segments(path: &str) -> Vec<&str> {
    path.split(['/', '.', '\\', ':'])
        .filter(|part| !part.is_empty() && !part.starts_with(['@', '~']) && *part != "js" && *part != "ts")
        .collect()
}

/// Whether a function stands in the module, package or class of that path.
fn is_below(function: &FunctionAt<'_>, wanted: &[&str]) -> bool {
    let Some(last) = wanted.last() else { return false };
    let facts = function.facts();
    let stem = function.unit.path.with_extension("");
    let mut place: Vec<&str> =
        stem.iter().filter_map(|part| part.to_str()).flat_map(|part| part.split('.')).collect();
    if matches!(place.last(), Some(&("index" | "__init__" | "mod" | "lib"))) {
        place.pop();
    }
    if place.ends_with(wanted) {
        return true;
    }
    if let Some(class) = &facts.class {
        if wanted.len() == 1 && class == last {
            return true;
        }
        place.push(class);
        if place.ends_with(wanted) {
            return true;
        }
        place.pop();
    }
    // The package of Go, Java and others is the folder.
    let package = matches!(
        function.unit.language,
        Some(Language::Go | Language::Java | Language::Kotlin | Language::CSharp | Language::Rust)
    );
    place.pop();
    package && place.last() == Some(last)
}

/// Names of methods that libraries have too: of an unknown object they say nothing.
fn is_common(name: &str) -> bool {
    name.len() < 3
        || matches!(
            name,
            "get"
                | "set"
                | "add"
                | "put"
                | "pop"
                | "run"
                | "find"
                | "filter"
                | "map"
                | "forEach"
                | "reduce"
                | "push"
                | "join"
                | "split"
                | "then"
                | "catch"
                | "call"
                | "apply"
                | "bind"
                | "read"
                | "write"
                | "open"
                | "close"
                | "send"
                | "save"
                | "update"
                | "delete"
                | "remove"
                | "create"
                | "insert"
                | "append"
                | "extend"
                | "items"
                | "keys"
                | "values"
                | "format"
                | "replace"
                | "trim"
                | "strip"
                | "lower"
                | "upper"
                | "count"
                | "first"
                | "last"
                | "all"
                | "one"
                | "exists"
                | "render"
                | "log"
                | "info"
                | "error"
                | "debug"
                | "warn"
                | "start"
                | "stop"
                | "init"
                | "toString"
                | "equals"
                | "contains"
                | "includes"
                | "indexOf"
                | "match"
                | "test"
                | "exec"
                | "search"
                | "query"
                | "execute"
                | "load"
                | "dump"
                | "parse"
                | "encode"
                | "decode"
                | "on"
                | "emit"
                | "use"
                | "next"
                | "end"
                | "flush"
                | "commit"
                | "rollback"
                | "connect"
                | "append_to"
        )
}

#[cfg(test)]
mod tests;
