"""A browser's view of a page, as far as an attack needs it: which elements there are, what their attributes say once
decoded, and which code would run. The tokenizer follows the HTML standard's states in outline."""

import re
from html import unescape
from urllib.parse import unquote

RAW_TEXT = {"script", "style", "xmp", "iframe", "noembed", "noframes"}
RCDATA = {"textarea", "title"}
VOID = {"img", "input", "br", "hr", "meta", "link", "base", "source", "embed", "area", "col", "wbr", "track", "param"}
URL_ATTRIBUTES = {"href", "src", "action", "formaction", "data", "xlink:href", "poster", "background"}

START = re.compile(r"<([a-zA-Z][^\s/>]*)")
CLOSE = re.compile(r"</([a-zA-Z][^\s/>]*)[^>]*>?")
BLANKS = re.compile(r"[\s/]*")
KEY = re.compile(r"=?[^\s/>=]*")
EQUALS = re.compile(r"\s*=\s*")
BARE = re.compile(r"[^\s>]*")
COMMENT_END = re.compile(r"--!?>")


class Element:
    def __init__(self, tag):
        self.tag, self.attributes, self.text = tag, {}, ""


class Dom:
    """Only a page that the browser takes for HTML runs anything, so a whole response may be given."""

    def __init__(self, page):
        kind = "text/html" if isinstance(page, str) else page.headers.get("content-type", "text/html")
        html = page if isinstance(page, str) else page.body
        self.elements, self.scripts_run, self.text = [], [], ""
        if re.search("html|svg|xml", kind):
            self._read(html, 0)
        else:
            self.text = html
        self.text = " ".join(self.text.split())

    def all(self, tag):
        return [element for element in self.elements if element.tag == tag]

    def find(self, tag):
        return next(iter(self.all(tag)), None)

    def calls(self, name):
        """Where a call of the function `name` would run, strings and comments of the script left aside."""
        wanted = re.compile(r"(^|[^\w$.])" + name + r"\s*[(`]")
        return [script for script in self.scripts_run if wanted.search(bare(script["code"]))]

    def _read(self, html, depth):
        open_elements, at = [], 0

        def add(text):
            decoded = unescape(text)
            self.text += decoded
            for element in open_elements:
                element.text += decoded

        while at < len(html):
            found = html.find("<", at)
            if found < 0:
                add(html[at:])
                break
            add(html[at:found])
            at = found
            if html.startswith("<!--", at):
                end = COMMENT_END.search(html, at + 2)
                at = end.end() if end else len(html)
                continue
            closing = CLOSE.match(html, at)
            if closing:
                tags = [element.tag for element in open_elements]
                tag = closing[1].lower()
                if tag in tags:
                    del open_elements[len(tags) - 1 - tags[::-1].index(tag):]
                at = closing.end()
                continue
            name = START.match(html, at)
            if not name:
                if html[at:at + 2] in ("<!", "<?", "</"):
                    end = html.find(">", at)
                    at = len(html) if end < 0 else end + 1
                else:
                    add("<")
                    at += 1
                continue
            element, at, complete = self._start_tag(html, name)
            if not complete:
                break
            self.elements.append(element)
            self._effects(element, depth)
            if element.tag in RAW_TEXT or element.tag in RCDATA:
                end = re.compile(f"</{re.escape(element.tag)}(?=[\\s/>])[^>]*>?", re.I).search(html, at)
                inner = html[at:end.start()] if end else html[at:]
                element.text = unescape(inner) if element.tag in RCDATA else inner
                if element.tag == "textarea":
                    self.text += element.text
                kind = element.attributes.get("type", "")
                if element.tag == "script" and end and (not kind or re.search("javascript|module|ecmascript", kind, re.I)):
                    self.scripts_run.append({"how": "script", "where": "<script>", "code": inner})
                at = end.end() if end else len(html)
            elif element.tag not in VOID:
                open_elements.append(element)

    @staticmethod
    def _start_tag(html, name):
        element, at = Element(name[1].lower()), name.end()
        while True:
            at = BLANKS.match(html, at).end()
            if at >= len(html):
                return element, at, False
            if html[at] == ">":
                return element, at + 1, True
            key = KEY.match(html, at)
            at, value = key.end(), ""
            equals = EQUALS.match(html, at)
            if equals:
                at = equals.end()
                mark = html[at:at + 1]
                if mark in ('"', "'") and mark:
                    end = html.find(mark, at + 1)
                    if end < 0:
                        return element, len(html), False
                    value, at = html[at + 1:end], end + 1
                else:
                    found = BARE.match(html, at)
                    value, at = found[0], found.end()
            element.attributes.setdefault(key[0].lower(), unescape(value))

    def _effects(self, element, depth):
        for name, value in element.attributes.items():
            where = f"<{element.tag} {name}>"
            if re.fullmatch("on[a-z]+", name):
                self.scripts_run.append({"how": "handler", "where": where, "code": value})
            # Browsers drop blanks and control characters in front of, and line ends inside, the scheme.
            address = re.sub(r"[\t\n\r]", "", re.sub(r"^[\x00-\x20]+", "", value))
            if name in URL_ATTRIBUTES and address.lower().startswith("javascript:"):
                self.scripts_run.append({"how": "address", "where": where, "code": unquote(address[len("javascript:"):])})
            if name == "srcdoc" and element.tag == "iframe" and depth < 3:
                self._read(value, depth + 1)


def bare(code):
    """The script without what is inside its strings and comments; code inside a template literal's `${…}` stays."""
    out, stack, at = [], [], 0
    while at < len(code):
        two, char = code[at:at + 2], code[at]
        if stack and stack[-1] == "`":
            if char == "\\":
                at += 2
            elif two == "${":
                stack.append("{")
                at += 2
            else:
                if char == "`":
                    stack.pop()
                at += 1
        elif two == "//":
            end = code.find("\n", at)
            at = len(code) if end < 0 else end
        elif two == "/*":
            end = code.find("*/", at + 2)
            at = len(code) if end < 0 else end + 2
        elif char in "\"'":
            end = at + 1
            while end < len(code) and code[end] not in (char, "\n"):
                end += 2 if code[end] == "\\" else 1
            if code[end:end + 1] != char:
                # An open string is a syntax error: the whole script does not run.
                return ""
            out.append('""')
            at = end + 1
        else:
            if char == "`" or (char == "{" and stack):
                stack.append(char)
            elif char == "}" and stack:
                stack.pop()
            out.append(char)
            at += 1
    return "".join(out)
