import os

import psycopg2
from flask import Flask

app = Flask(__name__)
# ruleid: python-hardcoded-credential
app.secret_key = "fK3!92hsLq0zPw"
# ruleid: python-hardcoded-credential
app.config["SECRET_KEY"] = "fK3!92hsLq0zPw"
# ruleid: python-hardcoded-credential
API_TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"


def connect():
    # ruleid: python-hardcoded-credential
    return psycopg2.connect(host="db", user="clinic", password="s3cr3t-Clinic-2024")


def login(name, password):
    # ruleid: python-hardcoded-credential
    if name == "admin" and password == "Gr8-Clinic!77":
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
