//! What the files of a workspace know of each other.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What one file tells the others: the ways it authenticates and authorises.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFacts {}

/// The facts of all files of one workspace, merged.
#[derive(Clone, Debug, Default)]
pub struct Project {
    files: HashMap<PathBuf, Arc<FileFacts>>,
}

impl Project {
    /// Records what a file says now. Returns whether that may change findings of other files.
    pub fn insert(&mut self, path: &Path, facts: Arc<FileFacts>) -> bool {
        self.files.insert(path.to_owned(), facts.clone()).is_none_or(|old| old != facts)
    }

    /// Forgets a file. Returns whether that may change findings of other files.
    pub fn remove(&mut self, path: &Path) -> bool {
        self.files.remove(path).is_some_and(|old| *old != FileFacts::default())
    }
}
