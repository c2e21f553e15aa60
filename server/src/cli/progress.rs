//! `squire progress`: what was learnt, and what is due again.

use std::path::Path;

use anyhow::Context;
use clap::ValueEnum;
use jiff::Timestamp;
use serde_json::json;
use squire_lessons::Progress;

use super::Exit;
use super::lesson::catalog;
use super::output::count;
use crate::workspace::Config;

/// `squire progress`.
#[derive(clap::Args)]
pub struct Args {
    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: ProgressFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ProgressFormat {
    #[default]
    Text,
    Json,
}

/// Prints how each lesson stands.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let config = Config::find(Path::new("."))?;
    let catalog = catalog(&config);
    let progress = Progress::open().context("there is no data folder: set SQUIRE_DATA_DIR")?;
    let statuses = progress.statuses()?;
    let now = Timestamp::now();
    let known = catalog.lessons().iter();
    let lessons: Vec<_> = known.map(|lesson| (lesson, statuses.get(&lesson.id))).collect();
    let word = |status: Option<&squire_lessons::Status>| status.map_or("new", |status| status.word(now));
    if args.format == ProgressFormat::Json {
        let lessons = lessons.iter().map(|(lesson, status)| {
            json!({
                "id": lesson.id,
                "title": lesson.title,
                "status": word(*status),
                "checks": status.map_or(0, |status| status.checks),
                "hints": status.map_or(0, |status| status.hints),
                "due": status.and_then(|status| status.due).map(|due| due.to_string()),
            })
        });
        println!("{}", json!({"lessons": lessons.collect::<Vec<_>>()}));
        return Ok(Exit::Clean);
    }
    let done = lessons.iter().filter(|(_, status)| status.is_some_and(|status| status.completed)).count();
    println!("{done} of {} completed", count(lessons.len(), "lesson"));
    let width = lessons.iter().map(|(lesson, _)| lesson.id.len()).max().unwrap_or(0);
    for (lesson, status) in &lessons {
        let due = status.and_then(|status| status.due);
        let due = due.map(|due| format!("  again on {}", due.strftime("%Y-%m-%d"))).unwrap_or_default();
        println!("{:width$}  {:9}  {}{due}", lesson.id, word(*status), lesson.title);
    }
    Ok(Exit::Clean)
}
