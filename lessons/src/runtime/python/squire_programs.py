"""The programs of the virtual machine. Every one that is started lands in the world's table of processes."""

import base64
import re

import squire_world as world

MAX_PROCESSES = 500
# Set by the shell, which needs this module itself: `sh` runs a script.
run_script = None


class Result:
    def __init__(self, stdout="", stderr="", code=0, missing=False, leave=False):
        self.stdout, self.stderr, self.code, self.missing, self.leave = stdout, stderr, code, missing, leave


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
    result = run_script(script, env=io.env, command=io.command, depth=io.state.depth + 1)
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
