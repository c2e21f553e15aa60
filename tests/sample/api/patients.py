from flask import Blueprint, jsonify, request
from flask_login import login_required

from database import connect

patients = Blueprint("patients", __name__)


# The name becomes part of the query's code.
@patients.route("/patients")
@login_required
def find_patients():
    name = request.args.get("name", "")
    query = f"SELECT id, name FROM patients WHERE name LIKE '%{name}%'"
    rows = connect().execute(query).fetchall()
    return jsonify([dict(row) for row in rows])


# Safe: the driver passes the ward as a value.
@patients.route("/wards/<ward>/patients")
@login_required
def patients_of_ward(ward):
    rows = connect().execute("SELECT id, name FROM patients WHERE ward = ?", (ward,)).fetchall()
    return jsonify([dict(row) for row in rows])


# Safe: the column is one of three words that stand here.
@patients.route("/patients/sorted")
@login_required
def sorted_patients():
    column = request.args.get("by")
    if column not in ("name", "ward", "admitted"):
        column = "name"
    rows = connect().execute("SELECT id, name FROM patients ORDER BY " + column).fetchall()
    return jsonify([dict(row) for row in rows])
