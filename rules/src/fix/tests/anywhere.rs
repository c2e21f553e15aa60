//! Every fixer at every node of real and of broken files: no panic, and every edit fits the text.

use std::path::{Path, PathBuf};

use super::super::{FIXERS, FixContext, propose};
use super::File;
use crate::analyze::{At, FileView, Project};
use crate::language::Language;

/// The files that the packs are tested with.
pub(super) fn samples() -> Vec<(PathBuf, Language, String)> {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("packs");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(packs).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let files = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path());
    files
        .filter_map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let language = Language::of_file(&path, &text)?;
            // The rules themselves are no samples.
            (!text.starts_with("rules:")).then_some((path, language, text))
        })
        .collect()
}

fn try_everywhere(language: Language, text: &str) {
    let file = File::new(language, text);
    let hints = [
        ("decorator", "login_required"),
        ("middleware", "requireAuth"),
        ("statement", "if not current_user.ok:\n    abort(403)"),
        ("dependency", "current_user"),
        ("import", "from auth import login_required, current_user"),
    ];
    let hints = hints.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    for (unit, part) in file.units.iter().enumerate() {
        for node in 0..part.ast.nodes.len() as u32 {
            let at = At { unit: unit as u32, node };
            let argument = part.ast.children(node).last().map(|node| At { unit: unit as u32, node });
            for argument in [None, argument] {
                let context = FixContext {
                    view: FileView {
                        path: Path::new("test"),
                        language,
                        units: &file.units,
                        names: &file.names,
                    },
                    text,
                    at,
                    argument,
                    trace: &[],
                    bindings: &[],
                    hints: &hints,
                    project: &Project::default(),
                };
                for (fixer, _) in FIXERS {
                    for fix in propose(fixer, &context) {
                        let mut last = 0;
                        for edit in &fix.edits {
                            assert!(
                                last <= edit.range.start && edit.range.start <= edit.range.end,
                                "{fix:?}"
                            );
                            assert!(text.get(edit.range.clone()).is_some(), "{fix:?}");
                            last = edit.range.end;
                        }
                        assert_ne!(fix.apply(text), text, "{fix:?}");
                        assert!(!fix.title.is_empty());
                    }
                }
            }
        }
    }
}

#[test]
fn every_fixer_at_every_node() {
    let samples = samples();
    assert!(samples.len() > 10);
    for (_, language, text) in samples {
        if matches!(language, Language::Python | Language::JavaScript | Language::TypeScript | Language::Tsx)
        {
            try_everywhere(language, &text);
        }
    }
}

#[test]
fn every_fixer_in_files_that_end_anywhere() {
    let broken = [
        (
            Language::JavaScript,
            "const { exec } = require('child_process');\r\nlet q = `a ${b} '${'é'}'` + \"c\" + (d\n);\nq += '日' + x;\ndb.query(q, [a], cb); exec(`ping ${h}`, { shell: true }, f); res.send('<b>' + x); el.innerHTML = x;\n<p dangerouslySetInnerHTML={{ __html: x }} />;",
        ),
        (
            Language::Python,
            "import os\nq = f\"SELECT * FROM t WHERE a = '{x!r:>{w}}' é\" \"%s\" % (a, *b)\ncur.execute(q.format(**d), (y,))\nos.system('ls %(a)s' % {'a': 日})\n@app.route('/')\ndef f(): return '<b>{}'.format(x)\n",
        ),
        (Language::Ejs, "<p><%- é %><%-"),
        (Language::Handlebars, "{{{é}}}{{&x}}{{{"),
        (Language::Jinja, "{% autoescape false %}{{ é|safe }}{{ x|"),
        (Language::Vue, "<p v-html=\"é\" v-html="),
    ];
    for (language, text) in broken {
        for end in 0..=text.len() {
            if text.is_char_boundary(end) && (end % 3 == 0 || end == text.len()) {
                try_everywhere(language, &text[..end]);
            }
        }
    }
}
