//! Which way of passing parameters the code at hand expects.

use super::FixContext;
use super::code::Code;
use crate::analyze::At;
use crate::syntax::{Kind, Slot};

/// What stands in the text for a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placeholder {
    /// `?`
    Question,
    /// `$1`
    Dollar,
    /// `%s`
    Percent,
    /// `:name`
    Named,
}

/// Where the values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passing {
    /// A list after the text: `[x]`.
    List,
    /// A tuple after the text: `(x,)`.
    Tuple,
    /// A dictionary after the text: `{"name": x}`.
    Dictionary,
    /// One argument each after the text.
    Arguments,
    /// One property of an object after the text: `{ replacements: [x] }`.
    Replacements,
    /// The arguments of the call that runs the prepared statement.
    Statement,
    /// The keyword argument `params`.
    Params,
}

/// How one call takes parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Driver {
    pub placeholder: Placeholder,
    pub passing: Passing,
    /// Whether it is known, and not only likely.
    pub known: bool,
}

/// The driver behind a call that runs SQL. `None` if the call takes no parameters.
pub(super) fn driver_of(context: &FixContext<'_>, code: &Code<'_>, call: At) -> Option<Driver> {
    let method = code.method(call)?;
    let package = package_of(code, call);
    let mut driver = if code.is_python() {
        python(code, call, method, package.as_deref())?
    } else {
        javascript(code, call, method, package.as_deref())?
    };
    // What the code itself shows is surer than what a model says of every call of that name.
    if package.is_none()
        && let Some(placeholder) = context.hints.get("placeholder")
    {
        let hinted = match placeholder.as_str() {
            "?" => Placeholder::Question,
            "%s" => Placeholder::Percent,
            text if text.starts_with('$') => Placeholder::Dollar,
            text if text.starts_with(':') => Placeholder::Named,
            _ => return None,
        };
        driver.known |= hinted != Placeholder::Question;
        driver.placeholder = hinted;
    }
    match context.hints.get("parameters").map(String::as_str) {
        None => {}
        Some("list") => driver.passing = Passing::List,
        Some("tuple") => driver.passing = Passing::Tuple,
        Some("dictionary" | "text") => driver.passing = Passing::Dictionary,
        Some("arguments" | "spread") => driver.passing = Passing::Arguments,
        Some("replacements") => driver.passing = Passing::Replacements,
        Some("statement" | "later") => driver.passing = Passing::Statement,
        Some("params") => driver.passing = Passing::Params,
        Some(_) => return None,
    }
    if driver.placeholder == Placeholder::Named && driver.passing == Passing::Tuple {
        driver.passing = Passing::Dictionary;
    }
    Some(driver)
}

fn javascript(code: &Code<'_>, call: At, method: &str, package: Option<&str>) -> Option<Driver> {
    let receiver = code.receiver(call).map_or("", |receiver| code.source(receiver));
    let sure = |placeholder, passing| Some(Driver { placeholder, passing, known: true });
    let by_package = match package {
        Some(
            "pg" | "pg-promise" | "postgres" | "pg-pool" | "@neondatabase/serverless" | "@vercel/postgres",
        ) => Placeholder::Dollar,
        _ => Placeholder::Question,
    };
    match (package, method) {
        // These run a script and take no parameters.
        (_, "literal" | "executeScript" | "multipleStatements") => None,
        (Some("sqlite3" | "better-sqlite3" | "sqlite" | "node:sqlite"), "exec") => None,
        (Some("mssql"), _) => None,
        (_, "prepare") => sure(by_package, Passing::Statement),
        (_, "$queryRawUnsafe" | "$executeRawUnsafe") => {
            Some(Driver { placeholder: Placeholder::Dollar, passing: Passing::Arguments, known: false })
        }
        (_, "unsafe") => sure(Placeholder::Dollar, Passing::List),
        (Some("sequelize"), "query") => sure(Placeholder::Question, Passing::Replacements),
        (_, "query") if receiver.to_lowercase().ends_with("sequelize") => {
            sure(Placeholder::Question, Passing::Replacements)
        }
        (_, method) if method.ends_with("Raw") => sure(Placeholder::Question, Passing::List),
        (_, "raw") => sure(Placeholder::Question, Passing::List),
        // Without a package in sight, `?` is what the drivers of MySQL and SQLite share.
        _ => sure(by_package, Passing::List),
    }
}

fn python(code: &Code<'_>, call: At, method: &str, package: Option<&str>) -> Option<Driver> {
    let known = package.is_some();
    let driver = |placeholder, passing| Some(Driver { placeholder, passing, known });
    match (package, method) {
        (_, "executemany" | "executescript" | "extra") => None,
        (_, "text") => driver(Placeholder::Named, Passing::Dictionary),
        (_, "raw") => Some(Driver { placeholder: Placeholder::Percent, passing: Passing::List, known: true }),
        (Some("django"), _) => driver(Placeholder::Percent, Passing::List),
        (Some("psycopg2" | "psycopg" | "MySQLdb" | "pymysql" | "mysql" | "aiomysql" | "mariadb"), _) => {
            driver(Placeholder::Percent, Passing::Tuple)
        }
        (Some("sqlite3" | "aiosqlite" | "pyodbc"), _) => driver(Placeholder::Question, Passing::Tuple),
        (Some("asyncpg"), _) => driver(Placeholder::Dollar, Passing::Arguments),
        (Some("pandas"), _) => {
            Some(Driver { placeholder: Placeholder::Question, passing: Passing::Params, known: false })
        }
        (Some("sqlalchemy" | "flask_sqlalchemy" | "sqlmodel"), _) => {
            driver(Placeholder::Named, Passing::Dictionary)
        }
        _ => {
            let receiver = code.receiver(call).map_or("", |receiver| code.source(receiver));
            // `db.session` is the idiom of Flask-SQLAlchemy.
            if receiver.ends_with("session") {
                return driver(Placeholder::Named, Passing::Dictionary);
            }
            driver(Placeholder::Question, Passing::Tuple)
        }
    }
}

const PACKAGES: &[&str] = &[
    "pg",
    "pg-promise",
    "postgres",
    "pg-pool",
    "@neondatabase/serverless",
    "@vercel/postgres",
    "mysql",
    "mysql2",
    "mariadb",
    "sqlite3",
    "better-sqlite3",
    "sqlite",
    "knex",
    "sequelize",
    "mssql",
    "typeorm",
    "psycopg2",
    "psycopg",
    "MySQLdb",
    "pymysql",
    "aiomysql",
    "pyodbc",
    "aiosqlite",
    "asyncpg",
    "sqlalchemy",
    "flask_sqlalchemy",
    "sqlmodel",
    "django",
    "pandas",
];

/// The package that the receiver comes from, else the one database package that the file imports.
fn package_of(code: &Code<'_>, call: At) -> Option<String> {
    let callee = call_head(code, call)?;
    if let Some(package) = origin(code, callee) {
        return Some(package);
    }
    let mut imported: Vec<&str> = code.view.names.imported().filter_map(known_package).collect();
    imported.sort_unstable();
    imported.dedup();
    // pandas runs no SQL unless it is called itself.
    imported.retain(|&package| package != "pandas");
    match imported.as_slice() {
        [only] => Some((*only).to_owned()),
        // `mysql` beside `mysql2`, `flask_sqlalchemy` beside `sqlalchemy`.
        ["flask_sqlalchemy", "sqlalchemy"] | ["sqlalchemy", "sqlmodel"] => Some(String::from("sqlalchemy")),
        _ => None,
    }
}

fn known_package(path: &str) -> Option<&'static str> {
    PACKAGES
        .iter()
        .copied()
        .filter(|package| {
            path.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/']))
        })
        .max_by_key(|package| package.len())
}

fn call_head(code: &Code<'_>, call: At) -> Option<At> {
    code.callee(call)
}

/// Follows `conn.cursor()` → `psycopg2.connect()` → the import.
fn origin(code: &Code<'_>, from: At) -> Option<String> {
    let mut at = from;
    for _ in 0..24 {
        at = match code.kind(at) {
            Kind::Ident => {
                if let Some(full) = code.view.names.full(code.ast(at).node(at.node).hash) {
                    return known_package(full).map(str::to_owned);
                }
                let variable = code.variable(at)?;
                variable.value
            }
            Kind::Member => code.child(at, Slot::Object)?,
            Kind::Call | Kind::New => {
                if let Some(module) = code.qualified(at) {
                    return known_package(&module).map(str::to_owned);
                }
                code.child(at, Slot::Callee)?
            }
            Kind::Await | Kind::Unary => code.child(at, Slot::Value)?,
            _ => return None,
        };
    }
    None
}
