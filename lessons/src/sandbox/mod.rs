//! Where a learner's program runs: in a child process that can do nothing but compute.
//!
//! The parent's side. One child per run: environment cleared, JSON over pipes, output capped, killed from
//! outside at a deadline. The child limits itself further ([`lockdown`]) before it runs anything: an
//! interrupt handler inside the interpreter is not enough, as a native loop never asks it.

mod child;
mod clock;
#[cfg(unix)]
mod fork;
mod hex;
mod install;
mod javascript;
mod lockdown;
mod probe;
mod protocol;
mod python;
mod sql;
#[cfg(unix)]
mod warm;
mod wasi;

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
#[cfg(unix)]
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Duration;

pub use self::child::runner_main;
use self::clock::on_the_wall;
pub use self::install::install_python;
pub use self::protocol::Outcome;
pub(crate) use self::protocol::{Report, RunError, Task};
use crate::catalog::{Exercise, Runtime};
use crate::check::Behaviours;

/// Bytes that are read from a child before it is stopped.
const MAX_REPORT: u64 = 4 << 20;
/// Bytes of the program's own output that a report keeps.
const MAX_PRINTED: usize = 64 << 10;

/// Starts the children in which learners' programs run.
#[derive(Debug)]
pub struct Runner {
    program: PathBuf,
    arguments: Vec<String>,
    behaviours: Behaviours,
    /// The Python interpreter that waits for tasks, once one was needed.
    #[cfg(unix)]
    python: Mutex<Option<warm::Warm>>,
}

impl Runner {
    /// A runner whose children are the running program itself, called as `<program> lesson-runner`. That
    /// subcommand must call [`runner_main`].
    pub fn new() -> std::io::Result<Runner> {
        // The file may have been replaced by an update since it was started; the link still names the old one.
        let program =
            if cfg!(target_os = "linux") { "/proc/self/exe".into() } else { std::env::current_exe()? };
        Ok(Runner::with_program(program, &["lesson-runner"]))
    }

    /// A runner whose children are another program, called with these arguments. It must call
    /// [`runner_main`].
    pub fn with_program(program: impl Into<PathBuf>, arguments: &[&str]) -> Runner {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Runner {
            program: program.into(),
            arguments,
            behaviours: Behaviours::default(),
            #[cfg(unix)]
            python: Mutex::default(),
        }
    }

    /// Whether exercises of this runtime can be executed here, or only analysed.
    pub fn can_execute(&self, runtime: Runtime) -> bool {
        match runtime {
            Runtime::JavaScript => true,
            Runtime::Python => install::installed().is_some(),
            Runtime::Analysed => false,
        }
    }

    /// Starts what an exercise will need to be run, where that takes long. Returns at once.
    pub fn warm_up(&self, exercise: &Exercise) {
        #[cfg(unix)]
        if let (Runtime::Python, Some(python)) = (exercise.runtime, install::installed())
            && let Ok(mut warm) = self.python.try_lock()
        {
            let _ = self.warm_python(&mut warm, &python);
        }
        #[cfg(not(unix))]
        let _ = exercise;
    }

    pub(crate) fn behaviours(&self) -> &Behaviours {
        &self.behaviours
    }

    /// Runs one task in a child of its own. Whatever goes wrong is in the report.
    pub(crate) fn run(&self, task: &Task) -> Report {
        match task.runtime {
            Runtime::JavaScript => self.run_cold(task, &[], Duration::ZERO),
            Runtime::Python => match install::installed() {
                Some(python) => self.run_python(task, &python),
                None => Report::failed("Python is not installed for lessons"),
            },
            Runtime::Analysed => Report::failed("this exercise is analysed, not executed"),
        }
    }

    fn run_cold(&self, task: &Task, extra: &[String], startup: Duration) -> Report {
        let deadline = on_the_wall(Duration::from_millis(task.time_ms) + startup);
        let input = match serde_json::to_vec(task) {
            Ok(input) => input,
            Err(error) => return Report::failed(error.to_string()),
        };
        match self.spawn(extra) {
            Ok(child) => read_report(converse(child, input, deadline), task.time_ms),
            Err(error) => Report::failed(format!("the lesson runner cannot be started: {error}")),
        }
    }

    #[cfg(not(unix))]
    fn run_python(&self, task: &Task, python: &install::Python) -> Report {
        self.run_cold(task, &["--python".to_owned(), python.argument()], python::STARTUP)
    }

    /// In a fork of the warm interpreter, or in a cold one where that fails.
    #[cfg(unix)]
    fn run_python(&self, task: &Task, python: &install::Python) -> Report {
        // Starting may still be under way, and the supervisor in between has a deadline of its own.
        let deadline = on_the_wall(python::STARTUP + Duration::from_millis(task.time_ms));
        if let Ok(mut warm) = self.python.lock() {
            if let Ok(warm) = self.warm_python(&mut warm, python)
                && let Some(report) = warm.run(task, deadline)
            {
                return report;
            }
            *warm = None;
        }
        self.run_cold(task, &["--python".to_owned(), python.argument()], python::STARTUP)
    }

    #[cfg(unix)]
    fn warm_python<'w>(
        &self,
        warm: &'w mut Option<warm::Warm>,
        python: &install::Python,
    ) -> std::io::Result<&'w mut warm::Warm> {
        if warm.as_mut().is_none_or(|warm| !warm.is_alive()) {
            let extra = ["--serve".to_owned(), "--python".to_owned(), python.argument()];
            *warm = Some(warm::Warm::new(self.spawn(&extra)?)?);
        }
        warm.as_mut().ok_or_else(|| std::io::Error::other("the interpreter was not started"))
    }

    /// What one native escape probe answers, or how it ended.
    #[doc(hidden)]
    pub fn probe(&self, name: &str) -> String {
        match self.spawn(&["--probe".to_owned(), name.to_owned()]) {
            Ok(child) => match converse(child, Vec::new(), Duration::from_secs(10)) {
                Ended::Itself { output, status } if output.is_empty() => format!("ended: {status}"),
                Ended::Itself { output, .. } => String::from_utf8_lossy(&output).into_owned(),
                Ended::Overdue => "killed at the deadline".to_owned(),
                Ended::TooMuchOutput => "too much output".to_owned(),
            },
            Err(error) => error.to_string(),
        }
    }

    fn spawn(&self, extra: &[String]) -> std::io::Result<Child> {
        Command::new(&self.program)
            .args(&self.arguments)
            .args(extra)
            .env_clear()
            .current_dir(if cfg!(unix) { PathBuf::from("/") } else { std::env::temp_dir() })
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
    }
}

/// How a child ended.
enum Ended {
    Itself { output: Vec<u8>, status: ExitStatus },
    Overdue,
    TooMuchOutput,
}

/// Sends the input, reads the output up to the cap, and sees to it that the child is gone afterwards.
fn converse(mut child: Child, input: Vec<u8>, deadline: Duration) -> Ended {
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (sender, receiver) = mpsc::channel();
    // Both threads end with the child, whose end of the pipes closes when it is killed.
    std::thread::spawn(move || {
        // A child that does not read its input says so by what it answers.
        let _ = stdin.map(|mut pipe| pipe.write_all(&input));
    });
    std::thread::spawn(move || {
        let mut output = Vec::new();
        if let Some(pipe) = stdout {
            let _ = pipe.take(MAX_REPORT + 1).read_to_end(&mut output);
        }
        let _ = sender.send(output);
    });
    let output = receiver.recv_timeout(deadline);
    // Killing a child that has ended by itself does nothing.
    let overdue = output.is_err();
    let too_much = output.as_ref().is_ok_and(|output| output.len() as u64 > MAX_REPORT);
    if overdue || too_much {
        let _ = child.kill();
    }
    match (child.wait(), output) {
        (_, Err(_)) => Ended::Overdue,
        (_, Ok(_)) if too_much => Ended::TooMuchOutput,
        (Ok(status), Ok(output)) => Ended::Itself { output, status },
        (Err(_), Ok(_)) => Ended::Overdue,
    }
}

fn read_report(ended: Ended, time_ms: u64) -> Report {
    match ended {
        Ended::Itself { status, .. } if is_out_of_time(status) => Report::failed(too_slow(time_ms)),
        Ended::Overdue => Report::failed(too_slow(time_ms)),
        Ended::TooMuchOutput => Report::failed("the program printed more than a lesson allows"),
        Ended::Itself { output, status } => serde_json::from_slice(&output)
            .unwrap_or_else(|_| Report::failed(format!("the program was stopped: {}", why(status)))),
    }
}

fn too_slow(time_ms: u64) -> String {
    format!("the program was not done after {time_ms} ms and was stopped")
}

/// Whether the system has stopped it for the processor time that it used.
#[cfg(unix)]
fn is_out_of_time(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    matches!(status.signal(), Some(libc::SIGXCPU | libc::SIGKILL))
}

#[cfg(not(unix))]
fn is_out_of_time(_status: ExitStatus) -> bool {
    false
}

#[cfg(unix)]
fn why(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match status.signal() {
        Some(libc::SIGSYS) => "it tried something that a lesson may not do".to_owned(),
        Some(libc::SIGABRT | libc::SIGSEGV | libc::SIGBUS) => {
            "it used more memory than a lesson may".to_owned()
        }
        _ => status.to_string(),
    }
}

#[cfg(not(unix))]
fn why(status: ExitStatus) -> String {
    status.to_string()
}

/// Cuts a text to `limit` bytes at most, at a character boundary.
fn shorten(text: &mut String, limit: usize) {
    if text.len() > limit {
        let mut end = limit;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
}
