//! `squire rules` and what rules promise wherever they run.

use squire_tests::cli::{Project, Ran, lines};

/// A rule that looks at `src` only, and not at what is generated.
const BELOW_SRC: &str = "rules:
  - id: my.no-eval
    languages: [js]
    severity: ERROR
    message: Do not.
    pattern: eval(...)
    paths: { include: [/src], exclude: [generated/] }
";

#[test]
fn paths_of_rules_are_those_of_the_project_and_not_of_the_disk() {
    let project = Project::new(&[
        ("generated/app/squire.toml", ""),
        ("generated/app/.squire/rules/r.yaml", BELOW_SRC),
        ("generated/app/src/a.js", "eval(x);\n"),
        ("generated/app/src/generated/b.js", "eval(x);\n"),
        ("generated/app/lib/src/c.js", "eval(x);\n"),
    ]);
    let report = project.scan(&["generated/app"]);
    assert_eq!(lines(&report), ["my.no-eval generated/app/src/a.js:1"], "{report}");
}

fn last(ran: &Ran) -> &str {
    ran.out.lines().last().unwrap_or_default()
}

#[test]
fn a_rule_file_is_tested_however_its_path_is_written() {
    let rule = "rules:\n  - id: no-eval\n    languages: [js]\n    severity: ERROR\n    message: Do not.\n    pattern: eval(...)\n";
    let project = Project::new(&[("r.yaml", rule), ("r.js", "// ruleid: no-eval\neval(x);\n")]);
    for path in ["r.yaml", "./r.yaml", "././r.yaml", "."] {
        let ran = project.run(&["rules", "test", path]);
        assert_eq!((ran.status, last(&ran)), (0, "1 passed, 0 failed"), "{path}: {ran:?}");
    }
}
