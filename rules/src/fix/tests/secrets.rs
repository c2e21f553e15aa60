//! `read-environment`.

use super::{check_with, refuse};
use crate::language::Language;

const FIXER: &str = "read-environment";

#[track_caller]
fn check(language: Language, sink: &str, before: &str, after: &str) {
    let fix = check_with(FIXER, language, sink, &[], before, after);
    assert!(!fix.safe);
    assert!(!fix.title.contains("hunter2"), "{}", fix.title);
}

#[track_caller]
fn js(sink: &str, before: &str, after: &str) {
    check(Language::JavaScript, sink, before, after);
}

#[track_caller]
fn py(sink: &str, before: &str, after: &str) {
    check(Language::Python, sink, before, after);
}

#[test]
fn the_name_of_the_variable() {
    js("dbPassword =", "const dbPassword = \"hunter2!\";\n", "const dbPassword = process.env.DB_PASSWORD;\n");
    js("API_KEY =", "const API_KEY = 'hunter2!'\n", "const API_KEY = process.env.API_KEY\n");
    js(
        "'hunter2!'",
        "exports.stripeAPIKey = 'hunter2!';\n",
        "exports.stripeAPIKey = process.env.STRIPE_API_KEY;\n",
    );
    check(
        Language::TypeScript,
        "private token",
        "class A {\n  private token: string = 'hunter2!';\n}\n",
        "class A {\n  private token: string = process.env.TOKEN;\n}\n",
    );
    py("API_TOKEN", "API_TOKEN = \"hunter2!\"\n", "import os\nAPI_TOKEN = os.environ[\"API_TOKEN\"]\n");
    py(
        "app.config",
        "import os\napp.config['SECRET_KEY'] = 'hunter2!'\n",
        "import os\napp.config['SECRET_KEY'] = os.environ['SECRET_KEY']\n",
    );
}

#[test]
fn a_key_that_says_not_whose_is_told_by_what_holds_it() {
    js(
        "password:",
        "const db = require('mysql').createConnection({ host: 'h', password: 'hunter2!' });\n",
        "const db = require('mysql').createConnection({ host: 'h', password: process.env.DB_PASSWORD });\n",
    );
    js(
        "password:",
        "const smtpConfig = { password: 'hunter2!' };\n",
        "const smtpConfig = { password: process.env.SMTP_PASSWORD };\n",
    );
    js(
        "password:",
        "module.exports = { database: { password: 'hunter2!' } };\n",
        "module.exports = { database: { password: process.env.DB_PASSWORD } };\n",
    );
    js(
        "secret:",
        "const session = require('express-session');\napp.use(session({ secret: 'hunter2!' }));\n",
        "const session = require('express-session');\napp.use(session({ secret: process.env.SESSION_SECRET }));\n",
    );
    js(
        "jwt.sign(",
        "const jwt = require('jsonwebtoken');\njwt.sign({ id }, 'hunter2!');\n",
        "const jwt = require('jsonwebtoken');\njwt.sign({ id }, process.env.JWT_SECRET);\n",
    );
    py(
        "password=",
        "\"\"\"A clinic.\"\"\"\n\nimport psycopg2\n\nconn = psycopg2.connect(user=\"u\", password=\"hunter2!\")\n",
        "\"\"\"A clinic.\"\"\"\n\nimport psycopg2\nimport os\n\nconn = psycopg2.connect(user=\"u\", password=os.environ[\"DB_PASSWORD\"])\n",
    );
}

#[test]
fn the_account_beside_it_tells_one_of_many() {
    js(
        "password:",
        "const USERS = [{ userName: 'admin', password: 'hunter2!' }, { userName: 'user1', password: 'b' }];\n",
        "const USERS = [{ userName: 'admin', password: process.env.ADMIN_PASSWORD }, { userName: 'user1', password: 'b' }];\n",
    );
    js(
        "password:",
        "request.post('/login').send({ username: 'vulntest', password: 'hunter2!' });\n",
        "request.post('/login').send({ username: 'vulntest', password: process.env.VULNTEST_PASSWORD });\n",
    );
    py(
        "password ==",
        "import os\ndef f(name, password):\n    return name == 'jack' and password == 'hunter2!'\n",
        "import os\ndef f(name, password):\n    return name == 'jack' and password == os.environ['JACK_PASSWORD']\n",
    );
}

#[test]
fn comparisons_and_other_ways_to_the_environment() {
    py(
        "password ==",
        "from os import environ\ndef f(password):\n    return password == 'hunter2!'\n",
        "from os import environ\ndef f(password):\n    return password == environ['PASSWORD']\n",
    );
    check(
        Language::Tsx,
        "apiKey=",
        "const a = <Map apiKey=\"hunter2!\" />;\n",
        "const a = <Map apiKey={process.env.API_KEY} />;\n",
    );
    py(
        "SECRET",
        "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n\"\"\"Doc.\"\"\"\nfrom __future__ import annotations\nSECRET = 'hunter2!'\n",
        "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n\"\"\"Doc.\"\"\"\nfrom __future__ import annotations\nimport os\nSECRET = os.environ['SECRET']\n",
    );
}

#[test]
fn a_fallback_goes() {
    js(
        "'hunter2!'",
        "const key = process.env.JWT_SECRET || 'hunter2!';\n",
        "const key = process.env.JWT_SECRET;\n",
    );
    py(
        "'hunter2!'",
        "import os\nKEY = os.environ.get('SECRET_KEY', 'hunter2!')\n",
        "import os\nKEY = os.environ['SECRET_KEY']\n",
    );
    py(
        "'hunter2!'",
        "import os\nKEY = os.getenv('SECRET_KEY') or 'hunter2!'\n",
        "import os\nKEY = os.environ['SECRET_KEY']\n",
    );
}

#[test]
fn what_is_no_literal_stays() {
    refuse(FIXER, Language::JavaScript, "password =", "const password = read();\n");
    refuse(FIXER, Language::Python, "secret", "os = 1\nsecret = 'hunter2!'\n");
    refuse(FIXER, Language::JavaScript, "f(", "f('a', 'b');\n");
}
