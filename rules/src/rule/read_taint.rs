//! The sources, sinks, sanitizers and propagators of a taint rule.

use super::read::{Problem, Read, note, optional, problem};
use super::read_formula::{FORMULA_KEYS, FormulaReader};
use super::taint::{Mark, MarkKind, Propagator, Requirement, SideEffect, TaintOptions, TaintSpec};
use super::yaml::Yaml;

pub(super) fn read_taint(yaml: &Yaml, reader: &mut FormulaReader<'_>) -> Read<TaintSpec> {
    let mut marks = |key: &str, needed: bool| -> Read<Vec<Mark>> {
        match yaml.get(key) {
            None if needed => problem(yaml, format!("a taint rule needs `{key}`")),
            None => Ok(Vec::new()),
            Some(list) => match list.items() {
                Some(items) => {
                    let mut marks = Vec::new();
                    for item in items {
                        let mark = read_mark(item, key, reader);
                        marks.extend(note(mark, &mut reader.problems));
                    }
                    Ok(marks)
                }
                None => problem(list, format!("`{key}` must be a list")),
            },
        }
    };
    Ok(TaintSpec {
        sources: marks("pattern-sources", true)?,
        sinks: marks("pattern-sinks", true)?,
        sanitizers: marks("pattern-sanitizers", false)?,
        propagators: marks("pattern-propagators", false)?,
        options: TaintOptions::default(),
    })
}

pub(super) const MARK_KEYS: &[&str] = &[
    "model",
    "by-side-effect",
    "exact",
    "label",
    "requires",
    "from",
    "to",
    "replace-labels",
    "not_conflicting",
    "not-conflicting",
    "control",
    "at-exit",
];

fn read_mark(yaml: &Yaml, role: &str, reader: &mut FormulaReader<'_>) -> Read<Mark> {
    let Some(entries) = yaml.entries() else {
        return problem(yaml, format!("an item of `{role}` is a mapping"));
    };
    for (key, _) in entries {
        let name = key.text().unwrap_or("?");
        let fits = match name {
            "from" | "to" | "replace-labels" => role == "pattern-propagators",
            "not_conflicting" | "not-conflicting" => role == "pattern-sanitizers",
            "control" => role == "pattern-sources",
            "at-exit" => role == "pattern-sinks",
            "label" => matches!(role, "pattern-sources" | "pattern-propagators"),
            _ => MARK_KEYS.contains(&name) || FORMULA_KEYS.contains(&name),
        };
        if !fits {
            return problem(key, format!("unsupported key `{name}` in `{role}`"));
        }
    }
    let flag = |key: &str| -> Read<Option<bool>> {
        match yaml.get(key) {
            None => Ok(None),
            Some(value) => match (value.bool(), value.text()) {
                (Some(truth), _) => Ok(Some(truth)),
                _ => problem(value, format!("`{key}` must be true or false")),
            },
        }
    };
    let kind = match yaml.get("model") {
        Some(model) => match model.text() {
            Some(name) => MarkKind::Model(name.to_owned()),
            None => return problem(model, "`model` must be a name"),
        },
        None => MarkKind::Formula(reader.formula(yaml, MARK_KEYS)?),
    };
    let propagator = match (optional(yaml, "from")?, optional(yaml, "to")?) {
        (Some(from), Some(to)) => Some(Propagator { from, to }),
        (None, None) if role == "pattern-propagators" => {
            return problem(yaml, "a propagator needs `from` and `to`");
        }
        (None, None) => None,
        _ => return problem(yaml, "a propagator needs both `from` and `to`"),
    };
    let requires = match yaml.get("requires") {
        None => None,
        Some(value) => match value.text() {
            Some(text) => Some(Requirement::new(text).map_err(|message| Problem { at: value.at, message })?),
            // The longer form asks about other places too, which needs labels on them.
            None => return problem(value, "`requires` must be a condition over labels"),
        },
    };
    let only = yaml.get("by-side-effect").and_then(Yaml::text) == Some("only");
    let by_side_effect = match only {
        true => SideEffect::Only,
        // What a propagator reaches is meant to stay tainted.
        false => match flag("by-side-effect")?.unwrap_or(role == "pattern-propagators") {
            true => SideEffect::Yes,
            false => SideEffect::No,
        },
    };
    let replace_labels = match yaml.get("replace-labels") {
        None => None,
        Some(value) => match value.texts() {
            Some(labels) => Some(labels),
            None => return problem(value, "`replace-labels` must be a list of labels"),
        },
    };
    let not_conflicting = flag("not_conflicting")?.or(flag("not-conflicting")?).unwrap_or(false);
    let has_focus = matches!(&kind, MarkKind::Formula(formula) if formula.has_focus());
    Ok(Mark {
        kind,
        by_side_effect,
        exact: flag("exact")?,
        label: optional(yaml, "label")?,
        requires,
        propagator,
        replace_labels,
        not_conflicting,
        control: flag("control")?.unwrap_or(false),
        at_exit: flag("at-exit")?.unwrap_or(false),
        has_focus,
    })
}
