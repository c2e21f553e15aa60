//! What the learner did, and what is due again: an append-only log on the learner's own disk.
//!
//! One JSON object a line, each written by one call in append mode, so that several editors can write
//! at once. A line that cannot be read (torn by a full disk, or of a newer version) is passed over.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::catalog::{Exercise, Hint};
use crate::check::Verdict;

/// Days after which a lesson comes back: after the first completion, the second, …
const INTERVALS: [i64; 4] = [1, 3, 7, 21];

/// The log.
#[derive(Clone, Debug)]
pub struct Progress {
    path: PathBuf,
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, UTC.
    pub at: Timestamp,
    /// The lesson's id.
    pub lesson: String,
    /// Of the exercise.
    pub language: String,
    /// What happened.
    #[serde(flatten)]
    pub action: Action,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Action {
    /// The exercise was opened.
    Started,
    /// The exercise was put back as shipped.
    Reset,
    /// The attacks were run.
    Attacked {
        /// How many of them succeeded.
        breaches: usize,
    },
    /// A repair was checked.
    Checked {
        /// Whether it solved the exercise.
        passed: bool,
        /// The verdict in one line.
        verdict: String,
    },
    /// A hint was shown.
    Hint {
        /// Its number, from 1.
        number: usize,
    },
    /// The solution was shown.
    Solution,
    /// The exercise was solved.
    Completed,
}

/// How a lesson stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Opened at least once.
    pub started: bool,
    /// Solved at least once, in any language.
    pub completed: bool,
    /// Repairs checked.
    pub checks: usize,
    /// Hints shown.
    pub hints: usize,
    /// When it should be taken again; `None` before it is completed.
    pub due: Option<Timestamp>,
}

impl Status {
    /// `new`, `started`, `completed` or `due`.
    pub fn word(&self, now: Timestamp) -> &'static str {
        match (self.completed, self.started, self.due) {
            (true, _, Some(due)) if due <= now => "due",
            (true, ..) => "completed",
            (false, true, _) => "started",
            (false, false, _) => "new",
        }
    }
}

impl Progress {
    /// In the user's data directory: `$SQUIRE_DATA_DIR`, or else `squire` where the system keeps such data.
    /// `None` where there is neither.
    pub fn open() -> Option<Progress> {
        Some(Progress::at(crate::places::data()?.join("progress.jsonl")))
    }

    /// In a file of its own.
    pub fn at(path: impl Into<PathBuf>) -> Progress {
        Progress { path: path.into() }
    }

    /// Adds a line.
    pub fn record(&self, exercise: &Exercise, action: Action) -> io::Result<()> {
        self.append(&[action], exercise)
    }

    /// Adds what a check said, and that the exercise is completed where it is.
    pub fn record_verdict(&self, exercise: &Exercise, verdict: &Verdict) -> io::Result<()> {
        let checked = Action::Checked { passed: verdict.passed(), verdict: verdict.headline() };
        match verdict.passed() {
            true => self.append(&[checked, Action::Completed], exercise),
            false => self.append(&[checked], exercise),
        }
    }

    /// The next hint that the learner has not seen since the exercise was last put back, with its number from 1; the last one
    /// again when all were seen. Records that it was shown. `None` where the exercise has no hints.
    pub fn next_hint<'e>(&self, exercise: &'e Exercise) -> io::Result<Option<(usize, &'e Hint)>> {
        let seen = self.hints_seen(exercise)?;
        let index = seen.min(exercise.hints.len().saturating_sub(1));
        let Some(hint) = exercise.hints.get(index) else { return Ok(None) };
        if index == seen {
            self.record(exercise, Action::Hint { number: index + 1 })?;
        }
        Ok(Some((index + 1, hint)))
    }

    /// How many hints the learner has seen since the exercise was last put back.
    pub fn hints_seen(&self, exercise: &Exercise) -> io::Result<usize> {
        let mut seen = 0;
        for event in self.events()? {
            if event.lesson != exercise.lesson || event.language != exercise.language.name() {
                continue;
            }
            match event.action {
                Action::Reset => seen = 0,
                Action::Hint { number } => seen = seen.max(number),
                _ => {}
            }
        }
        Ok(seen)
    }

    /// All lines that can be read, oldest first. Empty where there is no log yet.
    pub fn events(&self) -> io::Result<Vec<Event>> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        Ok(bytes.split(|&byte| byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }

    /// How each lesson stands that was ever touched, by its id.
    pub fn statuses(&self) -> io::Result<BTreeMap<String, Status>> {
        let mut learners: BTreeMap<String, Learner> = BTreeMap::new();
        for event in self.events()? {
            learners.entry(event.lesson.clone()).or_default().live_through(&event);
        }
        Ok(learners.into_iter().map(|(lesson, learner)| (lesson, learner.status)).collect())
    }

    /// How one lesson stands.
    pub fn status(&self, lesson: &str) -> io::Result<Status> {
        Ok(self.statuses()?.remove(lesson).unwrap_or_default())
    }

    fn append(&self, actions: &[Action], exercise: &Exercise) -> io::Result<()> {
        let mut lines = Vec::new();
        for action in actions {
            let event = Event {
                at: Timestamp::now(),
                lesson: exercise.lesson.clone(),
                language: exercise.language.name().to_owned(),
                action: action.clone(),
            };
            lines.extend(serde_json::to_vec(&event)?);
            lines.push(b'\n');
        }
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().create(true).append(true).read(true).open(&self.path)?;
        if ends_torn(&mut file)? {
            lines.insert(0, b'\n');
        }
        // One call: the system appends it as a whole, whoever else is writing.
        file.write_all(&lines)
    }
}

/// Whether the last line was never finished, so that a new one must not be added to it.
fn ends_torn(file: &mut fs::File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last[0] != b'\n')
}

/// What one lesson's events add up to.
#[derive(Default)]
struct Learner {
    status: Status,
    /// How many intervals were lived through.
    stage: usize,
    /// The solution was shown since the exercise was last begun.
    shown: bool,
}

impl Learner {
    fn live_through(&mut self, event: &Event) {
        match event.action {
            Action::Started => self.status.started = true,
            Action::Reset => self.shown = false,
            Action::Attacked { .. } => self.status.started = true,
            Action::Checked { .. } => self.status.checks += 1,
            Action::Hint { .. } => self.status.hints += 1,
            Action::Solution => self.shown = true,
            Action::Completed => self.complete(event.at),
        }
    }

    /// Solving it once more before it is due proves nothing about memory; solving it after a look at the
    /// solution starts from the shortest interval.
    fn complete(&mut self, at: Timestamp) {
        let early = self.status.due.is_some_and(|due| at < due);
        if early && !self.shown {
            return;
        }
        self.stage = match self.status.due {
            None => 0,
            Some(_) if self.shown => 0,
            Some(_) => (self.stage + 1).min(INTERVALS.len() - 1),
        };
        self.status.started = true;
        self.status.completed = true;
        let interval = SignedDuration::from_hours(24 * INTERVALS[self.stage]);
        self.status.due = at.checked_add(interval).ok();
    }
}
