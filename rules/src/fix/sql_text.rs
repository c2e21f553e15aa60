//! Where the holes of a SQL text stand, and which of them a parameter can replace.
//!
//! A parameter stands for a value. A hole in the place of a table, a column, a keyword or a direction of
//! sorting is no value, and neither is a part of a name; one such hole and nothing is proposed.

use std::ops::Range;

use super::strings::{Flat, Item, What};

/// A hole, or a quoted literal with holes in it, that one parameter replaces.
#[derive(Debug)]
pub(super) struct Slot {
    /// The items to replace, quotes included.
    pub items: Range<usize>,
    /// The items that make the value, quotes not included.
    pub value: Range<usize>,
    pub quoted: bool,
    /// The place wants a number: `LIMIT`, `OFFSET`.
    pub number: bool,
    /// The column that the value is compared with, if that is plain.
    pub column: Option<String>,
    /// It was in double quotes, which some databases take for a name.
    pub double_quoted: bool,
    /// A word follows at once, which the quotes kept apart.
    pub glued: bool,
    /// Positional placeholders before it.
    pub before: usize,
}

/// A SQL text as far as a repair needs it.
#[derive(Debug, Default)]
pub(super) struct SqlText {
    /// Never empty.
    pub slots: Vec<Slot>,
    /// Placeholders that are there already: `?` and `%s`.
    pub positional: usize,
    /// The highest `$n`.
    pub numbered: usize,
    /// `:name` and `%(name)s`.
    pub named: Vec<String>,
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Statement,
    /// A condition or the like that a library puts into a statement: `whereRaw("a = " + a)`.
    Fragment,
}

/// Reads the text. `None` if a hole cannot be bound.
pub(super) fn read(flat: &Flat, extent: Extent) -> Option<SqlText> {
    let mut reader = Reader {
        flat,
        at: 0,
        previous: Token::Start,
        words: Vec::new(),
        groups: vec![Group::default()],
        sql: SqlText::default(),
    };
    if extent == Extent::Fragment {
        reader.note_word(String::from("WHERE"));
    }
    while reader.at < flat.items.len() {
        reader.token()?;
    }
    (!reader.sql.slots.is_empty()).then_some(reader.sql)
}

/// Statements in which a database takes parameters.
const STATEMENTS: &[&str] = &[
    "SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "MERGE", "CALL", "EXEC", "EXECUTE", "VALUES",
    "EXPLAIN",
];

/// Words after which a value stands.
const BEFORE_VALUE: &[&str] = &[
    "LIKE", "ILIKE", "RLIKE", "REGEXP", "GLOB", "MATCH", "LIMIT", "OFFSET", "THEN", "ELSE", "WHEN",
    "BETWEEN", "ESCAPE",
];

/// Words after which a quoted literal is a value, but a bare hole could be anything.
const BEFORE_LITERAL: &[&str] = &["SELECT", "AND", "OR", "NOT", "WHERE", "DISTINCT"];

/// Words after which the name of a table or the like stands, and its columns in parentheses.
const BEFORE_NAME: &[&str] = &["INTO", "TABLE", "UPDATE", "JOIN", "KEY", "REFERENCES", "INDEX", "FROM", "ON"];

/// Words that open a part of a statement.
const CLAUSES: &[&str] = &[
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "ORDER",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "VALUES",
    "SET",
    "INTO",
    "ON",
    "RETURNING",
    "JOIN",
    "UNION",
    "WINDOW",
];

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Start,
    Word(String),
    Operator,
    Open,
    Comma,
    Dot,
    /// A literal, a placeholder, a closed parenthesis: after it no value can stand.
    Value,
    Other,
}

/// What is open: the text, or a pair of parentheses.
#[derive(Debug, Default)]
struct Group {
    /// The word just before the parenthesis, and the one before that.
    opener: String,
    owner: String,
    after_operator: bool,
    clause: String,
    between: bool,
}

struct Reader<'f> {
    flat: &'f Flat,
    at: usize,
    previous: Token,
    /// Words so far, upper case; members count as one.
    words: Vec<String>,
    groups: Vec<Group>,
    sql: SqlText,
}

impl Reader<'_> {
    fn char(&self, at: usize) -> Option<char> {
        match self.flat.items.get(at)?.what {
            What::Char(c) => Some(c),
            What::Hole(_) => None,
        }
    }

    fn is_hole(&self, item: &Item) -> bool {
        self.flat.hole(item).is_some_and(|hole| !hole.constant)
    }

    fn holes_in(&self, items: Range<usize>) -> bool {
        self.flat.items.get(items).is_some_and(|items| items.iter().any(|item| self.is_hole(item)))
    }

    fn token(&mut self) -> Option<()> {
        let start = self.at;
        let Some(c) = self.char(start) else { return self.hole() };
        let next = self.char(start + 1);
        self.at += 1;
        match c {
            c if c.is_whitespace() => return Some(()),
            '\'' | '"' | '`' => return self.quoted(c),
            '-' if next == Some('-') => return self.skip_comment("\n"),
            '/' if next == Some('*') => return self.skip_comment("*/"),
            c if is_word(c) && !c.is_ascii_digit() => return self.word(start),
            c if c.is_ascii_digit() => {
                self.take_while(|c| c.is_ascii_digit() || c == '.');
                self.previous = Token::Value;
            }
            '?' => {
                self.sql.positional += 1;
                self.previous = Token::Value;
            }
            '%' if matches!(next, Some('s' | '(')) && !matches!(self.previous, Token::Value) => {
                self.percent_placeholder();
            }
            '$' if next.is_some_and(|c| c.is_ascii_digit()) => {
                let number = self.take_while(|c| c.is_ascii_digit());
                self.sql.numbered = self.sql.numbered.max(number.parse().ok()?);
                self.previous = Token::Value;
            }
            // A cast: `x::int`.
            ':' if next == Some(':') => {
                self.at += 1;
                self.previous = Token::Other;
            }
            ':' if next.is_some_and(is_word) => {
                let name = self.take_while(is_word);
                self.sql.named.push(name);
                self.previous = Token::Value;
            }
            '(' => {
                let word = |back: usize| self.words.len().checked_sub(back).map(|at| self.words[at].clone());
                let opener = if matches!(self.previous, Token::Word(_)) { word(1) } else { None };
                let owner = if opener.is_some() { word(2) } else { None };
                self.groups.push(Group {
                    opener: opener.unwrap_or_default(),
                    owner: owner.unwrap_or_default(),
                    after_operator: self.previous == Token::Operator,
                    ..Group::default()
                });
                self.previous = Token::Open;
            }
            ')' => {
                if self.groups.len() > 1 {
                    self.groups.pop();
                }
                self.previous = Token::Value;
            }
            ',' => self.previous = Token::Comma,
            '.' => self.previous = Token::Dot,
            ';' => {
                // Drivers take one statement at a time as soon as there are parameters.
                let rest = self.flat.items.get(self.at..)?;
                if !rest.iter().all(|item| matches!(item.what, What::Char(c) if c.is_whitespace())) {
                    return None;
                }
            }
            // `SELECT *`, `COUNT(*)`.
            '*' if !matches!(self.previous, Token::Value) => self.previous = Token::Other,
            // A path into JSON is part of the statement for some databases.
            '>' if self.ends_arrow(start) => self.previous = Token::Other,
            '=' | '<' | '>' | '!' | '+' | '-' | '*' | '/' | '|' | '%' => self.previous = Token::Operator,
            _ => self.previous = Token::Other,
        }
        Some(())
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> String {
        let mut out = String::new();
        while let Some(c) = self.char(self.at).filter(|&c| accept(c)) {
            out.push(c);
            self.at += 1;
        }
        out
    }

    fn percent_placeholder(&mut self) {
        if self.char(self.at) == Some('s') {
            self.at += 1;
            self.sql.positional += 1;
        } else {
            self.at += 1;
            let name = self.take_while(|c| c != ')');
            self.at += 2;
            self.sql.named.push(name);
        }
        self.previous = Token::Value;
    }

    fn word(&mut self, start: usize) -> Option<()> {
        let rest = self.take_while(is_word);
        let word = format!("{}{rest}", self.char(start)?).to_uppercase();
        if self.words.is_empty() && !STATEMENTS.contains(&word.as_str()) {
            return None;
        }
        self.note_word(word);
        Some(())
    }

    fn note_word(&mut self, word: String) {
        if let Some(group) = self.groups.last_mut() {
            if CLAUSES.contains(&word.as_str()) {
                group.clause.clone_from(&word);
            }
            match word.as_str() {
                "BETWEEN" => group.between = true,
                "OR" | "WHERE" => group.between = false,
                _ => {}
            }
        }
        if self.previous == Token::Dot {
            self.words.pop();
        }
        self.words.push(word.clone());
        self.previous = Token::Word(word);
    }

    fn skip_comment(&mut self, end: &str) -> Option<()> {
        let mut seen = String::new();
        let start = self.at;
        while let Some(item) = self.flat.items.get(self.at) {
            self.at += 1;
            match item.what {
                What::Char(c) => seen.push(c),
                What::Hole(_) => return None,
            }
            // The opening of `/*` is not its end.
            if self.at > start + 1 && seen.ends_with(end) {
                break;
            }
        }
        Some(())
    }

    /// A literal or a quoted name; `self.at` is behind the opening quote.
    fn quoted(&mut self, quote: char) -> Option<()> {
        let open = self.at - 1;
        loop {
            self.flat.items.get(self.at)?;
            let here = self.char(self.at);
            self.at += 1;
            if here == Some(quote) {
                if self.char(self.at) != Some(quote) {
                    break;
                }
                self.at += 1;
            }
        }
        let inside = open + 1..self.at - 1;
        if !self.holes_in(inside.clone()) {
            match quote {
                '\'' => self.previous = Token::Value,
                _ => self.note_word(String::from("\"")),
            }
            return Some(());
        }
        // `"…"` is a literal for some databases and a name for others; after a comparison it is a literal.
        let is_value = match quote {
            '\'' => self.takes_value(true),
            '"' => self.takes_value(false),
            _ => false,
        };
        let prefixed = self.glued_before(open) && self.previous != Token::Value && !self.after_keyword();
        let is_list = self.group().opener == "IN" && self.code_of(&inside).contains("join(");
        if !is_value || prefixed || is_list {
            return None;
        }
        self.push_slot(open..self.at, inside, true);
        Some(())
    }

    fn hole(&mut self) -> Option<()> {
        let start = self.at;
        self.at += 1;
        if !self.is_hole(&self.flat.items[start]) {
            let word = if self.words.is_empty() { return None } else { String::from("<CONSTANT>") };
            self.note_word(word);
            return Some(());
        }
        let alone_in_list =
            self.group().opener == "IN" && self.previous == Token::Open && self.next_char() == Some(')');
        if !self.takes_value(false) || self.glued_before(start) || alone_in_list {
            return None;
        }
        match self.flat.items.get(self.at).map(|item| item.what) {
            Some(What::Hole(_)) => return None,
            Some(What::Char(c)) if is_word(c) || matches!(c, '.' | '(' | '\'' | '"' | '`' | '[') => {
                return None;
            }
            _ => {}
        }
        self.push_slot(start..self.at, start..self.at, false);
        Some(())
    }

    fn push_slot(&mut self, items: Range<usize>, value: Range<usize>, quoted: bool) {
        let number = matches!(&self.previous, Token::Word(word) if matches!(word.as_str(), "LIMIT" | "OFFSET"))
            || (self.previous == Token::Comma && self.group().clause == "LIMIT");
        let compares = self.previous == Token::Operator
            || matches!(&self.previous, Token::Word(word) if word.ends_with("LIKE"));
        let column = self.words.iter().rev().find(|word| !word.ends_with("LIKE") && *word != "NOT");
        let column =
            column.filter(|word| compares && word.chars().all(is_word)).map(|word| word.to_lowercase());
        let before = self.sql.positional;
        let glued = self.char(self.at).is_some_and(is_word);
        let double_quoted = self.char(items.start) == Some('"');
        self.sql.slots.push(Slot { items, value, quoted, number, column, double_quoted, glued, before });
        self.previous = Token::Value;
    }

    fn code_of(&self, items: &Range<usize>) -> String {
        let items = self.flat.items.get(items.clone()).unwrap_or(&[]);
        items.iter().filter_map(|item| self.flat.hole(item)).map(|hole| hole.code.as_str()).collect()
    }

    fn group(&self) -> &Group {
        self.groups.last().expect("the outermost group is never popped")
    }

    fn next_char(&self) -> Option<char> {
        (self.at..).map_while(|at| self.char(at)).find(|c| !c.is_whitespace())
    }

    /// `->` and `->>`.
    fn ends_arrow(&self, at: usize) -> bool {
        let back = |n: usize| at.checked_sub(n).and_then(|at| self.char(at));
        back(1) == Some('-') || (back(1) == Some('>') && back(2) == Some('-'))
    }

    /// `LIKE'…'` needs no space; `E'…'` is another kind of literal.
    fn after_keyword(&self) -> bool {
        matches!(&self.previous, Token::Word(word) if BEFORE_VALUE.contains(&word.as_str()))
    }

    fn glued_before(&self, start: usize) -> bool {
        start.checked_sub(1).is_some_and(|at| self.char(at).is_none_or(is_word))
    }

    /// Whether a value can stand here. `literal`: whether what stands here is plainly a string.
    fn takes_value(&self, literal: bool) -> bool {
        let group = self.group();
        match &self.previous {
            Token::Operator => true,
            Token::Word(word) => {
                BEFORE_VALUE.contains(&word.as_str())
                    || (word == "AND" && group.between)
                    || (literal && BEFORE_LITERAL.contains(&word.as_str()))
            }
            Token::Open | Token::Comma if self.groups.len() > 1 => self.holds_values(literal),
            Token::Comma => group.clause == "LIMIT" || (literal && group.clause == "SELECT"),
            _ => false,
        }
    }

    /// Whether the open parentheses hold values: of `VALUES`, of `IN`, or the arguments of a function.
    fn holds_values(&self, literal: bool) -> bool {
        let group = self.group();
        match group.opener.as_str() {
            "" => group.after_operator || literal || self.groups.len() == 1 || self.follows_values(),
            "VALUES" | "IN" | "ANY" | "ALL" => group.clause.is_empty(),
            "AND" | "OR" | "WHERE" | "NOT" | "ON" | "WHEN" => literal && self.previous == Token::Open,
            "FROM" | "SELECT" | "BY" | "EXISTS" | "JOIN" | "SET" | "USING" | "KEY" | "OVER" | "AS"
            | "INTO" => false,
            "\"" | "<CONSTANT>" => !BEFORE_NAME.contains(&group.owner.as_str()),
            _ => !BEFORE_NAME.contains(&group.owner.as_str()) && (literal || group.clause.is_empty()),
        }
    }

    /// A further row: `VALUES (…), (`.
    fn follows_values(&self) -> bool {
        self.groups.iter().rev().nth(1).is_some_and(|outer| outer.clause == "VALUES")
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
