use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use squire_rules::{FixStatus, Language, ParseBudget, Rule};

use super::*;

const TEXT: &str = "start();\nbad();\nbad();\n";

fn finding(id: &str, confidence: Confidence, builtin: bool, start: usize) -> Finding {
    let rule = Arc::new(Rule {
        id: id.into(),
        languages: vec![Language::JavaScript],
        severity: Severity::Error,
        confidence,
        message: String::new(),
        cwe: vec![],
        owasp: vec![],
        lesson: None,
        technology: vec![],
        references: vec![],
        fix_status: FixStatus::Safe,
        pack: "test".into(),
        path: (!builtin).then(|| "rules.yaml".into()),
    });
    Finding {
        rule,
        range: start..start + 5,
        message: String::new(),
        severity: Severity::Error,
        confidence,
        trace: vec![],
        metavariables: vec![],
        fingerprint: format!("{id}-print"),
    }
}

fn decided(text: &str, findings: Vec<Finding>, config: &str) -> Vec<(String, Severity, bool)> {
    let config = Config::parse(Path::new("/p/squire.toml"), config, &Value::Null).unwrap();
    let mut document = Document::new(Path::new("/p/a.js"), Language::JavaScript, text);
    let rules = RuleSet::default();
    document.analyze(&rules, ParseBudget::default()).unwrap();
    decide(&document, findings, &rules, &config)
        .into_iter()
        .map(|it| (it.finding.rule.id.clone(), it.finding.severity, it.suppressed.is_some()))
        .collect()
}

#[test]
fn confidence_decides_what_is_shown_and_how() {
    let findings = || {
        vec![
            finding("high", Confidence::High, true, 9),
            finding("medium", Confidence::Medium, true, 9),
            finding("low", Confidence::Low, true, 9),
            finding("own-low", Confidence::Low, false, 9),
        ]
    };
    let shown = |id: &str, severity| (id.to_owned(), severity, false);
    assert_eq!(
        decided(TEXT, findings(), ""),
        [shown("high", Severity::Error), shown("medium", Severity::Info), shown("own-low", Severity::Error)]
    );
    assert_eq!(decided(TEXT, findings(), "[rules]\nconfidence = \"high\""), [shown("high", Severity::Error)]);
    assert_eq!(decided(TEXT, findings(), "[rules]\nconfidence = \"low\"").len(), 4);
    let config = "[rules.severity]\nmedium = \"warning\"\nhigh = \"info\"";
    assert_eq!(
        decided(TEXT, findings(), config),
        [
            shown("high", Severity::Info),
            shown("medium", Severity::Warning),
            shown("own-low", Severity::Error)
        ]
    );
}

#[test]
fn comments_are_marked_and_their_problems_are_findings() {
    let text = "start();\nbad(); // squire: allow(high) reason=\"known\"\nbad(); // squire: allow(high)\n";
    let second = text.rfind("bad").unwrap();
    let findings =
        vec![finding("high", Confidence::High, true, 9), finding("high", Confidence::High, true, second)];
    assert_eq!(
        decided(text, findings.clone(), ""),
        [
            ("high".to_owned(), Severity::Error, true),
            ("high".to_owned(), Severity::Error, false),
            ("squire-suppression-without-reason".to_owned(), Severity::Warning, false)
        ]
    );
    let config = "[rules]\ndisable = [\"squire-suppression-without-reason\"]";
    assert_eq!(decided(text, findings, config).len(), 2);
}

#[test]
fn the_baseline_accepts_as_many_as_it_lists() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.js");
    std::fs::write(&path, TEXT).unwrap();
    std::fs::create_dir(folder.path().join(".squire")).unwrap();
    let entry = r#"{"rule_id": "high", "path": "a.js", "fingerprint": "high-print"}"#;
    let baseline = format!("{{\"version\": 1, \"findings\": [{entry}]}}");
    std::fs::write(folder.path().join(".squire/baseline.json"), baseline).unwrap();
    let config = Config::find(folder.path()).unwrap();
    let document = Document::new(&path, Language::JavaScript, TEXT);
    let findings =
        vec![finding("high", Confidence::High, true, 9), finding("high", Confidence::High, true, 16)];
    let decided = decide(&document, findings, &RuleSet::default(), &config);
    assert_eq!(decided[0].suppressed, Some(Suppressed::Baseline));
    assert_eq!(decided[1].suppressed, None);
}

#[test]
fn quiet_files_report_nothing() {
    let config = Config::none(Path::new("/p"));
    let document = Document::new(Path::new("/p/tests/a.js"), Language::JavaScript, "// squire: allow()\nx()");
    assert!(report(&document, &RuleSet::default(), &Project::default(), &config).is_empty());
    let document = Document::new(Path::new("/p/a.js"), Language::JavaScript, "// squire: allow()\nx()");
    assert_eq!(report(&document, &RuleSet::default(), &Project::default(), &config).len(), 1);
}
