//! A shell command line cut into words, as far as that is certain without a shell.

use super::strings::{Flat, What};

/// One word: which items make it, quotes and escapes not included.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Indexes of items, in order.
    pub items: Vec<usize>,
    /// Some of it is in quotes, so that it is one word whatever it holds.
    pub quoted: bool,
}

/// Cuts the text. `None` if the command needs a shell: pipes, redirections, lists, variables, patterns,
/// assignments before the command; or if what would run is itself not constant.
pub(super) fn split(flat: &Flat) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut quote: Option<char> = None;
    let mut index = 0;
    while let Some(item) = flat.items.get(index) {
        let here = index;
        index += 1;
        let c = match item.what {
            What::Hole(_) => {
                extend(&mut word, here, true);
                continue;
            }
            What::Char(c) => c,
        };
        let next = flat.items.get(index).and_then(|item| match item.what {
            What::Char(c) => Some(c),
            What::Hole(_) => None,
        });
        match (quote, c) {
            (Some(open), c) if c == open => {
                quote = None;
                extend(&mut word, here, false);
            }
            (Some('"'), '\\') => match next {
                Some('"' | '\\' | '$' | '`') => {
                    extend(&mut word, index, true);
                    index += 1;
                }
                Some(_) => extend(&mut word, here, true),
                None => return None,
            },
            (Some('"'), '$' | '`' | '!') => return None,
            (Some(_), _) => extend(&mut word, here, true),
            (None, '\'' | '"') => {
                quote = Some(c);
                extend(&mut word, here, false);
            }
            (None, '\\') => {
                // A backslash before a line end joins two lines.
                if next? != '\n' {
                    extend(&mut word, index, true);
                }
                index += 1;
            }
            (None, ' ' | '\t') => words.extend(word.take()),
            (None, '\n') => {
                words.extend(word.take());
                let rest = flat.items.get(index..)?;
                // A second line would be a second command.
                if !words.is_empty() && rest.iter().any(|item| !is_blank(item.what)) {
                    return None;
                }
            }
            (
                None,
                '|' | '&' | ';' | '<' | '>' | '(' | ')' | '$' | '`' | '*' | '?' | '[' | ']' | '{' | '}' | '!',
            ) => {
                return None;
            }
            (None, '#' | '~') if word.is_none() => return None,
            (None, '=') if words.is_empty() => return None,
            (None, _) => extend(&mut word, here, true),
        }
    }
    if quote.is_some() {
        return None;
    }
    words.extend(word.take());
    let program = words.first()?;
    let constant = |&item: &usize| flat.hole(&flat.items[item]).is_none_or(|hole| hole.constant);
    if program.items.is_empty() || !program.items.iter().all(constant) {
        return None;
    }
    // What these run is a command line of its own, or a word of the shell.
    let name: String = program
        .items
        .iter()
        .map(|&item| if let What::Char(c) = flat.items[item].what { c } else { '_' })
        .collect();
    let base = name.rsplit('/').next().unwrap_or("");
    let needs_shell = [
        "sh",
        "bash",
        "zsh",
        "dash",
        "ksh",
        "eval",
        "exec",
        "source",
        ".",
        "cd",
        "export",
        "set",
        "sudo",
        "su",
        "env",
        "xargs",
        "time",
        "ulimit",
        "alias",
        "cmd",
        "cmd.exe",
        "powershell",
        "powershell.exe",
        "ssh",
        "if",
        "for",
        "while",
        "type",
        "dir",
        "copy",
        "del",
    ];
    (!needs_shell.contains(&base)).then_some(words)
}

fn extend(word: &mut Option<Word>, item: usize, is_text: bool) {
    let word = word.get_or_insert_with(|| Word { items: Vec::new(), quoted: false });
    if is_text {
        word.items.push(item);
    } else {
        word.quoted = true;
    }
}

fn is_blank(what: What) -> bool {
    matches!(what, What::Char(c) if c.is_whitespace())
}
