//! `insert-guard`: the project's own check of who is calling, put in front of a route.
//!
//! Which check that is comes from the hints, because only the analysis of the workspace knows it:
//! `decorator` (`login_required`, `requires_role("admin")`), `middleware` (`requireAuth`), `statement`
//! (`if not current_user.is_admin:\n    abort(403)`), `dependency` (FastAPI), `option` (the name of
//! Fastify's `preHandler`, with `middleware`), and `import`, the lines that make its names known.

use super::FixContext;
use super::code::Code;
use super::edits::Edits;
use super::imports;
use crate::analyze::At;
use crate::finding::Fix;
use crate::syntax::{Kind, Slot, hash_text};

pub(super) fn fixes(context: &FixContext<'_>) -> Vec<Fix> {
    let code = Code::of(context);
    let hint = |name: &str| {
        context.hints.get(name).map(|text| text.trim_end()).filter(|text| !text.trim().is_empty())
    };
    let import = hint("import").unwrap_or("");
    let mut fixes = Vec::new();
    if code.is_python() {
        let function = python_function(&code, context.at);
        fixes.extend(hint("decorator").and_then(|guard| decorator(&code, function?, guard, import)));
        fixes.extend(hint("dependency").and_then(|guard| dependency(&code, function?, guard, import)));
        fixes.extend(hint("statement").and_then(|guard| statement(&code, function?, guard, import)));
    } else {
        let route = code.call_at(context.at);
        fixes.extend(
            hint("middleware").and_then(|guard| middleware(&code, route?, guard, hint("option"), import)),
        );
        fixes.extend(
            hint("statement").and_then(|guard| statement(&code, handler(&code, route?)?, guard, import)),
        );
    }
    fixes
}

/// The function of a route: at the finding, or the one that a found decorator decorates.
fn python_function(code: &Code<'_>, at: At) -> Option<At> {
    let mut above = code.with_ancestors(at);
    if let Some(function) = above.find(|&at| code.kind(at) == Kind::Function) {
        return Some(function);
    }
    // The finding may be on the whole statement.
    code.subtree(at).find(|&at| code.kind(at) == Kind::Function)
}

fn handler(code: &Code<'_>, route: At) -> Option<At> {
    code.args(route).into_iter().rfind(|&arg| code.kind(arg) == Kind::Function)
}

/// Directly above `def`, below the decorators that are there: a route must see the guarded function.
fn decorator(code: &Code<'_>, function: At, guard: &str, import: &str) -> Option<Fix> {
    let guard = guard.trim_start_matches('@');
    let def = def_of(code, function)?;
    let present = code
        .ast(function)
        .slots(function.node, Slot::Decorator)
        .any(|node| code.source(At { node, ..function }).trim_start_matches('@').trim() == guard);
    if present {
        return None;
    }
    let mut edits = Edits::default();
    make_known(code, guard, import, &mut edits)?;
    edits.insert(def, format!("@{guard}{}{}", code.newline(), code.indent(def)));
    edits.unsafe_because(title(code, function, &format!("@{guard}")))
}

/// Where `def` or `async def` of a function starts.
fn def_of(code: &Code<'_>, function: At) -> Option<usize> {
    let range = code.range(function);
    let decorators = code.ast(function).slots(function.node, Slot::Decorator);
    let end = decorators.last().map_or(range.start, |node| code.range(At { node, ..function }).end);
    let mut offset = end;
    for line in code.str(end..range.end).split_inclusive('\n') {
        let text = line.trim_start();
        if text.starts_with("def ") || text.starts_with("async def ") {
            return Some(offset + line.len() - text.len());
        }
        // Only comments and blank lines may stand in between.
        if !text.is_empty() && !text.starts_with('#') {
            return None;
        }
        offset += line.len();
    }
    None
}

/// FastAPI: `@app.post("/x", dependencies=[Depends(guard)])`.
fn dependency(code: &Code<'_>, function: At, guard: &str, import: &str) -> Option<Fix> {
    let route = code.ast(function).slots(function.node, Slot::Decorator).find_map(|node| {
        let call = code.child(At { node, ..function }, Slot::Value)?;
        let method = code.method(call)?;
        (code.kind(call) == Kind::Call
            && matches!(method, "get" | "post" | "put" | "patch" | "delete" | "route" | "api_route"))
        .then_some(call)
    })?;
    let mut edits = Edits::default();
    make_known(code, guard, import, &mut edits)?;
    let depends = imports::python_name(code, "fastapi", "Depends", &mut edits)?;
    match code.keyword(route, "dependencies") {
        Some((_, list)) if code.kind(list) == Kind::Array => {
            let start = code.range(list).start + 1;
            let comma = if code.children(list).is_empty() { "" } else { ", " };
            edits.insert(start, format!("{depends}({guard}){comma}"));
        }
        Some(_) => return None,
        None => {
            let last = code.args(route).last().copied()?;
            edits
                .insert(code.argument_range(route, last).end, format!(", dependencies=[{depends}({guard})]"));
        }
    }
    edits.unsafe_because(title(code, function, guard))
}

/// `app.post("/x", requireAuth, handler)`; Fastify: `app.post("/x", { preHandler: requireAuth }, handler)`.
fn middleware(code: &Code<'_>, route: At, guard: &str, option: Option<&str>, import: &str) -> Option<Fix> {
    let args = code.args(route);
    let has_path = args.first().is_some_and(|&first| {
        let path = matches!(code.kind(first), Kind::Str | Kind::Template | Kind::Regex | Kind::Array);
        path || (args.len() > 1 && matches!(code.kind(first), Kind::Ident | Kind::Member | Kind::Binary))
    });
    let mut edits = Edits::default();
    make_known(code, guard, import, &mut edits)?;
    if args.iter().any(|&arg| code.source(arg) == guard) {
        return None;
    }
    let options = args.iter().copied().find(|&arg| code.kind(arg) == Kind::Object);
    match (option, options) {
        (Some(option), Some(object)) => {
            if code.property(object, option).is_some() {
                return None;
            }
            let start = code.range(object).start + 1;
            match code.children(object).first() {
                Some(&first) => edits.insert(code.range(first).start, format!("{option}: {guard}, ")),
                None => edits.insert(start, format!(" {option}: {guard} ")),
            }
        }
        _ => {
            let text = option.map_or_else(|| guard.to_owned(), |option| format!("{{ {option}: {guard} }}"));
            let first = args.first().copied()?;
            if has_path {
                edits.insert(code.argument_range(route, first).end, format!(", {text}"));
            } else {
                edits.insert(code.range(first).start, format!("{text}, "));
            }
        }
    }
    let path = args.first().filter(|&&arg| code.kind(arg) == Kind::Str);
    let what = path.map_or("the route", |&path| code.ast(path).string_content(path.node));
    edits.unsafe_because(guarded(what, guard))
}

/// The first statement of the body, behind the docstring.
fn statement(code: &Code<'_>, function: At, guard: &str, import: &str) -> Option<Fix> {
    let body = code.child(function, Slot::Body).filter(|&body| code.kind(body) == Kind::Block)?;
    let statements = code.children(body);
    let is_docstring = |&at: &At| code.is_python() && code.kind(at) == Kind::Str;
    let docstring = statements.first().copied().filter(is_docstring);
    let next = if docstring.is_some() { statements.get(1) } else { statements.first() };
    let mut edits = Edits::default();
    for name in names_of(guard) {
        make_known(code, &name, import, &mut edits)?;
    }
    let newline = code.newline();
    // A statement that is left out of the tree (`pass`) still has its place in the text.
    let (offset, indent) = match next {
        Some(&next) => {
            let start = code.range(next).start;
            (start, code.indent(start).to_owned())
        }
        None if code.is_python() && docstring.is_none() => {
            let start = code.range(body).start;
            (start, code.indent(start).to_owned())
        }
        None => return None,
    };
    if !code.str(code.line_start(offset)..offset).trim().is_empty() {
        // The body stands on the line of its function.
        return None;
    }
    let unit = indent_unit(code, function, &indent);
    let mut text = String::new();
    for (line, depth) in guard.lines().zip(depths(guard)) {
        text.push_str(&unit.repeat(depth));
        text.push_str(line.trim_start());
        text.push_str(newline);
        text.push_str(&indent);
    }
    edits.insert(offset, text);
    let first = guard.lines().next().unwrap_or(guard);
    edits.unsafe_because(title(code, function, first.trim_end_matches([':', '{', ' '])))
}

/// How deep each line stands. The lines come from elsewhere: the first without its indentation, the others
/// with whatever they had there.
fn depths(guard: &str) -> Vec<usize> {
    let width = |line: &str| line.len() - line.trim_start().len();
    let mut widths: Vec<usize> = guard.lines().skip(1).map(width).collect();
    widths.sort_unstable();
    widths.dedup();
    let ends_it = |line: &str| {
        let line = line.trim_start();
        line.starts_with(['}', ')', ']']) || line.starts_with("else") || line.starts_with("elif")
    };
    let outermost = guard.lines().skip(1).find(|&line| widths.first() == Some(&width(line)) && ends_it(line));
    let base = usize::from(outermost.is_none());
    let depth = |line: &str| widths.iter().position(|&other| other == width(line)).unwrap_or(0) + base;
    guard.lines().enumerate().map(|(index, line)| if index == 0 { 0 } else { depth(line) }).collect()
}

/// One step of indentation.
fn indent_unit(code: &Code<'_>, function: At, body: &str) -> String {
    let outer = code.indent(code.range(function).start);
    let unit = body.strip_prefix(outer).filter(|unit| !unit.is_empty());
    unit.unwrap_or("    ").to_owned()
}

/// The free names of a guard written as a statement.
fn names_of(guard: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut quote = None;
    let mut word = String::new();
    let mut member = false;
    for c in guard.chars().chain(['\n']) {
        if let Some(open) = quote {
            if c == open {
                quote = None;
            }
            continue;
        }
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        let starts_as_name = word.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let keyword = matches!(
            word.as_str(),
            "if" | "not"
                | "and"
                | "or"
                | "is"
                | "in"
                | "return"
                | "raise"
                | "None"
                | "True"
                | "False"
                | "else"
                | "elif"
                | "await"
                | "null"
                | "undefined"
                | "true"
                | "false"
                | "req"
                | "request"
                | "res"
                | "self"
                | "typeof"
                | "throw"
                | "new"
                | "const"
                | "getattr"
        );
        if starts_as_name && !member && !keyword && !names.contains(&word) {
            names.push(word.clone());
        }
        word.clear();
        member = c == '.';
        if matches!(c, '"' | '\'') {
            quote = Some(c);
        }
    }
    names
}

/// Makes sure that the first name of a guard means something in this file. `None` if it does not and no
/// import is known for it.
fn make_known(code: &Code<'_>, guard: &str, import: &str, edits: &mut Edits) -> Option<()> {
    let head: String = guard.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '$')).collect();
    if head.is_empty() {
        return None;
    }
    if code.view.names.full(hash_text(&head)).is_some() || defines(code, &head) {
        return Some(());
    }
    for line in import.lines() {
        if !mentions(line, &head) {
            continue;
        }
        if let Some((module, names)) = python_import(line)
            && names.contains(&head.as_str())
        {
            return imports::python_name(code, module, &head, edits).map(|_| ());
        }
        imports::line(code, line, edits);
        return Some(());
    }
    // What Flask itself offers needs no hint.
    let flask = code.view.names.imported().any(|name| name.starts_with("flask."));
    if flask && matches!(head.as_str(), "abort" | "redirect" | "url_for" | "session") {
        return imports::python_name(code, "flask", &head, edits).map(|_| ());
    }
    None
}

fn python_import(line: &str) -> Option<(&str, Vec<&str>)> {
    let (module, names) = line.trim().strip_prefix("from ")?.split_once(" import ")?;
    Some((module.trim(), names.split(',').map(str::trim).collect()))
}

fn mentions(line: &str, name: &str) -> bool {
    line.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'))).any(|word| word == name)
}

/// Whether a function, class or variable of that name is defined at the top of the file.
fn defines(code: &Code<'_>, name: &str) -> bool {
    let hash = hash_text(name);
    (0..code.view.units.len() as u32).any(|unit| {
        let ast = code.view.ast(unit);
        (0..ast.nodes.len() as u32).any(|node| {
            let at = ast.node(node);
            let declares = match at.slot {
                Slot::Name => at.parent == 0 || matches!(ast.kind(at.parent), Kind::Function | Kind::Class),
                Slot::Left => ast.kind(at.parent) == Kind::Assign,
                _ => false,
            };
            at.hash == hash && declares
        })
    })
}

fn title(code: &Code<'_>, function: At, guard: &str) -> String {
    let name = code.child(function, Slot::Name).map_or("the route", |name| code.source(name));
    guarded(name, guard)
}

fn guarded(what: &str, guard: &str) -> String {
    let what = if what == "the route" { what.to_owned() } else { format!("`{what}`") };
    format!("Guard {what} with `{guard}` (check that these are the ones who may call it)")
}
