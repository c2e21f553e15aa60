//! `insert-guard`.

use super::{check_with, proposals};
use crate::language::Language;

const FIXER: &str = "insert-guard";

#[track_caller]
fn py(sink: &str, hints: &[(&str, &str)], before: &str, after: &str) {
    assert!(!check_with(FIXER, Language::Python, sink, hints, before, after).safe);
}

#[track_caller]
fn js(sink: &str, hints: &[(&str, &str)], before: &str, after: &str) {
    assert!(!check_with(FIXER, Language::JavaScript, sink, hints, before, after).safe);
}

#[track_caller]
fn none(language: Language, sink: &str, hints: &[(&str, &str)], text: &str) {
    assert_eq!(proposals(FIXER, language, sink, hints, text), [], "{text}");
}

const ROUTE: &str = "@app.route(\"/recordings/<id>/delete\", methods=[\"POST\"])\ndef delete_recording(id):\n    return perform_delete(id)\n";

#[test]
fn a_decorator_below_the_route() {
    let head = "from flask_login import login_required\n\n";
    py(
        "@app.route",
        &[("decorator", "login_required")],
        &format!("{head}{ROUTE}"),
        &format!("{head}{}", ROUTE.replace("def ", "@login_required\ndef ")),
    );
    py(
        "@app.route",
        &[("decorator", "@login_required"), ("import", "from flask_login import login_required")],
        &format!("from flask import Flask\n\n{ROUTE}"),
        &format!(
            "from flask import Flask\nfrom flask_login import login_required\n\n{}",
            ROUTE.replace("def ", "@login_required\ndef ")
        ),
    );
    py(
        "@app.route",
        &[("decorator", "requires_role(\"admin\")"), ("import", "from .auth import requires_role")],
        "from .auth import current\n@app.route('/x')\n# deletes\nasync def x(): return 1\n",
        "from .auth import current, requires_role\n@app.route('/x')\n# deletes\n@requires_role(\"admin\")\nasync def x(): return 1\n",
    );
}

#[test]
fn a_decorator_inside_a_class_keeps_its_indentation() {
    py(
        "@action",
        &[("decorator", "login_required")],
        "from x import login_required\r\nclass V:\r\n    @action\r\n    def f(self):\r\n        pass\r\n",
        "from x import login_required\r\nclass V:\r\n    @action\r\n    @login_required\r\n    def f(self):\r\n        pass\r\n",
    );
}

#[test]
fn a_statement_is_the_first_of_the_body() {
    let guard = ("statement", "if not current_user.has_role(\"admin\"):\n    abort(403)");
    py(
        "@app.route",
        &[guard],
        &format!("from flask import Flask\nfrom flask_login import current_user\n\n{ROUTE}"),
        &format!(
            "from flask import Flask, abort\nfrom flask_login import current_user\n\n{}",
            ROUTE.replace(
                "    return",
                "    if not current_user.has_role(\"admin\"):\n        abort(403)\n    return"
            )
        ),
    );
    py(
        "def f",
        &[("statement", "check()")],
        "from a import check\ndef f(x):\n  \"\"\"Deletes.\"\"\"\n  # now\n  return g(x)\n",
        "from a import check\ndef f(x):\n  \"\"\"Deletes.\"\"\"\n  # now\n  check()\n  return g(x)\n",
    );
}

#[test]
fn a_dependency_of_fastapi() {
    py(
        "@app.delete",
        &[("dependency", "current_admin"), ("import", "from .auth import current_admin")],
        "from fastapi import FastAPI\n\n@app.delete('/x/{id}')\ndef remove(id: int):\n    return drop(id)\n",
        "from fastapi import FastAPI, Depends\nfrom .auth import current_admin\n\n@app.delete('/x/{id}', dependencies=[Depends(current_admin)])\ndef remove(id: int):\n    return drop(id)\n",
    );
}

#[test]
fn a_middleware_behind_the_path() {
    js(
        "app.post(",
        &[("middleware", "requireAuth")],
        "const { requireAuth } = require('./auth');\napp.post('/x/:id', (req, res) => { drop(req.params.id); });\n",
        "const { requireAuth } = require('./auth');\napp.post('/x/:id', requireAuth, (req, res) => { drop(req.params.id); });\n",
    );
    js(
        "router.route('/x').delete(",
        &[("middleware", "auth.required"), ("import", "const auth = require('../auth');")],
        "const express = require('express');\nrouter.route('/x').delete(remove);\n",
        "const express = require('express');\nconst auth = require('../auth');\nrouter.route('/x').delete(auth.required, remove);\n",
    );
    js(
        "app.post(",
        &[("middleware", "authenticate"), ("option", "preHandler")],
        "import { authenticate } from './auth.js'\napp.post('/x', { schema }, async (req) => drop(req))\n",
        "import { authenticate } from './auth.js'\napp.post('/x', { preHandler: authenticate, schema }, async (req) => drop(req))\n",
    );
}

#[test]
fn a_guard_that_is_there_or_unknown_is_not_inserted() {
    none(Language::Python, "@app.route", &[("decorator", "login_required")], ROUTE);
    none(Language::Python, "@app.route", &[], ROUTE);
    none(
        Language::Python,
        "@app.route",
        &[("decorator", "login_required")],
        "from x import login_required\n@app.route('/')\n@login_required\ndef f(): pass\n",
    );
    none(Language::JavaScript, "app.post(", &[("middleware", "requireAuth")], "app.post('/x', drop);\n");
}
