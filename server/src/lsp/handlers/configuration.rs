//! Settings, watched files and workspace folders: what changes the rules of the game while it is on.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use tower_lsp::ls_types::{ConfigurationItem, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams};

use crate::lsp::document::path_of;
use crate::lsp::session::{Reload, Session};
use crate::lsp::{scan, watch};

/// The `squire` section of a client's settings, which send it wrapped or bare, or null, `[]` or `{}` for
/// nothing.
pub fn section(mut settings: Value) -> Value {
    if let Some(inner) = settings.get_mut("squire") {
        return section(inner.take());
    }
    match settings {
        Value::Object(keys) if !keys.is_empty() => Value::Object(keys),
        _ => Value::Null,
    }
}

/// New settings, or the word that there are new ones to ask for.
pub fn did_change(session: &Arc<Session>, settings: Value) {
    let pushed = section(settings);
    if pushed.is_null() && session.profile().configuration {
        fetch(session);
        return;
    }
    take(session, pushed);
}

/// Asks the client for its settings.
pub fn fetch(session: &Arc<Session>) {
    if !session.profile().configuration {
        return;
    }
    let session = session.clone();
    let client = session.client.clone();
    let item = ConfigurationItem { scope_uri: None, section: Some("squire".to_owned()) };
    session.clone().detach("workspace/configuration", async move {
        let mut answers = client.configuration(vec![item]).await?;
        // A client without such a section answers null; what it said in `initialize` stands then.
        let answer = section(answers.pop().unwrap_or_default());
        if !answer.is_null() {
            take(&session, answer);
        }
        Ok(())
    });
}

fn take(session: &Arc<Session>, settings: Value) {
    if session.set_settings(settings) {
        let session = session.clone();
        session.runtime.clone().spawn_blocking(move || session.reload(Reload::All));
    }
}

/// A configuration, a rule or a source file changed on disk.
pub fn did_change_watched_files(session: &Arc<Session>, params: &DidChangeWatchedFilesParams) {
    let paths: Vec<PathBuf> = params.changes.iter().map(|change| path_of(&change.uri)).collect();
    let session = session.clone();
    session.runtime.clone().spawn_blocking(move || {
        session.reload(Reload::Outdated);
        for path in paths.into_iter().filter(|path| watch::is_source(path)) {
            if session.document_of(&path).is_none() {
                scan::look_again(&session, path);
            }
        }
    });
}

/// Folders were added to the workspace or taken out of it.
pub fn did_change_workspace_folders(session: &Arc<Session>, params: DidChangeWorkspaceFoldersParams) {
    let path = |uri| -> PathBuf { path_of(uri).components().collect() };
    let mut folders = session.folders();
    folders.retain(|folder| !params.event.removed.iter().any(|removed| path(&removed.uri) == *folder));
    folders.extend(params.event.added.iter().map(|added| path(&added.uri)));
    session.set_folders(&folders);
    session.refresh_all();
    scan::index_in_background(session);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_come_wrapped_bare_or_as_nothing() {
        let rules = json!({ "rules": { "builtin": false } });
        assert_eq!(section(json!({ "squire": rules })), rules);
        assert_eq!(section(json!({ "settings": 1, "squire": { "squire": rules } })), rules);
        assert_eq!(section(rules.clone()), rules);
        for nothing in [json!(null), json!([]), json!({}), json!({ "squire": null }), json!({ "squire": [] })]
        {
            assert_eq!(section(nothing), Value::Null);
        }
    }
}
