"""`requests`, recorded. Nothing leaves the machine; services.json of the exercise says who answers what."""

import json as _json
from urllib.parse import urlencode as _urlencode

import squire_world as _world


class RequestException(IOError):
    pass


class ConnectionError(RequestException):
    pass


class HTTPError(RequestException):
    def __init__(self, message, response=None):
        self.response = response
        super().__init__(message)


class Timeout(RequestException):
    pass


class Response:
    def __init__(self, status_code, text, url):
        self.status_code, self.text, self.url, self.headers = status_code, text, url, {}

    @property
    def content(self):
        return self.text.encode()

    @property
    def ok(self):
        return self.status_code < 400

    def json(self):
        return _json.loads(self.text)

    def raise_for_status(self):
        if self.status_code >= 400:
            raise HTTPError(f"{self.status_code} Error for url: {self.url}", self)


def request(method, url, params=None, data=None, json=None, headers=None, auth=None, timeout=None, **_options):
    headers = dict(headers or {})
    if params:
        url += ("&" if "?" in url else "?") + _urlencode(params)
    if json is not None:
        data = _json.dumps(json)
        headers.setdefault("Content-Type", "application/json")
    elif isinstance(data, dict):
        data = _urlencode(data)
    if auth is not None:
        import base64
        headers["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode()).decode()
    answer = _world.call(method, url, headers, data)
    if answer is None:
        raise ConnectionError(f"Failed to resolve '{url}'")
    return Response(*answer, url)


def get(url, params=None, **options):
    return request("GET", url, params=params, **options)


def post(url, data=None, json=None, **options):
    return request("POST", url, data=data, json=json, **options)


def put(url, data=None, **options):
    return request("PUT", url, data=data, **options)


def patch(url, data=None, **options):
    return request("PATCH", url, data=data, **options)


def delete(url, **options):
    return request("DELETE", url, **options)


class Session:
    def __init__(self):
        self.headers, self.auth, self.params = {}, None, {}

    def request(self, method, url, headers=None, **options):
        options.setdefault("auth", self.auth)
        return request(method, url, headers={**self.headers, **(headers or {})}, **options)

    def get(self, url, **options):
        return self.request("GET", url, **options)

    def post(self, url, data=None, json=None, **options):
        return self.request("POST", url, data=data, json=json, **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


class exceptions:
    RequestException, ConnectionError, HTTPError, Timeout = RequestException, ConnectionError, HTTPError, Timeout
