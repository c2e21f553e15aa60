//! Lessons proven: a lesson that teaches something untrue is worse than none.

use crate::catalog::{Catalog, Exercise};
use crate::check::{ProblemKind, Verdict, preferred_fix, rules_that_fire};
use crate::sandbox::{Outcome, Runner};

/// What the proof of some lessons found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestReport {
    /// How many checks held.
    pub passed: usize,
    /// What did not hold, each with lesson, language and the reason.
    pub failures: Vec<String>,
}

/// Proves every exercise of a catalogue, or of the one lesson named by `filter`:
///
/// - as shipped, its tests pass, every attack succeeds and its rules fire;
/// - the solution solves it, by the same check that a learner's repair gets;
/// - each wrong repair fails, with its own sentence;
/// - Squire's own preferred quick fix, where there is one, solves it.
///
/// Exercises that cannot be executed here are counted as failures: nothing was proven.
pub fn test_lessons(catalog: &Catalog, runner: &Runner, filter: Option<&str>) -> TestReport {
    let mut proof = Proof::default();
    for error in catalog.errors() {
        if filter.is_none_or(|filter| error.path.iter().any(|part| part == filter)) {
            proof.failures.push(error.to_string());
        }
    }
    if let Some(lesson) = filter
        && catalog.lesson(lesson).is_none()
        && proof.failures.is_empty()
    {
        proof.failures.push(format!("there is no lesson `{lesson}`"));
    }
    for lesson in catalog.lessons().iter().filter(|lesson| filter.is_none_or(|id| id == lesson.id)) {
        for required in &lesson.prerequisites {
            let holds = catalog.lesson(required).is_some();
            proof.expect(&lesson.id, holds, || format!("its prerequisite `{required}` does not exist"));
        }
        let taught = !lesson.exercises().is_empty();
        proof.expect(&lesson.id, taught, || "it has no exercise".to_owned());
        for exercise in lesson.exercises() {
            proof.exercise(runner, exercise);
        }
    }
    for track in catalog.tracks().iter().filter(|_| filter.is_none()) {
        for lesson in &track.lessons {
            let holds = catalog.lesson(lesson).is_some();
            proof.expect(&format!("tracks/{}", track.id), holds, || format!("there is no lesson `{lesson}`"));
        }
    }
    TestReport { passed: proof.passed, failures: proof.failures }
}

#[derive(Default)]
struct Proof {
    passed: usize,
    failures: Vec<String>,
}

impl Proof {
    fn expect(&mut self, subject: &str, holds: bool, failure: impl FnOnce() -> String) {
        match holds {
            true => self.passed += 1,
            false => self.failures.push(format!("{subject}: {}", failure())),
        }
    }

    fn exercise(&mut self, runner: &Runner, exercise: &Exercise) {
        let subject = format!("{}/{}", exercise.lesson, exercise.language);
        if exercise.runtime != crate::Runtime::Analysed && !runner.can_execute(exercise.runtime) {
            self.failures.push(format!("{subject}: cannot be executed here, so nothing is proven"));
        }
        self.shipped(runner, exercise, &format!("{subject}: as shipped"));
        let solved = runner.check(exercise, exercise.solution());
        self.solves(&format!("{subject}: the solution"), &solved);
        for wrong in &exercise.wrong {
            let verdict = runner.check(exercise, &wrong.text);
            let subject = format!("{subject}: {}", wrong.file);
            self.expect(&subject, !verdict.passed(), || "it solves the exercise".to_owned());
            let explained = verdict.explanation.as_ref() == Some(&wrong.message);
            self.expect(&subject, explained, || match &verdict.explanation {
                Some(other) => format!("it gets another repair's sentence: {other}"),
                None => format!("it gets no sentence; the verdict is: {verdict}"),
            });
        }
        match preferred_fix(exercise) {
            Ok(None) => {}
            Ok(Some(text)) => {
                self.solves(&format!("{subject}: the quick fix"), &runner.check(exercise, &text))
            }
            Err(message) => self.failures.push(format!("{subject}: the quick fix: {message}")),
        }
    }

    fn shipped(&mut self, runner: &Runner, exercise: &Exercise, subject: &str) {
        let verdict = runner.check(exercise, exercise.shipped());
        if runner.can_execute(exercise.runtime) {
            let broken = verdict.problems.iter().find(|problem| problem.kind == ProblemKind::Broken);
            self.expect(subject, broken.is_none(), || {
                broken.map(|problem| problem.message.clone()).unwrap_or_default()
            });
            let (tests, attacks) = (&verdict.tests, &verdict.attacks);
            self.expect(subject, !tests.is_empty(), || "no test was carried out".to_owned());
            self.expect(subject, !attacks.is_empty(), || "no attack was carried out".to_owned());
            self.all_pass(subject, "the test fails", tests);
            self.all_pass(subject, "the attack fails", attacks);
        }
        for kind in [ProblemKind::Removed, ProblemKind::Rejected] {
            let found = verdict.problems.iter().find(|problem| problem.kind == kind);
            self.expect(subject, found.is_none(), || {
                let message = found.map(|problem| problem.message.as_str()).unwrap_or_default();
                format!("a keep or reject pattern says: {message}")
            });
        }
        match rules_that_fire(exercise, exercise.shipped()) {
            Ok(fired) => {
                for rule in &exercise.rules {
                    self.expect(subject, fired.contains(rule), || format!("the rule `{rule}` does not fire"));
                }
            }
            Err(message) => self.failures.push(format!("{subject}: {message}")),
        }
    }

    fn all_pass(&mut self, subject: &str, failure: &str, outcomes: &[Outcome]) {
        for outcome in outcomes {
            self.expect(subject, outcome.passed, || {
                let detail =
                    outcome.message.as_deref().or(outcome.got.as_deref()).unwrap_or("no reason given");
                format!("{failure}: {} ({detail})", outcome.name)
            });
        }
    }

    fn solves(&mut self, subject: &str, verdict: &Verdict) {
        self.expect(subject, verdict.passed(), || format!("it does not solve the exercise: {verdict}"));
    }
}
