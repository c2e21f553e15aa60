//! What the product promises, behaviour by behaviour: the command line and the editor find the weakness on the
//! same line, offer the same repair, and are silent about the repaired file.

use serde_json::{Value, json};
use squire_tests::cli::{Project, lines};
use squire_tests::lsp::{Client, uri};

struct Case {
    file: &'static str,
    language: &'static str,
    rule: &'static str,
    /// 1-based.
    line: usize,
    before: &'static str,
    after: &'static str,
}

#[track_caller]
fn check(case: &Case) {
    let name = case.file.rsplit('/').next().unwrap_or(case.file);
    let project = Project::new(&[(name, case.before)]);
    let found = format!("{} {name}:{}", case.rule, case.line);
    assert_eq!(lines(&project.scan(&["--no-config", "."])), [found], "what is found");
    in_the_editor(case, &project, name);
    let fixed = project.run(&["fix", "--unsafe", name]);
    assert_eq!(fixed.status, 0, "{fixed:?}");
    assert_eq!(project.read(name), case.after, "the repaired text");
    assert_eq!(lines(&project.scan(&["--no-config", "."])), [""; 0], "the repaired file");
}

fn in_the_editor(case: &Case, project: &Project, name: &str) {
    let mut client = Client::connect(capabilities(), Some(project.path()));
    let file = uri(&project.path().join(name));
    client.open(&file, case.language, case.before);
    let diagnostics = client.diagnostics(&file, Some(1));
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
    assert_eq!(diagnostics[0]["code"], case.rule);
    assert_eq!(diagnostics[0]["range"]["start"]["line"], case.line - 1);
    let context = json!({ "diagnostics": diagnostics, "only": ["quickfix"] });
    let params =
        json!({ "textDocument": { "uri": file }, "range": diagnostics[0]["range"], "context": context });
    let actions = client.request("textDocument/codeAction", params);
    let preferred = actions.as_array().into_iter().flatten().find(|action| !action["edit"].is_null());
    let mut action = preferred.cloned().unwrap_or_else(|| panic!("no fix in {actions}"));
    if action["edit"].is_null() {
        action = client.request("codeAction/resolve", action);
    }
    let fixed = applied(case.before, &action["edit"], &file);
    assert_eq!(fixed, case.after, "the fix in the editor");
    client.replace(&file, 2, &fixed);
    assert_eq!(client.diagnostics(&file, Some(2)), Vec::<Value>::new(), "the repaired text");
    assert!(client.stop().success());
}

fn capabilities() -> Value {
    json!({
        "textDocument": {
            "publishDiagnostics": { "relatedInformation": true },
            "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": ["quickfix"] } } },
        },
        "workspace": { "applyEdit": true, "workspaceEdit": { "documentChanges": true } },
    })
}

/// The text after a workspace edit, for ASCII texts.
fn applied(text: &str, edit: &Value, file: &str) -> String {
    let offset = |position: &Value| {
        let line = position["line"].as_u64().expect("a line") as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        start + position["character"].as_u64().expect("a column") as usize
    };
    let edits = edit["documentChanges"][0]["edits"].as_array().or_else(|| edit["changes"][file].as_array());
    let mut edits: Vec<(usize, usize, &str)> = edits
        .expect("edits")
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            (offset(&range["start"]), offset(&range["end"]), edit["newText"].as_str().expect("text"))
        })
        .collect();
    edits.sort_unstable();
    let mut out = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        out.replace_range(start..end, new);
    }
    out
}

/// A file of which nothing is said, whatever it is beside.
#[track_caller]
fn silent(name: &str, text: &str) {
    let project = Project::new(&[(name, text)]);
    assert_eq!(lines(&project.scan(&["--no-config", "."])), [""; 0], "{text}");
}

#[test]
fn sql_over_two_lines() {
    check(&Case {
        file: "sql.js",
        language: "javascript",
        rule: "javascript-sql-string-building",
        line: 6,
        before: r#"const mysql = require("mysql");
const db = mysql.createConnection({});
module.exports = (req, res) => {
  const email = req.query.email;
  const query = "SELECT * FROM patients WHERE email = '" + email + "'";
  db.query(query);
};
"#,
        after: r#"const mysql = require("mysql");
const db = mysql.createConnection({});
module.exports = (req, res) => {
  const email = req.query.email;
  const query = "SELECT * FROM patients WHERE email = ?";
  db.query(query, [email]);
};
"#,
    });
}

#[test]
fn sql_for_postgres() {
    check(&Case {
        file: "sql_pg.js",
        language: "javascript",
        rule: "javascript-sql-string-building",
        line: 6,
        before: r#"const { Pool } = require("pg");
const db = new Pool();
module.exports = (req, res) => {
  const email = req.query.email;
  const query = "SELECT * FROM patients WHERE email = '" + email + "'";
  db.query(query);
};
"#,
        after: r#"const { Pool } = require("pg");
const db = new Pool();
module.exports = (req, res) => {
  const email = req.query.email;
  const query = "SELECT * FROM patients WHERE email = $1";
  db.query(query, [email]);
};
"#,
    });
}

#[test]
fn ejs_output() {
    check(&Case {
        file: "page.ejs",
        language: "ejs",
        rule: "ejs-unescaped-output",
        line: 1,
        before: r#"<h1>Hello <%- user.name %></h1>
"#,
        after: r#"<h1>Hello <%= user.name %></h1>
"#,
    });
}

#[test]
fn handlebars_output() {
    check(&Case {
        file: "page.hbs",
        language: "handlebars",
        rule: "handlebars-unescaped-output",
        line: 1,
        before: r#"<h1>Hello {{{user.name}}}</h1>
"#,
        after: r#"<h1>Hello {{user.name}}</h1>
"#,
    });
}

#[test]
fn jinja_safe() {
    check(&Case {
        file: "page.jinja",
        language: "jinja",
        rule: "jinja-unescaped-output",
        line: 1,
        before: r#"<h1>Hello {{ user.name|safe }}</h1>
"#,
        after: r#"<h1>Hello {{ user.name }}</h1>
"#,
    });
}

#[test]
fn jinja_without_autoescape() {
    check(&Case {
        file: "auto.jinja",
        language: "jinja",
        rule: "jinja-unescaped-output",
        line: 2,
        before: r#"{% autoescape false %}
<h1>Hello {{ user.name }}</h1>
{% endautoescape %}
"#,
        after: r#"{% autoescape true %}
<h1>Hello {{ user.name }}</h1>
{% endautoescape %}
"#,
    });
}

#[test]
fn vue_v_html() {
    check(&Case {
        file: "Page.vue",
        language: "vue",
        rule: "vue-unescaped-output",
        line: 2,
        before: r#"<template>
  <p v-html="user.name"></p>
</template>
"#,
        after: r#"<template>
  <p v-text="user.name"></p>
</template>
"#,
    });
}

#[test]
fn react_html() {
    check(&Case {
        file: "bio.jsx",
        language: "javascriptreact",
        rule: "javascript-react-unescaped-html",
        line: 2,
        before: r#"export function Bio({ bio }) {
  return <div dangerouslySetInnerHTML={{ __html: bio }} />;
}
"#,
        after: r#"export function Bio({ bio }) {
  return <div>{bio}</div>;
}
"#,
    });
}

#[test]
fn inner_html() {
    check(&Case {
        file: "dom.js",
        language: "javascript",
        rule: "javascript-dom-html-assignment",
        line: 2,
        before: r#"const name = new URLSearchParams(location.search).get("name");
document.getElementById("hello").innerHTML = name;
"#,
        after: r#"const name = new URLSearchParams(location.search).get("name");
document.getElementById("hello").textContent = name;
"#,
    });
}

#[test]
fn express_send() {
    check(&Case {
        file: "send.js",
        language: "javascript",
        rule: "javascript-html-string-building",
        line: 4,
        before: r#"const express = require("express");
const app = express();
app.get("/", (req, res) => {
  res.send("<h1>Hello " + req.query.name + "</h1>");
});
"#,
        after: r#"const express = require("express");
const escapeHtml = require("escape-html");
const app = express();
app.get("/", (req, res) => {
  res.send("<h1>Hello " + escapeHtml(req.query.name) + "</h1>");
});
"#,
    });
}

#[test]
fn flask_string() {
    check(&Case {
        file: "hello.py",
        language: "python",
        rule: "python-html-string-building",
        line: 8,
        before: r#"from flask import Flask, request

app = Flask(__name__)


@app.route("/")
def hello():
    return "<h1>Hello " + request.args["name"] + "</h1>"
"#,
        after: r#"from flask import Flask, request
from markupsafe import escape

app = Flask(__name__)


@app.route("/")
def hello():
    return "<h1>Hello " + str(escape(request.args["name"])) + "</h1>"
"#,
    });
}

#[test]
fn flask_route_with_a_login_library() {
    check(&Case {
        file: "a/app.py",
        language: "python",
        rule: "python-missing-authorization",
        line: 7,
        before: r#"from flask import Flask
from flask_login import login_required

app = Flask(__name__)


@app.route("/recordings/<id>/delete", methods=["POST"])
def delete_recording(id):
    return perform_delete(id)
"#,
        after: r#"from flask import Flask
from flask_login import login_required

app = Flask(__name__)


@app.route("/recordings/<id>/delete", methods=["POST"])
@login_required
def delete_recording(id):
    return perform_delete(id)
"#,
    });
}

#[test]
fn flask_route_beside_a_role_check() {
    check(&Case {
        file: "b/app.py",
        language: "python",
        rule: "python-missing-authorization",
        line: 14,
        before: r#"from flask import Flask, abort
from flask_login import current_user

app = Flask(__name__)


@app.route("/patients/<id>/delete", methods=["POST"])
def delete_patient(id):
    if not current_user.has_role("admin"):
        abort(403)
    return perform_delete(id)


@app.route("/recordings/<id>/delete", methods=["POST"])
def delete_recording(id):
    return perform_delete(id)
"#,
        after: r#"from flask import Flask, abort
from flask_login import current_user

app = Flask(__name__)


@app.route("/patients/<id>/delete", methods=["POST"])
def delete_patient(id):
    if not current_user.has_role("admin"):
        abort(403)
    return perform_delete(id)


@app.route("/recordings/<id>/delete", methods=["POST"])
def delete_recording(id):
    if not current_user.has_role("admin"):
        abort(403)
    return perform_delete(id)
"#,
    });
}

#[test]
fn express_route_beside_a_middleware() {
    check(&Case {
        file: "c/app.js",
        language: "javascript",
        rule: "javascript-missing-authorization",
        line: 5,
        before: r#"const express = require("express");
const { requireAuth } = require("./auth");
const app = express();
app.get("/patients/:id", requireAuth, (req, res) => res.json(load(req.params.id)));
app.post("/patients/:id/delete", (req, res) => {
  remove(req.params.id);
  res.sendStatus(204);
});
"#,
        after: r#"const express = require("express");
const { requireAuth } = require("./auth");
const app = express();
app.get("/patients/:id", requireAuth, (req, res) => res.json(load(req.params.id)));
app.post("/patients/:id/delete", requireAuth, (req, res) => {
  remove(req.params.id);
  res.sendStatus(204);
});
"#,
    });
}

#[test]
fn django_view_beside_a_decorator() {
    check(&Case {
        file: "d/views.py",
        language: "python",
        rule: "python-missing-authorization",
        line: 12,
        before: r#"from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render

from .models import Recording


@login_required
def recordings(request):
    return render(request, "recordings.html", {"all": Recording.objects.all()})


def delete_recording(request, id):
    Recording.objects.get(pk=id).delete()
    return redirect("recordings")
"#,
        after: r#"from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render

from .models import Recording


@login_required
def recordings(request):
    return render(request, "recordings.html", {"all": Recording.objects.all()})


@login_required
def delete_recording(request, id):
    Recording.objects.get(pk=id).delete()
    return redirect("recordings")
"#,
    });
}

#[test]
fn a_password_in_javascript() {
    check(&Case {
        file: "secret.js",
        language: "javascript",
        rule: "javascript-hardcoded-credential",
        line: 2,
        before: r#"const mysql = require("mysql2");
const db = mysql.createConnection({ host: "localhost", user: "clinic", password: "s3cr3t-Clinic-2024" });
"#,
        after: r#"const mysql = require("mysql2");
const db = mysql.createConnection({ host: "localhost", user: "clinic", password: process.env.DB_PASSWORD });
"#,
    });
}

#[test]
fn a_key_in_python() {
    check(&Case {
        file: "secret.py",
        language: "python",
        rule: "python-hardcoded-credential",
        line: 1,
        before: r#"API_KEY = "Kx7vQ2mrT9-wZ41"
"#,
        after: r#"import os
API_KEY = os.environ["API_KEY"]
"#,
    });
}

#[test]
fn exec_in_javascript() {
    check(&Case {
        file: "cmd.js",
        language: "javascript",
        rule: "javascript-command-string-building",
        line: 4,
        before: r#"const { exec } = require("child_process");
module.exports = (req, res) => {
  const host = req.query.host;
  exec("ping " + host);
};
"#,
        after: r#"const { execFile } = require("child_process");
module.exports = (req, res) => {
  const host = req.query.host;
  execFile("ping", [host]);
};
"#,
    });
}

#[test]
fn a_shell_in_python() {
    check(&Case {
        file: "cmd.py",
        language: "python",
        rule: "python-command-string-building",
        line: 8,
        before: r#"import subprocess

from flask import request


def ping():
    host = request.args["host"]
    subprocess.run("ping " + host, shell=True)
"#,
        after: r#"import subprocess

from flask import request


def ping():
    host = request.args["host"]
    subprocess.run(["ping", host])
"#,
    });
}

#[test]
fn constants_are_silent() {
    silent(
        "a.js",
        r#"const mysql = require("mysql");
const db = mysql.createConnection({});
module.exports = (req, res) => {
  const email = "nobody@example.org";
  const query = "SELECT * FROM patients WHERE email = '" + email + "'";
  db.query(query);
};
"#,
    );
}

#[test]
fn escaped_output_is_silent() {
    silent("a.ejs", "<h1>Hello <%= user.name %></h1>\n");
    silent("a.hbs", "<h1>Hello {{user.name}}</h1>\n");
    silent("a.jinja", "<h1>Hello {{ user.name }}</h1>\n");
    silent("a.vue", "<template>\n  <p>{{ user.name }}</p>\n</template>\n");
    silent("a.jsx", "export const Bio = ({ bio }) => <div>{bio}</div>;\n");
}

#[test]
fn a_project_without_any_login_has_nothing_to_forget() {
    silent(
        "app.py",
        "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.route(\"/recordings/<id>/delete\", methods=[\"POST\"])\n\
         def delete_recording(id):\n    return perform_delete(id)\n",
    );
}

#[test]
fn a_login_elsewhere_in_the_workspace_counts() {
    let project = Project::new(&[
        ("auth.py", "from flask_login import LoginManager\n\nmanager = LoginManager()\n"),
        (
            "app.py",
            "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.route(\"/recordings/<id>/delete\", methods=[\"POST\"])\n\
             def delete_recording(id):\n    return perform_delete(id)\n",
        ),
    ]);
    assert_eq!(lines(&project.scan(&["--no-config", "."])), ["python-missing-authorization app.py:6"]);
}

#[test]
fn placeholders_examples_and_fixtures_are_silent() {
    silent("a.js", "const password = \"changeme\";\nconst apiKey = \"<your key>\";\n");
    silent("tests/a.js", "const password = \"s3cr3t-Clinic-2024\";\n");
    silent("examples/a.py", "API_KEY = \"Kx7vQ2mrT9-wZ41\"\n");
}
