//! What a taint rule names: sources, sinks, sanitizers and propagators.

use super::formula::Formula;
use super::search::MarkRole;

/// The marks of a taint rule.
#[derive(Debug, Default)]
pub(crate) struct TaintSpec {
    pub sources: Vec<Mark>,
    pub sinks: Vec<Mark>,
    pub sanitizers: Vec<Mark>,
    pub propagators: Vec<Mark>,
    pub options: TaintOptions,
}

/// What a rule's `options` say of how taint travels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TaintOptions {
    /// Metavariables that a source and a sink share must stand for the same.
    pub unify_metavariables: bool,
    /// What a call returns is not tainted by its arguments.
    pub safe_functions: bool,
    /// An element is not tainted by its index.
    pub safe_indexes: bool,
    pub safe_comparisons: bool,
    pub safe_booleans: bool,
    pub safe_numbers: bool,
    /// Operators, calls and members hand nothing on.
    pub only_through_assignments: bool,
    /// The finding stands at the source.
    pub focus_on_source: bool,
}

impl TaintSpec {
    /// Whether patterns say all of it, and no models.
    pub fn is_plain(&self) -> bool {
        [&self.sources, &self.sinks, &self.sanitizers, &self.propagators]
            .into_iter()
            .flatten()
            .all(|mark| matches!(mark.kind, MarkKind::Formula(_)))
    }

    /// What it asks for that only rules of patterns have, if it asks for any of that.
    pub fn needs_patterns(&self) -> Option<&'static str> {
        if self.options != TaintOptions::default() {
            return Some("`taint_*` options");
        }
        [&self.sources, &self.sinks, &self.sanitizers, &self.propagators].into_iter().flatten().find_map(
            |mark| {
                let asked = [
                    (mark.control, "`control`"),
                    (mark.at_exit, "`at-exit`"),
                    (mark.not_conflicting, "`not_conflicting`"),
                    (mark.replace_labels.is_some(), "`replace-labels`"),
                    (mark.by_side_effect == SideEffect::Only, "`by-side-effect: only`"),
                ];
                asked.into_iter().find_map(|(asks, name)| asks.then_some(name))
            },
        )
    }

    /// The formulas of all marks, with where they stand.
    pub fn formulas(&self) -> impl Iterator<Item = (MarkRole, usize, &Formula)> {
        let lists = [
            (MarkRole::Source, &self.sources),
            (MarkRole::Sink, &self.sinks),
            (MarkRole::Sanitizer, &self.sanitizers),
            (MarkRole::Propagator, &self.propagators),
        ];
        lists.into_iter().flat_map(|(role, marks)| {
            marks.iter().enumerate().filter_map(move |(index, mark)| match &mark.kind {
                MarkKind::Formula(formula) => Some((role, index, formula)),
                MarkKind::Model(_) => None,
            })
        })
    }
}

/// One entry of `pattern-sources`, `pattern-sinks`, `pattern-sanitizers` or `pattern-propagators`.
#[derive(Debug)]
pub(crate) struct Mark {
    pub kind: MarkKind,
    /// Whether the mark speaks of the place and not only of the value.
    pub by_side_effect: SideEffect,
    /// Only the very node that was matched counts, not what lies in it.
    pub exact: Option<bool>,
    pub label: Option<String>,
    pub requires: Option<Requirement>,
    pub propagator: Option<Propagator>,
    /// Of a propagator: the labels that its own replaces; all if it does not say.
    pub replace_labels: Option<Vec<String>>,
    /// Of a sanitizer: a source or sink of the same range wins over it.
    pub not_conflicting: bool,
    /// Of a source: what runs after it is tainted, whatever it computes.
    pub control: bool,
    /// Of a sink: it only counts where its function ends.
    pub at_exit: bool,
    /// Whether what was matched is narrowed by `focus-metavariable`.
    pub has_focus: bool,
}

/// `by-side-effect`: what is marked stays so afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SideEffect {
    No,
    Yes,
    /// Only afterwards, and not where it is marked.
    Only,
}

/// Where a mark comes from.
#[derive(Debug)]
pub(crate) enum MarkKind {
    /// A kind of the models.
    Model(String),
    /// Patterns.
    Formula(Formula),
}

/// Taint goes from one metavariable to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Propagator {
    pub from: String,
    pub to: String,
}

/// A condition over labels: `A and not B`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Requirement {
    Label(String),
    Always(bool),
    Not(Box<Requirement>),
    And(Box<Requirement>, Box<Requirement>),
    Or(Box<Requirement>, Box<Requirement>),
}

/// Requirements nest as people write them.
const MAX_DEPTH: usize = 32;

impl Requirement {
    /// Compiles `A and (B or not C)`.
    pub fn new(text: &str) -> Result<Requirement, String> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut rest = words.as_slice();
        let requirement = Requirement::or(&mut rest, 0)?;
        if rest.is_empty() {
            Ok(requirement)
        } else {
            Err(format!("`{}` is out of place in `{text}`", rest[0]))
        }
    }

    /// Whether it holds for a value with these labels.
    pub fn holds(&self, has: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Requirement::Label(label) => has(label),
            Requirement::Always(truth) => *truth,
            Requirement::Not(inner) => !inner.holds(has),
            Requirement::And(left, right) => left.holds(has) && right.holds(has),
            Requirement::Or(left, right) => left.holds(has) || right.holds(has),
        }
    }

    fn or(words: &mut &[&str], depth: usize) -> Result<Requirement, String> {
        let mut left = Requirement::and(words, depth)?;
        while let Some((&"or", rest)) = words.split_first() {
            *words = rest;
            left = Requirement::Or(Box::new(left), Box::new(Requirement::and(words, depth)?));
        }
        Ok(left)
    }

    fn and(words: &mut &[&str], depth: usize) -> Result<Requirement, String> {
        let mut left = Requirement::atom(words, depth)?;
        while let Some((&"and", rest)) = words.split_first() {
            *words = rest;
            left = Requirement::And(Box::new(left), Box::new(Requirement::atom(words, depth)?));
        }
        Ok(left)
    }

    fn atom(words: &mut &[&str], depth: usize) -> Result<Requirement, String> {
        if depth > MAX_DEPTH {
            return Err("the condition is nested too deeply".to_owned());
        }
        let Some((word, rest)) = words.split_first() else {
            return Err("the condition ends too early".to_owned());
        };
        *words = rest;
        match *word {
            "not" => Ok(Requirement::Not(Box::new(Requirement::atom(words, depth + 1)?))),
            "(" => {
                let inner = Requirement::or(words, depth + 1)?;
                match words.split_first() {
                    Some((&")", rest)) => {
                        *words = rest;
                        Ok(inner)
                    }
                    _ => Err("`)` is missing".to_owned()),
                }
            }
            "true" | "True" => Ok(Requirement::Always(true)),
            "false" | "False" => Ok(Requirement::Always(false)),
            ")" | "and" | "or" => Err(format!("`{word}` is out of place")),
            label => Ok(Requirement::Label(label.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Requirement;

    #[test]
    fn requirements_are_conditions_over_labels() {
        let requirement = Requirement::new("A and (B or not C)").unwrap();
        assert!(requirement.holds(&|label| label == "A"));
        assert!(!requirement.holds(&|label| label != "B"));
        assert!(Requirement::new("A and").is_err());
        assert!(Requirement::new("A B").is_err());
    }
}
