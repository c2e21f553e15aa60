//! Flows over several files: lines that end in a mark must be found, others not.

use std::path::PathBuf;

use proptest::prelude::*;

use crate::analyze::{Document, Project};
use crate::language::Language;
use crate::rule::RuleSet;
use crate::source::ParseBudget;

struct Workspace {
    rules: std::sync::Arc<RuleSet>,
    documents: Vec<Document>,
    project: Project,
}

impl Workspace {
    fn open(files: &[(&str, &str)]) -> Workspace {
        let mut workspace =
            Workspace { rules: RuleSet::builtin(), documents: Vec::new(), project: Project::default() };
        for (path, text) in files {
            let path = PathBuf::from("/work").join(path);
            let language = Language::of_file(&path, text).unwrap();
            workspace.documents.push(Document::new(&path, language, text));
        }
        for index in 0..files.len() {
            workspace.analyze(index);
        }
        workspace
    }

    fn analyze(&mut self, index: usize) {
        let document = &mut self.documents[index];
        document.analyze(&self.rules, ParseBudget::default()).unwrap();
        self.project.insert(document.path(), document.facts().clone());
    }

    /// File, line and rule of every finding, with the length of its trace and its message.
    fn findings(&self) -> Vec<(String, usize, String, usize)> {
        let mut found = Vec::new();
        for document in &self.documents {
            let text = document.source().text();
            for finding in document.findings(&self.project) {
                let line = text[..finding.range.start].matches('\n').count() + 1;
                let path = document.path().strip_prefix("/work").unwrap().display().to_string();
                found.push((path, line, finding.message.clone(), finding.trace.len()));
            }
        }
        found
    }
}

#[track_caller]
fn check(files: &[(&str, &str)]) {
    let workspace = Workspace::open(files);
    let mut marked = Vec::new();
    for (path, text) in files {
        let lines = text.lines().enumerate().filter(|(_, line)| line.trim_end().ends_with('!'));
        marked.extend(lines.map(|(line, _)| ((*path).to_owned(), line + 1)));
    }
    let found: Vec<(String, usize)> =
        workspace.findings().into_iter().map(|(path, line, ..)| (path, line)).collect();
    assert_eq!(found, marked, "{files:#?}");
}

const DB: &str = r#"
import sqlite3

def find(name):
    conn = sqlite3.connect("x.db")
    return conn.execute("SELECT * FROM t WHERE name = '" + name + "'") # !

def find_bound(name):
    conn = sqlite3.connect("x.db")
    return conn.execute("SELECT * FROM t WHERE name = ?", (name,))

def by_number(number):
    conn = sqlite3.connect("x.db")
    return conn.execute("SELECT * FROM t WHERE n = " + str(int(number)))

class Repo:
    def __init__(self, conn):
        self.conn = conn

    def by_mail(self, mail, order="asc"):
        cursor = self.conn.cursor()
        cursor.execute(f"SELECT * FROM t WHERE mail = '{mail}'") # !
        cursor.execute("SELECT * FROM t ORDER BY a " + order)
"#;

#[test]
fn parameters_reach_sinks_of_another_file() {
    let views = r#"
from flask import Flask, request
import sqlite3
from .db import find as lookup, find_bound, by_number, Repo

app = Flask(__name__)
repo = Repo(sqlite3.connect("x.db"))

@app.route("/a")
def a():
    lookup(request.args["name"])
    find_bound(request.args["name"])
    by_number(request.args["name"])
    repo.by_mail(order="desc", mail=request.args["mail"])
    return ""
"#;
    check(&[("app/db.py", DB), ("app/views.py", views)]);
    // Constants reach nothing.
    let quiet = views.replace("request.args[\"name\"]", "\"a\"").replace("request.args[\"mail\"]", "\"b\"");
    check(&[("app/db.py", &DB.replace("# !", "")), ("app/views.py", &quiet)]);
}

#[test]
fn the_nearest_module_of_a_name_is_meant() {
    let views = r#"
from flask import Flask, request
import db
app = Flask(__name__)
@app.route("/a")
def a():
    return db.find(request.args["name"])
"#;
    let quiet = DB.replace("# !", "");
    let found = DB.replacen("cursor.execute(f\"SELECT * FROM t WHERE mail = '{mail}'\") # !", "pass", 1);
    check(&[("bad/db.py", &found), ("bad/views.py", views), ("good/db.py", &quiet)]);
}

#[test]
fn what_a_function_returns_is_what_it_was_given_or_read() {
    let helpers = r#"
from flask import request

def given(value):
    return value.strip()

def number(value):
    return int(value)

def read():
    return request.args.get("q")

def twice(value):
    return given(given(value))

def constant(value):
    return "a"
"#;
    let views = r#"
from flask import Flask, request
import sqlite3
from helpers import given, number, read, twice, constant, unheard_of
app = Flask(__name__)

@app.route("/a")
def a():
    db = sqlite3.connect("x.db")
    db.execute("SELECT " + given(request.args["a"])) # !
    db.execute("SELECT " + given("name"))
    db.execute("SELECT " + number(request.args["a"]))
    db.execute("SELECT " + read()) # !
    db.execute("SELECT " + twice(request.args["a"])) # !
    db.execute("SELECT " + constant(request.args["a"]))
    db.execute("SELECT " + unheard_of(request.args["a"])) # !
    return ""
"#;
    check(&[("helpers.py", helpers), ("views.py", views)]);
}

#[test]
fn methods_of_known_classes_and_of_the_object_itself() {
    let service = r#"
from repo import UserRepo

class Service:
    def __init__(self, repo: UserRepo):
        self.repo = repo

    def search(self, text):
        return self.lookup(text)

    def lookup(self, text):
        return self.repo.by_text(text)
"#;
    let repo = r#"
import sqlite3

class UserRepo:
    def by_text(self, text):
        return sqlite3.connect("x").execute("SELECT * FROM t WHERE a = '%s'" % text) # !

class OtherRepo:
    def by_text(self, text):
        return sqlite3.connect("x").execute("SELECT * FROM t WHERE a = '%s'" % text)
"#;
    let views = r#"
from flask import Flask, request
from service import Service
from repo import UserRepo
app = Flask(__name__)
service = Service(UserRepo())

@app.route("/a")
def a():
    return service.search(request.form["text"])
"#;
    check(&[("repo.py", repo), ("service.py", service), ("views.py", views)]);
}

#[test]
fn modules_of_javascript() {
    let model = r#"
const mysql = require("mysql2");
const db = mysql.createConnection({});
exports.find = (id, done) => db.query("SELECT * FROM t WHERE id = " + id, done); // !
exports.findBound = (id, done) => db.query("SELECT * FROM t WHERE id = ?", [id], done);
module.exports.wrap = (text) => "<b>" + text + "</b>";
class Store {
  load(key) {
    return db.query(`SELECT * FROM t WHERE k = '${key}'`); // !
  }
}
module.exports.Store = Store;
"#;
    let app = r#"
const express = require("express");
const app = express();
const model = require("./model");
const { wrap, Store } = require("./model");
const store = new Store();
app.get("/x", async (req, res) => {
  model.find(req.query.id, (error, rows) => res.json(rows));
  model.findBound(req.query.id, (error, rows) => res.json(rows));
  res.json(await store.load(req.params.key));
});
app.get("/y", (req, res) => {
  res.send(wrap(req.query.text)); // !
});
"#;
    check(&[("lib/model.js", model), ("lib/app.js", app)]);
}

#[test]
fn functions_that_call_each_other_end() {
    let a = r#"
from b import two
from flask import request
def one(value):
    return two(value)
def start():
    return two(request.args["x"])
"#;
    let b = r#"
from a import one
import sqlite3
def two(value):
    sqlite3.connect("x").execute("SELECT " + value) # !
    return one(value)
"#;
    check(&[("a.py", a), ("b.py", b)]);
}

const PIECES: &[&str] =
    &["x", " ", "\n", "(", ")", "\"", "'", "#", ":", "def find(name):\n", "name", "int(", "é"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever was typed in which file, the findings are those of a workspace opened anew.
    #[test]
    fn incremental_equals_fresh_over_files(
        edits in prop::collection::vec((0usize..3, 0.0f64..1.0, 0usize..12, prop::sample::select(PIECES)), 1..20)
    ) {
        let views = "from flask import Flask, request\nfrom db import find, Repo\nimport mid\napp = Flask(__name__)\n\n\
            @app.route('/a')\ndef a():\n    find(request.args['x'])\n    mid.pass_on(request.args['y'])\n    return ''\n";
        let mid = "from db import Repo\n\ndef pass_on(value):\n    Repo(None).by_mail(value)\n    return value\n";
        let mut workspace = Workspace::open(&[("db.py", DB), ("views.py", views), ("mid.py", mid)]);
        for (file, at, length, piece) in edits {
            let document = &mut workspace.documents[file];
            let text = document.source().text();
            let mut start = (at * text.len() as f64) as usize;
            while !text.is_char_boundary(start) {
                start -= 1;
            }
            let mut end = (start + length).min(text.len());
            while !text.is_char_boundary(end) {
                end += 1;
            }
            document.edit(start..end, piece);
            workspace.analyze(file);
            workspace.documents[file].settle(&workspace.rules, ParseBudget::default()).unwrap();
            workspace.analyze(file);
        }
        let texts: Vec<(String, String)> = workspace
            .documents
            .iter()
            .map(|document| (document.path().strip_prefix("/work").unwrap().display().to_string(), document.source().text()))
            .collect();
        let texts: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let fresh = Workspace::open(&texts);
        prop_assert_eq!(workspace.findings(), fresh.findings());
    }
}
