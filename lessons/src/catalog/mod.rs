//! What there is to learn: lessons, their exercises, and the tracks that put them in order.

pub(crate) mod embedded;
mod error;
mod exercise;
mod lesson;
mod track;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{fs, io};

use squire_rules::Language;

pub use self::error::LessonError;
pub use self::exercise::{Exercise, Hint, Runtime, WrongRepair};
pub use self::lesson::{Lesson, Level, Section};
pub use self::track::Track;

/// Files of one lesson or one exercise, by name relative to its folder.
pub(crate) type Files = BTreeMap<String, String>;

/// All lessons, sorted by id, and the tracks.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    lessons: Vec<Lesson>,
    tracks: Vec<Track>,
    errors: Vec<LessonError>,
}

impl Catalog {
    /// The lessons inside the binary. Read once per process.
    pub fn builtin() -> &'static Catalog {
        static BUILTIN: OnceLock<Catalog> = OnceLock::new();
        BUILTIN.get_or_init(|| {
            let own = |files: &[(&str, &str)]| {
                files.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect()
            };
            Catalog::read(Path::new("lessons"), own(embedded::CATALOG), own(embedded::TRACKS))
        })
    }

    /// The lessons of a folder such as a team's `.squire/lessons`: `<lesson>/lesson.md`,
    /// `<lesson>/<language>/exercise.toml` and `tracks/<role>.toml`. Lessons with errors are left out and
    /// reported by [`Catalog::errors`]; an error here means that the folder itself cannot be read.
    pub fn load(folder: &Path) -> io::Result<Catalog> {
        let (mut lessons, mut tracks) = (Files::new(), Files::new());
        for (name, text) in read_folder(folder)? {
            match name.strip_prefix("tracks/") {
                Some(track) => tracks.insert(track.to_owned(), text),
                None => lessons.insert(name, text),
            };
        }
        Ok(Catalog::read(folder, lessons, tracks))
    }

    /// Adds another catalogue's lessons; where both have a lesson of the same id, the other one's is taken.
    #[must_use]
    pub fn with(mut self, other: Catalog) -> Catalog {
        self.lessons.retain(|lesson| other.lesson(&lesson.id).is_none());
        self.lessons.extend(other.lessons);
        self.lessons.sort_by(|a, b| a.id.cmp(&b.id));
        self.tracks.retain(|track| other.tracks.iter().all(|theirs| theirs.id != track.id));
        self.tracks.extend(other.tracks);
        self.tracks.sort_by(|a, b| a.id.cmp(&b.id));
        self.errors.extend(other.errors);
        self
    }

    /// All lessons, sorted by id.
    pub fn lessons(&self) -> &[Lesson] {
        &self.lessons
    }

    /// The lesson of that id.
    pub fn lesson(&self, id: &str) -> Option<&Lesson> {
        self.lessons.iter().find(|lesson| lesson.id == id)
    }

    /// The exercise of that lesson in that language.
    pub fn exercise(&self, lesson: &str, language: Language) -> Option<&Exercise> {
        self.lesson(lesson)?.exercise(language)
    }

    /// All tracks, sorted by id.
    pub fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    /// What could not be read, each with file and line.
    pub fn errors(&self) -> &[LessonError] {
        &self.errors
    }

    fn read(root: &Path, files: Files, tracks: Files) -> Catalog {
        let mut by_lesson: BTreeMap<String, Files> = BTreeMap::new();
        for (name, text) in files {
            if let Some((lesson, rest)) = name.split_once('/') {
                by_lesson.entry(lesson.to_owned()).or_default().insert(rest.to_owned(), text);
            }
        }
        let mut catalog = Catalog::default();
        for (id, files) in by_lesson {
            match Lesson::read(&id, &root.join(&id), files) {
                Ok((lesson, errors)) => {
                    catalog.lessons.push(lesson);
                    catalog.errors.extend(errors);
                }
                Err(error) => catalog.errors.push(error),
            }
        }
        for (name, text) in tracks {
            match Track::read(&root.join("tracks").join(&name), &text) {
                Ok(track) => catalog.tracks.push(track),
                Err(error) => catalog.errors.push(error),
            }
        }
        catalog
    }
}

/// All text files below a folder, by name relative to it, with `/`. Hidden ones are left out.
fn read_folder(folder: &Path) -> io::Result<Files> {
    let mut files = Files::new();
    let mut pending: Vec<(PathBuf, String)> = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = pending.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') || name == "__pycache__" {
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                pending.push((entry.path(), format!("{prefix}{name}/")));
            } else if kind.is_file() {
                // A file that is not text is no part of a lesson; a part that is missing is reported where it is named.
                if let Ok(text) = fs::read_to_string(entry.path()) {
                    files.insert(format!("{prefix}{name}"), text);
                }
            }
        }
    }
    Ok(files)
}
