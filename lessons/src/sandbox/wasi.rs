//! The system that the Python interpreter sees: arguments, a clock, randomness, standard input and output.
//! Every other call of WASI (`preview1`) is answered by "not capable": there are no files, no sockets, no
//! processes.

use std::time::Duration;

use super::clock::Stopwatch;
use wasmi::{Caller, Engine, Error, Extern, ExternType, Linker, Memory, Module, StoreLimits, Val};

/// Bytes that a program may print on each of its two outputs.
const MAX_PRINTED: usize = 4 << 20;
/// Bytes of randomness in one call.
const MAX_RANDOM: usize = 1 << 20;
/// Buffers of one write.
const MAX_BUFFERS: u32 = 1024;

const MODULE: &str = "wasi_snapshot_preview1";
// Error numbers of WASI preview1.
const SUCCESS: i32 = 0;
const BADF: i32 = 8;
const FAULT: i32 = 21;
const NOSPC: i32 = 51;
const NOTCAPABLE: i32 = 76;

/// What the calls of one program work on.
pub(super) struct System {
    pub arguments: Vec<String>,
    /// Called once, when the program first reads standard input: what it reads.
    pub input: Option<fn() -> Vec<u8>>,
    pub pending: Vec<u8>,
    pub out: Vec<u8>,
    pub err: Vec<u8>,
    pub limits: StoreLimits,
    /// When it was started, or was given its task.
    pub watch: Stopwatch,
    /// The time that it has from then on.
    pub time_ms: u64,
    /// What the report stands behind, once a task is there.
    pub marker: Option<String>,
    pub random: u64,
}

/// What a program is given to read, and the limits that hold from then on.
pub(super) struct Input {
    pub bytes: Vec<u8>,
    pub marker: Option<String>,
    pub time_ms: u64,
    pub limits: StoreLimits,
}

impl System {
    pub fn is_overdue(&self) -> bool {
        self.watch.elapsed() > Duration::from_millis(self.time_ms)
    }
}

type Call<'a> = Caller<'a, System>;

/// The answers to all calls that the module imports.
pub(super) fn linker(engine: &Engine, module: &Module) -> Result<Linker<System>, Error> {
    let mut linker = Linker::new(engine);
    linker
        .func_wrap(MODULE, "args_sizes_get", args_sizes_get)?
        .func_wrap(MODULE, "args_get", args_get)?
        .func_wrap(MODULE, "environ_sizes_get", |mut call: Call<'_>, count: i32, size: i32| {
            let counted = put(&mut call, count, &[0; 4]);
            if counted == SUCCESS { put(&mut call, size, &[0; 4]) } else { counted }
        })?
        .func_wrap(MODULE, "environ_get", |_: i32, _: i32| SUCCESS)?
        .func_wrap(MODULE, "clock_res_get", |mut call: Call<'_>, _: i32, to: i32| {
            put(&mut call, to, &1000_u64.to_le_bytes())
        })?
        .func_wrap(MODULE, "clock_time_get", clock_time_get)?
        .func_wrap(MODULE, "random_get", random_get)?
        .func_wrap(MODULE, "sched_yield", || SUCCESS)?
        .func_wrap(MODULE, "fd_write", fd_write)?
        .func_wrap(MODULE, "fd_read", fd_read)?
        .func_wrap(MODULE, "fd_fdstat_get", fd_fdstat_get)?
        .func_wrap(MODULE, "fd_filestat_get", fd_filestat_get)?
        .func_wrap(MODULE, "proc_exit", |code: i32| -> Result<(), Error> { Err(Error::i32_exit(code)) })?;
    refuse_the_rest(&mut linker, module);
    Ok(linker)
}

fn refuse_the_rest(linker: &mut Linker<System>, module: &Module) {
    for import in module.imports() {
        let ExternType::Func(signature) = import.ty() else { continue };
        let answer = if import.name().starts_with("fd_") { BADF } else { NOTCAPABLE };
        let answers = !signature.results().is_empty();
        // An error means that the call is answered already.
        let _ = linker.func_new(
            import.module(),
            import.name(),
            signature.clone(),
            move |_: Call<'_>, _: &[Val], results: &mut [Val]| {
                if answers {
                    results[0] = Val::I32(answer);
                }
                Ok(())
            },
        );
    }
}

fn args_sizes_get(mut call: Call<'_>, count: i32, size: i32) -> i32 {
    let arguments = &call.data().arguments;
    let number = arguments.len() as u32;
    let bytes: usize = arguments.iter().map(|argument| argument.len() + 1).sum();
    match put(&mut call, count, &number.to_le_bytes()) {
        SUCCESS => put(&mut call, size, &(bytes as u32).to_le_bytes()),
        error => error,
    }
}

fn args_get(mut call: Call<'_>, pointers: i32, buffer: i32) -> i32 {
    let mut pointer = pointers;
    let mut at = buffer;
    for argument in call.data().arguments.clone() {
        let mut bytes = argument.into_bytes();
        bytes.push(0);
        if put(&mut call, pointer, &(at as u32).to_le_bytes()) != SUCCESS
            || put(&mut call, at, &bytes) != SUCCESS
        {
            return FAULT;
        }
        pointer = pointer.wrapping_add(4);
        at = at.wrapping_add(bytes.len() as i32);
    }
    SUCCESS
}

/// Nanoseconds since the Unix epoch, beginning at a fixed date: a lesson gives the same verdict each day. The time for
/// which an interpreter waits for its task does not count.
fn clock_time_get(mut call: Call<'_>, _clock: i32, _precision: i64, to: i32) -> i32 {
    const BEGIN: u64 = 1_767_225_600_000_000_000;
    const STARTUP: u64 = 1_000_000_000;
    let system = call.data();
    let elapsed = system.watch.elapsed().as_nanos() as u64;
    let now = BEGIN + if system.input.is_some() { elapsed.min(STARTUP) } else { STARTUP + elapsed };
    put(&mut call, to, &now.to_le_bytes())
}

/// A fixed sequence (xorshift64), for the same reason.
fn random_get(mut call: Call<'_>, to: i32, length: i32) -> i32 {
    let mut bytes = vec![0_u8; (length as u32 as usize).min(MAX_RANDOM)];
    let mut word = call.data().random;
    for byte in &mut bytes {
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
        *byte = (word >> 32) as u8;
    }
    call.data_mut().random = word;
    put(&mut call, to, &bytes)
}

fn fd_write(mut call: Call<'_>, descriptor: i32, vectors: i32, count: i32, written: i32) -> i32 {
    if descriptor != 1 && descriptor != 2 {
        return BADF;
    }
    let Some(memory) = memory(&call) else { return FAULT };
    let mut total = 0_u32;
    for index in 0..(count as u32).min(MAX_BUFFERS) {
        let Some((start, length)) = vector(&call, memory, vectors, index) else { return FAULT };
        let (bytes, system) = memory.data_and_store_mut(&mut call);
        let Some(bytes) = bytes.get(start..start.saturating_add(length)) else { return FAULT };
        let out = if descriptor == 1 { &mut system.out } else { &mut system.err };
        if out.len() + bytes.len() > MAX_PRINTED {
            return NOSPC;
        }
        out.extend_from_slice(bytes);
        total += length as u32;
    }
    put(&mut call, written, &total.to_le_bytes())
}

fn fd_read(mut call: Call<'_>, descriptor: i32, vectors: i32, count: i32, read: i32) -> i32 {
    if descriptor != 0 {
        return BADF;
    }
    if let Some(input) = call.data_mut().input.take() {
        let input = super::python::input(input());
        let system = call.data_mut();
        system.pending = input.bytes;
        system.watch = Stopwatch::start();
        system.marker = input.marker;
        system.time_ms = input.time_ms;
        system.limits = input.limits;
    }
    let Some(memory) = memory(&call) else { return FAULT };
    let mut total = 0_u32;
    for index in 0..(count as u32).min(MAX_BUFFERS) {
        let Some((start, length)) = vector(&call, memory, vectors, index) else { return FAULT };
        let (bytes, system) = memory.data_and_store_mut(&mut call);
        let length = length.min(system.pending.len());
        let Some(bytes) = bytes.get_mut(start..start.saturating_add(length)) else { return FAULT };
        bytes.copy_from_slice(&system.pending[..length]);
        system.pending.drain(..length);
        total += length as u32;
    }
    put(&mut call, read, &total.to_le_bytes())
}

/// The three standard streams are character devices that can be read and written.
fn fd_fdstat_get(mut call: Call<'_>, descriptor: i32, to: i32) -> i32 {
    const CHARACTER_DEVICE: u8 = 2;
    const READ_AND_WRITE: u64 = 0x02 | 0x40;
    if !(0..3).contains(&descriptor) {
        return BADF;
    }
    let mut stat = [0_u8; 24];
    stat[0] = CHARACTER_DEVICE;
    stat[8..16].copy_from_slice(&READ_AND_WRITE.to_le_bytes());
    put(&mut call, to, &stat)
}

fn fd_filestat_get(mut call: Call<'_>, descriptor: i32, to: i32) -> i32 {
    if !(0..3).contains(&descriptor) {
        return BADF;
    }
    let mut stat = [0_u8; 64];
    stat[16] = 2;
    put(&mut call, to, &stat)
}

/// The address and length that the vector of that index names.
fn vector(call: &Call<'_>, memory: Memory, vectors: i32, index: u32) -> Option<(usize, usize)> {
    let mut pair = [0_u8; 8];
    let at = (vectors as u32).checked_add(index * 8)?;
    memory.read(call, at as usize, &mut pair).ok()?;
    let [a, b, c, d, e, f, g, h] = pair;
    Some((u32::from_le_bytes([a, b, c, d]) as usize, u32::from_le_bytes([e, f, g, h]) as usize))
}

fn put(call: &mut Call<'_>, to: i32, bytes: &[u8]) -> i32 {
    match memory(call).map(|memory| memory.write(&mut *call, to as u32 as usize, bytes)) {
        Some(Ok(())) => SUCCESS,
        _ => FAULT,
    }
}

fn memory(call: &Call<'_>) -> Option<Memory> {
    call.get_export("memory").and_then(Extern::into_memory)
}
