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

#[test]
fn checking_tells_everything_with_its_place() {
    let bad = "rules:
  - id: a
    languages: [js]
    severity: BAD
    message: Do not.
    patterns:
      - pattern: f(1 2)
      - patern-not: g()
  - id: b
    languages: [python]
    severity: ERROR
    message: Do not.
    mode: taint
    metadata: { lesson: no-such-lesson }
    pattern-sources: [{ model: nothing }]
    pattern-sinks: [{ pattern: sink(...) }]
";
    let project =
        Project::new(&[("r/bad.yaml", bad), ("r/m.yaml", "languages: [python]\nsinks:\n  - kid: x\n")]);
    let ran = project.run(&["rules", "check", "r"]);
    assert_eq!(ran.status, 2);
    for place in [
        "error: r/bad.yaml:4:15: rule a: `severity` must be",
        "error: r/bad.yaml:7:22: rule a: the pattern does not parse as javascript",
        "error: r/bad.yaml:8:9: rule a: unsupported key `patern-not`",
        "warning: r/bad.yaml:14:15: rule b: `metadata` lacks cwe",
        "warning: r/bad.yaml:14:25: rule b: there is no lesson `no-such-lesson`",
        "error: r/bad.yaml:15:32: rule b: no model speaks of `nothing`",
        "error: r/m.yaml:3:5: unknown field `kid`",
    ] {
        assert!(ran.err.contains(place), "{place} is not in\n{}", ran.err);
    }
    assert_eq!(last(&ran), "1 rule loaded, 5 errors, 3 warnings");
}

#[test]
fn an_export_is_a_rule_file_without_models() {
    let rules = "rules:
  - id: a
    languages: [python]
    severity: ERROR
    message: 'A \"quoted\" message: with a colon.'
    mode: taint
    pattern-sources: [{ model: remote-input }]
    pattern-sinks: [{ model: sql-query }]
  - id: b
    languages: [python]
    severity: ERROR
    message: Do not.
    model: hardcoded-credential
";
    let project = Project::new(&[("r.yaml", rules), ("a.py", "")]);
    let ran = project.run(&["rules", "export", "r.yaml"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.err.contains("note: b is left out: `hardcoded-credential` is an analysis"), "{}", ran.err);
    assert!(
        !ran.out.contains("model:") && ran.out.contains("pattern: \"flask.request.args\""),
        "{}",
        ran.out
    );
    // What is written can be read again, and still finds a direct flow.
    project.write("plain.yaml", &ran.out);
    assert_eq!(project.run(&["rules", "check", "plain.yaml"]).out, "1 rule loaded, 0 errors\n");
    project.write(
        "a.py",
        "import flask\n\ndef f(db):\n    db.execute(\"select \" + flask.request.args[\"x\"])\n",
    );
    let report = project.scan(&["--no-builtin", "--no-config", "--rules", "plain.yaml", "a.py"]);
    assert_eq!(lines(&report), ["a a.py:4"], "{report}");
    assert_eq!(project.run(&["rules", "export"]).status, 0);
}
