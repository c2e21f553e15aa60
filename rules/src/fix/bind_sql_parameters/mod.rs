//! `bind-sql-parameters`: the values of a SQL text become bound parameters.

use std::ops::Range;

mod appended;

use super::FixContext;
use super::arguments::{Target, Value};
use super::code::Code;
use super::edits::Edits;
use super::imports;
use super::quote::{self, Build, Part};
use super::sql_driver::{Driver, Passing, Placeholder, driver_of};
use super::sql_text::{self, Extent, Slot as SqlSlot, SqlText};
use super::strings::{self, Flat, Replacement, What};
use crate::analyze::At;
use crate::finding::Fix;
use crate::syntax::Kind;

pub(super) fn fixes(context: &FixContext<'_>) -> Vec<Fix> {
    let code = Code::of(context);
    let Some(query) = query_of(context, &code) else { return Vec::new() };
    let fix = bind(context, &code, &query).or_else(|| appended::bind(context, &code, &query));
    fix.into_iter().collect()
}

/// The call that runs the SQL and where its text is.
struct Query {
    call: At,
    /// The argument of `call` that holds the text.
    argument: At,
    /// The text itself.
    sql: At,
    /// SQLAlchemy's `text(…)` around the text.
    text: Option<At>,
}

fn query_of(context: &FixContext<'_>, code: &Code<'_>) -> Option<Query> {
    let mut call = code.call_at(context.at)?;
    // A sink can be the argument itself, and then be a call: `"…".format(…)`.
    while strings::builds_string(code, call) {
        call = code.call_at(code.parent(call)?)?;
    }
    let args = code.args(call);
    let inside = |outer: At, inner: At| outer.unit == inner.unit && code.subtree(outer).any(|at| at == inner);
    let marked = [context.argument, Some(context.at)].into_iter().flatten();
    let marked = marked.filter_map(|inner| args.iter().copied().find(|&arg| inside(arg, inner))).next();
    let argument = marked.or(args.first().copied())?;
    // A template's tag is no call that could be given more.
    let callee = code.range(code.callee(call)?);
    let is_tag = !code.str(callee.end..code.range(argument).start).contains('(');
    if is_tag || code.kind(argument) == Kind::Keyword {
        return None;
    }
    if is_text(code, call) {
        return Some(text_query(code, call, argument));
    }
    if code.kind(argument) == Kind::Call && is_text(code, argument) {
        let sql = code.args(argument).first().copied()?;
        return Some(text_query(code, argument, sql));
    }
    if code.kind(argument) == Kind::Object {
        let (_, sql) = ["sql", "text", "query"].iter().find_map(|name| code.property(argument, name))?;
        return Some(Query { call, argument, sql, text: None });
    }
    if let Some(variable) = code.variable(argument)
        && code.kind(variable.value) == Kind::Call
        && is_text(code, variable.value)
    {
        let sql = code.args(variable.value).first().copied()?;
        return Some(text_query(code, variable.value, sql));
    }
    Some(Query { call, argument, sql: argument, text: None })
}

/// `execute(text("…"))`, which takes the values, or `text("…")` by itself, which then carries them.
fn text_query(code: &Code<'_>, text: At, sql: At) -> Query {
    let outer = code.parent(text).filter(|&outer| {
        code.kind(outer) == Kind::Call
            && code.args(outer).first() == Some(&text)
            && matches!(
                code.method(outer),
                Some("execute" | "scalar" | "scalars" | "stream" | "stream_scalars" | "exec")
            )
    });
    Query {
        call: outer.unwrap_or(text),
        argument: if outer.is_some() { text } else { sql },
        sql,
        text: Some(text),
    }
}

/// `whereRaw("…")` and `filter(text("…"))` are given parts of a statement.
fn extent(code: &Code<'_>, query: &Query) -> Extent {
    let by_itself = query.text == Some(query.call)
        && code.parent(query.call).is_some_and(|outer| {
            matches!(
                code.method(outer),
                Some("filter" | "where" | "having" | "filter_by" | "and_" | "or_" | "not_")
            )
        });
    let raw = code.method(query.call).is_some_and(|method| method.ends_with("Raw"));
    if by_itself || raw { Extent::Fragment } else { Extent::Statement }
}

fn is_text(code: &Code<'_>, call: At) -> bool {
    if !code.is_python() {
        return false;
    }
    let full = code.callee(call).and_then(|callee| code.qualified(callee));
    full.is_some_and(|full| full == "text" || full.ends_with(".text")) && code.method(call) == Some("text")
}

fn bind(context: &FixContext<'_>, code: &Code<'_>, query: &Query) -> Option<Fix> {
    let flat = strings::flatten(code, query.sql)?;
    if !flat.has_holes() {
        return None;
    }
    let sql = sql_text::read(&flat, extent(code, query))?;
    let mut driver = driver_of(context, code, query.call)?;
    if query.text.is_some() {
        driver = Driver { placeholder: Placeholder::Named, passing: Passing::Dictionary, known: true };
    }
    // PostgreSQL takes double quotes for a name.
    if driver.placeholder == Placeholder::Dollar && sql.slots.iter().any(|slot| slot.double_quoted) {
        return None;
    }
    let expected = match driver.placeholder {
        Placeholder::Question | Placeholder::Percent if sql.numbered == 0 && sql.named.is_empty() => {
            sql.positional
        }
        Placeholder::Dollar if sql.positional == 0 && sql.named.is_empty() => sql.numbered,
        Placeholder::Named if sql.positional == 0 && sql.numbered == 0 => sql.named.len(),
        // What is there already is not what the driver would want.
        _ => return None,
    };
    let values = values_of(code, &flat, &sql, driver);
    let replacements: Vec<Replacement> = sql
        .slots
        .iter()
        .zip(&values)
        .enumerate()
        .map(|(index, (slot, value))| Replacement {
            items: slot.items.clone(),
            text: spaced(
                slot,
                match driver.placeholder {
                    Placeholder::Question => String::from("?"),
                    Placeholder::Percent => String::from("%s"),
                    Placeholder::Dollar => format!("${}", expected + index + 1),
                    Placeholder::Named => format!(":{}", value.name),
                },
            ),
        })
        .collect();
    let mut edits = Edits::default();
    let doubles = driver.placeholder == Placeholder::Percent && expected == 0;
    strings::rewrite(code, &flat, &replacements, doubles, &mut edits)?;
    pass(code, query, driver, expected, quote_of(code, &flat), &values, &mut edits)?;
    let title = title(&values);
    if driver.known && flat.shown {
        edits.unsafe_because(format!("{title} (the text is also shown elsewhere, now with placeholders)"))
    } else if driver.known {
        edits.safe(title)
    } else {
        let placeholder = match driver.placeholder {
            Placeholder::Question => "?",
            Placeholder::Percent => "%s",
            Placeholder::Dollar => "$1",
            Placeholder::Named => ":name",
        };
        edits.unsafe_because(format!("{title} (assumes that this driver's placeholder is `{placeholder}`)"))
    }
}

/// The placeholder, kept apart from a word that follows at once.
fn spaced(slot: &SqlSlot, placeholder: String) -> String {
    if slot.glued { placeholder + " " } else { placeholder }
}

fn pass(
    code: &Code<'_>,
    query: &Query,
    driver: Driver,
    expected: usize,
    quote: char,
    values: &[Value],
    edits: &mut Edits,
) -> Option<()> {
    let target = Target { code, call: query.call, sql: query.argument, expected, quote };
    match query.text {
        // `text("…")` that no call around it runs: the values travel with the text.
        Some(text) if text == query.call => {
            let names = values.iter().map(|value| format!("{}={}", value.name, value.code));
            let names = names.collect::<Vec<_>>().join(", ");
            edits.insert(code.range(text).end, format!(".bindparams({names})"));
            Some(())
        }
        // SQLAlchemy takes names only in `text(…)`.
        None if driver.placeholder == Placeholder::Named
            && code.is_python()
            && uses_sqlalchemy(code, query.call) =>
        {
            let name = imports::python_name(code, "sqlalchemy", "text", edits)?;
            let range = code.argument_range(query.call, query.argument);
            edits.insert(range.start, format!("{name}("));
            edits.insert(range.end, ")");
            target.pass(driver.passing, values, edits)
        }
        _ => target.pass(driver.passing, values, edits),
    }
}

/// Other drivers, Oracle's for one, take names in a plain string.
fn uses_sqlalchemy(code: &Code<'_>, call: At) -> bool {
    let receiver = code.receiver(call).map_or("", |receiver| code.source(receiver));
    receiver.ends_with("session")
        || code
            .view
            .names
            .imported()
            .any(|name| name.starts_with("sqlalchemy") || name.starts_with("flask_sqlalchemy"))
}

/// What each slot's parameter is given.
fn values_of(code: &Code<'_>, flat: &Flat, sql: &SqlText, driver: Driver) -> Vec<Value> {
    let build = if flat.interpolates() { Build::Interpolation } else { Build::Concatenation };
    let mut taken: Vec<String> = sql.named.clone();
    let mut values = Vec::new();
    for slot in &sql.slots {
        let parts = parts_of(flat, slot.value.clone(), slot.quoted);
        let borrowed: Vec<Part<'_>> = parts
            .iter()
            .map(|part| match part {
                Owned::Text(text) => Part::Text(text),
                Owned::Code(code) => Part::Expression(code),
            })
            .collect();
        let mark = quote_in(code, flat, slot.items.clone()).unwrap_or_else(|| quote_of(code, flat));
        let mut source = quote::build(&borrowed, build, code.is_python(), mark);
        if !slot.quoted {
            source = as_value(code, source, slot);
        }
        let name = unique(name_for(slot, flat), &mut taken);
        let before = match driver.placeholder {
            // New numbers come after all old ones, wherever they stand in the text.
            Placeholder::Dollar => sql.numbered,
            _ => slot.before,
        };
        values.push(Value { code: source, name, before });
    }
    values
}

/// The quote mark that the text is written in.
fn quote_of(code: &Code<'_>, flat: &Flat) -> char {
    quote_in(code, flat, 0..flat.items.len()).unwrap_or_else(|| quote::preferred(code.text))
}

/// The quote mark of the first literal among some items.
fn quote_in(code: &Code<'_>, flat: &Flat, items: Range<usize>) -> Option<char> {
    let mut literals = flat.items.get(items)?.iter().filter_map(|item| flat.literals.get(item.literal?));
    literals.find_map(|literal| {
        code.str(literal.range.start..literal.content.start)
            .chars()
            .last()
            .filter(|c| matches!(c, '"' | '\''))
    })
}

enum Owned {
    Text(String),
    Code(String),
}

fn parts_of(flat: &Flat, items: Range<usize>, quoted: bool) -> Vec<Owned> {
    let mut parts: Vec<Owned> = Vec::new();
    let mut doubled = false;
    for item in flat.items.get(items).unwrap_or(&[]) {
        match item.what {
            What::Char('\'') if quoted && !doubled => doubled = true,
            What::Char(c) => {
                doubled = false;
                match parts.last_mut() {
                    Some(Owned::Text(text)) => text.push(c),
                    _ => parts.push(Owned::Text(c.to_string())),
                }
            }
            What::Hole(index) => {
                doubled = false;
                parts.push(Owned::Code(flat.holes[index].code.clone()));
            }
        }
    }
    parts
}

/// A value that stood in the text without quotes: `str(x)` was only for the text's sake, and a limit must
/// stay a number.
fn as_value(code: &Code<'_>, source: String, slot: &SqlSlot) -> String {
    let inner = ["str(", "String("].iter().find_map(|call| source.strip_prefix(call)?.strip_suffix(')'));
    // One pair of parentheses: `str(a) + str(b)` ends with one as well.
    let source = match inner.filter(|inner| !inner.contains(['(', ')'])) {
        Some(inner) => inner.to_owned(),
        None => source,
    };
    let numeric = ["int(", "Number(", "parseInt(", "float("].iter().any(|call| source.starts_with(call));
    match (slot.number && !numeric, code.is_python()) {
        (true, true) => format!("int({source})"),
        (true, false) => format!("Number({source})"),
        (false, _) => source,
    }
}

fn name_for(slot: &SqlSlot, flat: &Flat) -> String {
    let hole =
        flat.items.get(slot.value.clone()).and_then(|items| items.iter().find_map(|item| flat.hole(item)));
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if let Some(hole) = hole.filter(|hole| is_name(&hole.code)) {
        return hole.code.clone();
    }
    slot.column.clone().filter(|name| is_name(name)).unwrap_or_else(|| String::from("value"))
}

fn unique(name: String, taken: &mut Vec<String>) -> String {
    let mut candidate = name.clone();
    let mut number = 2;
    while taken.contains(&candidate) {
        candidate = format!("{name}_{number}");
        number += 1;
    }
    taken.push(candidate.clone());
    candidate
}

fn title(values: &[Value]) -> String {
    match values {
        [only] => format!("Pass {} as a bound parameter", quote::label(&only.code)),
        _ => format!("Pass the {} values as bound parameters", values.len()),
    }
}
