//! `textDocument/didOpen`, `didChange`, `didSave`, `didClose`.

use std::sync::Arc;

use tower_lsp::ls_types::{
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DidSaveTextDocumentParams, PublishDiagnosticsParams,
};

use crate::lsp::analysis::Urgency;
use crate::lsp::scan;
use crate::lsp::session::{Reload, Session};

/// Takes the document into care and has it analysed.
pub fn did_open(session: &Arc<Session>, params: &DidOpenTextDocumentParams) {
    session.open(&params.text_document);
}

/// Changes the text at once; the analysis follows.
pub fn did_change(session: &Arc<Session>, params: &DidChangeTextDocumentParams) {
    let Some(document) = session.document(&params.text_document.uri) else {
        tracing::warn!(uri = params.text_document.uri.as_str(), "a change of a document that is not open");
        return;
    };
    document.change(params.text_document.version, &params.content_changes, session.profile().encoding);
    session.scheduler.schedule(&document, Urgency::Typing);
}

/// What was saved may be a configuration or a rule file.
pub fn did_save(session: &Arc<Session>, _: &DidSaveTextDocumentParams) {
    let session = session.clone();
    session.runtime.clone().spawn_blocking(move || session.reload(Reload::Outdated));
}

/// Takes the diagnostics back and lets the workspace see the file as it is on disk again.
pub fn did_close(session: &Arc<Session>, params: &DidCloseTextDocumentParams) {
    let Some(document) = session.close(&params.text_document.uri) else { return };
    if !session.profile().pull {
        let uri = document.uri.clone();
        session.outbox.publish(uri.clone(), move || {
            Some(PublishDiagnosticsParams { uri, diagnostics: Vec::new(), version: None })
        });
    }
    scan::look_again(session, document.path.clone());
}
