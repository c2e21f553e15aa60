import sqlite3

import psycopg2
from flask import Flask, request

app = Flask(__name__)
ORDERS = {"name": "last_name", "date": "created_at"}


@app.route("/patients")
def patients():
    conn = sqlite3.connect("clinic.db")
    email = request.args.get("email")
    query = "SELECT * FROM patients WHERE email = ?"
    # ruleid: python-sql-string-building
    rows = conn.execute(query, (email,)).fetchall()
    return {"rows": rows}


@app.route("/visits/<visit>")
def visits(visit):
    conn = psycopg2.connect("dbname=clinic")
    cur = conn.cursor()
    # ruleid: python-sql-string-building
    cur.execute("SELECT * FROM visits WHERE id = %s", (visit,))
    return {"rows": cur.fetchall()}


@app.route("/doctors")
def doctors():
    conn = sqlite3.connect("clinic.db")
    cur = conn.cursor()
    # ruleid: python-sql-string-building
    cur.execute("SELECT * FROM doctors WHERE name = ?", (request.args['name'],))
    return {"rows": cur.fetchall()}


@app.route("/safe/bound")
def safe_bound():
    conn = sqlite3.connect("clinic.db")
    # ok: python-sql-string-building
    rows = conn.execute("SELECT * FROM patients WHERE email = ?", (request.args.get("email"),)).fetchall()
    return {"rows": rows}


@app.route("/safe/number")
def safe_number():
    conn = sqlite3.connect("clinic.db")
    page = int(request.args.get("page", "1"))
    # ok: python-sql-string-building
    rows = conn.execute("SELECT * FROM patients LIMIT 20 OFFSET %d" % (page * 20)).fetchall()
    return {"rows": rows}


@app.route("/safe/allowlist")
def safe_allowlist():
    conn = sqlite3.connect("clinic.db")
    order = request.args.get("sort")
    if order not in ("name", "date"):
        order = "name"
    # ok: python-sql-string-building
    rows = conn.execute("SELECT * FROM patients ORDER BY " + order).fetchall()
    return {"rows": rows}
