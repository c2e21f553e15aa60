//! `textDocument/codeLens`: the buttons of an exercise, and of a rule in its file.

use std::path::Path;
use std::sync::Arc;

use ropey::Rope;
use serde_json::json;
use squire_rules::Authored;
use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{CodeLens, CodeLensParams, Command, Position, Range, Uri};

use super::{commands, elsewhere};
use crate::lsp::authoring;
use crate::lsp::exercises::Exercises;
use crate::lsp::session::Session;

/// The lenses above the first line of a learner's file and above each rule of a rule file; none in other files.
pub async fn list(session: &Arc<Session>, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
    let uri = params.text_document.uri;
    let Some(open) = session.document(&uri) else { return Ok(None) };
    let session = session.clone();
    elsewhere(move || {
        let rope = open.text().1;
        if authoring::kind(&open.path, &rope) == Some(Authored::Rules) {
            return Some(of_rules(&session, &open.path, &rope, &uri));
        }
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

fn of_rules(session: &Session, path: &Path, rope: &Rope, uri: &Uri) -> Vec<CodeLens> {
    let lens = |(line, rule): (usize, String)| {
        let at = Position::new(u32::try_from(line).unwrap_or(u32::MAX), 0);
        let command = Command {
            title: session.authoring.button(path, &rule),
            command: commands::RULES_TEST.to_owned(),
            arguments: Some(vec![json!(uri), json!(rule)]),
        };
        CodeLens { range: Range::new(at, at), command: Some(command), data: None }
    };
    authoring::rules_in(rope).into_iter().map(lens).collect()
}
