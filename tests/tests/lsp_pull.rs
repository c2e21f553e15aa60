//! Clients that ask for diagnostics.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected has failed")]

use serde_json::{Value, json};
use squire_tests::lsp::{Client, uri};

const REASONLESS: &str = "let a = 1; // squire: allow(some-rule)\n";

fn capabilities() -> Value {
    json!({
        "textDocument": { "diagnostic": {}, "publishDiagnostics": { "relatedInformation": true } },
        "workspace": { "diagnostics": { "refreshSupport": true } },
    })
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let mut client = Client::connect(capabilities(), None);
    let file = "file:///x/a.js";
    client.open(file, "javascript", REASONLESS);
    let pull = |client: &mut Client, previous: &Value| {
        let params = json!({ "textDocument": { "uri": file }, "previousResultId": previous });
        client.request("textDocument/diagnostic", params)
    };
    let first = pull(&mut client, &Value::Null);
    assert_eq!((&first["kind"], first["items"].as_array().map(Vec::len)), (&json!("full"), Some(1)));
    let again = pull(&mut client, &first["resultId"]);
    assert_eq!(again, json!({ "kind": "unchanged", "resultId": first["resultId"] }));
    client.change(file, 2, [0, 0, 0, 0], "\n");
    let moved = pull(&mut client, &first["resultId"]);
    assert_eq!(moved["kind"], "full");
    assert_eq!(moved["items"][0]["range"]["start"]["line"], 1);
    assert_ne!(moved["resultId"], first["resultId"]);
}

#[test]
fn an_answer_is_about_the_text_at_the_time_of_the_question() {
    let mut client = Client::connect(capabilities(), None);
    let file = "file:///x/a.js";
    client.open(file, "javascript", "");
    for count in 1..30 {
        client.change(file, count + 1, [0, 0, 0, 0], REASONLESS);
        let answer = client.request("textDocument/diagnostic", json!({ "textDocument": { "uri": file } }));
        assert_eq!(answer["items"].as_array().unwrap().len(), usize::try_from(count).unwrap());
    }
}

#[test]
fn the_workspace_is_answered_with_open_and_closed_files() {
    let root = tempfile::tempdir().unwrap();
    let closed = root.path().join("closed.js");
    std::fs::write(&closed, REASONLESS).unwrap();
    std::fs::write(root.path().join("clean.js"), "let a = 1;\n").unwrap();
    let mut client = Client::connect(capabilities(), Some(root.path()));
    let open = uri(&root.path().join("open.js"));
    client.open(&open, "javascript", REASONLESS);
    let answer = client.request("workspace/diagnostic", json!({ "previousResultIds": [] }));
    let mut files: Vec<(&str, usize)> = answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["uri"].as_str().unwrap(), item["items"].as_array().unwrap().len()))
        .collect();
    files.sort_unstable();
    assert_eq!(files, [(uri(&closed).as_str(), 1), (open.as_str(), 1)]);

    let ids: Vec<Value> = answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| json!({ "uri": item["uri"], "value": item["resultId"] }))
        .collect();
    let again = client.request("workspace/diagnostic", json!({ "previousResultIds": ids }));
    let kinds: Vec<&Value> = again["items"].as_array().unwrap().iter().map(|item| &item["kind"]).collect();
    assert_eq!(kinds, [&json!("unchanged"), &json!("unchanged")]);
}
