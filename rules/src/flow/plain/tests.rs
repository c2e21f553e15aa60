use std::path::Path;

use crate::analyze::{Document, Project};
use crate::language::Language;
use crate::rule::{RuleFile, RuleSet, RuleSources};
use crate::source::ParseBudget;

/// Lines that a taint rule of patterns reports; `#!` in the text marks those that it should.
#[track_caller]
fn check(rule: &str, text: &str) {
    let rule = format!(
        "rules:\n- id: r\n  languages: [python]\n  severity: ERROR\n  message: here\n  mode: taint\n{rule}"
    );
    let file = RuleFile { path: "rule.yaml".into(), text: rule };
    let (rules, errors) = RuleSet::load(&RuleSources { rules: vec![file], ..RuleSources::default() });
    assert_eq!(errors, []);
    let mut document = Document::new(Path::new("a.py"), Language::Python, text);
    document.analyze(&rules, ParseBudget::default()).unwrap();
    let line = |offset: usize| text[..offset].matches('\n').count() + 1;
    let found: Vec<usize> =
        document.findings(&Project::default()).iter().map(|it| line(it.range.start)).collect();
    let marked = text.lines().enumerate().filter(|(_, line)| line.contains("#!"));
    let expected: Vec<usize> = marked.map(|(index, _)| index + 1).collect();
    assert_eq!(found, expected, "{text}");
}

const PLAIN: &str = "  pattern-sources: [{pattern: source()}]
  pattern-sinks: [{pattern: sink(...)}]
  pattern-sanitizers: [{pattern: clean(...)}]
";

#[test]
fn taint_goes_through_assignments_operators_and_calls() {
    check(
        PLAIN,
        "def f():\n  x = source()\n  y = g(x + 'a')\n  sink(y) #!\n  y = 1\n  sink(y)\n  sink(clean(x))\n",
    );
    check(PLAIN, "def f(c):\n  x = 1\n  while c:\n    sink(x) #!\n    x = source()\n  sink(x) #!\n");
    check(PLAIN, "def f(c):\n  if c:\n    x = source()\n    return x\n  sink(x)\n");
}

#[test]
fn members_are_told_apart() {
    check(
        PLAIN,
        "def f(a):\n  a.x = source()\n  sink(a.y)\n  sink(a.x.z) #!\n  sink(a) #!\n  a.x = 1\n  sink(a.x)\n",
    );
}

#[test]
fn the_top_level_is_one_program() {
    check(PLAIN, "x = source()\ndef f():\n  sink(x) #!\nsink(x) #!\ny = x\nsink(y) #!\n");
    check(PLAIN, "sink(x)\nx = source()\n");
}

#[test]
fn handlers_are_reached_where_something_may_be_raised() {
    check(PLAIN, "def f():\n  x = 1\n  try:\n    pass\n  except E:\n    x = source()\n  sink(x)\n");
    check(PLAIN, "def f():\n  x = 1\n  try:\n    g()\n  except E:\n    x = source()\n  sink(x) #!\n");
}

#[test]
fn labels_and_side_effects() {
    let closed = "  pattern-sources:
  - by-side-effect: only
    patterns: [{pattern: $X.close()}, {focus-metavariable: $X}]
  pattern-sinks:
  - patterns: [{pattern: $X.read()}, {focus-metavariable: $X}]
";
    check(closed, "def f(a):\n  a.read()\n  a.close()\n  a.read() #!\n");
    let labels = "  pattern-sources:
  - {label: A, pattern: a()}
  - {label: B, pattern: b()}
  pattern-sinks: [{pattern: sink(...), requires: A and not B}]
";
    check(labels, "def f():\n  sink(a()) #!\n  sink(b())\n  sink(a() + b())\n");
    let propagators = "  pattern-sources: [{pattern: source()}]
  pattern-propagators: [{pattern: $L.put($X), from: $X, to: $L}]
  pattern-sinks: [{pattern: sink(...)}]
";
    check(propagators, "def f(l, m):\n  l.put(source())\n  m.take(source())\n  sink(l) #!\n  sink(m)\n");
}

#[test]
fn options_narrow_what_carries_taint() {
    let options = format!("{PLAIN}  options: {{taint_only_propagate_through_assignments: true}}\n");
    check(&options, "def f():\n  x = source()\n  y = x\n  sink(y) #!\n  z = g(y)\n  sink(z)\n");
    let options = format!("{PLAIN}  options: {{taint_assume_safe_numbers: true}}\n");
    check(&options, "def f():\n  x = source()\n  sink(x + 1)\n  sink(x + 'a') #!\n");
}
