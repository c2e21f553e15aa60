//! The editor of a rule author.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected has failed")]

use std::path::Path;

use serde_json::json;
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
