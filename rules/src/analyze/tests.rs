//! Incremental equals fresh: whatever was typed, text, tree and findings are those of the file opened anew.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use proptest::prelude::*;

use super::seeds::SEEDS as FILES;
use super::{Document, Project};
use crate::language::Language;
use crate::rule::{RuleFile, RuleSet, RuleSources};
use crate::source::ParseBudget;

const SEEDS: &[(Language, &str)] = &[
    (Language::JavaScript, include_str!("../../packs/javascript/sql-injection.js")),
    (Language::JavaScript, include_str!("../../packs/javascript/cross-site-scripting.js")),
    (Language::TypeScript, include_str!("../../packs/javascript/command-injection.js")),
    (Language::Tsx, include_str!("../../packs/javascript/cross-site-scripting.js")),
    (Language::Python, include_str!("../../packs/python/sql-injection.py")),
    (Language::Python, include_str!("../../packs/python/missing-authorization.py")),
    (Language::Python, include_str!("../../packs/python/hardcoded-credentials.py")),
    (Language::Ejs, include_str!("../../packs/ejs/cross-site-scripting.ejs")),
    (Language::Jinja, include_str!("../../packs/jinja/cross-site-scripting.jinja")),
    (Language::Vue, include_str!("../../packs/vue/cross-site-scripting.vue")),
    (Language::Go, include_str!("tests/orders.go")),
    (Language::C, include_str!("tests/queue.c")),
    (Language::Cpp, include_str!("tests/shapes.cpp")),
    (Language::Rust, include_str!("tests/users.rs.txt")),
    (Language::Php, include_str!("seeds/clinic.php")),
    (Language::Ruby, include_str!("seeds/clinic.rb")),
    (Language::Bash, include_str!("seeds/clinic.sh")),
];

/// What people and tools type: code, quotes and brackets that change everything after them, text of every width.
const PIECES: &[&str] = &[
    "x",
    " ",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "`",
    "/*",
    "*/",
    "//",
    "#",
    "+",
    ",",
    ";",
    ":",
    "=",
    "<",
    ">",
    "<%- x %>",
    "{{ y|safe }}",
    "${x}",
    "患者",
    "👩‍⚕️",
    "e\u{301}",
    "\u{2028}",
    "req.query.id",
    "request.args['q']",
    "db.query(\"SELECT * FROM t WHERE a = '\" + req.query.a + \"'\");\n",
    "    cur.execute(f\"SELECT {request.args['a']}\")\n",
    "def f(x):\n    return x\n",
    "function f(x) { return x }\n",
    "const password = \"Kx7!vQ2m#rT9\";\n",
    "import os\n",
    "const mysql = require(\"mysql2\");\n",
    "@login_required\n",
    "if (x) {\n",
    "<?php ",
    "?>",
    "$_GET['q']",
    "mysqli_query($db, \"SELECT $q\");\n",
    "do |x|\n",
    "end\n",
    "<<~EOS\n",
    "#{x}",
    "then\n",
    "fi\n",
    "| sh\n",
    "else:\n",
    "\"\"\"",
    "\u{0}",
];

#[derive(Clone, Debug)]
enum Edit {
    /// Where (as a fraction of the text), how many bytes are replaced, and by which piece.
    Replace(f64, usize, usize),
    /// Everything.
    Rewrite(usize),
    Clear,
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        30 => (0.0..1.0f64, 0..40usize, 0..PIECES.len()).prop_map(|(at, len, piece)| Edit::Replace(at, len, piece)),
        20 => (0.0..1.0f64, Just(0usize), 0..PIECES.len()).prop_map(|(at, len, piece)| Edit::Replace(at, len, piece)),
        1 => (0..SEEDS.len()).prop_map(Edit::Rewrite),
        1 => Just(Edit::Clear),
    ];
    prop::collection::vec(edit, 1..40)
}

fn apply(document: &mut Document, text: &mut String, edit: &Edit) {
    let (range, new) = match edit {
        Edit::Replace(at, len, piece) => {
            let floor = |mut offset: usize| {
                while !text.is_char_boundary(offset) {
                    offset -= 1;
                }
                offset
            };
            let start = floor((at * text.len() as f64) as usize);
            (start..floor((start + len).min(text.len())), PIECES[*piece])
        }
        Edit::Rewrite(seed) => (0..text.len(), SEEDS[*seed].1),
        Edit::Clear => (0..text.len(), ""),
    };
    document.edit(range.clone(), new);
    text.replace_range(range, new);
}

/// The built-in rules, and some for the languages that have none.
fn rules() -> Arc<RuleSet> {
    static RULES: OnceLock<Arc<RuleSet>> = OnceLock::new();
    let load = || {
        let file = RuleFile { path: "seeds.yaml".into(), text: include_str!("tests/seeds.yaml").to_owned() };
        let sources = RuleSources { builtin: true, rules: vec![file], ..RuleSources::default() };
        let (set, errors) = RuleSet::load(&sources);
        assert_eq!(errors, []);
        set
    };
    RULES.get_or_init(load).clone()
}

/// Everything that a user can see of the analysis.
fn seen(document: &Document) -> Vec<String> {
    let findings = document.findings(&Project::default());
    let line = |f: &crate::Finding| {
        format!("{} {:?} {} {:?} {:?}", f.rule.id, f.range, f.message, f.trace, f.fingerprint)
    };
    findings.iter().map(line).collect()
}

fn tree(document: &Document) -> String {
    let mut out = String::new();
    // Templates have the trees of their tags, which the findings show.
    let Some(tree) = document.source().tree() else { return out };
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        out.push_str(&format!("{}{:?} ", node.kind(), node.byte_range()));
        if cursor.goto_first_child() {
            continue;
        }
        loop {
            if cursor.goto_next_sibling() {
                break;
            }
            if !cursor.goto_parent() {
                return out;
            }
        }
    }
}

/// What patterns need to see of a file, for the languages that no built-in rule reads.
fn rules_of_seeds() -> RuleSet {
    let rule = |language: &str, patterns: &[&str]| {
        let either: Vec<_> = patterns.iter().map(|text| serde_json::json!({ "pattern": text })).collect();
        serde_json::json!({
            "id": format!("test-{language}"), "languages": [language], "severity": "INFO",
            "message": "here: $X", "pattern-either": either,
        })
    };
    let rules = serde_json::json!({ "rules": [
        rule("terraform", &["$X = true", "resource \"...\" $X { ... }", "$X(...)", "var.$X"]),
        rule("dockerfile", &["RUN $X ...", "FROM $X", "USER $X\n...\nCMD ...", "ENV $X=$Y"]),
        rule("yaml", &["$X: true", "- name: $X\n  ...", "...\nspec: $X"]),
        rule("json", &["\"Effect\": $X", "{ ..., \"Action\": $X, ... }"]),
        rule("toml", &["$X = false", "name = $X"]),
        rule("html", &["<a href=\"$X\" ...>...</a>", "<script ...>$...X</script>"]),
        rule("javascript", &["$X.innerHTML = $Y", "$X(...)"]),
    ]});
    let file = RuleFile { path: "test.yaml".into(), text: rules.to_string() };
    let (set, errors) = RuleSet::load(&RuleSources { rules: vec![file], ..RuleSources::default() });
    assert_eq!(errors, []);
    Arc::try_unwrap(set).unwrap_or_else(|_| unreachable!("it is not shared yet"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]
    #[test]
    fn incremental_equals_fresh_in_files_around_code(
        seed in 0..FILES.len(),
        edits in edits(),
        pause in 1..4usize,
    ) {
        let rules = rules_of_seeds();
        let (language, text) = FILES[seed];
        check_edits(&rules, language, text, &edits, pause)?;
    }
}

/// Types the edits and compares with the file opened anew.
fn check_edits(
    rules: &RuleSet,
    language: Language,
    text: &str,
    edits: &[Edit],
    pause: usize,
) -> Result<(), TestCaseError> {
    let mut text = text.to_owned();
    let path = Path::new("file");
    let mut document = Document::new(path, language, &text);
    document.analyze(rules, ParseBudget::default()).unwrap();
    for (index, edit) in edits.iter().enumerate() {
        apply(&mut document, &mut text, edit);
        // Sometimes several edits arrive before the next analysis.
        if index % pause == 0 {
            document.analyze(rules, ParseBudget::default()).unwrap();
        }
    }
    document.settle(rules, ParseBudget::default()).unwrap();
    let mut fresh = Document::new(path, language, &text);
    fresh.analyze(rules, ParseBudget::default()).unwrap();
    prop_assert_eq!(document.source().text(), text);
    prop_assert_eq!(tree(&document), tree(&fresh));
    prop_assert_eq!(seen(&document), seen(&fresh));
    prop_assert_eq!(document.facts(), fresh.facts());
    Ok(())
}

proptest! {
    // Each case is up to 40 edits; together some thousands.
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]
    #[test]
    fn incremental_equals_fresh(seed in 0..SEEDS.len(), edits in edits(), pause in 1..4usize) {
        let rules = rules();
        let (language, text) = SEEDS[seed];
        check_edits(&rules, language, text, &edits, pause)?;
    }
}

#[test]
fn an_interrupted_analysis_goes_on_where_it_was() {
    let rules = RuleSet::builtin();
    let (language, text) = SEEDS[0];
    let cancel = AtomicBool::new(true);
    let cancelled = ParseBudget { cancel: Some(&cancel), ..ParseBudget::default() };
    let mut document = Document::new(Path::new("file"), language, text);
    document.analyze(&rules, ParseBudget::default()).unwrap();
    document.edit(0..0, "const password = \"Kx7!vQ2m#rT9\";\n");
    assert!(document.analyze(&rules, cancelled).is_err());
    document.edit(0..0, "// a comment\n");
    document.analyze(&rules, ParseBudget::default()).unwrap();
    let mut fresh = Document::new(Path::new("file"), language, &document.source().text());
    fresh.analyze(&rules, ParseBudget::default()).unwrap();
    assert_eq!(seen(&document), seen(&fresh));
}
