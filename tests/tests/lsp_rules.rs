//! The editor of a rule author.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected has failed")]

use std::path::Path;

use serde_json::{Value, json};
use squire_tests::lsp::{Client, uri};

fn write(root: &Path, name: &str, text: &str) -> String {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    uri(&path)
}

#[test]
fn paths_of_rules_are_those_of_the_workspace_and_not_of_the_disk() {
    let disk = tempfile::tempdir().unwrap();
    let root = disk.path().join("generated/app");
    write(
        &root,
        ".squire/rules/r.yaml",
        "rules:\n  - id: my.no-eval\n    languages: [js]\n    severity: ERROR\n    message: Do not.\n    pattern: eval(...)\n    paths: { include: [/src], exclude: [generated/] }\n",
    );
    let below = write(&root, "src/a.js", "eval(x);\n");
    let beside = write(&root, "lib/src/a.js", "eval(x);\n");
    let mut client = Client::connect(json!({}), Some(&root));
    client.open(&below, "javascript", "eval(x);\n");
    assert_eq!(client.diagnostics(&below, Some(1)).len(), 1);
    client.open(&beside, "javascript", "eval(x);\n");
    assert_eq!(client.diagnostics(&beside, Some(1)).len(), 0);
}

#[test]
fn a_finding_with_a_callback_underlines_its_first_line_only() {
    let root = tempfile::tempdir().unwrap();
    write(
        root.path(),
        ".squire/rules/r.yaml",
        "rules:\n  - id: my.get\n    languages: [js]\n    severity: ERROR\n    message: Do not.\n    pattern: get(...)\n",
    );
    let text = "get('/a', (q, s) => {\n  x();\n});\n";
    let file = write(root.path(), "a.js", text);
    let mut client = Client::connect(json!({}), Some(root.path()));
    client.open(&file, "javascript", text);
    let found = client.diagnostics(&file, Some(1));
    assert_eq!(found[0]["range"]["end"], json!({ "line": 0, "character": 21 }), "{found:?}");
}

const RULE: &str = "rules:
  - id: no-eval
    languages: [javascript]
    severity: ERROR
    message: Do not.
    patterns:
      - pattern: eval($X)
      - pattern-not: eval(1 2)
";

#[test]
fn what_is_wrong_with_a_rule_is_told_as_it_is_typed() {
    let root = tempfile::tempdir().unwrap();
    let file = write(root.path(), "r.yaml", RULE);
    let mut client = Client::connect(json!({}), Some(root.path()));
    client.open(&file, "yaml", RULE);
    let found = client.diagnostics(&file, Some(1));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["range"]["start"], json!({ "line": 7, "character": 28 }), "{found:?}");
    assert_eq!((&found[0]["severity"], &found[0]["code"]), (&json!(1), &json!("squire-rule")));

    client.replace(&file, 2, &RULE.replace("eval(1 2)", "eval(1)"));
    assert_eq!(client.diagnostics(&file, Some(2)), Vec::<Value>::new());

    let two = RULE.replace("eval(1 2)", "eval(1)").replace("message", "mesage").replace("ERROR", "BAD");
    client.replace(&file, 3, &two);
    let found = client.diagnostics(&file, Some(3));
    let said: Vec<&str> = found.iter().map(|one| one["message"].as_str().unwrap()).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert_eq!(
        found[2]["range"],
        json!({ "start": { "line": 4, "character": 4 }, "end": { "line": 4, "character": 10 } })
    );

    // YAML that is no rule file is left alone, and so is what has stopped being YAML.
    let other = write(root.path(), "compose.yaml", "services: {}\n");
    client.open(&other, "yaml", "services: {}\n");
    assert_eq!(client.diagnostics(&other, Some(1)), Vec::<Value>::new());
    client.replace(&file, 4, "rules:\n  - id: x\n    pattern: [\n");
    assert_eq!(client.diagnostics(&file, Some(4)).len(), 1);
}

#[test]
fn what_is_wrong_with_a_model_is_told_too() {
    let root = tempfile::tempdir().unwrap();
    let text = "languages: [python]\nsinks:\n  - kind: html\n    cals: [f]\n";
    let file = write(root.path(), ".squire/models/m.yaml", text);
    let mut client = Client::connect(json!({}), Some(root.path()));
    client.open(&file, "yaml", text);
    let found = client.diagnostics(&file, Some(1));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["range"]["start"], json!({ "line": 3, "character": 4 }), "{found:?}");
}

#[test]
fn keys_explain_and_complete_themselves() {
    let root = tempfile::tempdir().unwrap();
    let file = write(root.path(), "r.yaml", RULE);
    let mut client = Client::connect(
        json!({ "textDocument": { "hover": { "contentFormat": ["markdown"] } } }),
        Some(root.path()),
    );
    client.open(&file, "yaml", RULE);
    let at = |line: u32, character: u32| json!({ "textDocument": { "uri": file }, "position": { "line": line, "character": character } });
    let hover = client.request("textDocument/hover", at(7, 10));
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.contains("pattern-not") && text.contains("```yaml"), "{text}");
    assert_eq!(client.request("textDocument/hover", at(6, 18)), Value::Null, "code is no key");
    let items = client.request("textDocument/completion", at(6, 9));
    let labels: Vec<&str> =
        items.as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap()).collect();
    assert!(labels.contains(&"pattern-inside") && !labels.contains(&"severity"), "{labels:?}");
    let script = write(root.path(), "a.js", "pat\n");
    client.open(&script, "javascript", "pat\n");
    let position = json!({ "textDocument": { "uri": script }, "position": { "line": 0, "character": 3 } });
    assert_eq!(client.request("textDocument/completion", position), Value::Null);
}

#[test]
fn a_button_runs_the_tests_of_a_rule_and_shows_what_fails() {
    let root = tempfile::tempdir().unwrap();
    let rule = RULE.replace("eval(1 2)", "eval(1)");
    let file = write(root.path(), "r.yaml", &rule);
    let failing = "// ruleid: no-eval\nrun(x);\n// ok: no-eval\neval(1);\n";
    let test = write(root.path(), "r.js", failing);
    let mut client = Client::connect(json!({}), Some(root.path()));
    client.open(&file, "yaml", &rule);
    let lenses = |client: &mut Client| -> Value {
        client.request("textDocument/codeLens", json!({ "textDocument": { "uri": file } }))
    };
    let lens = lenses(&mut client);
    assert_eq!(
        (&lens[0]["command"]["title"], &lens[0]["range"]["start"]["line"]),
        (&json!("Run tests"), &json!(1))
    );
    let command = json!({
        "command": lens[0]["command"]["command"], "arguments": lens[0]["command"]["arguments"],
    });
    let answer = client.request("workspace/executeCommand", command.clone());
    assert_eq!(answer, json!({ "passed": false, "headline": "1 test fails" }));
    assert_eq!(client.notification("window/showMessage")["message"], "Squire: 1 test fails");
    let found = client.diagnostics(&test, None);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["range"]["start"], json!({ "line": 1, "character": 0 }));
    assert!(found[0]["message"].as_str().unwrap().contains("does not report this line"), "{found:?}");
    assert_eq!(lenses(&mut client)[0]["command"]["title"], "Run tests ✗ 1 failed");

    // What is on the screen counts, saved or not; a failure moves with the text until the tests run again.
    client.open(&test, "javascript", failing);
    client.change(&test, 2, [0, 0, 0, 0], "\n");
    let moved = client.diagnostics(&test, Some(2));
    assert_eq!(moved[0]["range"]["start"]["line"], 2, "{moved:?}");
    client.replace(&test, 3, "// ruleid: no-eval\neval(x);\n");
    let answer = client.request("workspace/executeCommand", command);
    assert_eq!(answer["passed"], true, "{answer}");
    assert_eq!(lenses(&mut client)[0]["command"]["title"], "Run tests ✓");
}
