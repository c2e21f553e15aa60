//! Accepted debt: findings that were there when a team began, kept by stable fingerprint.

use std::collections::HashMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::ConfigError;

/// Where the baseline of a project lies, relative to its root.
pub const DEFAULT_PATH: &str = ".squire/baseline.json";

/// The findings that are accepted.
///
/// An entry counts in its file; where that file is gone (renamed, moved), it counts anywhere. Two equal
/// pieces of code in one scope share a fingerprint, so each entry accepts one finding.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    in_file: HashMap<(String, String), usize>,
    anywhere: HashMap<String, usize>,
}

/// The file as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineFile {
    /// 1.
    pub version: u32,
    /// In order of path and position.
    pub findings: Vec<BaselineEntry>,
}

/// One accepted finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineEntry {
    /// For the reader only.
    pub rule_id: String,
    /// Relative to the root, with `/`.
    pub path: String,
    /// [`squire_rules::Finding::fingerprint`].
    pub fingerprint: String,
}

impl Baseline {
    /// Reads a baseline. `root` is what its paths are relative to.
    ///
    /// # Errors
    /// The file cannot be read, is no JSON of the right shape, or is of a later version.
    pub fn read(file: &Path, root: &Path) -> Result<Baseline, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|error| ConfigError::io(file, &error))?;
        let content: BaselineFile =
            serde_json::from_str(&text).map_err(|error| ConfigError::json(file, &error))?;
        if content.version != 1 {
            let message = format!("version {} is not known; this Squire reads version 1", content.version);
            return Err(ConfigError { path: file.to_owned(), line: 1, column: 1, message });
        }
        let mut baseline = Baseline::default();
        for entry in content.findings {
            if root.join(&entry.path).exists() {
                *baseline.in_file.entry((entry.path, entry.fingerprint)).or_default() += 1;
            } else {
                *baseline.anywhere.entry(entry.fingerprint).or_default() += 1;
            }
        }
        Ok(baseline)
    }

    /// Whether nothing is accepted.
    pub fn is_empty(&self) -> bool {
        self.in_file.is_empty() && self.anywhere.is_empty()
    }

    /// Starts to count the findings of one file, which come in order of position.
    pub fn of_file(&self, path: &str) -> FileBaseline<'_> {
        FileBaseline { baseline: self, path: path.to_owned(), used: HashMap::new() }
    }
}

/// The entries of one file that are still free.
pub struct FileBaseline<'a> {
    baseline: &'a Baseline,
    path: String,
    used: HashMap<String, usize>,
}

impl FileBaseline<'_> {
    /// Whether the next finding with this fingerprint is accepted.
    pub fn accepts(&mut self, fingerprint: &str) -> bool {
        if self.baseline.is_empty() {
            return false;
        }
        let key = (self.path.clone(), fingerprint.to_owned());
        let here = self.baseline.in_file.get(&key).copied().unwrap_or(0);
        let free = here + self.baseline.anywhere.get(fingerprint).copied().unwrap_or(0);
        let used = self.used.entry(key.1).or_default();
        *used += 1;
        *used <= free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline(entries: &[(&str, &str)], existing: &[&str]) -> (tempfile::TempDir, Baseline) {
        let folder = tempfile::tempdir().unwrap();
        for file in existing {
            std::fs::write(folder.path().join(file), "").unwrap();
        }
        let entry = |(path, fingerprint): &(&str, &str)| BaselineEntry {
            rule_id: "r".into(),
            path: (*path).into(),
            fingerprint: (*fingerprint).into(),
        };
        let content = BaselineFile { version: 1, findings: entries.iter().map(entry).collect() };
        let file = folder.path().join("baseline.json");
        std::fs::write(&file, serde_json::to_string(&content).unwrap()).unwrap();
        let read = Baseline::read(&file, folder.path()).unwrap();
        (folder, read)
    }

    #[test]
    fn each_entry_accepts_one_finding_of_its_file() {
        let (_folder, baseline) = baseline(&[("a.js", "f1"), ("a.js", "f1")], &["a.js", "b.js"]);
        let mut of_a = baseline.of_file("a.js");
        assert_eq!([of_a.accepts("f1"), of_a.accepts("f1"), of_a.accepts("f1")], [true, true, false]);
        assert!(!of_a.accepts("f2"));
        assert!(!baseline.of_file("b.js").accepts("f1"));
    }

    #[test]
    fn a_file_that_moved_takes_its_entries_along() {
        let (_folder, baseline) = baseline(&[("old.js", "f1")], &["new.js"]);
        assert!(baseline.of_file("new.js").accepts("f1"));
    }

    #[test]
    fn a_broken_file_is_an_error_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("baseline.json");
        std::fs::write(&file, "{\"version\": 1,\n \"findings\": 7}").unwrap();
        assert_eq!(Baseline::read(&file, folder.path()).unwrap_err().line, 2);
        std::fs::write(&file, "{\"version\": 9, \"findings\": []}").unwrap();
        assert!(Baseline::read(&file, folder.path()).unwrap_err().message.contains("version 9"));
    }
}
