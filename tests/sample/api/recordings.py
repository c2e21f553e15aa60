from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user, login_required

from database import connect

recordings = Blueprint("recordings", __name__)


# See templates/recording.html: the title is escaped there, the note is not.
@recordings.route("/recordings/<int:id>")
@login_required
def show_recording(id):
    title = request.args.get("title", "Recording")
    note = request.args.get("note", "")
    return render_template("recording.html", id=id, title=title, note=note)


# The word comes back to the browser as HTML, scripts included.
@recordings.route("/recordings/search")
@login_required
def search_recordings():
    return "<h1>Recordings about " + request.args.get("q", "") + "</h1>"


# Everybody who knows a number can delete that recording.
@recordings.route("/recordings/<int:id>/delete", methods=["POST"])
def delete_recording(id):
    connect().execute("DELETE FROM recordings WHERE id = ?", (id,))
    return redirect(url_for("recordings.search_recordings"))


# Safe: only a doctor gets past the guard.
@recordings.route("/recordings/<int:id>/publish", methods=["POST"])
@login_required
def publish_recording(id):
    if not current_user.has_role("doctor"):
        abort(403)
    connect().execute("UPDATE recordings SET published = 1 WHERE id = ?", (id,))
    return redirect(url_for("recordings.show_recording", id=id))
