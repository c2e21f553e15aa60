//! What is insecure and how to repair it.
//!
//! A [`Document`] holds one file; [`Document::edit`] and [`Document::analyze`] keep its findings true while
//! it is typed; [`Document::fixes`] repairs them. A [`RuleSet`] says what to look for, a [`Project`] what
//! the other files of the workspace contribute. Offsets are bytes; nothing here knows an editor or a terminal.

mod analyze;
mod finding;
mod fix;
mod flow;
mod language;
pub mod measure;
mod pattern;
mod rule;
mod source;
mod syntax;

pub use crate::analyze::{Document, FileFacts, Project};
pub use crate::finding::{Confidence, Finding, Fix, Severity, Step, TextEdit};
pub use crate::language::{Language, UnknownLanguage};
pub use crate::rule::{
    Authored, Export, FixStatus, Remark, Rule, RuleError, RuleFile, RuleSet, RuleSources, TestFailure,
    TestReport, builtin_packs, export, files_to_test, known_keys, test_rule_files, test_rules,
};
pub use crate::source::{Interrupt, ParseBudget, Source};
