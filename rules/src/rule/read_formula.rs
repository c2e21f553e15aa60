//! From YAML to formulas: patterns, what joins them and the conditions on their metavariables.

use super::comparison::Comparison;
use super::condition::{Condition, Embedded};
use super::formula::{All, Formula, Leaf, RegexFormula};
use super::generic::{TextOptions, TextPattern};
use super::read::{Problem, Read, note, only_keys, problem, required};
use super::regexes;
use super::yaml::{Value, Yaml, place_inside};
use crate::language::Language;
use crate::pattern::misread_at;

/// The keys that say what to look for.
pub(super) const FORMULA_KEYS: &[&str] = &[
    "pattern",
    "patterns",
    "pattern-either",
    "pattern-not",
    "pattern-inside",
    "pattern-not-inside",
    "pattern-regex",
    "pattern-not-regex",
    "metavariable-regex",
    "metavariable-pattern",
    "metavariable-comparison",
    "metavariable-type",
    "metavariable-analysis",
    "focus-metavariable",
];

/// Reads formulas and gathers their patterns.
pub(super) struct FormulaReader<'f> {
    pub languages: Vec<Language>,
    /// Patterns are text, for the languages regex and generic.
    pub regex_only: bool,
    pub leaves: Vec<Leaf>,
    /// How patterns of text are read.
    pub text: TextOptions,
    /// The rule is written in the newer syntax.
    pub newer: bool,
    /// The metavariables of all patterns and regular expressions.
    pub metavariables: Vec<String>,
    /// What was wrong so far, but for what is on its way as an error.
    pub problems: Vec<Problem>,
    /// The text of the rule file, to find places inside of patterns.
    pub file: &'f str,
}

impl<'f> FormulaReader<'f> {
    pub fn new(
        languages: Vec<Language>,
        regex_only: bool,
        text: TextOptions,
        file: &'f str,
    ) -> FormulaReader<'f> {
        FormulaReader {
            languages,
            regex_only,
            leaves: Vec::new(),
            text,
            newer: false,
            metavariables: Vec::new(),
            problems: Vec::new(),
            file,
        }
    }

    fn names_in(&mut self, text: &str) {
        for (at, _) in text.match_indices('$') {
            let rest = &text[at + 1..];
            let dots = if rest.starts_with("...") { 3 } else { 0 };
            let name =
                rest[dots..].split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or("");
            self.name(format!("${}{name}", &rest[..dots]));
        }
    }

    fn new_name(&mut self, value: &Yaml) -> Read<String> {
        let Some(name) = value.text() else { return problem(value, "`as` must be a metavariable") };
        metavariable(value, name)?;
        self.name(name.to_owned());
        Ok(name.to_owned())
    }

    fn name(&mut self, name: String) {
        if !self.metavariables.contains(&name) {
            self.metavariables.push(name);
        }
    }
}

impl FormulaReader<'_> {
    /// The formula that the keys of a mapping make; keys in `beside` are not its business.
    pub fn formula(&mut self, yaml: &Yaml, beside: &[&str]) -> Read<Formula> {
        let mut all = All::default();
        let Some(entries) = yaml.entries() else {
            return problem(yaml, format!("a mapping with a pattern is wanted, not {}", yaml.kind()));
        };
        let before = self.problems.len();
        for (key, value) in entries {
            let name = key.text().unwrap_or("?");
            let read = if FORMULA_KEYS.contains(&name) {
                self.add(&mut all, name, value)
            } else if beside.contains(&name) {
                Ok(())
            } else {
                problem(key, format!("unsupported key `{name}`"))
            };
            note(read, &mut self.problems);
        }
        self.pass_on(before)?;
        self.close(yaml, all)
    }

    /// If there are problems since there were `before`, the last one as an error: what holds them is no formula.
    fn pass_on(&mut self, before: usize) -> Read<()> {
        if self.problems.len() > before { self.problems.pop().map_or(Ok(()), Err) } else { Ok(()) }
    }

    fn close(&mut self, yaml: &Yaml, mut all: All) -> Read<Formula> {
        if all.terms.is_empty() && all.insides.is_empty() {
            return problem(yaml, "these patterns only exclude; at least one must say what to look for");
        }
        let alone =
            all.nots.is_empty() && all.conditions.is_empty() && all.focus.is_empty() && all.names.is_empty();
        if alone && all.terms.len() + all.insides.len() == 1 {
            return Ok(all.terms.pop().or_else(|| all.insides.pop()).expect("there is exactly one"));
        }
        Ok(Formula::All(Box::new(all)))
    }

    fn add(&mut self, all: &mut All, key: &str, value: &Yaml) -> Read<()> {
        match key {
            "pattern" => {
                let leaf = self.text_or_formula(value)?;
                push(all, leaf);
            }
            "patterns" => {
                let Some(items) = value.items() else { return problem(value, "`patterns` must be a list") };
                let mut inner = All::default();
                let before = self.problems.len();
                for item in items {
                    let Some(entries) = item.entries() else {
                        let no_mapping = problem(item, "an item of `patterns` is a mapping with one key");
                        let _: Option<()> = note(no_mapping, &mut self.problems);
                        continue;
                    };
                    for (key, value) in entries {
                        let read = match key.text() {
                            Some(name) if FORMULA_KEYS.contains(&name) => self.add(&mut inner, name, value),
                            // Only the newer syntax writes it; the older one has no way to.
                            Some("as") if self.newer => {
                                self.new_name(value).map(|name| inner.names.push(name))
                            }
                            name => problem(key, format!("unsupported key `{}`", name.unwrap_or("?"))),
                        };
                        note(read, &mut self.problems);
                    }
                }
                self.pass_on(before)?;
                let formula = self.close(value, inner)?;
                push(all, formula);
            }
            "pattern-either" => {
                let Some(items) = value.items().filter(|items| !items.is_empty()) else {
                    return problem(value, "`pattern-either` must be a list");
                };
                let before = self.problems.len();
                let mut any = Vec::with_capacity(items.len());
                for item in items {
                    let formula = self.formula(item, &[]);
                    any.extend(note(formula, &mut self.problems));
                }
                self.pass_on(before)?;
                push(all, Formula::Any(any));
            }
            "pattern-not" => all.nots.push(self.text_or_formula(value)?),
            "pattern-inside" => all.insides.push(Formula::Inside(Box::new(self.text_or_formula(value)?))),
            "pattern-not-inside" => all.nots.push(Formula::Inside(Box::new(self.text_or_formula(value)?))),
            "pattern-regex" => all.terms.push(self.regex(value)?),
            "pattern-not-regex" => all.nots.push(self.regex(value)?),
            "focus-metavariable" => {
                let Some(names) = value.texts() else {
                    return problem(value, "`focus-metavariable` must be a metavariable or a list of them");
                };
                for name in &names {
                    metavariable(value, name)?;
                }
                all.focus.push(names);
            }
            _ => all.conditions.push(self.condition(key, value)?),
        }
        Ok(())
    }

    fn text_or_formula(&mut self, value: &Yaml) -> Read<Formula> {
        match value.text() {
            Some(text) => self.leaf(text, value),
            None => self.formula(value, &[]),
        }
    }

    fn leaf(&mut self, text: &str, value: &Yaml) -> Read<Formula> {
        self.names_in(text);
        if self.regex_only {
            return match TextPattern::new(text, &self.text) {
                Ok(pattern) => Ok(Formula::Text(pattern)),
                Err(message) => problem(value, message),
            };
        }
        match Leaf::new(text, &self.languages) {
            Ok(leaf) => {
                self.leaves.push(leaf);
                Ok(Formula::Leaf(self.leaves.len() - 1))
            }
            Err(error) => {
                let language = self.languages.first().copied();
                let inside = language.and_then(|language| misread_at(text, language));
                let at = inside.map_or(value.at, |offset| place_inside(self.file, value.at, text, offset));
                Err(Problem { at, message: error.to_string() })
            }
        }
    }

    fn regex(&mut self, value: &Yaml) -> Read<Formula> {
        let Value::Scalar { text, .. } = &value.value else {
            return problem(value, "a regular expression must be a text");
        };
        // A block of YAML ends with its line, and code that a pattern describes ends before that.
        let line = text.strip_suffix('\n').map(|text| format!("{text}(?:\\n|\\z)"));
        match RegexFormula::new(line.as_deref().unwrap_or(text)) {
            Ok(formula) => {
                formula.names.iter().for_each(|name| self.name(name.clone()));
                Ok(Formula::Regex(formula))
            }
            Err(message) => problem(value, message),
        }
    }

    fn condition(&mut self, key: &str, yaml: &Yaml) -> Read<Condition> {
        let name = || -> Read<String> {
            let name = required(yaml, "metavariable")?;
            metavariable(yaml, &name)?;
            Ok(name)
        };
        match key {
            "metavariable-regex" => {
                only_keys(yaml, &["metavariable", "regex", "constant-propagation"])?;
                let regex = required(yaml, "regex")?;
                let regex = regexes::Pattern::with_lines(&regex, false)
                    .map_err(|message| Problem { at: yaml.at, message })?;
                regex.group_names().into_iter().for_each(|name| self.name(name));
                let constants = yaml.get("constant-propagation").and_then(Yaml::bool).unwrap_or(false);
                Ok(Condition::Regex { metavariable: name()?, regex, constants })
            }
            "metavariable-pattern" => {
                let language = match yaml.get("language") {
                    None => None,
                    Some(value) => Some(match value.text() {
                        Some("regex" | "generic" | "none") => Embedded::Text,
                        Some(name) => match name.parse() {
                            Ok(language) => Embedded::Language(language),
                            Err(_) => {
                                return problem(value, format!("the language `{name}` is not supported"));
                            }
                        },
                        None => return problem(value, "`language` must be a name"),
                    }),
                };
                let (languages, regex_only) = (self.languages.clone(), self.regex_only);
                match language {
                    Some(Embedded::Language(language)) => {
                        self.languages = vec![language];
                        self.regex_only = false;
                    }
                    Some(Embedded::Text) => self.regex_only = true,
                    None => {}
                }
                let formula = self.formula_that_may_exclude(yaml, &["metavariable", "language"]);
                (self.languages, self.regex_only) = (languages, regex_only);
                Ok(Condition::Pattern { metavariable: name()?, formula: formula?, language })
            }
            "metavariable-comparison" => {
                only_keys(yaml, &["metavariable", "comparison", "strip", "base"])?;
                let text = required(yaml, "comparison")?;
                let comparison =
                    Comparison::new(&text).map_err(|message| Problem { at: yaml.at, message })?;
                let metavariable = yaml.get("metavariable").map(|_| name()).transpose()?;
                let strip = yaml.get("strip").and_then(Yaml::bool).unwrap_or(false);
                let base = match yaml.get("base") {
                    None => 10,
                    Some(value) => match value.text().and_then(|text| text.parse().ok()) {
                        Some(base @ 2..=36) => base,
                        _ => return problem(value, "`base` must be a number from 2 to 36"),
                    },
                };
                Ok(Condition::Comparison { metavariable, comparison, strip, base })
            }
            "metavariable-type" => {
                only_keys(yaml, &["metavariable", "type", "types", "language"])?;
                let types = yaml.get("types").or(yaml.get("type")).and_then(Yaml::texts);
                match types {
                    Some(types) => Ok(Condition::Type { metavariable: name()?, types }),
                    None => problem(yaml, "`metavariable-type` needs a `type`"),
                }
            }
            "metavariable-analysis" => {
                only_keys(yaml, &["metavariable", "analyzer"])?;
                match yaml.get("analyzer").and_then(Yaml::text) {
                    Some("entropy") => Ok(Condition::Entropy { metavariable: name()? }),
                    Some("redos") => Ok(Condition::Redos { metavariable: name()? }),
                    Some(other) => problem(yaml, format!("the analyzer `{other}` is not supported")),
                    None => problem(yaml, "`metavariable-analysis` needs an `analyzer`"),
                }
            }
            other => problem(yaml, format!("unsupported key `{other}`")),
        }
    }

    /// A condition may only exclude: then anything else is what it looks for.
    fn formula_that_may_exclude(&mut self, yaml: &Yaml, beside: &[&str]) -> Read<Formula> {
        let excludes = |yaml: &Yaml| {
            yaml.entries()
                .unwrap_or_default()
                .iter()
                .any(|(key, _)| key.text().is_some_and(|key| key.starts_with("pattern-not")))
        };
        if excludes(yaml)
            && ["pattern", "patterns", "pattern-either", "pattern-regex", "pattern-inside"]
                .iter()
                .all(|key| yaml.get(key).is_none())
        {
            let mut all = All::default();
            for (key, value) in yaml.entries().unwrap_or_default() {
                match key.text() {
                    Some(name) if FORMULA_KEYS.contains(&name) => self.add(&mut all, name, value)?,
                    Some(name) if beside.contains(&name) => {}
                    name => return problem(key, format!("unsupported key `{}`", name.unwrap_or("?"))),
                }
            }
            return Ok(Formula::All(Box::new(all)));
        }
        if let Some(items) = yaml.get("patterns").and_then(Yaml::items)
            && !items.is_empty()
            && items.iter().all(|item| {
                excludes(item)
                    || item.entries().is_some_and(|entries| {
                        entries
                            .iter()
                            .all(|(key, _)| key.text().is_some_and(|key| key.starts_with("metavariable-")))
                    })
            })
        {
            let mut all = All::default();
            for (key, value) in items.iter().flat_map(|item| item.entries().unwrap_or_default()) {
                self.add(&mut all, key.text().unwrap_or("?"), value)?;
            }
            return Ok(Formula::All(Box::new(all)));
        }
        self.formula(yaml, beside)
    }
}

fn push(all: &mut All, formula: Formula) {
    if formula.is_inside() { all.insides.push(formula) } else { all.terms.push(formula) }
}

fn metavariable(yaml: &Yaml, name: &str) -> Read<()> {
    let digits = name
        .strip_prefix('$')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
    let many = name.strip_prefix("$...").is_some_and(|rest| !rest.is_empty());
    let plain = crate::pattern::metavar_name(name).is_some_and(|rest| rest.len() + 1 == name.len());
    if digits || many || plain {
        Ok(())
    } else {
        problem(yaml, format!("`{name}` is not a metavariable such as $X"))
    }
}
