"""`markupsafe`: text that knows that it is HTML already."""

import html as _html
import re as _re

_SPECIAL = {38: "&amp;", 60: "&lt;", 62: "&gt;", 34: "&#34;", 39: "&#39;"}


def escape(value):
    if hasattr(value, "__html__"):
        return Markup(value.__html__())
    return Markup(str(value).translate(_SPECIAL))


def escape_silent(value):
    return Markup() if value is None else escape(value)


def soft_str(value):
    return value if isinstance(value, str) else str(value)


class _Escaped:
    """What `%` and `format` see of an argument."""

    def __init__(self, value):
        self.value = value

    def __getitem__(self, key):
        return _Escaped(self.value[key])

    def __str__(self):
        return str(escape(self.value))

    def __repr__(self):
        return str(escape(repr(self.value)))

    def __int__(self):
        return int(self.value)

    def __float__(self):
        return float(self.value)

    def __index__(self):
        return self.value.__index__()

    def __format__(self, spec):
        if hasattr(self.value, "__html__"):
            return str(self)
        return str(escape(format(self.value, spec)))


class Markup(str):
    def __new__(cls, value="", encoding=None, errors="strict"):
        if hasattr(value, "__html__"):
            value = value.__html__()
        return super().__new__(cls, value)

    def __html__(self):
        return self

    def __add__(self, other):
        return Markup(str.__add__(self, escape(other)))

    def __radd__(self, other):
        return Markup(str.__add__(escape(other), self))

    def __mul__(self, number):
        return Markup(str.__mul__(self, number))

    __rmul__ = __mul__

    def __mod__(self, values):
        if isinstance(values, tuple):
            values = tuple(_Escaped(value) for value in values)
        elif isinstance(values, dict):
            values = {name: _Escaped(value) for name, value in values.items()}
        else:
            values = _Escaped(values)
        return Markup(str.__mod__(self, values))

    def __repr__(self):
        return f"Markup({str.__repr__(self)})"

    def __getitem__(self, key):
        return Markup(str.__getitem__(self, key))

    def format(self, *args, **named):
        return Markup(str.format(self, *[_Escaped(value) for value in args], **{name: _Escaped(value) for name, value in named.items()}))

    def join(self, parts):
        return Markup(str.join(self, [escape(part) for part in parts]))

    def unescape(self):
        return _html.unescape(str(self))

    def striptags(self):
        return _html.unescape(" ".join(_re.sub(r"<!--.*?-->|<[^>]*>", "", str(self), flags=_re.S).split()))

    @classmethod
    def escape(cls, value):
        return escape(value)


def _keeps_markup(name):
    original = getattr(str, name)

    def method(self, *args, **named):
        escaped = [escape(arg) if isinstance(arg, str) and name in ("replace", "ljust", "rjust", "center") else arg for arg in args]
        return Markup(original(self, *escaped, **named))
    return method


for _name in ("lower", "upper", "title", "capitalize", "strip", "lstrip", "rstrip", "replace", "ljust", "rjust", "center", "expandtabs", "swapcase", "zfill"):
    setattr(Markup, _name, _keeps_markup(_name))
