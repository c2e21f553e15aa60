//! A language client over a pipe: as strict as an editor, and as rude as one where a test wants that.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::binary;

/// Longer than anything takes on a busy machine; a test that waits this long has failed.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What the client does with requests of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manners {
    /// Answers each at once, with success.
    Answers,
    /// Answers none, ever.
    Ignores,
}

/// A running server and the client that talks to it.
pub struct Client {
    child: Child,
    input: Option<ChildStdin>,
    incoming: Receiver<Message>,
    /// Messages that were read but not asked for yet.
    waiting: VecDeque<Message>,
    next_id: i64,
    manners: Manners,
    /// Answers to `workspace/configuration`.
    pub settings: Value,
    /// Requests of the server, as they came.
    pub asked: Vec<Value>,
    stderr: Arc<Mutex<String>>,
    home: tempfile::TempDir,
}

/// A message of the server and when it was read.
#[derive(Clone, Debug)]
pub struct Message {
    /// The JSON.
    pub json: Value,
    /// When its last byte was there.
    pub at: Instant,
}

impl Client {
    /// Starts a server; says nothing to it.
    pub fn start() -> Client {
        Client::start_binary(binary::squire())
    }

    /// Starts that server; says nothing to it.
    pub fn start_binary(binary: &Path) -> Client {
        let home = tempfile::tempdir().expect("a temporary folder");
        let mut child = Command::new(binary)
            .arg("lsp")
            .env("HOME", home.path())
            .env("XDG_CACHE_HOME", home.path().join("cache"))
            .env("XDG_DATA_HOME", home.path().join("data"))
            .env("SQUIRE_DATA_DIR", home.path().join("data/squire"))
            .env("SQUIRE_LOG", std::env::var("SQUIRE_LOG").unwrap_or_else(|_| "warn".to_owned()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let stdout = child.stdout.take().expect("it is piped");
        let mut errors = child.stderr.take().expect("it is piped");
        let stderr = Arc::new(Mutex::new(String::new()));
        let log = stderr.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = errors.read(&mut buffer) {
                log.lock().expect("not poisoned").push_str(&String::from_utf8_lossy(&buffer[..read]));
            }
        });
        let (sender, incoming) = channel();
        std::thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            while let Some(body) = read_frame(&mut stdout) {
                let at = Instant::now();
                let json = serde_json::from_slice(&body).expect("the server writes JSON");
                if sender.send(Message { json, at }).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        Client {
            child,
            input,
            incoming,
            waiting: VecDeque::new(),
            next_id: 0,
            manners: Manners::Answers,
            settings: Value::Null,
            asked: Vec::new(),
            stderr,
            home,
        }
    }

    /// Starts a server and goes through the handshake, with these capabilities and this root.
    pub fn connect(capabilities: Value, root: Option<&Path>) -> Client {
        let mut client = Client::start();
        client.handshake(capabilities, root);
        client
    }

    /// A client that is pushed to, without any special ability.
    pub fn plain() -> Client {
        Client::connect(json!({}), None)
    }

    /// `initialize` and `initialized`; returns the answer.
    pub fn handshake(&mut self, capabilities: Value, root: Option<&Path>) -> Value {
        let folders = root.map(|root| json!([{ "uri": uri(root), "name": "test" }]));
        self.handshake_with(json!({
            "processId": null,
            "rootUri": root.map(uri),
            "capabilities": capabilities,
            "workspaceFolders": folders,
        }))
    }

    /// `initialize` with these parameters, and `initialized`; returns the answer.
    pub fn handshake_with(&mut self, params: Value) -> Value {
        let answer = self.request("initialize", params);
        self.notify("initialized", json!({}));
        answer
    }

    /// What the client does with requests of the server from now on.
    pub fn with_manners(mut self, manners: Manners) -> Client {
        self.manners = manners;
        self
    }

    /// Where the server keeps its pages and its exercises.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    // Sending.

    /// Sends bytes as they are.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("the pipe is open");
        input.write_all(bytes).and_then(|()| input.flush()).expect("the server reads");
    }

    /// Sends one message.
    pub fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.send_raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    /// Sends a notification.
    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request and returns its id.
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next_id += 1;
        let id = json!(self.next_id);
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Sends a request and waits for its result.
    ///
    /// # Panics
    /// The answer is an error or does not come.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        self.call(method, params).unwrap_or_else(|error| panic!("{method} failed: {error}\n{}", self.log()))
    }

    /// Sends a request and waits for its result or its error.
    pub fn call(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params);
        self.answer_to(&id)
    }

    // Receiving.

    /// The answer to the request with this id.
    pub fn answer_to(&mut self, id: &Value) -> Result<Value, Value> {
        let is_answer = |json: &Value| json.get("method").is_none() && json["id"] == *id;
        let mut message = self.wait_for("an answer", is_answer).json;
        match message.get_mut("error") {
            Some(error) => Err(error.take()),
            None => Ok(message["result"].take()),
        }
    }

    /// The next notification of this method that has not been looked at yet.
    pub fn notification(&mut self, method: &str) -> Value {
        let wanted = |json: &Value| json["method"] == method && json.get("id").is_none();
        self.wait_for(method, wanted).json["params"].take()
    }

    /// Waits until the server has sent a request of this method; returns its parameters.
    pub fn asked_for(&mut self, method: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.asked.iter().position(|request| request["method"] == method) {
                return self.asked.remove(at)["params"].take();
            }
            assert!(self.pump(deadline), "the server did not ask for {method}\n{}", self.log());
        }
    }

    /// The first message, already read or to come, that is wanted.
    ///
    /// # Panics
    /// It does not come.
    pub fn wait_for(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Message {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.waiting.iter().position(|message| wanted(&message.json)) {
                return self.waiting.remove(at).expect("it was just found");
            }
            assert!(self.pump(deadline), "{what} did not come\n{}", self.log());
        }
    }

    /// Reads what comes within this time.
    pub fn listen(&mut self, time: Duration) {
        let deadline = Instant::now() + time;
        while self.pump(deadline) {}
    }

    /// Whether a message that is wanted has come by now.
    pub fn has(&self, wanted: impl Fn(&Value) -> bool) -> bool {
        self.waiting.iter().any(|message| wanted(&message.json))
    }

    /// Reads one message; false if none comes in time.
    fn pump(&mut self, deadline: Instant) -> bool {
        let rest = deadline.saturating_duration_since(Instant::now());
        let message = match self.incoming.recv_timeout(rest) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return false,
        };
        if message.json.get("method").is_some() && message.json.get("id").is_some() {
            self.asked.push(message.json.clone());
            if self.manners == Manners::Answers {
                let result = self.result_of(&message.json);
                self.send(&json!({ "jsonrpc": "2.0", "id": message.json["id"], "result": result }));
            }
        } else {
            self.waiting.push_back(message);
        }
        true
    }

    fn result_of(&self, request: &Value) -> Value {
        match request["method"].as_str() {
            Some("workspace/configuration") => {
                let items = request["params"]["items"].as_array().map_or(0, Vec::len);
                json!(vec![self.settings.clone(); items])
            }
            Some("window/showDocument") => json!({ "success": true }),
            Some("workspace/applyEdit") => json!({ "applied": true }),
            _ => Value::Null,
        }
    }

    // Documents.

    /// `textDocument/didOpen`, version 1.
    pub fn open(&mut self, uri: &str, language: &str, text: &str) {
        let item = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": item }));
    }

    /// `textDocument/didChange` of one range, given as `[line, column, line, column]`.
    pub fn change(&mut self, uri: &str, version: i64, range: [u32; 4], text: &str) {
        self.change_all(uri, version, json!([{ "range": lsp_range(range), "text": text }]));
    }

    /// `textDocument/didChange` with all its events.
    pub fn change_all(&mut self, uri: &str, version: i64, changes: Value) {
        let document = json!({ "uri": uri, "version": version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// `textDocument/didChange` that replaces the whole text.
    pub fn replace(&mut self, uri: &str, version: i64, text: &str) {
        self.change_all(uri, version, json!([{ "text": text }]));
    }

    /// The diagnostics that are published for this version of a document (or of a file that is not open).
    pub fn diagnostics(&mut self, uri: &str, version: Option<i64>) -> Vec<Value> {
        let mut message = self.wait_for("publishDiagnostics", |json| {
            json["method"] == "textDocument/publishDiagnostics"
                && json["params"]["uri"] == uri
                && json["params"].get("version").and_then(Value::as_i64) == version
        });
        match message.json["params"]["diagnostics"].take() {
            Value::Array(items) => items,
            other => panic!("no list of diagnostics: {other}"),
        }
    }

    // The end.

    /// `shutdown`, `exit`, and the exit status.
    pub fn stop(mut self) -> ExitStatus {
        self.request("shutdown", Value::Null);
        self.send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
        self.wait_for_exit()
    }

    /// Closes the pipe without a word; the exit status.
    pub fn hang_up(mut self) -> ExitStatus {
        self.input = None;
        self.wait_for_exit()
    }

    /// The exit status, which must come by itself.
    pub fn wait_for_exit(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be asked") {
                return status;
            }
            assert!(Instant::now() < deadline, "the server did not exit\n{}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What the server wrote to its log.
    pub fn log(&self) -> String {
        self.stderr.lock().expect("not poisoned").clone()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // A test that failed leaves a server behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A range of the protocol from `[line, column, line, column]`.
pub fn lsp_range([line, column, end_line, end_column]: [u32; 4]) -> Value {
    json!({
        "start": { "line": line, "character": column },
        "end": { "line": end_line, "character": end_column },
    })
}

/// The URI of a file.
pub fn uri(path: &Path) -> String {
    let mut uri = "file://".to_owned();
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                uri.push(byte.into());
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// The file of a URI.
pub fn path(uri: &str) -> PathBuf {
    let encoded = uri.strip_prefix("file://").expect("a file URI");
    let mut bytes = Vec::new();
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits: String = rest.by_ref().take(2).map(char::from).collect();
            bytes.push(u8::from_str_radix(&digits, 16).expect("two hex digits"));
        } else {
            bytes.push(byte);
        }
    }
    PathBuf::from(String::from_utf8(bytes).expect("UTF-8"))
}

fn read_frame(input: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", digits)) => length = digits.parse().ok(),
            Some(_) => {}
            None => {
                assert_eq!(line, "\r\n", "the server wrote something that is no header");
                let mut body = vec![0; length.expect("a length was given")];
                input.read_exact(&mut body).ok()?;
                return Some(body);
            }
        }
    }
}
