//! What one unit tells of flows that begin or end outside of it.
//!
//! A unit is interpreted alone. What it cannot know — what a parameter was given, what a function of another
//! unit returns — is a symbol that flows like a taint. Where a symbol arrives (a sink, a return, an argument of
//! such a call) is recorded, and [`crate::analyze`] joins the records of all units when findings are asked for. So
//! an edit costs the unit it is in, whoever calls its functions, and the outcome does not depend on the order in
//! which units were analysed.

use std::collections::BTreeMap;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::syntax::NodeId;

/// Kinds of taint from here on are symbols of the unit.
pub(super) const SYMBOLS: u16 = 0x1000;

/// Functions, calls and flows kept of one unit; generated code has more.
const MOST: usize = 4_000;

/// The record of one unit. Ranges are bytes from the unit's start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    pub functions: Vec<FunctionFacts>,
    pub calls: Vec<CallFacts>,
    pub sinks: Vec<SinkFacts>,
    pub flows: Vec<OpenFlow>,
}

/// A function that code elsewhere can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FunctionFacts {
    pub name: String,
    /// The class whose method it is.
    pub class: Option<String>,
    /// Names, without the receiver (`self`).
    pub parameters: Vec<String>,
}

/// A call of something that the unit does not define and the models do not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallFacts {
    pub name: String,
    pub callee: Callee,
    /// Its name says that it returns nothing dangerous, unless the function is known.
    pub clean: bool,
    pub range: Range<u32>,
}

/// What is known of what is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Callee {
    /// `f(x)`: a function of this file or, in some languages, of this folder.
    Plain,
    /// `a.b.f(x)` with an imported `a.b`, or `f` imported from there.
    Below(String),
    /// A method of an object of this class.
    Of(String),
    /// A method of the object whose method calls it.
    Own(Option<String>),
    /// A method of an object of which nothing is known.
    Method,
}

/// A sink that something from outside of the unit may reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SinkFacts {
    pub kind: u16,
    /// The call, assignment or returned expression.
    pub node: NodeId,
    pub argument: NodeId,
    /// It counts only for text that somebody sent, not for what an unknown function made of it.
    pub needs_text: bool,
    pub hints: BTreeMap<String, String>,
}

/// Where something comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// A source of that kind.
    Source(u16),
    /// What a function of the unit is given.
    Parameter { function: u32, index: u16 },
    /// What a call of the unit returns.
    Result(u32),
}

/// Where it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Target {
    Sink(u32),
    /// What a function of the unit returns.
    Return(u32),
    /// What a call of the unit is given, by position.
    Argument {
        call: u32,
        index: u16,
    },
    /// The same by the hash of its name.
    Named {
        call: u32,
        name: u64,
    },
}

/// One way through the unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenFlow {
    pub origin: Origin,
    pub target: Target,
    /// Sink kinds that the value was made safe for on the way, as bits.
    pub cleared: u64,
    /// It went through a method of which nothing is known.
    pub weak: bool,
    pub steps: Vec<(Range<u32>, String)>,
}

impl OpenFlow {
    /// The sink that something from outside of the unit reaches.
    pub fn open_sink(&self) -> Option<u32> {
        match (self.target, self.origin) {
            (Target::Sink(sink), Origin::Parameter { .. } | Origin::Result(_)) => Some(sink),
            _ => None,
        }
    }
}

impl Summary {
    /// Whether there is nothing to join.
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty() && self.flows.is_empty()
    }

    /// Whether another record says the same to other units, wherever in the unit things stand.
    pub fn says_as(&self, other: &Summary) -> bool {
        let flows = |summary: &Summary| {
            summary.flows.iter().map(|f| (f.origin, f.target, f.cleared, f.weak)).collect::<Vec<_>>()
        };
        let calls = |call: &CallFacts, other: &CallFacts| {
            call.name == other.name && call.callee == other.callee && call.clean == other.clean
        };
        self.functions == other.functions
            && self.calls.len() == other.calls.len()
            && self.calls.iter().zip(&other.calls).all(|(a, b)| calls(a, b))
            && self.sinks.len() == other.sinks.len()
            && self
                .sinks
                .iter()
                .zip(&other.sinks)
                .all(|(a, b)| a.kind == b.kind && a.needs_text == b.needs_text)
            && flows(self) == flows(other)
    }

    /// The flows that arrive at `target`.
    pub fn into(&self, target: Target) -> impl Iterator<Item = &OpenFlow> {
        self.flows.iter().filter(move |flow| flow.target == target)
    }
}

/// Collects a [`Summary`] while its unit is interpreted.
#[derive(Default)]
pub(super) struct Recorder {
    pub summary: Summary,
    symbols: Vec<Origin>,
    kinds: FxHashMap<Origin, u16>,
    functions: FxHashMap<NodeId, u32>,
    calls: FxHashMap<NodeId, u32>,
    sinks: FxHashMap<(u16, NodeId, NodeId), u32>,
    known: FxHashSet<(Origin, Target, u64, bool)>,
}

impl Recorder {
    /// The kind of taint that stands for `origin`.
    pub fn symbol(&mut self, origin: Origin) -> Option<u16> {
        if let Some(&kind) = self.kinds.get(&origin) {
            return Some(kind);
        }
        if self.symbols.len() >= MOST {
            return None;
        }
        let kind = SYMBOLS + self.symbols.len() as u16;
        self.symbols.push(origin);
        self.kinds.insert(origin, kind);
        Some(kind)
    }

    /// Where taint of a kind comes from; kinds of patterns end with their unit.
    pub fn origin(&self, kind: u16) -> Option<Origin> {
        match kind.checked_sub(SYMBOLS) {
            Some(index) => self.symbols.get(index as usize).copied(),
            None => (kind < super::eval::PATTERN_KINDS).then_some(Origin::Source(kind)),
        }
    }

    pub fn function(&mut self, id: NodeId, facts: impl FnOnce() -> Option<FunctionFacts>) -> Option<u32> {
        if let Some(&index) = self.functions.get(&id) {
            return Some(index);
        }
        if self.summary.functions.len() >= MOST {
            return None;
        }
        let index = self.summary.functions.len() as u32;
        self.summary.functions.push(facts()?);
        self.functions.insert(id, index);
        Some(index)
    }

    pub fn call(&mut self, id: NodeId, facts: impl FnOnce() -> Option<CallFacts>) -> Option<u32> {
        if let Some(&index) = self.calls.get(&id) {
            return Some(index);
        }
        if self.summary.calls.len() >= MOST {
            return None;
        }
        let index = self.summary.calls.len() as u32;
        self.summary.calls.push(facts()?);
        self.calls.insert(id, index);
        Some(index)
    }

    pub fn sink(&mut self, facts: SinkFacts) -> u32 {
        let key = (facts.kind, facts.node, facts.argument);
        if let Some(&index) = self.sinks.get(&key) {
            let known = &mut self.summary.sinks[index as usize];
            known.needs_text &= facts.needs_text;
            return index;
        }
        let index = self.summary.sinks.len() as u32;
        self.summary.sinks.push(facts);
        self.sinks.insert(key, index);
        index
    }

    /// Whether a flow is new; then its steps are worth collecting.
    pub fn is_new(&mut self, origin: Origin, target: Target, cleared: u64, weak: bool) -> bool {
        self.summary.flows.len() < MOST && self.known.insert((origin, target, cleared, weak))
    }
}
