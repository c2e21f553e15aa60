"""Requests, responses and HTTP errors, as Flask's programs see them."""

import json as _json
from urllib.parse import parse_qsl as _parse_qsl, quote as _quote, unquote as _unquote

from markupsafe import escape

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
