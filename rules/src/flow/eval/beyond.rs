//! Flows that begin or end outside of the unit: what is recorded of them.

use smallvec::SmallVec;

use super::Flow;
use crate::flow::models::{NOWHERE, Sink};
use crate::flow::summary::{CallFacts, Callee, FunctionFacts, OpenFlow, Origin, SinkFacts, Target};
use crate::flow::value::{Known, Taint, Value};
use crate::syntax::{Kind, NodeId, Slot};

/// First parameters that are the object a method belongs to.
const RECEIVERS: [&str; 5] = ["self", "cls", "this", "&self", "&mut self"];

impl<'a> Flow<'a> {
    /// The record of a function that code elsewhere can name.
    pub(super) fn define(&mut self, id: NodeId) -> Option<u32> {
        self.recorder.as_ref()?;
        let ast = self.ast;
        // What stands inside of a function is not to be had from outside.
        if ast.ancestors(id).any(|ancestor| ast.kind(ancestor) == Kind::Function) {
            return None;
        }
        let name = self.name_of_function(id)?.to_owned();
        let parameters = ast
            .slots(id, Slot::Param)
            .map(|node| ast.text(self.parameter_parts(node).0).to_owned())
            .enumerate()
            .filter(|(index, name)| *index > 0 || !RECEIVERS.contains(&name.as_str()))
            .map(|(_, name)| name)
            .collect();
        let class = self.class_of(id).map(str::to_owned);
        self.recorder.as_mut()?.function(id, || Some(FunctionFacts { name, class, parameters }))
    }

    /// The name of a declaration, or of what a function is assigned to.
    fn name_of_function(&self, id: NodeId) -> Option<&'a str> {
        let ast = self.ast;
        if let Some(name) = ast.slot(id, Slot::Name) {
            return Some(ast.text(name));
        }
        let parent = ast.parent(id)?;
        let name = match ast.kind(parent) {
            Kind::Assign => ast.slot(parent, Slot::Left)?,
            Kind::Pair => ast.slot(parent, Slot::Key)?,
            _ => return None,
        };
        match ast.kind(name) {
            Kind::Ident => Some(ast.text(name)),
            Kind::Str => Some(ast.string_content(name)),
            Kind::Member => ast.slot(name, Slot::Property).map(|property| ast.text(property)),
            _ => None,
        }
    }

    fn class_of(&self, id: NodeId) -> Option<&'a str> {
        let ast = self.ast;
        let class = ast.ancestors(id).find(|&ancestor| ast.kind(ancestor) == Kind::Class)?;
        ast.slot(class, Slot::Name).map(|name| ast.text(name))
    }

    /// What a parameter of a recorded function is given is not known, but where it goes is of interest.
    pub(super) fn add_parameter_symbol(&mut self, value: &mut Value, name: NodeId, index: usize) {
        let Some(Some(function)) = self.defining.last().copied() else { return };
        if value.path != NOWHERE || value.known != Known::Nothing || value.is_tainted() {
            return;
        }
        let Some(recorder) = &mut self.recorder else { return };
        let origin = Origin::Parameter { function, index: index as u16 };
        let Some(kind) = recorder.symbol(origin) else { return };
        let step = self.source_step(name, format!("is passed as `{}`", self.ast.text(name)));
        value.taints.push(Taint { kind, cleared: 0, step, weak: false });
    }

    /// Whether the first parameter of a function is its receiver.
    pub(super) fn has_receiver(&self, parameters: &[NodeId]) -> bool {
        parameters
            .first()
            .is_some_and(|&first| RECEIVERS.contains(&self.ast.text(self.parameter_parts(first).0)))
    }

    /// Records that a function returns `value`.
    pub(super) fn record_return(&mut self, value: &Value) {
        let Some(Some(function)) = self.defining.last().copied() else { return };
        self.record(&value.all_taints(), Target::Return(function), None);
    }

    /// Records that taints from outside of the unit reach a sink. `holds` says whether the sink's conditions hold
    /// for text, and for what may not be text.
    pub(super) fn record_sink(
        &mut self,
        sink: &Sink,
        node: NodeId,
        argument: NodeId,
        taints: &[Taint],
        holds: (bool, bool),
    ) {
        let Some(recorder) = &mut self.recorder else { return };
        let open = |taint: &&Taint| {
            matches!(recorder.origin(taint.kind), Some(Origin::Parameter { .. } | Origin::Result(_)))
        };
        let open: SmallVec<[Taint; 2]> = taints
            .iter()
            .filter(open)
            .filter(|taint| taint.cleared & (1 << sink.kind) == 0)
            .copied()
            .collect();
        if open.is_empty() || !holds.0 {
            return;
        }
        let facts =
            SinkFacts { kind: sink.kind, node, argument, needs_text: !holds.1, hints: sink.hints.clone() };
        let sink = recorder.sink(facts);
        self.record(&open, Target::Sink(sink), Some(argument));
    }

    fn record(&mut self, taints: &[Taint], target: Target, end: Option<NodeId>) {
        for taint in taints {
            let Some(recorder) = &mut self.recorder else { return };
            let Some(origin) = recorder.origin(taint.kind) else { continue };
            if !recorder.is_new(origin, target, taint.cleared, taint.weak) {
                continue;
            }
            let range = |node: NodeId| {
                let range = self.ast.range(node);
                range.start as u32..range.end as u32
            };
            let mut steps: Vec<_> =
                self.trace(taint.step).into_iter().map(|(node, note)| (range(node), note)).collect();
            if let Some(end) = end {
                let text = super::first_line(self.ast.text(end));
                steps.push((range(end), format!("`{text}` reaches the sink")));
            }
            let flow = OpenFlow { origin, target, cleared: taint.cleared, weak: taint.weak, steps };
            if let Some(recorder) = &mut self.recorder {
                recorder.summary.flows.push(flow);
            }
        }
    }

    /// The record of a call of something that neither the unit nor the models know.
    pub(super) fn call_beyond(
        &mut self,
        id: NodeId,
        callee: &Value,
        receiver: Option<(NodeId, &Value)>,
        clean: bool,
    ) -> Option<u32> {
        self.recorder.as_ref()?;
        let ast = self.ast;
        if callee.path != NOWHERE || callee.function.is_some() || ast.kind(id) != Kind::Call {
            return None;
        }
        let node = ast.slot(id, Slot::Callee)?;
        let (name, callee) = match (ast.kind(node), receiver) {
            (Kind::Ident, _) => match self.view.names.full(ast.node(node).hash) {
                Some(full) => match full.rsplit_once('.') {
                    Some((module, name)) if !module.is_empty() && !name.contains('/') => {
                        (name.to_owned(), Callee::Below(module.to_owned()))
                    }
                    _ => (ast.text(node).to_owned(), Callee::Below(full.to_owned())),
                },
                None => (ast.text(node).to_owned(), Callee::Plain),
            },
            (Kind::Member, Some((object, value))) => {
                let name = ast.text(ast.slot(node, Slot::Property)?).to_owned();
                (name, self.callee_of(object, value)?)
            }
            _ => return None,
        };
        // A name that libraries have for what returns nothing dangerous means that, unless it is said whose it is.
        if clean && matches!(callee, Callee::Method | Callee::Plain) {
            return None;
        }
        let range = ast.range(id);
        let range = range.start as u32..range.end as u32;
        self.recorder.as_mut()?.call(id, || Some(CallFacts { name, callee, clean, range }))
    }

    fn callee_of(&self, object: NodeId, value: &Value) -> Option<Callee> {
        let ast = self.ast;
        if matches!(ast.text(object), "this" | "self" | "cls" | "super()" | "$this") {
            return Some(Callee::Own(self.class_of(object).map(str::to_owned)));
        }
        if let Some(class) = &value.class {
            return Some(Callee::Of(class.to_string()));
        }
        // A value that something untrusted is in is data; its methods are those of strings and lists.
        if !value.all_taints().is_empty() || value.shape.is_some() {
            return None;
        }
        if self.is_imported(object)
            && let Some(full) = self.view.names.qualified(ast, object)
        {
            return Some(Callee::Below(full));
        }
        let text = ast.text(object);
        let is_class = ast.kind(object) == Kind::Ident && text.starts_with(|c: char| c.is_ascii_uppercase());
        Some(if is_class { Callee::Of(text.to_owned()) } else { Callee::Method })
    }

    /// Whether a name, or the first of names joined by dots, is imported.
    fn is_imported(&self, mut node: NodeId) -> bool {
        let ast = self.ast;
        while ast.kind(node) == Kind::Member {
            let Some(object) = ast.slot(node, Slot::Object) else { return false };
            node = object;
        }
        match ast.kind(node) {
            Kind::Ident => self.view.names.full(ast.node(node).hash).is_some(),
            Kind::Call => crate::analyze::required_module(ast, node).is_some(),
            _ => false,
        }
    }

    /// Records what such a call is given, and returns the taint of what it returns.
    pub(super) fn result_beyond(
        &mut self,
        id: NodeId,
        call: u32,
        arguments: &[NodeId],
        values: &[Value],
    ) -> Option<Taint> {
        let ast = self.ast;
        let mut position = 0;
        for (&node, value) in arguments.iter().zip(values) {
            let target = if ast.kind(node) == Kind::Keyword {
                let name = ast.slot(node, Slot::Name).map_or(0, |name| ast.node(name).hash);
                Target::Named { call, name }
            } else {
                position += 1;
                Target::Argument { call, index: position - 1 }
            };
            self.record(&value.all_taints(), target, None);
        }
        let kind = self.recorder.as_mut()?.symbol(Origin::Result(call))?;
        let note = format!("`{}` returns it", self.called_name(id));
        let step = self.source_step(id, note);
        Some(Taint { kind, cleared: 0, step, weak: false })
    }
}
