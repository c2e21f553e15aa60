//! The two passes over files: each file by itself, then each with what all of them say.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::ProgressBar;
use rayon::prelude::*;
use ropey::Rope;
use squire_rules::{Document, Finding, Fix, Language, ParseBudget, Project, RuleSet};

use super::guard::guarded;
use super::read::{Content, read};
use crate::workspace::{Config, Reported, report};

/// A file to analyse.
#[derive(Debug)]
pub struct Input {
    /// Where it is, or (for standard input and the git index) where it would be.
    pub path: PathBuf,
    /// Whether it was named itself: then it is read whatever its size, its ending and its purpose.
    pub named: bool,
    /// Its text, where that is not the one on disk.
    pub text: Option<String>,
    /// Its language, where that does not follow from its name.
    pub language: Option<Language>,
}

/// What went wrong, for `errors`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which kind.
    pub kind: ProblemKind,
    /// The rule, if it is about one.
    pub rule_id: Option<String>,
    /// The file.
    pub path: PathBuf,
    /// In words for the user.
    pub message: String,
}

/// The kinds of [`Problem`]. `Note` is the one that left nothing out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// A rule or rule file cannot be used.
    Rule,
    /// A target does not exist.
    MissingTarget,
    /// A file cannot be read.
    Target,
    /// The time for one file was used up.
    Timeout,
    /// The analysis failed.
    Failed,
    /// Something to know about a file that was analysed all the same.
    Note,
}

/// Everything that decides what an analysis finds.
pub struct Analysis<'a> {
    /// The rules to run.
    pub rules: &'a RuleSet,
    /// The project's settings.
    pub config: &'a Config,
    /// Advanced by one for each file.
    pub progress: ProgressBar,
}

/// All files after the first pass.
pub struct Analysed {
    /// In the order of the inputs.
    pub files: Vec<AnalysedFile>,
    /// What all of them say.
    pub project: Project,
    /// In the order of the inputs.
    pub problems: Vec<Problem>,
    /// Bytes of text that were analysed.
    pub bytes: u64,
}

/// One file after the first pass.
pub struct AnalysedFile {
    /// As it was given.
    pub path: PathBuf,
    input: Input,
    kept: Option<Vec<Document>>,
}

/// One file after the second pass.
pub struct Examined {
    /// As it was given.
    pub path: PathBuf,
    /// Its text.
    pub rope: Rope,
    /// In order of position.
    pub findings: Vec<(Reported, Vec<Fix>)>,
}

/// How much text is kept parsed between the passes, in bytes. Trees take some twenty times their text; beyond
/// this, files are analysed a second time instead.
const KEEP: u64 = 48 << 20;

impl Analysis<'_> {
    /// The first pass. Files that are binary, generated or unknown drop out.
    pub fn first(&self, inputs: Vec<Input>) -> Analysed {
        let kept_bytes = AtomicU64::new(0);
        let outcomes: Vec<_> = inputs
            .into_par_iter()
            .map(|input| {
                let outcome = self.open(&input);
                self.progress.inc(1);
                (input, outcome, &kept_bytes)
            })
            .map(|(input, (documents, problem), kept_bytes)| {
                let bytes = documents.first().map_or(0, |document| document.source().len() as u64);
                let facts: Vec<_> = documents.iter().map(|document| document.facts().clone()).collect();
                let keep = kept_bytes.fetch_add(bytes, Ordering::Relaxed) < KEEP || input.text.is_some();
                let is_open = !documents.is_empty();
                (input, is_open, keep.then_some(documents), facts, bytes, problem)
            })
            .collect();
        let mut all =
            Analysed { files: Vec::new(), project: Project::default(), problems: Vec::new(), bytes: 0 };
        for (input, is_open, kept, facts, bytes, problem) in outcomes {
            for facts in facts {
                all.project.insert(&self.config.absolute(&input.path), facts);
            }
            all.problems.extend(problem);
            all.bytes += bytes;
            if is_open {
                all.files.push(AnalysedFile { path: input.path.clone(), input, kept });
            }
        }
        all
    }

    /// The second pass over one file. `wanted` narrows the findings, `with_fixes` says for which of them fixes
    /// are worth their time.
    pub fn second(
        &self,
        file: &AnalysedFile,
        project: &Project,
        wanted: &(dyn Fn(&Path, &Rope, &Reported) -> bool + Sync),
        with_fixes: &(dyn Fn(&Reported) -> bool + Sync),
    ) -> Result<Examined, Problem> {
        let opened;
        let documents = match &file.kept {
            Some(documents) => documents,
            None => {
                let (documents, problem) = self.open(&file.input);
                match problem {
                    Some(problem) if documents.is_empty() => return Err(problem),
                    _ => opened = documents,
                }
                &opened
            }
        };
        let examine = || {
            let mut findings: Vec<(Reported, Vec<Fix>)> = Vec::new();
            for document in documents {
                for reported in report(document, self.rules, project, self.config) {
                    let is_twin = |other: &Finding| {
                        other.rule.id == reported.finding.rule.id && other.range == reported.finding.range
                    };
                    let is_new =
                        documents.len() == 1 || !findings.iter().any(|(other, _)| is_twin(&other.finding));
                    if is_new && wanted(document.path(), document.source().rope(), &reported) {
                        let fixes = if with_fixes(&reported) {
                            let mut fixes = document.fixes(self.rules, project, &reported.finding);
                            if fixes.is_empty() {
                                fixes.extend(document.stated_fix(self.rules, &reported.finding));
                            }
                            fixes
                        } else {
                            Vec::new()
                        };
                        findings.push((reported, fixes));
                    }
                }
            }
            findings.sort_by_key(|(reported, _)| (reported.finding.range.start, reported.finding.range.end));
            findings
        };
        let findings = guarded(examine).map_err(|panic| failed(&file.path, panic))?;
        let rope = documents.first().map(|document| document.source().rope().clone()).unwrap_or_default();
        Ok(Examined { path: file.path.clone(), rope, findings })
    }

    /// One document for a file of a known language. A named file of no known language is read by every
    /// rule, in the rule's language.
    fn open(&self, input: &Input) -> (Vec<Document>, Option<Problem>) {
        let none = |problem| (Vec::new(), problem);
        let limit = if input.named { 0 } else { self.config.settings.budget.max_file_size.0 };
        let (text, note) = match &input.text {
            Some(text) => (text.clone(), None),
            None => match read(&input.path, limit) {
                Ok(Content::Text(text)) => (text, None),
                Ok(Content::Lossy(text, wrong)) => (text, Some(not_utf8(&input.path, wrong))),
                Ok(Content::Binary) if !input.named => return none(None),
                Ok(Content::Binary) => return none(Some(target(&input.path, "is binary".to_owned()))),
                Err(message) => return none(Some(target(&input.path, message))),
            },
        };
        let path = self.config.absolute(&input.path);
        if !input.named && self.config.silence(&path, &text).is_some() {
            return none(None);
        }
        let languages = match input.language.or_else(|| Language::of_file(&input.path, &text)) {
            Some(language) => vec![language],
            None => self.languages_of_rules(),
        };
        let mut documents = Vec::new();
        for language in languages {
            match self.analyze(&path, language, &text) {
                Ok(document) => documents.push(document),
                Err((kind, message)) => {
                    return none(Some(Problem { kind, rule_id: None, path: input.path.clone(), message }));
                }
            }
        }
        (documents, note)
    }

    fn analyze(
        &self,
        path: &Path,
        language: Language,
        text: &str,
    ) -> Result<Document, (ProblemKind, String)> {
        let time = Duration::from_millis(self.config.settings.budget.file_ms);
        let analysed = guarded(|| {
            let mut document = Document::new(path, language, text);
            document.analyze(self.rules, ParseBudget { time, cancel: None }).map(|()| document)
        });
        match analysed {
            Ok(Ok(document)) => Ok(document),
            Ok(Err(interrupt)) => Err((ProblemKind::Timeout, interrupt.to_string())),
            Err(panic) => Err((ProblemKind::Failed, format!("the analysis failed: {panic}"))),
        }
    }

    fn languages_of_rules(&self) -> Vec<Language> {
        let mut languages: Vec<Language> =
            self.rules.rules().iter().flat_map(|rule| rule.languages.iter().copied()).collect();
        languages.sort();
        languages.dedup();
        languages
    }
}

impl Analysed {
    /// The texts of all files that are kept, to tell lines and columns of a flow that crosses files.
    pub fn ropes(&self, config: &Config) -> HashMap<PathBuf, Rope> {
        let documents = self.files.iter().filter_map(|file| Some((file, file.kept.as_ref()?.first()?)));
        documents
            .map(|(file, document)| (config.absolute(&file.path), document.source().rope().clone()))
            .collect()
    }
}

fn target(path: &Path, message: String) -> Problem {
    Problem { kind: ProblemKind::Target, rule_id: None, path: path.to_owned(), message }
}

fn failed(path: &Path, panic: String) -> Problem {
    let message = format!("the analysis failed: {panic}");
    Problem { kind: ProblemKind::Failed, rule_id: None, path: path.to_owned(), message }
}

fn not_utf8(path: &Path, wrong: usize) -> Problem {
    let message = format!("is not UTF-8; {wrong} byte(s) were read as `?`");
    Problem { kind: ProblemKind::Note, rule_id: None, path: path.to_owned(), message }
}
