//! What must be true of the metavariables of a match.

use super::comparison::Comparison;
use super::formula::Formula;
use super::regexes;
use crate::language::Language;

/// One condition.
#[derive(Debug)]
pub(crate) enum Condition {
    /// `metavariable-regex`: matches at the start of the code.
    Regex { metavariable: String, regex: regexes::Pattern, constants: bool },
    /// `metavariable-pattern`.
    Pattern { metavariable: String, formula: Formula, language: Option<Embedded> },
    /// `metavariable-comparison`.
    Comparison { metavariable: Option<String>, comparison: Comparison, strip: bool, base: u32 },
    /// `metavariable-type`.
    Type { metavariable: String, types: Vec<String> },
    /// `metavariable-analysis` with `analyzer: entropy`.
    Entropy { metavariable: String },
    /// `metavariable-analysis` with `analyzer: redos`.
    Redos { metavariable: String },
}

/// The language that a metavariable's text is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Embedded {
    /// Code.
    Language(Language),
    /// Only text: `regex` and `generic`.
    Text,
}

/// Whether a text looks like a secret: long enough and too irregular for words, by Shannon's measure per
/// character over what its alphabet allows.
pub(crate) fn is_random(text: &str) -> bool {
    let text = crate::syntax::strip_quotes(text.trim());
    let length = text.chars().count();
    if length < 8 || text.contains(char::is_whitespace) {
        return false;
    }
    // Long numbers are no words either.
    if length >= 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    if is_words(text) {
        return false;
    }
    let mut counts = rustc_hash::FxHashMap::<char, usize>::default();
    for c in text.chars() {
        *counts.entry(c).or_default() += 1;
    }
    let entropy: f64 = counts
        .values()
        .map(|&count| {
            let share = count as f64 / length as f64;
            -share * share.log2()
        })
        .sum();
    let changes = text.as_bytes().windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count();
    // Words keep to one class of characters; random text changes class about every second character.
    entropy >= 2.5 && changes as f64 >= 0.2 * (length - 1) as f64 && text.chars().any(|c| c.is_ascii_digit())
        || entropy >= 3.5 && length >= 20 && changes * 5 >= length
}

/// `VirtualKeyboardListener`: letters only, in words of some length.
fn is_words(text: &str) -> bool {
    let starts = text.bytes().filter(u8::is_ascii_uppercase).count().max(1);
    text.bytes().all(|byte| byte.is_ascii_alphabetic()) && text.len() >= starts * 4
}

fn class(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::is_random;

    #[test]
    fn secrets_are_random_and_words_are_not() {
        for secret in
            ["'AKIA4QZ7XH2PLKJ3W9TB'", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "3a7bd3e2360a3d29"]
        {
            assert!(is_random(secret), "{secret}");
        }
        for word in [
            "'password'",
            "hello world 123",
            "your_api_key_here",
            "localhost",
            "generateApiKeySomeLongMethodName",
        ] {
            assert!(!is_random(word), "{word}");
        }
    }
}
