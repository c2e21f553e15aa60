//! What goes to the client: one thread writes it, so that no handler and no analysis ever waits for a
//! client that does not read.
//!
//! Answers and requests keep their order. Diagnostics do not queue: of each file only the latest are
//! kept, and they are turned into JSON when it is their turn.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex};

use serde::Serialize;
use tower_lsp::ls_types::{PublishDiagnosticsParams, Uri};

use super::lock;

/// The sending half, shared by all who have something to say.
#[derive(Clone, Default)]
pub struct Outbox {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    messages: VecDeque<Vec<u8>>,
    diagnostics: VecDeque<(Uri, Diagnostics)>,
    closed: bool,
    /// Whether the writer is between taking messages and having written them.
    busy: bool,
}

/// Makes the notification when its turn comes; `None` if it is outdated by then.
type Diagnostics = Box<dyn FnOnce() -> Option<PublishDiagnosticsParams> + Send>;

impl Outbox {
    /// An outbox and the thread that empties it into `output`.
    pub fn start(output: impl Write + Send + 'static) -> std::io::Result<Outbox> {
        let outbox = Outbox::default();
        let shared = outbox.shared.clone();
        std::thread::Builder::new()
            .name("lsp-output".to_owned())
            .spawn(move || write_all(&shared, output))?;
        Ok(outbox)
    }

    /// Sends one JSON-RPC message.
    pub fn send(&self, message: &impl Serialize) {
        match serde_json::to_vec(message) {
            Ok(body) => {
                let mut queue = lock(&self.shared.queue);
                if !queue.closed {
                    queue.messages.push_back(body);
                    self.shared.changed.notify_all();
                }
            }
            Err(error) => tracing::error!(%error, "a message could not be written as JSON"),
        }
    }

    /// Publishes the diagnostics of a file, in place of those that still wait for being sent.
    pub fn publish(
        &self,
        uri: Uri,
        diagnostics: impl FnOnce() -> Option<PublishDiagnosticsParams> + Send + 'static,
    ) {
        let mut queue = lock(&self.shared.queue);
        if !queue.closed {
            queue.diagnostics.retain(|(waiting, _)| *waiting != uri);
            queue.diagnostics.push_back((uri, Box::new(diagnostics)));
            self.shared.changed.notify_all();
        }
    }

    /// Writes what is left, waiting at most `patience`, and accepts nothing more.
    pub fn close(&self, patience: std::time::Duration) {
        let mut queue = lock(&self.shared.queue);
        queue.diagnostics.clear();
        queue.closed = true;
        self.shared.changed.notify_all();
        let unfinished = |queue: &mut Queue| queue.busy || !queue.messages.is_empty();
        drop(self.shared.changed.wait_timeout_while(queue, patience, unfinished));
    }
}

#[derive(Serialize)]
struct Notification {
    jsonrpc: &'static str,
    method: &'static str,
    params: PublishDiagnosticsParams,
}

fn write_all(shared: &Shared, mut output: impl Write) {
    let mut buffer = Vec::new();
    loop {
        let (messages, diagnostics) = {
            let mut queue = lock(&shared.queue);
            queue.busy = false;
            shared.changed.notify_all();
            while queue.messages.is_empty() && queue.diagnostics.is_empty() {
                if queue.closed {
                    return;
                }
                queue = shared.changed.wait(queue).unwrap_or_else(std::sync::PoisonError::into_inner);
            }
            queue.busy = true;
            (std::mem::take(&mut queue.messages), queue.diagnostics.pop_front())
        };
        buffer.clear();
        for message in &messages {
            frame(&mut buffer, message);
        }
        if let Some(params) = diagnostics.and_then(|(_, make)| make()) {
            let message = Notification { jsonrpc: "2.0", method: "textDocument/publishDiagnostics", params };
            match serde_json::to_vec(&message) {
                Ok(body) => frame(&mut buffer, &body),
                Err(error) => tracing::error!(%error, "diagnostics could not be written as JSON"),
            }
        }
        if let Err(error) = output.write_all(&buffer).and_then(|()| output.flush()) {
            tracing::debug!(%error, "the client no longer reads");
            let mut queue = lock(&shared.queue);
            *queue = Queue { closed: true, ..Queue::default() };
            shared.changed.notify_all();
            return;
        }
    }
}

fn frame(buffer: &mut Vec<u8>, body: &[u8]) {
    buffer.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    buffer.extend_from_slice(body);
}
