//! From pattern text to text that the language's grammar can read: everything that only patterns have
//! becomes an identifier, a hole, and a table says what each hole stands for.

use crate::language::{Language, Typed};

/// What a hole stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hole {
    /// `$X`; the name with its dollar.
    Metavar(String),
    /// `$_`: like a metavariable, but each one may be something else.
    Anything,
    /// `...`.
    Ellipsis,
    /// `$...XS`; the name with dollar and dots.
    Metavars(String),
    /// `<... e ...>`, written as a call of the hole.
    Deep,
    /// `($X : T)`: name and type.
    Typed(String, String),
    /// `"=~/re/"`, where a regular expression would not be a well-formed string: what follows the first slash.
    Regex(String),
}

/// Pattern text in which every hole is the identifier [`hole_name`] of its index.
#[derive(Debug, Default)]
pub(super) struct Filled {
    pub text: String,
    pub holes: Vec<Hole>,
    /// Which byte of the text is which one of the pattern, after each hole.
    pub anchors: Vec<(usize, usize)>,
    /// What a hole is written as where its place says that, by index.
    pub spellings: Vec<Option<&'static str>>,
}

impl Filled {
    /// The byte of the pattern that became this byte of the text.
    pub fn origin(&self, offset: usize) -> usize {
        let anchor = self.anchors.iter().rev().find(|(filled, _)| *filled <= offset);
        anchor.map_or(offset, |(filled, origin)| origin + (offset - filled))
    }
}

pub(super) const PREFIX: &str = "squire_hole_";

/// Where a name cannot have an underscore: a way to write a hole says `{#}` for its number behind this.
const SHORT_PREFIX: &str = "squirehole";

/// The identifier of a hole.
pub(super) fn hole_name(index: usize) -> String {
    format!("{PREFIX}{index}")
}

/// The hole that an identifier is, with or without what marks a variable (`$x`, `@x`, `:x`) or a tag (`!x`).
pub(super) fn hole_index(text: &str) -> Option<usize> {
    let name = text.trim().trim_start_matches(['$', '@', ':', '!']);
    name.strip_prefix(PREFIX).or_else(|| name.strip_prefix(SHORT_PREFIX))?.parse().ok()
}

/// The name of a metavariable at the start of `text` (`X` of `$X`), without its dollar.
pub(crate) fn metavar_name(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('$')?;
    let end = rest
        .find(|c: char| !(c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit()))
        .unwrap_or(rest.len());
    let name = &rest[..end];
    // The variables of PHP that hold the request.
    if matches!(name, "_GET" | "_POST" | "_COOKIE" | "_REQUEST" | "_ENV" | "_SERVER" | "_SESSION" | "_FILES")
    {
        return None;
    }
    let starts_well = name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_');
    // `$Foo` is a name of the program, not the metavariable `$F`.
    let ends_well = !rest[end..].starts_with(|c: char| c.is_ascii_lowercase());
    (starts_well && ends_well).then_some(name)
}

/// Replaces everything that only patterns have.
pub(super) fn fill(text: &str, language: Language) -> Filled {
    let mut filler =
        Filler { rest: text, whole: text, filled: Filled::default(), open: Vec::new(), language };
    while !filler.rest.is_empty() {
        let holes = filler.filled.holes.len();
        filler.step();
        if filler.filled.holes.len() > holes {
            filler.filled.anchors.push((filler.filled.text.len(), text.len() - filler.rest.len()));
        }
    }
    filler.filled
}

pub(super) struct Filler<'t> {
    pub(super) rest: &'t str,
    pub(super) whole: &'t str,
    pub(super) filled: Filled,
    /// The brackets that are open, and the interpolations.
    pub(super) open: Vec<Open>,
    pub(super) language: Language,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    Bracket(char),
    /// The parameters of a function that is declared.
    Parameters,
    /// `${` of a template literal, or `{` of an f-string: after its end the string goes on.
    Interpolation(&'static str),
}

impl<'t> Filler<'t> {
    fn step(&mut self) {
        if self.comment() || self.regex() || self.string() || self.metavar() || self.ellipsis() {
            return;
        }
        let Some(c) = self.rest.chars().next() else { return };
        if c == '(' && self.typed() {
            return;
        }
        self.copy(c.len_utf8());
        match c {
            '(' if self.declares() => self.open.push(Open::Parameters),
            '(' | '[' | '{' => self.open.push(Open::Bracket(c)),
            ')' | ']' | '}' => {
                if let Some(Open::Interpolation(end)) = self.open.pop() {
                    self.string_until(end);
                }
            }
            _ => {}
        }
    }

    /// Says what the last hole is written as.
    pub(super) fn spell(&mut self, spelling: &'static str) {
        if let Some(last) = self.filled.spellings.last_mut()
            && !spelling.is_empty()
        {
            *last = Some(spelling);
        }
    }

    pub(super) fn python(&self) -> bool {
        self.language == Language::Python
    }

    pub(super) fn markup(&self) -> bool {
        self.language.is_markup()
    }

    pub(super) fn copy(&mut self, bytes: usize) {
        let (done, rest) = self.rest.split_at(bytes);
        self.filled.text.push_str(done);
        self.rest = rest;
    }

    pub(super) fn hole(&mut self, hole: Hole) {
        let index = self.filled.holes.len();
        self.filled.holes.push(hole);
        self.filled.spellings.push(None);
        self.filled.text.push_str(&hole_name(index));
    }

    /// The last character before here that is no white space.
    pub(super) fn before(&self) -> Option<char> {
        self.filled.text.trim_end().chars().next_back()
    }

    fn comment(&mut self) -> bool {
        let writing = self.language.definition().writing;
        let rest = self.rest;
        // Where comments also begin with slashes, `#[` begins an attribute.
        let attribute = rest.starts_with("#[") && writing.line_comments.contains(&"//");
        // A shell's comment begins a word: `$#` is none.
        let begins = !writing.words || self.filled.text.chars().next_back().is_none_or(char::is_whitespace);
        let line = !attribute && begins && writing.line_comments.iter().any(|open| rest.starts_with(open));
        let block = writing.block_comments.iter().find(|(open, _)| rest.starts_with(open));
        let end = match block {
            Some((open, close)) => {
                rest[open.len()..].find(close).map_or(rest.len(), |at| open.len() + at + close.len())
            }
            None if line => rest.find('\n').unwrap_or(rest.len()),
            None => return false,
        };
        self.copy(end);
        true
    }

    /// A regular expression literal is copied as it is; `/.../` is understood later.
    fn regex(&mut self) -> bool {
        if !self.language.definition().writing.regex_literals || !self.rest.starts_with('/') {
            return false;
        }
        if !self.before().is_none_or(|c| "(,=:[!&|?{};+".contains(c)) {
            return false;
        }
        let (opening, quotes) = self.language.definition().writing.interpolation;
        let line = self.rest.lines().next().unwrap_or("");
        if quotes.contains(&"/")
            && opening.iter().any(|opening| line.contains(opening))
            && line[1..].contains('/')
        {
            self.copy(1);
            self.string_until("/");
            return true;
        }
        let mut escaped = false;
        for (at, c) in self.rest.char_indices().skip(1) {
            match c {
                '\n' => return false,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '/' => {
                    self.copy(at + 1);
                    return true;
                }
                _ => {}
            }
        }
        false
    }

    /// The content of strings is copied: `"$X"` and `"..."` are understood once it is known that they are strings.
    fn string(&mut self) -> bool {
        let quotes = self.language.definition().writing.quotes;
        let Some(quote) = quotes.iter().copied().find(|quote| self.rest.starts_with(quote)) else {
            // In markup an apostrophe quotes the value of an attribute and nothing else.
            if !(self.rest.starts_with('\'') && self.before() == Some('=')) {
                return false;
            }
            self.copy(1);
            self.string_until("'");
            return true;
        };
        // The grammars know which escapes a string may have.
        let strict = matches!(self.language, Language::Yaml | Language::Json) && *quote == *"\"";
        if strict
            && let Some(regex) = self.rest.strip_prefix("\"=~/")
            && let Some((regex, _)) = regex.split_once("/\"")
        {
            let length = regex.len();
            self.hole(Hole::Regex(format!("{regex}/")));
            self.rest = &self.rest["\"=~/".len() + length + "/\"".len()..];
            return true;
        }
        let interpolated =
            self.language == Language::CSharp && self.filled.text.trim_end_matches('@').ends_with('$');
        let formatted = interpolated
            || self.python() && {
                let prefix =
                    self.filled.text.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
                prefix.len() <= 2 && prefix.contains(['f', 'F', 't', 'T'])
            };
        self.copy(quote.len());
        let end = match (quote, formatted) {
            ("\"\"\"", true) => "f\"\"\"",
            ("'''", true) => "f'''",
            ("\"", true) => "f\"",
            ("'", true) => "f'",
            (plain, _) => plain,
        };
        self.string_until(end);
        true
    }

    /// Copies up to and with the end of a string, or up to the start of an interpolation in it. A leading
    /// `f` in `end` says that braces interpolate.
    fn string_until(&mut self, end: &'static str) {
        let (formatted, quote) = match end.strip_prefix('f') {
            Some(quote) => (true, quote),
            None => (false, end),
        };
        let (opening, quotes) = self.language.definition().writing.interpolation;
        let interpolates = quotes.contains(&quote);
        loop {
            let Some(c) = self.rest.chars().next() else { return };
            if self.rest.starts_with(quote) {
                self.copy(quote.len());
                return;
            }
            let two = self.rest.get(..2).unwrap_or("");
            match c {
                '\\' => self.copy(1 + self.rest[1..].chars().next().map_or(0, char::len_utf8)),
                '{' if formatted && two == "{{" => self.copy(2),
                '{' if formatted => {
                    self.copy(1);
                    self.open.push(Open::Interpolation(end));
                    return;
                }
                _ if interpolates && opening.iter().any(|opening| self.rest.starts_with(opening)) => {
                    self.copy(2);
                    self.open.push(Open::Interpolation(end));
                    return;
                }
                _ => self.copy(c.len_utf8()),
            }
        }
    }

    fn metavar(&mut self) -> bool {
        if let Some(rest) = self.rest.strip_prefix("$...") {
            let name = rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or("");
            if !name.is_empty() {
                let length = "$...".len() + name.len();
                self.hole(Hole::Metavars(self.rest[..length].to_owned()));
                self.rest = &self.rest[length..];
                self.end_statement();
                self.end_parameter();
                return true;
            }
        }
        if self.filled.text.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            return false;
        }
        let Some(name) = metavar_name(self.rest) else { return false };
        // The module of an import is a string.
        if self.language.is_script()
            && self.filled.text.ends_with(char::is_whitespace)
            && self.filled.text.trim_end().ends_with("from")
        {
            let length = 1 + name.len();
            self.filled.text.push_str(&format!("\"{}\"", &self.rest[..length]));
            self.rest = &self.rest[length..];
            return true;
        }
        // An end tag has the name of its start tag.
        let known = Hole::Metavar(format!("${name}"));
        if self.markup()
            && self.filled.text.ends_with("</")
            && let Some(index) = self.filled.holes.iter().position(|hole| *hole == known)
        {
            self.filled.text.push_str(&hole_name(index));
            self.rest = &self.rest[1 + name.len()..];
            return true;
        }
        self.hole(if name == "_" { Hole::Anything } else { Hole::Metavar(format!("${name}")) });
        self.rest = &self.rest[1 + name.len()..];
        self.end_parameter();
        true
    }

    fn ellipsis(&mut self) -> bool {
        let in_types = self.rest.starts_with("<...>") || self.rest.starts_with("<...,");
        if self.rest.starts_with("<...") && !in_types {
            let (before, behind, _) = self.language.definition().writing.deep;
            self.filled.text.push_str(before);
            self.hole(Hole::Deep);
            self.filled.text.push_str(behind);
            self.rest = &self.rest["<...".len()..];
            return true;
        }
        if self.rest.starts_with("...>") && !self.markup() && !self.in_tag() {
            self.filled.text.push_str(self.language.definition().writing.deep.2);
            self.rest = &self.rest["...>".len()..];
            return true;
        }
        let Some(rest) = self.rest.strip_prefix("...") else { return false };
        // `double... xs`
        let after_type = self.filled.text.ends_with(|c: char| c.is_alphanumeric() || c == '>' || c == ']');
        let named = rest.trim_start().starts_with(|c: char| c.is_alphabetic() || c == '$');
        if self.semicolons() && after_type && named {
            self.copy(3);
            return true;
        }
        let spreads = self.before().is_none_or(|c| "(,[{".contains(c))
            && rest.starts_with(|c: char| {
                c.is_alphanumeric() || matches!(c, '_' | '$' | '[' | '{' | '(' | '"' | '\'')
            });
        if self.language == Language::Go && self.is_variadic(rest) {
            self.copy(3);
            return true;
        }
        if self.language.is_script() && spreads {
            self.copy(3);
            return true;
        }
        let entry = self.open.last() == Some(&Open::Bracket('{')) && matches!(self.before(), Some('{' | ','));
        if self.python() && entry && self.in_dictionary() {
            // The one thing that may stand for entries both in a dictionary and between them.
            self.filled.text.push_str("**");
        }
        self.rest = rest;
        let loop_header = (self.language.is_script()
            || self.semicolons()
            || matches!(self.language, Language::C | Language::Cpp))
            && self
                .filled
                .text
                .trim_end()
                .strip_suffix('(')
                .is_some_and(|text| text.trim_end().ends_with("for"))
            && rest.trim_start().starts_with(')');
        let members = self.in_members();
        if self.is_command(rest) {
            self.filled.text.push('(');
            self.hole(Hole::Ellipsis);
            self.filled.text.push(')');
            return true;
        }
        self.hole(Hole::Ellipsis);
        // A name in a list of imports would be an alias of the next line.
        let in_imports = self.language == Language::Go
            && self.filled.text.rsplit_once('(').is_some_and(|(head, _)| head.trim_end().ends_with("import"));
        if in_imports {
            self.filled.text.push(';');
        }
        if members {
            self.spell(self.language.definition().writing.member);
        }
        if loop_header {
            self.filled.text.push_str(";;");
        }
        if !members {
            self.end_statement();
            self.end_parameter();
        }
        true
    }

    fn typed(&mut self) -> bool {
        match self.language.definition().writing.typed {
            Typed::None => false,
            Typed::NameFirst => self.typed_after_name(),
            Typed::TypeFirst => self.typed_before_name(),
        }
    }

    /// `(T $X)`, unless it is the parameter list of a function.
    fn typed_before_name(&mut self) -> bool {
        let Some((inner, after)) = self.rest[1..].split_once(')') else { return false };
        let inner = inner.trim();
        let (ty, name) = inner.split_at(inner.rfind('$').unwrap_or(0));
        let separated = ty.ends_with([' ', '\t', '*', '&']);
        let ty = ty.trim();
        let whole_name = metavar_name(name).is_some_and(|rest| rest.len() + 1 == name.len());
        let plain_type = ty.chars().all(|c| c.is_alphanumeric() || "_.:<>[]*&?$, ".contains(c)) && !lists(ty);
        let called = self.before().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '>')
            && !self.filled.text.trim_end().ends_with("return");
        let names_something = ty.contains(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$'));
        if !names_something
            || !separated
            || !whole_name
            || !plain_type
            || called
            || after.trim_start().starts_with('{')
        {
            return false;
        }
        self.hole(Hole::Typed(name.to_owned(), ty.trim().to_owned()));
        self.rest = after;
        true
    }

    /// `($X : T)`, unless it is the parameter list of a function.
    fn typed_after_name(&mut self) -> bool {
        let inner = self.rest[1..].trim_start();
        let Some(name) = metavar_name(inner) else { return false };
        let Some(ty) = inner[1 + name.len()..].trim_start().strip_prefix(':') else { return false };
        let Some(length) = ty.find(')') else { return false };
        let after = ty[length + 1..].trim_start();
        if after.starts_with("=>") || after.starts_with('{') || ty[..length].contains([',', '=', '(']) {
            return false;
        }
        let written = self.filled.text.trim_end();
        let word = written.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
        let keywords =
            ["return", "await", "yield", "in", "and", "or", "not", "if", "else", "throw", "raise", "typeof"];
        if !word.is_empty() && !keywords.contains(&word) {
            let head = written[..written.len() - word.len()].trim_end();
            if !self.python() || head.ends_with("def") {
                return false;
            }
            // The only argument of a call.
            self.copy(1);
            self.open.push(Open::Bracket('('));
            self.hole(Hole::Typed(format!("${name}"), ty[..length].trim().to_owned()));
            self.rest = &ty[length..];
            return true;
        }
        self.hole(Hole::Typed(format!("${name}"), ty[..length].trim().to_owned()));
        self.rest = &ty[length + 1..];
        true
    }
}

/// Whether there is a comma that is not between angle brackets.
fn lists(ty: &str) -> bool {
    let mut depth = 0usize;
    ty.chars().any(|c| {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(language: Language, text: &str, expected: &str) {
        let filled = fill(text, language);
        assert_eq!(filled.text.replace(PREFIX, "@"), expected, "{text}");
    }

    #[test]
    fn holes_of_javascript() {
        let js = Language::JavaScript;
        check(js, "f($X, ..., $...REST)", "f(@0, @1, @2)");
        check(js, "f(...args, ...$X)", "f(...args, ...@0)");
        check(js, "...\nfoo()\n...", "@0;\nfoo()\n@1");
        check(js, "{ ..., a: $X, ... }", "{ @0, a: @1, @2 }");
        check(js, "function $F(...) { ... }", "function @0(@1) { @2 }");
        check(js, "if (<... $X ...>) { ... }", "if (@0( @1 )) { @2 }");
        check(js, "`a${$X}...`", "`a${@0}...`");
        check(js, "\"$X\" + '...'", "\"$X\" + '...'");
        check(js, "($X: Request).query", "@0.query");
        check(js, "($X: Request) => $Y", "(@0: Request) => @1");
        check(js, "for (...) { $S }", "for (@0;;) { @1 }");
        check(js, "$foo + $X1", "$foo + @0");
        check(js, "x.match(/.../)", "x.match(/.../)");
    }

    #[test]
    fn holes_of_python() {
        let py = Language::Python;
        check(py, "def $F(..., $X: int): ...", "def @0(@1, @2: int): @3");
        check(py, "{..., \"a\": ...}", "{**@0, \"a\": @1}");
        check(py, "f\"...{$X}...\"", "f\"...{@0}...\"");
        check(py, "'''...$X'''", "'''...$X'''");
        check(py, "$X. ... .save()", "@0. @1 .save()");
    }
}
