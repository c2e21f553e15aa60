from flask import Flask, abort, request
from flask_login import current_user, login_required

app = Flask(__name__)


@app.route("/recordings/<id>")
@login_required
def recording(id):
    return load(id)


# ruleid: python-missing-authorization
@app.route("/recordings/<id>/delete", methods=["POST"])
@login_required
def delete_recording(id):
    return perform_delete(id)


# ruleid: python-missing-authorization
@app.post("/patients")
@login_required
def create_patient():
    return save(request.get_json())


# ruleid: python-missing-authorization
@app.route("/visits/<int:visit>", methods=["PUT", "DELETE"])
@login_required
def change_visit(visit):
    return save(visit)


# ok: python-missing-authorization
@app.route("/patients/<id>/delete", methods=["POST"])
@login_required
def delete_patient(id):
    return perform_delete(id)


# ok: python-missing-authorization
@app.route("/notes/<id>/delete", methods=["POST"])
def delete_note(id):
    if not current_user.has_role("doctor"):
        abort(403)
    return perform_delete(id)


# ok: python-missing-authorization
@app.route("/login", methods=["POST"])
def login():
    return sign_in(request.form)


# ok: python-missing-authorization
@app.route("/about")
def about():
    return "A clinic."
