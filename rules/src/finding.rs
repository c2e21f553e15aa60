//! What an analysis reports.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::rule::Rule;

/// One place that a rule flags.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: Arc<Rule>,
    /// What to underline, in bytes of the analysed text.
    pub range: Range<usize>,
    /// The rule's message with the metavariables filled in. Plain text with `code` in backticks.
    pub message: String,
    /// From the rule, unless something about this place lowers it.
    pub severity: Severity,
    /// From the rule, unless something about this place lowers it.
    pub confidence: Confidence,
    /// For a flow: from the source over its steps to the sink. Empty for a plain match.
    pub trace: Vec<Step>,
    /// Metavariables of the match, in order of name: what they matched.
    pub metavariables: Vec<(String, Range<usize>)>,
    /// Stable over edits elsewhere: rule, normalised code and enclosing scope. Hex digits.
    pub fingerprint: String,
}

/// One station of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The file, if it is another one than the finding's.
    pub path: Option<PathBuf>,
    /// Bytes.
    pub range: Range<usize>,
    /// Why the value is here, e.g. "`email` comes from the request". Plain text with `code` in backticks.
    pub note: String,
}

/// How bad it is if it is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth mending.
    Warning,
    /// Must be mended.
    Error,
}

/// How sure the rule is that it is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Only shown when asked for.
    Low,
    /// Shown as information.
    Medium,
    /// Shown at the rule's severity.
    High,
}

/// A repair, proven on a copy before it is offered: its finding is gone, nothing new came, no new syntax error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Imperative, e.g. "Pass `email` as a bound parameter".
    pub title: String,
    /// A safe fix changes nothing but the weakness; an unsafe one says in its title what else it changes.
    pub safe: bool,
    /// In order of position, not overlapping.
    pub edits: Vec<TextEdit>,
}

/// Replaces the bytes of `range` by `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    /// Bytes of the unfixed text.
    pub range: Range<usize>,
    /// The replacement.
    pub text: String,
}

impl Fix {
    /// The text after all edits.
    pub fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut last = 0;
        for edit in &self.edits {
            out.push_str(&text[last..edit.range.start]);
            out.push_str(&edit.text);
            last = edit.range.end;
        }
        out.push_str(&text[last..]);
        out
    }
}
