//! From text to suppressions.

use std::ops::Range;

use squire_rules::Source;

use super::{Notation, Scope, Suppression, comment};

/// All suppressions of a file, in order of position. A string that looks like one is none.
pub fn parse(source: &Source) -> Vec<Suppression> {
    let text = source.text();
    let mut found = Vec::new();
    for (at, notation) in marks(&text) {
        let Some(around) = comment::around(source, &text, at) else { continue };
        let body = body(&text, at, &around);
        let scope = scope(source, &text, &around, notation);
        found.push(match notation {
            Notation::Allow => allow(body, at, scope),
            Notation::Nosemgrep => nosemgrep(body, at, scope),
        });
    }
    found
}

/// Where a suppression may begin, cheaply: most files hold neither word.
fn marks(text: &str) -> Vec<(usize, Notation)> {
    let starts_word =
        |at: usize| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-' || c == '.');
    let allow = text.match_indices("squire:").filter(|(at, _)| {
        let rest = text[at + "squire:".len()..].trim_start_matches([' ', '\t']);
        starts_word(*at) && rest.starts_with("allow")
    });
    let nosem = text.match_indices("nosem").filter(|(at, _)| {
        let rest = text[at + "nosem".len()..].trim_start_matches("grep");
        starts_word(*at) && !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-')
    });
    let mut all: Vec<_> = allow
        .map(|(at, _)| (at, Notation::Allow))
        .chain(nosem.map(|(at, _)| (at, Notation::Nosemgrep)))
        .collect();
    all.sort_by_key(|(at, _)| *at);
    all
}

/// From the mark to the end of its line or of the comment, without the closing delimiter.
fn body<'a>(text: &'a str, at: usize, comment: &Range<usize>) -> &'a str {
    let end = comment.end.max(at);
    let body = text[at..end].split(['\n', '\r']).next().unwrap_or("").trim_end();
    let closers = ["*/", "--}}", "-->", "#}", "}}", "%>"];
    closers.iter().find_map(|close| body.strip_suffix(close)).unwrap_or(body).trim_end()
}

fn scope(source: &Source, text: &str, comment: &Range<usize>, notation: Notation) -> Scope {
    let rope = source.rope();
    let first = rope.byte_to_line(comment.start);
    let last = rope.byte_to_line(comment.end.saturating_sub(1).max(comment.start));
    let line_start = rope.line_to_byte(first);
    let line_end = rope.line_to_byte((last + 1).min(rope.len_lines()));
    // In JSX a comment stands in braces.
    let is_alone = text[line_start..comment.start].trim().trim_matches('{').is_empty()
        && text[comment.end.min(line_end)..line_end].trim().trim_matches('}').is_empty();
    if !is_alone {
        return Scope::Line(last);
    }
    if notation == Notation::Allow && comment::is_preamble(source.language(), &text[..comment.start]) {
        return Scope::File;
    }
    Scope::Line(next_code_line(source, text, last + 1))
}

/// Comments may be stacked: the line of code below all of them is meant. A blank line ends the stack.
fn next_code_line(source: &Source, text: &str, mut line: usize) -> usize {
    let rope = source.rope();
    let from = line;
    while line < rope.len_lines() {
        let start = rope.line_to_byte(line);
        let end = rope.line_to_byte((line + 1).min(rope.len_lines()));
        let content = text[start..end].trim();
        let at = start + text[start..end].len() - text[start..end].trim_start().len();
        let is_mark = content.contains("squire:") || content.contains("nosem");
        if content.is_empty() {
            return from;
        }
        match is_mark.then(|| comment::around(source, text, (at + 2).min(text.len()))).flatten() {
            Some(around) if around.start <= at + 1 => {
                line = rope.byte_to_line(around.end.saturating_sub(1)) + 1
            }
            _ => return line,
        }
    }
    from
}

fn allow(body: &str, at: usize, scope: Scope) -> Suppression {
    let mut made = Suppression {
        notation: Notation::Allow,
        rule_ids: Vec::new(),
        reason: None,
        owner: None,
        until: None,
        scope,
        range: at..at + body.len(),
        malformed: None,
    };
    let rest = body["squire:".len()..].trim_start();
    let rest = rest.strip_prefix("allow").unwrap_or(rest).trim_start();
    let Some((ids, mut rest)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) else {
        made.malformed = Some("write `squire: allow(rule-id) reason=\"…\"`".to_owned());
        return made;
    };
    made.rule_ids = ids.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    if made.rule_ids.is_empty() {
        made.malformed =
            Some("name the rule that is allowed: `squire: allow(rule-id) reason=\"…\"`".to_owned());
        return made;
    }
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',', ';']);
        let Some((key, after)) = rest.split_once('=').filter(|(key, _)| is_key(key)) else { break };
        let (value, after) = value(after);
        rest = after;
        match key {
            "reason" => made.reason = Some(value).filter(|reason| !reason.trim().is_empty()),
            "owner" => made.owner = Some(value),
            "until" => match value.parse() {
                Ok(date) => made.until = Some(date),
                Err(_) => made.malformed = Some(format!("`{value}` is no date; write until=YYYY-MM-DD")),
            },
            _ => made.malformed = Some(format!("`{key}` is not known; there are reason, owner and until")),
        }
    }
    if made.malformed.is_none() && !rest.trim().is_empty() {
        made.malformed = Some(format!("`{}` is not understood; put the reason in quotes", rest.trim()));
    }
    made
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
}

/// A quoted text (with `\"` in it) or everything up to the next blank.
fn value(text: &str) -> (String, &str) {
    let text = text.trim_start();
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut chars = text[1..].char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            c if c == quote => return (value, &text[at + 2..]),
            c => value.push(c),
        }
    }
    (value, "")
}

fn nosemgrep(body: &str, at: usize, scope: Scope) -> Suppression {
    let rest = body["nosem".len()..].trim_start_matches("grep").trim_start();
    let ids = rest.strip_prefix(':').unwrap_or("");
    let rule_ids: Vec<String> = ids
        .split(',')
        .filter_map(|id| id.split_whitespace().next())
        .filter(|id| id.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .map(str::to_owned)
        .collect();
    Suppression {
        notation: Notation::Nosemgrep,
        rule_ids,
        reason: None,
        owner: None,
        until: None,
        scope,
        range: at..at + body.len(),
        malformed: None,
    }
}
