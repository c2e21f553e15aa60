//! Tracks: lessons in the order in which a role should take them.

use std::path::Path;

use serde::Deserialize;

use super::LessonError;

/// The lessons of one role, in order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Track {
    /// The file's name without its ending, e.g. `backend`.
    #[serde(skip)]
    pub id: String,
    /// E.g. "Back-end developer".
    pub title: String,
    /// What one can do at the end.
    #[serde(default)]
    pub goal: String,
    /// Ids of lessons, in order.
    pub lessons: Vec<String>,
}

impl Track {
    pub(super) fn read(path: &Path, text: &str) -> Result<Track, LessonError> {
        let track: Track = toml::from_str(text).map_err(|error| LessonError::of_toml(path, text, &error))?;
        let id = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Track { id, ..track })
    }
}
