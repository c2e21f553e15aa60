//! The command line from outside: a project on disk, a command, what it says.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::binary::squire;

/// A folder with files, and a data folder of its own beside it.
pub struct Project {
    folder: TempDir,
    data: TempDir,
}

/// What a command left.
#[derive(Debug)]
pub struct Ran {
    /// The exit status.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Project {
    /// A project of these files, each with its text.
    ///
    /// # Panics
    /// The folder cannot be written.
    pub fn new(files: &[(&str, &str)]) -> Project {
        let project = Project {
            folder: tempfile::tempdir().expect("a temporary folder"),
            data: tempfile::tempdir().expect("a temporary folder"),
        };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, with its folders.
    ///
    /// # Panics
    /// It cannot be written.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is writable");
        fs::write(&path, text).expect("the folder is writable");
        path
    }

    /// Reads a file.
    ///
    /// # Panics
    /// It cannot be read.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).expect("the file is there")
    }

    /// Runs `squire` in the folder.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Ran {
        self.run_with(arguments, "")
    }

    /// Runs `squire` in the folder, with something on standard input.
    ///
    /// # Panics
    /// The binary does not start.
    pub fn run_with<S: AsRef<OsStr>>(&self, arguments: &[S], input: impl AsRef<[u8]>) -> Ran {
        let mut command = self.command(squire());
        finish(command.args(arguments), input.as_ref())
    }

    /// A command in the folder, with a clean environment for git and for Squire.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .env("SQUIRE_DATA_DIR", self.data.path())
            .env("NO_COLOR", "1")
            .env("GIT_CONFIG_GLOBAL", self.data.path().join("gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("GIT_DIR")
            .env_remove("GIT_INDEX_FILE");
        command
    }

    /// Runs git in the folder.
    ///
    /// # Panics
    /// It fails.
    pub fn git(&self, arguments: &[&str]) -> String {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"];
        let ran = finish(self.command("git").args(identity).args(arguments), b"");
        assert_eq!(ran.status, 0, "git {arguments:?}: {}", ran.err);
        ran.out
    }

    /// The results of `squire scan --format json` with these arguments.
    ///
    /// # Panics
    /// The output is no JSON.
    pub fn scan(&self, arguments: &[&str]) -> Value {
        let all: Vec<&str> = ["scan", "--format", "json"].iter().chain(arguments).copied().collect();
        self.run(&all).json()
    }
}

impl Ran {
    /// Standard output as JSON.
    ///
    /// # Panics
    /// It is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// `rule_id path:line` of each result that is not accepted.
pub fn lines(report: &Value) -> Vec<String> {
    let open =
        report["results"].as_array().into_iter().flatten().filter(|result| result["suppressed"].is_null());
    let line = |result: &Value| {
        let text = |key: &str| result[key].as_str().unwrap_or_default().to_owned();
        format!("{} {}:{}", text("rule_id"), text("path"), result["start"]["line"])
    };
    open.map(line).collect()
}

fn finish(command: &mut Command, input: &[u8]) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("it was asked for");
    // A program that does not read its input may end before it is written.
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    Ran {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
