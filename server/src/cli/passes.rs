//! All files of a scan. The first pass analyses each by itself and gathers what they say about each other; what a
//! file says alone is told as soon as the files before it are done. Only files whose findings depend on the others
//! wait for the second pass.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use ropey::Rope;
use squire_rules::measure::{self, Costs};
use squire_rules::{Document, FileFacts, Project};

use super::analysis::{Analysis, Examined, Input, Problem};
use super::in_order::in_order;
use super::output::{FileReport, Places};

/// How files are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// In order of path.
    Path,
    /// In order of path, but those whose findings depend on other files after those whose do not: somebody is
    /// watching, and one file must not hold back all that follow.
    KnownFirst,
}

/// All files of a scan, to be analysed.
pub struct Passes<'a> {
    /// With what.
    pub analysis: Analysis<'a>,
    /// On so many threads.
    pub threads: usize,
    /// In which order.
    pub order: Order,
    /// Advanced by one for each file.
    pub progress: &'a ProgressBar,
}

/// What a scan cost, once all is told.
#[derive(Debug, Default)]
pub struct Totals {
    /// Files that were analysed.
    pub files: usize,
    /// Their text.
    pub bytes: u64,
    /// What of the time was the first pass.
    pub first: Duration,
    /// What was measured, if measuring is on.
    pub costs: Costs,
    /// The same by file, with its size in bytes; the most expensive first.
    pub by_file: Vec<(PathBuf, u64, Duration)>,
}

/// How much text is kept parsed between the passes, in bytes. Trees take some twenty times their text; beyond
/// this, files are analysed a second time instead.
const KEEP: u64 = 48 << 20;

/// Files that `--stats` names.
const MOST_EXPENSIVE: usize = 10;

/// What the first pass leaves of a file.
struct First {
    known: Known,
    facts: Vec<Arc<FileFacts>>,
    bytes: u64,
    problem: Option<Problem>,
    costs: Costs,
}

enum Known {
    /// It is no file to analyse.
    Nothing,
    /// All that is to say about it.
    All(Result<Examined, Problem>),
    /// What other files say may change it. With its trees, while there is room for them.
    NotYet(Option<Vec<Document>>),
}

impl Passes<'_> {
    /// Tells the findings of each file that has any, and what went wrong with others, on this thread.
    ///
    /// # Errors
    /// Those of `tell`, which end the scan.
    pub fn run(
        &self,
        inputs: &[Input],
        tell: &mut dyn FnMut(Result<FileReport, Problem>) -> anyhow::Result<()>,
    ) -> anyhow::Result<Totals> {
        let began = Instant::now();
        let config = self.analysis.config;
        let names = inputs.iter().map(|input| (config.absolute(&input.path), input.path.clone())).collect();
        // What was never on the disk, or is there in another version, is needed for flows that start in it.
        let texts = inputs.iter().filter_map(|input| Some((input, input.text.as_ref()?)));
        let ropes = texts.map(|(input, text)| (config.absolute(&input.path), Rope::from_str(text))).collect();
        let mut places = Places { ropes, names };
        let mut project = Project::default();
        let mut totals = Totals::default();
        let mut waiting: Vec<(usize, Option<Vec<Document>>)> = Vec::new();
        let mut behind: VecDeque<(usize, Examined)> = VecDeque::new();
        let kept = AtomicU64::new(0);
        let first = |index: usize| {
            let first = self.first(&inputs[index], &kept);
            self.progress.inc(1);
            first
        };
        in_order(self.threads, inputs.len(), &first, &mut |index, first: First| {
            let path = &inputs[index].path;
            for facts in first.facts {
                project.insert(&config.absolute(path), facts);
            }
            totals.files += usize::from(!matches!(first.known, Known::Nothing));
            totals.bytes += first.bytes;
            totals.count(path, first.bytes, &first.costs);
            if let Some(problem) = first.problem {
                tell(Err(problem))?;
            }
            match first.known {
                Known::Nothing => Ok(()),
                Known::NotYet(documents) => {
                    waiting.push((index, documents));
                    Ok(())
                }
                Known::All(Err(problem)) => tell(Err(problem)),
                Known::All(Ok(examined)) if examined.findings.is_empty() => Ok(()),
                Known::All(Ok(examined)) if self.order == Order::Path && !waiting.is_empty() => {
                    behind.push_back((index, examined));
                    Ok(())
                }
                Known::All(Ok(examined)) => tell(Ok(places.resolve(examined))),
            }
        })?;
        totals.first = began.elapsed();

        for (index, documents) in &waiting {
            if let Some(document) = documents.as_ref().and_then(|documents| documents.first()) {
                let rope = document.source().rope().clone();
                places.ropes.insert(config.absolute(&inputs[*index].path), rope);
            }
        }
        self.progress.inc_length(waiting.len() as u64);
        let second = |at: usize| {
            let (index, documents) = &waiting[at];
            let outcome = self.second(&inputs[*index], documents.as_deref(), &project);
            self.progress.inc(1);
            (outcome, measure::take())
        };
        in_order(self.threads, waiting.len(), &second, &mut |at, (outcome, costs)| {
            let index = waiting[at].0;
            totals.count(&inputs[index].path, 0, &costs);
            while behind.front().is_some_and(|(other, _)| *other < index)
                && let Some((_, before)) = behind.pop_front()
            {
                tell(Ok(places.resolve(before)))?;
            }
            match outcome {
                Ok(examined) if examined.findings.is_empty() => Ok(()),
                outcome => tell(outcome.map(|examined| places.resolve(examined))),
            }
        })?;
        for (_, examined) in behind {
            tell(Ok(places.resolve(examined)))?;
        }
        totals.settle();
        // The process ends soon, and freeing every tree by hand would only take time.
        std::mem::forget(waiting);
        Ok(totals)
    }

    fn first(&self, input: &Input, kept: &AtomicU64) -> First {
        let (documents, problem) = self.analysis.open(input);
        let bytes = documents.first().map_or(0, |document| document.source().len() as u64);
        let facts = documents.iter().map(|document| document.facts().clone()).collect();
        let known = if documents.is_empty() {
            Known::Nothing
        } else if documents.iter().any(Document::depends_on_project) {
            let keep = kept.fetch_add(bytes, Ordering::Relaxed) < KEEP || input.text.is_some();
            Known::NotYet(keep.then_some(documents))
        } else {
            Known::All(self.analysis.examine(&input.path, &documents, &Project::default()))
        };
        First { known, facts, bytes, problem, costs: measure::take() }
    }

    fn second(
        &self,
        input: &Input,
        kept: Option<&[Document]>,
        project: &Project,
    ) -> Result<Examined, Problem> {
        if let Some(documents) = kept {
            return self.analysis.examine(&input.path, documents, project);
        }
        let (documents, problem) = self.analysis.open(input);
        match problem {
            Some(problem) if documents.is_empty() => Err(problem),
            _ => self.analysis.examine(&input.path, &documents, project),
        }
    }
}

impl Totals {
    fn count(&mut self, path: &std::path::Path, bytes: u64, costs: &Costs) {
        let time = costs.total();
        if time.is_zero() {
            return;
        }
        self.costs.add(costs);
        match self.by_file.iter_mut().find(|(known, ..)| known == path) {
            Some((_, _, sum)) => *sum += time,
            None => self.by_file.push((path.to_owned(), bytes, time)),
        }
        if self.by_file.len() > 100 * MOST_EXPENSIVE {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.by_file.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
        self.by_file.truncate(MOST_EXPENSIVE);
    }
}
