//! A string that code puts together, taken apart into characters and holes.
//!
//! Concatenation, template literals, f-strings, `%` and `.format`, implicit concatenation, `+=`, and
//! variables that are assigned once and used once are all one flat list of [`Item`]s, each with the bytes
//! of the file it was written as. What reads the text (SQL, a shell, HTML) then need not know how it was
//! built, and what rewrites it changes only the bytes it must.

mod formats;
mod rewrite;

use std::ops::Range;

pub(super) use self::rewrite::{Replacement, rewrite};
use super::code::Code;
use super::scope::Variable;
use crate::analyze::At;
use crate::syntax::{Kind, Slot};

/// One character of the text, or one hole in it.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub what: What,
    /// How it is written: the escape sequence of a character, the whole marker of a hole.
    pub range: Range<usize>,
    /// The literal it stands in, an index of [`Flat::literals`]. `None` for an operand of a concatenation
    /// and for the text of a constant, which cannot be changed here.
    pub literal: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Char(char),
    /// An index of [`Flat::holes`].
    Hole(usize),
}

/// An expression whose value becomes part of the text.
#[derive(Clone, Debug)]
pub(super) struct Hole {
    pub at: At,
    /// Source code that yields the value, to be used elsewhere.
    pub code: String,
    /// A name written like a constant, whose value is not known here.
    pub constant: bool,
}

/// One string literal.
#[derive(Clone, Debug)]
pub(super) struct Literal {
    pub range: Range<usize>,
    /// Between the quotes.
    pub content: Range<usize>,
    pub escapes: Escapes,
}

/// What is written doubled in a literal, beside the language's own escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escapes {
    Plain,
    /// `${x}`.
    Template,
    /// f-strings and `.format`: `{{`.
    Braces,
    /// `%` formatting: `%%`.
    Percent,
}

/// The whole string.
#[derive(Clone, Debug, Default)]
pub(super) struct Flat {
    pub items: Vec<Item>,
    pub holes: Vec<Hole>,
    pub literals: Vec<Literal>,
    /// ` % values` and `.format(values)`: what goes when all holes go.
    pub formats: Vec<Range<usize>>,
    /// Whether a variable was followed to another statement.
    pub followed: bool,
    /// Whether such a variable is shown somewhere too.
    pub shown: bool,
    /// The values whose evaluation is part of the string, in other statements than the one it is used in.
    assignments: Vec<At>,
}

impl Flat {
    pub fn hole(&self, item: &Item) -> Option<&Hole> {
        match item.what {
            What::Hole(index) => self.holes.get(index),
            What::Char(_) => None,
        }
    }

    /// Whether any value flows in.
    pub fn has_holes(&self) -> bool {
        self.holes.iter().any(|hole| !hole.constant)
    }

    /// Whether the string is written as template or f-string, so that new text should be as well.
    pub fn interpolates(&self) -> bool {
        self.literals.iter().any(|literal| literal.escapes != Escapes::Plain)
    }
}

/// Takes a string apart. `None` where nothing is put together, or in a way that is not understood.
pub(super) fn flatten(code: &Code<'_>, expression: At) -> Option<Flat> {
    let mut reader = Reader { code, flat: Flat::default(), place: expression, skip: None };
    reader.read(expression, code.range(expression), 0)?;
    let flat = reader.flat;
    if flat.literals.is_empty() || flat.items.len() > MAX_ITEMS || flat.holes.len() > MAX_HOLES {
        return None;
    }
    if flat.followed {
        let moves = flat.holes.iter().any(|hole| code.changes_before(hole.at, expression));
        if moves {
            return None;
        }
    }
    Some(flat)
}

/// What one statement adds to a string.
pub(super) struct Added {
    pub statement: At,
    pub items: Range<usize>,
}

/// Takes apart a variable that is appended to here and there, as if every statement ran: the whole string,
/// and for each statement the items that it adds.
pub(super) fn flatten_appended(code: &Code<'_>, variable: &Variable) -> Option<(Flat, Vec<Added>)> {
    let mut reader = Reader { code, flat: Flat::default(), place: variable.assignment, skip: None };
    let mut parts = Vec::new();
    for (statement, value) in std::iter::once((variable.assignment, variable.value))
        .chain(variable.appends.iter().filter_map(|&append| Some((append, code.child(append, Slot::Right)?))))
    {
        let start = reader.flat.items.len();
        reader.skip = code.appended_to(statement);
        // A variable of its own would be read where it may have another value.
        reader.read(value, code.range(value), 0)?;
        parts.push(Added { statement, items: start..reader.flat.items.len() });
    }
    let small = reader.flat.items.len() <= MAX_ITEMS && reader.flat.holes.len() <= MAX_HOLES;
    (small && !reader.flat.followed).then_some((reader.flat, parts))
}

/// A longer text is data and no statement.
const MAX_ITEMS: usize = 20_000;
const MAX_HOLES: usize = 200;

/// Variables followed from one to the next.
const MAX_FOLLOWED: usize = 4;

struct Reader<'c, 'a> {
    code: &'c Code<'a>,
    flat: Flat,
    /// Where the whole string is used.
    place: At,
    /// The variable in `x = x + …`, whose text has been read already.
    skip: Option<At>,
}

impl Reader<'_, '_> {
    /// `region` is the expression with its own parentheses and type assertions.
    fn read(&mut self, at: At, region: Range<usize>, followed: usize) -> Option<()> {
        let code = self.code;
        match code.kind(at) {
            Kind::Str => self.literal(at, Escapes::Plain, &mut Vec::new().into_iter()),
            Kind::Template if is_concatenated(code, at) => {
                for part in code.children(at) {
                    self.read(part, code.range(part), followed)?;
                }
                Some(())
            }
            Kind::Template => self.template(at),
            Kind::Binary if code.has_operator(at, "+") && builds_string(code, at) => {
                let (left, right) = (code.child(at, Slot::Left)?, code.child(at, Slot::Right)?);
                let (left_region, right_region) = operands(code, at, left, right)?;
                self.read(left, left_region, followed)?;
                self.read(right, right_region, followed)
            }
            Kind::Binary if code.is_python() && code.has_operator(at, "%") && builds_string(code, at) => {
                self.percent(at)
            }
            Kind::Call if code.is_python() && is_format(code, at) => self.format(at),
            Kind::Call if joined_parts(code, at).is_some() => self.join(at, followed),
            Kind::Ident if followed < MAX_FOLLOWED => self.name(at, region, followed),
            Kind::Assign | Kind::Keyword | Kind::Spread | Kind::Function => None,
            _ => {
                self.operand(at, region);
                Some(())
            }
        }
    }

    fn operand(&mut self, at: At, region: Range<usize>) {
        let region = trimmed(self.code, region);
        let source = self.code.str(region.clone()).to_owned();
        self.hole(at, source, region, None);
    }

    fn hole(&mut self, at: At, source: String, range: Range<usize>, literal: Option<usize>) {
        // The values of `%` and `.format` go all or none.
        let formats = literal.is_some_and(|index| {
            self.flat.literals.get(index).is_some_and(|literal| {
                let quote = self.code.str(literal.range.start..literal.content.start);
                literal.escapes == Escapes::Percent
                    || (literal.escapes == Escapes::Braces && !quote.contains(['f', 'F']))
            })
        });
        let constant = !formats && is_constant_name(self.code, at);
        self.flat.items.push(Item { what: What::Hole(self.flat.holes.len()), range, literal });
        self.flat.holes.push(Hole { at, code: source, constant });
    }

    /// Parts in a list. What is put between them belongs to the call and stays.
    fn join(&mut self, at: At, followed: usize) -> Option<()> {
        let code = self.code;
        let (between, parts) = joined_parts(code, at)?;
        let (content, raw) = content_range(code, code.range(between))?;
        for (index, part) in parts.into_iter().enumerate() {
            let mut offset = content.start;
            while index > 0 && offset < content.end {
                let (c, len) = decode(code.str(offset..content.end), raw, Escapes::Plain)?;
                let range = code.range(between);
                self.flat.items.extend(c.map(|c| Item { what: What::Char(c), range, literal: None }));
                offset += len;
            }
            self.read(part, code.range(part), followed)?;
        }
        Some(())
    }

    /// A name: the text of a constant, the string that a variable was built into, or a hole.
    fn name(&mut self, at: At, region: Range<usize>, followed: usize) -> Option<()> {
        let code = self.code;
        if self.skip == Some(at) {
            return Some(());
        }
        let Some(variable) = code.variable(at) else {
            self.operand(at, region);
            return Some(());
        };
        if variable.appends.is_empty() && !builds_value(code, variable.value) {
            return self.constant(at, variable.value, region);
        }
        let used_once = variable.reads.len() == 1 && variable.reads.first() == Some(&at);
        if !used_once || !self.runs_before(&variable.assignment, &variable.appends) {
            self.operand(at, region);
            return Some(());
        }
        self.flat.followed = true;
        self.flat.shown |= variable.shown;
        self.flat.assignments.push(variable.assignment);
        let value = variable.value;
        self.read(value, code.range(value), followed + 1)?;
        for append in variable.appends {
            let value = code.child(append, Slot::Right)?;
            self.skip = code.appended_to(append);
            self.read(value, code.range(value), followed + 1)?;
        }
        Some(())
    }

    /// The characters of a literal that a name stands for; they are read, and left as they are.
    fn constant(&mut self, at: At, value: At, region: Range<usize>) -> Option<()> {
        let code = self.code;
        let is_literal = matches!(code.kind(value), Kind::Str | Kind::Num | Kind::Bool);
        if !is_literal {
            self.operand(at, region);
            return Some(());
        }
        let text = code.ast(value).string_content(value.node);
        let range = trimmed(code, region);
        let chars = text.chars().map(|c| Item { what: What::Char(c), range: range.clone(), literal: None });
        self.flat.items.extend(chars);
        Some(())
    }

    /// Whether the assignment and what is appended to it have always run, once and in this order, when the
    /// string is used: all stand in one list of statements that the use stands in or below.
    fn runs_before(&self, assignment: &At, appends: &[At]) -> bool {
        let code = self.code;
        let block = |at: At| code.block(at);
        let home = block(*assignment);
        let above = match home {
            Some(home) => code.with_ancestors(self.place).any(|at| at == home),
            None => true,
        };
        let mut last = code.range(*assignment).end;
        let in_order = appends.iter().all(|&append| {
            let range = code.range(append);
            let ordered = last <= range.start && block(append) == home;
            last = range.end;
            ordered
        });
        above && in_order && last <= code.range(self.place).start
    }

    /// A literal whose holes were found elsewhere: `holes` are their markers in order.
    fn literal(
        &mut self,
        at: At,
        escapes: Escapes,
        holes: &mut dyn Iterator<Item = (Range<usize>, At, String)>,
    ) -> Option<()> {
        let code = self.code;
        let range = code.range(at);
        let (content, raw) = content_range(code, range.clone())?;
        let index = self.flat.literals.len();
        self.flat.literals.push(Literal { range, content: content.clone(), escapes });
        let mut next = holes.next();
        let mut offset = content.start;
        while offset < content.end {
            if let Some((marker, at, source)) = next.take_if(|(marker, ..)| marker.start == offset) {
                offset = marker.end;
                self.hole(at, source, marker, Some(index));
                next = holes.next();
                continue;
            }
            let (c, len) = decode(code.str(offset..content.end), raw, escapes)?;
            if let Some(c) = c {
                let item = Item { what: What::Char(c), range: offset..offset + len, literal: Some(index) };
                self.flat.items.push(item);
            }
            offset += len;
        }
        // A marker that was not met means that the text was misread.
        next.is_none().then_some(())
    }

    /// A template literal or an f-string.
    fn template(&mut self, at: At) -> Option<()> {
        let code = self.code;
        let (open, close) = if code.is_python() { ("{", "}") } else { ("${", "}") };
        let (content, _) = content_range(code, code.range(at))?;
        let children = code.children(at);
        let mut holes = Vec::new();
        let mut start = content.start;
        for (index, &child) in children.iter().enumerate() {
            let range = code.range(child);
            if code.kind(child) == Kind::StrPart {
                start = range.end;
                continue;
            }
            let end = match children.get(index + 1) {
                None => content.end,
                Some(&next) if code.kind(next) == Kind::StrPart => code.range(next).start,
                Some(&next) => range.end + code.str(range.end..code.range(next).start).rfind(open)?,
            };
            let inner = code.str(start..end).strip_prefix(open)?.strip_suffix(close)?;
            let tail = code.str(range.end..end - close.len()).trim();
            let plain_tail = tail.trim_end_matches(')').trim();
            let source = match (code.is_python(), plain_tail) {
                // `a, b` would be two values elsewhere.
                _ if code.kind(child) == Kind::Sequence => return None,
                (_, "") | (false, _) => inner.trim().to_owned(),
                (true, "!s") => format!("str({})", code.str(range.clone())),
                // `{x:.2f}`: what is meant is the formatted text.
                (true, spec) if spec.starts_with(':') && !spec.contains(['{', '"', '\'']) => {
                    format!("format({}, \"{}\")", code.str(range.clone()), &spec[1..])
                }
                (true, _) => return None,
            };
            holes.push((start..end, child, source));
            start = end;
        }
        let escapes = if code.is_python() { Escapes::Braces } else { Escapes::Template };
        self.literal(at, escapes, &mut holes.into_iter())
    }
}

/// The regions of both operands, with their own parentheses, around the `+` of a concatenation.
fn operands(code: &Code<'_>, at: At, left: At, right: At) -> Option<(Range<usize>, Range<usize>)> {
    let whole = code.range(at);
    let gap = code.range(left).end..code.range(right).start;
    let between = code.str(gap.clone());
    if between.contains("//") || between.contains("/*") || between.contains('#') {
        return None;
    }
    let plus = gap.start + between.rfind('+')?;
    Some((trimmed(code, whole.start..plus), trimmed(code, plus + 1..whole.end)))
}

fn trimmed(code: &Code<'_>, range: Range<usize>) -> Range<usize> {
    // A backslash joins two lines of Python.
    let blank = |c: char| c.is_whitespace() || c == '\\';
    let text = code.str(range.clone());
    let start = range.start + (text.len() - text.trim_start_matches(blank).len());
    start..start + text.trim_matches(blank).len()
}

/// Whether an expression of strings makes a new string, and is no sum of numbers.
pub(super) fn builds_string(code: &Code<'_>, at: At) -> bool {
    match code.kind(at) {
        Kind::Str | Kind::Template => true,
        Kind::Binary if code.has_operator(at, "+") => [Slot::Left, Slot::Right]
            .iter()
            .any(|&slot| code.child(at, slot).is_some_and(|at| builds_string(code, at))),
        Kind::Binary if code.is_python() && code.has_operator(at, "%") => {
            code.child(at, Slot::Left).is_some_and(|at| builds_string(code, at))
        }
        Kind::Call => (code.is_python() && is_format(code, at)) || joined_parts(code, at).is_some(),
        _ => false,
    }
}

/// `["a", "b" + c].join(" ")` and `" ".join(["a", b])`: what stands between the parts, and the parts.
/// Only where a part is a string, so that the whole is put together here.
fn joined_parts(code: &Code<'_>, call: At) -> Option<(At, Vec<At>)> {
    if code.method(call) != Some("join") {
        return None;
    }
    let receiver = code.receiver(call)?;
    let args = code.args(call);
    let [argument] = args.as_slice() else { return None };
    let (between, list) = if code.is_python() { (receiver, *argument) } else { (*argument, receiver) };
    if code.kind(between) != Kind::Str || !matches!(code.kind(list), Kind::Array | Kind::Tuple) {
        return None;
    }
    let parts = code.children(list);
    let spread = parts.iter().any(|&part| matches!(code.kind(part), Kind::Spread | Kind::Function));
    let strings = parts.iter().any(|&part| builds_string(code, part));
    (strings && !spread).then_some((between, parts))
}

/// Whether a variable's value is put together, so that following it leads to more than a literal.
fn builds_value(code: &Code<'_>, value: At) -> bool {
    code.kind(value) != Kind::Str && builds_string(code, value)
}

fn is_format(code: &Code<'_>, call: At) -> bool {
    code.method(call) == Some("format")
        && code.receiver(call).is_some_and(|text| literals_of(code, text).is_some())
}

/// The literals of a plain string: one, or several side by side.
fn literals_of(code: &Code<'_>, at: At) -> Option<Vec<At>> {
    match code.kind(at) {
        Kind::Str => Some(vec![at]),
        Kind::Template if is_concatenated(code, at) => {
            let parts = code.children(at);
            parts.iter().all(|&part| code.kind(part) == Kind::Str).then_some(parts)
        }
        Kind::Binary if code.has_operator(at, "+") => {
            let mut parts = literals_of(code, code.child(at, Slot::Left)?)?;
            parts.extend(literals_of(code, code.child(at, Slot::Right)?)?);
            Some(parts)
        }
        _ => None,
    }
}

/// `"a" f"{b}"`: Python's implicit concatenation, which starts with its first literal.
fn is_concatenated(code: &Code<'_>, at: At) -> bool {
    code.is_python()
        && code.children(at).first().is_some_and(|&first| code.range(first).start == code.range(at).start)
}

/// The bytes between the quotes of a literal, and whether backslashes are plain characters in it.
fn content_range(code: &Code<'_>, range: Range<usize>) -> Option<(Range<usize>, bool)> {
    let text = code.str(range.clone());
    let body = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let prefix = &text[..text.len() - body.len()];
    if prefix.contains(['b', 'B']) {
        return None;
    }
    let quote = ["\"\"\"", "'''", "\"", "'", "`"].into_iter().find(|quote| body.starts_with(quote))?;
    let inner = body.strip_prefix(quote)?.strip_suffix(quote)?;
    let start = range.start + prefix.len() + quote.len();
    Some((start..start + inner.len(), prefix.contains(['r', 'R'])))
}

/// The next character of a literal's content and the bytes it is written with. No character for a line
/// continuation; `None` for an escape that is not followed.
fn decode(text: &str, raw: bool, escapes: Escapes) -> Option<(Option<char>, usize)> {
    let mut chars = text.chars();
    let first = chars.next()?;
    let second = chars.next();
    match (first, second) {
        ('{', Some('{')) | ('}', Some('}')) if escapes == Escapes::Braces => Some((Some(first), 2)),
        ('%', Some('%')) if escapes == Escapes::Percent => Some((Some('%'), 2)),
        ('\\', Some(second)) if !raw => match second {
            'n' => Some((Some('\n'), 2)),
            't' => Some((Some('\t'), 2)),
            'r' => Some((Some('\r'), 2)),
            '\r' => Some((None, if text[2..].starts_with('\n') { 3 } else { 2 })),
            '\n' => Some((None, 2)),
            'x' | 'u' | 'U' | 'N' | '0'..='7' => None,
            other => Some((Some(other), 1 + other.len_utf8())),
        },
        _ => Some((Some(first), first.len_utf8())),
    }
}

/// `TABLE`, `config.TABLE_NAME`: named like a constant.
fn is_constant_name(code: &Code<'_>, at: At) -> bool {
    let name = match code.kind(at) {
        Kind::Ident => code.source(at),
        Kind::Member => code.child(at, Slot::Property).map_or("", |name| code.source(name)),
        _ => return matches!(code.kind(at), Kind::Num | Kind::Bool),
    };
    name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}
