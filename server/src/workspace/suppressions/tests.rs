use std::path::Path;
use std::sync::Arc;

use squire_rules::{Confidence, Document, FixStatus, Language, ParseBudget, Rule, Severity};

use super::*;

fn source(language: Language, text: &str) -> Source {
    let mut source = Source::new(language, text);
    source.parse(ParseBudget::default()).unwrap();
    source
}

fn js(text: &str) -> Vec<Suppression> {
    parse(&source(Language::JavaScript, text))
}

fn scopes(language: Language, text: &str) -> Vec<Scope> {
    parse(&source(language, text)).into_iter().map(|suppression| suppression.scope).collect()
}

#[test]
fn all_parts_are_read() {
    let text =
        "x();\ny(); // squire: allow(a-rule, b) reason=\"it is \\\"fine\\\"\" owner=@ann until=2031-02-03\n";
    let [suppression] = &js(text)[..] else { panic!() };
    assert_eq!(suppression.rule_ids, ["a-rule", "b"]);
    assert_eq!(suppression.reason.as_deref(), Some("it is \"fine\""));
    assert_eq!(suppression.owner.as_deref(), Some("@ann"));
    assert_eq!(suppression.until, Some(jiff::civil::date(2031, 2, 3)));
    assert_eq!((suppression.scope, &suppression.malformed), (Scope::Line(1), &None));
}

#[test]
fn a_string_that_looks_like_one_is_none() {
    assert_eq!(js("x('// squire: allow(a) reason=\"b\"');\ny(`nosemgrep`);"), []);
    assert_eq!(
        scopes(Language::Python, "x('# nosemgrep')\ny = '''\n# squire: allow(a) reason=\"b\"\n'''\n"),
        []
    );
}

#[test]
fn the_place_of_the_comment_is_its_scope() {
    let allow = "squire: allow(a) reason=\"b\"";
    for (text, scope) in [
        (format!("x();\n\n// {allow}\ny();"), Scope::Line(3)),
        (format!("x();\ny(); // {allow}\nz();"), Scope::Line(1)),
        (format!("// {allow}\nx();"), Scope::File),
        (format!("#!/usr/bin/env node\n'use strict';\n/* licence */\n/* {allow} */\nx();"), Scope::File),
        (format!("x();\n/*\n * {allow}\n */\ny();"), Scope::Line(4)),
        (format!("x();\r\n// {allow}\r\ny();\r\n"), Scope::Line(2)),
        (format!("x();\n// {allow}"), Scope::Line(2)),
        (format!("x = <p>\n{{/* {allow} */}}\n{{y}}</p>"), Scope::Line(2)),
    ] {
        assert_eq!(js(&text)[0].scope, scope, "{text}");
    }
    let python = format!("'''What it is.'''\n# {allow}\nimport os\n");
    assert_eq!(scopes(Language::Python, &python), [Scope::File]);
    for (language, above) in [
        (Language::Ruby, "# licence\n# "),
        (Language::Bash, "#!/bin/sh\n# licence\n# "),
        (Language::Yaml, "# licence\n# "),
        (Language::Dockerfile, "# licence\n# "),
        (Language::Hcl, "/* licence */\n# "),
        (Language::Go, "// licence\n// "),
        (Language::Php, "<?php\n# licence\n// "),
    ] {
        let text = format!("{above}{allow}\n");
        assert_eq!(scopes(language, &text), [Scope::File], "{text}");
    }
}

#[test]
fn stacked_comments_speak_of_the_code_below_them() {
    let text =
        "x();\n// squire: allow(a) reason=\"1\"\n// squire: allow(b) reason=\"2\"\n// nosemgrep: c\ny();";
    assert_eq!(js(text).iter().map(|it| it.scope).collect::<Vec<_>>(), [Scope::Line(4); 3]);
}

#[test]
fn templates_have_comments_of_their_own() {
    let allow = "squire: allow(a) reason=\"b\"";
    for (language, comment) in [
        (Language::Html, format!("<!-- {allow} -->")),
        (Language::Jinja, format!("{{# {allow} #}}")),
        (Language::Ejs, format!("<%# {allow} %>")),
        (Language::Handlebars, format!("{{{{!-- {allow} --}}}}")),
        (Language::Handlebars, format!("{{{{! {allow} }}}}")),
        (Language::Vue, format!("// {allow}")),
    ] {
        let text = format!("<p>\n{comment}\n{{{{ x }}}}</p>");
        let found = parse(&source(language, &text));
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!((found[0].scope, &found[0].malformed), (Scope::Line(2), &None), "{text}");
        assert_eq!(found[0].reason.as_deref(), Some("b"), "{text}");
    }
    assert_eq!(scopes(Language::Html, "<p>squire: allow(a)</p><a href='http://nosemgrep'>"), []);
}

#[test]
fn what_cannot_be_read_says_why() {
    for (comment, why) in [
        ("squire: allow", "write `squire: allow(rule-id)"),
        ("squire: allow()", "name the rule"),
        ("squire: allow(a) reason=\"b\" until=tomorrow", "`tomorrow` is no date"),
        ("squire: allow(a) reason=\"b\" until=2031-02-30", "is no date"),
        ("squire: allow(a) because=\"b\"", "`because` is not known"),
        ("squire: allow(a) it is fine", "`it is fine` is not understood"),
    ] {
        let [suppression] = &js(&format!("x(); // {comment}"))[..] else { panic!("{comment}") };
        let malformed = suppression.malformed.as_deref().unwrap_or_default();
        assert!(malformed.contains(why), "{comment}: {malformed}");
    }
}

#[test]
fn nosemgrep_is_honoured_with_and_without_ids() {
    let one = |text: &str| js(text).remove(0);
    assert!(one("x(); // nosemgrep").covers("anything", 0));
    assert!(one("x(); // nosem: js.express.a-rule -- why").covers("a-rule", 0));
    assert!(!one("x(); // nosemgrep: a-rule").covers("b-rule", 0));
    assert!(one("x();\n// nosemgrep\ny();").covers("anything", 2));
    assert_eq!(js("// nosemgreplike words, nosemantics"), []);
}

fn rule(id: &str) -> Arc<Rule> {
    Arc::new(Rule {
        id: id.into(),
        languages: vec![Language::JavaScript],
        severity: Severity::Error,
        confidence: Confidence::High,
        message: String::new(),
        cwe: vec![],
        owasp: vec![],
        lesson: None,
        technology: vec![],
        references: vec![],
        fix_status: FixStatus::Safe,
        pack: "test".into(),
        path: None,
    })
}

fn found_at(text: &str, needle: &str) -> Finding {
    let start = text.find(needle).unwrap();
    Finding {
        rule: rule("a"),
        range: start..start + needle.len(),
        message: String::new(),
        severity: Severity::Error,
        confidence: Confidence::High,
        trace: vec![],
        metavariables: vec![],
        fingerprint: String::new(),
    }
}

fn judged(text: &str) -> (bool, Vec<String>) {
    let source = source(Language::JavaScript, text);
    let findings = [found_at(text, "bad()")];
    let verdict = judge(&source, &findings, &RuleSet::default(), jiff::civil::date(2030, 6, 1));
    (verdict.accepted[0].is_some(), verdict.problems.iter().map(|problem| problem.rule.id.clone()).collect())
}

#[test]
fn only_an_explained_and_current_suppression_accepts() {
    assert_eq!(judged("bad(); // squire: allow(a) reason=\"b\""), (true, vec![]));
    assert_eq!(judged("bad(); // squire: allow(a) reason=\"b\" until=2030-06-01"), (true, vec![]));
    assert_eq!(
        judged("bad(); // squire: allow(a) reason=\"b\" until=2030-05-31"),
        (false, vec![EXPIRED.into()])
    );
    assert_eq!(judged("bad(); // squire: allow(a)"), (false, vec![WITHOUT_REASON.into()]));
    assert_eq!(judged("bad(); // squire: allow(a) reason=\" \""), (false, vec![WITHOUT_REASON.into()]));
    assert_eq!(judged("bad(); // squire: allow(a) fine"), (false, vec![MALFORMED.into()]));
    assert_eq!(judged("bad(); // squire: allow(b) reason=\"b\""), (false, vec![]), "rule b did not run");
    assert_eq!(judged("bad(); // nosemgrep: a"), (true, vec![]));
    assert_eq!(judged("bad();"), (false, vec![]));
}

#[test]
fn what_the_editor_writes_the_parser_reads() {
    for (language, text, needle) in [
        (Language::JavaScript, "x();\n  bad();\n", "bad"),
        (Language::JavaScript, "bad();\n", "bad"),
        (Language::JavaScript, "x();\r\n\tbad();\r\n", "bad"),
        (Language::JavaScript, "x = <p>\n  <b>{bad}</b>\n</p>", "bad"),
        (Language::JavaScript, "x = <p>\n  <b\n    a={bad}/>\n</p>", "<b"),
        (Language::Python, "import os\ndef f():\n    bad()\n", "bad"),
        (Language::Java, "class A {\n  void f() {\n    bad();\n  }\n}\n", "bad"),
        (Language::Go, "package a\n\nfunc f() {\n\tbad()\n}\n", "bad"),
        (Language::Ruby, "def f\n  bad()\nend\n", "bad"),
        (Language::Php, "<?php\nbad();\n", "bad"),
        (Language::Bash, "#!/bin/sh\nbad x\n", "bad"),
        (Language::Yaml, "a:\n  b: bad\n", "b:"),
        (Language::Dockerfile, "FROM a\nRUN bad\n", "RUN"),
        (Language::Hcl, "a \"b\" {\n  c = \"bad\"\n}\n", "c ="),
        (Language::Html, "<p>\n<b>bad</b></p>", "bad"),
        (Language::Html, "<p>\n<script>\nbad()</script></p>", "bad"),
        (Language::Jinja, "<p>\n{{ bad|safe }}</p>", "bad"),
        (Language::Ejs, "<p>\n<%- bad %></p>", "bad"),
        (Language::Handlebars, "<p>\n{{{ bad }}}</p>", "bad"),
    ] {
        let before = source(language, text);
        let at = text.find(needle).unwrap();
        let edit = allow_here(&before, at, "a", "says \"why\" \\");
        let mut after = text.to_owned();
        after.replace_range(edit.range.clone(), &edit.text);
        let found = parse(&source(language, &after));
        let line = after.find(needle).map(|at| after[..at].matches('\n').count()).unwrap();
        assert_eq!(found.len(), 1, "{after}");
        assert_eq!((found[0].scope, &found[0].malformed), (Scope::Line(line), &None), "{after}");
        assert_eq!(found[0].reason.as_deref(), Some("says \"why\" \\"), "{after}");

        let edit = allow_in_file(&before, "a", "b");
        let mut after = text.to_owned();
        after.replace_range(edit.range.clone(), &edit.text);
        assert_eq!(scopes(language, &after), [Scope::File], "{after}");
    }
}

#[test]
fn without_a_tree_the_answer_is_the_same() {
    let text = "x('// nosemgrep'); // nosemgrep: a\n";
    let document = Document::new(Path::new("a.js"), Language::JavaScript, text);
    assert_eq!(parse(document.source()), js(text));
}
