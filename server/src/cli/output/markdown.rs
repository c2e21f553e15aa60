//! `--format markdown`: a section that can stand in a review comment.

use std::io;

use super::{Entry, FileReport, Reporter, Style, Summary};
use crate::cli::arguments::severity_name;

pub struct Markdown {
    style: Style,
    rows: Vec<String>,
    details: Vec<String>,
}

impl Markdown {
    pub fn new(style: Style) -> Markdown {
        Markdown { style, rows: Vec::new(), details: Vec::new() }
    }
}

impl Reporter for Markdown {
    fn file(&mut self, _: &mut dyn io::Write, file: &FileReport) -> io::Result<()> {
        let path = file.path.to_string_lossy();
        for entry in file.entries.iter().filter(|entry| entry.suppressed.is_none()) {
            let place = format!("{path}:{}", entry.start.line);
            self.rows.push(format!(
                "| {} | {} | {} | {} | {} |",
                severity_name(entry.severity),
                code(&place),
                message(&entry.message),
                code(&entry.rule.id),
                entry.rule.lesson.as_deref().map(code).unwrap_or_default(),
            ));
            if self.style.explain {
                self.details.push(detail(&place, entry));
            }
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn io::Write, summary: &Summary<'_>) -> io::Result<()> {
        let stats = summary.stats;
        writeln!(out, "## Squire: {}\n", super::text::count(self.rows.len(), "finding"))?;
        if !self.rows.is_empty() {
            writeln!(out, "| Severity | Where | What | Rule | Lesson |\n|---|---|---|---|---|")?;
            for row in &self.rows {
                writeln!(out, "{row}")?;
            }
            writeln!(out)?;
        }
        for detail in &self.details {
            writeln!(out, "{detail}")?;
        }
        for problem in summary.problems {
            let path = code(&problem.path.to_string_lossy());
            writeln!(out, "- Not analysed: {path} {}", message(&problem.message))?;
        }
        writeln!(
            out,
            "{} scanned with {}, {} accepted.",
            super::text::count(stats.files, "file"),
            super::text::count(stats.rules, "rule"),
            stats.suppressed
        )
    }
}

fn detail(place: &str, entry: &Entry) -> String {
    let mut text = format!("<details><summary>{} at {}</summary>\n\n", html(&entry.rule.id), html(place));
    for cwe in &entry.rule.cwe {
        text += &format!("{}\n\n", message(cwe));
    }
    for (number, step) in entry.trace.iter().enumerate() {
        let at = format!("{}:{}", step.path.display(), step.start.line);
        text += &format!("{}. {}: {}\n", number + 1, code(&at), message(&step.note));
    }
    if let Some(fix) = &entry.fix {
        text += &format!("\nFix: {}\n", message(&fix.title));
    }
    text + "\n</details>\n"
}

/// Backticks of a message stay code; everything else is plain text.
fn message(text: &str) -> String {
    let pieces = text.split('`').enumerate().map(|(at, piece)| match at % 2 {
        0 => html(piece).replace('|', "\\|").replace('*', "\\*").replace('_', "\\_").replace('[', "\\["),
        _ => code(piece),
    });
    pieces.collect::<Vec<_>>().concat()
}

fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("<code>{}</code>", html(text).replace('|', "&#124;").replace('*', "&#42;").replace('_', "&#95;"))
}

fn html(text: &str) -> String {
    super::printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
