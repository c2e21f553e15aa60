//! Rules as plain Semgrep YAML: what `model:` stands for, written out.

use std::fmt::Write;

use super::RuleFile;
use super::read::ANALYSES;
use super::set::MODELS;
use super::yaml::{Place, Value, Yaml, parse};
use crate::flow::{Role, patterns};
use crate::language::Language;

/// Rules in Semgrep's own words, and those that have none.
#[derive(Clone, Debug, Default)]
pub struct Export {
    /// A rule file.
    pub yaml: String,
    /// How many rules are in it.
    pub rules: usize,
    /// Each rule that is not, with the reason.
    pub left_out: Vec<(String, String)>,
}

/// Writes rules so that Semgrep can load them. `models` are the team's own.
pub fn export(files: &[RuleFile], models: &[RuleFile]) -> Export {
    let mut all: Vec<RuleFile> =
        MODELS.iter().map(|(name, text)| RuleFile { path: name.into(), text: (*text).to_owned() }).collect();
    all.extend(models.iter().cloned());
    let mut out = Export { yaml: "rules:\n".to_owned(), ..Export::default() };
    for file in files {
        let Ok(yaml) = parse(&file.text) else { continue };
        for rule in yaml.get("rules").and_then(Yaml::items).unwrap_or_default() {
            let id = rule.get("id").and_then(Yaml::text).unwrap_or("?").to_owned();
            match plain(rule, &all) {
                Ok(rule) => {
                    out.yaml.push_str("- ");
                    write(&rule, 2, &mut out.yaml);
                    out.rules += 1;
                }
                Err(reason) => out.left_out.push((id, reason)),
            }
        }
    }
    if out.rules == 0 {
        out.yaml = "rules: []\n".to_owned();
    }
    out
}

fn plain(rule: &Yaml, models: &[RuleFile]) -> Result<Yaml, String> {
    let names = rule.get("languages").and_then(Yaml::texts).unwrap_or_default();
    let languages: Vec<Language> = names.iter().filter_map(|name| name.parse().ok()).collect();
    if let Some(template) =
        languages.iter().find(|language| language.is_template() && **language != Language::Vue)
    {
        return Err(format!("Semgrep does not read {template}"));
    }
    if let Some(model) = rule.get("model").and_then(Yaml::text).filter(|model| ANALYSES.contains(model)) {
        return Err(format!("`{model}` is an analysis and no pattern"));
    }
    let mut entries = Vec::new();
    let sink_kinds: Vec<&str> =
        marks(rule, "pattern-sinks").filter_map(|mark| mark.get("model")?.text()).collect();
    for (key, value) in rule.entries().unwrap_or_default() {
        let role = match key.text() {
            Some("pattern-sources") => Some(Role::Source),
            Some("pattern-sinks") => Some(Role::Sink),
            Some("pattern-sanitizers") => Some(Role::Sanitizer),
            _ => None,
        };
        let value = match role {
            Some(role) => expanded(value, role, &languages, models)?,
            None => value.clone(),
        };
        entries.push((key.clone(), value));
    }
    // Models make some values safe without the rule saying so.
    if !sink_kinds.is_empty() && rule.get("pattern-sanitizers").is_none() {
        let language = languages.first().copied();
        let safe: Vec<Yaml> = language
            .into_iter()
            .flat_map(|language| sink_kinds.iter().map(move |kind| (language, *kind)))
            .flat_map(|(language, kind)| patterns(models, kind, Role::Sanitizer, language))
            .collect();
        if !safe.is_empty() {
            entries.push((Yaml::scalar("pattern-sanitizers"), Yaml::list(safe)));
        }
    }
    Ok(Yaml { at: rule.at, value: Value::Map(entries) })
}

fn marks<'y>(rule: &'y Yaml, key: &str) -> impl Iterator<Item = &'y Yaml> {
    rule.get(key).and_then(Yaml::items).unwrap_or_default().iter()
}

fn expanded(list: &Yaml, role: Role, languages: &[Language], models: &[RuleFile]) -> Result<Yaml, String> {
    let mut out = Vec::new();
    for mark in list.items().unwrap_or_default() {
        let Some(kind) = mark.get("model").and_then(Yaml::text) else {
            out.push(mark.clone());
            continue;
        };
        let language = languages.first().copied().ok_or("it names no language")?;
        let made = patterns(models, kind, role, language);
        if made.is_empty() {
            return Err(format!("no pattern says what `{kind}` is"));
        }
        out.extend(made);
    }
    Ok(Yaml::list(out))
}

impl Yaml {
    /// A text.
    pub fn scalar(text: &str) -> Yaml {
        Yaml { at: Place::default(), value: Value::Scalar { text: text.to_owned(), plain: false } }
    }

    /// A list.
    pub fn list(items: Vec<Yaml>) -> Yaml {
        Yaml { at: Place::default(), value: Value::List(items) }
    }

    /// A mapping.
    pub fn map(entries: Vec<(&str, Yaml)>) -> Yaml {
        let entries = entries.into_iter().map(|(key, value)| (Yaml::scalar(key), value)).collect();
        Yaml { at: Place::default(), value: Value::Map(entries) }
    }
}

/// Writes a value whose first line has been begun, at that indentation. Rule files are as deep as their reader
/// lets them be.
fn write(yaml: &Yaml, indent: usize, out: &mut String) {
    match &yaml.value {
        Value::Scalar { text, plain } => {
            let is_typed = *plain && (yaml.bool().is_some() || text.parse::<f64>().is_ok());
            // JSON's quotes are YAML's.
            let quoted = serde_json::to_string(text).unwrap_or_default();
            let _ = writeln!(out, "{}", if is_typed { text } else { &quoted });
        }
        Value::List(items) if items.is_empty() => out.push_str("[]\n"),
        Value::Map(entries) if entries.is_empty() => out.push_str("{}\n"),
        Value::List(items) => {
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    let _ = write!(out, "{:indent$}", "");
                }
                out.push_str("- ");
                write(item, indent + 2, out);
            }
        }
        Value::Map(entries) => {
            for (number, (key, value)) in entries.iter().enumerate() {
                if number > 0 {
                    let _ = write!(out, "{:indent$}", "");
                }
                let _ = write!(out, "{}:", key.text().unwrap_or("?"));
                let is_nested = match &value.value {
                    Value::Scalar { .. } => false,
                    Value::List(items) => !items.is_empty(),
                    Value::Map(entries) => !entries.is_empty(),
                };
                if is_nested {
                    let _ = write!(out, "\n{:1$}", "", indent + 2);
                } else {
                    out.push(' ');
                }
                write(value, indent + 2, out);
            }
        }
    }
}
