//! A real SQL engine for the learner's program, in memory and with every way out closed.
//!
//! SQLite as it comes would let `ATTACH '/path'` and `VACUUM INTO '/path'` create real files from inside the
//! sandbox, and a recursive query run for ever.

use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::{Null, ValueRef};
use rusqlite::{Batch, Connection, Statement};
use serde_json::{Map, Value, json};

use super::clock::Allowance;

/// More rows than a lesson needs and fewer than memory holds.
const MAX_ROWS: usize = 10_000;
/// Bytes of all values of one result.
const MAX_RESULT: usize = 4 << 20;
/// Of all databases of the process together.
const MAX_HEAP: i64 = 48 << 20;
/// Connections of one run.
const MAX_CONNECTIONS: usize = 64;

/// The databases that one program has opened, by handle.
pub(super) struct Databases {
    open: Vec<Connection>,
    limit: Allowance,
}

impl Databases {
    /// No database yet. A statement still running when time is over is interrupted.
    pub fn new(limit: Allowance) -> Databases {
        Databases { open: Vec::new(), limit }
    }

    /// Opens an empty database. Returns its handle, or −1 where there are too many.
    pub fn open(&mut self) -> i32 {
        if self.open.len() >= MAX_CONNECTIONS {
            return -1;
        }
        match open_hardened(self.limit) {
            Ok(connection) => {
                self.open.push(connection);
                self.open.len() as i32 - 1
            }
            Err(_) => -1,
        }
    }

    /// Runs SQL and returns JSON: `{"columns","rows","changes","lastInsertRowid"}` or `{"error"}`.
    ///
    /// Without parameters all statements of `sql` run, and the rows are those of the last one that has
    /// any. With parameters (an array, or an object of named ones) there may be only one statement.
    pub fn run(&self, handle: i32, sql: &str, params: &str) -> String {
        let Some(connection) = usize::try_from(handle).ok().and_then(|handle| self.open.get(handle)) else {
            return json!({ "error": "this database is not open" }).to_string();
        };
        match execute(connection, sql, params) {
            Ok(answer) => answer.to_string(),
            Err(message) => json!({ "error": message }).to_string(),
        }
    }
}

fn execute(connection: &Connection, sql: &str, params: &str) -> Result<Value, String> {
    let params: Value =
        if params.is_empty() { Value::Null } else { serde_json::from_str(params).map_err(text)? };
    let bound = match &params {
        Value::Array(list) => !list.is_empty(),
        Value::Object(named) => !named.is_empty(),
        _ => false,
    };
    let before = connection.total_changes();
    let mut answer = (Vec::new(), Vec::new());
    let mut batch = Batch::new(connection, sql);
    let mut statements = 0;
    while let Some(mut statement) = batch.next().map_err(text)? {
        statements += 1;
        if bound && statements > 1 {
            return Err("parameters can be bound to one statement only".to_owned());
        }
        bind(&mut statement, &params)?;
        let result = rows(&mut statement)?;
        if !result.0.is_empty() {
            answer = result;
        }
    }
    Ok(json!({
        "columns": answer.0,
        "rows": answer.1,
        "changes": connection.total_changes() - before,
        "lastInsertRowid": connection.last_insert_rowid(),
    }))
}

fn bind(statement: &mut Statement<'_>, params: &Value) -> Result<(), String> {
    match params {
        Value::Array(list) => {
            if list.len() != statement.parameter_count() {
                return Err(format!(
                    "the statement has {} placeholders and got {} values",
                    statement.parameter_count(),
                    list.len()
                ));
            }
            for (index, value) in list.iter().enumerate() {
                bind_one(statement, index + 1, value)?;
            }
        }
        Value::Object(named) => {
            for (name, value) in named {
                let index = [":", "@", "$", ""]
                    .iter()
                    .find_map(|sigil| statement.parameter_index(&format!("{sigil}{name}")).ok().flatten())
                    .ok_or_else(|| format!("the statement has no placeholder named `{name}`"))?;
                bind_one(statement, index, value)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn bind_one(statement: &mut Statement<'_>, index: usize, value: &Value) -> Result<(), String> {
    match value {
        Value::Null => statement.raw_bind_parameter(index, Null),
        Value::Bool(flag) => statement.raw_bind_parameter(index, *flag),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => statement.raw_bind_parameter(index, integer),
            None => statement.raw_bind_parameter(index, number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(string) => statement.raw_bind_parameter(index, string),
        // What drivers do with objects differs; none of them makes code of them.
        other => statement.raw_bind_parameter(index, other.to_string()),
    }
    .map_err(text)
}

/// Column names and rows of one statement.
fn rows(statement: &mut Statement<'_>) -> Result<(Vec<String>, Vec<Value>), String> {
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut cursor = statement.raw_query();
    let mut rows = Vec::new();
    let mut size = 0;
    while let Some(row) = cursor.next().map_err(text)? {
        let mut cells = Vec::with_capacity(columns.len());
        for index in 0..columns.len() {
            let (cell, bytes) = json_of(row.get_ref(index).map_err(text)?);
            size += bytes;
            cells.push(cell);
        }
        rows.push(Value::Array(cells));
        if rows.len() > MAX_ROWS || size > MAX_RESULT {
            return Err("the result is larger than a lesson allows".to_owned());
        }
    }
    Ok((columns, rows))
}

/// The value and about how many bytes it takes.
fn json_of(value: ValueRef<'_>) -> (Value, usize) {
    match value {
        ValueRef::Null => (Value::Null, 8),
        ValueRef::Integer(integer) => (integer.into(), 8),
        ValueRef::Real(real) => (real.into(), 8),
        ValueRef::Text(bytes) => (String::from_utf8_lossy(bytes).into(), bytes.len()),
        ValueRef::Blob(bytes) => {
            let mut object = Map::new();
            object.insert("hex".to_owned(), super::hex::encode(bytes).into());
            (Value::Object(object), 2 * bytes.len())
        }
    }
}

fn open_hardened(limit: Allowance) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    // Set before the authoriser refuses pragmas. Temporary tables would otherwise be files.
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "hard_heap_limit", MAX_HEAP)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, 4 << 20)?;
    connection.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, 256 << 10)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64)?;
    connection.set_limit(Limit::SQLITE_LIMIT_WORKER_THREADS, 0)?;
    connection.authorizer(Some(authorize))?;
    connection.progress_handler(1000, Some(move || limit.is_over()))?;
    Ok(connection)
}

fn authorize(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Attach { .. }
        | AuthAction::Detach { .. }
        | AuthAction::CreateVtable { .. }
        | AuthAction::DropVtable { .. } => Authorization::Deny,
        AuthAction::Pragma { pragma_name, .. }
            if !matches!(pragma_name, "table_info" | "table_list" | "foreign_keys" | "index_list") =>
        {
            Authorization::Deny
        }
        AuthAction::Function {
            function_name: "load_extension" | "readfile" | "writefile" | "edit" | "fts3_tokenizer",
        } => Authorization::Deny,
        _ => Authorization::Allow,
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
