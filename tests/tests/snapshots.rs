//! What people see, word by word: a change of these texts is a change of the product.
//!
//! `INSTA_UPDATE=always cargo nextest run -p squire-tests --test snapshots` writes the new texts; read the diff.

use std::fs;
use std::path::Path;

use squire_tests::cli::Project;

/// The sample that ships with the repository, in a folder of its own.
fn sample() -> Project {
    let project = Project::new(&[]);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sample"), project.path());
    project
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("the sample is there") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&target).expect("the folder is writable");
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("the folder is writable");
        }
    }
}

#[test]
fn the_report_on_the_sample() {
    insta::assert_snapshot!(sample().run(&["scan", "--no-config", "--explain", "."]).out);
}

#[test]
fn the_fixes_of_the_sample() {
    insta::assert_snapshot!(sample().run(&["fix", "--diff", "--unsafe", "."]).out);
}

#[test]
fn the_page_of_a_rule() {
    insta::assert_snapshot!(sample().run(&["explain", "javascript-sql-string-building"]).out);
}

#[test]
fn the_list_of_rules() {
    insta::assert_snapshot!(sample().run(&["rules", "list"]).out);
}
