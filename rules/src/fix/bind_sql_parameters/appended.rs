//! A query that grows: `if (name) { sql += " AND name = '" + name + "'"; }`.
//!
//! Which parts the text has is known only when it runs, so the values are collected beside it, in a list
//! that grows with the text.

use super::{Query, Value, quote_of, spaced, title, values_of};
use crate::analyze::At;
use crate::finding::Fix;
use crate::fix::FixContext;
use crate::fix::arguments::Target;
use crate::fix::code::Code;
use crate::fix::edits::Edits;
use crate::fix::imports;
use crate::fix::sql_driver::{Placeholder, driver_of};
use crate::fix::sql_text::{self, Extent};
use crate::fix::strings::{self, Replacement};
use crate::syntax::{Kind, Slot};

pub(super) fn bind(context: &FixContext<'_>, code: &Code<'_>, query: &Query) -> Option<Fix> {
    let variable = code.variable(query.sql)?;
    let used_once = variable.reads.as_slice() == [query.sql] && !variable.shown;
    if !used_once
        || query.text.is_some()
        || !runs_in_order(code, &variable.assignment, &variable.appends, query.sql)
    {
        return None;
    }
    let (flat, parts) = strings::flatten_appended(code, &variable)?;
    let sql = sql_text::read(&flat, Extent::Statement)?;
    let driver = driver_of(context, code, query.call)?;
    let mark = match driver.placeholder {
        Placeholder::Question => "?",
        Placeholder::Percent => "%s",
        // Numbers and names would have to be made up as the text grows.
        Placeholder::Dollar | Placeholder::Named => return None,
    };
    if sql.positional + sql.numbered + sql.named.len() > 0 {
        return None;
    }
    let values = values_of(code, &flat, &sql, driver);
    let mut edits = Edits::default();
    let mut replacements = Vec::new();
    // The values that each statement adds.
    let mut added: Vec<Vec<&Value>> = vec![Vec::new(); parts.len()];
    for (slot, value) in sql.slots.iter().zip(&values) {
        let inside =
            |items: &std::ops::Range<usize>| items.start < slot.items.start && slot.items.end <= items.end;
        // A value at the very start of what is appended follows on who knows what.
        let part = parts.iter().position(|part| inside(&part.items))?;
        added[part].push(value);
        replacements.push(Replacement { items: slot.items.clone(), text: spaced(slot, mark.to_owned()) });
    }
    let doubles = driver.placeholder == Placeholder::Percent;
    strings::rewrite(code, &flat, &replacements, doubles, &mut edits)?;
    let list = ["params", "values", "queryParams", "sql_params"]
        .into_iter()
        .find(|name| !imports::is_taken(code, name))?;
    declare(code, variable.assignment, list, &added[0], &mut edits);
    for (part, values) in parts.iter().zip(&added).skip(1) {
        if !values.is_empty() {
            add(code, part.statement, list, values, &mut edits)?;
        }
    }
    let quote = quote_of(code, &flat);
    let target = Target { code, call: query.call, sql: query.argument, expected: 0, quote };
    target.pass_list(driver.passing, list, &mut edits)?;
    let title = format!("{}, collected in `{list}`", title(&values));
    if driver.known {
        edits.safe(title)
    } else {
        edits.unsafe_because(format!("{title} (assumes that this driver's placeholder is `{mark}`)"))
    }
}

/// Whether the statements run in the order of the file, in one function, and before the query.
fn runs_in_order(code: &Code<'_>, assignment: &At, appends: &[At], place: At) -> bool {
    let function = |at: At| code.with_ancestors(at).find(|&at| code.kind(at) == Kind::Function);
    let home = code.block(*assignment);
    let below = |at: At| home.is_none_or(|home| code.with_ancestors(at).any(|above| above == home));
    let mut last = code.range(*assignment).end;
    let in_order = appends.iter().all(|&append| {
        let range = code.range(append);
        let follows = last <= range.start && function(append) == function(*assignment) && below(append);
        last = range.end;
        follows
    });
    !appends.is_empty() && in_order && below(place) && last <= code.range(place).start
}

/// `const params = [];` behind the first assignment.
fn declare(code: &Code<'_>, assignment: At, list: &str, values: &[&Value], edits: &mut Edits) {
    let range = code.statement_range(assignment);
    let indent = code.indent(range.start);
    let end = if code.is_python() { "" } else { imports::semicolon(code) };
    let keyword = if code.is_python() { "" } else { "const " };
    edits.insert(range.end, format!("{}{indent}{keyword}{list} = [{}]{end}", code.newline(), joined(values)));
}

/// `params.push(x);` behind what is appended.
fn add(code: &Code<'_>, append: At, list: &str, values: &[&Value], edits: &mut Edits) -> Option<()> {
    let statement = code.statement(append);
    if statement != append {
        return None;
    }
    let range = code.statement_range(append);
    let before = code.str(code.line_start(range.start)..range.start);
    let own_line = before.trim().is_empty();
    let ends = code.str(range.clone()).ends_with(';');
    let text = match (code.is_python(), values) {
        (true, [only]) => format!("{list}.append({})", only.code),
        (true, _) => format!("{list}.extend([{}])", joined(values)),
        (false, _) => format!("{list}.push({}){}", joined(values), imports::semicolon(code)),
    };
    let parent = code.parent(append)?;
    let braceless = !code.is_python()
        && !matches!(code.kind(parent), Kind::Block | Kind::Module | Kind::Case)
        && matches!(code.slot_of(append), Slot::Then | Slot::Else | Slot::Body);
    let between = if ends { " " } else { "; " };
    match (braceless, own_line) {
        (true, _) => {
            edits.insert(range.start, "{ ");
            edits.insert(range.end, format!("{between}{text} }}"));
        }
        (false, true) => edits.insert(range.end, format!("{}{before}{text}", code.newline())),
        (false, false) => edits.insert(range.end, format!("{between}{text}")),
    }
    Some(())
}

fn joined(values: &[&Value]) -> String {
    values.iter().map(|value| value.code.as_str()).collect::<Vec<_>>().join(", ")
}
