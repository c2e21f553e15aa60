//! One exercise: a small vulnerable program, its tests, its attacks, and what is known about repairs.

use std::path::Path;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use squire_rules::Language;
use toml::Spanned;

use super::{Files, LessonError};

/// One exercise.
#[derive(Clone, Debug)]
pub struct Exercise {
    /// The lesson's id.
    pub lesson: String,
    /// Of the learner's file.
    pub language: Language,
    /// Whether and how it is executed.
    pub runtime: Runtime,
    /// The name of the learner's file, e.g. `app.js`.
    pub entry: String,
    /// The rules that fire on the shipped file and must be silent on the repair.
    pub rules: Vec<String>,
    /// From a question over a direction to the shape of the answer.
    pub hints: Vec<Hint>,
    /// Of one run, in milliseconds.
    pub time_ms: u64,
    /// Of one run, in MiB.
    pub memory_mb: u64,
    /// The repairs that fail although they tempt.
    pub wrong: Vec<WrongRepair>,
    pub(crate) shipped: String,
    pub(crate) solution: String,
    pub(crate) solution_name: String,
    pub(crate) tests: Script,
    pub(crate) attack: Script,
    /// What the program sees beside its own file.
    pub(crate) files: Files,
    pub(crate) keep: Vec<Shape>,
    pub(crate) reject: Vec<Shape>,
}

/// Where an exercise runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Runtime {
    /// Executed by QuickJS.
    JavaScript,
    /// Executed by CPython for WASI, where that is installed; analysed elsewhere.
    Python,
    /// Analysed by the rules, never executed.
    Analysed,
}

/// One hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The heading.
    pub title: String,
    /// Markdown.
    pub markdown: String,
}

/// A repair that tempts and fails.
#[derive(Clone, Debug)]
pub struct WrongRepair {
    /// E.g. `wrong/blocklist.js`.
    pub file: String,
    /// Why it fails, in one sentence.
    pub message: String,
    pub(crate) text: String,
    pub(crate) looks_like: Option<Regex>,
}

/// What a repair must or must not look like.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub regex: Regex,
    pub message: String,
}

/// Tests or attacks; both empty in an exercise that is only analysed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    pub name: String,
    pub text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    language: Spanned<String>,
    runtime: Runtime,
    entry: Spanned<String>,
    tests: Option<Spanned<String>>,
    attack: Option<Spanned<String>>,
    solution: Spanned<String>,
    hints: Option<Spanned<String>>,
    #[serde(default)]
    rules: Vec<String>,
    time_ms: Option<Spanned<u64>>,
    memory_mb: Option<Spanned<u64>>,
    #[serde(default)]
    files: Vec<Spanned<String>>,
    #[serde(default)]
    keep: Vec<ShapeEntry>,
    #[serde(default)]
    reject: Vec<ShapeEntry>,
    #[serde(default)]
    wrong: Vec<WrongEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShapeEntry {
    regex: Spanned<String>,
    message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrongEntry {
    file: Spanned<String>,
    message: String,
    looks_like: Option<Spanned<String>>,
}

impl Exercise {
    /// The program as the learner gets it.
    pub fn shipped(&self) -> &str {
        &self.shipped
    }

    /// One good repair: the learner's file as a whole.
    pub fn solution(&self) -> &str {
        &self.solution
    }

    /// Whether two exercises are the same one of the same lesson.
    pub fn is(&self, other: &Exercise) -> bool {
        self.lesson == other.lesson && self.language == other.language
    }

    pub(super) fn read(lesson: &str, folder: &Path, mut files: Files) -> Result<Exercise, LessonError> {
        let path = folder.join("exercise.toml");
        let text = files
            .remove("exercise.toml")
            .ok_or_else(|| LessonError::new(&path, 1, "an exercise needs an exercise.toml"))?;
        let manifest: Manifest =
            toml::from_str(&text).map_err(|error| LessonError::of_toml(&path, &text, &error))?;
        let reader = Reader { path: &path, text: &text, files: &files };
        let runtime = manifest.runtime;
        if runtime != Runtime::Analysed && (manifest.tests.is_none() || manifest.attack.is_none()) {
            let message = "an exercise that is executed needs `tests` and `attack`";
            return Err(LessonError::new(&path, 1, message));
        }
        let (time_ms, memory_mb) = limits(&path, &text, &manifest)?;
        let language =
            manifest.language.get_ref().parse().map_err(|error| {
                LessonError::at(&path, &text, &manifest.language.span(), format!("{error}"))
            })?;
        let mut others = Files::new();
        for name in &manifest.files {
            others.insert(name.get_ref().clone(), reader.file(name)?);
        }
        Ok(Exercise {
            lesson: lesson.to_owned(),
            language,
            runtime,
            shipped: reader.file(&manifest.entry)?,
            solution: reader.file(&manifest.solution)?,
            solution_name: manifest.solution.into_inner(),
            tests: reader.script(manifest.tests.as_ref())?,
            attack: reader.script(manifest.attack.as_ref())?,
            hints: match &manifest.hints {
                Some(name) => hints(&reader.file(name)?),
                None => Vec::new(),
            },
            entry: manifest.entry.into_inner(),
            rules: manifest.rules,
            time_ms,
            memory_mb,
            files: others,
            keep: reader.shapes(&manifest.keep)?,
            reject: reader.shapes(&manifest.reject)?,
            wrong: manifest.wrong.iter().map(|entry| reader.wrong(entry)).collect::<Result<_, _>>()?,
        })
    }
}

/// Milliseconds and MiB of one run. A lesson must not keep its learner waiting, nor take the machine.
fn limits(path: &Path, text: &str, manifest: &Manifest) -> Result<(u64, u64), LessonError> {
    let within = |limit: Option<&Spanned<u64>>, default: u64, highest: u64| match limit {
        None => Ok(default),
        Some(limit) if (1..=highest).contains(limit.get_ref()) => Ok(*limit.get_ref()),
        Some(limit) => {
            let message = format!("this must be between 1 and {highest}");
            Err(LessonError::at(path, text, &limit.span(), message))
        }
    };
    let memory = if manifest.runtime == Runtime::Python { 256 } else { 64 };
    let time = within(manifest.time_ms.as_ref(), 2000, 20_000)?;
    Ok((time, within(manifest.memory_mb.as_ref(), memory, 512)?))
}

/// Looks up what the manifest names, and says where it named it.
struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    files: &'a Files,
}

impl Reader<'_> {
    fn file(&self, name: &Spanned<String>) -> Result<String, LessonError> {
        self.files.get(name.get_ref()).cloned().ok_or_else(|| {
            let message = format!("the file `{}` is not there", name.get_ref());
            LessonError::at(self.path, self.text, &name.span(), message)
        })
    }

    fn script(&self, name: Option<&Spanned<String>>) -> Result<Script, LessonError> {
        let Some(name) = name else { return Ok(Script::default()) };
        Ok(Script { name: name.get_ref().clone(), text: self.file(name)? })
    }

    fn shapes(&self, entries: &[ShapeEntry]) -> Result<Vec<Shape>, LessonError> {
        entries
            .iter()
            .map(|entry| Ok(Shape { regex: self.regex(&entry.regex)?, message: entry.message.clone() }))
            .collect()
    }

    fn wrong(&self, entry: &WrongEntry) -> Result<WrongRepair, LessonError> {
        Ok(WrongRepair {
            file: entry.file.get_ref().clone(),
            message: entry.message.clone(),
            text: self.file(&entry.file)?,
            looks_like: entry.looks_like.as_ref().map(|regex| self.regex(regex)).transpose()?,
        })
    }

    fn regex(&self, regex: &Spanned<String>) -> Result<Regex, LessonError> {
        RegexBuilder::new(regex.get_ref()).multi_line(true).build().map_err(|error| {
            let message = format!("not a regular expression: {error}");
            LessonError::at(self.path, self.text, &regex.span(), message)
        })
    }
}

/// One hint for each second-level heading.
fn hints(markdown: &str) -> Vec<Hint> {
    super::lesson::sections(markdown)
        .into_iter()
        .filter(|section| !section.title.is_empty())
        .map(|section| Hint { title: section.title, markdown: section.markdown })
        .collect()
}
