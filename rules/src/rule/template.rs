//! Fixes that a rule writes as text with metavariables in it.
//!
//! The text is put into code that its author has not seen, so it is fitted in: further lines get the indentation of
//! the line they replace, a list does not keep the comma of an argument that was not there, a string keeps its
//! quotes, and what an operator joins is put in parentheses. The last two follow Semgrep to the byte, so that the
//! `.fixed` files beside a team's rules hold for both.

use std::borrow::Cow;
use std::ops::Range;

use super::interpolate;
use crate::language::Language;
use crate::source::{ParseBudget, Source};
use crate::syntax::{Ast, Kind, NodeId, Slot, lower};

/// The text that replaces `range`. `value` says where a metavariable's code stands in `text`.
pub(crate) fn render(
    template: &str,
    text: &str,
    range: &Range<usize>,
    language: Language,
    value: &dyn Fn(&str) -> Option<Range<usize>>,
) -> String {
    let template = keep_quotes(&without_empty_lists(template, value), text, value);
    let operands = operands(&template, language);
    let filled = interpolate(&template, &|name| {
        let code = text.get(value(name)?)?;
        match operands.iter().any(|operand| operand == name) && is_operation(code, language) {
            true => Some(Cow::Owned(format!("({code})"))),
            false => Some(Cow::Borrowed(code)),
        }
    });
    let kept: Vec<&str> = metavariables(&template).filter_map(|name| text.get(value(name)?)).collect();
    let spaced = parenthesized(&filled, language, &kept).unwrap_or(filled);
    indented(&spaced, text, range.start)
}

/// The names that stand in a template.
fn metavariables(template: &str) -> impl Iterator<Item = &str> {
    template.match_indices('$').map(|(at, _)| {
        let rest = &template[at..];
        let dots = if rest.starts_with("$...") { 4 } else { 1 };
        let end = rest[dots..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        &rest[..end.map_or(rest.len(), |end| dots + end)]
    })
}

/// `f($...BEFORE, x)` where nothing is before: `f(x)`.
fn without_empty_lists(template: &str, value: &dyn Fn(&str) -> Option<Range<usize>>) -> String {
    let mut out = template.to_owned();
    let names: Vec<String> =
        metavariables(template).filter(|name| name.starts_with("$...")).map(str::to_owned).collect();
    for name in names {
        if !value(&name).is_some_and(|range| range.is_empty()) {
            continue;
        }
        let Some(at) = out.find(&name) else { continue };
        let (before, after) = (&out[..at], &out[at + name.len()..]);
        out = match (after.trim_start().strip_prefix(','), before.trim_end().strip_suffix(',')) {
            (Some(rest), _) => format!("{before}{}", rest.trim_start()),
            (None, Some(rest)) => format!("{rest}{after}"),
            (None, None) => format!("{before}{after}"),
        };
    }
    out
}

/// `"$X"` for the content of `'a'` is `'a'`: the literal as it was written.
fn keep_quotes(template: &str, text: &str, value: &dyn Fn(&str) -> Option<Range<usize>>) -> String {
    let mut out = template.to_owned();
    let names: Vec<String> = metavariables(template).map(str::to_owned).collect();
    for name in names {
        let Some(range) = value(&name) else { continue };
        let quotes = ["\"\"\"", "'''", "\"", "'", "`"];
        let quote = quotes.into_iter().find(|quote| {
            let before = text.get(..range.start).is_some_and(|text| text.ends_with(quote));
            before && text.get(range.end..).is_some_and(|text| text.starts_with(quote))
        });
        let Some(quote) = quote else { continue };
        for own in ["\"", "'"] {
            out = out.replace(&format!("{own}{name}{own}"), &format!("{quote}{name}{quote}"));
        }
    }
    out
}

fn parsed(text: &str, language: Language) -> Option<Ast> {
    let mut source = Source::new(language, text);
    source.parse(ParseBudget::default()).ok()?;
    let root = source.tree()?.root_node();
    if root.has_error() {
        return None;
    }
    let ast = lower(root, source.rope(), language.table());
    (!ast.is_empty()).then_some(ast)
}

/// The metavariables that a template makes operands.
fn operands(template: &str, language: Language) -> Vec<String> {
    let names: Vec<&str> = metavariables(template).collect();
    let mut text = template.to_owned();
    for (index, name) in names.iter().enumerate() {
        text = text.replacen(*name, &format!("squire_value_{index}_"), 1);
    }
    let Some(ast) = parsed(&text, language) else { return Vec::new() };
    let mut out = Vec::new();
    for id in ast.subtree(Ast::ROOT) {
        let operates = ast.parent(id).is_some_and(|parent| {
            matches!(ast.kind(parent), Kind::Binary | Kind::Unary | Kind::Compare | Kind::Await)
                || ast.node(id).slot == Slot::Object
        });
        let index =
            ast.text(id).strip_prefix("squire_value_").and_then(|rest| rest.strip_suffix('_')?.parse().ok());
        if let (true, Some(index)) = (operates, index)
            && let Some(name) = names.get::<usize>(index)
        {
            out.push((*name).to_owned());
        }
    }
    out
}

/// Whether code is operands around an operator, without parentheses around it.
fn is_operation(code: &str, language: Language) -> bool {
    let Some(ast) = parsed(code, language) else { return false };
    let root = match ast.kind(Ast::ROOT) {
        Kind::Module => ast.children(Ast::ROOT).next(),
        _ => Some(Ast::ROOT),
    };
    let Some(root) = root else { return false };
    let whole = ast.range(root).len() == code.trim().len();
    whole
        && matches!(ast.kind(root), Kind::Binary | Kind::Compare | Kind::Ternary | Kind::Unary | Kind::Await)
}

/// Puts what operators join in parentheses and a blank after each comma, but in the code of metavariables. `None` if
/// the text is no expression or has no operator.
fn parenthesized(text: &str, language: Language, kept: &[&str]) -> Option<String> {
    if !(language.is_script() || language == Language::Python) || text.trim().contains('\n') {
        return None;
    }
    let ast = parsed(text, language)?;
    let mut edits: Vec<(usize, &str)> = Vec::new();
    let inside_kept = |id: NodeId| {
        std::iter::successors(ast.parent(id), |&id| ast.parent(id)).any(|id| kept.contains(&ast.text(id)))
    };
    for id in ast.subtree(Ast::ROOT) {
        let range = ast.range(id);
        if ast.kind(id) == Kind::Binary && !inside_kept(id) && is_value(&ast, id) {
            let before = text[..range.start].trim_end().ends_with('(');
            let after = text[range.end..].trim_start().starts_with(')');
            // The parentheses of a call are not those of its argument.
            if !(before && after) || ast.node(id).slot == Slot::Arg {
                edits.push((range.start, "("));
                edits.push((range.end, ")"));
            }
        }
        let arguments: Vec<NodeId> = ast.slots(id, Slot::Arg).collect();
        if ast.kind(id) == Kind::Call && !inside_kept(id) && !kept.contains(&ast.text(id)) {
            for pair in arguments.windows(2) {
                let gap = ast.range(pair[0]).end..ast.range(pair[1]).start;
                if text.get(gap.clone()) == Some(",") {
                    edits.push((gap.end, " "));
                }
            }
        }
    }
    if edits.is_empty() {
        return None;
    }
    // Of what starts together the outer comes first; of what ends together it does not matter.
    edits.sort_by_key(|(at, _)| *at);
    let mut out = String::with_capacity(text.len() + edits.len());
    let mut last = 0;
    for (at, insert) in edits {
        out.push_str(&text[last..at]);
        out.push_str(insert);
        last = at;
    }
    out.push_str(&text[last..]);
    Some(out)
}

/// Whether the operator joins values: not as the text of a format or a path.
fn is_value(ast: &Ast, id: NodeId) -> bool {
    !matches!(ast.node(id).slot, Slot::Type)
}

/// Further lines start where the first one does.
fn indented(replacement: &str, text: &str, start: usize) -> String {
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let indent: &str = &text[line..start];
    let blank = indent.len() - indent.trim_start().len();
    if blank == 0 || !replacement.contains('\n') {
        return replacement.to_owned();
    }
    let mut lines = replacement.split('\n');
    let mut out = lines.next().unwrap_or("").to_owned();
    for line in lines {
        out.push('\n');
        if !line.trim().is_empty() {
            out.push_str(&indent[..blank]);
        }
        out.push_str(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::language::Language;

    #[track_caller]
    fn check(template: &str, text: &str, values: &[(&str, &str)], expected: &str) {
        let at = |part: &str| text.find(part).map(|at| at..at + part.len());
        let value = |name: &str| {
            let (_, part) = values.iter().find(|(known, _)| *known == name)?;
            if part.is_empty() { Some(0..0) } else { at(part) }
        };
        let start = text.len() - text.trim_start().len();
        assert_eq!(render(template, text, &(start..text.len()), Language::Python, &value), expected);
    }

    #[test]
    fn templates_are_fitted_in() {
        check("a()\nb()", "  x()", &[], "a()\n  b()");
        check("f($...A, x, $...B)", "g(x)", &[("$...A", ""), ("$...B", "")], "f(x)");
        check("f(\"$X\")", "g('a')", &[("$X", "a")], "f('a')");
        check("f($X * 2)", "g(3 + 4)", &[("$X", "3 + 4")], "f(((3 + 4) * 2))");
        check("$X + y", "g(x)", &[("$X", "x")], "(x + y)");
        check("f(2,1)", "g()", &[], "f(2, 1)");
    }
}
