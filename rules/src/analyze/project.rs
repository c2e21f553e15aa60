//! What the files of a workspace know of each other.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::authorization::{Guard, Style};
use crate::language::Language;

/// What one file tells the others: the ways it authenticates and authorises.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFacts {
    pub(crate) language: Option<Language>,
    /// Guards in use, with how often.
    pub(crate) guards: BTreeMap<Guard, usize>,
    /// It guards everything that the application serves.
    pub(crate) guards_all: bool,
}

/// The facts of all files of one workspace, merged.
#[derive(Clone, Debug, Default)]
pub struct Project {
    files: HashMap<PathBuf, Arc<FileFacts>>,
}

impl Project {
    /// Records what a file says now. Returns whether that may change findings of other files.
    pub fn insert(&mut self, path: &Path, facts: Arc<FileFacts>) -> bool {
        if facts.says_nothing() {
            return self.remove(path);
        }
        self.files.insert(path.to_owned(), facts.clone()).is_none_or(|old| old != facts)
    }

    /// Forgets a file. Returns whether that may change findings of other files.
    pub fn remove(&mut self, path: &Path) -> bool {
        self.files.remove(path).is_some()
    }

    /// The guard that a file's routes should have, by what the file itself and then the other files of its
    /// language do. `None` where nothing authenticates, or where everything is guarded at one place.
    pub(crate) fn guard_for(&self, own: &FileFacts) -> Option<Guard> {
        if own.guards_all {
            return None;
        }
        let others = || self.files.values().filter(|facts| same_family(facts.language, own.language));
        if others().any(|facts| facts.guards_all) {
            return None;
        }
        if let Some(guard) = most_used(own.guards.iter().map(|(guard, count)| (guard, *count))) {
            return Some(guard.clone());
        }
        let mut counts: BTreeMap<&Guard, usize> = BTreeMap::new();
        for (guard, count) in others().flat_map(|facts| &facts.guards) {
            *counts.entry(guard).or_default() += count;
        }
        most_used(counts.into_iter()).cloned()
    }
}

impl FileFacts {
    fn says_nothing(&self) -> bool {
        self.guards.is_empty() && !self.guards_all
    }
}

fn same_family(a: Option<Language>, b: Option<Language>) -> bool {
    let python = |language: Option<Language>| language == Some(Language::Python);
    python(a) == python(b)
}

/// A guard that can be put on a route before one that can only be described, then the most frequent.
fn most_used<'g>(guards: impl Iterator<Item = (&'g Guard, usize)>) -> Option<&'g Guard> {
    guards
        .max_by_key(|(guard, count)| (guard.style != Style::Mechanism, *count, std::cmp::Reverse(*guard)))
        .map(|(guard, _)| guard)
}
