//! What an author of rules wants to hear while writing: what makes a rule unusable, and what our own packs promise
//! beyond that.

use std::path::Path;

use super::read::{RULE_KEYS, read_file};
use super::read_formula::FORMULA_KEYS;
use super::read_taint::MARK_KEYS;
use super::yaml::{Place, Yaml, parse};
use super::{RuleError, RuleFile, RuleSet};
use crate::finding::Severity;
use crate::flow::Models;

/// What is in a YAML file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authored {
    /// Rules.
    Rules,
    /// Models.
    Models,
}

/// Something to say to the author of a rule or model file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The rule, where it is about one.
    pub rule_id: Option<String>,
    /// 1-based.
    pub line: usize,
    /// 1-based, in Unicode scalar values.
    pub column: usize,
    /// An error keeps the rule from being used.
    pub severity: Severity,
    /// Names the key or pattern and what is wrong with it.
    pub message: String,
}

/// What the metadata of a rule with a lesson says, besides the lesson.
const PROMISED: &[&str] = &["cwe", "owasp", "confidence", "technology", "references"];

/// The lists of a model file.
const MODEL_LISTS: &[&str] =
    &["types", "handlers", "parameters", "sources", "sinks", "sanitizers", "clean", "routes", "guards"];

impl RuleFile {
    /// What the file holds, judged line by line, so that a file is known for what it is while it is being typed
    /// and is no YAML; `None` for all other YAML.
    pub fn authored(&self) -> Option<Authored> {
        if is_in(&self.path, "rules") {
            return Some(Authored::Rules);
        }
        if is_in(&self.path, "models") {
            return Some(Authored::Models);
        }
        let key = |line: &str| line.split_once(':').map(|(key, _)| key.to_owned());
        let top = || {
            self.text
                .lines()
                .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
                .filter_map(key)
        };
        let has = |wanted: &dyn Fn(&str) -> bool| {
            self.text
                .lines()
                .filter_map(|line| key(line.trim_start().trim_start_matches("- ")))
                .any(|key| wanted(&key))
        };
        if top().any(|key| key == "rules") {
            let asks = |key: &str| {
                FORMULA_KEYS.contains(&key)
                    || matches!(key, "mode" | "model" | "pattern-sources" | "pattern-sinks")
            };
            return (has(&|key| key == "id") && has(&asks)).then_some(Authored::Rules);
        }
        let is_model =
            top().any(|key| key == "languages") && top().any(|key| MODEL_LISTS.contains(&key.as_str()));
        is_model.then_some(Authored::Models)
    }

    /// All that is to say about a rule file, in order of place. `known` are the rules and models it will stand
    /// beside, `lesson` tells whether there is a lesson of that id.
    pub fn check_rules(&self, known: &RuleSet, lesson: &dyn Fn(&str) -> bool) -> Vec<Remark> {
        let mut errors = Vec::new();
        read_file(self, "", false, &mut errors);
        let mut remarks: Vec<Remark> = errors.into_iter().map(Remark::from).collect();
        let Ok(yaml) = parse(&self.text) else { return remarks };
        let rules = yaml.get("rules").and_then(Yaml::items).unwrap_or_default();
        let mut ids: Vec<&str> = Vec::new();
        for rule in rules {
            let id = rule.get("id");
            let name = id.and_then(Yaml::text);
            let mut say = |at: Place, severity, message: String| {
                let rule_id = name.map(str::to_owned);
                remarks.push(Remark { rule_id, line: at.line, column: at.column, severity, message });
            };
            if let (Some(id), Some(name)) = (id, name) {
                if ids.contains(&name) {
                    say(id.at, Severity::Error, format!("there is another rule with the id `{name}`"));
                }
                ids.push(name);
            }
            for key in ["pattern-sources", "pattern-sinks", "pattern-sanitizers"] {
                for mark in rule.get(key).and_then(Yaml::items).unwrap_or_default() {
                    let Some(model) = mark.get("model") else { continue };
                    let kind = model.text().unwrap_or("?");
                    if known.models().kind(kind).is_none() {
                        say(model.at, Severity::Error, unknown_kind(kind, known.models()));
                    }
                }
            }
            self.check_metadata(rule, lesson, &mut say);
        }
        remarks.sort_by_key(|remark| (remark.line, remark.column));
        remarks
    }

    fn check_metadata(
        &self,
        rule: &Yaml,
        lesson: &dyn Fn(&str) -> bool,
        say: &mut dyn FnMut(Place, Severity, String),
    ) {
        let metadata = rule.get("metadata");
        let named = metadata.and_then(|metadata| metadata.get("lesson"));
        if let Some(named) = named
            && !named.text().is_some_and(lesson)
        {
            let message = format!("there is no lesson `{}`", named.text().unwrap_or("?"));
            say(named.at, Severity::Warning, message);
        }
        let is_ours = self.path.to_string_lossy().replace('\\', "/").contains("rules/packs/");
        if named.is_none() && !is_ours {
            return;
        }
        let at = metadata.or(rule.get("id")).unwrap_or(rule).at;
        let has = |key: &&&str| metadata.is_some_and(|metadata| metadata.get(key).is_some());
        let mut missing: Vec<&str> = PROMISED.iter().filter(|key| !has(key)).copied().collect();
        if named.is_none() {
            missing.insert(0, "lesson");
        }
        if !missing.is_empty() {
            say(at, Severity::Warning, format!("`metadata` lacks {}", missing.join(", ")));
        }
        let has_fix = rule.get("fix").or(rule.get("fix-regex")).is_some()
            || metadata.is_some_and(|metadata| metadata.get("fixer").or(metadata.get("quickfix")).is_some());
        if !has_fix {
            let message = "say how it is repaired: `fix`, `metadata.fixer`, or `quickfix: {infeasible: why}`";
            say(at, Severity::Warning, message.to_owned());
        }
        for cwe in metadata.and_then(|metadata| metadata.get("cwe")).and_then(Yaml::texts).unwrap_or_default()
        {
            let number = cwe.strip_prefix("CWE-").and_then(|rest| rest.split(':').next());
            if !number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
            {
                let place = metadata.and_then(|metadata| metadata.get("cwe")).map_or(at, |cwe| cwe.at);
                say(place, Severity::Warning, format!("`{cwe}` does not read as `CWE-89: Name`"));
            }
        }
    }

    /// All that is to say about a model file.
    pub fn check_models(&self) -> Vec<Remark> {
        let mut errors = Vec::new();
        Models::compile(std::slice::from_ref(self), &mut errors);
        errors.into_iter().map(Remark::from).collect()
    }
}

impl From<RuleError> for Remark {
    fn from(error: RuleError) -> Remark {
        let RuleError { rule_id, line, column, message, .. } = error;
        Remark { rule_id, line, column, severity: Severity::Error, message }
    }
}

/// The kinds of sources, sinks and sanitizers that models speak of.
impl RuleSet {
    /// Names that `model:` of a source, sink or sanitizer can have.
    pub fn model_kinds(&self) -> impl Iterator<Item = &str> {
        self.models().kinds()
    }
}

/// The keys that a rule, a formula or an entry of a taint list can have, for completion.
pub fn known_keys() -> impl Iterator<Item = &'static str> {
    RULE_KEYS.iter().chain(FORMULA_KEYS).chain(MARK_KEYS).copied()
}

pub(super) fn unknown_kind(kind: &str, models: &Models) -> String {
    let near = models.kinds().find(|known| known.contains(kind) || kind.contains(known));
    let hint = near.map(|known| format!("; there is `{known}`")).unwrap_or_default();
    format!("no model speaks of `{kind}`{hint}")
}

/// Where the first scalar with this text stands.
pub(crate) fn place_of(file: &str, wanted: &str) -> Option<Place> {
    let yaml = parse(file).ok()?;
    let mut pending = vec![&yaml];
    let mut found: Option<Place> = None;
    while let Some(next) = pending.pop() {
        if next.text() == Some(wanted)
            && found.is_none_or(|at| (next.at.line, next.at.column) < (at.line, at.column))
        {
            found = Some(next.at);
        }
        pending.extend(next.items().unwrap_or_default());
        pending.extend(next.entries().unwrap_or_default().iter().flat_map(|(key, value)| [key, value]));
    }
    found
}

/// Whether a path leads through `.squire/<folder>`.
fn is_in(path: &Path, folder: &str) -> bool {
    let parts: Vec<_> = path.iter().collect();
    parts.windows(2).any(|pair| pair[0] == ".squire" && pair[1] == folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> RuleFile {
        RuleFile { path: path.into(), text: text.to_owned() }
    }

    fn said(path: &str, text: &str) -> Vec<String> {
        let remarks = file(path, text).check_rules(&RuleSet::builtin(), &|id| id == "sql-injection");
        remarks.into_iter().map(|it| format!("{}:{} {}", it.line, it.column, it.message)).collect()
    }

    #[test]
    fn files_are_known_while_they_are_typed() {
        let kind = |path: &str, text: &str| file(path, text).authored();
        assert_eq!(kind("a.yaml", "rules:\n  - id: a\n    pattern: f(\n   x"), Some(Authored::Rules));
        assert_eq!(kind("a.yaml", "rules:\n  - allow: read\n"), None);
        assert_eq!(kind("/p/.squire/rules/a.yaml", ""), Some(Authored::Rules));
        assert_eq!(kind("/p/.squire/models/a.yaml", ""), Some(Authored::Models));
        assert_eq!(kind("a.yaml", "languages: [python]\nsinks:\n  - kind"), Some(Authored::Models));
        assert_eq!(kind("a.yaml", "services:\n  web: {}\n"), None);
    }

    #[test]
    fn everything_wrong_is_told_at_once_and_at_its_place() {
        let text = "rules:
  - id: a
    languages: [javascript]
    severity: BAD
    message: Do not.
    options: { fast: true }
    patterns:
      - pattern: f($X)
      - pattern-inside: |
          function $F() {
            g(1 2)
          }
      - patern-not: h()
";
        assert_eq!(
            said("a.yaml", text),
            [
                "4:15 `severity` must be INFO, WARNING, ERROR, LOW, MEDIUM, HIGH or CRITICAL",
                "6:16 unsupported option `fast`",
                "11:17 the pattern does not parse as javascript, near `g(1 2)` (line 2 of the pattern)",
                "13:9 unsupported key `patern-not`",
            ]
        );
    }

    #[test]
    fn names_that_lead_nowhere_are_told() {
        let text = "rules:
  - id: a
    languages: [javascript]
    severity: ERROR
    message: Do not.
    mode: taint
    metadata: { lesson: sql-inject, fixer: bind-sql }
    pattern-sources: [{ model: remote }]
    pattern-sinks: [{ model: sql-query }]
";
        let said = said("a.yaml", text);
        assert!(said[0].starts_with("7:15 `metadata` lacks cwe, owasp"), "{said:?}");
        assert_eq!(said[1], "7:25 there is no lesson `sql-inject`");
        assert_eq!(said[2], "7:44 unknown fixer `bind-sql`");
        assert_eq!(said[3..], ["8:32 no model speaks of `remote`; there is `remote-input`"]);
    }

    #[test]
    fn model_files_have_places_too() {
        let said = |text: &str| -> Vec<String> {
            let remarks = file("m.yaml", text).check_models();
            remarks.into_iter().map(|it| format!("{}:{} {}", it.line, it.column, it.message)).collect()
        };
        let unknown = said("languages: [python]\nsinks:\n  - kind: html\n    cals: [f]\n");
        assert!(unknown[0].starts_with("4:5 ") && unknown[0].contains("unknown field `cals`"), "{unknown:?}");
        assert_eq!(
            said("languages: [python]\nsinks:\n  - kind: html\n    when: [odd]\n"),
            ["4:12 `odd` is not a condition of sinks"]
        );
        assert_eq!(said("languages: [python]\nclean:\n  - calls: [f]\n"), [""; 0]);
    }
}
