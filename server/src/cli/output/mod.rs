//! The formats of a report, one a file, over one model in which every place has its line and column.

mod github;
mod gitlab;
mod json;
mod markdown;
mod model;
mod sarif;
mod text;

use std::io;

use clap::ValueEnum;

use super::passes::Order;

pub use self::json::rule_json;
pub use self::model::{
    Entry, FileReport, FixEntry, MeasuredCosts, Place, Places, Seconds, Stats, StepEntry, Summary, printable,
};
pub use self::sarif::cwe_number;
pub use self::text::count;

/// `--format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people in a terminal
    #[default]
    Text,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
    /// GitLab's SAST report
    Gitlab,
    /// For a comment or a page
    Markdown,
}

impl Format {
    /// Whether the format shows fixes, which cost time to prove.
    pub fn has_fixes(self, explain: bool) -> bool {
        match self {
            Format::Json | Format::Sarif => true,
            Format::Text | Format::Markdown => explain,
            Format::Github | Format::Gitlab => false,
        }
    }

    /// What is read while it is written need not wait for the slowest file; a document is in order of path.
    pub fn order(self) -> Order {
        if self == Format::Text { Order::KnownFirst } else { Order::Path }
    }

    /// A writer of this format.
    pub fn reporter(self, style: Style) -> Box<dyn Reporter> {
        match self {
            Format::Text => Box::new(text::Text::new(style)),
            Format::Json => Box::new(json::Json::default()),
            Format::Sarif => Box::new(sarif::Sarif::default()),
            Format::Github => Box::new(github::Github),
            Format::Gitlab => Box::new(gitlab::Gitlab::new()),
            Format::Markdown => Box::new(markdown::Markdown::new(style)),
        }
    }
}

/// How much is shown, and with what.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// The trace, the weakness and the fix of each finding.
    pub explain: bool,
    /// Colours.
    pub color: bool,
    /// Columns of the terminal, if it is one.
    pub width: Option<usize>,
}

/// Writes a report, file by file.
pub trait Reporter {
    /// One file that has findings.
    fn file(&mut self, out: &mut dyn io::Write, file: &FileReport) -> io::Result<()>;
    /// The end, which every report has.
    fn end(&mut self, out: &mut dyn io::Write, summary: &Summary<'_>) -> io::Result<()>;
}

#[cfg(test)]
mod tests;
