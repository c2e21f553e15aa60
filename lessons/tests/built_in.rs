//! The lessons that Squire ships, proven. Those in Python need the interpreter: `lessons/python-runtime.sh`.

#[allow(dead_code)]
mod common;

use common::runner;
use squire_lessons::{Catalog, test_lessons};

/// One test a lesson, so that they run side by side.
macro_rules! proofs {
    ($($name:ident: $lesson:literal,)*) => {
        $(
            #[test]
            fn $name() {
                let report = test_lessons(Catalog::builtin(), &runner(), Some($lesson));
                assert_eq!(report.failures, Vec::<String>::new());
                assert!(report.passed > 20, "only {} checks", report.passed);
            }
        )*

        #[test]
        fn every_lesson_is_proven_above() {
            let proven = [$($lesson),*];
            let lessons: Vec<&str> = Catalog::builtin().lessons().iter().map(|lesson| lesson.id.as_str()).collect();
            assert_eq!(lessons, proven);
        }
    };
}

proofs! {
    cross_site_scripting: "cross-site-scripting",
    hardcoded_credentials: "hardcoded-credentials",
    missing_authorization: "missing-authorization",
    os_command_injection: "os-command-injection",
    sql_injection: "sql-injection",
}

#[test]
fn every_lesson_of_a_track_exists() {
    let catalog = Catalog::builtin();
    assert!(!catalog.tracks().is_empty());
    for track in catalog.tracks() {
        for lesson in &track.lessons {
            assert!(catalog.lesson(lesson).is_some(), "{}: {lesson}", track.id);
        }
    }
}
