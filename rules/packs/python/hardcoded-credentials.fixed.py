import os

import psycopg2
from flask import Flask

app = Flask(__name__)
# ruleid: python-hardcoded-credential
app.secret_key = os.environ["SECRET_KEY"]
# ruleid: python-hardcoded-credential
app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
# ruleid: python-hardcoded-credential
API_TOKEN = os.environ["API_TOKEN"]


def connect():
    # ruleid: python-hardcoded-credential
    return psycopg2.connect(host="db", user="clinic", password=os.environ["DB_PASSWORD"])


def login(name, password):
    # ruleid: python-hardcoded-credential
    if name == "admin" and password == os.environ["ADMIN_PASSWORD"]:
        return True
    # ok: python-hardcoded-credential
    return password == ""


# ok: python-hardcoded-credential
DB_PASSWORD = os.environ["DB_PASSWORD"]
# ok: python-hardcoded-credential
password = ""
# ok: python-hardcoded-credential
secret_name = "clinic/database"
# ok: python-hardcoded-credential
PASSWORD_RESET_TEMPLATE = "account/password_reset.html"
# ok: python-hardcoded-credential
api_key = "your-api-key"
# ok: python-hardcoded-credential
token = "xxxxxxxxxxxxxxxx"
