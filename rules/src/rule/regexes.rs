//! Regular expressions of rules: linear time, or with a limit on backtracking where look-around needs it.

use std::ops::Range;

/// A regular expression that cannot hang.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    /// Linear in the text.
    Linear(regex::Regex),
    /// Look-around or back-references; gives up (no match) at the limit.
    Backtracking(fancy_regex::Regex),
}

/// What one group matched.
pub(crate) type Group = Option<Range<usize>>;

const BACKTRACK_LIMIT: usize = 100_000;
/// Compiled size of a regular expression, in bytes.
const SIZE_LIMIT: usize = 8 << 20;

impl Pattern {
    /// Compiles; `^` and `$` match at every line, as they do in Semgrep.
    pub fn new(text: &str) -> Result<Pattern, String> {
        Pattern::with_lines(text, true)
    }

    /// Compiles; `multi_line` says whether `^` and `$` match at every line.
    pub fn with_lines(text: &str, multi_line: bool) -> Result<Pattern, String> {
        let translated = translate(text);
        match regex::RegexBuilder::new(&translated).multi_line(multi_line).size_limit(SIZE_LIMIT).build() {
            Ok(regex) => Ok(Pattern::Linear(regex)),
            Err(linear) => {
                let flagged = if multi_line { format!("(?m){translated}") } else { translated };
                fancy_regex::RegexBuilder::new(&flagged)
                    .backtrack_limit(BACKTRACK_LIMIT)
                    .build()
                    .map(Pattern::Backtracking)
                    .map_err(|_| format!("the regular expression `{text}` is wrong: {linear}"))
            }
        }
    }

    /// Whether it matches at the very start of the text.
    pub fn matches_start(&self, text: &str) -> bool {
        match self {
            // The leftmost match is at the start if any match is.
            Pattern::Linear(regex) => regex.find(text).is_some_and(|found| found.start() == 0),
            Pattern::Backtracking(regex) => {
                regex.find(text).ok().flatten().is_some_and(|found| found.start() == 0)
            }
        }
    }

    /// The groups of a match at the very start of the text.
    pub fn groups_at_start(&self, text: &str) -> Option<Vec<Group>> {
        let groups: Vec<Group> = match self {
            Pattern::Linear(regex) => {
                let captures = regex.captures(text)?;
                captures.iter().map(|group| group.map(|found| found.range())).collect()
            }
            Pattern::Backtracking(regex) => {
                let captures = regex.captures(text).ok().flatten()?;
                captures.iter().map(|group| group.map(|found| found.start()..found.end())).collect()
            }
        };
        let at_start =
            groups.first().is_some_and(|whole| whole.as_ref().is_some_and(|whole| whole.start == 0));
        at_start.then_some(groups)
    }

    /// The groups that have a name, with the metavariables that they bind.
    pub fn named_groups(&self) -> Vec<(usize, String)> {
        let names = self.group_names().into_iter().enumerate();
        names.filter(|(_, name)| !name[1..].starts_with(|c: char| c.is_ascii_digit())).collect()
    }

    /// All matches: group 0 is the whole, empty ones are left out.
    pub fn find_all(&self, text: &str) -> Vec<Vec<Group>> {
        let mut out = Vec::new();
        match self {
            Pattern::Linear(regex) => {
                for captures in regex.captures_iter(text) {
                    out.push(captures.iter().map(|group| group.map(|found| found.range())).collect());
                }
            }
            Pattern::Backtracking(regex) => {
                for captures in regex.captures_iter(text) {
                    let Ok(captures) = captures else { break };
                    out.push(
                        captures.iter().map(|group| group.map(|found| found.start()..found.end())).collect(),
                    );
                }
            }
        }
        out.retain(|groups: &Vec<Group>| {
            groups.first().is_some_and(|whole| whole.as_ref().is_some_and(|r| !r.is_empty()))
        });
        out
    }

    /// The metavariables that the groups bind: `$1`, or `$NAME` for a named group.
    pub fn group_names(&self) -> Vec<String> {
        let name = |(index, name): (usize, Option<&str>)| match name {
            Some(name) => format!("${name}"),
            None => format!("${index}"),
        };
        match self {
            Pattern::Linear(regex) => regex.capture_names().enumerate().map(name).collect(),
            Pattern::Backtracking(regex) => regex.capture_names().enumerate().map(name).collect(),
        }
    }

    /// Replaces all matches, or the first `count`, as `fix-regex` says it (`\1` for a group).
    pub fn replace(&self, text: &str, replacement: &str, count: Option<usize>) -> String {
        let mut out = String::new();
        let mut last = 0;
        for groups in self.find_all(text).into_iter().take(count.unwrap_or(usize::MAX)) {
            let Some(Some(whole)) = groups.first() else { continue };
            out.push_str(&text[last..whole.start]);
            expand(replacement, text, &groups, &mut out);
            last = whole.end;
        }
        out.push_str(&text[last..]);
        out
    }
}

fn expand(replacement: &str, text: &str, groups: &[Group], out: &mut String) {
    let mut chars = replacement.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some(digit) if digit.is_ascii_digit() => {
                let index = digit as usize - '0' as usize;
                if let Some(Some(range)) = groups.get(index) {
                    out.push_str(&text[range.clone()]);
                }
            }
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some(other) => out.push(other),
            None => out.push('\\'),
        }
    }
}

/// From the dialect in which rules are written (PCRE, Python) to ours, where the two only differ in spelling.
fn translate(text: &str) -> String {
    once(&respelled(text))
}

fn respelled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('Z') => out.push_str("\\z"),
            // Here they would be the borders of a word.
            Some(angle @ ('<' | '>')) => out.push(angle),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

/// PCRE allows to repeat a look-around, which then holds as if it stood once.
fn once(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // For each open group whether it looks around.
    let mut groups: Vec<bool> = Vec::new();
    let mut in_class = false;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let mut length = c.len_utf8();
        match c {
            '\\' => length += rest[1..].chars().next().map_or(0, char::len_utf8),
            '[' if !in_class => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => {
                groups.push(["(?=", "(?!", "(?<=", "(?<!"].iter().any(|open| rest.starts_with(open)));
            }
            ')' if !in_class && groups.pop() == Some(true) => {
                out.push(c);
                at += 1;
                let after = &text[at..];
                let counted = after.starts_with('{') && after[1..].starts_with(|c: char| c.is_ascii_digit());
                at += match after.chars().next() {
                    Some('+') => 1,
                    Some('{') if counted => after.find('}').map_or(0, |end| end + 1),
                    _ => 0,
                };
                continue;
            }
            _ => {}
        }
        out.push_str(&rest[..length]);
        at += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_around_works_within_a_limit() {
        let pattern = Pattern::new("(?<!x)secret").unwrap();
        assert!(matches!(pattern, Pattern::Backtracking(_)));
        assert_eq!((pattern.find_all("a secret").len(), pattern.find_all("xsecret").len()), (1, 0));
        let hostile = Pattern::new("(?=a)(a|aa)+$").unwrap();
        assert_eq!(hostile.find_all(&("a".repeat(60) + "!")).len(), 0);
    }

    #[test]
    fn a_repeated_look_around_holds_once() {
        let pattern = Pattern::new("(?!.* )(?=.*[0-9]){6,32}[a-z0-9]+").unwrap();
        assert_eq!((pattern.find_all("abc1").len(), pattern.find_all("abc").len()), (1, 0));
    }

    #[test]
    fn groups_are_replaced() {
        let pattern = Pattern::new("md(\\d)").unwrap();
        assert_eq!(pattern.replace("md5 md4", "sha\\1", Some(1)), "sha5 md4");
    }

    #[test]
    fn a_needless_backslash_is_none() {
        assert_eq!(Pattern::new("a\\-\\>b").unwrap().find_all("a->b").len(), 1);
    }

    #[test]
    fn a_wrong_expression_says_so() {
        assert!(Pattern::new("(").unwrap_err().starts_with("the regular expression `(` is wrong"));
    }
}
