//! The commands of a lesson: open, attack, check, hint, reset, solution, progress.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use squire_lessons::{Action, Catalog, Exercise, Outcome, Progress, Workbook};
use squire_rules::{Language, TextEdit};
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::MessageType;

use super::commands;
use crate::lsp::analysis::Urgency;
use crate::lsp::document::path_of;
use crate::lsp::exercises::Exercises;
use crate::lsp::session::Session;
use crate::lsp::{pages, to_proto};

/// Opens the lesson's page and the learner's copy of its exercise.
pub fn open(session: &Arc<Session>, arguments: &[Value]) -> Result<Value> {
    let id = commands::text(arguments, 0, "lesson").ok_or_else(|| wrong("which lesson? Pass its id"))?;
    let lesson = pages::lesson(id).ok_or_else(|| wrong(&format!("there is no lesson `{id}`")))?;
    let wished = commands::text(arguments, 1, "language").and_then(|name| name.parse().ok());
    let exercise = choose(session, lesson.exercises(), wished);
    let page = pages::write(&format!("lesson-{id}"), lesson.markdown()).ok_or_else(Error::internal_error)?;
    let mut show = vec![page.clone()];
    let mut file = None;
    if let Some(exercise) = exercise {
        let path = workbook()?.start(exercise).map_err(|error| io_error(&error))?;
        record(exercise, Action::Started);
        if let Some(runner) = session.exercises.runner() {
            runner.warm_up(exercise);
        }
        show.push(path.clone());
        file = Some(path);
    }
    pages::show_all(session, show);
    Ok(json!({ "lesson": id, "title": lesson.title, "page": page, "exercise": file }))
}

/// Carries out the attacks.
pub fn attack(session: &Arc<Session>, arguments: &[Value]) -> Result<Value> {
    let (exercise, path) = exercise(session, arguments)?;
    let text = current_text(session, exercise, &path)?;
    let runner = session.exercises.runner().ok_or_else(|| wrong("this system gives no sandbox"))?;
    let report = runner.attack(exercise, &text);
    record(exercise, Action::Attacked { breaches: report.breaches() });
    let kind = if report.error.is_some() { MessageType::ERROR } else { MessageType::INFO };
    session.say(kind, report.to_string());
    Ok(json!({
        "headline": report.headline(),
        "text": report.to_string(),
        "breaches": report.breaches(),
        "evidence": report.evidence,
        "attacks": outcomes(&report.attacks),
        "error": report.error,
        "output": report.output,
    }))
}

/// Judges the repair, and shows what is wrong with it where it is wrong.
pub fn check(session: &Arc<Session>, arguments: &[Value]) -> Result<Value> {
    let (exercise, path) = exercise(session, arguments)?;
    let text = current_text(session, exercise, &path)?;
    let runner = session.exercises.runner().ok_or_else(|| wrong("this system gives no sandbox"))?;
    let verdict = runner.check(exercise, &text);
    if let Some(Err(error)) = Progress::open().map(|progress| progress.record_verdict(exercise, &verdict)) {
        tracing::warn!(%error, "progress was not recorded");
    }
    session.exercises.remember(&path, &verdict);
    refresh(session, &path);
    let kind = if verdict.passed() { MessageType::INFO } else { MessageType::WARNING };
    session.say(kind, verdict.to_string());
    let problems = verdict.problems.iter();
    Ok(json!({
        "passed": verdict.passed(),
        "headline": verdict.headline(),
        "text": verdict.to_string(),
        "explanation": verdict.explanation,
        "evidence": verdict.evidence,
        "problems": problems.map(|problem| json!({ "kind": problem.kind, "message": problem.message })).collect::<Vec<_>>(),
        "tests": outcomes(&verdict.tests),
        "attacks": outcomes(&verdict.attacks),
        "output": verdict.output,
    }))
}

/// Gives the next hint.
pub fn hint(session: &Arc<Session>, arguments: &[Value]) -> Result<Value> {
    let (exercise, _) = exercise(session, arguments)?;
    let progress = Progress::open().ok_or_else(|| wrong("there is no folder for your progress"))?;
    let Some((number, hint)) = progress.next_hint(exercise).map_err(|error| io_error(&error))? else {
        session.say(MessageType::INFO, "This exercise has no hints.");
        return Ok(Value::Null);
    };
    let count = exercise.hints.len();
    session.say(
        MessageType::INFO,
        format!("Hint {number} of {count}: {}\n{}", hint.title, hint.markdown.trim()),
    );
    Ok(json!({ "number": number, "of": count, "title": hint.title, "markdown": hint.markdown }))
}

/// Puts the exercise back: in the editor, where that can be undone, if the file is open there.
pub fn reset(session: &Arc<Session>, arguments: &[Value]) -> Result<Value> {
    let (exercise, path) = exercise(session, arguments)?;
    let open = session.document_of(&path).filter(|_| session.profile().apply_edit);
    match open.and_then(|open| open.latest().map(|snapshot| (open, snapshot))) {
        Some((open, snapshot)) => {
            let whole = TextEdit { range: 0..snapshot.rope.len_bytes(), text: exercise.shipped().to_owned() };
            let edit = to_proto::workspace_edit(session, &open, &snapshot, &[whole]);
            let client = session.client.clone();
            session.detach("workspace/applyEdit", async move { client.apply_edit(edit).await });
        }
        None => {
            workbook()?.reset(exercise).map_err(|error| io_error(&error))?;
        }
    }
    record(exercise, Action::Reset);
    session.exercises.forget(&path);
    refresh(session, &path);
    Ok(json!({ "path": path }))
}

/// Opens a good repair beside the learner's own.
pub fn solution(session: &Arc<Session>, arguments: &[Value]) -> Result<Value> {
    let (exercise, _) = exercise(session, arguments)?;
    let path = workbook()?.solution(exercise).map_err(|error| io_error(&error))?;
    record(exercise, Action::Solution);
    pages::show(session, &path);
    Ok(json!({ "path": path }))
}

/// Opens a page with how every lesson stands.
pub fn show_progress(session: &Arc<Session>) -> Result<Value> {
    let progress = Progress::open().ok_or_else(|| wrong("there is no folder for your progress"))?;
    let statuses = progress.statuses().map_err(|error| io_error(&error))?;
    let now = jiff::Timestamp::now();
    let mut page =
        "# Your progress\n\n| Lesson | Level | Minutes | Status | Again |\n|---|---|---|---|---|\n"
            .to_owned();
    let mut lessons = Vec::new();
    for lesson in Catalog::builtin().lessons() {
        let status = statuses.get(&lesson.id).cloned().unwrap_or_default();
        let word = status.word(now);
        let due =
            status.due.map(|due| due.to_string().chars().take(10).collect::<String>()).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ =
            writeln!(page, "| {} | {:?} | {} | {word} | {due} |", lesson.title, lesson.level, lesson.minutes);
        lessons.push(json!({ "id": lesson.id, "title": lesson.title, "status": word, "due": status.due }));
    }
    let path = pages::write("progress", &page).ok_or_else(Error::internal_error)?;
    pages::show(session, &path);
    Ok(json!({ "path": path, "lessons": lessons }))
}

/// The exercise that the arguments name, with the learner's file.
fn exercise(session: &Session, arguments: &[Value]) -> Result<(&'static Exercise, PathBuf)> {
    let first = commands::text(arguments, 0, "uri").or_else(|| commands::text(arguments, 0, "lesson"));
    let first =
        first.ok_or_else(|| wrong("which exercise? Pass the URI of its file, or lesson and language"))?;
    if let Some(path) = first.parse().ok().map(|uri| path_of(&uri)).filter(|_| first.starts_with("file:")) {
        let exercise = Exercises::of_file(&path);
        return exercise.map(|exercise| (exercise, path)).ok_or_else(|| wrong("this file is no exercise"));
    }
    let lesson = pages::lesson(first).ok_or_else(|| wrong(&format!("there is no lesson `{first}`")))?;
    let wished = commands::text(arguments, 1, "language").and_then(|name| name.parse().ok());
    let exercise = choose(session, lesson.exercises(), wished);
    let exercise = exercise.ok_or_else(|| wrong(&format!("the lesson `{first}` has no exercise")))?;
    Ok((exercise, workbook()?.path(exercise)))
}

/// The exercise in the wished language, or in the one that the team configured, or the first.
fn choose<'a>(session: &Session, all: &'a [Exercise], wished: Option<Language>) -> Option<&'a Exercise> {
    let configured = session.roots().iter().find_map(|root| root.config.settings.lessons.language.clone());
    let of = |language: Language| all.iter().find(|exercise| exercise.language == practised(language));
    wished
        .and_then(of)
        .or_else(|| configured.and_then(|name| name.parse().ok()).and_then(of))
        .or_else(|| all.first())
}

/// Who writes TypeScript or a page learns in JavaScript.
fn practised(language: Language) -> Language {
    match language {
        Language::Python | Language::Jinja => Language::Python,
        _ => Language::JavaScript,
    }
}

/// What the learner has on the screen, or else on disk.
fn current_text(session: &Session, exercise: &Exercise, path: &Path) -> Result<String> {
    if let Some(open) = session.document_of(path) {
        return Ok(open.text().1.to_string());
    }
    if !path.exists() {
        workbook()?.start(exercise).map_err(|error| io_error(&error))?;
    }
    std::fs::read_to_string(path).map_err(|error| io_error(&error))
}

fn refresh(session: &Session, path: &Path) {
    if let Some(open) = session.document_of(path) {
        open.refresh();
        session.scheduler.schedule(&open, Urgency::Typing);
    }
    session.ask_to_pull_again();
    session.refresh_lenses();
}

fn record(exercise: &Exercise, action: Action) {
    if let Some(Err(error)) = Progress::open().map(|progress| progress.record(exercise, action)) {
        tracing::warn!(%error, "progress was not recorded");
    }
}

fn workbook() -> Result<Workbook> {
    Workbook::open().ok_or_else(|| wrong("there is no folder for exercises: set SQUIRE_DATA_DIR"))
}

fn outcomes(all: &[Outcome]) -> Value {
    serde_json::to_value(all).unwrap_or_default()
}

fn io_error(error: &std::io::Error) -> Error {
    let mut answer = Error::internal_error();
    answer.message = error.to_string().into();
    answer
}

fn wrong(what: &str) -> Error {
    Error::invalid_params(what.to_owned())
}
