//! The language server: adapts the engine and the lessons to editors, over standard LSP 3.17.
//!
//! The way of an edit: [`transport`] reads it and starts its handler on the reading thread; the handler
//! changes the [`document`] and puts it in the queue of [`analysis`]; an analysis thread takes all edits
//! that came meanwhile, brings the findings up to date and hands them to the [`outbox`]. No handler waits
//! for the client, no analysis waits for a handler.

mod analysis;
mod authoring;
mod backend;
mod document;
mod exercises;
mod handlers;
mod outbox;
mod pages;
mod position;
mod profile;
mod progress;
mod root;
mod scan;
mod session;
mod splice;
mod to_proto;
mod transport;
mod watch;

use std::io::BufReader;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use tower_lsp::LspService;

use self::backend::Backend;
use self::outbox::Outbox;
use self::session::Session;
use self::transport::End;

/// Serves one client on standard input and output until it says `exit`.
///
/// Ends the process with 0 after an orderly `shutdown` and `exit`, with 1 after an `exit` or a closed pipe
/// without `shutdown`, as the protocol asks.
///
/// # Errors
/// The system gives no threads.
pub fn run() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("lsp-task")
        .enable_time()
        .build()
        .context("the asynchronous runtime did not start")?;
    let outbox = Outbox::start(std::io::stdout()).context("the output thread did not start")?;
    let mut session = None;
    let (service, socket) = LspService::build(|client| {
        let new = Session::new(client, outbox.clone(), runtime.handle().clone());
        session = Some(new.clone());
        Backend::new(new)
    })
    .custom_method("window/workDoneProgress/cancel", Backend::cancel_progress)
    .finish();
    let session = session.context("the service was not built")?;
    analysis::start(&session).context("the analysis threads did not start")?;
    let input = BufReader::with_capacity(1 << 16, std::io::stdin());
    let end = transport::serve(service, socket, &outbox, input, runtime.handle());
    let orderly = session.shut_down.load(Ordering::Relaxed);
    outbox.close(Duration::from_secs(2));
    if !orderly {
        tracing::warn!(?end, "the client left without a shutdown request");
    }
    debug_assert!(matches!(end, End::Exit | End::Disconnected));
    // Threads may be in the middle of an analysis whose result nobody wants any more.
    std::process::exit(i32::from(!orderly));
}

/// Locks a mutex. A panic while it was held is reported where it happened; what the mutex guards is
/// always replaced as a whole, so it is still good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
