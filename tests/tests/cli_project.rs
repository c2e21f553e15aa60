//! `squire init`, `squire hook`, `squire fix`, `squire rules`, `squire explain`: what a team does in its project.

use squire_tests::cli::{Project, Ran};

const SQL: &str = "const express = require(\"express\");\n\
const mysql = require(\"mysql\");\n\
const app = express();\n\
const db = mysql.createConnection({});\n\
app.get(\"/p\", (req, res) => {\n\
\x20 const email = req.query.email;\n\
\x20 const query = \"SELECT * FROM patients WHERE email = '\" + email + \"'\";\n\
\x20 db.query(query);\n\
});\n";

fn repository(files: &[(&str, &str)]) -> Project {
    let project = Project::new(files);
    project.git(&["init", "-q"]);
    project
}

#[test]
fn init_writes_what_is_not_there() {
    let project = Project::new(&[]);
    assert_eq!(project.run(&["init"]).status, 0);
    let written = project.read("squire.toml");
    assert_eq!(project.run(&["scan"]).status, 0, "the template is a valid configuration");
    project.write("squire.toml", "# mine\n");
    assert_eq!(project.run(&["init"]).status, 0);
    assert_eq!(project.read("squire.toml"), "# mine\n");
    assert_eq!(project.run(&["init", "--force"]).status, 0);
    assert_eq!(project.read("squire.toml"), written);
    let ran = project.run(&["init", "--hook"]);
    assert_eq!(ran.status, 2, "there is no repository: {}", ran.err);
}

#[test]
fn the_hook_stands_where_git_looks_for_it_and_overwrites_nothing() {
    let project = repository(&[]);
    assert_eq!(project.run(&["init", "--hook"]).status, 0);
    assert!(project.read(".git/hooks/pre-commit").contains("exec squire hook"));
    assert_eq!(project.run(&["init", "--hook"]).status, 0, "a second time changes nothing");
    project.write(".git/hooks/pre-commit", "#!/bin/sh\nmine\n");
    let ran = project.run(&["init", "--hook"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("squire hook || exit 1"), "{}", ran.err);
    assert!(project.read(".git/hooks/pre-commit").contains("mine"));
    assert_eq!(project.run(&["init", "--hook", "--force"]).status, 0);
    project.git(&["config", "core.hooksPath", "ci hooks"]);
    assert_eq!(project.run(&["init", "--hook"]).status, 0);
    assert!(project.read("ci hooks/pre-commit").contains("squire hook"));
}

#[cfg(unix)]
#[test]
fn the_hook_reads_the_index_and_not_the_work_tree() {
    let warns = "a();\nb(); // squire: allow()\n";
    let project = repository(&[
        ("a.js", warns),
        ("squire.toml", "[rules.severity]\nsquire-suppression-malformed = \"error\"\n"),
    ]);
    assert_eq!(project.run(&["hook"]).status, 0, "nothing is staged");
    project.git(&["add", "."]);
    let ran = project.run(&["hook"]);
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("--> a.js:2:9"), "{ran:?}");
    assert!(ran.err.contains("--no-verify"), "{ran:?}");

    // Repaired in the work tree only: what would be committed still has the finding.
    project.write("a.js", "a();\nb();\n");
    assert_eq!(project.run(&["hook"]).status, 1);
    project.git(&["add", "a.js"]);
    assert_eq!(project.run(&["hook"]).status, 0);

    // Broken in the work tree only: what would be committed is clean.
    project.write("a.js", warns);
    assert_eq!(project.run(&["hook"]).status, 0);

    // Old lines are not the business of this commit.
    project.git(&["add", "."]);
    project.git(&["commit", "-qm", "first", "--no-verify"]);
    project.write("a.js", format!("{warns}c();\n"));
    project.git(&["add", "."]);
    assert_eq!(project.run(&["hook"]).status, 0);
    project.write("a.js", format!("{warns}c(); // squire: allow()\n"));
    project.git(&["add", "."]);
    assert_eq!(project.run(&["hook"]).status, 1);
    assert_eq!(project.run(&["hook", "--fail-on", "never"]).status, 0);
}

#[cfg(unix)]
#[test]
fn git_commit_is_stopped_by_the_installed_hook() {
    let project = repository(&[("app.js", SQL)]);
    assert_eq!(project.run(&["init", "--hook"]).status, 0);
    project.git(&["add", "."]);
    let commit = |project: &Project| {
        let folder = squire_tests::binary::squire().parent().unwrap().to_owned();
        let path = std::env::join_paths(
            std::iter::once(folder)
                .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
        );
        let mut command = project.command("git");
        command.env("PATH", path.unwrap()).args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@t",
            "commit",
            "-qm",
            "x",
        ]);
        command.output().unwrap()
    };
    let stopped = commit(&project);
    assert!(!stopped.status.success(), "{stopped:?}");
    assert!(String::from_utf8_lossy(&stopped.stderr).contains("in what is staged"), "{stopped:?}");
    let fixed = project.run(&["fix"]);
    assert_eq!(fixed.status, 0, "{fixed:?}");
    project.git(&["add", "."]);
    let passed = commit(&project);
    assert!(passed.status.success(), "{passed:?}");
}

#[test]
fn fix_repairs_files_and_says_what_it_did() {
    let project = Project::new(&[("app.js", SQL), ("clean.js", "a();\n")]);
    let preview = project.run(&["fix", "--diff"]);
    assert_eq!(preview.status, 1);
    assert!(
        preview.out.contains("+  const query = \"SELECT * FROM patients WHERE email = ?\";"),
        "{preview:?}"
    );
    assert_eq!(project.read("app.js"), SQL, "--diff writes nothing");
    let ran = project.run(&["fix"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.out.starts_with("app.js:8: "), "{ran:?}");
    let fixed = project.read("app.js");
    assert!(fixed.contains("WHERE email = ?\";\n  db.query(query, [email]);"), "{fixed}");
    assert_eq!(project.run(&["scan"]).status, 0);
    let again = project.run(&["fix"]);
    assert!(again.out.is_empty() && again.err.contains("0 fixes applied in 0 files"), "{again:?}");
}

#[test]
fn fix_changes_only_what_was_asked_for() {
    let project = Project::new(&[
        ("app.js", SQL),
        ("accepted.js", &SQL.replace("query);\n", "query); // nosemgrep\n")),
    ]);
    project.write("latin1.js", [SQL.as_bytes(), b"// \xe9\n"].concat());
    assert_eq!(project.run(&["fix", "--rule", "no-such-rule"]).status, 2);
    assert_eq!(project.read("app.js"), SQL);
    assert_eq!(project.run(&["fix", "gone.js"]).status, 2);
    let before = std::fs::read(project.path().join("latin1.js")).unwrap();
    let ran = project.run(&["fix"]);
    assert!(ran.err.contains("is not UTF-8"), "{ran:?}");
    assert_eq!(std::fs::read(project.path().join("latin1.js")).unwrap(), before);
    assert!(project.read("accepted.js").contains("db.query(query); // nosemgrep"));
}

#[test]
fn rules_are_listed_checked_and_tested() {
    let project = Project::new(&[
        (
            "good.yaml",
            "rules:\n  - id: no-eval\n    languages: [js]\n    severity: ERROR\n    message: Do not.\n    pattern: eval(...)\n",
        ),
        ("good.js", "// ruleid: no-eval\neval(x);\n// ok: no-eval\nf(x);\n"),
        (
            "bad.yaml",
            "rules:\n  - id: wrong\n    languages: [js]\n    severity: ERROR\n    message: Do not.\n    patern: eval(...)\n",
        ),
    ]);
    let list = project.run(&["rules", "list", "--format", "json"]).json();
    let rules = list["rules"].as_array().unwrap();
    assert!(rules.len() >= 5, "{list}");
    for rule in rules {
        assert!(rule["lesson"].is_string(), "{rule}");
        assert!(["safe", "unsafe", "infeasible"].contains(&rule["fix"].as_str().unwrap()), "{rule}");
        for key in ["id", "severity", "confidence", "pack"] {
            assert!(rule[key].is_string(), "{key} of {rule}");
        }
    }
    let ids: Vec<_> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    assert!(project.run(&["rules", "list"]).out.contains(ids[0]));
    assert!(project.run(&["rules", "list", "--format", "markdown"]).out.contains(ids[0]));

    assert_eq!(project.run(&["rules", "check", "good.yaml"]).out, "1 rule loaded, 0 errors\n");
    let ran = project.run(&["rules", "check", "good.yaml", "bad.yaml"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, "1 rule loaded, 1 error\n"));
    assert!(ran.err.contains("bad.yaml:") && ran.err.contains("patern"), "{}", ran.err);
    assert_eq!(project.run(&["rules", "check", "gone.yaml"]).status, 2);

    let last = |ran: &Ran| ran.out.lines().last().unwrap_or_default().to_owned();
    let ran = project.run(&["rules", "test", "good.yaml"]);
    assert_eq!((ran.status, last(&ran).as_str()), (0, "1 passed, 0 failed"), "{ran:?}");
    project.write("good.js", "// ruleid: no-eval\nf(x);\n");
    let ran = project.run(&["rules", "test", "good.yaml"]);
    assert_eq!((ran.status, last(&ran).as_str()), (1, "0 passed, 1 failed"), "{ran:?}");
    assert_eq!(project.run(&["rules", "test", "gone.yaml"]).status, 2);
}

#[test]
fn patterns_and_rule_files_run_from_the_command_line() {
    let project = Project::new(&[
        ("a.js", "eval(x);\n"),
        ("odd.name", "eval(x);\n"),
        (
            "rules/good.yaml",
            "rules:\n  - id: my.no-eval\n    languages: [js]\n    severity: ERROR\n    message: Do not.\n    pattern: eval(...)\n    metadata: {confidence: LOW}\n",
        ),
        (
            "rules/bad.yaml",
            "rules:\n  - id: wrong\n    languages: [js]\n    severity: ERROR\n    message: Do not.\n    patern: eval(...)\n",
        ),
        ("p.sgrep", "eval(...)\n"),
    ]);
    let found = |arguments: &[&str]| squire_tests::cli::lines(&project.scan(arguments));
    assert_eq!(found(&["--pattern", "eval(...)", "--lang", "js", "a.js"]), ["- a.js:1"]);
    assert_eq!(
        found(&["--pattern-file", "p.sgrep", "--lang", "js", "odd.name", "a.js"]),
        ["- a.js:1", "- odd.name:1"]
    );
    let report = project.scan(&["--rules", "rules", "--no-builtin", "--no-config", "a.js"]);
    assert_eq!(
        squire_tests::cli::lines(&report),
        ["my.no-eval a.js:1"],
        "a bad rule does not stop the others"
    );
    assert_eq!(report["errors"][0]["kind"], "rule");
    assert!(report["errors"][0]["path"].as_str().unwrap().ends_with("bad.yaml"), "{report}");
    let report = project.scan(&["--rules", "rules", "--no-builtin", "--confidence", "high", "a.js"]);
    assert_eq!(squire_tests::cli::lines(&report).len(), 0);
    let status = |arguments: &[&str]| project.run(&[&["scan"], arguments].concat()).status;
    assert_eq!(status(&["--rules", "rules/bad.yaml", "--no-builtin", "a.js"]), 2);
    assert_eq!(status(&["--rules", "rules", "--no-builtin", "a.js"]), 1);
    assert_eq!(status(&["--rules", "gone.yaml", "--no-builtin", "a.js"]), 2);
    let report = project.scan(&["--pattern", "eval((", "--lang", "js", "a.js"]);
    assert_eq!(report["errors"][0]["kind"], "rule", "{report}");
    let report = project.scan(&["--pattern", "x", "--lang", "klingon", "a.js"]);
    assert_eq!(report["errors"][0]["kind"], "rule", "{report}");
}

#[test]
fn explain_knows_rules_weaknesses_and_lessons() {
    let project = Project::new(&[]);
    let list = project.run(&["rules", "list", "--format", "json"]).json();
    let rule = &list["rules"][0];
    let ran = project.run(&["explain", rule["id"].as_str().unwrap()]);
    assert_eq!(ran.status, 0);
    assert!(
        ran.out.contains(&format!("squire lesson start {}", rule["lesson"].as_str().unwrap())),
        "{}",
        ran.out
    );
    for topic in ["CWE-89", "cwe-89", "89"] {
        let ran = project.run(&["explain", topic]);
        assert!(ran.status == 0 && ran.out.contains("sql-injection"), "{topic}: {ran:?}");
    }
    let ran = project.run(&["explain", "sql-injection"]);
    assert!(ran.out.contains("squire lesson start sql-injection"), "{ran:?}");
    let ran = project.run(&["explain", "sql-injektion"]);
    assert!(ran.status == 2 && ran.err.contains("did you mean `sql-injection`"), "{ran:?}");
    assert_eq!(project.run(&["explain", "squire-suppression-unused"]).status, 0);
}

#[test]
fn suppressions_of_real_findings_count_everywhere() {
    let project = Project::new(&[("app.js", SQL)]);
    let report = project.scan(&[]);
    let found = squire_tests::cli::lines(&report);
    assert_eq!(found.len(), 1, "{report}");
    let (rule, _) = found[0].split_once(' ').unwrap();
    assert!(report["results"][0]["trace"].as_array().unwrap().len() >= 2, "{report}");
    assert_eq!(report["results"][0]["fix"]["safe"], true, "{report}");
    assert_eq!(project.run(&["scan"]).status, 1);

    let accepted = format!("db.query(query); // squire: allow({rule}) reason=\"a demo\"");
    project.write("app.js", SQL.replace("db.query(query);", &accepted));
    let ran = project.run(&["scan"]);
    assert!(ran.status == 0 && ran.err.contains("1 accepted"), "{ran:?}");
    assert_eq!(project.scan(&[])["results"][0]["suppressed"]["reason"], "a demo");

    // The finding is gone, and now the comment is one.
    project.write("app.js", format!("a();\nb(); // squire: allow({rule}) reason=\"a demo\"\n"));
    assert_eq!(squire_tests::cli::lines(&project.scan(&[])), ["squire-suppression-unused app.js:2"]);
    assert_eq!(
        squire_tests::cli::lines(&project.scan(&["--no-builtin", "--pattern", "a()", "--lang", "js"])),
        ["- app.js:1"]
    );
}
