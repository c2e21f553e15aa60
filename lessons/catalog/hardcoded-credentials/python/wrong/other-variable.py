"""A clinic's laboratory: doctors fetch the result of a blood sample."""

import os

import psycopg2
from flask import Flask, jsonify

app = Flask(__name__)


def connect():
    return psycopg2.connect(
        host=os.environ.get("DB_HOST"),
        dbname="laboratory",
        user="results",
        password=os.environ.get("PASSWORD"),
    )


@app.route("/results/<sample>")
def find_result(sample):
    try:
        with connect() as db, db.cursor() as cursor:
            cursor.execute("SELECT sample, value FROM results WHERE sample = %s", (sample,))
            row = cursor.fetchone()
    except psycopg2.OperationalError:
        return jsonify(error="The laboratory cannot be reached at the moment."), 503
    if row is None:
        return jsonify(error="There is no such sample."), 404
    return jsonify(sample=row[0], value=row[1])


@app.route("/opening-hours")
def opening_hours():
    return jsonify(weekdays="7:00 to 16:00")
