//! The proof of a fix: it is applied to a copy, and the copy is analysed like any other version of the file.

use std::collections::BTreeMap;

use super::document::Document;
use super::project::Project;
use crate::finding::{Finding, Fix};
use crate::rule::RuleSet;
use crate::source::ParseBudget;

/// Whether the fixed text parses with no new error, has lost the finding and has gained none.
pub(super) fn holds(
    document: &Document,
    rules: &RuleSet,
    project: &Project,
    finding: &Finding,
    fix: &Fix,
) -> bool {
    let Some(copy) = fixed(document, rules, fix) else { return false };
    let before = count(&document.findings(project));
    let after = count(&copy.findings(project));
    let gone = after.get(finding.rule.id.as_str()) < before.get(finding.rule.id.as_str());
    gone && after.iter().all(|(rule, count)| before.get(rule).is_some_and(|before| count <= before))
}

/// The document after the fix, unless that has a new syntax error.
fn fixed(document: &Document, rules: &RuleSet, fix: &Fix) -> Option<Document> {
    let mut last = 0;
    for edit in &fix.edits {
        if edit.range.start < last
            || edit.range.end < edit.range.start
            || edit.range.end > document.source().len()
        {
            return None;
        }
        last = edit.range.end;
    }
    let mut copy = document.clone();
    for edit in fix.edits.iter().rev() {
        copy.edit(edit.range.clone(), &edit.text);
    }
    if copy.analyze(rules, ParseBudget::default()).is_err() {
        return None;
    }
    if syntax_errors(&copy) > syntax_errors(document) {
        return None;
    }
    Some(copy)
}

fn count(findings: &[Finding]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.rule.id.clone()).or_default() += 1;
    }
    counts
}

/// ERROR and MISSING nodes; only the parts of the tree that hold one are visited.
fn syntax_errors(document: &Document) -> usize {
    let Some(tree) = document.source().tree() else { return usize::MAX };
    let mut cursor = tree.walk();
    let mut errors = 0;
    loop {
        let node = cursor.node();
        errors += usize::from(node.is_error() || node.is_missing());
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        loop {
            if cursor.goto_next_sibling() {
                break;
            }
            if !cursor.goto_parent() {
                return errors;
            }
        }
    }
}
