//! The `options` of a rule.

use super::generic::{Comments, TextOptions};
use super::read::{Read, problem};
use super::taint::TaintOptions;
use super::yaml::Yaml;
use crate::pattern::Settings;

/// What Squire always does, by the option that asks for it. A rule may state it; one that asks for the opposite
/// is refused, because it would find something else than its author tested.
const ALWAYS: &[(&str, &str)] = &[
    ("ac_matching", "true"),
    ("commutative_compop", "false"),
    ("generic_engine", "spacegrep"),
    ("generic_multiline", "true"),
    ("go_deeper_expr", "true"),
    ("implicit_return", "true"),
    ("unify_ids_strictly", "true"),
    ("xml_children_ordered", "true"),
];

/// They ask to look further where the engine can, and promise nothing: how far Squire looks is its own.
const REACH: &[&str] = &["interfile", "taint_intrafile"];

pub(super) fn read_options(yaml: Option<&Yaml>) -> Read<(Settings, TaintOptions, TextOptions)> {
    let mut settings = Settings::default();
    let mut taint = TaintOptions::default();
    let mut text = TextOptions::default();
    let Some(yaml) = yaml else { return Ok((settings, taint, text)) };
    let Some(entries) = yaml.entries() else { return problem(yaml, "`options` must be a mapping") };
    for (key, value) in entries {
        let name = key.text().unwrap_or("?");
        let slot = match name {
            "constant_propagation" => &mut settings.constant_propagation,
            "vardef_assign" => &mut settings.vardef_assign,
            "arrow_is_function" => &mut settings.arrow_is_function,
            "implicit_ellipsis" => &mut settings.implicit_ellipsis,
            "implicit_deep_exprstmt" => &mut settings.implicit_deep_exprstmt,
            "go_deeper_stmt" => &mut settings.go_deeper_stmt,
            "symmetric_eq" => &mut settings.symmetric_eq,
            "symbolic_propagation" => &mut settings.symbolic_propagation,
            "commutative_boolop" => &mut settings.commutative_boolop,
            "attr_expr" => &mut settings.attr_expr,
            "decorators_order_matters" => &mut settings.decorators_order_matters,
            "flddef_assign" => &mut settings.flddef_assign,
            "let_is_var" => &mut settings.let_is_var,
            "xml_attrs_implicit_ellipsis" => &mut settings.xml_attrs_implicit_ellipsis,
            "xml_singleton_loose_matching" => &mut settings.xml_singleton_loose_matching,
            "taint_assume_safe_functions" => &mut taint.safe_functions,
            "taint_assume_safe_indexes" => &mut taint.safe_indexes,
            "taint_assume_safe_comparisons" => &mut taint.safe_comparisons,
            "taint_assume_safe_booleans" => &mut taint.safe_booleans,
            "taint_assume_safe_numbers" => &mut taint.safe_numbers,
            "taint_only_propagate_through_assignments" => &mut taint.only_through_assignments,
            "taint_unify_mvars" => &mut taint.unify_metavariables,
            "generic_caseless" => &mut text.caseless,
            "generic_ellipsis_max_span" => {
                text.max_span = match value.text().and_then(|text| text.parse().ok()) {
                    Some(lines) => lines,
                    None => return problem(value, format!("the option `{name}` must be a number of lines")),
                };
                continue;
            }
            "generic_comment_style" => {
                text.comments = match value.text() {
                    Some("c") => Comments::C,
                    Some("cpp") => Comments::Cpp,
                    Some("shell") => Comments::Shell,
                    _ => return problem(value, format!("the option `{name}` must be c, cpp or shell")),
                };
                continue;
            }
            "taint_focus_on" | "taint_match_on" => {
                taint.focus_on_source = match value.text() {
                    Some("source") => true,
                    Some("sink") => false,
                    _ => return problem(value, format!("the option `{name}` must be source or sink")),
                };
                continue;
            }
            _ if REACH.contains(&name) => continue,
            _ => match ALWAYS.iter().find(|(known, _)| *known == name) {
                Some((_, only)) if value.text() == Some(*only) => continue,
                Some((_, only)) => {
                    return problem(value, format!("the option `{name}` is not supported but as `{only}`"));
                }
                None => return problem(key, format!("unsupported option `{name}`")),
            },
        };
        match value.bool() {
            Some(truth) => *slot = truth,
            None => return problem(value, format!("the option `{name}` must be true or false")),
        }
    }
    Ok((settings, taint, text))
}
