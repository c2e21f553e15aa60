//! Comments that accept a finding, and what is wrong with them.
//!
//! `squire: allow(<rule-id>) reason="…" [owner=@name] [until=YYYY-MM-DD]` in a comment of the language: at
//! the end of a line it speaks of that line, alone on a line of the next line of code, and before the
//! first code of a file of the whole file. Several ids stand behind each other with commas. Without a
//! reason, or after its last day, it accepts nothing. `nosemgrep: id` (or bare `nosemgrep`, `nosem`) on the line or
//! the line above is honoured as it is, because teams have it in their code already.

mod comment;
mod parse;
mod problems;
mod write;

use jiff::civil::Date;
use squire_rules::{Finding, RuleSet, Source};

pub use self::parse::parse;
pub use self::problems::{EXPIRED, MALFORMED, UNUSED, WITHOUT_REASON, rules as own_rules};
pub use self::write::{allow_here, allow_in_file};

/// One comment that accepts findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Which notation.
    pub notation: Notation,
    /// The ids that are accepted; none means all (bare `nosemgrep`).
    pub rule_ids: Vec<String>,
    /// Why, in the author's words.
    pub reason: Option<String>,
    /// Who answers for it, with the `@`.
    pub owner: Option<String>,
    /// The last day it counts.
    pub until: Option<Date>,
    /// What it speaks of.
    pub scope: Scope,
    /// The bytes from `squire:` to the end of what was understood.
    pub range: std::ops::Range<usize>,
    /// What could not be understood.
    pub malformed: Option<String>,
}

/// The notation of a suppression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// `squire: allow(…)`.
    Allow,
    /// `nosemgrep`.
    Nosemgrep,
}

/// What a suppression speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Findings that start on this line, counted from 0.
    Line(usize),
    /// All findings of the file.
    File,
}

impl Suppression {
    /// Whether it accepts anything on the day `today` (UTC).
    pub fn counts(&self, today: Date) -> bool {
        let is_explained = self.notation == Notation::Nosemgrep || self.reason.is_some();
        is_explained && self.malformed.is_none() && !self.is_expired(today)
    }

    /// Whether its last day is over.
    pub fn is_expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }

    /// Whether it speaks of a finding of this rule that starts on this line (from 0).
    pub fn covers(&self, rule_id: &str, line: usize) -> bool {
        let in_scope = match self.scope {
            Scope::Line(own) => own == line,
            Scope::File => true,
        };
        in_scope && (self.rule_ids.is_empty() || self.rule_ids.iter().any(|id| self.names(id, rule_id)))
    }

    /// Semgrep prefixes ids with the folders of their file, so of a dotted id the last part counts.
    fn names(&self, written: &str, rule_id: &str) -> bool {
        let last = |id: &str| id.rsplit('.').next().map(str::to_owned);
        written == rule_id || (self.notation == Notation::Nosemgrep && last(written) == last(rule_id))
    }
}

/// What the suppressions of a file do to its findings.
#[derive(Debug)]
pub struct Verdict {
    /// For each finding, in order, the suppression that accepts it.
    pub accepted: Vec<Option<Suppression>>,
    /// Findings about the suppressions themselves.
    pub problems: Vec<Finding>,
}

/// Holds the findings of a file against its suppressions. `rules` tells which rules had the chance to
/// find something: a suppression of a rule that did not run is not called unused.
pub fn judge(source: &Source, findings: &[Finding], rules: &RuleSet, today: Date) -> Verdict {
    let suppressions = parse(source);
    if suppressions.is_empty() {
        return Verdict { accepted: vec![None; findings.len()], problems: Vec::new() };
    }
    let mut used = vec![Vec::<&str>::new(); suppressions.len()];
    let accepted = findings
        .iter()
        .map(|finding| {
            let line = source.rope().byte_to_line(finding.range.start.min(source.len()));
            let mut by = None;
            for (suppression, used) in suppressions.iter().zip(&mut used) {
                if suppression.covers(&finding.rule.id, line) {
                    used.push(&finding.rule.id);
                    if suppression.counts(today) {
                        by = by.or(Some(suppression));
                    }
                }
            }
            by.cloned()
        })
        .collect();
    let problems = suppressions
        .iter()
        .zip(&used)
        .flat_map(|(suppression, used)| problems::of(suppression, used, source, rules, today))
        .collect();
    Verdict { accepted, problems }
}

#[cfg(test)]
mod tests;
