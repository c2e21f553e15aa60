//! What patterns match, line by line.

mod files;
mod systems;

use std::path::Path;

use crate::language::Language::{self, JavaScript, Python, Tsx, TypeScript};
use crate::rule::{RuleFile, RuleSet, RuleSources, search};

/// The lines (1-based) at which a pattern matches.
fn lines(pattern: &str, language: Language, code: &str) -> Vec<usize> {
    lines_with(&serde_json::json!({}), pattern, language, code)
}

/// The same with the `options` of a rule.
fn lines_with(options: &serde_json::Value, pattern: &str, language: Language, code: &str) -> Vec<usize> {
    let name = if language == Tsx { "typescript" } else { language.name() };
    let rule = serde_json::json!({ "rules": [{
        "id": "test", "languages": [name], "severity": "INFO", "message": "here", "pattern": pattern,
        "options": options,
    }]});
    let file = RuleFile { path: "test.yaml".into(), text: rule.to_string() };
    let (set, errors) = RuleSet::load(&RuleSources { rules: vec![file], ..RuleSources::default() });
    assert_eq!(errors, [], "{pattern}");
    let mut source = crate::source::Source::new(language, code);
    source.parse(crate::source::ParseBudget::default()).unwrap();
    let units = crate::analyze::cut(&source);
    let names = crate::analyze::Names::gather(units.iter());
    let view = crate::analyze::FileView { path: Path::new("test"), language, units: &units, names: &names };
    let mut lines: Vec<usize> = (0..units.len() as u32)
        .flat_map(|unit| search(&set, &view, unit).matches)
        .map(|found| code[..found.range.start].matches('\n').count() + 1)
        .collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

/// The marked lines are those that end in `// !` or `# !`.
#[track_caller]
fn check(pattern: &str, language: Language, code: &str) {
    let marked: Vec<usize> = code
        .lines()
        .enumerate()
        .filter(|(_, line)| line.ends_with("// !") || line.ends_with("# !"))
        .map(|(line, _)| line + 1)
        .collect();
    assert_eq!(lines(pattern, language, code), marked, "{pattern}\n{code}");
}

#[test]
fn calls_and_their_arguments() {
    check("exec(...)", JavaScript, "exec(a) // !\nrun(exec(b, c)) // !\nx.exec(d)\n");
    check("f($X, $X)", JavaScript, "f(a.b, a.b) // !\nf(a, b)\n");
    check("f(..., 'x')", JavaScript, "f(1, 2, \"x\") // !\nf('x') // !\nf('x', 1)\n");
    check(
        "run(..., shell=True, ...)",
        Python,
        "run(a, shell=True) # !\nrun(shell=True, check=False) # !\nrun(a)\n",
    );
    check("f(a=1)", Python, "f(a=1) # !\nf(a=1, b=2)\n");
    check("f(b=$Y, a=$X)", Python, "f(a=1, b=2) # !\n");
    check("new Buffer(...)", JavaScript, "new Buffer(1) // !\nBuffer(1)\n");
}

#[test]
fn imported_names_are_resolved() {
    check("os.system(...)", Python, "from os import system\nsystem(x) # !\n");
    check("os.system(...)", Python, "from os import system as s\ns(x) # !\n");
    check("os.system(...)", Python, "import os as o\no.system(x) # !\nother.system(x)\n");
    check("child_process.exec(...)", JavaScript, "const { exec } = require('child_process')\nexec(x) // !\n");
    check("child_process.exec(...)", JavaScript, "import cp from 'child_process'\ncp.exec(x) // !\n");
}

#[test]
fn constants_are_what_they_hold() {
    check("f(\"...\")", JavaScript, "const a = 'x'\nf(a) // !\nf(b)\n");
    check("f(\"...\")", Python, "def g(y):\n    x = 'a'\n    f(x) # !\n    f(y)\n");
    check("f(\"...\")", Python, "x = 'a'\nx = g()\nf(x)\n");
    check("f(\"=~/^SELECT/\")", JavaScript, "f('SELECT 1') // !\nf('UPDATE')\n");
}

#[test]
fn statements_follow_each_other() {
    check(
        "$X = get()\n...\nuse($X)",
        Python,
        "def f():\n    a = get() # !\n    b = 1\n    use(a)\n    c = get()\n",
    );
    check("$X = get()\n...\nuse($X)", Python, "a = get() # !\nif b:\n    use(a)\n");
    check("const $X = get();\n...\nuse($X);", JavaScript, "const a = get() // !\nfoo()\nuse(a)\n");
    check(
        "if ($X) { return; }",
        JavaScript,
        "if (a) { return } // !\nif (a) return // !\nif (a) { f(); return }\n",
    );
}

#[test]
fn declarations() {
    check("$X = 1", JavaScript, "const a = 1 // !\nlet b = 2\nc = 1 // !\n");
    check("def $F(...):\n    ...", Python, "def f(a, b=1): # !\n    pass\n");
    check(
        "@app.route(...)\ndef $F(...):\n    ...",
        Python,
        "@app.route('/')\ndef f(): pass\n\ndef g(): pass\n"
            .replace("@app.route('/')", "@app.route('/') # !")
            .as_str(),
    );
    check(
        "function $F(...) { ... }",
        JavaScript,
        "function f(a) { b() } // !\nconst g = () => { c() } // !\n",
    );
    check("class $C(Base): ...", Python, "class A(Mixin, Base): # !\n    x = 1\nclass B: pass\n");
}

#[test]
fn objects_are_open_and_unordered() {
    check("f({..., secure: false, ...})", JavaScript, "f({a: 1, secure: false}) // !\nf({secure: true})\n");
    check("{\"a\": $X, ...}", Python, "x = {'b': 2, 'a': 1} # !\ny = {'b': 1}\n");
    check("<$TAG $A={$X} />", Tsx, "const a = <div b={c} /> // !\n");
}

#[test]
fn deep_expressions() {
    check(
        "if (<... req.user ...>) { ... }",
        JavaScript,
        "if (a && f(req.user)) { b() } // !\nif (a) { req.user }\n",
    );
}

#[test]
fn typed_metavariables() {
    check("($X: Request).url", TypeScript, "function f(r: Request, s: Other) {\n  r.url // !\n  s.url\n}\n");
}

#[test]
fn options_change_what_a_pattern_describes() {
    let code = "def f(a, b):\n    x = g(a)\n    run(x)\n    if b and a:\n        pass\n";
    let symbolic = serde_json::json!({ "symbolic_propagation": true });
    assert!(lines("run(g(...))", Python, code).is_empty());
    assert_eq!(lines_with(&symbolic, "run(g(...))", Python, code), [3]);
    // What a variable holds is found where it is written.
    assert_eq!(lines_with(&symbolic, "g(...)", Python, code), [2]);
    let commutative = serde_json::json!({ "commutative_boolop": true });
    assert!(lines("a and b", Python, code).is_empty());
    assert_eq!(lines_with(&commutative, "a and b", Python, code), [4]);
}

mod web;
