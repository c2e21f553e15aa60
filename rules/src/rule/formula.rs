//! What a rule looks for, as a tree: patterns and regular expressions, joined, narrowed and negated.

use std::sync::OnceLock;

use super::condition::Condition;
use super::generic::TextPattern;
use super::regexes;
use crate::language::Language;
use crate::pattern::{Pattern, PatternError};

/// One node of the tree.
#[derive(Debug)]
pub(crate) enum Formula {
    /// A pattern: an index into the rule's [`Leaf`]s.
    Leaf(usize),
    /// `pattern-regex`.
    Regex(RegexFormula),
    /// A pattern of text without a grammar.
    Text(TextPattern),
    /// `pattern-either`: what any of them matches.
    Any(Vec<Formula>),
    /// `patterns`: what all of them match.
    All(Box<All>),
    /// `pattern-inside`: only as a narrower of others.
    Inside(Box<Formula>),
}

/// `patterns`.
#[derive(Debug, Default)]
pub(crate) struct All {
    /// What generates candidates.
    pub terms: Vec<Formula>,
    /// What candidates must lie in.
    pub insides: Vec<Formula>,
    /// What candidates must not be (or, for [`Formula::Inside`], not lie in).
    pub nots: Vec<Formula>,
    /// Metavariables that stand for the whole match.
    pub names: Vec<String>,
    /// What must be true of the metavariables.
    pub conditions: Vec<Condition>,
    /// What to report in place of the whole match; each item one `focus-metavariable`, its names alternatives.
    pub focus: Vec<Vec<String>>,
}

/// A regular expression with the metavariables that its groups bind.
#[derive(Debug)]
pub(crate) struct RegexFormula {
    pub regex: regexes::Pattern,
    pub names: Vec<String>,
}

impl RegexFormula {
    pub fn new(text: &str) -> Result<RegexFormula, String> {
        let regex = regexes::Pattern::new(text)?;
        let names = regex.group_names();
        Ok(RegexFormula { regex, names })
    }
}

impl Formula {
    /// Whether it only narrows others.
    pub fn is_inside(&self) -> bool {
        match self {
            Formula::Inside(_) => true,
            Formula::Any(any) => !any.is_empty() && any.iter().all(Formula::is_inside),
            Formula::All(all) => all.terms.is_empty() && !all.insides.is_empty() && all.focus.is_empty(),
            Formula::Leaf(_) | Formula::Regex(_) | Formula::Text(_) => false,
        }
    }

    /// Whether its matches are narrowed to metavariables.
    pub fn has_focus(&self) -> bool {
        match self {
            Formula::Leaf(_) | Formula::Regex(_) | Formula::Text(_) | Formula::Inside(_) => false,
            Formula::Any(any) => any.iter().any(Formula::has_focus),
            Formula::All(all) => !all.focus.is_empty() || all.terms.iter().any(Formula::has_focus),
        }
    }

    /// The patterns by whose matches candidates are found.
    pub fn generators(&self, out: &mut Vec<usize>) {
        match self {
            Formula::Leaf(leaf) => out.push(*leaf),
            Formula::Regex(_) | Formula::Text(_) => {}
            Formula::Any(any) => any.iter().for_each(|formula| formula.generators(out)),
            Formula::Inside(inside) => inside.generators(out),
            // Without terms the innermost context is the match, whichever it is.
            Formula::All(all) if all.terms.is_empty() => {
                all.insides.iter().for_each(|inside| inside.generators(out));
            }
            Formula::All(all) => all.terms.iter().for_each(|formula| formula.generators(out)),
        }
    }

    /// Whether candidates can come from a regular expression, so that no node announces them.
    pub fn needs_text(&self) -> bool {
        match self {
            Formula::Leaf(_) => false,
            Formula::Regex(_) | Formula::Text(_) => true,
            Formula::Any(any) => any.iter().any(Formula::needs_text),
            Formula::Inside(inside) => inside.needs_text(),
            Formula::All(all) if all.terms.is_empty() => all.insides.iter().any(Formula::needs_text),
            // A node announces the candidate if any term needs one.
            Formula::All(all) => all.terms.iter().all(Formula::needs_text),
        }
    }

    /// Whether it looks at text only and never at a tree.
    pub fn is_text(&self) -> bool {
        match self {
            Formula::Leaf(_) => false,
            Formula::Regex(_) | Formula::Text(_) => true,
            Formula::Any(any) => any.iter().all(Formula::is_text),
            Formula::Inside(inside) => inside.is_text(),
            Formula::All(all) => {
                let parts = all.terms.iter().chain(&all.insides).chain(&all.nots);
                let conditions = all.conditions.iter().all(|condition| match condition {
                    Condition::Pattern { formula, language: None, .. } => formula.is_text(),
                    _ => true,
                });
                conditions && parts.into_iter().all(Formula::is_text)
            }
        }
    }
}

/// The text of a pattern, compiled for each language on first use: most sessions see few languages.
#[derive(Debug)]
pub(crate) struct Leaf {
    text: String,
    compiled: [OnceLock<Option<Box<Pattern>>>; Language::ALL.len()],
}

impl Leaf {
    /// A pattern that compiles for at least one of the languages; else the error of the first.
    pub fn new(text: &str, languages: &[Language]) -> Result<Leaf, PatternError> {
        let leaf = Leaf { text: text.to_owned(), compiled: Default::default() };
        let mut first = None;
        for &language in languages {
            match Pattern::compile(text, language) {
                Ok(pattern) => {
                    let _ = leaf.compiled[language as usize].set(Some(Box::new(pattern)));
                    return Ok(leaf);
                }
                Err(error) => {
                    let _ = leaf.compiled[language as usize].set(None);
                    first.get_or_insert(error);
                }
            }
        }
        match first {
            Some(error) => Err(error),
            None => Ok(leaf),
        }
    }

    /// The pattern in that language, if its grammar accepts it.
    pub fn pattern(&self, language: Language) -> Option<&Pattern> {
        self.compiled[language as usize]
            .get_or_init(|| Pattern::compile(&self.text, language).ok().map(Box::new))
            .as_deref()
    }
}
