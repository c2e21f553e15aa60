//! From the YAML of a rule to the compiled rule. Whatever is not understood is refused with its place: a rule
//! that silently means less than its author wrote is worse than none.

use std::sync::Arc;

use super::match_syntax;
use super::read_formula::{FORMULA_KEYS, FormulaReader};
use super::read_options::read_options;
use super::read_taint::read_taint;
use super::regexes;
use super::yaml::{Place, Yaml, parse};
use super::{CompiledRule, FixRegex, FixStatus, Mode, Paths, Rule, RuleError, RuleFile};
use crate::finding::{Confidence, Severity};
use crate::fix;
use crate::language::Language;

/// Something wrong at a place of the file.
#[derive(Debug)]
pub(super) struct Problem {
    pub at: Place,
    pub message: String,
}

pub(super) type Read<T> = Result<T, Problem>;

pub(super) fn problem<T>(at: &Yaml, message: impl Into<String>) -> Read<T> {
    Err(Problem { at: at.at, message: message.into() })
}

/// Reads the rules of one file; those that cannot be used are reported. `pack` names where they come from.
pub(super) fn read_file(
    file: &RuleFile,
    pack: &str,
    builtin: bool,
    errors: &mut Vec<RuleError>,
) -> Vec<CompiledRule> {
    let mut report = |rule_id: Option<String>, at: Place, message: String| {
        errors.push(RuleError {
            rule_id,
            path: file.path.clone(),
            line: at.line.max(1),
            column: at.column.max(1),
            message,
        });
    };
    let yaml = match parse(&file.text) {
        Ok(yaml) => yaml,
        Err(error) => {
            report(None, error.at, error.message);
            return Vec::new();
        }
    };
    let Some(rules) = yaml.get("rules").and_then(Yaml::items) else {
        report(None, yaml.at, "a rule file is a mapping with the key `rules`, which holds a list".to_owned());
        return Vec::new();
    };
    for (key, _) in yaml.entries().unwrap_or_default() {
        if !matches!(key.text(), Some("rules" | "missed")) {
            let message = format!("unknown key `{}` beside `rules`", key.text().unwrap_or("?"));
            report(None, key.at, message);
        }
    }
    let mut out = Vec::new();
    for rule in rules {
        let mut problems = Vec::new();
        match read_rule(rule, file, pack, builtin, &mut problems) {
            Some(rule) if problems.is_empty() => out.push(rule),
            _ => {
                let id = rule.get("id").and_then(Yaml::text).map(str::to_owned);
                problems.sort_by(|a, b| {
                    (a.at.line, a.at.column, &a.message).cmp(&(b.at.line, b.at.column, &b.message))
                });
                problems.dedup_by(|a, b| a.at == b.at && a.message == b.message);
                problems.into_iter().for_each(|problem| report(id.clone(), problem.at, problem.message));
            }
        }
    }
    out
}

pub(super) const RULE_KEYS: &[&str] = &[
    "id",
    "languages",
    "severity",
    "message",
    "metadata",
    "mode",
    "fix",
    "fix-regex",
    "paths",
    "options",
    "min-version",
    "max-version",
    "model",
    "match",
    "taint",
    "pattern-sources",
    "pattern-sinks",
    "pattern-sanitizers",
    "pattern-propagators",
];

/// Reads one rule. An author wants to hear of everything that is wrong with it at once, so one part that cannot
/// be read does not keep the others from being looked at; a rule with any problem is not used.
fn read_rule(
    yaml: &Yaml,
    file: &RuleFile,
    pack: &str,
    builtin: bool,
    problems: &mut Vec<Problem>,
) -> Option<CompiledRule> {
    let Some(entries) = yaml.entries() else {
        return note(problem(yaml, format!("a rule is a mapping, not {}", yaml.kind())), problems);
    };
    for (key, _) in entries {
        let name = key.text().unwrap_or("?");
        if !RULE_KEYS.contains(&name) && !FORMULA_KEYS.contains(&name) {
            let _: Option<()> = note(problem(key, format!("unsupported key `{name}`")), problems);
        }
    }
    let has_unknown_key = !problems.is_empty();
    let id = note(required(yaml, "id"), problems);
    let languages = note(read_languages(yaml), problems);
    let severity = note(read_severity(yaml), problems);
    let message = note(required(yaml, "message"), problems);
    let _ = note(check_version(yaml), problems);
    let metadata = note(read_metadata(yaml.get("metadata")), problems);
    let options = note(read_options(yaml.get("options")), problems);
    // A block of YAML ends in a line break that nobody means.
    let fix = note(optional(yaml, "fix"), problems)?.map(|fix| fix.trim_end_matches(['\n', '\r']).to_owned());
    let fix_regex = note(yaml.get("fix-regex").map(read_fix_regex).transpose(), problems)?;
    let paths = note(yaml.get("paths").map(read_paths).transpose(), problems)?.unwrap_or_default();
    let (languages, regex_only) = languages?;
    // The patterns are looked at also where the options are wrong.
    let text_options = options.as_ref().map(|(_, _, text)| text.clone()).unwrap_or_default();
    let mut reader = FormulaReader::new(languages.clone(), regex_only, text_options, &file.text);
    reader.newer = yaml.get("match").is_some() || yaml.get("taint").is_some();
    let mode = read_mode(yaml, &mut reader);
    problems.append(&mut reader.problems);
    // With a key that is misspelt, that patterns are missing is no news.
    let is_news = |problem: &Problem| !(has_unknown_key && problem.at == yaml.at);
    let mode = match mode {
        Err(problem) if !is_news(&problem) => None,
        mode => note(mode, problems),
    };
    let (settings, taint_options, _) = options?;
    let (id, severity, message, metadata, mut mode) = (id?, severity?, message?, metadata?, mode?);
    if let Mode::Taint(spec) = &mut mode {
        spec.options = taint_options;
        if let Some(name) = spec.needs_patterns().filter(|_| !spec.is_plain()) {
            return note(problem(yaml, format!("{name} cannot be used in a rule with `model`")), problems);
        }
    }
    let has_fix = fix.is_some() || fix_regex.is_some() || metadata.fixer.is_some();
    let fix_status = match metadata.infeasible {
        Some(reason) => FixStatus::Infeasible(reason),
        None if has_fix && metadata.unsafe_fix => FixStatus::Unsafe,
        None if has_fix => FixStatus::Safe,
        None => FixStatus::Infeasible("no automatic fix is known".to_owned()),
    };
    let rule = Rule {
        id,
        languages,
        severity,
        confidence: metadata.confidence,
        message: message.trim().to_owned(),
        cwe: metadata.cwe,
        owasp: metadata.owasp,
        lesson: metadata.lesson,
        technology: metadata.technology,
        references: metadata.references,
        fix_status,
        pack: pack.to_owned(),
        path: (!builtin).then(|| file.path.clone()),
    };
    Some(CompiledRule {
        rule: Arc::new(rule),
        text: regex_only || matches!(&mode, Mode::Search(formula) if formula.is_text()),
        mode,
        leaves: reader.leaves,
        metavariables: reader.metavariables,
        settings,
        paths,
        fix,
        fix_regex,
        fixer: metadata.fixer,
    })
}

/// What was read, or its problem among the others.
pub(super) fn note<T>(read: Read<T>, problems: &mut Vec<Problem>) -> Option<T> {
    read.map_err(|problem| problems.push(problem)).ok()
}

pub(super) fn required(yaml: &Yaml, key: &str) -> Read<String> {
    match yaml.get(key) {
        None => problem(yaml, format!("the key `{key}` is missing")),
        Some(value) => match value.text() {
            Some(text) if !text.trim().is_empty() => Ok(text.to_owned()),
            _ => problem(value, format!("`{key}` must be a text")),
        },
    }
}

pub(super) fn optional(yaml: &Yaml, key: &str) -> Read<Option<String>> {
    match yaml.get(key) {
        None => Ok(None),
        Some(value) => match value.text() {
            Some(text) => Ok(Some(text.to_owned())),
            None => problem(value, format!("`{key}` must be a text")),
        },
    }
}

/// The languages, and whether only regular expressions may be used. Languages that Squire does not read are
/// passed over where the rule names one that it does: the rule is whole for that one.
fn read_languages(yaml: &Yaml) -> Read<(Vec<Language>, bool)> {
    let Some(value) = yaml.get("languages") else { return problem(yaml, "the key `languages` is missing") };
    let Some(names) = value.texts().filter(|names| !names.is_empty()) else {
        return problem(value, "`languages` must be a list of names");
    };
    let mut languages = Vec::new();
    let mut regex_only = false;
    let mut unknown = None;
    for name in &names {
        match name.to_ascii_lowercase().as_str() {
            "regex" | "generic" | "none" => {
                regex_only = true;
                languages.extend(Language::ALL);
            }
            "typescript" | "ts" => languages.extend([Language::TypeScript, Language::Tsx]),
            other => match other.parse() {
                Ok(language) => languages.push(language),
                Err(_) => unknown = Some(name),
            },
        }
    }
    languages.sort();
    languages.dedup();
    match unknown {
        Some(name) if languages.is_empty() => {
            problem(value, format!("the language `{name}` is not supported"))
        }
        _ => Ok((languages, regex_only)),
    }
}

fn read_severity(yaml: &Yaml) -> Read<Severity> {
    let Some(value) = yaml.get("severity") else { return problem(yaml, "the key `severity` is missing") };
    match value.text().map(str::to_ascii_uppercase).as_deref() {
        Some("INFO" | "LOW" | "INVENTORY" | "EXPERIMENT") => Ok(Severity::Info),
        Some("WARNING" | "MEDIUM") => Ok(Severity::Warning),
        Some("ERROR" | "HIGH" | "CRITICAL") => Ok(Severity::Error),
        _ => problem(value, "`severity` must be INFO, WARNING, ERROR, LOW, MEDIUM, HIGH or CRITICAL"),
    }
}

/// Squire understands the language as of Semgrep 1.x.
fn check_version(yaml: &Yaml) -> Read<()> {
    for key in ["min-version", "max-version"] {
        let Some(value) = yaml.get(key) else { continue };
        let major = value.text().and_then(|text| text.trim().split('.').next()?.parse::<u32>().ok());
        match (key, major) {
            (_, None) => return problem(value, format!("`{key}` must be a version such as 1.50.0")),
            ("min-version", Some(major)) if major > 1 => {
                return problem(
                    value,
                    format!("`min-version`: the rule wants a later language than {major}.0 minus one"),
                );
            }
            _ => {}
        }
    }
    Ok(())
}

struct Metadata {
    confidence: Confidence,
    cwe: Vec<String>,
    owasp: Vec<String>,
    lesson: Option<String>,
    fixer: Option<String>,
    technology: Vec<String>,
    references: Vec<String>,
    infeasible: Option<String>,
    unsafe_fix: bool,
}

/// Metadata is free, but for what Squire itself reads.
fn read_metadata(yaml: Option<&Yaml>) -> Read<Metadata> {
    let texts = |key: &str| yaml.and_then(|yaml| yaml.get(key)).and_then(Yaml::texts).unwrap_or_default();
    let text = |key: &str| yaml.and_then(|yaml| yaml.get(key)).and_then(Yaml::text).map(str::to_owned);
    let confidence = match text("confidence").map(|text| text.to_ascii_uppercase()).as_deref() {
        Some("LOW") => Confidence::Low,
        Some("MEDIUM") => Confidence::Medium,
        _ => Confidence::High,
    };
    let quickfix = yaml.and_then(|yaml| yaml.get("quickfix"));
    let mut infeasible = None;
    let mut unsafe_fix = false;
    if let Some(quickfix) = quickfix {
        match (quickfix.text(), quickfix.get("infeasible").and_then(Yaml::text)) {
            (_, Some(reason)) => infeasible = Some(reason.to_owned()),
            (Some("safe"), _) => {}
            (Some("unsafe"), _) => unsafe_fix = true,
            (Some(text), _) if text.starts_with("infeasible") => {
                let reason = text.trim_start_matches("infeasible").trim_start_matches([':', ',', ' ']);
                if reason.is_empty() {
                    return problem(quickfix, "`quickfix: infeasible` needs a reason: `infeasible: why`");
                }
                infeasible = Some(reason.to_owned());
            }
            _ => return problem(quickfix, "`quickfix` must be safe, unsafe, or `infeasible: why`"),
        }
    }
    if let Some(fixer) = yaml.and_then(|yaml| yaml.get("fixer")) {
        match fixer.text() {
            Some(name) if fix::known(name) => {}
            _ => return problem(fixer, format!("unknown fixer `{}`", fixer.text().unwrap_or("?"))),
        }
    }
    Ok(Metadata {
        confidence,
        cwe: texts("cwe"),
        owasp: texts("owasp"),
        lesson: text("lesson"),
        fixer: text("fixer"),
        technology: texts("technology"),
        references: texts("references"),
        infeasible,
        unsafe_fix,
    })
}

fn read_fix_regex(yaml: &Yaml) -> Read<FixRegex> {
    only_keys(yaml, &["regex", "replacement", "count"])?;
    let regex = required(yaml, "regex")?;
    let Some(replacement) = yaml.get("replacement").and_then(Yaml::text) else {
        return problem(yaml, "`fix-regex` needs a `replacement`");
    };
    let count = match yaml.get("count") {
        None => None,
        Some(value) => match value.text().and_then(|text| text.parse().ok()) {
            Some(0) => None,
            Some(count) => Some(count),
            None => return problem(value, "`count` must be a number"),
        },
    };
    let regex = regexes::Pattern::new(&regex).map_err(|message| Problem { at: yaml.at, message })?;
    Ok(FixRegex { regex, replacement: replacement.to_owned(), count })
}

fn read_paths(yaml: &Yaml) -> Read<Paths> {
    only_keys(yaml, &["include", "exclude"])?;
    let set = |key: &str| -> Read<Option<globset::GlobSet>> {
        let Some(value) = yaml.get(key) else { return Ok(None) };
        let Some(globs) = value.texts() else {
            return problem(value, format!("`{key}` must be a list of globs"));
        };
        let mut builder = globset::GlobSetBuilder::new();
        for glob in &globs {
            // `*.py` and `tests/` speak of paths at any depth, as in a `.gitignore`.
            let trimmed = glob.trim_end_matches('/').trim_start_matches("./");
            let forms = match trimmed.strip_prefix('/') {
                Some(rooted) => [rooted.to_owned(), format!("{rooted}/**")],
                None => [format!("**/{trimmed}"), format!("**/{trimmed}/**")],
            };
            for form in forms {
                match globset::Glob::new(&form) {
                    Ok(glob) => builder.add(glob),
                    Err(error) => return problem(value, format!("`{glob}` is not a glob: {error}")),
                };
            }
        }
        match builder.build() {
            Ok(set) => Ok(Some(set)),
            Err(error) => problem(value, format!("`{key}`: {error}")),
        }
    };
    Ok(Paths { include: set("include")?, exclude: set("exclude")? })
}

pub(super) fn only_keys(yaml: &Yaml, known: &[&str]) -> Read<()> {
    let Some(entries) = yaml.entries() else {
        return problem(yaml, format!("a mapping is wanted, not {}", yaml.kind()));
    };
    for (key, _) in entries {
        let name = key.text().unwrap_or("?");
        if !known.contains(&name) {
            return problem(key, format!("unsupported key `{name}`"));
        }
    }
    Ok(())
}

/// What the `model` of a whole rule can be: analyses that are no patterns.
pub(super) const ANALYSES: &[&str] = &["hardcoded-credential", "unguarded-route"];

fn read_mode(yaml: &Yaml, reader: &mut FormulaReader<'_>) -> Read<Mode> {
    let formula_keys = || {
        yaml.entries()
            .unwrap_or_default()
            .iter()
            .any(|(key, _)| key.text().is_some_and(|key| FORMULA_KEYS.contains(&key)))
    };
    if let Some(model) = yaml.get("model") {
        if formula_keys() {
            return problem(model, "a rule has either a `model` or patterns");
        }
        return match model.text() {
            Some(name) if ANALYSES.contains(&name) => Ok(Mode::Model(name.to_owned())),
            Some(name) => {
                problem(model, format!("there is no analysis `{name}`; there are {}", ANALYSES.join(", ")))
            }
            None => problem(model, "`model` must be a name"),
        };
    }
    for (key, old) in [("match", "patterns"), ("taint", "pattern-sources")] {
        if let Some(value) = yaml.get(key)
            && (formula_keys() || yaml.get(old).is_some())
        {
            return problem(value, format!("a rule has either `{key}` or the older keys"));
        }
    }
    if let Some(formula) = yaml.get("match") {
        return Ok(Mode::Search(reader.formula(&match_syntax::formula(formula)?, &[])?));
    }
    if let Some(taint) = yaml.get("taint") {
        return Ok(Mode::Taint(read_taint(&match_syntax::taint(taint)?, reader)?));
    }
    match yaml.get("mode").map(|mode| (mode, mode.text())) {
        None | Some((_, Some("search"))) => {
            if let Some(key) =
                ["pattern-sources", "pattern-sinks"].into_iter().find(|key| yaml.get(key).is_some())
            {
                return problem(yaml, format!("`{key}` needs `mode: taint`"));
            }
            if !formula_keys() {
                return problem(yaml, "a rule needs a pattern");
            }
            Ok(Mode::Search(reader.formula(yaml, RULE_KEYS)?))
        }
        Some((mode, Some("taint"))) => {
            if formula_keys() {
                return problem(mode, "a taint rule has sources and sinks in place of patterns");
            }
            Ok(Mode::Taint(read_taint(yaml, reader)?))
        }
        Some((mode, _)) => problem(mode, "`mode` must be search or taint"),
    }
}

#[cfg(test)]
mod tests {
    use crate::rule::{RuleFile, RuleSet, RuleSources};

    /// What loading a rule with these lines says, with its line and column.
    #[track_caller]
    fn refused(lines: &str, line: usize, column: usize, message: &str) {
        let text = format!(
            "rules:\n- id: a-rule\n  languages: [python]\n  severity: ERROR\n  message: here\n{lines}"
        );
        let file = RuleFile { path: "rule.yaml".into(), text };
        let (_, errors) = RuleSet::load(&RuleSources { rules: vec![file], ..RuleSources::default() });
        let [error] = errors.as_slice() else { panic!("{errors:?}") };
        assert_eq!((error.line, error.column, error.message.as_str()), (line, column, message));
    }

    #[test]
    fn what_would_change_a_rule_in_silence_is_refused() {
        refused("  pattern: f()\n  patern: g()\n", 7, 3, "unsupported key `patern`");
        refused("  pattern: f()\n  options: {speed: high}\n", 7, 13, "unsupported option `speed`");
        refused(
            "  pattern: f()\n  options:\n    ac_matching: false\n",
            8,
            18,
            "the option `ac_matching` is not supported but as `true`",
        );
        refused(
            "  mode: taint\n  pattern-sources: [{model: remote-input}]\n  pattern-sinks: [{pattern: f($X)}]\n  \
             options: {taint_unify_mvars: true}\n",
            2,
            3,
            "`taint_*` options cannot be used in a rule with `model`",
        );
        refused(
            "  mode: taint\n  pattern-sources: [{model: remote-input}]\n  pattern-sinks: [{pattern: f($X), at-exit: true}]\n",
            2,
            3,
            "`at-exit` cannot be used in a rule with `model`",
        );
        refused(
            "  pattern: f()\n  metadata:\n    fixer: bind-everything\n",
            8,
            12,
            "unknown fixer `bind-everything`",
        );
    }

    #[test]
    fn the_newer_syntax_means_the_older_one() {
        let text = "rules:\n- id: a-rule\n  languages: [python]\n  severity: ERROR\n  message: here\n  match:\n    all:\n    - f($X)\n    - not: f(1)\n    where:\n    - metavariable: $X\n      regex: '[0-9]'\n";
        let file = RuleFile { path: "rule.yaml".into(), text: text.to_owned() };
        let (rules, errors) = RuleSet::load(&RuleSources { rules: vec![file], ..RuleSources::default() });
        assert_eq!(errors, []);
        let mut document =
            crate::Document::new(std::path::Path::new("a.py"), crate::Language::Python, "f(1)\nf(2)\nf(x)\n");
        document.analyze(&rules, crate::ParseBudget::default()).unwrap();
        let found = document.findings(&crate::Project::default());
        let starts: Vec<usize> = found.iter().map(|it| it.range.start).collect();
        assert_eq!(starts, [5]);
        refused("  match: {pattern: f(), fix: g()}\n", 6, 25, "unsupported key `fix` in `match`");
    }
}
