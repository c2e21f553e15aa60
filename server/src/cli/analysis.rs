//! The analysis of one file: by itself, then with what all files say.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ropey::Rope;
use squire_rules::measure::{self, Phase};
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
#[derive(Clone, Copy)]
pub struct Analysis<'a> {
    /// The rules to run.
    pub rules: &'a RuleSet,
    /// The project's settings.
    pub config: &'a Config,
    /// Which findings are wanted; all others are left out before their fixes are looked for.
    pub wanted: &'a (dyn Fn(&Path, &Rope, &Reported) -> bool + Sync),
    /// For which findings fixes are worth their time.
    pub with_fixes: &'a (dyn Fn(&Reported) -> bool + Sync),
}

/// One file with everything that is to say about it.
pub struct Examined {
    /// As it was given.
    pub path: PathBuf,
    /// Its text.
    pub rope: Rope,
    /// In order of position.
    pub findings: Vec<(Reported, Vec<Fix>)>,
}

impl Analysis<'_> {
    /// What is to say about a file, given what all files say.
    ///
    /// # Errors
    /// The analysis panicked.
    pub fn examine(
        &self,
        path: &Path,
        documents: &[Document],
        project: &Project,
    ) -> Result<Examined, Problem> {
        let examine = || {
            let mut findings: Vec<(Reported, Vec<Fix>)> = Vec::new();
            for document in documents {
                for reported in report(document, self.rules, project, self.config) {
                    let is_twin = |other: &Finding| {
                        other.rule.id == reported.finding.rule.id && other.range == reported.finding.range
                    };
                    let is_new =
                        documents.len() == 1 || !findings.iter().any(|(other, _)| is_twin(&other.finding));
                    if is_new && (self.wanted)(document.path(), document.source().rope(), &reported) {
                        let fixes = if (self.with_fixes)(&reported) {
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
        let findings = guarded(examine).map_err(|panic| failed(path, panic))?;
        let rope = documents.first().map(|document| document.source().rope().clone()).unwrap_or_default();
        Ok(Examined { path: path.to_owned(), rope, findings })
    }

    /// One document for a file of a known language. A named file of no known language is read by every
    /// rule, in the rule's language.
    pub fn open(&self, input: &Input) -> (Vec<Document>, Option<Problem>) {
        let none = |problem| (Vec::new(), problem);
        let limit = if input.named { 0 } else { self.config.settings.budget.max_file_size.0 };
        let (text, note) = match &input.text {
            Some(text) => (text.clone(), None),
            None => {
                let reading = measure::phase(Phase::Read);
                let content = read(&input.path, limit);
                drop(reading);
                match content {
                    Ok(Content::Text(text)) => (text, None),
                    Ok(Content::Lossy(text, wrong)) => (text, Some(not_utf8(&input.path, wrong))),
                    Ok(Content::Binary) if !input.named => return none(None),
                    Ok(Content::Binary) => return none(Some(target(&input.path, "is binary".to_owned()))),
                    Err(message) => return none(Some(target(&input.path, message))),
                }
            }
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
            let mut document = Document::new(path, language, text).in_folder(&self.config.root);
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
