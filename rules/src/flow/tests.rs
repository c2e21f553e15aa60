//! Flows of small programs through the models that ship.

use std::path::Path;
use std::sync::LazyLock;

use super::{FlowRule, Globals, Models, analyze_unit, gather_globals};
use crate::analyze::{FileView, Names, Unit};
use crate::language::Language;
use crate::rule::RuleFile;
use crate::source::{ParseBudget, Source};

static MODELS: LazyLock<Models> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let mut files = Vec::new();
    for folder in std::fs::read_dir(root).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            files.push(RuleFile { text: std::fs::read_to_string(&path).unwrap(), path });
        }
    }
    let mut errors = Vec::new();
    let models = Models::compile(&files, &mut errors);
    assert_eq!(errors, []);
    models
});

/// The lines (1-based) of sinks of `kind` that remote input reaches.
fn flows(language: Language, kind: &str, text: &str) -> Vec<usize> {
    let mut source = Source::new(language, text);
    source.parse(ParseBudget::default()).unwrap();
    let units: Vec<Unit> = crate::analyze::cut(&source);
    let names = Names::gather(units.iter());
    let view = FileView { path: Path::new("test"), language, units: &units, names: &names };
    let bit = |kind: &str| 1 << MODELS.kind(kind).unwrap();
    let rules = [FlowRule { rule: 0, sources: bit("remote-input"), sinks: bit(kind) }];
    let mut globals = Globals::default();
    for unit in 0..units.len() {
        let defined = gather_globals(&view, unit as u32, &MODELS, &globals);
        globals.extend(&defined);
    }
    let mut lines = Vec::new();
    for (index, unit) in units.iter().enumerate() {
        let (findings, _) =
            analyze_unit(&view, index as u32, &MODELS, &rules, &globals, super::Marks::default());
        for finding in findings {
            let start = unit.base + unit.ast.range(finding.sink).start;
            lines.push(text[..start].matches('\n').count() + 1);
        }
    }
    lines.sort_unstable();
    lines
}

/// Lines that end in `// !` or `# !` must be found, others not.
#[track_caller]
fn check(language: Language, kind: &str, text: &str) {
    let marked = text.lines().enumerate().filter(|(_, line)| line.trim_end().ends_with('!'));
    let expected: Vec<usize> = marked.map(|(index, _)| index + 1).collect();
    assert_eq!(flows(language, kind, text), expected, "\n{text}");
}

#[track_caller]
fn js(kind: &str, text: &str) {
    check(Language::JavaScript, kind, text);
}

#[track_caller]
fn py(kind: &str, text: &str) {
    check(Language::Python, kind, text);
}

#[test]
fn sql_in_express() {
    js(
        "sql-query",
        r#"
const express = require("express");
const mysql = require("mysql2");
const app = express();
const db = mysql.createConnection({});
const TABLE = "users";
app.get("/a", (req, res) => {
  const email = req.query.email;
  const query = "SELECT * FROM patients WHERE email = '" + email + "'";
  db.query(query, (err, rows) => res.json(rows)); // !
  db.query("SELECT * FROM patients WHERE email = ?", [email]);
  db.query("SELECT * FROM " + TABLE);
  db.query(`SELECT * FROM t WHERE id = ${req.params.id}`); // !
  db.query(`SELECT * FROM t WHERE id = ${Number(req.params.id)}`);
  db.query({ sql: "SELECT " + req.body.x }); // !
});
app.get("/b", function (req, res) {
  const { id, name } = req.query;
  let sql = "SELECT * FROM t WHERE 1=1";
  if (name) sql += " AND name = '" + name + "'";
  db.query(sql); // !
  const n = parseInt(id, 10);
  db.query("SELECT " + n);
  const order = ["asc", "desc"].includes(id) ? id : "asc";
  db.query("SELECT a FROM t ORDER BY a " + order);
  if (!/^[a-z]+$/.test(name)) return res.sendStatus(400);
  db.query("SELECT a FROM t WHERE n = '" + name + "'");
});
"#,
    );
}

#[test]
fn sql_on_a_handle_from_elsewhere() {
    js(
        "sql-query",
        r#"
const db = require("./db");
exports.find = async (req, res) => {
  const rows = await db.query("SELECT * FROM t WHERE a = '" + req.body.a + "'"); // !
  const more = await req.app.locals.store.all(`DELETE FROM t WHERE a = ${req.params.a}`); // !
  search.query(req.query.q);
  await db.query(sql`SELECT * FROM t WHERE a = ${req.body.a}`);
  res.json(rows);
};
"#,
    );
}

#[test]
fn sql_in_python() {
    py(
        "sql-query",
        r#"
import sqlite3
from flask import Flask, request
app = Flask(__name__)

@app.route("/a/<name>")
def a(name):
    conn = sqlite3.connect("x.db")
    cur = conn.cursor()
    cur.execute("SELECT * FROM t WHERE n = '%s'" % name)  # !
    cur.execute("SELECT * FROM t WHERE n = ?", (name,))
    cur.execute(f"SELECT * FROM t WHERE n = '{request.args.get('n')}'")  # !
    q = "SELECT * FROM t WHERE n = '{}'".format(request.form["n"])
    cur.execute(q)  # !
    with conn.cursor() as c:
        c.execute("SELECT " + request.args["a"])  # !
    i = int(request.args["i"])
    cur.execute("SELECT * FROM t WHERE i = %d" % i)
    if name not in ("a", "b"):
        return "no"
    cur.execute("SELECT * FROM " + name)
"#,
    );
}

#[test]
fn commands_in_both() {
    js(
        "os-command",
        r#"
const { exec, execFile, spawn } = require("child_process");
const cp = require("node:child_process");
module.exports = (req, res) => {
  exec("ping " + req.query.host); // !
  cp.execSync(`ping ${req.query.host}`); // !
  execFile("ping", [req.query.host]);
  spawn("sh", ["-c", "x"], { shell: false });
  spawn("ping " + req.query.host, { shell: true }); // !
};
"#,
    );
    py(
        "os-command",
        r#"
import os, subprocess
from subprocess import check_output as co
from flask import request
def ping():
    host = request.args.get("host", "")
    subprocess.run("ping " + host, shell=True)  # !
    subprocess.run(["ping", host])
    os.system(f"ping {host}")  # !
    co("ping %s" % host, shell=True)  # !
    import shlex
    os.system("ping " + shlex.quote(host))
"#,
    );
}

#[test]
fn html_in_both() {
    js(
        "html",
        r#"
const express = require("express");
const escapeHtml = require("escape-html");
const app = express();
app.get("/", (req, res) => {
  res.send("<h1>Hello " + req.query.name + "</h1>"); // !
  res.send("<h1>Hello " + escapeHtml(req.query.name) + "</h1>");
  res.status(404).send(`<p>${req.params.x}</p>`); // !
  res.json({ name: req.query.name });
  res.send({ name: req.query.name });
  res.send(req.body);
});
"#,
    );
    js(
        "dom-html",
        r#"
const params = new URLSearchParams(window.location.search);
function show() {
  const el = document.getElementById("x");
  el.innerHTML = "<b>" + params.get("name") + "</b>"; // !
  el.textContent = params.get("name");
  el.innerHTML = DOMPurify.sanitize(location.hash);
  document.write(location.hash); // !
}
"#,
    );
    py(
        "html",
        r#"
from flask import Flask, request, jsonify, make_response, render_template
from markupsafe import escape
app = Flask(__name__)
@app.route("/")
def hello():
    name = request.args.get("name", "")
    if name == "x":
        return render_template("a.html", name=name)
    if name == "y":
        return {"name": request.args.get("z")}
    if request.args.get("j"):
        return jsonify(name=name)
    if request.args.get("k"):
        return f"<h1>{escape(name)}</h1>"
    return f"<h1>{name}</h1>"  # !
@app.get("/u/<int:uid>/<name>")
def user(uid: int, name):
    return "<p>" + name, 200  # !
"#,
    );
}

#[test]
fn other_python_servers() {
    py(
        "sql-query",
        r#"
from fastapi import FastAPI, Depends
from sqlalchemy import text
app = FastAPI()
@app.get("/x")
async def x(q: str, n: int, db=Depends(get_db)):
    db.execute(text(f"SELECT * FROM t WHERE q = '{q}'"))  # !
    db.execute(text(f"SELECT * FROM t WHERE n = {n}"))
    db.execute(text("SELECT * FROM t WHERE q = :q"), {"q": q})
"#,
    );
    py(
        "sql-query",
        r#"
from django.db import connection
from django.http import HttpResponse
def view(request):
    name = request.GET.get("name")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM t WHERE n = '%s'" % name)  # !
        cursor.execute("SELECT * FROM t WHERE n = %s", [name])
    User.objects.raw("SELECT * FROM u WHERE n = '" + name + "'")  # !
"#,
    );
}
