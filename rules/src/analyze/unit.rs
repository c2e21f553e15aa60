//! A file cut into units, each lowered once and analysed by itself.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::names::Names;
use crate::language::Language;
use crate::syntax::{Ast, NodeId};

/// A top-level statement, function or class. Nothing in it depends on where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    /// Byte offset of the unit in the file; offsets in `ast` count from here.
    pub base: usize,
    /// Whose rules read it: the file's language, except for the scripts inside markup.
    pub language: Language,
    /// tree-sitter's kind id of its root; 0 for the tags of a template.
    pub raw: u16,
    pub ast: Arc<Ast>,
}

/// A node of a file: the unit's index and the node in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct At {
    pub unit: u32,
    pub node: NodeId,
}

/// All that the analysis of one unit may look at.
#[derive(Clone, Copy)]
pub(crate) struct FileView<'a> {
    pub path: &'a Path,
    pub language: Language,
    pub units: &'a [Unit],
    pub names: &'a Names,
}

impl<'a> FileView<'a> {
    pub fn ast(&self, unit: u32) -> &'a Ast {
        &self.units[unit as usize].ast
    }

    /// The bytes of the file that a node covers.
    pub fn range(&self, at: At) -> Range<usize> {
        let unit = &self.units[at.unit as usize];
        // Text without a tree is one piece.
        let range = if unit.ast.is_empty() { 0..unit.ast.text.len() } else { unit.ast.range(at.node) };
        unit.base + range.start..unit.base + range.end
    }

    pub fn text(&self, at: At) -> &'a str {
        let ast = self.ast(at.unit);
        if ast.is_empty() { &ast.text } else { ast.text(at.node) }
    }
}
