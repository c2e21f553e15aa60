import subprocess

from flask import Blueprint, request
from flask_login import login_required

diagnostics = Blueprint("diagnostics", __name__)


# A host such as "scanner; rm -rf ~" is two commands to the shell.
@diagnostics.route("/devices/ping")
@login_required
def ping():
    host = request.args["host"]
    result = subprocess.run("ping -c 1 " + host, shell=True, capture_output=True, text=True)
    return {"reachable": result.returncode == 0}


# Safe: no shell reads the host.
@diagnostics.route("/devices/lookup")
@login_required
def lookup():
    result = subprocess.run(["host", "--", request.args["host"]], capture_output=True, text=True)
    return {"found": result.returncode == 0}
