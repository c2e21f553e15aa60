//! Which files are read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ignore::{WalkBuilder, WalkState};
use squire_rules::Language;

use super::Config;
use super::quiet::is_vendored_folder;

/// The files of one scan.
#[derive(Debug, Default)]
pub struct Discovery {
    /// In order of path, each once. Spelled as the target was: relative targets give relative paths.
    pub files: Vec<Found>,
    /// Targets that do not exist and folders that cannot be read.
    pub errors: Vec<(PathBuf, String)>,
}

/// One file to read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The file.
    pub path: PathBuf,
    /// Whether it was named itself: then its size, its ending and what it is for do not matter.
    pub named: bool,
}

/// The files under `paths` that Squire reads.
///
/// A path that is a file is always in. Of a folder, those files are in that have an ending of a language,
/// are not ignored by `.gitignore`, `.ignore` or `.squireignore`, are not excluded or quiet by `config`, and are not above
/// `max-file-size`. Symbolic links below a folder are not followed. Text is not looked at: files that are
/// binary or generated show themselves when they are read (see [`Config::silence`]).
pub fn discover(paths: &[PathBuf], config: &Config) -> Discovery {
    let mut files = BTreeSet::new();
    let mut errors = Vec::new();
    for target in paths {
        match std::fs::metadata(target) {
            Err(error) => errors.push((target.clone(), format!("cannot be read: {error}"))),
            Ok(meta) if meta.is_dir() => walk(target, config, &mut files, &mut errors),
            Ok(_) => {
                files.insert(Found { path: tidy(target), named: true });
            }
        }
    }
    // Of a file that is both named and met on the walk, the named one stays.
    let named: BTreeSet<PathBuf> =
        files.iter().filter(|file| file.named).map(|file| file.path.clone()).collect();
    files.retain(|file| file.named || !named.contains(&file.path));
    errors.sort();
    Discovery { files: files.into_iter().collect(), errors }
}

fn walk(target: &Path, config: &Config, files: &mut BTreeSet<Found>, errors: &mut Vec<(PathBuf, String)>) {
    let found = Mutex::new((Vec::new(), Vec::new()));
    let limit = config.settings.budget.max_file_size.0;
    let own = target.to_owned();
    let mut builder = WalkBuilder::new(target);
    builder
        .standard_filters(!config.ignores_project)
        .hidden(false)
        // The same tree gives the same files on every machine, with a `.git` folder and without.
        .require_git(false)
        .git_global(false)
        .threads(config.threads)
        .filter_entry(move |entry| {
            entry.path() == own
                || !(entry.file_type().is_some_and(|kind| kind.is_dir())
                    && is_vendored_folder(&entry.file_name().to_string_lossy()))
        });
    if !config.ignores_project {
        builder.add_custom_ignore_filename(".squireignore");
    }
    builder.build_parallel().run(|| {
        Box::new(|entry| {
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    let path = tidy(entry.path());
                    if Language::of_name(&path).is_none() || config.silence(&path, "").is_some() {
                        return WalkState::Continue;
                    }
                    let size = entry.metadata().map_or(0, |meta| meta.len());
                    if limit == 0 || size <= limit {
                        lock(&found).0.push(Found { path, named: false });
                    }
                }
                Ok(entry) if entry.depth() > 0 && config.is_excluded(entry.path()) => return WalkState::Skip,
                Ok(_) => {}
                Err(error) => lock(&found).1.push((target.to_owned(), error.to_string())),
            }
            WalkState::Continue
        })
    });
    let (of_walk, of_errors) = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    files.extend(of_walk);
    errors.extend(of_errors);
}

/// Without the `./` that a walk of `.` puts before everything.
fn tidy(path: &Path) -> PathBuf {
    path.strip_prefix(".").map_or_else(|_| path.to_owned(), Path::to_owned)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let (path, text) = file.split_once('=').unwrap_or((file, "x = 1\n"));
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn found(folder: &Path, targets: &[&str], config: Config) -> Vec<String> {
        let targets: Vec<PathBuf> = targets.iter().map(|target| folder.join(target)).collect();
        let config = config.naming(&targets);
        discover(&targets, &config)
            .files
            .iter()
            .map(|file| file.path.strip_prefix(folder).unwrap().to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn a_folder_gives_the_sources_that_are_ones_own() {
        let folder = tree(&[
            "a.js",
            "sub/b.py",
            "README.md",
            "node_modules/x/index.js",
            "tests/t.js",
            "lib/jquery.min.js",
            ".gitignore=out/\n",
            "out/o.js",
            ".github/check.py",
        ]);
        let files = found(folder.path(), &[""], Config::find(folder.path()).unwrap());
        assert_eq!(files, [".github/check.py", "a.js", "sub/b.py"]);
    }

    #[test]
    fn what_is_named_is_read_whatever_it_is() {
        let folder =
            tree(&["tests/t.js", "node_modules/x/index.js", "notes.txt", ".gitignore=tests\n", "a.js"]);
        let config = || Config::find(folder.path()).unwrap();
        assert_eq!(found(folder.path(), &["tests/t.js", "notes.txt"], config()), ["notes.txt", "tests/t.js"]);
        assert_eq!(found(folder.path(), &["node_modules/x"], config()), ["node_modules/x/index.js"]);
        assert_eq!(found(folder.path(), &["", "a.js"], config()), ["a.js"]);
    }

    #[test]
    fn excluded_folders_and_large_files_are_left_out() {
        let folder = tree(&[
            "squire.toml=exclude = [\"legacy/\", \"*.old.js\"]\n[budget]\nmax-file-size = 10\n",
            "legacy/deep/a.js",
            "b.old.js",
            "c.js",
            "big.js=var a = 1; // more than ten bytes\n",
        ]);
        let config = Config::find(folder.path()).unwrap();
        assert_eq!(found(folder.path(), &[""], config.clone()), ["c.js"]);
        assert_eq!(found(folder.path(), &["big.js"], config), ["big.js"]);
    }

    #[test]
    fn without_configuration_ignore_files_do_not_count() {
        let folder = tree(&[".gitignore=a.js\n", "a.js"]);
        assert_eq!(found(folder.path(), &[""], Config::none(folder.path())), ["a.js"]);
        assert_eq!(found(folder.path(), &[""], Config::find(folder.path()).unwrap()), [""; 0]);
    }

    #[test]
    fn a_missing_target_is_an_error_and_the_others_go_on() {
        let folder = tree(&["a.js"]);
        let targets = [folder.path().join("gone"), folder.path().join("a.js")];
        let discovery = discover(&targets, &Config::none(folder.path()));
        assert_eq!(discovery.files.len(), 1);
        assert_eq!(discovery.errors[0].0, targets[0]);
    }

    #[cfg(unix)]
    #[test]
    fn a_loop_of_links_ends() {
        let folder = tree(&["a.js"]);
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
        assert_eq!(found(folder.path(), &[""], Config::none(folder.path())), ["a.js"]);
    }
}
