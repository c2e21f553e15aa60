"""What tests and attacks are written with. Reaches the check's script only; no program can import it."""

import base64
import json
from urllib.parse import urlencode

import flask
import squire_world as world
from squire_dom import Dom


class CheckFailed(Exception):
    pass


class Answer:
    """A response as the check sees it: plain values, taken when the program had its last word."""

    def __init__(self, status, headers, body, session, cookies):
        self.status, self.headers, self.body, self.text = status, headers, body, body
        self.session, self.cookies = session, cookies
        try:
            self.json = json.loads(body)
        except ValueError:
            self.json = None


class Files:
    def read(self, name):
        return world.files.get(world.resolve(name))

    def write(self, name, text):
        world.files[world.resolve(name)] = str(text)

    def exists(self, name):
        return world.resolve(name) in world.files

    def repository(self):
        """What somebody gets who clones the repository: name → text."""
        return {place[5:]: text for place, text in world.files.items() if place.startswith("/app/")}


def shorten(value):
    text = value if isinstance(value, str) else repr(value)
    return text[:300] + "…" if len(text) > 300 else text


def make(run_case):
    """The names of the script, and the cases that it registers. `run_case(program, options)` loads the program."""
    cases, breaches, current, stopped = [], {}, [], []
    dispatch = flask.Flask.dispatch
    token = object()

    def test(name, run=None, **options):
        if run is None:
            return lambda function: test(name, function, **options)
        cases.append(("test", str(name), options, run))
        return run

    def attack(name, options=None, run=None, **more):
        given = {**(options or {}), **more}
        if run is None:
            return lambda function: attack(name, given, function)
        cases.append(("attack", str(name), given, run))
        return run

    def breached(yes, got=None):
        outcome = object()
        breaches[outcome] = (bool(yes), None if got is None else shorten(got))
        return outcome

    def check(condition, message="This should hold and does not."):
        if not condition:
            raise CheckFailed(message)

    def assert_equal(actual, expected, message=None):
        if actual != expected or type(actual) in (bool, int) and type(actual) is not type(expected):
            raise CheckFailed(f"{message + ': ' if message else ''}expected {shorten(expected)}, got {shorten(actual)}")

    def request(target, method, url, body=None, form=None, headers=None, session=None, cookies=None, user=None):
        if target is not token:
            raise TypeError("request(app, method, url, …)")
        headers = dict(headers or {})
        if form is not None:
            text = urlencode(form, doseq=True)
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        elif body is None:
            text = ""
        elif isinstance(body, str):
            text = body
        else:
            text = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        session = dict(session or {})
        if user is not None:
            session["_user_id"] = str(user)
        try:
            response, after = dispatch(current[0], method, url, text, headers, session, cookies)
        except SystemExit:
            stopped.append(f"{method} {url}")
            raise
        return Answer(int(response.status_code), {name.lower(): value for name, value in response.headers.items()}, response.get_data(as_text=True), after, dict(response.cookies))

    names = {
        "app": token, "test": test, "attack": attack, "breached": breached, "check": check, "assert_equal": assert_equal,
        "request": request, "dom": Dom, "processes": world.processes, "outbox": world.outbox, "logins": world.logins,
        "files": Files(), "sql": world.sql, "database_login": world.accepts, "environment": lambda: dict(world.env),
        "routes": lambda: [(method, rule.rule) for rule in current[0].rules for method in sorted(rule.methods)],
        "encode_base64": lambda text: base64.b64encode(text.encode()).decode(),
        "decode_base64": lambda text: base64.b64decode(text + "==").decode("utf-8", "replace"),
    }

    def run_all(describe):
        for kind, name, options, run in cases:
            given = options.get("input")
            result = {"name": name, "passed": False, "message": None, "input": None if given is None else str(given), "got": None}
            try:
                stopped.clear()
                current[:] = [run_case(options)]
                outcome = run()
                if kind == "test":
                    result["passed"] = True
                else:
                    if outcome not in breaches:
                        raise CheckFailed("an attack answers with breached(…)")
                    yes, got = breaches[outcome]
                    result["passed"] = yes
                    result["got"] = got if yes else None
            except CheckFailed as error:
                result["message"] = str(error)[:2000]
            except BaseException as error:
                result["message"] = describe(error)["message"]
                if kind == "attack" and stopped:
                    # One request that ends the server is an attack on everybody else who uses it.
                    result["passed"], result["got"] = True, "a server that is down, for everybody"
            yield result

    return names, run_all
