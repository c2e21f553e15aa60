//! From what the engine found to what people see.

use jiff::{Timestamp, tz::TimeZone};
use squire_rules::{Confidence, Document, Finding, Project, RuleSet, Severity};

use super::suppressions::{self, Notation, Suppression};
use super::{Config, quiet};

/// A finding with everything decided: its severity is the one to show.
#[derive(Clone, Debug)]
pub struct Reported {
    /// The finding; `severity` and `confidence` are those to show.
    pub finding: Finding,
    /// Why it is not shown, or `None` if it is. Formats that record accepted findings (JSON, SARIF) list
    /// these; an editor leaves them out.
    pub suppressed: Option<Suppressed>,
}

/// Why a finding is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suppressed {
    /// By a comment in the file.
    Comment(Suppression),
    /// By the baseline.
    Baseline,
}

impl Suppressed {
    /// The words to record beside it.
    pub fn justification(&self) -> String {
        match self {
            Suppressed::Baseline => "accepted in the baseline".to_owned(),
            Suppressed::Comment(comment) => match (&comment.reason, comment.notation) {
                (Some(reason), _) => reason.clone(),
                (None, Notation::Nosemgrep) => "nosemgrep".to_owned(),
                (None, Notation::Allow) => String::new(),
            },
        }
    }
}

/// The findings of an analysed document as the editor and the command line both show them.
///
/// **This is the one place that decides.** It leaves out files that are excluded or quiet, built-in rules
/// of low confidence (unless a lower bound was asked for), applies the team's severities, shows medium
/// confidence as information, marks what a comment or the baseline accepts, and adds findings about the
/// comments themselves. Callers may narrow the answer further by what they were asked for (a minimum
/// severity, changed lines), but never by these concerns again. In order of position.
///
/// `rules` is the set the document was analysed with; `project` what all files of the root say.
pub fn report(document: &Document, rules: &RuleSet, project: &Project, config: &Config) -> Vec<Reported> {
    let head = document.source().slice(0..quiet::HEAD + 1);
    if config.silence(document.path(), &head).is_some() {
        return Vec::new();
    }
    let findings = document.findings(project);
    decide(document, findings, rules, config)
}

fn decide(document: &Document, findings: Vec<Finding>, rules: &RuleSet, config: &Config) -> Vec<Reported> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let verdict = suppressions::judge(document.source(), &findings, rules, today);
    let mut baseline = config.baseline.of_file(&config.relative(document.path()));
    let mut reported: Vec<Reported> = findings
        .into_iter()
        .zip(verdict.accepted)
        .filter(|(finding, _)| is_shown(finding, config))
        .map(|(finding, comment)| (at_its_severity(finding, config), comment))
        .map(|(finding, comment)| {
            let suppressed = match comment {
                Some(comment) => Some(Suppressed::Comment(comment)),
                None => baseline.accepts(&finding.fingerprint).then_some(Suppressed::Baseline),
            };
            Reported { finding, suppressed }
        })
        .collect();
    let is_on = |id: &str| !config.settings.rules.disable.iter().any(|disabled| disabled == id);
    let problems = verdict.problems.into_iter().filter(|problem| is_on(&problem.rule.id));
    reported.extend(problems.map(|problem| {
        let suppressed = baseline.accepts(&problem.fingerprint).then_some(Suppressed::Baseline);
        Reported { finding: at_its_severity(problem, config), suppressed }
    }));
    reported.sort_by_key(|reported| (reported.finding.range.start, reported.finding.range.end));
    reported
}

/// Rules that a team brings itself are shown at any confidence: who loads a rule wants its findings.
fn is_shown(finding: &Finding, config: &Config) -> bool {
    match config.confidence.or(config.settings.rules.confidence) {
        Some(least) => finding.confidence >= least,
        None => finding.confidence > Confidence::Low || finding.rule.path.is_some(),
    }
}

fn at_its_severity(mut finding: Finding, config: &Config) -> Finding {
    if let Some(severity) = config.severity_of(&finding.rule.id) {
        finding.severity = severity;
    } else if finding.rule.path.is_none() && finding.confidence < Confidence::High {
        finding.severity = Severity::Info;
    }
    finding
}

#[cfg(test)]
mod tests;
