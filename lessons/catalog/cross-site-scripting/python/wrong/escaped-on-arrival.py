"""A legal advice centre: clients look up when their appointment is."""

import json

from flask import Flask, jsonify, request
from markupsafe import escape

app = Flask(__name__)

with open("appointments.json") as file:
    appointments = json.load(file)


@app.route("/appointments")
def find_appointments():
    name = str(escape(request.args.get("name", "")))
    times = [entry["time"] for entry in appointments if entry["name"] == name]
    found = ", ".join(times) or "none"
    return f"""<!doctype html><title>Appointments</title>
<h1>Appointments of {name}</h1>
<form action="/appointments"><input name="name" value="{name}"><button>Look up</button></form>
<p>Found: {found}</p>"""


@app.route("/topics")
def list_topics():
    return jsonify(sorted(entry["advice"] for entry in appointments))
