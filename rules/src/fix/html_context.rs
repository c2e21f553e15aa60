//! Where the holes of a HTML text stand: escaping makes some of them safe and not the others.

use super::strings::{Flat, What};

/// The place of a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Between tags, or between the quotes of an attribute: escaping is enough.
    Escapable,
    /// In a script, a style, an event handler, a URL from its start, an unquoted attribute, a comment or
    /// the tag itself: escaping is not enough.
    Other,
}

/// The place of every hole, in the order of [`Flat::holes`].
pub(super) fn places(flat: &Flat) -> Vec<Place> {
    let mut places = vec![Place::Other; flat.holes.len()];
    let mut scanner = Scanner::default();
    for item in &flat.items {
        match item.what {
            What::Char(c) => scanner.step(c),
            What::Hole(index) => {
                if scanner.is_escapable() {
                    places[index] = Place::Escapable;
                }
                scanner.pass_hole();
            }
        }
    }
    places
}

/// Whether the source of a literal holds a tag. A lone `<`, or `<[^>]*>`, is none.
pub(super) fn holds_tag(source: &str) -> bool {
    source.match_indices('<').any(|(at, _)| {
        source[at + 1..].starts_with(|next: char| next.is_ascii_alphabetic() || matches!(next, '/' | '!'))
    })
}

/// Whether the text holds a tag at all.
pub(super) fn has_markup(flat: &Flat) -> bool {
    let chars: Vec<Option<char>> = flat
        .items
        .iter()
        .map(|item| match item.what {
            What::Char(c) => Some(c),
            What::Hole(_) => None,
        })
        .collect();
    chars.windows(2).any(|pair| {
        matches!(pair, [Some('<'), Some(next)] if next.is_ascii_alphabetic() || matches!(next, '/' | '!'))
    })
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// Behind `<`.
    Open,
    TagName,
    /// Between attributes.
    Tag,
    AttributeName,
    /// Behind `=`.
    BeforeValue,
    Quoted(char),
    Unquoted,
    /// `<!-- … -->`, `<!doctype>`.
    Declaration,
}

#[derive(Debug, Default)]
struct Scanner {
    state: State,
    tag: String,
    attribute: String,
    value: String,
    /// The element whose content is no markup: `script`, `style`, `textarea`, `title`.
    raw: Option<String>,
    /// The last characters, to see the end of what is raw or a comment.
    recent: String,
    /// A hole made a name unreadable.
    unclear: bool,
}

/// Attributes whose value is a URL.
const URLS: &[&str] =
    &["href", "src", "action", "formaction", "data", "poster", "cite", "background", "xlink:href", "ping"];

impl Scanner {
    fn step(&mut self, c: char) {
        self.recent.push(c.to_ascii_lowercase());
        if self.recent.len() > 64 {
            let cut = self.recent.char_indices().nth(16).map_or(0, |(at, _)| at);
            self.recent.drain(..cut);
        }
        if let Some(raw) = &self.raw
            && self.state == State::Text
        {
            if self.recent.ends_with(&format!("</{raw}")) {
                self.raw = None;
                self.tag.clear();
                self.state = State::Tag;
            }
            return;
        }
        self.state = match (self.state, c) {
            (State::Text, '<') => State::Open,
            (State::Text, _) => State::Text,
            (State::Open, '!') => State::Declaration,
            (State::Open, c) if c.is_ascii_alphabetic() || c == '/' => {
                self.tag = c.to_ascii_lowercase().to_string();
                State::TagName
            }
            (State::Open, _) => State::Text,
            (State::Declaration, '>') => {
                let comment = self.recent.rfind("<!--");
                let closed = comment.is_none() || self.recent.ends_with("-->");
                if closed { State::Text } else { State::Declaration }
            }
            (State::Declaration, _) => State::Declaration,
            (
                State::TagName | State::Tag | State::AttributeName | State::BeforeValue | State::Unquoted,
                '>',
            ) => self.close_tag(),
            (State::TagName, c) if c.is_whitespace() => State::Tag,
            (State::TagName, c) => {
                self.tag.push(c.to_ascii_lowercase());
                State::TagName
            }
            (State::Tag, c) if c.is_whitespace() || c == '/' => State::Tag,
            (State::Tag, c) => {
                self.attribute = c.to_ascii_lowercase().to_string();
                State::AttributeName
            }
            (State::AttributeName, '=') => State::BeforeValue,
            (State::AttributeName, c) if c.is_whitespace() => State::Tag,
            (State::AttributeName, c) => {
                self.attribute.push(c.to_ascii_lowercase());
                State::AttributeName
            }
            (State::BeforeValue, c) if c.is_whitespace() => State::BeforeValue,
            (State::BeforeValue, '"' | '\'') => {
                self.value.clear();
                State::Quoted(c)
            }
            (State::BeforeValue, _) => State::Unquoted,
            (State::Quoted(quote), c) if c == quote => State::Tag,
            (State::Quoted(quote), c) => {
                self.value.push(c);
                State::Quoted(quote)
            }
            (State::Unquoted, c) if c.is_whitespace() => State::Tag,
            (State::Unquoted, _) => State::Unquoted,
        };
    }

    fn close_tag(&mut self) -> State {
        if matches!(self.tag.as_str(), "script" | "style" | "textarea" | "title") {
            self.raw = Some(self.tag.clone());
            self.recent.clear();
        }
        State::Text
    }

    fn is_escapable(&self) -> bool {
        if self.unclear {
            return false;
        }
        match self.state {
            State::Text => !matches!(self.raw.as_deref(), Some("script" | "style")),
            State::Quoted(_) => {
                let name = self.attribute.as_str();
                let code = name.starts_with("on") || matches!(name, "style" | "srcdoc" | "srcset");
                // Behind a fixed beginning the value cannot choose the scheme.
                let fixed = ["/", "http://", "https://", "?", "#", "./", "mailto:", "tel:"];
                let url_start =
                    URLS.contains(&name) && !fixed.iter().any(|start| self.value.starts_with(start));
                !code && !url_start
            }
            _ => false,
        }
    }

    fn pass_hole(&mut self) {
        match self.state {
            State::Quoted(_) => self.value.push('\u{fffc}'),
            State::BeforeValue => self.state = State::Unquoted,
            State::Open | State::TagName | State::AttributeName | State::Tag => self.unclear = true,
            _ => {}
        }
    }
}
