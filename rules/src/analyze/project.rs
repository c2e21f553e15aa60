//! What the files of a workspace know of each other.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::authorization::{Guard, Style};
use super::crossing::FileFlows;
use crate::language::Language;

/// What one file tells the others: the ways it authenticates and authorises, and the flows that go beyond its units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFacts {
    pub(crate) language: Option<Language>,
    /// Guards in use, with how often.
    pub(crate) guards: BTreeMap<Guard, usize>,
    /// It guards everything that the application serves.
    pub(crate) guards_all: bool,
    pub(crate) flows: FileFlows,
}

/// The facts of all files of one workspace, merged.
#[derive(Clone, Debug, Default)]
pub struct Project {
    files: HashMap<PathBuf, Arc<FileFacts>>,
    /// The files that define a function of a name.
    defining: HashMap<String, BTreeSet<PathBuf>>,
    /// The files that call something of a name that they do not define.
    calling: HashMap<String, BTreeSet<PathBuf>>,
}

impl Project {
    /// Records what a file says now. Returns whether that may change findings of other files.
    pub fn insert(&mut self, path: &Path, facts: Arc<FileFacts>) -> bool {
        if facts.says_nothing() {
            return self.remove(path);
        }
        let old = self.files.insert(path.to_owned(), facts.clone());
        let same_names = old.as_ref().is_some_and(|old| same_units(&old.flows, &facts.flows));
        if !same_names {
            if let Some(old) = &old {
                self.forget_names(path, old);
            }
            for (name, index) in names(&facts.flows) {
                let index = if index { &mut self.defining } else { &mut self.calling };
                index.entry(name.to_owned()).or_default().insert(path.to_owned());
            }
        }
        old.is_none_or(|old| !old.says_as(&facts))
    }

    /// Forgets a file. Returns whether that may change findings of other files.
    pub fn remove(&mut self, path: &Path) -> bool {
        let Some(old) = self.files.remove(path) else { return false };
        self.forget_names(path, &old);
        true
    }

    fn forget_names(&mut self, path: &Path, facts: &FileFacts) {
        for (name, defines) in names(&facts.flows) {
            let index = if defines { &mut self.defining } else { &mut self.calling };
            if let Some(files) = index.get_mut(name) {
                files.remove(path);
                if files.is_empty() {
                    index.remove(name);
                }
            }
        }
    }

    /// The files that define a function of that name, in order of their paths.
    pub(crate) fn defining(&self, name: &str) -> impl Iterator<Item = (&Path, &FileFacts)> {
        self.named(&self.defining, name)
    }

    /// The files that call something of that name.
    pub(crate) fn calling(&self, name: &str) -> impl Iterator<Item = (&Path, &FileFacts)> {
        self.named(&self.calling, name)
    }

    fn named<'p>(
        &'p self,
        index: &'p HashMap<String, BTreeSet<PathBuf>>,
        name: &str,
    ) -> impl Iterator<Item = (&'p Path, &'p FileFacts)> {
        let paths = index.get(name).into_iter().flatten();
        paths.filter_map(|path| Some((path.as_path(), &**self.files.get(path)?)))
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
        self.guards.is_empty() && !self.guards_all && self.flows.is_empty()
    }

    /// Whether other files learn the same from both.
    fn says_as(&self, other: &FileFacts) -> bool {
        self.language == other.language
            && self.guards == other.guards
            && self.guards_all == other.guards_all
            && self.flows.len() == other.flows.len()
            && self.flows.iter().zip(&other.flows).all(|((_, a), (_, b))| Arc::ptr_eq(a, b) || a.says_as(b))
    }
}

fn same_units(a: &FileFlows, b: &FileFlows) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|((_, a), (_, b))| Arc::ptr_eq(a, b))
}

/// The names that a file defines (`true`) or calls.
fn names(flows: &FileFlows) -> impl Iterator<Item = (&str, bool)> {
    flows.iter().flat_map(|(_, summary)| {
        let defined = summary.functions.iter().map(|function| (function.name.as_str(), true));
        defined.chain(summary.calls.iter().map(|call| (call.name.as_str(), false)))
    })
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
