//! From findings and fixes to what LSP calls them.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use ropey::Rope;
use serde_json::json;
use squire_rules::{Finding, Severity, TextEdit};
use tower_lsp::ls_types::{
    self as lsp, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity,
    DiagnosticTag, DocumentChanges, Location, NumberOrString, OneOf, OptionalVersionedTextDocumentIdentifier,
    Position, TextDocumentEdit, Uri, WorkspaceEdit,
};

use super::authoring;
use super::document::{OpenDocument, Snapshot};
use super::pages;
use super::position::{self, Encoding};
use super::root::Root;
use super::session::Session;
use crate::workspace::{Config, config, suppressions};

/// The name that diagnostics carry.
pub const SOURCE: &str = "squire";

/// A file that has findings.
pub struct Place<'a> {
    /// As the client spells it.
    pub uri: &'a Uri,
    /// On disk.
    pub path: &'a Path,
    /// The text that was analysed.
    pub rope: &'a Rope,
    /// The root that the file belongs to.
    pub root: &'a Root,
}

/// Everything to show in an open document.
pub fn diagnostics(session: &Session, open: &OpenDocument, snapshot: &Snapshot) -> Vec<Diagnostic> {
    let place = Place { uri: &open.uri, path: &open.path, rope: &snapshot.rope, root: &snapshot.root };
    let mut diagnostics = of_findings(session, &place, &snapshot.findings);
    diagnostics.extend(problems(session, &open.path, &snapshot.rope));
    diagnostics.extend(session.authoring.failures(&open.path, &snapshot.rope, session.profile().encoding));
    diagnostics.extend(session.exercises.diagnostics(&open.path, &snapshot.rope, session.profile().encoding));
    diagnostics
}

/// The diagnostics of the findings of one file.
pub fn of_findings(session: &Session, place: &Place<'_>, findings: &[Finding]) -> Vec<Diagnostic> {
    findings.iter().map(|finding| diagnostic(session, place, finding)).collect()
}

/// One finding.
pub fn diagnostic(session: &Session, place: &Place<'_>, finding: &Finding) -> Diagnostic {
    let profile = session.profile();
    let href = if profile.code_description { pages::link(place.root, &finding.rule) } else { None };
    let unused = finding.rule.id == suppressions::UNUSED && profile.unnecessary_tag;
    let mut range = position::range(place.rope, &first_line(place.rope, &finding.range), profile.encoding);
    if range.start == range.end {
        // Editors do not underline nothing.
        range.end.character += 1;
    }
    Diagnostic {
        range,
        severity: Some(match finding.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Info => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(finding.rule.id.clone())),
        code_description: href.map(|href| CodeDescription { href }),
        source: Some(SOURCE.to_owned()),
        message: finding.message.clone(),
        related_information: (profile.related_information && !finding.trace.is_empty())
            .then(|| trace(session, place, finding)),
        tags: unused.then(|| vec![DiagnosticTag::UNNECESSARY]),
        data: Some(json!({
            "rule_id": finding.rule.id,
            "fingerprint": finding.fingerprint,
            "lesson": finding.rule.lesson,
        })),
    }
}

/// What is underlined of a finding: a call with a callback is found as a whole, but a squiggle under all its
/// body says nothing. The code up to the end of the first line says where to look.
fn first_line(rope: &Rope, range: &Range<usize>) -> Range<usize> {
    let start = range.start.min(rope.len_bytes());
    let next = rope.byte_to_line(start) + 1;
    if next >= rope.len_lines() || rope.line_to_byte(next) >= range.end {
        return range.clone();
    }
    let line: String = rope.byte_slice(start..rope.line_to_byte(next)).into();
    start..start + line.trim_end().len()
}

fn trace(session: &Session, place: &Place<'_>, finding: &Finding) -> Vec<DiagnosticRelatedInformation> {
    let encoding = session.profile().encoding;
    let steps = finding.trace.iter().filter_map(|step| {
        let location = match &step.path {
            Some(other) if other != place.path => {
                let rope = rope_of(session, other)?;
                Location {
                    uri: uri_of(session, other)?,
                    range: position::range(&rope, &step.range, encoding),
                }
            }
            _ => {
                Location { uri: place.uri.clone(), range: position::range(place.rope, &step.range, encoding) }
            }
        };
        Some(DiagnosticRelatedInformation { location, message: without_markup(&step.note) })
    });
    steps.collect()
}

/// JetBrains inserts the text of related information into HTML as it is, so code in it must not be able
/// to be a tag there. Other clients show it as it is, so it must stay readable without unescaping.
fn without_markup(note: &str) -> String {
    note.replace('<', "‹").replace('>', "›")
}

/// What is wrong in a file that configures Squire.
pub fn problems(session: &Session, path: &Path, rope: &Rope) -> Vec<Diagnostic> {
    let roots = session.roots();
    if session.document_of(path).is_some() {
        let root = session.root_of(path);
        if let Some(diagnostics) = authoring::diagnostics(&root, path, rope, session.profile().encoding) {
            return diagnostics;
        }
    }
    let is_configuration = path.file_name().is_some_and(|name| name == config::FILE_NAME);
    let places: Vec<(usize, usize, String)> = if is_configuration && session.document_of(path).is_some() {
        // The text on the screen counts, not the one on the disk.
        let error = Config::parse(path, &rope.to_string(), &serde_json::Value::Null).err();
        error
            .filter(|error| error.path == path)
            .map(|error| (error.line, error.column, error.message))
            .into_iter()
            .collect()
    } else {
        let all = roots.iter().flat_map(|root| &root.problems).filter(|problem| problem.path == path);
        all.map(|problem| (problem.line, problem.column, problem.message.clone())).collect()
    };
    let encoding = session.profile().encoding;
    let mut diagnostics: Vec<Diagnostic> = places
        .into_iter()
        .map(|(line, column, message)| {
            let at =
                |character| Position { line: u32::try_from(line.max(1) - 1).unwrap_or(u32::MAX), character };
            let column = u32::try_from(column.max(1) - 1).unwrap_or(u32::MAX);
            let start = position::offset(rope, at(column), Encoding::Utf32);
            let end = position::offset(rope, at(u32::MAX), Encoding::Utf32);
            Diagnostic {
                range: position::range(rope, &(start..end.max(start)), encoding),
                severity: Some(DiagnosticSeverity::ERROR),
                code: Some(NumberOrString::String("squire-configuration".to_owned())),
                source: Some(SOURCE.to_owned()),
                message,
                ..Diagnostic::default()
            }
        })
        .collect();
    // Two roots may share one configuration.
    diagnostics.dedup();
    diagnostics
}

/// Edits of one open document. They name the version they are for where the client can tell.
pub fn workspace_edit(
    session: &Session,
    open: &OpenDocument,
    snapshot: &Snapshot,
    edits: &[TextEdit],
) -> WorkspaceEdit {
    let profile = session.profile();
    let edits: Vec<lsp::TextEdit> = edits
        .iter()
        .map(|edit| lsp::TextEdit {
            range: position::range(&snapshot.rope, &edit.range, profile.encoding),
            new_text: edit.text.clone(),
        })
        .collect();
    if profile.document_changes {
        return WorkspaceEdit {
            document_changes: Some(DocumentChanges::Edits(vec![TextDocumentEdit {
                text_document: OptionalVersionedTextDocumentIdentifier {
                    uri: open.uri.clone(),
                    version: Some(snapshot.version),
                },
                edits: edits.into_iter().map(OneOf::Left).collect(),
            }])),
            ..WorkspaceEdit::default()
        };
    }
    WorkspaceEdit { changes: Some(HashMap::from([(open.uri.clone(), edits)])), ..WorkspaceEdit::default() }
}

/// The URI of a file: as the client spells it if it has the file open.
pub fn uri_of(session: &Session, path: &Path) -> Option<Uri> {
    match session.document_of(path) {
        Some(open) => Some(open.uri.clone()),
        None => Uri::from_file_path(path),
    }
}

/// The text of a file: as the client has it if it is open, else as it is on disk.
pub fn rope_of(session: &Session, path: &Path) -> Option<Rope> {
    match session.document_of(path) {
        Some(open) => Some(open.text().1),
        None => std::fs::read_to_string(path).ok().map(|text| Rope::from_str(&text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_line_of_a_finding_is_underlined() {
        let rope = Rope::from_str("get('/a', (q, s) => {  \r\n  x();\n});\nb();");
        assert_eq!(first_line(&rope, &(0..34)), 0..21);
        assert_eq!(first_line(&rope, &(4..8)), 4..8);
        assert_eq!(first_line(&rope, &(36..40)), 36..40);
    }

    #[test]
    fn notes_cannot_become_tags() {
        assert_eq!(without_markup("`<script>` of `a < b`"), "`‹script›` of `a ‹ b`");
    }
}
