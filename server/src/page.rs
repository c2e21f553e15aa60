//! The page of a rule: what it finds, how sure it is, how to repair it and where to learn more. Editors show it
//! as Markdown, `squire explain` as plain lines; what it says is decided once, here.

use std::fmt::Write;

use squire_lessons::{Catalog, Lesson};
use squire_rules::{Confidence, FixStatus, Rule, Severity};

/// As written in reports and on pages.
pub fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// As written in reports and on pages.
pub fn confidence_name(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

/// What the page of a rule says.
pub struct Page<'a> {
    rule: &'a Rule,
    lesson: Option<&'a Lesson>,
    message: String,
    /// A name and a value, in reading order; one name may come several times.
    facts: Vec<(&'static str, String)>,
}

impl<'a> Page<'a> {
    /// The page of a rule, with its lesson if the catalog has it.
    pub fn new(rule: &'a Rule, catalog: &'a Catalog) -> Page<'a> {
        let mut facts = Vec::new();
        let mut fact = |name, value: String| {
            if !value.is_empty() {
                facts.push((name, value));
            }
        };
        let languages: Vec<_> = rule.languages.iter().map(|language| language.name()).collect();
        fact("severity", severity_name(rule.severity).to_owned());
        fact("confidence", confidence_name(rule.confidence).to_owned());
        fact("languages", languages.join(", "));
        fact("frameworks", rule.technology.join(", "));
        rule.cwe.iter().for_each(|cwe| fact("weakness", cwe.clone()));
        rule.owasp.iter().for_each(|owasp| fact("OWASP", owasp.clone()));
        fact("fix", fix_in_words(&rule.fix_status));
        fact("pack", rule.pack.clone());
        let lesson = rule.lesson.as_deref().and_then(|id| catalog.lesson(id));
        Page { rule, lesson, message: in_words(&rule.message), facts }
    }

    /// For an editor: with the text of the lesson, since a link may have nowhere to lead without a network.
    pub fn markdown(&self) -> String {
        let mut page = format!("# {}\n\n{}\n\n", self.rule.id, self.message);
        // Writing to a string cannot fail.
        for (name, value) in &self.facts {
            let _ = writeln!(page, "- {name}: {value}");
        }
        if let Some(lesson) = self.lesson {
            let (title, minutes) = (&lesson.title, lesson.minutes);
            let _ = write!(
                page,
                "\n# Lesson: {title} ({minutes} min, hands-on)\n\n{}\n",
                lesson.markdown().trim()
            );
        }
        if !self.rule.references.is_empty() {
            page.push_str("\n# References\n\n");
        }
        for reference in &self.rule.references {
            let _ = writeln!(page, "- <{reference}>");
        }
        page
    }

    /// For a terminal: with the command that starts the lesson.
    pub fn terminal(&self) -> String {
        let id = &self.rule.id;
        let mut page = format!("{id}\n{}\n\n{}\n\n", "=".repeat(id.chars().count()), self.message);
        let mut line = |name: &str, value: &str| {
            let _ = writeln!(page, "{name:<12}{value}");
        };
        self.facts.iter().for_each(|(name, value)| line(name, value));
        if let Some(id) = &self.rule.lesson {
            let title = self.lesson.map(|lesson| format!(" — {} ({} minutes)", lesson.title, lesson.minutes));
            line("lesson", &format!("squire lesson start {id}{}", title.unwrap_or_default()));
        }
        self.rule.references.iter().for_each(|link| line("read", link));
        page
    }
}

fn fix_in_words(status: &FixStatus) -> String {
    match status {
        FixStatus::Safe => "safe: changes nothing but the weakness".to_owned(),
        FixStatus::Unsafe => "unsafe: changes more, and its title says what".to_owned(),
        FixStatus::Infeasible(reason) => format!("none: {reason}"),
    }
}

/// A rule's message where there is no finding to fill it in: its metavariables in words.
pub fn in_words(message: &str) -> String {
    let mut out = String::new();
    for (at, piece) in message.trim().split('`').enumerate() {
        if at % 2 == 0 {
            text_in_words(piece, &mut out);
        } else if let Some(name) = metavariable(piece).filter(|name| name.len() == piece.len()) {
            push_words(name, &mut out);
        } else {
            // Code around a metavariable stays code.
            let _ = write!(out, "`{piece}`");
        }
    }
    out
}

fn text_in_words(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match metavariable(rest) {
            Some(name) => {
                push_words(name, out);
                rest = &rest[name.len()..];
            }
            None => {
                out.push('$');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
}

/// The metavariable that a text starts with, with its `$`.
fn metavariable(text: &str) -> Option<&str> {
    let dots = if text.starts_with("$...") { "$...".len() } else { "$".len() };
    let name = text.strip_prefix('$')?.get(dots - 1..)?;
    let end = name
        .find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
        .unwrap_or(name.len());
    (name[..end].starts_with(|c: char| c.is_ascii_uppercase() || c == '_')).then(|| &text[..dots + end])
}

fn push_words(metavariable: &str, out: &mut String) {
    let name = metavariable.trim_start_matches(['$', '.']);
    let words = match name {
        "SOURCE" => "input from outside".to_owned(),
        "SINK" => "the place that uses it".to_owned(),
        "NAME" => "a named value".to_owned(),
        "ROUTE" => "a route".to_owned(),
        "GUARD" => "a check".to_owned(),
        short if short.trim_matches('_').len() < 3 => "some code".to_owned(),
        long => format!("the {}", long.trim_matches('_').to_ascii_lowercase().replace('_', " ")),
    };
    let starts_sentence = out.trim_end().is_empty() || out.trim_end().ends_with(['.', '!', '?']);
    let mut letters = words.chars();
    match letters.next() {
        Some(first) if starts_sentence => {
            out.extend(first.to_uppercase());
            out.push_str(letters.as_str());
        }
        _ => out.push_str(&words),
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn metavariables_are_said_in_words() {
        assert_eq!(
            in_words("`$SOURCE` is run as SQL. `$ROUTE` costs $5."),
            "Input from outside is run as SQL. A route costs $5."
        );
        assert_eq!(in_words("Calls `run($X)` with $USER_NAME"), "Calls `run($X)` with the user name");
        assert_eq!(in_words("$...ARGS and `$X`"), "The args and some code");
        assert_eq!(in_words("nothing in `here"), "nothing in `here`");
    }
}
