//! What is wrong with a lesson, and where.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// Why a lesson, an exercise or a track cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {message}", path.display())]
pub struct LessonError {
    /// The file.
    pub path: PathBuf,
    /// 1-based; 1 where it is not known better.
    pub line: usize,
    /// What is wrong and what is expected.
    pub message: String,
}

impl LessonError {
    pub(super) fn new(path: &Path, line: usize, message: impl Into<String>) -> LessonError {
        LessonError { path: path.to_owned(), line, message: message.into() }
    }

    /// At a byte range of the file's text.
    pub(super) fn at(
        path: &Path,
        text: &str,
        range: &Range<usize>,
        message: impl Into<String>,
    ) -> LessonError {
        let before = text.get(..range.start).unwrap_or_default();
        LessonError::new(path, before.matches('\n').count() + 1, message)
    }

    pub(super) fn of_toml(path: &Path, text: &str, error: &toml::de::Error) -> LessonError {
        LessonError::at(path, text, &error.span().unwrap_or(0..0), error.message())
    }
}
