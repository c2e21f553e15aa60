//! Reading lessons: what is in them, and clear errors for what is not.

#[allow(dead_code)]
mod common;

use std::fs;

use common::catalog;
use squire_lessons::{Catalog, Level};

#[test]
fn a_lesson_has_its_front_matter_and_sections() {
    let lesson = catalog().lesson("greeting").expect("the fixture");
    assert_eq!(
        (lesson.title.as_str(), lesson.minutes, lesson.level),
        ("A greeting that runs", 5, Level::Basic)
    );
    let titles: Vec<String> = lesson.sections().into_iter().map(|section| section.title).collect();
    assert_eq!(titles, ["", "What happens", "Repair it"]);
    assert!(lesson.sections()[1].markdown.starts_with("The *name* comes from"));
}

#[test]
fn a_lesson_reads_well_in_a_terminal() {
    let plain = catalog().lesson("greeting").expect("the fixture").plain();
    assert_eq!(
        plain,
        "A page greets its visitor.\n\nWhat happens\n\nThe name comes from the query string. See CWE-79 \
         <https://cwe.mitre.org/data/definitions/79.html>.\n\n1. one\n2. two\n\nRepair it\n\n    \
         res.send(name); // <script>\n\n<script>alert('raw')</script>\n"
    );
}

#[test]
fn the_page_of_a_lesson_runs_no_code() {
    let html = catalog().lesson("greeting").expect("the fixture").html();
    assert!(!html.contains("<script"), "{html}");
    assert!(html.contains("&lt;script&gt;alert('raw')"), "{html}");
}

#[test]
fn hints_are_in_order() {
    let titles: Vec<&str> =
        common::greeting("javascript").hints.iter().map(|hint| hint.title.as_str()).collect();
    assert_eq!(titles, ["A question", "A direction"]);
}

#[test]
fn the_built_in_lessons_can_be_read() {
    let errors: Vec<String> = Catalog::builtin().errors().iter().map(ToString::to_string).collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn what_is_wrong_is_said_with_file_and_line() {
    let lesson = "---\nid: x\ntitle: X\nminutes: 5\nlevel: basic\nprinciple: secure-defaults\n---\n";
    let exercise =
        "language = \"javascript\"\nruntime = \"analysed\"\nentry = \"app.js\"\nsolution = \"app.js\"\n";
    let cases: &[(&str, String, &str)] = &[
        ("lesson.md", "# no front matter".to_owned(), "x/lesson.md:1: a lesson starts with front matter"),
        ("lesson.md", "---\nid: x\n".to_owned(), "x/lesson.md:1: a lesson starts with front matter"),
        (
            "lesson.md",
            lesson.replace("id: x", "id: y"),
            "x/lesson.md:2: the id `y` is not the folder's name `x`",
        ),
        ("lesson.md", lesson.replace("minutes: 5", "minutes: soon"), "x/lesson.md:4: "),
        ("lesson.md", lesson.replace("level", "levle"), "x/lesson.md:5: "),
        ("lesson.md", lesson.replace("secure-defaults", "luck"), "unknown principle `luck`"),
        (
            "javascript/exercise.toml",
            exercise.replace("entry", "entyr"),
            "x/javascript/exercise.toml:3: unknown field",
        ),
        (
            "javascript/exercise.toml",
            exercise.replace("javascript", "cobol"),
            "exercise.toml:1: unknown language `cobol`",
        ),
        (
            "javascript/exercise.toml",
            format!("{exercise}time_ms = 86400000\n"),
            "exercise.toml:5: this must be between 1 and 20000",
        ),
        (
            "javascript/exercise.toml",
            exercise.replace("solution = \"app.js\"", "solution = \"../../lesson.md\""),
            "exercise.toml:4: the file `../../lesson.md` is not there",
        ),
        (
            "javascript/exercise.toml",
            exercise.replace("analysed", "javascript"),
            "needs `tests` and `attack`",
        ),
        (
            "javascript/exercise.toml",
            format!("{exercise}[[keep]]\nregex = \"(\"\nmessage = \"m\"\n"),
            "exercise.toml:6: not a regular expression",
        ),
        (
            "javascript/exercise.toml",
            format!("{exercise}[[wrong]]\nfile = \"wrong/a.js\"\nmessage = \"m\"\n"),
            "exercise.toml:6: the file `wrong/a.js` is not there",
        ),
    ];
    for (file, text, expected) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join("x").join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        };
        write("lesson.md", lesson);
        write("javascript/exercise.toml", exercise);
        write("javascript/app.js", "");
        write(file, text);
        let catalog = Catalog::load(folder.path()).expect("a catalogue");
        let errors: Vec<String> = catalog.errors().iter().map(ToString::to_string).collect();
        assert!(
            errors.len() == 1 && errors[0].replace('\\', "/").contains(expected),
            "{expected}: {errors:?}"
        );
    }
}

#[test]
fn a_teams_lessons_replace_built_in_ones_of_the_same_name() {
    let both = catalog().clone().with(catalog().clone());
    assert_eq!(both.lessons().len(), catalog().lessons().len());
}
