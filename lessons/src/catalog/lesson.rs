//! One lesson: what `lesson.md` says, and its exercises.

use std::collections::BTreeMap;
use std::path::Path;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use serde::{Deserialize, Serialize};
use squire_rules::Language;

use super::{Exercise, Files, LessonError};

/// One lesson.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// Unique; the name of its folder and of `metadata.lesson` in rules.
    pub id: String,
    /// E.g. "SQL injection".
    pub title: String,
    /// How long it takes.
    pub minutes: u32,
    /// How hard it is.
    pub level: Level,
    /// E.g. `CWE-89`.
    pub cwe: Vec<String>,
    /// E.g. `A03:2021`.
    pub owasp: Vec<String>,
    /// The rules whose findings it explains: those of its front matter and of its exercises, sorted.
    pub rules: Vec<String>,
    /// The roles it is for.
    pub tracks: Vec<String>,
    /// Lessons to take before.
    pub prerequisites: Vec<String>,
    /// The design principle it shows, e.g. `least-privilege`.
    pub principle: String,
    body: String,
    exercises: Vec<Exercise>,
}

/// How hard a lesson is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// One function.
    Basic,
    /// A framework and several files.
    Applied,
    /// Several services and weak points, one exploit.
    Chain,
}

/// A part of a lesson under one second-level heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Plain text, e.g. "See the attack".
    pub title: String,
    /// Markdown, without the heading.
    pub markdown: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    id: String,
    title: String,
    minutes: u32,
    level: Level,
    #[serde(default)]
    cwe: Vec<String>,
    #[serde(default)]
    owasp: Vec<String>,
    #[serde(default)]
    rules: Vec<String>,
    #[serde(default)]
    tracks: Vec<String>,
    #[serde(default)]
    prerequisites: Vec<String>,
    principle: String,
}

const PRINCIPLES: [&str; 6] = [
    "least-privilege",
    "defense-in-depth",
    "fail-securely",
    "secure-defaults",
    "minimise-attack-surface",
    "separation-of-concerns",
];

impl Lesson {
    /// The exercises, in order of their folders' names.
    pub fn exercises(&self) -> &[Exercise] {
        &self.exercises
    }

    /// The exercise in that language.
    pub fn exercise(&self, language: Language) -> Option<&Exercise> {
        self.exercises.iter().find(|exercise| exercise.language == language)
    }

    /// The whole text as Markdown, without front matter.
    pub fn markdown(&self) -> &str {
        &self.body
    }

    /// The text by second-level headings; what stands before the first one has an empty title.
    pub fn sections(&self) -> Vec<Section> {
        sections(&self.body)
    }

    /// The whole text as an HTML fragment. Raw HTML inside the Markdown is shown as text: a lesson on
    /// cross-site scripting quotes a lot of it, and a team's lesson is not trusted to run any.
    pub fn html(&self) -> String {
        let events = parser(&self.body).map(|event| match event {
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            other => other,
        });
        let mut html = String::with_capacity(self.body.len() * 2);
        pulldown_cmark::html::push_html(&mut html, events);
        html
    }

    /// The whole text for a terminal: no colours, paragraphs on one line each, code indented.
    pub fn plain(&self) -> String {
        plain(&self.body)
    }

    /// Reads a lesson's folder. What is wrong with single exercises is returned beside the lesson.
    pub(super) fn read(
        id: &str,
        folder: &Path,
        mut files: Files,
    ) -> Result<(Lesson, Vec<LessonError>), LessonError> {
        let path = folder.join("lesson.md");
        let text = files
            .remove("lesson.md")
            .ok_or_else(|| LessonError::new(&path, 1, "a lesson needs a lesson.md"))?;
        let (front, body) = front_matter(&path, &text)?;
        if front.id != id {
            let message = format!("the id `{}` is not the folder's name `{id}`", front.id);
            return Err(LessonError::new(&path, 2, message));
        }
        if !PRINCIPLES.contains(&front.principle.as_str()) {
            let message =
                format!("unknown principle `{}`; it is one of {}", front.principle, PRINCIPLES.join(", "));
            return Err(LessonError::new(&path, 2, message));
        }
        let (exercises, errors) = read_exercises(id, folder, files);
        let mut rules = front.rules;
        rules.extend(exercises.iter().flat_map(|exercise| exercise.rules.iter().cloned()));
        rules.sort();
        rules.dedup();
        let lesson = Lesson {
            id: front.id,
            title: front.title,
            minutes: front.minutes,
            level: front.level,
            cwe: front.cwe,
            owasp: front.owasp,
            rules,
            tracks: front.tracks,
            prerequisites: front.prerequisites,
            principle: front.principle,
            body: body.to_owned(),
            exercises,
        };
        Ok((lesson, errors))
    }
}

fn read_exercises(lesson: &str, folder: &Path, files: Files) -> (Vec<Exercise>, Vec<LessonError>) {
    let mut folders: BTreeMap<String, Files> = BTreeMap::new();
    for (name, text) in files {
        if let Some((exercise, rest)) = name.split_once('/') {
            folders.entry(exercise.to_owned()).or_default().insert(rest.to_owned(), text);
        }
    }
    let (mut exercises, mut errors) = (Vec::new(), Vec::new());
    for (name, files) in folders {
        match Exercise::read(lesson, &folder.join(&name), files) {
            Ok(exercise) => exercises.push(exercise),
            Err(error) => errors.push(error),
        }
    }
    (exercises, errors)
}

/// The YAML between two `---` lines at the top, and the rest.
fn front_matter<'t>(path: &Path, text: &'t str) -> Result<(FrontMatter, &'t str), LessonError> {
    let missing = || LessonError::new(path, 1, "a lesson starts with front matter between two lines `---`");
    let rest = text.strip_prefix("---").ok_or_else(missing)?;
    let rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')).ok_or_else(missing)?;
    let mut end = 0;
    let close = rest.split_inclusive('\n').find(|line| {
        let found = line.trim_end() == "---";
        if !found {
            end += line.len();
        }
        found
    });
    let close = close.ok_or_else(missing)?;
    let front = serde_saphyr::from_str(&rest[..end]).map_err(|error| {
        // One line of `---` stands before the YAML.
        let line = error.location().map_or(1, |location| location.line() as usize + 1);
        let message = error.to_string();
        LessonError::new(path, line, message.lines().next().unwrap_or_default())
    })?;
    Ok((front, rest[end + close.len()..].trim_start_matches(['\r', '\n'])))
}

fn parser(markdown: &str) -> Parser<'_> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

/// The text by second-level headings; what stands before the first one has an empty title.
pub(super) fn sections(markdown: &str) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut title = String::new();
    let mut start = 0;
    for (heading, name) in headings(markdown) {
        sections.push(section(&title, &markdown[start..heading.start]));
        (title, start) = (name, heading.end);
    }
    sections.push(section(&title, &markdown[start..]));
    sections.retain(|section| !section.title.is_empty() || !section.markdown.is_empty());
    sections
}

/// Byte range and plain text of each second-level heading.
fn headings(markdown: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let mut headings = Vec::new();
    let mut open = None;
    for (event, range) in parser(markdown).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => open = Some((range, String::new())),
            Event::End(TagEnd::Heading(HeadingLevel::H2)) => headings.extend(open.take()),
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, title)) = &mut open {
                    title.push_str(&text);
                }
            }
            _ => {}
        }
    }
    headings
}

fn section(title: &str, markdown: &str) -> Section {
    Section { title: title.to_owned(), markdown: markdown.trim().to_owned() }
}

/// Markdown as text for a terminal.
pub(crate) fn plain(markdown: &str) -> String {
    let mut out = String::new();
    let mut in_code = false;
    let mut lists: Vec<Option<u64>> = Vec::new();
    let mut links: Vec<String> = Vec::new();
    for event in parser(markdown) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => {
                in_code = false;
                out.push('\n');
            }
            Event::Start(Tag::Heading { level, .. }) => {
                out.push_str(if level == HeadingLevel::H1 { "" } else { "\n" });
            }
            Event::End(TagEnd::Heading(_) | TagEnd::Paragraph) => out.push_str("\n\n"),
            Event::Start(Tag::List(first)) => lists.push(first),
            Event::End(TagEnd::List(_)) => {
                lists.pop();
                out.push('\n');
            }
            Event::Start(Tag::Item) => {
                out.push_str(&"  ".repeat(lists.len().saturating_sub(1)));
                match lists.last_mut() {
                    Some(Some(number)) => {
                        out.push_str(&format!("{number}. "));
                        *number += 1;
                    }
                    _ => out.push_str("- "),
                }
            }
            Event::End(TagEnd::Item | TagEnd::TableHead | TagEnd::TableRow) if !out.ends_with('\n') => {
                out.push('\n');
            }
            Event::End(TagEnd::TableCell) => out.push_str("  "),
            Event::Start(Tag::Link { dest_url, .. }) => links.push(dest_url.into_string()),
            Event::End(TagEnd::Link) => {
                let url = links.pop().unwrap_or_default();
                if !out.ends_with(&url) {
                    out.push_str(&format!(" <{url}>"));
                }
            }
            Event::Text(text) if in_code => {
                for line in text.lines() {
                    out.push_str(&format!("    {line}\n"));
                }
            }
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                out.push_str(&text);
            }
            Event::SoftBreak => out.push(' '),
            Event::HardBreak => out.push('\n'),
            Event::Rule => out.push_str("----\n\n"),
            _ => {}
        }
    }
    let mut plain = out.trim().to_owned();
    while plain.contains("\n\n\n") {
        plain = plain.replace("\n\n\n", "\n\n");
    }
    plain.push('\n');
    plain
}
