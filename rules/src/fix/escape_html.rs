//! `escape-html`: values that become part of HTML are escaped where they are put in.

use super::FixContext;
use super::code::Code;
use super::edits::Edits;
use super::html_context::{self, Place};
use super::imports;
use super::quote::label;
use super::strings::{self, Flat, Hole, What};
use super::text_content;
use crate::analyze::At;
use crate::finding::Fix;
use crate::syntax::{Kind, Slot, hash_text};

pub(super) fn fixes(context: &FixContext<'_>) -> Vec<Fix> {
    let code = Code::of(context);
    // `Markup(x)`: the call itself is what is wrong.
    if let Some(fix) = code.is_python().then(|| text_content::python(&code, context.at)).flatten() {
        return vec![fix];
    }
    let Some(html) = html_of(context, &code) else { return Vec::new() };
    let fix = match strings::flatten(&code, html) {
        Some(flat) => escape_holes(&code, &flat),
        None => escape_whole(&code, html),
    };
    fix.into_iter().collect()
}

/// The expression that is sent as HTML.
fn html_of(context: &FixContext<'_>, code: &Code<'_>) -> Option<At> {
    if let Some(argument) = context.argument.filter(|&at| !matches!(code.kind(at), Kind::Call | Kind::Return))
    {
        return Some(body_of(code, outermost_string(code, argument)));
    }
    let at = context.at;
    match code.kind(at) {
        Kind::Return => code.child(at, Slot::Value).map(|value| body_of(code, value)),
        // `ctx.body = …`
        Kind::Assign => code.child(at, Slot::Right),
        Kind::Call | Kind::New if !strings::builds_string(code, at) => {
            let args = code.args(at);
            let content = ["content", "response", "body"].iter().find_map(|name| code.keyword(at, name));
            let first = args.first().copied().filter(|&arg| code.kind(arg) != Kind::Keyword);
            first.or(content.map(|(_, value)| value)).map(|value| body_of(code, value))
        }
        _ => Some(body_of(code, outermost_string(code, at))),
    }
}

/// The whole string that an expression is a part of.
fn outermost_string(code: &Code<'_>, at: At) -> At {
    code.with_ancestors(at)
        .take_while(|&above| above == at || strings::builds_string(code, above))
        .last()
        .unwrap_or(at)
}

/// `"…", 200`: the first of what a Flask view returns.
fn body_of(code: &Code<'_>, value: At) -> At {
    match code.kind(value) {
        Kind::Tuple => code.children(value).first().copied().unwrap_or(value),
        _ => value,
    }
}

/// Escapes every value that is put into the text. `None` if one stands where escaping does not help.
pub(super) fn escape_holes(code: &Code<'_>, flat: &Flat) -> Option<Fix> {
    let places = html_context::places(flat);
    let mut edits = Edits::default();
    let mut escaper = Escaper::default();
    let mut escaped = Vec::new();
    for item in &flat.items {
        let What::Hole(index) = item.what else { continue };
        let hole = &flat.holes[index];
        if hole.constant || is_safe(code, hole.at) {
            continue;
        }
        if is_markup(code, hole) {
            continue;
        }
        // `{x:.2f}` formats a number, and the escaped text is none.
        if places[index] != Place::Escapable || hole.code.starts_with("format(") {
            return None;
        }
        let name = escaper.name(code, &mut edits)?;
        wrap(code, hole, item.literal.is_none(), &name, &mut edits);
        escaped.push(hole.code.as_str());
    }
    let title = match escaped.as_slice() {
        [] => return None,
        [only] => format!("Escape {} for HTML", label(only)),
        _ => format!("Escape the {} values for HTML", escaped.len()),
    };
    match escaper.needs {
        Some(package) => edits.unsafe_because(format!("{title} (needs the package `{package}`)")),
        None => edits.safe(title),
    }
}

/// `res.send(name)`: the whole answer is a value.
fn escape_whole(code: &Code<'_>, html: At) -> Option<Fix> {
    let is_value = match code.kind(html) {
        Kind::Ident | Kind::Member | Kind::Index => true,
        // `request.args.get("name")`
        Kind::Call => code.is_python() && code.source(html).starts_with("request."),
        _ => false,
    };
    if !is_value || is_safe(code, html) {
        return None;
    }
    let mut edits = Edits::default();
    let mut escaper = Escaper::default();
    let name = escaper.name(code, &mut edits)?;
    let range = code.range(html);
    edits.insert(range.start, format!("{}(", name.function));
    edits.insert(range.end, ")");
    let what = label(code.source(html));
    edits.unsafe_because(format!("Escape {what} for HTML (an object is then sent as text)"))
}

/// How values are escaped in this file.
#[derive(Default)]
struct Escaper {
    found: Option<Name>,
    /// A package that the project may not have yet.
    needs: Option<&'static str>,
}

#[derive(Clone)]
struct Name {
    function: String,
    /// What it returns escapes the strings that it is added to.
    infectious: bool,
}

impl Escaper {
    /// The function, imported at the first call.
    fn name(&mut self, code: &Code<'_>, edits: &mut Edits) -> Option<Name> {
        if self.found.is_none() {
            self.found = if code.is_python() { python(code, edits) } else { self.script(code, edits) };
        }
        self.found.clone()
    }

    fn script(&mut self, code: &Code<'_>, edits: &mut Edits) -> Option<Name> {
        let plain = |function: String| Some(Name { function, infectious: false });
        for module in
            ["escape-html", "lodash.escape", "lodash/escape", "html-escaper.escape", "he.escape", "he.encode"]
        {
            if let Some(alias) = imports::alias_of(code, module) {
                return plain(alias);
            }
        }
        for (module, function) in
            [("lodash", "escape"), ("he", "escape"), ("validator", "escape"), ("underscore", "escape")]
        {
            if let Some(alias) = imports::alias_of(code, module) {
                return plain(format!("{alias}.{function}"));
            }
        }
        for name in ["escapeHtml", "escapeHTML", "htmlEscape"] {
            if defines_function(code, name) {
                return plain(name.to_owned());
            }
        }
        // Express itself depends on this package.
        if !code.view.names.imported().any(|name| name == "express") {
            self.needs = Some("escape-html");
        }
        imports::script_default(code, "escape-html", "escapeHtml", edits).and_then(plain)
    }
}

fn python(code: &Code<'_>, edits: &mut Edits) -> Option<Name> {
    let escape = code.view.names.full(hash_text("escape"));
    let named = |module: &str, function: String| {
        Some(Name { function, infectious: module != "html" && !module.starts_with("django") })
    };
    for module in ["markupsafe", "flask", "html", "django.utils.html", "jinja2"] {
        if escape == Some(&format!("{module}.escape")) {
            return named(module, String::from("escape"));
        }
    }
    let imports =
        |package: &str| code.view.names.imported().any(|name| name.split('.').next() == Some(package));
    let module = if imports("markupsafe") || imports("flask") {
        "markupsafe"
    } else if imports("django") {
        "django.utils.html"
    } else {
        "html"
    };
    // `import html` gives `html.escape`.
    let function = imports::python_name(code, module, "escape", edits)?;
    named(module, function)
}

fn defines_function(code: &Code<'_>, name: &str) -> bool {
    code.view.units.iter().any(|unit| {
        let ast = &unit.ast;
        (0..ast.nodes.len() as u32).any(|id| {
            ast.kind(id) == Kind::Function && ast.slot(id, Slot::Name).is_some_and(|at| ast.text(at) == name)
        })
    })
}

/// Puts the call around a value. `operand`: it is added to strings, and not filled into one.
fn wrap(code: &Code<'_>, hole: &Hole, operand: bool, name: &Name, edits: &mut Edits) {
    let mut range = code.range(hole.at);
    let mut converts = operand && name.infectious;
    // `str(x)` keeps its place around the escaped value.
    if operand
        && code.is_python()
        && code.kind(hole.at) == Kind::Call
        && code.method(hole.at) == Some("str")
        && let [only] = code.args(hole.at).as_slice()
    {
        range = code.range(*only);
        converts = false;
    }
    let (open, close) = match converts {
        true => (format!("str({}(", name.function), "))"),
        false => (format!("{}(", name.function), ")"),
    };
    // `(a || b)` lends its own parentheses.
    if !converts
        && operand
        && code.text[..range.start].ends_with('(')
        && code.text[range.end..].starts_with(')')
    {
        let inner = code.str(range.clone());
        if hole.code == format!("({inner})") {
            edits.insert(range.start - 1, name.function.as_str());
            return;
        }
    }
    edits.insert(range.start, open);
    edits.insert(range.end, close);
}

/// Whether a value cannot hold markup: it is escaped already, or a number.
fn is_safe(code: &Code<'_>, at: At) -> bool {
    match code.kind(at) {
        Kind::Num | Kind::Bool | Kind::Null | Kind::Str => true,
        Kind::Call => {
            let callee = code.child(at, Slot::Callee).map_or("", |callee| code.source(callee));
            let last = code.method(at).unwrap_or("");
            if last == "str" && code.is_python() {
                return code.args(at).first().is_some_and(|&arg| is_safe(code, arg));
            }
            let lower = last.to_lowercase();
            lower.contains("escape") && lower != "unescape"
                || lower.contains("sanitize")
                || matches!(
                    last,
                    "encodeURIComponent"
                        | "encodeURI"
                        | "Number"
                        | "parseInt"
                        | "parseFloat"
                        | "int"
                        | "float"
                        | "len"
                )
                || matches!(
                    callee,
                    "bleach.clean"
                        | "he.encode"
                        | "Markup"
                        | "json.dumps"
                        | "quote"
                        | "url_for"
                        | "uuid.uuid4"
                        | "Date.now"
                )
        }
        Kind::Member => code.source(at).ends_with(".length"),
        _ => false,
    }
}

/// Whether a value is meant to be markup: it is built from tags, or called so.
fn is_markup(code: &Code<'_>, hole: &Hole) -> bool {
    let has_tags = |at: At| {
        code.subtree(at).any(|at| {
            matches!(code.kind(at), Kind::Str | Kind::StrPart) && html_context::holds_tag(code.source(at))
        })
    };
    let called_so = |name: &str| {
        let name = name.to_lowercase();
        ["html", "markup", "render", "template", "partial"].iter().any(|word| name.contains(word))
    };
    if has_tags(hole.at) {
        return true;
    }
    match code.kind(hole.at) {
        Kind::Ident => {
            called_so(code.source(hole.at))
                || code.variable(hole.at).is_some_and(|variable| {
                    has_tags(variable.value) || variable.appends.iter().any(|&append| has_tags(append))
                })
        }
        Kind::Call => code.method(hole.at).is_some_and(called_so),
        _ => false,
    }
}
