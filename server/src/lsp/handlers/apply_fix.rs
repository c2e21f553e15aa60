//! `squire.fix`: what the quick fixes do, as a command, for clients that know no code actions.

use std::sync::Arc;

use serde_json::{Value, json};
use tower_lsp::jsonrpc::{Error, Result};

use super::commands;
use crate::lsp::session::Session;
use crate::lsp::to_proto;
use crate::workspace::suppressions;

/// Applies the fix with the number `fix`, or the acceptance `allow` (`line` or `file`), of the finding
/// with `fingerprint` in the open document `uri`, through `workspace/applyEdit`.
pub fn apply(session: &Arc<Session>, arguments: &[Value]) -> Result<Value> {
    let wrong = |what: &str| Error::invalid_params(what.to_owned());
    let uri = commands::text(arguments, 0, "uri").ok_or_else(|| wrong("`uri` is missing"))?;
    let fingerprint =
        commands::text(arguments, 1, "fingerprint").ok_or_else(|| wrong("`fingerprint` is missing"))?;
    let open = uri.parse().ok().and_then(|uri| session.document(&uri));
    let open = open.ok_or_else(|| wrong("the document is not open"))?;
    let snapshot = open.latest().ok_or_else(|| wrong("the document is still being analysed"))?;
    let found = snapshot.findings.iter().position(|finding| finding.fingerprint == fingerprint);
    let index = found.ok_or_else(|| wrong("the finding is gone"))?;
    let finding = &snapshot.findings[index];
    let document = snapshot.document.as_ref().ok_or_else(|| wrong("the document is still being analysed"))?;
    let edits = match commands::text(arguments, usize::MAX, "allow") {
        Some("file") => vec![suppressions::allow_in_file(document.source(), &finding.rule.id, "")],
        Some(_) => {
            vec![suppressions::allow_here(document.source(), finding.range.start, &finding.rule.id, "")]
        }
        None => {
            let number = arguments.first().and_then(|first| first.get("fix")).and_then(Value::as_u64);
            let number = number.and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
            let fixes = snapshot.fixes(index);
            fixes.get(number).ok_or_else(|| wrong("there is no such fix"))?.edits.clone()
        }
    };
    let edit = to_proto::workspace_edit(session, &open, &snapshot, &edits);
    if session.profile().apply_edit {
        let (client, edit) = (session.client.clone(), edit.clone());
        session.detach("workspace/applyEdit", async move { client.apply_edit(edit).await });
    }
    Ok(json!({ "edit": edit }))
}
