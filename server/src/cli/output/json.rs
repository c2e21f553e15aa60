//! `--format json`: one object, whose shape is a promise.

use std::io;

use serde_json::{Value, json};
use squire_rules::{FixStatus, Rule};

use super::{Entry, FileReport, Place, Reporter, Summary};
use crate::cli::analysis::{Problem, ProblemKind};
use crate::cli::arguments::{confidence_name, severity_name};
use crate::workspace::{Suppressed, suppressions::Suppression};

#[derive(Default)]
pub struct Json {
    results: Vec<Value>,
}

impl Reporter for Json {
    fn file(&mut self, _: &mut dyn io::Write, file: &FileReport) -> io::Result<()> {
        let path = file.path.to_string_lossy();
        self.results.extend(file.entries.iter().map(|entry| result(&path, entry)));
        Ok(())
    }

    fn end(&mut self, out: &mut dyn io::Write, summary: &Summary<'_>) -> io::Result<()> {
        let report = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "results": std::mem::take(&mut self.results),
            "errors": summary.problems.iter().map(error).collect::<Vec<_>>(),
            "stats": summary.stats,
        });
        serde_json::to_writer(&mut *out, &report)?;
        writeln!(out)
    }
}

fn result(path: &str, entry: &Entry) -> Value {
    json!({
        "rule_id": entry.rule.id,
        "path": path,
        "start": entry.start,
        "end": entry.end,
        "message": entry.message,
        "severity": severity_name(entry.severity),
        "confidence": confidence_name(entry.confidence),
        "cwe": entry.rule.cwe,
        "owasp": entry.rule.owasp,
        "lesson": entry.rule.lesson,
        "fingerprint": entry.fingerprint,
        "trace": entry.trace.iter().map(|step| json!({
            "path": step.path.to_string_lossy(), "start": step.start, "end": step.end, "note": step.note,
        })).collect::<Vec<_>>(),
        "fix": entry.fix.as_ref().map(|fix| json!({
            "title": fix.title,
            "safe": fix.safe,
            "edits": fix.edits.iter().map(|edit| edit_json(path, &edit.start, &edit.end, &edit.text)).collect::<Vec<_>>(),
        })),
        "suppressed": entry.suppressed.as_ref().map(suppressed),
    })
}

fn edit_json(path: &str, start: &Place, end: &Place, text: &str) -> Value {
    json!({"path": path, "start": start, "end": end, "text": text})
}

/// `null` for an open finding, so that the field reads as a truth value too.
fn suppressed(suppressed: &Suppressed) -> Value {
    match suppressed {
        Suppressed::Baseline => json!({"by": "baseline", "reason": suppressed.justification()}),
        Suppressed::Comment(Suppression { owner, until, .. }) => json!({
            "by": "comment",
            "reason": suppressed.justification(),
            "owner": owner,
            "until": until.map(|date| date.to_string()),
        }),
    }
}

fn error(problem: &Problem) -> Value {
    let kind = match problem.kind {
        ProblemKind::Rule => "rule",
        ProblemKind::MissingTarget | ProblemKind::Target => "target",
        ProblemKind::Timeout => "timeout",
        ProblemKind::Failed | ProblemKind::Note => "other",
    };
    json!({
        "kind": kind,
        "rule_id": problem.rule_id,
        "path": problem.path.to_string_lossy(),
        "message": problem.message,
    })
}

/// One rule as `squire rules list --format json` shows it.
pub fn rule_json(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "languages": rule.languages.iter().map(|language| language.name()).collect::<Vec<_>>(),
        "severity": severity_name(rule.severity),
        "confidence": confidence_name(rule.confidence),
        "cwe": rule.cwe,
        "owasp": rule.owasp,
        "lesson": rule.lesson,
        "fix": match rule.fix_status {
            FixStatus::Safe => "safe",
            FixStatus::Unsafe => "unsafe",
            FixStatus::Infeasible(_) => "infeasible",
        },
        "pack": rule.pack,
    })
}
