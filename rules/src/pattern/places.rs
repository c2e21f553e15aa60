//! Where in a pattern a hole stands, as far as the text before and behind it says that: among statements, members,
//! parameters or entries. There it may have to be written as more than a name.

use super::holes::{Filler, Hole, Open, PREFIX, hole_index};
use crate::language::Language;

impl Filler<'_> {
    /// Whether the parenthesis just copied opens parameters: a type and a name stand before it.
    pub(super) fn declares(&self) -> bool {
        if self.language.definition().writing.parameter.is_empty() {
            return false;
        }
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let before = self.filled.text.trim_end_matches('(').trim_end();
        let head = before.trim_end_matches(is_word);
        let ty = head.trim_end();
        if head.len() == before.len() || ty.len() == head.len() {
            return false;
        }
        let word = ty.rsplit(|c| !is_word(c)).next().unwrap_or("");
        let keyword = matches!(
            word,
            "new"
                | "return"
                | "throw"
                | "else"
                | "await"
                | "yield"
                | "in"
                | "case"
                | "is"
                | "as"
                | "public"
                | "private"
                | "protected"
                | "static"
                | "instanceof"
                | "do"
        );
        !keyword
            && ty.ends_with(|c: char| is_word(c) || matches!(c, '>' | ']' | '?'))
            && !matches!(&before[head.len()..], "in" | "when" | "catch" | "using" | "lock" | "is" | "as")
    }

    /// The hole just written is a whole parameter if nothing but commas stand around it.
    pub(super) fn end_parameter(&mut self) {
        let alone = self.open.last() == Some(&Open::Parameters)
            && matches!(self.opened_by(), Some('(' | ','))
            && self.rest.trim_start().starts_with([',', ')']);
        if alone {
            self.spell(self.language.definition().writing.parameter);
        }
    }

    /// `args ...T` and `f(args...)`, where the dots are Go's own.
    pub(super) fn is_variadic(&self, rest: &str) -> bool {
        let before_name =
            rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '*' | '[' | '$'));
        let after_name =
            self.filled.text.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ')' | ']' | '}'));
        before_name || (after_name && rest.trim_start().starts_with([')', ',']))
    }

    /// `f ... { }`: the arguments of a call without parentheses that has a block.
    pub(super) fn is_command(&self, rest: &str) -> bool {
        let written = &self.filled.text;
        let name = written.trim_end_matches([' ', '\t']);
        let after = rest.trim_start_matches([' ', '\t']);
        self.language.definition().writing.commands
            && name.len() < written.len()
            && name.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '?' | '!'))
            && (after.starts_with('{') || after.starts_with("do ") || after.starts_with("do\n"))
    }

    /// Whether the braces around hold pairs, or nothing but dots.
    pub(super) fn in_dictionary(&self) -> bool {
        let written = self.filled.text.rfind('{').map_or("", |at| &self.filled.text[at + 1..]);
        let mut depth = 0usize;
        for c in written.chars().chain(self.rest.chars()) {
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' if depth == 0 => break,
                ')' | ']' | '}' => depth -= 1,
                ':' if depth == 0 => return true,
                _ => {}
            }
        }
        written.trim().is_empty() && self.rest.trim_start_matches("...").trim_start().starts_with('}')
    }

    /// `<$EL ...>` closes a tag; `<... e ...>` was opened by a hole.
    pub(super) fn in_tag(&self) -> bool {
        let deep = self.filled.holes.iter().filter(|hole| **hole == Hole::Deep).count();
        let closed = self.whole[..self.whole.len() - self.rest.len()].matches("...>").count();
        deep <= closed
    }

    /// `...` alone on its line is a statement, also where the next line would continue an expression.
    pub(super) fn end_statement(&mut self) {
        let statement_list = matches!(self.open.last(), None | Some(Open::Bracket('{')));
        let ends_statements = self.language.is_script()
            || self.semicolons()
            || matches!(self.language, Language::C | Language::Cpp | Language::Rust);
        if !ends_statements || !statement_list || self.in_entries() {
            return;
        }
        if matches!(self.language, Language::C | Language::Cpp) && self.ends_block() {
            self.filled.text.push(';');
            return;
        }
        let line = self.filled.text.rsplit('\n').next().unwrap_or("").trim_start();
        let alone = hole_index(line).is_some();
        let after = self.rest.trim_start_matches([' ', '\t']);
        let next = after.trim_start().chars().next();
        let breaks = after.starts_with('\n') || after.starts_with('\r');
        let starts_statement = alone || matches!(self.opened_by(), Some('{' | ';' | '}'));
        let last = matches!(next, None | Some('}')) && self.semicolons() && self.opened_by().is_some();
        let follows = self.semicolons()
            && matches!(self.opened_by(), Some('{' | ';' | '}'))
            && !matches!(next, None | Some(',' | ')' | ':' | '.' | '}'));
        let writing = self.language.definition().writing;
        if starts_statement && (last || follows) {
            if matches!(self.filled.holes.last(), Some(Hole::Ellipsis | Hole::Metavars(_))) {
                self.spell(writing.statement);
            }
            if next != Some(';') {
                self.filled.text.push(';');
            }
        } else if starts_statement
            && ((!self.semicolons() && after.trim_start().starts_with("..."))
                || !matches!(next, None | Some(',' | '}' | ')' | ':' | '.' | ';')))
            && (breaks || !alone)
        {
            self.filled.text.push(';');
        }
    }

    /// Whether the hole just written ends the block of a function, a branch or a loop.
    pub(super) fn ends_block(&self) -> bool {
        let Some(at) = self.filled.text.rfind(PREFIX) else { return false };
        if !self.rest.trim_start().starts_with('}') {
            return false;
        }
        let before = self.filled.text[..at].trim_end();
        let Some(head) = before.strip_suffix('{') else { return before.ends_with([';', '}']) };
        let head = head.trim_end();
        head.is_empty()
            || head.ends_with(')')
            || ["else", "do", "try"].iter().any(|word| head.ends_with(word))
    }

    pub(super) fn semicolons(&self) -> bool {
        self.language.definition().writing.semicolons
    }

    /// What stands before the innermost open bracket, if that is a brace.
    pub(super) fn header(&self) -> Option<&str> {
        if self.open.last() != Some(&Open::Bracket('{')) {
            return None;
        }
        let mut depth = 0usize;
        let at = self.filled.text.rfind(|c| {
            match c {
                '}' => depth += 1,
                '{' if depth == 0 => return true,
                '{' => depth -= 1,
                _ => {}
            }
            false
        })?;
        let before = self.filled.text[..at].trim_end();
        let start = before.rfind(['{', '}', ';']).map_or(0, |at| at + 1);
        Some(&before[start..])
    }

    /// Whether the braces around hold the members of a class.
    pub(super) fn in_members(&self) -> bool {
        if self.language.definition().writing.member.is_empty() {
            return false;
        }
        let line = self.filled.text.rsplit('\n').next().unwrap_or("");
        if !matches!(self.before(), Some('{' | '}' | ';')) && (self.semicolons() || !line.trim().is_empty()) {
            return false;
        }
        let Some(header) = self.header() else { return false };
        let mut words = header.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        let class = words
            .any(|word| matches!(word, "class" | "interface" | "struct" | "record" | "namespace" | "object"));
        let made = header.ends_with(')') && header.split_whitespace().any(|word| word == "new");
        class || (made && !self.language.definition().writing.new_has_entries)
    }

    /// Whether the braces around hold the entries of an array or object.
    pub(super) fn in_entries(&self) -> bool {
        let Some(header) = self.header() else { return false };
        let made = self.language.definition().writing.new_has_entries
            && header.split(|c: char| !c.is_alphanumeric()).any(|word| word == "new");
        let listed = header.split(|c: char| !c.is_alphanumeric()).any(|word| word == "enum");
        self.semicolons() && (made || listed || header.ends_with(['=', '(', ',', ']']))
    }

    /// What stood before the hole just written.
    pub(super) fn opened_by(&self) -> Option<char> {
        let at = self.filled.text.rfind(PREFIX)?;
        self.filled.text[..at].trim_end().chars().next_back()
    }
}
