//! `squire lesson` and `squire progress`: a learner at a terminal.

use squire_tests::cli::Project;

#[test]
fn a_learner_attacks_repairs_and_is_remembered() {
    let project = Project::new(&[]);
    let run = |arguments: &[&str]| project.run(arguments);
    let lesson = |action: &str| run(&["lesson", action, "sql-injection", "--lang", "javascript"]);

    let ran = run(&["lesson", "check", "sql-injection"]);
    assert!(ran.status == 2 && ran.err.contains("squire lesson start"), "{ran:?}");
    let started = lesson("start");
    assert_eq!(started.status, 0, "{started:?}");
    let file = started.out.trim().to_owned();

    let attacked = lesson("attack");
    assert_eq!(attacked.status, 0, "{attacked:?}");
    let checked = lesson("check");
    assert_eq!(checked.status, 1, "as shipped it is breached: {checked:?}");
    let hint = lesson("hint");
    assert!(hint.out.starts_with("Hint 1 of "), "{hint:?}");
    assert!(lesson("hint").out.starts_with("Hint 2 of "));

    let solution = lesson("solution");
    assert_eq!(solution.status, 0, "{solution:?}");
    let repaired = std::fs::read_to_string(solution.out.trim()).unwrap();
    std::fs::write(&file, &repaired).unwrap();
    let checked = run(&["lesson", "check", &file]);
    assert_eq!(checked.status, 0, "the file says which exercise it is: {checked:?}");

    let progress = run(&["progress", "--format", "json"]).json();
    let own = progress["lessons"]
        .as_array()
        .unwrap()
        .iter()
        .find(|lesson| lesson["id"] == "sql-injection")
        .unwrap();
    assert_eq!(
        (own["status"].as_str(), own["checks"].as_u64(), own["hints"].as_u64()),
        (Some("completed"), Some(2), Some(2))
    );
    assert!(run(&["progress"]).out.contains("again on "), "it comes back");

    assert_eq!(lesson("reset").status, 0);
    assert_ne!(std::fs::read_to_string(&file).unwrap(), repaired);
    assert_eq!(lesson("check").status, 1);
}

#[test]
fn lessons_are_listed_and_read() {
    let project = Project::new(&[]);
    let list = project.run(&["lesson", "list", "--format", "json"]).json();
    let lessons = list["lessons"].as_array().unwrap();
    assert!(!lessons.is_empty());
    for lesson in lessons {
        assert_eq!(lesson["status"], "new", "{lesson}");
        assert!(lesson["minutes"].as_u64().is_some_and(|minutes| (1..=30).contains(&minutes)), "{lesson}");
        for exercise in lesson["exercises"].as_array().unwrap() {
            assert!(["executed", "analysed"].contains(&exercise["runtime"].as_str().unwrap()), "{exercise}");
            assert!(
                exercise["path"].as_str().unwrap().contains(lesson["id"].as_str().unwrap()),
                "{exercise}"
            );
        }
        let id = lesson["id"].as_str().unwrap();
        let shown = project.run(&["lesson", "show", id]);
        assert!(shown.status == 0 && shown.out.contains(lesson["title"].as_str().unwrap()), "{shown:?}");
    }
    assert_eq!(project.run(&["lesson", "show", "no-such-lesson"]).status, 2);
    assert_eq!(project.run(&["lesson", "start", "sql-injection", "--lang", "klingon"]).status, 2);
    let here = project.run(&["lesson", "start", "sql-injection", "--lang", "javascript", "--dir", "here"]);
    assert_eq!(here.status, 0, "{here:?}");
    assert!(project.path().join(here.out.trim()).is_file(), "{here:?}");
}
