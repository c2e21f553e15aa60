//! The fixers in the hands of the analysis: what is offered for the files that the packs are tested with is
//! proven, and repairing one finding after the other leaves none.

use std::path::Path;

use super::anywhere::samples;
use crate::{Document, Finding, FixStatus, ParseBudget, Project, RuleSet};

#[test]
fn every_finding_of_the_packs_can_be_repaired() {
    let rules = RuleSet::builtin();
    for (path, language, before) in samples() {
        let mut text = before.clone();
        let mut rounds = 0;
        loop {
            let mut document = Document::new(&path, language, &text);
            document.analyze(&rules, ParseBudget::default()).unwrap();
            let mut project = Project::default();
            project.insert(&path, document.facts().clone());
            let findings = document.findings(&project);
            // Some rules say why there is no repair that a program could make.
            let feasible = |finding: &&Finding| !matches!(finding.rule.fix_status, FixStatus::Infeasible(_));
            let Some(finding) = findings.iter().find(feasible) else { break };
            let fixes = document.fixes(&rules, &project, finding);
            let what = text[finding.range.clone()].to_owned();
            let fix = fixes.first().unwrap_or_else(|| panic!("no fix in {} for `{what}`", path.display()));
            text = fix.apply(&text);
            rounds += 1;
            assert!(rounds < 100, "{} is never done: `{what}`", path.display());
        }
        // The file of a pack has something to repair, and its repaired twin has nothing.
        let is_fixed = path.file_stem().is_some_and(|stem| Path::new(stem).extension().is_some());
        assert_eq!(rounds == 0, is_fixed, "{}", path.display());
    }
}
