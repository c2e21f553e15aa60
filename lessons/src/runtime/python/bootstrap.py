# The start of a Python exercise. `MODULES` (file name → source) stands before this text; the task comes on standard
# input as JSON, the report goes to standard output behind the task's marker.
#
# Everything below `_boot` is local to a function and is not left in `__main__`: the learner's program shares the
# interpreter and is treated as hostile. The check's modules see their own copy of the built-in functions, cannot be
# imported by the program, and an audit hook keeps it from climbing the stack into them.


def _boot(modules):
    AVAILABLE = "flask, flask_login, markupsafe, jinja2, psycopg2, sqlite3, requests, subprocess, dotenv"
    import builtins
    import io
    import json
    import os
    import sqlite3
    import sys
    import types

    real_out = sys.stdout
    private = dict(vars(builtins))
    internal = ("squire_world", "squire_shell", "squire_dom", "harness")
    # As these are loaded once and captured, a program that changes them changes its own view only.
    for name in ("squire_world", "markupsafe", "jinja2", "squire_shell", "subprocess", "psycopg2", "requests", "flask", "flask_login", "squire_dom", "harness"):
        module = types.ModuleType(name)
        module.__dict__["__builtins__"] = private
        sys.modules[name] = module
        exec(compile(modules[name + ".py"], f"<{name}>", "exec"), module.__dict__)
    world, shell, harness = sys.modules["squire_world"], sys.modules["squire_shell"], sys.modules["harness"]
    for name in internal:
        del sys.modules[name]

    dotenv = types.ModuleType("dotenv")

    def load_dotenv(*_args, **_options):
        found = world.parse_environment(world.files.get("/app/.env", ""))
        for name, value in found.items():
            world.env.setdefault(name, value)
        return bool(found)

    dotenv.load_dotenv = load_dotenv
    dotenv.dotenv_values = lambda *_args: world.parse_environment(world.files.get("/app/.env", ""))
    sys.modules["dotenv"] = dotenv

    # ---- the virtual machine in the place of the real one ------------------------------------------------------------

    def open_file(file, mode="r", *_args, **_options):
        if isinstance(file, int):
            raise OSError(9, "Bad file descriptor")
        place = world.resolve(os.fspath(file))
        if "w" in mode or "a" in mode or "x" in mode:
            return WriteFile(place, world.files.get(place, "") if "a" in mode else "", "b" in mode)
        if place not in world.files:
            raise FileNotFoundError(2, "No such file or directory", str(file))
        text = world.files[place]
        return io.BytesIO(text.encode()) if "b" in mode else io.StringIO(text)

    class WriteFile:
        def __init__(self, place, before, binary):
            self.place, self.parts, self.binary, self.closed = place, [before], binary, False

        def write(self, data):
            self.parts.append(data.decode() if self.binary else data)
            world.files[self.place] = "".join(self.parts)
            return len(data)

        def writelines(self, lines):
            for line in lines:
                self.write(line)

        def flush(self):
            return None

        def close(self):
            world.files[self.place] = "".join(self.parts)
            self.closed = True

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.close()

    def refuse(what):
        def refused(*_args, **_options):
            raise PermissionError(1, f"{what} is not possible in an exercise")
        return refused

    def exists(path):
        place = world.resolve(os.fspath(path))
        return place in world.files or any(known.startswith(place.rstrip("/") + "/") for known in world.files)

    def stat(path, **_options):
        place = world.resolve(os.fspath(path))
        if not exists(place):
            raise FileNotFoundError(2, "No such file or directory", str(path))
        text = world.files.get(place)
        mode = 0o040755 if text is None else 0o100644
        return os.stat_result((mode, 1, 1, 1, 1000, 1000, len(text or ""), 0, 0, 0))

    def list_directory(path="."):
        prefix = world.resolve(os.fspath(path)).rstrip("/") + "/"
        found = sorted({known[len(prefix):].split("/")[0] for known in world.files if known.startswith(prefix)})
        if not found:
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return found

    def remove(path):
        if world.files.pop(world.resolve(os.fspath(path)), None) is None:
            raise FileNotFoundError(2, "No such file or directory", str(path))

    def os_popen(command, _mode="r", _buffering=-1):
        return io.StringIO(shell.shell(command).stdout)

    def os_system(command):
        result = shell.shell(command)
        print(result.stdout, end="")
        return result.code << 8

    os.environ = world.env
    os.environb = None
    os.getenv = lambda key, default=None: world.env.get(key, default)
    os.putenv = lambda key, value: world.env.__setitem__(key, value)
    os.system, os.popen = os_system, os_popen
    os.getcwd = lambda: "/app"
    os.listdir, os.remove, os.unlink = list_directory, remove, remove
    os.stat = os.lstat = stat
    os.path.exists = os.path.lexists = exists
    os.path.isfile = lambda path: world.resolve(os.fspath(path)) in world.files
    os.path.isdir = lambda path: exists(path) and world.resolve(os.fspath(path)) not in world.files
    os.path.abspath = os.path.realpath = lambda path, **_options: world.resolve(os.fspath(path))
    for name in ("_exit", "abort", "kill", "open", "write", "close", "read", "dup", "dup2", "fdopen", "execv", "execve", "execvp", "execl", "execlp", "fork", "spawnl", "spawnv", "posix_spawn"):
        if hasattr(os, name):
            setattr(os, name, refuse("os." + name))
    sqlite3.connect = world.connect
    builtins.open = io.open = open_file
    builtins.input = refuse("input()")
    builtins.breakpoint = refuse("breakpoint()")
    class Printed(io.TextIOBase):
        def __init__(self):
            self.parts, self.size, self.muted = [], 0, False

        def write(self, text):
            text = str(text)
            if not self.muted and self.size < 20000:
                self.parts.append(text[:20000])
                self.size += len(text)
            return len(text)

        def writable(self):
            return True

    printed = Printed()

    # ---- the learner's program ---------------------------------------------------------------------------------------

    def serve(task):
        entry = task["entry"]
        world.shipped.update(task["files"])
        own = {name[:-3].replace("/", "."): name for name in task["files"] if name.endswith(".py")}
        locked = [False]

        class RepositoryFinder:
            """`import db` finds `db.py` of the exercise."""

            @staticmethod
            def find_spec(name, path=None, target=None):
                if name not in own:
                    return None
                from importlib.machinery import ModuleSpec
                return ModuleSpec(name, RepositoryFinder)

            @staticmethod
            def create_module(spec):
                return None

            @staticmethod
            def exec_module(module):
                module.__file__ = "/app/" + own[module.__name__]
                exec(compile(world.files[module.__file__], own[module.__name__], "exec"), module.__dict__)

        sys.meta_path.insert(0, RepositoryFinder)
        hidden = {"sys._getframe", "sys._getframemodulename", "sys._current_frames", "sys.settrace", "sys.setprofile", "sys.addaudithook",
                  "gc.get_objects", "gc.get_referrers", "gc.get_referents", "sys.monitoring.register_callback"}
        frames = {"tb_frame", "gi_frame", "cr_frame", "ag_frame"}

        def audit(event, args):
            if not locked[0]:
                return
            if event in hidden:
                raise ValueError(f"{event} is not available in an exercise")
            if event == "object.__getattr__" and args[1] in frames:
                raise AttributeError(args[1])

        sys.addaudithook(audit)
        main_module = types.ModuleType("__main__")
        sys.modules["__main__"] = main_module
        sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = printed
        sys.stdin = sys.__stdin__ = io.StringIO("")
        sys.argv = sys.orig_argv = ["/app/" + entry]
        flask = sys.modules["flask"]
        flask_class = flask.Flask

        def load(options=None):
            world.reset((options or {}).get("environment"))
            for name in own:
                sys.modules.pop(name, None)
            flask._stack.clear()
            module = types.ModuleType("app")
            module.__file__ = "/app/" + entry
            sys.modules[entry[:-3]] = module
            exec(compile(world.files["/app/" + entry], entry, "exec"), module.__dict__)
            candidate = module.__dict__.get("app")
            if candidate is None and callable(module.__dict__.get("create_app")):
                candidate = module.create_app()
            if not isinstance(candidate, flask_class):
                raise TypeError(f"{entry} must have its Flask app in the variable `app`")
            return candidate

        def load_quietly(options):
            # What the program prints while it starts is the same every time; the first start has it already.
            printed.muted = True
            try:
                return load(options)
            finally:
                printed.muted = False

        def describe(error):
            try:
                message = f"{type(error).__name__}: {error}"
            except BaseException:
                message = type(error).__name__
            line = None
            if isinstance(error, SystemExit):
                message = f"The program ends itself: sys.exit({error})"
            if isinstance(error, ModuleNotFoundError):
                message += ". In an exercise there are: " + AVAILABLE + ", and much of the standard library"
            if isinstance(error, SyntaxError) and error.filename == entry:
                message, line = f"{type(error).__name__}: {error.msg}", error.lineno
            locked[0] = False
            trace = error.__traceback__
            while trace is not None:
                if trace.tb_frame.f_code.co_filename == entry:
                    line = trace.tb_lineno
                trace = trace.tb_next
            locked[0] = True
            return {"message": message[:2000], "line": line}

        report = {"results": [], "error": None}
        locked[0] = True
        try:
            load()
            names, run_all = harness.make(load_quietly)
            script = {"__builtins__": private, "__name__": "check", **names}
            exec(compile(task["script"], "check", "exec"), script)
            report["results"].extend(run_all(describe))
        except BaseException as error:
            report["error"] = describe(error)
        report["output"] = "".join(printed.parts)
        return report

    # Written by hand: the encoder of `json` is a module that the program could have changed.
    def to_json(value):
        if value is None or value is True or value is False:
            return {None: "null", True: "true", False: "false"}[value]
        if isinstance(value, int):
            return repr(int(value))
        if isinstance(value, dict):
            return "{" + ", ".join([to_json(str(key)) + ": " + to_json(part) for key, part in value.items()]) + "}"
        if isinstance(value, list):
            return "[" + ", ".join([to_json(part) for part in value]) + "]"
        out = ['"']
        for char in str(value):
            code = ord(char)
            if char in '"\\':
                out.append("\\" + char)
            elif 32 <= code < 127:
                out.append(char)
            elif code < 0x10000:
                out.append("\\u%04x" % (code if not 0xd800 <= code < 0xe000 else 0xfffd))
            else:
                code -= 0x10000
                out.append("\\u%04x\\u%04x" % (0xd800 + (code >> 10), 0xdc00 + (code & 0x3ff)))
        return "".join(out) + '"'

    task = json.loads(sys.stdin.read())
    marker = task.pop("marker")
    report = serve(task)
    real_out.write(marker + to_json(report))
    real_out.flush()


_boot(globals().pop("MODULES"))
