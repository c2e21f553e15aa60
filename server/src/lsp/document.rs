//! An open document: the text as the client has it, and the latest analysis of it.
//!
//! The text is changed synchronously, in the notification that reports the change. The analysis runs
//! elsewhere and takes all edits that came in the meantime at once: the latest wins and nothing queues.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ropey::Rope;
use squire_rules::{Document, FileFacts, Finding, Fix, Language, RuleSet};
use tokio::sync::watch;
use tower_lsp::ls_types::{TextDocumentContentChangeEvent, TextDocumentItem, Uri};

use super::lock;
use super::position::{self, Encoding};
use super::root::Root;
use super::splice::Splice;

/// One open document.
pub struct OpenDocument {
    /// As the client spells it.
    pub uri: Uri,
    /// The file, or a made-up name for a document that is none.
    pub path: PathBuf,
    /// The client's name of the language.
    language_id: String,
    live: Mutex<Live>,
    /// Tells a running analysis that a newer version has come.
    pub cancel: AtomicBool,
    /// What the analysis works on. Only the analysis locks it, and never together with `live`.
    pub engine: Mutex<Engine>,
    snapshots: watch::Sender<Option<Arc<Snapshot>>>,
}

/// The text as the client has it.
struct Live {
    version: i32,
    /// Counts the notifications, because clients number versions as they like.
    revision: u64,
    rope: Rope,
    pending: Vec<Splice>,
    /// Findings are to be computed again although the text is the same.
    refresh: bool,
    /// Nothing of earlier analyses is to be used.
    start_over: bool,
    /// Whether the document waits for an analysis or is in one.
    scheduled: bool,
    closed: bool,
}

/// The analysis side of a document.
#[derive(Default)]
pub struct Engine {
    /// `None` before the first analysis and after one that panicked.
    pub document: Option<Document>,
    /// The rules that `document` was analysed with.
    pub rules: Option<Arc<RuleSet>>,
    /// The facts that the workspace was told last.
    pub facts: Option<Arc<FileFacts>>,
    /// Edits that the findings of the latest snapshot do not know yet.
    pub unseen: Vec<Splice>,
    /// Whether the next analysis may take as long as that of a whole file, because one edit's time was
    /// not enough.
    pub patient: bool,
    /// Whether the user was told that the analysis of this document panicked.
    pub panic_reported: bool,
}

/// What an analysis has to do.
pub struct Job {
    /// Whether nothing of earlier analyses is to be used.
    pub start_over: bool,
    /// The edits since the last job, oldest first.
    pub edits: Vec<Splice>,
    /// The client's number of the version after them.
    pub version: i32,
    /// Which state of the document this is.
    pub revision: u64,
    /// The text after them.
    pub rope: Rope,
}

/// The latest analysis, with everything that answers questions about it.
pub struct Snapshot {
    /// The client's number of the analysed version.
    pub version: i32,
    /// Which state of the document was analysed.
    pub revision: u64,
    /// The analysed text.
    pub rope: Rope,
    /// The rules and the configuration that applied.
    pub root: Arc<Root>,
    /// What to show, in order of position.
    pub findings: Arc<[Finding]>,
    /// The analysed document; `None` where the analysis did not finish and the findings are older ones,
    /// moved: nothing can be proven about those.
    pub document: Option<Document>,
    fixes: Mutex<HashMap<usize, Arc<[Fix]>>>,
}

impl OpenDocument {
    /// A document that the client just opened.
    pub fn new(item: &TextDocumentItem) -> OpenDocument {
        OpenDocument {
            path: path_of(&item.uri),
            uri: item.uri.clone(),
            language_id: item.language_id.clone(),
            live: Mutex::new(Live {
                version: item.version,
                revision: 0,
                rope: Rope::from_str(&item.text),
                pending: Vec::new(),
                refresh: true,
                start_over: false,
                scheduled: false,
                closed: false,
            }),
            cancel: AtomicBool::new(false),
            engine: Mutex::default(),
            snapshots: watch::Sender::new(None),
        }
    }

    /// Applies what the client changed, in order.
    pub fn change(&self, version: i32, changes: &[TextDocumentContentChangeEvent], encoding: Encoding) {
        let mut live = lock(&self.live);
        for change in changes {
            let splice = match change.range {
                Some(range) => Splice {
                    range: position::offsets(&live.rope, range, encoding),
                    text: change.text.clone(),
                },
                None => Splice::between(&live.rope.to_string(), &change.text),
            };
            splice.apply(&mut live.rope);
            live.pending.push(splice);
        }
        live.version = version;
        live.revision += 1;
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// Asks for new findings although the text stayed the same.
    pub fn refresh(&self) {
        lock(&self.live).refresh = true;
    }

    /// Has the next analysis forget what all earlier ones found out.
    pub fn start_over(&self) {
        let mut live = lock(&self.live);
        live.start_over = true;
        live.refresh = true;
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// Which state of the document is the newest.
    pub fn revision(&self) -> u64 {
        lock(&self.live).revision
    }

    /// Marks the document closed: nothing is published for it from now on.
    pub fn close(&self) {
        lock(&self.live).closed = true;
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// Whether the document must be put in the queue for analysis: it has work and is not in it yet.
    pub fn wants_scheduling(&self) -> bool {
        let mut live = lock(&self.live);
        let wanted = !live.scheduled && !live.closed && (live.refresh || !live.pending.is_empty());
        live.scheduled |= wanted;
        wanted
    }

    /// Everything that there is to do, or `None` when the analysis is up to date.
    pub fn take_job(&self) -> Option<Job> {
        let mut live = lock(&self.live);
        if live.closed || (!live.refresh && live.pending.is_empty()) {
            live.scheduled = false;
            return None;
        }
        live.refresh = false;
        // Under the lock: an edit that comes after this sets the flag again.
        self.cancel.store(false, Ordering::Relaxed);
        Some(Job {
            start_over: std::mem::take(&mut live.start_over),
            edits: std::mem::take(&mut live.pending),
            version: live.version,
            revision: live.revision,
            rope: live.rope.clone(),
        })
    }

    /// Takes the result of an analysis. `publish` is called if it is of the newest version; no newer
    /// version can come before it returns.
    pub fn store(&self, snapshot: Arc<Snapshot>, publish: impl FnOnce(&Arc<Snapshot>)) {
        let live = lock(&self.live);
        if live.closed {
            return;
        }
        // First what answers questions, then what makes the client ask them.
        self.snapshots.send_replace(Some(snapshot.clone()));
        if live.revision == snapshot.revision {
            publish(&snapshot);
        }
    }

    /// The text and its version as the client has them now.
    pub fn text(&self) -> (i32, Rope) {
        let live = lock(&self.live);
        (live.version, live.rope.clone())
    }

    /// The latest analysis, of whichever version.
    pub fn latest(&self) -> Option<Arc<Snapshot>> {
        self.snapshots.borrow().clone()
    }

    /// The analysis of the text as it is when this is called, or the latest one if that takes longer than
    /// `patience`.
    pub fn current(
        self: &Arc<Self>,
        patience: Duration,
    ) -> impl Future<Output = Option<Arc<Snapshot>>> + Send + use<> {
        let wanted = lock(&self.live).revision;
        let mut snapshots = self.snapshots.subscribe();
        let document = self.clone();
        async move {
            let arrived = |snapshot: &Option<Arc<Snapshot>>| {
                snapshot.as_ref().is_some_and(|snapshot| snapshot.revision >= wanted)
            };
            if !arrived(&snapshots.borrow()) {
                drop(tokio::time::timeout(patience, snapshots.wait_for(arrived)).await);
            }
            document.latest()
        }
    }

    /// The language that this text is analysed as. The file's name decides, as it does on the command
    /// line; the client's name of the language where the file has none that says it, or where the client
    /// knows which template language an HTML file is in.
    pub fn language(&self, rope: &Rope) -> Option<Language> {
        let by_id = || self.language_id.parse().ok();
        let by_name = match Language::of_name(&self.path) {
            // Only HTML needs the text to be told from the template languages.
            Some(Language::Html) => Language::of_file(&self.path, &rope.to_string()),
            other => other,
        };
        match by_name {
            Some(Language::Html) => by_id().filter(|language: &Language| language.is_template()).or(by_name),
            Some(language) => Some(language),
            None => by_id(),
        }
    }
}

/// Findings of a text before `edits`, at their places after them.
pub fn moved(findings: &[Finding], edits: &[Splice]) -> Arc<[Finding]> {
    let follow = |range: &Range<usize>| edits.iter().fold(range.clone(), |range, edit| edit.moves(&range));
    let move_one = |finding: &Finding| {
        let mut finding = finding.clone();
        finding.range = follow(&finding.range);
        for step in finding.trace.iter_mut().filter(|step| step.path.is_none()) {
            step.range = follow(&step.range);
        }
        for (_, range) in &mut finding.metavariables {
            *range = follow(range);
        }
        finding
    };
    // A finding whose code was deleted has nothing left to underline.
    findings.iter().map(move_one).filter(|finding| !finding.range.is_empty()).collect()
}

impl Snapshot {
    /// The result of one job.
    pub fn new(job: &Job, root: Arc<Root>, findings: Arc<[Finding]>, document: Option<Document>) -> Snapshot {
        Snapshot {
            version: job.version,
            revision: job.revision,
            rope: job.rope.clone(),
            root,
            findings,
            document,
            fixes: Mutex::default(),
        }
    }

    /// The proven fixes of the finding with this index, the preferred one first. Costs a few analyses
    /// the first time.
    pub fn fixes(&self, index: usize) -> Arc<[Fix]> {
        let known = lock(&self.fixes).get(&index).cloned();
        if let Some(fixes) = known {
            return fixes;
        }
        let (Some(document), Some(finding)) = (&self.document, self.findings.get(index)) else {
            return Arc::new([]);
        };
        let project = self.root.project();
        let fixes: Arc<[Fix]> = document.fixes(&self.root.rules, &project, finding).into();
        drop(project);
        lock(&self.fixes).insert(index, fixes.clone());
        fixes
    }

    /// The findings that touch `range`, with their index.
    pub fn findings_at(&self, range: Range<usize>) -> impl Iterator<Item = (usize, &Finding)> {
        self.findings
            .iter()
            .enumerate()
            .filter(move |(_, finding)| finding.range.start <= range.end && range.start <= finding.range.end)
    }
}

/// The file that a URI names. One that names none (an unsaved buffer) gets the URI's last part as its
/// name, so that an ending still tells the language.
pub fn path_of(uri: &Uri) -> PathBuf {
    let path = uri.to_file_path().unwrap_or_default();
    if uri.scheme().as_str() == "file" || path.is_absolute() {
        return path.into_owned();
    }
    Path::new("untitled").join(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_of_an_older_text_stand_where_their_code_went() {
        let finding = |range: Range<usize>| Finding {
            rule: crate::workspace::suppressions::own_rules()[0].clone(),
            message: String::new(),
            severity: squire_rules::Severity::Error,
            confidence: squire_rules::Confidence::High,
            trace: vec![squire_rules::Step { path: None, range: range.clone(), note: String::new() }],
            metavariables: vec![("$X".to_owned(), range.clone())],
            fingerprint: String::new(),
            range,
        };
        let edits =
            [Splice { range: 0..0, text: "医\n".to_owned() }, Splice { range: 20..30, text: String::new() }];
        let found = moved(&[finding(3..6), finding(18..22), finding(30..34)], &edits);
        let places: Vec<_> = found.iter().map(|finding| finding.range.clone()).collect();
        // The one in the middle was deleted.
        assert_eq!(places, [7..10, 24..28]);
        assert_eq!(found[0].trace[0].range, 7..10);
        assert_eq!(found[0].metavariables[0].1, 7..10);
    }

    #[test]
    fn a_document_without_a_file_keeps_its_ending() {
        let path = |uri: &str| path_of(&uri.parse().expect("a URI"));
        assert_eq!(path("file:///a/b%20c.py"), Path::new("/a/b c.py"));
        assert_eq!(path("untitled:Untitled-1.js").extension(), Some("js".as_ref()));
        assert_eq!(path("untitled:Untitled-1").extension(), None);
    }
}
