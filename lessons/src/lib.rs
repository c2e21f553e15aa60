//! Hands-on lessons, and the sandbox in which a learner's repair is attacked.
//!
//! A lesson is done, not read: the learner sees an attack work on a small real program, repairs the program,
//! and sees the same attack fail while the program still does its job. The verdict comes from running
//! both sides, never from comparing text.
//!
//! # How to use it
//!
//! ```no_run
//! use squire_lessons::{Action, Catalog, Progress, Runner, Workbook};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // One of each for the life of the process. `Runner` starts children as `<this program> lesson-runner`:
//! // the hidden subcommand of that name must call `squire_lessons::runner_main()` before anything else.
//! let catalog = Catalog::builtin(); // or Catalog::builtin().clone().with(Catalog::load(".squire/lessons")?)
//! let runner = Runner::new()?;
//! let workbook = Workbook::open().ok_or("no data directory")?;
//! let progress = Progress::open().ok_or("no data directory")?;
//!
//! // Open: the learner's copy, written unless it is there already.
//! let exercise = catalog.exercise("sql-injection", "javascript".parse()?).ok_or("no such exercise")?;
//! let file = workbook.start(exercise)?;
//! progress.record(exercise, Action::Started)?;
//! runner.warm_up(exercise); // Python starts slowly; returns at once
//!
//! // Which exercise is this file? (For code lenses: `None` for all files that are not a learner's copy.)
//! let exercise = Workbook::find(catalog, &file).ok_or("not an exercise")?;
//! let text = std::fs::read_to_string(&file)?; // an editor passes its buffer instead
//!
//! // Attack and check block for milliseconds (JavaScript) to seconds (Python): call them off the main task.
//! let attack = runner.attack(exercise, &text);
//! progress.record(exercise, Action::Attacked { breaches: attack.breaches() })?;
//! println!("{attack}");
//! let verdict = runner.check(exercise, &text);
//! progress.record_verdict(exercise, &verdict)?; // records the completion too
//! println!("{verdict}"); // or verdict.headline(), .explanation, .problems with byte ranges
//!
//! // Hint: one at a time; which one is next is remembered.
//! if let Some((number, hint)) = progress.next_hint(exercise)? {
//!     println!("Hint {number} of {}: {}\n{}", exercise.hints.len(), hint.title, hint.markdown);
//! }
//!
//! // Reset: as shipped. An editor rather replaces its buffer by `exercise.shipped()`, which can be undone.
//! workbook.reset(exercise)?;
//! progress.record(exercise, Action::Reset)?;
//!
//! // Solution: a file beside the learner's own.
//! let solution = workbook.solution(exercise)?;
//! progress.record(exercise, Action::Solution)?;
//! # Ok(())
//! # }
//! ```
//!
//! The proof that every lesson is true is [`test_lessons`].

mod catalog;
mod check;
mod places;
mod progress;
mod prove;
mod sandbox;
mod workbook;

pub use crate::catalog::{
    Catalog, Exercise, Hint, Lesson, LessonError, Level, Runtime, Section, Track, WrongRepair,
};
pub use crate::check::{AttackReport, Evidence, Problem, ProblemKind, Verdict};
pub use crate::progress::{Action, Event, Progress, Status};
pub use crate::prove::{TestReport, test_lessons};
pub use crate::sandbox::{Outcome, Runner, install_python, runner_main};
pub use crate::workbook::{Workbook, reset_in, start_in};
