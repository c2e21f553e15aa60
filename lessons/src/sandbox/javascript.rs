//! JavaScript: QuickJS with a few host functions and nothing else of the world.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use rquickjs::context::EvalOptions;
use rquickjs::promise::PromiseState;
use rquickjs::{CatchResultExt, Context, Ctx, Function, Object, Promise, Runtime};
use sha2::Digest;

use super::clock::Allowance;
use super::hex;
use super::protocol::{Report, Task};
use super::sql::Databases;
use crate::catalog::embedded::JAVASCRIPT_PRELUDES;

/// Deep enough for honest recursion, small enough for the main thread of every platform.
const STACK: usize = 512 << 10;
/// Bytes of randomness in one call.
const MAX_RANDOM: u32 = 64 << 10;

/// Runs one task to its end or to its deadline.
pub(super) fn run(task: &Task) -> Report {
    let limit = Allowance::of(Duration::from_millis(task.time_ms));
    match run_within(task, limit) {
        Ok(report) => report,
        Err(_) if limit.is_over() => Report::failed(super::too_slow(task.time_ms)),
        Err(message) => Report::failed(message),
    }
}

fn run_within(task: &Task, limit: Allowance) -> Result<Report, String> {
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    runtime.set_memory_limit((task.memory_mb as usize) << 20);
    runtime.set_max_stack_size(STACK);
    runtime.set_interrupt_handler(Some(Box::new(move || limit.is_over())));
    let context = Context::full(&runtime).map_err(|error| error.to_string())?;
    context.with(|ctx| {
        give_host_functions(&ctx, task, limit)
            .catch(&ctx)
            .map_err(|error| format!("the lesson runtime could not be set up: {error}"))?;
        for (name, source) in JAVASCRIPT_PRELUDES {
            let mut options = EvalOptions::default();
            options.strict = true;
            options.filename = Some((*name).to_owned());
            ctx.eval_with_options::<(), _>(*source, options)
                .catch(&ctx)
                .map_err(|error| format!("the lesson runtime is broken in {name}: {error}"))?;
        }
        // Taken before the learner's code runs, which could replace it.
        let main: Function<'_> = ctx
            .globals()
            .get("__main")
            .catch(&ctx)
            .map_err(|error| format!("the lesson runtime has no __main: {error}"))?;
        let promise: Promise<'_> = main.call(()).catch(&ctx).map_err(|error| error.to_string())?;
        let report = settle(&ctx, &promise, limit)?;
        parse_report(&report)
    })
}

/// Runs queued jobs until the promise is settled. Everything is synchronous in here: an empty queue means
/// that the promise will never settle.
fn settle<'js>(ctx: &Ctx<'js>, promise: &Promise<'js>, limit: Allowance) -> Result<String, String> {
    while promise.state() == PromiseState::Pending {
        if limit.is_over() {
            return Err("time is up".to_owned());
        }
        if !ctx.execute_pending_job() {
            return Err("the program waits for something that never happens".to_owned());
        }
    }
    match promise.result::<String>() {
        Some(result) => result.catch(ctx).map_err(|error| error.to_string()),
        None => Err("the program waits for something that never happens".to_owned()),
    }
}

fn parse_report(json: &str) -> Result<Report, String> {
    serde_json::from_str(json).map_err(|error| format!("the lesson runtime sent no report: {error}"))
}

fn give_host_functions(ctx: &Ctx<'_>, task: &Task, limit: Allowance) -> rquickjs::Result<()> {
    let globals = ctx.globals();
    let databases = Rc::new(RefCell::new(Databases::new(limit)));

    let opener = databases.clone();
    globals.set("__sql_open", Function::new(ctx.clone(), move || opener.borrow_mut().open())?)?;
    globals.set(
        "__sql",
        Function::new(ctx.clone(), move |handle: i32, sql: String, params: String| {
            databases.borrow().run(handle, &sql, &params)
        })?,
    )?;
    globals.set("__hash", Function::new(ctx.clone(), |name: String, data: String| hash(&name, &data))?)?;
    // Lessons must give the same verdict each time, so randomness is a fixed sequence: xorshift64.
    let state = Cell::new(0x2545_f491_4f6c_dd1d_u64);
    globals.set("__random", Function::new(ctx.clone(), move |count: u32| random(&state, count))?)?;

    let files = Object::new(ctx.clone())?;
    for (name, text) in &task.files {
        files.set(name.as_str(), text.as_str())?;
    }
    globals.set("__files", files)?;
    globals.set("__entry", task.entry.as_str())?;
    globals.set("__script_name", task.script_name.as_str())?;
    globals.set("__script", task.script.as_str())
}

/// The digest of hex digits as hex digits; empty where the algorithm or the digits are unknown.
fn hash(algorithm: &str, data: &str) -> String {
    let Some(data) = hex::decode(data) else { return String::new() };
    match algorithm.to_ascii_lowercase().replace('-', "").as_str() {
        "md5" => hex::encode(&md5::Md5::digest(&data)),
        "sha1" => hex::encode(&sha1::Sha1::digest(&data)),
        "sha256" => hex::encode(&sha2::Sha256::digest(&data)),
        "sha512" => hex::encode(&sha2::Sha512::digest(&data)),
        _ => String::new(),
    }
}

fn random(state: &Cell<u64>, count: u32) -> String {
    let mut word = state.get();
    let bytes: Vec<u8> = (0..count.min(MAX_RANDOM))
        .map(|_| {
            word ^= word << 13;
            word ^= word >> 7;
            word ^= word << 17;
            (word >> 32) as u8
        })
        .collect();
    state.set(word);
    hex::encode(&bytes)
}
