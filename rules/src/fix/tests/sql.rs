//! `bind-sql-parameters`.

use super::{check_with, refuse};
use crate::language::Language;

const FIXER: &str = "bind-sql-parameters";

#[track_caller]
fn js(sink: &str, before: &str, after: &str) {
    assert!(check_with(FIXER, Language::JavaScript, sink, &[], before, after).safe);
}

#[track_caller]
fn py(sink: &str, before: &str, after: &str) {
    check_with(FIXER, Language::Python, sink, &[], before, after);
}

#[track_caller]
fn no_js(sink: &str, text: &str) {
    refuse(FIXER, Language::JavaScript, sink, text);
}

#[track_caller]
fn no_py(sink: &str, text: &str) {
    refuse(FIXER, Language::Python, sink, text);
}

#[test]
fn the_text_and_the_call_in_two_statements() {
    js(
        "db.query(",
        "const query = \"SELECT * FROM patients WHERE email = '\" + email + \"'\";\ndb.query(query);\n",
        "const query = \"SELECT * FROM patients WHERE email = ?\";\ndb.query(query, [email]);\n",
    );
    js(
        "db.query(",
        "function f(db, email) {\n  const q = `SELECT * FROM p WHERE email = '${email}'`;\n  console.log(q);\n  db.query(q, (e, r) => {});\n}\n",
        "function f(db, email) {\n  const q = `SELECT * FROM p WHERE email = ?`;\n  console.log(q);\n  db.query(q, [email], (e, r) => {});\n}\n",
    );
    // A callback inside still sees the variables.
    js(
        "c.query(",
        "app.get('/', (req, res) => {\n  let sql = 'SELECT 1 FROM t WHERE id = ' + req.query.id;\n  pool.getConnection((e, c) => { c.query(sql, done); });\n});\n",
        "app.get('/', (req, res) => {\n  let sql = 'SELECT 1 FROM t WHERE id = ?';\n  pool.getConnection((e, c) => { c.query(sql, [req.query.id], done); });\n});\n",
    );
    py(
        "cursor.execute(",
        "import sqlite3\ndef f(cursor, name):\n    sql = \"SELECT * FROM t WHERE name = '%s'\" % name\n    cursor.execute(sql)\n",
        "import sqlite3\ndef f(cursor, name):\n    sql = \"SELECT * FROM t WHERE name = ?\"\n    cursor.execute(sql, (name,))\n",
    );
}

#[test]
fn the_placeholder_of_the_driver() {
    js(
        "db.query(",
        "const { Pool } = require('pg');\nconst db = new Pool();\nconst query = \"SELECT * FROM patients WHERE email = '\" + email + \"'\";\ndb.query(query);\n",
        "const { Pool } = require('pg');\nconst db = new Pool();\nconst query = \"SELECT * FROM patients WHERE email = $1\";\ndb.query(query, [email]);\n",
    );
    js(
        "client.query(",
        "import pg from 'pg'\nexport async function f(client, a, b) {\n  return client.query(`SELECT * FROM t WHERE a = '${a}' AND b = ${b} AND c = $1`, [1])\n}\n",
        "import pg from 'pg'\nexport async function f(client, a, b) {\n  return client.query(`SELECT * FROM t WHERE a = $2 AND b = $3 AND c = $1`, [1, a, b])\n}\n",
    );
    for module in ["psycopg2", "MySQLdb", "pymysql"] {
        py(
            "cur.execute(",
            &format!(
                "import {module}\ncur.execute(f\"SELECT * FROM t WHERE a LIKE '%x' AND b = '{{b}}'\")\n"
            ),
            &format!(
                "import {module}\ncur.execute(\"SELECT * FROM t WHERE a LIKE '%%x' AND b = %s\", (b,))\n"
            ),
        );
    }
    py(
        "cursor.execute(",
        "from django.db import connection\ndef f(name):\n    with connection.cursor() as cursor:\n        cursor.execute(\"SELECT * FROM t WHERE n = '\" + name + \"'\")\n",
        "from django.db import connection\ndef f(name):\n    with connection.cursor() as cursor:\n        cursor.execute(\"SELECT * FROM t WHERE n = %s\", [name])\n",
    );
    py(
        "User.objects.raw(",
        "User.objects.raw(\"SELECT * FROM u WHERE id = {}\".format(id))\n",
        "User.objects.raw(\"SELECT * FROM u WHERE id = %s\", [id])\n",
    );
    js(
        "knex.raw(",
        "const knex = require('knex')(config);\nknex.raw(`SELECT * FROM t WHERE a = ${a}`);\n",
        "const knex = require('knex')(config);\nknex.raw(`SELECT * FROM t WHERE a = ?`, [a]);\n",
    );
    js(
        "sequelize.query(",
        "sequelize.query(`SELECT * FROM t WHERE a = '${a}'`, { type: QueryTypes.SELECT });\n",
        "sequelize.query(`SELECT * FROM t WHERE a = ?`, { type: QueryTypes.SELECT, replacements: [a] });\n",
    );
    js(
        "models.sequelize.query(",
        "models.sequelize.query(\"SELECT * FROM t WHERE a = '\" + a + \"'\").then(f);\n",
        "models.sequelize.query(\"SELECT * FROM t WHERE a = ?\", { replacements: [a] }).then(f);\n",
    );
    check_with(
        FIXER,
        Language::TypeScript,
        "this.db.query(",
        &[("placeholder", "$1")],
        "this.db.query('SELECT 1 FROM t WHERE a = ' + (a as string) + ' LIMIT 1');\n",
        "this.db.query('SELECT 1 FROM t WHERE a = $1 LIMIT 1', [(a as string)]);\n",
    );
}

#[test]
fn prepared_statements_take_the_values_where_they_run() {
    js(
        "db.prepare(",
        "const db = require('better-sqlite3')('x');\nconst row = db.prepare(`SELECT * FROM t WHERE a = '${a}' AND b = ?`).get(b);\n",
        "const db = require('better-sqlite3')('x');\nconst row = db.prepare(`SELECT * FROM t WHERE a = ? AND b = ?`).get(a, b);\n",
    );
    js(
        "db.prepare(",
        "function f(a) {\n  const stmt = db.prepare('SELECT * FROM t WHERE a = \\'' + a + '\\'');\n  return stmt.all();\n}\n",
        "function f(a) {\n  const stmt = db.prepare('SELECT * FROM t WHERE a = ?');\n  return stmt.all(a);\n}\n",
    );
}

#[test]
fn sqlalchemy_binds_by_name() {
    py(
        "session.execute(",
        "from sqlalchemy import text\nsession.execute(text(f\"SELECT * FROM t WHERE email = '{email}' AND n = {request.args['n']}\"))\n",
        "from sqlalchemy import text\nsession.execute(text(\"SELECT * FROM t WHERE email = :email AND n = :n\"), {\"email\": email, \"n\": request.args['n']})\n",
    );
    py(
        "db.session.execute(",
        "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\ndef f(a):\n    return db.session.execute(\"SELECT * FROM t WHERE a = '\" + a + \"'\").fetchall()\n",
        "from flask_sqlalchemy import SQLAlchemy\nfrom sqlalchemy import text\ndb = SQLAlchemy()\ndef f(a):\n    return db.session.execute(text(\"SELECT * FROM t WHERE a = :a\"), {\"a\": a}).fetchall()\n",
    );
    py(
        "conn.execute(",
        "from sqlalchemy import text\ndef f(conn, a):\n    q = text(\"SELECT * FROM t WHERE a = '\" + a + \"'\")\n    return conn.execute(q)\n",
        "from sqlalchemy import text\ndef f(conn, a):\n    q = text(\"SELECT * FROM t WHERE a = :a\").bindparams(a=a)\n    return conn.execute(q)\n",
    );
}

#[test]
fn parts_of_a_statement() {
    js(
        "whereRaw(",
        "whereRaw(\"name = '\" + n + \"' AND age > \" + a);\n",
        "whereRaw(\"name = ? AND age > ?\", [n, a]);\n",
    );
    py(
        "text(",
        "from sqlalchemy import text\ndef f(n):\n    return User.query.filter(text(f\"name = '{n}'\")).all()\n",
        "from sqlalchemy import text\ndef f(n):\n    return User.query.filter(text(\"name = :n\").bindparams(n=n)).all()\n",
    );
    no_js("orderByRaw(", "orderByRaw(column + ' desc');\n");
    no_js("whereRaw(", "whereRaw(condition);\n");
    no_py("text(", "from sqlalchemy import text\nq.order_by(text(f\"{n} desc\"))\n");
}

#[test]
fn every_way_of_building_the_text() {
    // Concatenation over several lines keeps its lines.
    js(
        "db.query(",
        "db.query(\"SELECT * FROM t \" +\n  \"WHERE a = '\" + a + \"' \" +\n  \"AND b = \" + b +\n  \" ORDER BY c\", cb);\n",
        "db.query(\"SELECT * FROM t \" +\n  \"WHERE a = ? \" +\n  \"AND b = ?\" +\n  \" ORDER BY c\", [a, b], cb);\n",
    );
    js(
        "db.run(",
        "db.run(\"INSERT INTO t (a, b) VALUES ('\" + a + \"', '\" + b.c + \"')\", function (err) {});\n",
        "db.run(\"INSERT INTO t (a, b) VALUES (?, ?)\", [a, b.c], function (err) {});\n",
    );
    js(
        "db.query(",
        "function f(a, b) {\n  let q = 'SELECT * FROM t';\n  q += \" WHERE a = '\" + a + \"'\";\n  q += ' AND b = ' + b;\n  db.query(q);\n}\n",
        "function f(a, b) {\n  let q = 'SELECT * FROM t';\n  q += \" WHERE a = ?\";\n  q += ' AND b = ?';\n  db.query(q, [a, b]);\n}\n",
    );
    py(
        "cur.execute(",
        "import sqlite3\ncur.execute(\"SELECT * FROM t WHERE a = '%s' AND b = %d AND c LIKE 'x%%'\" % (a, b))\n",
        "import sqlite3\ncur.execute(\"SELECT * FROM t WHERE a = ? AND b = ? AND c LIKE 'x%'\", (a, b))\n",
    );
    py(
        "cur.execute(",
        "import psycopg2\ncur.execute('UPDATE t SET a = \\'%(a)s\\' WHERE b = %(b)s' % {'a': x, 'b': y})\n",
        "import psycopg2\ncur.execute('UPDATE t SET a = %s WHERE b = %s', (x, y))\n",
    );
    py(
        "cur.execute(",
        "import sqlite3\ncur.execute(\"SELECT '{{}}' FROM t WHERE a = '{}' AND b = {name}\".format(a, name=b))\n",
        "import sqlite3\ncur.execute(\"SELECT '{}' FROM t WHERE a = ? AND b = ?\", (a, b))\n",
    );
    py(
        "cur.execute(",
        "import sqlite3\ncur.execute(\n    f\"SELECT * FROM t \"\n    f\"WHERE a = '{a}' \"\n    f\"AND b = {b}\",\n)\n",
        "import sqlite3\ncur.execute(\n    f\"SELECT * FROM t \"\n    \"WHERE a = ? \"\n    \"AND b = ?\",\n    (a, b),\n)\n",
    );
    py(
        "cur.execute(",
        "import sqlite3\ndef f(cur, a):\n    cur.execute(\"\"\"\n        SELECT *\n        FROM t\n        WHERE a = '\"\"\" + a + \"\"\"'\n        LIMIT 1\n    \"\"\")\n",
        "import sqlite3\ndef f(cur, a):\n    cur.execute(\"\"\"\n        SELECT *\n        FROM t\n        WHERE a = ?\n        LIMIT 1\n    \"\"\", (a,))\n",
    );
    py(
        "cur.execute(",
        "import sqlite3\nquery = (\n    \"SELECT * FROM t WHERE a = '\" + a\n    + \"' AND b = \" + str(b)\n)\ncur.execute(query)\n",
        "import sqlite3\nquery = (\n    \"SELECT * FROM t WHERE a = ?\"\n    + \" AND b = ?\"\n)\ncur.execute(query, (a, b))\n",
    );
}

#[test]
fn parts_in_a_list() {
    js(
        "db.query(",
        "db.query([\n  'SELECT * FROM t',\n  \"WHERE a = '\" + a + \"'\",\n  `AND b = ${b}`,\n].join(' '), cb);\n",
        "db.query([\n  'SELECT * FROM t',\n  \"WHERE a = ?\",\n  `AND b = ?`,\n].join(' '), [a, b], cb);\n",
    );
    py(
        "cur.execute(",
        "import sqlite3\nq = \" \".join((\"SELECT * FROM t\", f\"WHERE a = '{a}'\"))\ncur.execute(q)\n",
        "import sqlite3\nq = \" \".join((\"SELECT * FROM t\", \"WHERE a = ?\"))\ncur.execute(q, (a,))\n",
    );
    no_js("db.query(", "db.query(['SELECT * FROM t WHERE a =', a].join(' '));\n");
}

#[test]
fn typescript_reads_await_into_the_callee() {
    check_with(
        FIXER,
        Language::TypeScript,
        "await pool.query<",
        &[],
        "import { Pool } from 'pg';\nconst pool = new Pool();\nasync function f(id: string) {\n  return await pool.query<{ id: number }>(\n    `SELECT * FROM t WHERE id = '${id}'`,\n  );\n}\n",
        "import { Pool } from 'pg';\nconst pool = new Pool();\nasync function f(id: string) {\n  return await pool.query<{ id: number }>(\n    `SELECT * FROM t WHERE id = $1`,\n    [id],\n  );\n}\n",
    );
}

#[test]
fn a_query_that_grows_collects_its_values() {
    js(
        "db.query(",
        "function f(name, b) {\n  let sql = 'SELECT id FROM t WHERE active = 1';\n  if (name) {\n    sql += \" AND name LIKE '%\" + name + \"%'\";\n  }\n  if (b) sql += ' AND b = ' + b;\n  sql += ' ORDER BY id';\n  db.query(sql, (err, rows) => {});\n}\n",
        "function f(name, b) {\n  let sql = 'SELECT id FROM t WHERE active = 1';\n  const params = [];\n  if (name) {\n    sql += \" AND name LIKE ?\";\n    params.push(\"%\" + name + \"%\");\n  }\n  if (b) { sql += ' AND b = ?'; params.push(b); }\n  sql += ' ORDER BY id';\n  db.query(sql, params, (err, rows) => {});\n}\n",
    );
    js(
        "db.query(",
        "let q = `SELECT 1 FROM t WHERE a = ${a}`\nif (b) { q = q + ` AND b = '${b}' AND c = '${c}'` }\ndb.query(q)\n",
        "let q = `SELECT 1 FROM t WHERE a = ?`\nconst params = [a]\nif (b) { q = q + ` AND b = ? AND c = ?` params.push(b, c) }\ndb.query(q, params)\n"
            .replace("` params.push(b, c) }", "`; params.push(b, c) }").as_str(),
    );
    py(
        "cur.execute(",
        "import psycopg2\ndef f(cur, a, b):\n    q = \"SELECT * FROM t WHERE x LIKE 'y%'\"\n    if a:\n        q += f\" AND a = '{a}'\"\n    for c in b:\n        q += \" AND c = '%s' AND d = %d\" % (c, a)\n    cur.execute(q)\n",
        "import psycopg2\ndef f(cur, a, b):\n    q = \"SELECT * FROM t WHERE x LIKE 'y%%'\"\n    params = []\n    if a:\n        q += \" AND a = %s\"\n        params.append(a)\n    for c in b:\n        q += \" AND c = %s AND d = %s\"\n        params.extend([c, a])\n    cur.execute(q, params)\n",
    );
    js(
        "db.query(",
        "let q = 'SELECT 1 FROM t WHERE a = 1';\nq = q + ' AND b = ' + b;\ndb.query(q);\n",
        "let q = 'SELECT 1 FROM t WHERE a = 1';\nq = q + ' AND b = ?';\ndb.query(q, [b]);\n",
    );
    no_js(
        "db.query(",
        "const pg = require('pg');\nlet q = 'SELECT 1 FROM t WHERE a = 1';\nif (b) { q += ' AND b = ' + b; }\ndb.query(q);\n",
    );
    no_js("db.query(", "let q = 'SELECT 1 FROM t ';\nif (b) { q += ' ORDER BY ' + b; }\ndb.query(q);\n");
    no_js("db.query(", "let q = 'SELECT 1 FROM t WHERE a = ';\nif (b) { q += b; }\ndb.query(q);\n");
    no_js(
        "db.query(",
        "let q = 'SELECT 1 FROM t WHERE 1';\nb.forEach((c) => { q += ' AND b = ' + c; });\ndb.query(q);\n",
    );
}

#[test]
fn patterns_are_bound_whole() {
    js(
        "db.query(",
        "db.query(\"SELECT * FROM t WHERE a LIKE '%\" + a + \"%'\", cb);\n",
        "db.query(\"SELECT * FROM t WHERE a LIKE ?\", [\"%\" + a + \"%\"], cb);\n",
    );
    js(
        "db.query(",
        "db.query(`SELECT * FROM t WHERE a LIKE '%${req.query.a}%' OR b LIKE '${b}%'`);\n",
        "db.query(`SELECT * FROM t WHERE a LIKE ? OR b LIKE ?`, [`%${req.query.a}%`, `${b}%`]);\n",
    );
    py(
        "cur.execute(",
        "import psycopg2\ncur.execute(f\"SELECT * FROM t WHERE a ILIKE '%{a}%'\")\n",
        "import psycopg2\ncur.execute(\"SELECT * FROM t WHERE a ILIKE %s\", (f\"%{a}%\",))\n",
    );
    py(
        "cur.execute(",
        "import sqlite3\ncur.execute(\"SELECT * FROM t WHERE a LIKE '%%%s%%'\" % request.args['a'])\n",
        "import sqlite3\ncur.execute(\"SELECT * FROM t WHERE a LIKE ?\", (f\"%{request.args['a']}%\",))\n",
    );
}

#[test]
fn values_that_are_passed_already_keep_their_order() {
    js(
        "db.query(",
        "db.query('SELECT * FROM t WHERE a = ? AND b = ' + b + ' AND c = ?', [a, c], cb);\n",
        "db.query('SELECT * FROM t WHERE a = ? AND b = ? AND c = ?', [a, b, c], cb);\n",
    );
    py(
        "cur.execute(",
        "import sqlite3\ncur.execute(\"SELECT * FROM t WHERE a = ? AND b = '\" + b + \"'\", (a,))\n",
        "import sqlite3\ncur.execute(\"SELECT * FROM t WHERE a = ? AND b = ?\", (a, b))\n",
    );
    js(
        "db.query(",
        "db.query({ sql: `SELECT * FROM t WHERE a = ${a}`, timeout: 10 }, cb);\n",
        "db.query({ sql: `SELECT * FROM t WHERE a = ?`, timeout: 10, values: [a] }, cb);\n",
    );
}

#[test]
fn constants_stay_in_the_text() {
    js(
        "db.query(",
        "const TABLE = 'users';\ndb.query(`SELECT * FROM ${TABLE} WHERE a = ${a}`);\n",
        "const TABLE = 'users';\ndb.query(`SELECT * FROM ${TABLE} WHERE a = ?`, [a]);\n",
    );
    js(
        "db.query(",
        "const base = 'SELECT * FROM t WHERE ';\ndb.query(base + 'a = ' + a);\n",
        "const base = 'SELECT * FROM t WHERE ';\ndb.query(base + 'a = ?', [a]);\n",
    );
    py(
        "cur.execute(",
        "import sqlite3\nfrom .names import TABLE\ncur.execute(f\"SELECT * FROM {TABLE} WHERE a = {a}\")\n",
        "import sqlite3\nfrom .names import TABLE\ncur.execute(f\"SELECT * FROM {TABLE} WHERE a = ?\", (a,))\n",
    );
}

#[test]
fn values_of_a_format_go_all_together() {
    py(
        "c.execute(",
        "import sqlite3\nc.execute(\"INSERT INTO t (a, b, c, d) VALUES ('%s', '%d', %s, '%s')\" %(a, 0, MAX, ''))\n",
        "import sqlite3\nc.execute(\"INSERT INTO t (a, b, c, d) VALUES (?, ?, ?, ?)\", (a, 0, MAX, ''))\n",
    );
}

#[test]
fn a_word_glued_to_a_literal_is_kept_apart() {
    js(
        "db.query(",
        "db.query(\"SELECT 1 FROM t WHERE a='\" + a + \"'AND b LIKE'\" + b + \"'\");\n",
        "db.query(\"SELECT 1 FROM t WHERE a=? AND b LIKE?\", [a, b]);\n",
    );
    no_js("db.query(", "db.query(\"SELECT 1 FROM t WHERE a=E'\" + a + \"'\");\n");
}

#[test]
fn a_text_that_is_shown_too() {
    let fix = check_with(
        FIXER,
        Language::Python,
        "T.objects.raw(",
        &[],
        "def f(r, a):\n    q = \"SELECT * FROM t WHERE a='\" + a + \"'\"\n    try:\n        v = T.objects.raw(q)\n    except E:\n        return render(r, 'x.html', {\"sql_error\": q})\n",
        "def f(r, a):\n    q = \"SELECT * FROM t WHERE a=%s\"\n    try:\n        v = T.objects.raw(q, [a])\n    except E:\n        return render(r, 'x.html', {\"sql_error\": q})\n",
    );
    assert!(!fix.safe);
}

#[test]
fn a_text_that_is_told_of_in_errors() {
    let fix = check_with(
        FIXER,
        Language::JavaScript,
        "db.query(",
        &[],
        "const q = 'SELECT 1 FROM t WHERE a = ' + a;\nthrow new Error(`no ${q}`);\nconsole.log('run ' + q);\ndb.query(q);\n",
        "const q = 'SELECT 1 FROM t WHERE a = ?';\nthrow new Error(`no ${q}`);\nconsole.log('run ' + q);\ndb.query(q, [a]);\n",
    );
    assert!(!fix.safe);
}

#[test]
fn a_limit_stays_a_number() {
    js(
        "db.query(",
        "db.query(`SELECT * FROM t LIMIT ${req.query.n} OFFSET ${Number(o)}`);\n",
        "db.query(`SELECT * FROM t LIMIT ? OFFSET ?`, [Number(req.query.n), Number(o)]);\n",
    );
}

#[test]
fn line_ends_and_letters_of_all_kinds() {
    js(
        "db.query(",
        "const é = '日本';\r\ndb.query(\r\n  \"SELECT '😀' FROM t WHERE a = '\" + a + \"'\"\r\n);\r\n",
        "const é = '日本';\r\ndb.query(\r\n  \"SELECT '😀' FROM t WHERE a = ?\",\r\n  [a]\r\n);\r\n",
    );
}

#[test]
fn an_unknown_driver_is_said_to_be_assumed() {
    let fix = check_with(
        FIXER,
        Language::Python,
        "cur.execute(",
        &[],
        "cur.execute(f\"SELECT * FROM t WHERE a = {a}\")\n",
        "cur.execute(\"SELECT * FROM t WHERE a = ?\", (a,))\n",
    );
    assert!(!fix.safe);
    assert_eq!(fix.title, "Pass `a` as a bound parameter (assumes that this driver's placeholder is `?`)");
}

#[test]
fn what_is_no_value_cannot_be_bound() {
    no_js("db.query(", "db.query('SELECT * FROM ' + table);\n");
    no_js("db.query(", "db.query(`SELECT * FROM t ORDER BY ${column}`);\n");
    no_js("db.query(", "db.query(`SELECT * FROM t WHERE a = ${a} ORDER BY b ${direction}`);\n");
    no_js("db.query(", "db.query(`SELECT ${columns} FROM t`);\n");
    no_js("db.query(", "db.query(`INSERT INTO t (${columns}) VALUES (1)`);\n");
    no_js("db.query(", "db.query(`SELECT * FROM t WHERE ${where}`);\n");
    no_js("db.query(", "db.query(`SELECT * FROM t WHERE ${column} = 1`);\n");
    no_js("db.query(", "db.query(`SELECT * FROM t_${suffix} WHERE a = 1`);\n");
    no_js("db.query(", "db.query('SELECT * FROM `' + table + '`');\n");
    no_js("db.query(", "db.query(`SELECT * FROM t WHERE a IN (${ids})`);\n");
    no_js("db.query(", "db.query(`DROP TABLE '${name}'`);\n");
    no_js("db.query(", "db.query(`SELECT 1 -- ${note}`);\n");
    no_js("db.query(", "db.query(`SELECT * FROM t WHERE a > now() - INTERVAL '${n} days'`);\n");
    no_js("db.query(", "db.query(`SELECT 1 FROM t WHERE data->>'${key}' = 1`);\n");
    no_js("db.query(", "db.query(`SELECT 1 FROM t WHERE a = ${(b, c)}`.slice(0));\n");
    no_js("sql`", "sql`SELECT 1 FROM t WHERE a = ${a}`;\n");
    no_js(
        "db.query(",
        "const { Pool } = require('pg');\nconst db = new Pool();\ndb.query('SELECT 1 FROM t WHERE a = \"' + a + '\"');\n",
    );
    no_js("db.query(", "db.query(sql);\n");
    no_py("cur.execute(", "cur.execute(\"SELECT * FROM %s WHERE a = '%s'\" % (t, a))\n");
    no_py("cur.execute(", "cur.execute(f\"PRAGMA table_info({name})\")\n");
}

#[test]
fn what_is_used_or_changed_elsewhere_is_left_alone() {
    no_js("db.query(", "const q = 'SELECT 1 FROM t WHERE a = ' + a;\ndb.query(q);\nother.query(q);\n");
    no_js("db.query(", "let q = 'SELECT 1 FROM t WHERE a = ' + a;\nif (b) q = 'x';\ndb.query(q);\n");
    no_js("db.query(", "let q = 'SELECT 1 FROM t WHERE a = ' + a;\na = 2;\ndb.query(q);\n");
    no_js("db.query(", "const q = 'SELECT 1 FROM t WHERE a = ' + a;\nf((a) => { db.query(q); });\n");
    no_js("db.query(", "function f(q) { db.query(q); }\n");
    no_js("db.query(", "db.query('SELECT 1 FROM t WHERE a = ' + a, params);\n");
    no_js("db.query(", "db.query('SELECT 1 FROM t WHERE a = ? AND b = ' + b);\n");
    no_js(
        "db.exec(",
        "const db = require('better-sqlite3')('x');\ndb.exec('DELETE FROM t WHERE a = ' + a);\n",
    );
    no_py("cur.executescript(", "cur.executescript(\"DELETE FROM t WHERE a = '\" + a + \"'\")\n");
}
