//! JavaScript inside markup: the expressions of EJS and Vue, and the content of script elements.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ropey::Rope;
use tree_sitter::{ParseOptions, ParseState, Parser, Tree};

use crate::analyze::Unit;
use crate::language::Language;
use crate::syntax::{Ast, lower};

/// A script that takes longer to parse is left out. Real ones take milliseconds.
const TIME: Duration = Duration::from_secs(1);

/// Parses many small pieces of one language with one parser.
pub(crate) struct Scripts {
    parser: Parser,
    language: Language,
}

impl Scripts {
    pub fn new(language: Language) -> Scripts {
        let mut parser = Parser::new();
        let grammar = language.grammar().expect("scripts are of a language with a grammar");
        parser.set_language(&grammar).expect("the grammar crates match the library");
        Scripts { parser, language }
    }

    /// An expression as the only child of a module, and the place of `text` in the offsets of that tree.
    pub fn expression(&mut self, text: &str) -> (Ast, usize) {
        // In parentheses an object is not read as a block; the line break ends a comment.
        let text = text.trim_end().trim_end_matches(';');
        (self.program(&format!("({text}\n)")), 1)
    }

    /// Statements, which a template may have torn apart.
    pub fn program(&mut self, text: &str) -> Ast {
        let Some(tree) = self.parse(text) else { return Ast::default() };
        let mut ast = lower(tree.root_node(), &Rope::from_str(text), self.language.table());
        // Offsets count from the first token; from the start of the text they can be shifted.
        let skipped = tree.root_node().start_byte() as u32;
        for node in &mut ast.nodes {
            node.start += skipped;
            node.end += skipped;
        }
        ast
    }

    fn parse(&mut self, text: &str) -> Option<Tree> {
        let deadline = Instant::now() + TIME;
        let mut progress = |_: &ParseState| {
            if Instant::now() > deadline { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let mut read = |offset: usize, _| text.as_bytes().get(offset..).unwrap_or(&[]);
        let options = ParseOptions::new().progress_callback(&mut progress);
        let tree = self.parser.parse_with_options(&mut read, None, Some(options));
        if tree.is_none() {
            // Else the parser would go on with this text when it is given the next one.
            self.parser.reset();
        }
        tree
    }

    /// The top-level statements of a script element; `base` of each counts from the start of `text`.
    pub fn units(&mut self, text: &str) -> Vec<Unit> {
        let Some(tree) = self.parse(text) else { return Vec::new() };
        let rope = Rope::from_str(text);
        let mut cursor = tree.walk();
        let children = tree.root_node().children(&mut cursor);
        children
            .filter(|child| child.is_named())
            .filter_map(|child| {
                let ast = lower(child, &rope, self.language.table());
                let base = child.start_byte();
                let language = self.language;
                (!ast.is_empty()).then(|| Unit { base, language, raw: child.kind_id(), ast: Arc::new(ast) })
            })
            .collect()
    }
}
