//! The learner's copies on disk, and the log of what was learnt.

#[allow(dead_code)]
mod common;

use std::fs::{self, OpenOptions};
use std::io::Write;

use common::{catalog, greeting, runner};
use jiff::Timestamp;
use squire_lessons::{Action, Progress, Workbook, start_in};

#[test]
fn starting_again_never_overwrites_work_and_resetting_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let workbook = Workbook::at(folder.path());
    let exercise = greeting("javascript");
    let file = workbook.start(exercise).expect("a copy");
    assert_eq!(file, folder.path().join("greeting/javascript/app.js"));
    assert_eq!(fs::read_to_string(&file).expect("a file"), exercise.shipped());

    fs::write(&file, "my work").expect("a file");
    workbook.start(exercise).expect("a copy");
    assert_eq!(fs::read_to_string(&file).expect("a file"), "my work");
    let solution = workbook.solution(exercise).expect("a solution");
    assert_eq!(fs::read_to_string(&solution).expect("a file"), exercise.solution());
    assert_eq!(fs::read_to_string(&file).expect("a file"), "my work");

    workbook.reset(exercise).expect("a copy");
    assert_eq!(fs::read_to_string(&file).expect("a file"), exercise.shipped());
}

#[test]
fn a_learners_file_knows_its_exercise_wherever_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let exercise = greeting("javascript");
    let file = start_in(exercise, &folder.path().join("my own place")).expect("a copy");
    let found = Workbook::find(catalog(), &file).expect("the exercise");
    assert!(found.is(exercise));

    let workbook = Workbook::at(folder.path().join("book"));
    let solution = workbook.solution(exercise).expect("a solution");
    for other in [&solution, &folder.path().join("app.js"), &folder.path().to_owned()] {
        assert!(Workbook::find(catalog(), other).is_none(), "{}", other.display());
    }
}

#[test]
fn hints_come_one_by_one_and_begin_again_after_a_reset() {
    let folder = tempfile::tempdir().expect("a folder");
    let progress = Progress::at(folder.path().join("deep/progress.jsonl"));
    let exercise = greeting("javascript");
    let next =
        || progress.next_hint(exercise).expect("a log").map(|(number, hint)| (number, hint.title.as_str()));
    assert_eq!(next(), Some((1, "A question")));
    assert_eq!(next(), Some((2, "A direction")));
    assert_eq!(next(), Some((2, "A direction")));
    assert_eq!(progress.status("greeting").expect("a log").hints, 2);
    progress.record(exercise, Action::Reset).expect("a log");
    assert_eq!(next(), Some((1, "A question")));
}

#[test]
fn a_verdict_is_remembered_and_completes_the_lesson() {
    let folder = tempfile::tempdir().expect("a folder");
    let progress = Progress::at(folder.path().join("progress.jsonl"));
    let exercise = greeting("javascript");
    assert_eq!(progress.status("greeting").expect("a log").word(Timestamp::now()), "new");
    progress.record(exercise, Action::Started).expect("a log");
    progress.record_verdict(exercise, &runner().check(exercise, exercise.shipped())).expect("a log");
    let status = progress.status("greeting").expect("a log");
    assert_eq!((status.word(Timestamp::now()), status.checks, status.due), ("started", 1, None));
    progress.record_verdict(exercise, &runner().check(exercise, exercise.solution())).expect("a log");
    let status = progress.status("greeting").expect("a log");
    assert_eq!((status.word(Timestamp::now()), status.checks), ("completed", 2));
}

#[test]
fn a_lesson_comes_back_after_1_3_7_and_21_days() {
    let due = |completions: &[(&str, &str)]| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("progress.jsonl");
        let lines: Vec<String> = completions
            .iter()
            .map(|(day, event)| {
                format!("{{\"at\":\"2026-{day}T12:00:00Z\",\"lesson\":\"x\",\"language\":\"javascript\",\"event\":\"{event}\"}}\n")
            })
            .collect();
        fs::write(&path, lines.concat()).expect("a log");
        let status = Progress::at(path).status("x").expect("a log");
        let due = status.due.map(|due| due.to_string());
        due.and_then(|due| Some(due.strip_prefix("2026-")?.split('T').next()?.to_owned())).unwrap_or_default()
    };
    assert_eq!(due(&[("01-01", "started")]), "");
    assert_eq!(due(&[("01-01", "completed")]), "01-02");
    assert_eq!(due(&[("01-01", "completed"), ("01-02", "completed")]), "01-05");
    assert_eq!(due(&[("01-01", "completed"), ("01-02", "completed"), ("01-09", "completed")]), "01-16");
    let four =
        [("01-01", "completed"), ("01-02", "completed"), ("01-09", "completed"), ("01-16", "completed")];
    assert_eq!(due(&four), "02-06");
    // Once more on the same day proves nothing.
    assert_eq!(due(&[("01-01", "completed"), ("01-01", "completed")]), "01-02");
    // With a look at the solution it begins again.
    assert_eq!(due(&[("01-01", "completed"), ("01-02", "solution"), ("01-02", "completed")]), "01-03");
}

#[test]
fn a_torn_line_costs_itself_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("progress.jsonl");
    let progress = Progress::at(&path);
    let exercise = greeting("javascript");
    progress.record(exercise, Action::Started).expect("a log");
    let mut file = OpenOptions::new().append(true).open(&path).expect("a log");
    file.write_all(b"{\"at\":\"2026-01-01T12:00:00Z\",\"lesson\":\"gre\xff").expect("a log");
    drop(file);
    progress.record(exercise, Action::Attacked { breaches: 2 }).expect("a log");
    progress.record(exercise, Action::Solution).expect("a log");
    let actions: Vec<Action> =
        progress.events().expect("a log").into_iter().map(|event| event.action).collect();
    assert_eq!(actions, [Action::Started, Action::Attacked { breaches: 2 }, Action::Solution]);
}

#[test]
fn many_writers_lose_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("progress.jsonl");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for number in 0..50 {
                    Progress::at(&path)
                        .record(greeting("javascript"), Action::Hint { number })
                        .expect("a log");
                }
            });
        }
    });
    assert_eq!(Progress::at(&path).events().expect("a log").len(), 400);
}
