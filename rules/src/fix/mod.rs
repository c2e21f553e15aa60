//! Named fixers: repairs that a template cannot write, because they follow a value from the statement that
//! builds it to the call that uses it, or because they need an import or a name.
//!
//! A fixer proposes; whether the proposal is offered is decided by the proof, which applies it to a copy and
//! analyses that. A fixer that does not understand every character it would change proposes nothing.

mod argument_vector;
mod arguments;
mod bind_sql_parameters;
mod code;
mod edits;
mod escape_html;
mod html_context;
mod imports;
mod insert_guard;
mod quote;
mod read_environment;
mod scope;
mod shell_words;
mod sql_driver;
mod sql_text;
mod strings;
mod text_content;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::analyze::{At, FileView, Project};
use crate::finding::{Fix, Step};

/// What a fixer may look at: the finding and the file around it.
pub(crate) struct FixContext<'a> {
    pub view: FileView<'a>,
    /// The whole file.
    pub text: &'a str,
    /// The finding's node: the call, assignment or attribute that is the weakness.
    pub at: At,
    /// The dangerous argument or value, where it is known.
    pub argument: Option<At>,
    #[expect(dead_code, reason = "no fixer reads it yet")]
    pub trace: &'a [Step],
    /// Metavariables of the match, with what they matched.
    #[expect(dead_code, reason = "no fixer reads it yet")]
    pub bindings: &'a [(String, Range<usize>)],
    /// What the models say about this place. `bind-sql-parameters` reads `placeholder` (`?`, `$1`, `%s`,
    /// `:name`) and `parameters` (where the values go: `list`, `tuple`, `dictionary`, `spread`,
    /// `replacements`, `later`, `params`); what the code itself shows of its driver is surer than either.
    /// `insert-guard` says in its own file what it reads.
    pub hints: &'a BTreeMap<String, String>,
    #[expect(dead_code, reason = "no fixer reads it yet")]
    pub project: &'a Project,
}

type Fixer = fn(&FixContext<'_>) -> Vec<Fix>;

/// Every fixer by the name that rules use, sorted.
const FIXERS: &[(&str, Fixer)] = &[
    ("argument-vector", argument_vector::fixes),
    ("bind-sql-parameters", bind_sql_parameters::fixes),
    ("escape-html", escape_html::fixes),
    ("insert-guard", insert_guard::fixes),
    ("read-environment", read_environment::fixes),
    ("text-content", text_content::fixes),
];

/// The candidates of the named fixer, best first. Empty where it has none or there is no such fixer.
pub(crate) fn propose(fixer: &str, context: &FixContext<'_>) -> Vec<Fix> {
    find(fixer).map_or_else(Vec::new, |fixes| fixes(context))
}

/// Whether there is a fixer of that name.
pub(crate) fn known(fixer: &str) -> bool {
    find(fixer).is_some()
}

fn find(name: &str) -> Option<Fixer> {
    FIXERS.iter().find(|(known, _)| *known == name).map(|(_, fixer)| *fixer)
}
