//! From configuration to rules: which files are read, and what the engine is told.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use squire_rules::{RuleError, RuleFile, RuleSet, RuleSources};

use super::Config;

/// Where a team's models lie without being configured.
const MODELS: &str = ".squire/models";
/// Where a team's rules lie without being configured.
const RULES: &str = ".squire/rules";

impl Config {
    /// What the rule set is made of, with the files that could not be read.
    pub fn rule_sources(&self) -> (RuleSources, Vec<RuleError>) {
        let mut errors = Vec::new();
        let configured = &self.settings.rules;
        let files = |own: &str, paths: &[String], errors: &mut Vec<RuleError>| {
            let own = self.root.join(own);
            let own = (!self.ignores_project && own.is_dir()).then_some(own);
            let all = own.into_iter().chain(paths.iter().map(|path| self.root.join(path)));
            all.flat_map(|path| read_rule_files(&path, errors)).collect()
        };
        let sources = RuleSources {
            builtin: configured.builtin,
            rules: files(RULES, &configured.paths, &mut errors),
            models: files(MODELS, &configured.models, &mut errors),
            disabled: configured.disable.clone(),
            severities: configured.severity.iter().map(|(id, severity)| (id.clone(), *severity)).collect(),
            confidence: self.confidence.or(configured.confidence),
        };
        (sources, errors)
    }

    /// The compiled rule set of this configuration. Rules with errors are left out and reported.
    pub fn load_rules(&self) -> (Arc<RuleSet>, Vec<RuleError>) {
        let (sources, mut errors) = self.rule_sources();
        if is_plain(&sources) {
            return (RuleSet::builtin(), errors);
        }
        let (rules, more) = RuleSet::load(&sources);
        errors.extend(more);
        (rules, errors)
    }
}

/// Every rule file under `path`, or `path` itself; in order of name.
pub fn read_rule_files(path: &Path, errors: &mut Vec<RuleError>) -> Vec<RuleFile> {
    let mut paths = Vec::new();
    if path.is_dir() {
        collect(path, &mut paths);
        paths.sort();
    } else {
        paths.push(path.to_owned());
    }
    let mut files = Vec::new();
    for path in paths {
        match std::fs::read_to_string(&path) {
            Ok(text) => files.push(RuleFile { path, text }),
            Err(error) => errors.push(RuleError {
                rule_id: None,
                path,
                line: 1,
                column: 1,
                message: format!("cannot be read: {error}"),
            }),
        }
    }
    files
}

/// Rule packs keep test files beside the rules: of a folder only YAML that is no test target counts.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in ignore::WalkBuilder::new(folder).standard_filters(false).build().flatten() {
        let path = entry.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
        let is_test = name.contains(".test.") || name.contains(".fixed.");
        if is_yaml && !is_test && path.is_file() {
            paths.push(path.to_owned());
        }
    }
}

fn is_plain(sources: &RuleSources) -> bool {
    sources.builtin
        && sources.rules.is_empty()
        && sources.models.is_empty()
        && sources.disabled.is_empty()
        && sources.severities.is_empty()
        && sources.confidence.is_none()
}
