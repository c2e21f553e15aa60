//! `workspace/executeCommand`. Every command answers with plain data for clients that build their own
//! view, and says what a person needs to know through messages, documents and edits.

use std::sync::Arc;

use serde_json::{Value, json};
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{ExecuteCommandParams, MessageType, PublishDiagnosticsParams, Uri};

use super::{apply_fix, diagnostic, elsewhere, lesson};
use crate::lsp::analysis::Urgency;
use crate::lsp::document::path_of;
use crate::lsp::session::{Reload, Session};
use crate::lsp::{pages, scan};
use crate::workspace::suppressions;

/// Opens a lesson and its exercise: `[lesson, language?]`.
pub const LESSON_OPEN: &str = "squire.lesson.open";
/// Carries out the attacks on the learner's file: `[uri]` or `[lesson, language]`.
pub const LESSON_ATTACK: &str = "squire.lesson.attack";
/// Judges the learner's repair: `[uri]` or `[lesson, language]`.
pub const LESSON_CHECK: &str = "squire.lesson.check";
/// Gives the next hint: `[uri]` or `[lesson, language]`.
pub const LESSON_HINT: &str = "squire.lesson.hint";
/// Puts the exercise back as shipped: `[uri]` or `[lesson, language]`.
pub const LESSON_RESET: &str = "squire.lesson.reset";
/// Opens a good repair beside the learner's: `[uri]` or `[lesson, language]`.
pub const LESSON_SOLUTION: &str = "squire.lesson.solution";
/// Scans all files of the workspace.
pub const SCAN_WORKSPACE: &str = "squire.scanWorkspace";
/// Opens the page of a rule: `[rule id]`.
pub const EXPLAIN: &str = "squire.explain";
/// Opens the learner's progress.
pub const SHOW_PROGRESS: &str = "squire.showProgress";
/// Forgets all that was computed, reads configuration and rules again, analyses everything.
pub const RESTART: &str = "squire.restart";
/// Applies a fix or an acceptance: `[{uri, fingerprint, fix | allow}]`; for clients without code actions.
pub const FIX: &str = "squire.fix";
/// Runs the tests beside a rule file: `[uri, rule id?]`.
pub const RULES_TEST: &str = "squire.rules.test";

/// All of them, as `initialize` announces them.
pub const ALL: [&str; 12] = [
    LESSON_OPEN,
    LESSON_ATTACK,
    LESSON_CHECK,
    LESSON_HINT,
    LESSON_RESET,
    LESSON_SOLUTION,
    SCAN_WORKSPACE,
    EXPLAIN,
    SHOW_PROGRESS,
    RESTART,
    FIX,
    RULES_TEST,
];

/// Does what the command says.
pub async fn execute(session: &Arc<Session>, params: ExecuteCommandParams) -> Result<Option<Value>> {
    let arguments = params.arguments;
    let token = params.work_done_progress_params.work_done_token;
    let session = session.clone();
    elsewhere(move || match params.command.as_str() {
        LESSON_OPEN => lesson::open(&session, &arguments),
        LESSON_ATTACK => lesson::attack(&session, &arguments),
        LESSON_CHECK => lesson::check(&session, &arguments),
        LESSON_HINT => lesson::hint(&session, &arguments),
        LESSON_RESET => lesson::reset(&session, &arguments),
        LESSON_SOLUTION => lesson::solution(&session, &arguments),
        SHOW_PROGRESS => lesson::show_progress(&session),
        SCAN_WORKSPACE => {
            let summary = scan::scan(&session, token);
            let stopped = if summary.complete { "" } else { " (stopped before the end)" };
            let text = format!(
                "Squire: {} findings in {} of {} files{stopped}",
                summary.findings, summary.with_findings, summary.files
            );
            session.say(MessageType::INFO, text);
            Ok(json!({
                "findings": summary.findings,
                "filesWithFindings": summary.with_findings,
                "files": summary.files,
                "complete": summary.complete,
            }))
        }
        EXPLAIN => explain(&session, &arguments),
        RESTART => {
            for document in session.documents() {
                document.start_over();
            }
            session.reload(Reload::All);
            Ok(Value::Null)
        }
        FIX => apply_fix::apply(&session, &arguments),
        RULES_TEST => rules_test(&session, &arguments),
        other => Err(Error::invalid_params(format!("unknown command `{other}`"))),
    })
    .await?
    .map(Some)
}

fn explain(session: &Arc<Session>, arguments: &[Value]) -> Result<Value> {
    let id = text(arguments, 0, "rule").ok_or_else(|| Error::invalid_params("which rule? Pass its id"))?;
    let loaded = session.roots().iter().find_map(|root| root.rules.get(id).cloned());
    let rule = loaded.or_else(|| suppressions::own_rules().iter().find(|rule| rule.id == id).cloned());
    let Some(rule) = rule else {
        return Err(Error::invalid_params(format!("there is no rule `{id}`")));
    };
    let page = pages::rule_page(&rule);
    let path = pages::write(&format!("rule-{id}"), &page).ok_or_else(Error::internal_error)?;
    pages::show(session, &path);
    Ok(json!({ "path": path, "markdown": page }))
}

fn rules_test(session: &Arc<Session>, arguments: &[Value]) -> Result<Value> {
    let uri = text(arguments, 0, "uri").and_then(|uri| uri.parse().ok());
    let uri = uri.ok_or_else(|| Error::invalid_params("which rule file? Pass its URI"))?;
    let path = path_of(&uri);
    let verdict = session.authoring.test(session, &path, text(arguments, 1, "rule"));
    for path in &verdict.touched {
        match session.document_of(path) {
            Some(open) => {
                open.refresh();
                session.scheduler.schedule(&open, Urgency::Background);
            }
            None if session.profile().pull => {}
            None => {
                let Some(uri) = Uri::from_file_path(path) else { continue };
                let diagnostics = diagnostic::of_closed(session, &uri);
                session.outbox.publish(uri.clone(), move || {
                    Some(PublishDiagnosticsParams { uri, diagnostics, version: None })
                });
            }
        }
    }
    session.ask_to_pull_again();
    session.refresh_lenses();
    let kind = if verdict.passed { MessageType::INFO } else { MessageType::WARNING };
    session.say(kind, format!("Squire: {}", verdict.headline));
    Ok(json!({ "passed": verdict.passed, "headline": verdict.headline }))
}

/// The text at `index`, or under `key` of an object that is the first argument.
pub fn text<'a>(arguments: &'a [Value], index: usize, key: &str) -> Option<&'a str> {
    let named = arguments.first().and_then(|first| first.get(key)).and_then(Value::as_str);
    named.or_else(|| arguments.get(index).and_then(Value::as_str))
}
