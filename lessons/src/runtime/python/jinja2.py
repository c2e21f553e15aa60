"""The part of Jinja that small programs use: output, filters, if, for, set, block, extends, include, macro-free.

Expressions are parsed here and never handed to Python, as in the real one: `{{ config.__class__ }}` is an attribute
lookup and no code.
"""

import json as _json
import re as _re
from urllib.parse import quote as _quote

from markupsafe import Markup, escape


class TemplateError(Exception):
    pass


class TemplateSyntaxError(TemplateError):
    pass


class TemplateNotFound(TemplateError):
    pass


class UndefinedError(TemplateError):
    pass


class Undefined:
    def __init__(self, name):
        self._name = name

    def __str__(self):
        return ""

    def __iter__(self):
        return iter(())

    def __bool__(self):
        return False

    def __len__(self):
        return 0

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise UndefinedError(f"'{self._name}' is undefined")

    __getitem__ = __call__ = lambda self, *_: self.__getattr__("")


# ---- expressions -------------------------------------------------------------------------------------------------

_TOKEN = _re.compile(r"""\s*(?:(?P<number>\d+\.\d+|\d+)|(?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|(?P<name>[A-Za-z_]\w*)|(?P<op>==|!=|<=|>=|//|\*\*|[-+*/%~|.,:()\[\]{}<>=]))""", _re.S)


def _tokens(text):
    out, at = [], 0
    text = text.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise TemplateSyntaxError(f"unexpected char {text[at:at + 1]!r} in {text!r}")
        out.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return out


class _Expression:
    """Recursive descent; every method answers a function from the context to a value."""

    def __init__(self, text, environment):
        self.tokens, self.at, self.environment, self.text = _tokens(text), 0, environment, text

    def peek(self, *values):
        kind, value = self.tokens[self.at] if self.at < len(self.tokens) else (None, None)
        return kind != "string" and value in values

    def take(self, *values):
        if self.peek(*values):
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def need(self, value):
        if not self.take(value):
            raise TemplateSyntaxError(f"expected {value!r} in {self.text!r}")

    def whole(self):
        value = self.ternary()
        if self.at < len(self.tokens):
            raise TemplateSyntaxError(f"unexpected {self.tokens[self.at][1]!r} in {self.text!r}")
        return value

    def ternary(self):
        value = self.either()
        if not self.take("if"):
            return value
        condition = self.either()
        other = self.ternary() if self.take("else") else (lambda ctx: Undefined("inline if"))
        return lambda ctx: value(ctx) if condition(ctx) else other(ctx)

    def either(self):
        left = self.both()
        while self.take("or"):
            left = (lambda a, b: lambda ctx: a(ctx) or b(ctx))(left, self.both())
        return left

    def both(self):
        left = self.negated()
        while self.take("and"):
            left = (lambda a, b: lambda ctx: a(ctx) and b(ctx))(left, self.negated())
        return left

    def negated(self):
        if self.take("not"):
            value = self.negated()
            return lambda ctx: not value(ctx)
        return self.comparison()

    def comparison(self):
        left = self.sum()
        while True:
            sign = self.take("==", "!=", "<", ">", "<=", ">=", "in")
            if not sign and self.peek("not") and self.tokens[self.at + 1:self.at + 2] == [("name", "in")]:
                self.at += 2
                sign = "not in"
            if not sign:
                return left
            compare = {
                "==": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, ">": lambda a, b: a > b,
                "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b, "in": lambda a, b: a in b, "not in": lambda a, b: a not in b,
            }[sign]
            left = (lambda a, b, how: lambda ctx: how(a(ctx), b(ctx)))(left, self.sum(), compare)

    def sum(self):
        left = self.product()
        while True:
            sign = self.take("+", "-", "~")
            if not sign:
                return left
            right = self.product()
            if sign == "+":
                left = (lambda a, b: lambda ctx: a(ctx) + b(ctx))(left, right)
            elif sign == "-":
                left = (lambda a, b: lambda ctx: a(ctx) - b(ctx))(left, right)
            else:
                left = (lambda a, b: lambda ctx: _concat(a(ctx), b(ctx)))(left, right)

    def product(self):
        left = self.unary()
        while True:
            sign = self.take("*", "/", "//", "%")
            if not sign:
                return left
            combine = {"*": lambda a, b: a * b, "/": lambda a, b: a / b, "//": lambda a, b: a // b, "%": lambda a, b: a % b}[sign]
            left = (lambda a, b, how: lambda ctx: how(a(ctx), b(ctx)))(left, self.unary(), combine)

    def unary(self):
        if self.take("-"):
            value = self.unary()
            return lambda ctx: -value(ctx)
        return self.filtered()

    def filtered(self):
        value = self.postfix()
        while True:
            if self.take("|"):
                name = self.name()
                args, named = self.arguments() if self.peek("(") else ([], {})
                value = self.filter(name, value, args, named)
            elif self.take("is"):
                negated = bool(self.take("not"))
                value = self.test(self.name(), negated, value)
            else:
                return value

    def name(self):
        kind, value = self.tokens[self.at] if self.at < len(self.tokens) else (None, None)
        if kind != "name":
            raise TemplateSyntaxError(f"expected a name in {self.text!r}")
        self.at += 1
        return value

    def filter(self, name, value, args, named):
        chosen = self.environment.filters.get(name)
        if chosen is None:
            raise TemplateSyntaxError(f"No filter named {name!r}.")
        return lambda ctx: chosen(value(ctx), *[arg(ctx) for arg in args], **{key: arg(ctx) for key, arg in named.items()})

    def test(self, name, negated, value):
        tests = {
            "defined": lambda v: not isinstance(v, Undefined), "undefined": lambda v: isinstance(v, Undefined),
            "none": lambda v: v is None, "string": lambda v: isinstance(v, str), "number": lambda v: isinstance(v, (int, float)),
            "mapping": lambda v: isinstance(v, dict), "odd": lambda v: v % 2 == 1, "even": lambda v: v % 2 == 0,
        }
        if name not in tests:
            raise TemplateSyntaxError(f"No test named {name!r}.")
        return lambda ctx: tests[name](value(ctx)) != negated

    def arguments(self):
        self.need("(")
        args, named = [], {}
        while not self.take(")"):
            following = self.tokens[self.at + 1:self.at + 2]
            if self.tokens[self.at:self.at + 1] and self.tokens[self.at][0] == "name" and following == [("op", "=")]:
                key = self.name()
                self.at += 1
                named[key] = self.ternary()
            else:
                args.append(self.ternary())
            if not self.peek(")"):
                self.need(",")
        return args, named

    def postfix(self):
        value = self.atom()
        while True:
            if self.take("."):
                key = self.tokens[self.at][1] if self.at < len(self.tokens) else ""
                self.at += 1
                value = (lambda v, k: lambda ctx: _look_up(v(ctx), k))(value, int(key) if key.isdigit() else key)
            elif self.take("["):
                index = self.ternary()
                self.need("]")
                value = (lambda v, i: lambda ctx: _look_up(v(ctx), i(ctx)))(value, index)
            elif self.peek("("):
                args, named = self.arguments()
                value = (lambda v, a, n: lambda ctx: v(ctx)(*[arg(ctx) for arg in a], **{key: arg(ctx) for key, arg in n.items()}))(value, args, named)
            else:
                return value

    def atom(self):
        if self.at >= len(self.tokens):
            raise TemplateSyntaxError(f"unexpected end of {self.text!r}")
        kind, value = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            number = float(value) if "." in value else int(value)
            return lambda ctx: number
        if kind == "string":
            text = _re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), value[1:-1], flags=_re.S)
            return lambda ctx: text
        if value == "(":
            inner = self.ternary()
            items = [inner]
            while self.take(","):
                items.append(self.ternary())
            self.need(")")
            return inner if len(items) == 1 else lambda ctx: tuple(item(ctx) for item in items)
        if value == "[":
            items = []
            while not self.take("]"):
                items.append(self.ternary())
                self.take(",")
            return lambda ctx: [item(ctx) for item in items]
        if value == "{":
            pairs = []
            while not self.take("}"):
                key = self.ternary()
                self.need(":")
                pairs.append((key, self.ternary()))
                self.take(",")
            return lambda ctx: {key(ctx): item(ctx) for key, item in pairs}
        if kind != "name":
            raise TemplateSyntaxError(f"unexpected {value!r} in {self.text!r}")
        constants = {"true": True, "True": True, "false": False, "False": False, "none": None, "None": None}
        if value in constants:
            return lambda ctx: constants[value]
        return lambda ctx: ctx[value] if value in ctx else Undefined(value)


def _look_up(value, key):
    if isinstance(key, str) and hasattr(value, key) and not isinstance(value, Undefined):
        return getattr(value, key)
    try:
        return value[key]
    except (TypeError, LookupError, AttributeError):
        if isinstance(value, Undefined):
            raise
        return Undefined(key)


def _concat(a, b):
    if hasattr(a, "__html__") or hasattr(b, "__html__"):
        return escape(a) + escape(b)
    return str(a) + str(b)


def _default(value, other="", boolean=False):
    return other if isinstance(value, Undefined) or (boolean and not value) else value


def _to_json(value, indent=None):
    text = _json.dumps(value, indent=indent)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("'", "\\u0027"))


def _join(values, between="", attribute=None):
    parts = [_look_up(value, attribute) if attribute else value for value in values]
    if any(hasattr(part, "__html__") for part in parts):
        return escape(between).join(parts)
    return str(between).join(str(part) for part in parts)


FILTERS = {
    "e": escape, "escape": escape, "forceescape": lambda v: escape(str(v)), "safe": Markup, "string": lambda v: v if isinstance(v, str) else str(v),
    "upper": lambda v: v.upper() if isinstance(v, str) else str(v).upper(), "lower": lambda v: v.lower() if isinstance(v, str) else str(v).lower(),
    "title": lambda v: v.title(), "capitalize": lambda v: v.capitalize(), "trim": lambda v: v.strip(), "length": len, "count": len,
    "default": _default, "d": _default, "join": _join, "int": lambda v, d=0: _number(int, v, d), "float": lambda v, d=0.0: _number(float, v, d),
    "list": list, "first": lambda v: next(iter(v), Undefined("first")), "last": lambda v: list(v)[-1] if len(v) else Undefined("last"),
    "sort": lambda v, attribute=None: sorted(v, key=(lambda item: _look_up(item, attribute)) if attribute else None), "reverse": lambda v: list(reversed(list(v))),
    "replace": lambda v, a, b: v.replace(a, b), "tojson": _to_json, "urlencode": lambda v: _quote(str(v), safe="/"), "abs": abs, "round": round,
    "striptags": lambda v: Markup(v).striptags(), "truncate": lambda v, n=255: v if len(v) <= n else v[:n - 3] + "...", "dictsort": lambda v: sorted(v.items()),
}


def _number(make, value, default):
    try:
        return make(value)
    except (TypeError, ValueError):
        return default


# ---- templates ---------------------------------------------------------------------------------------------------

_PIECE = _re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", _re.S)


class _Frame:
    def __init__(self, values, environment, autoescape, blocks=None):
        self.values, self.environment, self.autoescape, self.blocks = values, environment, autoescape, blocks if blocks is not None else {}


class Template:
    def __init__(self, source, environment=None, autoescape=False, name=None):
        self.environment = environment or Environment(autoescape=autoescape)
        self.autoescape = self.environment.autoescape_for(name) if environment else autoescape
        self.pieces, self.at = _PIECE.split(str(source)), 0
        self.parent = None
        self.blocks = {}
        self.body = self.parse(())
        del self.pieces

    def render(self, *args, **values):
        given = dict(*args, **values)
        frame = _Frame({**self.environment.globals, **given}, self.environment, self.autoescape)
        return self.run(frame)

    def run(self, frame):
        for name, block in self.blocks.items():
            frame.blocks.setdefault(name, block)
        if self.parent is not None:
            self.collect(frame)
            return self.environment.get_template(self.parent(frame.values)).run(frame)
        return self.collect(frame)

    def collect(self, frame):
        return "".join(part(frame) for part in self.body)

    # Parses up to one of the block tags `until`; leaves that tag's words in `self.ended`.
    def parse(self, until):
        body = []
        while self.at < len(self.pieces):
            piece = self.pieces[self.at]
            self.at += 1
            if piece.startswith("{#"):
                continue
            if piece.startswith("{{"):
                body.append(self.output(piece[2:-2]))
            elif piece.startswith("{%"):
                words = piece[2:-2].strip("-+ \t\n").split(None, 1) or [""]
                tag, rest = words[0], words[1] if len(words) > 1 else ""
                if tag in until:
                    self.ended = (tag, rest)
                    return body
                body.append(self.statement(tag, rest))
            elif piece:
                body.append((lambda text: lambda frame: text)(self.trimmed(piece)))
        if until:
            raise TemplateSyntaxError(f"Unexpected end of template. Looking for {' or '.join(until)}.")
        return body

    # `{%-` and `-%}` take the blanks beside them away.
    def trimmed(self, text):
        before = self.pieces[self.at - 2] if self.at >= 2 else ""
        after = self.pieces[self.at] if self.at < len(self.pieces) else ""
        if before.endswith(("-%}", "-}}", "-#}")):
            text = text.lstrip()
        if after.startswith(("{%-", "{{-", "{#-")):
            text = text.rstrip()
        return text

    def expression(self, text):
        return _Expression(text, self.environment).whole()

    def output(self, text):
        value = self.expression(text.strip().strip("-").strip())

        def show(frame):
            result = value(frame.values)
            return str(escape(result)) if frame.autoescape else str(result)
        return show

    def statement(self, tag, rest):
        if tag == "if":
            return self.conditional(rest)
        if tag == "for":
            return self.loop(rest)
        if tag == "set":
            name, _, text = rest.partition("=")
            value = self.expression(text)
            return lambda frame: frame.values.__setitem__(name.strip(), value(frame.values)) or ""
        if tag == "block":
            name = rest.split()[0]
            body = self.parse(("endblock",))
            self.blocks[name] = body
            return lambda frame: "".join(part(frame) for part in frame.blocks.get(name, body))
        if tag == "extends":
            self.parent = self.expression(rest)
            return lambda frame: ""
        if tag == "include":
            name = self.expression(rest.replace(" ignore missing", ""))
            return lambda frame: frame.environment.get_template(name(frame.values)).run(_Frame(frame.values, frame.environment, frame.autoescape))
        if tag == "autoescape":
            wanted, body = self.expression(rest), self.parse(("endautoescape",))
            return lambda frame: "".join(part(_Frame(frame.values, frame.environment, bool(wanted(frame.values)), frame.blocks)) for part in body)
        if tag == "with":
            pairs = [(part.partition("=")[0].strip(), self.expression(part.partition("=")[2])) for part in rest.split(",") if "=" in part]
            body = self.parse(("endwith",))
            return lambda frame: "".join(part(_Frame({**frame.values, **{name: value(frame.values) for name, value in pairs}}, frame.environment, frame.autoescape, frame.blocks)) for part in body)
        if tag == "raw":
            out = ""
            while self.at < len(self.pieces) and self.pieces[self.at].strip("{%-+ }") != "endraw":
                out += self.pieces[self.at]
                self.at += 1
            self.at += 1
            return lambda frame: out
        raise TemplateSyntaxError(f"Encountered unknown tag '{tag}'.")

    def conditional(self, rest):
        branches = []
        condition = self.expression(rest)
        while True:
            body = self.parse(("elif", "else", "endif"))
            branches.append((condition, body))
            tag, rest = self.ended
            if tag == "endif":
                break
            condition = self.expression(rest) if tag == "elif" else lambda ctx: True

        def choose(frame):
            for condition, body in branches:
                if condition(frame.values):
                    return "".join(part(frame) for part in body)
            return ""
        return choose

    def loop(self, rest):
        names, found, text = rest.partition(" in ")
        if not found:
            raise TemplateSyntaxError("expected 'in'")
        names = [name.strip() for name in names.split(",")]
        values = self.expression(text)
        body = self.parse(("else", "endfor"))
        otherwise = self.parse(("endfor",)) if self.ended[0] == "else" else []

        def repeat(frame):
            items = list(values(frame.values))
            if not items:
                return "".join(part(frame) for part in otherwise)
            out = []
            for index, item in enumerate(items):
                loop = {"index": index + 1, "index0": index, "first": index == 0, "last": index == len(items) - 1, "length": len(items)}
                bound = {names[0]: item} if len(names) == 1 else dict(zip(names, item))
                inner = _Frame({**frame.values, **bound, "loop": loop}, frame.environment, frame.autoescape, frame.blocks)
                out.extend(part(inner) for part in body)
            return "".join(out)
        return repeat


class Environment:
    def __init__(self, loader=None, autoescape=False, **_options):
        self.loader, self.autoescape = loader, autoescape
        self.filters, self.globals = dict(FILTERS), {"range": range, "dict": dict}

    def autoescape_for(self, name):
        return bool(self.autoescape(name)) if callable(self.autoescape) else bool(self.autoescape)

    def from_string(self, source):
        return Template(source, self)

    def get_template(self, name):
        source = self.loader(name) if callable(self.loader) else self.loader.mapping.get(name) if self.loader else None
        if source is None:
            raise TemplateNotFound(name)
        return Template(source, self, name=name)


class DictLoader:
    def __init__(self, mapping):
        self.mapping = mapping


def select_autoescape(enabled_extensions=("html", "htm", "xml"), default_for_string=True, **_options):
    return lambda name: default_for_string if name is None else str(name).endswith(tuple("." + ending for ending in enabled_extensions))
