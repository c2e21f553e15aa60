//! What the house promises about itself: who imports whom, and that every rule has its lesson and its tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use squire_rules::{Confidence, FixStatus, RuleSet};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// All files below `folder` with that ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && !matches!(name.as_str(), "target" | "node_modules") {
                pending.push(path);
            } else if name.ends_with(ending) {
                out.push(path);
            }
        }
    }
    out.sort();
    out
}

/// The files below `folder` whose code (comments aside) holds one of the words.
fn naming(folder: &str, words: &[&str]) -> Vec<String> {
    let root = root();
    let mut out = Vec::new();
    for path in files(&root.join(folder), ".rs") {
        let text = fs::read_to_string(&path).expect("the file is readable");
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let named = code.into_iter().any(|line| words.iter().any(|word| line.contains(word)));
        if named {
            out.push(path.strip_prefix(&root).expect("below the root").display().to_string());
        }
    }
    out
}

#[test]
fn the_rules_know_neither_editors_nor_terminals_nor_lessons() {
    let foreign =
        ["tower_lsp", "lsp_types", "clap::", "squire_lessons", "println!", "annotate_snippets", "tokio::"];
    assert_eq!(naming("rules/src", &foreign), [""; 0]);
}

#[test]
fn the_lessons_know_neither_editors_nor_terminals() {
    assert_eq!(naming("lessons/src", &["tower_lsp", "lsp_types", "clap::", "annotate_snippets"]), [""; 0]);
}

#[test]
fn only_the_language_server_names_types_of_the_protocol() {
    let elsewhere: Vec<_> = naming("server/src", &["tower_lsp"])
        .into_iter()
        .filter(|path| !path.starts_with("server/src/lsp"))
        .collect();
    assert_eq!(elsewhere, [""; 0]);
}

#[test]
fn only_one_file_counts_in_utf16() {
    let counting: Vec<_> = naming("server/src", &["encode_utf16", "len_utf16", "utf16_cu"])
        .into_iter()
        .filter(|path| !path.contains("/position"))
        .collect();
    assert_eq!(counting, [""; 0]);
    assert_eq!(naming("rules/src", &["encode_utf16", "len_utf16", "utf16_cu"]), [""; 0]);
}

#[test]
fn nothing_is_left_undone_in_the_tests() {
    let ignored = ["#[ign", "ore"].concat();
    for folder in ["rules", "lessons", "server", "tests"] {
        assert_eq!(naming(folder, &[&ignored]), [""; 0]);
    }
}

#[test]
fn every_rule_has_a_lesson_that_exists() {
    for rule in RuleSet::builtin().rules() {
        let lesson = rule.lesson.as_deref().unwrap_or_else(|| panic!("{} has no lesson", rule.id));
        let page = root().join("lessons/catalog").join(lesson).join("lesson.md");
        assert!(page.is_file(), "{}: there is no lesson `{lesson}`", rule.id);
    }
}

#[test]
fn every_rule_says_what_people_ask() {
    for rule in RuleSet::builtin().rules() {
        assert!(
            rule.cwe.iter().all(|cwe| cwe.starts_with("CWE-")) && !rule.cwe.is_empty(),
            "{}: cwe",
            rule.id
        );
        for year in ["2021", "2025"] {
            assert!(rule.owasp.iter().any(|owasp| owasp.contains(year)), "{}: no OWASP {year}", rule.id);
        }
        assert!(rule.message.len() > 40, "{}: the message says too little", rule.id);
        if let FixStatus::Infeasible(reason) = &rule.fix_status {
            assert!(
                rule.confidence == Confidence::Low || reason.len() > 10,
                "{}: why is there no fix?",
                rule.id
            );
        }
    }
}

#[test]
fn every_rule_has_true_and_safe_cases_beside_it() {
    let root = root();
    let mut marks = Vec::new();
    for pack in files(&root.join("rules/packs"), ".yaml") {
        let stem = pack.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let folder = pack.parent().expect("a folder");
        for entry in fs::read_dir(folder).expect("the folder is readable") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let target = name.starts_with(&format!("{stem}."))
                && !name.ends_with(".yaml")
                && !name.contains(".fixed.");
            if target {
                marks.push(fs::read_to_string(&path).expect("the file is readable"));
            }
        }
    }
    let marks = marks.join("\n");
    let count = |mark: &str, rule: &str| {
        let with_id = |line: &&str| {
            line.split_once(&format!("{mark}:")).is_some_and(|(before, ids)| {
                !before.ends_with("todo") && ids.split([',', ' ', '*', '-', '}']).any(|id| id.trim() == rule)
                    || ids.split([',', ' ']).any(|id| id.trim() == rule)
            })
        };
        marks.lines().filter(with_id).count()
    };
    for rule in RuleSet::builtin().rules() {
        assert!(count("ruleid", &rule.id) >= 3, "{} has {} true cases", rule.id, count("ruleid", &rule.id));
        assert!(count("ok", &rule.id) >= 3, "{} has {} safe cases", rule.id, count("ok", &rule.id));
    }
}

#[test]
fn every_exercise_names_rules_that_exist() {
    let rules: BTreeSet<String> = RuleSet::builtin().rules().iter().map(|rule| rule.id.clone()).collect();
    for exercise in files(&root().join("lessons/catalog"), "exercise.toml") {
        let text = fs::read_to_string(&exercise).expect("the file is readable");
        let line = text.lines().find(|line| line.trim_start().starts_with("rules")).unwrap_or_default();
        for id in line.split('"').skip(1).step_by(2) {
            assert!(rules.contains(id), "{}: there is no rule `{id}`", exercise.display());
        }
    }
}
