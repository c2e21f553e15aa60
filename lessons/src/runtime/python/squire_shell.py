"""A small POSIX shell over the virtual machine: enough of `sh` that an injected command really runs and its output
really comes back."""

import fnmatch
import re

import squire_programs as programs
import squire_world as world
from squire_programs import Result, start

MAX_DEPTH = 8


class ShellSyntaxError(Exception):
    pass


class State:
    def __init__(self, env, cwd, command, stdin, depth):
        self.env, self.cwd, self.command, self.stdin, self.depth, self.status = env, cwd, command, stdin, depth, 0

    def copy(self, **changes):
        other = State(dict(self.env), self.cwd, self.command, self.stdin, self.depth)
        other.status = self.status
        for name, value in changes.items():
            setattr(other, name, value)
        return other


def shell(script, stdin="", env=None, command=None, depth=0, cwd="/app"):
    """Runs a script as `/bin/sh -c script`."""
    if depth > MAX_DEPTH:
        return Result("", "sh: too deep\n", 2)
    try:
        steps = Parser(script).list()
    except ShellSyntaxError as error:
        return Result("", f"sh: 1: Syntax error: {error}\n", 2)
    state = State({**base_environment(), **(env or {})}, cwd, command or script, stdin, depth)
    return run_list(steps, state)


def execute(file, args, stdin="", env=None, cwd="/app"):
    """Runs one program with an argument vector, without a shell in between."""
    return start(file, args, False, " ".join([file, *args]), State({**base_environment(), **(env or {})}, cwd, "", stdin, 0))


def base_environment():
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/home/app", "USER": "app", "IFS": " \t\n", **world.env}


# ---- from text to a list of pipelines ----------------------------------------------------------------------------

JOINT = re.compile(r"&&|\|\||;|&|\n")
REDIRECT = re.compile(r"\d?>>|\d?>&\d|&>|\d?>|<")
VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*|[?$#0-9])\}|\$([A-Za-z_]\w*|[?$#0-9@*])")


class Parser:
    def __init__(self, text):
        self.text, self.at = text, 0

    def char(self):
        return self.text[self.at] if self.at < len(self.text) else ""

    def list(self, end=""):
        steps, joint = [], ";"
        while True:
            self.blanks(True)
            if not self.char():
                if end:
                    raise ShellSyntaxError(f'end of file unexpected (expecting "{end}")')
                return steps
            if end and self.char() == end:
                self.at += 1
                return steps
            steps.append((joint, self.pipeline(end)))
            self.blanks(False)
            found = JOINT.match(self.text, self.at)
            if found:
                self.at = found.end()
                joint = found[0] if found[0] in ("&&", "||") else ";"
            elif self.char() and self.char() != end:
                raise ShellSyntaxError(f'"{self.char()}" unexpected')

    def pipeline(self, end):
        commands = [self.command(end)]
        while True:
            self.blanks(False)
            if self.char() != "|" or self.text[self.at:self.at + 2] == "||":
                return commands
            self.at += 1
            self.blanks(True)
            commands.append(self.command(end))

    def command(self, end):
        if self.char() == "(":
            self.at += 1
            return {"group": self.list(")"), "words": [], "redirects": []}
        command = {"group": None, "words": [], "redirects": []}
        while True:
            self.blanks(False)
            redirect = REDIRECT.match(self.text, self.at)
            if redirect:
                self.at = redirect.end()
                self.blanks(False)
                target = None if ">&" in redirect[0] else self.word(end)
                command["redirects"].append((redirect[0], target))
                continue
            char = self.char()
            if not char or char in ";&|\n()" or (end and char == end):
                break
            command["words"].append(self.word(end))
        if not command["words"] and not command["redirects"]:
            seen = self.char()
            raise ShellSyntaxError("end of file unexpected" if not seen else '"newline" unexpected' if seen == "\n" else f'"{seen}" unexpected')
        return command

    def word(self, end):
        """Parts that touch: (kind, value, quoted)."""
        parts = []
        while True:
            char = self.char()
            if not char or char.isspace() or char in ";&|<>()" or (end and char == end):
                return parts
            if char == "'":
                close = self.text.find("'", self.at + 1)
                if close < 0:
                    raise ShellSyntaxError("Unterminated quoted string")
                parts.append(("text", self.text[self.at + 1:close], True))
                self.at = close + 1
            elif char == '"':
                self.at += 1
                parts.append(("text", "", True))
                while True:
                    inner = self.char()
                    if not inner:
                        raise ShellSyntaxError("Unterminated quoted string")
                    if inner == '"':
                        break
                    following = self.text[self.at + 1:self.at + 2]
                    if inner == "\\" and following and following in '"\\$`\n':
                        if following != "\n":
                            parts.append(("text", following, True))
                        self.at += 2
                    elif inner in "$`":
                        parts.append(self.expansion(True))
                    else:
                        parts.append(("text", inner, True))
                        self.at += 1
                self.at += 1
            elif char == "\\":
                following = self.text[self.at + 1:self.at + 2]
                if following != "\n":
                    parts.append(("text", following, True))
                self.at += 2
            elif char in "$`":
                parts.append(self.expansion(False))
            else:
                parts.append(("text", char, False))
                self.at += 1

    def expansion(self, quoted):
        if self.char() == "`":
            script, at = "", self.at + 1
            while at < len(self.text) and self.text[at] != "`":
                if self.text[at] == "\\" and self.text[at + 1:at + 2] in ("`", "\\", "$"):
                    at += 1
                script += self.text[at:at + 1]
                at += 1
            if at >= len(self.text):
                raise ShellSyntaxError("EOF in backquote substitution")
            self.at = at + 1
            return ("run", Parser(script).list(), quoted)
        if self.text.startswith("$(", self.at):
            self.at += 2
            return ("run", self.list(")"), quoted)
        name = VARIABLE.match(self.text, self.at)
        if name:
            self.at = name.end()
            return ("variable", name[1] or name[2], quoted)
        if self.text.startswith("${", self.at):
            raise ShellSyntaxError("Bad substitution")
        self.at += 1
        return ("text", "$", quoted)

    def blanks(self, newlines):
        while True:
            char = self.char()
            if char and (char in " \t\r" or (newlines and char == "\n")):
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
            elif char == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return


# ---- running -----------------------------------------------------------------------------------------------------

def run_list(steps, state):
    out = Result()
    for joint, pipeline in steps:
        if (joint == "&&" and state.status != 0) or (joint == "||" and state.status == 0):
            continue
        result = run_pipeline(pipeline, state)
        out.stdout += result.stdout
        out.stderr += result.stderr
        state.status = result.code
        if result.leave:
            out.leave = True
            break
    out.code = state.status
    return out


def run_pipeline(commands, state):
    stdin, stderr, last = state.stdin, "", Result()
    for command in commands:
        last = run_command(command, state.copy(stdin=stdin), state if len(commands) == 1 else None)
        stderr += last.stderr
        stdin = last.stdout
    last.stderr = stderr
    return last


def run_command(command, state, keep):
    noise = []
    words = [word for parts in command["words"] for word in expand(parts, state, noise)]
    redirects = [(operator, " ".join(expand(target, state, noise)) if target is not None else "") for operator, target in command["redirects"]]
    for operator, target in redirects:
        if operator == "<":
            text = world.files.get(world.resolve(target, state.cwd))
            if text is None:
                return Result("", f"sh: 1: cannot open {target}: No such file\n", 2)
            state.stdin = text
    while words and re.match(r"[A-Za-z_]\w*=", words[0]):
        name, _, value = words.pop(0).partition("=")
        state.env[name] = value
    if command["group"] is not None:
        result = run_list(command["group"], state.copy())
    elif not words:
        if keep is not None:
            keep.env = state.env
        result = Result()
    elif words[0] == "exit":
        result = Result(code=int(words[1]) if len(words) > 1 and words[1].isdigit() else 0, leave=True)
    elif words[0] == "cd":
        if keep is not None:
            keep.cwd = world.resolve(words[1] if len(words) > 1 else "/", state.cwd)
        result = Result()
    elif words[0] == "export":
        for word in words[1:]:
            name, equals, value = word.partition("=")
            if keep is not None and equals:
                keep.env[name] = value
        result = Result()
    else:
        result = start(words[0], words[1:], True, state.command, state)
    result.stderr = "".join(noise) + result.stderr
    for operator, target in redirects:
        if operator != "<":
            redirect(operator, target, result, state)
    return result


def redirect(operator, target, result, state):
    if ">&" in operator:
        if operator.startswith("2"):
            result.stdout, result.stderr = result.stdout + result.stderr, ""
        else:
            result.stdout, result.stderr = "", result.stderr + result.stdout
        return
    place = world.resolve(target, state.cwd)
    text = result.stderr if operator.startswith("2") else result.stdout + result.stderr if operator == "&>" else result.stdout
    if not place.startswith("/dev/"):
        world.files[place] = (world.files.get(place, "") if ">>" in operator else "") + text
    if operator.startswith("2") or operator == "&>":
        result.stderr = ""
    if not operator.startswith("2"):
        result.stdout = ""


def expand(parts, state, noise):
    """One word of the script becomes none, one or several arguments."""
    words, current, globbing = [], None, False
    for kind, value, quoted in parts:
        if kind == "variable":
            value = str(state.status) if value == "?" else str(state.env.get(value, ""))
        elif kind == "run":
            result = run_list(value, state.copy(depth=state.depth + 1))
            noise.append(result.stderr)
            value = result.stdout.rstrip("\n")
        if quoted or kind == "text":
            current = (current or "") + value
            globbing = globbing or (not quoted and ("*" in value or "?" in value))
            continue
        for index, piece in enumerate(re.split(r"[ \t\n]+", value)):
            if index > 0 and current is not None:
                words.append(current)
                current = None
            if piece:
                current = (current or "") + piece
    if current is not None:
        words.append(current)
    return [found for word in words for found in expand_glob(word, state.cwd)] if globbing else words


def expand_glob(word, cwd):
    if "*" not in word and "?" not in word:
        return [word]
    pattern = re.compile(fnmatch.translate(world.resolve(word, cwd)).replace(".*", "[^/]*"))
    found = sorted(place for place in world.files if pattern.match(place))
    if not word.startswith("/"):
        found = [place[len(cwd) + 1:] if place.startswith(cwd + "/") else place for place in found]
    return found or [word]


programs.run_script = shell
