//! The server starts, survives what is sent to it, and ends as the protocol asks.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected has failed")]

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use squire_tests::lsp::{Client, Manners};

const FILE: &str = "file:///x/a.js";
const REASONLESS: &str = "let a = 1; // squire: allow(some-rule)\n";

#[test]
fn it_ends_well_after_shutdown_and_badly_without() {
    assert_eq!(Client::plain().stop().code(), Some(0));
    let mut rude = Client::plain();
    rude.notify("exit", Value::Null);
    assert_eq!(rude.wait_for_exit().code(), Some(1));
    assert_eq!(Client::plain().hang_up().code(), Some(1));
    assert_eq!(Client::start().hang_up().code(), Some(1));
    let mut early = Client::start();
    early.notify("exit", Value::Null);
    assert_eq!(early.wait_for_exit().code(), Some(1));
}

#[test]
fn after_shutdown_requests_are_refused_and_a_closed_pipe_is_a_good_end() {
    let mut client = Client::plain();
    client.request("shutdown", Value::Null);
    let params = json!({ "textDocument": { "uri": FILE }, "position": { "line": 0, "character": 0 } });
    let error = client.call("textDocument/hover", params).unwrap_err();
    assert_eq!(error["code"], -32600);
    assert_eq!(client.hang_up().code(), Some(0));
}

#[test]
fn requests_before_initialize_are_refused() {
    let mut client = Client::start();
    let error = client.call("textDocument/codeLens", json!({ "textDocument": { "uri": FILE } })).unwrap_err();
    assert_eq!(error["code"], -32002);
    client.handshake(json!({}), None);
    assert!(client.stop().success());
}

#[test]
fn ids_may_be_strings_and_come_back_as_they_were() {
    let mut client = Client::plain();
    let params = json!({ "textDocument": { "uri": FILE } });
    for id in [json!("lens-1"), json!("7"), json!(7), json!("")] {
        client.send(
            &json!({ "jsonrpc": "2.0", "id": id, "method": "textDocument/codeLens", "params": params }),
        );
        assert_eq!(client.answer_to(&id).unwrap(), Value::Null);
    }
    assert!(client.stop().success());
}

#[test]
fn broken_messages_are_answered_and_do_not_end_the_conversation() {
    let mut client = Client::plain();
    let answered = |client: &mut Client, bytes: &[u8], code: i64| {
        client.send_raw(format!("Content-Length: {}\r\n\r\n", bytes.len()).as_bytes());
        client.send_raw(bytes);
        let error = client.answer_to(&Value::Null).unwrap_err();
        assert_eq!(error["code"], code, "{:?}", String::from_utf8_lossy(bytes));
    };
    answered(&mut client, b"{", -32700);
    answered(&mut client, b"not json at all", -32700);
    answered(&mut client, b"\xff\xfe", -32700);
    answered(&mut client, b"[]", -32600);
    answered(&mut client, b"{}", -32600);
    client.send_raw(b"some output of a script that is no header\r\n\r\n");
    let error = client.call("textDocument/hover", json!({ "nonsense": true })).unwrap_err();
    assert_eq!(error["code"], -32602);
    let error = client.call("squire/unheardOf", json!({})).unwrap_err();
    assert_eq!(error["code"], -32601);
    client.notify("squire/unheardOf", json!({}));
    client.notify("$/unheardOf", json!({}));
    client.notify("textDocument/didOpen", json!({ "textDocument": "nonsense" }));
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": FILE, "version": 3 }, "contentChanges": [] }),
    );
    client.open(FILE, "javascript", REASONLESS);
    assert_eq!(client.diagnostics(FILE, Some(1)).len(), 1);
    assert!(client.stop().success());
}

#[test]
fn a_file_is_served_again_after_it_was_closed_and_opened_twice() {
    let mut client = Client::plain();
    client.open(FILE, "javascript", REASONLESS);
    assert_eq!(client.diagnostics(FILE, Some(1)).len(), 1);
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": FILE } }));
    assert!(client.diagnostics(FILE, None).is_empty(), "closing takes the findings back");
    client.open(FILE, "javascript", "let b = 2;\n");
    assert!(client.diagnostics(FILE, Some(1)).is_empty());
    client.open(FILE, "javascript", REASONLESS);
    assert_eq!(client.diagnostics(FILE, Some(1)).len(), 1);
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": "file:///never/opened.js" } }));
    assert!(client.stop().success());
}

/// Each `squire.explain` makes the server ask the client to show a document.
#[test]
fn requests_that_the_client_never_answers_hold_nothing_up() {
    let capabilities = json!({
        "window": { "showDocument": { "support": true }, "workDoneProgress": true },
        "workspace": {
            "configuration": true,
            "didChangeWatchedFiles": { "dynamicRegistration": true },
            "diagnostics": { "refreshSupport": true },
        },
    });
    let mut client = Client::start().with_manners(Manners::Ignores);
    client.handshake(capabilities, None);
    for _ in 0..8 {
        let params =
            json!({ "command": "squire.explain", "arguments": ["squire-suppression-without-reason"] });
        client.request("workspace/executeCommand", params);
        client.asked_for("window/showDocument");
    }
    let start = Instant::now();
    client.open(FILE, "javascript", REASONLESS);
    assert_eq!(client.diagnostics(FILE, Some(1)).len(), 1);
    let params = json!({ "textDocument": { "uri": FILE }, "position": { "line": 0, "character": 16 } });
    assert!(client.request("textDocument/hover", params).is_object());
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(client.stop().success());
}

#[test]
fn documents_are_shown_with_a_selection() {
    let mut client = Client::connect(json!({ "window": { "showDocument": { "support": true } } }), None);
    let params = json!({ "command": "squire.explain", "arguments": ["squire-suppression-without-reason"] });
    let answer = client.request("workspace/executeCommand", params);
    assert!(answer["markdown"].as_str().unwrap().starts_with("# squire-suppression-without-reason"));
    let shown = client.asked_for("window/showDocument");
    assert!(shown["selection"].is_object(), "JetBrains never answers without one");
    let page = squire_tests::lsp::path(shown["uri"].as_str().unwrap());
    assert_eq!(std::fs::read_to_string(page).unwrap(), answer["markdown"].as_str().unwrap());
}

#[test]
fn a_client_that_opens_no_documents_is_told_where_they_are() {
    let mut client = Client::plain();
    let params = json!({ "command": "squire.explain", "arguments": ["squire-suppression-unused"] });
    client.request("workspace/executeCommand", params);
    let message = client.notification("window/showMessage");
    assert!(message["message"].as_str().unwrap().contains("rule-squire-suppression-unused.md"), "{message}");
}

#[test]
fn commands_with_wrong_arguments_say_what_is_wrong() {
    let mut client = Client::plain();
    for (command, arguments, says) in [
        ("squire.explain", json!([]), "which rule"),
        ("squire.explain", json!(["no-such-rule"]), "no rule `no-such-rule`"),
        ("squire.lesson.open", json!(["no-such-lesson"]), "no lesson `no-such-lesson`"),
        ("squire.lesson.check", json!([]), "which exercise"),
        ("squire.lesson.check", json!(["file:///x/a.js"]), "no exercise"),
        ("squire.lesson.hint", json!([{ "uri": "file:///x/a.js" }]), "no exercise"),
        ("squire.fix", json!([{ "uri": FILE, "fingerprint": "x" }]), "not open"),
        ("squire.unheardOf", json!([]), "unknown command"),
        ("squire.explain", json!([7]), "which rule"),
    ] {
        let params = json!({ "command": command, "arguments": arguments });
        let error = client.call("workspace/executeCommand", params).unwrap_err();
        assert!(error["message"].as_str().unwrap().contains(says), "{command} {arguments}: {error}");
    }
}
