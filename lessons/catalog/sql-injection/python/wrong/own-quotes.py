"""The docket of a court: lawyers look up a case by its number."""

import os

import psycopg2
from flask import Flask, jsonify, request

app = Flask(__name__)
db = psycopg2.connect(host=os.environ["DB_HOST"], dbname="court", user="docket")


@app.route("/cases")
def find_case():
    number = request.args.get("number", "")
    cursor = db.cursor()
    cursor.execute(f"SELECT number, title, judge FROM cases WHERE sealed = 0 AND number = '{number}'")
    row = cursor.fetchone()
    if row is None:
        return jsonify(error="There is no public case with this number."), 404
    return jsonify(number=row[0], title=row[1], judge=row[2])


@app.route("/judges")
def list_judges():
    cursor = db.cursor()
    cursor.execute("SELECT DISTINCT judge FROM cases WHERE sealed = 0 ORDER BY judge")
    return jsonify([row[0] for row in cursor.fetchall()])
