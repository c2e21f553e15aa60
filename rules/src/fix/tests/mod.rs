//! Tables of before and after, and of what is left alone.

mod anywhere;
mod commands;
mod guards;
mod html;
mod proven;
mod secrets;

mod sql;
mod text;

use std::collections::BTreeMap;
use std::path::Path;

use super::{FixContext, propose};
use crate::analyze::{At, FileView, Names, Project, Unit, cut};
use crate::finding::Fix;
use crate::language::Language;
use crate::source::{ParseBudget, Source};
use crate::syntax::{Kind, Slot};

/// A file cut into units, as the analysis does it.
struct File {
    language: Language,
    text: String,
    units: Vec<Unit>,
    names: Names,
}

impl File {
    fn new(language: Language, text: &str) -> File {
        let mut source = Source::new(language, text);
        source.parse(ParseBudget::default()).unwrap();
        let units = cut(&source);
        let names = Names::gather(units.iter());
        File { language, text: text.to_owned(), units, names }
    }

    /// The outermost node that starts where `needle` does; if that ends with a parenthesis, the call that
    /// the parenthesis belongs to.
    fn find(&self, needle: &str) -> At {
        let offset = self.text.find(needle).unwrap_or_else(|| panic!("no `{needle}` in {}", self.text));
        for (unit, Unit { base, ast, .. }) in self.units.iter().enumerate() {
            for node in 0..ast.nodes.len() as u32 {
                let range = ast.range(node);
                let callee = ast.slot(node, Slot::Callee).map(|callee| ast.range(callee).end);
                let is_it = match needle.ends_with('(') {
                    true => callee.is_some_and(|end| base + end + 1 == offset + needle.len()),
                    false => range.len() >= needle.len(),
                };
                if base + range.start == offset
                    && is_it
                    && !matches!(ast.kind(node), Kind::Module | Kind::Block)
                {
                    return At { unit: unit as u32, node };
                }
            }
        }
        panic!("no node starts at `{needle}` in {}", self.text)
    }
}

/// The fixes of the finding whose node starts with `sink`.
fn proposals(fixer: &str, language: Language, sink: &str, hints: &[(&str, &str)], text: &str) -> Vec<Fix> {
    let file = File::new(language, text);
    let hints: BTreeMap<String, String> =
        hints.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let context = FixContext {
        view: FileView { path: Path::new("test"), language, units: &file.units, names: &file.names },
        text,
        at: file.find(sink),
        argument: None,
        trace: &[],
        bindings: &[],
        hints: &hints,
        project: &Project::default(),
    };
    let _ = file.language;
    propose(fixer, &context)
}

/// The first fix turns `before` into `after`, which has no syntax error.
#[track_caller]
fn check_with(
    fixer: &str,
    language: Language,
    sink: &str,
    hints: &[(&str, &str)],
    before: &str,
    after: &str,
) -> Fix {
    let fixes = proposals(fixer, language, sink, hints, before);
    let fix = fixes.into_iter().next().unwrap_or_else(|| panic!("no fix for\n{before}"));
    assert_eq!(fix.apply(before), after, "{before}");
    assert!(!has_error(language, after), "a syntax error in\n{after}");
    fix
}

/// Nothing is proposed.
#[track_caller]
fn refuse(fixer: &str, language: Language, sink: &str, text: &str) {
    let fixes = proposals(fixer, language, sink, &[], text);
    let applied: Vec<String> = fixes.iter().map(|fix| fix.apply(text)).collect();
    assert!(applied.is_empty(), "{text}\nbecame\n{}", applied.join("\n---\n"));
}

fn has_error(language: Language, text: &str) -> bool {
    let mut source = Source::new(language, text);
    source.parse(ParseBudget::default()).unwrap();
    source.tree().unwrap().root_node().has_error()
}
