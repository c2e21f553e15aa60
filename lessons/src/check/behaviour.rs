//! What a repair does, as far as tests, attacks and analysis can tell: two repairs that behave alike fail
//! for the same reason.

use super::{ProblemKind, Verdict};
use crate::sandbox::Outcome;

/// Comparable by `==`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Behaviour {
    broken: bool,
    tests: Vec<(String, bool)>,
    attacks: Vec<(String, bool)>,
    /// Whether it fails by its shape or by analysis *alone*: only then do those tell repairs apart.
    by_shape: bool,
    by_analysis: bool,
}

impl Behaviour {
    pub fn of(verdict: &Verdict) -> Behaviour {
        let any =
            |kinds: &[ProblemKind]| verdict.problems.iter().any(|problem| kinds.contains(&problem.kind));
        let executed_problem =
            any(&[ProblemKind::Broken, ProblemKind::TestFailed, ProblemKind::AttackSucceeded]);
        Behaviour {
            broken: any(&[ProblemKind::Broken]),
            tests: outcomes(&verdict.tests),
            attacks: outcomes(&verdict.attacks),
            by_shape: !executed_problem && any(&[ProblemKind::Removed, ProblemKind::Rejected]),
            by_analysis: !executed_problem && any(&[ProblemKind::FindingLeft, ProblemKind::NewFinding]),
        }
    }
}

fn outcomes(outcomes: &[Outcome]) -> Vec<(String, bool)> {
    outcomes.iter().map(|outcome| (outcome.name.clone(), outcome.passed)).collect()
}
