//! String literals written anew, in the style of the ones they stand beside.

/// An expression as a title names it: as code if it is short, else as what it is.
pub(super) fn label(source: &str) -> String {
    let source = source.trim();
    if source.len() <= 40 && !source.contains(['`', '\n']) {
        format!("`{source}`")
    } else {
        String::from("the value")
    }
}

/// The quote mark that a file prefers: the one it uses more often.
pub(super) fn preferred(text: &str) -> char {
    let count = |quote: u8| memchr::memchr_iter(quote, text.as_bytes()).count();
    if count(b'\'') > count(b'"') { '\'' } else { '"' }
}

/// `text` as a literal in `quote` marks. JavaScript and Python read the result alike.
pub(super) fn literal(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    escape_into(&mut out, text, quote);
    out.push(quote);
    out
}

/// Appends `text` as the inside of a literal in `quote` marks.
pub(super) fn escape_into(out: &mut String, text: &str, quote: char) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
}

/// One part of a string put together from text and expressions.
pub(super) enum Part<'a> {
    Text(&'a str),
    /// Source code of an expression.
    Expression(&'a str),
}

/// How a string is put together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Build {
    /// `"a" + x`
    Concatenation,
    /// `` `a${x}` `` or `f"a{x}"`
    Interpolation,
}

/// An expression that yields the parts one after the other.
pub(super) fn build(parts: &[Part<'_>], how: Build, python: bool, quote: char) -> String {
    if let [Part::Expression(code)] = parts {
        return (*code).to_owned();
    }
    if parts.is_empty() {
        return literal("", quote);
    }
    if parts.iter().all(|part| matches!(part, Part::Text(_))) {
        let text: String =
            parts.iter().map(|part| if let Part::Text(text) = part { text } else { "" }).collect();
        return literal(&text, quote);
    }
    // Without a string in front, `a + b` could add numbers.
    let starts_with_text = parts.iter().take(2).any(|part| matches!(part, Part::Text(_)));
    match (how, python) {
        (Build::Concatenation, _) if starts_with_text => concatenate(parts, quote),
        (_, true) => match f_string(parts, quote) {
            Some(text) => text,
            None => concatenate(parts, quote),
        },
        (_, false) => template_literal(parts),
    }
}

fn concatenate(parts: &[Part<'_>], quote: char) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => literal(text, quote),
            Part::Expression(code) => parenthesized(code),
        })
        .collect();
    parts.join(" + ")
}

/// The code in parentheses unless it is plainly one operand.
pub(super) fn parenthesized(code: &str) -> String {
    let mut depth = 0i32;
    let mut quote = None;
    for c in code.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, c) if depth == 0 && !(c.is_alphanumeric() || matches!(c, '_' | '$' | '.')) => {
                return format!("({code})");
            }
            _ => {}
        }
    }
    code.to_owned()
}

fn template_literal(parts: &[Part<'_>]) -> String {
    let mut out = String::from("`");
    for part in parts {
        match part {
            Part::Text(text) => {
                let mut inner = String::new();
                escape_into(&mut inner, text, '`');
                out.push_str(&inner.replace("${", "\\${"));
            }
            Part::Expression(code) => {
                out.push_str("${");
                out.push_str(code);
                out.push('}');
            }
        }
    }
    out.push('`');
    out
}

/// `None` where an expression cannot stand inside an f-string of Python before 3.12.
fn f_string(parts: &[Part<'_>], quote: char) -> Option<String> {
    let clashes = |quote: char| {
        parts
            .iter()
            .any(|part| matches!(part, Part::Expression(code) if code.contains([quote, '\\', '\n', '#'])))
    };
    let quote = [quote, '"', '\''].into_iter().find(|&quote| !clashes(quote))?;
    let mut out = format!("f{quote}");
    for part in parts {
        match part {
            Part::Text(text) => {
                let mut inner = String::new();
                escape_into(&mut inner, text, quote);
                out.push_str(&inner.replace('{', "{{").replace('}', "}}"));
            }
            Part::Expression(code) => {
                out.push('{');
                // `{{` would be a brace and no expression.
                if code.starts_with('{') {
                    out.push(' ');
                }
                out.push_str(code);
                out.push('}');
            }
        }
    }
    out.push(quote);
    Some(out)
}
