//! `--format github`: workflow commands, which GitHub shows as annotations of the changed lines.

use std::io;

use squire_rules::Severity;

use super::{FileReport, Reporter, Summary};

pub struct Github;

impl Reporter for Github {
    fn file(&mut self, out: &mut dyn io::Write, file: &FileReport) -> io::Result<()> {
        let path = property(&file.path.to_string_lossy());
        for entry in file.entries.iter().filter(|entry| entry.suppressed.is_none()) {
            let command = match entry.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "notice",
            };
            let (start, end) = (entry.start, entry.end);
            write!(out, "::{command} title={},file={path},line={}", property(&entry.rule.id), start.line)?;
            // GitHub refuses columns of a range that spans lines.
            if start.line == end.line {
                write!(out, ",col={},endColumn={}", start.col, end.col)?;
            } else {
                write!(out, ",endLine={}", end.line)?;
            }
            writeln!(out, "::{}", data(&entry.message))?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn io::Write, summary: &Summary<'_>) -> io::Result<()> {
        for problem in summary.problems {
            let path = problem.path.to_string_lossy();
            writeln!(out, "::warning title=squire,file={}::{}", property(&path), data(&problem.message))?;
        }
        Ok(())
    }
}

fn data(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() && !matches!(c, '\n' | '\r') { '\u{fffd}' } else { c })
        .collect();
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
