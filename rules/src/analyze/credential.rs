//! Hard-coded credentials: literals that are secrets by their name, their place or their form.
//!
//! The name alone proves little (`passwordField`, `tokenUrl`), the value alone as little (`"changeme"` is a
//! placeholder). A literal counts when its name ends in a word for a secret and its text looks chosen rather
//! than descriptive, or when the text has the form of a known token whatever its name.

use std::sync::LazyLock;

use regex::Regex;

use super::unit::FileView;
use crate::syntax::{Ast, Kind, NodeId, Slot};

/// A literal that is a secret.
pub(super) struct Credential {
    /// The literal.
    pub node: NodeId,
    /// What to underline: the assignment, property or argument that holds it.
    pub holder: NodeId,
    /// The name that it is given, for the message and for the environment variable.
    pub name: String,
}

/// The credentials of one unit.
pub(super) fn find(view: &FileView<'_>, unit: u32) -> Vec<Credential> {
    let ast = view.ast(unit);
    let mut out = Vec::new();
    if ast.is_empty() {
        return out;
    }
    for id in ast.subtree(Ast::ROOT) {
        if ast.kind(id) != Kind::Str {
            continue;
        }
        let value = ast.string_content(id);
        if value.len() < 5 || value.len() > 512 {
            continue;
        }
        if let Some((holder, name, weight)) = named(view, ast, id)
            && (is_secret_name(&name) || weight == Weight::Secret)
            && is_secret_value(&name, value, weight)
        {
            out.push(Credential { node: id, holder, name });
        } else if has_token_form(value) && !is_placeholder(value) && !is_sample_address(value) {
            let (holder, name) =
                named(view, ast, id).map_or((id, "token".to_owned()), |(h, name, _)| (h, name));
            out.push(Credential { node: id, holder, name });
        }
    }
    out
}

/// How much the place of a literal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// A name for a value.
    Name,
    /// Beside a user name or host, or compared with what somebody typed: any text is a credential.
    Credential,
    /// An argument that is a secret by the function it is passed to.
    Secret,
}

/// The name under which a literal is used.
fn named(view: &FileView<'_>, ast: &Ast, id: NodeId) -> Option<(NodeId, String, Weight)> {
    let parent = ast.parent(id)?;
    let slot = ast.node(id).slot;
    match ast.kind(parent) {
        Kind::Assign if slot == Slot::Right => {
            Some((parent, last_name(ast, ast.slot(parent, Slot::Left)?)?, Weight::Name))
        }
        Kind::Pair | Kind::Keyword if slot == Slot::Value => {
            let key = ast.slot(parent, Slot::Key).or_else(|| ast.slot(parent, Slot::Name))?;
            let name = last_name(ast, key)?;
            let weight = if beside_user(ast, parent) { Weight::Credential } else { Weight::Name };
            Some((parent, name, weight))
        }
        Kind::Param | Kind::Default if matches!(slot, Slot::Value | Slot::Right) => {
            let name = ast.slot(parent, Slot::Name).or_else(|| ast.slot(parent, Slot::Left))?;
            Some((parent, last_name(ast, name)?, Weight::Name))
        }
        Kind::Binary | Kind::Compare if matches!(ast.operator(parent), "==" | "===" | "!=" | "!==") => {
            let name = last_name(ast, ast.children(parent).find(|&child| child != id)?)?;
            // What is compared with a password is one; a token is also compared with words that stand for states.
            let weight = if is_password_name(&name) { Weight::Credential } else { Weight::Name };
            Some((parent, name, weight))
        }
        // `process.env.SECRET || "fallback"`, `os.environ.get("SECRET", "fallback")`
        Kind::Binary if matches!(ast.operator(parent), "||" | "??" | "or") && slot == Slot::Right => {
            let other = ast.slot(parent, Slot::Left)?;
            Some((parent, last_name(ast, other)?, Weight::Name))
        }
        Kind::Call | Kind::New => {
            let position = ast.slots(parent, Slot::Arg).position(|arg| arg == id)?;
            let callee = view.names.qualified(ast, ast.slot(parent, Slot::Callee)?)?;
            let name = secret_argument(&callee, position)?;
            Some((id, name.to_owned(), Weight::Secret))
        }
        _ => None,
    }
}

/// Functions whose argument is a secret by its position.
fn secret_argument(callee: &str, position: usize) -> Option<&'static str> {
    let name = match (callee, position) {
        ("jsonwebtoken.sign" | "jsonwebtoken.verify" | "jwt.encode" | "jwt.decode", 1) => "jwtSecret",
        ("crypto.createHmac", 1) => "hmacKey",
        ("cookie-parser", 0) => "cookieSecret",
        ("stripe" | "openai.OpenAI", 0) => "apiKey",
        ("hmac.new", 0) => "hmac_key",
        _ => return None,
    };
    Some(name)
}

/// `this.dbPassword`, `config["SECRET_KEY"]`, `'api-key'` → the last name.
fn last_name(ast: &Ast, id: NodeId) -> Option<String> {
    match ast.kind(id) {
        Kind::Ident => Some(ast.text(id).to_owned()),
        Kind::Str => Some(ast.string_content(id).to_owned()),
        Kind::Member => last_name(ast, ast.slot(id, Slot::Property)?),
        Kind::Index => last_name(ast, ast.slot(id, Slot::Index)?),
        // `request.form.get("password") == "…"`
        Kind::Call => last_name(ast, ast.slot(id, Slot::Arg)?),
        _ => None,
    }
}

/// Whether the property or argument stands beside one that names a user or a host.
fn beside_user(ast: &Ast, pair: NodeId) -> bool {
    static USER: LazyLock<Regex> =
        LazyLock::new(|| regex(r"(?i)^(db_?)?(user(_?name)?|host(_?name)?|login|email|server)$"));
    ast.parent(pair).is_some_and(|parent| {
        ast.children(parent).any(|sibling| {
            let key = ast.slot(sibling, Slot::Key).or_else(|| ast.slot(sibling, Slot::Name));
            sibling != pair
                && key.is_some_and(|key| USER.is_match(crate::syntax::strip_quotes(ast.text(key))))
        })
    })
}

fn is_secret_name(name: &str) -> bool {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)(password|passwd|passwort|pwd|passphrase|secret|secret_?key|api_?key|apikey|access_?key|account_?key|auth_?key|encryption_?key|signing_?key|auth_?token|access_?token|refresh_?token|bot_?token|api_?token|private_?key|client_?secret|jwt_?secret|session_?secret|credentials?|(^|[_a-z-])token|^(pass|db_?pass|mysql_?pass|smtp_?pass))[_-]?\d*$",
        )
    });
    NAME.is_match(name)
}

fn is_secret_value(name: &str, value: &str, weight: Weight) -> bool {
    if is_placeholder(value) || value.eq_ignore_ascii_case(name) || is_reference(value) {
        return false;
    }
    let has_digit = value.bytes().any(|b| b.is_ascii_digit());
    let has_symbol = value.bytes().any(|b| b.is_ascii_punctuation() && !matches!(b, b'_' | b'-' | b'.'));
    let has_mixed_case =
        value.bytes().any(|b| b.is_ascii_uppercase()) && value.bytes().any(|b| b.is_ascii_lowercase());
    let words = value.split_whitespace().count();
    if words > 1 {
        // A sentence is a message; two plain words given as a session secret are a secret all the same.
        let short = words <= 3 && value.len() <= 40 && !value.ends_with(['.', ':', '?', '!', '…']);
        return short && (weight == Weight::Secret || is_key_name(name)) && !value.contains("assword");
    }
    if is_identifier_like(value) && !has_digit && weight == Weight::Name {
        return false;
    }
    match weight {
        Weight::Credential | Weight::Secret => true,
        Weight::Name => has_digit || has_symbol || has_mixed_case && value.len() >= 12,
    }
}

fn is_password_name(name: &str) -> bool {
    static PASSWORD: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)(pass(word|wd|phrase)?|pwd)$"));
    PASSWORD.is_match(name)
}

fn is_key_name(name: &str) -> bool {
    static KEY: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)(secret|secret_?key)$"));
    KEY.is_match(name)
}

/// Text that stands for a secret instead of being one.
fn is_placeholder(value: &str) -> bool {
    static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)^(x+|\*+|\.+|-+|_+|0+|1+|n/?a|none|null|nil|undefined|true|false|password\d{0,4}|passwd|secret(key)?|token|string|text|required|optional|hidden|default|(my|some|the)[-_ ]?(secret|password|token|key)([-_ ]?key)?)$|your[-_ ]?|change[-_ ]?(me|this|it)|replace[-_ ]?(me|this|with)|example|placeholder|dummy|sample|todo|redacted|insert[-_ ]|fill[-_ ]?in|enter[-_ ]|not[-_ ]?(a[-_ ])?(real|set|secret|used)|^<.*>$|^\[.*\]$|^\{.*\}$|^%.*%$|\$\{|\{\{|^\$[A-Z_]+$|x{6,}|\*{3,}|abcdef|123456789|\.\.\.|…",
        )
    });
    PLACEHOLDER.is_match(value)
}

/// `mysql://user:password@host`: an address as documentation writes it.
fn is_sample_address(value: &str) -> bool {
    static SAMPLE: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)://[^/@]*:(user(name)?|pass(word|wd)?|pwd|pw|secret|foo|bar|baz|test|admin|root|guest|postgres|mysql|redis)@",
        )
    });
    SAMPLE.is_match(value)
}

/// Paths, addresses, types, translation keys: names of things.
fn is_reference(value: &str) -> bool {
    static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r#"(?i)^(https?|ftp|file|mailto|data|arn|urn|env|vault|ssm|secretsmanager|projects):?[/:]|^(\.{0,2}/|~/|[a-z]:\\)|\.(html?|js|ts|py|json|ya?ml|pem|key|crt|txt|ejs|hbs|env)$|^[a-z]+([./:][a-z_]+)+$|^#[0-9a-f]{3,8}$|^(input|button|div|span|form)?\[?[#.\[]|^application/|^(text|image)/|^[a-z_]+\([^)]*\)$|^-----BEGIN (CERTIFICATE|PUBLIC KEY)"#,
        )
    });
    REFERENCE.is_match(value)
}

/// `reset_password`, `passwordHash`, `user-token`: a name and not a secret.
fn is_identifier_like(value: &str) -> bool {
    static IDENTIFIER: LazyLock<Regex> = LazyLock::new(|| regex(r"^[A-Za-z]+([_. -][A-Za-z]+)*:?$"));
    IDENTIFIER.is_match(value) && value.len() < 40
}

/// Tokens that their issuers made recognisable.
fn has_token_form(value: &str) -> bool {
    static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"^(AKIA|ASIA)[0-9A-Z]{16}$|^gh[pousr]_[A-Za-z0-9]{36}$|^github_pat_[A-Za-z0-9_]{60,}$|^glpat-[A-Za-z0-9_-]{20}$|^xox[abprs]-[A-Za-z0-9-]{10,}$|^sk_live_[A-Za-z0-9]{20,}$|^rk_live_[A-Za-z0-9]{20,}$|^AIza[A-Za-z0-9_-]{35}$|^SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$|^npm_[A-Za-z0-9]{36}$|^sk-(proj-|ant-)?[A-Za-z0-9_-]{32,}$|^ya29\.[A-Za-z0-9_-]{30,}$|-----BEGIN (RSA |EC |DSA |OPENSSH |PGP )?PRIVATE KEY|^[a-z][a-z0-9+]*://[^/\s:@$<{]+:[^/\s:@$<{*]{4,}@[^/\s$<{]+",
        )
    });
    TOKEN.is_match(value)
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the expression is constant")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::analyze::{Names, cut};
    use crate::language::Language;
    use crate::source::{ParseBudget, Source};

    fn names(language: Language, text: &str) -> Vec<String> {
        let mut source = Source::new(language, text);
        source.parse(ParseBudget::default()).unwrap();
        let units = cut(&source);
        let names = Names::gather(units.iter());
        let view = FileView { path: Path::new("x"), language, units: &units, names: &names };
        (0..units.len() as u32).flat_map(|unit| find(&view, unit)).map(|found| found.name).collect()
    }

    #[test]
    fn secrets_are_found() {
        for (text, name) in [
            ("const dbPassword = 'Kx7!vQ2m#rT9'", "dbPassword"),
            ("const c = { user: 'root', password: 'letmein' }", "password"),
            ("app.use(session({ secret: 'keyboard cat' }))", "secret"),
            ("const jwt = require('jsonwebtoken'); jwt.sign(a, 'abcQ12')", "jwtSecret"),
            ("if (password === 'opensesame') go()", "password"),
            ("const k = 'AKIAQWERTYUIOPASDFGH'", "k"),
            ("const s = process.env.JWT_SECRET || 'w8Zr!kP0q'", "JWT_SECRET"),
            ("const url = 'postgres://clinic:s3cr3tPw@db/clinic'", "url"),
        ] {
            assert_eq!(names(Language::JavaScript, text), [name], "{text}");
        }
        for (text, name) in [
            ("app.config['SECRET_KEY'] = 'fK3!92hsLq0zPw'", "SECRET_KEY"),
            ("connect(host='h', password='s3cr3t-Clinic')", "password"),
            ("def f(token='gQ8sLw20dkf'):\n    pass", "token"),
            ("if request.form['password'] == 'Gr8!77abc':\n    x()", "password"),
        ] {
            assert_eq!(names(Language::Python, text), [name], "{text}");
        }
    }

    #[test]
    fn names_messages_and_placeholders_are_silent() {
        for text in [
            "const password = 'changeme'",
            "const passwordField = 'pwd-field-1'",
            "const messages = { password: 'Please enter your password' }",
            "const t = { password: 'auth.errors.password' }",
            "const token = '<your token>'",
            "const schema = { password: 'string', token: 'required' }",
            "const tokenUrl = 'https://auth.example.org/token1'",
            "const secret = process.env.SECRET",
            "input.type = 'password'",
            "const apiKey = 'xxxxxxxxxxxx'",
            "const ACTION_TOKEN = 'RESET_PASSWORD'",
            "if (token === 'Bearer') x()".replace("token", "scheme").as_str(),
            "const url = 'postgres://user:${pw}@db/clinic'",
            "const sample = 'mysql://username:password@host:port/database'",
            "if (token !== 'autoLogin') x()",
        ] {
            assert_eq!(names(Language::JavaScript, text), [""; 0], "{text}");
        }
    }
}
