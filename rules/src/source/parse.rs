//! Parsing within a budget.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tree_sitter::{ParseOptions, ParseState, Parser, Tree};

use super::Source;

/// How long a parse and the analysis after it may take, and who may stop them earlier.
#[derive(Clone, Copy)]
pub struct ParseBudget<'a> {
    /// Wall time after which the work is abandoned.
    pub time: Duration,
    /// Set to `true` by whoever has a newer version of the text.
    pub cancel: Option<&'a AtomicBool>,
}

impl ParseBudget<'_> {
    /// Whether work that began at `started` may go on.
    pub(crate) fn check(&self, started: Instant) -> Result<(), Interrupt> {
        if self.cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed)) {
            Err(Interrupt::Cancelled)
        } else if started.elapsed() > self.time {
            Err(Interrupt::Timeout)
        } else {
            Ok(())
        }
    }
}

impl Default for ParseBudget<'_> {
    fn default() -> Self {
        ParseBudget { time: Duration::from_secs(10), cancel: None }
    }
}

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Interrupt {
    /// The budget's time was used up.
    #[error("the time budget was used up")]
    Timeout,
    /// A newer version arrived.
    #[error("a newer version arrived")]
    Cancelled,
}

impl Source {
    /// Brings the tree up to date with the text. After an [`Interrupt`] the edits stay recorded and a
    /// later call tries again.
    pub fn parse(&mut self, budget: ParseBudget<'_>) -> Result<(), Interrupt> {
        if self.current {
            return Ok(());
        }
        let Some(grammar) = self.language.grammar() else {
            // What is analysed there stands in tags, and a scan finds those. A tree of the markup around them tells
            // nothing more and costs more than everything else.
            self.current = true;
            return Ok(());
        };
        let tree = self.parse_from(&grammar, self.tree.as_ref(), budget)?;
        self.incremental = self.tree.is_some();
        self.take_tree(tree);
        Ok(())
    }

    /// Makes the tree the one that a fresh parse gives. Returns whether it changed.
    ///
    /// Without errors an incremental parse gives that tree already. With errors it may not: recovery starts from
    /// what the old tree had, and there are several ways to make sense of broken text. A keystroke is answered
    /// from the incremental tree; when typing pauses, this brings the answer that a scan of the file would give.
    pub fn settle(&mut self, budget: ParseBudget<'_>) -> Result<bool, Interrupt> {
        self.parse(budget)?;
        if self.is_settled() {
            return Ok(false);
        }
        let Some(grammar) = self.language.grammar() else { return Ok(false) };
        let tree = self.parse_from(&grammar, None, budget)?;
        self.incremental = false;
        self.take_tree(tree);
        Ok(!self.dirty.structure().is_empty())
    }

    /// Whether the tree is known to be the one that a fresh parse of the text gives.
    pub fn is_settled(&self) -> bool {
        let broken = self.tree.as_ref().is_some_and(|tree| tree.root_node().has_error());
        self.current && !(self.incremental && broken)
    }

    fn take_tree(&mut self, tree: Tree) {
        if let Some(old) = &self.tree {
            for range in old.changed_ranges(&tree) {
                self.dirty.push_structure(range.start_byte..range.end_byte);
            }
        }
        self.tree = Some(tree);
        self.current = true;
    }

    fn parse_from(
        &self,
        grammar: &tree_sitter::Language,
        old: Option<&Tree>,
        budget: ParseBudget<'_>,
    ) -> Result<Tree, Interrupt> {
        let mut parser = Parser::new();
        parser.set_language(grammar).expect("the grammar crates match the library");
        let deadline = Instant::now() + budget.time;
        let mut why = Interrupt::Timeout;
        let mut progress = |_: &ParseState| {
            if budget.cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed)) {
                why = Interrupt::Cancelled;
                return ControlFlow::Break(());
            }
            if Instant::now() > deadline { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let rope = &self.rope;
        let mut read = |offset: usize, _| {
            if offset >= rope.len_bytes() {
                return &[][..];
            }
            let (chunk, start, _, _) = rope.chunk_at_byte(offset);
            &chunk.as_bytes()[offset - start..]
        };
        let options = ParseOptions::new().progress_callback(&mut progress);
        parser.parse_with_options(&mut read, old, Some(options)).ok_or(why)
    }
}
