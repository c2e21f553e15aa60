//! Findings about suppressions: one that does not say why, is over, is not needed or not understood.

use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use squire_rules::{Confidence, Finding, FixStatus, Language, Rule, RuleSet, Severity, Source};

use super::{Notation, Suppression};

/// It gives no reason.
pub const WITHOUT_REASON: &str = "squire-suppression-without-reason";
/// Its last day is over.
pub const EXPIRED: &str = "squire-suppression-expired";
/// Nothing is left to accept.
pub const UNUSED: &str = "squire-suppression-unused";
/// It cannot be read.
pub const MALFORMED: &str = "squire-suppression-malformed";

/// The rules of these findings, sorted by id.
pub fn rules() -> &'static [Arc<Rule>; 4] {
    static RULES: OnceLock<[Arc<Rule>; 4]> = OnceLock::new();
    RULES.get_or_init(|| {
        [
            rule(EXPIRED, "The suppression is over; its finding is open again."),
            rule(MALFORMED, "The suppression cannot be read."),
            rule(UNUSED, "The suppression accepts nothing any more; delete it."),
            rule(WITHOUT_REASON, "The suppression does not say why."),
        ]
    })
}

fn rule(id: &str, message: &str) -> Arc<Rule> {
    Arc::new(Rule {
        id: id.to_owned(),
        languages: Language::ALL.to_vec(),
        severity: Severity::Warning,
        confidence: Confidence::High,
        message: message.to_owned(),
        cwe: Vec::new(),
        owasp: Vec::new(),
        lesson: None,
        technology: Vec::new(),
        references: Vec::new(),
        fix_status: FixStatus::Infeasible(
            "A person has to decide whether the finding is acceptable.".to_owned(),
        ),
        pack: "squire/suppressions".to_owned(),
        path: None,
    })
}

/// What is wrong with one suppression. `used` holds the rules that found something it speaks of.
pub fn of(
    suppression: &Suppression,
    used: &[&str],
    source: &Source,
    rules: &RuleSet,
    today: Date,
) -> Vec<Finding> {
    if suppression.notation == Notation::Nosemgrep {
        return Vec::new();
    }
    let finding = |id: &str, message: String| vec![finding(id, message, suppression, source)];
    if let Some(problem) = &suppression.malformed {
        return finding(
            MALFORMED,
            format!("This suppression cannot be read and accepts nothing: {problem}."),
        );
    }
    let unused: Vec<&str> = suppression
        .rule_ids
        .iter()
        .map(String::as_str)
        .filter(|id| !used.contains(id) && had_its_chance(id, rules))
        .collect();
    if !unused.is_empty() {
        if let Some(unknown) = unused.iter().find(|id| rules.get(id).is_none()) {
            return finding(
                UNUSED,
                format!("There is no rule `{unknown}`. Correct its id, or delete the suppression."),
            );
        }
        let ids = unused.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
        return finding(
            UNUSED,
            format!("Nothing is left here that {ids} would find. Delete the suppression."),
        );
    }
    if suppression.reason.is_none() {
        let message = "A suppression needs a reason: add `reason=\"…\"`. Until then it accepts nothing.";
        return finding(WITHOUT_REASON, message.to_owned());
    }
    match suppression.until {
        Some(until) if suppression.is_expired(today) => {
            let message = format!("This suppression ended on {until}. Repair the finding, or decide anew.");
            finding(EXPIRED, message)
        }
        _ => Vec::new(),
    }
}

/// An id that no rule has is called unused only where all built-in rules ran: other rule sets may be
/// checked by other runs.
fn had_its_chance(id: &str, rules: &RuleSet) -> bool {
    let is_known_elsewhere = || RuleSet::builtin().get(id).is_some();
    let has_builtin = || rules.rules().iter().any(|rule| rule.path.is_none());
    rules.get(id).is_some() || (has_builtin() && !is_known_elsewhere())
}

fn finding(id: &str, message: String, suppression: &Suppression, source: &Source) -> Finding {
    let all = rules();
    let rule = all.iter().find(|rule| rule.id == id).unwrap_or(&all[0]).clone();
    let code = source.slice(suppression.range.clone());
    let digest = Sha256::digest(format!("{id}\0{code}"));
    Finding {
        severity: rule.severity,
        confidence: rule.confidence,
        rule,
        range: suppression.range.clone(),
        message,
        trace: Vec::new(),
        metavariables: Vec::new(),
        fingerprint: digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect(),
    }
}
