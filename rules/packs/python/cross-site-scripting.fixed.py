from flask import Flask, jsonify, make_response, render_template, request
from markupsafe import escape

app = Flask(__name__)


@app.route("/hello")
def hello():
    name = request.args.get("name", "")
    # ruleid: python-html-string-building
    return f"<h1>Hello {escape(name)}</h1>"


@app.route("/hello/<name>")
def hello_name(name):
    # ruleid: python-html-string-building
    return "<h1>Hello " + str(escape(name)) + "</h1>", 200


@app.route("/search")
def search():
    # ruleid: python-html-string-building
    return make_response("<p>No result for %s</p>" % escape(request.args["q"]))


@app.route("/safe/escaped")
def safe_escaped():
    # ok: python-html-string-building
    return f"<h1>Hello {escape(request.args['name'])}</h1>"


@app.route("/safe/template")
def safe_template():
    # ok: python-html-string-building
    return render_template("hello.html", name=request.args["name"])


@app.route("/safe/json")
def safe_json():
    # ok: python-html-string-building
    return jsonify(name=request.args["name"])


@app.route("/safe/number/<int:number>")
def safe_number(number: int):
    # ok: python-html-string-building
    return f"<h1>{number}</h1>"
