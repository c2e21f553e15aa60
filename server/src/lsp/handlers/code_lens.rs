//! `textDocument/codeLens`: the buttons of an exercise.

use std::sync::Arc;

use serde_json::json;
use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{CodeLens, CodeLensParams, Command, Position, Range};

use super::{commands, elsewhere};
use crate::lsp::exercises::Exercises;
use crate::lsp::session::Session;

/// The lenses above the first line of a learner's file; none in any other file.
pub async fn list(session: &Arc<Session>, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
    let uri = params.text_document.uri;
    let Some(open) = session.document(&uri) else { return Ok(None) };
    let session = session.clone();
    elsewhere(move || {
        let exercise = Exercises::of_file(&open.path)?;
        let check = match session.exercises.last(&open.path) {
            None => "Check my fix".to_owned(),
            Some((true, headline)) => format!("Check my fix ✓ {headline}"),
            Some((false, headline)) => format!("Check my fix ✗ {headline}"),
        };
        let on_file = vec![json!(uri)];
        let lesson = vec![json!(exercise.lesson), json!(exercise.language.name())];
        let lenses = [
            ("Attack".to_owned(), commands::LESSON_ATTACK, on_file.clone()),
            (check, commands::LESSON_CHECK, on_file.clone()),
            ("Hint".to_owned(), commands::LESSON_HINT, on_file.clone()),
            ("Reset".to_owned(), commands::LESSON_RESET, on_file.clone()),
            ("Solution".to_owned(), commands::LESSON_SOLUTION, on_file),
            ("Lesson".to_owned(), commands::LESSON_OPEN, lesson),
        ];
        let range = Range::new(Position::new(0, 0), Position::new(0, 0));
        let lens = |(title, command, arguments): (String, &str, _)| CodeLens {
            range,
            command: Some(Command { title, command: command.to_owned(), arguments: Some(arguments) }),
            data: None,
        };
        Some(lenses.map(lens).to_vec())
    })
    .await
}
