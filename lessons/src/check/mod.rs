//! Is it repaired? The verdict of a good reviewer: the program still does its job, the attack no longer
//! works, and nothing was swept under the carpet.

mod analysis;
mod behaviour;
mod verdict;

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex};

use self::behaviour::Behaviour;
pub use self::verdict::{AttackReport, Evidence, Problem, ProblemKind, Verdict};
use crate::catalog::{Exercise, Runtime};
use crate::sandbox::{Report, RunError, Runner, Task};

pub(crate) use self::analysis::{analyse, preferred_fix, rules_that_fire};

/// What the wrong repairs of each exercise do, by lesson, language and file. They never change.
pub(crate) type Behaviours = Mutex<HashMap<String, Arc<Behaviour>>>;

impl Runner {
    /// Checks a repair: runs the tests, runs the attacks, analyses. `text` is the learner's file as it
    /// stands in the editor. Takes from a few milliseconds (JavaScript) to about a second (Python); blocks.
    pub fn check(&self, exercise: &Exercise, text: &str) -> Verdict {
        let run = self.run_both(exercise, text);
        let mut verdict = judge(exercise, text, run);
        if !verdict.passed() && text != exercise.shipped {
            verdict.explanation = self.explain(exercise, text, &verdict);
        }
        verdict
    }

    /// Attacks a program without judging it: what can an attacker do to `text`?
    pub fn attack(&self, exercise: &Exercise, text: &str) -> AttackReport {
        if !self.can_execute(exercise.runtime) {
            return AttackReport::not_executed(exercise.runtime);
        }
        AttackReport::new(self.run(&task(exercise, text, Part::Attack)))
    }

    /// Tests and attacks side by side, or nothing where the exercise cannot be executed here.
    fn run_both(&self, exercise: &Exercise, text: &str) -> Option<(Report, Report)> {
        if !self.can_execute(exercise.runtime) {
            return None;
        }
        std::thread::scope(|scope| {
            let attack = scope.spawn(|| self.run(&task(exercise, text, Part::Attack)));
            let tests = self.run(&task(exercise, text, Part::Tests));
            let attack = attack.join().unwrap_or_else(|_| Report::failed("the attack could not be run"));
            Some((tests, attack))
        })
    }

    /// The sentence of the wrong repair that behaves as this one does.
    fn explain(&self, exercise: &Exercise, text: &str, verdict: &Verdict) -> Option<String> {
        let found = Behaviour::of(verdict);
        let looks = |shape: &Option<regex::Regex>| shape.as_ref().map(|shape| shape.is_match(text));
        // A shape is a stronger sign than behaviour alone, so those that name one are asked first.
        let (mut shaped, unshaped): (Vec<_>, Vec<_>) =
            exercise.wrong.iter().partition(|wrong| wrong.looks_like.is_some());
        shaped.retain(|wrong| looks(&wrong.looks_like) == Some(true));
        // A program that does not even run says nothing about the repair that it was meant to be.
        let runs = verdict.problems.iter().all(|problem| problem.kind != ProblemKind::Broken);
        shaped
            .iter()
            .chain(unshaped.iter().filter(|_| runs))
            .find(|wrong| *self.behaviour(exercise, wrong) == found)
            .or_else(|| shaped.first())
            .map(|wrong| wrong.message.clone())
    }

    fn behaviour(&self, exercise: &Exercise, wrong: &crate::catalog::WrongRepair) -> Arc<Behaviour> {
        let key = format!("{}/{}/{}", exercise.lesson, exercise.language, wrong.file);
        if let Some(known) = self.behaviours().lock().ok().and_then(|known| known.get(&key).cloned()) {
            return known;
        }
        let run = self.run_both(exercise, &wrong.text);
        let behaviour = Arc::new(Behaviour::of(&judge(exercise, &wrong.text, run)));
        if let Ok(mut known) = self.behaviours().lock() {
            known.insert(key, behaviour.clone());
        }
        behaviour
    }
}

/// What one run executes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Tests,
    Attack,
}

fn task(exercise: &Exercise, text: &str, part: Part) -> Task {
    let script = match part {
        Part::Tests => &exercise.tests,
        Part::Attack => &exercise.attack,
    };
    let mut files = exercise.files.clone();
    files.insert(exercise.entry.clone(), text.to_owned());
    Task {
        runtime: exercise.runtime,
        files,
        entry: exercise.entry.clone(),
        script_name: script.name.clone(),
        script: script.text.clone(),
        time_ms: exercise.time_ms,
        memory_mb: exercise.memory_mb,
        marker: marker(),
    }
}

/// Not to be guessed by the program whose report stands behind it.
fn marker() -> String {
    // The standard library seeds each hasher at random.
    let word = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", word(), word())
}

/// Problems in the order in which a learner should look at them.
fn judge(exercise: &Exercise, text: &str, run: Option<(Report, Report)>) -> Verdict {
    let mut problems = Vec::new();
    let (tests, attacks) = match &run {
        Some((tests, attacks)) => (Some(tests), Some(attacks)),
        None => (None, None),
    };
    let broken = tests.and_then(|report| report.error.as_ref());
    problems.extend(broken.map(|error| verdict::broken(text, error)));
    for shape in exercise.keep.iter().filter(|shape| !shape.regex.is_match(text)) {
        problems.push(Problem::new(ProblemKind::Removed, shape.message.clone()));
    }
    if broken.is_none() {
        problems.extend(tests.into_iter().flat_map(failed_tests));
        problems.extend(attacks.into_iter().flat_map(|report| successful_attacks(text, report)));
    }
    for shape in &exercise.reject {
        if let Some(found) = shape.regex.find(text) {
            let problem = Problem::new(ProblemKind::Rejected, shape.message.clone());
            problems.push(problem.at(found.range()));
        }
    }
    problems.extend(analyse(exercise, text));
    let evidence = match (run.is_some(), exercise.runtime) {
        (true, _) => Evidence::Executed,
        (false, Runtime::Analysed) => Evidence::Analysed,
        (false, _) => Evidence::AnalysedForLackOfRuntime,
    };
    let output = tests.map(|report| report.output.clone()).unwrap_or_default();
    let (tests, attacks) = run.map(|(tests, attacks)| (tests.results, attacks.results)).unwrap_or_default();
    Verdict { evidence, problems, explanation: None, tests, attacks, output }
}

fn failed_tests(report: &Report) -> Vec<Problem> {
    // A run without a single result proves nothing: whoever silenced the tests must not pass by that.
    if report.results.is_empty() {
        return vec![Problem::new(ProblemKind::TestFailed, "No test was carried out.")];
    }
    report
        .results
        .iter()
        .filter(|outcome| !outcome.passed)
        .map(|outcome| {
            let why = outcome.message.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            Problem::new(ProblemKind::TestFailed, format!("It no longer works that {}{why}", outcome.name))
        })
        .collect()
}

fn successful_attacks(text: &str, report: &Report) -> Vec<Problem> {
    if let Some(error) = &report.error {
        return vec![verdict::broken(text, error)];
    }
    if report.results.is_empty() {
        let error = RunError { message: "no attack was carried out".to_owned(), line: None };
        return vec![verdict::broken(text, &error)];
    }
    report
        .results
        .iter()
        .filter(|outcome| outcome.passed)
        .map(|outcome| Problem::new(ProblemKind::AttackSucceeded, verdict::attack_sentence(outcome)))
        .collect()
}
