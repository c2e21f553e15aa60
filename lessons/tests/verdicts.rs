//! What a check says about repairs of all kinds, and what the proof of a lesson insists on.

#[allow(dead_code)]
mod common;

use std::fs;
use std::path::Path;

use common::{catalog, fixtures, greeting, runner};
use squire_lessons::{Catalog, Evidence, ProblemKind, test_lessons};
use tempfile::TempDir;

const SOLUTION: &str = include_str!("fixtures/lessons/greeting/javascript/solution.js");
const STRIP: &str = include_str!("fixtures/lessons/greeting/javascript/wrong/strip.js");

#[test]
fn the_shipped_program_is_breached_and_the_verdict_says_how() {
    let exercise = greeting("javascript");
    let verdict = runner().check(exercise, exercise.shipped());
    assert_eq!(verdict.evidence, Evidence::Executed);
    assert_eq!(verdict.problems[0].kind, ProblemKind::AttackSucceeded);
    assert_eq!(
        verdict.headline(),
        "The attack still works: a script in the name runs. The attacker sends `<script>steal()</script>` and \
         gets code running in the page."
    );
    // The untouched program is no attempt at a repair, so that no wrong repair is explained.
    assert_eq!(verdict.explanation, None);
    assert!(verdict.tests.iter().all(|test| test.passed), "{verdict}");
}

#[test]
fn an_attack_shows_what_the_attacker_gets() {
    let exercise = greeting("javascript");
    let before = runner().attack(exercise, exercise.shipped());
    assert_eq!((before.attacks.len(), before.breaches(), before.error.as_deref()), (2, 2, None));
    assert_eq!(
        before.to_string(),
        "2 of 2 attacks succeed.\n  ✗ a script in the name runs. The attacker sends `<script>steal()</script>` and gets \
         code running in the page.\n  ✗ an event handler in the name runs. The attacker sends `<img src=x \
         onerror=steal()>` and gets code running in the page.\n"
    );
    let after = runner().attack(exercise, SOLUTION);
    assert_eq!(after.headline(), "None of 2 attacks succeeds.");
}

#[test]
fn a_good_repair_passes() {
    let exercise = greeting("javascript");
    let verdict = runner().check(exercise, SOLUTION);
    assert!(verdict.passed(), "{verdict}");
    assert_eq!(verdict.headline(), "Solved: 2 tests pass and 2 attacks fail.");
    // Not only the very text of the solution.
    let other = SOLUTION.replace("const safe", "const harmless").replace("${safe}", "${harmless}");
    assert!(runner().check(exercise, &other).passed());
}

#[test]
fn a_repair_that_behaves_as_a_known_wrong_one_gets_its_sentence() {
    let exercise = greeting("javascript");
    let strip = runner().check(exercise, STRIP);
    assert_eq!(strip.explanation.as_deref(), Some("A script needs no script tag."));
    // Written quite differently, but doing the same.
    let split = STRIP.replace("name.replace('<script>', '')", "name.split('<script').join('')");
    assert_ne!(split, STRIP);
    let split = runner().check(exercise, &split);
    assert_eq!(split.explanation.as_deref(), Some("A script needs no script tag."), "{split}");
    let digits = STRIP.replace("${name.replace('<script>', '')}", "");
    let digits = runner().check(exercise, &digits);
    assert_eq!(digits.explanation, None, "{digits}");
}

#[test]
fn what_was_deleted_and_what_is_not_accepted_is_said_with_its_place() {
    let exercise = greeting("javascript");
    let deleted = runner().check(exercise, "module.exports = require('express')();\n");
    assert_eq!(deleted.problems[0].kind, ProblemKind::Removed);
    assert_eq!(deleted.headline(), "The greeting is gone. Repair it, do not delete it.");

    let text = exercise.shipped().replace("${name}", "${encodeURIComponent(name)}");
    let rejected = runner().check(exercise, &text);
    let problem = rejected.problems.iter().find(|problem| problem.kind == ProblemKind::Rejected);
    let range = problem.and_then(|problem| problem.range.clone()).expect("the pattern has a place");
    assert_eq!(&text[range], "encodeURIComponent");

    let silenced = format!("{SOLUTION}// squire: allow(javascript-x) reason=\"because\"\n");
    let silenced = runner().check(exercise, &silenced);
    assert_eq!(silenced.problems.last().map(|problem| problem.kind), Some(ProblemKind::Suppressed));
}

#[test]
fn the_proof_of_a_true_lesson_holds() {
    let folder = javascript_only();
    let catalog = Catalog::load(folder.path()).expect("a catalogue");
    let report = test_lessons(&catalog, &runner(), Some("greeting"));
    assert_eq!(report.failures, Vec::<String>::new());
    assert!(report.passed >= 14, "only {} checks", report.passed);
}

/// Each way in which a lesson can be untrue is a failure of its proof.
#[test]
fn the_proof_of_an_untrue_lesson_says_what_is_untrue() {
    let cases: &[(&str, &str, &str, &str)] = &[
        // file, what is replaced, by what, what the proof says
        ("app.js", "${name}", "${name.length}", "as shipped: the attack fails"),
        ("app.js", "Hello", "Goodbye", "as shipped: the test fails: a visitor is greeted"),
        (
            "app.js",
            "require('express')",
            "require('expres')",
            "as shipped: Line 1: Error: Cannot find module 'expres'",
        ),
        ("app.js", "'/hello'", "'/hallo'", "a keep or reject pattern says"),
        ("solution.js", "[&<>\"']", "[&>\"']", "the solution: it does not solve the exercise"),
        (
            "wrong/refuse.js",
            "!/^[a-z]*$/i",
            "/<script>/",
            "wrong/refuse.js: it gets another repair's sentence",
        ),
        (
            "wrong/strip.js",
            "name.replace('<script>', '')",
            "name.replace(/[<>]/g, '')",
            "wrong/strip.js: it solves",
        ),
        ("attack.js", "attack(name", "if (false) attack(name", "no attack was carried out"),
        ("tests.js", "test(", "if (false) test(", "no test was carried out"),
        (
            "exercise.toml",
            "[[keep]]",
            "rules = [\"no-such-rule\"]\n[[keep]]",
            "the rule `no-such-rule` does not fire",
        ),
        (
            "exercise.toml",
            "entry = \"app.js\"",
            "entry = \"main.js\"",
            "exercise.toml:3: the file `main.js` is not there",
        ),
    ];
    for (file, from, to, expected) in cases {
        let folder = javascript_only();
        let path = folder.path().join("greeting/javascript").join(file);
        let text = fs::read_to_string(&path).expect("a fixture");
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(&path, text.replace(from, to)).expect("a copy");
        let catalog = Catalog::load(folder.path()).expect("a catalogue");
        let report = test_lessons(&catalog, &runner(), Some("greeting"));
        assert!(
            report.failures.iter().any(|failure| failure.contains(expected)),
            "{file}, {to}: expected {expected:?} in {:#?}",
            report.failures
        );
    }
}

#[test]
fn a_lesson_that_does_not_exist_is_a_failure() {
    let report = test_lessons(catalog(), &runner(), Some("no-such-lesson"));
    assert_eq!(report.failures, ["there is no lesson `no-such-lesson`"]);
}

/// A copy of the fixtures that is proven without waiting for Python.
fn javascript_only() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&fixtures().join("lessons"), folder.path());
    fs::remove_dir_all(folder.path().join("greeting/python")).expect("a fixture");
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
