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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::*;

    /// A client that reads one write whenever it is told to.
    struct SlowClient {
        turns: Receiver<()>,
        read: Sender<String>,
    }

    impl Write for SlowClient {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.turns.recv().map_err(std::io::Error::other)?;
            self.read.send(String::from_utf8_lossy(bytes).into_owned()).map_err(std::io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn slow() -> (Outbox, Sender<()>, Receiver<String>) {
        let (turn, turns) = channel();
        let (read, received) = channel();
        (Outbox::start(SlowClient { turns, read }).unwrap(), turn, received)
    }

    fn publish(outbox: &Outbox, uri: &str, version: i32) {
        let uri: Uri = uri.parse().unwrap();
        outbox.publish(uri.clone(), move || {
            Some(PublishDiagnosticsParams { uri, diagnostics: Vec::new(), version: Some(version) })
        });
    }

    fn bodies(written: &str) -> Vec<Value> {
        let frames = written.split("Content-Length: ").skip(1);
        frames.map(|frame| serde_json::from_str(frame.split_once("\r\n\r\n").unwrap().1).unwrap()).collect()
    }

    #[test]
    fn diagnostics_do_not_queue_and_answers_keep_their_order() {
        let (outbox, turn, received) = slow();
        outbox.send(&json!(0));
        // The writer now waits for the client, with the first message in hand.
        std::thread::sleep(Duration::from_millis(50));
        for version in 1..100 {
            publish(&outbox, "file:///a", version);
            publish(&outbox, "file:///b", version);
            outbox.send(&json!(version));
        }
        let mut all = Vec::new();
        for _ in 0..3 {
            turn.send(()).unwrap();
            all.extend(bodies(&received.recv_timeout(Duration::from_secs(10)).unwrap()));
        }
        let answers: Vec<i64> = all.iter().filter_map(Value::as_i64).collect();
        assert_eq!(answers, (0..100).collect::<Vec<i64>>());
        let mut published: Vec<(&str, i64)> = all
            .iter()
            .filter_map(|body| Some((body["params"]["uri"].as_str()?, body["params"]["version"].as_i64()?)))
            .collect();
        published.sort_unstable();
        assert_eq!(published, [("file:///a", 99), ("file:///b", 99)]);
    }

    #[test]
    fn what_a_client_that_went_away_would_get_is_dropped() {
        let (outbox, turn, received) = slow();
        drop((turn, received));
        outbox.send(&json!(1));
        outbox.close(Duration::from_secs(10));
        outbox.send(&json!(2));
        assert!(lock(&outbox.shared.queue).messages.is_empty());
    }
}
