//! `textDocument/completion`: the keys of rules and models; nothing in any other file.

use std::sync::Arc;

use tower_lsp::ls_types::{
    CompletionItem, CompletionItemKind, CompletionParams, CompletionResponse, Documentation, MarkupContent,
    MarkupKind,
};

use crate::lsp::authoring;
use crate::lsp::position;
use crate::lsp::session::Session;

/// The keys that can stand at the cursor.
pub fn complete(session: &Arc<Session>, params: &CompletionParams) -> Option<CompletionResponse> {
    let at = &params.text_document_position;
    let open = session.document(&at.text_document.uri)?;
    let rope = open.text().1;
    let kind = authoring::kind(&open.path, &rope)?;
    let offset = position::offset(&rope, at.position, session.profile().encoding);
    let line = rope.byte_to_line(offset);
    let keys = authoring::complete(kind, &rope.to_string(), line, offset - rope.line_to_byte(line));
    let item = |key: &'static authoring::Key| CompletionItem {
        label: key.name.to_owned(),
        kind: Some(CompletionItemKind::PROPERTY),
        documentation: Some(Documentation::MarkupContent(MarkupContent {
            kind: MarkupKind::Markdown,
            value: key.text.to_owned(),
        })),
        insert_text: Some(format!("{}: ", key.name)),
        ..CompletionItem::default()
    };
    Some(CompletionResponse::Array(keys.into_iter().map(item).collect()))
}
