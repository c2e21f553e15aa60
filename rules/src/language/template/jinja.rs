//! The expressions of Jinja and Django tags.
//!
//! One reader serves both: Django's `x|date:"Y"` and Jinja's `x|default("")` do not get in each other's way.
//! Whatever cannot be read ends the expression; nothing is refused.

use std::ops::Range;

use super::expr::{Expr, MAX_DEPTH};
use crate::syntax::{Kind, Slot};

/// Filters whose result needs no escaping, because they escape it themselves or it cannot hold markup.
const ESCAPING: &[&str] = &[
    "e",
    "escape",
    "force_escape",
    "forceescape",
    "escapejs",
    "tojson",
    "json_script",
    "urlencode",
    "urlize",
    "urlizetrunc",
    "linebreaks",
    "linebreaksbr",
    "linenumbers",
    "xmlattr",
    "slugify",
    "int",
    "float",
    "round",
    "abs",
    "length",
    "count",
    "wordcount",
    "sum",
    "filesizeformat",
    "floatformat",
    "intcomma",
    "date",
    "time",
    "timesince",
    "timeuntil",
    "pluralize",
    "yesno",
];

/// Filters that leave alone what `safe` promised.
const KEEPING: &[&str] = &[
    "default",
    "d",
    "default_if_none",
    "trim",
    "indent",
    "truncate",
    "truncatewords",
    "truncatewords_html",
    "truncatechars",
    "truncatechars_html",
    "upper",
    "lower",
    "capitalize",
    "title",
    "capfirst",
    "wordwrap",
    "center",
    "replace",
    "safe",
    "spaceless",
    "linebreaks",
    "linebreaksbr",
    "urlize",
];

/// Reads the expression in `range` of a tag's text.
pub(super) fn expression(text: &str, range: Range<usize>) -> Option<Expr> {
    Reader { text, at: range.start, end: range.end, links: 0 }.ternary(0)
}

/// A control tag: its name, then the assignments or expressions that follow.
pub(super) fn control(text: &str, range: Range<usize>) -> Vec<(Slot, Expr)> {
    let mut reader = Reader { text, at: range.start, end: range.end, links: 0 };
    let mut children = Vec::new();
    let Some(name) = reader.name() else { return children };
    let tag = &text[name.clone()];
    children.push((Slot::Name, Expr::leaf(Kind::Ident, name)));
    if matches!(tag, "trans" | "translate" | "blocktrans" | "blocktranslate") {
        return children;
    }
    while reader.peek().is_some() {
        let before = reader.at;
        if let Some(expression) = reader.ternary(0) {
            if reader.eat_assign()
                && let Some(value) = reader.ternary(0)
            {
                let range = expression.range.start..value.range.end;
                let parts = vec![(Slot::Left, expression), (Slot::Right, value)];
                children.push((Slot::Value, Expr::node(Kind::Assign, range, parts)));
            } else {
                children.push((Slot::Value, expression));
            }
        }
        if reader.at == before {
            reader.skip_char();
        }
    }
    children
}

/// Splits an expression into what is output and whether that happens as it is. `autoescape` says what holds without filters.
pub(super) fn output(expression: Expr, text: &str, autoescape: bool) -> (Kind, Expr) {
    if expression.callee(text) == Some("safe") && expression.children.len() == 2 {
        let safe = expression.argument().is_some_and(|value| escapes(value, text));
        return match (safe, expression) {
            (true, expression) => (Kind::Output, expression),
            (false, expression) => {
                let range = expression.range.clone();
                let value = expression.into_argument();
                (Kind::RawOutput, value.unwrap_or_else(|| Expr::leaf(Kind::Other, range)))
            }
        };
    }
    let raw = if marked_safe(&expression, text) { true } else { !autoescape && !escapes(&expression, text) };
    (if raw { Kind::RawOutput } else { Kind::Output }, expression)
}

/// Whether a value needs no more escaping.
fn escapes(value: &Expr, text: &str) -> bool {
    match value.kind {
        Kind::Num | Kind::Bool | Kind::Null => true,
        Kind::Call => {
            let Some(filter) = value.callee(text) else { return false };
            ESCAPING.contains(&filter)
                || (KEEPING.contains(&filter) && value.argument().is_some_and(|value| escapes(value, text)))
        }
        _ => false,
    }
}

/// Whether a part of the value that is output was declared safe: `"<b>" ~ x|safe`, `x|safe if x else ""`, `x|safe|trim`.
fn marked_safe(value: &Expr, text: &str) -> bool {
    match value.kind {
        Kind::Call => match value.callee(text) {
            Some("safe" | "safeseq") => {
                value.argument().is_some_and(|value| value.kind != Kind::Str && !escapes(value, text))
            }
            Some(filter) if KEEPING.contains(&filter) || filter == "join" => {
                value.argument().is_some_and(|value| marked_safe(value, text))
            }
            _ => false,
        },
        Kind::Binary if matches!(value.operator, "~" | "+" | "or" | "and") => {
            value.children.iter().any(|(_, part)| marked_safe(part, text))
        }
        Kind::Ternary => {
            value.children.iter().any(|(slot, part)| *slot != Slot::Cond && marked_safe(part, text))
        }
        _ => false,
    }
}

/// Longer chains than this are cut.
const MOST_LINKS: usize = 1000;

struct Reader<'a> {
    text: &'a str,
    at: usize,
    end: usize,
    /// Members, filters, calls and operators so far: each can make the tree one level deeper.
    links: usize,
}

/// Binary operators, the loosest first. Words need a boundary behind them.
const LEVELS: &[&[&str]] = &[
    &["or"],
    &["and"],
    &["==", "!=", "<=", ">=", "<", ">", "not in", "in"],
    &["~"],
    &["+", "-"],
    &["**", "*", "//", "/", "%"],
];

impl Reader<'_> {
    /// `a if b else c`
    fn ternary(&mut self, depth: usize) -> Option<Expr> {
        let value = self.binary(0, depth)?;
        if !self.eat_word("if") {
            return Some(value);
        }
        let Some(condition) = self.binary(0, depth) else { return Some(value) };
        let start = value.range.start;
        let mut parts = vec![(Slot::Then, value), (Slot::Cond, condition)];
        if self.eat_word("else")
            && let Some(other) = self.nested(depth, |reader, depth| reader.ternary(depth))
        {
            parts.push((Slot::Else, other));
        }
        let end = parts.last().map_or(start, |(_, part)| part.range.end);
        Some(Expr::node(Kind::Ternary, start..end, parts))
    }

    fn binary(&mut self, level: usize, depth: usize) -> Option<Expr> {
        let Some(operators) = LEVELS.get(level) else { return self.unary(depth) };
        let mut left = self.binary(level + 1, depth)?;
        while self.may_link()
            && let Some(operator) = self.eat_operator(operators)
        {
            let Some(right) = self.binary(level + 1, depth) else { break };
            let range = left.range.start..right.range.end;
            let kind = if level == 2 { Kind::Compare } else { Kind::Binary };
            let parts = vec![(Slot::Left, left), (Slot::Right, right)];
            left = Expr { kind, range, operator, children: parts };
        }
        Some(left)
    }

    fn unary(&mut self, depth: usize) -> Option<Expr> {
        self.space();
        let start = self.at;
        for operator in ["not", "-", "+"] {
            let eaten = if operator == "not" { self.eat_word("not") } else { self.eat(operator) };
            if eaten {
                let value = self.nested(depth, |reader, depth| reader.unary(depth))?;
                let range = start..value.range.end;
                return Some(Expr {
                    kind: Kind::Unary,
                    range,
                    operator,
                    children: vec![(Slot::Value, value)],
                });
            }
        }
        let value = self.primary(depth)?;
        Some(self.postfix(value, depth))
    }

    /// Members, indexes, calls, filters and tests.
    fn postfix(&mut self, mut value: Expr, depth: usize) -> Expr {
        while self.may_link() {
            let start = value.range.start;
            // White space may stand before a filter; before anything else it separates the arguments of a tag.
            let tight = self.at;
            self.space();
            match self.peek_byte() {
                Some(b'|') if self.byte_at(self.at + 1) != Some(b'|') => {
                    self.at += 1;
                    let Some(name) = self.dotted_name() else { return value };
                    let mut end = name.end;
                    let mut parts = vec![(Slot::Callee, Expr::leaf(Kind::Ident, name)), (Slot::Arg, value)];
                    if self.peek_byte() == Some(b'(') {
                        self.at += 1;
                        self.arguments(&mut parts, depth);
                        end = self.at;
                    } else if self.peek_byte() == Some(b':') {
                        self.at += 1;
                        if let Some(argument) = self.primary(depth + 1) {
                            let argument = self.members(argument);
                            end = argument.range.end;
                            parts.push((Slot::Arg, argument));
                        }
                    }
                    value = Expr::node(Kind::Call, start..end, parts);
                }
                Some(b'.') if self.at == tight && !self.text[self.at..self.end].starts_with("...") => {
                    let dot = self.at;
                    value = self.members(value);
                    if self.at == dot {
                        return value;
                    }
                }
                Some(b'[') if self.at == tight => {
                    self.at += 1;
                    let index = self.nested(depth, |reader, depth| reader.ternary(depth));
                    self.skip_to(b']');
                    let mut parts = vec![(Slot::Object, value)];
                    parts.extend(index.map(|index| (Slot::Index, index)));
                    value = Expr::node(Kind::Index, start..self.at, parts);
                }
                Some(b'(') if self.at == tight => {
                    self.at += 1;
                    let mut parts = vec![(Slot::Callee, value)];
                    self.arguments(&mut parts, depth);
                    value = Expr::node(Kind::Call, start..self.at, parts);
                }
                _ if self.eat_word("is") => {
                    self.eat_word("not");
                    let Some(name) = self.name() else { return value };
                    let range = start..name.end;
                    let test = Expr::leaf(Kind::Ident, name);
                    let parts = vec![(Slot::Left, value), (Slot::Right, test)];
                    value = Expr { kind: Kind::Compare, range, operator: "is", children: parts };
                }
                _ => {
                    self.at = tight;
                    return value;
                }
            }
        }
        value
    }

    /// `.name` as often as it occurs.
    fn members(&mut self, mut value: Expr) -> Expr {
        while self.peek_byte() == Some(b'.') && self.may_link() {
            let dot = self.at;
            self.at += 1;
            let start = self.at;
            while self.byte_at(self.at).is_some_and(is_name_byte) {
                self.at += 1;
            }
            if self.at == start {
                self.at = dot;
                break;
            }
            let range = value.range.start..self.at;
            let property = Expr::leaf(Kind::Ident, start..self.at);
            value = Expr::node(Kind::Member, range, vec![(Slot::Object, value), (Slot::Property, property)]);
        }
        value
    }

    /// The arguments of a call, the opening parenthesis read.
    fn arguments(&mut self, parts: &mut Vec<(Slot, Expr)>, depth: usize) {
        self.list(b')', depth, &mut |reader, depth| {
            let argument = reader.ternary(depth)?;
            if argument.kind == Kind::Ident && reader.eat_assign() {
                let value = reader.nested(depth, |reader, depth| reader.ternary(depth))?;
                let range = argument.range.start..value.range.end;
                let pair = vec![(Slot::Name, argument), (Slot::Value, value)];
                parts.push((Slot::Arg, Expr::node(Kind::Keyword, range, pair)));
            } else {
                parts.push((Slot::Arg, argument));
            }
            Some(())
        });
    }

    /// Items between commas up to `close`, which is read.
    fn list(&mut self, close: u8, depth: usize, item: &mut dyn FnMut(&mut Self, usize) -> Option<()>) {
        while let Some(byte) = self.peek() {
            if byte == close {
                self.at += 1;
                return;
            }
            let before = self.at;
            if depth < MAX_DEPTH {
                item(self, depth + 1);
            }
            self.eat(",");
            if self.at == before {
                self.skip_char();
            }
        }
    }

    fn primary(&mut self, depth: usize) -> Option<Expr> {
        let byte = self.peek()?;
        let start = self.at;
        match byte {
            b'"' | b'\'' => {
                self.string(byte);
                Some(Expr::leaf(Kind::Str, start..self.at))
            }
            b'0'..=b'9' => {
                while self
                    .byte_at(self.at)
                    .is_some_and(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_')
                {
                    self.at += 1;
                }
                Some(Expr::leaf(Kind::Num, start..self.at))
            }
            b'(' => self.group(depth, start),
            b'[' => {
                self.at += 1;
                let mut items = Vec::new();
                self.items(b']', depth, &mut items);
                Some(Expr::node(Kind::Array, start..self.at, items))
            }
            b'{' => {
                self.at += 1;
                let mut pairs = Vec::new();
                self.list(b'}', depth, &mut |reader, depth| {
                    let key = reader.ternary(depth)?;
                    if !reader.eat(":") {
                        pairs.push((Slot::None, key));
                        return Some(());
                    }
                    let value = reader.nested(depth, |reader, depth| reader.ternary(depth))?;
                    let range = key.range.start..value.range.end;
                    let parts = vec![(Slot::Key, key), (Slot::Value, value)];
                    pairs.push((Slot::None, Expr::node(Kind::Pair, range, parts)));
                    Some(())
                });
                Some(Expr::node(Kind::Object, start..self.at, pairs))
            }
            b'.' if self.text[self.at..self.end].starts_with("...") => {
                self.at += 3;
                Some(Expr::leaf(Kind::Ellipsis, start..self.at))
            }
            _ => {
                let name = self.name()?;
                let kind = match &self.text[name.clone()] {
                    "true" | "True" | "false" | "False" => Kind::Bool,
                    "none" | "None" | "null" => Kind::Null,
                    _ => Kind::Ident,
                };
                // Django translates with `_("text")`.
                Some(Expr::leaf(kind, name))
            }
        }
    }

    /// Parentheses leave nothing behind; a comma makes a tuple.
    fn group(&mut self, depth: usize, start: usize) -> Option<Expr> {
        self.at += 1;
        let mut items = Vec::new();
        self.items(b')', depth, &mut items);
        if items.len() == 1 {
            return items.pop().map(|(_, item)| item);
        }
        Some(Expr::node(Kind::Tuple, start..self.at, items))
    }

    fn items(&mut self, close: u8, depth: usize, items: &mut Vec<(Slot, Expr)>) {
        self.list(close, depth, &mut |reader, depth| {
            let item = reader.ternary(depth)?;
            items.push((Slot::None, item));
            Some(())
        });
    }

    fn string(&mut self, quote: u8) {
        self.at += 1;
        while let Some(byte) = self.byte_at(self.at) {
            self.at += 1;
            if byte == quote {
                return;
            }
            if byte == b'\\' && self.at < self.end {
                self.skip_char();
            }
        }
    }

    fn may_link(&mut self) -> bool {
        self.links += 1;
        self.links <= MOST_LINKS
    }

    fn nested(&mut self, depth: usize, read: impl FnOnce(&mut Self, usize) -> Option<Expr>) -> Option<Expr> {
        if depth < MAX_DEPTH { read(self, depth + 1) } else { None }
    }

    fn name(&mut self) -> Option<Range<usize>> {
        self.space();
        let start = self.at;
        while self.byte_at(self.at).is_some_and(is_name_byte) {
            self.at += 1;
        }
        (start < self.at).then_some(start..self.at)
    }

    /// Ansible's filters carry the name of their collection.
    fn dotted_name(&mut self) -> Option<Range<usize>> {
        let mut name = self.name()?;
        while self.peek_byte() == Some(b'.') && self.byte_at(self.at + 1).is_some_and(is_name_byte) {
            self.at += 1;
            name.end = self.name()?.end;
        }
        Some(name)
    }

    fn eat_operator(&mut self, operators: &[&'static str]) -> Option<&'static str> {
        self.space();
        for operator in operators {
            if operator.as_bytes()[0].is_ascii_alphabetic() {
                let start = self.at;
                if operator.split(' ').all(|word| self.eat_word(word)) {
                    return Some(operator);
                }
                self.at = start;
            } else if self.eat(operator) {
                return Some(operator);
            }
        }
        None
    }

    /// `=`, but not `==`.
    fn eat_assign(&mut self) -> bool {
        self.space();
        if self.peek_byte() == Some(b'=') && self.byte_at(self.at + 1) != Some(b'=') {
            self.at += 1;
            return true;
        }
        false
    }

    fn eat(&mut self, token: &str) -> bool {
        self.space();
        let found = self.text[self.at..self.end].starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        self.space();
        let found = self.text[self.at..self.end].starts_with(word)
            && !self.byte_at(self.at + word.len()).is_some_and(is_name_byte);
        if found {
            self.at += word.len();
        }
        found
    }

    fn skip_to(&mut self, close: u8) {
        while let Some(byte) = self.byte_at(self.at) {
            self.at += 1;
            if byte == close {
                return;
            }
        }
    }

    fn skip_char(&mut self) {
        let length = self.text[self.at..self.end].chars().next().map_or(1, char::len_utf8);
        self.at = (self.at + length).min(self.end);
    }

    fn space(&mut self) {
        while self.byte_at(self.at).is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        self.space();
        self.peek_byte()
    }

    fn peek_byte(&self) -> Option<u8> {
        self.byte_at(self.at)
    }

    fn byte_at(&self, at: usize) -> Option<u8> {
        if at < self.end { self.text.as_bytes().get(at).copied() } else { None }
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'@') || byte >= 0x80
}
