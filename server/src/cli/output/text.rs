//! `--format text`: for people in a terminal.

use std::io;
use std::ops::Range;
use std::path::Path;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet};
use ropey::Rope;
use squire_rules::Severity;

use super::{Entry, FileReport, FixEntry, Place, Reporter, StepEntry, Style, Summary, printable};

pub struct Text {
    style: Style,
    renderer: Renderer,
}

/// A piece of source longer than this, in bytes, is not shown whole.
const LONG: usize = 2000;

impl Text {
    pub fn new(style: Style) -> Text {
        let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
        Text { style, renderer: renderer.term_width(style.width.unwrap_or(140)) }
    }
}

impl Reporter for Text {
    fn file(&mut self, out: &mut dyn io::Write, file: &FileReport) -> io::Result<()> {
        for entry in file.entries.iter().filter(|entry| entry.suppressed.is_none()) {
            writeln!(out, "{}\n", self.render(file, entry))?;
        }
        // Somebody may be watching.
        out.flush()
    }

    /// How it went stands on standard error, where it does not mix with what may be piped.
    fn end(&mut self, out: &mut dyn io::Write, _: &Summary<'_>) -> io::Result<()> {
        out.flush()
    }
}

impl Text {
    fn render(&self, file: &FileReport, entry: &Entry) -> String {
        let level = match entry.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Info => Level::INFO,
        };
        let title = level.primary_title(printable(&entry.message)).id(printable(&entry.rule.id));
        let mut group = with_source(Group::with_title(title), file, entry);
        if self.style.explain {
            for text in entry.rule.cwe.iter().chain(&entry.rule.owasp) {
                group = group.element(Level::NOTE.message(printable(text)));
            }
        }
        if let Some(lesson) = &entry.rule.lesson {
            group = group
                .element(Level::HELP.message(format!("to learn: squire lesson start {}", printable(lesson))));
        }
        let mut groups = vec![group];
        if self.style.explain {
            groups.extend(flow(file, &entry.trace));
            groups.extend(entry.fix.as_ref().map(|fix| patch(file, fix)));
        }
        self.renderer.render(&groups)
    }
}

/// The lines of the finding, and where its value came from if that is near.
fn with_source<'a>(group: Group<'a>, file: &FileReport, entry: &Entry) -> Group<'a> {
    let range = entry.start.offset..entry.end.offset;
    let source = entry.trace.first().filter(|step| step.path == file.path && step.start < entry.start);
    let mut marks = vec![(range.clone(), None, AnnotationKind::Primary)];
    if let Some(step) = source.filter(|step| entry.start.line - step.start.line < 200) {
        marks.push((
            step.start.offset..step.end.offset,
            Some(printable(&step.note)),
            AnnotationKind::Context,
        ));
    }
    show(group, &file.path, &file.rope, marks, entry.start)
}

fn flow<'a>(file: &FileReport, trace: &[StepEntry]) -> Vec<Group<'a>> {
    let mut groups = Vec::new();
    for (number, step) in trace.iter().enumerate() {
        let title = Level::NOTE.secondary_title(format!("step {}: {}", number + 1, printable(&step.note)));
        let group = Group::with_title(title);
        groups.push(if step.path == file.path {
            let mark = (step.start.offset..step.end.offset, None, AnnotationKind::Primary);
            show(group, &file.path, &file.rope, vec![mark], step.start)
        } else {
            group.element(origin(&step.path, step.start))
        });
    }
    groups
}

/// The lines that change, as they are and as they would be.
fn patch<'a>(file: &FileReport, fix: &FixEntry) -> Group<'a> {
    let kind = if fix.safe { "fix" } else { "unsafe fix" };
    let group = Group::with_title(Level::HELP.secondary_title(format!("{kind}: {}", printable(&fix.title))));
    let (Some(first), Some(last)) = (fix.edits.first(), fix.edits.last()) else { return group };
    let start = file.rope.line_to_byte(first.start.line - 1);
    let end = file.rope.line_to_byte(last.end.line.min(file.rope.len_lines()));
    if (first.start.line..=last.end.line).any(|line| file.rope.line(line - 1).len_bytes() > LONG) {
        return group.element(origin(&file.path, first.start));
    }
    let patches = fix.edits.iter().map(|edit| {
        let lines: Vec<String> = edit.text.split('\n').map(printable).collect();
        Patch::new(edit.start.offset - start..edit.end.offset - start, lines.join("\n"))
    });
    let text = file.rope.byte_slice(start..end).to_string();
    let snippet =
        Snippet::source(text).line_start(first.start.line).path(printable(&file.path.to_string_lossy()));
    group.element(snippet.patches(patches.collect::<Vec<_>>()))
}

type Mark = (Range<usize>, Option<String>, AnnotationKind);

/// Shows the lines around the marks; of a very long line only the part around the first mark.
fn show<'a>(group: Group<'a>, path: &Path, rope: &Rope, marks: Vec<Mark>, at: Place) -> Group<'a> {
    let first = marks.iter().map(|(range, ..)| range.start).min().unwrap_or(0);
    let last = marks.iter().map(|(range, ..)| range.end).max().unwrap_or(0);
    let first_line = rope.byte_to_line(first.min(rope.len_bytes()));
    let last_line = rope.byte_to_line(last.min(rope.len_bytes()));
    let start = rope.line_to_byte(first_line);
    let end = rope.line_to_byte((last_line + 1).min(rope.len_lines()));
    let has_long_line = (first_line..=last_line).any(|line| rope.line(line).len_bytes() > LONG);
    if has_long_line {
        let (window, range) = window(rope, &marks[0].0);
        let mark = AnnotationKind::Primary.span(range);
        return group
            .element(origin(path, at))
            .element(Snippet::source(window).line_start(at.line).annotation(mark));
    }
    let text = rope.byte_slice(start..end).to_string();
    let annotations = marks.into_iter().map(|(range, label, kind)| -> Annotation<'a> {
        let span = range.start - start..range.end.max(range.start) - start;
        kind.span(span).label(label)
    });
    let snippet = Snippet::source(text).line_start(first_line + 1).path(printable(&path.to_string_lossy()));
    group.element(snippet.annotations(annotations.collect::<Vec<_>>()))
}

fn origin<'a>(path: &Path, at: Place) -> Origin<'a> {
    Origin::path(printable(&path.to_string_lossy())).line(at.line).char_column(at.col)
}

/// Some characters on both sides, on one line.
fn window(rope: &Rope, range: &Range<usize>) -> (String, Range<usize>) {
    let at = rope.byte_to_char(range.start.min(rope.len_bytes()));
    let end = rope.byte_to_char(range.end.min(rope.len_bytes())).min(at + 200);
    let line = rope.char_to_line(at);
    let from = at.saturating_sub(60).max(rope.line_to_char(line));
    let line_end = rope.line_to_char((line + 1).min(rope.len_lines()));
    let before: String = rope.slice(from..at).chars().collect();
    let inside: String = rope.slice(at..end.min(line_end)).chars().collect();
    let after: String = rope.slice(end.min(line_end)..(end + 60).min(line_end)).chars().collect();
    let mark = before.len()..before.len() + inside.len();
    (before + &inside + after.trim_end_matches(['\n', '\r']), mark)
}

/// `1 finding`, `2 findings`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
