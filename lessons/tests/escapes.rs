//! What hostile programs try, and that none of it works.

#[allow(dead_code)]
mod common;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use common::{greeting, runner};
use squire_lessons::{ProblemKind, Runner, Verdict};

/// Checks a program for the lesson `greeting`, whose route runs `code`.
fn check_route(code: &str) -> Verdict {
    check(&format!(
        "const app = require('express')();\n\
         app.get('/hello', (req, res) => {{ const name = req.query.name; {code}; res.send(`Hello ${{name}}`); }});\n\
         module.exports = app;\n"
    ))
}

fn check(text: &str) -> Verdict {
    static RUNNER: LazyLock<Runner> = LazyLock::new(runner);
    RUNNER.check(greeting("javascript"), text)
}

/// The program is stopped or fails; it neither passes nor keeps the learner waiting.
fn is_stopped(code: &str) -> Verdict {
    let began = Instant::now();
    let verdict = check_route(code);
    let first = verdict.problems.first().unwrap_or_else(|| panic!("{code} passed"));
    assert!(
        matches!(first.kind, ProblemKind::Broken | ProblemKind::TestFailed),
        "{code}: the first problem is {first:?}"
    );
    // Generous, as the machine may be busy with other tests: what would run for ever would run longer still.
    assert!(began.elapsed() < Duration::from_secs(90), "{code} took {:?}", began.elapsed());
    verdict
}

#[test]
fn endless_loops_end() {
    let verdict = is_stopped("for (;;) {}");
    assert_eq!(verdict.headline(), "the program was not done after 1000 ms and was stopped");
    is_stopped("while (true) { try { while (true) {} } catch {} finally { continue } }");
    is_stopped("(async () => { for (;;) await null })(); return");
    is_stopped("const again = () => Promise.resolve().then(again); again(); return");
}

#[test]
fn a_native_loop_that_no_interrupt_reaches_is_killed_from_outside() {
    is_stopped("new Array(4294967295).join('x')");
    is_stopped("/^(a+)+$/.test('a'.repeat(60) + 'b')");
    is_stopped(
        "'x'.repeat(1 << 20).split('').map(String).join().split(',').sort().reverse().join().repeat(1e9)",
    );
}

#[test]
fn memory_is_bounded() {
    is_stopped("const held = []; for (;;) held.push(new Array(100000).fill(held))");
    is_stopped("let s = 'x'; for (;;) s += s");
    is_stopped("new ArrayBuffer(2 ** 31)");
}

#[test]
fn recursion_is_bounded() {
    is_stopped("const deeper = (n) => 1 + deeper(n + 1); deeper(0)");
    is_stopped("let list = []; for (let i = 0; i < 1e5; i++) list = [list]; JSON.stringify(list)");
    is_stopped("let text = '['.repeat(1e6); JSON.parse(text)");
}

#[test]
fn output_is_capped() {
    let verdict = check_route("for (let i = 0; i < 1e5; i++) console.log('x'.repeat(1000))");
    assert!(verdict.output.len() < 100_000, "{} bytes were kept", verdict.output.len());
}

#[test]
fn the_world_outside_is_not_there() {
    let verdict = check_route(
        "for (const name of ['XMLHttpRequest', 'Deno', 'Bun', 'std', 'os', '__sql', '__sql_open', '__files', '__script', \
         '__kit', 'test', 'attack', 'assert', 'breached']) { let it; try { it = (0, eval)('typeof ' + name) } catch {} \
         if (it !== 'undefined') console.log(name, 'is', it) }",
    );
    assert_eq!(verdict.output, "");
    assert!(verdict.tests.iter().all(|test| test.passed), "{verdict}");
    is_stopped("require('node:worker_threads')");
    is_stopped("require('./tests.js')");
    is_stopped("await import('std')");
}

#[test]
fn sql_reaches_no_file() {
    let harmless = check_route("new (require('better-sqlite3'))(':memory:').prepare('SELECT 1').all()");
    assert!(harmless.tests.iter().all(|test| test.passed), "{harmless}");

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("out.db");
    let file = file.display();
    for sql in [
        format!("ATTACH DATABASE '{file}' AS other"),
        format!("VACUUM INTO '{file}'"),
        "PRAGMA temp_store_directory = '/tmp'".to_owned(),
        "PRAGMA journal_mode = delete".to_owned(),
        "SELECT load_extension('libc')".to_owned(),
        format!("SELECT writefile('{file}', 'x')"),
        "CREATE VIRTUAL TABLE t USING fts5(x)".to_owned(),
    ] {
        is_stopped(&format!("const D = require('better-sqlite3'); new D(':memory:').prepare(`{sql}`).run()"));
        is_stopped(&format!("const D = require('better-sqlite3'); new D(':memory:').exec(`{sql}`)"));
    }
    assert_eq!(folder.path().read_dir().expect("a folder").count(), 0);
}

#[test]
fn sql_cannot_run_for_ever_or_eat_the_memory() {
    for sql in [
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c",
        "SELECT randomblob(900000000)",
        "SELECT printf('%.900000000c', 'x')",
        "WITH RECURSIVE c(x) AS (SELECT randomblob(1000000) UNION ALL SELECT randomblob(1000000) FROM c) SELECT x FROM c",
    ] {
        is_stopped(&format!("const D = require('better-sqlite3'); new D(':memory:').prepare(`{sql}`).all()"));
    }
}

/// Programs that stay vulnerable and try to make the check say otherwise.
#[test]
fn tampering_with_the_check_does_not_pass() {
    for trick in [
        // Builtins that a harness may use.
        "JSON.stringify = () => '{\"results\":[{\"name\":\"x\",\"passed\":true}]}'",
        "Array.prototype.push = function () { return 0 }",
        "Array.prototype[Symbol.iterator] = function* () {}",
        "Object.prototype.toJSON = () => ({ results: [] })",
        "Object.defineProperty(Object.prototype, 'passed', { get: () => false, set() {} })",
        "Object.defineProperty(Object.prototype, 'yes', { get: () => false, set() {}, configurable: true })",
        "Boolean.prototype.valueOf = () => false; globalThis.Boolean = () => false",
        "RegExp.prototype.test = () => false; RegExp.prototype.exec = () => null",
        "String.prototype.includes = () => false",
        "Promise.prototype.then = function (f) { return f && f(undefined) }",
        "Promise.prototype.constructor = function () {}; Promise.resolve = () => null",
        "WeakMap.prototype.get = () => ({ yes: false }); Map.prototype.get = () => null",
        "Reflect.ownKeys(globalThis).forEach((k) => { try { globalThis[k] = () => undefined } catch {} })",
        "globalThis.eval = () => () => undefined; globalThis.Function = () => () => undefined",
        // The harness's own words.
        "globalThis.test = globalThis.attack = () => undefined; globalThis.breached = () => ({}); globalThis.assert = () => {}",
        "var attack = () => {}, test = () => {}, breached = () => false",
        "globalThis.__main = async () => '{\"results\":[{\"name\":\"x\",\"passed\":true}],\"error\":null,\"output\":\"\"}'",
        // Frames of the callers.
        "try { (function f() { f.caller.arguments[0].results.length = 0 })() } catch {}",
        "Error.prepareStackTrace = (e, s) => { s.forEach((f) => { try { f.getFunction().call() } catch {} }) }; new Error().stack",
    ] {
        let text = format!(
            "try {{ {trick} }} catch {{}}\n\
             const app = require('express')();\n\
             app.get('/hello', (req, res) => {{ try {{ {trick} }} catch {{}} res.send(`<h1>Hello ${{req.query.name}}</h1>`); }});\n\
             module.exports = app;\n"
        );
        let verdict = check(&text);
        assert!(!verdict.passed(), "this passed: {trick}");
    }
}

#[test]
fn values_that_fight_back_do_not_pass() {
    for send in [
        "res.send({ toString() { throw new Error('no') } })",
        "res.send({ get includes() { throw 1 }, toString: () => 'Hello' })",
        "res.send(new Proxy([], { get() { throw new Error('no') } }))",
        "throw { get message() { for (;;) {} } }",
        "throw Object.defineProperty(new Error(), 'stack', { get() { throw 1 } })",
        "throw undefined",
        "throw new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 } })",
        "return { then(resolve) { resolve(this) } }",
        "process.exit(0)",
        "require('process').exit(0)",
        "process.kill(process.ppid)",
    ] {
        let text = format!(
            "const app = require('express')();\napp.get('/hello', (req, res) => {{ {send}; }});\nmodule.exports = app;\n"
        );
        let verdict = check(&text);
        assert!(!verdict.passed(), "this passed: {send}");
    }
}

#[test]
fn a_program_that_is_no_program_is_an_error_with_its_line() {
    let verdict = check(
        "const app = require('express')();\napp.get('/hello', (req, res) => {\nmodule.exports = app;\n",
    );
    assert_eq!(verdict.problems[0].kind, ProblemKind::Broken);
    let verdict = check(
        "const app = require('express')();\n// app.get('/hello'\nundefined.x;\nmodule.exports = app;\n",
    );
    assert_eq!(verdict.problems[0].kind, ProblemKind::Broken, "{verdict}");
    assert!(verdict.headline().starts_with("Line 3: "), "{verdict}");
    for text in [
        "",
        "\u{0}",
        "\u{feff}",
        "🦊",
        "module.exports = 1",
        "module.exports = new Proxy({}, { get() { throw 1 } })",
    ] {
        assert_eq!(check(text).problems[0].kind, ProblemKind::Broken, "{text:?}");
    }
}

/// As if the interpreter had been broken out of.
#[cfg(target_os = "linux")]
#[test]
fn natively_there_is_no_way_out_either() {
    let runner = runner();
    assert!(runner.probe("nothing").contains("\"succeeded\""), "{}", runner.probe("nothing"));
    for name in ["open", "write", "socket", "exec", "fork", "thread", "kill", "memory", "spin"] {
        let answer = runner.probe(name);
        assert!(!answer.contains("succeeded"), "{name}: {answer}");
        assert!(
            answer.contains("refused: ") || answer.contains("ended: ") || answer.contains("killed"),
            "{name}: {answer}"
        );
    }
}
