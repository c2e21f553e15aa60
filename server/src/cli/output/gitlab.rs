//! `--format gitlab`: GitLab's SAST report, version 15.

use std::io;

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use squire_rules::{Confidence, Severity};

use super::{Entry, FileReport, Reporter, Summary};

pub struct Gitlab {
    started: Timestamp,
    vulnerabilities: Vec<Value>,
}

impl Gitlab {
    pub fn new() -> Gitlab {
        Gitlab { started: Timestamp::now(), vulnerabilities: Vec::new() }
    }
}

impl Reporter for Gitlab {
    fn file(&mut self, _: &mut dyn io::Write, file: &FileReport) -> io::Result<()> {
        let path = file.path.to_string_lossy();
        let open = file.entries.iter().filter(|entry| entry.suppressed.is_none());
        self.vulnerabilities.extend(open.map(|entry| vulnerability(&path, entry)));
        Ok(())
    }

    fn end(&mut self, out: &mut dyn io::Write, summary: &Summary<'_>) -> io::Result<()> {
        let tool = json!({
            "id": "squire",
            "name": "Squire",
            "version": env!("CARGO_PKG_VERSION"),
            "vendor": {"name": "Squire"},
        });
        let messages = summary.problems.iter().map(|problem| {
            json!({"level": "warn", "value": format!("{}: {}", problem.path.display(), problem.message)})
        });
        let report = json!({
            "version": "15.0.7",
            "scan": {
                "type": "sast",
                "status": "success",
                "start_time": seconds(self.started),
                "end_time": seconds(Timestamp::now()),
                "analyzer": tool,
                "scanner": tool,
                "messages": messages.collect::<Vec<_>>(),
            },
            "vulnerabilities": std::mem::take(&mut self.vulnerabilities),
        });
        serde_json::to_writer_pretty(&mut *out, &report)?;
        writeln!(out)
    }
}

/// GitLab wants the time of day without fractions and without a zone.
fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

fn vulnerability(path: &str, entry: &Entry) -> Value {
    let mut identifiers = vec![json!({
        "type": "squire_rule_id",
        "name": format!("Squire {}", entry.rule.id),
        "value": entry.rule.id,
    })];
    identifiers.extend(entry.rule.cwe.iter().filter_map(|cwe| {
        let number = super::sarif::cwe_number(cwe)?;
        Some(json!({
            "type": "cwe",
            "name": format!("CWE-{number}"),
            "value": number.to_string(),
            "url": format!("https://cwe.mitre.org/data/definitions/{number}.html"),
        }))
    }));
    json!({
        "id": uuid(&format!("{path}\0{}\0{}\0{}", entry.rule.id, entry.fingerprint, entry.start.offset)),
        "name": entry.message.split(". ").next().unwrap_or_default().chars().take(255).collect::<String>(),
        "description": entry.message,
        "severity": match (entry.severity, entry.confidence) {
            (Severity::Error, _) => "High",
            (Severity::Warning, _) => "Medium",
            (Severity::Info, Confidence::Low) => "Info",
            (Severity::Info, _) => "Low",
        },
        "location": {"file": path, "start_line": entry.start.line, "end_line": entry.end.line},
        "identifiers": identifiers,
        "links": entry.rule.references.iter().map(|url| json!({"url": url})).collect::<Vec<_>>(),
    })
}

/// The same finding has the same id in every run.
fn uuid(seed: &str) -> String {
    let hex: String = Sha256::digest(seed).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
