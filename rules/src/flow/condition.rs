//! The `when:` conditions of sinks: what must be seen in the code for a call by name alone to count.

use std::sync::LazyLock;

use regex::Regex;

use super::value::{HOLE, Value};

/// A condition, by its name in model files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// The text reads as SQL.
    SqlText,
    /// The text contains markup.
    Markup,
    /// The value is text that somebody sent: no container (which would be sent as JSON), and not what an
    /// unknown function made of it.
    Text,
    /// The receiver is named as database handles are.
    DatabaseName,
}

impl Condition {
    pub fn parse(name: &str) -> Option<Condition> {
        Some(match name {
            "sql-text" => Condition::SqlText,
            "markup" => Condition::Markup,
            "text" => Condition::Text,
            "database-name" => Condition::DatabaseName,
            _ => return None,
        })
    }

    /// Whether it holds for the dangerous value, given whether it is `text`, and the receiver's source text.
    pub fn holds(self, value: &Value, text: bool, receiver: Option<&str>) -> bool {
        match self {
            Condition::SqlText => value.shape.as_deref().is_some_and(reads_as_sql),
            Condition::Markup => value.shape.as_deref().is_some_and(has_markup),
            Condition::Text => text && value.fields.is_none(),
            Condition::DatabaseName => receiver.is_some_and(|name| DATABASE_NAME.is_match(last_name(name))),
        }
    }
}

static SQL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?is)^[\s(\x00]*(select\b.*\bfrom\b|select\s+\S|insert\s+(ignore\s+)?into\b|update\s+\S+\s+set\b|delete\s+from\b|replace\s+into\b|merge\s+into\b|with\s+\w+.*\bas\s*\(|create\s+(or\s+replace\s+)?(temp(orary)?\s+)?(table|view|user|database|index|role)\b|alter\s+(table|user|role|database)\b|drop\s+(table|view|user|database|index|role)\b|truncate\s+(table\s+)?\S|exec(ute)?\s+\w+|call\s+\w+\s*\(|grant\s+\w+|union\s+(all\s+)?select\b|where\s+\S+\s*(=|like|in|<|>))",
    )
    .expect("the expression is constant")
});

static DATABASE_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^_?(db|dbh|database|conn|connection|cnx|cursor|cur|crsr|pool|pgpool|pg|mysql|sqlite|sql|sequelize|knex|engine|tx|trx|transaction)$|(db|conn|connection|cursor|pool|database)$",
    )
    .expect("the expression is constant")
});

pub(super) fn reads_as_sql(shape: &str) -> bool {
    SQL.is_match(shape)
}

fn has_markup(shape: &str) -> bool {
    shape.find('<').is_some_and(|at| {
        shape[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!' || c == HOLE)
    })
}

/// `this.db` → `db`, `get_db()` → `get_db`.
fn last_name(text: &str) -> &str {
    let text = text.trim_end_matches("()");
    text.rsplit(['.', '>', ':']).next().unwrap_or(text)
}
