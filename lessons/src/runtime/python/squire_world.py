"""What a program can see and change outside of itself: files, environment, processes, network, database.

`reset` makes a new world for every test and every attack, so that no check sees the traces of the one before.
"""

import json
import sqlite3

SURROUNDINGS = ("database.sql", "services.json", "deployment.env")

shipped = {}
files = {}
env = {}
processes = []
outbox = []
logins = []
services = {}
_real_connect = sqlite3.connect
_connection = None


def reset(environment=None):
    global _connection
    files.clear()
    # Emptied and not replaced: the check holds on to these lists.
    processes.clear()
    outbox.clear()
    logins.clear()
    services.clear()
    services.update(json.loads(shipped.get("services.json") or "{}"))
    for name, text in shipped.items():
        place = place_of(name)
        if place is not None:
            files[place] = text
    env.clear()
    env.update(environment if environment is not None else parse_environment(shipped.get("deployment.env", "")))
    if _connection is not None:
        _connection.close()
    _connection = None


def place_of(name):
    """Where a file of the exercise lies: the repository under /app, `machine/…` at the root."""
    if name in SURROUNDINGS:
        return None
    return name[len("machine"):] if name.startswith("machine/") else "/app/" + name


def parse_environment(text):
    out = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and name.replace("_", "a").isalnum():
            out[name] = value.strip()
    return out


def normalize(path):
    out = []
    for part in str(path).split("/"):
        if part in ("", "."):
            continue
        if part == "..":
            if out:
                out.pop()
        else:
            out.append(part)
    return "/" + "/".join(out)


def resolve(path, base="/app"):
    text = str(path)
    return normalize(text if text.startswith("/") else base + "/" + text)


# ---- the database ------------------------------------------------------------------------------------------------

ALLOWED_PRAGMAS = {"table_info", "foreign_keys", "user_version", "table_list"}
DENIED_FUNCTIONS = {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"}


def _authorize(action, first, second, _database, _trigger):
    if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_CREATE_VTABLE):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() not in ALLOWED_PRAGMAS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in DENIED_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def database():
    """The one database of this world. It has no file behind it and cannot open any."""
    global _connection
    if _connection is None:
        _connection = _real_connect(":memory:", isolation_level=None)
        _connection.executescript(shipped.get("database.sql", ""))
        _connection.set_authorizer(_authorize)
    return _connection


def sql(text, values=()):
    """The check's own look into the database: rows as dictionaries."""
    cursor = database().execute(text, values)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


def login(user, password):
    """Does the database server let this user in? Every attempt is written down."""
    logins.append({"user": None if user is None else str(user), "password": password})
    return accepts(user, password)


def accepts(user, password):
    accounts = services.get("database", {}).get("accounts")
    return accounts is None or password in accounts.get(str(user), [])


def split(text):
    """Cuts SQL into statements; knows quotes and comments."""
    out, current, at = [], "", 0
    while at < len(text):
        char, two = text[at], text[at:at + 2]
        if two == "--":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif two == "/*":
            end = text.find("*/", at + 2)
            at = len(text) if end < 0 else end + 2
            current += " "
        elif char in "'\"":
            end = text.find(char, at + 1)
            while end >= 0 and text[end:end + 2] == char * 2:
                end = text.find(char, end + 2)
            end = len(text) if end < 0 else end + 1
            current += text[at:end]
            at = end
        elif char == ";":
            out.append(current)
            current = ""
            at += 1
        else:
            current += char
            at += 1
    out.append(current)
    return [statement.strip() for statement in out if statement.strip()]


class Connection:
    """What `sqlite3.connect` gives out: a real connection's cursors, on the one database of the world."""

    def __init__(self):
        self.row_factory = None
        self.text_factory = str
        self.isolation_level = ""
        self.total_changes = 0
        self.in_transaction = False

    def cursor(self, *_):
        cursor = database().cursor()
        cursor.row_factory = self.row_factory
        return cursor

    def execute(self, *args):
        return self.cursor().execute(*args)

    def executemany(self, *args):
        return self.cursor().executemany(*args)

    def executescript(self, text):
        cursor = self.cursor()
        for statement in split(text):
            cursor.execute(statement)
        return cursor

    def create_function(self, *_args, **_options):
        return None

    def commit(self):
        return None

    def rollback(self):
        return None

    def close(self):
        return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


def connect(_database=":memory:", *_args, **_options):
    return Connection()


# ---- the network -------------------------------------------------------------------------------------------------

def call(method, url, headers, body):
    """One outgoing HTTP call: (status, text), or None where nobody answers."""
    lower = {str(name).lower(): str(value) for name, value in (headers or {}).items()}
    outbox.append({"method": str(method).upper(), "url": str(url), "headers": lower, "body": "" if body is None else str(body)})
    for service in services.get("http", []):
        if str(url).startswith(service["url"]):
            if "keys" in service and lower.get(service["header"]) not in service["keys"]:
                return 401, '{"error": "invalid key"}'
            text = json.dumps(service["json"]) if "json" in service else service.get("text", "")
            return service.get("status", 200), text
    return None
