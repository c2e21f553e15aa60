"""A small POSIX shell over the virtual machine: enough of `sh` that an injected command really runs and its output
really comes back. Every program that is started lands in the world's table of processes."""

import base64
import fnmatch
import re

import squire_world as world

MAX_DEPTH = 8
MAX_PROCESSES = 500


class ShellSyntaxError(Exception):
    pass


class Result:
    def __init__(self, stdout="", stderr="", code=0, missing=False, leave=False):
        self.stdout, self.stderr, self.code, self.missing, self.leave = stdout, stderr, code, missing, leave


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


# ---- programs ----------------------------------------------------------------------------------------------------

class Io:
    def __init__(self, args, shell_used, command, state):
        self.args, self.shell, self.command, self.state = args, shell_used, command, state
        self.stdin, self.env, self.cwd = state.stdin, state.env, state.cwd
        self.out, self.err = [], []

    @property
    def options(self):
        return [arg for arg in self.args if len(arg) > 1 and arg.startswith("-")]

    @property
    def operands(self):
        return [arg for arg in self.args if not (len(arg) > 1 and arg.startswith("-"))]


def start(file, args, shell_used, command, state):
    if len(world.processes) >= MAX_PROCESSES:
        return Result("", "sh: Cannot fork\n", 2)
    if "\0" in file or any("\0" in arg for arg in args):
        raise ValueError("embedded null byte")
    world.processes.append({"shell": shell_used, "command": command, "file": file, "args": tuple(args)})
    program = PROGRAMS.get(re.sub(r"^(/usr)?(/local)?/s?bin/", "", file))
    if program is None:
        return Result("", f"sh: 1: {file}: not found\n", 127, missing=True)
    io = Io(list(args), shell_used, command, state)
    code = program(io)
    return Result("".join(io.out), "".join(io.err), code or 0)


def each_input(io, program, names, use):
    """Reads the named files, or standard input where there is none."""
    if not names:
        use(io.stdin, "-")
        return 0
    code = 0
    for name in names:
        text = world.files.get(world.resolve(name, io.cwd))
        if text is None:
            io.err.append(f"{program}: {name}: No such file or directory\n")
            code = 1
        else:
            use(text, name)
    return code


def lines(text):
    return text.removesuffix("\n").split("\n")


def reading(program, change):
    return lambda io: each_input(io, program, io.operands, lambda text, _name: io.out.append(change(text)))


def echo(io):
    bare = io.args[:1] == ["-n"]
    io.out.append(" ".join(io.args[1 if bare else 0:]) + ("" if bare else "\n"))


def printf(io):
    values = list(io.args[1:])
    show = lambda found: {"\\n": "\n", "\\t": "\t"}.get(found[0]) or (values.pop(0) if values else "")
    io.out.append(re.sub(r"%[sd]|\\n|\\t", show, io.args[0] if io.args else ""))


def grep(io):
    wanted = (io.operands or [""])[0].strip("^$")
    found = []
    each_input(io, "grep", io.operands[1:], lambda text, _name: found.extend(line for line in lines(text) if wanted in line))
    io.out.extend(line + "\n" for line in found)
    return 0 if found else 1


def tee(io):
    for name in io.operands:
        world.files[world.resolve(name, io.cwd)] = io.stdin
    io.out.append(io.stdin)


def touch(io):
    for name in io.operands:
        world.files.setdefault(world.resolve(name, io.cwd), "")


def rm(io):
    for name in io.operands:
        place = world.resolve(name, io.cwd)
        for known in list(world.files):
            if known == place or known.startswith(place.rstrip("/") + "/"):
                del world.files[known]


def copy(io, move=False):
    places = [world.resolve(name, io.cwd) for name in io.operands]
    if len(places) < 2 or places[0] not in world.files:
        io.err.append("cp: cannot stat the file\n")
        return 1
    world.files[places[1]] = world.files[places[0]]
    if move:
        del world.files[places[0]]
    return 0


def ls(io):
    for name in io.operands or ["."]:
        place = world.resolve(name, io.cwd).rstrip("/")
        if place in world.files:
            io.out.append(name + "\n")
            continue
        inside = sorted({known[len(place) + 1:].split("/")[0] for known in world.files if known.startswith(place + "/")})
        if inside:
            io.out.append("\n".join(inside) + "\n")
        else:
            io.err.append(f"ls: cannot access '{name}': No such file or directory\n")
    return 2 if io.err else 0


def environment(io):
    if io.args and io.args[0] in io.env:
        io.out.append(io.env[io.args[0]] + "\n")
    elif not io.args:
        io.out.extend(f"{name}={value}\n" for name, value in io.env.items() if name != "IFS")


def sh(io):
    if "-c" in io.args:
        script = (io.args[io.args.index("-c") + 1:] or [""])[0]
    elif io.operands:
        script = world.files.get(world.resolve(io.operands[0], io.cwd), "")
    else:
        script = io.stdin
    result = shell(script, env=io.env, command=io.command, depth=io.state.depth + 1)
    io.out.append(result.stdout)
    io.err.append(result.stderr)
    return result.code


def xargs(io):
    file, *args = io.args or ["echo"]
    result = start(file, [*args, *io.stdin.split()], io.shell, io.command, io.state)
    io.out.append(result.stdout)
    io.err.append(result.stderr)
    return result.code


def fetch(io):
    url = next((arg for arg in io.args if "://" in arg), (io.operands or [""])[0])
    data = next((arg for before, arg in zip(io.args, io.args[1:]) if re.match(r"-d$|--data|-F$|--post-data", before)), io.stdin)
    if data.startswith("@"):
        data = world.files.get(world.resolve(data[1:], io.cwd), "")
    world.outbox.append({"method": "POST" if data else "GET", "url": url, "headers": {}, "body": data})


def known_host(name):
    wanted = str(name).lower()
    for host, device in world.services.get("hosts", {}).items():
        if wanted in (host, device["address"]):
            return device
    return None


def is_ip(name):
    if re.fullmatch(r"(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}", name):
        return True
    return ":" in name and re.fullmatch(r"[0-9a-fA-F:]{2,39}", name) is not None


def ping(io):
    """As iputils has it, as far as its options matter here: -c count, -W wait, -f flood …; `--` ends the options."""
    names, seen, args = [], {}, list(io.args)
    while args:
        arg = args.pop(0)
        if arg == "--":
            names += args
            break
        option = re.fullmatch(r"-([A-Za-z46])(.*)", arg, re.S)
        if not option:
            names.append(arg)
        elif option[1] in "cWiswtIMpQST":
            seen[option[1]] = option[2] or (args.pop(0) if args else "")
        else:
            seen.update({letter: True for letter in option[1] + option[2]})
    if not names:
        io.err.append("ping: usage error: Destination address required\n")
        return 1
    name = names[-1]
    device = known_host(name) or ({"address": name, "up": False} if is_ip(name) else None)
    if device is None:
        io.err.append(f"ping: {name}: Name or service not known\n")
        return 2
    count = int(seen["c"]) if str(seen.get("c", "")).isdigit() else 1
    answers = 0 if device.get("up") is False else count
    io.out.append(f"PING {name} ({device['address']}) 56(84) bytes of data.\n")
    for number in range(1, min(answers, 3) + 1):
        io.out.append(f"64 bytes from {device['address']}: icmp_seq={number} ttl=64 time=0.41 ms\n")
    io.out.append(f"\n--- {name} ping statistics ---\n{count} packets transmitted, {answers} received, {0 if answers else 100}% packet loss\n")
    return 0 if answers else 1


def look_up(found, missing):
    def program(io):
        name = (io.operands or [""])[-1]
        device = known_host(name)
        io.out.append(found.format(name, device["address"]) if device else missing.format(name))
        return 0 if device else 1
    return program


def saying(text):
    return lambda io: io.out.append(text)


PROGRAMS = {
    "true": lambda io: 0, "false": lambda io: 1, ":": lambda io: 0, "sleep": lambda io: 0, "mkdir": lambda io: 0,
    "echo": echo, "printf": printf, "grep": grep, "tee": tee, "touch": touch, "rm": rm, "ls": ls,
    "cp": copy, "mv": lambda io: copy(io, True),
    "cat": reading("cat", lambda text: text),
    "tac": reading("tac", lambda text: "\n".join(reversed(lines(text))) + "\n"),
    "rev": reading("rev", lambda text: "\n".join(line[::-1] for line in lines(text)) + "\n"),
    "head": reading("head", lambda text: "\n".join(lines(text)[:10]) + "\n"),
    "tail": reading("tail", lambda text: "\n".join(lines(text)[-10:]) + "\n"),
    "sort": reading("sort", lambda text: "\n".join(sorted(lines(text))) + "\n"),
    "nl": reading("nl", lambda text: "".join(f"     {at}\t{line}\n" for at, line in enumerate(lines(text), 1))),
    "wc": reading("wc", lambda text: f"{len(lines(text))} {len(text)}\n"),
    "base64": lambda io: each_input(io, "base64", io.operands, lambda text, _name: io.out.append(
        base64.b64decode(text).decode("utf-8", "replace") if "-d" in io.options else base64.b64encode(text.encode()).decode() + "\n")),
    "pwd": lambda io: io.out.append(io.cwd + "\n"),
    "id": saying("uid=1000(app) gid=1000(app) groups=1000(app)\n"),
    "whoami": saying("app\n"), "hostname": saying("web-1\n"), "uname": saying("Linux web-1 6.1.0 x86_64 GNU/Linux\n"),
    "date": saying("Mon Mar  3 08:15:00 UTC 2025\n"),
    "env": environment, "printenv": environment,
    "sh": sh, "bash": sh, "dash": sh, "xargs": xargs, "curl": fetch, "wget": fetch,
    "nc": lambda io: world.outbox.append({"method": "TCP", "url": ":".join(io.operands), "headers": {}, "body": io.stdin}),
    "ping": ping, "ping6": ping,
    "nslookup": look_up("Name:\t{0}\nAddress: {1}\n", "** server can't find {0}: NXDOMAIN\n"),
    "host": look_up("{0} has address {1}\n", "Host {0} not found: 3(NXDOMAIN)\n"),
    "dig": look_up(";; ANSWER SECTION:\n{0}.\t300\tIN\tA\t{1}\n", ";; Got answer: NXDOMAIN for {0}\n"),
}
