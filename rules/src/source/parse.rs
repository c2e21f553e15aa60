//! Parsing within a budget.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tree_sitter::{ParseOptions, ParseState, Parser};

use super::Source;

/// How long a parse may take, and who may stop it earlier.
#[derive(Clone, Copy)]
pub struct ParseBudget<'a> {
    /// Wall time after which the parse is abandoned.
    pub time: Duration,
    /// Set to `true` by whoever has a newer version of the text.
    pub cancel: Option<&'a AtomicBool>,
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
        if self.language.is_template() {
            // What is analysed there stands in tags, and a scan finds those. A tree of the markup around them tells
            // nothing more and costs more than everything else.
            self.current = true;
            return Ok(());
        }
        let mut parser = Parser::new();
        parser.set_language(&self.language.grammar()).expect("the grammar crates match the library");
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
        match parser.parse_with_options(&mut read, self.tree.as_ref(), Some(options)) {
            Some(tree) => {
                if let Some(old) = &self.tree {
                    for range in old.changed_ranges(&tree) {
                        self.dirty.push_structure(range.start_byte..range.end_byte);
                    }
                }
                self.tree = Some(tree);
                self.current = true;
                Ok(())
            }
            None => Err(why),
        }
    }
}
