"""`subprocess` over the virtual machine."""

import os as _os
import squire_shell as _shell

PIPE, STDOUT, DEVNULL = -1, -2, -3


class SubprocessError(Exception):
    pass


class CalledProcessError(SubprocessError):
    def __init__(self, returncode, cmd, output=None, stderr=None):
        self.returncode, self.cmd, self.output, self.stdout, self.stderr = returncode, cmd, output, output, stderr
        super().__init__(f"Command '{cmd}' returned non-zero exit status {returncode}.")


class TimeoutExpired(SubprocessError):
    def __init__(self, cmd, timeout, output=None, stderr=None):
        self.cmd, self.timeout, self.output, self.stdout, self.stderr = cmd, timeout, output, output, stderr
        super().__init__(f"Command '{cmd}' timed out after {timeout} seconds")


class CompletedProcess:
    def __init__(self, args, returncode, stdout=None, stderr=None):
        self.args, self.returncode, self.stdout, self.stderr = args, returncode, stdout, stderr

    def __repr__(self):
        return f"CompletedProcess(args={self.args!r}, returncode={self.returncode!r})"

    def check_returncode(self):
        if self.returncode:
            raise CalledProcessError(self.returncode, self.args, self.stdout, self.stderr)


def _text_of(part):
    if isinstance(part, bytes):
        return part.decode()
    if isinstance(part, _os.PathLike):
        return part.__fspath__()
    if isinstance(part, str):
        return part
    raise TypeError(f"expected str, bytes or os.PathLike object, not {type(part).__name__}")


def _run(args, shell, stdin, env, executable):
    if isinstance(args, (str, bytes)) or isinstance(args, _os.PathLike):
        words = [_text_of(args)]
    else:
        words = [_text_of(part) for part in args]
    if not words:
        raise IndexError("list index out of range")
    if shell:
        if "\0" in words[0]:
            raise ValueError("embedded null byte")
        return _shell.shell(words[0], stdin=stdin, env=env)
    result = _shell.execute(executable or words[0], words[1:], stdin=stdin, env=env)
    if result.missing:
        raise FileNotFoundError(2, "No such file or directory", words[0])
    return result


class Popen:
    def __init__(self, args, bufsize=-1, executable=None, stdin=None, stdout=None, stderr=None, shell=False, cwd=None,
                 env=None, universal_newlines=None, text=None, encoding=None, errors=None, **_others):
        self.args = args
        self._text = bool(text or universal_newlines or encoding or errors)
        self._settings = (shell, env, executable)
        self._pipes = (stdout, stderr)
        self._result = None
        self._wait_for_input = stdin == PIPE
        self.pid, self.returncode = 4300, None
        self.stdin = self.stdout = self.stderr = None
        if not self._wait_for_input:
            self._finish("")

    def _finish(self, data):
        import io
        if isinstance(data, bytes):
            data = data.decode()
        shell, env, executable = self._settings
        self._result = _run(self.args, shell, data or "", env, executable)
        out, err = self._result.stdout, self._result.stderr
        to_out, to_err = self._pipes
        if to_err == STDOUT:
            out, err = out + err, ""
        self._out = self._encode(out) if to_out == PIPE else None
        self._err = self._encode(err) if to_err == PIPE else None
        make = io.StringIO if self._text else io.BytesIO
        self.stdout = make(self._out) if self._out is not None else None
        self.stderr = make(self._err) if self._err is not None else None

    def _encode(self, text):
        return text if self._text else text.encode()

    def communicate(self, input=None, timeout=None):
        if self._result is None:
            self._finish(input)
        self.returncode = self._result.code
        return self._out, self._err

    def wait(self, timeout=None):
        self.communicate()
        return self.returncode

    def poll(self):
        return self.wait()

    def kill(self):
        return None

    terminate = kill

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wait()


def run(args, *, input=None, capture_output=False, timeout=None, check=False, **options):
    if capture_output:
        if options.get("stdout") is not None or options.get("stderr") is not None:
            raise ValueError("stdout and stderr arguments may not be used with capture_output.")
        options["stdout"] = options["stderr"] = PIPE
    if input is not None:
        options["stdin"] = PIPE
    process = Popen(args, **options)
    out, err = process.communicate(input)
    if check and process.returncode:
        raise CalledProcessError(process.returncode, args, out, err)
    return CompletedProcess(args, process.returncode, out, err)


def call(args, **options):
    return run(args, **options).returncode


def check_call(args, **options):
    return run(args, check=True, **options).returncode


def check_output(args, **options):
    return run(args, stdout=PIPE, check=True, **options).stdout


def getstatusoutput(cmd, **_options):
    result = _shell.shell(cmd)
    return result.code, (result.stdout + result.stderr).rstrip("\n")


def getoutput(cmd, **options):
    return getstatusoutput(cmd, **options)[1]


def list2cmdline(seq):
    return " ".join(seq)
