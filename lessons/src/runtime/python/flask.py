"""`flask` as programs use it: routing, requests, responses, sessions, templates, blueprints."""

import functools as _functools
import json as _json
import re as _re
import sys as _sys
from urllib.parse import parse_qsl as _parse_qsl, quote as _quote, unquote as _unquote, urlencode as _urlencode

import jinja2 as _jinja
import squire_world as _world
from markupsafe import Markup, escape

_REASONS = {
    200: "OK", 201: "Created", 204: "No Content", 301: "Moved Permanently", 302: "Found", 303: "See Other", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 410: "Gone",
    415: "Unsupported Media Type", 418: "I'm a teapot", 422: "Unprocessable Entity", 429: "Too Many Requests",
    500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
}


class HTTPException(Exception):
    code, description = 500, ""

    def __init__(self, description=None, response=None, code=None):
        super().__init__(description)
        self.code = code or self.code
        self.name = _REASONS.get(self.code, "Error")
        self.description = description if description is not None else self.name
        self.response = response

    def __str__(self):
        return f"{self.code} {self.name}: {self.description}"

    def get_response(self):
        if self.response is not None:
            return self.response
        body = f"<!doctype html>\n<html lang=en>\n<title>{self.code} {escape(self.name)}</title>\n<h1>{escape(self.name)}</h1>\n<p>{escape(self.description)}</p>\n"
        return Response(body, self.code)


class BadRequestKeyError(HTTPException, KeyError):
    code = 400


def abort(code, description=None, response=None):
    if isinstance(code, Response):
        raise HTTPException(response=code, code=code.status_code)
    raise HTTPException(description, response, int(code))


# ---- data --------------------------------------------------------------------------------------------------------

class MultiDict:
    def __init__(self, pairs=()):
        self._pairs = [(str(key), value) for key, value in pairs]

    def get(self, key, default=None, type=None):
        for known, value in self._pairs:
            if known == key:
                if type is None:
                    return value
                try:
                    return type(value)
                except (TypeError, ValueError):
                    return default
        return default

    def getlist(self, key, type=None):
        values = [value for known, value in self._pairs if known == key]
        return [type(value) for value in values] if type else values

    def __getitem__(self, key):
        for known, value in self._pairs:
            if known == key:
                return value
        raise BadRequestKeyError(f"The browser (or proxy) sent a request that this server could not understand. KeyError: {key!r}")

    def __contains__(self, key):
        return any(known == key for known, _ in self._pairs)

    def __iter__(self):
        return iter(dict(self._pairs))

    def __len__(self):
        return len(dict(self._pairs))

    def __bool__(self):
        return bool(self._pairs)

    def keys(self):
        return list(dict.fromkeys(key for key, _ in self._pairs))

    def values(self):
        return [self[key] for key in self.keys()]

    def items(self, multi=False):
        return list(self._pairs) if multi else [(key, self[key]) for key in self.keys()]

    def to_dict(self, flat=True):
        return {key: self[key] if flat else self.getlist(key) for key in self.keys()}

    def __repr__(self):
        return f"ImmutableMultiDict({self._pairs!r})"


class Headers:
    def __init__(self, pairs=()):
        self._pairs = []
        for name, value in dict(pairs).items() if not isinstance(pairs, (list, tuple)) else pairs:
            self.add(name, value)

    def add(self, name, value):
        if "\n" in str(value) or "\r" in str(value):
            raise ValueError("Header values must not contain newline characters.")
        self._pairs.append((str(name), str(value)))

    def set(self, name, value):
        self.remove(name)
        self.add(name, value)

    def remove(self, name):
        self._pairs = [(known, value) for known, value in self._pairs if known.lower() != name.lower()]

    def get(self, name, default=None, type=None):
        for known, value in self._pairs:
            if known.lower() == name.lower():
                return type(value) if type else value
        return default

    def setdefault(self, name, value):
        if name not in self:
            self.add(name, value)
        return self.get(name)

    def update(self, pairs):
        for name, value in dict(pairs).items():
            self.set(name, value)

    def __getitem__(self, name):
        value = self.get(name)
        if value is None:
            raise BadRequestKeyError(name)
        return value

    __setitem__ = set
    __delitem__ = remove

    def __contains__(self, name):
        return self.get(name) is not None

    def __iter__(self):
        return iter(self._pairs)

    def items(self):
        return list(self._pairs)


class Response:
    default_mimetype = "text/html"

    def __init__(self, response="", status=200, headers=None, mimetype=None, content_type=None):
        self.headers = Headers(headers or ())
        self.status_code = int(str(status).split()[0])
        self.cookies = {}
        self.set_data(response if isinstance(response, (str, bytes)) else "".join(part if isinstance(part, str) else part.decode() for part in response or ()))
        chosen = content_type or mimetype or self.headers.get("Content-Type") or self.default_mimetype
        if chosen.startswith("text/") and "charset" not in chosen:
            chosen += "; charset=utf-8"
        self.headers.set("Content-Type", chosen)

    def set_data(self, value):
        self._text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

    def get_data(self, as_text=False):
        return self._text if as_text else self._text.encode()

    data = property(get_data, set_data)

    @property
    def status(self):
        return f"{self.status_code} {_REASONS.get(self.status_code, '')}".strip()

    @status.setter
    def status(self, value):
        self.status_code = int(str(value).split()[0])

    @property
    def content_type(self):
        return self.headers.get("Content-Type")

    @content_type.setter
    def content_type(self, value):
        self.headers.set("Content-Type", value)

    @property
    def mimetype(self):
        return self.content_type.split(";")[0]

    @mimetype.setter
    def mimetype(self, value):
        self.content_type = value + ("; charset=utf-8" if value.startswith("text/") else "")

    @property
    def location(self):
        return self.headers.get("Location")

    def get_json(self, **_options):
        return _json.loads(self._text)

    json = property(get_json)

    def set_cookie(self, key, value="", **options):
        self.cookies[key] = {"value": value, **options}

    def delete_cookie(self, key, **_options):
        self.cookies.pop(key, None)


def make_response(*parts):
    return current_app.make_response(parts[0] if len(parts) == 1 else tuple(parts) if parts else "")


def jsonify(*args, **named):
    value = named if named else args[0] if len(args) == 1 else list(args)
    return Response(_json.dumps(value, default=str) + "\n", mimetype="application/json")


def redirect(location, code=302, Response=Response):
    return Response(f"<!doctype html>\n<title>Redirecting...</title>\n<p>Redirecting to <a href=\"{escape(location)}\">{escape(location)}</a>.\n", code, {"Location": _quote(location, safe="/#%[]=:;$&()+,!?*@'~")})


class Request:
    def __init__(self, app, method, url, body, headers, cookies):
        path, _, query = url.partition("?")
        self.app, self.method, self.headers, self.cookies = app, method, headers, cookies
        self.path, self.query_string = _unquote(path), query.encode()
        self.host, self.scheme, self.remote_addr, self.is_secure = headers.get("Host", "clinic.example"), "https", "203.0.113.7", True
        self.full_path, self.url, self.base_url = url, f"https://{self.host}{url}", f"https://{self.host}{path}"
        self.url_root = self.host_url = f"https://{self.host}/"
        self._body = body
        self.args = MultiDict(_parse_qsl(query, keep_blank_values=True))
        kind = (headers.get("Content-Type") or "").lower()
        self.content_type, self.mimetype = kind, kind.split(";")[0]
        self.form = MultiDict(_parse_qsl(body, keep_blank_values=True) if "x-www-form-urlencoded" in kind else ())
        self.files = MultiDict()
        self.is_json = "json" in kind
        self.endpoint, self.view_args, self.url_rule, self.blueprint = None, {}, None, None
        self.user_agent, self.referrer, self.authorization = headers.get("User-Agent", ""), headers.get("Referer"), None
        self.environ = {"REMOTE_ADDR": self.remote_addr}

    @property
    def values(self):
        return MultiDict(self.args.items(True) + self.form.items(True))

    @property
    def data(self):
        return b"" if self.form else self._body.encode()

    def get_data(self, as_text=False):
        return self._body if as_text else self._body.encode()

    def get_json(self, force=False, silent=False, cache=True):
        if not (self.is_json or force):
            if silent:
                return None
            abort(415, "Did not attempt to load JSON data because the request Content-Type was not 'application/json'.")
        try:
            return _json.loads(self._body)
        except ValueError:
            if silent:
                return None
            abort(400, "The browser (or proxy) sent a request that this server could not understand.")

    json = property(get_json)


class _Session(dict):
    permanent = modified = False
    _closed = False

    def __setitem__(self, key, value):
        if self._closed:
            raise RuntimeError("The session is unavailable because no secret key was set.  Set the secret_key on the application to something unique and secret.")
        self.modified = True
        super().__setitem__(key, value)

    def setdefault(self, key, value=None):
        if key not in self:
            self[key] = value
        return self[key]

    def update(self, *args, **named):
        for key, value in dict(*args, **named).items():
            self[key] = value


class _Globals:
    def get(self, name, default=None):
        return self.__dict__.get(name, default)

    def pop(self, name, default=None):
        return self.__dict__.pop(name, default)

    def setdefault(self, name, default=None):
        return self.__dict__.setdefault(name, default)

    def __contains__(self, name):
        return name in self.__dict__

    def __iter__(self):
        return iter(self.__dict__)


class _Context:
    def __init__(self, app, request=None, session=None):
        self.app, self.request, self.session, self.g, self.flashes = app, request, session, _Globals(), []

    def __enter__(self):
        _stack.append(self)
        return self

    def __exit__(self, *_):
        _stack.pop()
        for function in self.app.appcontext_functions:
            function(None)
        return False

    push = __enter__

    def pop(self, *_):
        self.__exit__()


_stack = []


class _Proxy:
    """Stands for what belongs to the request in hand."""

    def __init__(self, find):
        object.__setattr__(self, "_find", find)

    def _get_current_object(self):
        return object.__getattribute__(self, "_find")()

    def __getattr__(self, name):
        return getattr(self._get_current_object(), name)

    def __setattr__(self, name, value):
        setattr(self._get_current_object(), name, value)

    def __delattr__(self, name):
        delattr(self._get_current_object(), name)

    def __getitem__(self, key):
        return self._get_current_object()[key]

    def __setitem__(self, key, value):
        self._get_current_object()[key] = value

    def __delitem__(self, key):
        del self._get_current_object()[key]

    def __contains__(self, key):
        return key in self._get_current_object()

    def __iter__(self):
        return iter(self._get_current_object())

    def __len__(self):
        return len(self._get_current_object())

    def __bool__(self):
        return bool(self._get_current_object())

    def __eq__(self, other):
        return self._get_current_object() == (other._get_current_object() if isinstance(other, _Proxy) else other)

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(self._get_current_object())

    def __str__(self):
        return str(self._get_current_object())

    __repr__ = __str__


def _part(name):
    def find():
        value = getattr(_stack[-1], name) if _stack else None
        if value is None:
            raise RuntimeError(f"Working outside of {'application' if name in ('app', 'g') else 'request'} context.")
        return value
    return find


request, session, g, current_app = _Proxy(_part("request")), _Proxy(_part("session")), _Proxy(_part("g")), _Proxy(_part("app"))


def has_request_context():
    return bool(_stack) and _stack[-1].request is not None


# ---- routing -----------------------------------------------------------------------------------------------------

_CONVERTERS = {"string": (r"[^/]+", str), "int": (r"\d+", int), "float": (r"\d+\.\d+", float), "path": (r".+?", str), "uuid": (r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", str), "any": (r"[^/]+", str)}


class _Rule:
    def __init__(self, text, endpoint, methods, function, defaults):
        self.rule, self.endpoint, self.function, self.defaults = text, endpoint, function, defaults or {}
        self.methods = {method.upper() for method in methods}
        self.converters = {}
        pattern, at = "", 0
        for found in _re.finditer(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>", text):
            expression, make = _CONVERTERS[found[1] or "string"]
            self.converters[found[2]] = make
            pattern += _re.escape(text[at:found.start()]) + f"(?P<{found[2]}>{expression})"
            at = found.end()
        self.static_parts = at == 0
        self.pattern = _re.compile(pattern + _re.escape(text[at:]) + "$", _re.S)

    def match(self, path):
        found = self.pattern.match(path)
        if not found and self.rule.endswith("/"):
            found = self.pattern.match(path + "/")
        return found and {**self.defaults, **{name: self.converters[name](value) for name, value in found.groupdict().items()}}


class _Scaffold:
    def route(self, rule, **options):
        def decorate(function):
            self.add_url_rule(rule, options.pop("endpoint", None), function, **options)
            return function
        return decorate

    def get(self, rule, **options):
        return self.route(rule, methods=["GET"], **options)

    def post(self, rule, **options):
        return self.route(rule, methods=["POST"], **options)

    def put(self, rule, **options):
        return self.route(rule, methods=["PUT"], **options)

    def patch(self, rule, **options):
        return self.route(rule, methods=["PATCH"], **options)

    def delete(self, rule, **options):
        return self.route(rule, methods=["DELETE"], **options)


class Blueprint(_Scaffold):
    def __init__(self, name, import_name, url_prefix=None, **_options):
        self.name, self.import_name, self.url_prefix, self.deferred = name, import_name, url_prefix, []

    def add_url_rule(self, rule, endpoint=None, view_func=None, **options):
        endpoint = endpoint or view_func.__name__
        self.deferred.append(lambda app, prefix: app.add_url_rule((prefix or "") + rule, f"{self.name}.{endpoint}", view_func, **options))

    def before_request(self, function):
        name = self.name
        guarded = lambda: function() if (request.endpoint or "").startswith(name + ".") else None
        self.deferred.append(lambda app, prefix: app.before_request(guarded))
        return function

    def after_request(self, function):
        self.deferred.append(lambda app, prefix: app.after_request(function))
        return function

    def before_app_request(self, function):
        self.deferred.append(lambda app, prefix: app.before_request(function))
        return function

    def errorhandler(self, code):
        def decorate(function):
            self.deferred.append(lambda app, prefix: app.errorhandler(code)(function))
            return function
        return decorate


class _Config(dict):
    def from_mapping(self, *args, **named):
        self.update(*args, **named)
        return True

    def from_object(self, thing):
        self.update({name: getattr(thing, name) for name in dir(thing) if name.isupper()})

    def from_prefixed_env(self, prefix="FLASK"):
        self.update({name[len(prefix) + 1:]: value for name, value in _world.env.items() if name.startswith(prefix + "_")})
        return True


class _Logger:
    def _print(self, message, *args, **_options):
        print(str(message) % args if args else message)

    debug = info = warning = error = critical = exception = _print

    def setLevel(self, _level):
        return None


class Flask(_Scaffold):
    def __init__(self, import_name, static_folder="static", template_folder="templates", **_options):
        self.import_name, self.name, self.template_folder = import_name, import_name, template_folder
        self.config = _Config(SECRET_KEY=None, DEBUG=False, TESTING=False)
        self.debug = self.testing = False
        self.rules, self.view_functions, self.error_handlers = [], {}, {}
        self.before_functions, self.after_functions, self.teardown_functions, self.appcontext_functions = [], [], [], []
        self.context_functions = []
        self.blueprints, self.extensions = {}, {}
        self.logger = _Logger()
        self.login_manager = None
        self.jinja_env = _jinja.Environment(loader=self._template, autoescape=_jinja.select_autoescape())
        self.jinja_env.globals.update(url_for=url_for, get_flashed_messages=get_flashed_messages)

    @property
    def secret_key(self):
        return self.config.get("SECRET_KEY")

    @secret_key.setter
    def secret_key(self, value):
        self.config["SECRET_KEY"] = value

    def _template(self, name):
        return _world.files.get(_world.resolve(f"{self.template_folder}/{name}"))

    def add_url_rule(self, rule, endpoint=None, view_func=None, methods=None, defaults=None, **_options):
        endpoint = endpoint or view_func.__name__
        if not rule.startswith("/"):
            raise ValueError(f"URL rule {rule!r} must start with a slash.")
        if self.view_functions.get(endpoint, view_func) is not view_func:
            raise AssertionError(f"View function mapping is overwriting an existing endpoint function: {endpoint}")
        self.view_functions[endpoint] = view_func
        chosen = methods or getattr(view_func, "methods", None) or ["GET"]
        if isinstance(chosen, str):
            raise TypeError("Allowed methods must be a list of strings, for example: @app.route(..., methods=[\"POST\"])")
        self.rules.append(_Rule(rule, endpoint, chosen, view_func, defaults))

    def register_blueprint(self, blueprint, url_prefix=None, **_options):
        self.blueprints[blueprint.name] = blueprint
        for register in blueprint.deferred:
            register(self, url_prefix if url_prefix is not None else blueprint.url_prefix)

    def before_request(self, function):
        self.before_functions.append(function)
        return function

    def after_request(self, function):
        self.after_functions.append(function)
        return function

    def teardown_request(self, function):
        self.teardown_functions.append(function)
        return function

    def teardown_appcontext(self, function):
        self.appcontext_functions.append(function)
        return function

    def context_processor(self, function):
        self.context_functions.append(function)
        return function

    def template_filter(self, name=None):
        def decorate(function):
            self.jinja_env.filters[name or function.__name__] = function
            return function
        return decorate

    def errorhandler(self, code):
        def decorate(function):
            self.error_handlers[code] = function
            return function
        return decorate

    register_error_handler = lambda self, code, function: self.errorhandler(code)(function)

    def app_context(self):
        return _Context(self)

    def test_request_context(self, path="/", method="GET", **_options):
        return _Context(self, Request(self, method, path, "", Headers(), {}), _Session())

    def run(self, *_args, **_options):
        return None

    @property
    def url_map(self):
        return self

    def iter_rules(self):
        return iter(self.rules)

    def make_response(self, value):
        status, headers = None, None
        if isinstance(value, tuple):
            value, *more = value
            for part in more:
                if isinstance(part, (dict, list, Headers)):
                    headers = part
                else:
                    status = part
        if value is None:
            raise TypeError("The view function did not return a valid response. The function either returned None or ended without a return statement.")
        if isinstance(value, Response):
            response = value
        elif isinstance(value, (dict, list)):
            response = jsonify(value)
        elif isinstance(value, (str, bytes, bytearray)):
            response = Response(bytes(value) if isinstance(value, bytearray) else value)
        elif hasattr(value, "__next__"):
            response = Response("".join(value))
        else:
            raise TypeError(f"The view function did not return a valid response. The return type must be a string, dict, list, tuple, or Response, but it was a {type(value).__name__}.")
        if status is not None:
            response.status = status
        if headers is not None:
            for name, text in dict(headers).items():
                response.headers.set(name, text)
        return response

    def _match(self, request):
        allowed = set()
        for rule in sorted(self.rules, key=lambda rule: not rule.static_parts):
            values = rule.match(request.path)
            if values is None:
                continue
            if request.method in rule.methods or (request.method == "HEAD" and "GET" in rule.methods):
                return rule, values
            allowed |= rule.methods
        if request.path.startswith("/static/") and not allowed:
            text = _world.files.get(_world.resolve("." + _world.normalize(request.path)))
            if text is not None:
                return _Rule("/static/<path:filename>", "static", ["GET"], lambda filename: Response(text, mimetype="text/plain"), None), {"filename": request.path[8:]}
        raise HTTPException(code=405 if allowed else 404)

    def _respond(self, request):
        try:
            problem = None
            try:
                rule, values = self._match(request)
                request.url_rule, request.endpoint, request.view_args = rule, rule.endpoint, values
            except HTTPException as error:
                problem = error
            for function in self.before_functions:
                early = function()
                if early is not None:
                    return self.make_response(early)
            if problem is not None:
                raise problem
            return self.make_response(self.view_functions.get(rule.endpoint, rule.function)(**values))
        except Exception as error:
            return self._handle(error)

    def _handle(self, error):
        code = error.code if isinstance(error, HTTPException) else 500
        for kind in type(error).__mro__:
            if kind in self.error_handlers:
                return self.make_response(self.error_handlers[kind](error))
        if code in self.error_handlers:
            return self._with_status(self.error_handlers[code](error), code)
        if isinstance(error, HTTPException):
            return error.get_response()
        print(f"{type(error).__name__}: {error}")
        return HTTPException("The server encountered an internal error and was unable to complete your request.").get_response()

    def _with_status(self, value, code):
        return self.make_response(value)

    def dispatch(self, method, url, body="", headers=None, session=None, cookies=None):
        """One request from outside: (response, session afterwards)."""
        current = _Session(session or {})
        if not self.secret_key:
            current.clear()
            current._closed = True
        current.modified = False
        incoming = Request(self, method.upper(), url, body, Headers(headers or {}), MultiDict((cookies or {}).items()))
        with _Context(self, incoming, current):
            response = self._respond(incoming)
            for function in reversed(self.after_functions):
                response = function(response) or response
            for function in self.teardown_functions:
                function(None)
        return response, dict(current)

    def test_client(self, **_options):
        return _Client(self)


class _Client:
    """What `app.test_client()` gives the program's own author."""

    def __init__(self, app):
        self.app, self.session = app, {}

    def open(self, path, method="GET", json=None, data=None, headers=None, **_options):
        headers = dict(headers or {})
        body = _json.dumps(json) if json is not None else _urlencode(data) if isinstance(data, dict) else data or ""
        if json is not None or isinstance(data, dict):
            headers.setdefault("Content-Type", "application/json" if json is not None else "application/x-www-form-urlencoded")
        response, self.session = self.app.dispatch(method, path, body, headers, self.session)
        return response

    def __getattr__(self, method):
        if method not in ("get", "post", "put", "patch", "delete"):
            raise AttributeError(method)
        return _functools.partial(self.open, method=method.upper())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


def url_for(endpoint, _external=False, _anchor=None, **values):
    app = _stack[-1].app
    if endpoint.startswith("."):
        endpoint = (request.endpoint or "").split(".")[0] + endpoint
    if endpoint == "static":
        return "/static/" + _quote(values.get("filename", ""))
    for rule in app.rules:
        if rule.endpoint == endpoint and set(rule.converters) <= set(values):
            path = _re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda found: _quote(str(values.pop(found[1]))), rule.rule)
            return path + ("?" + _urlencode(values) if values else "")
    raise LookupError(f"Could not build url for endpoint {endpoint!r}.")


def _template_values(app, values):
    found = {"request": request, "session": session, "g": g, "config": app.config}
    for function in app.context_functions:
        found.update(function())
    if app.login_manager is not None:
        import flask_login
        found["current_user"] = flask_login.current_user
    found.update(values)
    return found


def render_template(name, **values):
    app = _stack[-1].app
    return app.jinja_env.get_template(name).render(_template_values(app, values))


def render_template_string(source, **values):
    app = _stack[-1].app
    return app.jinja_env.from_string(source).render(_template_values(app, values))


def flash(message, category="message"):
    _stack[-1].flashes.append((category, message))


def get_flashed_messages(with_categories=False, **_options):
    found = list(_stack[-1].flashes)
    return found if with_categories else [message for _, message in found]


def send_file(name, mimetype=None, as_attachment=False, **_options):
    text = _world.files.get(_world.resolve(name))
    if text is None:
        raise FileNotFoundError(2, "No such file or directory", str(name))
    return Response(text, mimetype=mimetype or "application/octet-stream")


def send_from_directory(directory, path, **options):
    base = _world.resolve(directory)
    place = _world.resolve(path, base)
    if not place.startswith(base + "/") or place not in _world.files:
        abort(404)
    return send_file(place, **options)


_exceptions = type(_sys)("werkzeug.exceptions")
_exceptions.HTTPException, _exceptions.abort = HTTPException, abort
for _code, _class in {400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 500: "InternalServerError"}.items():
    setattr(_exceptions, _class, type(_class, (HTTPException,), {"code": _code}))
_security = type(_sys)("werkzeug.security")


def _hash_of(password, salt):
    import hashlib
    return hashlib.sha256((salt + password).encode()).hexdigest()


_security.generate_password_hash = lambda password, **_options: "sha256$x7$" + _hash_of(password, "x7")
_security.check_password_hash = lambda known, password: known == "sha256$x7$" + _hash_of(password, "x7")
_werkzeug = type(_sys)("werkzeug")
_werkzeug.exceptions, _werkzeug.security = _exceptions, _security
_sys.modules.update({"werkzeug": _werkzeug, "werkzeug.exceptions": _exceptions, "werkzeug.security": _security})
