//! From a finding to its repair, in the editor.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected has failed")]

use serde_json::{Value, json};
use squire_tests::lsp::{Client, lsp_range, uri};

const FILE: &str = "file:///x/app.js";

const VULNERABLE: &str = r#"const express = require('express');
const mysql = require('mysql');
const app = express();
const db = mysql.createConnection({});
app.get('/patients', (req, res) => {
  const email = req.query.email;
  const query = "SELECT * FROM patients WHERE email = '" + email + "'";
  db.query(query);
});
"#;

/// What Neovim and Visual Studio Code can do, more or less.
fn able() -> Value {
    json!({
        "textDocument": {
            "publishDiagnostics": { "relatedInformation": true, "tagSupport": { "valueSet": [1, 2] } },
            "hover": { "contentFormat": ["markdown", "plaintext"] },
            "codeAction": {
                "codeActionLiteralSupport": { "codeActionKind": { "valueSet": ["quickfix", "source"] } },
                "resolveSupport": { "properties": ["edit", "command"] },
            },
        },
        "workspace": { "applyEdit": true, "workspaceEdit": { "documentChanges": true } },
        "window": { "showDocument": { "support": true } },
    })
}

fn actions(client: &mut Client, range: &Value, only: &Value) -> Vec<Value> {
    let mut context = json!({ "diagnostics": [] });
    if !only.is_null() {
        context["only"] = only.clone();
    }
    let params = json!({ "textDocument": { "uri": FILE }, "range": range, "context": context });
    match client.request("textDocument/codeAction", params) {
        Value::Array(actions) => actions,
        other => panic!("no list of actions: {other}"),
    }
}

fn titled<'a>(actions: &'a [Value], start: &str) -> &'a Value {
    let found = actions.iter().find(|action| action["title"].as_str().unwrap().starts_with(start));
    found.unwrap_or_else(|| panic!("no {start:?} in {actions:?}"))
}

/// The text after the edits of a code action, for ASCII texts.
fn applied(text: &str, edit: &Value) -> String {
    let offset = |position: &Value| {
        let line = position["line"].as_u64().unwrap() as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        start + position["character"].as_u64().unwrap() as usize
    };
    let edits = edit["documentChanges"][0]["edits"].as_array().or_else(|| edit["changes"][FILE].as_array());
    let mut edits: Vec<(usize, usize, &str)> = edits
        .unwrap_or_else(|| panic!("no edits in {edit}"))
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            (offset(&range["start"]), offset(&range["end"]), edit["newText"].as_str().unwrap())
        })
        .collect();
    edits.sort_unstable();
    let mut text = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, new);
    }
    text
}

#[test]
fn a_flow_is_shown_repaired_and_gone() {
    let mut client = Client::connect(able(), None);
    client.open(FILE, "javascript", VULNERABLE);
    let found = client.diagnostics(FILE, Some(1));
    assert_eq!(found.len(), 1, "{found:?}");
    let finding = &found[0];
    assert_eq!(finding["code"], "javascript-sql-string-building");
    assert_eq!((&finding["severity"], &finding["source"]), (&json!(1), &json!("squire")));
    assert_eq!(finding["range"]["start"], json!({ "line": 7, "character": 2 }));
    assert_eq!(finding["data"]["lesson"], "sql-injection");
    let trace = finding["relatedInformation"].as_array().unwrap();
    let lines: Vec<&Value> = trace.iter().map(|step| &step["location"]["range"]["start"]["line"]).collect();
    assert_eq!(lines, [5, 5, 6, 7], "{trace:?}");
    let page = squire_tests::lsp::path(finding["codeDescription"]["href"].as_str().unwrap());
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("SQL injection"), "the link leads to the lesson: {page}");

    let all = actions(&mut client, &finding["range"], &Value::Null);
    let preferred: Vec<&Value> = all.iter().filter(|action| action["isPreferred"] == true).collect();
    assert_eq!(preferred.len(), 1);
    assert_eq!(preferred[0]["kind"], "quickfix");
    assert_eq!(
        preferred[0]["edit"]["documentChanges"][0]["textDocument"],
        json!({ "uri": FILE, "version": 1 })
    );
    let repaired = applied(VULNERABLE, &preferred[0]["edit"]);
    assert!(repaired.contains(r#"const query = "SELECT * FROM patients WHERE email = ?";"#), "{repaired}");
    assert!(repaired.contains("db.query(query, [email]);"), "{repaired}");
    client.replace(FILE, 2, &repaired);
    assert_eq!(client.diagnostics(FILE, Some(2)), Vec::<Value>::new());
}

#[test]
fn a_finding_comes_with_everything_that_can_be_done_about_it() {
    let mut client = Client::connect(able(), None);
    client.open(FILE, "javascript", VULNERABLE);
    let range = client.diagnostics(FILE, Some(1))[0]["range"].take();
    let all = actions(&mut client, &range, &Value::Null);
    let learn = titled(&all, "Learn: SQL injection (8 min, hands-on)");
    assert_eq!(learn["command"]["command"], "squire.lesson.open");
    assert_eq!(learn["command"]["arguments"], json!(["sql-injection", "javascript"]));
    let explain = titled(&all, "Explain");
    assert_eq!(explain["command"]["arguments"], json!(["javascript-sql-string-building"]));
    for action in &all {
        let done = action["edit"].is_object() || action["command"].is_object() || action["data"].is_object();
        assert!(done, "nothing would happen: {action}");
        assert!(action["kind"] == "quickfix" || action["kind"] == "source.fixAll.squire");
    }
    assert!(all.len() <= 20, "JetBrains shows no more");

    assert!(actions(&mut client, &lsp_range([0, 0, 0, 0]), &Value::Null).is_empty(), "not on other lines");
    let only = actions(&mut client, &range, &json!(["refactor"]));
    assert!(only.is_empty(), "not what was not asked for: {only:?}");
}

#[test]
fn accepting_takes_a_reason() {
    for (title, line) in [
        ("Allow javascript-sql-string-building on this line", 7),
        ("Allow javascript-sql-string-building in this file", 0),
    ] {
        let mut client = Client::connect(able(), None);
        client.open(FILE, "javascript", VULNERABLE);
        let range = client.diagnostics(FILE, Some(1))[0]["range"].take();
        let all = actions(&mut client, &range, &Value::Null);
        let text = applied(VULNERABLE, &titled(&all, title)["edit"]);
        let comment = text.lines().nth(line).unwrap();
        assert!(comment.contains("squire: allow(javascript-sql-string-building) reason=\"\""), "{comment}");
        client.replace(FILE, 2, &text);
        let codes: Vec<Value> =
            client.diagnostics(FILE, Some(2)).into_iter().map(|mut item| item["code"].take()).collect();
        assert!(codes.contains(&json!("squire-suppression-without-reason")), "{codes:?}");
        assert!(codes.contains(&json!("javascript-sql-string-building")), "{codes:?}");
        client.replace(FILE, 3, &text.replace("reason=\"\"", "reason=\"the table is public\""));
        assert_eq!(client.diagnostics(FILE, Some(3)), Vec::<Value>::new());
    }
}

#[test]
fn fixing_all_repairs_every_finding_that_is_safe_to_repair() {
    let twice = VULNERABLE.to_owned()
        + "app.get('/doctors', (req, res) => {\n  const name = req.query.name;\n  const query = \"SELECT * FROM doctors WHERE name = '\" + name + \"'\";\n  db.query(query);\n});\n";
    for resolves in [true, false] {
        let mut capabilities = able();
        if !resolves {
            capabilities["textDocument"]["codeAction"]["resolveSupport"] = Value::Null;
        }
        let mut client = Client::connect(capabilities, None);
        client.open(FILE, "javascript", &twice);
        assert_eq!(client.diagnostics(FILE, Some(1)).len(), 2);
        let whole = lsp_range([0, 0, 99, 0]);
        let all = actions(&mut client, &whole, &json!(["source.fixAll"]));
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(all[0]["edit"].is_object(), !resolves);
        let action =
            if resolves { client.request("codeAction/resolve", all[0].clone()) } else { all[0].clone() };
        let repaired = applied(&twice, &action["edit"]);
        assert_eq!(repaired.matches(" = ?\"").count(), 2, "{repaired}");
        client.replace(FILE, 2, &repaired);
        assert_eq!(client.diagnostics(FILE, Some(2)), Vec::<Value>::new());
    }
}

#[test]
fn a_client_from_before_code_actions_gets_commands_that_do_the_same() {
    let mut client = Client::connect(json!({ "workspace": { "applyEdit": true } }), None);
    client.open(FILE, "javascript", VULNERABLE);
    let range = client.diagnostics(FILE, Some(1))[0]["range"].take();
    let all = actions(&mut client, &range, &Value::Null);
    assert!(all.iter().all(|command| command["command"].is_string()), "{all:?}");
    let fix = titled(&all, "Pass");
    let params = json!({ "command": fix["command"], "arguments": fix["arguments"] });
    client.request("workspace/executeCommand", params);
    let edit = client.asked_for("workspace/applyEdit");
    assert!(applied(VULNERABLE, &edit["edit"]).contains("db.query(query, [email]);"));
}

#[test]
fn hovering_tells_what_why_and_where_from() {
    let mut client = Client::connect(able(), None);
    client.open(FILE, "javascript", VULNERABLE);
    client.diagnostics(FILE, Some(1));
    let hover = |client: &mut Client, line: u32| {
        let position = json!({ "line": line, "character": 5 });
        client.request("textDocument/hover", json!({ "textDocument": { "uri": FILE }, "position": position }))
    };
    let answer = hover(&mut client, 7);
    assert_eq!(answer["contents"]["kind"], "markdown");
    let text = answer["contents"]["value"].as_str().unwrap();
    for part in [
        "javascript-sql-string-building",
        "CWE-89",
        "1. line 6: `req.query.email`",
        "[Learn: SQL injection (8 min, hands-on)](file://",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    assert_eq!(hover(&mut client, 0), Value::Null);
}

#[test]
fn findings_follow_the_typing_around_them() {
    let mut client = Client::connect(able(), None);
    client.open(FILE, "javascript", VULNERABLE);
    client.diagnostics(FILE, Some(1));
    client.change(FILE, 2, [0, 0, 0, 0], "// 医\n");
    assert_eq!(client.diagnostics(FILE, Some(2))[0]["range"]["start"]["line"], 8);
    // The value becomes a constant, and then remote again.
    client.change(FILE, 3, [6, 16, 6, 31], "'a@b'");
    assert_eq!(client.diagnostics(FILE, Some(3)), Vec::<Value>::new());
    client.change(FILE, 4, [6, 16, 6, 21], "req.query.email");
    assert_eq!(client.diagnostics(FILE, Some(4)).len(), 1);
}

/// A route needs a login only where the project has logins; that may be said in another file.
#[test]
fn what_one_file_says_changes_what_is_found_in_another() {
    let root = tempfile::tempdir().unwrap();
    let route = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.route(\"/recordings/<id>/delete\", methods=[\"POST\"])\ndef delete_recording(id):\n    return perform_delete(id)\n";
    let login = "from flask_login import LoginManager, login_required\n\nmanager = LoginManager()\n\n\n@login_required\ndef whoami():\n    return \"me\"\n";
    let (routes, users) = (uri(&root.path().join("routes.py")), uri(&root.path().join("users.py")));
    let mut client = Client::connect(able(), Some(root.path()));
    client.open(&routes, "python", route);
    assert_eq!(client.diagnostics(&routes, Some(1)), Vec::<Value>::new());
    client.open(&users, "python", login);
    let found = client.diagnostics(&routes, Some(1));
    assert_eq!(found[0]["code"], "python-missing-authorization", "{found:?}");
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": users } }));
    assert_eq!(
        client.diagnostics(&routes, Some(1)),
        Vec::<Value>::new(),
        "the other file is not on the disk"
    );
}

#[test]
fn a_flow_through_files_is_found_where_it_ends_while_its_start_is_typed() {
    let root = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = root.path().join(name);
        std::fs::write(&path, text).unwrap();
        uri(&path)
    };
    std::fs::create_dir(root.path().join(".git")).unwrap();
    let store = "import sqlite3\n\n# 患者\ndef find(name):\n    conn = sqlite3.connect('x')\n    \
        return conn.execute('SELECT * FROM t WHERE a = ' + name)\n";
    let views = "from flask import Flask, request\nfrom store import find\napp = Flask(__name__)\n\n\
        @app.route('/a')\ndef a():\n    return str(find('b'))\n";
    let store_uri = write("store.py", store);
    let views_uri = write("views.py", views);
    let mut client = Client::connect(able(), Some(root.path()));
    client.open(&store_uri, "python", store);
    client.open(&views_uri, "python", views);
    assert_eq!(client.diagnostics(&views_uri, Some(1)).len(), 0);
    client.change(&views_uri, 2, [6, 20, 6, 23], "request.args['b']");
    let what = "the finding in the other file";
    let found = client.wait_for(what, |json| {
        json["params"]["uri"] == store_uri
            && json["params"]["diagnostics"].as_array().is_some_and(|all| all.len() == 1)
    });
    let finding = &found.json["params"]["diagnostics"][0];
    assert_eq!(finding["code"], "python-sql-string-building");
    assert_eq!(finding["range"]["start"], json!({ "line": 5, "character": 11 }));
    let start = &finding["relatedInformation"][0]["location"];
    assert_eq!(start["uri"], views_uri, "{finding}");
    assert_eq!(start["range"]["start"], json!({ "line": 6, "character": 20 }), "{finding}");
    client.change(&views_uri, 3, [6, 20, 6, 37], "'b'");
    client.wait_for("its end", |json| {
        json["params"]["uri"] == store_uri
            && json["params"]["diagnostics"].as_array().is_some_and(Vec::is_empty)
    });
}
