//! What parent and child say to each other: one JSON object each way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog::Runtime;

/// What the child is asked to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    pub runtime: Runtime,
    /// The learner's program and the files that it sees, by name relative to the exercise.
    pub files: BTreeMap<String, String>,
    /// Which of them is started.
    pub entry: String,
    /// For messages: `tests.js`, `attack.js`.
    pub script_name: String,
    /// The tests or the attacks.
    pub script: String,
    pub time_ms: u64,
    pub memory_mb: u64,
    /// Random for each run. A report counts only behind it, so that what the program prints cannot pass
    /// for a report.
    #[serde(default)]
    pub marker: String,
}

/// What the child answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    #[serde(default)]
    pub results: Vec<Outcome>,
    #[serde(default)]
    pub error: Option<RunError>,
    /// What the program printed, capped.
    #[serde(default)]
    pub output: String,
}

/// One test or one attack, carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// As the lesson's author named it, e.g. "a patient finds her own record".
    pub name: String,
    /// A test passed when the program did its job. An attack passed when it *succeeded*.
    pub passed: bool,
    /// What was expected and what came instead.
    #[serde(default)]
    pub message: Option<String>,
    /// What the attacker sent.
    #[serde(default)]
    pub input: Option<String>,
    /// What the attacker got for it, e.g. "3 patient records that are not yours".
    #[serde(default)]
    pub got: Option<String>,
}

/// Why there is no complete list of outcomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunError {
    pub message: String,
    /// 1-based line of the learner's file, where it is known.
    #[serde(default)]
    pub line: Option<u32>,
}

impl Report {
    /// A report that says only why there is nothing to report.
    pub fn failed(message: impl Into<String>) -> Report {
        Report { error: Some(RunError { message: message.into(), line: None }), ..Report::default() }
    }
}
