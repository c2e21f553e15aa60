//! `text-content`: a value is shown as text, by the means of the place that shows it.

mod dom;
mod react;
mod template;

#[cfg(test)]
pub(super) use self::template::fixes as template_fixes;
use super::FixContext;
use super::code::Code;
use super::edits::Edits;
use super::escape_html;
use super::html_context;
use super::imports;
use super::quote::label;
use super::strings;
use crate::analyze::At;
use crate::finding::Fix;
use crate::syntax::{Kind, Slot};

pub(super) fn fixes(context: &FixContext<'_>) -> Vec<Fix> {
    let code = Code::of(context);
    if code.is_python() {
        return python(&code, context.at).into_iter().collect();
    }
    if !code.is_script() {
        let fixes = template::fixes(context.view.language, context.text, context.view.range(context.at));
        // A script inside the page.
        return if fixes.is_empty() { dom::fixes(&code, context.at) } else { fixes };
    }
    if let Some(attribute) = react::attribute_at(&code, context.at) {
        return react::fixes(&code, attribute);
    }
    dom::fixes(&code, context.at)
}

/// `Markup(x)`, `mark_safe(x)`: the value is escaped instead of being declared safe.
pub(super) fn python(code: &Code<'_>, at: At) -> Option<Fix> {
    let call = code.call_at(at)?;
    let callee = code.child(call, Slot::Callee)?;
    let full = code.qualified(callee)?;
    let module = match full.as_str() {
        "markupsafe.Markup" | "flask.Markup" | "jinja2.Markup" => "markupsafe",
        "django.utils.safestring.mark_safe" | "django.utils.html.mark_safe" => "django.utils.html",
        _ => return None,
    };
    let argument = code.args(call).first().copied()?;
    if let Some(flat) = strings::flatten(code, argument)
        && html_context::has_markup(&flat)
    {
        // The tags are meant; the values in between are not.
        return escape_html::escape_holes(code, &flat);
    }
    let mut edits = Edits::default();
    let escape = imports::python_name(code, module, "escape", &mut edits)?;
    edits.replace(code.range(callee), escape);
    edits.safe(format!("Escape {} for HTML", label(code.source(argument))))
}

/// Whether a value is put together from tags, so that it would show them as text.
fn holds_markup(code: &Code<'_>, value: At) -> bool {
    code.subtree(value).any(|at| {
        matches!(code.kind(at), Kind::Str | Kind::StrPart) && html_context::holds_tag(code.source(at))
    })
}
