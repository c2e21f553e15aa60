"""A university's help desk: is a lecture hall's equipment reachable?"""

import subprocess

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.route("/ping")
def ping():
    host = request.args.get("host", "")
    if not host:
        return jsonify(error="Which device?"), 400
    result = subprocess.run(f'ping -c 1 "{host}"', shell=True, capture_output=True, text=True)
    return jsonify(reachable=result.returncode == 0, output=result.stdout)


@app.route("/on-call")
def on_call():
    return jsonify(technician="D. Marin", phone="5512")
