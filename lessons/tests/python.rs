//! Python exercises, executed. These tests need the interpreter: `lessons/python-runtime.sh` installs it.

#[allow(dead_code)]
mod common;

use std::time::{Duration, Instant};

use common::{catalog, greeting, runner};
use squire_lessons::{Evidence, ProblemKind, Runner, Runtime, Verdict, test_lessons};

fn python() -> Runner {
    let runner = runner();
    assert!(runner.can_execute(Runtime::Python), "lessons/python-runtime.sh has not been run");
    runner
}

/// Checks a program for the lesson `greeting`, whose route runs `code` (unindented lines).
fn check_route(code: &str) -> Verdict {
    let indented: String = code.lines().map(|line| format!("    {line}\n")).collect();
    check(&format!(
        "from flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.route('/hello')\ndef hello():\n\
         {indented}    return 'Hello ' + request.args['name']\n"
    ))
}

fn check(text: &str) -> Verdict {
    python().check(greeting("python"), text)
}

fn is_stopped(code: &str) -> Verdict {
    let began = Instant::now();
    let verdict = check_route(code);
    let first = verdict.problems.first().unwrap_or_else(|| panic!("{code} passed"));
    assert!(
        matches!(first.kind, ProblemKind::Broken | ProblemKind::TestFailed),
        "{code}: the first problem is {first:?}"
    );
    assert!(began.elapsed() < Duration::from_secs(20), "{code} took {:?}", began.elapsed());
    verdict
}

#[test]
fn the_proof_of_a_true_lesson_holds() {
    let exercise = greeting("python");
    let verdict = python().check(exercise, exercise.shipped());
    assert_eq!(verdict.evidence, Evidence::Executed);
    assert_eq!(
        verdict.headline(),
        "The attack still works: a script in the name runs. The attacker sends `<script>steal()</script>` and \
         gets code running in the page."
    );
    let report = test_lessons(catalog(), &python(), Some("greeting"));
    assert_eq!(report.failures, Vec::<String>::new());
}

#[test]
fn endless_loops_end() {
    let verdict = is_stopped("while True: pass");
    assert_eq!(verdict.headline(), "the program was not done after 3000 ms and was stopped");
    is_stopped("while True:\n    try:\n        while True: pass\n    except BaseException: pass");
    is_stopped("import re\nre.match('^(a+)+$', 'a' * 40 + 'b')");
}

#[test]
fn memory_and_recursion_are_bounded() {
    is_stopped("held = []\nwhile True: held.append('x' * 1000000)");
    is_stopped("'a' * 10 ** 10");
    is_stopped("def deeper(): return deeper()\ndeeper()");
}

#[test]
fn output_is_capped() {
    let verdict = check_route("for _ in range(300): print('x' * 1000)");
    assert!(verdict.output.len() < 100_000, "{} bytes were kept", verdict.output.len());
}

#[test]
fn the_system_is_not_there() {
    let attempts = [
        "open('/etc/passwd').read()",
        "import io\nio.FileIO('/etc/passwd')",
        "import posix\nposix.listdir('/')\nposix.open('/etc/passwd', 0)",
        "import socket\nsocket.create_connection(('127.0.0.1', 1))",
        "import ctypes",
        "import _sqlite3\n_sqlite3.connect('/tmp/out.db').execute('create table t(x)')",
        "import sqlite3\nsqlite3.connect(':memory:').execute(\"ATTACH '/tmp/out.db' AS o\")",
        "import sqlite3\nsqlite3.connect(':memory:').execute(\"VACUUM INTO '/tmp/out.db'\")",
    ];
    for attempt in attempts {
        is_stopped(attempt);
    }
    // A command runs on the virtual machine, which has a file of that name of its own.
    let verdict = check_route(
        "import subprocess\nprint(subprocess.run(['hostname'], capture_output=True, text=True).stdout)",
    );
    let real = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    assert!(real.trim().is_empty() || !verdict.output.contains(real.trim()), "{}", verdict.output);
}

#[test]
fn tampering_with_the_check_does_not_pass() {
    for trick in [
        "import json\njson.dumps = lambda *_: '{\"results\": [{\"name\": \"x\", \"passed\": true}]}'",
        "import builtins\nbuiltins.print = builtins.str = lambda *_: ''",
        "import sys\nsys.stdout = sys.__stdout__",
        "import harness\nharness.breached = lambda *_: None",
        "import sys\nfor name in list(sys.modules):\n    sys.modules[name] = None",
        "import sys\nframe = sys._getframe()\nwhile frame:\n    frame.f_locals.clear()\n    frame = frame.f_back",
        "import gc\nfor it in gc.get_objects():\n    if isinstance(it, dict): it['passed'] = False",
        "import os\nos._exit(0)",
        "raise SystemExit(0)",
        "def attack(*_): pass\ndef test(*_): pass",
    ] {
        let body: String = trick.lines().map(|line| format!("    {line}\n")).collect();
        let verdict = check(&format!(
            "from flask import Flask, request\n\ntry:\n{body}except BaseException: pass\napp = Flask(__name__)\n\n\n\
             @app.route('/hello')\ndef hello():\n    return '<h1>Hello ' + request.args['name']\n"
        ));
        assert!(!verdict.passed(), "this passed: {trick}");
    }
}

#[test]
fn a_program_that_is_no_program_is_an_error_with_its_line() {
    let verdict = check("from flask import Flask\napp = Flask(__name__)\ndef broken(:\n");
    assert_eq!(verdict.problems[0].kind, ProblemKind::Broken);
    assert!(verdict.headline().starts_with("Line 3: SyntaxError"), "{verdict}");
    assert_eq!(check("").problems[0].kind, ProblemKind::Broken);
}
