//! `read-environment`: a secret leaves the code, and the code reads it from the environment.

use super::FixContext;
use super::code::Code;
use super::edits::Edits;
use super::imports;
use crate::analyze::At;
use crate::finding::Fix;
use crate::syntax::{Kind, Slot};

pub(super) fn fixes(context: &FixContext<'_>) -> Vec<Fix> {
    let code = Code::of(context);
    fix(context, &code).into_iter().collect()
}

fn fix(context: &FixContext<'_>, code: &Code<'_>) -> Option<Fix> {
    let secret = secret_of(code, context)?;
    if let Some(fix) = without_fallback(code, secret) {
        return Some(fix);
    }
    let name = name_of(code, secret)?;
    let mut edits = Edits::default();
    let read = if code.is_python() {
        let quote = code.source(secret).chars().find(|c| matches!(c, '"' | '\'')).unwrap_or('"');
        match imports::alias_of(code, "os.environ") {
            Some(environ) => format!("{environ}[{quote}{name}{quote}]"),
            None => {
                imports::python_module(code, "os", &mut edits)?;
                format!("os.environ[{quote}{name}{quote}]")
            }
        }
    } else if code.is_script() {
        let read = format!("process.env.{name}");
        let in_jsx = code.parent(secret).is_some_and(|parent| code.kind(parent) == Kind::JsxAttr);
        if in_jsx { format!("{{{read}}}") } else { read }
    } else {
        return None;
    };
    edits.replace(code.range(secret), read);
    edits.unsafe_because(format!(
        "Read `{name}` from the environment (set it there, and revoke the value that was in the code)"
    ))
}

/// The literal that is the secret.
fn secret_of(code: &Code<'_>, context: &FixContext<'_>) -> Option<At> {
    let is_literal = |at: &At| code.kind(*at) == Kind::Str;
    if let Some(argument) = context.argument.filter(is_literal) {
        return Some(argument);
    }
    let at = context.argument.unwrap_or(context.at);
    let inner = match code.kind(at) {
        Kind::Str => Some(at),
        Kind::Assign | Kind::AugAssign => code.child(at, Slot::Right),
        Kind::Pair | Kind::Keyword | Kind::Param | Kind::JsxAttr => code.child(at, Slot::Value),
        Kind::Default => code.child(at, Slot::Right),
        Kind::VarDecl => code.children(at).first().and_then(|&assign| code.child(assign, Slot::Right)),
        // A comparison with the literal, a call that is given it.
        Kind::Compare | Kind::Binary | Kind::Call | Kind::New => {
            let mut literals = code.children(at).into_iter().filter(is_literal);
            literals.next().filter(|_| literals.next().is_none())
        }
        _ => None,
    };
    inner.filter(is_literal)
}

/// `process.env.X || "…"`, `os.environ.get("X", "…")`: the environment is read already, and the secret is
/// what is used where it is not set.
fn without_fallback(code: &Code<'_>, secret: At) -> Option<Fix> {
    let parent = code.parent(secret)?;
    let mut edits = Edits::default();
    let name = match code.kind(parent) {
        Kind::Binary if ["||", "??", "or"].iter().any(|operator| code.has_operator(parent, operator)) => {
            let left = code.child(parent, Slot::Left)?;
            if code.kind(left) == Kind::Call {
                let name = environment_call(code, left)?;
                edits.replace(code.range(parent), format!("os.environ[{}]", code.source(name)));
                last_name(code, name)?
            } else {
                let name = code.source(left).strip_prefix("process.env.")?;
                edits.replace(code.range(parent), code.source(left));
                name.to_owned()
            }
        }
        Kind::Call => {
            let name = environment_call(code, parent)?;
            edits.replace(code.range(parent), format!("os.environ[{}]", code.source(name)));
            last_name(code, name)?
        }
        _ => return None,
    };
    edits.unsafe_because(format!(
        "Require `{name}` in the environment (set it there, and revoke the value that was in the code)"
    ))
}

/// The name that `os.environ.get(…)` or `os.getenv(…)` asks for.
fn environment_call(code: &Code<'_>, call: At) -> Option<At> {
    let full = code.qualified(code.child(call, Slot::Callee)?)?;
    // `os.environ` needs the module under its own name.
    let os = code.view.names.full(crate::syntax::hash_text("os")) == Some("os");
    let name = code.args(call).first().copied()?;
    (os && matches!(full.as_str(), "os.environ.get" | "os.getenv") && code.kind(name) == Kind::Str)
        .then_some(name)
}

/// Names that say what, but not whose.
const GENERIC: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASS",
    "PWD",
    "SECRET",
    "TOKEN",
    "KEY",
    "CREDENTIALS",
    "USER",
    "AUTH",
    "PASSPHRASE",
];

/// The variable of the environment.
fn name_of(code: &Code<'_>, secret: At) -> Option<String> {
    let parent = code.parent(secret)?;
    let name = match code.kind(parent) {
        Kind::Assign => last_name(code, code.child(parent, Slot::Left)?),
        Kind::Default => last_name(code, code.child(parent, Slot::Left)?),
        Kind::Pair => last_name(code, code.child(parent, Slot::Key)?),
        Kind::Keyword | Kind::Param | Kind::JsxAttr => last_name(code, code.child(parent, Slot::Name)?),
        Kind::Compare | Kind::Binary => {
            code.children(parent).into_iter().find(|&at| at != secret).and_then(|at| last_name(code, at))
        }
        Kind::Call | Kind::New => Some(of_call(code, parent)),
        _ => None,
    };
    let name = name.unwrap_or_else(|| String::from("SECRET"));
    if !GENERIC.contains(&name.as_str()) {
        return Some(name);
    }
    let owner = match owner_of(code, secret) {
        Owner::Named(owner) => Some(owner),
        // One of several, or nobody's: the account beside it tells it from the others.
        Owner::OneOfMany(owner) => account_beside(code, parent).or(owner),
        Owner::Unknown => account_beside(code, parent),
    };
    match owner {
        Some(owner) if owner != name && !owner.is_empty() => Some(format!("{owner}_{name}")),
        _ => Some(name),
    }
}

/// `admin` of `{ user: "admin", password: "…" }` and of `user == "admin" and password == "…"`.
fn account_beside(code: &Code<'_>, holder: At) -> Option<String> {
    let above = code.parent(holder)?;
    let (key, value) = match code.kind(holder) {
        Kind::Pair => (Slot::Key, Slot::Value),
        Kind::Keyword => (Slot::Name, Slot::Value),
        Kind::Compare | Kind::Binary => (Slot::Left, Slot::Right),
        _ => return None,
    };
    code.children(above).into_iter().filter(|&at| at != holder).find_map(|sibling| {
        let name = last_name(code, code.child(sibling, key)?)?;
        let account =
            matches!(name.as_str(), "USER" | "USERNAME" | "USER_NAME" | "NAME" | "LOGIN" | "EMAIL" | "ID");
        let value = code.child(sibling, value).filter(|&value| account && code.kind(value) == Kind::Str)?;
        let text = code.ast(value).string_content(value.node);
        let text = upper_snake(text.split('@').next().unwrap_or(text));
        let short = (2..=20).contains(&text.len()) && text.starts_with(|c: char| c.is_ascii_alphabetic());
        short.then_some(text)
    })
}

/// `jwt.sign(payload, "…")`.
fn of_call(code: &Code<'_>, call: At) -> String {
    match service_of(code, call) {
        Some(service) if service == "JWT" || service == "SESSION" => format!("{service}_SECRET"),
        Some(service) => format!("{service}_PASSWORD"),
        None => {
            let method = code.method(call).map(upper_snake).unwrap_or_default();
            match method.as_str() {
                "CREATE_HMAC" => String::from("HMAC_SECRET"),
                _ if method.contains("COOKIE") => String::from("COOKIE_SECRET"),
                _ => String::from("SECRET"),
            }
        }
    }
}

/// Whose secret it is.
enum Owner {
    Named(String),
    /// It stands in a list of the like, which may have a name.
    OneOfMany(Option<String>),
    Unknown,
}

/// The service that is called, or what holds the object that holds the secret.
fn owner_of(code: &Code<'_>, secret: At) -> Owner {
    let mut child = secret;
    let mut many = false;
    let named = |name: Option<String>, many: bool| match (name.filter(|name| !name.is_empty()), many) {
        (name, true) => Owner::OneOfMany(name),
        (Some(name), false) => Owner::Named(name),
        (None, false) => Owner::Unknown,
    };
    for at in code.with_ancestors(secret).skip(1) {
        match code.kind(at) {
            Kind::Array => many = true,
            Kind::Call | Kind::New => return named(service_of(code, at), many),
            // `db: { password: "…" }`
            Kind::Pair if child != secret && code.child(at, Slot::Value) == Some(child) => {
                let name = code.child(at, Slot::Key).and_then(|key| last_name(code, key)).map(without_suffix);
                if let Some(name) = name.filter(|name| !name.is_empty()) {
                    return named(Some(name), many);
                }
            }
            Kind::Assign => {
                let left = code.child(at, Slot::Left);
                // `db.password = "…"`
                let holder =
                    if child == secret { left.and_then(|left| code.child(left, Slot::Object)) } else { left };
                return named(holder.and_then(|at| last_name(code, at)).map(without_suffix), many);
            }
            Kind::Function | Kind::Block | Kind::Class => break,
            _ => {}
        }
        child = at;
    }
    Owner::Unknown
}

/// The service behind a call, by its package or its name.
fn service_of(code: &Code<'_>, call: At) -> Option<String> {
    let callee = code.child(call, Slot::Callee)?;
    let full = code.qualified(callee).unwrap_or_else(|| code.source(callee).to_owned()).to_lowercase();
    const SERVICES: &[(&str, &[&str])] = &[
        (
            "DB",
            &[
                "mysql",
                "mysql2",
                "pg",
                "psycopg2",
                "psycopg",
                "pymysql",
                "mysqldb",
                "mariadb",
                "sequelize",
                "knex",
                "typeorm",
                "asyncpg",
                "mssql",
                "pyodbc",
                "createconnection",
                "createpool",
                "create_engine",
                "pool",
                "datasource",
            ],
        ),
        ("JWT", &["jsonwebtoken", "jwt", "jose", "expressjwt", "express-jwt"]),
        ("SESSION", &["express-session", "session", "cookie-session", "cookiesession"]),
        ("SMTP", &["nodemailer", "smtplib", "createtransport", "smtp"]),
        ("REDIS", &["redis", "ioredis", "strictredis"]),
        ("MONGO", &["mongoose", "mongodb", "pymongo", "mongoclient"]),
        ("LDAP", &["ldapjs", "ldap", "ldap3"]),
        ("AWS", &["aws-sdk", "boto3", "aws"]),
        ("STRIPE", &["stripe"]),
        ("SSH", &["paramiko", "ssh2"]),
        ("FTP", &["ftplib", "basic-ftp"]),
    ];
    let words: Vec<&str> = full.split(['.', '/']).collect();
    let service = SERVICES.iter().find(|(_, names)| words.iter().any(|word| names.contains(word)));
    service.map(|(service, _)| (*service).to_owned())
}

/// The last name of an expression: `app.config["SECRET_KEY"]` → `SECRET_KEY`.
fn last_name(code: &Code<'_>, at: At) -> Option<String> {
    let text = match code.kind(at) {
        Kind::Ident | Kind::Shorthand => code.source(at),
        Kind::Member => code.source(code.child(at, Slot::Property)?),
        Kind::Index => {
            let index = code.child(at, Slot::Index)?;
            (code.kind(index) == Kind::Str).then(|| code.ast(index).string_content(index.node))?
        }
        Kind::Str => code.ast(at).string_content(at.node),
        _ => return None,
    };
    let name = upper_snake(text);
    let valid =
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.is_ascii() && name.len() > 1;
    valid.then_some(name)
}

/// `dbConfig` → `DB`; what only says that it holds settings says nothing.
fn without_suffix(name: String) -> String {
    let mut rest = name.as_str();
    for word in [
        "CONFIG",
        "CONFIGURATION",
        "OPTIONS",
        "OPTS",
        "SETTINGS",
        "PARAMS",
        "CREDENTIALS",
        "CREDS",
        "AUTH",
        "DEFAULTS",
    ] {
        if rest == word {
            return String::new();
        }
        rest = rest.strip_suffix(word).map_or(rest, |rest| rest.trim_end_matches('_'));
    }
    if matches!(rest, "THIS" | "SELF" | "APP" | "EXPORTS" | "MODULE" | "DEFAULT") {
        return String::new();
    }
    if rest == "DATABASE" { String::from("DB") } else { rest.to_owned() }
}

/// `apiKey`, `api-key`, `APIKey` → `API_KEY`.
fn upper_snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (index, &c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            if !out.ends_with('_') && !out.is_empty() {
                out.push('_');
            }
            continue;
        }
        let after_lower =
            index > 0 && (chars[index - 1].is_ascii_lowercase() || chars[index - 1].is_ascii_digit());
        let before_lower = chars.get(index + 1).is_some_and(char::is_ascii_lowercase)
            && index > 0
            && chars[index - 1].is_ascii_uppercase();
        if c.is_ascii_uppercase() && (after_lower || before_lower) && !out.ends_with('_') {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
    }
    out.trim_end_matches('_').to_owned()
}
