//! Patterns of text that has no grammar (`languages: [generic]`).
//!
//! Text is words and signs, in blocks: indented lines are a block below the line before them, and so is what
//! stands between brackets that close on the same line. A pattern that is written flat matches through the blocks
//! of the text; a block in the pattern matches a whole block of the text. `...` skips a few lines at most, so
//! that what is matched belongs together.

use std::ops::Range;

use smallvec::SmallVec;

/// What `options` say of text.
#[derive(Clone, Debug)]
pub(crate) struct TextOptions {
    /// Lines that one `...` may skip.
    pub max_span: usize,
    pub caseless: bool,
    pub comments: Comments,
}

/// Comments that are read as white space.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Comments {
    #[default]
    None,
    /// `/* … */`
    C,
    /// `/* … */` and `// …`
    Cpp,
    /// `# …`
    Shell,
}

impl Default for TextOptions {
    fn default() -> TextOptions {
        TextOptions { max_span: 10, caseless: false, comments: Comments::None }
    }
}

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct TextPattern {
    items: Vec<Item>,
    options: TextOptions,
}

#[derive(Debug)]
enum Item {
    Word(String),
    Sign(char),
    /// `$X`, with its dollar.
    Metavar(String),
    /// `...`, or `$...XS` with its name.
    Dots(Option<String>),
    Block(Vec<Item>),
}

/// One match: bytes of the text, and what the metavariables stand for.
#[derive(Debug, PartialEq)]
pub(crate) struct TextMatch<'p> {
    pub range: Range<usize>,
    pub bindings: SmallVec<[(&'p str, Range<usize>); 4]>,
}

/// Text cut into words, signs and blocks.
pub(crate) struct Text<'t> {
    text: &'t str,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Token(Token),
    /// Up to the part of that index, a [`Part::Close`].
    Open(usize),
    Close,
}

#[derive(Clone, Debug)]
struct Token {
    range: Range<usize>,
    line: usize,
    word: bool,
}

/// Comparisons that one pattern may cost from one start.
const STEPS: usize = 20_000;

/// Blocks in blocks that are told apart.
const MAX_DEPTH: usize = 64;

impl TextPattern {
    pub fn new(text: &str, options: &TextOptions) -> Result<TextPattern, String> {
        let mut open: Vec<(usize, Vec<Item>)> = vec![(0, Vec::new())];
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let indent = indent_of(line);
            while open.len() > 1 && open.last().is_some_and(|(own, _)| *own > indent) {
                let (_, items) = open.pop().expect("there are several");
                open.last_mut().expect("the outermost stays").1.push(Item::Block(items));
            }
            if open.last().is_some_and(|(own, _)| *own < indent) && open.len() < MAX_DEPTH {
                open.push((indent, Vec::new()));
            }
            items_of(line, &mut open.last_mut().expect("the outermost stays").1);
        }
        while open.len() > 1 {
            let (_, items) = open.pop().expect("there are several");
            open.last_mut().expect("the outermost stays").1.push(Item::Block(items));
        }
        let (_, mut items) = open.pop().expect("the outermost stays");
        // A pattern that is indented as a whole is not meant to be a block.
        while let [Item::Block(inner)] = items.as_mut_slice() {
            items = std::mem::take(inner);
        }
        if items.is_empty() {
            return Err("the pattern is empty".to_owned());
        }
        if undecided(&items) {
            return Err("of two ellipses side by side neither knows what it stands for".to_owned());
        }
        Ok(TextPattern { items, options: options.clone() })
    }

    pub fn options(&self) -> &TextOptions {
        &self.options
    }

    /// All matches, of those with one end the shortest.
    pub fn find_all<'p>(&'p self, text: &Text<'_>) -> Vec<TextMatch<'p>> {
        let starts_with_dots = matches!(self.items.first(), Some(Item::Dots(_)));
        let mut ends: Vec<usize> = vec![text.parts.len()];
        let mut out: Vec<TextMatch<'p>> = Vec::new();
        let mut block_start = true;
        for (at, part) in text.parts.iter().enumerate() {
            match part {
                Part::Open(close) => {
                    ends.push(*close);
                    block_start = true;
                }
                Part::Close => {
                    ends.pop();
                    block_start = false;
                }
                Part::Token(token) => {
                    let first = std::mem::replace(&mut block_start, false);
                    if starts_with_dots && !first {
                        continue;
                    }
                    let mut search =
                        Search { text, options: &self.options, bound: SmallVec::new(), steps: 0 };
                    let last = Last { end: token.range.start, line: token.line };
                    let end = *ends.last().unwrap_or(&text.parts.len());
                    if let Some(last) = search.run(&self.items, Where { at, end, top: true }, None, last) {
                        let range = token.range.start..last.end.max(token.range.start);
                        if let Some(known) = out.iter().rposition(|known| known.range.end == range.end) {
                            out.remove(known);
                        }
                        out.push(TextMatch { range, bindings: search.bound });
                    }
                }
            }
        }
        out
    }
}

fn undecided(items: &[Item]) -> bool {
    items.windows(2).any(|pair| matches!(pair, [Item::Dots(_), Item::Dots(Some(_))]))
        || items.iter().any(|item| matches!(item, Item::Block(inner) if undecided(inner)))
}

fn indent_of(line: &str) -> usize {
    let blanks = line.chars().take_while(|c| matches!(c, ' ' | '\t'));
    blanks.map(|c| if c == '\t' { 8 } else { 1 }).sum()
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn items_of(line: &str, out: &mut Vec<Item>) {
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let name = |text: &str| -> usize {
            let starts = text.starts_with(|c: char| c.is_ascii_uppercase() || c == '_');
            if starts { text.find(|c| !is_word(c)).unwrap_or(text.len()) } else { 0 }
        };
        let dots = rest.len() - rest.trim_start_matches('.').len();
        let length = if c.is_whitespace() {
            c.len_utf8()
        } else if is_word(c) {
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            out.push(Item::Word(rest[..length].to_owned()));
            length
        } else if dots == 3 {
            out.push(Item::Dots(None));
            dots
        } else if dots > 3 {
            out.extend((0..dots).map(|_| Item::Sign('.')));
            dots
        } else if let Some(after) = rest.strip_prefix("$...")
            && name(after) > 0
        {
            let length = "$...".len() + name(after);
            out.push(Item::Dots(Some(rest[..length].to_owned())));
            length
        } else if c == '$' && name(&rest[1..]) > 0 {
            let length = 1 + name(&rest[1..]);
            out.push(Item::Metavar(rest[..length].to_owned()));
            length
        } else {
            out.push(Item::Sign(c));
            c.len_utf8()
        };
        rest = &rest[length..];
    }
}

impl<'t> Text<'t> {
    pub fn new(text: &'t str, options: &TextOptions) -> Text<'t> {
        let comments = comments(text, options.comments);
        let mut parts = Vec::new();
        // The indentations of the blocks that are open, with the part that opened them.
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut start = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let tokens = tokens(line, start, number, &comments);
            start += line.len();
            let Some(first) = tokens.first() else { continue };
            let own = start - line.len();
            // What a comment leaves free counts as indentation.
            let indent = indent_of(&line[..first.range.start - own])
                .max(line[..first.range.start - own].chars().map(|c| if c == '\t' { 8 } else { 1 }).sum());
            while open.last().is_some_and(|(known, _)| *known > indent) {
                close(&mut parts, &mut open);
            }
            if indent > open.last().map_or(0, |(known, _)| *known) && open.len() < MAX_DEPTH {
                open.push((indent, parts.len()));
                parts.push(Part::Open(0));
            }
            brackets(text, tokens, &mut parts);
        }
        while !open.is_empty() {
            close(&mut parts, &mut open);
        }
        Text { text, parts }
    }
}

fn close(parts: &mut Vec<Part>, open: &mut Vec<(usize, usize)>) {
    if let Some((_, from)) = open.pop() {
        parts[from] = Part::Open(parts.len());
        parts.push(Part::Close);
    }
}

/// One line: what stands between brackets that close in it is a block. Brackets that do not are signs.
fn brackets(text: &str, tokens: Vec<Token>, parts: &mut Vec<Part>) {
    let sign = |token: &Token| text[token.range.clone()].chars().next().filter(|_| !token.word);
    let mut pairs: Vec<Option<usize>> = vec![None; tokens.len()];
    let mut open: Vec<(char, usize)> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match sign(token) {
            Some(c @ ('(' | '[' | '{')) if open.len() < MAX_DEPTH => open.push((c, index)),
            Some(c @ (')' | ']' | '}')) => {
                let wanted = match c {
                    ')' => '(',
                    ']' => '[',
                    _ => '{',
                };
                // An opening bracket without its closing one is a sign.
                if let Some(at) = open.iter().rposition(|(own, _)| *own == wanted) {
                    pairs[open[at].1] = Some(index);
                    open.truncate(at);
                }
            }
            _ => {}
        }
    }
    let mut closes: Vec<(usize, usize)> = Vec::new();
    for (index, token) in tokens.into_iter().enumerate() {
        while closes.last().is_some_and(|(close, _)| *close == index) {
            let (_, from) = closes.pop().expect("there is one");
            parts[from] = Part::Open(parts.len());
            parts.push(Part::Close);
        }
        parts.push(Part::Token(token));
        if let Some(close) = pairs[index].filter(|close| *close > index + 1) {
            closes.push((close, parts.len()));
            parts.push(Part::Open(0));
        }
    }
}

fn tokens(line: &str, start: usize, number: usize, comments: &[Range<usize>]) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    for (at, c) in line.char_indices() {
        let at = start + at;
        let commented = comments
            .get(comments.partition_point(|range| range.end <= at))
            .is_some_and(|range| range.start <= at);
        if c.is_whitespace() || commented {
            continue;
        }
        let word = is_word(c);
        match out.last_mut() {
            Some(last) if word && last.word && last.range.end == at => last.range.end = at + c.len_utf8(),
            _ => out.push(Token { range: at..at + c.len_utf8(), line: number, word }),
        }
    }
    out
}

/// Where the comments are, in order.
fn comments(text: &str, style: Comments) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    if style == Comments::None {
        return out;
    }
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let line = match style {
            Comments::Shell => rest.starts_with('#'),
            Comments::Cpp => rest.starts_with("//"),
            _ => false,
        };
        let length = if line {
            rest.find('\n').unwrap_or(rest.len())
        } else if style != Comments::Shell && rest.starts_with("/*") {
            rest[2..].find("*/").map_or(rest.len(), |end| end + 4)
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        out.push(at..at + length);
        at += length.max(1);
    }
    out
}

/// Where in the text a part of the pattern is looked for.
#[derive(Clone, Copy)]
struct Where {
    at: usize,
    /// The end of the block that the match may not leave.
    end: usize,
    /// Whether more may follow what is matched.
    top: bool,
}

/// The end of what was matched so far.
#[derive(Clone, Copy)]
struct Last {
    end: usize,
    line: usize,
}

/// What an ellipsis skipped so far and how far it may go.
#[derive(Clone, Copy)]
struct Skip<'p> {
    last_line: usize,
    from: usize,
    to: usize,
    name: Option<&'p str>,
}

struct Search<'s, 'p> {
    text: &'s Text<'s>,
    options: &'s TextOptions,
    bound: SmallVec<[(&'p str, Range<usize>); 4]>,
    steps: usize,
}

impl<'s, 'p> Search<'s, 'p> {
    /// The end of the match of `items` from here on. Recurses once for each item of the pattern.
    fn run(
        &mut self,
        items: &'p [Item],
        mut here: Where,
        mut skip: Option<Skip<'p>>,
        last: Last,
    ) -> Option<Last> {
        let text = self.text;
        let Some((item, rest)) = items.split_first() else { return self.finish(here, skip, last) };
        if let Item::Dots(name) = item {
            let span = self.options.max_span;
            let skip = match skip {
                None => {
                    Skip { last_line: last.line + span, from: last.end, to: last.end, name: name.as_deref() }
                }
                Some(skip) => Skip { last_line: skip.last_line + span, ..skip },
            };
            return self.run(rest, here, Some(skip), last);
        }
        loop {
            self.steps += 1;
            if self.steps > STEPS {
                return None;
            }
            let part = if here.at < here.end { text.parts.get(here.at) } else { None };
            let known = self.bound.len();
            match (item, part) {
                (Item::Block(inner), None | Some(Part::Close)) => {
                    return (may_be_nothing(inner) && rest.iter().all(|item| matches!(item, Item::Dots(_))))
                        .then_some(last);
                }
                (Item::Block(inner), Some(Part::Open(close))) => {
                    if !self.bind_skipped(skip) {
                        return None;
                    }
                    let within = Where { at: here.at + 1, end: *close, top: false };
                    let last = self.run(inner, within, None, last)?;
                    return self.run(rest, Where { at: close + 1, ..here }, None, last);
                }
                (_, None) => return None,
                (_, Some(Part::Open(_) | Part::Close)) => here.at += 1,
                (_, Some(Part::Token(token))) => {
                    if let Item::Block(inner) = item
                        && may_be_nothing(inner)
                        && skip.is_none()
                    {
                        return self.run(rest, here, None, last);
                    }
                    if skip.is_some_and(|skip| token.line > skip.last_line) {
                        return None;
                    }
                    if self.bind_skipped(skip) && self.is_token(item, token) {
                        let next = Where { at: here.at + 1, ..here };
                        let after = Last { end: token.range.end, line: token.line };
                        if let Some(last) = self.run(rest, next, None, after) {
                            return Some(last);
                        }
                    }
                    self.bound.truncate(known);
                    let skip = skip.as_mut()?;
                    skip.to = token.range.end;
                    here.at += 1;
                }
            }
        }
    }

    /// The pattern has ended. Dots at its end take the rest of the block.
    fn finish(&mut self, here: Where, skip: Option<Skip<'p>>, mut last: Last) -> Option<Last> {
        let mut at = here.at;
        let Some(mut skip) = skip else {
            let nothing_left = at >= here.end || matches!(self.text.parts.get(at), Some(Part::Close));
            return (here.top || nothing_left).then_some(last);
        };
        let mut depth = 0usize;
        while at < here.end {
            match self.text.parts.get(at) {
                Some(Part::Open(_)) => depth += 1,
                Some(Part::Close) if depth == 0 => break,
                Some(Part::Close) => depth -= 1,
                Some(Part::Token(token)) if token.line <= skip.last_line => {
                    last = Last { end: token.range.end, line: token.line };
                }
                _ => break,
            }
            at += 1;
        }
        skip.to = last.end.max(skip.to);
        self.bind_skipped(Some(skip)).then_some(last)
    }

    fn is_token(&mut self, item: &'p Item, token: &Token) -> bool {
        let text = &self.text.text[token.range.clone()];
        match item {
            Item::Word(word) if self.options.caseless => token.word && text.eq_ignore_ascii_case(word),
            Item::Word(word) => token.word && text == word,
            Item::Sign(sign) => !token.word && text.starts_with(*sign),
            Item::Metavar(name) => token.word && self.bind(name, token.range.clone()),
            Item::Dots(_) | Item::Block(_) => false,
        }
    }

    fn bind_skipped(&mut self, skip: Option<Skip<'p>>) -> bool {
        match skip {
            Some(Skip { name: Some(name), from, to, .. }) => self.bind(name, from..to),
            _ => true,
        }
    }

    fn bind(&mut self, name: &'p str, range: Range<usize>) -> bool {
        let text = |range: &Range<usize>| &self.text.text[range.clone()];
        match self.bound.iter().find(|(known, _)| *known == name) {
            Some(_) if name == "$_" => true,
            Some((_, known)) => text(known) == text(&range),
            None => {
                self.bound.push((name, range));
                true
            }
        }
    }
}

fn may_be_nothing(items: &[Item]) -> bool {
    items.iter().all(|item| match item {
        Item::Dots(_) => true,
        Item::Block(inner) => may_be_nothing(inner),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::{Comments, Text, TextOptions, TextPattern};

    fn found(pattern: &str, text: &str, options: &TextOptions) -> Vec<String> {
        let pattern = TextPattern::new(pattern, options).unwrap();
        let cut = Text::new(text, options);
        pattern.find_all(&cut).iter().map(|found| text[found.range.clone()].to_owned()).collect()
    }

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: &[&str]) {
        assert_eq!(found(pattern, text, &TextOptions::default()), expected, "{pattern} in {text}");
    }

    #[test]
    fn words_and_signs_in_order() {
        check("a b", "x a\nb c", &["a\nb"]);
        check("ab", "xab ab_", &[]);
        check("<$TAG", "a <b> < 1", &["<b", "< 1"]);
        check("$X = $X", "a = b, c = c", &["c = c"]);
        check("http:// ... .com", "http://x.y.com", &["http://x.y.com"]);
    }

    #[test]
    fn indented_blocks_hold_what_is_indented() {
        check("if ($X)\n  ...;", "if (v)\n  return 1;\n\nif (w) return 1;\n", &["if (v)\n  return 1;"]);
        check("a b", "  a\nb", &[]);
        check("f(...)", "f(g(1), 2) + h()", &["f(g(1)"]);
    }

    #[test]
    fn dots_skip_a_few_lines() {
        let far = format!("a{}b", "\n".repeat(12));
        check("a ... b", &far, &[]);
        check("a ... ... b", &far, &[far.as_str()]);
        let line = TextOptions { max_span: 0, ..TextOptions::default() };
        assert_eq!(found("a ... b", "a\nb\na, b", &line), ["a, b"]);
    }

    #[test]
    fn comments_and_case_can_be_passed_over() {
        let options = TextOptions { comments: Comments::Cpp, caseless: true, ..TextOptions::default() };
        assert_eq!(found("a b", "A // x\nb /* a */", &options), ["A // x\nb"]);
    }
}
