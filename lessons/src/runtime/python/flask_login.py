"""`flask_login`: who is logged in, and routes that want somebody to be."""

import functools as _functools

import flask as _flask


class UserMixin:
    is_active = is_authenticated = True
    is_anonymous = False

    def get_id(self):
        return str(self.id)

    def __eq__(self, other):
        return isinstance(other, UserMixin) and self.get_id() == other.get_id()

    def __hash__(self):
        return hash(self.get_id())


class AnonymousUserMixin:
    is_active = is_authenticated = False
    is_anonymous = True

    def get_id(self):
        return None


class LoginManager:
    def __init__(self, app=None, **_options):
        self.login_view, self.login_message, self.anonymous_user = None, "Please log in to access this page.", AnonymousUserMixin
        self._load = self._refuse = self._load_from_request = None
        if app is not None:
            self.init_app(app)

    def init_app(self, app, **_options):
        app.login_manager = self

    def user_loader(self, function):
        self._load = function
        return function

    def request_loader(self, function):
        self._load_from_request = function
        return function

    def unauthorized_handler(self, function):
        self._refuse = function
        return function

    def unauthorized(self):
        if self._refuse is not None:
            return self._refuse()
        if self.login_view:
            return _flask.redirect(_flask.url_for(self.login_view, next=_flask.request.path))
        _flask.abort(401)

    def current(self):
        user_id = _flask.session.get("_user_id")
        if user_id is None and self._load_from_request is not None:
            return self._load_from_request(_flask.request) or self.anonymous_user()
        if user_id is None:
            return self.anonymous_user()
        if self._load is None:
            raise Exception("Missing user_loader or request_loader.")
        return self._load(user_id) or self.anonymous_user()


def _current_user():
    manager = _flask.current_app.login_manager
    if manager is None:
        raise AttributeError("'Flask' object has no attribute 'login_manager'")
    if "_login_user" not in _flask.g:
        _flask.g._login_user = manager.current()
    return _flask.g._login_user


current_user = _flask._Proxy(_current_user)


def login_required(function):
    @_functools.wraps(function)
    def guarded(*args, **named):
        if not current_user.is_authenticated:
            return _flask.current_app.login_manager.unauthorized()
        return function(*args, **named)
    return guarded


fresh_login_required = login_required


def login_user(user, remember=False, **_options):
    _flask.session["_user_id"] = user.get_id()
    _flask.g._login_user = user
    return True


def logout_user():
    _flask.session.pop("_user_id", None)
    _flask.g.pop("_login_user")
    return True
