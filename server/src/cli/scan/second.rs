//! The second pass over all files: in parallel, told in order of path.

use std::ops::Range;
use std::path::Path;

use rayon::prelude::*;
use ropey::Rope;
use squire_rules::Severity;

use crate::cli::analysis::{Analysed, Analysis, Problem};
use crate::cli::git::AddedLines;
use crate::cli::output::{FileReport, Places};
use crate::workspace::Reported;

/// What of the findings is wanted.
pub struct SecondPass<'a> {
    /// With what to analyse.
    pub analysis: &'a Analysis<'a>,
    /// All files after the first pass.
    pub analysed: &'a Analysed,
    /// Only what these lines bring.
    pub added: Option<&'a AddedLines>,
    /// The lowest severity.
    pub least: Severity,
    /// Whether fixes are worth their time.
    pub with_fixes: bool,
}

impl SecondPass<'_> {
    /// Tells the findings of each file, in order of path, as soon as they are known.
    ///
    /// # Errors
    /// Those of `tell`, which end the pass.
    pub fn reports(
        &self,
        tell: &mut dyn FnMut(Result<FileReport, Problem>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let config = self.analysis.config;
        let files = &self.analysed.files;
        let names = files.iter().map(|file| (config.absolute(&file.path), file.path.clone())).collect();
        let places = Places { ropes: self.analysed.ropes(config), names };
        let with_fixes = |reported: &Reported| self.with_fixes && reported.suppressed.is_none();
        for chunk in files.chunks(16 * rayon::current_num_threads()) {
            let examine = |file| {
                let wanted = |path: &Path, rope: &Rope, reported: &Reported| {
                    reported.finding.severity >= self.least && self.is_added(path, rope, reported)
                };
                self.analysis.second(file, &self.analysed.project, &wanted, &with_fixes)
            };
            let outcomes: Vec<_> = chunk.par_iter().map(examine).collect();
            for outcome in outcomes {
                tell(outcome.map(|file| places.resolve(file)))?;
            }
        }
        Ok(())
    }

    /// A finding counts as added if its place or any station of its flow was added.
    fn is_added(&self, path: &Path, rope: &Rope, reported: &Reported) -> bool {
        let Some(added) = self.added else { return true };
        let lines = |range: &Range<usize>| {
            let last = range.end.saturating_sub(1).max(range.start);
            [range.start, last].map(|offset| rope.byte_to_line(offset.min(rope.len_bytes())) + 1)
        };
        let finding = &reported.finding;
        let here = finding.trace.iter().filter(|step| step.path.is_none()).map(|step| &step.range);
        here.chain([&finding.range]).map(lines).any(|[first, last]| added.touch(path, first, last))
    }
}
