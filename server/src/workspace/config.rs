//! `squire.toml`: found upward from a file, read strictly, told to the rest as plain data.

mod error;
mod settings;
mod sources;

use std::path::{Path, PathBuf};

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde_json::Value;
use squire_rules::{Confidence, Severity};

pub use self::error::ConfigError;
pub use self::settings::{ByteSize, Settings};
pub use self::sources::read_rule_files;
use super::baseline::Baseline;
use super::quiet::{self, Quiet};

/// The name of the configuration file.
pub const FILE_NAME: &str = "squire.toml";

/// What a team has configured for one root, with everything that decides whether a finding is shown.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The folder that relative paths and globs are relative to: that of `squire.toml`, or where the
    /// search for it began. Absolute.
    pub root: PathBuf,
    /// The configuration file, if there is one.
    pub file: Option<PathBuf>,
    /// What it says, with defaults filled in.
    pub settings: Settings,
    /// Accepted findings.
    pub baseline: Baseline,
    /// Paths that someone asked for by name. Neither their own name nor the folders above make them
    /// quiet or excluded: who asks for `tests/` wants to see `tests/`.
    pub named: Vec<PathBuf>,
    /// The lowest confidence to show, where someone asked for one. Otherwise built-in rules of low
    /// confidence are silent and all others are shown.
    pub confidence: Option<Confidence>,
    /// `--no-config`: neither `squire.toml` nor `.squire` nor ignore files count.
    pub ignores_project: bool,
    /// On how many threads folders are searched; 0 for as many as there are processors.
    pub threads: usize,
    exclude: GlobSet,
    quiet: GlobSet,
}

impl Config {
    /// The configuration that governs `path`: that of the nearest `squire.toml` in its folder or above,
    /// or the defaults.
    ///
    /// # Errors
    /// The file cannot be read, is no TOML, has an unknown key or a value that makes no sense; the
    /// baseline beside it is broken.
    pub fn find(path: &Path) -> Result<Config, ConfigError> {
        Config::find_with(path, &Value::Null)
    }

    /// Like [`Config::find`], over the settings of an editor (the `squire` section). The file wins, key
    /// by key. Null, `[]`, `{}` and settings that make no sense count as none: an editor's user must not
    /// lose the team's configuration to a typing error in his own.
    pub fn find_with(path: &Path, editor: &Value) -> Result<Config, ConfigError> {
        let start = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let folder = if start.is_dir() { start.as_path() } else { start.parent().unwrap_or(&start) };
        match folder.ancestors().map(|folder| folder.join(FILE_NAME)).find(|file| file.is_file()) {
            Some(file) => {
                let text = std::fs::read_to_string(&file).map_err(|error| ConfigError::io(&file, &error))?;
                Config::parse(&file, &text, editor)
            }
            None => {
                let base = if editor.is_object() { editor.clone() } else { Value::Null };
                let settings = serde_json::from_value(base).unwrap_or_default();
                Config::assemble(folder.to_owned(), None, settings, "")?.with_own_baseline()
            }
        }
    }

    /// Reads the text of a configuration file, which may be an unsaved buffer.
    ///
    /// # Errors
    /// As [`Config::find`]; lines and columns are those of `text`.
    pub fn parse(file: &Path, text: &str, editor: &Value) -> Result<Config, ConfigError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let of_file =
            toml::from_str::<Settings>(text).map_err(|error| ConfigError::toml(file, text, &error))?;
        let settings = settings::layer(editor, text).unwrap_or(of_file);
        let root = file.parent().unwrap_or(Path::new("")).to_owned();
        Config::assemble(root, Some(file.to_owned()), settings, text)?.with_own_baseline()
    }

    /// No project settings at all (`--no-config`).
    pub fn none(root: &Path) -> Config {
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
        Config { root, ignores_project: true, ..Config::default() }
    }

    /// Takes note of what someone asked for by name.
    pub fn naming(mut self, targets: &[PathBuf]) -> Config {
        self.named = targets.iter().map(|target| self.absolute(target)).collect();
        self
    }

    /// Adds globs to `exclude`, as `--exclude` does.
    ///
    /// # Errors
    /// A glob that cannot be read.
    pub fn exclude_also(mut self, globs: &[String]) -> Result<Config, ConfigError> {
        self.settings.exclude.extend_from_slice(globs);
        let file = PathBuf::from("--exclude");
        self.exclude = glob_set(&file, "", &self.settings.exclude)?;
        Ok(self)
    }

    /// Why findings in this file are not shown, or `None` if they are. `text` may be its beginning only
    /// (4 KiB tell generated files); pass `""` to judge by the path alone.
    pub fn silence(&self, path: &Path, text: &str) -> Option<Quiet> {
        let path = self.absolute(path);
        let below = match self
            .named
            .iter()
            .filter(|named| path.starts_with(named))
            .max_by_key(|named| named.as_os_str().len())
        {
            Some(named) if *named == path => return None,
            Some(named) => path.strip_prefix(named).unwrap_or(&path),
            None => path.strip_prefix(&self.root).unwrap_or(&path),
        };
        if self.is_excluded(&path) {
            return Some(Quiet::Excluded);
        }
        if self.quiet.is_match(below) {
            return Some(Quiet::Configured);
        }
        if self.settings.include_tests {
            return quiet::judge(below, text).filter(|reason| *reason != Quiet::Test);
        }
        quiet::judge(below, text)
    }

    /// Whether `exclude` names this path. A folder that is excluded excludes what is below it.
    pub fn is_excluded(&self, path: &Path) -> bool {
        let path = self.absolute(path);
        if self.named.contains(&path) {
            return false;
        }
        let relative = path.strip_prefix(&self.root).unwrap_or(&path);
        relative.ancestors().any(|part| !part.as_os_str().is_empty() && self.exclude.is_match(part))
    }

    /// The severity that the team gave this rule, if it did.
    pub fn severity_of(&self, rule_id: &str) -> Option<Severity> {
        self.settings.rules.severity.get(rule_id).copied()
    }

    /// A path as the configuration's globs and the baseline see it: relative to the root, with `/`.
    pub fn relative(&self, path: &Path) -> String {
        let path = self.absolute(path);
        let relative = path.strip_prefix(&self.root).unwrap_or(&path);
        relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
    }

    /// Absolute and without `.` parts. Symbolic links are kept as they are.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        path.components().collect()
    }

    fn assemble(
        root: PathBuf,
        file: Option<PathBuf>,
        settings: Settings,
        text: &str,
    ) -> Result<Config, ConfigError> {
        let named = file.clone().unwrap_or_else(|| PathBuf::from(FILE_NAME));
        let exclude = glob_set(&named, text, &settings.exclude)?;
        let quiet = glob_set(&named, text, &settings.quiet)?;
        Ok(Config { root, file, settings, exclude, quiet, ..Config::default() })
    }

    fn with_own_baseline(mut self) -> Result<Config, ConfigError> {
        let file = self.root.join(super::baseline::DEFAULT_PATH);
        if file.is_file() {
            self.baseline = Baseline::read(&file, &self.root)?;
        }
        Ok(self)
    }
}

/// Globs as `.gitignore` reads them in the simple cases: one without a slash matches at any depth, a
/// slash at the end means a folder, `**` crosses folders, `*` does not.
fn glob_set(file: &Path, text: &str, globs: &[String]) -> Result<GlobSet, ConfigError> {
    let mut set = GlobSetBuilder::new();
    for written in globs {
        let trimmed = written.trim_end_matches('/').trim_start_matches("./");
        let glob = match trimmed.strip_prefix('/') {
            Some(rooted) => rooted.to_owned(),
            None if trimmed.contains('/') => trimmed.to_owned(),
            None => format!("**/{trimmed}"),
        };
        let build = |glob: &str| globset::GlobBuilder::new(glob).literal_separator(true).build();
        let one: Glob = build(&glob).map_err(|error| {
            ConfigError::at(file, text, written, format!("`{written}` is no glob: {}", error.kind()))
        })?;
        set.add(one);
    }
    set.build().map_err(|error| ConfigError::at(file, text, "", format!("the globs do not compile: {error}")))
}

#[cfg(test)]
mod tests;
