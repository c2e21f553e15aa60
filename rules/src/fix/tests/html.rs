//! `escape-html`.

use super::{check_with, refuse};
use crate::language::Language;

const FIXER: &str = "escape-html";
const EXPRESS: &str = "const express = require(\"express\");\n";
const ESCAPE: &str = "const escapeHtml = require(\"escape-html\");\n";

/// In a file that imports express.
#[track_caller]
fn js(before: &str, after: &str) {
    let fix = check_with(
        FIXER,
        Language::JavaScript,
        "res.send(",
        &[],
        &format!("{EXPRESS}{before}"),
        &format!("{EXPRESS}{ESCAPE}{after}"),
    );
    assert!(fix.safe);
}

/// In a file that imports flask.
#[track_caller]
fn py(sink: &str, before: &str, after: &str) {
    let flask = "from flask import request\n";
    let escape = "from markupsafe import escape\n";
    let fix = check_with(
        FIXER,
        Language::Python,
        sink,
        &[],
        &format!("{flask}{before}"),
        &format!("{flask}{escape}{after}"),
    );
    assert!(fix.safe);
}

#[test]
fn values_between_tags() {
    js("res.send(\"<h1>\" + x + \"</h1>\");\n", "res.send(\"<h1>\" + escapeHtml(x) + \"</h1>\");\n");
    js(
        "res.send(`<h1>${req.query.name} and ${b}</h1>`);\n",
        "res.send(`<h1>${escapeHtml(req.query.name)} and ${escapeHtml(b)}</h1>`);\n",
    );
    js(
        "res.send('<p>' + (a || 'nobody') + '</p>' + TAIL);\n",
        "res.send('<p>' + escapeHtml(a || 'nobody') + '</p>' + TAIL);\n",
    );
    js("res.send(\"<title>\" + x);\n", "res.send(\"<title>\" + escapeHtml(x));\n");
}

#[test]
fn values_in_quoted_attributes() {
    js(
        "res.send(`<a title=\"${t}\" href=\"/users/${id}\">x</a>`);\n",
        "res.send(`<a title=\"${escapeHtml(t)}\" href=\"/users/${escapeHtml(id)}\">x</a>`);\n",
    );
}

#[test]
fn a_pattern_that_removes_tags_is_no_markup() {
    check_with(
        FIXER,
        Language::Python,
        "return",
        &[],
        "import re\ndef f(x):\n    y = re.sub(r'<[^>]*>', '', x)\n    return f'<p>{y}'\n",
        "import re\nfrom html import escape\ndef f(x):\n    y = re.sub(r'<[^>]*>', '', x)\n    return f'<p>{escape(y)}'\n",
    );
}

#[test]
fn the_body_of_koa() {
    check_with(
        FIXER,
        Language::JavaScript,
        "ctx.body",
        &[],
        &format!("{EXPRESS}{ESCAPE}ctx.body = '<p>' + x;\n"),
        &format!("{EXPRESS}{ESCAPE}ctx.body = '<p>' + escapeHtml(x);\n"),
    );
}

#[test]
fn what_is_escaped_already_or_markup_stays() {
    js(
        "res.send(`<p>${escapeIt(a)} ${list.length} ${bodyHtml} ${x}</p>`);\n",
        "res.send(`<p>${escapeIt(a)} ${list.length} ${bodyHtml} ${escapeHtml(x)}</p>`);\n",
    );
}

#[test]
fn a_text_in_a_variable() {
    js(
        "function f(x) {\n  const page = '<b>' + x + '</b>';\n  res.send(page);\n}\n",
        "function f(x) {\n  const page = '<b>' + escapeHtml(x) + '</b>';\n  res.send(page);\n}\n",
    );
}

#[test]
fn imports_in_the_style_of_the_file() {
    check_with(
        FIXER,
        Language::TypeScript,
        "res.send(",
        &[],
        "import express from 'express'\nimport { a } from './a'\n\nres.send(`<b>${x}</b>`)\n",
        "import express from 'express'\nimport { a } from './a'\nimport escapeHtml from 'escape-html'\n\nres.send(`<b>${escapeHtml(x)}</b>`)\n",
    );
    check_with(
        FIXER,
        Language::JavaScript,
        "res.send(",
        &[],
        "const express = require('express');\nconst _ = require('lodash');\nres.send('<b>' + x);\n",
        "const express = require('express');\nconst _ = require('lodash');\nres.send('<b>' + _.escape(x));\n",
    );
    let fix = check_with(
        FIXER,
        Language::JavaScript,
        "res.send(",
        &[],
        "#!/usr/bin/env node\n'use strict';\n\nfunction f(res, x) { res.send('<b>' + x); }\n",
        "#!/usr/bin/env node\n'use strict';\nconst escapeHtml = require('escape-html');\n\nfunction f(res, x) { res.send('<b>' + escapeHtml(x)); }\n",
    );
    assert!(!fix.safe);
    assert!(fix.title.ends_with("(needs the package `escape-html`)"));
}

#[test]
fn flask_answers_in_every_way_of_building_them() {
    let f = "def f(x):\n    return ";
    py("return", &format!("{f}f\"<h1>{{x}}</h1>\"\n"), &format!("{f}f\"<h1>{{escape(x)}}</h1>\"\n"));
    py("return", &format!("{f}\"<h1>%s</h1>\" % x\n"), &format!("{f}\"<h1>%s</h1>\" % escape(x)\n"));
    py(
        "return",
        &format!("{f}\"<h1>{{}} {{}}</h1>\".format(x, request.args['y']), 404\n"),
        &format!("{f}\"<h1>{{}} {{}}</h1>\".format(escape(x), escape(request.args['y'])), 404\n"),
    );
    // What `escape` returns would escape a string that it is added to.
    py(
        "return",
        &format!("{f}\"<h1>\" + x + \"</h1>\"\n"),
        &format!("{f}\"<h1>\" + str(escape(x)) + \"</h1>\"\n"),
    );
    py("return", &format!("{f}\"<h1>\" + str(x)\n"), &format!("{f}\"<h1>\" + str(escape(x))\n"));
    py(
        "make_response(",
        "def f(x):\n    return make_response(\"<p>%s</p>\" % request.args[\"q\"])\n",
        "def f(x):\n    return make_response(\"<p>%s</p>\" % escape(request.args[\"q\"]))\n",
    );
    py(
        "return",
        "def f(x):\n    html = f\"<p>{x}</p>\"\n    return html\n",
        "def f(x):\n    html = f\"<p>{escape(x)}</p>\"\n    return html\n",
    );
}

#[test]
fn the_escape_of_the_framework() {
    check_with(
        FIXER,
        Language::Python,
        "HttpResponse(",
        &[],
        "from django.http import HttpResponse\ndef f(r):\n    return HttpResponse(\"<p>\" + r.GET['x'])\n",
        "from django.http import HttpResponse\nfrom django.utils.html import escape\ndef f(r):\n    return HttpResponse(\"<p>\" + escape(r.GET['x']))\n",
    );
    check_with(
        FIXER,
        Language::Python,
        "HTMLResponse(",
        &[],
        "\"\"\"An app.\"\"\"\nfrom fastapi.responses import HTMLResponse\ndef f(x: str):\n    return HTMLResponse(content=f\"<p>{x}\")\n",
        "\"\"\"An app.\"\"\"\nfrom fastapi.responses import HTMLResponse\nfrom html import escape\ndef f(x: str):\n    return HTMLResponse(content=f\"<p>{escape(x)}\")\n",
    );
}

#[test]
fn a_value_that_is_declared_safe() {
    check_with(
        FIXER,
        Language::Python,
        "Markup(",
        &[],
        "from flask import request\nfrom markupsafe import Markup\ndef f():\n    return Markup(request.args[\"x\"])\n",
        "from flask import request\nfrom markupsafe import Markup, escape\ndef f():\n    return escape(request.args[\"x\"])\n",
    );
}

#[test]
fn a_whole_answer() {
    let fix = check_with(
        FIXER,
        Language::JavaScript,
        "res.send(",
        &[],
        &format!("{EXPRESS}{ESCAPE}res.send(req.query.name);\n"),
        &format!("{EXPRESS}{ESCAPE}res.send(escapeHtml(req.query.name));\n"),
    );
    assert!(!fix.safe);
}

#[test]
fn where_escaping_does_not_help() {
    for html in [
        "`<script>var x = '${x}';</script>`",
        "`<style>a { color: ${x} }</style>`",
        "`<a href=\"${x}\">y</a>`",
        "`<a href=${x}>y</a>`",
        "`<a onclick=\"f('${x}')\">y</a>`",
        "`<a style=\"color: ${x}\">y</a>`",
        "`<${x}>y</a>`",
        "`<a ${x}>y</a>`",
        "`<!-- ${x} -->`",
        "`<p>${x}</p><script>${y}</script>`",
        "'<p>nothing</p>'",
        "render(x)",
        "{ name: x }",
    ] {
        refuse(FIXER, Language::JavaScript, "res.send(", &format!("{EXPRESS}res.send({html});\n"));
    }
}
