//! What a check and an attack say.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::catalog::Runtime;
use crate::sandbox::{Outcome, Report, RunError};

/// What a check found. [`fmt::Display`] writes it as plain text of several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What it rests on.
    pub evidence: Evidence,
    /// The first one is the first thing to look at. Empty: the exercise is solved.
    pub problems: Vec<Problem>,
    /// Why this kind of repair fails, where it is one of the known tempting ones.
    pub explanation: Option<String>,
    /// What a legitimate user does. Empty unless executed.
    pub tests: Vec<Outcome>,
    /// What an attacker does; `passed` is a *successful* attack. Empty unless executed.
    pub attacks: Vec<Outcome>,
    /// What the program printed during the tests, capped.
    pub output: String,
}

/// What attackers can do to a program. [`fmt::Display`] writes it as plain text of several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttackReport {
    /// What it rests on.
    pub evidence: Evidence,
    /// Each attack; `passed` is a *successful* one. Empty unless executed.
    pub attacks: Vec<Outcome>,
    /// Why there is no (complete) list of attacks.
    pub error: Option<String>,
    /// What the program printed, capped.
    pub output: String,
}

/// What a verdict rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Tests and attacks were really run, and the rules have read the file.
    Executed,
    /// The rules have read the file; this exercise is never executed.
    Analysed,
    /// The rules have read the file; the language's runtime is not installed here.
    AnalysedForLackOfRuntime,
}

/// One reason why the exercise is not solved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which part of the check found it.
    pub kind: ProblemKind,
    /// Plain text, one or two sentences.
    pub message: String,
    /// Where in the learner's file, in bytes, if it is at one place.
    pub range: Option<Range<usize>>,
}

/// Which part of a check found a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// The program does not start, does not end, or breaks the tests themselves.
    Broken,
    /// Something that belongs to the program was removed.
    Removed,
    /// A legitimate use no longer works.
    TestFailed,
    /// An attack still works.
    AttackSucceeded,
    /// The repair has a shape that this exercise does not accept.
    Rejected,
    /// The finding that the exercise is about is still there.
    FindingLeft,
    /// A finding that the shipped program did not have.
    NewFinding,
    /// A finding was silenced instead of repaired.
    Suppressed,
}

impl Verdict {
    /// Whether the exercise is solved.
    pub fn passed(&self) -> bool {
        self.problems.is_empty()
    }

    /// One line: solved, or the first thing to look at.
    pub fn headline(&self) -> String {
        match self.problems.first() {
            Some(problem) => problem.message.clone(),
            None if self.evidence == Evidence::Executed => {
                let (tests, attacks) = (self.tests.len(), self.attacks.len());
                format!(
                    "Solved: {} and {}.",
                    count(tests, "test passes", "tests pass"),
                    count(attacks, "attack fails", "attacks fail")
                )
            }
            None => format!("Solved, as far as analysis can tell ({}).", self.evidence),
        }
    }
}

impl Problem {
    pub(super) fn new(kind: ProblemKind, message: impl Into<String>) -> Problem {
        Problem { kind, message: message.into(), range: None }
    }

    pub(super) fn at(mut self, range: Range<usize>) -> Problem {
        self.range = Some(range);
        self
    }
}

impl AttackReport {
    /// How many attacks succeeded.
    pub fn breaches(&self) -> usize {
        self.attacks.iter().filter(|attack| attack.passed).count()
    }

    /// One line: how many attacks succeed.
    pub fn headline(&self) -> String {
        match (&self.error, self.attacks.len(), self.breaches()) {
            (Some(error), ..) => error.clone(),
            (None, all, 0) => format!("None of {} succeeds.", count(all, "attack", "attacks")),
            (None, all, breaches) => {
                format!("{breaches} of {} {}.", count(all, "attack", "attacks"), succeed(breaches))
            }
        }
    }

    pub(super) fn new(report: Report) -> AttackReport {
        AttackReport {
            evidence: Evidence::Executed,
            attacks: report.results,
            error: report.error.map(|error| sentence(&error)),
            output: report.output,
        }
    }

    pub(super) fn not_executed(runtime: Runtime) -> AttackReport {
        let (evidence, error) = match runtime {
            Runtime::Python => (
                Evidence::AnalysedForLackOfRuntime,
                "Python is not installed for lessons, so that this attack cannot be carried out; \
                 `lessons/python-runtime.sh` installs it.",
            ),
            _ => (Evidence::Analysed, "This exercise is analysed, not executed: there is no attack to run."),
        };
        AttackReport { evidence, attacks: Vec::new(), error: Some(error.to_owned()), output: String::new() }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Evidence::Executed => "executed",
            Evidence::Analysed => "analysed",
            Evidence::AnalysedForLackOfRuntime => "analysed, not executed: its runtime is not installed",
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.headline())?;
        if let Some(explanation) = &self.explanation {
            writeln!(f, "{explanation}")?;
        }
        for problem in self.problems.iter().skip(1) {
            writeln!(f, "  - {}", problem.message)?;
        }
        let passed = self.tests.iter().filter(|test| test.passed).count();
        let repelled = self.attacks.iter().filter(|attack| !attack.passed).count();
        if self.evidence == Evidence::Executed {
            write!(f, "Tests: {passed} of {} pass. ", self.tests.len())?;
            write!(f, "Attacks: {repelled} of {} repelled. ", self.attacks.len())?;
        }
        writeln!(f, "Verdict: {}.", self.evidence)
    }
}

impl fmt::Display for AttackReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.headline())?;
        for attack in &self.attacks {
            if attack.passed {
                writeln!(f, "  ✗ {}", what_it_brings(attack))?;
            } else {
                writeln!(f, "  ✓ repelled: {}", attack.name)?;
            }
        }
        Ok(())
    }
}

/// An attack that a repair does not stop.
pub(super) fn attack_sentence(attack: &Outcome) -> String {
    format!("The attack still works: {}", what_it_brings(attack))
}

/// The attack, what was sent and what it brought.
fn what_it_brings(attack: &Outcome) -> String {
    let mut sentence = format!("{}.", attack.name.trim_end_matches('.'));
    if let Some(input) = &attack.input {
        sentence.push_str(&format!(" The attacker sends `{input}`"));
        sentence.push_str(&match &attack.got {
            Some(got) => format!(" and gets {}.", got.trim_end_matches('.')),
            None => ".".to_owned(),
        });
    } else if let Some(got) = &attack.got {
        sentence.push_str(&format!(" The attacker gets {}.", got.trim_end_matches('.')));
    }
    sentence
}

/// A program that does not run.
pub(super) fn broken(text: &str, error: &RunError) -> Problem {
    let problem = Problem::new(ProblemKind::Broken, sentence(error));
    match error.line.and_then(|line| line_range(text, line)) {
        Some(range) => problem.at(range),
        None => problem,
    }
}

fn sentence(error: &RunError) -> String {
    match error.line {
        Some(line) => format!("Line {line}: {}", error.message),
        None => error.message.clone(),
    }
}

/// The bytes of a 1-based line, without its indentation and its end.
fn line_range(text: &str, line: u32) -> Option<Range<usize>> {
    let mut start = 0;
    for (index, content) in text.split_inclusive('\n').enumerate() {
        if index + 1 == line as usize {
            let indent = content.len() - content.trim_start().len();
            return Some(start + indent..start + content.trim_end().len().max(indent));
        }
        start += content.len();
    }
    None
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn succeed(number: usize) -> &'static str {
    if number == 1 { "succeeds" } else { "succeed" }
}
