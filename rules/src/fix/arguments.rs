//! Values handed to a call that runs SQL, merged with those it is given already.

use super::code::Code;
use super::edits::Edits;
use super::sql_driver::Passing;
use crate::analyze::At;
use crate::syntax::{Kind, Slot};

/// A value for one placeholder.
pub(super) struct Value {
    pub code: String,
    /// For drivers that bind by name.
    pub name: String,
    /// How many of the values that are passed already come before it.
    pub before: usize,
}

/// Where the values are to go.
pub(super) struct Target<'t, 'a> {
    pub code: &'t Code<'a>,
    pub call: At,
    /// The argument that holds the SQL.
    pub sql: At,
    /// How many values the text takes already.
    pub expected: usize,
    /// The quote mark for new names.
    pub quote: char,
}

impl Target<'_, '_> {
    /// Adds the values. `None` if what is passed already is not understood.
    pub fn pass(&self, passing: Passing, values: &[Value], edits: &mut Edits) -> Option<()> {
        let code = self.code;
        // `db.query({ sql: "…" }, done)`
        if code.kind(self.sql) == Kind::Object {
            return self.property(self.sql, "values", values, edits);
        }
        match passing {
            Passing::List | Passing::Tuple => self.list(passing, values, edits),
            Passing::Dictionary => self.dictionary(values, edits),
            Passing::Arguments => self.arguments(self.call, 1, values, edits),
            Passing::Statement => self.arguments(self.running_call()?, 0, values, edits),
            Passing::Replacements => match self.rest()?.as_slice() {
                [] => self.after_sql(&format!("{{ replacements: {} }}", bracketed(values)), edits),
                [options] if code.kind(*options) == Kind::Object => {
                    self.property(*options, "replacements", values, edits)
                }
                _ => None,
            },
            Passing::Params => {
                if code.keyword(self.call, "params").is_some() || self.expected > 0 {
                    return None;
                }
                let last = code.args(self.call).last().copied()?;
                let end = code.argument_range(self.call, last).end;
                edits.insert(end, format!("{}params={}", self.separator(end), bracketed(values)));
                Some(())
            }
        }
    }

    /// Passes a list by its name. `None` if something is passed already.
    pub fn pass_list(&self, passing: Passing, list: &str, edits: &mut Edits) -> Option<()> {
        let code = self.code;
        if code.kind(self.sql) == Kind::Object {
            return None;
        }
        let rest = self.rest()?;
        let spread = if code.is_python() { "*" } else { "..." };
        let text = match passing {
            Passing::List | Passing::Tuple => list.to_owned(),
            Passing::Arguments => format!("{spread}{list}"),
            Passing::Replacements => format!("{{ replacements: {list} }}"),
            Passing::Dictionary | Passing::Params => return None,
            Passing::Statement => {
                let call = self.running_call()?;
                let args = code.args(call);
                return match args.as_slice() {
                    [] => {
                        edits.insert(code.range(call).end - 1, format!("{spread}{list}"));
                        Some(())
                    }
                    _ => None,
                };
            }
        };
        if rest.is_empty() { self.after_sql(&text, edits) } else { None }
    }

    /// The arguments behind the SQL, without the callback.
    fn rest(&self) -> Option<Vec<At>> {
        let args = self.code.args(self.call);
        let sql = args.iter().position(|&arg| arg == self.sql)?;
        let mut rest = args[sql + 1..].to_vec();
        if rest.last().is_some_and(|&last| is_callback(self.code, last)) {
            rest.pop();
        }
        Some(rest)
    }

    fn list(&self, passing: Passing, values: &[Value], edits: &mut Edits) -> Option<()> {
        let code = self.code;
        match self.rest()?.as_slice() {
            [] if self.expected == 0 => {
                let text = if passing == Passing::Tuple { tuple(values) } else { bracketed(values) };
                self.after_sql(&text, edits)
            }
            [list] if matches!(code.kind(*list), Kind::Array | Kind::Tuple) => {
                self.merge(*list, values, edits)
            }
            _ => None,
        }
    }

    fn dictionary(&self, values: &[Value], edits: &mut Edits) -> Option<()> {
        let code = self.code;
        let quote = self.quote;
        let pairs = values.iter().map(|value| format!("{quote}{}{quote}: {}", value.name, value.code));
        let pairs = pairs.collect::<Vec<_>>().join(", ");
        match self.rest()?.as_slice() {
            [] => self.after_sql(&format!("{{{pairs}}}"), edits),
            [existing] if code.kind(*existing) == Kind::Object => {
                let last = code.children(*existing).last().copied();
                let text = if last.is_some() { format!(", {pairs}") } else { pairs };
                let at = last.map_or(code.range(*existing).start + 1, |last| code.range(last).end);
                edits.insert(at, text);
                Some(())
            }
            _ => None,
        }
    }

    /// Values as arguments of their own, behind `skip` others.
    fn arguments(&self, call: At, skip: usize, values: &[Value], edits: &mut Edits) -> Option<()> {
        let code = self.code;
        let mut args = code.args(call);
        let callback = args.pop_if(|last| is_callback(code, *last));
        let given = args.get(skip..)?;
        if let [list] = given
            && code.kind(*list) == Kind::Array
        {
            return self.merge(*list, values, edits);
        }
        let odd = |&arg: &At| matches!(code.kind(arg), Kind::Spread | Kind::Object | Kind::Keyword);
        if given.len() != self.expected || given.iter().any(odd) {
            return None;
        }
        let end = code.range(call).end - 1;
        for value in values {
            match (skip + value.before).checked_sub(1).and_then(|index| args.get(index)) {
                Some(&before) => {
                    edits.insert(code.argument_range(call, before).end, format!(", {}", value.code));
                }
                None => match args.first().copied().or(callback) {
                    Some(first) => edits.insert(code.range(first).start, format!("{}, ", value.code)),
                    None => {
                        let comma = if std::ptr::eq(value, &values[0]) { "" } else { ", " };
                        edits.insert(end, format!("{comma}{}", value.code));
                    }
                },
            }
        }
        Some(())
    }

    /// The call that runs what `prepare` made: chained, or the one use of the variable.
    fn running_call(&self) -> Option<At> {
        let code = self.code;
        let parent = code.parent(self.call)?;
        let member = match code.kind(parent) {
            Kind::Member => parent,
            Kind::Assign => {
                let variable = code.variable(code.child(parent, Slot::Left)?)?;
                let [only] = variable.reads.as_slice() else { return None };
                code.parent(*only)?
            }
            _ => return None,
        };
        let call = code.parent(member).filter(|&call| {
            code.kind(call) == Kind::Call && code.child(call, Slot::Callee) == Some(member)
        })?;
        matches!(
            code.method(call)?,
            "run" | "get" | "all" | "each" | "iterate" | "execute" | "query" | "bind"
        )
        .then_some(call)
    }

    /// `name: [values]` in an object literal.
    fn property(&self, object: At, name: &str, values: &[Value], edits: &mut Edits) -> Option<()> {
        let code = self.code;
        if let Some((_, list)) = code.property(object, name) {
            return if code.kind(list) == Kind::Array { self.merge(list, values, edits) } else { None };
        }
        if self.expected > 0 {
            return None;
        }
        let text = format!("{name}: {}", bracketed(values));
        match code.children(object).last() {
            Some(&last) => edits.insert(code.range(last).end, format!(", {text}")),
            None => edits.replace(code.range(object), format!("{{ {text} }}")),
        }
        Some(())
    }

    /// Adds to a list or tuple literal, each value behind those that stand before it in the text.
    fn merge(&self, list: At, values: &[Value], edits: &mut Edits) -> Option<()> {
        let code = self.code;
        let items = code.children(list);
        if items.len() != self.expected || items.iter().any(|&item| code.kind(item) == Kind::Spread) {
            return None;
        }
        let range = code.range(list);
        let text = code.str(range.clone());
        let (open, close) = (text.chars().next()?, text.chars().next_back()?);
        if !matches!((open, close), ('[', ']') | ('(', ')')) {
            return None;
        }
        let mut all: Vec<String> = Vec::new();
        for index in 0..=items.len() {
            all.extend(values.iter().filter(|value| value.before == index).map(|value| value.code.clone()));
            all.extend(items.get(index).map(|&item| code.source(item).to_owned()));
        }
        if !text.contains('\n') {
            let comma = if open == '(' && all.len() == 1 { "," } else { "" };
            edits.replace(range, format!("{open}{}{comma}{close}", all.join(", ")));
            return Some(());
        }
        for value in values {
            match value.before.checked_sub(1).and_then(|index| items.get(index)) {
                Some(&before) => edits.insert(code.range(before).end, format!(", {}", value.code)),
                None => edits.insert(code.range(*items.first()?).start, format!("{}, ", value.code)),
            }
        }
        Some(())
    }

    fn after_sql(&self, text: &str, edits: &mut Edits) -> Option<()> {
        if self.expected > 0 {
            return None;
        }
        let end = self.code.argument_range(self.call, self.sql).end;
        edits.insert(end, format!("{}{text}", self.separator(end)));
        Some(())
    }

    /// A comma and, where the call is written one argument a line, a new line.
    fn separator(&self, end: usize) -> String {
        let code = self.code;
        let rest = code.str(end..code.range(self.call).end);
        let closes = rest.trim_start_matches([',', ' ', '\t', '\r']);
        if closes.starts_with('\n') {
            let first = code.range(self.sql).start;
            return format!(",{}{}", code.newline(), code.indent(first));
        }
        String::from(", ")
    }
}

fn is_callback(code: &Code<'_>, at: At) -> bool {
    match code.kind(at) {
        Kind::Function => true,
        Kind::Ident => {
            let name = code.source(at);
            let lower = name.to_lowercase();
            matches!(lower.as_str(), "cb" | "done" | "next" | "fn" | "resolve")
                || ["callback", "handler", "cb"].iter().any(|end| lower.ends_with(end))
                || code.variable(at).is_some_and(|variable| code.kind(variable.value) == Kind::Function)
        }
        _ => false,
    }
}

fn bracketed(values: &[Value]) -> String {
    format!("[{}]", joined(values))
}

fn tuple(values: &[Value]) -> String {
    let comma = if values.len() == 1 { "," } else { "" };
    format!("({}{comma})", joined(values))
}

fn joined(values: &[Value]) -> String {
    values.iter().map(|value| value.code.as_str()).collect::<Vec<_>>().join(", ")
}
