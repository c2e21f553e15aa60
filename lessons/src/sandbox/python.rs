//! Python: CPython for WASI, interpreted.

use std::path::PathBuf;
use std::time::Duration;

use super::protocol::Report;

/// WebAssembly, without custom sections, compressed.
const FILE: &str = "python-3.12.wasm.zst";

/// Until the interpreter is ready for a task, on a slow machine.
pub(super) const STARTUP: Duration = Duration::from_secs(10);

/// The WebAssembly file of the interpreter, where there is one.
///
/// `$SQUIRE_PYTHON_WASM`, or else [`FILE`] in the cache directory, or else beside the program.
pub(super) fn installed() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("SQUIRE_PYTHON_WASM") {
        return Some(PathBuf::from(path)).filter(|path| path.is_file());
    }
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join(FILE)));
    let cached = crate::places::cache().map(|folder| folder.join(FILE));
    cached.into_iter().chain(beside).find(|path| path.is_file())
}

/// Starts the interpreter, waits for a task, runs it.
pub(super) fn serve(_wasm: &str) -> Report {
    Report::failed("Python is not installed for lessons")
}
