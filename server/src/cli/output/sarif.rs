//! `--format sarif`: SARIF 2.1.0 (OASIS), with what GitHub code scanning reads besides.

use std::io;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use squire_rules::{Confidence, Rule, Severity};
use url::Url;

use super::{Entry, FileReport, FixEntry, Place, Reporter, Summary};
use crate::cli::analysis::{Problem, ProblemKind};
use crate::workspace::{Suppressed, suppressions};

#[derive(Default)]
pub struct Sarif {
    results: Vec<(Arc<Rule>, Value)>,
}

impl Reporter for Sarif {
    fn file(&mut self, _: &mut dyn io::Write, file: &FileReport) -> io::Result<()> {
        let location = artifact(&file.path);
        let results = file.entries.iter().map(|entry| (entry.rule.clone(), result(&location, entry)));
        self.results.extend(results);
        Ok(())
    }

    fn end(&mut self, out: &mut dyn io::Write, summary: &Summary<'_>) -> io::Result<()> {
        let mut rules: Vec<Arc<Rule>> = summary.rules.rules().to_vec();
        rules.extend(suppressions::own_rules().iter().cloned());
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        let mut results = Vec::with_capacity(self.results.len());
        for (rule, mut result) in self.results.drain(..) {
            if let Ok(index) = rules.binary_search_by(|other| other.id.cmp(&rule.id)) {
                result["ruleIndex"] = json!(index);
            }
            results.push(result);
        }
        let (of_rules, of_files): (Vec<_>, Vec<_>) =
            summary.problems.iter().partition(|problem| problem.kind == ProblemKind::Rule);
        let mut run = json!({
            "tool": {"driver": {
                "name": "Squire",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": summary.problems.iter().all(|problem| problem.kind == ProblemKind::Note),
                "toolExecutionNotifications": of_files.into_iter().map(notification).collect::<Vec<_>>(),
                "toolConfigurationNotifications": of_rules.into_iter().map(notification).collect::<Vec<_>>(),
            }],
            "results": results,
        });
        if let Ok(folder) = Url::from_directory_path(summary.folder) {
            run["originalUriBaseIds"] = json!({"%SRCROOT%": {"uri": folder.as_str()}});
        }
        let log = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [run],
        });
        serde_json::to_writer_pretty(&mut *out, &log)?;
        writeln!(out)
    }
}

fn descriptor(rule: &Rule) -> Value {
    let mut tags = vec!["security".to_owned()];
    tags.extend(
        rule.cwe
            .iter()
            .filter_map(|cwe| cwe_number(cwe))
            .map(|number| format!("external/cwe/cwe-{number:03}")),
    );
    tags.extend(rule.technology.iter().cloned());
    let tags: Vec<String> = unique(tags);
    let mut made = json!({
        "id": rule.id,
        "name": pascal(&rule.id),
        "shortDescription": {"text": short(&rule.message)},
        "fullDescription": {"text": non_empty(&rule.message)},
        "help": {"text": help(rule, false), "markdown": help(rule, true)},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {
            "tags": tags,
            "precision": precision(rule.confidence),
            "problem.severity": problem_severity(rule.severity),
            "security-severity": security_severity(rule),
        },
    });
    if let Some(uri) = rule.references.iter().find(|uri| Url::parse(uri).is_ok()) {
        made["helpUri"] = json!(uri);
    }
    made
}

fn result(location: &Value, entry: &Entry) -> Value {
    let mut made = json!({
        "ruleId": entry.rule.id,
        "level": level(entry.severity),
        "message": {"text": non_empty(&entry.message)},
        "locations": [{"physicalLocation": {"artifactLocation": location, "region": region(entry.start, entry.end)}}],
        "partialFingerprints": {"squireFingerprint/v1": entry.fingerprint},
        "properties": {"confidence": precision(entry.confidence), "lesson": entry.rule.lesson},
    });
    if !entry.trace.is_empty() {
        let steps = entry.trace.iter().map(|step| {
            json!({"location": {
                "physicalLocation": {"artifactLocation": artifact(&step.path), "region": region(step.start, step.end)},
                "message": {"text": non_empty(&step.note)},
            }})
        });
        made["codeFlows"] = json!([{"threadFlows": [{"locations": steps.collect::<Vec<_>>()}]}]);
    }
    if let Some(fix) = &entry.fix {
        made["fixes"] = json!([fix_json(location, fix)]);
    }
    if let Some(suppressed) = &entry.suppressed {
        let kind = match suppressed {
            Suppressed::Comment(_) => "inSource",
            Suppressed::Baseline => "external",
        };
        made["suppressions"] =
            json!([{"kind": kind, "status": "accepted", "justification": suppressed.justification()}]);
    }
    made
}

fn fix_json(location: &Value, fix: &FixEntry) -> Value {
    let replacements = fix.edits.iter().map(
        |edit| json!({"deletedRegion": region(edit.start, edit.end), "insertedContent": {"text": edit.text}}),
    );
    json!({
        "description": {"text": fix.title},
        "artifactChanges": [{"artifactLocation": location, "replacements": replacements.collect::<Vec<_>>()}],
    })
}

fn notification(problem: &Problem) -> Value {
    let mut made = Map::new();
    let level = if problem.kind == ProblemKind::Note { "note" } else { "error" };
    made.insert("level".into(), json!(level));
    made.insert("message".into(), json!({"text": problem.message}));
    if !problem.path.as_os_str().is_empty() {
        let location = json!([{"physicalLocation": {"artifactLocation": artifact(&problem.path)}}]);
        made.insert("locations".into(), location);
    }
    if let Some(rule) = &problem.rule_id {
        made.insert("properties".into(), json!({"rule": rule}));
    }
    Value::Object(made)
}

fn region(start: Place, end: Place) -> Value {
    json!({"startLine": start.line, "startColumn": start.col, "endLine": end.line, "endColumn": end.col})
}

/// Relative paths are relative to the root of the run; a URI escapes what a path may hold.
fn artifact(path: &Path) -> Value {
    if path.is_absolute() {
        let uri = Url::from_file_path(path).map(String::from).unwrap_or_default();
        return json!({"uri": uri});
    }
    // The parser of URLs knows what to escape, but also removes what it takes for its own syntax.
    let parts = path.components().map(|part| {
        let part = part.as_os_str().to_string_lossy();
        let mut url = Url::parse("file:///").ok();
        if let Some(Ok(mut segments)) = url.as_mut().map(Url::path_segments_mut) {
            segments.push(&part);
        }
        let escaped = url.map(|url| url.path().trim_start_matches('/').to_owned()).unwrap_or_default();
        if escaped.is_empty() { part.into_owned() } else { escaped.replace(':', "%3A") }
    });
    json!({"uri": parts.collect::<Vec<_>>().join("/"), "uriBaseId": "%SRCROOT%"})
}

/// The page of a rule: the message, the weakness, where to learn, further reading.
fn help(rule: &Rule, markdown: bool) -> String {
    let mut text = non_empty(&rule.message);
    for weakness in rule.cwe.iter().chain(&rule.owasp) {
        text += &format!("\n\n{}{weakness}", if markdown { "**Weakness** " } else { "Weakness: " });
    }
    if let Some(lesson) = &rule.lesson {
        text += &match markdown {
            true => format!("\n\n**Lesson** `squire lesson start {lesson}`"),
            false => format!("\n\nLesson: squire lesson start {lesson}"),
        };
    }
    for link in &rule.references {
        text += &if markdown { format!("\n\n- <{link}>") } else { format!("\n\n{link}") };
    }
    text
}

/// `CWE-89: Improper …` is 89.
pub fn cwe_number(cwe: &str) -> Option<u32> {
    let digits = cwe.trim().strip_prefix("CWE-")?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn problem_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "recommendation",
    }
}

fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}

/// GitHub reads above 9.0 as critical, from 7.0 as high, from 4.0 as medium.
fn security_severity(rule: &Rule) -> &'static str {
    match (rule.severity, rule.confidence) {
        (Severity::Error, Confidence::High) => "8.8",
        (Severity::Error, _) => "7.5",
        (Severity::Warning, _) => "5.5",
        (Severity::Info, _) => "2.5",
    }
}

fn pascal(id: &str) -> String {
    let words = id.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let mut chars = word.chars();
            chars
                .next()
                .map(|first| first.to_uppercase().chain(chars).collect::<String>())
                .unwrap_or_default()
        })
        .collect()
}

fn short(message: &str) -> String {
    non_empty(message.split(". ").next().unwrap_or_default())
}

/// The schema allows an empty text; readers do not.
fn non_empty(text: &str) -> String {
    if text.trim().is_empty() { "(no message)".to_owned() } else { text.to_owned() }
}

fn unique(tags: Vec<String>) -> Vec<String> {
    let mut seen = Vec::new();
    for tag in tags {
        if !seen.contains(&tag) {
            seen.push(tag);
        }
    }
    seen
}
