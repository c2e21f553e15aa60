//! The small expressions of `metavariable-comparison`, evaluated over the text of metavariables.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::str::Chars;

use super::regexes;

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct Comparison(Expr);

#[derive(Debug)]
enum Expr {
    Value(Value),
    Metavar(String),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    /// `1 < $X < 3` compares neighbours.
    Compare(Box<Expr>, Vec<(&'static str, Expr)>),
    List(Vec<Expr>),
    Int(Box<Expr>),
    Text(Box<Expr>),
    Length(Box<Expr>),
    Match(regexes::Pattern, Box<Expr>),
    /// `strptime($X)`: days since 1970.
    Date(Box<Expr>),
    /// `today()`
    Today,
}

/// A value of the expression language.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Int(i128),
    Float(f64),
    Text(String),
    Bool(bool),
    List(Vec<Value>),
}

/// Expressions nest as people write them.
const MAX_DEPTH: usize = 32;

impl Comparison {
    /// Compiles; the error says what is not understood.
    pub fn new(text: &str) -> Result<Comparison, String> {
        let tokens = tokens(text)?;
        let mut parser = Parser { tokens: &tokens, depth: 0 };
        let expr = parser.or()?;
        match parser.tokens.first() {
            None => Ok(Comparison(expr)),
            Some(token) => Err(format!("`{}` is not understood in the comparison `{text}`", token.text())),
        }
    }

    /// Whether it is true; `value` says what a metavariable holds. What cannot be computed is not true.
    pub fn holds(&self, value: &dyn Fn(&str) -> Option<Value>) -> bool {
        eval(&self.0, value) == Some(Value::Bool(true))
    }
}

/// What the text of a metavariable is worth: a number, a string in quotes, or itself.
pub(crate) fn literal(text: &str, base: u32) -> Value {
    let text = text.trim();
    if let Some(number) = integer(text, base) {
        return Value::Int(number);
    }
    if text.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == '-')
        && let Ok(number) = text.parse()
    {
        return Value::Float(number);
    }
    match text {
        "true" | "True" => Value::Bool(true),
        "false" | "False" => Value::Bool(false),
        _ => Value::Text(crate::syntax::strip_quotes(text).to_owned()),
    }
}

/// The days from 1970-01-01 to a date `2024-12-31` of the Gregorian calendar.
fn days(date: &str) -> Option<i128> {
    let mut parts = date.trim().splitn(3, '-').map(|part| part.parse::<i128>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years begin in March, so that the leap day is the last of its year.
    let year = year - i128::from(month <= 2);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468)
}

fn integer(text: &str, base: u32) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest.trim()),
        None => (1, text),
    };
    let digits = digits.replace('_', "");
    let lower = digits.to_ascii_lowercase();
    let lower = lower.trim_end_matches(['l', 'n']);
    let number = match lower.get(..2) {
        Some("0x") => i128::from_str_radix(&lower[2..], 16),
        Some("0o") => i128::from_str_radix(&lower[2..], 8),
        Some("0b") => i128::from_str_radix(&lower[2..], 2),
        _ if lower.len() > 1
            && lower.starts_with('0')
            && base == 10
            && lower.bytes().all(|b| b.is_ascii_digit()) =>
        {
            i128::from_str_radix(lower, 8).or_else(|_| lower.parse())
        }
        _ => i128::from_str_radix(lower, base),
    };
    number.ok().map(|number| sign * number)
}

fn eval(expr: &Expr, value: &dyn Fn(&str) -> Option<Value>) -> Option<Value> {
    let truth = |expr| match eval(expr, value) {
        Some(Value::Bool(truth)) => Some(truth),
        Some(Value::Int(number)) => Some(number != 0),
        Some(Value::Text(text)) => Some(!text.is_empty()),
        _ => None,
    };
    match expr {
        Expr::Value(own) => Some(own.clone()),
        Expr::Metavar(name) => value(name),
        Expr::Not(inner) => Some(Value::Bool(!truth(inner)?)),
        Expr::Negative(inner) => match eval(inner, value)? {
            Value::Int(number) => Some(Value::Int(number.checked_neg()?)),
            Value::Float(number) => Some(Value::Float(-number)),
            _ => None,
        },
        Expr::Binary("and", left, right) => Some(Value::Bool(truth(left)? && truth(right)?)),
        Expr::Binary("or", left, right) => Some(Value::Bool(truth(left)? || truth(right)?)),
        Expr::Binary(operator, left, right) => arithmetic(operator, eval(left, value)?, eval(right, value)?),
        Expr::Compare(first, rest) => {
            let mut left = eval(first, value)?;
            for (operator, right) in rest {
                let right = eval(right, value)?;
                if !compare(operator, &left, &right)? {
                    return Some(Value::Bool(false));
                }
                left = right;
            }
            Some(Value::Bool(true))
        }
        Expr::List(items) => {
            items.iter().map(|item| eval(item, value)).collect::<Option<_>>().map(Value::List)
        }
        Expr::Int(inner) => match eval(inner, value)? {
            Value::Text(text) => integer(text.trim(), 10).map(Value::Int),
            Value::Float(number) => Some(Value::Int(number as i128)),
            Value::Bool(truth) => Some(Value::Int(i128::from(truth))),
            number @ Value::Int(_) => Some(number),
            Value::List(_) => None,
        },
        Expr::Text(inner) => match eval(inner, value)? {
            Value::Int(number) => Some(Value::Text(number.to_string())),
            Value::Float(number) => Some(Value::Text(number.to_string())),
            text => Some(text),
        },
        Expr::Length(inner) => match eval(inner, value)? {
            Value::Text(text) => Some(Value::Int(text.chars().count() as i128)),
            Value::List(items) => Some(Value::Int(items.len() as i128)),
            _ => None,
        },
        Expr::Date(inner) => match eval(inner, value)? {
            Value::Text(text) => days(&text).map(Value::Int),
            _ => None,
        },
        Expr::Today => {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
            Some(Value::Int(i128::from(now.as_secs() / 86_400)))
        }
        Expr::Match(regex, inner) => match eval(inner, value)? {
            Value::Text(text) => Some(Value::Bool(regex.matches_start(&text))),
            Value::Int(number) => Some(Value::Bool(regex.matches_start(&number.to_string()))),
            _ => None,
        },
    }
}

pub(super) fn arithmetic(operator: &str, left: Value, right: Value) -> Option<Value> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(Value::Int(match operator {
            "+" => a.checked_add(b)?,
            "-" => a.checked_sub(b)?,
            "*" => a.checked_mul(b)?,
            "/" => a.checked_div(b)?,
            "%" => a.checked_rem(b)?,
            "**" => a.checked_pow(u32::try_from(b).ok()?)?,
            "&" => a & b,
            "|" => a | b,
            "^" => a ^ b,
            _ => return None,
        })),
        (Value::Text(a), Value::Text(b)) if operator == "+" => Some(Value::Text(a + &b)),
        (a, b) => {
            let (a, b) = (float(&a)?, float(&b)?);
            Some(Value::Float(match operator {
                "+" => a + b,
                "-" => a - b,
                "*" => a * b,
                "/" => a / b,
                "%" => a % b,
                "**" => a.powf(b),
                _ => return None,
            }))
        }
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

fn compare(operator: &str, left: &Value, right: &Value) -> Option<bool> {
    if let "in" | "not in" = operator {
        let found = match right {
            Value::List(items) => items.iter().any(|item| order(left, item) == Some(Ordering::Equal)),
            Value::Text(text) => matches!(left, Value::Text(part) if text.contains(part.as_str())),
            _ => return None,
        };
        return Some(found == (operator == "in"));
    }
    let order = order(left, right);
    Some(match operator {
        "==" => order == Some(Ordering::Equal),
        "!=" => order != Some(Ordering::Equal),
        "<" => order? == Ordering::Less,
        "<=" => order? != Ordering::Greater,
        ">" => order? == Ordering::Greater,
        ">=" => order? != Ordering::Less,
        _ => return None,
    })
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        _ => float(left)?.partial_cmp(&float(right)?),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(Value),
    Text(String),
    Word(String),
    Metavar(String),
    Sign(&'static str),
}

impl Token {
    fn text(&self) -> String {
        match self {
            Token::Number(Value::Int(number)) => number.to_string(),
            Token::Number(_) => "a number".to_owned(),
            Token::Text(text) | Token::Word(text) | Token::Metavar(text) => text.clone(),
            Token::Sign(sign) => (*sign).to_owned(),
        }
    }
}

const SIGNS: &[&str] = &[
    "**", "==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "%", "(", ")", "[", "]", ",",
    ".", "&", "|", "^", "!",
];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let raw = rest.starts_with("r'") || rest.starts_with("r\"");
        if raw || c == '\'' || c == '"' {
            let body = if raw { &rest[1..] } else { rest };
            let (value, length) = quoted(body, raw)?;
            out.push(Token::Text(value));
            rest = &body[length..];
        } else if c == '$' || c.is_alphabetic() || c == '_' {
            let start = if rest.starts_with("$...") { "$...".len() } else { 1 };
            let end = rest[start..]
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .map_or(rest.len(), |end| end + start);
            let word = rest[..end].to_owned();
            out.push(if c == '$' { Token::Metavar(word) } else { Token::Word(word) });
            rest = &rest[end..];
        } else if c.is_ascii_digit() {
            let end =
                rest.find(|c: char| !(c.is_alphanumeric() || c == '.' || c == '_')).unwrap_or(rest.len());
            match literal(&rest[..end], 10) {
                Value::Text(text) => return Err(format!("`{text}` is not a number")),
                number => out.push(Token::Number(number)),
            }
            rest = &rest[end..];
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            out.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else {
            return Err(format!("`{c}` is not understood in the comparison `{text}`"));
        }
        rest = rest.trim_start();
    }
    Ok(out)
}

/// The value of a quoted text and its length in bytes.
fn quoted(text: &str, raw: bool) -> Result<(String, usize), String> {
    let mut chars: Peekable<Chars<'_>> = text.chars().peekable();
    let quote = chars.next().unwrap_or('"');
    let mut length = quote.len_utf8();
    let mut value = String::new();
    while let Some(c) = chars.next() {
        length += c.len_utf8();
        if c == quote {
            return Ok((value, length));
        }
        if c == '\\' {
            let Some(next) = chars.next() else { break };
            length += next.len_utf8();
            // Unknown escapes stay, so that a regular expression can be written without doubling.
            match next {
                _ if raw => value.extend(['\\', next]),
                'n' => value.push('\n'),
                't' => value.push('\t'),
                '\\' | '\'' | '"' => value.push(next),
                _ => value.extend(['\\', next]),
            }
        } else {
            value.push(c);
        }
    }
    Err(format!("the text {text} has no end"))
}

struct Parser<'t> {
    tokens: &'t [Token],
    depth: usize,
}

impl Parser<'_> {
    fn take(&mut self, sign: &str) -> bool {
        let found = match self.tokens.first() {
            Some(Token::Sign(own)) => *own == sign,
            Some(Token::Word(own)) => own == sign,
            _ => false,
        };
        if found {
            self.tokens = &self.tokens[1..];
        }
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.take(sign) { Ok(()) } else { Err(format!("`{sign}` is missing in the comparison")) }
    }

    fn or(&mut self) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("the comparison is nested too deeply".to_owned());
        }
        let mut left = self.and()?;
        while self.take("or") || self.take("||") {
            left = Expr::Binary("or", Box::new(left), Box::new(self.and()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr, String> {
        let mut left = self.not()?;
        while self.take("and") || self.take("&&") {
            left = Expr::Binary("and", Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Expr, String> {
        let mut negations = 0;
        while self.take("not") || self.take("!") {
            negations += 1;
        }
        let inner = self.comparison()?;
        Ok(if negations % 2 == 1 { Expr::Not(Box::new(inner)) } else { inner })
    }

    fn comparison(&mut self) -> Result<Expr, String> {
        let first = self.sum(0)?;
        let mut rest = Vec::new();
        'more: loop {
            for operator in ["==", "!=", "<=", ">=", "<", ">", "in"] {
                if self.take(operator) {
                    rest.push((operator, self.sum(0)?));
                    continue 'more;
                }
            }
            if matches!(self.tokens, [Token::Word(not), Token::Word(within), ..] if not == "not" && within == "in")
            {
                self.tokens = &self.tokens[2..];
                rest.push(("not in", self.sum(0)?));
                continue;
            }
            break;
        }
        Ok(if rest.is_empty() { first } else { Expr::Compare(Box::new(first), rest) })
    }

    /// Arithmetic by precedence: `|`, `^`, `&`, sums, products, powers.
    fn sum(&mut self, level: usize) -> Result<Expr, String> {
        const LEVELS: &[&[&str]] = &[&["|"], &["^"], &["&"], &["+", "-"], &["*", "/", "%"], &["**"]];
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.sum(level + 1)?;
        'more: loop {
            for &operator in *operators {
                if self.take(operator) {
                    left = Expr::Binary(operator, Box::new(left), Box::new(self.sum(level + 1)?));
                    continue 'more;
                }
            }
            return Ok(left);
        }
    }

    fn unary(&mut self) -> Result<Expr, String> {
        let mut negative = false;
        while self.take("-") {
            negative = !negative;
        }
        let inner = self.atom()?;
        Ok(if negative { Expr::Negative(Box::new(inner)) } else { inner })
    }

    fn atom(&mut self) -> Result<Expr, String> {
        if self.take("(") {
            let inner = self.or()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.take("[") {
            let mut items = Vec::new();
            while !self.take("]") {
                items.push(self.or()?);
                if !self.take(",") {
                    self.expect("]")?;
                    break;
                }
            }
            return Ok(Expr::List(items));
        }
        let Some((token, rest)) = self.tokens.split_first() else {
            return Err("the comparison ends too early".to_owned());
        };
        self.tokens = rest;
        match token {
            Token::Number(number) => Ok(Expr::Value(number.clone())),
            Token::Text(text) => Ok(Expr::Value(Value::Text(text.clone()))),
            Token::Metavar(name) => Ok(Expr::Metavar(name.clone())),
            Token::Word(word) => match word.as_str() {
                "true" | "True" => Ok(Expr::Value(Value::Bool(true))),
                "false" | "False" => Ok(Expr::Value(Value::Bool(false))),
                "int" => Ok(Expr::Int(self.argument()?)),
                "str" => Ok(Expr::Text(self.argument()?)),
                "len" => Ok(Expr::Length(self.argument()?)),
                "strptime" => Ok(Expr::Date(self.argument()?)),
                "today" => {
                    self.expect("(")?;
                    self.expect(")")?;
                    Ok(Expr::Today)
                }
                "re" => {
                    self.expect(".")?;
                    self.expect("match")?;
                    self.expect("(")?;
                    let Some((Token::Text(regex), rest)) = self.tokens.split_first() else {
                        return Err("`re.match` wants a text as its first argument".to_owned());
                    };
                    self.tokens = rest;
                    self.expect(",")?;
                    let inner = self.or()?;
                    self.expect(")")?;
                    Ok(Expr::Match(regexes::Pattern::with_lines(regex, false)?, Box::new(inner)))
                }
                other => Err(format!("`{other}` is not understood in a comparison")),
            },
            Token::Sign(sign) => Err(format!("`{sign}` is out of place in the comparison")),
        }
    }

    fn argument(&mut self) -> Result<Box<Expr>, String> {
        self.expect("(")?;
        let inner = self.or()?;
        self.expect(")")?;
        Ok(Box::new(inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expression: &str, metavar: &str, expected: bool) {
        let comparison = Comparison::new(expression).unwrap();
        let holds = comparison.holds(&|name| (name == "$X").then(|| literal(metavar, 10)));
        assert_eq!(holds, expected, "{expression} with $X = {metavar}");
    }

    #[test]
    fn comparisons_are_computed() {
        check("$X > 2 and $X <= 0x10", "16", true);
        check("$X % 2 == 1", "4", false);
        check("not ($X == 3) or false", "3", false);
        check("re.match(\"^a.c$\", $X)", "'abc'", true);
        check("int($X) < 2048", "'1024'", true);
        check("len(str($X)) == 3", "'abc'", true);
        check("$X in [1, 2, 3]", "2", true);
        check("$X not in ['a']", "'b'", true);
        check("1 < $X < 3", "3", false);
        check("$X < -1", "-2", true);
        check("$Y == 1", "1", false);
        check("$X == 0o777", "0777", true);
        check("2 ** 3 * 2 == $X", "16", true);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in ["$X > ", "open($X)", "$X @ 1", "($X", "'abc", "re.match($X, 'a')"] {
            assert!(Comparison::new(text).is_err(), "{text}");
        }
        assert!(Comparison::new(&"(".repeat(10_000)).is_err());
    }
}
