//! Every recorded client can start the server, gets what it understands, and only that.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected has failed")]

use std::path::Path;

use serde_json::{Value, json};
use squire_tests::lsp::{Client, uri};

/// A comment that is a finding itself: there is no such rule.
const REASONLESS: &str = "let a = 1; // squire: allow(some-rule)\n";

fn recorded(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/clients/{name}.initialize.json"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).unwrap()
}

/// The client, connected as recorded but in this folder, and what the server said to it.
fn connect(name: &str, root: &Path) -> (Client, Value) {
    let text = recorded(name).to_string().replace("file:///project", &uri(root));
    let mut client = Client::start();
    let answer = client.handshake_with(serde_json::from_str(&text).unwrap());
    (client, answer)
}

fn check(name: &str, encoding: &str, pulls: bool) {
    let root = tempfile::tempdir().unwrap();
    let (mut client, answer) = connect(name, root.path());
    let capabilities = &answer["capabilities"];
    assert_eq!(answer["serverInfo"]["name"], "squire");
    assert_eq!(capabilities["positionEncoding"], encoding);
    assert_eq!(capabilities["textDocumentSync"]["change"], 2, "incremental");
    assert_eq!(capabilities.get("diagnosticProvider").is_some(), pulls, "{capabilities}");
    let commands = capabilities["executeCommandProvider"]["commands"].as_array().unwrap();
    assert!(commands.contains(&json!("squire.lesson.check")));

    let file = uri(&root.path().join("a.js"));
    client.open(&file, "javascript", REASONLESS);
    let items = if pulls {
        let params = json!({ "textDocument": { "uri": file } });
        client.request("textDocument/diagnostic", params)["items"].take()
    } else {
        Value::Array(client.diagnostics(&file, Some(1)))
    };
    let item = &items.as_array().unwrap()[0];
    assert_eq!(item["code"], "squire-suppression-unused");
    assert_eq!(item["source"], "squire");
    assert_eq!(item["range"]["start"], json!({ "line": 0, "character": 14 }));
    if pulls {
        client.listen(std::time::Duration::from_millis(200));
        assert!(!client.has(|json| json["method"] == "textDocument/publishDiagnostics"), "never both");
    }
    assert!(client.stop().success());
}

#[test]
fn visual_studio_code_pulls_in_utf_16() {
    check("vscode-1.139-languageclient-11.0", "utf-16", true);
}

#[test]
fn neovim_is_pushed_to_in_utf_8_because_it_cannot_be_told_to_pull_again() {
    check("neovim-0.11.4", "utf-8", false);
}

#[test]
fn jetbrains_pulls_in_utf_16() {
    check("lsp4j-0.24-like-lsp4ij", "utf-16", true);
}

#[test]
fn emacs_is_pushed_to_in_utf_16() {
    check("emacs-28.2-eglot-1.9", "utf-16", false);
}

#[test]
fn vim_is_pushed_to_in_utf_16() {
    check("vim-9.0-ale-3.3", "utf-16", false);
}

#[test]
fn the_cheapest_offered_encoding_is_chosen() {
    for (offered, chosen) in [
        (json!(["utf-16", "utf-8", "utf-32"]), "utf-8"),
        (json!(["utf-16", "utf-32"]), "utf-32"),
        (json!(["utf-16"]), "utf-16"),
        (json!([]), "utf-16"),
        (Value::Null, "utf-16"),
    ] {
        let mut client = Client::start();
        let answer = client.handshake(json!({ "general": { "positionEncodings": offered } }), None);
        assert_eq!(answer["capabilities"]["positionEncoding"], chosen, "{offered}");
    }
}

#[test]
fn settings_may_be_null_or_a_list_or_an_object_or_missing() {
    for options in [json!(null), json!([]), json!({}), json!({ "squire": null }), json!("nonsense"), json!(7)]
    {
        let mut client = Client::start();
        let root = tempfile::tempdir().unwrap();
        client.handshake_with(json!({
            "capabilities": {},
            "rootUri": uri(root.path()),
            "workspaceFolders": [],
            "initializationOptions": options,
        }));
        client.notify("workspace/didChangeConfiguration", json!({ "settings": options }));
        let file = uri(&root.path().join("a.js"));
        client.open(&file, "javascript", REASONLESS);
        assert_eq!(client.diagnostics(&file, Some(1)).len(), 1, "{options}");
        assert!(client.stop().success());
    }
}

#[test]
fn a_client_without_a_root_is_served() {
    let mut client = Client::start();
    client.handshake_with(
        json!({ "processId": null, "rootUri": null, "capabilities": {}, "workspaceFolders": null }),
    );
    client.open("untitled:Untitled-1", "javascript", REASONLESS);
    assert_eq!(client.diagnostics("untitled:Untitled-1", Some(1)).len(), 1);
    client.open("file:///nowhere/a.py", "python", "x = 1  # squire: allow(some-rule)\n");
    assert_eq!(client.diagnostics("file:///nowhere/a.py", Some(1)).len(), 1);
    assert!(client.stop().success());
}

#[test]
fn a_client_that_knows_nothing_special_gets_nothing_special() {
    let mut client = Client::plain();
    client.open("file:///x/a.js", "javascript", REASONLESS);
    let item = &client.diagnostics("file:///x/a.js", Some(1))[0];
    assert!(item.get("relatedInformation").is_none());
    assert!(item.get("tags").is_none());
    let params =
        json!({ "textDocument": { "uri": "file:///x/a.js" }, "position": { "line": 0, "character": 16 } });
    let hover = client.request("textDocument/hover", params);
    assert_eq!(hover["contents"]["kind"], "plaintext");
    assert!(!hover["contents"]["value"].as_str().unwrap().contains("**"));
    assert!(client.asked.is_empty(), "no progress, no registration: {:?}", client.asked);
}
