//! The files that are not open: what they tell the workspace, and what is found in them when asked.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use squire_rules::{Document, Language, ParseBudget};
use tokio::sync::watch;
use tower_lsp::ls_types::{Diagnostic, ProgressToken, PublishDiagnosticsParams, Uri};

use super::progress::{Cancel, Given, Progress};
use super::root::Root;
use super::session::Session;
use super::to_proto::Place;
use super::{lock, to_proto};
use crate::workspace;

/// Analysed files kept in memory between the two passes, in bytes of text; their trees take some ten
/// times as much. Files beyond that are analysed twice.
const KEEP: usize = 16 << 20;

/// What is known of files that are not open.
#[derive(Default)]
pub struct Closed {
    /// The diagnostics of files that have any.
    diagnostics: Mutex<BTreeMap<PathBuf, Vec<Diagnostic>>>,
    /// Whether the user asked to see them.
    shown: AtomicBool,
    /// Counts the finished passes over the workspace.
    passes: watch::Sender<u64>,
    /// Stops the pass in the background.
    background: Mutex<Arc<AtomicBool>>,
    /// Stops the scan that the user started, which has this token.
    scan: Mutex<Option<(ProgressToken, Arc<AtomicBool>)>>,
}

impl Closed {
    /// The diagnostics of every file that is not open and has any.
    pub fn diagnostics(&self) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
        lock(&self.diagnostics).clone()
    }

    /// Resolves when the workspace has been looked through at least once.
    pub fn looked_through(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut passes = self.passes.subscribe();
        async move { drop(passes.wait_for(|passes| *passes > 0).await) }
    }
}

/// What a scan came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Findings in files that are not open.
    pub findings: usize,
    /// Files with findings.
    pub with_findings: usize,
    /// Files looked at.
    pub files: usize,
    /// Whether it ran to its end.
    pub complete: bool,
}

/// Learns what the files of the workspace say about each other, in a thread of its own and one file after
/// the other, so that typing is not slowed down.
pub fn index_in_background(session: &Arc<Session>) {
    let cancel = Arc::new(AtomicBool::new(false));
    std::mem::replace(&mut *lock(&session.closed.background), cancel.clone()).store(true, Ordering::Relaxed);
    let session = session.clone();
    let started =
        std::thread::Builder::new().name("index".to_owned()).stack_size(16 << 20).spawn(move || {
            let token = ProgressToken::String(format!("squire-index-{}", session.next_token()));
            let progress = Progress::begin(
                &session,
                "Squire: reading the workspace",
                token,
                Given::ByServer,
                Cancel::Impossible,
            );
            let summary = look_through(&session, &cancel, 1, &progress);
            progress.end(&format!("{} files", summary.files));
        });
    if let Err(error) = started {
        tracing::error!(%error, "the workspace cannot be read: no thread");
    }
}

/// Scans the workspace for the user, as fast as the machine can, and shows what is found. Blocks.
pub fn scan(session: &Arc<Session>, token: Option<ProgressToken>) -> Summary {
    let cancel = Arc::new(AtomicBool::new(false));
    let given = if token.is_some() { Given::ByClient } else { Given::ByServer };
    let token =
        token.unwrap_or_else(|| ProgressToken::String(format!("squire-scan-{}", session.next_token())));
    let before = lock(&session.closed.scan).replace((token.clone(), cancel.clone()));
    if let Some((_, before)) = before {
        before.store(true, Ordering::Relaxed);
    }
    let progress = Progress::begin(session, "Squire: scanning the workspace", token, given, Cancel::Possible);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    session.closed.shown.store(true, Ordering::Relaxed);
    let summary = look_through(session, &cancel, threads, &progress);
    let end = if summary.complete { "" } else { "stopped: " };
    progress.end(&format!("{end}{} findings in {} files", summary.findings, summary.files));
    show(session);
    summary
}

/// Stops the scan whose progress has this token.
pub fn cancel(session: &Session, token: &ProgressToken) {
    if let Some((own, cancel)) = &*lock(&session.closed.scan)
        && own == token
    {
        cancel.store(true, Ordering::Relaxed);
    }
}

/// A file that is not open changed, appeared or went away.
pub fn look_again(session: &Arc<Session>, path: PathBuf) {
    let session = session.clone();
    session.runtime.clone().spawn_blocking(move || {
        let root = session.root_of(&path);
        if root.folder.is_none() || root.config.is_excluded(&path) || session.document_of(&path).is_some() {
            return;
        }
        let news = match analyse(&root, &path, &AtomicBool::new(false)) {
            Some(document) => {
                let news = root.tell(&path, document.facts().clone());
                keep(&session, &root, &path, &document);
                news
            }
            None => {
                lock(&session.closed.diagnostics).remove(&path);
                root.forget(&path)
            }
        };
        show_one(&session, &path);
        if news {
            session.refresh_all();
        }
    });
}

/// Two passes: what the files say about each other is complete only after the first.
fn look_through(session: &Arc<Session>, cancel: &AtomicBool, threads: usize, progress: &Progress) -> Summary {
    let roots = session.roots();
    let mut files: Vec<(Arc<Root>, PathBuf)> = Vec::new();
    for root in roots.iter() {
        let Some(folder) = root.folder.clone().filter(|folder| is_a_project(folder)) else { continue };
        let found = workspace::discover(&[folder], &root.config);
        for (path, error) in &found.errors {
            tracing::warn!(path = %path.display(), %error, "a part of the workspace cannot be read");
        }
        // Of nested roots the innermost has the file.
        let own = |path: &Path| session.root_of(path).folder == root.folder;
        files.extend(
            found
                .files
                .into_iter()
                .map(|file| file.path)
                .filter(|path| own(path))
                .map(|path| (root.clone(), path)),
        );
    }
    files.retain(|(_, path)| session.document_of(path).is_none());
    let wants_findings = session.profile().pull || session.closed.shown.load(Ordering::Relaxed);
    let total = if wants_findings { files.len() * 2 } else { files.len() };
    let done = AtomicUsize::new(0);
    let kept: Vec<Mutex<Option<Document>>> = files.iter().map(|_| Mutex::default()).collect();
    let room = AtomicUsize::new(0);
    let news = AtomicBool::new(false);
    in_parallel(threads, files.len(), cancel, |index| {
        let (root, path) = &files[index];
        if let Some(document) = analyse(root, path, cancel) {
            news.fetch_or(root.tell(path, document.facts().clone()), Ordering::Relaxed);
            let size = document.source().len();
            if wants_findings && room.fetch_add(size, Ordering::Relaxed) + size <= KEEP {
                *lock(&kept[index]) = Some(document);
            }
        }
        progress.report(done.fetch_add(1, Ordering::Relaxed), total, name(path));
    });
    if news.load(Ordering::Relaxed) {
        session.refresh_all();
    }
    if wants_findings && !cancel.load(Ordering::Relaxed) {
        forget_all_but(session, &files);
        in_parallel(threads, files.len(), cancel, |index| {
            let (root, path) = &files[index];
            let document = lock(&kept[index]).take().or_else(|| analyse(root, path, cancel));
            if let Some(document) = document {
                keep(session, root, path, &document);
            }
            progress.report(done.fetch_add(1, Ordering::Relaxed), total, name(path));
        });
    }
    let complete = !cancel.load(Ordering::Relaxed);
    if complete {
        session.closed.passes.send_modify(|passes| *passes += 1);
    }
    let diagnostics = lock(&session.closed.diagnostics);
    Summary {
        findings: diagnostics.values().map(Vec::len).sum(),
        with_findings: diagnostics.len(),
        files: files.len(),
        complete,
    }
}

/// Some clients take the home folder or the whole disk for the root of a lone file; nobody wants those read.
fn is_a_project(folder: &Path) -> bool {
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
    let is_too_much = folder.parent().is_none() || home.is_some_and(|home| folder == Path::new(&home));
    if is_too_much {
        tracing::warn!(folder = %folder.display(), "this folder is not read as a workspace");
    }
    !is_too_much
}

fn in_parallel(threads: usize, count: usize, cancel: &AtomicBool, work: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    let take = || {
        while !cancel.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            work(index);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(count) {
            scope.spawn(take);
        }
        take();
    });
}

/// The file as it is on disk, analysed; `None` where it is gone, no text, or cannot be analysed.
fn analyse(root: &Root, path: &Path, cancel: &AtomicBool) -> Option<Document> {
    let text = std::fs::read_to_string(path).ok()?;
    let language = Language::of_file(path, &text)?;
    if root.config.silence(path, &text).is_some() {
        return None;
    }
    let analysed = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let mut document = root.new_document(path, language, &text);
        let budget = ParseBudget { time: root.file_budget(), cancel: Some(cancel) };
        document.analyze(&root.rules, budget).map(|()| document)
    }));
    match analysed {
        Ok(Ok(document)) => Some(document),
        Ok(Err(interrupt)) => {
            tracing::warn!(path = %path.display(), %interrupt, "a file was not analysed");
            None
        }
        Err(_) => {
            tracing::error!(path = %path.display(), "the analysis panicked");
            None
        }
    }
}

fn keep(session: &Session, root: &Root, path: &Path, document: &Document) {
    let found = std::panic::catch_unwind(AssertUnwindSafe(|| root.visible_findings(document)));
    let findings = found.unwrap_or_default();
    let Some(uri) = Uri::from_file_path(path) else { return };
    let place = Place { uri: &uri, path, rope: document.source().rope(), root };
    let diagnostics = to_proto::of_findings(session, &place, &findings);
    let mut all = lock(&session.closed.diagnostics);
    if diagnostics.is_empty() {
        all.remove(path);
    } else {
        all.insert(path.to_owned(), diagnostics);
    }
}

fn forget_all_but(session: &Session, files: &[(Arc<Root>, PathBuf)]) {
    let known: std::collections::HashSet<&Path> = files.iter().map(|(_, path)| path.as_path()).collect();
    let gone: Vec<PathBuf> = {
        let mut all = lock(&session.closed.diagnostics);
        let gone = all.keys().filter(|path| !known.contains(path.as_path())).cloned().collect();
        all.retain(|path, _| known.contains(path.as_path()));
        gone
    };
    for path in gone {
        show_one(session, &path);
    }
}

/// Publishes what was found in files that are not open, to a client that is pushed to.
fn show(session: &Session) {
    if session.profile().pull {
        session.ask_to_pull_again();
        return;
    }
    for path in session.closed.diagnostics().into_keys() {
        show_one(session, &path);
    }
}

fn show_one(session: &Session, path: &Path) {
    if session.profile().pull
        || !session.closed.shown.load(Ordering::Relaxed)
        || session.document_of(path).is_some()
    {
        return;
    }
    let Some(uri) = Uri::from_file_path(path) else { return };
    let diagnostics = lock(&session.closed.diagnostics).get(path).cloned().unwrap_or_default();
    session
        .outbox
        .publish(uri.clone(), move || Some(PublishDiagnosticsParams { uri, diagnostics, version: None }));
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
