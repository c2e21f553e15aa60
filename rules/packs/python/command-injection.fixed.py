import os
import shlex
import subprocess

from flask import Flask, request

app = Flask(__name__)


@app.route("/ping")
def ping():
    host = request.args.get("host", "")
    # ruleid: python-command-string-building
    result = subprocess.run(["ping", "-c", "1", host], capture_output=True)
    return {"ok": result.returncode == 0}


@app.route("/lookup/<name>")
def lookup(name):
    # ruleid: python-command-string-building
    subprocess.run(["nslookup", name])
    return {"done": True}


@app.route("/disk")
def disk():
    # ruleid: python-command-string-building
    out = subprocess.check_output(["du", "-sh", request.args["path"]])
    return {"out": out.decode()}


@app.route("/safe/vector")
def safe_vector():
    # ok: python-command-string-building
    result = subprocess.run(["ping", "-c", "1", request.args["host"]], capture_output=True)
    return {"ok": result.returncode == 0}


@app.route("/safe/quoted")
def safe_quoted():
    # ok: python-command-string-building
    os.system("nslookup " + shlex.quote(request.args["host"]))
    return {"done": True}


@app.route("/safe/constant")
def safe_constant():
    # ok: python-command-string-building
    subprocess.run("uptime --pretty", shell=True)
    return {"done": True}
