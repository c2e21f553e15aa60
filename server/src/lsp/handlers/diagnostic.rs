//! `textDocument/diagnostic` and `workspace/diagnostic`: diagnostics for clients that ask.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::ls_types::{
    Diagnostic, DocumentDiagnosticParams, DocumentDiagnosticReport, DocumentDiagnosticReportResult,
    FullDocumentDiagnosticReport, RelatedFullDocumentDiagnosticReport,
    RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport, Uri,
    WorkspaceDiagnosticParams, WorkspaceDiagnosticReport, WorkspaceDiagnosticReportResult,
    WorkspaceDocumentDiagnosticReport, WorkspaceFullDocumentDiagnosticReport,
    WorkspaceUnchangedDocumentDiagnosticReport,
};

use super::elsewhere;
use crate::lsp::document::OpenDocument;
use crate::lsp::session::Session;
use crate::lsp::to_proto;

/// How long an answer waits for the analysis of what was just typed.
const PATIENCE: Duration = Duration::from_secs(10);

/// The diagnostics of one document.
pub async fn document(
    session: &Arc<Session>,
    params: DocumentDiagnosticParams,
) -> Result<DocumentDiagnosticReportResult> {
    let open = session.document(&params.text_document.uri);
    let items = match open {
        Some(open) => of_open(session, &open).await?.1,
        None => of_closed(session, &params.text_document.uri),
    };
    let result_id = result_id(&items);
    let report = if params.previous_result_id.as_ref() == Some(&result_id) {
        DocumentDiagnosticReport::from(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
        })
    } else {
        DocumentDiagnosticReport::from(RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: FullDocumentDiagnosticReport {
                result_id: Some(result_id),
                items,
            },
        })
    };
    Ok(report.into())
}

/// The diagnostics of all documents that have any, open or not.
pub async fn workspace(
    session: &Arc<Session>,
    params: WorkspaceDiagnosticParams,
) -> Result<WorkspaceDiagnosticReportResult> {
    session.closed.looked_through().await;
    let mut all: Vec<(Uri, Option<i64>, Vec<Diagnostic>)> = Vec::new();
    for open in session.documents() {
        if let Ok((version, items)) = of_open(session, &open).await {
            all.push((open.uri.clone(), Some(i64::from(version)), items));
        }
    }
    for (path, items) in session.closed.diagnostics() {
        if let Some(uri) = Uri::from_file_path(&path).filter(|_| session.document_of(&path).is_none()) {
            all.push((uri, None, items));
        }
    }
    let previous: HashMap<Uri, String> =
        params.previous_result_ids.into_iter().map(|previous| (previous.uri, previous.value)).collect();
    // What had diagnostics and has none any more must be said too.
    let gone = previous.keys().filter(|uri| !all.iter().any(|(known, ..)| known == *uri)).cloned();
    let gone: Vec<_> = gone.map(|uri| (uri, None, Vec::new())).collect();
    all.extend(gone);
    let items = all
        .into_iter()
        .map(|(uri, version, items)| {
            let result_id = result_id(&items);
            if previous.get(&uri) == Some(&result_id) {
                return WorkspaceDocumentDiagnosticReport::from(WorkspaceUnchangedDocumentDiagnosticReport {
                    uri,
                    version,
                    unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
                });
            }
            WorkspaceDocumentDiagnosticReport::from(WorkspaceFullDocumentDiagnosticReport {
                uri,
                version,
                full_document_diagnostic_report: FullDocumentDiagnosticReport {
                    result_id: Some(result_id),
                    items,
                },
            })
        })
        .collect();
    Ok(WorkspaceDiagnosticReport { items }.into())
}

async fn of_open(session: &Arc<Session>, open: &Arc<OpenDocument>) -> Result<(i32, Vec<Diagnostic>)> {
    let Some(snapshot) = open.current(PATIENCE).await else {
        // The client asks again on its own.
        let mut error = Error::new(ErrorCode::from(-32802));
        error.message = "the document is still being analysed".into();
        error.data = Some(serde_json::json!({ "retriggerRequest": true }));
        return Err(error);
    };
    let (session, open) = (session.clone(), open.clone());
    let version = snapshot.version;
    Ok((version, elsewhere(move || to_proto::diagnostics(&session, &open, &snapshot)).await?))
}

/// The diagnostics of a file that is not open.
pub fn of_closed(session: &Session, uri: &Uri) -> Vec<Diagnostic> {
    let path = crate::lsp::document::path_of(uri);
    let mut items = session.closed.diagnostics().remove(&path).unwrap_or_default();
    let rope = to_proto::rope_of(session, &path).unwrap_or_default();
    items.extend(to_proto::problems(session, &path, &rope));
    items.extend(session.authoring.failures(&path, &rope, session.profile().encoding));
    items
}

/// The same diagnostics have the same id, whenever and however they came about.
fn result_id(items: &[Diagnostic]) -> String {
    let json = serde_json::to_vec(items).unwrap_or_default();
    Sha256::digest(&json).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
