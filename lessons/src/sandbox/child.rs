//! The child's side: read a task, lock down, run it, report, end.

use std::io::{Read, Write};

use super::lockdown::{Limits, lock_down};
use super::protocol::{Report, Task};
use super::{javascript, probe, python};
use crate::catalog::Runtime;

/// The whole life of the hidden subcommand `squire lesson-runner`.
///
/// With `--python FILE` it first starts the Python interpreter of that WebAssembly file, so that a task that
/// comes later need not wait for it. Reads one JSON task from standard input, writes one JSON report to
/// standard output and ends the process. Never returns.
pub fn runner_main() -> ! {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--python").skip(1);
    let report = match (arguments.next(), probe::requested()) {
        (_, Some(name)) => probe::run(&name),
        (Some(wasm), None) => python::serve(&wasm),
        (None, None) => serve_javascript(),
    };
    send(&report);
    // Not `return`: destructors have nothing to add, and the allocator may be at its limit.
    std::process::exit(0)
}

fn serve_javascript() -> Report {
    let task = match read_task() {
        Ok(task) => task,
        Err(message) => return Report::failed(message),
    };
    if task.runtime != Runtime::JavaScript {
        return Report::failed(format!("this runner has no runtime for {:?}", task.runtime));
    }
    let limits = Limits {
        // QuickJS counts its own memory; SQLite and Rust take theirs beside it.
        address_space: (task.memory_mb << 20) + (448 << 20),
        cpu_seconds: task.time_ms.div_ceil(1000) + 1,
    };
    if let Err(message) = lock_down(limits) {
        return Report::failed(format!("the sandbox could not be closed: {message}"));
    }
    javascript::run(&task)
}

fn read_task() -> Result<Task, String> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).map_err(|error| format!("no task came: {error}"))?;
    parse_task(&bytes)
}

/// The task that the parent writes and then closes the pipe after.
pub(super) fn parse_task(bytes: &[u8]) -> Result<Task, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("the task cannot be read: {error}"))
}

fn send(report: &Report) {
    let mut report = report.clone();
    super::shorten(&mut report.output, super::MAX_PRINTED);
    let Ok(json) = serde_json::to_vec(&report) else { return };
    let mut out = std::io::stdout().lock();
    // A parent that no longer listens is no reason to fail: nobody would hear of it.
    let _ = out.write_all(&json).and_then(|()| out.flush());
}
