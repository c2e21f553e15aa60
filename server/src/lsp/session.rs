//! What the server remembers between two messages.

use std::any::Any;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Handle;
use tower_lsp::Client;
use tower_lsp::ls_types::{MessageType, PublishDiagnosticsParams, TextDocumentItem, Uri};

use super::analysis::{Scheduler, Urgency};
use super::authoring::Authoring;
use super::document::{OpenDocument, Snapshot};
use super::exercises::Exercises;
use super::outbox::Outbox;
use super::profile::Profile;
use super::root::Root;
use super::scan::Closed;
use super::{lock, scan, to_proto};

/// How long a client may take to answer a request before the server stops waiting.
const CLIENT_PATIENCE: Duration = Duration::from_secs(30);

/// The state of one connection.
pub struct Session {
    /// For requests to the client. Never awaited in a handler; see [`Session::detach`].
    pub client: Client,
    /// For answers and diagnostics.
    pub outbox: Outbox,
    /// Where tasks run.
    pub runtime: Handle,
    /// The documents that wait for an analysis.
    pub scheduler: Arc<Scheduler>,
    /// Whether the client asked for shutdown.
    pub shut_down: AtomicBool,
    /// What is known of files that are not open.
    pub closed: Closed,
    /// The last tests of rules.
    pub authoring: Authoring,
    /// The last verdicts on exercises, and the sandbox.
    pub exercises: Exercises,
    tokens: AtomicU64,
    profile: OnceLock<Profile>,
    settings: Mutex<Value>,
    documents: RwLock<HashMap<Uri, Arc<OpenDocument>>>,
    roots: RwLock<Arc<Vec<Arc<Root>>>>,
    /// Held while roots are made anew, so that two changes of configuration do not overtake each other.
    reloading: Mutex<()>,
}

impl Session {
    /// A session that has not heard from its client yet.
    pub fn new(client: Client, outbox: Outbox, runtime: Handle) -> Arc<Session> {
        Arc::new(Session {
            client,
            outbox,
            runtime,
            scheduler: Arc::default(),
            shut_down: AtomicBool::new(false),
            closed: Closed::default(),
            authoring: Authoring::default(),
            exercises: Exercises::default(),
            tokens: AtomicU64::new(0),
            profile: OnceLock::new(),
            settings: Mutex::new(Value::Null),
            documents: RwLock::default(),
            roots: RwLock::default(),
            reloading: Mutex::new(()),
        })
    }

    /// Records who the client is and what it works on. The configuration is read at the first need.
    pub fn begin(&self, profile: Profile, settings: Value, folders: Vec<PathBuf>) {
        drop(self.profile.set(profile));
        *lock(&self.settings) = settings;
        self.set_folders(&folders);
    }

    /// What the client can do.
    pub fn profile(&self) -> &Profile {
        self.profile.get_or_init(Profile::default)
    }

    // Documents.

    /// Takes a document into care.
    pub fn open(&self, item: &TextDocumentItem) {
        let document = Arc::new(OpenDocument::new(item));
        let mut documents = self.documents.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = documents.insert(item.uri.clone(), document.clone()) {
            before.close();
        }
        drop(documents);
        self.scheduler.schedule(&document, Urgency::Typing);
    }

    /// Lets go of a document.
    pub fn close(&self, uri: &Uri) -> Option<Arc<OpenDocument>> {
        let closed = self.documents.write().unwrap_or_else(PoisonError::into_inner).remove(uri)?;
        closed.close();
        Some(closed)
    }

    /// The open document with this URI.
    pub fn document(&self, uri: &Uri) -> Option<Arc<OpenDocument>> {
        self.documents.read().unwrap_or_else(PoisonError::into_inner).get(uri).cloned()
    }

    /// All open documents.
    pub fn documents(&self) -> Vec<Arc<OpenDocument>> {
        self.documents.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The open document of a file.
    pub fn document_of(&self, path: &Path) -> Option<Arc<OpenDocument>> {
        self.documents().into_iter().find(|document| document.path == path)
    }

    // Roots.

    /// All roots; the last one is the rest of the world.
    pub fn roots(&self) -> Arc<Vec<Arc<Root>>> {
        self.roots.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The root that a file belongs to: the innermost that holds it.
    pub fn root_of(&self, path: &Path) -> Arc<Root> {
        let depth = |root: &Arc<Root>| root.folder.as_ref().map_or(0, |folder| folder.as_os_str().len());
        let holds = |root: &&Arc<Root>| root.folder.as_ref().is_none_or(|folder| path.starts_with(folder));
        let roots = self.roots();
        match roots.iter().filter(holds).max_by_key(|root| depth(root)) {
            Some(root) => root.clone(),
            None => Arc::new(Root::load(None, &Value::Null, None)),
        }
    }

    /// The folders of the workspace.
    pub fn folders(&self) -> Vec<PathBuf> {
        self.roots().iter().filter_map(|root| root.folder.clone()).collect()
    }

    /// Replaces the folders of the workspace. Roots that stay keep what they know.
    pub fn set_folders(&self, folders: &[PathBuf]) {
        let _one_at_a_time = lock(&self.reloading);
        let before = self.roots();
        let settings = lock(&self.settings).clone();
        let load = |folder: Option<&Path>| {
            let known = before.iter().find(|root| root.folder.as_deref() == folder);
            known.cloned().unwrap_or_else(|| Arc::new(Root::load(folder, &settings, None)))
        };
        let mut roots: Vec<Arc<Root>> = folders.iter().map(|folder| load(Some(folder))).collect();
        roots.push(load(None));
        *self.roots.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(roots);
    }

    /// Takes new settings; whether they differ from the old ones.
    pub fn set_settings(&self, settings: Value) -> bool {
        let mut current = lock(&self.settings);
        let differs = *current != settings;
        *current = settings;
        differs
    }

    /// Reads the configuration of all roots again, or only of those whose files changed, and has every
    /// open document analysed with what came out. Returns whether anything changed.
    pub fn reload(self: &Arc<Self>, which: Reload) -> bool {
        let one_at_a_time = lock(&self.reloading);
        let before = self.roots();
        if which == Reload::Outdated && !before.iter().any(|root| root.is_outdated()) {
            return false;
        }
        let settings = lock(&self.settings).clone();
        let renew = |root: &Arc<Root>| match which {
            Reload::Outdated if !root.is_outdated() => root.clone(),
            _ => Arc::new(Root::load(root.folder.as_deref(), &settings, Some(root))),
        };
        let roots: Vec<Arc<Root>> = before.iter().map(renew).collect();
        *self.roots.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(roots);
        drop(one_at_a_time);
        self.publish_problems(&before);
        self.refresh_all();
        scan::index_in_background(self);
        true
    }

    // Findings.

    /// Has every open document analysed again.
    pub fn refresh_all(&self) {
        for document in self.documents() {
            document.refresh();
            self.scheduler.schedule(&document, Urgency::Background);
        }
        self.ask_to_pull_again();
    }

    /// Has the other open documents of a root analysed again: this one changed what is true for them.
    pub fn refresh_others(&self, root: &Root, but: &Arc<OpenDocument>) {
        let others: Vec<_> = self
            .documents()
            .into_iter()
            .filter(|other| !Arc::ptr_eq(other, but) && self.root_of(&other.path).folder == root.folder)
            .collect();
        for document in &others {
            document.refresh();
            self.scheduler.schedule(document, Urgency::Background);
        }
        if !others.is_empty() {
            self.ask_to_pull_again();
        }
    }

    /// Publishes an analysis of the newest version, to a client that is pushed to.
    pub fn publish(self: &Arc<Self>, open: &Arc<OpenDocument>, snapshot: &Arc<Snapshot>) {
        if self.profile().pull {
            return;
        }
        let (session, open, snapshot) = (self.clone(), open.clone(), snapshot.clone());
        self.outbox.publish(open.uri.clone(), move || {
            Some(PublishDiagnosticsParams {
                diagnostics: to_proto::diagnostics(&session, &open, &snapshot),
                version: Some(snapshot.version),
                uri: open.uri.clone(),
            })
        });
    }

    /// Publishes what is wrong with the configuration in the files where it is wrong, and takes back what
    /// no longer is.
    pub fn publish_problems(&self, before: &[Arc<Root>]) {
        let now = self.roots();
        let paths_of = |roots: &[Arc<Root>]| -> Vec<PathBuf> {
            roots.iter().flat_map(|root| root.problems.iter().map(|problem| problem.path.clone())).collect()
        };
        let mut paths = paths_of(before);
        paths.extend(paths_of(&now));
        paths.sort();
        paths.dedup();
        for path in paths {
            // An open one is published with its own version, by its analysis.
            if self.profile().pull || self.document_of(&path).is_some() {
                continue;
            }
            let Some(uri) = Uri::from_file_path(&path) else { continue };
            let rope = to_proto::rope_of(self, &path).unwrap_or_default();
            let diagnostics = to_proto::problems(self, &path, &rope);
            self.outbox.publish(uri.clone(), move || {
                Some(PublishDiagnosticsParams { uri, diagnostics, version: None })
            });
        }
    }

    /// Tells a client that pulls that what it pulled is outdated.
    pub fn ask_to_pull_again(&self) {
        if !self.profile().pull {
            return;
        }
        let client = self.client.clone();
        self.detach(
            "workspace/diagnostic/refresh",
            async move { client.workspace_diagnostic_refresh().await },
        );
    }

    /// Tells the client that code lenses are outdated.
    pub fn refresh_lenses(&self) {
        if self.profile().refresh_lenses {
            let client = self.client.clone();
            self.detach("workspace/codeLens/refresh", async move { client.code_lens_refresh().await });
        }
    }

    // Talking to the client.

    /// A number that was not given before.
    pub fn next_token(&self) -> u64 {
        self.tokens.fetch_add(1, Ordering::Relaxed)
    }

    /// Runs a request to the client in a task of its own. Some clients never answer some requests, so
    /// nothing but this task waits, and it only for a while.
    pub fn detach<T: Send + 'static>(
        &self,
        what: &'static str,
        request: impl Future<Output = tower_lsp::jsonrpc::Result<T>> + Send + 'static,
    ) {
        self.runtime.spawn(async move {
            match tokio::time::timeout(CLIENT_PATIENCE, request).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::debug!(what, %error, "the client refused a request"),
                Err(_) => tracing::debug!(what, "the client did not answer a request"),
            }
        });
    }

    /// Says something to the user.
    pub fn say(&self, kind: MessageType, message: impl Into<String>) {
        let (client, message) = (self.client.clone(), message.into());
        self.runtime.spawn(async move { client.show_message(kind, message).await });
    }

    /// Says once, where it can be reported on, that Squire itself failed on a file.
    pub fn report_panic(&self, path: &Path, panic: &(dyn Any + Send)) {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        tracing::error!(path = %path.display(), %text, "the analysis panicked");
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.say(
            MessageType::WARNING,
            format!(
                "Squire could not analyse {name} (an internal error: {text}). Other files are not affected."
            ),
        );
    }
}

/// Which roots to read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// All: the client's settings changed.
    All,
    /// Those whose files changed.
    Outdated,
}
