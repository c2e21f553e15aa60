//! Every safe fix of a file at once.

use squire_rules::{Document, Finding, Fix, ParseBudget, TextEdit};

use crate::lsp::document::Snapshot;
use crate::lsp::splice::Splice;

/// Rounds of fixing; more only means that fixes undo each other.
const ROUNDS: usize = 8;

/// The edits that repair all that can be repaired safely. What one fix cannot do because another one
/// touches the same code is done in a further round on the text that the first one left.
pub fn edits(snapshot: &Snapshot) -> Vec<TextEdit> {
    let Some(document) = &snapshot.document else { return Vec::new() };
    let first = round(snapshot, document, &snapshot.findings);
    let Some((mut fixed, mut findings)) = apply(snapshot, document, &first) else { return Vec::new() };
    let mut rounds = 1;
    while rounds < ROUNDS {
        let next = round(snapshot, &fixed, &findings);
        let Some((document, left)) = apply(snapshot, &fixed, &next).filter(|_| !next.is_empty()) else {
            break;
        };
        if left.len() >= findings.len() {
            break;
        }
        (fixed, findings) = (document, left);
        rounds += 1;
    }
    if rounds == 1 {
        return first;
    }
    let Splice { range, text } = Splice::between(&document.source().text(), &fixed.source().text());
    vec![TextEdit { range, text }]
}

/// The safe fixes of one text that do not touch each other, in order of position. The same edit twice (an
/// import that two fixes need) counts once.
fn round(snapshot: &Snapshot, document: &Document, findings: &[Finding]) -> Vec<TextEdit> {
    let mut chosen: Vec<TextEdit> = Vec::new();
    let project = snapshot.root.project();
    for finding in findings {
        let fixes = document.fixes(&snapshot.root.rules, &project, finding);
        let Some(fix) = fixes.into_iter().find(|fix| fix.safe) else { continue };
        let new: Vec<TextEdit> = fix.edits.into_iter().filter(|edit| !chosen.contains(edit)).collect();
        if new.iter().all(|edit| chosen.iter().all(|other| are_apart(edit, other))) {
            chosen.extend(new);
        }
    }
    chosen.sort_by_key(|edit| (edit.range.start, edit.range.end));
    chosen
}

fn are_apart(a: &TextEdit, b: &TextEdit) -> bool {
    a.range.end < b.range.start || b.range.end < a.range.start
}

/// The document after the edits, and what is still found in it. `None` if it got worse, or cannot be
/// analysed in the time of a file.
fn apply(snapshot: &Snapshot, document: &Document, edits: &[TextEdit]) -> Option<(Document, Vec<Finding>)> {
    let before = snapshot.root.visible_findings(document).len();
    let fix = Fix { title: String::new(), safe: true, edits: edits.to_vec() };
    let text = fix.apply(&document.source().text());
    let mut fixed = snapshot.root.new_document(document.path(), document.source().language(), &text);
    let budget = ParseBudget { time: snapshot.root.file_budget(), cancel: None };
    fixed.analyze(&snapshot.root.rules, budget).ok()?;
    let findings = snapshot.root.visible_findings(&fixed).to_vec();
    (findings.len() <= before).then_some((fixed, findings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_that_touch_are_not_apart() {
        let edit = |range| TextEdit { range, text: String::new() };
        assert!(are_apart(&edit(0..2), &edit(3..4)));
        assert!(!are_apart(&edit(0..3), &edit(3..4)));
        assert!(!are_apart(&edit(5..5), &edit(5..5)));
    }
}
