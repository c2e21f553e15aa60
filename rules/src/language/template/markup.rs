//! What surrounds a tag: one linear scan of the markup, in which the tags are holes.
//!
//! No tree is needed to know whether a value lands in text, in an attribute or in a script, and a scan
//! cannot be led astray by elements that a template opens in one branch and closes in another.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::scan::Tag;

/// Where in a page a value lands, which decides what escaping it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Context {
    /// Between elements.
    Text,
    /// A comment.
    Comment,
    /// Inside a start tag, where a name of an attribute may stand.
    InTag,
    /// An attribute value in quotes.
    Attribute,
    /// An attribute value without quotes.
    Unquoted,
    /// The start of an attribute value in quotes that is followed as a URL.
    Url,
    /// A string in the script of an `on…` attribute: escaping for HTML is undone before the script is read.
    Handler,
    /// A script, of an element or of an `on…` attribute, outside its strings.
    Script,
    /// A string of a script, in single or double quotes.
    ScriptString,
    /// A style sheet.
    Style,
}

impl Context {
    /// The name under which a tag's tree keeps it; text has none.
    pub fn key(self) -> Option<&'static str> {
        Some(match self {
            Context::Text => return None,
            Context::Comment => "comment",
            Context::InTag => "tag",
            Context::Attribute => "attribute",
            Context::Unquoted => "unquoted attribute",
            Context::Url => "url",
            Context::Handler => "event handler",
            Context::Script => "script",
            Context::ScriptString => "script string",
            Context::Style => "style",
        })
    }
}

/// What the scan meets.
pub(super) enum Event {
    /// A start tag has ended.
    Open { name: Range<usize>, self_closing: bool },
    /// An end tag.
    Close { name: Range<usize> },
    /// An attribute: from its name to its closing quote; the value without the quotes.
    Attribute { range: Range<usize>, name: Range<usize>, value: Option<Range<usize>> },
    /// Text between elements.
    Text(Range<usize>),
    /// The content of a script or style element, with the values of `type` and `lang` of its start tag.
    RawText { name: Range<usize>, content: Range<usize>, kind: Range<usize>, lang: Range<usize> },
}

/// Scans the markup around the `holes`; returns the context of each of them.
pub(super) fn scan(text: &[u8], holes: &[Tag], on: &mut dyn FnMut(Event)) -> Vec<Context> {
    let mut scan = Scan { text, holes, at: 0, contexts: Vec::with_capacity(holes.len()), on };
    scan.run();
    // What a malformed end left over.
    scan.contexts.resize(holes.len(), Context::Text);
    scan.contexts
}

struct Scan<'a> {
    text: &'a [u8],
    holes: &'a [Tag],
    at: usize,
    /// Of the holes passed so far.
    contexts: Vec<Context>,
    on: &'a mut dyn FnMut(Event),
}

impl Scan<'_> {
    fn run(&mut self) {
        while self.at < self.text.len() {
            let start = self.at;
            let found = self.seek(Context::Text, |bytes| memchr(b'<', bytes));
            if start < self.at {
                (self.on)(Event::Text(start..self.at));
            }
            if found {
                self.markup();
            }
        }
    }

    /// Moves to the first place outside the holes that `find` names, or to the end. The holes passed have this context.
    fn seek(&mut self, context: Context, find: impl Fn(&[u8]) -> Option<usize>) -> bool {
        loop {
            let hole = self.holes.get(self.contexts.len()).map(|tag| tag.range.clone());
            let limit = hole.as_ref().map_or(self.text.len(), |hole| hole.start).max(self.at);
            if let Some(found) = find(&self.text[self.at..limit]) {
                self.at += found;
                return true;
            }
            match hole {
                Some(hole) => {
                    self.contexts.push(context);
                    self.at = hole.end.max(self.at);
                }
                None => {
                    self.at = self.text.len();
                    return false;
                }
            }
        }
    }

    fn hole(&self) -> Option<&Tag> {
        self.holes.get(self.contexts.len()).filter(|tag| tag.range.start == self.at)
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// At a `<`.
    fn markup(&mut self) {
        let rest = &self.text[self.at..];
        if rest.starts_with(b"<!--") {
            self.at += 4;
            if self.seek(Context::Comment, |bytes| memmem::find(bytes, b"-->")) {
                self.at += 3;
            }
            return;
        }
        match rest.get(1) {
            Some(b'!' | b'?') => {
                if self.seek(Context::InTag, |bytes| memchr(b'>', bytes)) {
                    self.at += 1;
                }
            }
            Some(b'/') => {
                self.at += 2;
                let name = self.name();
                if self.seek(Context::InTag, |bytes| memchr(b'>', bytes)) {
                    self.at += 1;
                }
                (self.on)(Event::Close { name });
            }
            // No element is called `_x` or `$X`, but the elements of patterns are.
            Some(byte) if byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$') => {
                self.at += 1;
                self.start_tag();
            }
            _ => {
                self.at += 1;
                if self.hole().is_some() {
                    self.start_tag();
                }
            }
        }
    }

    /// The name of an element or attribute, holes in it included.
    fn name(&mut self) -> Range<usize> {
        let start = self.at;
        self.seek(Context::InTag, |bytes| {
            bytes.iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/' | b'=' | b'<'))
        });
        start..self.at
    }

    /// Behind the `<`.
    fn start_tag(&mut self) {
        let name = self.name();
        let (mut kind, mut lang) = (0..0, 0..0);
        let self_closing;
        loop {
            let before = self.at;
            let more = self.seek(Context::InTag, |bytes| {
                bytes.iter().position(|b| !b.is_ascii_whitespace() && *b != b'/')
            });
            if !more {
                return;
            }
            match self.text[self.at] {
                b'>' => {
                    self_closing = self.at > before && self.text[self.at - 1] == b'/';
                    self.at += 1;
                    break;
                }
                // The next element begins: this start tag is still being typed.
                b'<' => return,
                _ => {}
            }
            let (attribute, value) = self.attribute();
            let attribute_name = &self.text[attribute.clone()];
            if attribute_name.eq_ignore_ascii_case(b"type") {
                kind = value.clone().unwrap_or(0..0);
            } else if attribute_name.eq_ignore_ascii_case(b"lang") {
                lang = value.clone().unwrap_or(0..0);
            }
            (self.on)(Event::Attribute { range: attribute.start..self.at, name: attribute, value });
        }
        (self.on)(Event::Open { name: name.clone(), self_closing });
        if !self_closing {
            self.raw_text(name, kind, lang);
        }
    }

    /// At the first byte of an attribute's name; returns its name and value and stands behind it.
    fn attribute(&mut self) -> (Range<usize>, Option<Range<usize>>) {
        let start = self.at;
        // A name may begin with what cannot go on it.
        self.at += 1;
        let name = start..self.name().end;
        let after_name = self.at;
        self.skip_space();
        if self.peek() != Some(b'=') || self.hole().is_some() {
            self.at = after_name;
            return (name, None);
        }
        self.at += 1;
        self.skip_space();
        let role = attribute_role(&self.text[name.clone()]);
        match self.peek() {
            Some(quote @ (b'"' | b'\'')) if self.hole().is_none() => {
                self.at += 1;
                let value = self.at;
                if role == Context::Url {
                    self.skip_space();
                    if self.hole().is_some_and(|tag| tag.range.start == self.at) {
                        self.pass_hole(Context::Url);
                    }
                }
                let closed = match role {
                    Context::Handler => self.handler(quote),
                    Context::Url => self.seek(Context::Attribute, |bytes| memchr(quote, bytes)),
                    _ => self.seek(role, |bytes| memchr(quote, bytes)),
                };
                let value = value..self.at;
                self.at += usize::from(closed);
                (name, Some(value))
            }
            _ => {
                let value = self.at;
                self.seek(Context::Unquoted, |bytes| {
                    bytes.iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'<'))
                });
                (name, Some(value..self.at))
            }
        }
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn pass_hole(&mut self, context: Context) {
        if let Some(end) = self.hole().map(|tag| tag.range.end) {
            self.contexts.push(context);
            self.at = end;
        }
    }

    /// The content of elements that hold no elements.
    fn raw_text(&mut self, name: Range<usize>, kind: Range<usize>, lang: Range<usize>) {
        let element = self.text[name.clone()].to_ascii_lowercase();
        let start = self.at;
        match element.as_slice() {
            b"script" if is_javascript(&self.text[kind.clone()]) => self.script(),
            b"script" => drop(self.seek(Context::Text, |bytes| end_tag(bytes, b"script"))),
            b"style" => drop(self.seek(Context::Style, |bytes| end_tag(bytes, b"style"))),
            b"textarea" => drop(self.seek(Context::Text, |bytes| end_tag(bytes, b"textarea"))),
            b"title" => drop(self.seek(Context::Text, |bytes| end_tag(bytes, b"title"))),
            _ => return,
        }
        (self.on)(Event::RawText { name, content: start..self.at, kind, lang });
    }

    /// The script of an attribute, up to the quote that ends it.
    fn handler(&mut self, quote: u8) -> bool {
        let mut state = Js::Code;
        loop {
            let hole = self.holes.get(self.contexts.len()).map(|tag| tag.range.clone());
            let limit = hole.as_ref().map_or(self.text.len(), |hole| hole.start).max(self.at);
            while self.at < limit {
                if self.text[self.at] == quote {
                    return true;
                }
                let step = state.step(&self.text[self.at..limit]);
                // A backslash does not keep the attribute from ending.
                self.at += if self.text.get(self.at + 1) == Some(&quote) { 1 } else { step };
            }
            let Some(hole) = hole else { return false };
            self.contexts.push(if state.is_string() { Context::Handler } else { Context::Script });
            self.at = hole.end.max(self.at);
        }
    }

    /// A script: its strings are told apart, because escaping for HTML suffices inside them.
    fn script(&mut self) {
        let mut state = Js::Code;
        loop {
            let hole = self.holes.get(self.contexts.len()).map(|tag| tag.range.clone());
            let limit = hole.as_ref().map_or(self.text.len(), |hole| hole.start).max(self.at);
            while self.at < limit {
                let rest = &self.text[self.at..limit];
                if rest[0] == b'<' && end_tag(rest.get(..8).unwrap_or(rest), b"script") == Some(0) {
                    return;
                }
                self.at += state.step(rest);
            }
            let Some(hole) = hole else { return };
            // A template literal runs what stands in `${}`, and no escaping for HTML knows of that.
            let in_string = matches!(state, Js::Single | Js::Double);
            self.contexts.push(if in_string { Context::ScriptString } else { Context::Script });
            self.at = hole.end.max(self.at);
        }
    }
}

/// Lexical state of a script.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Js {
    Code,
    Single,
    Double,
    Template,
    LineComment,
    BlockComment,
}

impl Js {
    fn is_string(self) -> bool {
        matches!(self, Js::Single | Js::Double | Js::Template)
    }

    /// Reads the first byte or two; returns how many.
    fn step(&mut self, rest: &[u8]) -> usize {
        let next = rest.get(1);
        *self = match (*self, rest[0]) {
            (Js::Code, b'\'') => Js::Single,
            (Js::Code, b'"') => Js::Double,
            (Js::Code, b'`') => Js::Template,
            (Js::Code, b'/') if next == Some(&b'/') => Js::LineComment,
            (Js::Code, b'/') if next == Some(&b'*') => Js::BlockComment,
            (Js::Single | Js::Double | Js::Template, b'\\') => return rest.len().min(2),
            // A string ends with its line at the latest, so that a lone apostrophe spoils one line only.
            (Js::Single, b'\'' | b'\n') | (Js::Double, b'"' | b'\n') | (Js::Template, b'`') => Js::Code,
            (Js::LineComment, b'\n') => Js::Code,
            (Js::BlockComment, b'*') if next == Some(&b'/') => {
                *self = Js::Code;
                return 2;
            }
            (state, _) => state,
        };
        1
    }
}

/// The offset of `</name`, in any case.
fn end_tag(bytes: &[u8], name: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memmem::find(bytes.get(at..)?, b"</")?;
        if bytes.get(at + 2..at + 2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            return Some(at);
        }
        at += 2;
    }
}

/// Whether a script of this `type` runs (and is not data or a template).
pub(super) fn is_javascript(kind: &[u8]) -> bool {
    let kind = kind.trim_ascii().to_ascii_lowercase();
    matches!(
        kind.as_slice(),
        b"" | b"module" | b"text/babel" | b"jsx" | b"text/jsx" | b"ts" | b"text/typescript"
    ) || kind.ends_with(b"javascript")
        || kind.ends_with(b"ecmascript")
}

/// Whether the value of an attribute of this name is a script.
pub(super) fn is_handler(name: &[u8]) -> bool {
    name.len() > 2 && name[..2].eq_ignore_ascii_case(b"on") && name[2..].iter().all(u8::is_ascii_alphabetic)
}

/// What the value of an attribute of this name is.
fn attribute_role(name: &[u8]) -> Context {
    let name = name.to_ascii_lowercase();
    match name.as_slice() {
        b"href" | b"xlink:href" | b"action" | b"formaction" => Context::Url,
        b"style" => Context::Style,
        name if is_handler(name) => Context::Handler,
        _ => Context::Attribute,
    }
}
