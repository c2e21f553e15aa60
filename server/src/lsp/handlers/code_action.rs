//! `textDocument/codeAction` and `codeAction/resolve`: repair, learn, explain, accept.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use squire_rules::{Finding, FixStatus};
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionResponse, Command,
    Diagnostic, WorkspaceEdit,
};

use super::{commands, elsewhere, fix_all};
use crate::lsp::document::{OpenDocument, Snapshot};
use crate::lsp::profile::FIX_ALL;
use crate::lsp::session::Session;
use crate::lsp::to_proto::Place;
use crate::lsp::{pages, position, to_proto};
use crate::workspace::suppressions;

/// Clients ask at every move of the cursor; what comes later than this is for a place already left.
const PATIENCE: Duration = Duration::from_secs(2);

/// JetBrains shows at most twenty actions for a diagnostic; four are not fixes.
const MOST_FIXES: usize = 16;

/// What stands in a new suppression until its author says why. A suppression without a reason is a
/// finding itself, so the empty one reminds.
const REASON: &str = "";

/// What can be done about the findings in a range.
pub async fn list(session: &Arc<Session>, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
    let Some(open) = session.document(&params.text_document.uri) else { return Ok(None) };
    let only = params.context.only.clone();
    // Fixing on save asks for the whole file; anything else is about the range.
    let Some(snapshot) = open.current(PATIENCE).await else { return Ok(None) };
    let session = session.clone();
    elsewhere(move || {
        let wanted = Wanted(only);
        let range = position::offsets(&snapshot.rope, params.range, session.profile().encoding);
        let context = Context { session: &session, open: &open, snapshot: &snapshot };
        let mut actions = Vec::new();
        if wanted.includes("quickfix") {
            for (index, finding) in snapshot.findings_at(range.clone()) {
                context.for_finding(index, finding, &mut actions);
            }
        }
        let is_near = wanted.names_source() || snapshot.findings_at(range.clone()).next().is_some();
        if wanted.includes(FIX_ALL) && is_near {
            actions.extend(context.fix_all());
        }
        Some(actions)
    })
    .await
}

/// Fills in the edit of an action that was listed without one.
pub async fn resolve(session: &Arc<Session>, mut action: CodeAction) -> Result<CodeAction> {
    if action.edit.is_some() || action.command.is_some() {
        return Ok(action);
    }
    let uri = action.data.as_ref().and_then(|data| data.get("uri")).and_then(Value::as_str);
    let open = uri.and_then(|uri| uri.parse().ok()).and_then(|uri| session.document(&uri));
    let Some(open) = open else {
        return Err(Error::invalid_params("this action is of a document that is not open"));
    };
    let Some(snapshot) = open.current(PATIENCE).await else { return Ok(action) };
    let session = session.clone();
    elsewhere(move || {
        let edits = fix_all::edits(&snapshot);
        action.edit = Some(to_proto::workspace_edit(&session, &open, &snapshot, &edits));
        action
    })
    .await
}

/// The kinds that the client asks for; `None` for all.
struct Wanted(Option<Vec<CodeActionKind>>);

impl Wanted {
    /// A kind includes the more special ones: `source` includes `source.fixAll.squire`.
    fn includes(&self, kind: &str) -> bool {
        let includes = |wanted: &CodeActionKind| {
            let rest = kind.strip_prefix(wanted.as_str());
            wanted.as_str().is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.0.as_ref().is_none_or(|kinds| kinds.iter().any(includes))
    }

    fn names_source(&self) -> bool {
        self.0.as_ref().is_some_and(|kinds| kinds.iter().any(|kind| kind.as_str().starts_with("source")))
    }
}

struct Context<'a> {
    session: &'a Arc<Session>,
    open: &'a OpenDocument,
    snapshot: &'a Snapshot,
}

impl Context<'_> {
    fn for_finding(&self, index: usize, finding: &Finding, actions: &mut Vec<CodeActionOrCommand>) {
        let Snapshot { rope, root, .. } = self.snapshot;
        let place = Place { uri: &self.open.uri, path: &self.open.path, rope, root };
        let diagnostic = to_proto::diagnostic(self.session, &place, finding);
        for (number, fix) in self.snapshot.fixes(index).iter().take(MOST_FIXES).enumerate() {
            let edit = to_proto::workspace_edit(self.session, self.open, self.snapshot, &fix.edits);
            let command = Command {
                title: fix.title.clone(),
                command: commands::FIX.to_owned(),
                arguments: Some(vec![json!({
                    "uri": self.open.uri,
                    "fingerprint": finding.fingerprint,
                    "fix": number,
                })]),
            };
            let mut action = self.action(fix.title.clone(), &diagnostic);
            // The first fix is the preferred one, unless it changes more than the weakness.
            action.is_preferred = Some(number == 0 && fix.safe);
            self.push_edit(actions, action, edit, command);
        }
        if let Some(lesson) = finding.rule.lesson.as_deref().and_then(pages::lesson) {
            let title = format!("Learn: {} ({} min, hands-on)", lesson.title, lesson.minutes);
            let language =
                self.snapshot.document.as_ref().map(|document| document.source().language().name());
            let arguments =
                [Some(lesson.id.as_str()), language].into_iter().flatten().map(Value::from).collect();
            self.push_command(actions, title, commands::LESSON_OPEN, arguments, &diagnostic);
        }
        let title = format!("Explain {}", finding.rule.id);
        self.push_command(actions, title, commands::EXPLAIN, vec![json!(finding.rule.id)], &diagnostic);
        self.suppressions(finding, &diagnostic, actions);
    }

    fn suppressions(
        &self,
        finding: &Finding,
        diagnostic: &Diagnostic,
        actions: &mut Vec<CodeActionOrCommand>,
    ) {
        let own = [
            suppressions::UNUSED,
            suppressions::EXPIRED,
            suppressions::MALFORMED,
            suppressions::WITHOUT_REASON,
        ];
        let Some(document) = &self.snapshot.document else { return };
        if own.contains(&finding.rule.id.as_str()) {
            return;
        }
        let id = &finding.rule.id;
        let here = suppressions::allow_here(document.source(), finding.range.start, id, REASON);
        let in_file = suppressions::allow_in_file(document.source(), id, REASON);
        for (title, scope, edit) in [
            (format!("Allow {id} on this line (say why in `reason`)"), "line", here),
            (format!("Allow {id} in this file (say why in `reason`)"), "file", in_file),
        ] {
            let edit = to_proto::workspace_edit(self.session, self.open, self.snapshot, &[edit]);
            let command = Command {
                title: title.clone(),
                command: commands::FIX.to_owned(),
                arguments: Some(vec![json!({
                    "uri": self.open.uri,
                    "fingerprint": finding.fingerprint,
                    "allow": scope,
                })]),
            };
            self.push_edit(actions, self.action(title, diagnostic), edit, command);
        }
    }

    /// The edit is worked out when the action is chosen, unless the client cannot ask for it then.
    fn fix_all(&self) -> Option<CodeActionOrCommand> {
        let has_safe = self.snapshot.document.is_some()
            && self.snapshot.findings.iter().any(|finding| finding.rule.fix_status == FixStatus::Safe);
        if !has_safe || !self.session.profile().action_literals {
            return None;
        }
        let mut action = CodeAction {
            title: "Apply all safe Squire fixes in this file".to_owned(),
            kind: Some(CodeActionKind::new(FIX_ALL)),
            ..CodeAction::default()
        };
        if self.session.profile().action_resolve {
            action.data = Some(json!({ "uri": self.open.uri }));
        } else {
            let edits = fix_all::edits(self.snapshot);
            if edits.is_empty() {
                return None;
            }
            action.edit = Some(to_proto::workspace_edit(self.session, self.open, self.snapshot, &edits));
        }
        Some(action.into())
    }

    fn action(&self, title: String, diagnostic: &Diagnostic) -> CodeAction {
        CodeAction {
            title,
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![diagnostic.clone()]),
            ..CodeAction::default()
        }
    }

    /// A client from before code actions gets the command that has the same effect.
    fn push_edit(
        &self,
        actions: &mut Vec<CodeActionOrCommand>,
        mut action: CodeAction,
        edit: WorkspaceEdit,
        command: Command,
    ) {
        if self.session.profile().action_literals {
            action.edit = Some(edit);
            actions.push(action.into());
        } else {
            actions.push(command.into());
        }
    }

    fn push_command(
        &self,
        actions: &mut Vec<CodeActionOrCommand>,
        title: String,
        command: &str,
        arguments: Vec<Value>,
        diagnostic: &Diagnostic,
    ) {
        let command =
            Command { title: title.clone(), command: command.to_owned(), arguments: Some(arguments) };
        if self.session.profile().action_literals {
            let mut action = self.action(title, diagnostic);
            action.command = Some(command);
            actions.push(action.into());
        } else {
            actions.push(command.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_includes_its_special_cases_and_nothing_else() {
        let wanted = |kinds: &[&'static str]| {
            Wanted(Some(kinds.iter().map(|kind| CodeActionKind::new(kind)).collect()))
        };
        assert!(Wanted(None).includes("quickfix"));
        assert!(wanted(&[""]).includes("quickfix"));
        assert!(wanted(&["source"]).includes(FIX_ALL));
        assert!(wanted(&["source.fixAll"]).includes(FIX_ALL));
        assert!(!wanted(&["source.fix"]).includes(FIX_ALL));
        assert!(!wanted(&["source.fixAll.other"]).includes(FIX_ALL));
        assert!(!wanted(&["refactor"]).includes("quickfix"));
    }
}
