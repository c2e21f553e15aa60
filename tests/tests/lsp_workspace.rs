//! Configuration, watched files, several roots, and the scan of everything.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected has failed")]

use std::path::Path;

use serde_json::{Value, json};
use squire_tests::lsp::{Client, Manners, uri};

const REASONLESS: &str = "let a = 1; // squire: allow(some-rule)\n";
const OFF: &str = "[rules]\ndisable = [\"squire-suppression-unused\"]\n";

fn write(root: &Path, name: &str, text: &str) -> String {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    uri(&path)
}

/// Waits until the file has been published with this many diagnostics.
fn published(client: &mut Client, uri: &str, count: usize) -> Value {
    let what = format!("{count} diagnostics of {uri}");
    let wanted = |json: &Value| {
        json["params"]["uri"] == uri && json["params"]["diagnostics"].as_array().map(Vec::len) == Some(count)
    };
    client.wait_for(&what, wanted).json["params"]["diagnostics"].take()
}

#[test]
fn a_configuration_that_appears_counts_without_any_watcher() {
    let root = tempfile::tempdir().unwrap();
    let file = write(root.path(), "a.js", REASONLESS);
    let mut client = Client::connect(json!({}), Some(root.path()));
    client.open(&file, "javascript", REASONLESS);
    published(&mut client, &file, 1);
    write(root.path(), "squire.toml", OFF);
    published(&mut client, &file, 0);
    std::fs::remove_file(root.path().join("squire.toml")).unwrap();
    published(&mut client, &file, 1);
}

#[test]
fn a_broken_configuration_is_reported_where_it_is_broken() {
    let root = tempfile::tempdir().unwrap();
    let file = write(root.path(), "a.js", REASONLESS);
    let toml = write(root.path(), "squire.toml", "exclude = []\nbuiltin = tru\n");
    let mut client = Client::connect(json!({}), Some(root.path()));
    let problem = published(&mut client, &toml, 1);
    assert_eq!(problem[0]["range"]["start"]["line"], 1, "{problem}");
    client.open(&file, "javascript", REASONLESS);
    published(&mut client, &file, 1);

    // In the editor, the text on the screen counts.
    client.open(&toml, "toml", "exclude = 7\n");
    let problem = published(&mut client, &toml, 1);
    assert_eq!(problem[0]["range"]["start"]["line"], 0, "{problem}");
    client.replace(&toml, 2, "exclude = []\n");
    published(&mut client, &toml, 0);
}

#[test]
fn settings_of_the_editor_count_and_change() {
    let root = tempfile::tempdir().unwrap();
    let file = write(root.path(), "a.js", REASONLESS);
    let mut client = Client::connect(json!({}), Some(root.path()));
    client.open(&file, "javascript", REASONLESS);
    published(&mut client, &file, 1);
    let off = json!({ "rules": { "disable": ["squire-suppression-unused"] } });
    client.notify("workspace/didChangeConfiguration", json!({ "settings": { "squire": off } }));
    published(&mut client, &file, 0);
    client.notify("workspace/didChangeConfiguration", json!({ "settings": {} }));
    published(&mut client, &file, 1);
}

#[test]
fn a_client_that_wants_to_be_asked_for_settings_is_asked() {
    let root = tempfile::tempdir().unwrap();
    let file = write(root.path(), "a.js", REASONLESS);
    let mut client = Client::start();
    client.settings = json!({ "rules": { "disable": ["squire-suppression-unused"] } });
    client.handshake(json!({ "workspace": { "configuration": true } }), Some(root.path()));
    client.open(&file, "javascript", REASONLESS);
    published(&mut client, &file, 0);
}

#[test]
fn every_root_has_its_own_configuration() {
    let (strict, lax) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(lax.path(), "squire.toml", OFF);
    let mut client = Client::start();
    let folders =
        json!([{ "uri": uri(strict.path()), "name": "a" }, { "uri": uri(lax.path()), "name": "b" }]);
    client.handshake_with(json!({ "capabilities": {}, "rootUri": null, "workspaceFolders": folders }));
    let a = uri(&strict.path().join("a.js"));
    let b = uri(&lax.path().join("b.js"));
    client.open(&a, "javascript", REASONLESS);
    client.open(&b, "javascript", REASONLESS);
    published(&mut client, &a, 1);
    published(&mut client, &b, 0);
    let removed = json!([{ "uri": uri(lax.path()), "name": "b" }]);
    client.notify(
        "workspace/didChangeWorkspaceFolders",
        json!({ "event": { "added": [], "removed": removed } }),
    );
    published(&mut client, &b, 1);
}

#[test]
fn the_scan_finds_what_is_not_open_and_shows_how_far_it_is() {
    let root = tempfile::tempdir().unwrap();
    let mut bad = Vec::new();
    for index in 0..20 {
        let text = if index % 4 == 0 { REASONLESS } else { "let a = 1;\n" };
        let uri = write(root.path(), &format!("src/f{index}.js"), text);
        if index % 4 == 0 {
            bad.push(uri);
        }
    }
    let mut client = Client::connect(json!({ "window": { "workDoneProgress": true } }), Some(root.path()));
    let answer = client.request("workspace/executeCommand", json!({ "command": "squire.scanWorkspace" }));
    assert_eq!(
        (&answer["findings"], &answer["files"], &answer["complete"]),
        (&json!(5), &json!(20), &json!(true))
    );
    for uri in &bad {
        published(&mut client, uri, 1);
    }
    let said = client.notification("window/showMessage");
    assert_eq!(said["message"], "Squire: 5 findings in 5 of 20 files");
    let is = |kind: &'static str| {
        move |json: &Value| {
            let token = json["params"]["token"].as_str().unwrap_or_default();
            token.starts_with("squire-scan") && json["params"]["value"]["kind"] == kind
        }
    };
    client.wait_for("the beginning", is("begin"));
    client.wait_for("the end", is("end"));

    // A file that is mended on disk is mended on the screen.
    let mended = squire_tests::lsp::path(&bad[0]);
    std::fs::write(mended, "let a = 1;\n").unwrap();
    let change = json!({ "changes": [{ "uri": bad[0], "type": 2 }] });
    client.notify("workspace/didChangeWatchedFiles", change);
    published(&mut client, &bad[0], 0);
}

#[test]
fn a_scan_can_be_stopped() {
    let root = tempfile::tempdir().unwrap();
    let text = "function f(a) {\n  return g(a, \"b\") + 1;\n}\n".repeat(2000);
    for index in 0..200 {
        write(root.path(), &format!("f{index}.js"), &text);
    }
    let mut client = Client::connect(json!({}), Some(root.path()));
    let params = json!({ "command": "squire.scanWorkspace", "workDoneToken": "mine" });
    let id = client.ask("workspace/executeCommand", params);
    client.wait_for("the beginning", |json| {
        json["params"]["token"] == "mine" && json["params"]["value"]["kind"] == "begin"
    });
    client.notify("window/workDoneProgress/cancel", json!({ "token": "mine" }));
    let answer = client.answer_to(&id).unwrap();
    assert_eq!(answer["complete"], false);
    client.wait_for("the end", |json| json["params"]["value"]["kind"] == "end");
}

#[test]
fn progress_is_not_shown_to_a_client_that_does_not_agree() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "a.js", REASONLESS);
    let mut client = Client::start().with_manners(Manners::Ignores);
    client.handshake(json!({ "window": { "workDoneProgress": true } }), Some(root.path()));
    client.asked_for("window/workDoneProgress/create");
    let answer = client.request("workspace/executeCommand", json!({ "command": "squire.scanWorkspace" }));
    assert_eq!(answer["complete"], true);
    assert!(!client.has(|json| json["method"] == "$/progress"));
}

#[test]
fn restarting_analyses_everything_again() {
    let mut client = Client::plain();
    client.open("file:///x/a.js", "javascript", REASONLESS);
    client.diagnostics("file:///x/a.js", Some(1));
    client.request("workspace/executeCommand", json!({ "command": "squire.restart" }));
    assert_eq!(client.diagnostics("file:///x/a.js", Some(1)).len(), 1);
}
