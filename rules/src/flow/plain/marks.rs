//! What the patterns of one rule mark in one unit, asked node by node.

use std::ops::Range;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::shape::{Taint, Taints};
use crate::analyze::{At, FileView};
use crate::pattern::Binding;
use crate::rule::{Mark, MarkMatch, MarkRole, TaintSpec};
use crate::syntax::NodeId;

/// One match of a source, a sink or a sanitizer.
pub(super) struct Spot<'a> {
    pub mark: &'a Mark,
    pub at: NodeId,
    /// Bytes of the file.
    pub range: Range<usize>,
    pub bindings: Rc<[(String, Binding)]>,
}

/// The matches of one entry of a list, by where they start.
struct Entry<'a> {
    mark: &'a Mark,
    spots: Vec<Spot<'a>>,
    /// The index of the spot that reaches furthest, of those up to here.
    furthest: Vec<usize>,
}

/// The two ends of a propagator's match.
pub(super) struct Way<'a> {
    pub mark: &'a Mark,
    pub from: NodeId,
    pub to: NodeId,
}

/// The marks of one rule in one unit.
pub(super) struct RuleMarks<'a> {
    sources: Vec<Entry<'a>>,
    sinks: Vec<Entry<'a>>,
    sanitizers: Vec<Entry<'a>>,
    pub ways: Vec<Way<'a>>,
    /// By the node of one of their ends.
    ends: FxHashMap<NodeId, SmallVec<[usize; 1]>>,
    labels: Vec<&'a str>,
}

/// The label of sources that have none.
const UNLABELLED: &str = "__SOURCE__";

impl<'a> RuleMarks<'a> {
    pub fn new(spec: &'a TaintSpec, found: &[MarkMatch], view: &FileView<'_>, unit: u32) -> RuleMarks<'a> {
        let mut marks = RuleMarks {
            sources: entries(&spec.sources, MarkRole::Source, found, unit),
            sinks: entries(&spec.sinks, MarkRole::Sink, found, unit),
            sanitizers: entries(&spec.sanitizers, MarkRole::Sanitizer, found, unit),
            ways: Vec::new(),
            ends: FxHashMap::default(),
            labels: vec![UNLABELLED],
        };
        let taken: Vec<Range<usize>> = [&marks.sources, &marks.sinks]
            .into_iter()
            .flatten()
            .flat_map(|entry| entry.spots.iter().map(|spot| spot.range.clone()))
            .collect();
        for entry in marks.sanitizers.iter_mut().filter(|entry| entry.mark.not_conflicting) {
            entry.spots.retain(|spot| !taken.contains(&spot.range));
            entry.order();
        }
        for found in found.iter().filter(|found| found.role == MarkRole::Propagator && found.at.unit == unit)
        {
            marks.way(spec, found, view, unit);
        }
        for mark in spec.sources.iter().chain(&spec.propagators) {
            let labels = mark.label.iter().chain(mark.replace_labels.iter().flatten());
            for label in labels {
                if !marks.labels.contains(&label.as_str()) {
                    marks.labels.push(label);
                }
            }
        }
        marks
    }

    fn way(&mut self, spec: &'a TaintSpec, found: &MarkMatch, view: &FileView<'_>, unit: u32) {
        let Some(mark) = spec.propagators.get(found.mark) else { return };
        let Some(propagator) = &mark.propagator else { return };
        let node = |name: &str| {
            let (_, binding) = found.bindings.iter().find(|(known, _)| known == name)?;
            match binding {
                Binding::Node(at) if at.unit == unit => Some(at.node),
                // Several arguments: the first stands for them.
                Binding::Text { unit: own, start, end } if *own == unit => {
                    let ast = view.ast(unit);
                    ast.subtree(found.at.node)
                        .find(|&id| ast.node(id).start >= *start && ast.node(id).end <= *end)
                }
                _ => None,
            }
        };
        let (Some(from), Some(to)) = (node(&propagator.from), node(&propagator.to)) else { return };
        let index = self.ways.len();
        self.ways.push(Way { mark, from, to });
        self.ends.entry(from).or_default().push(index);
        self.ends.entry(to).or_default().push(index);
    }

    /// The sources that a node is, or lies in where the rule does not ask for the very node.
    pub fn sources(&self, at: At, range: &Range<usize>, all: bool) -> SmallVec<[&Spot<'a>; 2]> {
        covering(&self.sources, at, range, false, all)
    }

    /// The sinks that a node is, or lies in where the rule says so.
    pub fn sinks(&self, at: At, range: &Range<usize>) -> SmallVec<[&Spot<'a>; 2]> {
        covering(&self.sinks, at, range, true, true)
    }

    /// The sanitizer that a node is or lies in.
    pub fn sanitizers(&self, at: At, range: &Range<usize>) -> SmallVec<[&Spot<'a>; 2]> {
        covering(&self.sanitizers, at, range, false, false)
    }

    pub fn ends(&self, node: NodeId) -> &[usize] {
        self.ends.get(&node).map_or(&[], SmallVec::as_slice)
    }

    /// The number of a label.
    pub fn label(&self, name: Option<&str>) -> u16 {
        let name = name.unwrap_or(UNLABELLED);
        self.labels.iter().position(|known| *known == name).unwrap_or(0) as u16
    }

    fn has_label(&self, taints: &[Taint], name: &str) -> bool {
        let Some(label) = self.labels.iter().position(|known| *known == name) else { return false };
        taints.iter().any(|taint| taint.label as usize == label)
    }

    /// Whether what a source or propagator requires holds for a value with these taints.
    pub fn allows(&self, mark: &Mark, taints: &[Taint]) -> bool {
        mark.requires.as_ref().is_none_or(|requires| requires.holds(&|label| self.has_label(taints, label)))
    }

    /// The same of a sink, which without a condition asks for taint without a label.
    pub fn reaches(&self, mark: &Mark, taints: &[Taint]) -> bool {
        match &mark.requires {
            Some(requires) => requires.holds(&|label| self.has_label(taints, label)),
            None => self.has_label(taints, UNLABELLED),
        }
    }

    /// The taints that a propagator hands on.
    pub fn relabelled(&self, mark: &Mark, taints: &[Taint]) -> Taints {
        let Some(label) = &mark.label else { return taints.into() };
        let label = self.label(Some(label));
        let replaced: Option<SmallVec<[u16; 4]>> = mark
            .replace_labels
            .as_ref()
            .map(|names| names.iter().map(|name| self.label(Some(name))).collect());
        let mut out = Taints::new();
        for taint in taints {
            let replace = replaced.as_ref().is_none_or(|labels| labels.contains(&taint.label));
            let taint = if replace { Taint { label, ..*taint } } else { *taint };
            super::shape::extend(&mut out, &[taint]);
        }
        out
    }
}

fn entries<'a>(list: &'a [Mark], role: MarkRole, found: &[MarkMatch], unit: u32) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> =
        list.iter().map(|mark| Entry { mark, spots: Vec::new(), furthest: Vec::new() }).collect();
    for found in found.iter().filter(|found| found.role == role && found.at.unit == unit) {
        let Some(entry) = entries.get_mut(found.mark) else { continue };
        entry.spots.push(Spot {
            mark: entry.mark,
            at: found.at.node,
            range: found.range.clone(),
            bindings: found.bindings.clone().into(),
        });
    }
    for entry in &mut entries {
        entry.order();
    }
    entries.retain(|entry| !entry.spots.is_empty());
    entries
}

impl Entry<'_> {
    fn order(&mut self) {
        self.spots.sort_by_key(|spot| (spot.range.start, spot.range.end));
        self.furthest.clear();
        let mut best = 0;
        for (index, spot) in self.spots.iter().enumerate() {
            if spot.range.end >= self.spots[best].range.end {
                best = index;
            }
            self.furthest.push(best);
        }
    }
}

/// The spots around a node: of each entry one, or `all`.
fn covering<'s, 'a>(
    entries: &'s [Entry<'a>],
    at: At,
    range: &Range<usize>,
    exact_unless_told: bool,
    all: bool,
) -> SmallVec<[&'s Spot<'a>; 2]> {
    let mut out = SmallVec::new();
    for entry in entries {
        let up_to = entry.spots.partition_point(|spot| spot.range.start <= range.start);
        if entry.mark.exact.unwrap_or(exact_unless_told) {
            let from = entry.spots.partition_point(|spot| spot.range.start < range.start);
            let mut own = entry.spots[from..up_to].iter().filter(|spot| spot.at == at.node);
            match all {
                true => out.extend(own),
                false => out.extend(own.next()),
            }
            // What is narrowed to a part of a string starts behind its quote.
            let inner = entry.spots[up_to..].iter().take_while(|spot| spot.range.start < range.end);
            out.extend(inner.filter(|spot| spot.at == at.node && spot.range.end <= range.end).take(1));
        } else if all {
            out.extend(entry.spots[..up_to].iter().filter(|spot| spot.range.end >= range.end));
        } else if let Some(&best) = up_to.checked_sub(1).and_then(|last| entry.furthest.get(last))
            && entry.spots[best].range.end >= range.end
        {
            out.push(&entry.spots[best]);
        }
    }
    out
}
