//! What git knows: which lines a change adds, and what is staged.
//!
//! The repository may be hostile: no external diff, no text conversion, no file-system monitor of its
//! configuration is run, and revisions are resolved before they are used.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use ropey::Rope;
use squire_rules::Finding;

/// For each changed file (absolute path), the lines that were added, from 1.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct AddedLines(pub HashMap<PathBuf, Vec<RangeInclusive<usize>>>);

impl AddedLines {
    /// Whether a finding counts as added: its place or any station of its flow was.
    pub fn bring(&self, path: &Path, rope: &Rope, finding: &Finding) -> bool {
        let lines = |range: &Range<usize>| {
            let last = range.end.saturating_sub(1).max(range.start);
            [range.start, last].map(|offset| rope.byte_to_line(offset.min(rope.len_bytes())) + 1)
        };
        let here = finding.trace.iter().filter(|step| step.path.is_none()).map(|step| &step.range);
        here.chain([&finding.range]).map(lines).any(|[first, last]| self.touch(path, first, last))
    }

    /// Whether any of the lines `first..=last` (from 1) of the file was added.
    pub fn touch(&self, path: &Path, first: usize, last: usize) -> bool {
        // git resolves links; the user may have come through one.
        let resolved = || self.0.get(&std::fs::canonicalize(path).ok()?);
        let ranges = self.0.get(path).or_else(resolved).map_or(&[][..], Vec::as_slice);
        ranges.iter().any(|added| *added.start() <= last && first <= *added.end())
    }
}

/// A git repository.
pub struct Repository {
    top: PathBuf,
}

impl Repository {
    /// The repository around a folder.
    ///
    /// # Errors
    /// There is none, or no git.
    pub fn around(folder: &Path) -> anyhow::Result<Repository> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let output = run(git(folder).args(["rev-parse", "--show-toplevel"]))?;
        Ok(Repository { top: PathBuf::from(text(&output).trim_end_matches(['\n', '\r'])) })
    }

    /// The folder of the work tree.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// The folder in which hooks are looked for: `core.hooksPath` is respected.
    pub fn hooks(&self) -> anyhow::Result<PathBuf> {
        let output = run(git(&self.top).args(["rev-parse", "--git-path", "hooks"]))?;
        Ok(self.top.join(text(&output).trim_end_matches(['\n', '\r'])))
    }

    /// The lines of the work tree that `revision` does not have. New files that git does not ignore count.
    pub fn added_since(&self, revision: &str) -> anyhow::Result<AddedLines> {
        let commit = format!("{revision}^{{commit}}");
        let resolved =
            run(git(&self.top).args(["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]))
                .with_context(|| format!("`{revision}` is no revision of this repository"))?;
        let commit = text(&resolved).trim().to_owned();
        let mut added = self.added(&[&commit])?;
        let untracked = run(git(&self.top).args(["ls-files", "-z", "--others", "--exclude-standard"]))?;
        for path in nul_separated(&untracked) {
            added.0.insert(self.top.join(path), vec![1..=usize::MAX]);
        }
        Ok(added)
    }

    /// The lines of the index that the last commit does not have.
    pub fn added_in_index(&self) -> anyhow::Result<AddedLines> {
        self.added(&["--cached"])
    }

    fn added(&self, what: &[&str]) -> anyhow::Result<AddedLines> {
        let diff = |form: &[&str]| {
            let mut command = git(&self.top);
            command.args(["diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-relative", "-M"]);
            command.args(["--diff-filter=ACMRT", "--ignore-submodules"]).args(form).args(what).arg("--");
            run(&mut command)
        };
        // The patch quotes unusual names; the list of names, which has the same order, does not.
        let names = diff(&["--name-only", "-z"])?;
        let patch = diff(&["-U0", "--src-prefix=a/", "--dst-prefix=b/"])?;
        let names = nul_separated(&names).map(|name| self.top.join(name));
        Ok(AddedLines(names.zip(added_by_section(&patch)).collect()))
    }

    /// The staged text of all files whose name `wanted` likes: path in the work tree and bytes, in order.
    pub fn staged(&self, wanted: impl Fn(&Path) -> bool) -> anyhow::Result<BTreeMap<PathBuf, Vec<u8>>> {
        let listing = run(git(&self.top).args(["ls-files", "-z", "--cached", "--stage", "--full-name"]))?;
        let mut blobs = Vec::new();
        for line in listing.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            let Some(tab) = line.iter().position(|byte| *byte == b'\t') else { continue };
            let head = text(&line[..tab]);
            let path = self.top.join(path_of(&line[tab + 1..]));
            let mut head = head.split(' ');
            let (mode, blob) = (head.next().unwrap_or(""), head.next().unwrap_or(""));
            if mode.starts_with("100") && wanted(&path) {
                blobs.push((path, blob.to_owned()));
            }
        }
        let contents = self.read_blobs(blobs.iter().map(|(_, blob)| blob.clone()).collect())?;
        Ok(blobs.into_iter().map(|(path, _)| path).zip(contents).collect())
    }

    fn read_blobs(&self, blobs: Vec<String>) -> anyhow::Result<Vec<Vec<u8>>> {
        let mut child = git(&self.top)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("git cannot be run")?;
        let mut requests = child.stdin.take().context("git has no input")?;
        let mut answers = BufReader::new(child.stdout.take().context("git has no output")?);
        let count = blobs.len();
        // Written beside the reading: either pipe may be full.
        let writer = std::thread::spawn(move || {
            for blob in blobs {
                if writeln!(requests, "{blob}").is_err() {
                    return;
                }
            }
        });
        let mut contents = Vec::with_capacity(count);
        for _ in 0..count {
            let mut head = String::new();
            answers.read_line(&mut head)?;
            let Some(size) = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok())
            else {
                bail!("git does not know a staged object: {}", head.trim_end());
            };
            let mut content = vec![0; size + 1];
            answers.read_exact(&mut content)?;
            content.pop();
            contents.push(content);
        }
        let _ = writer.join();
        child.wait()?;
        Ok(contents)
    }
}

/// The added lines of each `diff --git` section, in order.
fn added_by_section(patch: &[u8]) -> Vec<Vec<RangeInclusive<usize>>> {
    let mut sections: Vec<Vec<RangeInclusive<usize>>> = Vec::new();
    for line in patch.split(|byte| *byte == b'\n') {
        if line.starts_with(b"diff --git ") {
            sections.push(Vec::new());
        } else if let Some(range) = hunk(line)
            && let Some(section) = sections.last_mut()
        {
            section.push(range);
        }
    }
    sections
}

/// `@@ -12,0 +13,2 @@` adds the lines 13 and 14. Lines of content never begin with `@`.
fn hunk(line: &[u8]) -> Option<RangeInclusive<usize>> {
    let line = String::from_utf8_lossy(&line[..line.len().min(80)]);
    let added = line.strip_prefix("@@ -")?.split(' ').nth(1)?.strip_prefix('+')?;
    let (start, count) = added.split_once(',').unwrap_or((added, "1"));
    let (start, count) = (start.parse::<usize>().ok()?, count.parse::<usize>().ok()?);
    (count > 0).then(|| start..=start + count - 1)
}

fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "core.fsmonitor=false", "-c", "core.quotePath=false"]);
    command.env("GIT_OPTIONAL_LOCKS", "0").stdin(Stdio::null()).stderr(Stdio::piped());
    command
}

fn run(command: &mut Command) -> anyhow::Result<Vec<u8>> {
    let output = command.output().context("git cannot be run")?;
    if !output.status.success() {
        bail!("git: {}", text(&output.stderr).trim());
    }
    Ok(output.stdout)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn nul_separated(bytes: &[u8]) -> impl Iterator<Item = PathBuf> {
    bytes.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(path_of)
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(text(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks_say_which_lines_were_added() {
        let patch = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n@@ -5,0 +6,2 @@ f() {\n+c\n+@@ -1 +1 @@\ndiff --git a/y b/y\n@@ -3,2 +2,0 @@\n-a\n-b\n";
        assert_eq!(added_by_section(patch), [vec![1..=1, 6..=7], vec![]]);
        assert_eq!(hunk("@@ -1 +1 @@ é".as_bytes()), Some(1..=1));
        assert_eq!(hunk(b"@@ nonsense"), None);
    }

    #[test]
    fn a_range_touches_what_overlaps_it() {
        let added = AddedLines([("/a".into(), vec![3..=4])].into());
        let touched = |first, last| added.touch(Path::new("/a"), first, last);
        assert_eq!([touched(1, 2), touched(1, 3), touched(4, 9), touched(5, 6)], [false, true, true, false]);
        assert!(!added.touch(Path::new("/b"), 3, 3));
    }
}
