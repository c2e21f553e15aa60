//! The learner's copies of exercises, on disk, where any editor can open them.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, Exercise};

/// Beside each learner's file: which exercise this is.
const MARKER: &str = ".squire-exercise";

/// The folder that holds the learner's copies: `<root>/<lesson>/<language>/<entry>`.
#[derive(Clone, Debug)]
pub struct Workbook {
    root: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Marker {
    lesson: String,
    language: String,
}

impl Workbook {
    /// In the user's data directory: `$SQUIRE_DATA_DIR`, or else `squire` where the system keeps such data.
    /// `None` where there is neither.
    pub fn open() -> Option<Workbook> {
        Some(Workbook::at(crate::places::data()?.join("exercises")))
    }

    /// In another folder.
    pub fn at(root: impl Into<PathBuf>) -> Workbook {
        Workbook { root: root.into() }
    }

    /// The folder of an exercise.
    pub fn folder(&self, exercise: &Exercise) -> PathBuf {
        self.root.join(&exercise.lesson).join(exercise.language.name())
    }

    /// The learner's file, whether it exists or not.
    pub fn path(&self, exercise: &Exercise) -> PathBuf {
        self.folder(exercise).join(&exercise.entry)
    }

    /// Writes the exercise as shipped, unless the learner has it already, and returns the learner's file.
    pub fn start(&self, exercise: &Exercise) -> io::Result<PathBuf> {
        start_in(exercise, &self.folder(exercise))
    }

    /// Puts the exercise back as shipped; the learner's work on it is lost.
    pub fn reset(&self, exercise: &Exercise) -> io::Result<PathBuf> {
        reset_in(exercise, &self.folder(exercise))
    }

    /// Writes the lesson's solution beside the learner's file and returns its path. The learner's own file
    /// stays as it is.
    pub fn solution(&self, exercise: &Exercise) -> io::Result<PathBuf> {
        let folder = self.folder(exercise);
        start_in(exercise, &folder)?;
        let beside = Path::new(&exercise.solution_name).file_name().unwrap_or_default().to_string_lossy();
        // Never the learner's own file, whatever the lesson calls its solution.
        let path =
            folder.join(if beside == exercise.entry { format!("solution.{beside}") } else { beside.into() });
        replace(&path, exercise.solution())?;
        Ok(path)
    }

    /// The exercise that a file belongs to, if it is a learner's file, in this workbook or in another folder.
    /// Reads one small file; false for the other files beside it (views, the solution).
    pub fn find<'c>(catalog: &'c Catalog, path: &Path) -> Option<&'c Exercise> {
        let marker: Marker = toml::from_str(&fs::read_to_string(path.parent()?.join(MARKER)).ok()?).ok()?;
        let exercise = catalog.exercise(&marker.lesson, marker.language.parse().ok()?)?;
        (path.file_name()? == Path::new(&exercise.entry).file_name()?).then_some(exercise)
    }
}

/// As [`Workbook::start`], in a folder of the learner's choice.
pub fn start_in(exercise: &Exercise, folder: &Path) -> io::Result<PathBuf> {
    let entry = folder.join(&exercise.entry);
    if let Some(parent) = entry.parent() {
        fs::create_dir_all(parent)?;
    }
    let beside = entry.parent().unwrap_or(folder).join(MARKER);
    let marker = Marker { lesson: exercise.lesson.clone(), language: exercise.language.name().to_owned() };
    replace(&beside, &toml::to_string(&marker).map_err(io::Error::other)?)?;
    for (name, text) in &exercise.files {
        write_new(&folder.join(name), text)?;
    }
    write_new(&entry, exercise.shipped())?;
    Ok(entry)
}

/// As [`Workbook::reset`], in a folder of the learner's choice.
pub fn reset_in(exercise: &Exercise, folder: &Path) -> io::Result<PathBuf> {
    let entry = start_in(exercise, folder)?;
    for (name, text) in &exercise.files {
        replace(&folder.join(name), text)?;
    }
    replace(&entry, exercise.shipped())?;
    Ok(entry)
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Replaces a file as a whole, so that nobody reads half of it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let draft = path.with_file_name(name);
    fs::write(&draft, text)?;
    fs::rename(&draft, path).inspect_err(|_| {
        let _ = fs::remove_file(&draft);
    })
}
