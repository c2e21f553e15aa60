use std::path::{Path, PathBuf};
use std::sync::Arc;

use ropey::Rope;
use serde_json::Value;
use squire_rules::{Confidence, FixStatus, Language, Rule, RuleSet, Severity};

use super::model::Replacement;
use super::*;
use crate::cli::analysis::{Problem, ProblemKind};
use crate::workspace::Suppressed;

const TEXT: &str = "const é = req.query.é;\nconst q = 'SELECT ' + é;\ndb.query(q);\n";

fn rule() -> Arc<Rule> {
    Arc::new(Rule {
        id: "javascript-sql-string-concatenation".into(),
        languages: vec![Language::JavaScript],
        severity: Severity::Error,
        confidence: Confidence::High,
        message: "`$SOURCE` reaches a SQL query as code. Pass it as a bound parameter.".into(),
        cwe: vec!["CWE-89: SQL Injection".into()],
        owasp: vec!["A05:2025 - Injection".into()],
        lesson: Some("sql-injection".into()),
        technology: vec!["mysql".into()],
        references: vec!["https://owasp.org/sql".into()],
        fix_status: FixStatus::Safe,
        pack: "javascript/sql-injection".into(),
        path: None,
    })
}

fn place(rope: &Rope, needle: &str) -> (Place, Place) {
    let start = TEXT.find(needle).unwrap();
    (Place::of(rope, start), Place::of(rope, start + needle.len()))
}

fn report(suppressed: Option<Suppressed>) -> FileReport {
    let path = PathBuf::from("src/a b,c%.js");
    let rope = Rope::from_str(TEXT);
    let (start, end) = place(&rope, "db.query(q)");
    let (from, to) = place(&rope, "req.query.é");
    let (old, old_end) = place(&rope, "'SELECT ' + é");
    let entry = Entry {
        rule: rule(),
        start,
        end,
        message: "`é` reaches a SQL query as code.\nPass it as a bound parameter | now.".into(),
        severity: Severity::Error,
        confidence: Confidence::High,
        fingerprint: "abc123".into(),
        trace: vec![
            StepEntry {
                path: path.clone(), start: from, end: to, note: "`é` comes from the request".into()
            },
            StepEntry { path: path.clone(), start, end, note: "runs as SQL".into() },
        ],
        fix: Some(FixEntry {
            title: "Pass `é` as a bound parameter".into(),
            safe: true,
            edits: vec![Replacement { start: old, end: old_end, text: "'SELECT ?'".into() }],
        }),
        suppressed,
    };
    FileReport { path, rope, entries: vec![entry] }
}

fn problems() -> Vec<Problem> {
    let problem = |kind, path: &str, rule: Option<&str>, message: &str| Problem {
        kind,
        path: path.into(),
        rule_id: rule.map(str::to_owned),
        message: message.into(),
    };
    vec![
        problem(ProblemKind::Rule, "rules.yaml", Some("bad"), "3:5: unknown key `patern`"),
        problem(ProblemKind::Timeout, "slow.js", None, "the time budget was used up"),
        problem(ProblemKind::Note, "latin1.js", None, "is not UTF-8; 1 byte(s) were read as `?`"),
    ]
}

fn written(format: Format, style: Style, files: &[FileReport], problems: &[Problem]) -> String {
    let mut reporter = format.reporter(style);
    let mut out = Vec::new();
    for file in files {
        reporter.file(&mut out, file).unwrap();
    }
    let rules = RuleSet::default();
    let stats = Stats { files: 2, findings: 1, rules: 1, ..Stats::default() };
    let summary = Summary { rules: &rules, problems, stats: &stats, folder: Path::new("/work") };
    reporter.end(&mut out, &summary).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn columns_count_characters_and_offsets_count_bytes() {
    let rope = Rope::from_str("é🙂x\r\ny\rz\n");
    let at = |offset| {
        let place = Place::of(&rope, offset);
        (place.line, place.col, place.offset)
    };
    assert_eq!(at(0), (1, 1, 0));
    assert_eq!(at(6), (1, 3, 6));
    assert_eq!(at(9), (2, 1, 9));
    assert_eq!(at(11), (3, 1, 11), "a lone carriage return ends a line, as in editors");
    assert_eq!(at(99), (4, 1, 13), "an offset past the end is the end");
}

#[test]
fn json_has_the_promised_shape() {
    let text = written(Format::Json, Style::default(), &[report(None)], &problems());
    let json: Value = serde_json::from_str(&text).unwrap();
    let result = &json["results"][0];
    assert_eq!(result["rule_id"], "javascript-sql-string-concatenation");
    assert_eq!(result["path"], "src/a b,c%.js");
    assert_eq!(result["start"], serde_json::json!({"line": 3, "col": 1, "offset": 51}));
    assert_eq!(result["end"], serde_json::json!({"line": 3, "col": 12, "offset": 62}));
    assert_eq!(result["severity"], "error");
    assert_eq!(result["confidence"], "high");
    assert_eq!(result["cwe"][0], "CWE-89: SQL Injection");
    assert_eq!(result["lesson"], "sql-injection");
    assert_eq!(result["trace"][0]["start"]["col"], 11);
    assert_eq!(result["trace"][0]["end"]["col"], 22);
    assert_eq!(result["fix"]["safe"], true);
    assert_eq!(result["fix"]["edits"][0]["text"], "'SELECT ?'");
    assert_eq!(result["fix"]["edits"][0]["start"]["line"], 2);
    assert_eq!(result["suppressed"], Value::Null);
    let kinds: Vec<_> =
        json["errors"].as_array().unwrap().iter().map(|error| error["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["rule", "timeout", "other"]);
    assert_eq!(json["errors"][0]["rule_id"], "bad");
    assert_eq!(json["stats"]["files"], 2);

    let text = written(Format::Json, Style::default(), &[report(Some(Suppressed::Baseline))], &[]);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["results"][0]["suppressed"]["by"], "baseline");
}

#[test]
fn sarif_tells_flow_fix_fingerprint_and_failure() {
    let text = written(Format::Sarif, Style::default(), &[report(Some(Suppressed::Baseline))], &problems());
    let json: Value = serde_json::from_str(&text).unwrap();
    let run = &json["runs"][0];
    let result = &run["results"][0];
    let location = &result["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "src/a%20b,c%25.js");
    assert_eq!(
        location["region"],
        serde_json::json!({"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 12})
    );
    let steps = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[0]["location"]["message"]["text"], "`é` comes from the request");
    let change = &result["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["replacements"][0]["insertedContent"]["text"], "'SELECT ?'");
    assert_eq!(result["suppressions"][0]["kind"], "external");
    assert_eq!(result["partialFingerprints"]["squireFingerprint/v1"], "abc123");
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["toolExecutionNotifications"].as_array().unwrap().len(), 2);
    assert_eq!(invocation["toolConfigurationNotifications"][0]["properties"]["rule"], "bad");
}

#[test]
fn github_escapes_what_its_commands_are_made_of() {
    let text = written(Format::Github, Style::default(), &[report(None)], &problems()[..1]);
    assert_eq!(
        text,
        "::error title=javascript-sql-string-concatenation,file=src/a b%2Cc%25.js,line=3,col=1,endColumn=12::`é` reaches a SQL query as code.%0APass it as a bound parameter | now.\n\
         ::warning title=squire,file=rules.yaml::3:5: unknown key `patern`\n"
    );
    assert_eq!(written(Format::Github, Style::default(), &[report(Some(Suppressed::Baseline))], &[]), "");
}

#[test]
fn gitlab_gets_a_sast_report() {
    let json: Value =
        serde_json::from_str(&written(Format::Gitlab, Style::default(), &[report(None)], &problems()))
            .unwrap();
    let found = &json["vulnerabilities"][0];
    assert_eq!(found["severity"], "High");
    assert_eq!(
        found["location"],
        serde_json::json!({"file": "src/a b,c%.js", "start_line": 3, "end_line": 3})
    );
    assert_eq!(found["identifiers"][1]["value"], "89");
    assert_eq!(json["scan"]["type"], "sast");
    assert_eq!(json["scan"]["messages"].as_array().unwrap().len(), 3);
}

#[test]
fn markdown_keeps_its_table_whatever_a_message_says() {
    let text = written(Format::Markdown, Style::default(), &[report(None)], &[]);
    let row = text.lines().find(|line| line.starts_with("| error")).unwrap();
    assert_eq!(row.replace("\\|", "").matches('|').count(), 6, "{row}");
    assert!(text.starts_with("## Squire: 1 finding\n"));
    let explained =
        written(Format::Markdown, Style { explain: true, ..Style::default() }, &[report(None)], &[]);
    assert!(explained.contains("comes from the request"), "{explained}");
}

#[test]
fn text_shows_the_line_and_where_the_value_comes_from() {
    let text = written(Format::Text, Style::default(), &[report(None)], &[]);
    for part in [
        "error[javascript-sql-string-concatenation]",
        "--> src/a b,c%.js:3:1",
        "3 | db.query(q);",
        "^^^^^^^^^^^",
        "comes from the request",
        "squire lesson start sql-injection",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("CWE-89"));
    let explained = written(Format::Text, Style { explain: true, ..Style::default() }, &[report(None)], &[]);
    for part in [
        "CWE-89",
        "step 1: `é` comes from the request",
        "step 2: runs as SQL",
        "fix: Pass `é`",
        "2 + const q = 'SELECT ?';",
    ] {
        assert!(explained.contains(part), "{part}\n{explained}");
    }
    assert_eq!(written(Format::Text, Style::default(), &[report(Some(Suppressed::Baseline))], &[]), "");
}

#[test]
fn a_very_long_line_is_shown_in_part() {
    let mut file = report(None);
    let text = format!("{}bad(){}", "é".repeat(100_000), "ü".repeat(100_000));
    file.rope = Rope::from_str(&text);
    let start = text.find("bad").unwrap();
    file.entries[0].start = Place::of(&file.rope, start);
    file.entries[0].end = Place::of(&file.rope, text.len());
    file.entries[0].trace.clear();
    let shown = written(Format::Text, Style::default(), &[file], &[]);
    assert!(shown.len() < 3000 && shown.contains("bad()"), "{} bytes", shown.len());
    assert!(shown.contains("a b,c%.js:1:100001"), "{shown}");
}

#[test]
fn nothing_from_a_file_commands_the_terminal() {
    let mut file = report(None);
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}evil";
    file.rope = Rope::from_str(&format!("{hostile}\n"));
    file.path = PathBuf::from(format!("{hostile}.js"));
    let (start, end) = (Place::of(&file.rope, 0), Place::of(&file.rope, hostile.len()));
    (file.entries[0].start, file.entries[0].end) = (start, end);
    file.entries[0].message = hostile.into();
    let edits = vec![Replacement { start, end, text: format!("{hostile}\n{hostile}") }];
    file.entries[0].fix = Some(FixEntry { title: hostile.into(), safe: true, edits });
    file.entries[0].trace.clear();
    for explain in [false, true] {
        let shown =
            written(Format::Text, Style { explain, ..Style::default() }, std::slice::from_ref(&file), &[]);
        let bad: Vec<char> =
            shown.chars().filter(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}').collect();
        assert!(bad.is_empty(), "{shown:?}");
    }
}
