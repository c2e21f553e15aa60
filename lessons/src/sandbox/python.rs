//! Python: CPython for WASI, interpreted. Slow and exact: every instruction and every byte is counted, and
//! about fifteen calls are all that it knows of a system.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use wasmi::{
    CompilationMode, Config, CustomFuelCosts, Engine, Error, Module, Store, StoreLimits, StoreLimitsBuilder,
    TypedResumableCall,
};

use super::child::parse_task;
use super::clock::Stopwatch;
use super::lockdown::{Limits, lock_down};
use super::protocol::Report;
use super::wasi::{self, Input, System};
use crate::catalog::Runtime;
use crate::catalog::embedded::{PYTHON_PRELUDES, PYTHON_WASM};

/// For the interpreter to get ready for a task, on a slow machine.
pub(super) const STARTUP: Duration = Duration::from_secs(20);
/// Stands for the interpreter inside this binary, where a file's name would stand.
pub(super) const EMBEDDED: &str = "embedded";
/// Instructions between two looks at the clock: a few milliseconds.
const SLICE: u64 = 20_000_000;
/// MiB that the interpreter itself may take before the task's own limit holds.
const STARTUP_MEMORY_MB: u64 = 256;
/// The interpreter's memory, its translated code and this program.
const LIMITS: Limits = Limits { address_space: 2 << 30, cpu_seconds: 60 };
/// The prelude that runs the task; the others are modules that it installs.
const BOOTSTRAP: &str = "bootstrap.py";

/// Starts the interpreter, waits for a task on standard input, runs it.
pub(super) fn serve(wasm: &str) -> Report {
    let loaded = load(wasm).map_err(|error| format!("the Python interpreter cannot be read: {error}"));
    let bytes = match loaded {
        Ok(bytes) => bytes,
        Err(message) => return Report::failed(message),
    };
    #[cfg(unix)]
    if std::env::args().any(|argument| argument == "--serve") {
        // What runs before the first task is Squire's own; each task's fork locks itself down.
        return run(&bytes, || {
            let task = super::fork::next_task();
            match lock_down(LIMITS) {
                Ok(()) => task,
                // An empty task ends the program before it has begun.
                Err(_) => Vec::new(),
            }
        });
    }
    if let Err(message) = lock_down(LIMITS) {
        return Report::failed(format!("the sandbox could not be closed: {message}"));
    }
    run(&bytes, || {
        let mut bytes = Vec::new();
        let _ = std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes);
        bytes
    })
}

/// The file as it is stored: compressed or not.
fn load(wasm: &str) -> std::io::Result<Vec<u8>> {
    match PYTHON_WASM {
        Some(bytes) if wasm == EMBEDDED => Ok(bytes.to_vec()),
        _ => std::fs::read(Path::new(wasm)),
    }
}

/// `receive` waits for the task: it is called when the interpreter is ready.
fn run(stored: &[u8], receive: fn() -> Vec<u8>) -> Report {
    let unpacked = if stored.starts_with(b"\0asm") { Ok(stored.to_vec()) } else { zstd::decode_all(stored) };
    let began =
        unpacked.map_err(|error| error.to_string()).and_then(|bytes| start(&bytes, receive).map_err(text));
    let (mut store, main) = match began {
        Ok(began) => began,
        Err(message) => {
            return Report::failed(format!("the Python interpreter cannot be started: {message}"));
        }
    };
    let ended = in_slices(&mut store, main);
    report(store.into_data(), ended)
}

type Main = wasmi::TypedFunc<(), ()>;

fn start(wasm: &[u8], receive: fn() -> Vec<u8>) -> Result<(Store<System>, Main), Error> {
    let mut config = Config::default();
    config
        .consume_fuel(true)
        .compilation_mode(CompilationMode::LazyTranslation)
        // A function whose translation runs out of fuel could not be resumed.
        .fuel_cost(CustomFuelCosts {
            bytes_copied_per_fuel: 64,
            fuel_per_bytes_translated: 0,
            fuel_per_bytes_validated: 0,
        })
        .ignore_custom_sections(true)
        .set_max_recursion_depth(20_000)
        .set_max_stack_height(4 << 20);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, wasm)?;
    let linker = wasi::linker(&engine, &module)?;
    let system = System {
        arguments: ["python", "-I", "-S", "-B", "-c", &program()].map(str::to_owned).to_vec(),
        input: Some(receive),
        marker: None,
        time_ms: STARTUP.as_millis() as u64,
        pending: Vec::new(),
        out: Vec::new(),
        err: Vec::new(),
        limits: memory_limit(STARTUP_MEMORY_MB),
        watch: Stopwatch::start(),
        random: 0x2545_f491_4f6c_dd1d,
    };
    let mut store = Store::new(&engine, system);
    store.limiter(|system| &mut system.limits);
    store.set_fuel(SLICE)?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let main = instance.get_typed_func::<(), ()>(&store, "_start")?;
    Ok((store, main))
}

/// What holds from the task on. An unreadable one is handed on as it is: the bootstrap cannot read it either
/// and ends.
pub(super) fn input(bytes: Vec<u8>) -> Input {
    let (time_ms, memory_mb, marker) = match parse_task(&bytes) {
        Ok(task) if task.runtime == Runtime::Python => (task.time_ms, task.memory_mb, Some(task.marker)),
        _ => (0, STARTUP_MEMORY_MB, None),
    };
    Input { bytes, marker, time_ms, limits: memory_limit(memory_mb) }
}

/// How the program ended.
enum Ended {
    WithCode(i32),
    Overdue,
    Trapped(String),
}

fn in_slices(store: &mut Store<System>, main: Main) -> Ended {
    let mut call = main.call_resumable(&mut *store, ());
    loop {
        match call {
            Ok(TypedResumableCall::Finished(())) => return Ended::WithCode(0),
            Ok(TypedResumableCall::HostTrap(trap)) => {
                return match trap.host_error().i32_exit_status() {
                    Some(code) => Ended::WithCode(code),
                    None => Ended::Trapped(trap.host_error().to_string()),
                };
            }
            Ok(TypedResumableCall::OutOfFuel(paused)) => {
                if store.data().is_overdue() {
                    return Ended::Overdue;
                }
                if let Err(error) = store.set_fuel(SLICE + paused.required_fuel()) {
                    return Ended::Trapped(text(error));
                }
                call = paused.resume(&mut *store);
            }
            Err(error) => {
                return match error.i32_exit_status() {
                    Some(code) => Ended::WithCode(code),
                    None => Ended::Trapped(text(error)),
                };
            }
        }
    }
}

fn report(system: System, ended: Ended) -> Report {
    if let Ended::Overdue = ended {
        return Report::failed(super::too_slow(system.time_ms));
    }
    let out = String::from_utf8_lossy(&system.out);
    let marked = system.marker.as_deref().and_then(|marker| out.rsplit_once(marker));
    if let Some((_, json)) = marked {
        return serde_json::from_str(json)
            .unwrap_or_else(|error| Report::failed(format!("the lesson runtime sent no report: {error}")));
    }
    let errors = String::from_utf8_lossy(&system.err);
    let last = errors.lines().rev().find(|line| !line.trim().is_empty());
    Report::failed(match (ended, last) {
        (Ended::Trapped(why), _) => format!("the program was stopped: {why}"),
        (_, Some(last)) => format!("the program ended early: {last}"),
        (Ended::WithCode(code), None) => format!("the program ended early, with exit code {code}"),
        (Ended::Overdue, None) => "the program ended early".to_owned(),
    })
}

/// `python -c` this: a dictionary of the modules that lessons may import, then the bootstrap.
fn program() -> String {
    let mut code = String::from("MODULES = {\n");
    let mut bootstrap = "";
    for (name, source) in PYTHON_PRELUDES {
        if *name == BOOTSTRAP {
            bootstrap = source;
            continue;
        }
        let _ = writeln!(code, "{}: {},", literal(name), literal(source));
    }
    code.push_str("}\n");
    code.push_str(bootstrap);
    code
}

/// A Python string literal of ASCII characters.
fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for character in text.chars() {
        match character {
            '\\' => literal.push_str("\\\\"),
            '\'' => literal.push_str("\\'"),
            '\n' => literal.push_str("\\n"),
            ' '..='~' => literal.push(character),
            _ => {
                let _ = write!(literal, "\\U{:08x}", u32::from(character));
            }
        }
    }
    literal.push('\'');
    literal
}

fn memory_limit(mebibytes: u64) -> StoreLimits {
    StoreLimitsBuilder::new().memory_size((mebibytes as usize) << 20).build()
}

fn text(error: Error) -> String {
    error.to_string()
}
