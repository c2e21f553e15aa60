//! The third part of a check: what the rules say. The only file that knows the rule engine.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use squire_rules::{Confidence, Document, Finding, ParseBudget, Project, RuleSet};

use super::{Problem, ProblemKind};
use crate::catalog::Exercise;

/// The finding is gone, nothing new came, nothing was silenced.
pub(crate) fn analyse(exercise: &Exercise, text: &str) -> Vec<Problem> {
    let now = match findings(exercise, text) {
        Ok(analysed) => analysed.findings,
        Err(message) => return vec![Problem::new(ProblemKind::Broken, message)],
    };
    let before = findings(exercise, exercise.shipped()).map(|analysed| analysed.findings).unwrap_or_default();
    let mut problems = Vec::new();
    for finding in now.iter().filter(|finding| exercise.rules.contains(&finding.rule.id)) {
        let message = format!("The weakness is still there: {}", finding.message);
        problems.push(Problem::new(ProblemKind::FindingLeft, message).at(finding.range.clone()));
    }
    let mut allowed = BTreeMap::new();
    for finding in &before {
        *allowed.entry(finding.rule.id.as_str()).or_insert(0_usize) += 1;
    }
    for finding in now.iter().filter(|finding| !exercise.rules.contains(&finding.rule.id)) {
        match allowed.get_mut(finding.rule.id.as_str()) {
            Some(left) if *left > 0 => *left -= 1,
            _ => {
                let message = format!("The repair opens another weakness: {}", finding.message);
                problems.push(Problem::new(ProblemKind::NewFinding, message).at(finding.range.clone()));
            }
        }
    }
    problems.extend(suppressions(exercise, text));
    problems
}

/// The ids of the rules that fire on a version of the learner's file.
pub(crate) fn rules_that_fire(exercise: &Exercise, text: &str) -> Result<Vec<String>, String> {
    Ok(findings(exercise, text)?.findings.iter().map(|finding| finding.rule.id.clone()).collect())
}

/// The shipped file after the server's own preferred fix of each finding the exercise is about, applied
/// one after the other, or `None` where a finding has no preferred fix.
pub(crate) fn preferred_fix(exercise: &Exercise) -> Result<Option<String>, String> {
    let mut text = exercise.shipped().to_owned();
    // Each round removes one finding; the bound is for a fix that does not.
    for _ in 0..20 {
        let analysed = findings(exercise, &text)?;
        let own = |finding: &&Finding| exercise.rules.contains(&finding.rule.id);
        let Some(finding) = analysed.findings.iter().find(own) else {
            return Ok((text != exercise.shipped()).then_some(text));
        };
        let fixes = analysed.document.fixes(&RuleSet::builtin(), &analysed.project, finding);
        match fixes.first() {
            Some(fix) if fix.safe => text = fix.apply(&text),
            _ => return Ok(None),
        }
    }
    Err("the preferred fix does not remove its finding".to_owned())
}

struct Analysed {
    document: Document,
    project: Project,
    findings: Vec<Finding>,
}

fn findings(exercise: &Exercise, text: &str) -> Result<Analysed, String> {
    let rules = RuleSet::builtin();
    let mut project = Project::default();
    let mut document = Document::new(Path::new(&exercise.entry), exercise.language, text);
    document
        .analyze(&rules, ParseBudget::default())
        .map_err(|interrupt| format!("the program cannot be analysed: {interrupt}"))?;
    project.insert(document.path(), document.facts().clone());
    for (name, text) in &exercise.files {
        let path = Path::new(name);
        let Some(language) = squire_rules::Language::of_file(path, text) else { continue };
        let mut file = Document::new(path, language, text);
        if file.analyze(&rules, ParseBudget::default()).is_ok() {
            project.insert(path, file.facts().clone());
        }
    }
    let mut findings = document.findings(&project);
    findings
        .retain(|finding| finding.confidence > Confidence::Low || exercise.rules.contains(&finding.rule.id));
    Ok(Analysed { document, project, findings })
}

/// Comments that silence a rule, more of them than the shipped file has.
fn suppressions(exercise: &Exercise, text: &str) -> Option<Problem> {
    static COMMENT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i)squire:\s*allow|nosemgrep|nosec\b").expect("a valid pattern"));
    let shipped = COMMENT.find_iter(exercise.shipped()).count();
    let added = COMMENT.find_iter(text).nth(shipped)?;
    let message = "The finding was silenced, not repaired. Remove the comment.";
    Some(Problem::new(ProblemKind::Suppressed, message).at(added.range()))
}
