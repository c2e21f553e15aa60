//! Who analyses when: a few threads, and a queue in which every document stands at most once.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::Duration;

use squire_rules::{Document, Interrupt, Language, ParseBudget};

use super::document::{Engine, Job, OpenDocument, Snapshot, moved};
use super::lock;
use super::root::Root;
use super::session::Session;
use super::splice::Splice;

/// Deep nesting costs stack in parsers; an analysis must not be the thread that runs out.
const STACK: usize = 16 << 20;

/// Without a key for this long, typing has paused.
const PAUSE: Duration = Duration::from_millis(250);

/// The documents that wait for an analysis.
#[derive(Default)]
pub struct Scheduler {
    queue: Mutex<VecDeque<Arc<OpenDocument>>>,
    filled: Condvar,
}

impl Scheduler {
    /// Puts a document in the queue: in front if someone is typing in it, else at the end.
    pub fn schedule(&self, document: &Arc<OpenDocument>, urgency: Urgency) {
        if !document.wants_scheduling() {
            return;
        }
        let mut queue = lock(&self.queue);
        match urgency {
            Urgency::Typing => queue.push_front(document.clone()),
            Urgency::Background => queue.push_back(document.clone()),
        }
        drop(queue);
        self.filled.notify_one();
    }

    fn next(&self) -> Arc<OpenDocument> {
        let mut queue = lock(&self.queue);
        loop {
            if let Some(document) = queue.pop_front() {
                return document;
            }
            queue = self.filled.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// How soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Someone is looking.
    Typing,
    /// When there is time.
    Background,
}

/// Starts the threads. They live as long as the process.
pub fn start(session: &Arc<Session>) -> std::io::Result<()> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    for index in 0..threads {
        let session = Arc::downgrade(session);
        let scheduler = session.upgrade().map(|session| session.scheduler.clone());
        let Some(scheduler) = scheduler else { continue };
        std::thread::Builder::new()
            .name(format!("analysis-{index}"))
            .stack_size(STACK)
            .spawn(move || work(&scheduler, &session))?;
    }
    Ok(())
}

fn work(scheduler: &Scheduler, session: &Weak<Session>) {
    loop {
        let document = scheduler.next();
        let Some(session) = session.upgrade() else { return };
        while let Some(job) = document.take_job() {
            analyse(&session, &document, job);
        }
    }
}

fn analyse(session: &Arc<Session>, open: &Arc<OpenDocument>, mut job: Job) {
    let root = session.root_of(&open.path);
    let mut engine = lock(&open.engine);
    let edits = std::mem::take(&mut job.edits);
    engine.unseen.extend_from_slice(&edits);
    session.exercises.follow(&open.path, &edits);
    session.authoring.follow(&open.path, &edits);
    if job.start_over {
        engine.document = None;
    }
    let language = open.language(&job.rope);
    let Some(language) = language else {
        engine.document = None;
        engine.unseen.clear();
        open.store(Arc::new(Snapshot::new(&job, root, Arc::new([]), None)), |snapshot| {
            session.publish(open, snapshot);
        });
        return;
    };
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let document = bring_up_to_date(&mut engine, open, &root, &job, &edits, language)?;
        // First what the file says, then what is said about it: a login imported here counts here too.
        let news = tell_workspace(&mut engine, open, &root, &document);
        Ok((root.visible_findings(&document), document, news))
    }));
    let (findings, document, news) = match outcome {
        Ok(Ok((findings, document, news))) => (findings, Some(document), news),
        Ok(Err(Interrupt::Cancelled)) => return,
        Ok(Err(Interrupt::Timeout)) => {
            let patient = std::mem::replace(&mut engine.patient, true);
            tracing::warn!(path = %open.path.display(), patient, "the analysis took too long; older findings stand");
            if !patient {
                // Nobody may be typing now: the next try has the time of a whole file, until an edit stops it.
                open.refresh();
            }
            let standing = open.latest().map(|snapshot| moved(&snapshot.findings, &engine.unseen));
            (standing.unwrap_or_default(), None, false)
        }
        Err(panic) => {
            engine.document = None;
            if !std::mem::replace(&mut engine.panic_reported, true) {
                session.report_panic(&open.path, panic.as_ref());
            }
            (Arc::default(), None, false)
        }
    };
    engine.unseen.clear();
    drop(engine);
    if document.as_ref().is_some_and(|document| !document.source().is_settled()) {
        settle_later(session, open, job.revision);
    }
    let snapshot = Snapshot::new(&job, root.clone(), findings, document);
    open.store(Arc::new(snapshot), |snapshot| session.publish(open, snapshot));
    if news {
        session.refresh_others(&root, open);
    }
}

/// Broken text has more than one tree: when typing pauses, the document is analysed once more as a scan would.
fn settle_later(session: &Arc<Session>, open: &Arc<OpenDocument>, revision: u64) {
    let (session, open) = (session.clone(), open.clone());
    session.runtime.clone().spawn(async move {
        tokio::time::sleep(PAUSE).await;
        if open.revision() == revision {
            open.refresh();
            session.scheduler.schedule(&open, Urgency::Background);
        }
    });
}

fn bring_up_to_date(
    engine: &mut Engine,
    open: &OpenDocument,
    root: &Root,
    job: &Job,
    edits: &[Splice],
    language: Language,
) -> Result<Document, Interrupt> {
    let same_rules = engine.rules.as_ref().is_some_and(|rules| Arc::ptr_eq(rules, &root.rules));
    engine.rules = Some(root.rules.clone());
    let mut fresh = false;
    match &mut engine.document {
        Some(document) if same_rules && document.source().language() == language => {
            for edit in edits {
                document.edit(edit.range.clone(), &edit.text);
            }
        }
        other => {
            *other = Some(root.new_document(&open.path, language, &job.rope.to_string()));
            fresh = true;
        }
    }
    let Some(document) = &mut engine.document else { return Err(Interrupt::Cancelled) };
    let time = if fresh || engine.patient { root.file_budget() } else { root.edit_budget() };
    let budget = ParseBudget { time, cancel: Some(&open.cancel) };
    if edits.is_empty() && !fresh {
        // Nobody is typing: the answer is the one that a scan of the file gives.
        document.settle(&root.rules, budget)?;
    } else {
        document.analyze(&root.rules, budget)?;
    }
    engine.patient = false;
    Ok(document.clone())
}

/// Tells the workspace what this file says about it. Returns whether that may change other files.
fn tell_workspace(engine: &mut Engine, open: &OpenDocument, root: &Root, document: &Document) -> bool {
    let facts = document.facts();
    if engine.facts.as_ref().is_some_and(|told| Arc::ptr_eq(told, facts)) {
        return false;
    }
    engine.facts = Some(facts.clone());
    root.tell(&open.path, facts.clone())
}
