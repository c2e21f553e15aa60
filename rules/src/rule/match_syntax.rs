//! The newer way to write formulas, `match:` with `all`, `any`, `not`, `inside` and `where`, turned into the older one.

use super::read::{Read, problem};
use super::yaml::{Value, Yaml};

/// The items of `patterns` that a formula of the newer syntax means.
fn items(yaml: &Yaml) -> Read<Vec<Yaml>> {
    if yaml.text().is_some() {
        return Ok(vec![item(yaml, "pattern", yaml.clone())]);
    }
    let Some(entries) = yaml.entries() else {
        return problem(yaml, format!("a pattern or a mapping is wanted, not {}", yaml.kind()));
    };
    let mut out = Vec::new();
    let mut conditions = Vec::new();
    for (key, value) in entries {
        match key.text() {
            Some("pattern") => out.push(item(key, "pattern", value.clone())),
            Some("regex") => out.push(item(key, "pattern-regex", value.clone())),
            Some("all") => {
                for part in list(value)? {
                    let mut inner = items(part)?;
                    match inner.len() {
                        1 => out.append(&mut inner),
                        _ => out.push(item(part, "patterns", sequence(part, inner))),
                    }
                }
            }
            Some("any") => {
                let parts = list(value)?.iter().map(formula).collect::<Read<Vec<_>>>()?;
                out.push(item(key, "pattern-either", sequence(value, parts)));
            }
            Some("inside") => out.push(item(key, "pattern-inside", formula(value)?)),
            Some("not") => out.push(negated(key, value)?),
            Some("as") => conditions.push(item(key, "as", value.clone())),
            Some("where") => {
                for part in list(value)? {
                    conditions.push(condition(part)?);
                }
            }
            name => return problem(key, format!("unsupported key `{}` in `match`", name.unwrap_or("?"))),
        }
    }
    out.append(&mut conditions);
    Ok(out)
}

/// A formula of the newer syntax as a mapping of the older one.
pub(super) fn formula(yaml: &Yaml) -> Read<Yaml> {
    let mut items = items(yaml)?;
    match items.len() {
        1 => Ok(items.remove(0)),
        _ => Ok(item(yaml, "patterns", sequence(yaml, items))),
    }
}

fn negated(key: &Yaml, value: &Yaml) -> Read<Yaml> {
    let inner = formula(value)?;
    let only = match inner.entries() {
        Some([(name, value)]) => name.text().map(|name| (name.to_owned(), value.clone())),
        _ => None,
    };
    Ok(match only {
        Some((name, value)) if name == "pattern-inside" => item(key, "pattern-not-inside", value),
        Some((name, value)) if name == "pattern-regex" => item(key, "pattern-not-regex", value),
        Some((name, value)) if name == "pattern" => item(key, "pattern-not", value),
        _ => item(key, "pattern-not", inner),
    })
}

/// One item of `where`.
fn condition(yaml: &Yaml) -> Read<Yaml> {
    let Some(entries) = yaml.entries() else {
        return problem(yaml, format!("a condition is a mapping, not {}", yaml.kind()));
    };
    if let Some(focus) = yaml.get("focus") {
        return Ok(item(yaml, "focus-metavariable", focus.clone()));
    }
    if yaml.get("comparison").is_some() {
        return Ok(item(yaml, "metavariable-comparison", yaml.clone()));
    }
    for (key, name) in [
        ("regex", "metavariable-regex"),
        ("analyzer", "metavariable-analysis"),
        ("type", "metavariable-type"),
        ("types", "metavariable-type"),
    ] {
        if yaml.get(key).is_some() {
            return Ok(item(yaml, name, yaml.clone()));
        }
    }
    let (own, pattern): (Vec<_>, Vec<_>) =
        entries.iter().cloned().partition(|(key, _)| matches!(key.text(), Some("metavariable" | "language")));
    let inner = formula(&Yaml { at: yaml.at, value: Value::Map(pattern) })?;
    let mut all = own;
    all.extend(inner.entries().unwrap_or_default().iter().cloned());
    Ok(item(yaml, "metavariable-pattern", Yaml { at: yaml.at, value: Value::Map(all) }))
}

/// The lists of `taint:` as those of the older syntax.
pub(super) fn taint(yaml: &Yaml) -> Read<Yaml> {
    let Some(entries) = yaml.entries() else { return problem(yaml, "`taint` must be a mapping") };
    let mut out = Vec::new();
    for (key, value) in entries {
        let name = match key.text() {
            Some(name @ ("sources" | "sinks" | "sanitizers" | "propagators")) => name,
            name => return problem(key, format!("unsupported key `{}` in `taint`", name.unwrap_or("?"))),
        };
        let marks = list(value)?.iter().map(mark).collect::<Read<Vec<_>>>()?;
        out.push((text(key, &format!("pattern-{name}")), sequence(value, marks)));
    }
    Ok(Yaml { at: yaml.at, value: Value::Map(out) })
}

fn mark(yaml: &Yaml) -> Read<Yaml> {
    let Some(entries) = yaml.entries() else { return formula(yaml) };
    let is_formula = |key: &Yaml| {
        matches!(key.text(), Some("pattern" | "regex" | "all" | "any" | "inside" | "not" | "where" | "as"))
    };
    let (pattern, mut out): (Vec<_>, Vec<_>) = entries.iter().cloned().partition(|(key, _)| is_formula(key));
    let inner = formula(&Yaml { at: yaml.at, value: Value::Map(pattern) })?;
    out.extend(inner.entries().unwrap_or_default().iter().cloned());
    Ok(Yaml { at: yaml.at, value: Value::Map(out) })
}

fn list(yaml: &Yaml) -> Read<&[Yaml]> {
    match yaml.items() {
        Some(items) if !items.is_empty() => Ok(items),
        _ => problem(yaml, "a list is wanted"),
    }
}

fn item(at: &Yaml, key: &str, value: Yaml) -> Yaml {
    Yaml { at: at.at, value: Value::Map(vec![(text(at, key), value)]) }
}

fn sequence(at: &Yaml, items: Vec<Yaml>) -> Yaml {
    Yaml { at: at.at, value: Value::List(items) }
}

fn text(at: &Yaml, text: &str) -> Yaml {
    Yaml { at: at.at, value: Value::Scalar { text: text.to_owned(), plain: true } }
}
