//! One root of the workspace: its configuration, its rules, and what its files know of each other.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use squire_rules::{Document, FileFacts, Finding, Language, Project, RuleSet};

use crate::workspace::{self, Config};

/// A workspace folder, or the rest of the world for files outside all of them. Immutable but for the
/// facts: a changed configuration makes a new one, which takes over the facts.
pub struct Root {
    /// The folder; `None` for the rest of the world.
    pub folder: Option<PathBuf>,
    /// What the team configured.
    pub config: Config,
    /// The compiled rules.
    pub rules: Arc<RuleSet>,
    /// What is wrong with the configuration or with rules, file by file.
    pub problems: Vec<Problem>,
    project: Arc<RwLock<Project>>,
    stamps: Vec<(PathBuf, Option<SystemTime>)>,
}

/// Something wrong in a file that configures Squire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub path: PathBuf,
    /// From 1.
    pub line: usize,
    /// From 1, in Unicode scalar values.
    pub column: usize,
    /// Names the key or pattern and what is wrong with it.
    pub message: String,
}

impl Root {
    /// Reads the configuration of `folder` and compiles its rules. A configuration that is broken counts
    /// as none and is among the problems.
    pub fn load(folder: Option<&Path>, settings: &Value, before: Option<&Root>) -> Root {
        let mut problems = Vec::new();
        // The rest of the world has no team, but its user has settings.
        let config = match Config::find_with(folder.unwrap_or(Path::new("/")), settings) {
            Ok(config) => config,
            Err(error) => {
                problems.push(Problem {
                    path: error.path.clone(),
                    line: error.line,
                    column: error.column,
                    message: error.message,
                });
                fallback(before, folder)
            }
        };
        let (rules, errors) = config.load_rules();
        problems.extend(errors.into_iter().map(|error| Problem {
            path: error.path,
            line: error.line,
            column: error.column,
            message: error.message,
        }));
        let stamps = stamps(&config, folder);
        let project = before.map(|before| before.project.clone()).unwrap_or_default();
        Root { folder: folder.map(Path::to_owned), config, rules, problems, project, stamps }
    }

    /// Whether a file that this was read from changed since, appeared or went away.
    pub fn is_outdated(&self) -> bool {
        stamps(&self.config, self.folder.as_deref()) != self.stamps
    }

    /// A file of this root, not yet analysed.
    pub fn new_document(&self, path: &Path, language: Language, text: &str) -> Document {
        Document::new(path, language, text).in_folder(&self.config.root)
    }

    /// The findings to show, as the command line would show them.
    pub fn visible_findings(&self, document: &Document) -> Arc<[Finding]> {
        // Who opens a file of no workspace asks for that file, as on the command line: it is not quiet
        // because some folder above it is called `tests`.
        let named = self.folder.is_none().then(|| {
            let mut config = self.config.clone();
            config.named.push(config.absolute(document.path()));
            config
        });
        let config = named.as_ref().unwrap_or(&self.config);
        workspace::report(document, &self.rules, &self.project(), config)
            .into_iter()
            .filter(|reported| reported.suppressed.is_none())
            .map(|reported| reported.finding)
            .collect()
    }

    /// What the files of this root know of each other.
    pub fn project(&self) -> RwLockReadGuard<'_, Project> {
        self.project.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records what a file says. Returns whether that may change the findings of others.
    pub fn tell(&self, path: &Path, facts: Arc<FileFacts>) -> bool {
        self.project.write().unwrap_or_else(PoisonError::into_inner).insert(path, facts)
    }

    /// Forgets a file that is gone. Returns whether that may change the findings of others.
    pub fn forget(&self, path: &Path) -> bool {
        self.project.write().unwrap_or_else(PoisonError::into_inner).remove(path)
    }

    /// How long the analysis of one edit may take before older findings stand in for it.
    pub fn edit_budget(&self) -> Duration {
        Duration::from_millis(self.config.settings.budget.edit_ms)
    }

    /// How long the analysis of a whole file may take.
    pub fn file_budget(&self) -> Duration {
        Duration::from_millis(self.config.settings.budget.file_ms)
    }
}

/// While the file is being edited it is broken most of the time: what held before goes on to hold.
fn fallback(before: Option<&Root>, folder: Option<&Path>) -> Config {
    match before {
        Some(before) => before.config.clone(),
        None => Config::none(folder.unwrap_or(Path::new(""))),
    }
}

/// The files and folders that decide the configuration, with the time of their last change.
fn stamps(config: &Config, folder: Option<&Path>) -> Vec<(PathBuf, Option<SystemTime>)> {
    let Some(folder) = folder else { return Vec::new() };
    let (sources, _) = config.rule_sources();
    let files = sources.rules.iter().chain(&sources.models).map(|file| file.path.clone());
    let own = [workspace::config::FILE_NAME, workspace::baseline::DEFAULT_PATH].map(|name| folder.join(name));
    let mut paths: Vec<PathBuf> = files.chain(own).chain(config.file.clone()).collect();
    paths.sort();
    paths.dedup();
    let changed = |path: &PathBuf| std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
    paths.into_iter().map(|path| (path.clone(), changed(&path))).collect()
}
