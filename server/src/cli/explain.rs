//! `squire explain`: a rule, a weakness or a lesson in the terminal.

use std::fmt::Write;
use std::path::Path;

use squire_lessons::Catalog;
use squire_rules::RuleSet;

use super::Exit;
use super::lesson::catalog;
use super::output::cwe_number;
use crate::page::{Page, in_words};
use crate::workspace::{Config, suppressions};

/// `squire explain`.
#[derive(clap::Args)]
pub struct Args {
    /// A rule's id, a weakness such as CWE-89, or a lesson's id
    topic: String,
}

/// Prints the page.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let config = Config::find(Path::new("."))?;
    let (rules, errors) = config.load_rules();
    for error in &errors {
        eprintln!("error: {error}");
    }
    let catalog = catalog(&config);
    match page(args.topic.trim(), &rules, &catalog) {
        Some(page) => {
            print!("{page}");
            Ok(Exit::Clean)
        }
        None => {
            eprintln!("error: `{}` is no rule, no weakness and no lesson", args.topic);
            for near in near(&args.topic, &rules, &catalog) {
                eprintln!("  did you mean `{near}`?");
            }
            Ok(Exit::Usage)
        }
    }
}

fn page(topic: &str, rules: &RuleSet, catalog: &Catalog) -> Option<String> {
    let own = || suppressions::own_rules().iter().find(|rule| rule.id == topic);
    if let Some(rule) = rules.get(topic).or_else(own) {
        return Some(Page::new(rule, catalog).terminal());
    }
    if let Some(lesson) = catalog.lesson(topic) {
        let head = format!("{} ({} minutes)\n\n", lesson.title, lesson.minutes);
        let foot = format!("\nTo do it: squire lesson start {}\n", lesson.id);
        return Some(head + lesson.plain().trim_end() + "\n" + &foot);
    }
    let upper = topic.to_ascii_uppercase();
    let number = cwe_number(&upper).or_else(|| topic.parse().ok())?;
    weakness_page(number, rules, catalog)
}

fn weakness_page(number: u32, rules: &RuleSet, catalog: &Catalog) -> Option<String> {
    let has = |cwe: &[String]| cwe.iter().any(|cwe| cwe_number(cwe) == Some(number));
    let rules: Vec<_> = rules.rules().iter().filter(|rule| has(&rule.cwe)).collect();
    let lessons: Vec<_> = catalog.lessons().iter().filter(|lesson| has(&lesson.cwe)).collect();
    if rules.is_empty() && lessons.is_empty() {
        return None;
    }
    let names = rules.iter().flat_map(|rule| &rule.cwe).chain(lessons.iter().flat_map(|lesson| &lesson.cwe));
    let full = names.filter(|cwe| cwe_number(cwe) == Some(number)).max_by_key(|cwe| cwe.len());
    let mut page = format!("{}\n\n", full.cloned().unwrap_or_else(|| format!("CWE-{number}")));
    let _ = writeln!(page, "https://cwe.mitre.org/data/definitions/{number}.html");
    for rule in rules {
        let _ = writeln!(page, "\nrule    {}\n        {}", rule.id, in_words(&rule.message));
    }
    for lesson in lessons {
        let _ =
            writeln!(page, "\nlesson  {}\n        {} ({} minutes)", lesson.id, lesson.title, lesson.minutes);
    }
    Some(page)
}

/// Ids that contain the words asked for.
fn near(topic: &str, rules: &RuleSet, catalog: &Catalog) -> Vec<String> {
    let topic = topic.to_ascii_lowercase();
    let words: Vec<&str> =
        topic.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2).collect();
    let ids =
        rules.rules().iter().map(|rule| &rule.id).chain(catalog.lessons().iter().map(|lesson| &lesson.id));
    let mut scored: Vec<_> = ids
        .map(|id| (words.iter().filter(|word| id.contains(*word)).count(), id.clone()))
        .filter(|(score, _)| *score > 0)
        .collect();
    scored.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    scored.into_iter().take(5).map(|(_, id)| id).collect()
}
