//! An error in a configuration file, with the place to mend.

use std::path::{Path, PathBuf};

/// Why a configuration (or the baseline beside it) cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}:{column}: {message}", path.display())]
pub struct ConfigError {
    /// The file.
    pub path: PathBuf,
    /// 1-based.
    pub line: usize,
    /// 1-based, in Unicode scalar values.
    pub column: usize,
    /// Names the key or value and what is wrong with it.
    pub message: String,
}

impl ConfigError {
    pub(super) fn toml(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
        let offset = error.span().map_or(0, |span| span.start);
        ConfigError::offset(path, text, offset, error.message().replace('\n', ", "))
    }

    /// An error at the first place where `needle` is written.
    pub(super) fn at(path: &Path, text: &str, needle: &str, message: String) -> ConfigError {
        ConfigError::offset(path, text, text.find(needle).unwrap_or(0), message)
    }

    pub(in crate::workspace) fn io(path: &Path, error: &std::io::Error) -> ConfigError {
        ConfigError { path: path.to_owned(), line: 1, column: 1, message: format!("cannot be read: {error}") }
    }

    pub(in crate::workspace) fn json(path: &Path, error: &serde_json::Error) -> ConfigError {
        let (line, column) = (error.line().max(1), error.column().max(1));
        ConfigError { path: path.to_owned(), line, column, message: error.to_string() }
    }

    fn offset(path: &Path, text: &str, offset: usize, message: String) -> ConfigError {
        let before = text.get(..offset).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        ConfigError { path: path.to_owned(), line, column, message }
    }
}
