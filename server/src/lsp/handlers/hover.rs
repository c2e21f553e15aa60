//! `textDocument/hover`: what a finding is, why, where it comes from, and where to learn more.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use ropey::Rope;
use squire_rules::{Authored, Finding};
use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{Hover, HoverContents, HoverParams, MarkupContent, MarkupKind, Position};

use super::elsewhere;
use crate::lsp::authoring;
use crate::lsp::document::Snapshot;
use crate::lsp::pages;
use crate::lsp::position;
use crate::lsp::session::Session;
use crate::page::confidence_name;

/// A hover that comes later than this is in the way.
const PATIENCE: Duration = Duration::from_secs(2);

/// The findings under the cursor.
pub async fn hover(session: &Arc<Session>, params: HoverParams) -> Result<Option<Hover>> {
    let at = params.text_document_position_params;
    let Some(open) = session.document(&at.text_document.uri) else { return Ok(None) };
    let rope = open.text().1;
    if let Some(kind) = authoring::kind(&open.path, &rope) {
        return Ok(key(session, kind, &rope, at.position));
    }
    let Some(snapshot) = open.current(PATIENCE).await else { return Ok(None) };
    let session = session.clone();
    elsewhere(move || {
        let profile = session.profile();
        let offset = position::offset(&snapshot.rope, at.position, profile.encoding);
        let here: Vec<&Finding> = snapshot.findings_at(offset..offset).map(|(_, finding)| finding).collect();
        let first = here.first()?;
        let kind = if profile.hover_markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
        let separator = if profile.hover_markdown { "\n\n---\n\n" } else { "\n\n" };
        let texts: Vec<String> = here.iter().map(|finding| text(finding, &snapshot, &kind)).collect();
        Some(Hover {
            contents: HoverContents::Markup(MarkupContent { kind, value: texts.join(separator) }),
            range: Some(position::range(&snapshot.rope, &first.range, profile.encoding)),
        })
    })
    .await
}

/// What the key of a rule or model file under the cursor means.
fn key(session: &Session, kind: Authored, rope: &Rope, at: Position) -> Option<Hover> {
    let profile = session.profile();
    let offset = position::offset(rope, at, profile.encoding);
    let line = rope.byte_to_line(offset);
    let start = rope.line_to_byte(line);
    let (key, range) = authoring::describe(kind, &rope.to_string(), line, offset - start)?;
    let (kind, value) = if profile.hover_markdown {
        (MarkupKind::Markdown, format!("**{}**\n\n{}", key.name, key.text))
    } else {
        let plain = key.text.lines().filter(|line| !line.starts_with("```")).collect::<Vec<_>>().join("\n");
        (MarkupKind::PlainText, format!("{}\n{plain}", key.name))
    };
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent { kind, value }),
        range: Some(position::range(rope, &(start + range.start..start + range.end), profile.encoding)),
    })
}

fn text(finding: &Finding, snapshot: &Snapshot, kind: &MarkupKind) -> String {
    let rule = &finding.rule;
    let markdown = *kind == MarkupKind::Markdown;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = if markdown {
        write!(
            text,
            "**{}** · {} confidence\n\n{}\n",
            rule.id,
            confidence_name(finding.confidence),
            finding.message
        )
    } else {
        write!(
            text,
            "{} ({} confidence)\n{}\n",
            rule.id,
            confidence_name(finding.confidence),
            finding.message
        )
    };
    if !rule.cwe.is_empty() {
        let _ = write!(text, "\n{}{}\n", if markdown { "*Why:* " } else { "Why: " }, rule.cwe.join("; "));
    }
    if !finding.trace.is_empty() {
        text.push_str(if markdown { "\n*Flow:*\n\n" } else { "\nFlow:\n" });
        for (number, step) in finding.trace.iter().enumerate() {
            let place = match &step.path {
                Some(path) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                None => {
                    let at = step.range.start.min(snapshot.rope.len_bytes());
                    format!("line {}", snapshot.rope.byte_to_line(at) + 1)
                }
            };
            let _ = writeln!(text, "{}. {place}: {}", number + 1, step.note);
        }
    }
    if let Some(lesson) = rule.lesson.as_deref().and_then(pages::lesson) {
        let (title, minutes) = (&lesson.title, lesson.minutes);
        let link = pages::link(&snapshot.root, rule);
        let _ = match link {
            Some(link) if markdown => {
                write!(text, "\n[Learn: {title} ({minutes} min, hands-on)]({})\n", link.as_str())
            }
            _ => write!(text, "\nLearn: {title} ({minutes} min, hands-on)\n"),
        };
    }
    text.truncate(text.trim_end().len());
    text
}
