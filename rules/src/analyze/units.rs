//! Cutting a file into units, and keeping those that an edit did not touch.

use std::sync::Arc;

use super::unit::Unit;
use crate::language::template::Cache;
use crate::language::{Role, Table};
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
    loop {
        let node = cursor.node();
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
        if !cursor.goto_next_sibling() {
            return out;
        }
    }
}

/// The units of a file of markup: its tags and scripts, found anew. Trees that the last version had are known.
pub(super) fn cut_markup(source: &Source, old: &[Unit], cache: &mut Cache) -> Vec<(Unit, Origin)> {
    let known =
        |unit: &Unit, index: usize| old.get(index).is_some_and(|old| Arc::ptr_eq(&old.ast, &unit.ast));
    let units = cache.units(source).into_iter();
    units
        .map(|(unit, index)| {
            let kept = index.filter(|&index| known(&unit, index));
            let origin = kept.map_or(Origin::Fresh, Origin::Kept);
            (unit, origin)
        })
        .collect()
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
