//! Cutting a file into units, and keeping those that an edit did not touch.

use std::sync::Arc;

use super::unit::Unit;
use crate::language::template::Cache;
use crate::language::{Language, Role, Table};
use crate::source::{DirtyRanges, Source, Splice};
use crate::syntax::{Ast, Kind, lower};

/// Where a unit of the new tree comes from.
pub(super) enum Origin {
    /// It is the unit of that index before the edits, perhaps moved.
    Kept(usize),
    /// It is new or was touched.
    Fresh,
}

/// The units of the current tree. `old` are those of the tree before `dirty`.
pub(super) fn cut(source: &Source, old: &[Unit], dirty: &DirtyRanges) -> Vec<(Unit, Origin)> {
    let Some(tree) = source.tree() else { return Vec::new() };
    let table = source.language().table();
    let moved = if dirty.is_everything() { vec![None; old.len()] } else { moved(old, dirty) };
    let mut next_old = 0;
    let mut out = Vec::with_capacity(old.len() + 1);
    let mut cursor = tree.walk();
    if table.role(cursor.node().kind_id()) != Role::Node(Kind::Module) {
        // Nothing but an error: what was recovered is one unit.
        out.push((fresh(cursor.node(), source, table), Origin::Fresh));
        return out;
    }
    if !cursor.goto_first_child() {
        return out;
    }
    let mut depth = 0;
    loop {
        let node = cursor.node();
        // The statements stand in a node of their own.
        if depth == 0 && table.role(node.kind_id()) == Role::Top && cursor.goto_first_child() {
            depth = 1;
            continue;
        }
        if node.is_named() && table.role(node.kind_id()) != Role::Skip {
            let start = node.start_byte();
            while next_old < moved.len() && moved[next_old].is_none_or(|base| base < start) {
                next_old += 1;
            }
            let kept = moved.get(next_old).copied().flatten().filter(|&base| base == start).filter(|_| {
                let unit = &old[next_old];
                unit.ast.text.len() == node.end_byte() - start && unit.raw == node.kind_id()
            });
            match kept {
                Some(base) => {
                    let unit = Unit { base, ..old[next_old].clone() };
                    out.push((unit, Origin::Kept(next_old)));
                    next_old += 1;
                }
                None => out.push((fresh(node, source, table), Origin::Fresh)),
            }
        }
        while !cursor.goto_next_sibling() {
            if depth == 0 || !cursor.goto_parent() {
                return out;
            }
            depth = 0;
        }
    }
}

/// The units of a file of markup: its tags and scripts, found anew. Trees that the last version had are known. Where
/// rules speak of `elements`, those of HTML follow.
pub(super) fn cut_markup(
    source: &Source,
    old: &[Unit],
    dirty: &DirtyRanges,
    cache: &mut Cache,
    elements: bool,
) -> Vec<(Unit, Origin)> {
    let known =
        |unit: &Unit, index: usize| old.get(index).is_some_and(|old| Arc::ptr_eq(&old.ast, &unit.ast));
    let units = cache.units(source).into_iter();
    let mut out: Vec<(Unit, Origin)> = units
        .map(|(unit, index)| {
            let kept = index.filter(|&index| known(&unit, index));
            let origin = kept.map_or(Origin::Fresh, Origin::Kept);
            (unit, origin)
        })
        .collect();
    if elements && source.language() == Language::Html {
        let first = old.iter().position(|unit| unit.language == Language::Html).unwrap_or(old.len());
        out.extend(cut(source, &old[first..], dirty).into_iter().map(|(unit, origin)| match origin {
            Origin::Kept(index) => (unit, Origin::Kept(first + index)),
            Origin::Fresh => (unit, Origin::Fresh),
        }));
    }
    out
}

fn fresh(node: tree_sitter::Node<'_>, source: &Source, table: &Table) -> Unit {
    let ast: Ast = lower(node, source.rope(), table);
    let language = source.language();
    Unit { base: node.start_byte(), language, raw: node.kind_id(), ast: Arc::new(ast) }
}

/// Where each old unit starts now, or `None` if an edit touched it.
fn moved(old: &[Unit], dirty: &DirtyRanges) -> Vec<Option<usize>> {
    let mut moved: Vec<Option<usize>> = old.iter().map(|unit| Some(unit.base)).collect();
    for edit in dirty.edits() {
        for (unit, base) in old.iter().zip(&mut moved) {
            *base = base.and_then(|base| shift(base, unit.ast.text.len(), edit));
        }
    }
    for range in dirty.structure() {
        for (unit, base) in old.iter().zip(&mut moved) {
            *base = base.filter(|&base| base + unit.ast.text.len() < range.start || base > range.end);
        }
    }
    moved
}

/// Where a unit is after one edit. Text that only touches it may belong to it now.
fn shift(base: usize, len: usize, edit: &Splice) -> Option<usize> {
    if base + len < edit.start {
        Some(base)
    } else if base > edit.start + edit.old_len {
        Some(base - edit.old_len + edit.new_len)
    } else {
        None
    }
}
