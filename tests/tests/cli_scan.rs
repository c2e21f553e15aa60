//! `squire scan`: every flag, every exit status, hostile input.
//!
//! Findings about suppressions need no pack, so most tests here stand on those; what the packs find is
//! tested with the packs.

use serde_json::Value;
use squire_tests::cli::{Project, lines};

/// A warning at this line.
const WARNS: &str = "// squire: allow()\n";
const MALFORMED: &str = "squire-suppression-malformed";

fn expect(report: &Value, wanted: &[&str]) {
    let wanted: Vec<String> = wanted.iter().map(|place| format!("{MALFORMED} {place}")).collect();
    assert_eq!(lines(report), wanted, "{report}");
}

#[test]
fn folders_are_searched_and_reports_are_in_order_of_path() {
    let project = Project::new(&[
        ("b/z.py", "# squire: allow()\n"),
        ("a.js", WARNS),
        ("b/a.js", WARNS),
        ("c.md", WARNS),
    ]);
    expect(&project.scan(&[]), &["a.js:1", "b/a.js:1", "b/z.py:1"]);
    expect(&project.scan(&["--jobs", "1"]), &["a.js:1", "b/a.js:1", "b/z.py:1"]);
    expect(&project.scan(&["b"]), &["b/a.js:1", "b/z.py:1"]);
    let absolute = project.path().join("a.js");
    let report = project.scan(&[absolute.to_str().unwrap()]);
    assert_eq!(report["results"][0]["path"], absolute.to_str().unwrap());
}

#[test]
fn the_exit_status_says_what_came_out() {
    let project = Project::new(&[("warns.js", WARNS), ("clean.js", "a();\n"), ("binary.js", "a\0b")]);
    let status = |arguments: &[&str]| project.run(&[&["scan"], arguments].concat()).status;
    assert_eq!(status(&["clean.js"]), 0);
    assert_eq!(status(&["warns.js"]), 0, "a warning does not fail by default");
    assert_eq!(status(&["warns.js", "--fail-on", "warning"]), 1);
    assert_eq!(status(&["warns.js", "--fail-on", "info"]), 1);
    assert_eq!(status(&["warns.js", "--fail-on", "never"]), 0);
    assert_eq!(status(&["warns.js", "--fail-on", "warning", "--severity", "error"]), 0);
    assert_eq!(status(&["gone.js"]), 2);
    assert_eq!(status(&["--no-such-flag"]), 2);
    assert_eq!(status(&["--format", "xml"]), 2);
    assert_eq!(status(&["--diff", "HEAD"]), 2, "there is no repository");
    assert_eq!(status(&["--no-builtin", "clean.js"]), 2, "there are no rules");
    assert_eq!(status(&["--stdin"]), 2, "there is no language");
    assert_eq!(status(&["--pattern", "a()"]), 2, "there is no language");
    assert_eq!(status(&["binary.js"]), 3);
    assert_eq!(status(&["binary.js", "warns.js", "--fail-on", "warning"]), 1, "findings are not hidden");
}

#[test]
fn severities_of_the_configuration_count() {
    let project = Project::new(&[
        ("a.js", WARNS),
        ("squire.toml", "[rules.severity]\nsquire-suppression-malformed = \"error\"\n"),
    ]);
    assert_eq!(project.run(&["scan"]).status, 1);
    assert_eq!(project.run(&["scan", "--no-config"]).status, 0);
    assert_eq!(project.scan(&[])["results"][0]["severity"], "error");
}

#[test]
fn a_broken_configuration_is_told_with_its_place() {
    let project = Project::new(&[("a.js", WARNS), ("squire.toml", "[rules]\nseverty = {}\n")]);
    let ran = project.run(&["scan"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("squire.toml:2:1: unknown field `severty`"), "{}", ran.err);
    assert_eq!(project.run(&["scan", "--no-config"]).status, 0);
}

#[test]
fn what_is_quiet_in_a_folder_is_scanned_when_it_is_named() {
    let files = ["tests/a.js", "lib.min.js", "node_modules/m/a.js", "ignored.js"];
    let project = Project::new(&files.map(|file| (file, WARNS)));
    project.write(".gitignore", "ignored.js\n");
    expect(&project.scan(&[]), &[]);
    for file in files {
        expect(&project.scan(&[file]), &[&format!("{file}:1")]);
    }
    expect(&project.scan(&["tests"]), &["tests/a.js:1"]);
    expect(&project.scan(&["--no-config"]), &["ignored.js:1"]);
}

#[test]
fn exclusions_and_sizes_hold_for_what_is_found_not_for_what_is_named() {
    let project = Project::new(&[("a.js", WARNS), ("old/b.js", WARNS), ("c.gen.js", WARNS)]);
    expect(&project.scan(&["--exclude", "old", "--exclude", "*.gen.js"]), &["a.js:1"]);
    expect(&project.scan(&["--exclude", "old", "old/b.js"]), &["old/b.js:1"]);
    project.write("large.js", format!("{WARNS}{}", "a();\n".repeat(1000)));
    expect(&project.scan(&["--max-file-size", "4kB"]), &["a.js:1", "c.gen.js:1", "old/b.js:1"]);
    expect(&project.scan(&["--max-file-size", "4kB", "large.js"]), &["large.js:1"]);
    expect(&project.scan(&["--max-file-size", "0"]), &["a.js:1", "c.gen.js:1", "large.js:1", "old/b.js:1"]);
    assert_eq!(project.run(&["scan", "--max-file-size", "4 miles"]).status, 2);
}

#[test]
fn a_baseline_accepts_what_was_there() {
    let project = Project::new(&[("a.js", WARNS)]);
    let failing = ["scan", "--fail-on", "warning"];
    assert_eq!(project.run(&failing).status, 1);
    assert_eq!(project.run(&["scan", "--fail-on", "warning", "--write-baseline"]).status, 0);
    assert!(project.read(".squire/baseline.json").contains(MALFORMED));
    assert_eq!(project.run(&failing).status, 0);
    assert_eq!(project.scan(&[])["results"][0]["suppressed"]["by"], "baseline");
    project.write("b.js", WARNS);
    assert_eq!(project.run(&failing).status, 1);
    expect(&project.scan(&[]), &["b.js:1"]);
    // Another file takes the place of the project's own.
    project.write("empty.json", r#"{"version": 1, "findings": []}"#);
    expect(&project.scan(&["--baseline", "empty.json"]), &["a.js:1", "b.js:1"]);
    assert_eq!(project.run(&["scan", "--baseline", "gone.json"]).status, 2);
    project.write("bad.json", "{");
    assert_eq!(project.run(&["scan", "--baseline", "bad.json"]).status, 2);
}

#[test]
fn suppressions_are_counted_and_explained() {
    let project = Project::new(&[(
        "a.js",
        "a(); // squire: allow(-) until=2001-01-01 reason=\"b\"\nb(); // squire: allow(\n",
    )]);
    let found = lines(&project.scan(&["--pattern", "a()", "--lang", "js"]));
    let wanted = ["- a.js:1", "squire-suppression-expired a.js:1", "squire-suppression-malformed a.js:2"];
    assert_eq!(found, wanted);
    project.write("a.js", "a(); // squire: allow(-) reason=\"b\"\na(); // squire: allow(-)\nb(); // squire: allow(-) reason=\"b\"\n");
    let found = lines(&project.scan(&["--pattern", "a()", "--lang", "js"]));
    let wanted = ["- a.js:2", "squire-suppression-without-reason a.js:2", "squire-suppression-unused a.js:3"];
    assert_eq!(found, wanted);
}

#[test]
fn standard_input_is_a_file_of_the_given_name() {
    let project = Project::new(&[]);
    let ran =
        project.run_with(&["scan", "--stdin", "--lang", "python", "--format", "json"], "# squire: allow()\n");
    expect(&ran.json(), &["<stdin>:1"]);
    let named = ["scan", "--stdin", "--stdin-filename", "tests/a.js", "--format", "json"];
    expect(&project.run_with(&named, WARNS).json(), &["tests/a.js:1"]);
    assert_eq!(project.run_with(&["scan", "--stdin", "--lang", "js"], "a\0").status, 2);
    assert_eq!(project.run_with(&["scan", "--stdin", "--lang", "klingon"], "a").status, 2);
    assert_eq!(project.run_with(&["scan", "--stdin", "a.js"], "a").status, 2);
}

#[test]
fn a_diff_tells_only_what_was_added() {
    let project = Project::new(&[
        ("a.js", &format!("{WARNS}a();\n")),
        ("moved.js", &WARNS.repeat(3)),
        ("with space é.js", "a();\n"),
    ]);
    project.git(&["init", "-q"]);
    project.git(&["add", "."]);
    project.git(&["commit", "-qm", "first"]);
    expect(&project.scan(&["--diff", "HEAD"]), &[]);
    project.write("a.js", format!("{WARNS}a();\nb(); {WARNS}"));
    project.write("with space é.js", format!("a();\nb(); {WARNS}"));
    project.write("new.js", WARNS);
    project.git(&["mv", "moved.js", "there.js"]);
    expect(&project.scan(&["--diff", "HEAD"]), &["a.js:3", "new.js:1", "with space é.js:2"]);
    project.git(&["add", "."]);
    project.git(&["commit", "-qm", "second"]);
    expect(&project.scan(&["--diff", "HEAD"]), &[]);
    expect(&project.scan(&["--diff", "HEAD~1"]), &["a.js:3", "new.js:1", "with space é.js:2"]);
    for hostile in ["no-such-revision", "--output=stolen", "HEAD --", ""] {
        assert_eq!(project.run(&["scan", "--diff", hostile]).status, 2, "{hostile}");
        assert_eq!(project.run(&["scan".to_owned(), format!("--diff={hostile}")]).status, 2, "{hostile}");
    }
    assert!(!project.path().join("stolen").exists());
}

#[test]
fn a_report_goes_to_a_file_in_one_piece() {
    let project = Project::new(&[("a.js", WARNS), ("report.json", "old")]);
    let ran = project.run(&["scan", "--format", "json", "--output", "report.json"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, ""));
    expect(&serde_json::from_str(&project.read("report.json")).unwrap(), &["a.js:1"]);
    assert_eq!(project.run(&["scan", "--output", "no/such/folder/report"]).status, 2);
}

#[test]
fn statistics_go_to_standard_error() {
    let project = Project::new(&[("a.js", WARNS)]);
    let ran = project.run(&["scan", "--stats", "--format", "json"]);
    assert!(ran.err.contains("1 squire-suppression-malformed"), "{}", ran.err);
    assert_eq!(ran.json()["stats"]["files"], 1);
    assert_eq!(ran.json()["stats"]["bytes"], WARNS.len());
}

#[test]
fn text_names_rule_and_place_and_the_rest_is_on_standard_error() {
    let project = Project::new(&[("a.js", WARNS)]);
    let ran = project.run(&["scan"]);
    assert!(ran.out.contains("warning[squire-suppression-malformed]"), "{}", ran.out);
    assert!(ran.out.contains("--> a.js:1:4"), "{}", ran.out);
    assert!(ran.err.contains("1 finding in 1 file"), "{}", ran.err);
    for format in ["github", "gitlab", "markdown", "sarif"] {
        let ran = project.run(&["scan", "--format", format]);
        assert!(ran.out.contains(MALFORMED), "{format}: {}", ran.out);
        assert_eq!(ran.err, "", "{format}");
    }
}

#[test]
fn files_that_are_no_text_do_not_hide_the_others() {
    let project = Project::new(&[("a.js", WARNS)]);
    project.write("latin1.js", b"// squire: allow() \xe9\xe8\n");
    project.write("binary.js", b"\x7fELF\0\0");
    project.write("empty.js", "");
    project.write("bom.js", "\u{feff}// squire: allow()\n");
    project.write("nul.js/inside.js", WARNS);
    let report = project.scan(&[]);
    let found = lines(&report);
    assert_eq!(
        found,
        [
            "squire-suppression-malformed a.js:1",
            "squire-suppression-malformed bom.js:1",
            "squire-suppression-malformed latin1.js:1",
            "squire-suppression-malformed nul.js/inside.js:1",
        ]
    );
    let errors = report["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0]["message"].as_str().unwrap().contains("2 byte(s) were read as `?`"));
    assert_eq!(project.run(&["scan"]).status, 0);
}

#[cfg(unix)]
#[test]
fn unreadable_files_and_devices_are_errors() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let project = Project::new(&[("a.js", WARNS), ("secret.js", WARNS)]);
    symlink("gone.js", project.path().join("dangling.js")).unwrap();
    symlink(".", project.path().join("loop")).unwrap();
    std::fs::set_permissions(project.path().join("secret.js"), std::fs::Permissions::from_mode(0o000))
        .unwrap();
    let report = project.scan(&[]);
    assert!(lines(&report).contains(&"squire-suppression-malformed a.js:1".to_owned()), "{report}");
    // A super-user reads everything.
    let may_read = std::fs::read(project.path().join("secret.js")).is_ok();
    assert_eq!(report["errors"].as_array().unwrap().is_empty(), may_read, "{report}");
    assert_eq!(project.scan(&["dangling.js"])["errors"][0]["kind"], "target");
    let report = project.scan(&["/dev/null", "a.js"]);
    expect(&report, &["a.js:1"]);
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_are_scanned() {
    use std::os::unix::ffi::OsStrExt;
    let project = Project::new(&[]);
    let name = std::ffi::OsStr::from_bytes(b"bad\xff name\x1b[2J.js");
    if std::fs::write(project.path().join(name), WARNS).is_err() {
        return;
    }
    assert_eq!(lines(&project.scan(&[])).len(), 1);
    for format in ["text", "sarif", "github", "gitlab", "markdown"] {
        let ran = project.run(&["scan", "--format", format]);
        assert!(!ran.out.contains('\u{1b}') && ran.status == 0, "{format}: {ran:?}");
    }
}

#[test]
fn deep_nesting_ends_at_the_latest_with_its_budget() {
    let project = Project::new(&[("a.js", WARNS), ("squire.toml", "[budget]\nfile-ms = 1000\n")]);
    project.write("deep.js", "[".repeat(100_000));
    project.write("deep.py", format!("x = {}1{}\n", "(".repeat(50_000), ")".repeat(50_000)));
    project.write("deep.html", format!("<p>{}</p>", "<b>".repeat(50_000)));
    let report = project.scan(&["a.js", "deep.js", "deep.py", "deep.html"]);
    expect(&report, &["a.js:1"]);
    for error in report["errors"].as_array().unwrap() {
        assert_eq!(error["kind"], "timeout", "{error}");
    }
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let project = Project::new(&[]);
    for number in 0..200 {
        project.write(&format!("{number}.js"), WARNS.repeat(50));
    }
    for arguments in ["scan | head -n 1", "rules list | true", "lesson list | true"] {
        let script = format!("\"$1\" {arguments} >/dev/null; exit ${{PIPESTATUS[0]}}");
        let mut command = project.command("bash");
        let output = command.args(["-c", &script, "x"]).arg(squire_tests::binary::squire()).output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !err.contains("error"), "{arguments}: {output:?}");
    }
}

#[test]
fn what_a_scan_cost_is_told_on_request() {
    let project =
        Project::new(&[("a.js", "const query = `select ${x}`;\n"), ("b.py", "# squire: allow()\n")]);
    let report = project.scan(&["--stats"]);
    let costs = &report["stats"]["costs"];
    let phases = costs["phases"].as_object().expect("phases");
    assert_eq!(phases.keys().collect::<Vec<_>>(), ["fix", "flow", "lower", "match", "parse", "read"]);
    assert!(phases["parse"].as_f64().expect("seconds") > 0.0, "{costs}");
    let files = costs["by_file"].as_array().expect("files");
    let named: Vec<_> = files.iter().filter_map(|file| file["path"].as_str()).collect();
    assert!(named.contains(&"a.js") && named.contains(&"b.py"), "{costs}");
    let rules = costs["by_rule"].as_array().expect("rules");
    assert!(rules.iter().any(|rule| rule["rule_id"] == MALFORMED && rule["findings"] == 1), "{costs}");
    assert!(project.scan(&[])["stats"]["costs"].is_null(), "nobody asked");
    let told = project.run(&["scan", "--stats"]).err;
    assert!(told.contains("of all threads: read ") && told.contains("a.js"), "{told}");
}

#[test]
#[cfg(unix)]
fn findings_are_told_while_the_scan_goes_on() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let project = Project::new(&[("a.js", WARNS)]);
    // Whoever reads this file waits until somebody writes it.
    assert!(project.command("mkfifo").arg("b.js").status().expect("mkfifo runs").success());
    let mut command: Command = project.command(squire_tests::binary::squire());
    let mut child = command
        .args(["scan", "a.js", "b.js"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut out = BufReader::new(child.stdout.take().expect("it was asked for"));
    let mut first = String::new();
    out.read_line(&mut first).expect("a line");
    assert!(first.contains(MALFORMED), "{first}");
    assert!(child.try_wait().expect("a status").is_none(), "it waits for the second file");
    std::fs::write(project.path().join("b.js"), WARNS).expect("the reader is there");
    let rest: Vec<String> = out.lines().map_while(Result::ok).collect();
    assert!(rest.iter().any(|line| line.contains("b.js:1")), "{rest:?}");
    assert!(child.wait().expect("a status").success());
}

#[test]
fn a_finding_that_other_files_decide_holds_nothing_back() {
    let route =
        "const app = require('express')();\napp.post('/a', (req, res) => { db.remove(req.body.id); });\n";
    let guarded = "const app = require('express')();\nconst auth = require('./auth');\napp.post('/b', auth.requireLogin, (req, res) => { db.remove(req.body.id); });\n";
    let project = Project::new(&[("a.js", route), ("b.js", WARNS), ("c.js", guarded)]);
    let report = project.scan(&[]);
    let found = lines(&report);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].ends_with("a.js:2") && found[1].ends_with("b.js:1"),
        "a document is in order: {found:?}"
    );
    let text = project.run(&["scan"]).out;
    let place = |path: &str| text.find(path).unwrap_or_else(|| panic!("no {path} in {text}"));
    assert!(place("b.js:1") < place("a.js:2"), "what is known comes first: {text}");
    assert_eq!(text, project.run(&["scan", "--jobs", "1"]).out);
}
